// A newcomer looks for “the mobile visitor who rage-clicked on checkout yesterday”, with what
// is on the screen and nothing else, among visitors who are nearly that. They were recorded by
// the real worker, through its ingest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inReplay, signIn, stage, until } from './support.mjs';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let worker;
let browser;
let api;
stage((found) => ({ worker, browser, api } = found), { ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '0.2' });

const AGENTS = {
  phone: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  computer: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
};
const SIZES = { phone: { width: 390, height: 844 }, computer: { width: 1440, height: 900 } };
const BUTTON = 8;

/** Where it is about noon, so that no midnight passes while the test runs. */
function placeAtNoon(now) {
  const hours = Math.round(12 - (now % DAY) / HOUR);
  const zone = hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
  const today = Math.floor((now + hours * HOUR) / DAY) * DAY - hours * HOUR;
  return { zone, today };
}

function pageOf(words) {
  const element = (id, tagName, childNodes) => ({ type: 2, id, tagName, attributes: {}, childNodes });
  const text = (id, textContent) => ({ type: 3, id, textContent });
  const body = element(5, 'body', [element(6, 'h1', [text(7, words)]), element(BUTTON, 'button', [text(9, 'Place order')])]);
  return { type: 0, id: 1, childNodes: [{ type: 1, id: 2, name: 'html', publicId: '', systemId: '' }, element(3, 'html', [element(4, 'head', []), body])] };
}

/** Pressing the button: what a recorder writes of a tap or a click. */
function press(device, at) {
  const one = (type, later) => [at + later, { type: 3, data: { source: 2, type, id: BUTTON, x: 40, y: 60 } }];
  return device === 'phone' ? [one(7, 0), one(9, 20), one(2, 30)] : [one(1, 0), one(0, 20), one(2, 30)];
}

/** One page load of `length` ms, in which the button is pressed at each of `presses`. */
function load(device, path, length, presses) {
  const href = `https://shop.example${path}`;
  const events = [
    [0, { type: 4, data: { href, ...SIZES[device] } }],
    [20, { type: 2, data: { node: pageOf(`This is ${path}`), initialOffset: { left: 0, top: 0 } } }],
    ...presses.flatMap((at) => press(device, at)),
    [length, { type: 3, data: { source: 3, id: 1, x: 0, y: 40 } }],
  ];
  return events.toSorted(([a], [b]) => a - b);
}

let sent = 0;

/** A visit that began at `start`: page loads one after the other, as their browser would send them. */
async function visit({ start, device = 'computer', loads }) {
  sent += 1;
  const digits = (count) => [...String(sent).padStart(count, '0')].map((digit) => 'abcdefghij'[digit]).join('');
  const sid = start.toString(16).padStart(12, '0') + digits(26);
  let begin = start;
  for (const [number, [path, length, presses]] of loads.entries()) {
    const events = load(device, path, length, presses).map(([at, event]) => JSON.stringify({ ...event, timestamp: begin + at }));
    const tab = 'klmnopqr'[number] + digits(7);
    const header = { v: 1, sid, tab, window: digits(8), seq: 0, first: 0, n: events.length, sent: begin + length, end: true };
    const answer = await fetch(`${worker.url}/i/demo`, {
      method: 'POST',
      // Each from an address of its own, as visitors are.
      headers: { origin: worker.url, 'user-agent': AGENTS[device], 'cf-ipcountry': 'AT', 'cf-connecting-ip': `198.18.${sent}.1` },
      body: gzipSync([JSON.stringify(header), ...events].join('\n')),
    });
    assert.equal(answer.status, 200, await answer.text());
    begin += length + SECOND;
  }
  return sid;
}

/** Three quick ones, from `at` on. */
const inRage = (at) => [at, at + 180, at + 360];
const CALM = [4 * SECOND, 9 * SECOND];
/** When on the checkout page the patience ended. */
const RAGE = 37 * SECOND;

/** Who is looked for, and many others. */
async function seed(today) {
  const noon = today - DAY / 2;
  const wanted = await visit({
    start: noon, device: 'phone',
    loads: [['/tents', 20 * SECOND, CALM], ['/cart', 15 * SECOND, CALM], ['/checkout', 60 * SECOND, [8 * SECOND, ...inRage(RAGE)]]],
  });
  const nearly = [
    { start: noon - DAY, device: 'phone', loads: [['/cart', 15 * SECOND, CALM], ['/checkout', 60 * SECOND, inRage(RAGE)]] },
    { start: noon + HOUR, device: 'computer', loads: [['/cart', 15 * SECOND, CALM], ['/checkout', 60 * SECOND, inRage(RAGE)]] },
    { start: noon + 2 * HOUR, device: 'phone', loads: [['/tents', 30 * SECOND, inRage(12 * SECOND)], ['/cart', 15 * SECOND, CALM]] },
    { start: noon + 3 * HOUR, device: 'phone', loads: [['/cart', 15 * SECOND, CALM], ['/checkout', 60 * SECOND, [RAGE, RAGE + 2 * SECOND]]] },
    { start: today + 5 * SECOND, device: 'phone', loads: [['/checkout', 60 * SECOND, inRage(RAGE)]] },
  ];
  const others = Array.from({ length: 30 }, (_, n) => ({
    start: noon + 6 * HOUR - n * 3 * HOUR,
    device: n % 3 === 0 ? 'phone' : 'computer',
    loads: [[['/', '/tents', '/stoves'][n % 3], 25 * SECOND, CALM]],
  }));
  for (const one of [...nearly, ...others]) await visit(one);
  return { wanted, count: 1 + nearly.length + others.length };
}

/** What one does with hands: presses of the pointer, and keys. */
const effort = (page) => page.evaluate(() => window.effort);

/** Counts it from now on. */
function countEffort(page) {
  return page.evaluate(() => {
    window.effort = { presses: 0, keys: 0 };
    addEventListener('pointerdown', (event) => (window.effort.presses += event.isTrusted ? 1 : 0), true);
    addEventListener('keydown', (event) => (window.effort.keys += event.isTrusted ? 1 : 0), true);
  });
}

/** The most that it may take: two presses for the day, one for rage, three for each of device and page, and one to open. */
const MOST_PRESSES = 10;

test('a newcomer finds the mobile visitor who rage-clicked on checkout yesterday, and the second of it', async () => {
  const { zone, today } = placeAtNoon(Date.now());
  const { wanted, count } = await seed(today);
  await until('all are in the list', async () => {
    const { total, live } = await (await api.get('sessions/facets')).json();
    return total === count && live === 0;
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: zone });
  const page = await context.newPage();
  await signIn(page, worker.url);
  await page.getByText(`${count} sessions`).first().waitFor();
  await countEffort(page);

  await page.getByRole('button', { name: 'Any time' }).click();
  await page.getByRole('menuitemradio', { name: 'Yesterday' }).click();
  await page.getByRole('button', { name: 'Rage clicks' }).click();
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('option', { name: 'Device' }).click();
  await page.getByRole('option', { name: 'Phone' }).click();
  await page.getByRole('button', { name: 'Device is Phone', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('option', { name: 'Page visited' }).click();
  await page.getByRole('option', { name: '/checkout' }).click();

  // One is left, and its row says why.
  await page.getByRole('status').filter({ hasText: /^1 session$/ }).first().waitFor();
  const row = page.getByRole('row').filter({ hasText: '/checkout' });
  assert.match(await row.innerText(), /\/tents[^]*→[^]*\/checkout[^]*1 rage/);
  assert.match(await row.innerText(), /Chrome · Android/);
  await row.click();
  await until('it is opened', () => page.url().includes(wanted));

  // It opens where the list was narrowed to: that page load, at the first of the three taps.
  const position = page.getByRole('slider', { name: 'Position in the recording' });
  await until('the player stands there', async () => {
    const second = Number(await position.getAttribute('aria-valuenow'));
    return second >= RAGE / SECOND && second <= RAGE / SECOND + 2;
  });
  await until('the checkout is shown', () => inReplay(page, () => document.body.innerText.includes('This is /checkout')));
  const { presses, keys } = await effort(page);
  assert.ok(presses <= MOST_PRESSES && keys === 0, `he is at that second after ${presses} presses and ${keys} keys`);
  await page.getByRole('button', { name: /Rage clicks.*Place order.*0:37/ }).first().click();
  await until('the address names the moment', () => page.url().includes(`t=${RAGE}`));
  await until('the player stands there', async () => {
    const second = Number(await position.getAttribute('aria-valuenow'));
    return second >= RAGE / SECOND && second <= RAGE / SECOND + 2;
  });
  assert.ok(await inReplay(page, () => document.body.innerText.includes('This is /checkout')));
  await context.close();
});
