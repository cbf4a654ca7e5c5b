/**
 * Events as JSON text, kept on the page's thread until the edge has them.
 *
 * They are posted to the engine in batches, and are at hand for the last beacon of a
 * page that is being left, whatever the engine got done until then.
 */
import { batchChars, batchEvents, batchMs } from './policy.json';
import { CUSTOM } from './rrweb';

/** A batch: `n` events, a line each, from number `first` on. */
export interface Batch {
  first: number;
  n: number;
  text: string;
}

/** The events of a page load under one visit, as numbered by us. */
export interface Stream {
  sid: string;
  tab: string;
  /** Not acknowledged yet, in order. */
  batches: Batch[];
  /** How many events more than lines the edge counts before the first batch. */
  shift: number;
  /** Number of the line that comes next. */
  next: number;
  /** Number of the upload that comes next, as far as it is known. */
  seq: number;
  /** Events before this index survive the page: they are in the journal. */
  kept: number;
}

export interface Outbox {
  /** The stream that takes events. */
  current: Stream;
  /** All that have something to send, in order. */
  streams: Stream[];
  /** Adds an event; `urgent` ones are not waited with. */
  add(json: string, urgent?: boolean): void;
  /** Makes a batch of what is not in one yet. */
  flush(urgent?: boolean): void;
  /** The stream of the page load `tab`, while it is one of `streams`. */
  find(tab: string): Stream | undefined;
  /** The edge has the lines of `tab` before `next`, which were `shift` events more. */
  acked(tab: string, next: number, seq: number, shift: number): void;
  /** What follows belongs to the visit `sid`, as page load `tab`. */
  rotate(sid: string, tab: string): void;
  /** Drops what the current stream holds, but for what the page itself said. */
  drop(): void;
}

/** `ready` is called when there is a new batch in the current stream. */
export function createOutbox(ready: (urgent: boolean) => void): Outbox {
  let lines: string[] = [];
  let chars = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (sid: string, tab: string): Stream => ({ sid, tab, batches: [], shift: 0, next: 0, seq: 0, kept: 0 });
  const current = open('', '');

  const outbox: Outbox = {
    current,
    streams: [current],
    add(json, urgent = false) {
      chars += json.length;
      lines.push(json);
      if (urgent || lines.length >= batchEvents || chars >= batchChars) {
        outbox.flush(urgent);
      } else {
        timer ??= setTimeout(outbox.flush, batchMs);
      }
    },
    flush(urgent = false) {
      clearTimeout(timer);
      timer = undefined;
      const n = lines.length;
      if (n) {
        const { current } = outbox;
        current.batches.push({ first: current.next, n, text: lines.join('\n') });
        current.next += n;
        lines = [];
        chars = 0;
        ready(urgent);
      }
    },
    find: (tab) => outbox.streams.find((stream) => stream.tab === tab),
    acked(tab, next, seq, shift) {
      const stream = outbox.find(tab);
      if (stream) {
        Object.assign(stream, { seq, shift });
        stream.batches = stream.batches.filter(({ first, n }) => first + n > next);
      }
      outbox.streams = outbox.streams.filter((stream) => stream === outbox.current || stream.batches.length);
    },
    rotate(sid, tab) {
      outbox.flush();
      outbox.streams.push((outbox.current = open(sid, tab)));
    },
    drop() {
      const { current } = outbox;
      const all = [...current.batches.map(({ text }) => text), ...lines].join('\n').split('\n');
      lines = all.filter((line) => line.startsWith(`{"type":${CUSTOM}`));
      chars = 0;
      Object.assign(current, { batches: [], next: 0 });
    },
  };
  return outbox;
}
