/** What recording costs the page's thread: measured around our own work, told with the session. */

export interface Cost {
  /** `work`, timed, and still whatever it was. */
  timed<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void;
  /** Milliseconds of the page load so far. */
  spent(): number;
}

export function createCost(): Cost {
  let ms = 0;
  /** Work within work is counted once. */
  let isInside = false;
  return {
    timed:
      (work) =>
      (...args) => {
        if (isInside) {
          work(...args);
          return;
        }
        isInside = true;
        const start = performance.now();
        try {
          work(...args);
        } finally {
          isInside = false;
          ms += performance.now() - start;
        }
      },
    spent: () => Math.round(ms * 10) / 10,
  };
}
