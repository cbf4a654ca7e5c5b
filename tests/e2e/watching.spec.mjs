// Watching a session: live, without its idle times, over the whole screen, from a link, and taken
// along as JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { begun, change, click, full, meta, send, upload } from './made.mjs';
import { PASSWORD, inReplay, signIn, stage, until } from './support.mjs';

let worker;
let browser;
let api;
stage((found) => ({ worker, browser, api } = found), { ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '1' });

/** The page says by its class how far it is. */
const says = (word) => change({ attributes: [{ id: 5, attributes: { class: word } }] });
const said = (page) => inReplay(page, () => document.getElementById('innocent')?.className);

/** Somebody who signed in and opened a session; `query` of the address. */
async function watch({ sid }, query = '') {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await signIn(page, worker.url);
  await page.getByTestId('session-row').first().waitFor();
  await page.evaluate((hash) => (location.hash = hash), `#/s/demo/${sid}${query}`);
  await page.getByTestId('activity-row').first().waitFor();
  return { context, page, time: page.getByTestId('time-current') };
}

test('a live session is followed: what the visitor does next is shown without a reload', { timeout: 60_000 }, async () => {
  const session = begun();
  await send(worker.url, { ...session, end: false }, [[0, meta()], [1, full([])], [1_500, says('first')]]);
  await until('it is listed', async () => (await api.sessions()).some(({ sid, live }) => sid === session.sid && live));
  const { context, page } = await watch(session);
  await page.getByTestId('session-live').waitFor();
  await page.getByTestId('play').click();
  await page.getByText('Waiting for the visitor').waitFor();
  assert.equal(await said(page), 'first');
  await send(worker.url, { ...session, first: 3 }, [[3_000, says('second')], [3_500, click(5)]]);
  await until('what came since is played', async () => (await said(page)) === 'second');
  await until('and it is over', async () => !(await page.getByTestId('session-live').isVisible()));
  await context.close();
});

test('idle time is skipped and said, unless one wants to see it', async () => {
  const session = await upload(worker.url, [[0, meta()], [1, full([])], [2_000, click(5)], [90_000, says('later')], [91_000, click(5)], [95_000, says('end')]]);
  const { context, page, time } = await watch(session);
  await page.getByText('Idle', { exact: false }).first().waitFor();
  await page.getByTestId('play').click();
  await page.getByText(/Skipped 1m \d+s of idle time/).waitFor();
  await until('after the pause', async () => /^1:(2[89]|3)/.test(await time.innerText()));
  await page.keyboard.press(' ');
  await page.keyboard.press('s');
  assert.equal(await page.getByTestId('skip-idle').getAttribute('aria-checked'), 'false');
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('Home');
  await page.getByTestId('speed').getByRole('button', { name: '16 times' }).click();
  await page.getByTestId('play').click();
  // A second of it is no idle time of a minute.
  await until('in the midst of the pause', async () => /^0:[1-5]/.test(await time.innerText()));
  await context.close();
});

test('over the whole screen, and back', async () => {
  const session = await upload(worker.url, [[0, meta()], [1, full([])], [9_000, says('end')]]);
  const { context, page } = await watch(session);
  const wide = () => page.evaluate(() => document.fullscreenElement?.getAttribute('aria-label') ?? '');
  await page.keyboard.press('f');
  await until('the player alone', async () => (await wide()) === 'Player');
  assert.ok(await page.getByTestId('play').isVisible(), 'with its controls');
  await page.keyboard.press('f');
  await until('back', async () => (await wide()) === '');
  await page.getByRole('button', { name: 'Full screen (F)' }).click();
  await until('by its button, too', async () => (await wide()) === 'Player');
  await context.close();
});

test('a copied link lands on the moment for somebody else', async () => {
  const session = await upload(worker.url, [[0, meta()], [1, full([])], [6_000, says('here')], [20_000, says('end')]]);
  const { context, page } = await watch(session, '?t=7000');
  await until('it stands there', async () => (await said(page)) === 'here');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, new RegExp(`/dashboard/#/s/demo/${session.sid}\\?.*t=7000`));
  await context.close();

  const other = await browser.newContext();
  const theirs = await other.newPage();
  await theirs.goto(link);
  await theirs.getByTestId('login-password').fill(PASSWORD);
  await theirs.getByTestId('login-submit').click();
  await until('the same moment, after signing in', async () => (await said(theirs)) === 'here');
  assert.equal(await theirs.getByTestId('time-current').innerText(), '0:07');
  await other.close();
});

test('“Share” takes every event along as JSON, one a line', async () => {
  const session = await upload(worker.url, [[0, meta()], [1, full([])], [2_000, click(5)], [9_000, says('end')]]);
  const { context, page } = await watch(session);
  const download = page.waitForEvent('download');
  await page.getByTestId('share-session').click();
  await page.getByTestId('share-json').click();
  const file = await download;
  assert.match(file.suggestedFilename(), /^sentiero-\d{4}-\d\d-\d\d\.ndjson$/, 'without the id, which is a right');
  const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ event }) => event.timestamp - session.start), [0, 1, 2_000, 9_000]);
  await context.close();
});
