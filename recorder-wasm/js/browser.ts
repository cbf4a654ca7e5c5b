/** What the recorder asks of the browser besides the DOM; none of it throws. */

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
