// The page of a file that replays a recording by itself: from a disk, without any network.
// It holds the recording, and the player (player.ts) that runs in a frame of an opaque
// origin as in the dashboard. Whoever is sent such a file knows as little of who recorded
// it as the dashboard does: nothing of it is ever markup here.

import { isolated, newNonce } from './isolated.js';

/** One page load of the recording; src/model/standalone.rs writes it. */
interface Load {
  tab: string;
  url: string;
  from: number;
  to: number;
  /** What the visitor's clock lacks, ms. */
  offset?: number;
  events: number;
  /** Lines of the JSON export as a gzip member, in base64. */
  gzip: string;
  /** What the site's server told while it was shown. */
  told?: Told[];
}
interface Told {
  at: number;
  label: string;
  detail: string;
}
interface Recording {
  /** The version of this format. */
  sentiero: number;
  name: string;
  made: number;
  loads: Load[];
}
interface Line {
  event: { type: number; timestamp: number; data?: { source?: number } };
}
type Command = { do: 'load' | 'go'; turn: number; at: number; playing: boolean; speed: number };

/** The versions that this page reads: its own. The dashboard reads all. */
const VERSION = 1;
/** Nothing done for so long is idle time, ms. */
const IDLE = 10_000;
/** Of idle time so much is shown before somebody does something again, ms. */
const LEAD = 1_000;
const STEP = 5_000;
const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;
/** What a person does: moves, clicks, scrolls, enters, plays, drags, selects. */
const DEEDS = new Set([1, 2, 3, 5, 6, 7, 12, 14]);

function part<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as T;
}

const [play, time, seek, total] = [part<HTMLButtonElement>('play'), part('time'), part<HTMLInputElement>('seek'), part('length')];
const [speed, skip, note, loads] = [part<HTMLSelectElement>('speed'), part<HTMLInputElement>('skip'), part('note'), part('loads')];
const server = part('server');

/** Where the player is. */
let port: MessagePort | undefined;
let turn = 0;
let playing = false;
let at = 0;
/** The page load that is shown. */
let shown: Load | undefined;
/** Its idle times. */
let gaps: [number, number][] = [];

function say(text: string): void {
  note.textContent = text;
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${two(seconds % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** What a data block of this page says. */
function block<T>(id: string): T {
  return JSON.parse(part(id).textContent ?? '') as T;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function inflated(base64: string): Promise<string> {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
}

/** U+2063 stands before a value that a page's author allowed to be shown; nobody wants to see it. */
function unmarked(text: string): string {
  return text.replace(/\\(?:u2063|[^])|\u2063/g, (found) => (/2063|\u2063/.test(found) ? '' : found));
}

/** The lines of the export as events; what does not read is left out, as in the player. */
function events(text: string): Line['event'][] {
  return text.split('\n').flatMap((line) => {
    try {
      const { event } = JSON.parse(line) as Line;
      return Number.isFinite(event.timestamp) ? [event] : [];
    } catch {
      return [];
    }
  });
}

/** Times in which nobody did anything. */
function idle(of: Line['event'][], load: Load): [number, number][] {
  const deeds = of.filter(({ type, data }) => type === INCREMENTAL && DEEDS.has(data?.source ?? -1)).map(({ timestamp }) => timestamp);
  const moments = [load.from, ...deeds.sort((one, other) => one - other), load.to];
  return moments.flatMap((moment, i): [number, number][] => {
    const next = moments[i + 1] ?? moment;
    return next - moment > IDLE ? [[moment + LEAD, next - LEAD]] : [];
  });
}

function send(command: 'load' | 'go', bytes?: Uint8Array<ArrayBuffer>): void {
  turn += 1;
  const message: Command = { do: command, turn, at, playing, speed: Number(speed.value) };
  if (bytes === undefined) port?.postMessage([JSON.stringify(message)]);
  else port?.postMessage([JSON.stringify(message), bytes], [bytes.buffer]);
  show();
}

function show(): void {
  const [from, to] = [shown?.from ?? 0, shown?.to ?? 0];
  time.textContent = clock(at - from);
  total.textContent = clock(to - from);
  seek.max = String(to - from);
  seek.value = String(at - from);
  play.textContent = playing ? 'Pause' : 'Play';
}

function go(next: number, plays = playing): void {
  if (shown === undefined) return;
  at = Math.min(Math.max(next, shown.from), shown.to);
  playing = plays;
  send('go');
}

function toggle(): void {
  if (shown === undefined || play.disabled) return;
  go(!playing && at >= shown.to ? shown.from : at, !playing);
}

/** Over idle time, if that is wanted. */
function leap(): void {
  const gap = gaps.find(([from, to]) => at >= from && at < to);
  if (playing && skip.checked && gap !== undefined) go(gap[1]);
}

function hear(text: string): void {
  const message = JSON.parse(text) as { is: string; turn?: number; at?: number };
  if (message.turn !== undefined && message.turn !== turn) return;
  if (message.is === 'time' && typeof message.at === 'number') {
    at = Math.min(message.at, shown?.to ?? message.at);
    leap();
  } else if (message.is === 'ended') {
    [playing, at] = [false, shown?.to ?? at];
  } else if (message.is === 'shown') {
    document.documentElement.dataset['shown'] = shown?.tab ?? '';
  }
  show();
}

async function open(load: Load): Promise<void> {
  shown = load;
  [playing, at, gaps] = [false, load.from, []];
  play.disabled = true;
  for (const button of loads.querySelectorAll('button')) button.setAttribute('aria-current', String(button.dataset['tab'] === load.tab));
  say('');
  const told = load.told ?? [];
  server.hidden = told.length === 0;
  part('told').replaceChildren(...told.map(line));
  show();
  const text = unmarked(await inflated(load.gzip));
  if (shown !== load) return;
  const all = events(text);
  if (!all.some(({ type }) => type === FULL_SNAPSHOT)) {
    say('Of this page load no snapshot was recorded: there is nothing to be replayed.');
    return;
  }
  gaps = idle(all, load);
  play.disabled = false;
  send('load', new TextEncoder().encode(all.map((event) => JSON.stringify(event)).join('\n')));
}

function listed(load: Load): HTMLButtonElement {
  const button = document.createElement('button');
  button.dataset['tab'] = load.tab;
  button.title = load.url;
  button.textContent = `${load.url.replace(/^\w+:\/\//, '') || 'Page'} · ${clock(load.to - load.from)}`;
  button.onclick = () => void open(load).catch(failed);
  return button;
}

/** What the server told, and the way to its moment. */
function line({ at: moment, label, detail }: Told): HTMLLIElement {
  const [entry, button] = [document.createElement('li'), document.createElement('button')];
  button.textContent = `${clock(moment - (shown?.from ?? 0))} · ${label} · ${detail}`;
  button.onclick = () => go(moment);
  entry.append(button);
  return entry;
}

function failed(error: unknown): void {
  say(`This recording cannot be shown: ${String(error)}`);
}

function dataUrl(pieces: BlobPart[]): Promise<string> {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.onerror = () => fail(reader.error ?? new Error('the player cannot be read'));
    reader.readAsDataURL(new Blob(pieces, { type: 'text/html;charset=utf-8' }));
  });
}

/** The player's frame, with its script in it. Resolves when it listens. */
async function frame(): Promise<void> {
  const nonce = newNonce();
  const head = '<!doctype html><meta charset=utf-8><title>Recorded page</title><body>';
  const src = await dataUrl([`${head}<script data-nonce="${nonce}">`, bytesOf(block<string>('player')), '</script>']);
  const player = isolated(src, nonce);
  player.port.onmessage = ({ data }: MessageEvent<string>) => hear(data);
  part('stage').append(player.element);
  await player.listens;
  port = player.port;
}

function keys(event: KeyboardEvent): void {
  const inControl = event.target instanceof HTMLElement && event.target.matches('select, input, button');
  if (event.ctrlKey || event.metaKey || event.altKey || (inControl && event.key === ' ')) return;
  if (event.key === ' ') toggle();
  else if (event.key === 'ArrowLeft' && !inControl) go(at - STEP);
  else if (event.key === 'ArrowRight' && !inControl) go(at + STEP);
  else return;
  event.preventDefault();
}

async function start(): Promise<void> {
  const recording = block<Recording>('recording');
  if (recording.sentiero !== VERSION) throw new Error('it is of another version than this page');
  part('name').textContent = recording.name;
  document.title = `${recording.name}: a recording`;
  const [first] = recording.loads;
  if (first === undefined) throw new Error('it is empty');
  part('about').textContent = `${new Date(first.from + (first.offset ?? 0)).toLocaleString()} · saved ${new Date(recording.made).toLocaleDateString()}`;
  loads.append(...recording.loads.map(listed));
  play.onclick = toggle;
  seek.oninput = () => go((shown?.from ?? 0) + Number(seek.value));
  speed.onchange = () => go(at);
  addEventListener('keydown', keys);
  await frame();
  await open(first);
}

start().catch(failed);
