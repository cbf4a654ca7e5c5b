// Guests behave: a page with tests of its own is recorded in settings that are hostile to the
// recorder, by policy, by place, by what the page did to the browser, and with every function
// that the recorder calls at fault. In each of them the page's tests see what they see without
// the recorder, no error of ours reaches the page, and either the recording is stored, or one
// line in the console says why there is none and nothing is sent.
//
// guests/rows.mjs has the settings, guests/suite.js the page's tests.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Site } from './guests/host.mjs';
import { CALLS, ROWS } from './guests/rows.mjs';
import { Api, Worker, launch, root, until } from './support.mjs';

const [, VERSION] = readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m);

let folder;
let site;
let worker;
let browser;
let api;
const report = [];
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentiero-guests-'));
  site = await Site.start();
  const file = join(folder, 'guest.json');
  writeFileSync(file, JSON.stringify({ name: 'guest', origins: [site.url], bots: 'record' }));
  worker = await Worker.start({}, { guest: file });
  site.upstream = worker.url;
  api = await Api.signIn(worker.url, 'guest');
  browser = await launch();
});
after(async () => {
  console.log(report.sort().join('\n'));
  await browser?.close();
  site?.stop();
  await worker?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const STYLE = '<style>#stage{min-height:40px}</style>';
/** Under Trusted Types a page that uses `innerHTML` needs a policy; scripts make ours. */
const POLICY = "window.trustedTypes.createPolicy('default', { createHTML: (text) => text });";

/** The page of a row, with the tag or without. */
function pageOf(row, name, tagged) {
  const nonce = row.nonce ? ` nonce="${row.nonce}"` : '';
  const script = (src, attributes = '') => `<script src="${src}"${nonce}${attributes}></script>`;
  const own = [
    row.html === 'policy' && site.script(`${name}-policy`, POLICY),
    row.before && site.script(`${name}-before`, `(${row.before})();`),
  ].filter(Boolean);
  const fault = row.fault ? script('/faults.js', ` data-path="${row.fault}" data-mode="${row.mode}"`) : '';
  const tag = tagged ? script(`${row.foreign ? worker.url : ''}/sentiero.js`, ' data-site="guest" data-start="load"') : '';
  // Elements with a name hide what `document` has by that name.
  const hiding = (row.hides ?? []).map((hidden) => `<img name="${hidden}" alt="">`).join('');
  return `<!doctype html><meta charset="utf-8"><title>guest</title><link rel="icon" href="data:,">${STYLE}
    ${script('/watch.js')}${own.map((src) => script(src)).join('')}${fault}
    ${hiding}${tag}<div id="stage"></div>${script('/suite.js')}`;
}

/** Serves the page of a row; in a frame where the row says so. */
function serve(row, name, tagged) {
  const headers = typeof row.headers === 'function' ? row.headers(site.url, worker.url) : row.headers;
  const path = site.page(name, pageOf(row, name, tagged), headers);
  return row.sandbox ? site.page(`${name}-outer`, `<!doctype html><title>outer</title><iframe sandbox="${row.sandbox}" src="${path}"></iframe>`) : path;
}

/** Opens it; `frame` is where the page's tests are. */
async function open(row, name, tagged) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const visit = { context, page, lines: [], uploads: [] };
  page.on('console', (message) => message.text().startsWith('Sentiero: ') && visit.lines.push(message.text()));
  context.on('request', (request) => {
    if (!new URL(request.url()).pathname.startsWith('/i/')) return;
    const upload = { body: request.postDataBuffer() };
    visit.uploads.push(upload);
    request.response().then((response) => { upload.status = response?.status(); }, () => undefined);
  });
  await page.goto(site.url + serve(row, name, tagged));
  visit.frame = row.sandbox ? await until('the frame is there', () => page.frames().find((frame) => frame !== page.mainFrame() && frame.url().endsWith(name))) : page.mainFrame();
  await until('the tests are loaded', () => visit.frame.evaluate(() => typeof window.runSuite === 'function'));
  return visit;
}

/** What the page's tests see. */
function runSuite({ frame }) {
  return frame.evaluate(() => window.runSuite());
}

const NOTHING = () => undefined;
const reached = ({ frame }) => frame.evaluate(() => window.reached);

/** What a page sees that is not recorded: its tests twice, and every error. */
async function control(row, name) {
  const visit = await open(row, `${name}-control`, false);
  const first = await runSuite(visit);
  await visit.frame.evaluate(row.after ?? NOTHING);
  const seen = [first, await runSuite(visit), await reached(visit)];
  await visit.context.close();
  return seen;
}

/** Sid of what was uploaded. */
function sidOf({ uploads }) {
  const { body } = uploads.find(({ status }) => status === 200);
  return JSON.parse(gunzipSync(body).toString().split('\n')[0]).sid;
}

/** An event that a player can use: what are lists are lists. */
function isSound({ type, data }) {
  if (type === 2) return Array.isArray(data.node.childNodes);
  if (type === 3 && data.source === 0) return ['adds', 'removes', 'texts', 'attributes'].every((field) => Array.isArray(data[field]));
  return typeof data === 'object';
}

const hasStored = ({ uploads }) => uploads.some(({ status }) => status === 200);

/** Records the page of `row`; gives what it saw, and what became of the recording. */
async function guest(row, name) {
  const visit = await open(row, name, true);
  const { frame, page } = visit;
  if (row.mode === 'later') {
    await until('it is recorded', () => hasStored(visit));
    await frame.evaluate(() => { window.isFaulty = true; });
  }
  const first = await runSuite(visit);
  await until('it is recorded, or said why not', () => hasStored(visit) || visit.lines.length);
  await frame.evaluate(row.after ?? NOTHING);
  const second = await runSuite(visit);
  await frame.evaluate(() => {
    window.Sentiero?.addCustomEvent('guest', { list: [1, { deep: ['x'] }] });
    window.Sentiero?.flush();
    // As when it is left, while what that throws can still be seen.
    window.dispatchEvent(new PageTransitionEvent('pagehide'));
  });
  const errors = await reached(visit);
  await page.goto('about:blank');
  await visit.context.close();
  const bodies = visit.uploads.map(({ body }) => (body ? gunzipSync(body).toString() : ''));
  assert.ok(!bodies.some((body) => body.includes('SECRET')), 'what is forbidden is not sent');
  return { ...visit, seen: [first, second, errors] };
}

/** The stored events, which are sound; all of them, if nothing went wrong. */
async function assertStored(visit) {
  const sid = sidOf(visit);
  const isLast = ({ type, data }) => type === 5 && data.tag === 'sentiero:leave';
  const events = await until('the recording is stored', async () => {
    const found = (await api.events(sid)).map(({ event }) => event);
    return found.some(({ type }) => type === 2) && (visit.lines.length || found.some(isLast)) && found;
  });
  assert.ok(!JSON.stringify(events).includes('SECRET'), 'what is forbidden is not stored');
  assert.deepEqual(events.filter((event) => !isSound(event)), [], 'events that no player could use');
  return events;
}

function assertRefused({ lines, uploads }, says) {
  assert.equal(lines.length, 1, `one line says why nothing is recorded: ${lines.join(' | ')}`);
  if (says) assert.match(lines[0], says);
  assert.deepEqual(uploads, [], 'nothing is sent');
}

const outcome = ({ lines }, events) => `${events ? `${events.length} events stored` : 'not recorded'}${lines.length ? `; “${lines[0]}”` : ''}`;

describe('settings', { concurrency: 2 }, () => {
  for (const [number, row] of ROWS.entries()) {
    test(row.name, { timeout: 60_000 }, async () => {
      const name = `row${number}`;
      const [without, visit] = [await control(row, name), await guest(row, name)];
      assert.deepEqual(visit.seen, without, 'what the page sees');
      if (row.refused) {
        assertRefused(visit, row.refused);
        report.push(`${row.name}: ${outcome(visit)}`);
        return;
      }
      assert.deepEqual(visit.lines, []);
      const events = await assertStored(visit);
      const clicks = events.filter(({ type, data }) => type === 3 && data.source === 2);
      // Where the page's own markup is refused, it has no buttons.
      assert.equal(clicks.length > 0, row.html !== 'none', 'the clicks of the page\'s tests');
      const cost = events.find(({ type, data }) => type === 5 && data.tag === 'sentiero:cost').data.payload;
      assert.ok(cost.ms >= 0 && cost.ms < 60_000 && cost.events > 1 && cost.events < events.length, `what it cost: ${JSON.stringify(cost)}`);
      assert.equal(cost.version, VERSION);
      report.push(`${row.name}: ${outcome(visit, events)}`);
    });
  }
});

/** A part of them, each in one mode; all in the long form. */
const FULL = process.env.SENTIERO_FULL === '1';
const isChosen = (number, mode) => FULL || (number % 4 === (mode === 'always' ? 0 : 2));

describe('faults', { concurrency: 3 }, () => {
  let without;
  before(async () => {
    without = await control({}, 'faults');
  });
  for (const [number, fault] of CALLS.entries()) {
    for (const mode of ['always', 'later'].filter((mode) => isChosen(number, mode))) {
      test(`${fault} throws ${mode}`, { timeout: 60_000 }, async () => {
        const row = { fault, mode };
        const visit = await guest(row, `fault${number}-${mode}`);
        assert.deepEqual(visit.seen, without, 'what the page sees');
        assert.ok(visit.lines.length <= 1, `one line at most: ${visit.lines.join(' | ')}`);
        if (!hasStored(visit)) assertRefused(visit);
        const events = hasStored(visit) && (await assertStored(visit));
        report.push(`${fault} throws ${mode}: ${outcome(visit, events)}`);
      });
    }
  }
});
