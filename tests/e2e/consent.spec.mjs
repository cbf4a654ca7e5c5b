// What a visitor says goes: consent, withdrawal, opt-out, Global Privacy Control, and
// what a page forbids while it is being recorded. Real recorder, worker and browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customOf, journalOf, recordBodies, servePage, sessionOf, stage, storedEvents, until, withInflated } from './support.mjs';

let worker;
let browser;
let api;
stage((all) => ({ worker, browser, api } = all));

const TAG = '<script src="/sentiero.js" data-site="demo" data-start="load"></script>';
const ASKING = '<script src="/sentiero.js" data-site="demo" data-start="load" data-consent="required"></script>';

/** A visitor's browser, in which `/page` on the worker's own host is `html`. */
async function visitor(html) {
  const context = await browser.newContext();
  const visit = { context, html, erased: [], bodies: recordBodies(context), answer: 204 };
  await servePage(context, () => visit.html);
  await context.route('**/fence', (route) => route.fulfill({ status: 204 }));
  await context.route('**/erase', (route) => {
    const request = route.request();
    visit.erased.push({ url: request.url(), method: request.method(), body: request.postData(), type: request.headers()['content-type'] });
    return visit.answer ? route.fulfill({ status: visit.answer, headers: { 'access-control-allow-origin': '*' } }) : route.abort();
  });
  visit.open = () => open(visit);
  return visit;
}

/** A page of that visitor; `requests` is what the browser itself says it sent. */
async function open({ context }) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const requests = [];
  devtools.on('Network.requestWillBeSent', ({ request }) => requests.push(request.url));
  await devtools.send('Network.enable');
  const failures = [];
  page.on('pageerror', (error) => failures.push(error));
  const load = () => page.goto(`${worker.url}/page`);
  await load();
  return { page, devtools, requests, failures, load };
}

/** Everything that was asked for before this is in the list of requests afterwards. */
async function fence({ page, requests }) {
  const before = requests.filter((url) => url.endsWith('/fence')).length;
  await page.evaluate(() => fetch('/fence'));
  await until('the fence is seen', () => requests.filter((url) => url.endsWith('/fence')).length > before);
}

/** The page itself and its icon aside, what was requested. */
function asked(requests) {
  return requests.filter((url) => !/^data:|\/(page|fence)$/.test(url)).map((url) => new URL(url).pathname);
}

/** What the browser keeps for the page's origin, as the browser says. */
async function kept({ page, devtools }) {
  const context = page.context();
  const { frameTree } = await devtools.send('Page.getFrameTree');
  const { storageKey } = await devtools.send('Storage.getStorageKeyForFrame', { frameId: frameTree.frame.id });
  const items = async (isLocalStorage) => (await devtools.send('DOMStorage.getDOMStorageItems', { storageId: { storageKey, isLocalStorage } })).entries;
  const { databaseNames } = await devtools.send('IndexedDB.requestDatabaseNames', { storageKey });
  const { caches } = await devtools.send('CacheStorage.requestCacheNames', { storageKey });
  const { cookies } = await devtools.send('Storage.getCookies');
  return {
    local: Object.fromEntries(await items(true)),
    session: Object.fromEntries(await items(false)),
    databases: databaseNames,
    caches,
    cookies: [...cookies, ...(await context.cookies())],
    cookie: await page.evaluate(() => document.cookie),
    workers: context.serviceWorkers().length + page.workers().length,
  };
}

const NOTHING = { local: {}, session: {}, databases: [], caches: [], cookies: [], cookie: '', workers: 0 };

async function assertClosed(tab, local = {}) {
  await fence(tab);
  assert.deepEqual(asked(tab.requests), ['/sentiero.js'], 'nothing was requested');
  assert.deepEqual(await kept(tab), { ...NOTHING, local }, 'nothing is kept');
}

/** Custom events that the edge has. */
const customEvents = async (sid) => customOf(await storedEvents(api, sid));

const uploads = (requests) => asked(requests).filter((path) => path === '/i/demo');

test('where consent is required nothing begins before it, and withdrawal ends and erases', async () => {
  const visit = await visitor(ASKING);
  const tab = await visit.open();
  await tab.page.evaluate(() => {
    window.Sentiero.addCustomEvent('too-early', {});
    window.Sentiero.setMetadata({ plan: 'too-early' });
    window.Sentiero.start();
    window.Sentiero.optIn();
  });
  await assertClosed(tab);
  await tab.page.evaluate(() => window.Sentiero.consent(false));
  await assertClosed(tab);

  await tab.page.evaluate(() => {
    window.Sentiero.addCustomEvent('too-early', {});
    window.Sentiero.consent(true);
  });
  const sid = await sessionOf(tab.page);
  await tab.page.evaluate(() => {
    window.Sentiero.addCustomEvent('allowed', {});
    window.Sentiero.flush();
  });
  const events = await until('it is uploaded', async () => {
    const found = await customEvents(sid);
    return found.some(({ tag }) => tag === 'allowed') && found;
  });
  assert.ok(!JSON.stringify(events).includes('too-early'), 'what came before the consent is kept nowhere');

  const other = await visit.open();
  await other.page.evaluate(() => window.Sentiero.consent(true));
  assert.equal(await sessionOf(other.page), sid, 'both tabs record one visit');

  await tab.page.evaluate(() => {
    window.Sentiero.addCustomEvent('never-sent', {});
    window.Sentiero.consent(false);
  });
  await until('the other tab stops', () => other.page.evaluate(() => window.Sentiero.sessionId() === null));
  await until('the erasure is asked for', () => visit.erased.length);
  await until('and acknowledged', async () => !('sentiero_erase' in (await kept(tab)).local));
  for (const each of [tab, other]) {
    assert.deepEqual(await kept(each), NOTHING, 'nothing stays');
    assert.deepEqual(each.failures, []);
    await each.page.evaluate(() => {
      window.Sentiero.addCustomEvent('never-sent', {});
      window.Sentiero.flush();
      window.Sentiero.start();
    });
    const before = uploads(each.requests).length;
    await each.load();
    await fence(each);
    assert.equal(uploads(each.requests).length, before, 'not even when the page is left');
  }
  assert.deepEqual(visit.erased, [{ url: `${worker.url}/i/demo/erase`, method: 'POST', body: sid, type: 'text/plain;charset=UTF-8' }]);
  assert.ok(visit.bodies.every((body) => !body.includes('never-sent')));
  await visit.context.close();
});

test('an erasure that failed is asked for again by the next page', async () => {
  const visit = await visitor(ASKING);
  visit.answer = 0;
  const tab = await visit.open();
  await tab.page.evaluate(() => window.Sentiero.consent(true));
  const sid = await sessionOf(tab.page);
  await tab.page.evaluate(() => window.Sentiero.consent(false));
  await until('it was tried', () => visit.erased.length === 1);
  assert.deepEqual((await kept(tab)).local, { sentiero_erase: sid });
  // The browser comes back from being offline.
  visit.answer = 503;
  await tab.page.evaluate(() => dispatchEvent(new Event('online')));
  await until('it is tried again', () => visit.erased.length === 2);
  assert.deepEqual((await kept(tab)).local, { sentiero_erase: sid });
  visit.answer = 204;
  await tab.load();
  await until('the next page asks', () => visit.erased.length === 3);
  await until('it is done', async () => !('sentiero_erase' in (await kept(tab)).local));
  assert.deepEqual(visit.erased.map(({ body }) => body), [sid, sid, sid]);
  assert.deepEqual(await kept(tab), NOTHING);
  assert.deepEqual(tab.failures, []);
  await visit.context.close();
});

test('without required consent, withdrawal is an opt-out with an erasure, and consent takes it back', async () => {
  const visit = await visitor(TAG);
  const tab = await visit.open();
  const sid = await sessionOf(tab.page);
  await tab.page.evaluate(() => window.Sentiero.consent(false));
  await until('the erasure is asked for', () => visit.erased.length);
  assert.equal(visit.erased[0].body, sid);
  await until('it is done', async () => !('sentiero_erase' in (await kept(tab)).local));
  assert.deepEqual(await kept(tab), { ...NOTHING, local: { sentiero_optout: '1' } });
  await tab.page.evaluate(() => window.Sentiero.consent(true));
  assert.notEqual(await sessionOf(tab.page), sid, 'another visit begins');
  assert.equal(visit.erased.length, 1);
  await visit.context.close();
});

/** `tag`, where each tab has a session of its own. */
const ofItsOwn = (tag) => tag.replace('></script>', ' data-session="tab"></script>');

test('where each tab has a session of its own, a withdrawal in a tab that has none ends and erases those of the others', async () => {
  const visit = await visitor(ofItsOwn(ASKING));
  const [tab, other] = [await visit.open(), await visit.open()];
  await other.page.evaluate(() => window.Sentiero.consent(true));
  const sid = await sessionOf(other.page);
  await tab.page.evaluate(() => window.Sentiero.consent(false));
  await until('the other tab stops', () => other.page.evaluate(() => window.Sentiero.sessionId() === null));
  await until('and has its session erased', () => visit.erased.length);
  await until('which is acknowledged', async () => !('sentiero_erase' in (await kept(other)).local));
  assert.deepEqual(visit.erased.map(({ body }) => body), [sid]);
  for (const each of [tab, other]) {
    assert.deepEqual(await kept(each), NOTHING, 'nothing stays');
    assert.deepEqual(each.failures, []);
  }

  // Consent that comes again is not taken back because one of two erasures is acknowledged.
  visit.answer = 503;
  await other.page.evaluate(() => {
    addEventListener('storage', ({ newValue }) => (window.heard = newValue));
    window.Sentiero.consent(true);
  });
  const again = await sessionOf(other.page);
  await tab.page.evaluate(() => localStorage.setItem('sentiero_erase', 'one two'));
  await until('what is asked for ends it', () => other.page.evaluate(() => window.Sentiero.sessionId() === null));
  await other.page.evaluate(() => window.Sentiero.consent(true));
  const third = await sessionOf(other.page);
  assert.notEqual(third, again);
  await tab.page.evaluate(() => localStorage.setItem('sentiero_erase', 'one'));
  await until('it hears of it', () => other.page.evaluate(() => window.heard === 'one'));
  assert.equal(await sessionOf(other.page), third, 'what is acknowledged does not');
  await visit.context.close();
});

test('without required consent, a withdrawal erases the sessions of all tabs that have one of their own', async () => {
  const visit = await visitor(ofItsOwn(TAG));
  const [tab, other] = [await visit.open(), await visit.open()];
  const sids = [await sessionOf(tab.page), await sessionOf(other.page)];
  assert.notEqual(sids[0], sids[1]);
  await tab.page.evaluate(() => window.Sentiero.consent(false));
  await until('both are erased', () => visit.erased.length === 2);
  assert.deepEqual(visit.erased.map(({ body }) => body).sort(), sids.sort());
  // Tabs that write at one moment can put back what the other has taken out: the next page asks again.
  const isAcknowledged = async () => !('sentiero_erase' in (await kept(other)).local);
  await until('which is acknowledged', isAcknowledged, 3_000).catch(() => other.load());
  await until('which is acknowledged, at the latest to the next page', isAcknowledged);
  assert.deepEqual(await kept(other), { ...NOTHING, local: { sentiero_optout: '1' } });
  await visit.context.close();
});

test('an opt-out holds in every tab and on later pages, until it is taken back', async () => {
  const visit = await visitor(TAG);
  const [tab, other] = [await visit.open(), await visit.open()];
  await sessionOf(tab.page);
  await sessionOf(other.page);
  await tab.page.evaluate(() => window.Sentiero.optOut());
  await until('the other tab stops', () => other.page.evaluate(() => window.Sentiero.sessionId() === null));
  for (const each of [tab, other, await visit.open()]) {
    await each.load();
    each.requests.length = 0;
    await each.load();
    await assertClosed(each, { sentiero_optout: '1' });
  }
  assert.deepEqual(visit.erased, [], 'an opt-out is no withdrawal');
  await tab.page.evaluate(() => window.Sentiero.optIn());
  await sessionOf(tab.page);
  await visit.context.close();
});

/** All that IndexedDB holds for the page, as one text. */
async function journal(page) {
  return (await journalOf(page)).map(({ text }) => text).join('');
}

/** How a visitor, or the edge, ends it; what stays in localStorage then. */
const ENDS = {
  'an opt-out': { end: (page) => page.evaluate(() => window.Sentiero.optOut()), local: { sentiero_optout: '1' } },
  'a withdrawal': { end: (page) => page.evaluate(() => window.Sentiero.consent(false)), local: { sentiero_optout: '1' } },
  'an opt-out in another tab': {
    end: async (page) => {
      const other = await page.context().newPage();
      await other.goto(`${worker.url}/page`);
      await other.evaluate(() => window.Sentiero.optOut());
    },
    local: { sentiero_optout: '1' },
  },
  'a 204 of the edge': { status: 204 },
  'the directive to stop': { status: 200, body: '{"next":0,"directive":"stop"}' },
};

for (const [what, { end, local, status, body }] of Object.entries(ENDS)) {
  test(`what is not uploaded is kept masked, and ${what} deletes it`, async () => {
    const visit = await visitor(`<input id="field"><p id="p"></p>${TAG}`);
    let answer = { status: 503 };
    await visit.context.route('**/i/demo', (route) => route.fulfill({ headers: { 'access-control-allow-origin': '*' }, ...answer }));
    const tab = await visit.open();
    await sessionOf(tab.page);
    await tab.page.locator('#field').fill('SECRET-typed');
    await tab.page.evaluate(() => {
      document.querySelector('#p').textContent = 'jane.canary@example.org shown';
      window.Sentiero.addCustomEvent('unsent', {});
    });
    await settle(tab.page);
    await tab.page.evaluate(() => window.Sentiero.flush());
    await until('it is in the journal', async () => (await journal(tab.page)).includes('"unsent"'));
    const text = await journal(tab.page);
    assert.ok(text.includes('shown') && !/SECRET|canary/.test(text), 'masked and redacted');
    await tab.load();
    await sessionOf(tab.page);
    const tails = Object.entries((await kept(tab)).local).filter(([key]) => key.startsWith('sentiero_tail_'));
    assert.equal(tails.length, 1, 'and the last events are in a tail');
    const [, , ...bodies] = tails[0][1].split(' ');
    const inflated = bodies.map((each) => [...withInflated(Buffer.from(each, 'base64'))].join('')).join('');
    assert.ok(inflated.includes('sentiero:leave') && !/SECRET|canary/.test(inflated));

    if (end) await end(tab.page);
    else {
      answer = { status, body };
      await tab.page.evaluate(() => {
        dispatchEvent(new Event('online'));
        window.Sentiero.addCustomEvent('more', {});
        window.Sentiero.flush();
      });
    }
    const left = await until('everything is deleted', async () => {
      const { databases, local: items } = await kept(tab);
      const isTail = (key) => key.startsWith('sentiero_tail_');
      return databases.length === 0 && !Object.keys(items).some(isTail) && !('sentiero_erase' in items) && items;
    });
    if (local) assert.deepEqual(left, local);
    await tab.page.evaluate(() => {
      window.Sentiero.addCustomEvent('never-kept', {});
      window.Sentiero.flush();
    });
    await tab.page.goto(`${worker.url}/fence`).catch(() => undefined);
    assert.deepEqual((await kept(tab)).databases, [], 'also when the page is left');
    assert.deepEqual(tab.failures, []);
    await visit.context.close();
  });
}

test('an opt-out counts before anything is loaded, and with Global Privacy Control', async () => {
  const early = await visitor(`<script>window.Sentiero = [['init', { site: 'demo' }], ['addCustomEvent', 'x'], ['optOut']]</script><script src="/sentiero.js"></script>`);
  await assertClosed(await early.open(), { sentiero_optout: '1' });
  await early.context.close();

  const private_ = await visitor(TAG);
  await private_.context.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  const tab = await private_.open();
  await tab.page.evaluate(() => {
    window.Sentiero.optIn();
    window.Sentiero.consent(true);
    window.Sentiero.start();
  });
  await assertClosed(tab);
  await tab.page.evaluate(() => window.Sentiero.optOut());
  await assertClosed(tab, { sentiero_optout: '1' });
  await private_.context.close();
});

test('consent that the page requires later ends what has begun', async () => {
  const visit = await visitor(TAG);
  const tab = await visit.open();
  await sessionOf(tab.page);
  await tab.page.evaluate(() => window.Sentiero.init({ consent: 'required' }));
  assert.equal(await tab.page.evaluate(() => window.Sentiero.sessionId()), null);
  await tab.page.evaluate(() => window.Sentiero.consent(true));
  await sessionOf(tab.page);
  await visit.context.close();
});

// Which calls open the gate in which state; all others must leave it shut.
const CALLS = [
  ['init'], ['start'], ['stop'], ['pause'], ['resume'], ['flush'], ['sessionId'], ['sessionUrl'], ['optIn'], ['optOut'],
  ['consent', true], ['consent', false], ['consent'],
  ['addCustomEvent', 'x', { a: 1 }], ['addCustomEvent'], ['addCustomEvent', 'sentiero:metadata', {}],
  ['setMetadata', { a: 1 }], ['setMetadata'], ['identify', 'u-1'], ['identify'],
];
const GPC = () => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
const NO_STORAGE = () => {
  for (const area of ['localStorage', 'sessionStorage']) {
    Object.defineProperty(window, area, { get() { throw new DOMException('denied', 'SecurityError'); } });
  }
};
// The blank page between two others has no storage.
const OPTED_OUT = () => location.protocol === 'about:' || localStorage.setItem('sentiero_optout', '1');
const STATES = {
  'recording': { ready: true },
  'stopped': { ready: true, then: ['stop'] },
  'without a site': { html: '<script src="/sentiero.js"></script>', shut: true },
  'opted out': { init: OPTED_OUT, shut: true, opens: ['optIn', 'consent,true'], local: { sentiero_optout: '1' } },
  'GPC': { init: GPC, shut: true },
  'GPC, consent required': { init: GPC, html: ASKING, shut: true },
  'consent required': { html: ASKING, shut: true, opens: ['consent,true'] },
  'consent withdrawn': { html: ASKING, shut: true, then: ['consent', false], opens: ['consent,true'] },
  'storage denied': { init: NO_STORAGE },
  'storage denied, opted out': { init: NO_STORAGE, then: ['optOut'] },
  'storage denied, consent required': { init: NO_STORAGE, html: ASKING, shut: true, opens: ['consent,true'] },
  'the recorder is blocked': { abort: '**/r/recorder.*' },
  'the engine is blocked': { abort: '**/r/engine.*.js' },
};

/** Whether a call is an opt-out where the site does not require consent, or takes one back. */
const OUT = ['optOut', 'consent,false', 'consent'];
const IN = ['optIn', 'consent,true'];

/** What localStorage holds after `call` in a state whose gate stays shut. */
function keptAfter(call, { local = {}, html, init }) {
  if (init === NO_STORAGE) return undefined;
  const isAsking = html === ASKING;
  if (call === 'optOut' || (OUT.includes(call) && !isAsking)) return { sentiero_optout: '1' };
  if (call === 'optIn' || (IN.includes(call) && !isAsking)) return {};
  return local;
}

for (const [name, state] of Object.entries(STATES)) {
  test(`every method, ${name}`, async () => {
    const visit = await visitor(state.html ?? TAG);
    if (state.init) await visit.context.addInitScript(state.init);
    if (state.abort) await visit.context.route(state.abort, (route) => route.abort());
    const tab = await visit.open();
    const invoke = ([method, ...values]) =>
      tab.page.evaluate(([m, v]) => [window.Sentiero[m](...v)].map((given) => (given === undefined ? 'undefined' : given))[0], [method, values]);
    for (const call of CALLS) {
      const what = `${name}: ${call.join()}`;
      await tab.page.goto('about:blank');
      await tab.devtools.send('Storage.clearDataForOrigin', { origin: worker.url, storageTypes: 'all' });
      tab.requests.length = 0;
      await tab.load();
      if (state.ready) await sessionOf(tab.page);
      if (state.then) await invoke(state.then);
      const given = await invoke(call);
      const isSid = call[0].startsWith('session') && /^(http.*\/dashboard\/#\/s\/demo\/)?[0-9a-f]{12}[a-z2-7]{26}$/.test(given);
      assert.ok(given === null || given === 'undefined' || isSid, `${what} gave ${given}`);
      await fence(tab);
      if (state.shut && !state.opens?.includes(call.join())) {
        assert.deepEqual(asked(tab.requests), ['/sentiero.js'], what);
        const local = keptAfter(call.join(), state);
        if (local) assert.deepEqual(await kept(tab), { ...NOTHING, local }, what);
      } else if (state.shut) {
        assert.ok(asked(tab.requests).some((path) => path.startsWith('/r/recorder.')), `${what} opens`);
      }
    }
    assert.deepEqual(tab.failures, []);
    await visit.context.close();
  });
}

test('a page that cannot store an opt-out keeps to it while it lasts', async () => {
  const visit = await visitor(TAG);
  await visit.context.addInitScript(NO_STORAGE);
  const tab = await visit.open();
  await sessionOf(tab.page);
  await tab.page.evaluate(() => {
    window.Sentiero.optOut();
    window.Sentiero.start();
    window.Sentiero.init();
    window.Sentiero.addCustomEvent('never-sent', {});
    window.Sentiero.flush();
  });
  assert.equal(await tab.page.evaluate(() => window.Sentiero.sessionId()), null);
  await tab.page.evaluate(() => window.Sentiero.optIn());
  await sessionOf(tab.page);
  await tab.page.evaluate(() => {
    window.Sentiero.addCustomEvent('sent-again', {});
    window.Sentiero.flush();
  });
  await until('it is uploaded', () => visit.bodies.some((body) => body.includes('sent-again')));
  assert.ok(visit.bodies.every((body) => !body.includes('never-sent')));
  await visit.context.close();
});

test('metadata and identity are recorded, as far as they are text, numbers and booleans', async () => {
  const visit = await visitor(`<script>window.Sentiero = [['setMetadata', { early: true }]]</script>${TAG}`);
  const tab = await visit.open();
  const sid = await sessionOf(tab.page);
  await tab.page.evaluate(() => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, i]));
    window.Sentiero.setMetadata({ plan: 'pro', seats: 3, trial: false, nested: { a: 1 }, list: [1], none: null, nan: NaN, call: () => 1 });
    window.Sentiero.setMetadata({ ['x'.repeat(129)]: 1, long: 'y'.repeat(2000), landingUrl: 'https://a.example/p?token=s3cret-token#f' });
    window.Sentiero.setMetadata(many);
    window.Sentiero.identify('u-4711');
    window.Sentiero.addCustomEvent('sentiero:metadata', { forged: true });
    window.Sentiero.addCustomEvent('last', {});
    window.Sentiero.flush();
  });
  const events = await until('they are uploaded', async () => {
    const found = await customEvents(sid);
    return found.some(({ tag }) => tag === 'last') && found;
  });
  const payloads = (wanted) => events.filter(({ tag }) => tag === wanted).map(({ payload }) => payload);
  const [first, plain, odd, many, ...more] = payloads('sentiero:metadata');
  assert.deepEqual(first, { early: true });
  assert.deepEqual(plain, { plan: 'pro', seats: 3, trial: false });
  assert.deepEqual(odd, { long: 'y'.repeat(1024), landingUrl: 'https://a.example/p' }, 'the mask runs over it');
  assert.equal(Object.keys(many).length, 50);
  assert.deepEqual(more, [], 'reserved tags are refused');
  assert.deepEqual(payloads('sentiero:identify'), [{ id: 'u-4711' }]);
  await visit.context.close();
});

/**
 * Records `/page` while `act` changes it; returns what left the browser, as one text, and
 * the recorded events. `done` is a custom event after all.
 */
async function recorded(html, act) {
  const visit = await visitor(html);
  const tab = await visit.open();
  const sid = await sessionOf(tab.page);
  await act(tab.page);
  await tab.page.evaluate(() => {
    window.Sentiero.addCustomEvent('done', {});
    window.Sentiero.flush();
  });
  await until('it is uploaded', async () => (await customEvents(sid)).some(({ tag }) => tag === 'done'));
  const events = (await api.events(sid)).map(({ event }) => event);
  assert.deepEqual(tab.failures, []);
  const sent = Buffer.concat(visit.bodies).toString('utf8');
  await visit.context.close();
  return { sent, events };
}

/** The page did something, and rrweb has seen it. */
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

for (const mode of ['none', 'inputs', 'text']) {
  test(`what a page forbids while it is recorded is followed, mode ${mode}`, async () => {
    const html = `<div id="a"><p><b id="deep">plain</b></p></div><div id="b"><p id="btext" title="t">plain</p></div>
      <div id="c" data-rr-mask><p id="cmove">SECRET-moved-later</p></div><div id="open"></div>
      <div id="host"></div><div id="lit" data-sentiero-unmask><p id="lift">plain</p><input id="pass" type="password"></div>
      <div data-rr-ignore><input id="ign" value="SECRET-prefilled"><textarea id="ignarea"></textarea></div>
      <form id="boxes" data-rr-mask><input type="radio" name="r" value="SECRET-radio-one" id="r1"><input type="radio" name="r" value="SECRET-radio-two" id="r2"></form>
      <script>
        host.attachShadow({ mode: 'open' }).innerHTML = '<i id="inner">plain</i>';
      </script>
      <script src="/sentiero.js" data-site="demo" data-mask="${mode}"></script>`;
    const { sent, events } = await recorded(html, async (page) => {
      // In one task: forbidden, and changed.
      await page.evaluate(() => {
        document.querySelector('#b').setAttribute('data-rr-mask', '');
        document.querySelector('#btext').firstChild.data = 'SECRET-text-same-batch';
        document.querySelector('#btext').title = 'SECRET-title-same-batch';
        document.querySelector('#btext').setAttribute('tooltip', 'SECRET-unknown-attribute');
        document.querySelector('#btext').append(Object.assign(document.createElement('s'), { textContent: 'SECRET-added', title: 'SECRET-added-title' }));
        document.querySelector('#a').setAttribute('data-rr-block', '');
        document.querySelector('#host').setAttribute('data-rr-block', '');
        document.querySelector('#deep').firstChild.data = 'SECRET-below-block';
        document.querySelector('#deep').setAttribute('title', 'SECRET-title-below-block');
        document.querySelector('#host').shadowRoot.append(Object.assign(document.createElement('u'), { textContent: 'SECRET-in-shadow' }));
        document.querySelector('#host').shadowRoot.querySelector('#inner').firstChild.data = 'SECRET-shadow-text';
      });
      await settle(page);
      // After the snapshot that this caused.
      await page.evaluate(() => {
        document.querySelector('#deep').firstChild.data = 'SECRET-below-block-later';
        document.querySelector('#host').shadowRoot.querySelector('#inner').firstChild.data = 'SECRET-shadow-later';
        document.querySelector('#btext').title = 'SECRET-title-later';
        document.querySelector('#lit').removeAttribute('data-sentiero-unmask');
      });
      await page.locator('#pass').fill('SECRET-password');
      await page.evaluate(() => {
        const pass = document.querySelector('#pass');
        pass.setAttribute('value', 'SECRET-attribute-value');
        pass.type = 'text';
      });
      await page.locator('#pass').fill('SECRET-shown-password');
      await page.locator('#ign').fill('SECRET-ignored');
      await page.locator('#ignarea').fill('SECRET-ignored-area');
      await page.locator('#r1').check();
      await page.locator('#r2').check();
      await page.evaluate(() => {
        document.querySelector('#open').setAttribute('data-rr-block', '');
        document.querySelector('#open').removeAttribute('data-rr-block');
        document.querySelector('#cmove').firstChild.data = 'now-open';
        document.querySelector('#open').append(document.querySelector('#cmove'));
      });
      await settle(page);
    });
    const leaks = [...new Set(sent.match(/SECRET-[\w-]+/g))];
    assert.deepEqual(leaks, []);
    // One when it began, one soon after the first change; the next is not due yet.
    assert.equal(events.filter(({ type }) => type === 2).length, 2, 'snapshots');
    assert.equal(sent.includes('now-open'), mode !== 'text', 'moved to where it may be seen');
  });
}

test('an element that is blocked from now on is a box in the snapshot that follows', async () => {
  const html = `<div id="host"></div><script>host.attachShadow({ mode: 'open' }).innerHTML = '<i id="inner"><b>plain</b></i>'</script>
    <div data-rr-ignore><input id="quiet"></div>${TAG}`;
  const { events } = await recorded(html, async (page) => {
    await page.evaluate(() => document.querySelector('#host').shadowRoot.querySelector('#inner').setAttribute('data-rr-block', ''));
    await page.locator('#quiet').fill('anything');
    await page.locator('#quiet').blur();
    await settle(page);
  });
  assert.deepEqual(events.filter(({ type, data }) => type === 3 && data.source === 5), [], 'what is ignored is not even counted');
  const snapshots = events.filter(({ type }) => type === 2).map((event) => JSON.stringify(event));
  assert.deepEqual(snapshots.map((text) => text.includes('plain')), [true, false]);
});

test('what was chosen is form data, whatever it is made of', async () => {
  const html = `<input list="towns" id="town"><datalist id="towns"><option value="SECRET-town" label="SECRET-label">SECRET-name</option></datalist>
    <output id="sum">SECRET-sum</output>
    <div role="combobox" aria-expanded="true">SECRET-chosen</div>
    <ul role="listbox"><li role="option" aria-selected="true" data-value="SECRET-data" aria-label="SECRET-aria">SECRET-option</li></ul>
    <div role="slider" aria-valuetext="SECRET-valuetext" aria-valuenow="47114711"><b id="knob">SECRET-knob</b></div><div role="option"><b id="lone">SECRET-lone</b></div><p>ordinary</p>${TAG}`;
  const { sent } = await recorded(html, async (page) => {
    await page.locator('#town').fill('SECRET-typed-town');
    await page.evaluate(() => {
      document.querySelector('#sum').value = 'SECRET-sum-later';
      document.querySelector('[role=option]').setAttribute('data-value', 'SECRET-data-later');
      document.querySelector('[role=combobox]').textContent = 'SECRET-chosen-later';
      document.querySelector('#knob').firstChild.data = 'SECRET-knob-later';
      document.querySelector('#lone').firstChild.data = 'SECRET-lone-later';
      document.querySelector('[role=slider]').setAttribute('aria-valuetext', 'SECRET-valuetext-later');
    });
    await settle(page);
  });
  assert.deepEqual([...new Set(sent.match(/SECRET-[\w-]+|47114711/g))], []);
  assert.ok(sent.includes('ordinary'));
});
