// Everything that Sentiero is for, by what its documents say and its screens offer: a site is made
// and its tag put on a Rails application, somebody visits that, two errors are found in the visit,
// its replay is handed on as a file, the visitor is erased, and the audit log has the proof.
import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SAMPLES, start } from './frameworks/samples.mjs';
import { Api, inReplay, sessionOf, signIn, stage, until, withInflated } from './support.mjs';

const SITE = 'camping';
const USER = 'u-4711';
const NAME = 'Wilhelmina Canary';
const VOUCHER = 'SUMMER-canary';
/** What the recording shows, and nothing else that is stored. */
const SHOWN = 'Compare prices';
/** How long somebody looks at the first page, ms. */
const LOOKS = 2_000;
/** A browser that somebody looks through. */
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const sample = { ...SAMPLES.find(({ key }) => key === 'rails'), key: SITE, source: 'rails' };

let worker;
let browser;
let page;
let host;
stage(async (found) => {
  ({ worker, browser } = found);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await signIn(page, worker.url);
}, { ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '0.2', IDLE_SECONDS: '8' });
after(() => host?.close());

/** A port that nobody listens at. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function makeSite(origin) {
  await page.getByTestId('settings').click();
  await page.getByTestId('new-site').click();
  await page.getByLabel('Name', { exact: true }).fill('Camping');
  await page.getByLabel('Origins').fill(origin);
  await page.getByLabel('Key', { exact: true }).fill(SITE);
  await page.getByTestId('create-site').click();
  return page.getByTestId('tag').innerText();
}

/** A token that the application tells its errors by, and can do nothing else with. */
async function makeToken() {
  await page.getByRole('link', { name: 'API tokens' }).click();
  await page.getByTestId('new-token').click();
  await page.getByLabel('Name', { exact: true }).fill('Rails');
  const scopes = page.getByRole('group', { name: 'What it may do' });
  await scopes.getByRole('checkbox', { checked: true }).uncheck();
  await scopes.getByRole('checkbox', { name: /^tell/ }).check();
  await page.getByTestId('make-token').click();
  const secret = await page.getByTestId('token-secret').innerText();
  await page.getByTestId('token-done').click();
  return secret;
}

/** Files of the site’s sessions may be made. */
async function allowFiles() {
  await page.goto(`${worker.url}/dashboard/#/settings/sites/${SITE}/privacy`);
  await page.getByLabel('Sessions may be saved as files').check();
  await page.getByTestId('save').click();
  await page.getByTestId('save-bar').waitFor({ state: 'detached' });
}

/** Compares, orders with a voucher, which fails, orders without, and leaves; the visit's id. */
async function visit() {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, userAgent: AGENT });
  const shop = await context.newPage();
  await shop.goto(host.url);
  const sid = await sessionOf(shop);
  // He looks around first, so that the error has its moment.
  await shop.waitForFunction((after) => performance.now() > after, LOOKS);
  await shop.getByRole('button', { name: SHOWN }).click();
  await shop.getByRole('link', { name: 'Order' }).click();
  await sessionOf(shop);
  await shop.getByLabel('Name').pressSequentially(NAME);
  await shop.getByLabel('Voucher').fill(VOUCHER);
  await shop.getByRole('button', { name: 'Send' }).click();
  await shop.getByRole('heading', { name: 'Something went wrong' }).waitFor();
  await shop.goto(`${host.url}/order`);
  assert.equal(await sessionOf(shop), sid, 'the visit goes on');
  await shop.getByLabel('Name').pressSequentially(NAME);
  await shop.getByRole('button', { name: 'Send' }).click();
  await shop.getByRole('heading', { name: 'Thank you' }).waitFor();
  assert.equal(await sessionOf(shop), sid);
  await context.close();
  return sid;
}

const replayShows = (opened, text) => until(`the replay shows ${text}`, async () => (await inReplay(opened, () => document.body.innerText))?.includes(text));

/** Opens the only session of the site. */
async function watch(sid) {
  await page.goto(`${worker.url}/dashboard/#/s/${SITE}`);
  const row = page.getByTestId('session-row');
  await until('the visit is in the list, and its errors are known', async () => {
    await page.keyboard.press('r');
    return (await row.count()) === 1 && /2 errors/.test(await row.innerText());
  });
  assert.equal(await row.getAttribute('data-sid'), sid);
  await row.click();
  await replayShows(page, sample.title);
}

/** Opens an issue from the list. */
async function openIssue(title) {
  await page.getByRole('link', { name: 'Issues', exact: true }).first().click();
  const issue = page.getByTestId('issue-row').filter({ hasText: title });
  await until(`${title} is listed`, async () => {
    await page.keyboard.press('r');
    return (await issue.count()) === 1;
  });
  await issue.locator('.issue-title').click();
  await page.getByRole('heading', { name: /price/ }).waitFor();
}

/** The moment in the address, ms after the begin of what is replayed. */
async function moment(sid) {
  const at = (url) => url.hash.includes(sid) && /[?&]t=(\d+)/.exec(url.hash);
  await page.waitForURL(at);
  return Number(at(new URL(page.url()))[1]);
}

/** The visitor's page failed: where in the code, and its replay begins there. */
async function replayError(sid) {
  await openIssue('TypeError');
  await page.getByTestId('stack').locator('.frame.own').first().waitFor();
  await page.getByTestId('replay-occurrence').click();
  const at = await moment(sid);
  assert.ok(at >= LOOKS - 1_000, `${at} ms: as late as he had looked around`);
  await replayShows(page, SHOWN);
  const seconds = Number(await page.getByRole('slider', { name: 'Position in the recording' }).getAttribute('aria-valuenow'));
  assert.ok(seconds >= Math.floor(at / 1_000), `${seconds} s`);
}

/** What the application told stands in the same visit. */
async function replayServerError(sid) {
  await openIssue('NoMethodError');
  // Told by the server, read from its lane.
  await page.getByTestId('occurrence').locator('.occurrence-said').getByText(/NoMethodError/).waitFor();
  await page.getByTestId('replay-occurrence').click();
  await moment(sid);
  await replayShows(page, 'Your order');
}

/** Saves the session as a page; where it lies. */
async function save() {
  await page.getByTestId('share-session').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('share-page').click()]);
  const path = `${await download.path()}.html`;
  renameSync(await download.path(), path);
  await page.keyboard.press('Escape');
  await page.getByTestId('share').waitFor({ state: 'hidden' });
  return path;
}

/** Somebody opens the file from a disk, without a network. */
async function openFile(path, secrets) {
  const text = readFileSync(path, 'utf8');
  for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is not in it`);
  const context = await browser.newContext({ offline: true });
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  const opened = await context.newPage();
  await opened.goto(pathToFileURL(path).href);
  await replayShows(opened, sample.title);
  await replayShows(opened, SHOWN);
  assert.ok((await opened.locator('#loads button').count()) >= 4, 'every page can be chosen');
  assert.deepEqual(asked.filter((url) => !/^(file|data|blob):/.test(url)), [], 'nothing is asked for');
  await context.close();
}

/** Erases whoever the application calls USER; the receipt's id. */
async function erase() {
  await page.getByTestId('settings').click();
  await page.locator(`[data-testid=site-row][data-site=${SITE}]`).getByRole('link').first().click();
  await page.getByRole('link', { name: 'Erasure' }).click();
  await page.getByLabel('User', { exact: true }).fill(USER);
  await page.getByTestId('count').click();
  await page.getByTestId('erasure-dialog').getByText('1 session will be erased for good').waitFor();
  const typed = page.getByLabel('Type the number');
  if (await typed.count()) await typed.fill('1');
  await page.getByTestId('erasure-confirm').click();
  const receipt = page.getByTestId('receipt').first();
  await receipt.getByText('Erased').waitFor();
  assert.match(await receipt.innerText(), /A user: 1 session/);
  return receipt.locator('code').innerText();
}

/** Whether a file of the worker holds a text; `within` says of which by their paths. */
const isStored = (text, within = () => true) => [...worker.files()].some(({ name, bytes }) => within(name) && [...withInflated(bytes)].some((part) => part.includes(text)));

/** A database has pages of before; what its tables hold is proved by tests/tests/erasure_proof.rs. */
const isNoDatabase = (name) => !name.includes('.sqlite');

/** Neither a list, nor the API, nor a store has anything of the visit. */
async function assertGone(api, sid) {
  await page.goto(`${worker.url}/dashboard/#/s/${SITE}`);
  await page.locator('[data-testid^=empty-]').waitFor();
  assert.deepEqual(await api.sessions(), []);
  await assert.rejects(api.detail(sid), /404/);
  await page.goto(`${worker.url}/dashboard/#/s/${SITE}/${sid}`);
  await page.getByTestId('gone').waitFor();
  await until('the recording is in no store', () => !isStored(SHOWN));
  await until('the user is in no file', () => !isStored(USER, isNoDatabase));
}

/** The log says who erased, and when, and names the receipt; and that a file was made before. */
async function assertProven(receipt, sid) {
  await page.goto(`${worker.url}/dashboard/#/settings/audit/${SITE}`);
  const entry = (said) => page.getByTestId('audit-entry').filter({ hasText: said }).first();
  await entry('Downloaded a session').waitFor();
  const erased = await entry('Erased sessions').innerText();
  assert.ok(erased.includes(receipt) && erased.includes('Somebody with the password'), erased);
  const log = await page.getByTestId('audit-list').innerText();
  for (const secret of [sid, USER]) assert.ok(!log.includes(secret), `${secret} is not in the log`);
}

test('the tag is put on a Rails application; a visit, its errors, a file of it, its erasure and the proof of that', { timeout: 120_000 }, async () => {
  const port = await freePort();
  const tag = await makeSite(`http://127.0.0.1:${port}`);
  assert.ok(tag.includes(`${worker.url}/sentiero.js`) && tag.includes(`data-site="${SITE}"`), tag);
  const token = await makeToken();
  const api = await Api.signIn(worker.url, SITE);
  await allowFiles();
  // As it is run where people visit: workers are forked after the application is loaded.
  host = await start(sample, worker.url, { port, vars: { SENTIERO_TOKEN: token }, flags: ['-w', '1', '--preload'] });
  const sid = await visit();

  await watch(sid);
  await replayError(sid);
  await replayServerError(sid);
  const stored = JSON.stringify(await api.events(sid));
  assert.ok(stored.includes(SHOWN));
  // While a visit may go on, it is in a database only.
  await until('the visit is at rest in R2', () => isStored(SHOWN, isNoDatabase) && isStored(USER, isNoDatabase));
  const typed = [NAME, VOUCHER];
  for (const secret of typed) assert.ok(!stored.includes(secret), secret);
  assert.match(host.log(), /"sentiero_sid"=>"\[FILTERED\]"/);
  assert.ok(!host.log().includes(sid), 'the log of the application does not say whose visit failed');
  await openFile(await save(), [sid, ...typed]);

  const receipt = await erase();
  await assertGone(api, sid);
  await assertProven(receipt, sid);
});
