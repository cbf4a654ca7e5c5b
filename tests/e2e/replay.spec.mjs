// A visitor shops; an operator watches. Real recorder, worker, dashboard, browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Api, Worker, inReplay, launch, recordBodies, signIn, until } from './support.mjs';

const SECRETS = {
  'field-name': 'Wilhelmina Canary-Name',
  'field-email': 'canary.mail.7731@example.org',
  'field-phone': '+39 0471 987654',
  'field-address': 'Canary Lane 4711, Bolzano',
  'field-card': '4242424242424242',
  'field-expiry': '04/31',
  'field-cvc': '739',
  'field-password': 'canary-Passw0rd!',
  'field-password2': 'canary-Passw0rd!',
  'field-notes': 'leave it with the canary',
};
// Too short to search for by themselves: three digits and a date are everywhere.
const SEARCHABLE = Object.entries(SECRETS).filter(([field]) => !['field-cvc', 'field-expiry'].includes(field)).map(([, value]) => value);

let worker;
let browser;
before(async () => {
  worker = await Worker.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await worker?.stop();
});

/** A visitor's browser: own storage, bfcache off as Playwright has it. */
async function visitor() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const bodies = recordBodies(context);
  const page = await context.newPage();
  const failures = [];
  page.on('pageerror', (error) => failures.push(error));
  return { context, page, bodies, failures };
}

/** The id of the session that this browser records. */
function sessionOf(page) {
  return until('the recorder has a session', () => page.evaluate(() => window.Sentiero?.sessionId?.()));
}

function assertAbsent(haystacks, what) {
  for (const bytes of haystacks) {
    const text = bytes.toString('latin1');
    for (const secret of SEARCHABLE) {
      const spaced = secret === SECRETS['field-card'] ? '4242 4242 4242 4242' : secret;
      for (const form of [secret, spaced, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
        assert.ok(!text.includes(form), `${form} is in ${what}`);
      }
    }
  }
}

test('shop, leave at once, and the visit is there to its last click, without what was typed', async () => {
  const { context, page, bodies, failures } = await visitor();
  await page.goto(`${worker.url}/shop/product.html?id=stormcairn`);
  const sid = await sessionOf(page);
  await page.getByTestId('add-to-cart').click();
  await page.getByTestId('nav-cart').click();
  await page.getByTestId('to-checkout').click();
  for (const [field, value] of Object.entries(SECRETS)) {
    await page.getByTestId(field).pressSequentially(value, { delay: 1 });
  }
  await page.getByTestId('toggle-password').click();
  for (const field of ['field-password', 'field-password2']) {
    await page.getByTestId(field).pressSequentially('-more');
  }
  await page.getByTestId('field-terms').check();
  await page.getByTestId('place-order').click();
  await page.getByTestId('order-done').waitFor();
  await page.getByTestId('nav-catalogue').click({ noWaitAfter: true });
  await page.close();
  await context.close();
  assert.deepEqual(failures, [], 'the shop threw nothing');

  const api = await Api.signIn(worker.url);
  const row = await until('it is listed', async () => (await api.sessions()).find((session) => session.sid === sid));
  assert.ok(row.entry.endsWith('/shop/product') || row.entry.endsWith('/shop/product.html'), row.entry);
  const detail = await api.detail(sid);
  assert.deepEqual(detail.tab_list.map((tab) => tab.gaps), detail.tab_list.map(() => []), 'no event is missing');
  assert.equal(detail.masked_at_edge, 0, 'the recorder had masked everything itself');
  const lastTab = detail.tab_list.filter((tab) => tab.events > 1).at(-1);
  assert.ok(lastTab.ended, 'the leaving beacon came');

  const events = await api.events(sid);
  const clicks = events.filter(({ event }) => event.type === 3 && event.data.source === 2 && event.data.type === 2);
  assert.equal(clicks.length, detail.clicks);
  // The API's order is by page load; the last click is the latest.
  const lastClick = clicks.reduce((last, click) => (click.event.timestamp > last.event.timestamp ? click : last));
  // Everything that was stored is unique.
  assert.equal(new Set(events.map(({ tab, index }) => `${tab}/${index}`)).size, events.length);

  assert.ok(bodies.length > 10, 'requests were seen');
  assertAbsent(bodies, 'a request');
  await worker.crash();
  assertAbsent(worker.stored(), 'the storage');
  await worker.restart();

  // The operator.
  const operator = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const consoleErrors = [];
  operator.on('pageerror', (error) => consoleErrors.push(error));
  await signIn(operator, worker.url);
  await operator.locator(`[data-testid=session-row][data-sid="${sid}"]`).click();
  await operator.goto(`${worker.url}/dashboard/#/s/demo/${sid}?tab=${lastClick.tab}`);
  const speed = operator.getByTestId('speed');
  await speed.waitFor();
  await operator.getByTestId('activity-row').last().click();
  await until('the last click is shown: the order is done', () =>
    inReplay(operator, () => document.querySelector('#done')?.hidden === false));
  const shown = await inReplay(operator, () => document.documentElement.outerHTML);
  assertAbsent([Buffer.from(shown)], 'the replay');
  assert.equal(await inReplay(operator, () => document.querySelectorAll('script[src]').length), 0);
  assert.deepEqual(consoleErrors, []);
  await operator.context().close();
});

test('two tabs and a hard reload are one session, every event exactly once', async () => {
  const { context, page } = await visitor();
  const firstEvent = Date.now();
  await page.goto(`${worker.url}/shop/`);
  const sid = await sessionOf(page);
  await page.mouse.move(20, 20);
  const probe = (target, from, n) =>
    target.evaluate(([start, count]) => {
      for (let i = start; i < start + count; i += 1) window.Sentiero.addCustomEvent('probe', { i });
    }, [from, n]);
  await probe(page, 0, 100);
  const second = await context.newPage();
  await second.goto(`${worker.url}/shop/catalogue.html`);
  assert.equal(await sessionOf(second), sid, 'both tabs record one session');
  await probe(second, 100, 100);
  await page.reload();
  assert.equal(await sessionOf(page), sid, 'a reload goes on');
  await probe(page, 200, 100);
  await second.mouse.wheel(0, 400);
  await probe(second, 300, 10);

  const api = await Api.signIn(worker.url);
  await until('it is listed', async () => (await api.sessions()).find((session) => session.sid === sid), firstEvent + 15_000 - Date.now());
  await page.close();
  await second.close();
  await context.close();
  const left = Date.now();
  const count = async () => (await api.events(sid)).filter(({ event }) => event.type === 5 && event.data.tag === 'probe');
  const probes = await until('every event is playable', async () => {
    const found = await count();
    return found.length >= 310 && found;
  }, left + 10_000 - Date.now());
  assert.deepEqual(probes.map(({ event }) => event.data.payload.i).sort((a, b) => a - b), Array.from({ length: 310 }, (_, i) => i));
  const detail = await api.detail(sid);
  assert.equal(detail.tab_list.length, 3, 'two tabs, one of them loaded twice');
  assert.equal(new Set(detail.tab_list.map((tab) => tab.window)).size, 2, 'in two windows');
  for (const tab of detail.tab_list) {
    assert.deepEqual(tab.gaps, []);
    assert.ok(tab.ended);
  }
});

test('the edge dies during a visit; nothing acknowledged is lost and the recorder delivers the rest', async () => {
  const { context, page } = await visitor();
  await page.goto(`${worker.url}/shop/`);
  const sid = await sessionOf(page);
  const probe = (from) => page.evaluate((start) => {
    for (let i = start; i < start + 50; i += 1) window.Sentiero.addCustomEvent('probe', { i });
    window.Sentiero.flush();
  }, from);
  const api = await Api.signIn(worker.url);
  const probes = async () => {
    const events = await api.events(sid).catch(() => []);
    return events.filter(({ event }) => event.type === 5 && event.data.tag === 'probe').map(({ event }) => event.data.payload.i);
  };
  await probe(0);
  await until('the first part is acknowledged', async () => (await probes()).length === 50);
  await worker.crash();
  await probe(50);
  await probe(100);
  await worker.restart();
  assert.equal((await probes()).filter((i) => i < 50).length, 50, 'what was acknowledged survived');
  const all = await until('the rest arrives', async () => {
    const found = await probes();
    return found.length >= 150 && found;
  }, 60_000);
  assert.deepEqual(all.sort((a, b) => a - b), Array.from({ length: 150 }, (_, i) => i));
  await context.close();
});

test('no signal of consent is overridden: with GPC nothing is sent or kept', async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  const urls = [];
  context.on('request', (request) => urls.push(request.url()));
  const page = await context.newPage();
  await page.goto(`${worker.url}/shop/`);
  await page.getByTestId('nav-catalogue').click();
  await page.waitForLoadState('load');
  await page.evaluate(() => window.Sentiero?.addCustomEvent?.('x', {}));
  assert.deepEqual(urls.filter((url) => url.includes('/i/') || url.includes('/r/')), []);
  const kept = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter((key) => key.startsWith('sentiero')));
  assert.deepEqual(kept, []);
  assert.equal((await context.cookies()).length, 0);
  await context.close();
});
