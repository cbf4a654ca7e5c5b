// Sharing a session: a page that replays from a disk without any network, the same opened in the
// dashboard, and links.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { HOSTILE } from './hostile.mjs';
import { change, click, custom, element, full, meta, upload as uploadTo } from './made.mjs';
import { Api, inReplay, root, signIn, stage, until } from './support.mjs';

/** A page of the first version, as that saved it. */
const FIXTURE = join(root, 'tests/fixtures/shared/recording-v1.html');

let worker;
let browser;
let page;
const folder = mkdtempSync(join(tmpdir(), 'sentiero-shared-'));
stage(async (found) => {
  ({ worker, browser } = found);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await signIn(page, worker.url);
  await page.getByTestId('empty-first-run').waitFor();
}, { ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '1' });
after(() => rmSync(folder, { recursive: true, force: true }));

/** What any connection through the network would go to: how many came. */
const network = { connections: 0 };
const proxy = createServer((socket) => {
  network.connections += 1;
  socket.destroy();
});
before(() => new Promise((done) => proxy.listen(0, '127.0.0.1', done)));
after(() => proxy.close());

const here = (at) => [at, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })];
const named = (name) => full([element(30, 'b', { id: name })]);
/** Two page loads: one with a long rest in it, one with a click. */
const LOADS = [
  [[0, meta('https://victim.example/first')], [1, named('first')], [500, click(5)], [60_000, click(5)], here(60_500)],
  [[70_000, meta('https://victim.example/second')], [70_001, named('second')], [71_000, click(5)], here(72_000)],
];

async function openShare(sid) {
  await page.goto(`${worker.url}/dashboard/#/s/demo/${sid}`);
  await page.getByTestId('share-session').click();
  await page.getByTestId('share').waitFor();
}

async function saved(sid, name, which = 'share-page') {
  await openShare(sid);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(which).click()]);
  const path = join(folder, name);
  await download.saveAs(path);
  return { path, suggested: download.suggestedFilename() };
}

/** Opens a file from the disk where nothing but it can be reached; what it asked for comes with it. */
async function fromDisk(path) {
  const context = await browser.newContext({ proxy: { server: `http://127.0.0.1:${proxy.address().port}` } });
  const opened = await context.newPage();
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  context.on('page', (other) => asked.push(`a page: ${other.url()}`));
  opened.on('dialog', (dialog) => (asked.push(`a dialog: ${dialog.message()}`), dialog.dismiss()));
  await opened.goto(pathToFileURL(path).href);
  return { opened, asked, close: () => context.close() };
}

const shows = (opened, id) => until(`${id} is shown`, () => inReplay(opened, new Function(`return document.getElementById(${JSON.stringify(id)}) !== null`)));

/** Everything that a saved page can do, without any network. */
async function assertReplays(path) {
  network.connections = 0;
  const { opened, asked, close } = await fromDisk(path);
  try {
    await shows(opened, 'first');
    const loads = opened.locator('#loads button');
    assert.equal(await loads.count(), 2);
    const play = opened.locator('#play');
    const clock = async () => opened.locator('#time').innerText();
    assert.equal(await opened.locator('#length').innerText(), '1:00');
    // Over the idle time, to the end.
    await play.click();
    await until('the idle time is skipped', async () => /^(0:59|1:00)$/.test(await clock()));
    await until('it ends', async () => (await play.innerText()) === 'Play');
    await opened.locator('#seek').fill('3000');
    assert.equal(await clock(), '0:03');
    // Without skipping it stays where it is, faster.
    await opened.locator('#skip').uncheck();
    await opened.locator('#speed').selectOption('200');
    await play.click();
    await until('it plays', async () => /^0:0[5-9]$/.test(await clock()));
    await opened.keyboard.press('Escape');
    await play.click();
    assert.equal(await play.innerText(), 'Play');
    await loads.nth(1).click();
    await shows(opened, 'second');
    assert.equal(await loads.nth(1).getAttribute('aria-current'), 'true');
    const frame = opened.frames().find((frame) => frame.url().startsWith('data:'));
    assert.equal(await frame.evaluate(() => self.origin), 'null');
    assert.deepEqual(asked.filter((url) => !/^(file|data|blob):/.test(url)), [], 'nothing is asked for');
    assert.equal(network.connections, 0);
  } finally {
    await close();
  }
}

test('a session is saved as a page that replays from a disk, without any network', async () => {
  const { sid } = await uploadTo(worker.url, ...LOADS);
  const { path, suggested } = await saved(sid, 'session.html');
  assert.match(suggested, /^sentiero-\d{4}-\d\d-\d\d\.html$/);
  assert.ok(!readFileSync(path, 'utf8').includes(sid), 'the id, which is a right, is not in it');
  if (process.env.SENTIERO_SAVE_FIXTURE) copyFileSync(path, FIXTURE);
  await assertReplays(path);
});

test('a page of the first version still replays, and opens in this dashboard', async () => {
  assert.ok(existsSync(FIXTURE));
  await assertReplays(FIXTURE);
  const context = await browser.newContext();
  const opened = await context.newPage();
  await opened.goto(`${worker.url}/dashboard/#/file`);
  const asked = [];
  context.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
  await opened.getByTestId('file-input').setInputFiles(FIXTURE);
  await shows(opened, 'first');
  assert.equal(await opened.getByTestId('tab-switch').count(), 2);
  await opened.getByTestId('tab-switch').nth(1).click();
  await shows(opened, 'second');
  // Who is signed in is asked when the page begins.
  const sent = asked.filter((request) => /\/api\/|\/i\/|^POST|^PUT/.test(request) && !request.endsWith('/api/me'));
  assert.deepEqual(sent, []);
  await context.close();
});

test('what the server told stands below a saved page, with the way to its moment', async () => {
  const api = await Api.signIn(worker.url);
  const { secret } = await api.ask('POST', '/api/tokens', JSON.stringify({ name: 'shop', scopes: ['tell'], sites: ['demo'] }));
  const { sid } = await uploadTo(worker.url, ...LOADS);
  const told = { errors: [{ type: 'KeyError', message: '<b>no such tent</b>', sid, backtrace: ["app/cart.rb:12:in 'sum'"] }] };
  const answer = await fetch(`${worker.url}/e/demo`, { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body: JSON.stringify(told) });
  assert.equal(answer.status, 200, await answer.text());
  const { path } = await saved(sid, 'told.html');
  const { opened, close } = await fromDisk(path);
  try {
    await shows(opened, 'first');
    await opened.locator('#server summary').click();
    const line = opened.locator('#told button');
    const [, moment] = /^(0:\d\d) · .*<b>no such tent<\/b> · On the server/.exec(await line.innerText());
    await opened.locator('#seek').fill('30000');
    await line.click();
    assert.equal(await opened.locator('#time').innerText(), moment);
    await opened.locator('#loads button').nth(1).click();
    await shows(opened, 'second');
    assert.ok(await opened.locator('#server').isHidden(), 'it stands in the page load in which it was told');
  } finally {
    await close();
  }
});

test('a part of a session, as JSON: nothing behind it, and before it only what the page is built of', async () => {
  const who = custom('sentiero:identify', { id: 'anna' });
  const { sid, start } = await uploadTo(worker.url, [[0, meta()], [1, full([])], [1_000, click(5)], [2_000, who], [20_000, click(5)], here(30_000)]);
  await openShare(sid);
  assert.equal(await page.getByTestId('share-reach').count(), 0, 'of all of it nothing comes along');
  await page.getByLabel('From').fill('0:10');
  await page.getByTestId('share-reach').getByText('its state since its last snapshot before the part comes along').waitFor();
  await page.getByLabel('To', { exact: true }).fill('0:25');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('share-json').click()]);
  const lines = readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ event }) => [event.timestamp - start, event.type]), [[0, 4], [1, 2], [20_000, 3]]);
  await page.getByLabel('From').fill('0:40');
  await page.getByTestId('share-json').click();
  assert.match(await page.getByTestId('share-failed').innerText(), /begin before it ends/);
});

for (const [name, nodes] of Object.entries(HOSTILE)) {
  test(`hostile, from a disk: ${name}`, { timeout: 60_000 }, async () => {
    const { sid } = await uploadTo(worker.url, [[0, meta()], [1, full(nodes, nodes)], here(2_000)]);
    const { path } = await saved(sid, 'hostile.html');
    network.connections = 0;
    const { opened, asked, close } = await fromDisk(path);
    const url = opened.url();
    await shows(opened, 'innocent');
    await opened.locator('#play').click();
    await until('it ends', async () => (await opened.locator('#time').innerText()) === '0:02');
    for (const frame of opened.frames()) {
      const found = await frame.evaluate(() => [self.ran, {}.polluted]).catch(() => []);
      assert.deepEqual(found.filter((value) => value !== undefined), [], 'nothing ran, and no prototype changed');
    }
    assert.notEqual(await opened.title(), 'owned');
    assert.equal(opened.url(), url, 'the page stays');
    assert.deepEqual(asked.filter((what) => what.startsWith('a ')), [], 'nothing opens');
    assert.equal(network.connections, 0, 'nothing left, not even for a picture');
    await close();
  });
}

test('a link shows one session to whoever has it, until it is revoked', async () => {
  const { sid } = await uploadTo(worker.url, ...LOADS);
  await openShare(sid);
  await page.getByTestId('share-link').click();
  const address = await page.getByTestId('share-address').innerText();
  const [, secret] = /#\/shared\/demo\/([a-z2-7]{32})$/.exec(address);
  await page.getByTestId('share-listed').waitFor();

  const context = await browser.newContext();
  const guest = await context.newPage();
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  await guest.goto(address);
  await shows(guest, 'first');
  await guest.getByTestId('tab-switch').nth(1).click();
  await shows(guest, 'second');
  for (const gone of ['share-session', 'save-json', 'delete-session', 'copy-link', 'login-password']) {
    assert.equal(await guest.getByTestId(gone).count(), 0, gone);
  }
  assert.equal(await guest.getByRole('navigation', { name: 'Sections' }).count(), 0, 'nothing beside it');
  assert.ok(guest.url().endsWith(secret), 'the address stays, so that a reload shows it again');
  assert.deepEqual(asked.filter((url) => url.includes(secret) || url.includes(sid)), [], 'no server sees the secret in an address');
  const ofApi = asked.filter((url) => new URL(url).pathname.startsWith('/api/') && !url.endsWith('/api/me'));
  assert.deepEqual(ofApi.map((url) => new URL(url).pathname), ['/api/shared/demo']);

  await page.getByTestId('share-revoke').click();
  await until('it is not listed any more', async () => (await page.getByTestId('share-listed').count()) === 0);
  await guest.reload();
  await guest.getByText('The link has expired or was revoked').waitFor();
  await context.close();
});

test('nothing is offered until the settings turn it on, each way by itself', async () => {
  const { sid } = await uploadTo(worker.url, [[0, meta()], [1, full([])], here(2_000)]);
  const files = page.getByLabel('Sessions may be saved as files');
  const links = page.getByLabel('Links may show sessions');
  const set = async (wanted) => {
    await page.goto(`${worker.url}/dashboard/#/settings/sites/demo/privacy`);
    await files.setChecked(wanted.files);
    await links.setChecked(wanted.links);
    await page.getByTestId('save').click();
    await until('it is saved', async () => (await page.getByTestId('save-bar').count()) === 0);
    await page.goto(`${worker.url}/dashboard/#/s/demo/${sid}`);
    await page.getByTestId('delete-session').waitFor();
  };
  await set({ files: false, links: false });
  await page.waitForLoadState('networkidle');
  assert.equal(await page.getByTestId('share-session').count(), 0, 'no way, no button');
  for (const [wanted, there, gone] of [
    [{ files: true, links: false }, ['share-page', 'share-json'], ['share-link']],
    [{ files: false, links: true }, ['share-link'], ['share-page', 'share-json']],
  ]) {
    await set(wanted);
    await page.getByTestId('share-session').click();
    for (const testid of there) await page.getByTestId(testid).waitFor();
    for (const testid of gone) assert.equal(await page.getByTestId(testid).count(), 0, testid);
    await page.keyboard.press('Escape');
  }
  await set({ files: true, links: true });
});
