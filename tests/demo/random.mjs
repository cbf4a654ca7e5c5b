// Chance that repeats itself: the same seed gives the same visitors.

/** A generator (mulberry32); `name` makes it another one for the same seed. */
export function randomOf(seed, name = '') {
  let state = seed >>> 0;
  for (const letter of name) state = Math.imul(state ^ letter.codePointAt(0), 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    /** From `low` up to `high`. */
    between: (low, high) => low + next() * (high - low),
    /** One of `list`. */
    pick: (list) => list[Math.floor(next() * list.length)],
    /** Whether something of this probability happens. */
    happens: (share) => next() < share,
    /** One of `list`, by its `weight`. */
    weighted(list) {
      let left = next() * list.reduce((sum, { weight }) => sum + weight, 0);
      return list.find(({ weight }) => (left -= weight) < 0) ?? list.at(-1);
    },
  };
}
