/**
 * What only the DOM can tell about masking.
 *
 * The rest is core/src/mask: it masks every event again, and of an element that it does
 * not see (mutations name ids only) it lets a value pass only if it is marked here.
 *
 * rrweb calls `input` for the value of a form control (snapshot, mutation of `value`,
 * input event) and `text` for texts inside of what `selector` matches. It does not look
 * beyond shadow roots and frames, and leaves other attributes alone; `fix` does that.
 */
import type { eventWithTime, mutationData, serializedNodeWithId } from '@rrweb/types';
import { cut } from './browser';
import type { Config } from './config';
import { toJson } from './json';
import { block as BLOCK, ignore as IGNORE, lifted, locked as LOCKED, mask as MASK, secret, typed, unmasked as UNMASKED } from './policy.json';
import { ELEMENT, FULL_SNAPSHOT, INCREMENTAL, INPUT, MUTATION, STYLES, TEXT } from './rrweb';

/** Attributes that a person reads, or a program keeps data in. */
const TEXTUAL = /^(title|alt|placeholder|label|summary|value|aria-(label|desc|val|place|role|br)|data-(?!rr-|sentiero-))/i;

/** Of what is forbidden or secret, what stays of attributes: nothing that a person reads. */
const KEPT =
  /^(id|class|style|type|role|dir|src|srcset|href|hidden|width|height|d|transform|_csstext|rr_(width|height|open_mode|mediastate)|aria-(hidden|expanded|checked|selected|disabled|pressed|current))$/i;

/** What is typed, and may be an e-mail, a card or a telephone number of which not all is there yet. */
const PARTLY = /@|(\d\D*){10}/;

/** By these a page says what may be recorded. */
const RULES = /^data-(rr-(block|mask|ignore)|sentiero-unmask)$/i;

/** Of these the value is a label. */
const LABELS = /^(button|submit|reset|image)$/;

/** What of a change of a style sheet says where it is: in an element, or one that a script made. */
interface StyleChange {
  id?: number;
  styleId?: number;
  styleIds?: number[];
}

export interface Mask {
  /** What is blocked, and where nothing is recorded that is typed: the attributes, and what the page adds. */
  block: string;
  ignore: string;
  /** For rrweb's `maskTextSelector`. */
  selector: string;
  /** For rrweb's `maskInputFn`. */
  input(text: string, element: Element): string;
  /** For rrweb's `maskTextFn`. */
  text(text: string, element: Element | null): string;
  /** A text of the page, as it may stand in an event of our own. */
  show(text: string, element: Element): string;
  /** Remembers what is secret in a tree that is not recorded now. */
  seen(node: Node): void;
  /** Masks in place what rrweb left; false if the event must not be recorded at all. */
  fix(event: eventWithTime): boolean;
}

/** No frame is around the page itself. */
const isTop = top === window;

/** The element around the tree that `node` is in: a shadow host, or a frame. */
function host(node: Node): Element | null {
  const root = node.getRootNode() as { host?: Element; defaultView?: Window | null };
  if (isTop && root === document) {
    // By far the most are here, and to ask for a frame is slow.
    return null;
  }
  return root.host ?? root.defaultView?.frameElement ?? null;
}

/** Whether `element` or one around it matches. */
export function within(element: Element | null, selector: string): boolean {
  for (let at = element; at; at = host(at)) {
    if (at.closest(selector)) {
      return true;
    }
  }
  return false;
}

/** Declarations, rules, or what changes these, without what they say. */
function masked<T>(style: T): T {
  return JSON.parse(toJson(style), (name, value: unknown) =>
    typeof value !== 'string' ? value : name.startsWith('--') ? MASK : value.replace(/(["'])(?:\\.|(?!\1).)*\1/gs, `"${MASK}"`),
  ) as T;
}

/**
 * What the option `name` adds to a list of selectors. Throws if it is none: taken for one that
 * matches nothing, it would hide nothing, and nobody would know.
 */
function added({ options }: Config, name: 'blockSelector' | 'maskTextSelector' | 'ignoreSelector'): string {
  const given = options[name];
  if (given === undefined) {
    return '';
  }
  // Whatever the end of a text closes by itself (brackets, strings, comments) would go on in the
  // list. And `:not` takes no `::before`, which is a selector that no element matches.
  const list = `${given}/**/\n`;
  try {
    if (document.documentElement.matches(`${list},:not(${list})`)) {
      return `,${list}`;
    }
  } catch {
    // See below.
  }
  throw new Error(`${name} is no CSS selector: ${given}`);
}

/**
 * `nodeOf` finds a recorded node; `changed` is told when a page changes what may be recorded.
 * Throws if the page's own selectors are none.
 */
export function createMask(config: Config, nodeOf: (id: number) => Node | null, changed: () => void): Mask {
  const { mask: mode } = config;
  const ownBlock = added(config, 'blockSelector');
  const ownLock = added(config, 'maskTextSelector');
  const block = BLOCK + ownBlock;
  const locked = LOCKED + ownLock;
  const ignore = IGNORE + added(config, 'ignoreSelector');
  const own = (ownBlock + ownLock).slice(1);
  const selector = mode === 'text' ? '*' : `${typed},${locked}`;
  /** Whatever may have a say in what is recorded of an element: see `isPlain`. */
  const special = `input,textarea,select,${block},${locked}`;
  /** What the page's own selectors hid when it was looked at last. */
  const hidden = new WeakSet<Node>();
  // An input that ever was a password stays one.
  const secrets = new WeakSet<Element>();
  /** Style sheets of scripts, by rrweb's ids, that were put where everything is masked. */
  const sheets = new Set<number | undefined>();

  const isFinal = (element: Element): boolean => {
    if (element.closest('input,textarea,select')?.matches(secret)) {
      secrets.add(element);
    }
    return secrets.has(element) || within(element, locked);
  };

  const text = (value: string, element: Element | null): string => {
    if (!value.trim()) {
      return value;
    }
    if (!element || isFinal(element) || within(element, ignore) || (PARTLY.test(value) && element.closest(typed))) {
      return MASK;
    }
    if (within(element, lifted)) {
      return UNMASKED + value;
    }
    // Not marked: a site whose least is more than that masks it at the edge.
    return mode === 'none' ? value : MASK;
  };

  const input = (value: string, element: Element): string => {
    const isLabel = mode === 'inputs' && LABELS.test((element as HTMLInputElement).type) && !isFinal(element);
    return isLabel && value ? UNMASKED + value : text(value, element);
  };

  /** Elements that are plain, while an event is looked at: the page does not change meanwhile. */
  const plain = new Set<Element>();

  /**
   * Whether `element` is in the page itself, and neither it nor one around it is blocked, masked
   * or a form control. Most are, and then there is no need to look for each of these.
   */
  const isPlain = (element: Element | null): boolean => {
    if (!element || plain.has(element)) {
      return element !== null;
    }
    const around = element.parentElement;
    const isSo =
      !secrets.has(element) &&
      (around && plain.has(around) ? !element.matches(special) : isTop && element.getRootNode() === document && !element.closest(special));
    if (isSo) {
      plain.add(element);
    }
    return isSo;
  };

  /** Not masked yet, though inside of what is to be. */
  const isOpen = (value: unknown, element: Element | null): value is string =>
    typeof value === 'string' &&
    value !== MASK &&
    value[0] !== UNMASKED &&
    (within(element, selector) || element?.ownerDocument.designMode === 'on');

  /** The element that a recorded node is, or is in. */
  const elementOf = (id: number): Element | null => {
    const node = nodeOf(id);
    return node && (node.nodeType === Node.ELEMENT_NODE ? (node as Element) : (node.parentElement ?? host(node)));
  };

  /** rrweb does not look out of shadow roots and frames, and hardly up from texts. */
  const isBlocked = (id: number): boolean => {
    const element = elementOf(id);
    return !isPlain(element) && within(element, block);
  };

  /** A text that rrweb could not see from inside of a shadow root or a frame. */
  const fixText = (value: string, id: number): string => {
    const around = elementOf(id);
    const isInPage = isPlain(around) || nodeOf(id)?.getRootNode() === document;
    const parent = isInPage && document.designMode !== 'on' ? null : around;
    return isOpen(value, parent) ? text(value, parent) : value;
  };

  const fixAttributes = (values: Record<string, unknown>, id: number): void => {
    const element = nodeOf(id) as Element | null;
    const final = element && !isPlain(element) && isFinal(element);
    for (const name in values) {
      const value = values[name];
      if (element?.tagName === 'IFRAME' && name.endsWith('src') && typeof value === 'string') {
        // Rust does not know that it is a frame: its address is followed, not shown.
        values[name] = cut(value);
      } else if (final && name === 'style') {
        values[name] = masked(value);
      } else if (final && value && typeof value === 'string' && !KEPT.test(name)) {
        values[name] = MASK;
      } else if (TEXTUAL.test(name) && isOpen(value, element)) {
        values[name] = text(value, element);
      }
    }
  };

  /** Looks whether the page's own selectors hide an element; true if that has changed. */
  const turns = (id: number): boolean => {
    const element = nodeOf(id) as Element | null;
    if (!own || !element) {
      return false;
    }
    const is = element.matches(own);
    const was = hidden.has(element);
    hidden[is ? 'add' : 'delete'](element);
    return is !== was;
  };

  /** Of a snapshot (`isWhole`) Rust sees all elements: it masks what is in those that say so. */
  const fixNode = (node: serializedNodeWithId, isWhole: boolean): void => {
    if (node.type === ELEMENT) {
      turns(node.id);
      if (hidden.has(nodeOf(node.id)!)) {
        node.attributes['data-rr-mask'] = '';
      }
      if (!isWhole) {
        fixAttributes(node.attributes, node.id);
      }
    } else if (node.type === TEXT && !isWhole) {
      node.textContent = fixText(node.textContent, node.id);
    }
    if ('childNodes' in node) {
      node.childNodes.forEach((child) => fixNode(child, isWhole));
    }
  };

  /** False if nothing is left of it. */
  const fixMutation = (data: mutationData): boolean => {
    if (data.attributes.some(({ attributes, id }) => turns(id) || Object.keys(attributes).some((name) => RULES.test(name)))) {
      changed();
    }
    // What was recorded before it was blocked is still known, and still observed.
    data.adds = data.adds.filter(({ parentId }) => !isBlocked(parentId));
    data.texts = data.texts.filter(({ id }) => !isBlocked(id));
    data.attributes = data.attributes.filter(({ id }) => !isBlocked(id));
    data.adds.forEach(({ node }) => fixNode(node, false));
    data.texts.forEach((change) => {
      change.value &&= fixText(change.value, change.id);
    });
    data.attributes.forEach(({ attributes, id }) => fixAttributes(attributes, id));
    return [data.adds, data.removes, data.texts, data.attributes].some(({ length }) => length);
  };

  /** A sheet is masked as the element is that it stands in. */
  const fixStyle = (event: { data: StyleChange }): boolean => {
    const { id = 0, styleId, styleIds } = event.data;
    const element = elementOf(id);
    if (element ? isFinal(element) : sheets.has(styleId)) {
      styleIds?.forEach((sheet) => sheets.add(sheet));
      event.data = masked(event.data);
    }
    return !isBlocked(id);
  };

  return {
    block,
    ignore,
    selector,
    input,
    text,
    show: (value, element) => (isOpen(value, element) ? text(value, element) : value),
    seen(node) {
      [node as Element, ...((node as Partial<Element>).querySelectorAll?.('input,textarea,select') ?? [])].forEach(
        (element) => element.nodeType === Node.ELEMENT_NODE && isFinal(element),
      );
    },
    fix(event) {
      plain.clear();
      const isEdited = document.designMode === 'on';
      if (event.type === FULL_SNAPSHOT && (own || isEdited)) {
        fixNode(event.data.node, !isEdited);
      } else if (event.type !== INCREMENTAL) {
        return true;
      } else if (event.data.source === MUTATION) {
        return fixMutation(event.data);
      } else if (event.data.source === INPUT) {
        const { id } = event.data;
        const element = elementOf(id);
        if (element && isFinal(element)) {
          // Of boxes, rrweb does not mask the value.
          event.data.text = MASK;
        }
        // What is not in the recording has no element.
        return !!element && !isBlocked(id) && !within(element, ignore);
      } else if (STYLES.includes(event.data.source)) {
        return fixStyle(event as { data: StyleChange });
      }
      return true;
    },
  };
}
