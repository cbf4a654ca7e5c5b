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

/**
 * Behind the addresses of a tail: how many events are in it, and of how many page loads how
 * many events were given up, of this one or for want of room for others.
 */
const COUNT = /^~(\d+),(\d+),(\d+)$/;

/** Characters that the counts may need more than they have at first. */
const ROOM = 30;

interface Tail {
  sid: string;
  upload: string;
  events: number;
  lost: { pages: number; events: number };
  bodies: string[];
}

function readTail(key: string): Tail {
  const [sid = '', upload = '', ...rest] = (read('localStorage', key) ?? '').split(' ');
  const [, events = 0, pages = 0, missing = 0] = COUNT.exec(rest[0] ?? '') ?? [];
  // Those of older versions have no count.
  const bodies = rest.filter((word) => !word.startsWith('~'));
  return { sid, upload, events: Number(events), lost: { pages: Number(pages), events: Number(missing) }, bodies };
}

function textOf({ sid, upload, events, lost, bodies }: Tail): string {
  return [sid, upload, `~${events},${lost.pages},${lost.events}`, ...bodies].join(' ');
}

/** Keeps the tail of the page load `tab`; the oldest sessions' make room for it. */
function keepTail(tab: string, tail: Tail): void {
  const give = (pages: number, events: number): void => {
    tail.lost.pages += pages;
    tail.lost.events += events;
  };
  try {
    let room = tailChars - textOf(tail).length;
    const others = tailKeys().map((key) => ({ key, chars: read('localStorage', key)?.length ?? 0, tail: readTail(key) }));
    // A session's id begins with its time.
    for (const { key, chars, tail: other } of others.sort((a, b) => (a.tail.sid < b.tail.sid ? 1 : -1))) {
      room -= chars;
      if (room < 0) {
        give(1 + other.lost.pages, other.events + other.lost.events);
        write('localStorage', key);
      }
    }
    const text = textOf(tail);
    write('localStorage', TAIL_KEY + tab, text);
    if (read('localStorage', TAIL_KEY + tab) !== text) {
      // The storage is full; what is lost has room.
      give(Number(!tail.lost.pages), tail.events);
      write('localStorage', TAIL_KEY + tab, textOf({ ...tail, events: 0, bodies: [] }));
    }
  } catch {
    // Storage is denied.
  }
}

interface Body {
  bytes: Uint8Array<ArrayBuffer>;
  /** One past the index of its last event. */
  end: number;
}

/** One past the last event in `bodies`, which begin with the event `first`. */
const endOf = (bodies: Body[], first: number): number => bodies[bodies.length - 1]?.end ?? first;

/** The bodies of `batches`, numbered from `seq` on, the first event of which has the index `first`. */
function pack(source: string, seq: number, first: number, batches: Batch[]): Body[] {
  const bodies: Body[] = [];
  const text = batches.map((batch) => batch.text).join('\n');
  if (text && wasm.openTail(source, seq, first, text, Date.now())) {
    for (let bytes; (bytes = wasm.nextBody(beaconBytes)); ) {
      bodies.push({ bytes, end: wasm.firstLeft() });
    }
  }
  return bodies;
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
  const all: Body[] = [];
  for (const stream of streams) {
    const { sid, tab, kept, shift, seq, batches } = stream;
    const oldest = (batches[0]?.first ?? 0) + shift;
    const early = pack(source(stream), seq, oldest, batches.filter(({ first }) => first < kept));
    const from = endOf(early, oldest);
    const late = pack(source(stream), seq + early.length, from, batches.filter(({ first }) => first >= kept));
    all.push(...early, ...late);
    if (late.length) {
      keepTail(tab, tailOf(sid, upload, from, late));
    }
  }
  let quota = beaconBytes;
  for (const { bytes } of all) {
    if (bytes.length <= quota && navigator.sendBeacon(upload, bytes)) {
      quota -= bytes.length;
    } else {
      void post(upload, bytes);
    }
  }
}

/** The tail of `late`, which begins with the event `from`: as much of it as there is room for. */
function tailOf(sid: string, upload: string, from: number, late: Body[]): Tail {
  const tail: Tail = { sid, upload, events: 0, lost: { pages: 0, events: 0 }, bodies: [] };
  let room = tailChars - textOf(tail).length - ROOM;
  for (const { bytes, end } of late) {
    const text = base64(bytes);
    room -= text.length + 1;
    if (room < 0) {
      tail.lost = { pages: 1, events: endOf(late, from) - from - tail.events };
      break;
    }
    tail.events = end - from;
    tail.bodies.push(text);
  }
  return tail;
}

/**
 * The tails that pages left behind which upload to `upload`: the page load's id, what was given
 * up (`PAGES,EVENTS`, or nothing), and bodies. What was given up is told once.
 */
export function readTails(upload: string): string[] {
  try {
    return tailKeys().flatMap((key) => {
      const tail = readTail(key);
      if (tail.upload !== upload) {
        return [];
      }
      const { pages, events } = tail.lost;
      if (pages) {
        tail.lost = { pages: 0, events: 0 };
        write('localStorage', key, tail.bodies.length ? textOf(tail) : undefined);
      }
      return [[key.slice(TAIL_KEY.length), pages ? `${pages},${events}` : '', ...tail.bodies].join(' ')];
    });
  } catch {
    return [];
  }
}
