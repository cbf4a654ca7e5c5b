/**
 * How long requests took, as the browser's own timing says; never what was in them.
 * Nothing of the page's is wrapped.
 */
import type { Config } from '../config';
import { guarded, skipped, throttle, type End, type Tools } from './tools';

/** Requests that scripts make. */
const OF_SCRIPTS = /^(fetch|xmlhttprequest|beacon)$/;

/** For one entry of the browser's. */
function timing(entry: PerformanceResourceTiming): object {
  return {
    // The page's address of it; query and fragment are cut like those of any link.
    url: entry.name,
    type: entry.initiatorType,
    // 0: of another origin that does not say; or it failed.
    status: entry.responseStatus || undefined,
    start: Math.round(performance.timeOrigin + entry.startTime),
    duration: Math.round(entry.duration),
    bytes: entry.transferSize || undefined,
  };
}

export function network(tools: Tools, value: string, config: Config): End {
  const pass = throttle(200, 120);
  const own = [config.upload, config.engine, config.wasm, config.capture, config.vitals];
  const observer = new PerformanceObserver(
    guarded((list: PerformanceObserverEntryList) => {
      for (const entry of list.getEntries() as PerformanceResourceTiming[]) {
        const isAsked = value === 'all' || OF_SCRIPTS.test(entry.initiatorType);
        if (!isAsked || own.some((url) => entry.name.startsWith(url))) {
          continue;
        }
        const held = pass();
        if (held !== undefined) {
          tools.add('__network', { ...timing(entry), ...skipped(held) });
        }
      }
    }),
  );
  // Not `buffered`: what was before is not ours to know, if the visitor was asked only then.
  observer.observe({ type: 'resource' });
  return () => observer.disconnect();
}
