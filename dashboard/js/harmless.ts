// What of a recording the Replayer gets. Recordings are untrusted, and rrweb builds what
// they say: it trusts their shapes, and names that objects have by themselves. The frame's
// policy and sandbox keep scripts from running whatever stands in a page; this keeps out
// what would ask for more than a page shows, and what rrweb would stumble over.
import type { eventWithTime } from '@rrweb/types';

type Loose = Record<string, unknown>;

/** Deeper than this no page is; rrweb builds by recursion. */
const DEEPEST = 500;
/** No viewport is larger, px. */
const WIDEST = 16_384;
/** Nothing is scrolled farther, px. */
const FARTHEST = 1e7;
/** Elements that load pages or plugins: they are shown, empty. */
const FRAMES = /^(iframe|frame|object|embed|portal|fencedframe|applet)$/i;
/** Attributes that load, send or run something, besides what `on…` are. */
const ACTIVE = /^(on.*|srcdoc|action|formaction|ping|http-equiv|manifest|background-sync|xlink:show)$/i;
const SCRIPT = /^(javascript|vbscript|data:text\/html)/i;
/** What a link may be: what only brings what a page shows. */
const SHOWN_LINK = /^(stylesheet|icon)$/i;

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is number => Number.isSafeInteger(value);
const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value) || value === null;
/** A name that markup has, and no object has by itself. */
const isName = (value: unknown): value is string => typeof value === 'string' && /^[a-z][\w:.-]*$/i.test(value) && !(value in {});
const between = (value: unknown, from: number, to: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, from), to) : Math.max(from, 0);
const list = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What an address of a script begins with, at least. */
const MAYBE_SCRIPT = /^[\s\p{Cc}]*[jvd]/iu;
/** Browsers pass over white space in an address. */
const isScript = (value: unknown): boolean =>
  typeof value === 'string' && MAYBE_SCRIPT.test(value) && SCRIPT.test(value.replace(/[\s\p{Cc}]+/gu, ''));

/** What was found of names of attributes: a recording repeats few of them many thousand times. */
const passive = new Map<string, boolean>();
/** As many are remembered; a recording may make up as many as it likes. */
const NAMES = 1_000;

/** A name of an attribute that can be set and does nothing by itself. */
function isPassive(name: string): boolean {
  const known = passive.get(name);
  if (known !== undefined) return known;
  const found = /^[^\s"'<>/=]+$/.test(name) && !(name in {}) && !ACTIVE.test(name);
  if (passive.size < NAMES) passive.set(name, found);
  return found;
}

/** Of what an element is to a link's address, what only shows something. */
const shownRel = (rel: unknown): string => textOf(rel).split(/\s+/).filter((word) => SHOWN_LINK.test(word)).join(' ');

const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');

/** What cannot be shown, by kind: it is told. What is only made inert is not. */
export type Complain = (what: string) => void;

/** The attributes of an element, or changes of them, of which the tag is not known. */
function attributes(given: unknown, tag: string): Loose {
  const kept: Loose = {};
  if (!isObject(given)) return kept;
  const isLink = /^link$/i.test(tag);
  const isHiddenLink = isLink && shownRel(given['rel']) === '';
  const isFrame = FRAMES.test(tag);
  for (const [name, value] of Object.entries(given)) {
    const isStyle = name === 'style' && isObject(value);
    const loads = isFrame && /^(src|data|code|codebase|archive)$/i.test(name);
    // A style sheet that was recorded whole stands in `_cssText`, and has no `rel`.
    const hidden = isHiddenLink && /^(href|imagesrcset)$/i.test(name);
    if (!isPassive(name) || loads || hidden || !(isPlain(value) || isStyle) || isScript(value)) continue;
    // Of a link, and of what may be one: a change tells no tag, and comes one by one.
    const isRel = /^rel$/i.test(name) && (isLink || tag === '');
    const shown = isRel ? shownRel(value) : value;
    if (isRel && shown === '') continue;
    kept[name] = isStyle ? attributes(value, 'style') : shown;
  }
  return kept;
}

/** The style values of a change may be pairs: the value and its priority. */
function changes(given: unknown): Loose {
  const kept = attributes(given, '');
  const style = isObject(given) ? given['style'] : undefined;
  if (isObject(style)) {
    const isPair = (value: unknown): boolean => Array.isArray(value) && value.every((part) => typeof part === 'string');
    const entries = Object.entries(style).filter(([name, value]) => !(name in {}) && (isPlain(value) || isPair(value)));
    kept['style'] = Object.fromEntries(entries);
  }
  return kept;
}

/** A node and what is in it, or nothing. Without recursion: it may be nested as deep as it likes. */
function tree(root: unknown, complain: Complain): Loose | undefined {
  const checked = node(root, complain);
  const open = checked ? [{ from: root as Loose, to: checked, depth: 0 }] : [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, to, depth } = next;
    if (!('childNodes' in to)) continue;
    const children: Loose[] = [];
    for (const child of depth < DEEPEST ? list(from['childNodes']) : []) {
      const kept = node(child, complain);
      if (kept === undefined) continue;
      children.push(kept);
      open.push({ from: child, to: kept, depth: depth + 1 });
    }
    if (depth >= DEEPEST && list(from['childNodes']).length > 0) complain('elements nested too deep');
    to['childNodes'] = children;
  }
  return checked;
}

/** One node, without its children. */
function node(given: unknown, complain: Complain): Loose | undefined {
  if (!isObject(given) || !isId(given['id'])) {
    complain('a node that is none');
    return undefined;
  }
  const kept: Loose = { type: given['type'], id: given['id'] };
  for (const name of ['rootId', 'isShadow', 'isShadowHost', 'isSVG', 'isStyle', 'compatMode', 'isCustom']) {
    if (isPlain(given[name]) && given[name] !== null) kept[name] = given[name];
  }
  const texts = (...names: string[]): void => names.forEach((name) => (kept[name] = textOf(given[name])));
  switch (given['type']) {
    case 0:
      kept['childNodes'] = [];
      return kept;
    case 1:
      texts('name', 'publicId', 'systemId');
      if (!isName(kept['name'])) kept['name'] = 'html';
      return kept;
    case 2: {
      const tag = given['tagName'];
      if (!isName(tag)) {
        complain('an element without a name');
        return undefined;
      }
      kept['tagName'] = tag;
      kept['attributes'] = attributes(given['attributes'], tag);
      kept['childNodes'] = [];
      return kept;
    }
    case 3:
    case 4:
    case 5:
      texts('textContent');
      return kept;
    default:
      complain('a node of no kind');
      return undefined;
  }
}

function mutation(data: Loose, complain: Complain): Loose {
  const adds = list(data['adds']).flatMap((add) => {
    const built = isId(add['parentId']) ? tree(add['node'], complain) : undefined;
    if (built === undefined) return [];
    const near = (name: string): Loose => (isId(add[name]) ? { [name]: add[name] } : { [name]: null });
    return [{ parentId: add['parentId'], ...near('nextId'), ...('previousId' in add ? near('previousId') : {}), node: built }];
  });
  const byId = (name: string): Loose[] => list(data[name]).filter(({ id }) => isId(id));
  return {
    source: 0,
    adds,
    removes: byId('removes').filter(({ parentId }) => isId(parentId)),
    texts: byId('texts').filter(({ value }) => typeof value === 'string' || value === null),
    attributes: byId('attributes').map((change) => ({ id: change['id'], attributes: changes(change['attributes']) })),
    ...(data['isAttachIframe'] === true && { isAttachIframe: true }),
  };
}

/** What rrweb may do with an incremental event; nothing if it is none that is recorded. */
function incremental(data: Loose, complain: Complain): Loose | undefined {
  const id = data['id'];
  switch (data['source']) {
    case 0:
      return mutation(data, complain);
    case 1:
    case 6:
    case 12: {
      const positions = list(data['positions']).filter((at) => isId(at['id']) && ['x', 'y', 'timeOffset'].every((name) => Number.isFinite(at[name])));
      return positions.length > 0 ? { source: data['source'], positions } : undefined;
    }
    case 2:
      if (!isId(id) || !isId(data['type'])) return undefined;
      return { ...data, x: between(data['x'], -FARTHEST, FARTHEST), y: between(data['y'], -FARTHEST, FARTHEST) };
    case 3:
      return isId(id) ? { source: 3, id, x: between(data['x'], -FARTHEST, FARTHEST), y: between(data['y'], -FARTHEST, FARTHEST) } : undefined;
    case 4:
      return { source: 4, width: between(data['width'], 1, WIDEST), height: between(data['height'], 1, WIDEST) };
    case 5:
      return isId(id) && typeof data['text'] === 'string' ? data : undefined;
    case 7:
      return isId(id) && isId(data['type']) ? data : undefined;
    // Rules and styles of sheets, selections, adopted sheets, custom elements.
    case 8:
    case 13:
    case 15:
    case 16:
      return data;
    case 14:
      return Array.isArray(data['ranges']) ? data : undefined;
    // Canvases and fonts are not recorded; to replay one is to call what it says.
    default:
      return undefined;
  }
}

/** `event` as the Replayer may have it; nothing if it is none. */
export function harmless(event: unknown, complain: Complain): eventWithTime | undefined {
  if (!isObject(event) || !isObject(event['data'] ?? {}) || !Number.isFinite(event['timestamp'])) {
    complain('an event that is none');
    return undefined;
  }
  const data = (event['data'] ?? {}) as Loose;
  const { type, timestamp } = event;
  let kept: Loose | undefined;
  switch (type) {
    case 0:
    case 1:
      kept = {};
      break;
    case 2: {
      const root = isObject(data['node']) && data['node']['type'] === 0 ? tree(data['node'], complain) : undefined;
      const offset = isObject(data['initialOffset']) ? data['initialOffset'] : {};
      const side = (name: string): number => between(offset[name], 0, FARTHEST);
      kept = root && { node: root, initialOffset: { left: side('left'), top: side('top') } };
      break;
    }
    case 3:
      kept = incremental(data, complain);
      break;
    case 4:
      kept = { href: String(data['href']), width: between(data['width'], 1, WIDEST), height: between(data['height'], 1, WIDEST) };
      break;
    case 5:
      // Only the dashboard shows what is in it.
      kept = { tag: '', payload: null };
      break;
    default:
  }
  if (kept === undefined) {
    complain(`an event of type ${String(type).slice(0, 20)} that cannot be shown`);
    return undefined;
  }
  return { type, data: kept, timestamp } as unknown as eventWithTime;
}
