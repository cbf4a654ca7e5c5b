/**
 * How much a page may change before it costs its visitor too much: a bucket that every
 * change takes from, and time fills. When it is empty, storm.js is loaded and decides.
 */
import { stormBurst, stormRate } from './policy.json';
import type { Change, Changes, Ports, Storms } from './storm';

/** rrweb's hook, put in by xtask/js/bundle.mjs. */
export type Filter = (records: Change[], changes: Changes) => Change[];

/** What recording a change costs, about: the nodes that it adds. */
function cost({ addedNodes }: Change): number {
  let nodes = 1;
  for (const node of addedNodes) {
    nodes += 1 + ((node as Partial<Element>).getElementsByTagName?.('*').length ?? 0);
  }
  return nodes;
}

/** Of one run of rrweb; `url` is storm.js. */
export function createBudget(url: string, ports: Ports): Filter {
  let left = stormBurst;
  let at = performance.now();
  let loading = false;
  let storms: Storms | undefined;

  return (records, changes) => {
    const now = performance.now();
    left = Math.min(stormBurst, left + ((now - at) * stormRate) / 1_000);
    at = now;
    const kept = storms?.filter(records, changes, false) ?? records;
    for (const record of kept) {
      left -= cost(record);
    }
    if (left > 0) {
      return kept;
    }
    if (!storms) {
      if (!loading) {
        loading = true;
        void (async () => {
          try {
            const { createStorms } = (await import(url)) as typeof import('./storm');
            storms = createStorms(ports);
          } catch {
            // Then nothing is left out.
          }
        })();
      }
      return kept;
    }
    left = stormBurst / 4;
    return storms.filter(kept, changes, true);
  };
}
