// A long recording as an hour on a busy page gives it, uploaded as a recorder does.
import { gzipSync } from 'node:zlib';

/** Ids of what every page of this kind has: the document, html, head, body, the clock, then rows. */
const [DOCUMENT, HTML, HEAD, BODY, CLOCK, ROWS] = [1, 2, 3, 4, 5, 10];

/** Numbers that look random and are the same each time. */
function* noise(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

const element = (id, tagName, attributes, childNodes = []) => ({ type: 2, tagName, attributes, childNodes, id });

/** The page at `at`: `rows` rows, and an element whose class says what time it is. */
function snapshot(at, rows) {
  const list = Array.from({ length: rows }, (_, i) => element(ROWS + i, 'div', { class: `row r${i}`, style: 'width: 10px; height: 4px;' }));
  const body = element(BODY, 'body', {}, [element(CLOCK, 'p', { id: 'clock', class: `now-${at}` }), ...list]);
  return { type: 0, id: DOCUMENT, childNodes: [element(HTML, 'html', {}, [element(HEAD, 'head', {}), body])] };
}

/**
 * The batches of a recording: `minutes` long, of about `megabytes` as JSON, with a full
 * snapshot every `keyframe` seconds; 0: only the first.
 */
export function* batches({ minutes, megabytes, keyframe, rows = 300, start }) {
  const random = noise(7);
  const next = () => random.next().value;
  const seconds = 10;
  const count = (minutes * 60) / seconds;
  // The edge takes 50 000 events of a session.
  const perBatch = Math.min(130, Math.floor(48_000 / count));
  const each = (megabytes * 1e6) / count / perBatch;
  for (let number = 0, first = 0; number < count; number += 1) {
    const from = start + number * seconds * 1_000;
    const events = [];
    const isKeyframe = number === 0 || (keyframe > 0 && (number * seconds) % keyframe === 0);
    if (isKeyframe) {
      events.push({ type: 4, data: { href: 'https://bench.example/', width: 1_200, height: 800 }, timestamp: from });
      events.push({ type: 2, data: { node: snapshot(from, rows), initialOffset: { left: 0, top: 0 } }, timestamp: from });
    }
    for (let i = 0; i < perBatch; i += 1) {
      const at = from + 1 + Math.floor((i * seconds * 1_000) / perBatch);
      if (i % 10 === 9) {
        events.push({ type: 3, data: { source: 2, type: 2, id: ROWS + (next() % rows), x: next() % 1_200, y: next() % 800 }, timestamp: at });
        continue;
      }
      const attributes = [{ id: CLOCK, attributes: { class: `now-${at}` } }];
      for (let size = 150; size < each * 1.1; size += 105) {
        attributes.push({ id: ROWS + (next() % rows), attributes: { style: `width: ${next() % 900}px; height: 4px; margin-left: ${next() % 90}px;` } });
      }
      events.push({ type: 3, data: { source: 0, texts: [], attributes, removes: [], adds: [] }, timestamp: at });
    }
    yield { first, events, end: number === count - 1 };
    first += events.length;
  }
}

/** Uploads it; its session, and how large it is. */
export async function upload(url, site, shape) {
  const started = Date.now();
  const sid = started.toString(16).padStart(12, '0') + 'b'.repeat(26);
  const [tab, window] = ['d'.repeat(8), 'e'.repeat(8)];
  let [raw, bytes, events, seq] = [0, 0, 0, 0];
  for (const batch of batches({ ...shape, start: started })) {
    const header = { v: 1, sid, tab, window, seq: seq++, first: batch.first, n: batch.events.length, sent: Date.now(), ...(batch.end && { end: true }) };
    const text = [header, ...batch.events].map((line) => JSON.stringify(line)).join('\n');
    const body = gzipSync(text);
    const answer = await fetch(`${url}/i/${site}`, { method: 'POST', headers: { origin: url }, body });
    if (!answer.ok) throw new Error(`upload: ${answer.status} ${await answer.text()}`);
    raw += text.length;
    bytes += body.length;
    events += batch.events.length;
  }
  return { sid, tab, start: started, raw, bytes, events };
}
