// Big and busy pages, and pages on which nobody is. Real recorder, worker and browser.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { customOf, inReplay, payloads, root, servePage, sessionOf, signIn, stage, storedEvents, until } from './support.mjs';

const FULL = process.env.SENTIERO_FULL === '1';

let worker;
let browser;
let api;
stage((all) => ({ worker, browser, api } = all), { ANNOUNCE_SECONDS: '1' });

const tag = (more = '') => `<script src="/sentiero.js" data-site="demo" ${more}></script>`;

/** A page of a new visitor, `html` on the worker's own host. */
async function visit(html, { prepare, clock } = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  await servePage(context, () => html);
  await context.route('**/fence', (route) => route.fulfill({ status: 204 }));
  await prepare?.(context);
  const page = await context.newPage();
  if (clock) await page.clock.install({ time: Date.now() });
  const uploads = [];
  const said = [];
  const failures = [];
  context.on('request', (request) => request.url().includes('/i/') && uploads.push({ url: request.url(), at: Date.now() }));
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => failures.push(error));
  await page.goto(`${worker.url}/page`);
  return { context, page, uploads, said, failures };
}

const flush = (page) => page.evaluate(() => window.Sentiero.flush());

/** The stored events of a session in order, once `enough` says so. */
function stored(sid, enough) {
  return until('it is stored', async () => {
    const events = await storedEvents(api, sid);
    return enough(events) && events;
  }, 30_000);
}

const custom = (events, name) => payloads(customOf(events), name);
const has = (name) => (events) => custom(events, name).length > 0;
const snapshots = (events) => events.filter(({ type }) => type === 2);

/** Says so in the recording, so that it is known that all before it is there. */
const mark = async (page, name) => {
  await page.evaluate((name) => window.Sentiero.addCustomEvent(name, {}), name);
  await flush(page);
};

/** Opens the replay of a session, and gives what `look` finds when the page is shown. */
async function replay(sid, look, found) {
  const operator = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await signIn(operator, worker.url);
  await operator.getByTestId('session-row').first().waitFor();
  await operator.goto(`${worker.url}/dashboard/#/s/demo/${sid}`);
  await operator.getByTestId('activity-row').last().click();
  let last;
  try {
    return await until('the replay shows it', async () => {
      last = await inReplay(operator, look);
      return last && found(last) && last;
    }, 40_000);
  } catch (error) {
    throw new Error(`${error.message}: ${JSON.stringify(last)?.slice(0, 500)}`, { cause: error });
  } finally {
    await operator.context().close();
  }
}

const ROWS = 3_000;
const table = `<div id="box" style="height:300px;overflow:auto"><table id="t"></table></div>
  <select id="s"><option>one<option selected>two</select><textarea id="a">typed</textarea><div id="shadow"></div>
  <style>#end{color:rgb(1,2,3)}</style><p id="end">the end</p>
  <script>
    const t = document.getElementById('t');
    t.innerHTML = Array.from({length: ${ROWS}}, (_, i) => '<tr class="row row-' + i + '">' + Array.from({length: 4}, (_, c) =>
      '<td data-column="' + c + '">cell ' + c + ' of the row with the number ' + i + ' and some words'.repeat(24) + '</td>').join('') + '</tr>').join('');
    document.getElementById('box').scrollTop = 4000;
    const host = document.getElementById('shadow').attachShadow({mode: 'open'});
    host.innerHTML = '<b>in the shadow</b>';
  </script>`;

test('a snapshot of 5 MB arrives in parts, and is replayed whole', { timeout: 120_000 }, async () => {
  const { context, page, failures } = await visit(table + tag());
  const sid = await sessionOf(page);
  await page.mouse.move(10, 10);
  await mark(page, 'done');
  const events = await stored(sid, has('done'));
  const [snapshot] = snapshots(events);
  const bytes = events.filter(({ timestamp }) => timestamp === snapshot.timestamp).reduce((sum, event) => sum + JSON.stringify(event).length, 0);
  assert.ok(bytes > 5_000_000, `${bytes} bytes`);
  const parts = events.filter(({ type, data, timestamp }) => type === 3 && data.source === 0 && timestamp === snapshot.timestamp);
  assert.ok(parts.length >= 8, `${parts.length} parts`);
  assert.deepEqual([custom(events, 'sentiero:dropped'), custom(events, 'sentiero:left-out')], [[], []]);

  // As much again, at once.
  await page.evaluate((rows) => {
    const list = document.createElement('div');
    list.id = 'list';
    for (let i = 0; i < rows; i += 1) {
      if (i % 100 === 0) list.append(document.createElement('ul'));
      list.lastChild.append(Object.assign(document.createElement('li'), { textContent: `item ${i} ${'of a list that is long '.repeat(4)}` }));
    }
    document.body.append(list);
  }, 10_000);
  await mark(page, 'added');
  await stored(sid, has('added'));
  const there = await page.evaluate(() => document.querySelectorAll('*').length);
  await page.close();
  await context.close();
  assert.deepEqual(failures, []);

  const detail = await api.detail(sid);
  assert.deepEqual(detail.tab_list.map(({ gaps }) => gaps), [[]]);
  assert.equal(detail.masked_at_edge, 0, 'the parts pass the edge as they are');
  const look = () => ({
    rows: document.querySelectorAll('tr.row').length,
    last: document.querySelector('tr.row:last-child td:last-child')?.textContent,
    order: [...document.querySelectorAll('tr.row')].every((row, i) => row.classList[1] === `row-${i}`),
    items: [...document.querySelectorAll('#list li')].map((item) => item.textContent.split(' ')[1]).join() === Array.from({ length: 10_000 }, (_, i) => i).join(),
    count: document.querySelectorAll('#list li').length,
    scrolled: document.getElementById('box')?.scrollTop,
    typed: document.getElementById('a')?.value,
    shadow: document.getElementById('shadow')?.shadowRoot?.textContent,
    colour: document.getElementById('end') && getComputedStyle(document.getElementById('end')).color,
  });
  const shown = await replay(sid, look, ({ count, scrolled }) => count === 10_000 && scrolled > 0);
  assert.ok(there > 25_000, `${there} elements`);
  assert.deepEqual(shown, {
    rows: ROWS, last: `cell 3 of the row with the number ${ROWS - 1}${' and some words'.repeat(24)}`, order: true, items: true, count: 10_000,
    scrolled: 4000, typed: '•••••', shadow: 'in the shadow', colour: 'rgb(1, 2, 3)',
  });
});

test('nothing is sent before somebody acts, and then all of it', async () => {
  const { context, page, uploads } = await visit(`<p>hello</p>${tag()}`);
  const sid = await sessionOf(page);
  await page.evaluate(async () => {
    window.Sentiero.addCustomEvent('early', {});
    for (let i = 0; i < 200; i += 1) {
      document.body.append(document.createElement('i'));
      await Promise.resolve();
    }
    document.body.click();
    dispatchEvent(new PointerEvent('pointerdown'));
    scrollTo(0, 10);
    await fetch('/fence');
  });
  assert.deepEqual(uploads, [], 'nobody was there');
  await page.reload();
  assert.equal(await sessionOf(page), sid, 'no visit is over by that');
  await page.evaluate(() => window.Sentiero.addCustomEvent('second', {}));
  assert.deepEqual(uploads, [], 'a page that nobody used says nothing when it is left');
  await page.mouse.move(20, 20);
  const events = await stored(sid, has('second'));
  assert.equal(snapshots(events).length, 1);
  assert.equal(custom(events, 'early').length, 0, 'that page is gone');
  await context.close();

  const at = await visit(`<p>hello</p>${tag('data-start="load"')}`);
  await stored(await sessionOf(at.page), (events) => snapshots(events).length === 1);
  await at.context.close();
});

test('a visit that is too short is not sent, and not one that is out of the sample', async () => {
  const { context, page, uploads } = await visit(`<p>hello</p>${tag('data-min-duration="2"')}`);
  const sid = await sessionOf(page);
  await page.mouse.move(10, 10);
  await page.evaluate(() => fetch('/fence'));
  assert.deepEqual(uploads, []);
  let x = 10;
  await until('it has lasted two seconds', async () => {
    await page.mouse.move((x += 1), 10);
    return uploads.length;
  });
  await stored(sid, (events) => snapshots(events).length === 1);
  await context.close();

  const out = await visit(`<p>hello</p>${tag('data-sample-rate="0" data-start="load"')}`);
  await until('it is decided', () => out.page.evaluate(() => localStorage.getItem('sentiero_session')));
  await out.page.mouse.move(10, 10);
  await out.page.evaluate(() => {
    window.Sentiero.addCustomEvent('x', {});
    window.Sentiero.flush();
    return fetch('/fence');
  });
  assert.deepEqual([out.uploads, await out.page.evaluate(() => window.Sentiero.sessionId())], [[], null]);
  await out.context.close();
});

test('a visit of each tab, where the site wants that', async () => {
  const { context, page } = await visit(`<p>hello</p>${tag('data-session="tab"')}`);
  const sid = await sessionOf(page);
  await page.mouse.move(10, 10);
  await stored(sid, (events) => snapshots(events).length === 1);
  const other = await context.newPage();
  await other.goto(`${worker.url}/page`);
  assert.notEqual(await sessionOf(other), sid);
  await other.reload();
  assert.deepEqual(await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage).sort()]), [[], ['sentiero_session', 'sentiero_window']]);
  await page.evaluate(() => window.Sentiero.optOut());
  assert.deepEqual(await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)]), [['sentiero_optout'], []]);
  await context.close();
});

test('after five minutes without anybody rrweb rests, until somebody comes back', async () => {
  const { context, page } = await visit(`<p id="p">0</p>${tag()}`, { clock: true });
  const sid = await sessionOf(page);
  await page.mouse.move(10, 10);
  await page.clock.runFor(280_000);
  await page.evaluate(() => (document.getElementById('p').textContent = 'awake'));
  await page.clock.runFor(30_000);
  await page.evaluate(() => (document.getElementById('p').textContent = 'asleep'));
  await page.clock.runFor(600_000);
  await mark(page, 'late');
  const before = await stored(sid, has('late'));
  assert.deepEqual([custom(before, 'sentiero:idle').length, snapshots(before).length], [1, 1]);
  assert.ok(JSON.stringify(before).includes('awake') && !JSON.stringify(before).includes('asleep'));
  await page.mouse.move(30, 30);
  await mark(page, 'back');
  const events = await stored(sid, has('back'));
  assert.equal(snapshots(events).length, 2);
  assert.ok(JSON.stringify(snapshots(events)[1]).includes('asleep'), 'what happened meanwhile is in the new snapshot');
  await context.close();
});

const STORM = `<div id="calm">calm 0</div><div id="around"><ul id="storm"></ul><button id="b">press</button></div>
  <script>
    let n = 0;
    window.storm = (ms) => new Promise((done) => {
      const list = document.getElementById('storm');
      const end = performance.now() + ms;
      let field;
      const step = () => {
        n += 1;
        // A password that comes during the storm, and that the page makes readable in it.
        if (!field && performance.now() > end - ms / 2) {
          field = Object.assign(document.createElement('input'), {type: 'password', value: 'pa55-of-the-storm'});
          const item = document.createElement('li');
          item.append(field);
          list.append(item);
        } else if (field && performance.now() > end - ms / 4) field.type = 'text';
        if (!field && n % 20 === 1) list.replaceChildren(...Array.from({length: 400}, () => document.createElement('li')));
        for (const item of list.children) if (!item.firstElementChild) Object.assign(item, {className: 'c' + n, textContent: 'tick ' + n});
        performance.now() < end ? setTimeout(step) : done(n);
      };
      step();
    });
  </script>`;

test('a storm in one part of a page is left out and said, the rest goes on, and then it is right again', { timeout: 60_000 }, async () => {
  const { context, page, failures } = await visit(STORM + tag());
  const sid = await sessionOf(page);
  await page.mouse.move(10, 10);
  const storming = page.evaluate(() => window.storm(4_000));
  for (let i = 1; i <= 20; i += 1) {
    await page.evaluate((i) => (document.getElementById('calm').textContent = `calm ${i}`), i);
    // A text that is followed by another within one frame is not recorded: a busy machine's are long.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 150))));
  }
  await page.locator('#b').click();
  const ticks = await storming;
  const noted = await until('it is over', async () => {
    await flush(page);
    const events = (await api.events(sid)).map(({ event }) => event);
    return custom(events, 'sentiero:storm').some(({ left }) => left > 0) && events;
  }, 30_000);
  const storms = custom(noted, 'sentiero:storm');
  assert.equal(storms[0].left, 0, 'it begins with a note');
  assert.ok(storms.every(({ id }) => id === storms[0].id));
  assert.equal(await page.evaluate(() => document.querySelector('#storm input').type), 'text');
  const seen = JSON.stringify(noted);
  for (let i = 1; i <= 20; i += 1) assert.ok(seen.includes(`"calm ${i}"`), `the rest is recorded: ${i}`);
  assert.ok(noted.some(({ type, data }) => type === 3 && data.source === 2 && data.type === 2), 'the click, too');
  assert.ok(seen.includes('"tagName":"input"') && !seen.includes('pa55-of'), 'a password stays one');
  const recorded = noted.filter(({ type, data }) => type === 3 && data.source === 0).reduce((sum, { data }) => sum + data.adds.length, 0);
  assert.ok(recorded < 400 * ticks, `${recorded} nodes of ${800 * ticks}`);
  assert.equal(snapshots(noted).length, 1, 'no new snapshot of all was needed');
  await mark(page, 'after');
  await stored(sid, has('after'));
  await page.close();
  await context.close();
  assert.deepEqual(failures, []);
  const shown = await replay(sid, () => ({
    last: document.querySelector('#storm li')?.textContent,
    count: document.querySelectorAll('#storm li').length,
    button: document.querySelectorAll('#b').length,
  }), ({ last }) => last === `tick ${ticks}`);
  assert.deepEqual(shown, { last: `tick ${ticks}`, count: 401, button: 1 });
});

const DEMO = JSON.parse(readFileSync(join(root, 'sites/demo.json'), 'utf8'));

/** Answers of the edge to a page, as it asked for things. */
function directives(page) {
  const asked = [];
  page.on('response', async (response) => {
    if (response.url().endsWith('/i/demo') && response.status() === 200) asked.push((await response.json().catch(() => ({}))).directive);
  });
  return asked;
}

test('a snapshot is taken where the edge has none', async () => {
  let swallowed = 0;
  const swallow = (context) => context.route('**/i/demo', (route) => {
    swallowed += 1;
    return swallowed === 1 ? route.fulfill({ json: { next: 0, directive: 'ok' } }) : route.continue();
  });
  const { context, page } = await visit(`<p>hello</p>${tag()}`, { prepare: swallow });
  const sid = await sessionOf(page);
  await page.mouse.move(10, 10);
  await until('the first upload is lost', () => swallowed);
  await page.evaluate(() => {
    for (let i = 0; i < 100; i += 1) window.Sentiero.addCustomEvent('n', { i });
    window.Sentiero.flush();
  });
  const events = await stored(sid, (events) => snapshots(events).length > 0);
  assert.equal(custom(events, 'n').length, 100);
  await context.close();
});

test('a site is slowed down, and switched off under live pages with their next upload', { timeout: 60_000 }, async () => {
  const { context, page, uploads, said } = await visit(`<p>hello</p>${tag()}`);
  const asked = directives(page);
  const sid = await sessionOf(page);
  await page.mouse.move(10, 10);
  await stored(sid, (events) => snapshots(events).length === 1);
  const flushUntil = (what, seen) => until(what, async () => {
    await page.evaluate(() => window.Sentiero.addCustomEvent('beat', {}));
    await flush(page);
    return seen();
  }, 30_000);

  await worker.configure('demo', { ...DEMO, slow_seconds: 3 });
  await flushUntil('the edge asks for a pace', () => asked.includes('slow'));
  const slow = uploads.length;
  await mark(page, 'waits');
  await until('it is uploaded', () => uploads.length > slow);
  const gap = uploads[slow].at - uploads[slow - 1].at;
  assert.ok(gap >= 2_900, `${gap} ms`);

  await worker.configure('demo', { ...DEMO, recording: false });
  try {
    // Its worker is gone with it, so the answer cannot be read any more.
    await flushUntil('the page is told to stop', () => said.some((line) => line.includes('takes no more')));
    const count = uploads.length;
    const known = (await api.events(sid)).length;
    await page.evaluate(() => {
      document.body.append('never recorded');
      window.Sentiero.addCustomEvent('never', {});
      window.Sentiero.flush();
      return fetch('/fence');
    });
    await page.mouse.move(30, 30);
    await page.reload();
    await page.mouse.move(40, 40);
    await until('a new page is told, too', () => said.filter((line) => line.includes('takes no more')).length === 2);
    assert.equal(uploads.length, count + 1, 'it asked once');
    assert.equal((await api.events(sid)).length, known, 'nothing more is stored');
  } finally {
    await worker.configure('demo', DEMO);
  }
  await context.close();
});

/** The engine's script with a handle on the memories of its instances. */
function exposeMemory(context) {
  const file = readdirSync(join(root, 'www/dist/r')).find((name) => /^engine\..*\.js$/.test(name));
  const text = readFileSync(join(root, 'www/dist/r', file), 'utf8');
  const expose = `{
    const { Instance } = WebAssembly;
    globalThis.memories = [];
    WebAssembly.Instance = function (...given) {
      const instance = new Instance(...given);
      memories.push(instance.exports.memory);
      return instance;
    };
  }`;
  return context.route(`**/r/${file}`, (route) => route.fulfill({ contentType: 'text/javascript', body: expose + text }));
}

async function heapOf(devtools) {
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { documents, nodes } = await devtools.send('Memory.getDOMCounters');
  return { heap: usedSize, documents, nodes };
}

test('frames that come and go leave nothing behind', { timeout: 60_000 }, async () => {
  const { context, page, failures } = await visit(`<div id="home"></div>${tag()}`);
  await sessionOf(page);
  await page.mouse.move(10, 10);
  const devtools = await context.newCDPSession(page);
  const mount = (times) => page.evaluate(async (times) => {
    const home = document.getElementById('home');
    for (let i = 0; i < times; i += 1) {
      const frame = document.createElement('iframe');
      frame.srcdoc = `<ul>${'<li>an item of a frame</li>'.repeat(300)}</ul>`;
      const loaded = new Promise((done) => (frame.onload = done));
      home.replaceChildren(frame);
      await loaded;
      const host = document.createElement('div');
      home.append(host);
      host.attachShadow({ mode: 'open' }).innerHTML = '<p>shadow</p>'.repeat(100);
      await new Promise((done) => setTimeout(done, 5));
    }
    home.replaceChildren();
    await new Promise((done) => setTimeout(done, 50));
    window.Sentiero.flush();
  }, times);
  await mount(20);
  const before = await heapOf(devtools);
  await mount(200);
  // A busy machine takes frames down later than it is asked to collect them.
  const after = await until(`no more than ${before.documents} documents stay, or three more`, async () => {
    const now = await heapOf(devtools);
    return now.documents <= before.documents + 3 && now;
  });
  assert.ok(after.nodes < before.nodes + 30_000, `${before.nodes} nodes, then ${after.nodes}`);
  assert.ok(after.heap < before.heap + 6_000_000, `${before.heap} bytes, then ${after.heap}`);
  assert.deepEqual(failures, []);
  await context.close();
});

test('a working day of eight hours needs no more memory at its end than at its beginning', { timeout: FULL ? 600_000 : 90_000 }, async () => {
  // Five minutes of a day at once: what a visitor does, what a page does, a break, a return.
  const rounds = FULL ? 960 : 96;
  const { context, page, failures } = await visit(`<div id="app"></div>${tag()}`, { prepare: exposeMemory, clock: true });
  await sessionOf(page);
  const devtools = await context.newCDPSession(page);
  const round = async (i) => {
    await page.mouse.move(10 + (i % 50), 10);
    await page.evaluate((i) => {
      const app = document.getElementById('app');
      app.innerHTML = `<table>${Array.from({ length: 150 }, (_, row) => `<tr><td>${i}</td><td>row ${row}</td></tr>`).join('')}</table><input value="${i}">`;
      for (let n = 0; n < 40; n += 1) app.firstChild.rows[n].className = `c${i}-${n}`;
    }, i);
    await page.clock.runFor(60_000);
    // Now and then nobody is there.
    await page.clock.runFor(i % 4 === 0 ? 400_000 : 220_000);
    await flush(page);
  };
  const measure = async () => {
    await until('all is uploaded', async () => {
      await flush(page);
      return page.workers().length === 1;
    }, 40_000);
    const wasm = await page.workers()[0].evaluate(() => globalThis.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0));
    return { ...(await heapOf(devtools)), wasm };
  };
  const warm = Math.floor(rounds / 4);
  let before;
  for (let i = 0; i < rounds; i += 1) {
    if (i === warm) before = await measure();
    await round(i);
  }
  const after = await measure();
  assert.ok(after.heap < before.heap + 4_000_000, `heap: ${before.heap}, then ${after.heap}`);
  assert.ok(after.nodes < before.nodes + 5_000, `nodes: ${before.nodes}, then ${after.nodes}`);
  assert.ok(after.wasm <= 24 << 20 && after.wasm <= before.wasm + (4 << 20), `wasm: ${before.wasm}, then ${after.wasm}`);
  assert.deepEqual(failures, []);
  console.log(`  ${rounds} rounds: heap ${(before.heap / 1e6).toFixed(1)} → ${(after.heap / 1e6).toFixed(1)} MB, wasm ${(before.wasm / 1e6).toFixed(1)} → ${(after.wasm / 1e6).toFixed(1)} MB`);
  await context.close();
});
