// The examples of the documents, each on a page of its own, as they are printed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customOf, examples, payloads, servePage, sessionOf, stage, storedEvents, until } from './support.mjs';

let worker;
let browser;
let api;
stage((all) => ({ worker, browser, api } = all));

const EXAMPLES = {
  recorder: examples('docs/recorder.md'),
  install: examples('docs/install.md'),
  'custom events': examples('docs/custom-events.md'),
  overview: examples('README.md'),
};
/** tests/e2e/packaging.spec.mjs runs these. */
const ELSEWHERE = ['npm', 'npm bundled'];

const payloadsOf = (events, tag) => payloads(customOf(events), tag);
const hasOne = (tag, payload) => (events) => assert.deepEqual(payloadsOf(events, tag), [payload]);
const clicked = async (page) => {
  await until('captures are there', () => page.evaluate(() => performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.includes('/r/capture.') && responseEnd > 0)));
  await page.getByRole('button').click();
};

/** What each does, and what is stored then. `wait` is a tag that comes with it. */
const RECORDER = {
  tag: {},
  init: {
    head: '<p>plain text</p>',
    stored: (events) => assert.ok(JSON.stringify(events).includes('•••••') && !JSON.stringify(events).includes('plain text')),
  },
  api: {
    wait: 'signup',
    stored: (events) => {
      hasOne('sentiero:identify', { id: 'u-4711' })(events);
      hasOne('sentiero:metadata', { plan: 'pro', seats: 3 })(events);
      hasOne('signup', { step: 2 })(events);
    },
  },
  queue: { wait: 'early', stored: hasOne('sentiero:metadata', { plan: 'pro' }) },
  pause: { wait: 'resumed', stored: (events) => assert.ok(!JSON.stringify(events).includes('laboratory')) },
  session: {
    act: async (page, sid) => {
      await page.evaluate(() => dispatchEvent(new ErrorEvent('error', { message: 'broken' })));
      assert.deepEqual(await page.evaluate(() => window.reported), { message: 'broken', replay: `${worker.url}/dashboard/#/s/demo/${sid}` });
    },
  },
  errors: { wait: 'error', stored: (events) => assert.equal(payloadsOf(events, 'error')[0].message, 'Uncaught Error: no such user: •••••') },
  console: { act: clicked, wait: '__console', stored: hasOne('__console', { level: 'info', args: ['cart', { items: 2, token: '•••••' }] }) },
  everything: { wait: 'sentiero:environment' },
  declared: { act: clicked, wait: 'add-to-cart', stored: hasOne('add-to-cart', { sku: 'A1' }) },
  sampling: {
    act: (page) => page.mouse.move(200, 200, { steps: 10 }),
    stored: (events) => assert.ok(!events.some(({ type, data }) => type === 3 && data.source === 1)),
  },
  csp: { wait: '__perf' },
  // `'wasm-unsafe-eval'` is not there, and the worker's file is its own host's.
  worker: {
    html: `<meta http-equiv="Content-Security-Policy" content="script-src https://sentiero.example">
      <script src="https://sentiero.example/sentiero.js" data-site="your-key" data-worker="/worker.js" defer></script>`,
  },
};

const EXPECTED = {
  recorder: RECORDER,
  install: {
    tag: {},
    options: {
      head: '<p>plain text</p>',
      stored: (events) => assert.ok(!JSON.stringify(events).includes('plain text')),
    },
  },
  'custom events': {
    call: { wait: 'search', stored: hasOne('search', { results: 0, filters: ['size', 'colour'] }) },
    markup: { act: clicked, wait: 'add-to-cart', stored: hasOne('add-to-cart', { sku: 'A1', price: 129 }) },
    facts: {
      wait: 'sentiero:identify',
      stored: (events) => {
        hasOne('sentiero:metadata', { plan: 'pro', experiment: 'b' })(events);
        hasOne('sentiero:identify', { id: 'u-4711' })(events);
      },
    },
  },
  overview: { tag: {} },
};

test('every example is run', () => {
  for (const [page, found] of Object.entries(EXAMPLES)) {
    assert.deepEqual([...found.keys()].filter((name) => !ELSEWHERE.includes(name)).sort(), Object.keys(EXPECTED[page]).sort(), page);
  }
});

const all = Object.entries(EXPECTED).flatMap(([page, each]) => Object.entries(each).map(([name, expected]) => [page, name, expected]));
for (const [from, name, { html, head = '', act, wait, stored }] of all) {
  test(`example of ${from}: ${name}`, async () => {
    const code = EXAMPLES[from].get(name);
    const body = `${head}${html ?? code}`
      .replaceAll(/https:\/\/(sentiero|your-worker)\.example/g, worker.url).replaceAll('your-key', 'demo');
    const context = await browser.newContext();
    await servePage(context, () => body);
    await context.route('**/worker.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
    const page = await context.newPage();
    const lines = [];
    page.on('console', (line) => line.type() === 'warning' && lines.push(line.text()));
    await page.goto(`${worker.url}/page`);
    const sid = await sessionOf(page);
    await act?.(page, sid);
    const events = await until('it is stored', async () => {
      await page.evaluate(() => window.Sentiero.flush());
      const found = await storedEvents(api, sid);
      return found.some(({ type }) => type === 2) && (!wait || payloadsOf(found, wait).length) && found;
    });
    stored?.(events);
    assert.deepEqual(lines, [], 'nothing to say');
    await context.close();
  });
}
