// Every state of the settings, as `cargo xtask screens` shows it: what axe finds wrong with it,
// and whether it fits a telephone. And what only a made-up API can do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsScreens } from '../screens/settings.mjs';
import { violationsInBothThemes } from './axe.mjs';
import { FakeApi, crowd } from './fake.mjs';
import { noSidewaysScroll, stageDashboard } from './made-up.mjs';
import { until } from './support.mjs';

const { withDashboard } = stageDashboard();

const states = settingsScreens((name, state) => ({ name, sessions: () => crowd(9), api: () => undefined, ...state }));

async function inState({ hash, sessions, api: prepare, act }, use, options) {
  const api = new FakeApi(sessions());
  prepare(api);
  await withDashboard(api, async (page, context) => {
    await act(page, api, context);
    await use(page);
  }, { hash, reducedMotion: 'reduce', bypassCSP: true, ...options });
}

test('axe finds nothing wrong with the settings, light and dark', { timeout: 600_000 }, async () => {
  for (const state of states) {
    await inState(state, async (page) => assert.deepEqual(await violationsInBothThemes(page), [], state.name), { colorScheme: 'light' });
  }
});

test('every state fits a telephone', { timeout: 600_000 }, async () => {
  for (const state of states) {
    await inState(state, async (page) => assert.ok(await noSidewaysScroll(page), state.name), { viewport: { width: 390, height: 844 } });
  }
});

test('what the worker refuses is shown at the field that it names, until that is another text', async () => {
  const api = new FakeApi([]);
  const refusal = { status: 400, body: { code: 'wrong_field', message: '`routes` must not hold this.' } };
  api.instead = (path, request) => (request.method() === 'PUT' ? refusal : undefined);
  await withDashboard(api, async (page) => {
    const routes = page.getByLabel('Pages that count as one');
    await routes.fill('/blog/*');
    await page.getByTestId('save').click();
    await page.getByText('This must not hold this.').waitFor();
    assert.equal(await routes.getAttribute('aria-invalid'), 'true');
    await routes.fill('/news/*');
    await until('it is not said any more', async () => (await routes.getAttribute('aria-invalid')) === 'false');
  }, { hash: '#/settings/sites/shop' });
});

test('the kill switch leaves what is typed, and works though somebody else was faster', async () => {
  const api = new FakeApi([]);
  await withDashboard(api, async (page) => {
    const name = page.getByLabel('Name', { exact: true });
    await name.fill('Typed');
    api.settings.site('shop').revision = 50;
    await page.getByTestId('kill-switch').click();
    await page.getByTestId('switch-confirm').click();
    await page.getByTestId('record-again').waitFor();
    const { config } = api.settings.site('shop');
    assert.deepEqual([config.recording, config.name], [false, 'Camping shop']);
    assert.equal(await name.inputValue(), 'Typed');
    await page.getByTestId('save').click();
    await page.getByTestId('save-bar').waitFor({ state: 'detached' });
    assert.deepEqual([api.settings.site('shop').config.recording, api.settings.site('shop').config.name], [false, 'Typed']);
  }, { hash: '#/settings/sites/shop' });
});

test('leaving by the browser asks, too, and Escape stays', async () => {
  await withDashboard(new FakeApi([]), async (page) => {
    await page.getByLabel('Name', { exact: true }).fill('Typed');
    await page.getByTestId('save-bar').waitFor();
    await page.evaluate(() => (location.hash = '#/s/shop'));
    await page.getByTestId('leave-dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('leave-dialog').waitFor({ state: 'detached' });
    assert.match(page.url(), /settings\/sites\/shop$/);
    await page.evaluate(() => (location.hash = '#/s/shop'));
    await page.getByTestId('leave').click();
    await page.getByTestId('empty-first-run').waitFor();
  }, { hash: '#/settings/sites/shop' });
});
