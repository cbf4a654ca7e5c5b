/** What captures have in common. */
import { within } from '../mask';

/** What the recorder lends to them. Nothing is added while the page is not recorded. */
export interface Tools {
  /** Adds an event; `payload` is anything JSON can say. */
  add(tag: string, payload: unknown): void;
  /** Adds facts of the visit, also to each visit that follows on this page. */
  tell(tag: string, facts: object): void;
  /** A text of the page, as it may stand in an event. */
  show(text: string, element: Element): string;
  /** Selectors of what is blocked, and of where nothing is recorded that is typed. */
  block: string;
  ignore: string;
  /** The number by which the recording knows a node; -1 if it does not. */
  idOf(node: Node): number;
  /** Calls `work` when the page is hidden or left, while there is time to add an event. */
  onHide(work: () => void): void;
}

/** Undoes what was begun. */
export type End = () => void;

/** What a page asked for, for the recorder. */
export interface Captures {
  /** Adds what was kept until the page is hidden or left. */
  report(): void;
  close: End;
}

/** `work`, without a way for an exception to reach the page. What threw is not recorded. */
export function guarded<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      work(...args);
    } catch {
      // A page can make anything throw: an attribute's getter, a rejected proxy.
    }
  };
}

/** Listens before the page does: what stops an event there hides it from nobody here. */
export function listen<E extends Event>(target: EventTarget, type: string, work: (event: E) => void): End {
  const listener = guarded(work) as EventListener;
  target.addEventListener(type, listener, true);
  return () => target.removeEventListener(type, listener, true);
}

/** The elements that an event happened in, innermost first, also inside of open shadow roots. */
export function elements(event: Event): Element[] {
  return event.composedPath().filter((target): target is Element => target instanceof Element);
}

/** A text of at most `length` characters; undefined, which JSON leaves out, if there is none. */
export function short(text: string | null | undefined, length: number): string | undefined {
  return text?.slice(0, length) || undefined;
}

/**
 * What a visitor reads of `around`, at most `length` characters, each piece masked by the
 * element that it is in; nothing of what is in elements that match `without`.
 */
export function textOf(around: Element, { show, block }: Tools, length: number, without = 'noscript'): string | undefined {
  const walker = document.createTreeWalker(around, NodeFilter.SHOW_TEXT);
  let text = '';
  while (walker.nextNode() && text.length < 4 * length) {
    const { parentElement, nodeValue } = walker.currentNode;
    if (parentElement && !within(parentElement, `script,style,${without},${block}`)) {
      text += show(nodeValue ?? '', parentElement);
    }
  }
  return short(text.replace(/\s+/g, ' ').trim(), length);
}

/**
 * Lets `burst` events through at once and `perMinute` in the long run. Gives how many were
 * held back since the last one that was let through; undefined if this one is.
 */
export function throttle(burst: number, perMinute: number): () => number | undefined {
  let left = burst;
  let at = performance.now();
  let held = 0;
  return () => {
    const now = performance.now();
    left = Math.min(burst, left + ((now - at) / 60_000) * perMinute);
    at = now;
    if (left < 1) {
      held += 1;
      return undefined;
    }
    left -= 1;
    const before = held;
    held = 0;
    return before;
  };
}

/** The field that says how many events were held back before this one, if any were. */
export function skipped(count: number): { skipped?: number } {
  return count ? { skipped: count } : {};
}
