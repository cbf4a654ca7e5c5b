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
import type { eventWithTime, serializedNodeWithId } from '@rrweb/types';
import type { MaskMode } from './config';
import { lifted, locked, mask as MASK, secret, typed, unmasked as UNMASKED } from './policy.json';
import { ELEMENT, INCREMENTAL, MUTATION, TEXT } from './rrweb';

/** Attributes that a person reads, or a program keeps data in. */
const TEXTUAL = /^(title|alt|placeholder|label|summary|value|aria-(label|desc|val|place|role|br)|data-(?!rr-|sentiero-))/i;

/** Of these the value is a label. */
const LABELS = /^(button|submit|reset|image)$/;

export interface Mask {
  /** For rrweb's `maskTextSelector`. */
  selector: string;
  /** For rrweb's `maskInputFn`. */
  input(text: string, element: Element): string;
  /** For rrweb's `maskTextFn`. */
  text(text: string, element: Element | null): string;
  /** Masks in place what rrweb left. */
  fix(event: eventWithTime): void;
}

/** The element around the tree that `node` is in: a shadow host, or a frame. */
function host(node: Node): Element | null {
  const root = node.getRootNode() as { host?: Element; defaultView?: Window | null };
  return root.host ?? root.defaultView?.frameElement ?? null;
}

/** Whether `element` or one around it matches. */
function within(element: Element | null, selector: string): boolean {
  for (let at = element; at; at = host(at)) {
    if (at.closest(selector)) {
      return true;
    }
  }
  return false;
}

/** `nodeOf` finds a recorded node. */
export function createMask(mode: MaskMode, nodeOf: (id: number) => Node | null): Mask {
  const selector = mode === 'text' ? '*' : `${locked},${typed}`;
  // An input that ever was a password stays one.
  const secrets = new WeakSet<Element>();

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
    if (!element || isFinal(element)) {
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

  /** Not masked yet, though inside of what is to be. */
  const isOpen = (value: unknown, element: Element | null): value is string =>
    typeof value === 'string' && value !== MASK && value[0] !== UNMASKED && within(element, selector);

  /** A text that rrweb could not see from inside of a shadow root or a frame. */
  const fixText = (value: string, id: number): string => {
    const node = nodeOf(id);
    const parent = node && node.getRootNode() !== document ? (node.parentElement ?? host(node)) : null;
    return isOpen(value, parent) ? text(value, parent) : value;
  };

  const fixNode = (node: serializedNodeWithId): void => {
    if (node.type === ELEMENT) {
      const element = nodeOf(node.id) as Element | null;
      const values = node.attributes;
      for (const name in values) {
        const value = values[name];
        if (TEXTUAL.test(name) && isOpen(value, element)) {
          values[name] = text(value, element);
        }
      }
    } else if (node.type === TEXT) {
      node.textContent = fixText(node.textContent, node.id);
    }
    if ('childNodes' in node) {
      node.childNodes.forEach(fixNode);
    }
  };

  return {
    selector,
    input,
    text,
    fix(event) {
      if (event.type === INCREMENTAL && event.data.source === MUTATION) {
        event.data.adds.forEach(({ node }) => fixNode(node));
        event.data.texts.forEach((change) => {
          change.value &&= fixText(change.value, change.id);
        });
      }
    },
  };
}
