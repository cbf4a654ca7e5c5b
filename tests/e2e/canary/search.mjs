// Finds thousands of secrets, each in many forms, in one pass over many megabytes.
//
// Every form of every secret is a pattern of bytes. Patterns are found by a rolling hash
// of their first bytes; what the hash finds is compared.

const WINDOW = 6;
/** Pieces of this length are looked for too: a secret that is cut is still one. */
const FRAGMENT = 8;
/** Of what is typed key by key, this much is looked for: it grows in the recording. */
const PREFIX = 6;
/** Recordings are full of times, counters and ids: of digits it takes more to be no chance. */
const DIGITS = 12;
const isDigits = (text) => /^[0-9a-f .:-]*$/i.test(text);
/** A shorter piece of base64 could be there by chance. */
const BASE64 = 12;

const latin1 = (bytes) => Buffer.from(bytes).toString('latin1');
const perChar = (text, write) => [...text].map(write).join('');
const hex = (char, width) => char.charCodeAt(0).toString(16).padStart(width, '0');
const HTML = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What is left of `text` in base64 whatever stands before and after it, for each alignment. */
function base64(text) {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const from = Math.ceil((before * 8) / 6);
    const whole = bytes.toString('base64').replace(/=+$/, '').slice(from, Math.floor((bytes.length * 8) / 6));
    return whole.length < BASE64 ? [] : [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** The piece of `length` at `at`, or a longer one if it is of digits. */
function piece(text, at, length) {
  const short = text.slice(at, at + length);
  return isDigits(short) ? text.slice(at, at + DIGITS) : short;
}

function fragments(text) {
  const pieces = Array.from(text, (_, at) => piece(text, at, FRAGMENT));
  return pieces.filter((found) => found.length >= (isDigits(found) ? DIGITS : FRAGMENT));
}

/** The forms that a text may be met in, by name. */
export const FORMS = {
  plain: (text) => [text],
  url: (text) => {
    const encoded = encodeURIComponent(text);
    const every = perChar(text, (char) => `%${hex(char, 2)}`);
    return [encoded, encoded.replace(/%../g, (code) => code.toLowerCase()), every, every.toUpperCase()];
  },
  base64,
  json: (text) => [perChar(text, (char) => `\\u${hex(char, 4)}`), perChar(text, (char) => `\\u${hex(char, 4).toUpperCase()}`), JSON.stringify(text).slice(1, -1)],
  html: (text) => [perChar(text, (char) => `&#${char.charCodeAt(0)};`), perChar(text, (char) => `&#x${hex(char, 1)};`), perChar(text, (char) => HTML[char] ?? char)],
  reversed: (text) => [[...text].reverse().join('')],
  hex: (text) => [perChar(text, (char) => hex(char, 2)), perChar(text, (char) => hex(char, 2)).toUpperCase()],
  utf16: (text) => [latin1(Buffer.from(text, 'utf16le'))],
  fragment: fragments,
};

/** The hash of the window that begins at `at`. */
function hashAt(bytes, at) {
  let hash = 0;
  for (let i = at; i < at + WINDOW; i += 1) hash = (Math.imul(hash, 257) + bytes[i]) | 0;
  return hash;
}

const OLDEST = Array.from({ length: WINDOW - 1 }).reduce((power) => Math.imul(power, 257), 1);
const BITS = 24;
const bit = (hash) => (Math.imul(hash, 0x9e3779b1) >>> (32 - BITS));

export class Searcher {
  /** Of `secrets`: `{text, texts, typed}`. */
  constructor(secrets) {
    this.owners = new Map();
    for (const secret of secrets) this.#add(secret);
    this.buckets = new Map();
    this.filter = new Uint8Array(2 ** (BITS - 3));
    for (const [pattern, owner] of this.owners) {
      if (!owner) continue;
      const bytes = Buffer.from(pattern, 'latin1');
      const hash = hashAt(bytes, 0);
      const bucket = this.buckets.get(hash) ?? [];
      bucket.push({ bytes, ...owner });
      this.buckets.set(hash, bucket);
      this.filter[bit(hash) >>> 3] |= 1 << (bit(hash) & 7);
    }
  }

  #add(secret) {
    const patterns = new Map();
    for (const text of secret.texts) {
      for (const [form, write] of Object.entries(FORMS)) {
        for (const pattern of write(text)) {
          if (pattern.length >= WINDOW && !patterns.has(pattern)) patterns.set(pattern, form);
        }
      }
    }
    if (secret.typed) patterns.set(piece(secret.text, 0, PREFIX), 'prefix');
    for (const [pattern, form] of patterns) {
      // What two secrets have in common (`.example`, the head of a token) tells neither.
      const shared = this.owners.has(pattern) && this.owners.get(pattern)?.secret !== secret;
      this.owners.set(pattern, shared ? null : { secret, form });
    }
  }

  /** Everything found in `bytes`: `{secret, form, at}`, each form of each secret once. */
  find(bytes) {
    const found = new Map();
    let hash = bytes.length < WINDOW ? 0 : hashAt(bytes, 0);
    for (let at = 0; at + WINDOW <= bytes.length; at += 1) {
      const index = bit(hash);
      if (this.filter[index >>> 3] & (1 << (index & 7))) this.#compare(bytes, at, hash, found);
      hash = (Math.imul((hash - Math.imul(bytes[at], OLDEST)) | 0, 257) + bytes[at + WINDOW]) | 0;
    }
    return [...found.values()];
  }

  #compare(bytes, at, hash, found) {
    for (const { bytes: pattern, secret, form } of this.buckets.get(hash) ?? []) {
      const key = `${form} ${secret.text}`;
      if (found.has(key) || at + pattern.length > bytes.length) continue;
      if (pattern.every((byte, i) => byte === bytes[at + i])) found.set(key, { secret, form, at });
    }
  }
}

/**
 * What short strings at the same place of successive events spell together: a text that
 * was recorded key by key stands nowhere as a whole.
 */
export function spelled(events) {
  const places = new Map();
  for (const event of events) gather(event, places);
  return [...places.values()].map((letters) => letters.join(''));
}

/** Not by recursion: recorded documents may be deep. */
function gather(event, places) {
  const open = [[event, '']];
  while (open.length) {
    const [value, place] = open.pop();
    if (typeof value === 'string' && value.length > 0 && value.length <= 2) {
      if (!places.has(place)) places.set(place, []);
      places.get(place).push(value);
    } else if (value && typeof value === 'object') {
      const items = Object.entries(value).map(([key, item]) => [item, Array.isArray(value) ? place : `${place}.${key}`]);
      open.push(...items.reverse());
    }
  }
}
