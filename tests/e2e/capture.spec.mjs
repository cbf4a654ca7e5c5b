// What a page can ask to be recorded besides its DOM, and what it can say itself. Each
// capture, on and off, as the edge has stored it. Real recorder, worker and browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customOf, payloads, servePage, sessionOf, stage, storedEvents, until } from './support.mjs';

let worker;
let browser;
let api;
stage((all) => ({ worker, browser, api } = all));

const tag = (attributes) => `<script src="/sentiero.js" data-site="demo" ${attributes}></script>`;

/** A visitor on `/page`, which is `html`; `files` are other answers of its host. */
async function visitor(html, { files = {}, path = '/page' } = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
  await servePage(context, () => html, /\/page(\?|$)/);
  for (const [file, answer] of Object.entries(files)) await context.route(file, (route) => route.fulfill(answer));
  const page = await context.newPage();
  const requests = [];
  const failures = [];
  const lines = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('console', (line) => lines.push(line));
  await page.goto(`${worker.url}${path}`);
  const sid = await sessionOf(page);
  return { context, page, requests, failures, lines, sid, close: () => context.close() };
}

/** The captures' file is there, and listens. */
const captured = (visit, file = 'capture') =>
  until(`r/${file} is loaded`, () => visit.page.evaluate((name) => performance.getEntriesByType('resource').some((entry) => entry.name.includes(`/r/${name}.`) && entry.responseEnd > 0), file))
    .then(() => visit.page.evaluate(() => new Promise((done) => setTimeout(done))));

/** The custom events of a session, once that with the tag `last` is stored. */
async function stored({ page, sid }, last = 'done') {
  await page.evaluate((name) => {
    window.Sentiero.addCustomEvent(name, {});
    window.Sentiero.flush();
  }, last);
  return customEvents(sid, last);
}

function customEvents(sid, last) {
  return until(`${last} is stored`, async () => {
    const events = customOf(await storedEvents(api, sid));
    return events.some(({ tag }) => tag === last) && events.filter(({ tag }) => tag !== last);
  });
}

// Everything that some capture would see.
const ACTS = `<a id="link" href="/next?token=x">Next <b>page</b></a>
  <form id="form" name="signup"><input name="name" value="SECRET-value"><button id="send">Send</button></form>
  <button id="buy" class="big red" data-sentiero-track-click="buy" data-sentiero-data='{"sku":"A1"}'>Buy</button>
  <script>
    link.onclick = form.onsubmit = (event) => event.preventDefault();
    async function act() {
      console.warn('careful', { step: 1 });
      await fetch('/data?q=1').then((answer) => answer.text());
      setTimeout(() => { throw new TypeError('broken'); });
      await new Promise((done) => addEventListener('error', done, { once: true }));
    }
  </script>`;
const DATA = { '**/data*': { contentType: 'text/plain', body: 'SECRET-body' } };

async function act(visit) {
  await visit.page.evaluate(() => globalThis.act());
  for (const id of ['link', 'send', 'buy']) await visit.page.locator(`#${id}`).click();
  // The browser tells about requests when it has time.
  await visit.page.evaluate(() => new Promise((done) => new PerformanceObserver(done).observe({ type: 'resource', buffered: true })));
}

test('what is not asked for is not captured, and its code is not loaded', async () => {
  for (const attributes of ['', 'data-capture-errors="false" data-track-forms="false"']) {
    const visit = await visitor(`${ACTS}${tag(attributes)}`, { files: DATA });
    await act(visit);
    assert.deepEqual(await stored(visit), [], attributes);
    assert.deepEqual(visit.requests.filter((path) => /\/r\/(capture|vitals)/.test(path)), [], attributes);
    await visit.close();
  }
});

const ONE_EACH = [
  ['data-capture-errors', 'error'],
  ['data-track-navigation', 'navigation'],
  ['data-capture-metadata', 'sentiero:environment'],
  ['data-track-custom-events', 'buy'],
  ['data-track-forms', '__form_submit'],
  ['data-capture-clicks', '__click'],
  ['data-capture-console', '__console'],
  ['data-capture-network', '__network'],
];
for (const [attribute, expected] of ONE_EACH) {
  test(`${attribute} captures that and nothing else`, async () => {
    const visit = await visitor(`${ACTS}${tag(attribute)}`, { files: DATA });
    await captured(visit);
    await act(visit);
    const events = await stored(visit);
    assert.deepEqual([...new Set(events.map(({ tag }) => tag))], [expected]);
    const text = JSON.stringify(events);
    assert.ok(!text.includes('SECRET'), text);
    await visit.close();
  });
}

test('each capture as it is stored, by options of init', async () => {
  const options = Object.fromEntries(['captureErrors', 'trackNavigation', 'captureMetadata', 'trackCustomEvents', 'trackForms', 'captureClicks', 'captureConsole', 'captureNetwork'].map((name) => [name, true]));
  const html = `${ACTS}<script src="/sentiero.js"></script><script>Sentiero.init(${JSON.stringify({ site: 'demo', ...options })})</script>`;
  const visit = await visitor(html, { files: DATA, path: '/page?utm_source=letter&utm_term=jane@example.org&id=7' });
  await captured(visit);
  await act(visit);
  const events = await stored(visit);
  const one = (wanted) => {
    const [first, ...more] = payloads(events, wanted);
    assert.ok(first, wanted);
    return Object.assign(first, { more });
  };
  const error = one('error');
  assert.equal(error.message, 'Uncaught TypeError: broken');
  assert.equal(error.source, `${worker.url}/page`, 'without the query');
  assert.ok(error.lineno > 0 && error.colno > 0);
  assert.match(error.stack, /^TypeError: broken\n\s+at .*\/page:\d+:\d+/);
  assert.deepEqual(one('navigation'), { url: `${worker.url}/next`, text: 'Next page', more: [] });
  assert.deepEqual(one('buy'), { sku: 'A1', more: [] });
  assert.deepEqual(one('__form_submit'), { name: 'signup', id: 'form', url: `${worker.url}/page`, more: [] });
  const { id, x, y, width, height, ...click } = one('__click');
  assert.deepEqual(click.selector, 'a#link');
  assert.ok(id > 0 && x > 0 && x < 1 && y > 0 && y < 1 && width > 10 && height > 5, JSON.stringify({ id, x, y, width, height }));
  assert.deepEqual(click.more.map(({ selector }) => selector), ['button#send', 'button#buy']);
  assert.ok(click.more.every(({ x, y }) => Math.abs(x - 0.5) < 0.05 && Math.abs(y - 0.5) < 0.05), 'Playwright clicks the middle');
  assert.deepEqual(one('__console'), { level: 'warn', args: ['careful', { step: 1 }], more: [] });
  const { start, duration, bytes, ...request } = one('__network');
  assert.deepEqual(request, { url: `${worker.url}/data`, type: 'fetch', status: 200, more: [] });
  assert.ok(Math.abs(start - Date.now()) < 60_000 && duration >= 0 && bytes > 0);
  const environment = one('sentiero:environment');
  assert.equal(environment.viewport, '1000x700');
  assert.equal(environment.utm_source, 'letter');
  assert.equal(environment.utm_term, '•••••', 'redacted');
  assert.match(environment.language, /^en/);
  assert.ok(environment.timezone && environment.screen && environment.color_scheme && environment.pixel_ratio);
  assert.ok(!('utm_medium' in environment));
  await visit.close();
});

// Labels of every kind; SECRET is what was entered, chosen, or may not be told.
const FIELDS = `<form name="pay" id="x">
  <label>Your <b>e-mail</b> <input name="email" value="SECRET-mail"></label>
  <label for="s1">Street</label><input id="s1" name="street"><input name="street" aria-label="SECRET-aria" placeholder="SECRET-place">
  <label>Country <select name="country"><option>SECRET-A<option>SECRET-B</select></label>
  <label>Note <textarea name="note">SECRET-note</textarea></label>
  <label>Password <input type="password" name="pw"></label>
  <label>Card <input name="card" autocomplete="cc-number"></label>
  <label><input type="radio" name="ship" value="a">SECRET-fast</label><label><input type="radio" name="ship" value="b">SECRET-slow</label>
  <div data-rr-block><label>SECRET-blocked <input name="blocked"></label></div>
  <label data-rr-mask>SECRET-masked <input name="masked"></label>
  </form><label>Search <input id="q"></label><input type="search" id="r7">`;

const FIELD_NAMES = [
  { field: 'pay email', text: 'Your e-mail', form: 'pay' },
  { field: 'pay street', text: 'Street', form: 'pay' },
  { field: 'pay street 2', form: 'pay' },
  { field: 'pay country', text: 'Country', form: 'pay' },
  { field: 'pay note', text: 'Note', form: 'pay' },
  { field: 'pay pw', form: 'pay' },
  { field: 'pay card', form: 'pay' },
  { field: 'pay ship', form: 'pay' },
  { field: 'pay ship', form: 'pay' },
  { field: 'pay masked', text: '•••••', form: 'pay' },
  { field: 'q', text: 'Search' },
  { field: 'search' },
];

for (const [mask, label] of [['inputs', (text) => text], ['text', () => '•••••']]) {
  test(`what fields are called, once each, in the mode ${mask}`, async () => {
    const visit = await visitor(`${FIELDS}${tag(`data-track-forms data-mask="${mask}"`)}`);
    await captured(visit);
    const fields = visit.page.locator('input,select,textarea');
    const count = await fields.count();
    for (let n = 0; n < 2 * count; n += 1) await fields.nth(n % count).focus();
    const events = (await stored(visit)).filter(({ tag }) => tag === '__field');
    const named = events.map(({ payload: { id, ...names } }) => {
      assert.ok(id > 0);
      return names;
    });
    const expected = FIELD_NAMES.map((names) => (names.text ? { ...names, text: label(names.text) } : names));
    assert.deepEqual(named, expected);
    assert.ok(!JSON.stringify(events).includes('SECRET'));
    await visit.close();
  });
}

test('of a group of radio buttons only the chosen one was filled in by the visitor', async () => {
  const visit = await visitor(`<form>${[1, 2, 3].map((n) => `<input type="radio" name="ship" value="${n}">`).join('')}</form>${tag('data-track-forms')}`);
  await captured(visit);
  await visit.page.locator('input').nth(1).check();
  const inputs = await until('all three are told', async () => {
    await visit.page.evaluate(() => window.Sentiero.flush());
    const told = (await storedEvents(api, visit.sid)).filter(({ type, data }) => type === 3 && data.source === 5);
    return told.length === 3 && told.map(({ data }) => data);
  });
  assert.deepEqual(inputs.map(({ isChecked, userTriggered }) => [isChecked, userTriggered]), [[true, undefined], [false, false], [false, false]]);
  await visit.close();
});

const FINDINGS = ['jane@example.org', '4111 1111 1111 1111', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N', 'deadbeefdeadbeefdeadbeefdeadbeef'];

test('secrets in errors, the console, addresses and declared events are redacted', async () => {
  const said = JSON.stringify(FINDINGS);
  const html = `<a id="link" href="/users/jane@example.org?token=hunter2">mail jane@example.org</a>
    <button id="b" class="jane@example.org" data-sentiero-track-click="declared" data-sentiero-data='{"who":"jane@example.org","password":"hunter2"}'>x</button>
    <script>link.onclick = (event) => event.preventDefault();</script>
    ${tag('data-capture-errors data-track-navigation data-track-custom-events data-capture-clicks data-capture-console="error warn info log debug" data-capture-network="all"')}`;
  const visit = await visitor(html, { files: { '**/users/**': { body: '' }, '**/pictures/**': { body: '' } } });
  await captured(visit);
  await visit.page.evaluate(async (findings) => {
    for (const secret of findings) {
      setTimeout(() => { throw new Error(`no such user: ${secret}`); });
      await new Promise((done) => addEventListener('error', done, { once: true }));
      void Promise.reject(new Error(`refused ${secret}`));
      for (const level of ['error', 'warn', 'info', 'log', 'debug']) console[level](`signed in as ${secret}`, { [secret]: [secret], password: 'hunter2', deep: { Authorization: 'hunter2' } }, new Error(secret));
    }
    await fetch('/users/jane@example.org?token=hunter2');
    document.body.append(Object.assign(new Image(), { src: '/pictures/a?token=hunter2' }));
  }, FINDINGS);
  await visit.page.locator('#link').click();
  await visit.page.locator('#b').click();
  await until('the picture is timed', () => visit.page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/pictures/'))));
  await visit.page.evaluate(() => new Promise((done) => new PerformanceObserver(done).observe({ type: 'resource', buffered: true })));
  const events = await stored(visit);
  const text = JSON.stringify(events);
  for (const secret of [...FINDINGS, 'hunter2']) assert.ok(!text.includes(secret), `${secret} of ${said} in ${text}`);
  assert.deepEqual(payloads(events, 'navigation'), [{ url: `${worker.url}/users/•••••`, text: 'mail •••••' }]);
  assert.deepEqual(payloads(events, 'declared'), [{ who: '•••••', password: '•••••' }]);
  const thrown = payloads(events, 'error').filter(({ type }) => type !== 'resource');
  assert.equal(thrown.length, 2 * FINDINGS.length);
  assert.equal(payloads(events, '__console').length, 5 * FINDINGS.length);
  assert.deepEqual(payloads(events, '__network').map(({ url }) => url).sort(), [`${worker.url}/pictures/a`, `${worker.url}/users/•••••`]);
  assert.equal((await api.detail(visit.sid)).masked_at_edge, 0, 'all of it before it left the browser');
  await visit.close();
});

for (const [mode, text, plain] of [['inputs', 'Order of ••••• now', 'Shown'], ['text', '•••••', '•••••'], ['none', 'Order of ••••• now', 'Shown']]) {
  test(`text of links follows the mask, mode ${mode}`, async () => {
    const html = `<a id="mixed" href="/a">Order of <i data-rr-mask>SECRET-name</i> now<u data-rr-block>SECRET-blocked</u></a><a id="plain" href="/p">Shown</a>
      <a id="locked" data-rr-mask href="/b">SECRET-locked</a><div data-rr-block><a id="blocked" href="/c-SECRET" style="display:block">SECRET</a><form id="f" name="SECRET-form"><button id="s">s</button></form></div>
      <a id="lifted" data-sentiero-unmask href="/d">Lifted</a><a id="hash" href="#x">x</a><a id="js" href="javascript:void 0">x</a><a id="away" href="https://other.example/e">away</a>
      <script>onclick = (event) => event.preventDefault();</script>${tag(`data-track-navigation data-capture-clicks data-track-forms data-mask="${mode}"`)}`;
    const visit = await visitor(html);
    await captured(visit);
    for (const id of ['mixed', 'plain', 'locked', 'blocked', 's', 'lifted', 'hash', 'js', 'away']) await visit.page.locator(`#${id}`).click();
    const events = await stored(visit);
    assert.ok(!JSON.stringify(events).includes('SECRET'), JSON.stringify(events));
    assert.deepEqual(payloads(events, 'navigation'), [
      { url: `${worker.url}/a`, text },
      { url: `${worker.url}/p`, text: plain },
      { url: `${worker.url}/b`, text: '•••••' },
      { url: `${worker.url}/d`, text: mode === 'text' ? '\u2063Lifted' : 'Lifted' },
      { url: 'https://other.example/e', text: mode === 'text' ? '•••••' : 'away', external: true },
    ]);
    assert.deepEqual(payloads(events, '__click').map(({ selector }) => selector), ['a#mixed', 'a#plain', 'a#locked', 'a#lifted', 'a#hash', 'a#js', 'a#away']);
    await visit.close();
  });
}

test('loops are throttled and counted', async () => {
  const visit = await visitor(tag('data-capture-errors data-capture-console="log" data-track-custom-events'));
  await captured(visit);
  await visit.page.evaluate(async () => {
    const throws = (text) => {
      setTimeout(() => { throw new Error(text); });
      return new Promise((done) => addEventListener('error', done, { once: true }));
    };
    for (let i = 0; i < 120; i += 1) await throws('the same');
    for (let i = 0; i < 60; i += 1) await throws(`different ${'x'.repeat(i)}`);
    for (let i = 0; i < 300; i += 1) console.log(`line ${i}`);
    // A minute later, as far as the page knows.
    const now = performance.now.bind(performance);
    performance.now = () => now() + 60_000;
    console.log('later');
  });
  const events = await stored(visit);
  const errors = payloads(events, 'error');
  assert.deepEqual(errors.filter(({ message }) => message.endsWith('the same')).map(({ count }) => count), [undefined, 10, 100]);
  // A burst of 20, and one in 3 s.
  assert.ok(errors.length >= 20 && errors.length <= 30, `${errors.length} errors`);
  const lines = payloads(events, '__console');
  assert.ok(lines.length > 100 && lines.length <= 130, `${lines.length} lines`);
  const later = lines.at(-1);
  assert.deepEqual(later.args, ['later']);
  const left = lines.reduce((sum, { skipped = 0 }) => sum + skipped, 0);
  assert.equal(lines.length + left, 301, 'what was left out is counted');
  await visit.close();
});

test('errors before the recorder is there, and rejections of any kind', async () => {
  const html = `${tag('data-capture-errors')}<script>
    Promise.reject('plain text'); Promise.reject({ toString() { throw 1; } }); Promise.reject(new RangeError('far'));
    throw new Error('at once');</script><img src="/page?broken">
    <div data-rr-block><img src="/blocked.png"></div><img src="data:image/png;base64,AA">`;
  const visit = await visitor(html);
  await captured(visit);
  const errors = payloads(await stored(visit), 'error');
  assert.deepEqual(errors.map(({ message, type }) => [message, type]).sort(), [
    ['Promise rejected', 'unhandledrejection'],
    ['Uncaught Error: at once', undefined],
    ['far', 'unhandledrejection'],
    ['plain text', 'unhandledrejection'],
    ['ResourceError: img did not load', 'resource'],
  ].sort());
  const missing = errors.find(({ type }) => type === 'resource');
  assert.equal(missing.source, `${worker.url}/page`, 'without the query');
  await visit.close();
});

test("the page's console and events work as before, and as soon as nobody records", async () => {
  const html = `<script>const before = { ...console }; before.error = console.error;</script>
    <button id="b" data-sentiero-track-click="b" data-sentiero-data="{ no json">b</button>
    ${tag('data-capture-console="error warn info log debug" data-track-custom-events data-capture-clicks')}`;
  const visit = await visitor(html);
  await captured(visit);
  const given = await visit.page.evaluate(() => {
    const loop = { name: 'loop' };
    loop.self = loop;
    const odd = [loop, Symbol('s'), 10n, undefined, null, NaN, () => 1, document.body, new Map([[1, 2]]), new Proxy({}, { ownKeys() { throw new Error('trap'); } }), { get secret() { throw new Error('getter'); } }];
    console.log(...odd);
    for (const one of odd) console.error(one);
    console.info.call(null, 'without this', new Uint8Array(1e6));
    return console.warn('%s there', 'hello');
  });
  assert.equal(given, undefined);
  await visit.page.locator('#b').click();
  const lines = payloads(await stored(visit), '__console');
  assert.deepEqual(lines.at(-1), { level: 'warn', args: ['%s there', 'hello'] });
  assert.deepEqual(lines.find(({ level }) => level === 'info').args, ['without this', '[object Uint8Array]']);
  assert.equal(visit.lines.filter((line) => line.text().includes('there')).length, 1, 'the browser shows it, once');
  assert.equal(await visit.page.evaluate(() => globalThis.before?.error === console.error || before.error === console.error), false);
  await visit.page.evaluate(() => window.Sentiero.optOut());
  assert.equal(await visit.page.evaluate(() => before.error === console.error), true, 'given back');
  assert.deepEqual(visit.failures, []);
  await visit.close();
});

test('declared events: every type, rules of tag and data, shadow roots', async () => {
  const html = `<form data-sentiero-track-submit="sent"><input id="i" data-sentiero-track-focus="in" data-sentiero-track-blur="out" data-sentiero-track-change="changed" data-sentiero-data='{"n":1}'><button id="s">s</button></form>
    <div data-sentiero-track-click="outer"><button id="inner">x</button></div>
    <button id="bad" data-sentiero-track-click="sentiero:leave">x</button><button id="long" data-sentiero-track-click="${'x'.repeat(101)}">x</button>
    <button id="big" data-sentiero-track-click="big" data-sentiero-data='"${'x'.repeat(4096)}"'>x</button><button id="wrong" data-sentiero-track-click="wrong" data-sentiero-data="{">x</button>
    <p id="host"></p><script>document.querySelector('form').onsubmit = (event) => event.preventDefault();
      host.attachShadow({ mode: 'open' }).innerHTML = '<button id="deep" data-sentiero-track-click="deep">x</button>';</script>${tag('data-track-custom-events')}`;
  const visit = await visitor(html);
  await captured(visit);
  await visit.page.locator('#i').fill('SECRET');
  for (const id of ['s', 'inner', 'bad', 'long', 'big', 'wrong', 'deep']) await visit.page.locator(`#${id}`).click();
  const events = await stored(visit);
  assert.deepEqual(events.map(({ tag, payload }) => [tag, payload]), [
    ['in', { n: 1 }], ['changed', { n: 1 }], ['out', { n: 1 }], ['sent', {}], ['outer', {}], ['deep', {}],
  ]);
  await visit.close();
});

test('web vitals are stored when the page is left, also with the last beacon', async () => {
  const html = `<h1>Large enough to be the largest</h1><button id="b">b</button>${tag('data-capture-web-vitals')}`;
  const visit = await visitor(html);
  await captured(visit, 'vitals');
  await visit.page.locator('#b').click();
  // The others are known when this one is.
  await until('the first paint is stored', async () => payloads(await stored(visit, 'soon'), '__perf').some(({ metric }) => metric === 'FCP'));
  await visit.page.goto('about:blank');
  const found = await until('they are stored', async () => {
    const events = customOf(await storedEvents(api, visit.sid));
    return events.some(({ tag }) => tag === 'sentiero:leave') && payloads(events, '__perf');
  });
  const metrics = Object.fromEntries(found.map(({ metric, ...rest }) => [metric, rest]));
  assert.deepEqual(Object.keys(metrics).filter((name) => name !== 'INP').sort(), ['CLS', 'FCP', 'LCP', 'TTFB']);
  for (const { value, rating } of Object.values(metrics)) {
    assert.ok(value >= 0 && value < 60_000);
    assert.match(rating, /^(good|needs-improvement|poor)$/);
  }
  assert.equal(found.length, Object.keys(metrics).length, 'once each');
  await visit.close();
});

test('captures that cannot be loaded leave the recording alone', async () => {
  const visit = await visitor(`<p>text</p>${tag('data-capture-errors')}`, { files: { '**/r/capture.*': { status: 404, body: '' } } });
  await until('it is said once', () => visit.lines.some((line) => line.text().startsWith('Sentiero: capture')));
  assert.deepEqual(await stored(visit), []);
  await visit.close();
});

test('metadata and identity are told to a visit that begins on the same page', async () => {
  const visit = await visitor(`<button id="b">b</button>${tag('data-capture-metadata')}`);
  await captured(visit);
  await visit.page.evaluate(() => {
    window.Sentiero.setMetadata({ plan: 'pro', step: 1 });
    window.Sentiero.setMetadata({ step: 2 });
    window.Sentiero.identify('u-1');
    window.Sentiero.flush();
    // As if the visitor had been away for an hour.
    const [sid, started, last, ...more] = localStorage.getItem('sentiero_session').split(' ');
    localStorage.setItem('sentiero_session', [sid, started - 3_600_000, last - 3_600_000, ...more].join(' '));
  });
  await visit.page.locator('#b').click();
  const sid = await until('another visit has begun', async () => {
    await visit.page.evaluate(() => window.Sentiero.flush());
    const now = await visit.page.evaluate(() => window.Sentiero.sessionId());
    return now !== visit.sid && now;
  });
  const events = await stored({ page: visit.page, sid });
  assert.deepEqual(payloads(events, 'sentiero:metadata'), [{ plan: 'pro', step: 2 }]);
  assert.deepEqual(payloads(events, 'sentiero:identify'), [{ id: 'u-1' }]);
  assert.equal(payloads(events, 'sentiero:environment').length, 1);
  await visit.close();
});

test('pause and stop leave out what follows, each until it is taken back itself', async () => {
  const visit = await visitor(`<p id="p">text</p>${tag('')}`);
  const note = (name) => visit.page.evaluate((tag) => {
    document.querySelector('#p').textContent = tag;
    window.Sentiero.addCustomEvent(tag, {});
    return new Promise((done) => setTimeout(done));
  }, name);
  const call = (name, ...args) => visit.page.evaluate(([method, values]) => window.Sentiero[method](...values), [name, args]);
  await note('first');
  await call('pause');
  await note('OUT-paused');
  await call('start');
  await call('init', {});
  await call('optIn');
  await note('OUT-started-but-paused');
  await call('setMetadata', { said: 'while paused' });
  await call('stop');
  await call('resume');
  await note('OUT-stopped');
  await call('start');
  await note('second');
  const events = await stored(visit);
  assert.deepEqual(events.map(({ tag }) => tag), ['first', 'sentiero:metadata', 'second']);
  const all = (await api.events(visit.sid)).map(({ event }) => event);
  assert.equal(all.filter(({ type }) => type === 2).length, 2, 'a snapshot shows what changed meanwhile');
  assert.ok(!JSON.stringify(all).includes('OUT-paused'), 'not even as text');
  await visit.close();
});

test('a list of calls is obeyed in order, and one that fails does not keep the others from it', async () => {
  const html = `<script>
    const loop = {}; loop.self = loop;
    window.Sentiero = [['addCustomEvent', 'loop', loop], ['addCustomEvent', 'kept', { n: 1 }], ['nothing'], ['identify', 'u-2'], ['pause'], ['addCustomEvent', 'OUT', {}], ['resume']];
  </script>${tag('')}`;
  const visit = await visitor(html);
  const events = await stored(visit);
  assert.deepEqual(events.map(({ tag }) => tag), ['kept', 'sentiero:identify']);
  assert.deepEqual(visit.failures, []);
  assert.equal(visit.lines.filter((line) => line.text().startsWith('Sentiero:')).length, 1, 'it is said once');
  await visit.close();
});

test('sessionUrl is where the dashboard shows the session', async () => {
  const visit = await visitor(tag(''));
  const url = await visit.page.evaluate(() => window.Sentiero.sessionUrl());
  assert.equal(url, `${worker.url}/dashboard/#/s/demo/${visit.sid}`);
  await stored(visit);
  await visit.page.goto(`${worker.url}/dashboard/`);
  await visit.page.getByTestId('login-password').fill('correct-horse-battery');
  await visit.page.getByTestId('login-submit').click();
  await visit.page.getByTestId('session-row').first().waitFor();
  await visit.page.goto(url);
  await visit.page.getByTestId('speed').waitFor();
  await visit.close();

  const elsewhere = await visitor(tag('data-dashboard="https://dash.example/sentiero/"'));
  assert.equal(await elsewhere.page.evaluate(() => window.Sentiero.sessionUrl()), `https://dash.example/sentiero/#/s/demo/${elsewhere.sid}`);
  await elsewhere.close();
});

test('how often: pointer, scrolling, snapshots', async () => {
  const html = `<script>const now = Date.now; var ahead = 0; Date.now = () => now() + ahead;</script><div style="height:5000px">x</div>${tag('data-mouse-every="0" data-scroll-every="10" data-checkout-every="10000"')}`;
  const visit = await visitor(html);
  await visit.page.mouse.move(10, 10);
  await visit.page.mouse.move(200, 200, { steps: 20 });
  await visit.page.mouse.wheel(0, 400);
  await until('it has scrolled', () => visit.page.evaluate(() => scrollY > 0));
  await stored(visit, 'before');
  const kinds = async () => (await api.events(visit.sid)).map(({ event }) => event);
  const before = await kinds();
  assert.deepEqual(before.filter(({ type, data }) => type === 3 && data.source === 1), [], 'no positions');
  assert.equal(before.filter(({ type }) => type === 2).length, 1);
  await visit.page.evaluate(() => {
    globalThis.ahead = 12_000;
    document.body.append('changed');
  });
  await visit.page.evaluate(() => new Promise((done) => setTimeout(done)));
  await stored(visit, 'after');
  assert.equal((await kinds()).filter(({ type }) => type === 2).length, 2);
  await visit.close();
});
