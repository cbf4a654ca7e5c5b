// Nothing is lost, nothing is twice: pages that know how many events they made, all the
// ways in which a page ends and a network fails, and what the edge has stored afterwards.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FAULTS, Proxy, small } from './loss/proxy.mjs';
import { Api, Worker, journalOf, launch, until } from './support.mjs';

const FULL = process.env.SENTIERO_FULL === '1';
/** How long the edge is busy in the row that says minutes, ms. */
const OUTAGE = FULL ? 180_000 : 12_000;

let worker;
let browser;
let proxy;
let api;
let folder;
const table = [];

before(async () => {
  proxy = await Proxy.start(page);
  folder = mkdtempSync(join(tmpdir(), 'sentiero-loss-'));
  const site = join(folder, 'loss.json');
  writeFileSync(site, JSON.stringify({ name: 'Loss', origins: [proxy.url], bots: 'record' }));
  worker = await Worker.start({}, { loss: site });
  proxy.edge = worker.url;
  api = await Api.signIn(worker.url, 'loss');
  browser = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
});
after(async () => {
  await browser?.close();
  await worker?.stop();
  proxy?.stop();
  rmSync(folder, { recursive: true, force: true });
  const line = (cells) => cells.map((cell, at) => String(cell).padEnd(at ? 11 : 46)).join('');
  console.log([line(['row', 'made', 'stored', 'lost', 'twice', 'reordered', 'sessions']), ...table.map(line)].join('\n'));
});

/**
 * The pages of a row. `made(n)` makes events with the next n numbers: a custom event and an
 * element each. The numbers go on in later pages of the same browser tab.
 */
function page(row, path) {
  if (path.startsWith('/blank')) return '<!doctype html><title>elsewhere</title>';
  if (!path.startsWith('/page')) return undefined;
  return `<!doctype html><meta charset="utf-8"><title>${row}</title><link rel="icon" href="data:,">
    <button id="b">b</button><ul id="list"></ul><script>
      addEventListener('pageshow', ({ persisted }) => { window.cached = persisted; });
      window.mark = (from, n, words = '') => {
        for (let i = from; i < from + n; i += 1) {
          window.Sentiero.addCustomEvent('n', { i, words });
          list.append(Object.assign(document.createElement('li'), { textContent: 'made-' + i }));
        }
      };
    </script><script src="sentiero.js" data-site="loss" data-start="load"></script>`;
}

/** One row: a visitor's browser with a folder of its own. */
class Visitor {
  made = 0;

  constructor(name, context, row) {
    Object.assign(this, { name, context, row, failures: [] });
  }

  set fault(fault) {
    this.row.fault = fault;
  }

  url(path = '/page') {
    return `${proxy.url}/${this.name}${path}`;
  }

  /** A new page that records. */
  async open(prepare) {
    const tab = await this.context.newPage();
    tab.on('pageerror', (error) => this.failures.push(error));
    await prepare?.(tab);
    await tab.goto(this.url());
    await this.ready(tab);
    return tab;
  }

  ready(tab) {
    return until(`${this.name}: the recorder has a session`, () => tab.evaluate(() => window.Sentiero?.sessionId?.()));
  }

  /** Makes `n` events in `tab`. */
  async make(tab, n, words) {
    const from = this.made + 1;
    this.made += n;
    await tab.evaluate(([first, count, text]) => window.mark(first, count, text), [from, n, words]);
  }

  /** All that was made in `tab` so far is with the worker, and in the journal or stored. */
  async journalled(tab, ms) {
    await tab.evaluate(() => window.Sentiero.flush());
    const stored = async () => numbers((await this.stored()).events).every((list) => list.includes(this.made));
    await until(`${this.name}: the journal has it`, async () => (await this.kept(tab)).ends >= this.made || stored(), ms);
  }

  /** All that was made in `tab` so far is stored, and acknowledged. */
  async uploaded(tab) {
    await tab.evaluate(() => window.Sentiero.flush());
    await until(`${this.name}: the journal is empty`, async () => (await this.kept(tab)).keys.length === 0);
  }

  /** Keys in the journal and of tails; `ends` is the most numbered events that a page load has there. */
  async kept(tab) {
    const batches = await journalOf(tab);
    const tails = await tab.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('sentiero_tail_')));
    const numbers = batches.flatMap(({ text }) => [...text.matchAll(/"payload":\{"i":(\d+)/g)].map(([, i]) => Number(i)));
    return { tails, keys: batches.map(({ key }) => key), ends: Math.max(0, ...numbers) };
  }

  /** What is stored of all sessions of this row. */
  async stored() {
    const sids = new Set(this.row.uploads.map(({ sid }) => sid));
    const all = await Promise.all([...sids].map((sid) => api.events(sid).catch(() => [])));
    const events = all.flatMap((list, at) => list.map((line) => ({ ...line, tab: `${[...sids][at]}/${line.tab}` })));
    return { events, sessions: all.filter((list) => list.length).length };
  }
}

/** The numbers in `events`, in their order: of custom events, and of elements that came. */
function numbers(events) {
  const custom = events.filter(({ event }) => event.type === 5 && event.data.tag === 'n').map(({ event }) => event.data.payload.i);
  const added = events.filter(({ event }) => event.type === 3 && event.data.source === 0).flatMap(({ event }) => event.data.adds);
  const elements = added.map(({ node }) => /^made-(\d+)$/.exec(node.textContent ?? '')?.[1]).filter(Boolean).map(Number);
  return [custom, elements];
}

/** How `events` differ from the numbers 1 to `made`, each once and, by page load, in order. */
function compare(events, made) {
  const tabs = new Set(events.map(({ tab }) => tab));
  const result = { lost: 0, twice: 0, reordered: 0 };
  for (const kind of [0, 1]) {
    const all = numbers(events)[kind];
    result.lost += made - new Set(all).size;
    result.twice += all.length - new Set(all).size;
    for (const of of tabs) {
      const mine = numbers(events.filter(({ tab }) => tab === of))[kind];
      result.reordered += mine.filter((i, at) => at > 0 && i < mine[at - 1]).length;
    }
  }
  result.twice += events.length - new Set(events.map(({ tab, index }) => `${tab}/${index}`)).size;
  return result;
}

const rows = [];
/** A row of the matrix; `act` does what it says and returns what else must hold. */
function row(what, act, options = {}) {
  rows.push({ what, act, options });
}

async function run({ what, act, options }, name) {
  const context = await browser.newContext(options.context);
  const visitor = new Visitor(name, context, proxy.row(name));
  try {
    if (options.init) await context.addInitScript(options.init);
    const further = await act(visitor);
    const end = Date.now() + 70_000;
    let found;
    let result;
    do {
      found = await visitor.stored();
      result = compare(found.events, visitor.made);
      if (result.lost) await new Promise((done) => setTimeout(done, 200));
    } while (result.lost && Date.now() < end);
    const { lost, twice, reordered } = result;
    table.push([what, 2 * visitor.made, numbers(found.events).flat().length, lost, twice, reordered, found.sessions]);
    assert.deepEqual({ ...result, failures: visitor.failures }, { lost: 0, twice: 0, reordered: 0, failures: [] }, what);
    await further?.(found, visitor);
  } finally {
    await context.close();
  }
}

/** The process of `tab` is gone, as if it had crashed. */
async function crash(visitor, tab) {
  const devtools = await visitor.context.newCDPSession(tab);
  const crashed = new Promise((done) => tab.once('crash', done));
  devtools.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** The journal and the tails are empty at last. */
const empty = (visitor, tab) => () =>
  until(`${visitor.name}: nothing is kept any more`, async () => {
    const { keys, tails } = await visitor.kept(tab);
    return keys.length + tails.length === 0;
  });

/** A worker has a database of its own. */
function withoutIndexedDb() {
  delete window.Worker;
  Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('denied', 'SecurityError'); } });
}

row('leave for another page', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 30);
  await tab.goto(visitor.url('/blank'));
});

row('leave at once, connection cold', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 5);
  await tab.goto(visitor.url('/blank'));
});

row('reload', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 20);
  await tab.reload();
  await visitor.ready(tab);
  await visitor.make(tab, 20);
  await tab.close();
});

row('close', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 20);
  await tab.close();
});

row('back/forward cache', async (visitor) => {
  const tab = await visitor.open();
  const devtools = await visitor.context.newCDPSession(tab);
  let why = [];
  devtools.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) => (why = notRestoredExplanations));
  await devtools.send('Page.enable');
  await visitor.make(tab, 20);
  let returns = 0;
  // Chromium drops what it cached if a script runs there, and ours from outside may.
  for (let i = 0; i < 6 && returns < 2; i += 1) {
    // Chromium does not cache a page of which an answer comes while it is being left.
    await visitor.uploaded(tab);
    await visitor.make(tab, 5);
    await tab.goto(visitor.url('/blank'));
    await tab.goBack({ waitUntil: 'commit' });
    await until('it comes back', () => tab.evaluate(() => window.cached !== undefined));
    returns += (await tab.evaluate(() => window.cached)) ? 1 : 0;
    await visitor.make(tab, 20);
  }
  assert.equal(returns, 2, `it comes from the cache: ${JSON.stringify(why)}`);
  assert.equal((await visitor.kept(tab)).tails.length, 0, 'who is back has no tail');
  await tab.close();
});

row('crash of the tab', async (visitor) => {
  visitor.fault = FAULTS.busy;
  const tab = await visitor.open();
  await visitor.make(tab, 40);
  await visitor.journalled(tab);
  await crash(visitor, tab);
  visitor.fault = FAULTS.pass;
  return empty(visitor, await visitor.open());
});

row('leave without a network', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 20);
  await visitor.journalled(tab);
  await visitor.context.setOffline(true);
  await visitor.make(tab, 20);
  await tab.close();
  await visitor.context.setOffline(false);
  return empty(visitor, await visitor.open());
});

row('the same, no IndexedDB', async (visitor) => {
  const tab = await visitor.open();
  await visitor.context.setOffline(true);
  await visitor.make(tab, 40);
  await tab.close();
  await visitor.context.setOffline(false);
  await visitor.open();
}, { init: withoutIndexedDb });

row('thirty minutes without a network', async (visitor) => {
  const tab = await visitor.open(async (page) => {
    await page.clock.install();
  });
  await visitor.make(tab, 20);
  await visitor.context.setOffline(true);
  for (let minute = 0; minute < 30; minute += 5) {
    // Of a page that nobody touches for 5 minutes nothing more is recorded.
    await tab.mouse.move(10 + minute, 10);
    await visitor.make(tab, 5);
    await tab.clock.runFor(5 * 60_000);
  }
  await visitor.context.setOffline(false);
  await tab.clock.runFor(60_000);
}, { init: () => { delete window.Worker; } });

row('503 for minutes', async (visitor) => {
  visitor.fault = FAULTS.busy;
  const tab = await visitor.open();
  const end = Date.now() + OUTAGE;
  while (Date.now() < end) {
    await visitor.make(tab, 10);
    await visitor.journalled(tab);
    await new Promise((done) => setTimeout(done, OUTAGE / 12));
  }
  visitor.fault = FAULTS.pass;
});

row('503 while the page is left', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 20);
  visitor.fault = FAULTS.busy;
  await visitor.make(tab, 20);
  await tab.goto(visitor.url('/blank'));
  await until('the beacon was refused', () => visitor.row.uploads.some(({ end }) => end));
  await tab.close();
  visitor.fault = FAULTS.pass;
  return empty(visitor, await visitor.open());
});

row('an edge that answers slowly', async (visitor) => {
  visitor.fault = FAULTS.slow;
  const tab = await visitor.open();
  for (let i = 0; i < 3; i += 1) {
    await visitor.make(tab, 20);
    await visitor.journalled(tab);
  }
  await tab.reload();
  await visitor.ready(tab);
  await visitor.make(tab, 20);
  await tab.close();
});

row('413, and splitting', async (visitor) => {
  visitor.fault = small(4_000);
  const tab = await visitor.open();
  // What does not compress.
  const words = () => Array.from({ length: 200 }, () => Math.random().toString(36).replace(/[\d.]/g, '').slice(0, 5)).join(' ');
  for (let i = 0; i < 12; i += 1) await visitor.make(tab, 1, words());
  await tab.evaluate(() => window.Sentiero.flush());
  const refused = () => visitor.row.uploads.length;
  await until('it was split', () => refused() > 4);
});

row('acknowledgements that are lost', async (visitor) => {
  const { uploads } = visitor.row;
  // The acknowledgement of each batch is lost once, in whatever order they come.
  visitor.fault = (upload) => {
    const { first } = uploads.at(-1);
    const isNew = uploads.findIndex((other) => other.first === first) === uploads.length - 1;
    return isNew ? FAULTS.unheard(upload) : FAULTS.pass(upload);
  };
  const tab = await visitor.open();
  for (let i = 0; i < 3; i += 1) {
    await visitor.make(tab, 20);
    await visitor.uploaded(tab);
  }
  const twice = () => visitor.row.uploads.filter(({ first }, at, all) => all.findIndex((upload) => upload.first === first) < at);
  assert.ok(twice().length > 1, 'some came twice');
  await tab.close();
});

row('connections that break', async (visitor) => {
  let count = 0;
  visitor.fault = (upload) => (count++ % 3 ? FAULTS.broken(upload) : FAULTS.pass(upload));
  const tab = await visitor.open();
  for (let i = 0; i < 3; i += 1) {
    await visitor.make(tab, 20);
    await tab.reload();
    await visitor.ready(tab);
  }
  visitor.fault = FAULTS.pass;
  return empty(visitor, tab);
});

row('two tabs at once', async (visitor) => {
  const tabs = [await visitor.open(), await visitor.open()];
  for (let i = 0; i < 5; i += 1) {
    for (const tab of tabs) await visitor.make(tab, 5);
  }
  await Promise.all(tabs.map((tab) => tab.close()));
  return ({ sessions }) => assert.equal(sessions, 1, 'one visit');
});

row('a duplicated tab', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 10);
  const copy = await tab.evaluate(() => ({ ...sessionStorage }));
  // As the browser does it: the copy begins with the other's sessionStorage.
  const other = await visitor.open((page) => page.addInitScript((items) => Object.assign(sessionStorage, items), copy));
  for (let i = 0; i < 3; i += 1) {
    await visitor.make(tab, 5);
    await visitor.make(other, 5);
  }
  await tab.close();
  await other.close();
});

row('window.open', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 10);
  const [other] = await Promise.all([visitor.context.waitForEvent('page'), tab.evaluate((url) => void window.open(url), visitor.url())]);
  await visitor.ready(other);
  await visitor.make(other, 10);
  await visitor.make(tab, 10);
  await other.close();
  await tab.close();
});

row('a visit that crosses the idle limit', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 20);
  const first = await tab.evaluate(() => window.Sentiero.sessionId());
  await tab.evaluate(() => {
    const [sid, started, last, offset] = localStorage.sentiero_session.split(' ');
    const ago = 31 * 60_000;
    localStorage.sentiero_session = [sid, started - ago, last - ago, offset].join(' ');
  });
  await tab.locator('#b').click();
  await tab.evaluate(() => window.Sentiero.flush());
  await until('another visit begins', async () => (await tab.evaluate(() => window.Sentiero.sessionId())) !== first);
  await visitor.make(tab, 20);
  await tab.close();
  return ({ sessions }) => assert.equal(sessions, 2);
});

/** By the edge's clock, the session and its events are of the last minutes. */
async function assertNow({ events }, visitor) {
  const [sid] = visitor.row.uploads.map((upload) => upload.sid).filter((id) => events.some(({ tab }) => tab.startsWith(id)));
  const { started, tab_list: tabs, page_views: views } = await api.detail(sid);
  const offsets = new Map(tabs.map(({ tab, offset }) => [`${sid}/${tab}`, offset]));
  const times = events.map(({ tab, event }) => event.timestamp + offsets.get(tab));
  for (const at of [started, ...times, ...views.map((view) => view.at)]) {
    assert.ok(Math.abs(Date.now() - at) < 120_000, `${new Date(at).toISOString()} is not now`);
  }
  assert.ok(started <= Math.min(...times) + 10_000, 'and none is long before its start');
}

for (const [what, hours] of [['ahead', 1], ['behind', -1]]) {
  row(`a clock that is an hour ${what}`, async (visitor) => {
    const tab = await visitor.open((page) => page.clock.install({ time: Date.now() + hours * 3_600_000 }));
    await visitor.make(tab, 20);
    // Left behind before any answer, a visit that seems an hour old may be one (ADR 16).
    await (hours < 0 ? visitor.uploaded(tab) : visitor.journalled(tab));
    await tab.reload();
    await visitor.ready(tab);
    await visitor.make(tab, 20);
    await tab.close();
    return async (found) => {
      assert.equal(found.sessions, 1);
      await assertNow(found, visitor);
    };
  }, { init: () => { delete window.Worker; } });
}

row('left before there is a worker', async (visitor) => {
  const tab = await visitor.open();
  assert.equal(await tab.evaluate(() => window.heard), 0, 'it has not said hello');
  await visitor.make(tab, 20);
  await tab.goto(visitor.url('/blank'));
  await until('the beacon came', () => visitor.row.uploads.some(({ end }) => end));
}, {
  init: () => {
    window.heard = 0;
    window.Worker = class extends EventTarget {
      postMessage() {}
      terminate() { window.heard += 1; }
    };
  },
});

row('an opt-out before there is a worker', async (visitor) => {
  const tab = await visitor.open();
  // No numbers of the row: they must not come.
  await tab.evaluate(() => window.Sentiero.addCustomEvent('unwanted'));
  await tab.evaluate(() => window.Sentiero.flush());
  await until('the worker is there', () => tab.evaluate(() => window.hello !== undefined));
  await tab.evaluate(() => {
    window.Sentiero.optOut();
    window.hello();
  });
  await until('the worker is gone', () => tab.workers().length === 0);
  assert.deepEqual(visitor.row.uploads, []);
}, {
  init: () => {
    window.Worker = class extends window.Worker {
      set onmessage(handler) {
        super.onmessage = (event) => {
          if (event.data === 'hello') window.hello = () => handler(event);
          else handler(event);
        };
      }
    };
  },
});

row('a journal in which nothing can be kept', async (visitor) => {
  const tab = await visitor.context.newPage();
  await tab.goto(visitor.url('/blank'));
  // Who looks for a database that is not there makes one, without our store.
  await tab.evaluate(() => new Promise((done, failed) => {
    const opening = indexedDB.open('sentiero');
    opening.onerror = failed;
    opening.onsuccess = () => done(opening.result.close());
  }));
  visitor.fault = FAULTS.busy;
  const recorded = await visitor.open();
  await visitor.make(recorded, 20);
  await visitor.journalled(recorded, 60_000);
  await crash(visitor, recorded);
  visitor.fault = FAULTS.pass;
  return empty(visitor, await visitor.open());
});

/** The ways in which a page's database is closed under it. */
const CLOSERS = {
  'another page deletes the journal': (visitor, tab) => tab.evaluate(() => void indexedDB.deleteDatabase('sentiero')),
  'the browser clears the journal': async (visitor, tab) => {
    const devtools = await visitor.context.newCDPSession(tab);
    await devtools.send('Storage.clearDataForOrigin', { origin: proxy.url, storageTypes: 'indexeddb' });
  },
};

for (const [what, close] of Object.entries(CLOSERS)) {
  row(what, async (visitor) => {
    visitor.fault = FAULTS.busy;
    const tab = await visitor.open();
    await visitor.make(tab, 20);
    await visitor.journalled(tab);
    await close(visitor, tab);
    await until('it is gone', async () => (await visitor.kept(tab)).keys.length === 0);
    await visitor.make(tab, 20);
    // It is opened again after 2, 4, 8 … seconds.
    await visitor.journalled(tab, 60_000);
    await crash(visitor, tab);
    visitor.fault = FAULTS.pass;
    return empty(visitor, await visitor.open());
  });
}

row('a tail that is too large', async (visitor) => {
  const tab = await visitor.open();
  await visitor.context.setOffline(true);
  await visitor.make(tab, 20);
  // What does not compress, and is no number of the row: 1.4 MB for 1 MiB.
  await tab.evaluate(() => {
    const letters = (byte) => String.fromCharCode(97 + (byte & 15), 97 + (byte >> 4));
    for (let i = 0; i < 20; i += 1) {
      const words = Array.from(crypto.getRandomValues(new Uint8Array(50_000)), letters).join('');
      window.Sentiero.addCustomEvent('much', { words: words.replace(/.{7}/g, '$& ') });
    }
  });
  // A tab that is closed at once has no time to pack so much.
  await tab.goto('about:blank');
  await visitor.context.setOffline(false);
  await tab.goto(visitor.url('/blank'));
  const isKept = () => Object.keys(localStorage).some((key) => key.startsWith('sentiero_tail_'));
  await until('the tail is kept', () => tab.evaluate(isKept));
  await tab.close();
  const next = await visitor.open();
  await next.evaluate(() => window.Sentiero.flush());
  const events = async () => (await visitor.stored()).events.map(({ event }) => event);
  const of = (all, tag) => all.filter(({ data }) => data.tag === tag);
  const [{ data }] = await until('the recording says so', async () => of(await events(), 'sentiero:lost').length && of(await events(), 'sentiero:lost'));
  await until('the rest is delivered', async () => !(await next.evaluate(isKept)), 60_000);
  const left = 20 - of(await events(), 'much').length;
  // What is said to be lost is all that may be: a plain request may have brought some of it.
  // It has at least one event more, because of what comes when a page is left.
  assert.ok(left < 20 && left < data.payload.events, `${left} are missing, ${data.payload.events} are said to be`);
  assert.equal(data.payload.pages, 1);
  await next.reload();
  await visitor.ready(next);
  await visitor.make(next, 1);
  await next.evaluate(() => window.Sentiero.flush());
  await until('the last one is stored', async () => numbers((await visitor.stored()).events).some((list) => list.includes(visitor.made)));
  assert.equal(of(await events(), 'sentiero:lost').length, 1, 'it is said once');
  await next.close();
}, { init: withoutIndexedDb });

row('a clock that is right', async (visitor) => {
  const tab = await visitor.open();
  await visitor.make(tab, 20);
  await tab.close();
  return async (found) => {
    await assertNow(found, visitor);
    assert.ok(visitor.row.uploads.every(({ offset }) => offset === 0), 'is left alone');
  };
});

row('more than the journal takes', async (visitor) => {
  const tab = await visitor.context.newPage();
  await tab.goto(visitor.url('/blank'));
  // Sixty pages of a site that nobody visits any more, an event each.
  await tab.evaluate(async () => {
    const request = indexedDB.open('sentiero', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('batches');
    await new Promise((done) => (request.onsuccess = done));
    const store = request.result.transaction('batches', 'readwrite').objectStore('batches');
    for (let i = 0; i < 60; i += 1) {
      const time = (Date.now() - 3_600_000 + i).toString(16).padStart(12, '0');
      const tab = `aaaaaa${'abcdefgh'[i >> 3]}${'abcdefgh'[i & 7]}`;
      store.put(new Uint8Array(9), `${time}${'a'.repeat(26)} ${tab} 0000000001 0 9 1 https://elsewhere.example/i/x`);
    }
    await new Promise((done) => (store.transaction.oncomplete = done));
    request.result.close();
  });
  const recorded = await visitor.open();
  await visitor.make(recorded, 10);
  await recorded.evaluate(() => window.Sentiero.flush());
  const said = () => visitor.stored().then(({ events }) => events.filter(({ event }) => event.data.tag === 'sentiero:lost'));
  const [{ event }] = await until('the recording says so', async () => (await said()).length && said());
  // Its own may be among those that count.
  assert.ok([10, 11].includes(event.data.payload.pages) && event.data.payload.events === event.data.payload.pages, JSON.stringify(event));
  await recorded.close();
});

describe('nothing is lost, nothing comes twice', { concurrency: 6 }, () => {
  rows.forEach((each, at) => test(each.what, () => run(each, `row-${at + 1}`)));
});
