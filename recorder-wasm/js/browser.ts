/** What the recorder asks of the browser besides the DOM; none of it throws, but `tailKeys`. */
import { DATABASE, TAIL_KEY } from './config';

/** Storage may be denied altogether; then a visit lasts as long as its page. */
export function read(area: 'localStorage' | 'sessionStorage', key: string): string | null {
  try {
    return window[area].getItem(key);
  } catch {
    return null;
  }
}

/** Without a `value` the key is removed. */
export function write(area: 'localStorage' | 'sessionStorage', key: string, value?: string): void {
  try {
    if (value === undefined) {
      window[area].removeItem(key);
    } else {
      window[area].setItem(key, value);
    }
  } catch {
    // See `read`.
  }
}

/** Keys of the tails that pages left behind. */
export function tailKeys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(TAIL_KEY));
}

/** Deletes all that is kept of events that are not uploaded, of all pages. */
export function forgetKept(): void {
  try {
    indexedDB.deleteDatabase(DATABASE);
    tailKeys().forEach((key) => write('localStorage', key));
  } catch {
    // See `read`.
  }
}

/** One line in the console of the page. */
export function say(text: string, why: unknown = ''): void {
  try {
    console.warn(`Sentiero: ${text}${why as string}`);
  } catch {
    // The console is the page's, too.
  }
}

/** An address without what may hold secrets. */
export function cut(url: string): string {
  return url.replace(/[?#].*/s, '');
}

/** Random bytes. */
export function random(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
