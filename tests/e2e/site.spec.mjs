// The landing page's replay and the documentation: what a stranger sees first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.mjs';
import { inReplay, stage, until } from './support.mjs';

let worker;
let browser;
stage((all) => ({ worker, browser } = all));

/** A page in a context of its own; `use` gets it, what was requested, and what went wrong. */
async function visit(path, options, use) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const [requested, wrong] = [[], []];
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (line) => line.type() === 'error' && wrong.push(line.text()));
  await page.goto(worker.url + path);
  await use({ page, context, requested, wrong });
  await context.close();
}

const REPLAY = ['/replay/visit.ndjson.gz', '/replay/player.js'];
const replayed = (requested) => REPLAY.filter((path) => requested.includes(worker.url + path));
const textOf = (page) => inReplay(page, () => document.body?.innerText ?? '');
const stepOf = (page) => page.getByTestId('replay-steps').locator('[aria-current]').textContent();

test('the landing page replays a visit as soon as it is seen', () => visit('/', {}, async ({ page, requested, wrong }) => {
  await until('the shop is shown', async () => (await textOf(page))?.includes('Cairn & Pine'));
  assert.deepEqual(replayed(requested), REPLAY);
  const clock = page.getByTestId('replay-clock');
  const before = await clock.textContent();
  await until('time goes on', async () => (await clock.textContent()) !== before);
  assert.equal(await page.getByTestId('replay-play').textContent(), 'Pause');
  assert.equal(await page.getByTestId('replay-stage').locator('iframe').evaluate((frame) => frame.contentDocument), null, 'of another origin');
  // What it shows is the shop of this host, and nothing is asked of any other.
  assert.ok(requested.some((url) => url.startsWith(`${worker.url}/shop/img/`)));
  assert.deepEqual(requested.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(worker.url)), []);
  assert.deepEqual(wrong, []);
}));

test('who wants less motion gets a still, and the replay when it is asked for', () => visit('/', { reducedMotion: 'reduce' }, async ({ page, requested, wrong }) => {
  await page.getByTestId('replay-stage').locator('svg').waitFor();
  assert.deepEqual(replayed(requested), []);
  const play = page.getByTestId('replay-play');
  assert.equal(await play.textContent(), 'Play the visit');
  await play.click();
  await until('it plays', async () => (await play.textContent()) === 'Pause');
  await until('the shop is shown', async () => (await textOf(page))?.includes('Cairn & Pine'));
  await play.click();
  assert.equal(await play.textContent(), 'Play the visit');
  // A step leads to its moment; what was typed by then are bullets.
  await page.getByRole('button', { name: /forgot the terms/ }).click();
  await until('the checkout is shown', () => inReplay(page, () => document.querySelector('#card')?.value.includes('•')));
  assert.match(await stepOf(page), /forgot the terms/);
  const fields = await inReplay(page, () => ['name', 'email', 'phone', 'address', 'card'].map((id) => document.getElementById(id).value));
  assert.deepEqual(fields, fields.map(() => '•••••'));
  assert.deepEqual(wrong, []);
}));

test('the replay can be watched to its end, and again', () => visit('/', { reducedMotion: 'reduce' }, async ({ page }) => {
  const play = page.getByTestId('replay-play');
  await play.click();
  await until('it plays', async () => (await play.textContent()) === 'Pause');
  await page.getByTestId('replay-steps').getByRole('button').last().click();
  await until('it is over', async () => (await play.textContent()) === 'Play again');
  assert.match(await textOf(page), /is confirmed/);
  await play.click();
  await until('it begins anew', async () => /^0:0/.test(await page.getByTestId('replay-clock').textContent()));
}));

test('without its script the landing page shows the still and everything else', () => visit('/', { javaScriptEnabled: false }, async ({ page }) => {
  await page.getByTestId('replay-stage').locator('svg').waitFor();
  assert.equal(await page.getByTestId('replay-play').isVisible(), false);
  assert.ok(await page.getByTestId('open-docs').isVisible());
}));

test('a visit that cannot be loaded is told, and can be tried again', async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await context.route('**/visit.ndjson.gz', (route) => route.abort(), { times: 1 });
  await page.goto(worker.url);
  await page.getByTestId('replay-play').click();
  await page.getByText('The visit could not be loaded').waitFor({ state: 'attached' });
  await page.getByTestId('replay-play').click();
  await until('the shop is shown', async () => (await textOf(page))?.includes('Cairn & Pine'));
  await context.close();
});

test('the documentation is searched by words, keys and links', () => visit('/docs/', {}, async ({ page, requested, wrong }) => {
  assert.ok(!requested.some((url) => url.includes('search.json')), 'nobody searches yet');
  await page.keyboard.press('/');
  const field = page.getByTestId('docs-search');
  assert.ok(await field.evaluate((input) => input === document.activeElement));
  await field.fill('passwords masked');
  const found = page.locator('.found a');
  await found.first().waitFor();
  assert.match(await page.locator('#search-said').textContent(), /^\d+ results$/);
  assert.match(await page.locator('.found').textContent(), /password/i);
  await page.keyboard.press('ArrowDown');
  assert.ok(await found.first().evaluate((link) => link === document.activeElement));
  const target = await found.first().getAttribute('href');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${target}`);
  assert.ok(await page.locator(new URL(page.url()).hash).isVisible());
  // Nothing is a result, too, and words are never markup.
  await page.getByTestId('docs-search').fill('<img src=x onerror=alert(1)> zzz');
  await page.getByText('Nothing found').waitFor();
  assert.deepEqual(wrong, []);
  assert.deepEqual(requested.filter((url) => !url.startsWith(worker.url)), []);
}));

test('the documentation can be read without its script, and turned page by page', () => visit('/docs/quick-start/', { javaScriptEnabled: false }, async ({ page }) => {
  assert.equal(await page.getByTestId('docs-search').isVisible(), false);
  await page.locator('a[rel="next"]').click();
  assert.equal(await page.locator('h1').first().textContent(), 'Install');
  await page.getByRole('navigation', { name: 'Documentation' }).getByRole('link', { name: 'Security' }).click();
  assert.match(page.url(), /\/docs\/security\/$/);
}));

test('colours that were chosen hold for the documentation and the landing page', () => visit('/docs/', {}, async ({ page }) => {
  const button = page.getByTestId('docs-theme');
  await button.click();
  await button.click();
  assert.equal(await button.textContent(), 'Colours: dark');
  await page.goto(worker.url);
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
}));

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1440, 390]) {
    test(`nothing is wrong for axe: ${width}, ${colorScheme}`, async () => {
      const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce', bypassCSP: true });
      const page = await context.newPage();
      for (const path of ['/', '/docs/', '/docs/privacy/', '/docs/recorder/']) {
        await page.goto(worker.url + path);
        assert.deepEqual(await violations(page), [], path);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(sideways, 0, `${path} scrolls sideways`);
      }
      await page.goto(`${worker.url}/docs/`);
      await page.getByTestId('docs-search').fill('consent');
      await page.locator('.found a').first().waitFor();
      assert.deepEqual(await violations(page), [], 'results of a search');
      await context.close();
    });
  }
}

test('landing page and documentation have policies of their own', async () => {
  const policyOf = async (path) => (await fetch(worker.url + path)).headers.get('content-security-policy') ?? '';
  for (const path of ['/', '/docs/', '/docs/privacy/']) {
    const policy = await policyOf(path);
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /script-src[^;]*'unsafe-inline'/, path);
  }
  assert.match(await policyOf('/docs/'), /style-src 'self';/);
});
