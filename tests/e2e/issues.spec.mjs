// Issues as an operator works through them: on answers that the test makes up, and once on a
// recording that the real worker took in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { violations } from './axe.mjs';
import { FakeApi, crowd } from './fake.mjs';
import { fingerprint } from './fake-issues.mjs';
import { noSidewaysScroll, stageDashboard } from './made-up.mjs';
import { custom, full, meta, upload } from './made.mjs';
import { Api, root, signIn, stage, until } from './support.mjs';

const { withDashboard } = stageDashboard();
const ISSUES = '#/s/shop/issues';
const ONE = `${ISSUES}/${fingerprint(0)}`;

let worker;
let browser;
stage((found) => ({ worker, browser } = found), { ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '0.2' });

/** A browser with the dashboard at `hash`; gone when `use` is done. */
function withIssues(hash, use, { prepare = () => undefined, ...options } = {}) {
  const api = new FakeApi(crowd(80));
  api.detailed = true;
  prepare(api);
  return withDashboard(api, (page) => use(page, api), { hash, ...options });
}

const at = (page, hash) => until(`the address is ${hash}`, () => new URL(page.url()).hash === hash);
const titles = (page) => page.locator('.issue-title').allInnerTexts();
const row = (page, title) => page.getByTestId('issue-row').filter({ hasText: title });
const listed = (page, count) => until(`${count} issues are listed`, async () => (await page.getByTestId('issue-row').count()) === count);
const says = (page, testid, text) => until(`${testid} says ${text}`, async () => (await page.getByTestId(testid).innerText()).includes(text));
const decisions = (api) => api.asked.filter((asked) => asked.startsWith('PUT '));

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1440, 390]) {
    test(`the list and an issue read in ${colorScheme} at ${width} px, and pass axe`, async () => {
      await withIssues(`${ISSUES}?state=all`, async (page) => {
        await listed(page, 6);
        assert.ok(await noSidewaysScroll(page), 'the list scrolls sideways');
        assert.deepEqual(await violations(page), []);
        await page.locator('.issue-title').first().click();
        await page.getByTestId('occurrence').waitFor();
        assert.ok(await noSidewaysScroll(page), 'the issue scrolls sideways');
        assert.deepEqual(await violations(page), []);
      }, { viewport: { width, height: 900 }, colorScheme });
    });
  }
}

test('the navigation leads to issues, and what is looked at goes along', async () => {
  await withIssues('#/s/shop?range=7d&country=DE', async (page) => {
    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    await at(page, `${ISSUES}?range=7d&country=DE`);
    await page.getByRole('link', { name: 'Reports', exact: true }).click();
    await at(page, '#/s/shop/reports/overview?range=7d&country=DE');
    await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name: 'Issues' }).click();
    await at(page, `${ISSUES}?range=7d&country=DE`);
    await page.getByRole('link', { name: 'Sessions', exact: true }).click();
    await at(page, '#/s/shop?range=7d&country=DE');
  });
});

test('where errors were reported before, their screens are', async () => {
  await withIssues(`#/s/shop/reports/issue?issue=${fingerprint(0)}&country=DE`, async (page) => {
    await page.getByRole('heading', { name: /Cannot read properties/ }).waitFor();
    await page.getByRole('link', { name: 'Issues', exact: true }).first().click();
    await at(page, `${ISSUES}?country=DE`);
  });
});

test('states and order are in the address, and back takes them back', async () => {
  await withIssues(ISSUES, async (page) => {
    await listed(page, 4);
    assert.equal(await page.getByTestId('state-open').textContent(), 'Open4');
    await page.locator('h1').evaluate((heading) => (heading.dataset.kept = 'yes'));
    await page.getByTestId('state-resolved').click();
    await at(page, `${ISSUES}?state=resolved`);
    await listed(page, 1);
    await page.getByTestId('state-all').click();
    await listed(page, 6);
    await page.getByLabel('Order').selectOption('Most often');
    await at(page, `${ISSUES}?state=all&by=count`);
    await until('what came most often is first', async () => /ResizeObserver/.test((await titles(page))[0]));
    assert.equal(await page.locator('h1').getAttribute('data-kept'), 'yes', 'the screen is not built anew');
    await page.goBack();
    await page.goBack();
    await listed(page, 1);
    assert.match(await page.title(), /^Issues · Camping shop/);
  });
});

test('an issue is resolved, opened again and ignored, each of which can be taken back', async () => {
  await withIssues(ISSUES, async (page, api) => {
    await listed(page, 4);
    await row(page, 'RecordNotFound').getByTestId('resolve-issue').click();
    await listed(page, 3);
    await page.getByText('Resolved in 2026.11.3: ActiveRecord::RecordNotFound').waitFor();
    await page.getByTestId('undo').click();
    await listed(page, 4);
    await page.getByText('Open again: ActiveRecord::RecordNotFound').waitFor();
    assert.equal(decisions(api).length, 2);
    await row(page, 'RecordNotFound').locator('.issue-title').click();
    await page.getByRole('button', { name: 'Ignore' }).click();
    await says(page, 'issue-state', 'Ignored');
    await page.keyboard.press('u');
    await until('it is open', async () => !(await page.getByTestId('issue-state').innerText()).includes('Ignored'));
    await page.keyboard.press('e');
    await says(page, 'issue-state', 'Resolved in 2026.11.3. It opens again');
    await page.getByRole('link', { name: 'Issues', exact: true }).first().click();
    await listed(page, 3);
  });
});

test('the keyboard goes through the list, and keeps its place where a row goes', async () => {
  await withIssues(ISSUES, async (page) => {
    await listed(page, 4);
    const focused = () => page.evaluate(() => document.activeElement?.closest('tr')?.dataset.issue);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    assert.equal(await focused(), fingerprint(2));
    await page.keyboard.press('i');
    await listed(page, 3);
    await until('the next row has the focus', async () => (await focused()) === fingerprint(1));
    await page.keyboard.press('Enter');
    await at(page, `${ISSUES}/${fingerprint(1)}`);
    await says(page, 'issue-state', 'came again');
  });
});

test('what nobody remembers has no buttons, and what cannot be decided is said', async () => {
  await withIssues(ISSUES, async (page, api) => {
    const nameless = row(page, 'An error that says nothing');
    await nameless.getByText('Not remembered').waitFor();
    assert.equal(await nameless.getByRole('button', { name: /Resolve|Ignore/ }).count(), 0);
    api.issues.refused = { status: 404, body: { code: 'not_found', message: 'No such issue.' } };
    await row(page, 'RecordNotFound').getByTestId('ignore-issue').click();
    await page.getByText('not known any more, so nothing can be decided').waitFor();
    await listed(page, 4);
  });
});

test('nothing, failing and wrong addresses are said, and what to do', async () => {
  const none = (api) => (api.issues.all = []);
  await withIssues(ISSUES, (page) => page.getByTestId('no-errors').getByRole('link', { name: 'See the tag' }).waitFor(), { prepare: none });
  await withIssues(`${ISSUES}?state=ignored`, async (page, api) => {
    api.issues.all.splice(4, 1);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByTestId('no-issues').waitFor();
    await page.getByTestId('show-all').click();
    await listed(page, 5);
  });
  const failing = (api) => (api.instead = (path) => (path.endsWith('/issues') ? { status: 500, body: { code: 'internal', message: 'It broke.' } } : undefined));
  await withIssues(ISSUES, async (page, api) => {
    await page.getByTestId('problem').waitFor();
    api.instead = () => undefined;
    await page.getByTestId('retry').click();
    await listed(page, 4);
  }, { prepare: failing });
  await withIssues(`${ISSUES}?state=done`, (page) => says(page, 'wrong-address', '"state" must be open'));
  await withIssues(`${ISSUES}/${'0'.repeat(16)}`, (page) => page.getByTestId('no-such-issue').waitFor());
});

test('a site with thousands of issues is read to its end', async () => {
  await withIssues(ISSUES, async (page, api) => {
    await listed(page, 100);
    assert.equal(await page.getByTestId('state-all').textContent(), 'All700');
    await page.getByTestId('more').click();
    await listed(page, 200);
    assert.ok(await noSidewaysScroll(page));
    assert.equal(api.asked.filter((one) => /\/issues\?/.test(one)).length, 4);
  }, { prepare: (api) => api.issues.fill(700) });
});

test('an issue opens the replay of each session that it came in', async () => {
  await withIssues(ONE, async (page) => {
    const replays = page.locator('.issue-top .panel').last();
    await replays.getByRole('button', { name: /Open the replay/ }).first().click();
    await page.waitForURL(/#\/s\/shop\/[0-9a-f]{12}/);
    await page.goBack();
    await at(page, ONE);
    // This API has no recordings.
    await page.getByTestId('occurrence-gone').waitFor();
  });
});

test('a recorded error is an issue: its stack, its replay at the moment, and what is decided, in the audit log', async () => {
  const error = {
    message: "TypeError: Cannot read properties of undefined (reading 'price')", type: 'error', source: 'https://victim.example/cart.js', lineno: 12, colno: 7,
    stack: "TypeError: Cannot read properties of undefined (reading 'price')\n    at total (https://victim.example/cart.js:12:7)\n    at u (https://victim.example/node_modules/react/index.js:3:9)\n    at checkout (https://victim.example/main.js:88:1)",
  };
  await upload(worker.url, [[0, meta()], [1, full([])], [7_300, custom('error', error)], [20_000, custom('done', {})]]);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await signIn(page, worker.url);
    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    const resolve = page.getByTestId('resolve-issue');
    await until('the issue is known', async () => {
      await page.keyboard.press('r');
      return (await resolve.count()) === 1;
    });
    await page.locator('.issue-title').click();
    const stack = page.getByTestId('stack');
    await stack.waitFor();
    assert.deepEqual(await stack.locator('.frame.own .frame-function').allInnerTexts(), ['total', 'checkout']);
    await stack.getByRole('button', { name: '1 frame of other code' }).click();
    await stack.getByText('/node_modules/react/index.js').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('e');
    await says(page, 'issue-state', 'Resolved');
    await page.getByTestId('replay-occurrence').click();
    await page.waitForURL(/#\/s\/demo\/[0-9a-f]{12}.*t=7000$/);
    await page.goto(`${worker.url}/dashboard/#/settings/audit/demo`);
    await page.getByTestId('audit-entry').filter({ hasText: 'issue' }).first().waitFor();
  } finally {
    await page.close();
  }
});

/** What Chrome says of `tests/fixtures/maps/app.js`. */
const BUILT = {
  message: "TypeError: Cannot read properties of undefined (reading 'amount')", type: 'error', source: 'https://victim.example/assets/app.js', lineno: 1, colno: 36,
  stack: "TypeError: Cannot read properties of undefined (reading 'amount')\n    at r (https://victim.example/assets/app.js:1:36)\n    at n (https://victim.example/assets/app.js:1:83)",
};
const functions = (place) => place.locator('.frame-function').allInnerTexts();
const shows = (place, names) => until(`the frames are ${names}`, async () => String(await functions(place)) === String(names));

test('with the source map of its release an error shows the lines of its source, in its issue and in the replay', async () => {
  const { sid } = await upload(worker.url, [[0, meta()], [1, full([])], [5, custom('sentiero:metadata', { release: 'v7' })], [4_300, custom('error', BUILT)], [9_000, custom('done', {})]]);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await signIn(page, worker.url);
    await page.goto(`${worker.url}/dashboard/${ISSUES.replace('shop', 'demo')}?state=all`);
    const issue = page.locator('.issue-title').filter({ hasText: 'amount' });
    await until('the issue is known', async () => {
      await page.keyboard.press('r');
      return (await issue.count()) === 1;
    });
    await issue.click();
    const occurrence = page.getByTestId('occurrence');
    await shows(occurrence, ['r', 'n']);
    await says(page, 'stack-notes', 'There is no source map of /assets/app.js in release v7.');
    await says(page, 'stack-notes', 'cargo xtask sourcemaps');

    const map = readFileSync(join(root, 'tests/fixtures/maps/app.js.map'));
    const api = await Api.signIn(worker.url);
    await api.change('PUT', 'maps?release=v7&file=/assets/app.js&sources=true', map);
    await page.reload();
    // A map names a function where it is called; what called the last is not in the stack.
    await shows(occurrence, ['priceOf', 'n']);
    await occurrence.getByText('src/cart.ts:9:').waitFor();
    await occurrence.locator('.is-it').getByText('return item.price!.amount;').waitFor();
    assert.equal(await page.getByTestId('stack-notes').count(), 0);
    assert.match(await occurrence.locator('.frame').first().getAttribute('title'), /^r at .*app\.js:1:36$/);
    assert.deepEqual(await violations(page), []);
    await page.getByRole('radio', { name: 'As it ran' }).click();
    await shows(occurrence, ['r', 'n']);

    await page.goto(`${worker.url}/dashboard/#/s/demo/${sid}`);
    await page.getByTestId('pane-errors').click();
    const pane = page.locator('#panel-errors');
    await pane.getByText('Stack', { exact: true }).click();
    await shows(pane, ['priceOf', 'n']);
    assert.ok(await noSidewaysScroll(page));
    assert.deepEqual(await violations(page), []);
  } finally {
    await page.close();
  }
});

test('while source maps are looked for the stack is there, and what fails can be tried again', async () => {
  const { sid } = await upload(worker.url, [[0, meta()], [1, full([])], [2_000, custom('error', { ...BUILT, message: 'TypeError: not looked at' })], [3_000, custom('done', {})]]);
  const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
  try {
    let answer;
    const asked = new Promise((done) => (answer = done));
    await page.route('**/errors?*', async (route) => {
      await asked;
      return route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ code: 'internal', message: 'It broke.' }) });
    });
    await signIn(page, worker.url);
    await page.goto(`${worker.url}/dashboard/#/s/demo/${sid}`);
    await page.getByTestId('pane-errors').click();
    const pane = page.locator('#panel-errors');
    await pane.getByText('Stack', { exact: true }).click();
    await pane.getByText('Looking for the source maps').waitFor();
    await shows(pane, ['r', 'n']);
    answer();
    await page.getByTestId('stack-failed').waitFor();
    await shows(pane, ['r', 'n']);
    assert.ok(await noSidewaysScroll(page));
    await page.unroute('**/errors?*');
    await page.getByTestId('stack-failed').getByRole('button', { name: 'Try again' }).click();
    await says(page, 'stack-notes', 'The page told no release');
  } finally {
    await page.close();
  }
});
