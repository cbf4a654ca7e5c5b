// The heatmap over the page: what many sessions did, drawn where its elements are on the page
// of one of them. Uploaded as recorders would, on a real worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inReplay, signIn, stage, until } from './support.mjs';

const DESKTOP = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const HREF = 'https://victim.example/tents';
const HEATMAP = '#/s/demo/reports/heatmap?page=/tents&on=desktop';

let worker;
let browser;
let page;
stage(async (found) => {
  ({ worker, browser } = found);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await signIn(page, worker.url);
  await page.getByTestId('empty-first-run').waitFor();
}, { ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '1' });

const element = (id, tagName, attributes = {}, childNodes = []) => ({ type: 2, tagName, attributes, childNodes, id });
const box = (height, more = '') => ({ style: `height:${height};${more}` });
const body = element(4, 'body', { style: 'margin:0' }, [
  element(10, 'section', { class: 'hero', ...box('100vh') }),
  element(11, 'a', { class: 'card', ...box('100px', 'display:block') }),
  element(12, 'a', { class: 'card', ...box('100px', 'display:block') }),
  element(13, 'div', box('1000px')),
  // A form answers to the names of its fields before its own.
  element(15, 'form', { style: 'height:0' }, ['classList', 'id', 'style', 'localName', 'getBoundingClientRect', 'namespaceURI', 'getAttribute']
    .map((name, n) => element(20 + n, 'input', { name, type: 'hidden' }))),
  element(14, 'button', { id: 'buy', ...box('100px', 'display:block;width:200px;margin:0;border:0') }),
]);
const PAGE = { type: 0, id: 1, childNodes: [{ type: 1, name: 'html', publicId: '', systemId: '', id: 2 }, element(3, 'html', {}, [element(9, 'head'), body])] };
const press = (at, id, selector, x, y) => [
  [at, { type: 3, data: { source: 2, type: 2, id, x: 10, y: 20 } }],
  ...(selector ? [[at + 1, { type: 5, data: { tag: '__click', payload: { selector, id, x, y, width: 200, height: 100 } } }]] : []),
];

async function upload(sid, start, events) {
  const lines = events.map(([at, event]) => JSON.stringify({ ...event, timestamp: start + at }));
  const header = { v: 1, sid, tab: 'a'.repeat(8), window: 'w'.repeat(8), seq: 0, first: 0, n: lines.length, sent: start, end: true };
  const bytes = gzipSync([JSON.stringify(header), ...lines].join('\n'));
  const answer = await fetch(`${worker.url}/i/demo`, { method: 'POST', headers: { origin: worker.url, 'user-agent': DESKTOP }, body: bytes });
  assert.equal(answer.status, 200, await answer.text());
}

const outer = () => page.frames().findLast((frame) => frame.url().startsWith('data:') && frame.parentFrame() === page.mainFrame());
/** How much is painted at a place of the page. */
const painted = (x, y) => outer().evaluate(([x, y]) => {
  const layer = document.querySelector('.over');
  const canvas = layer.querySelector('canvas');
  const scale = canvas.width / layer.clientWidth;
  return canvas.getContext('2d').getImageData(x * scale, y * scale, 1, 1).data[3];
}, [x, y]);

test('clicks are drawn in the elements that they hit, and what cannot be drawn is said', async () => {
  const start = Date.now() - 20_000;
  const sid = start.toString(16).padStart(12, '0') + 'a'.repeat(26);
  await upload(sid, start, [
    [0, { type: 4, data: { href: HREF, width: 800, height: 600 } }],
    [1, { type: 2, data: { node: PAGE, initialOffset: { left: 0, top: 0 } } }],
    ...press(4_000, 14, 'button#buy', 0.5, 0.5),
    ...press(6_000, 14, 'button#buy', 0.5, 0.5),
    ...press(8_000, 11, 'a.card', 0.1, 0.5),
    ...press(10_000, 14, 'button#sold', 0.5, 0.5),
    ...press(12_000, 10),
  ]);
  const counted = () => page.evaluate(async () => (await (await fetch('/api/sites/demo/reports/heatmap?page=/tents&on=desktop')).json()).heatmap.total);
  await until('the clicks are counted', async () => (await counted()) === 5);
  await page.evaluate((hash) => (location.hash = hash), HEATMAP);
  const said = await until('the clicks are drawn', () => page.getByTestId('over-said').textContent());
  assert.equal(said, 'Of 5 clicks, 2 are drawn in the elements that they hit; 1 are spread over several elements of one name; '
    + '1 hit no named element and are drawn where they were on the page; 1 hit elements that are not on the page as it is shown.');
  // The window is as high as the page now, and the first screen as high as it was.
  const top = await inReplay(page, () => document.getElementById('buy').getBoundingClientRect().top);
  assert.equal(top, 600 + 200 + 1_000);
  assert.ok(await painted(100, top + 50) > 0, 'in the button');
  assert.ok(await painted(80, 650) > 0 && await painted(80, 750) > 0, 'in both of a name');
  assert.ok(await painted(10, 20) > 0, 'where it was');
  assert.equal(await painted(500, 1_300), 0, 'and nowhere else');
  const [width, height] = await page.locator('.over-page').evaluate((node) => [node.clientWidth, node.clientHeight]);
  assert.ok(Math.abs(height / width - 1_900 / 800) < 0.01, `it is shown to its end: ${width} × ${height}`);
});

test('attention is drawn in rows; an erased recording is said to be gone', async () => {
  await page.evaluate((hash) => (location.hash = hash), `${HEATMAP}&kind=attention`);
  await until('what was seen is drawn', async () => (await page.locator('.over-page.seen').count()) === 1 && (await painted(400, 300)) > 0);
  assert.equal(await painted(400, 1_700), 0, 'what nobody saw is plain');
  await page.route('**/sessions/named*', (route) => route.fulfill({ status: 404, contentType: 'application/json', body: '{"code":"not_found","message":"No such session."}' }));
  await page.getByLabel('What is drawn').selectOption('click');
  await page.getByTestId('over-failed').waitFor();
  await page.getByRole('table', { name: 'Elements' }).waitFor();
});
