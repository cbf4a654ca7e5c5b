/**
 * The last uploads of a page: those of a worker would not survive it.
 *
 * Runs on the page's thread, but is part of engine.js, which the first event does not
 * wait for, and without which there is nothing to send.
 */
import { Source, Tail } from '../pkg/recorder_wasm.js';
import { beaconBytes } from './policy.json';
import type { Stream } from './outbox';

/** Without a word about what came of it: nobody is left to hear it. */
async function post(upload: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await fetch(upload, { method: 'POST', body, credentials: 'omit' });
  } catch {
    // As above.
  }
}

/**
 * Sends everything that is not acknowledged, masked and packed at once by the engine.
 *
 * The oldest events go by beacon, as far as the quota reaches that all beacons and
 * keepalive requests of a page share; the rest by plain requests, which may or may not
 * arrive. What the worker has uploaded meanwhile, the edge drops by index.
 */
export function sendTail(
  upload: string,
  streams: Stream[],
  source: (stream: Stream) => string,
): void {
  let quota = beaconBytes;
  for (const stream of streams) {
    const [oldest] = stream.batches;
    const from = oldest && Source.of(source(stream));
    if (!from) {
      continue;
    }
    const text = stream.batches.map((batch) => batch.text).join('\n');
    const tail = new Tail(from, stream.seq, oldest.first, new TextEncoder().encode(text), Date.now());
    for (let bytes; (bytes = tail.next(beaconBytes)); ) {
      const body = bytes as Uint8Array<ArrayBuffer>;
      if (body.length <= quota && navigator.sendBeacon(upload, body)) {
        quota -= body.length;
      } else {
        void post(upload, body);
      }
    }
  }
}
