/** What pages call. Types only; together with `Options` they are the package's. */
import type { Options } from './config';

/**
 * `window.Sentiero`: every method exists, and is safe, in every state. All return
 * undefined, but for `sessionId` and `sessionUrl`; after a failure of our own null.
 */
export interface Sentiero {
  /** Configures, and starts unless it runs already; for pages that cannot set `data-*`. */
  init(options?: Options): void;
  /** Goes on recording after `stop`. */
  start(): void;
  /** Ends the recording for now; what was recorded is uploaded. */
  stop(): void;
  /**
   * Leaves out what follows. Besides `stop`: only `resume` takes it back, so that a page
   * can keep a part of itself out of the recording, whoever else starts and stops it.
   */
  pause(): void;
  /** Takes `pause` back. */
  resume(): void;
  /** Adds an event of the page's own to the recording; `payload` is anything JSON can say. */
  addCustomEvent(tag: string, payload?: unknown): void;
  /**
   * Adds what the page knows of the visit; only texts, numbers and booleans are kept.
   * A visit that begins on the same page is told the same.
   */
  setMetadata(metadata: Record<string, unknown>): void;
  /** Ties the visit to a visitor whom the page knows; `id` should say nothing by itself. */
  identify(id: string): void;
  /**
   * What the visitor said about being recorded, for this page load. `false` also drops
   * what is not uploaded, and has the session erased. Where the site does not require
   * consent, it is an opt-out, too, and `true` takes that back.
   */
  consent(given: boolean): void;
  /** Takes an opt-out back. */
  optIn(): void;
  /** The visitor does not want to be recorded: stops, and forgets what was not uploaded. */
  optOut(): void;
  /** The visit's id; null while it is not known. */
  sessionId(): string | null;
  /** Where the dashboard shows the visit; null while it is not known. */
  sessionUrl(): string | null;
  /** Uploads what was recorded so far. */
  flush(): void;
}
