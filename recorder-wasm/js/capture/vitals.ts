/** LCP, INP, CLS, FCP and TTFB, as Google's `web-vitals` measures them. */
import type { Config } from '../config';
import { guarded, type End, type Tools } from './tools';
import type { Vital } from '../vitals';

export function vitals(tools: Tools, _value: string, config: Config): End {
  /** Measured, and not recorded yet. */
  let latest = new Map<string, Vital>();
  let closed = false;

  const report = (): void => {
    const due = latest;
    latest = new Map();
    due.forEach((vital) => tools.add('__perf', vital));
  };

  // The library reports by itself, but too late for the last beacon.
  tools.onHide(report);
  const watch = async (): Promise<void> => {
    const { watchVitals } = (await import(config.vitals)) as typeof import('../vitals');
    watchVitals(
      guarded((vital) => {
        if (closed) {
          return;
        }
        latest.set(vital.metric, vital);
        // These are known once and for all.
        if (/^(FCP|TTFB)$/.test(vital.metric)) {
          report();
        }
      }),
    );
  };
  watch().catch(() => undefined);
  return () => {
    closed = true;
  };
}
