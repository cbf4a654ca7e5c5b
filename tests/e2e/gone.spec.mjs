// What is not there (any more): a session, sessions that were deleted, the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.mjs';
import { FakeApi, crowd, row, sidAt } from './fake.mjs';
import { noSidewaysScroll, stageDashboard } from './made-up.mjs';
import { until } from './support.mjs';

const { withDashboard } = stageDashboard();
const NOBODY = sidAt(1_795_000_000_000, 77);
const toast = (page, text) => page.locator('.toast.shown', { hasText: text }).waitFor();

for (const width of [1440, 390]) {
  test(`a session that is gone is said so, and leads back to the list it was in (${width} px)`, async () => {
    await withDashboard(new FakeApi(crowd(12)), async (page) => {
      const gone = page.getByTestId('gone');
      await gone.waitFor();
      assert.match(await gone.innerText(), /This session is not there\s+It was deleted, or is older than its site keeps/);
      assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0, 'that would bring nobody back');
      assert.equal(await page.title(), 'Session not found · Sentiero');
      assert.deepEqual(await violations(page), []);
      assert.ok(await noSidewaysScroll(page));
      await gone.getByRole('link', { name: 'Back to the sessions' }).click();
      await until('the same list', () => page.url().endsWith('#/s/shop?errors=true&country=DE'));
      await page.getByTestId('session-row').or(page.getByTestId('empty-no-match')).first().waitFor();
    }, { hash: `#/s/shop/${NOBODY}?errors=true&country=DE`, viewport: { width, height: 844 }, bypassCSP: true, reducedMotion: 'reduce' });
  });
}

test('a failure that may pass is asked again instead', async () => {
  const api = new FakeApi(crowd(2));
  api.instead = (path) => (path.includes('/sessions/') ? { status: 503, body: { code: 'busy', message: 'Come back soon.' } } : undefined);
  await withDashboard(api, async (page) => {
    await page.getByTestId('problem').getByText('Come back soon.').waitFor();
    assert.equal(await page.getByTestId('gone').count(), 0);
    api.instead = () => undefined;
    await page.getByTestId('retry').click();
    await page.getByTestId('gone').waitFor();
  }, { hash: `#/s/shop/${NOBODY}` });
});

test('who deletes the session that he looks at is told which it was, in the list it was in', async () => {
  const api = new FakeApi([row(Date.now() - 90_000, { users: ['customer-4711'], errors: 1 }), ...crowd(6)]);
  api.detailed = true;
  const doomed = api.rows[0];
  await withDashboard(api, async (page) => {
    await page.getByTestId('delete-session').click();
    await page.getByTestId('delete-confirm').click();
    await toast(page, 'Deleted the session of customer-4711: /tents, 3m 12s, 840 events.');
    await until('the same list', () => page.url().endsWith('#/s/shop?errors=true'));
    await page.getByTestId('session-row').first().waitFor();
    assert.equal(await page.locator(`[data-sid="${doomed.sid}"]`).count(), 0);
    // Back in the browser leads to what is not there any more.
    await page.goBack();
    await page.getByTestId('gone').waitFor();
  }, { hash: `#/s/shop/${doomed.sid}?errors=true` });
});

test('sessions that were deleted from the list are told by their number', async () => {
  await withDashboard(new FakeApi(crowd(12)), async (page) => {
    await page.getByTestId('session-row').first().waitFor();
    for (const at of [1, 2]) await page.getByTestId('session-row').nth(at).locator('.pick label').click();
    await page.getByTestId('delete-picked').click();
    await page.getByLabel('Type the number').fill('2');
    await page.getByTestId('erase-confirm').click();
    await toast(page, 'Deleted 2 sessions.');
    await page.getByTestId('erasing').getByRole('button', { name: 'Copy receipt id' }).waitFor();
  });
});

test('while the server cannot be reached the bar stays, and it can be tried again', async () => {
  const api = new FakeApi(crowd(3));
  api.instead = () => 'abort';
  await withDashboard(api, async (page) => {
    await page.getByTestId('problem').getByText('Cannot reach the server').waitFor();
    const bar = page.getByRole('banner');
    await bar.getByRole('link', { name: 'Sentiero' }).waitFor();
    await bar.getByRole('button', { name: /^Colours/ }).waitFor();
    await page.getByRole('link', { name: 'Open a recording from a file' }).waitFor();
    assert.deepEqual(await violations(page), []);
    assert.ok(await noSidewaysScroll(page));
    await page.getByTestId('retry').click();
    await page.getByTestId('problem').waitFor();
    api.instead = () => undefined;
    await page.getByTestId('retry').click();
    await page.getByTestId('session-row').first().waitFor();
    assert.ok(page.url().endsWith('#/s/shop?errors=true'), 'and one is where one wanted to be');
  }, { hash: '#/s/shop?errors=true', viewport: { width: 390, height: 844 }, bypassCSP: true, reducedMotion: 'reduce' });
});
