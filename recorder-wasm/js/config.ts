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
  /** CSS selectors of what is treated as if it had `data-rr-block`, `-mask` or `-ignore`, too. */
  blockSelector?: string;
  maskTextSelector?: string;
  ignoreSelector?: string;
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
  /** Where the dashboard is, for `Sentiero.sessionUrl`. Default: `dashboard/` at the endpoint. */
  dashboard?: string;
  /** Between two positions of the pointer, ms; 0 for no pointer movements. Default: 50. */
  mouseEvery?: number;
  /** Between two positions of something that is scrolled, ms. Default: 150. */
  scrollEvery?: number;
  /** Between two full snapshots, ms, at least 10 000. Default: none but those needed. */
  checkoutEvery?: number;
  /** Errors that nothing caught, and rejections that nothing handled. */
  captureErrors?: boolean;
  /** Language, time zone, screen, and the campaign of the address (`utm_…`). */
  captureMetadata?: boolean;
  /** Of each click the element, as a selector, and the position in it. */
  captureClicks?: boolean;
  /** LCP, INP, CLS, FCP and TTFB. */
  captureWebVitals?: boolean;
  /** What is written to the console: `true` for warnings and errors, or levels between spaces. */
  captureConsole?: boolean | string;
  /** Times of requests: `true` for those of scripts, `all` for those of the page, too. */
  captureNetwork?: boolean | 'all';
  /** Links that are followed. */
  trackNavigation?: boolean;
  /** Events that `data-sentiero-track-…` attributes declare. */
  trackCustomEvents?: boolean;
  /** That forms are sent, never what is in them. */
  trackForms?: boolean;
  /** `load` sends what is recorded at once, and not only when somebody acts. */
  start?: 'load';
  /** Seconds that a visit must last, up to its last action, before anything of it is sent. */
  minDuration?: number;
  /** The share of visits that are recorded, 0 to 1. */
  sampleRate?: number;
  /** `tab` makes a visit of each browser tab, and not one of all. */
  session?: 'tab';
}

/** For the recorder: everything checked, every address absolute. */
export interface Config {
  mask: MaskMode;
  /** What to redact, five lines for `Source.of` in src/lib.rs. */
  redact: string;
  worker: string | undefined;
  /** Where the visit is stored. */
  area: Area;
  /** How long a visit must have lasted to be sent, ms; and the share of them. For `use_of` in Rust. */
  least: number;
  rate: number;
  /** Uploads are posted to it. */
  upload: string;
  engine: string;
  wasm: string;
  storm: string;
  /** The compiled engine; undefined where the page's CSP does not let us compile. */
  module: Promise<WebAssembly.Module | undefined>;
  /** What more than the DOM can be recorded, loaded if `options` ask for it. */
  capture: string;
  vitals: string;
  /** Errors that came before there was somebody to record them, until there is. */
  errors: Event[] | undefined;
  /** As the page said them: texts where they are attributes. */
  options: Options;
  /** Makes an address acceptable to Trusted Types. */
  trust(url: string): string;
  /** Says in the console what went wrong, if nothing did before. */
  complain(text: string, why?: unknown): void;
}

/** A running recorder, for the loader. */
export interface Recorder {
  /** Goes on, with a snapshot; also after `stop`, or while nobody is there. */
  start(): void;
  /** Pauses until `start`; what was recorded is uploaded. */
  stop(): void;
  /** Stops, and drops what is not uploaded. */
  forget(): void;
  addCustomEvent(tag: string, payload?: unknown): void;
  /** Adds `facts` of the visit, now or as soon as it is recorded, and to each that follows. */
  tell(tag: string, facts: object): void;
  /** Uploads what was recorded so far, whoever acted. */
  flush(): void;
  /** Null if nothing of the visit is recorded. */
  sessionId(): string | null;
}

/** One of the browser's storages. */
export type Area = 'localStorage' | 'sessionStorage';

/** Keys of the browser's storage. */
export const SESSION_KEY = 'sentiero_session';
export const WINDOW_KEY = 'sentiero_window';
/** With the page load's id behind it: what a page could not be sure to have sent. */
export const TAIL_KEY = 'sentiero_tail_';
/** The journal, see journal.ts. */
export const DATABASE = 'sentiero';
