// What many sessions did on a page, drawn over the page as one of them saw it. What is drawn
// src/model/report/over.rs says; here it is looked up where its elements are.
import type { Replayer } from '@rrweb/replay';

/** In ten thousandths of an element or of the window's width, and in px from the page's top. */
export interface Over {
  /** For each element its name, and x, y and how much there was. */
  targets: [name: string, points: [x: number, y: number, n: number][]][];
  /** Of places on the page: left, width (ten thousandths), top, height (px) and how much. */
  cells: [left: number, width: number, top: number, height: number, n: number][];
  /** Cells are as wide as the page: what is between them is blended. */
  rows: boolean;
}
/** How large the page is, px, and how much of what was named is on it. */
export interface Drawn {
  is: 'over';
  width: number;
  height: number;
  /** On the one element of that name. */
  anchored: number;
  /** Spread over several elements of one name. */
  spread: number;
  /** On elements that are not on this page, or not to be seen. */
  lost: number;
}
interface Spot {
  x: number;
  y: number;
  n: number;
}

/** No page is drawn higher, px: canvases have limits. */
const HIGHEST = 20_000;
/** Of no page more elements are looked at. */
const MOST = 50_000;
/** A picture of more pixels is made smaller. */
const PIXELS = 8e6;
/** How far a click glows, px of the page. */
const GLOW = 26;
/** So many elements say how often they were clicked. */
const LABELLED = 12;
/** From little to much: position, red, green, blue. */
const RAMP = [[0, 37, 99, 235], [0.35, 6, 182, 212], [0.55, 74, 222, 128], [0.75, 250, 204, 21], [1, 220, 38, 38]] as const;

export const STYLE = `
  .replayer-wrapper:has(> .over) > .replayer-mouse { display: none; }
  .over { position: absolute; top: 0; left: 0; z-index: 3; pointer-events: none; }
  .over canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
  .over-label {
    position: absolute; transform: translate(-50%, -50%) scale(var(--unscale, 1)); padding: 1px 7px; border-radius: 999px;
    background: #111827e6; color: #fff; font: 600 12px/18px system-ui, sans-serif; white-space: nowrap; box-shadow: 0 0 0 1.5px #fff;
  }
`;

/** Clicks of a name are spread over the places of its elements, so many at most; then over their middles. */
const SPREAD = 20_000;

// A form answers to the names of its fields before its own: a recording may have a field that
// is called `classList`. So elements are asked by what all of them inherit.
const idOf = (element: Element): string => Element.prototype.getAttribute.call(element, 'id') ?? '';
const classesOf = (element: Element): string[] => (Element.prototype.getAttribute.call(element, 'class') ?? '').split(/\s+/).filter(Boolean);
const rectOf = (element: Element): DOMRect => Element.prototype.getBoundingClientRect.call(element);
const inherited = (prototype: object, name: string): ((this: Element) => unknown) => Object.getOwnPropertyDescriptor(prototype, name)?.get ?? (() => undefined);
const tagOf = inherited(Element.prototype, 'localName');
const styleOf = inherited(HTMLElement.prototype, 'style');

/** The inline style of an element of HTML; others have none that is looked at. */
function inline(element: Element): CSSStyleDeclaration | undefined {
  return element.namespaceURI === 'http://www.w3.org/1999/xhtml' ? (styleOf.call(element) as CSSStyleDeclaration | undefined) : undefined;
}

/** All elements of the page, in its order. */
function elements(page: Document): Element[] {
  return [...page.querySelectorAll('body *')].slice(0, MOST);
}

/**
 * Makes the recorded window as high as its page, and gives the page's height. What was as
 * high as the window stays as it was: else a banner of a screen's height would fill all.
 */
export function unroll(player: Replayer): number {
  const frame = player.iframe;
  const page = frame.contentDocument;
  const before = frame.clientHeight;
  const whole = Math.min(page?.documentElement.scrollHeight ?? 0, HIGHEST);
  if (!page || whole <= before) return before;
  const all = elements(page);
  const heights = all.map((element) => rectOf(element).height);
  frame.setAttribute('height', String(whole));
  for (const [place, element] of all.entries()) {
    const was = heights[place] ?? 0;
    if (was === 0 || Math.abs(rectOf(element).height - was) <= 1) continue;
    for (const side of ['height', 'min-height', 'max-height']) inline(element)?.setProperty(side, `${was}px`, 'important');
  }
  return whole;
}

/** As the recorder's click capture names an element, see recorder-wasm/js/capture/clicks.ts. */
export function nameOf(element: Element): string {
  const [tag, id] = [String(tagOf.call(element)), idOf(element)];
  return id ? `${tag}#${id}` : [tag, ...[...new Set(classesOf(element))].slice(0, 2)].join('.');
}

/** The elements of the names that are asked for. */
function named(page: Document, names: Set<string>): Map<string, Element[]> {
  const found = new Map([...names].map((name): [string, Element[]] => [name, []]));
  for (const element of elements(page)) found.get(nameOf(element))?.push(element);
  return found;
}

/** The box of an element on the page; none of one that is not to be seen. */
function boxOf(view: Window | null, element: Element): DOMRect | undefined {
  const box = rectOf(element);
  if (!view || box.width === 0 || box.height === 0 || view.getComputedStyle(element).visibility === 'hidden') return undefined;
  return new DOMRect(box.x + view.scrollX, box.y + view.scrollY, box.width, box.height);
}

const total = (points: readonly { readonly [2]: number }[]): number => points.reduce((sum, point) => sum + point[2], 0);

/** Where everything is. */
function place(page: Document, over: Over, width: number): { spots: Spot[]; labels: Spot[]; drawn: Omit<Drawn, 'is' | 'width' | 'height'> } {
  const found = named(page, new Set(over.targets.map(([name]) => name)));
  const spots: Spot[] = [];
  const labels: Spot[] = [];
  const drawn = { anchored: 0, spread: 0, lost: 0 };
  for (const [name, points] of over.targets) {
    const boxes = (found.get(name) ?? []).map((element) => boxOf(page.defaultView, element)).filter((box) => box !== undefined);
    const clicks = total(points);
    drawn[boxes.length === 0 ? 'lost' : boxes.length === 1 ? 'anchored' : 'spread'] += clicks;
    const middle: [number, number, number][] = [[5_000, 5_000, clicks]];
    const within = points.length * boxes.length > SPREAD ? middle : points;
    for (const box of boxes) {
      const at = ([x, y, n]: readonly [number, number, number]): Spot => ({ x: box.x + (x / 10_000) * box.width, y: box.y + (y / 10_000) * box.height, n: n / boxes.length });
      for (const point of within) spots.push(at(point));
    }
    const [first] = boxes;
    if (first && labels.length < LABELLED) labels.push({ x: first.right, y: first.top, n: clicks });
  }
  for (const [left, wide, top, high, n] of over.cells) spots.push({ x: ((left + wide / 2) / 10_000) * width, y: top + high / 2, n });
  return { spots, labels, drawn };
}

/** A round of alpha, opaque in its middle. */
function stamp(radius: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = radius * 2;
  const brush = canvas.getContext('2d');
  if (brush) {
    const glow = brush.createRadialGradient(radius, radius, 0, radius, radius, radius);
    glow.addColorStop(0, '#000');
    glow.addColorStop(1, '#0000');
    brush.fillStyle = glow;
    brush.fillRect(0, 0, canvas.width, canvas.height);
  }
  return canvas;
}

/** The colour of a share, 0 to 1. */
function colour(share: number): number[] {
  const after = RAMP.findIndex(([at]) => at >= share);
  const [from, to] = [RAMP[Math.max(after - 1, 0)] ?? RAMP[0], RAMP[after] ?? RAMP[4]];
  const way = to[0] > from[0] ? (share - from[0]) / (to[0] - from[0]) : 0;
  return [1, 2, 3].map((part) => Math.round((from[part] ?? 0) + ((to[part] ?? 0) - (from[part] ?? 0)) * way));
}

/** Paints how much there is; the more the redder, by the root, so that little shows, too. */
function paint(canvas: HTMLCanvasElement, spots: Spot[], rows: boolean, width: number, height: number): void {
  const scale = Math.min(1, Math.sqrt(PIXELS / (width * height)));
  canvas.width = Math.max(Math.round(width * scale), 1);
  canvas.height = Math.max(Math.round(height * scale), 1);
  const brush = canvas.getContext('2d', { willReadFrequently: true });
  const most = spots.reduce((most, { n }) => Math.max(most, n), 0);
  if (!brush || most === 0) return;
  const share = (n: number): number => Math.sqrt(n / most);
  if (rows) {
    const glow = brush.createLinearGradient(0, 0, 0, canvas.height);
    for (const { y, n } of spots) glow.addColorStop(Math.min(y / height, 1), `rgb(0 0 0 / ${share(n)})`);
    brush.fillStyle = glow;
    brush.fillRect(0, 0, canvas.width, canvas.height);
  } else {
    const radius = Math.max(Math.round(GLOW * scale), 2);
    const round = stamp(radius);
    for (const { x, y, n } of spots) {
      brush.globalAlpha = Math.max(share(n), 0.12);
      brush.drawImage(round, x * scale - radius, y * scale - radius);
    }
  }
  const colours = Array.from({ length: 256 }, (_, level) => colour(level / 255));
  const image = brush.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = image;
  for (let at = 0; at < data.length; at += 4) {
    const level = data[at + 3] ?? 0;
    if (level === 0) continue;
    const [red = 0, green = 0, blue = 0] = colours[level] ?? [];
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
    data[at + 3] = rows ? 110 : Math.min(60 + level, 215);
  }
  brush.putImageData(image, 0, 0);
}

const said = (n: number): string => n.toLocaleString('en');

/** Draws `over` into `layer`, which lies on the page, and says what became of it. */
export function drawOver(player: Replayer, layer: HTMLElement, over: Over, width: number, height: number): Drawn {
  const page = player.iframe.contentDocument;
  if (!page) return { is: 'over', width, height, anchored: 0, spread: 0, lost: 0 };
  const { spots, labels, drawn } = place(page, over, width);
  const canvas = document.createElement('canvas');
  paint(canvas, spots, over.rows, width, height);
  const shown = labels.map(({ x, y, n }) => {
    const label = document.createElement('div');
    label.className = 'over-label';
    label.style.left = `${Math.min(x, width - 20)}px`;
    label.style.top = `${Math.max(y, 12)}px`;
    label.textContent = said(n);
    return label;
  });
  layer.style.width = `${width}px`;
  layer.style.height = `${height}px`;
  layer.replaceChildren(canvas, ...shown);
  return { is: 'over', width: Math.round(width), height: Math.round(height), ...drawn };
}
