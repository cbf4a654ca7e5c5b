/**
 * The journal: batches that are not acknowledged, in IndexedDB, so that they survive the
 * page. What is kept, uploaded and deleted, the engine says by the commands that begin
 * with `!` (see `Engine::commands` in src/engine.rs); here they are carried out, one after
 * the other.
 *
 * Where there is no IndexedDB, or it fails, the page's memory has to do. A database that
 * the browser or another page closed is opened again after a while, and gets anew what is
 * not acknowledged. The while is for a visitor who wants everything deleted: until then
 * all pages have heard of it, and stop.
 */
import { DATABASE } from './config';
import * as wasm from './port';

const STORE = 'batches';

/** A database that does not open within this counts as failed, ms. */
const TIMEOUT = 5_000;

/** After a failure it is opened again so often, unless a batch was written in between; the first time after … */
const TRIES = 5;
/** … this, ms, and each further time after twice as long. */
const PAUSE = 2_000;

export interface Journal {
  /** Carries out a command. */
  obey(command: string): void;
  /** What was asked for so far is done, then the database is left alone. */
  close(): Promise<unknown>;
}

/** The gzip member in `text`, which is base64, inflated. */
async function inflate(text: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

/**
 * A journal. `tails` are what pages wrote when they were left; `tell` does something with
 * the engine, if it still runs, and takes its commands afterwards; `post` is for the page.
 */
export function openJournal(
  tails: string[],
  tell: (work: () => void) => void,
  post: (command: string) => void,
): Journal {
  /** The page loads that left them. */
  const gone = tails.map((tail) => tail.replace(/ .*/s, '')).join('\n');
  let db: IDBDatabase | undefined;
  let closed = false;
  /** Nothing is in it: it may have been deleted a moment ago, and made anew by us. */
  let isEmpty = false;
  let tries = TRIES;
  let isWaiting = false;
  let warned = false;

  /** Closes it; one that is empty goes. */
  const leave = (): void => {
    db?.close();
    db = undefined;
    if (isEmpty) {
      indexedDB.deleteDatabase(DATABASE);
    }
  };

  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      isEmpty = false;
      let late = false;
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        isEmpty = true;
        request.result.createObjectStore(STORE);
      };
      request.onerror = () => reject(request.error!);
      request.onsuccess = () => {
        const opened = request.result;
        if (late) {
          opened.close();
          return;
        }
        if (!opened.objectStoreNames.length) {
          // Who looks for it when it is gone makes one in which nothing can be kept.
          opened.close();
          indexedDB.deleteDatabase(DATABASE);
          again();
          resolve();
          return;
        }
        db = opened;
        // Another page deletes it; or the browser does, or cannot read it any more.
        db.onversionchange = db.onclose = () => {
          opened.close();
          if (db === opened) {
            db = undefined;
            again();
          }
        };
        resolve();
      };
      setTimeout(() => {
        late = true;
        reject(new Error('it does not open'));
      }, TIMEOUT);
    });

  /** Opens it again after a while. */
  const again = (): void => {
    if (closed || isWaiting || !tries) {
      return;
    }
    isWaiting = true;
    const pause = PAUSE * 2 ** (TRIES - tries);
    tries -= 1;
    setTimeout(() => {
      void then(async () => {
        isWaiting = false;
        if (!closed && !db) {
          await open();
          tell(() => wasm.keepAgain(Date.now()));
        }
      });
    }, pause);
  };

  const fail = (error: unknown): void => {
    if (!closed && !warned) {
      warned = true;
      post(`warn IndexedDB cannot be used, what is not uploaded may be lost with the page: ${String(error)}`);
    }
    if (tries) {
      db?.close();
      db = undefined;
      again();
    } else {
      leave();
    }
  };

  /** Resolves when the transaction is complete. */
  const act = <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      if (!db) {
        resolve(undefined);
        return;
      }
      const transaction = db.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error!);
    });

  const run = async (command: string): Promise<void> => {
    const [verb = ''] = command.split(' ', 1);
    const text = command.slice(verb.length + 1);
    if (verb === '!keep') {
      let batch: Uint8Array | undefined;
      tell(() => (batch = wasm.batch()));
      // Without a database it is dropped: it is in memory, too.
      const [line = '', , tab] = text.split(' ');
      if (batch && (await act('readwrite', (store) => store.put(batch, text.slice(line.length + 1))))) {
        isEmpty = false;
        tries = TRIES;
        post(`kept ${tab} ${line}`);
      }
    } else if (verb === '!drop') {
      const [from, to] = text.split('\t');
      await act('readwrite', (store) => store.delete(IDBKeyRange.bound(from, to)));
    } else if (verb === '!survey') {
      const keys = await act('readonly', (store) => store.getAllKeys());
      tell(() => wasm.survey((keys as string[] | undefined)?.join('\n') ?? '', gone, Date.now()));
    } else if (verb === '!load') {
      const batch = (await act('readonly', (store) => store.get(text))) as Uint8Array | undefined;
      tell(() => batch && wasm.take(batch, Date.now()));
    } else {
      setTimeout(() => journal.obey('!survey'), Number(text));
    }
  };

  /** Takes a tail up, see `readTails` in leave.ts; one that cannot be read is none. */
  const takeUp = async (tail: string): Promise<void> => {
    const [tab, lost = '', ...bodies] = tail.split(' ');
    if (lost) {
      post(`lost ${lost.replace(',', ' ')}`);
    }
    if (!bodies.length) {
      return;
    }
    try {
      const bytes = new Uint8Array(await new Blob(await Promise.all(bodies.map(inflate))).arrayBuffer());
      tell(() => wasm.take(bytes, Date.now()));
    } catch {
      // The page may forget it.
      post(`acked ${tab} 0 0 0`);
    }
  };

  let queue: Promise<unknown> = open().catch(fail);
  const then = (work: () => Promise<unknown>): Promise<unknown> => (queue = queue.then(work).catch(fail));

  const journal: Journal = {
    obey: (command) => void then(() => run(command)),
    close: () =>
      then(async () => {
        closed = true;
        const left = await act('readonly', (store) => store.count());
        isEmpty ||= left === 0;
        leave();
      }),
  };
  journal.obey('!survey');
  // Behind the batches that this finds, which come first.
  void then(() => {
    tails.forEach((tail) => void then(() => takeUp(tail)));
    return Promise.resolve();
  });
  return journal;
}
