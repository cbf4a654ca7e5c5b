/** What the loader hands to the recorder, and gets back. Types only. */

/** How much of a page is masked; see core/src/mask. */
export type MaskMode = 'inputs' | 'text' | 'none';

/** What a site's author can say, as `data-*` of the script tag or to `Sentiero.init`. */
export interface Options {
  /** The site's key. */
  site?: string;
  /** Where uploads go: they are posted to `<endpoint>/i/<site>`. Default: where the script is. */
  endpoint?: string;
  /** Default: `inputs`. */
  mask?: MaskMode;
  /** A worker file on the page's own origin, for a strict CSP. */
  worker?: string;
  /** `false` records in spite of Global Privacy Control. */
  respectGpc?: boolean;
  /** Telephone numbers are taken out of what is recorded, too. */
  redactPhones?: boolean;
  /** Patterns that are taken out, too, between spaces; see docs/masking.md. */
  redactPatterns?: string;
  /** What stays of query and fragment of addresses. Default: `strip`, nothing. */
  urlMode?: 'strip' | 'filter' | 'keep';
  /** Names of parameters that `filter` lets stay, between spaces. */
  urlAllow?: string;
  /** Names of parameters that never stay, besides those that are secrets by their names. */
  urlDeny?: string;
  /** Nothing begins before `Sentiero.consent(true)`; see docs/consent.md. */
  consent?: 'required';
}

/** For the recorder: everything checked, every address absolute. */
export interface Config {
  mask: MaskMode;
  /** What to redact, five lines for `Source.of` in src/lib.rs. */
  redact: string;
  worker: string | undefined;
  /** Uploads are posted to it. */
  upload: string;
  engine: string;
  wasm: string;
  /** The compiled engine; undefined where the page's CSP does not let us compile. */
  module: Promise<WebAssembly.Module | undefined>;
  /** Makes an address acceptable to Trusted Types. */
  trust(url: string): string;
  /** Says in the console what went wrong, if nothing did before. */
  complain(text: string, why?: unknown): void;
}

/** A running recorder, for the loader. */
export interface Recorder {
  start(): void;
  stop(): void;
  /** Stops, and drops what is not uploaded. */
  forget(): void;
  addCustomEvent(tag: string, payload?: unknown): void;
  flush(): void;
  sessionId(): string | null;
}

/** Keys of the browser's storage. */
export const SESSION_KEY = 'sentiero_session';
export const WINDOW_KEY = 'sentiero_window';
