// The settings on a real worker: a site is made, its policy changed and seen to hold, recording
// switched off, a token made and revoked, a user erased with the proof of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Api, signIn, stage, until } from './support.mjs';

const ORIGIN = 'https://shop.example';
/** A change holds so long after its answer. */
const HOLDS = 5_000;

let worker;
let browser;
stage((staged) => ({ worker, browser } = staged), { ANNOUNCE_SECONDS: '0.1' });

let visits = 0;
/** Uploads a visit of `user` as a page without a mask would: what the edge masks is the policy. */
async function upload(site, user, text) {
  const start = Date.now();
  visits += 1;
  const sid = start.toString(16).padStart(12, '0') + String.fromCharCode(97 + visits).repeat(26);
  const paragraph = { type: 2, tagName: 'p', attributes: {}, childNodes: [{ type: 3, textContent: text, id: 6 }], id: 5 };
  const body = { type: 2, tagName: 'body', attributes: {}, childNodes: [paragraph], id: 4 };
  const node = { type: 0, childNodes: [{ type: 2, tagName: 'html', attributes: {}, childNodes: [body], id: 2 }], id: 1 };
  const events = [
    { type: 4, data: { href: `${ORIGIN}/`, width: 800, height: 600 }, timestamp: start },
    { type: 2, data: { node, initialOffset: { left: 0, top: 0 } }, timestamp: start + 1 },
    { type: 5, data: { tag: 'sentiero:identify', payload: { id: user } }, timestamp: start + 2 },
  ];
  const header = { v: 1, sid, tab: 'b'.repeat(8), window: 'c'.repeat(8), seq: 0, first: 0, n: events.length, sent: start };
  const lines = [header, ...events].map((line) => JSON.stringify(line)).join('\n');
  const answer = await fetch(`${worker.url}/i/${site}`, { method: 'POST', headers: { origin: ORIGIN }, body: gzipSync(lines) });
  return { sid, status: answer.status, said: await answer.json() };
}

const textOf = (events) => JSON.stringify(events.find(({ event }) => event.type === 2));

/** Uploads until what is stored, or answered, is as `holds` wants it: a change holds after a moment. */
const untilHolds = (what, site, user, text, holds) => until(what, async () => {
  const sent = await upload(site, user, text);
  return (await holds(sent)) && sent;
}, HOLDS + 15_000);

test('a site is made, changed, stopped and erased by hand, and all of it is written down', { timeout: 240_000 }, async () => {
  const page = await browser.newPage();
  await signIn(page, worker.url);
  await page.getByTestId('settings').click();

  // A site, and its tag.
  await page.getByTestId('new-site').click();
  await page.getByLabel('Name', { exact: true }).fill('Corner shop');
  await page.getByLabel('Origins').fill('shop.example');
  await page.getByLabel('Key', { exact: true }).fill('corner');
  await page.getByTestId('create-site').click();
  await page.getByText('begin with https://').waitFor();
  await page.getByLabel('Origins').fill(ORIGIN);
  await page.getByTestId('create-site').click();
  await page.getByTestId('tag').waitFor();
  assert.match(await page.getByTestId('tag').innerText(), /data-site="corner"/);

  // As it is by default, text passes.
  const api = await Api.signIn(worker.url, 'corner');
  const plain = await untilHolds('the site takes uploads', 'corner', 'mia', 'A tent for Mia', ({ status }) => status === 200);
  assert.match(textOf(await api.events(plain.sid)), /A tent for Mia/);

  // Another policy: the preview shows it, and the next upload is masked accordingly.
  await page.getByRole('link', { name: 'Privacy' }).click();
  const text = page.getByTestId('preview-row').filter({ hasText: '<p>' }).first();
  assert.match(await text.innerText(), /Partly/);
  await page.getByLabel('What is typed, and all text').check();
  await until('the preview is masked', async () => /Masked/.test(await text.innerText()));
  await page.getByTestId('save').click();
  await page.getByTestId('save-bar').waitFor({ state: 'detached' });
  await untilHolds('text is masked', 'corner', 'mia', 'A stove for Mia', async ({ sid }) => !/A stove/.test(textOf(await api.events(sid))));
  await page.getByRole('link', { name: 'Install' }).click();
  await until('the tag says so, too', async () => /data-mask="text"/.test(await page.getByTestId('tag').innerText()));

  // The kill switch: pages are told to stop.
  await page.getByRole('link', { name: 'General' }).click();
  await page.getByTestId('kill-switch').click();
  await page.getByTestId('switch-confirm').click();
  await page.getByTestId('record-again').waitFor();
  await untilHolds('pages are told to stop', 'corner', 'mia', 'unseen', ({ said }) => said.directive === 'stop');

  // A token reads what it may, until it is revoked.
  await page.getByRole('link', { name: 'API tokens' }).click();
  await page.getByTestId('new-token').click();
  await page.getByLabel('Name', { exact: true }).fill('Journey');
  await page.getByTestId('make-token').click();
  const secret = await page.getByTestId('token-secret').innerText();
  const ask = (path) => fetch(`${worker.url}/api/${path}`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await ask('sites/corner/sessions')).status, 200);
  assert.equal((await ask('sites/corner')).status, 403, 'it has not the scope');
  await page.getByTestId('token-done').click();
  await page.getByTestId('revoke').click();
  await page.getByTestId('revoke-confirm').click();
  await page.getByTestId('no-tokens').waitFor();
  assert.equal((await ask('sites/corner/sessions')).status, 401);

  // A user is erased; the receipt and the log say so.
  await page.goto(`${worker.url}/dashboard/#/settings/sites/corner/erasure`);
  await page.getByLabel('User', { exact: true }).fill('mia');
  await until('all of it is found', async () => {
    await page.getByTestId('count').click();
    await page.getByTestId('erasure-dialog').waitFor();
    return true;
  });
  const count = /\d+/.exec(await page.getByTestId('erasure-dialog').innerText())[0];
  assert.ok(Number(count) > 1, count);
  await page.getByLabel('Type the number').fill(count);
  await page.getByTestId('erasure-confirm').click();
  const receipt = page.getByTestId('receipt').first();
  await receipt.getByText('Erased').waitFor({ timeout: 60_000 });
  assert.match(await receipt.innerText(), new RegExp(`A user: ${count} sessions`));
  assert.doesNotMatch(await receipt.innerText(), /mia/);
  const id = await receipt.locator('code').innerText();
  await page.goto(`${worker.url}/dashboard/#/settings/audit/corner`);
  const entry = page.getByTestId('audit-entry').filter({ hasText: 'Erased sessions' });
  assert.match(await entry.innerText(), new RegExp(id));
  for (const said of ['Created the site', 'Changed the site’s settings']) await page.getByText(said).first().waitFor();

  // Retention is applied at once, after a question.
  await page.goto(`${worker.url}/dashboard/#/settings/sites/corner/limits`);
  await page.getByTestId('retention-run').click();
  await page.getByTestId('retention-dialog').getByText('more than 30 days ago').waitFor();
  await page.getByTestId('retention-confirm').click();
  await page.getByTestId('retention-done').waitFor();
  await page.goto(`${worker.url}/dashboard/#/settings/audit/corner`);
  await page.getByText('Had retention applied at once').waitFor();

  // What was refused is explained, and the site goes.
  await page.goto(`${worker.url}/dashboard/#/settings/sites/corner`);
  await page.getByTestId('delete-site').click();
  await page.getByText('will be gone for good').waitFor();
  await page.getByLabel('Type the site’s key').fill('corner');
  await page.getByTestId('delete-site-confirm').click();
  await page.getByTestId('site-deleted').waitFor();
  await until('it is not listed', async () => (await page.locator('[data-testid=site-row][data-site=corner]').count()) === 0);
  await page.close();
});

test('who was slower loses nothing, and what is not saved is not left by mistake', async () => {
  const page = await browser.newPage();
  await signIn(page, worker.url);
  await page.goto(`${worker.url}/dashboard/#/settings/sites/demo`);
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Demo, mine');
  // Somebody else, meanwhile.
  const cookie = (await page.context().cookies()).map(({ name: key, value }) => `${key}=${value}`).join('; ');
  const me = await (await fetch(`${worker.url}/api/me`, { headers: { cookie } })).json();
  const { revision, config } = await (await fetch(`${worker.url}/api/sites/demo`, { headers: { cookie } })).json();
  const changed = await fetch(`${worker.url}/api/sites/demo`, {
    method: 'PUT', headers: { cookie, origin: worker.url, 'x-sentiero-csrf': me.csrf }, body: JSON.stringify({ revision, config: { ...config, retention_days: 14 } }),
  });
  assert.equal(changed.status, 200, await changed.text());
  await page.getByTestId('save').click();
  const merged = page.getByTestId('site-merged');
  await merged.waitFor();
  assert.match(await merged.innerText(), /Days that a session is kept/);
  assert.equal(await name.inputValue(), 'Demo, mine');

  // Going elsewhere is asked about, another part is not elsewhere.
  await page.getByRole('link', { name: 'Retention and limits' }).click();
  assert.equal(await page.getByLabel('Days that a session is kept').inputValue(), '14');
  assert.match(await page.getByTestId('save-bar').innerText(), /“Name”/);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByTestId('stay').click();
  assert.match(page.url(), /sites\/demo\/limits$/);
  await page.getByTestId('save').click();
  await page.getByTestId('save-bar').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByTestId('audit-list').waitFor();
  const kept = await (await fetch(`${worker.url}/api/sites/demo`, { headers: { cookie } })).json();
  assert.deepEqual([kept.config.name, kept.config.retention_days], ['Demo, mine', 14]);
  await page.close();
});
