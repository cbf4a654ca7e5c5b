// Records the visit that the landing page replays:
//
//   SENTIERO_CHROMIUM=… node tests/demo/landing.mjs
//
// A visitor of the demo's own makes it in the demo shop, on the built worker, and it is taken
// from there as any session is. Writes www/replay/visit.ndjson.gz, which www/src/visit.ts reads.
// Needs what `cargo xtask build` makes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Api, Worker, launch, root, sessionOf, until } from '../e2e/support.mjs';
import { randomOf } from './random.mjs';
import { Shopper } from './shopper.mjs';

const OUT = join(root, 'www/replay');
/** Stands where the shop's origin was; the page that replays puts its own there. */
const ORIGIN = 'https://shop.invalid';
const VIEWPORT = { width: 1280, height: 800 };
const PERSONA = { device: { kind: 'desktop', viewport: VIEWPORT }, source: { referrer: '', query: '' } };
/** What a page looks like and what is done in it. Captures are for the dashboard. */
const SHOWN = new Set([2, 3, 4]);
/** Nothing is waited for longer than this, ms; a page that loads takes longer than anybody wants to see. */
const LONGEST_PAUSE = 1_600;
/** All that is downloaded for it is small. */
const MOST_BYTES = 90_000;

const FIELDS = { 'field-name': 'Marta Almwanderin', 'field-email': 'marta@mail.example', 'field-phone': '+43 660 1234567', 'field-address': 'Huettenweg 12, 6020 Innsbruck', 'field-card': '4242424242424242', 'field-expiry': '0429', 'field-cvc': '424' };

/** What the visitor does; `step` notes what begins. */
async function shop(shopper, step) {
  step('Arrives');
  await shopper.arrive('/shop/', { direct: true });
  await shopper.scroll(0.7);
  await shopper.think(1, 1.2);
  step('Opens a tent');
  const tent = shopper.page.locator('[data-testid=product-card][data-product=ridgeline-2]').first();
  await shopper.follow(tent, 'product');
  await shopper.press('gallery-next');
  await shopper.think(1, 1.2);
  step('Puts it into the cart');
  await shopper.press('add-to-cart');
  await shopper.think(0.8, 1);
  await shopper.follow('nav-cart', 'cart');
  step('Goes to the checkout');
  await shopper.follow('to-checkout', 'checkout');
  step('Types who pays');
  for (const [field, text] of Object.entries(FIELDS)) {
    await shopper.type(field, text, { mistakes: 0 });
    await shopper.think(0.3, 0.4);
  }
  step('Orders, and forgot the terms');
  await shopper.press('place-order');
  await shopper.think(1.2, 1.4);
  await shopper.press('field-terms');
  await shopper.think(0.5, 0.6);
  step('Orders');
  await shopper.press('place-order');
  await shopper.page.getByTestId('order-done').waitFor();
  await shopper.think(1.5, 1.6);
  await shopper.moveTo({ x: 640, y: 420 });
}

/** The visit on the worker: its events with their times, steps, and pauses. */
async function record(worker, browser, api) {
  const context = await browser.newContext({ viewport: VIEWPORT, locale: 'en-GB', timezoneId: 'Europe/Vienna', colorScheme: 'light' });
  const shopper = new Shopper(context, worker.url, PERSONA, randomOf(7, 'landing'));
  const steps = [];
  await shop(shopper, (text) => steps.push({ at: Date.now(), text }));
  const sid = await sessionOf(shopper.page);
  await shopper.page.evaluate(() => window.Sentiero.flush());
  await shopper.page.goto('about:blank');
  await until('the visit has arrived', async () => {
    const known = await api.detail(sid).catch(() => undefined);
    return known?.tab_list.length >= 4 && known.tab_list.every(({ ended, gaps }) => ended && !gaps.length);
  });
  const events = (await api.events(sid)).map(({ event }) => event).filter(({ type }) => SHOWN.has(type));
  await context.close();
  return { events, steps, pauses: shopper.pauses };
}

/**
 * The time that is shown for each that was: the visitor's pauses are put in, as in the demo's
 * sessions, and where nothing happened for long, it is cut.
 */
function clockOf(events, pauses) {
  const times = events.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
  const cuts = times.slice(1).map((time, at) => ({ at: time, ms: -Math.max(0, time - times[at] - LONGEST_PAUSE) }));
  const changes = [...cuts, ...pauses.map(({ at, ms }) => ({ at, ms: Math.min(ms, LONGEST_PAUSE) }))];
  return (time) => time + changes.filter(({ at }) => at <= time).reduce((sum, { ms }) => sum + ms, 0);
}

/** The file that is served. */
function packed({ events, steps, pauses }, origin) {
  const clock = clockOf(events, pauses);
  const shown = events.map((event) => ({ ...event, timestamp: clock(event.timestamp) })).sort((a, b) => a.timestamp - b.timestamp);
  const [from, to] = [shown[0].timestamp, shown.at(-1).timestamp];
  const head = { from, to, steps: steps.map(({ at, text }) => ({ at: Math.max(from, clock(at)), text })) };
  const text = [head, ...shown].map((line) => `${JSON.stringify(line)}\n`).join('');
  // Shorter ones are parts of times and sizes, too.
  for (const typed of Object.values(FIELDS).filter(({ length }) => length > 8)) {
    if (text.includes(typed)) throw new Error(`what was typed is in the recording: ${typed}`);
  }
  return gzipSync(text.replaceAll(origin, ORIGIN), { level: 9 });
}

const worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1' });
const browser = await launch();
try {
  const bytes = packed(await record(worker, browser, await Api.signIn(worker.url)), worker.url);
  if (bytes.length > MOST_BYTES) throw new Error(`${bytes.length} bytes are more than ${MOST_BYTES}`);
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'visit.ndjson.gz'), bytes);
  console.log(`${bytes.length} bytes`);
} finally {
  await browser.close();
  await worker.stop();
}
