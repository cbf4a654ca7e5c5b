// The dashboard on an API that a test makes up: a browser for the tests of the file that asks
// for it, and what more than one of them looks at.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { dashboardHost } from './fake.mjs';
import { launch } from './support.mjs';

export const noSidewaysScroll = (page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

/** `withDashboard(api, use, { hash, … })` opens it at `hash` in a browser of its own, which is gone when `use` is done. */
export function stageDashboard() {
  let host;
  let browser;
  before(async () => {
    host = await dashboardHost();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    host?.close();
  });
  const withDashboard = async (api, use, { hash = '#/s/shop', ...options } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    await api.attach(context);
    const page = await context.newPage();
    const thrown = [];
    page.on('pageerror', (error) => thrown.push(String(error)));
    try {
      await page.goto(`${host.url}${hash}`);
      await use(page, context);
      assert.deepEqual(thrown, [], 'nothing was thrown in the page');
    } finally {
      await context.close();
    }
  };
  return { withDashboard, addressOf: (hash) => `${host.url}${hash}` };
}
