/**
 * The engine: the wasm module and what it cannot do itself: fetching, timers, storing.
 *
 * Loaded twice: by a dedicated worker, where it serves the page's thread, and by the
 * page's thread, for what must be synchronous there (whose visit it is, the last bodies
 * of a page that is being left) or for everything, where no worker can be made.
 */
import { openJournal, type Journal } from './journal';
import type { FromEngine, ToEngine } from './messages';
import * as wasm from './port';

export { correct, init, look, tab_id, until, use_of, visit, window_id } from './port';
export { readTails, sendTail } from './leave';

/** An upload without an answer for this long is given up and sent again, ms. */
const TIMEOUT = 30_000;

interface Answer {
  status: number;
  body: Uint8Array;
  /** ms; 0 if it was not said. */
  retryAfter: number;
}

const NO_ANSWER: Answer = { status: 0, body: new Uint8Array(), retryAfter: 0 };

/** Posts `body` as untyped bytes: that needs no preflight. */
async function upload(url: string, body: Uint8Array): Promise<Answer> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer>,
      credentials: 'omit',
      signal: abort.signal,
    });
    return {
      status: response.status,
      body: new Uint8Array(await response.arrayBuffer()),
      // In seconds. Its other form, a date, is not a number, and counts as not said.
      retryAfter: Number(response.headers.get('Retry-After')) * 1000,
    };
  } catch {
    return NO_ANSWER;
  } finally {
    clearTimeout(timer);
  }
}

/** Compiles the engine; undefined where CSP forbids it. */
export async function compile(url: string): Promise<WebAssembly.Module | undefined> {
  try {
    const response = await fetch(url, { credentials: 'omit' });
    // Streaming needs the right media type of every host, and gains nothing at this size.
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** A running engine: takes messages, answers by `post`; `finished` after the message `stop`. */
export function serve(post: (message: FromEngine) => void, finished?: () => void): (message: ToEngine) => void {
  let runs = false;
  let journal: Journal | undefined;
  let url = '';
  let busy = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = (text: string): void => {
    // What threw once must not be called again: wasm may have left half a change behind.
    // A timer that is left finds that nothing runs.
    runs = false;
    void journal?.close();
    post(text);
  };

  const fail = (error: unknown): void => stop(`stop of an internal error: ${String(error)}`);

  const guard = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };

  /** Passes on what the engine wants of others. */
  const pass = (): void => {
    for (const text of runs ? wasm.commands().split('\n') : []) {
      if (text.startsWith('!')) {
        journal?.obey(text);
      } else if (text) {
        post(text);
      }
    }
  };

  const pump = (): void => {
    const body = busy || !runs ? undefined : wasm.poll(Date.now());
    pass();
    if (!runs || busy) {
      return;
    }
    clearTimeout(timer);
    if (body) {
      busy = true;
      void send(body);
      return;
    }
    const at = wasm.wakeAt();
    if (at < Infinity) {
      timer = setTimeout(() => guard(pump), Math.max(0, at - Date.now()));
    }
  };

  /** Without `then`: on the page's thread it is the page's. */
  const send = async (body: Uint8Array): Promise<void> => {
    try {
      answered(await upload(url, body));
    } catch (error) {
      fail(error);
    }
  };

  const answered = ({ status, body, retryAfter }: Answer): void => {
    busy = false;
    tell(() => wasm.answer(status, body, retryAfter, Date.now()));
  };

  const tell = (work: () => void): void =>
    guard(() => {
      if (runs) {
        work();
      }
      pump();
    });

  const obey = (message: ToEngine): void => {
    if (message.type === 'push') {
      wasm.push(message.text, Date.now());
    } else if (message.type === 'flush') {
      wasm.flush();
    } else if (message.type === 'rotate') {
      wasm.rotate(message.source);
    } else if (message.type === 'resign') {
      wasm.resign(message.tab, message.visit, Date.now());
    }
  };

  const handle = (message: ToEngine): void => {
    if (message.type === 'compile') {
      void compile(message.wasm).then(post);
      return;
    }
    if (message.type === 'start') {
      wasm.init(message.module);
      url = message.upload;
      runs = wasm.open(url, message.source);
      if (!runs) {
        stop('stop data-redact-patterns holds what is no pattern');
        return;
      }
      journal = openJournal(message.tails, tell, post);
      addEventListener('online', () => tell(wasm.hurry));
    } else if (message.type === 'stop') {
      if (runs) {
        wasm.forget();
        pass();
      }
      runs = false;
      void Promise.resolve(journal?.close()).then(finished);
    } else if (runs) {
      obey(message);
    }
    pump();
  };

  return (message) => guard(() => handle(message));
}

/** What this file needs of a worker's global scope. */
interface Scope {
  onmessage: ((event: MessageEvent<ToEngine | { type?: undefined }>) => void) | null;
  postMessage(message: FromEngine): void;
  close(): void;
}

if (typeof document === 'undefined') {
  const scope = self as unknown as Scope;
  const handle = serve((message) => scope.postMessage(message), () => scope.close());
  scope.onmessage = ({ data }) => {
    if (data.type) {
      handle(data);
    }
  };
  scope.postMessage('hello');
}
