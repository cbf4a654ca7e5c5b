// One tag, whatever renders the pages: a small application of each kind is started with what
// its document says, somebody orders something there, and an operator watches it. What was
// typed is nowhere. frameworks/samples.mjs has the applications.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SAMPLES, start } from './frameworks/samples.mjs';
import { Api, Worker, customOf, inReplay, launch, payloads, sessionOf, signIn, storedEvents, until, withInflated } from './support.mjs';

const NAME = 'Wilhelmina Canary';
const PASSWORD = 'canary-Passw0rd!';
const USER = 'u-4711';
/** What Rails knows its own forms and requests by. */
const TOKEN = /name="(?:csrf-token|authenticity_token)" (?:content|value)="([^"]+)"/g;

let worker;
let browser;
let operator;
let api;
const running = new Map();
before(async () => {
  worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '0.2' });
  for (const sample of SAMPLES) {
    const host = await start(sample, worker.url);
    running.set(sample.key, host);
    await worker.configure(sample.key, { name: sample.title, origins: [host.url], retention_days: 1, bots: 'record' });
  }
  browser = await launch();
  api = await Api.signIn(worker.url);
  operator = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await signIn(operator, worker.url);
});
after(async () => {
  await browser?.close();
  for (const host of running.values()) await host.close();
  await worker?.stop();
});

/** The API of a sample's site. */
const apiOf = ({ key }) => Object.assign(new Api(), api, { site: key });

/** What the browser complains of: errors, and what a policy forbade. */
const isComplaint = (line) => line.type() === 'error' || line.text().includes('Sentiero');

/** Somebody who comes to a sample, with these cookies. */
async function visitor({ key }, cookies = []) {
  const { url } = running.get(key);
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
  await context.addCookies(cookies.map((name) => ({ name, value: 'yes', url })));
  const page = await context.newPage();
  const visit = { context, page, url, complaints: [], sent: [], asked: [] };
  page.on('pageerror', (error) => visit.complaints.push(error.message));
  page.on('console', (line) => isComplaint(line) && visit.complaints.push(line.text()));
  context.on('request', (request) => {
    if (!request.url().startsWith(worker.url)) return;
    visit.asked.push(new URL(request.url()).pathname);
    visit.sent.push(Buffer.from(request.url()), ...withInflated(request.postDataBuffer() ?? Buffer.alloc(0)));
  });
  await page.goto(url);
  return visit;
}

/** Orders, as anybody would, and leaves; gives the visit's id. */
async function order({ context, page }) {
  const sid = await sessionOf(page);
  await page.getByRole('link', { name: 'Order' }).click();
  await page.getByRole('heading', { name: 'Your order' }).waitFor();
  assert.equal(await sessionOf(page), sid, 'the next page goes on');
  await page.getByLabel('Name').pressSequentially(NAME);
  await page.getByLabel('Password').pressSequentially(PASSWORD);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('heading', { name: 'Thank you' }).waitFor();
  assert.equal(await sessionOf(page), sid, 'and so does the last');
  await page.goto('about:blank');
  await context.close();
  return sid;
}

const pathOf = ({ url }) => new URL(url).pathname;

/** Every visit that was whole: its site and its id. */
const visits = [];

/** The session's detail, once all of it is stored: every page, and that the last was left. */
function whole(sample, sid) {
  visits.push({ key: sample.key, sid });
  return until(`all pages of ${sample.key} are stored`, async () => {
    const detail = await apiOf(sample).detail(sid).catch(() => undefined);
    const last = detail?.page_views.at(-1);
    const isLeft = detail?.tab_list.some(({ tab, ended }) => tab === last?.tab && ended);
    return isLeft && pathOf(last) === sample.paths.at(-1) && detail;
  });
}

/** The replay shows `text` in the page load `tab`, at its begin (`Home`) or its end (`End`). */
async function shows({ key }, sid, tab, place, text) {
  await operator.goto(`${worker.url}/dashboard/#/s/${key}/${sid}?tab=${tab}`);
  const position = operator.getByRole('slider', { name: 'Position in the recording' });
  await until(`the replay of ${key} shows ${text}`, async () => {
    await position.press(place);
    return (await inReplay(operator, () => document.body.innerText))?.includes(text);
  });
}

/** The values of fields that the replay shows. */
const fields = () => inReplay(operator, () => [...document.querySelectorAll('input')].map(({ value }) => value));

/** The operator finds the visit in the list, opens it and watches it. */
async function watch(sample, sid, { page_views: views }) {
  await operator.goto(`${worker.url}/dashboard/#/s/${sample.key}`);
  await operator.locator(`[data-testid=session-row][data-sid="${sid}"]`).click();
  await until('it is opened', () => operator.url().includes(sid));
  const [first, form, last] = views;
  await shows(sample, sid, first.tab, 'Home', sample.title);
  if (form.tab !== last.tab) {
    await shows(sample, sid, form.tab, 'End', 'Your order');
    const shown = await until('what was typed is shown, masked', async () => {
      const values = await fields();
      return values?.filter((value) => value === '•••••').length >= 2 && values;
    });
    assert.ok(!shown.some((value) => value.includes('anary')), `${shown}`);
  }
  await shows(sample, sid, last.tab, 'End', 'Thank you');
}

/** Neither was sent to the worker, nor does it have it. */
function assertNowhere(secrets, { sent }) {
  assert.ok(sent.length > 3, 'requests were seen');
  for (const [where, all] of [['a request', sent], ['the storage', [...worker.stored()]]]) {
    for (const bytes of all) {
      const text = bytes.toString('latin1');
      for (const secret of secrets) {
        for (const form of [secret, encodeURIComponent(secret), secret.replaceAll(' ', '+')]) assert.ok(!text.includes(form), `${form} is in ${where}`);
      }
    }
  }
}

/** What the application itself got. */
const received = async ({ key }) => (await fetch(`${running.get(key).url}/received`)).json();

/** A whole visit, watched: its id, and its custom events. */
async function visited(sample, cookies) {
  const visit = await visitor(sample, cookies);
  const sid = await order(visit);
  const detail = await whole(sample, sid);
  assert.deepEqual(detail.page_views.map(pathOf), sample.paths);
  assert.equal(detail.masked_at_edge, 0, 'the page had masked everything itself');
  assert.deepEqual(visit.complaints, []);
  await watch(sample, sid, detail);
  assertNowhere([NAME, PASSWORD], visit);
  return { sid, visit, detail, custom: customOf(await storedEvents(apiOf(sample), sid)) };
}

for (const sample of SAMPLES) {
  test(`${sample.key}: an order is recorded, found and watched`, async () => {
    const { detail } = await visited(sample);
    const loads = new Set(detail.page_views.map(({ tab }) => tab)).size;
    assert.equal(loads, sample.key === 'react' ? 1 : 3, 'routes are pages of one page load');
  });
}

for (const key of ['rails', 'sinatra', 'rack']) {
  test(`${key}: the order itself arrived as it was typed`, async () => {
    const { name, password } = await received({ key });
    assert.deepEqual({ name, password }, { name: NAME, password: PASSWORD });
  });
}

test('rails and sinatra take no form without its token', async () => {
  for (const [key, status] of [['rails', 422], ['sinatra', 403]]) {
    const answer = await fetch(`${running.get(key).url}/order`, { method: 'POST', body: new URLSearchParams({ name: 'nobody' }) });
    assert.equal(answer.status, status, key);
  }
});

describe('rails', () => {
  const sample = SAMPLES.find(({ key }) => key === 'rails');

  test('the visit has its user and its event, and tokens are nowhere', async () => {
    const visit = await visitor(sample);
    const pages = [];
    visit.page.on('response', (answer) => pages.push(answer.text().catch(() => '')));
    await visit.page.reload();
    const sid = await order(visit);
    await whole(sample, sid);
    const tokens = [...(await Promise.all(pages)).join('').matchAll(TOKEN)].map(([, token]) => token);
    const custom = customOf(await storedEvents(apiOf(sample), sid));
    assert.deepEqual(payloads(custom, 'sentiero:identify'), [{ id: USER }]);
    assert.deepEqual(payloads(custom, 'ordered'), [{ things: 1 }]);
    assert.ok(tokens.length >= 4, 'of three pages and of the form');
    assertNowhere(tokens, visit);
  });

  test('with Turbo, pages are pages of one page load, and the tag runs once', async () => {
    const { visit, detail, custom } = await visited(sample, ['turbo']);
    assert.equal(new Set(detail.page_views.map(({ tab }) => tab)).size, 1);
    assert.equal(visit.asked.filter((path) => path === '/sentiero.js').length, 1);
    assert.deepEqual(payloads(custom, 'ordered'), [{ things: 1 }]);
  });

  test('where consent is asked for, nothing but the script is loaded before it is given', async () => {
    const refused = await visitor(sample, ['asks']);
    await until('the script is there', () => refused.page.evaluate(() => typeof window.Sentiero.consent === 'function'));
    await refused.page.getByRole('link', { name: 'Order' }).click();
    await refused.page.getByLabel('Name').fill(NAME);
    await refused.page.waitForLoadState('networkidle');
    assert.equal(await refused.page.evaluate(() => window.Sentiero.sessionId()), null);
    assert.deepEqual(new Set(refused.asked), new Set(['/sentiero.js']));
    await refused.context.close();

    const agreed = await visitor(sample, ['asks', 'analytics']);
    const sid = await order(agreed);
    await whole(sample, sid);
  });

  test('a user who wants it is erased, and the audit log has the proof', async () => {
    const site = apiOf(sample);
    const wanted = visits.filter(({ key }) => key === sample.key).map(({ sid }) => sid);
    const ofUser = async () => (await (await site.get(`sessions?user=${USER}`)).json()).sessions;
    await until('every visit is finished, and known as theirs', async () => {
      const done = (await ofUser()).filter(({ live }) => !live).map(({ sid }) => sid);
      return wanted.every((sid) => done.includes(sid));
    });
    const { matched } = await site.post('erase', { user: USER });
    assert.equal(matched, wanted.length);
    const { id } = await site.post('erase', { user: USER, confirm: matched });
    const receipt = await until('all is erased', async () => {
      const now = await (await site.get(`erasures/${id}`)).json();
      return now.finished && now;
    });
    assert.equal(receipt.erased, matched);
    assert.ok(!JSON.stringify(receipt).includes(USER), 'the receipt does not say whose');
    assert.deepEqual(await ofUser(), []);
    await operator.goto(`${worker.url}/dashboard/#/s/rails/${wanted[0]}`);
    await operator.getByTestId('gone').waitFor();
    const { entries } = await (await site.get('audit')).json();
    const proof = entries.find(({ action, subject }) => action === 'erase' && subject === id);
    assert.equal(proof?.by, 'operator');
  });
});
