// The samples of docs/masking.md, docs/consent.md, docs/protocol.md and the overview of the
// frameworks, as they are printed: what hides hides, who did not consent is not recorded, the
// edge answers so. Those of other pages are in docs.spec.mjs and deploy.spec.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Api, examples, servePage, sessionOf, stage, storedEvents, until } from './support.mjs';

let worker;
let browser;
stage(async (all) => {
  ({ worker, browser } = all);
  // Before the worker first looks at its sites.
  await worker.configure('slow', { name: 'slow', origins: ['self'], bots: 'record', slow_seconds: 5 });
  for (const [site, redact] of Object.entries(SITES)) {
    await worker.configure(site, { name: site, origins: ['self'], bots: 'record', redact });
  }
});

/** What is shown of addresses, tag and site must both say. */
const SITES = { filtered: { urls: 'filter', allow: ['page'] }, kept: { urls: 'keep', deny: ['color'] } };

const MASKING = examples('docs/masking.md');
const CONSENT = examples('docs/consent.md');
const PROTOCOL = examples('docs/protocol.md');
const OVERVIEW = examples('docs/frameworks/overview.md');
const TAG = '<script src="https://sentiero.example/sentiero.js" data-site="your-key"></script>';
const ADDRESS = 'https://shop.example/list?page=2&color=red&token=x#top';
const LINK = `<a href="${ADDRESS.replaceAll('&', '&amp;')}">list</a>`;

/** Each alone on a page: with what else, what is done there, and what of it is stored and what is not. */
const HIDDEN = {
  'mode text': { around: '<p>plain text</p>', not: ['plain text'] },
  mask: { not: ['Jane Doe', 'Elm Street'] },
  block: { not: ['passport-scan'] },
  ignore: {
    act: (page) => page.locator('input').fill('a secret wish'),
    not: ['a secret wish', '"source":5'],
  },
  selectors: {
    around: '<p class="customer">Jane Doe</p><table class="invoice"><td title="Mr Doe">12 Elm Street</table><div id="map"><i>a house</i></div><form class="search"><input></form><p>plain text</p>',
    act: (page) => page.locator('input').fill('a secret wish'),
    stored: ['plain text'],
    not: ['Doe', 'Elm Street', 'a house', 'a secret wish', '"source":5'],
  },
  unmask: { tag: TAG.replace(' data-site', ' data-mask="text" data-site'), around: '<p>plain text</p>', stored: [/"\u2063?S"/], not: ['plain text'] },
  phones: { around: '<p>+49 30 1234567</p>', not: ['1234567'] },
  patterns: { around: '<p>ORD-123456 AB123-4567 paid</p>', stored: ['paid'], not: ['ORD-123456', 'AB123'] },
  'addresses filtered': { site: 'filtered', around: LINK, stored: ['/list?page=2"'], not: ['color=red', 'token=x'] },
  'addresses kept': { site: 'kept', around: LINK, stored: ['/list?page=2#top"'], not: ['color=red', 'token=x'] },
};

/** Whoever reads a site's sessions; signed in once, since that is limited. */
const readers = new Map();
function readerOf(site) {
  if (!readers.has(site)) readers.set(site, Api.signIn(worker.url, site));
  return readers.get(site);
}

const here = (html, site) => html.replaceAll('https://sentiero.example', worker.url).replaceAll('your-key', site);

async function onPage(html, use, site = 'demo') {
  const context = await browser.newContext();
  await servePage(context, () => here(html, site));
  const page = await context.newPage();
  await page.goto(`${worker.url}/page`);
  await use(page);
  await context.close();
}

test('every sample is run', () => {
  assert.deepEqual([...MASKING.keys()].sort(), Object.keys(HIDDEN).sort());
  assert.deepEqual([...CONSENT.keys()].sort(), ['required', 'say', 'early', ...Object.keys(CHOICES)].sort());
});

for (const [name, { site = 'demo', tag = TAG, around = '', act, stored = [], not }] of Object.entries(HIDDEN)) {
  test(`masking: ${name}`, () => {
    const code = MASKING.get(name);
    return onPage(`${around}${code.includes('<script') ? '' : tag}${code}`, async (page) => {
      const sid = await sessionOf(page);
      const reader = await readerOf(site);
      await act?.(page);
      await page.evaluate(() => window.Sentiero.addCustomEvent('done', {}));
      const events = await until('it is stored', async () => {
        await page.evaluate(() => window.Sentiero.flush());
        const found = await storedEvents(reader, sid);
        return found.some(({ type, data }) => type === 5 && data.tag === 'done') && found.some(({ type }) => type === 2) && found;
      });
      const text = JSON.stringify(events);
      for (const part of stored) assert.match(text, part instanceof RegExp ? part : new RegExp(part.replace(/[.?/]/g, '\\$&')));
      for (const part of not) assert.ok(!text.includes(part), part);
    }, site);
  });
}

/** The samples that wait for a choice: what they need around them, and how somebody agrees. */
const CHOICES = {
  manager: {
    before: 'const consentManager = { onChange: (tell) => { window.agree = () => tell({ analytics: true }); } };',
  },
  tcf: {
    before: `window.__tcfapi = (command, version, tell) => {
      window.agree = () => tell({ eventStatus: 'useractioncomplete', purpose: { consents: { 1: true, 8: true } } }, true);
    };`,
  },
  buttons: {
    html: '<button id="allow">Yes</button><button id="refuse">No</button>',
    before: 'window.agree = () => allow.click();',
  },
};

const isRecorded = (page) => page.evaluate(() => Boolean(window.Sentiero?.sessionId?.()));
const loaded = (page) => until('the script is there', () => page.evaluate(() => !Array.isArray(window.Sentiero) && Boolean(window.Sentiero)));

test('consent: required, and said', () => onPage(CONSENT.get('required'), async (page) => {
  await loaded(page);
  assert.equal(await isRecorded(page), false);
  await page.evaluate(`const visitorAgreed = false; ${CONSENT.get('say')}`);
  assert.equal(await isRecorded(page), false);
  await page.evaluate(`{ const visitorAgreed = true; ${CONSENT.get('say')} }`);
  assert.ok(await sessionOf(page));
}));

for (const [name, { html = '', before }] of Object.entries(CHOICES)) {
  test(`consent: ${name}`, () => {
    const script = `<script>${before}\n${CONSENT.get(name)}</script>`;
    return onPage(`${html}${CONSENT.get('early')}${CONSENT.get('required')}${script}`, async (page) => {
      await loaded(page);
      assert.equal(await isRecorded(page), false, 'nobody has agreed');
      await page.evaluate(() => window.agree());
      assert.ok(await sessionOf(page));
    });
  });
}

/** Uploads the first `n` events of a session that began at `start`. */
async function upload(start, n) {
  const sid = start.toString(16).padStart(12, '0') + 'a'.repeat(26);
  const header = { v: 1, sid, tab: 'abcdefgh', window: 'abcdefgh', seq: 0, first: 0, n, sent: start };
  const events = Array.from({ length: n }, (_, at) => `{"type":3,"data":{"source":3,"id":1,"x":0,"y":${at}},"timestamp":${start + at}}`);
  const body = gzipSync([JSON.stringify(header), ...events].join('\n'));
  const answer = await fetch(`${worker.url}/i/slow`, { method: 'POST', headers: { origin: worker.url }, body });
  return { status: answer.status, said: await answer.json() };
}

test('protocol: an answer', async () => {
  assert.deepEqual(await upload(Date.now(), 13), { status: 200, said: JSON.parse(PROTOCOL.get('an answer')) });
});

test('protocol: a refusal', async () => {
  const { status, said } = await upload(Date.now() + 30 * 24 * 3_600_000, 1);
  const { now, ...sample } = JSON.parse(PROTOCOL.get('a refusal'));
  assert.deepEqual({ status, ...said }, { status: 409, ...sample, now: said.now });
  assert.ok(Math.abs(said.now - Date.now()) < 60_000 && typeof now === typeof said.now);
  assert.deepEqual(Object.keys(said), [...Object.keys(sample), 'now']);
});

test('frameworks: a call before the script is there, and one after', () => {
  const window = {};
  const sentiero = new Function('window', `${OVERVIEW.get('before and after')}\nreturn sentiero;`)(window);
  sentiero('identify', 'u-4711');
  sentiero('flush');
  assert.deepEqual(window.Sentiero, [['identify', 'u-4711'], ['flush']], 'a list, as the script takes it over');
  const said = [];
  window.Sentiero = { identify: (...all) => said.push(all) };
  sentiero('identify', 'u-4711');
  assert.deepEqual(said, [['u-4711']]);
});
