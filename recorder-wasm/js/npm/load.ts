/**
 * `Sentiero` for programs: a list of calls until sentiero.js is there, which takes over.
 *
 * Small, and knows nothing of recording: a site's edge serves the recorder that fits it,
 * however old the bundle is that asks for it. On a server every method does nothing.
 */
import type { Sentiero } from '../api';
import type { Options } from '../config';

/** And what only a program must say. */
export interface PackageOptions extends Options {
  /** The site's key. */
  site: string;
  /** Where Sentiero runs: `https://sentiero.example`. */
  endpoint: string;
  /** Where sentiero.js is, if not at the endpoint. */
  script?: string;
  /** For a Content-Security-Policy with nonces. */
  nonce?: string;
}

/** As on the page's `window`, but that `init` takes what a program must say. */
export interface PackagedSentiero extends Omit<Sentiero, 'init'> {
  /** Configures, loads and starts the recorder. Once is enough. */
  init(options: PackageOptions): void;
}

type Call = [name: string, ...args: unknown[]];
type Loaded = Record<string, (...args: unknown[]) => unknown>;

/** More calls are not kept for a script that does not come. */
const MAX_CALLS = 1_000;

/** Calls `name`, or notes that it is to be called. */
function call(name: string, ...args: unknown[]): unknown {
  if (typeof document === 'undefined') {
    return undefined;
  }
  const page = window as unknown as { Sentiero?: Call[] | Loaded };
  const there = (page.Sentiero ??= []);
  if (!Array.isArray(there)) {
    return there[name]?.(...args);
  }
  if (there.length < MAX_CALLS) {
    there.push([name, ...args]);
  }
  return undefined;
}

/** Loads sentiero.js. */
function load(src: string, nonce: string | undefined): void {
  const script = document.createElement('script');
  let url = src;
  try {
    const policy = window.trustedTypes.createPolicy('sentiero-npm', { createScriptURL: (text) => text });
    url = policy.createScriptURL(src);
  } catch {
    // No Trusted Types here, or none that the page allows us.
  }
  script.src = url;
  script.async = true;
  script.nonce = nonce ?? '';
  document.head.append(script);
}

/** `files`: where a bundler put the recorder's files, by their own names. */
export function create(files?: Record<string, string>): PackagedSentiero {
  let asked = false;
  return {
    init(given) {
      const { script, nonce, ...options } = { ...given };
      call('init', files ? { ...options, files } : options);
      if (asked || typeof document === 'undefined') {
        return;
      }
      try {
        load(script ?? files?.['sentiero.js'] ?? new URL('sentiero.js', `${options.endpoint}`.replace(/\/?$/, '/')).href, nonce);
        asked = true;
      } catch {
        console.warn('Sentiero: init needs `endpoint`, where Sentiero runs: https://sentiero.example');
      }
    },
    start: () => void call('start'),
    stop: () => void call('stop'),
    pause: () => void call('pause'),
    resume: () => void call('resume'),
    addCustomEvent: (tag, payload) => void call('addCustomEvent', tag, payload),
    setMetadata: (metadata) => void call('setMetadata', metadata),
    identify: (id) => void call('identify', id),
    consent: (given) => void call('consent', given),
    optIn: () => void call('optIn'),
    optOut: () => void call('optOut'),
    sessionId: () => (call('sessionId') as string | undefined) ?? null,
    sessionUrl: () => (call('sessionUrl') as string | undefined) ?? null,
    flush: () => void call('flush'),
  };
}
