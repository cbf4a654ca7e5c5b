/**
 * Between the page's thread and the engine. Types only.
 *
 * A worker says `hello` first; commands follow, see `Engine::commands` in src/engine.rs.
 * A worker file of the site's own gets `{ engine: URL }` first, which it is to import;
 * the engine itself ignores that.
 */

/**
 * In what follows, `source` is a page load, as text for `Source.of` in src/lib.rs, and
 * `tails` are what `readTails` in leave.ts gives.
 */
export type ToEngine =
  /** Compile the module and send it to the page, which could not. */
  | { type: 'compile'; wasm: string }
  | { type: 'start'; module: WebAssembly.Module; upload: string; source: string; tails: string[] }
  /** Events, one a line, that follow those before. */
  | { type: 'push'; text: string }
  /** Upload what came so far. */
  | { type: 'flush' }
  /** What follows is of another visit. */
  | { type: 'rotate'; source: string }
  /** The page load `tab` belongs to the stored visit `visit`, after the command `clock`. */
  | { type: 'resign'; tab: string; visit: string }
  /** Upload nothing more. */
  | { type: 'stop' };

/** Text is a command (or `hello`); the others answer `compile`. */
export type FromEngine = string | WebAssembly.Module | undefined;
