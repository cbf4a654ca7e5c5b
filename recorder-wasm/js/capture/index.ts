/**
 * What can be recorded besides the DOM, each only if a page asks for it.
 *
 * A file of its own, which only such pages load. Each capture makes custom events, which
 * are masked and redacted like those of the page itself. None looks at values of form
 * fields, at bodies of requests, or into what is blocked; none throws into the page.
 */
import type { Config } from '../config';
import { clicks } from './clicks';
import { consoles } from './console';
import { declared } from './declared';
import { environment } from './environment';
import { errors } from './errors';
import { forms } from './forms';
import { navigation } from './navigation';
import { network } from './network';
import { guarded, type Captures, type End, type Tools } from './tools';
import { vitals } from './vitals';

/** `value` is what the option says: `true`, or the text of the attribute. */
type Capture = (tools: Tools, value: string, config: Config) => End;

const CAPTURES: Record<string, Capture> = {
  captureClicks: clicks,
  captureConsole: consoles,
  captureErrors: errors,
  captureMetadata: environment,
  captureNetwork: network,
  captureWebVitals: vitals,
  trackCustomEvents: declared,
  trackForms: forms,
  trackNavigation: navigation,
};

/** Begins what is `asked` for, by the names of the options. */
export function openCaptures(asked: [string, unknown][], config: Config, given: Omit<Tools, 'onHide'>): Captures {
  const reports: (() => void)[] = [];
  const tools: Tools = { ...given, onHide: (work) => void reports.push(guarded(work)) };
  const ends = asked.map(([name, value]) => {
    try {
      return CAPTURES[name]?.(tools, String(value), config);
    } catch {
      // The browser does not have it.
      return undefined;
    }
  });
  return {
    report: () => reports.forEach((report) => report()),
    close: () => ends.forEach((end) => end && guarded(end)()),
  };
}
