// Recordings as a recorder would make them, or as nobody should, and their uploads.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';

export const element = (id, tagName, attributes = {}, childNodes = []) => ({ type: 2, tagName, attributes, childNodes, id });
export const text = (id, textContent) => ({ type: 3, textContent, id });

/** A page: `head` and `nodes` are what is in it. Ids below 10 are its own. */
export function snapshot(nodes, head = []) {
  const body = element(4, 'body', {}, [element(5, 'p', { id: 'innocent', class: 'is-here' }), ...nodes]);
  return { type: 0, id: 1, childNodes: [{ type: 1, name: 'html', publicId: '', systemId: '', id: 2 }, element(3, 'html', {}, [element(9, 'head', {}, head), body])] };
}

let counter = 0;

/** An id of a session that began at `start`. */
function sidOf(start) {
  counter += 1;
  return start.toString(16).padStart(12, '0') + [...String(counter).padStart(26, '0')].map((digit) => 'abcdefghij'[digit]).join('');
}

/**
 * Uploads a batch of the session `sid`: events without times, `[ms after the start, event]`, of
 * the page load `load`, of which `first` were sent before. `end`: the page is left.
 */
export async function send(url, { sid, start, load = 0, first = 0, end = true }, events) {
  const lines = events.map(([at, event]) => JSON.stringify({ ...event, timestamp: start + at }));
  const header = { v: 1, sid, tab: 'abcdefgh'[load].repeat(8), window: 'w'.repeat(8), seq: first && 1, first, n: lines.length, sent: start, end };
  const body = gzipSync([JSON.stringify(header), ...lines].join('\n'));
  const answer = await fetch(`${url}/i/demo`, { method: 'POST', headers: { origin: url }, body });
  assert.equal(answer.status, 200, await answer.text());
}

/** A session of which nothing is uploaded yet. */
export function begun() {
  const start = Date.now();
  return { sid: sidOf(start), start };
}

/** Uploads a session of page loads, each a list of events as above. */
export async function upload(url, ...loads) {
  const session = begun();
  for (const [load, events] of loads.entries()) await send(url, { ...session, load }, events);
  return session;
}

export const meta = (href = 'https://victim.example/', size = {}) => ({ type: 4, data: { href, width: 800, height: 600, ...size } });
export const full = (nodes, head) => ({ type: 2, data: { node: snapshot(nodes, head), initialOffset: { left: 0, top: 0 } } });
export const change = (data) => ({ type: 3, data: { source: 0, texts: [], attributes: [], removes: [], adds: [], ...data } });
export const click = (id, x = 10, y = 10) => ({ type: 3, data: { source: 2, type: 2, id, x, y } });
export const custom = (tag, payload) => ({ type: 5, data: { tag, payload } });
export const input = (id) => ({ type: 3, data: { source: 5, id, text: '•••••', isChecked: false, userTriggered: true } });
