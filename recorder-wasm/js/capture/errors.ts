/** Errors that nothing caught, and what a page asked for and did not get. */
import type { Config } from '../config';
import { within } from '../mask';
import { guarded, listen, short, skipped, throttle, type End, type Tools } from './tools';

const TAG = 'error';
const MESSAGE = 1_024;
const STACK = 4_096;

/** Different errors that are counted at a time. */
const MAX_SEEN = 200;

/** A stack in which addresses have no query: redaction would take the position away with it. */
function stackOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  return short(stack?.slice(0, 4 * STACK).replace(/[?#][^\s()]*?(?=:\d+:\d+)/g, ''), STACK);
}

/** Elements that load something which the page is not itself without. */
const LOADED = ['img', 'script', 'link', 'source', 'video', 'audio', 'track', 'embed', 'object', 'image'];

/** What an element was to load: its address, if it is one on the web. */
function addressOf(element: Element): string | undefined {
  const name = ['href', 'src', 'data'].find((attribute) => element.hasAttribute(attribute));
  const { currentSrc } = element as Partial<HTMLMediaElement>;
  const address = new URL(currentSrc || element.getAttribute(name ?? '') || '', element.baseURI);
  return /^https?:$/.test(address.protocol) ? address.href : undefined;
}

export function errors(tools: Tools, _value: string, config: Config): End {
  const pass = throttle(20, 20);
  const seen = new Map<string, number>();

  /** Of an error that repeats, the 1st, 10th, 100th … are recorded. */
  const add = (error: Record<string, unknown>): void => {
    const key = [error.message, error.source, error.lineno, error.stack].join('\n');
    if (seen.size >= MAX_SEEN && !seen.has(key)) {
      seen.clear();
    }
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    const held = /^10*$/.test(String(count)) ? pass() : undefined;
    if (held !== undefined) {
      tools.add(TAG, { ...error, ...(count > 1 && { count }), ...skipped(held) });
    }
  };

  const thrown = ({ message, filename, lineno, colno, error }: ErrorEvent): void =>
    add({
      message: short(message, MESSAGE) ?? 'Error without a message',
      source: short(filename, MESSAGE),
      lineno,
      colno,
      stack: stackOf(error),
    });

  const rejected = ({ reason, type }: PromiseRejectionEvent): void => {
    const said: unknown = reason instanceof Error ? reason.message : reason;
    const message = (typeof said === 'string' && short(said, MESSAGE)) || 'Promise rejected';
    add({ message, stack: stackOf(reason), type });
  };

  /** Of what is blocked, and of what the page itself holds, nothing is said. */
  const missing = (element: Element): void => {
    const { localName } = element;
    const source = LOADED.includes(localName) && !within(element, tools.block) ? addressOf(element) : undefined;
    if (source) add({ message: `ResourceError: ${localName} did not load`, source: short(source, MESSAGE), type: 'resource' });
  };

  const caught = (event: Event): void => {
    if (event instanceof ErrorEvent) {
      thrown(event);
    } else if (event instanceof PromiseRejectionEvent) {
      rejected(event);
    } else if (event.target instanceof Element) {
      missing(event.target);
    }
  };

  const ends = ['error', 'unhandledrejection'].map((type) => listen(window, type, caught));
  config.errors?.splice(0).forEach(guarded(caught));
  config.errors = undefined;
  return () => ends.forEach((end) => end());
}
