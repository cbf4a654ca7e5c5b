// What settings do past the fields of a site, on a real worker: a webhook that is told, keys of
// the tag, and the end of all sign-ins.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { signIn, stage, until } from './support.mjs';

let worker;
let browser;
stage((staged) => ({ worker, browser } = staged), { WEBHOOK_LOCAL: 'true' });

const came = [];
let status = 500;
let receiver;
before(async () => {
  receiver = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    came.push({ headers: request.headers, body: Buffer.concat(pieces) });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
after(() => receiver?.close());

const samples = [['node', 'verify.mjs'], ['ruby', 'verify.rb'], ['python3', 'verify.py']];

/** Whether the documentation's sample finds a delivery signed with `secret`. */
function isSigned(secret, { headers, body }, [language, file]) {
  const path = fileURLToPath(new URL(`../webhook/${file}`, import.meta.url));
  const ran = spawnSync(language, [path, headers['sentiero-signature']], { input: body, env: { ...process.env, SECRET: secret } });
  assert.ok([0, 1].includes(ran.status), `${file}: ${ran.error ?? ran.stderr}`);
  return ran.status === 0;
}

/** Those of the languages that are on this machine: node always is. */
const here = () => samples.filter(([language]) => spawnSync(language, ['--version']).status === 0);

test('a webhook is set, signed and tried by hand', async () => {
  const page = await browser.newPage();
  await signIn(page, worker.url);
  await page.goto(`${worker.url}/dashboard/#/settings/sites/demo/webhook`);
  await page.getByTestId('no-deliveries').waitFor();
  assert.ok(await page.getByTestId('hook-test').isDisabled(), 'there is nothing to try');
  const address = page.getByLabel('Webhook’s address');
  await address.fill('http://10.0.0.1/hook');
  await page.getByTestId('save').click();
  await page.getByText('must begin with https://').waitFor();
  await address.fill(`http://127.0.0.1:${receiver.address().port}/hook`);
  await page.getByTestId('own-dashboard').click();
  await page.getByTestId('save').click();
  await page.getByTestId('save-bar').waitFor({ state: 'detached' });
  await page.getByTestId('no-secret').waitFor();

  await page.getByTestId('hook-secret').click();
  await page.getByTestId('make-hook-secret').click();
  const secret = await page.getByTestId('hook-secret-text').innerText();
  assert.match(secret, /^sentiero_hook_[0-9a-f]{64}$/);
  await page.getByTestId('hook-secret-done').click();
  await page.getByTestId('no-secret').waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes(secret), 'it is shown once');

  await page.getByTestId('hook-test').click();
  const row = page.getByTestId('delivery').first();
  await until('it has failed', async () => /Failed/.test(await row.innerText()));
  assert.match(await row.innerText(), /Answered 500, not 2xx/);
  status = 204;
  await page.getByTestId('hook-test').click();
  await until('it was delivered', async () => /Delivered/.test(await row.innerText()));
  assert.equal(came.length, 2);
  const notice = JSON.parse(came[1].body);
  assert.deepEqual([notice.why, notice.site, notice.link], ['test', 'demo', `${worker.url}/dashboard/#/s/demo/reports/errors`]);
  for (const sample of here()) {
    assert.ok(isSigned(secret, came[1], sample), sample[1]);
    assert.ok(!isSigned(`${secret}0`, came[1], sample), sample[1]);
    assert.ok(!isSigned(secret, { ...came[1], body: Buffer.from('{}') }, sample), sample[1]);
    const headers = { 'sentiero-signature': came[1].headers['sentiero-signature'].replace(/^t=./, 't=0') };
    assert.ok(!isSigned(secret, { ...came[1], headers }, sample), `${sample[1]}, at another time`);
  }

  // Saving something else afterwards is no conflict, and leaves the secret.
  await page.getByRole('link', { name: 'General' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Demo, hooked');
  await page.getByTestId('save').click();
  await page.getByTestId('save-bar').waitFor({ state: 'detached' });
  assert.equal(await page.getByTestId('site-merged').count(), 0);
  await page.getByRole('link', { name: 'Webhook' }).click();
  await page.getByTestId('delivery').first().waitFor();
  assert.equal(await page.getByTestId('no-secret').count(), 0);
  await page.close();
});

test('keys of the tag are made, disabled and removed; all sign-ins end', async () => {
  const page = await browser.newPage();
  const other = await (await browser.newContext()).newPage();
  for (const each of [page, other]) await signIn(each, worker.url);
  await page.goto(`${worker.url}/dashboard/#/settings/sites/demo/install`);
  await page.getByTestId('key-row').waitFor();
  await page.getByTestId('make-key').click();
  const rows = page.getByTestId('key-row');
  await until('there are two', async () => (await rows.count()) === 2);
  const made = await rows.last().locator('code').innerText();
  const upload = () => fetch(`${worker.url}/i/${made}`, { method: 'POST', headers: { origin: worker.url }, body: 'x' });
  const code = async () => (await (await upload()).json()).code;
  await until('it lets in', async () => (await code()) === 'not_gzip');

  await page.getByRole('button', { name: `Disable ${made}` }).click();
  await page.getByTestId('key-confirm').click();
  await page.getByRole('button', { name: `Enable ${made}` }).waitFor();
  await until('it lets nobody in', async () => (await code()) === 'key_disabled');
  assert.equal(await rows.first().getByTestId('remove-key').count(), 0, 'the id stays');
  await page.getByRole('button', { name: `Remove ${made}` }).click();
  await page.getByTestId('key-confirm').click();
  await until('there is one', async () => (await rows.count()) === 1);

  // What was done to keys does not stand in the way of saving.
  await page.getByRole('link', { name: 'General' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Demo, keyed');
  await page.getByTestId('save').click();
  await page.getByTestId('save-bar').waitFor({ state: 'detached' });
  assert.equal(await page.getByTestId('site-merged').count(), 0);

  await page.goto(`${worker.url}/dashboard/#/settings/tokens`);
  await page.getByTestId('sign-out-everywhere').click();
  await page.getByTestId('sign-out-confirm').click();
  await page.getByTestId('login-password').waitFor();
  const me = async () => (await other.request.get(`${worker.url}/api/me`)).status();
  await until('the other browser is signed out, too', async () => (await me()) === 401);
  await page.close();
  await other.context().close();
});
