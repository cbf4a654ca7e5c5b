// rrweb's Replayer in the isolated frame: an opaque origin, because recordings
// are untrusted. It takes commands from the dashboard through one port and
// tells what happens; it decides nothing. The other end is src/frame.rs.
import { Replayer } from '@rrweb/replay';
import type { eventWithTime } from '@rrweb/types';
import { harmless } from './harmless';
import { STYLE as OVER_STYLE, drawOver, unroll, type Drawn, type Over } from './over';

interface Go {
  /** Counts the commands; goes back with what follows from this one. */
  turn: number;
  /** ms since the epoch. */
  at: number;
  playing: boolean;
  /** percent */
  speed: number;
}
/** Clicks to show over the page; how, src/model/frame.rs says. */
interface Heat {
  dots: number[][];
  bottom: number;
  fold: number;
}
type Command = ({ do: 'load' | 'go' } & Go) | ({ do: 'heat' } & Heat) | ({ do: 'over' } & Over) | { do: 'append' | 'halt' };
type Message =
  | { is: 'time'; turn: number; at: number }
  | { is: 'ended'; turn: number }
  | { is: 'resize'; width: number; height: number }
  | Drawn
  | { is: 'shown' | 'taken' }
  | { is: 'error'; text: string };

/** A frame that nobody sees may never be painted; it does not wait longer for it, ms. */
const PAINT = 100;
/** How often the dashboard hears where we are, ms. */
const TICK = 100;
const FULL_SNAPSHOT = 2;
/** A page that is smaller than the frame grows at most so much. */
const LARGEST = 1.25;

// What the Replayer's own elements look like, after @rrweb/replay/dist/style.css.
const STYLE = `
  html, body { margin: 0; height: 100%; overflow: hidden; background: transparent; }
  .replayer-wrapper { position: absolute; top: 0; left: 0; transform-origin: 0 0; }
  .replayer-wrapper > iframe { border: 0; background: #fff; }
  .replayer-mouse {
    position: absolute; z-index: 2; width: 22px; height: 22px; pointer-events: none;
    transition: left .05s linear, top .05s linear; background: no-repeat center / contain;
    background-image: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath d='M3 2l7.5 19 2.6-8 8-2.6z' fill='%23111' stroke='%23fff' stroke-width='1.6' stroke-linejoin='round'/%3E%3C/svg%3E");
  }
  .replayer-mouse::after {
    content: ''; position: absolute; width: 26px; height: 26px; border-radius: 50%;
    background: #e8590c; opacity: 0; transform: translate(-50%, -50%);
  }
  .replayer-mouse.active::after { animation: click .35s ease-out; }
  .replayer-mouse.touch-device {
    width: 56px; height: 56px; margin: -28px 0 0 -28px; background-image: none; box-sizing: border-box;
    border: 4px solid #e8590c00; border-radius: 50%; transition: border-color .2s;
  }
  .replayer-mouse.touch-device.touch-active { border-color: #e8590c; transition: left .25s, top .25s; }
  .replayer-mouse.touch-device.active::after { left: 50%; top: 50%; }
  .replayer-mouse-tail { position: absolute; z-index: 1; pointer-events: none; }
  .heat { position: absolute; top: 0; left: 0; z-index: 3; overflow: hidden; pointer-events: none; }
  .heat-dot {
    position: absolute; width: 26px; height: 26px; margin: -13px 0 0 -13px; border-radius: 50%; box-sizing: border-box;
    background: #e8590c66; border: 2px solid #e8590c; font: 700 12px/22px system-ui, sans-serif; text-align: center; color: #fff;
  }
  .heat-dot[data-kind="1"] { background: #495057aa; border: 2px dashed #f8f9fa; }
  .heat-dot[data-kind="2"] { width: 34px; height: 34px; margin: -17px 0 0 -17px; background: #e03131cc; border-color: #fff; line-height: 30px; }
  .heat-line { position: absolute; left: 0; right: 0; border-top: 2px dashed #1971c2; }
  .heat-line.bottom { border-color: #e8590c; }
  .heat-line::after {
    content: attr(data-text); position: absolute; right: 8px; top: -22px; padding: 1px 8px; border-radius: 4px;
    background: #1971c2; color: #fff; font: 600 12px/18px system-ui, sans-serif;
  }
  .heat-line.bottom::after { top: 2px; background: #c2410c; }
  @keyframes click { 0% { opacity: .7; width: 8px; height: 8px; } 100% { opacity: 0; width: 44px; height: 44px; } }
`;

let replayer: Replayer | undefined;
let port: MessagePort | undefined;
let going: Go = { turn: 0, at: 0, playing: false, speed: 100 };
let size = { width: 0, height: 0 };
let heat: Heat = { dots: [], bottom: 0, fold: 0 };
const overlay = document.createElement('div');
overlay.className = 'heat';
/** What lies over the whole page; nothing while a recording is replayed. */
let over: Over | undefined;
const layer = document.createElement('div');
layer.className = 'over';
/** Before this there is no page to show, ms since the epoch. */
let earliest = 0;

function tell(message: Message): void {
  port?.postMessage(JSON.stringify(message));
}

function failed(error: unknown): void {
  tell({ is: 'error', text: String(error).slice(0, 500) });
}

/** What was left out of this recording already, so that each kind is told once. */
const complained = new Set<string>();

function complain(what: string): void {
  if (complained.size >= 20 || complained.has(what)) return;
  complained.add(what);
  failed(`left out: ${what}`);
}

/** One event a line; a line that does not read, or is no event, is left out. */
function parse(bytes: Uint8Array): eventWithTime[] {
  const events: eventWithTime[] = [];
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line === '') continue;
    try {
      const event = harmless(JSON.parse(line), complain);
      if (event !== undefined) events.push(event);
    } catch (error) {
      failed(error);
    }
  }
  return events;
}

/** Scales the page to the frame, centred. */
function fit(): void {
  const wrapper = replayer?.wrapper;
  if (wrapper === undefined || size.width === 0 || size.height === 0) return;
  const scale = Math.min(innerWidth / size.width, innerHeight / size.height, LARGEST);
  layer.style.setProperty('--unscale', String(1 / scale));
  const left = (innerWidth - size.width * scale) / 2;
  const top = (innerHeight - size.height * scale) / 2;
  wrapper.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
}

/** ms since the epoch. */
function now(player: Replayer): number {
  return player.getMetaData().startTime + player.getCurrentTime();
}

/** Where a dot is now, in the page's viewport; nothing if its element is not there. */
function placeOf(player: Replayer, dot: number[]): { x: number; y: number } | undefined {
  const [id = 0, , , known, x = 0, y = 0] = dot;
  const view = player.iframe.contentWindow;
  const node = player.getMirror().getNode(id);
  // Another realm's: `instanceof` would not know it.
  const element = node?.nodeType === 1 ? (node as Element) : node?.parentElement;
  if (!view || !element?.isConnected || element.ownerDocument !== player.iframe.contentDocument) return undefined;
  const { left, top, width, height } = element.getBoundingClientRect();
  if (width === 0 || height === 0) return undefined;
  if (known === 1) return { x: left + (x / 10_000) * width, y: top + (y / 10_000) * height };
  // Only where in the document it was is known: there, but never beside the element.
  const inside = (at: number, from: number, length: number): number => Math.min(Math.max(at, from), from + length);
  return { x: inside(x - view.scrollX, left, width), y: inside(y - view.scrollY, top, height) };
}

function lineAt(y: number, name: string, text: string): HTMLElement {
  const line = document.createElement('div');
  line.className = `heat-line ${name}`;
  line.style.top = `${y}px`;
  line.dataset['text'] = text;
  return line;
}

/** Draws the clicks where their elements are at this moment. */
function draw(): void {
  const player = replayer;
  if (player === undefined || (heat.dots.length === 0 && heat.bottom === 0)) {
    overlay.remove();
    return;
  }
  if (overlay.parentElement !== player.wrapper) player.wrapper.append(overlay);
  overlay.style.width = `${size.width}px`;
  overlay.style.height = `${size.height}px`;
  const drawn: HTMLElement[] = [];
  const labelled = new Set<string>();
  for (const dot of heat.dots) {
    const place = placeOf(player, dot);
    if (place === undefined) continue;
    const element = document.createElement('div');
    element.className = 'heat-dot';
    element.dataset['kind'] = String(dot[1]);
    element.dataset['node'] = String(dot[0]);
    element.style.left = `${place.x}px`;
    element.style.top = `${place.y}px`;
    // Of several clicks in one place, one says how many they are.
    const spot = `${dot[0]}/${dot[2]}`;
    if (dot[1] === 2 && !labelled.has(spot)) {
      labelled.add(spot);
      element.textContent = `${dot[2]}×`;
      element.style.zIndex = '1';
    }
    drawn.push(element);
  }
  const scrolled = player.iframe.contentWindow?.scrollY ?? 0;
  if (heat.fold > 0) drawn.push(lineAt(heat.fold - scrolled, 'fold', 'Fold: the first screen ends here'));
  if (heat.bottom > heat.fold) drawn.push(lineAt(heat.bottom - scrolled, 'bottom', 'The visitor scrolled no farther'));
  overlay.replaceChildren(...drawn);
}

/** Draws what many sessions did over the whole page. */
function drawPage(): void {
  const [player, wanted] = [replayer, over];
  if (player === undefined || wanted === undefined) return;
  if (layer.parentElement !== player.wrapper) player.wrapper.append(layer);
  size = { ...size, height: unroll(player) };
  const drawn = measured('sentiero:over', () => drawOver(player, layer, wanted, size.width, size.height));
  fit();
  tell(drawn);
}

let waits = false;
/** The same, once for all that happens now. */
function soon(): void {
  if (over === undefined || waits) return;
  waits = true;
  setTimeout(() => {
    waits = false;
    drawPage();
  }, TICK);
}

/**
 * What rrweb throws while it builds one event must not stop it at the next: its clock
 * runs in the same call. These are its own methods for it.
 */
function guard(player: Replayer): void {
  const methods = player as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['applyIncremental', 'rebuildFullSnapshot']) {
    const method = methods[name];
    if (typeof method !== 'function') throw new Error(`rrweb has no ${name} any more`);
    methods[name] = (...args) => {
      try {
        return method.apply(player, args);
      } catch (error) {
        failed(error);
        return undefined;
      }
    };
  }
}

function load(events: eventWithTime[]): void {
  replayer?.destroy();
  replayer = undefined;
  // rrweb refuses to replay one event, though a snapshot is a page to look at.
  const [first] = events;
  if (events.length === 1 && first !== undefined) {
    events.push({ type: 5, data: { tag: '', payload: null }, timestamp: first.timestamp });
  }
  earliest = events.find((event) => (event.type as number) === FULL_SNAPSHOT)?.timestamp ?? 0;
  const player = new Replayer(events, {
    root: document.body,
    // A page that takes the focus would take the keyboard from the dashboard.
    triggerFocus: false,
    loadTimeout: 1_000,
    showWarning: false,
    mouseTail: { duration: 600, lineCap: 'round', lineWidth: 2, strokeStyle: '#e8590c' },
  });
  replayer = player;
  guard(player);
  player.on('resize', (dimension) => {
    size = dimension as typeof size;
    tell({ is: 'resize', width: Math.round(size.width), height: Math.round(size.height) });
    fit();
  });
  player.on('fullsnapshot-rebuilded', () => {
    // Pictures and styles that arrive move what is on the page.
    player.iframe.contentDocument?.addEventListener('load', soon, true);
    tell({ is: 'shown' });
  });
  player.on('finish', () => {
    if (!going.playing || player !== replayer) return;
    going.playing = false;
    tell({ is: 'ended', turn: going.turn });
  });
}

function go(next: Go, player: Replayer): void {
  const was = going;
  going = next;
  // rrweb applies what lies before an instant; we mean what happened by then.
  const offset = Math.max(next.at, earliest) + 1 - player.getMetaData().startTime;
  const speed = next.speed / 100;
  if (player.config.speed !== speed) player.setConfig({ speed });
  // The dashboard knows where we are by a tick ago. Going back by as little
  // would make rrweb build the page again, and is not meant.
  const near = Math.abs(now(player) - next.at) < 3 * TICK * Math.max(was.speed / 100, 1);
  if (was.playing && near) {
    if (!next.playing) player.pause();
  } else if (next.playing) {
    player.play(offset);
  } else {
    player.pause(offset);
  }
  if (was.playing && !next.playing && near) tell({ is: 'time', turn: next.turn, at: now(player) });
}

/** Does `work`; the browser's timeline shows how long it took, and so does the bench. */
function measured<T>(name: string, work: () => T): T {
  const start = performance.now();
  const result = work();
  performance.clearMeasures(name);
  performance.measure(name, { start, end: performance.now() });
  return result;
}

function obey(command: Command, bytes: Uint8Array | undefined): void {
  if (command.do === 'load') {
    const events = measured('sentiero:parse', () => (bytes === undefined ? [] : parse(bytes)));
    if (events.length === 0) return;
    going = { ...command, playing: false };
    measured('sentiero:load', () => load(events));
  }
  const player = replayer;
  if (player === undefined) return;
  switch (command.do) {
    case 'append':
      measured('sentiero:append', () => {
        for (const event of bytes === undefined ? [] : parse(bytes)) player.addEvent(event);
      });
      break;
    case 'heat':
      heat = command;
      draw();
      break;
    case 'over':
      over = command;
      drawPage();
      break;
    case 'halt':
      player.pause();
      going.playing = false;
      break;
    default:
      measured('sentiero:go', () => go(command, player));
      draw();
      drawPage();
  }
}

/** Says that events were taken, when the page was painted with them and what came meanwhile was heard. */
function taken(): void {
  let told = false;
  const tellOnce = (): void => {
    if (!told) tell({ is: 'taken' });
    told = true;
  };
  requestAnimationFrame(() => setTimeout(tellOnce));
  setTimeout(tellOnce, PAINT);
}

function tick(): void {
  if (replayer !== undefined && going.playing) tell({ is: 'time', turn: going.turn, at: now(replayer) });
  // The page may have scrolled, or changed.
  if (overlay.isConnected) draw();
}

function listen(given: MessagePort): void {
  port = given;
  given.onmessage = (event: MessageEvent<[string, Uint8Array?]>) => {
    try {
      const [command, bytes] = event.data;
      obey(JSON.parse(command) as Command, bytes);
    } catch (error) {
      failed(error);
    }
    if (event.data.length > 1) taken();
  };
  setInterval(tick, TICK);
}

const nonce = (document.currentScript as HTMLScriptElement | null)?.dataset['nonce'] ?? '';
const style = document.createElement('style');
style.textContent = STYLE + OVER_STYLE;
document.head.append(style);
addEventListener('resize', fit);
addEventListener('error', (event) => failed(event.message));
addEventListener('unhandledrejection', (event) => failed(event.reason));
addEventListener('message', (event) => {
  const [given] = event.ports;
  const meant = event.source === parent && event.data === `sentiero-port:${nonce}`;
  if (meant && port === undefined && given !== undefined) listen(given);
});
parent.postMessage(`sentiero-frame:${nonce}`, '*');
