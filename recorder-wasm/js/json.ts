/** `JSON.stringify`, whatever else a page loads. */

// As it is now: a page may replace it later.
const { stringify } = JSON;

const PROTOTYPES: object[] = [Array.prototype, Object.prototype];

/**
 * `value` as JSON. Libraries have hung a `toJSON` on every array or object, which makes text
 * of lists (Prototype.js does); for as long as this takes, there is none.
 */
export function toJson(value: unknown): string {
  if (!('toJSON' in PROTOTYPES)) {
    return stringify(value);
  }
  const taken = PROTOTYPES.map((owner) => [owner, Object.getOwnPropertyDescriptor(owner, 'toJSON')] as const);
  try {
    taken.forEach(([owner, own]) => own && Reflect.deleteProperty(owner, 'toJSON'));
    return stringify(value);
  } finally {
    taken.forEach(([owner, own]) => own && Reflect.defineProperty(owner, 'toJSON', own));
  }
}

/** Whether it works: what a page put in its place before us may not. */
export function isJsonSound(): boolean {
  return toJson([1, { a: 'b' }]) === '[1,{"a":"b"}]';
}
