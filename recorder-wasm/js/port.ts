/**
 * The wasm module, whose one function is `call` (src/port.rs), as a function for each verb.
 *
 * Text goes in as bytes: the bindings' own way for it is slower by half.
 */
import { Port, initSync } from '../pkg/recorder_wasm.js';

/** In the order of `VERBS` in src/port.rs, where it says what each of them reads. */
const enum Verb {
  Open,
  Push,
  Flush,
  Rotate,
  Resign,
  Hurry,
  Poll,
  Answer,
  Wake,
  Commands,
  Batch,
  Survey,
  Take,
  KeepAgain,
  Forget,
  Tail,
  Next,
  First,
  Visit,
  Look,
  Correct,
  Until,
  Use,
  Window,
  TabId,
}

type Bytes = Uint8Array<ArrayBuffer>;

let port: Port;

/** Makes the module ready; nothing else here works before. */
export function init(module: WebAssembly.Module): void {
  initSync({ module });
  port = new Port();
}

function call(verb: Verb, text: string | Uint8Array = '', now = 0, x = 0, y = 0, z = 0): Bytes | undefined {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return port.call(verb, bytes, now, x, y, z) as Bytes | undefined;
}

function say(verb: Verb, text?: string | Uint8Array, now?: number, x?: number, y?: number): string {
  return new TextDecoder().decode(call(verb, text, now, x, y));
}

/** Two texts in one. */
const both = (one: string, other: string): string => `${one}\0${other}`;

/** Random bytes, and what is stored behind them. */
const drawn = (random: Uint8Array, text: string): Uint8Array =>
  Uint8Array.of(...random, ...new TextEncoder().encode(text));

/** Whose visit it is: the functions of src/identity.rs. */
export const visit = (stored: string, now: number, random: Uint8Array): string => say(Verb.Visit, drawn(random, stored), now);
export const look = (stored: string, now: number, random: Uint8Array): string => say(Verb.Look, drawn(random, stored), now);
export const correct = (stored: string, refused: string, now: number, edge: number, random: Uint8Array): string =>
  say(Verb.Correct, drawn(random, both(refused, stored)), now, edge);
export const until = (stored: string): number => Number(say(Verb.Until, stored));
export const use_of = (stored: string, least: number, rate: number): number => Number(say(Verb.Use, stored, 0, least, rate));
export const window_id = (stored: string, random: Uint8Array): string => say(Verb.Window, drawn(random, stored));
export const tab_id = (random: Uint8Array): string => say(Verb.TabId, random);

/** The engine: the functions of src/engine.rs. False if `source` is none. */
export const open = (upload: string, source: string): boolean => call(Verb.Open, both(upload, source)) !== undefined;
export const push = (text: string, now: number): unknown => call(Verb.Push, text, now);
export const flush = (): unknown => call(Verb.Flush);
export const rotate = (source: string): unknown => call(Verb.Rotate, source);
export const resign = (tab: string, stored: string, now: number): unknown => call(Verb.Resign, both(tab, stored), now);
export const hurry = (): unknown => call(Verb.Hurry);
export const poll = (now: number): Bytes | undefined => call(Verb.Poll, '', now);
export const answer = (status: number, body: Uint8Array, retryAfter: number, now: number): unknown =>
  call(Verb.Answer, body, now, status, retryAfter, Math.random() * 2 ** 32);
/** Infinity for never. */
export const wakeAt = (): number => Number(say(Verb.Wake) || Infinity);
export const commands = (): string => say(Verb.Commands);
export const batch = (): Bytes | undefined => call(Verb.Batch);
export const survey = (keys: string, gone: string, now: number): unknown => call(Verb.Survey, both(gone, keys), now);
export const take = (text: Uint8Array, now: number): unknown => call(Verb.Take, text, now);
export const keepAgain = (now: number): unknown => call(Verb.KeepAgain, '', now);
export const forget = (): unknown => call(Verb.Forget);

/** The last bodies of a page: those of src/tail.rs. False if `source` is none. */
export const openTail = (source: string, seq: number, first: number, text: string, now: number): boolean =>
  call(Verb.Tail, both(source, text), now, seq, first) !== undefined;
export const nextBody = (limit: number): Bytes | undefined => call(Verb.Next, '', 0, limit);
export const firstLeft = (): number => Number(say(Verb.First));
