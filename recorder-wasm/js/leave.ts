/**
 * The last uploads of a page: those of a worker would not survive it.
 *
 * Runs on the page's thread, but is part of engine.js, which the first event does not
 * wait for, and without which there is nothing to send.
 */
import { read, tailKeys, write } from './browser';
import { TAIL_KEY } from './config';
import { beaconBytes, tailChars } from './policy.json';
import type { Batch, Stream } from './outbox';
import * as wasm from './port';

/** Bytes as text, for a storage that has nothing else. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return btoa(text);
}

/** Keeps the tail of the page load `tab`; the oldest sessions' make room for it. */
function keepTail(tab: string, tail: string): void {
  try {
    let room = tailChars - tail.length;
    // A tail begins with its session's id, and that with its time.
    const others = tailKeys().map((key) => ({ key, text: read('localStorage', key) ?? '' }));
    for (const { key, text } of others.sort((a, b) => (a.text < b.text ? 1 : -1))) {
      room -= text.length;
      if (room < 0) {
        write('localStorage', key);
      }
    }
    write('localStorage', TAIL_KEY + tab, tail);
  } catch {
    // Storage is denied.
  }
}

/**
 * The bodies of `batches`, numbered from `seq` on, the first event of which has the index
 * `first`; and the index of the event that comes next.
 */
function pack(source: string, seq: number, first: number, batches: Batch[]): { bodies: Uint8Array[]; next: number } {
  const bodies: Uint8Array[] = [];
  const text = batches.map((batch) => batch.text).join('\n');
  if (!text || !wasm.openTail(source, seq, first, text, Date.now())) {
    return { bodies, next: first };
  }
  for (let body; (body = wasm.nextBody(beaconBytes)); ) {
    bodies.push(body);
  }
  return { bodies, next: wasm.firstLeft() };
}

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
 *
 * Nobody hears what becomes of them. So what is not in the journal yet is kept in
 * localStorage, too, until a later page knows (`readTails`).
 */
export function sendTail(
  upload: string,
  streams: Stream[],
  source: (stream: Stream) => string,
): void {
  const bodies: Uint8Array[] = [];
  for (const stream of streams) {
    const { sid, tab, kept, shift, batches } = stream;
    const oldest = batches[0]?.first ?? 0;
    const early = pack(source(stream), stream.seq, oldest + shift, batches.filter(({ first }) => first < kept));
    const late = pack(source(stream), stream.seq + early.bodies.length, early.next, batches.filter(({ first }) => first >= kept));
    bodies.push(...early.bodies, ...late.bodies);
    let tail = `${sid} ${upload}`;
    for (const body of late.bodies) {
      const text = base64(body);
      if (tail.length + text.length > tailChars) {
        break;
      }
      tail += ` ${text}`;
    }
    if (late.bodies.length) {
      keepTail(tab, tail);
    }
  }
  let quota = beaconBytes;
  for (const bytes of bodies) {
    const body = bytes as Uint8Array<ArrayBuffer>;
    if (body.length <= quota && navigator.sendBeacon(upload, body)) {
      quota -= body.length;
    } else {
      void post(upload, body);
    }
  }
}

/** The tails that pages left behind which upload to `upload`: the page load's id, and bodies. */
export function readTails(upload: string): string[] {
  try {
    return tailKeys().flatMap((key) => {
      const [, url, ...bodies] = (read('localStorage', key) ?? '').split(' ');
      return url === upload ? [[key.slice(TAIL_KEY.length), ...bodies].join(' ')] : [];
    });
  } catch {
    return [];
  }
}
