// The sessions screen as an operator uses it: finding, reading, deleting, and every state
// that it can be in. On an API that the test makes up; dashboard.spec.mjs has the real one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violationsInBothThemes } from './axe.mjs';
import { FakeApi, crowd, row } from './fake.mjs';
import { noSidewaysScroll, stageDashboard } from './made-up.mjs';
import { until } from './support.mjs';

const { withDashboard, addressOf } = stageDashboard();

const rows = (page) => page.getByTestId('session-row');
const sids = (page) => rows(page).evaluateAll((all) => all.map((one) => one.dataset.sid));
const total = (page, text) => until(`the total is ${text}`, async () => (await page.getByTestId('total').innerText()).startsWith(text));

test('an empty site shows the tag, and turns into its first session by itself', async () => {
  const api = new FakeApi();
  await withDashboard(api, async (page, context) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const empty = page.getByTestId('empty-first-run');
    await empty.waitFor();
    await page.getByTestId('copy-tag').click();
    await until('it is copied', async () => (await page.evaluate(() => navigator.clipboard.readText())).includes('data-site="shop"'));
    api.rows = crowd(1);
    await rows(page).first().waitFor();
    assert.equal(await empty.count(), 0);
    await total(page, '1 session');
  });
});

test('filters narrow, live in the address, and can be changed and taken away', async () => {
  const api = new FakeApi(crowd(120));
  await withDashboard(api, async (page) => {
    await total(page, '120 sessions');
    await page.getByRole('button', { name: 'Has errors' }).click();
    await total(page, '24 sessions');
    assert.match(page.url(), /errors=true/);
    // A field by typing, then one of its values with its count.
    await page.keyboard.press('f');
    await page.keyboard.type('countr');
    await page.keyboard.press('Enter');
    const option = page.getByRole('option').filter({ hasText: 'Germany' });
    await option.waitFor();
    assert.match(await option.innerText(), /\d/);
    await page.keyboard.type('germ');
    await page.keyboard.press('Enter');
    await until('it is in the address', () => page.url().includes('country=DE'));
    const pill = page.getByTestId('pill').filter({ hasText: 'Germany' });
    await pill.waitFor();
    await total(page, '4 sessions');
    const narrowed = await rows(page).count();
    // The same after a reload, and back takes one step back.
    await page.reload();
    await pill.waitFor();
    await until('the rows are there again', async () => (await rows(page).count()) === narrowed);
    await page.goBack();
    await until('the country is gone', async () => (await pill.count()) === 0);
    await page.goForward();
    // Another value for the pill.
    await pill.getByRole('button').first().click();
    await page.keyboard.type('japan');
    await page.keyboard.press('Enter');
    await page.getByTestId('pill').filter({ hasText: 'Japan' }).waitFor();
    await page.getByRole('button', { name: 'Remove: Country is Japan' }).click();
    await total(page, '24 sessions');
    // The same with the pointer; a press beside the choices closes nothing.
    await page.getByTestId('add-filter').click();
    await page.getByRole('option', { name: 'Country' }).click();
    await page.getByRole('option', { name: /^France/ }).click();
    await page.getByRole('button', { name: 'Remove: Country is France' }).click();
    await total(page, '24 sessions');
    // A page, and a length of time that cannot be read.
    await page.getByTestId('add-filter').click();
    await page.keyboard.type('longer');
    await page.keyboard.press('Enter');
    await page.getByLabel('Longer than').fill('soon');
    await page.keyboard.press('Enter');
    await page.getByText('Write a length of time').waitFor();
    await page.getByLabel('Longer than').fill('10m');
    await page.keyboard.press('Enter');
    await page.getByTestId('pill').filter({ hasText: '10m' }).waitFor();
    assert.match(page.url(), /min_duration=600000/);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await total(page, '120 sessions');
  });
});

test('a filter says what must not be, and of what one is enough', async () => {
  await withDashboard(new FakeApi(crowd(120)), async (page) => {
    await total(page, '120 sessions');
    const add = async (how, ...choices) => {
      await page.getByTestId('add-filter').click();
      await page.getByRole('radio', { name: how }).click();
      for (const name of choices) await page.getByRole('option', { name }).click();
    };
    await add('Must not', 'Country', /^Germany/);
    await page.getByTestId('pill').filter({ hasText: 'Not: Country is Germany' }).waitFor();
    assert.match(page.url(), /not=country%3DDE/);
    await total(page, '100 sessions');
    // Its value can be changed, and stays what must not be.
    await page.getByTestId('pill').getByRole('button').first().click();
    await page.getByRole('option', { name: /^France/ }).click();
    await page.getByTestId('pill').filter({ hasText: 'Not: Country is France' }).waitFor();
    await page.getByRole('button', { name: 'Remove: Not: Country is France' }).click();
    await total(page, '120 sessions');
    // One of two.
    await add('Either, or', 'Country', /^Germany/);
    await page.getByTestId('pill').filter({ hasText: 'Country is Germany' }).click();
    await page.getByRole('button', { name: 'Or…' }).click();
    assert.equal(await page.getByRole('radio', { name: 'Either, or' }).getAttribute('aria-checked'), 'true');
    await page.getByRole('option', { name: 'Country' }).click();
    await page.getByRole('option', { name: /^France/ }).click();
    const either = page.getByTestId('pill').filter({ hasText: 'Either Country is Germany or Country is France' });
    await either.waitFor();
    await total(page, '40 sessions');
    await page.reload();
    await total(page, '40 sessions');
    await either.getByRole('button').first().click();
    await page.getByRole('button', { name: 'Remove: Country is Germany' }).click();
    await page.getByTestId('pill').filter({ hasText: 'Country is France' }).waitFor();
    await total(page, '20 sessions');
    // The next one must hold again.
    await page.getByTestId('add-filter').click();
    assert.equal(await page.getByRole('radio', { name: 'Must', exact: true }).getAttribute('aria-checked'), 'true');
  });
});

test('what matches nothing says what to do', async () => {
  const api = new FakeApi(crowd(5));
  await withDashboard(api, async (page) => {
    await page.getByTestId('empty-no-match').waitFor();
    assert.match(await page.getByTestId('empty-no-match').innerText(), /Take a filter away|Look at any time/);
    await page.getByTestId('any-time').click();
    await until('the range is gone', () => !page.url().includes('range='));
    await page.getByTestId('clear-filters').click();
    await total(page, '5 sessions');
  }, { hash: '#/s/shop?range=yesterday&url=%2Fnowhere' });
  await withDashboard(api, async (page) => {
    assert.match(await page.getByTestId('wrong-address').innerText(), /colour/);
    await total(page, '5 sessions');
  }, { hash: '#/s/shop?colour=red' });
});

test('dates have presets and days of one’s own; typing searches', async () => {
  const api = new FakeApi(crowd(200));
  await withDashboard(api, async (page) => {
    await total(page, '200 sessions');
    await page.getByTestId('dates').click();
    await page.getByRole('menuitemradio', { name: 'Last hour' }).click();
    await until('it is in the address', () => page.url().includes('range=1h'));
    await until('fewer are left', async () => Number.parseInt(await page.getByTestId('total').innerText(), 10) < 60);
    await page.getByTestId('dates').click();
    await page.getByLabel('From').fill('2020-01-01');
    await page.getByLabel('To', { exact: true }).fill('2019-01-01');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('The first day must not be after the last.').waitFor();
    await page.getByLabel('To', { exact: true }).fill('2020-01-02');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByTestId('empty-no-match').waitFor();
    await page.getByTestId('any-time').click();
    await total(page, '200 sessions');
    await page.keyboard.press('/');
    await page.keyboard.type('customer-4711');
    await total(page, '1 session');
    assert.match(page.url(), /q=customer-4711/);
  });
});

test('pages continue without doubles, and the order is the server’s', async () => {
  const api = new FakeApi(crowd(120));
  await withDashboard(api, async (page) => {
    await until('the first page', async () => (await rows(page).count()) === 50);
    await page.getByText('50 of 120 sessions').waitFor();
    await page.getByTestId('more').click();
    await until('the second page', async () => (await rows(page).count()) === 100);
    await page.getByTestId('more').click();
    await until('all', async () => (await rows(page).count()) === 120);
    assert.equal(new Set(await sids(page)).size, 120);
    assert.equal(await page.getByTestId('more').count(), 0);
    await page.getByLabel('Order').selectOption('longest');
    const longest = api.rows.toSorted((a, b) => b.duration - a.duration)[0].sid;
    await until('the longest is on top', async () => (await sids(page))[0] === longest);
    assert.match(page.url(), /sort=longest/);
  });
});

test('new sessions come by themselves, and move nothing that is being read', async () => {
  const api = new FakeApi(crowd(60));
  await withDashboard(api, async (page) => {
    await total(page, '60 sessions');
    const fresh = row(Date.now(), { users: ['first-newcomer'] }, 900);
    api.rows.unshift(fresh);
    await page.getByText('first-newcomer').waitFor();
    assert.equal((await sids(page))[0], fresh.sid);
    // Further down it waits for who reads.
    await page.mouse.move(700, 600);
    await page.mouse.wheel(0, 900);
    await until('it has scrolled', () => page.evaluate(() => scrollY > 100));
    const shown = await sids(page);
    api.rows.unshift(row(Date.now(), {}, 901), row(Date.now() + 1, {}, 902));
    api.rows.find(({ sid }) => sid === shown[20]).events = 4_321;
    await page.keyboard.press('r');
    const button = page.getByTestId('newer');
    await button.waitFor();
    assert.equal(await button.innerText(), '2 new sessions');
    assert.deepEqual(await sids(page), shown);
    await page.getByText('4,321 events').waitFor();
    await button.click();
    await until('they are on top', async () => (await sids(page)).length === 50 + 2 || (await sids(page))[2] === shown[0]);
    assert.equal(await page.evaluate(() => scrollY), 0);
  });
});

test('keys go through the list, select and open', async () => {
  const api = new FakeApi(crowd(8));
  await withDashboard(api, async (page) => {
    await total(page, '8 sessions');
    const all = await sids(page);
    const focused = () => page.evaluate(() => document.activeElement.closest('tr')?.dataset.sid);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    assert.equal(await focused(), all[1]);
    await page.keyboard.press('k');
    assert.equal(await focused(), all[0]);
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+X');
    await page.getByText('3 selected').waitFor();
    await page.keyboard.press('Escape');
    await until('none is selected', async () => (await page.getByText('3 selected').count()) === 0);
    await page.keyboard.press('Enter');
    await until('it is opened', () => page.url().includes(all[2]));
  }, { hash: '#/s/shop?sort=newest' });
});

test('the way back leads to the same list', async () => {
  const api = new FakeApi(crowd(30));
  await withDashboard(api, async (page) => {
    await rows(page).first().locator('.row-link').click();
    await page.getByText('Back to the sessions').click();
    await until('the filter is there again', () => page.url().endsWith('#/s/shop?errors=true'));
    await rows(page).first().waitFor();
  }, { hash: '#/s/shop?errors=true' });
});

test('from one session to the next and back, within the list that one came from', async () => {
  const api = new FakeApi(crowd(260));
  api.detailed = true;
  await withDashboard(api, async (page) => {
    const order = api.page(new URLSearchParams('errors=true&limit=200')).sessions.map(({ sid }) => sid);
    const at = (place, list = 'errors=true') => until(`at ${place}`, () => page.url().endsWith(`/${order[place]}?${list}`));
    // Beyond the first page of the list, which holds 50.
    await page.goto(addressOf(`#/s/shop/${order[49]}?errors=true`));
    const next = page.getByRole('button', { name: 'Next session (J)' });
    await next.click();
    await at(50);
    await next.waitFor();
    await page.reload();
    await next.waitFor();
    await page.keyboard.press('j');
    await at(51);
    await page.getByRole('button', { name: 'Previous session (K)' }).click();
    await at(50);
    await next.waitFor();
    await page.goBack();
    await at(51);
    // At the ends it says so, and stays.
    for (const [place, key, said] of [[51, 'j', /last session/], [0, 'k', /first session/]]) {
      await page.goto(addressOf(`#/s/shop/${order[place]}?errors=true`));
      await until('another session', () => page.url().includes(order[place]));
      await next.waitFor();
      await page.keyboard.press(key);
      await page.getByText(said).waitFor();
      await at(place);
    }
    // An order that the API has in one direction only.
    const longest = api.page(new URLSearchParams('sort=longest&limit=260')).sessions.map(({ sid }) => sid);
    await page.goto(addressOf(`#/s/shop/${longest[230]}?sort=longest`));
    await until('another session', () => page.url().includes(longest[230]));
    await next.waitFor();
    await page.keyboard.press('k');
    await until('the one above', () => page.url().endsWith(`/${longest[229]}?sort=longest`));
    await page.keyboard.press('?');
    await page.getByText('Next or previous session of the list').waitFor();
  });
});

test('selected sessions are deleted after their number was typed', async () => {
  const api = new FakeApi(crowd(12));
  await withDashboard(api, async (page) => {
    await total(page, '12 sessions');
    const all = await sids(page);
    const box = (at) => rows(page).nth(at).locator('.pick label');
    await box(1).click();
    await box(4).click({ modifiers: ['Shift'] });
    await page.getByText('4 selected').waitFor();
    await page.getByTestId('delete-picked').click();
    const dialog = page.getByTestId('erase-dialog');
    assert.match(await dialog.innerText(), /4 sessions will be deleted for good/);
    assert.match(await dialog.innerText(), /identified user/);
    const confirm = page.getByTestId('erase-confirm');
    assert.ok(await confirm.isDisabled());
    const number = page.getByLabel('Type the number');
    await until('the number can be typed', () => number.evaluate((field) => field === document.activeElement));
    await page.keyboard.press('Escape');
    await until('the dialog is closed', async () => !(await dialog.isVisible()));
    assert.ok(await page.getByTestId('delete-picked').evaluate((button) => button === document.activeElement), 'the focus is back');
    await page.keyboard.press('Enter');
    await number.fill('4');
    await confirm.click();
    await page.getByTestId('erasing').getByText('Deleted 4 sessions').waitFor();
    await until('they are gone', async () => (await rows(page).count()) === 8);
    assert.deepEqual(await sids(page), [all[0], ...all.slice(5)]);
  });
});

test('all that match are deleted, if their number is still right', async () => {
  const api = new FakeApi(crowd(100));
  await withDashboard(api, async (page) => {
    await total(page, '20 sessions');
    await page.getByTestId('more-menu').click();
    await page.getByRole('menuitem', { name: 'Delete all 20 matching sessions' }).click();
    await page.getByText('20 sessions will be deleted for good').waitFor();
    const number = page.getByLabel('Type the number');
    await until('the number can be typed', () => number.evaluate((field) => field === document.activeElement));
    api.rows.push(row(Date.now(), { errors: 1 }, 950));
    await page.getByLabel('Type the number').fill('20');
    await page.getByTestId('erase-confirm').click();
    await page.getByText('Look at the number again').waitFor();
    await page.getByText('21 sessions will be deleted for good').waitFor();
    await page.getByLabel('Type the number').fill('21');
    await page.getByTestId('erase-confirm').click();
    await page.getByTestId('erasing').getByText('Deleted 21 sessions').waitFor();
    await page.getByTestId('empty-no-match').waitFor();
    assert.equal(api.rows.length, 80);
  }, { hash: '#/s/shop?errors=true' });
});

test('segments are saved, renamed, shown first and deleted', async () => {
  const api = new FakeApi(crowd(40));
  await withDashboard(api, async (page) => {
    await total(page, '8 sessions');
    const menu = page.getByTestId('segments');
    const choose = async (name) => {
      await menu.click();
      await page.getByRole(/…|first|Delete/.test(name) ? 'menuitem' : 'menuitemradio', { name }).click();
    };
    await choose('Save as segment…');
    await page.getByLabel('Name', { exact: true }).fill('Broken');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await until('it is named', async () => (await menu.innerText()) === 'Broken');
    await choose('Rename…');
    await page.getByLabel('Name', { exact: true }).fill('Broken visits');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await until('it is renamed', async () => (await menu.innerText()) === 'Broken visits');
    await choose('Show this first');
    await choose('All sessions');
    await total(page, '40 sessions');
    await page.goto(addressOf('#/'));
    await page.reload();
    await until('it is shown first', () => page.url().endsWith('#/s/shop?errors=true'));
    await total(page, '8 sessions');
    await choose('Delete segment');
    await until('it is gone', async () => (await menu.innerText()) === 'Unsaved');
  }, { hash: '#/s/shop?errors=true' });
});

test('signing in says why not, and what to do', async () => {
  const api = new FakeApi(crowd(3));
  api.signedIn = false;
  await withDashboard(api, async (page) => {
    const attempt = async (password) => {
      await page.getByTestId('login-password').fill(password);
      await page.getByTestId('login-submit').click();
    };
    await attempt('wrong');
    await page.getByText('That is not the password.').waitFor();
    assert.equal(await page.getByTestId('login-password').getAttribute('aria-invalid'), 'true');
    // What scripts have is not sent as a password.
    const asked = api.asked.length;
    await attempt(`sentiero_${'a'.repeat(32)}`);
    await page.getByText('That is an API token.').waitFor();
    assert.equal(api.asked.length, asked);
    api.instead = (path) => (path === '/api/login' ? { status: 429, body: { code: 'too_many_requests', message: 'Too many requests.' } } : undefined);
    await attempt('wrong');
    await page.getByText('Wait a minute').waitFor();
    api.instead = (path) => (path === '/api/login' ? { status: 503, body: { code: 'not_configured', message: 'DASHBOARD_PASSWORD is not set.' } } : undefined);
    await attempt('wrong');
    await page.getByTestId('not-configured').getByText('wrangler secret put DASHBOARD_PASSWORD').waitFor();
    api.instead = () => 'abort';
    await attempt('right');
    await page.getByText('Cannot reach the server').waitFor();
    api.instead = () => undefined;
    await attempt('right');
    await total(page, '3 sessions');
  });
});

test('a session that ends leads to the password and back to the same place', async () => {
  const api = new FakeApi(crowd(30));
  await withDashboard(api, async (page) => {
    await total(page, '6 sessions');
    api.signedIn = false;
    await page.keyboard.press('r');
    await page.getByText('Your session has ended').waitFor();
    await page.getByTestId('login-password').fill('right');
    await page.keyboard.press('Enter');
    await total(page, '6 sessions');
    assert.ok(page.url().endsWith('#/s/shop?errors=true'));
  }, { hash: '#/s/shop?errors=true' });
});

test('offline, failing and slow servers are told, and the list recovers', async () => {
  const api = new FakeApi(crowd(6));
  await withDashboard(api, async (page, context) => {
    await total(page, '6 sessions');
    await context.setOffline(true);
    await page.getByTestId('offline').waitFor();
    api.rows = crowd(7);
    await context.setOffline(false);
    await total(page, '7 sessions');
    assert.equal(await page.getByTestId('offline').count(), 0);
    api.instead = () => ({ status: 500, body: { code: 'internal', message: 'Something broke. It was logged.' } });
    await page.keyboard.press('r');
    await page.getByTestId('problem').getByText('may be out of date').waitFor();
    assert.equal(await rows(page).count(), 7);
    api.instead = () => undefined;
    await page.getByTestId('retry').click();
    await until('the problem is gone', async () => (await page.getByTestId('problem').count()) === 0);
  });
  api.instead = (path) => (path.endsWith('/sessions') ? { status: 500, body: { code: 'internal', message: 'Something broke. It was logged.' } } : undefined);
  await withDashboard(api, async (page) => {
    await page.getByText('Something broke').waitFor();
    api.instead = () => undefined;
    await page.getByTestId('retry').click();
    await total(page, '7 sessions');
  });
  let release;
  const held = new Promise((done) => (release = done));
  api.instead = (path) => (path.endsWith('/sessions') ? held.then(() => undefined) : undefined);
  await withDashboard(api, async (page) => {
    await page.getByTestId('loading').waitFor();
    await page.getByTestId('still-loading').waitFor();
    release();
    await total(page, '7 sessions');
    assert.equal(await page.getByTestId('still-loading').count(), 0);
  });
});

test('huge numbers and long names fit at every width', async () => {
  const long = 'a-very-long-user-name-that-somebody-gave-to-identify-'.repeat(2);
  const api = new FakeApi([
    row(Date.now() - 5_000, { users: [long, 'another'], errors: 1_234_567, rage: 98_765, dead: 4_321, events: 49_999, pages: 12_345, duration: 86_400_000, active: 86_399_000,
      entry: `https://${'sub.'.repeat(40)}example/${'deep/'.repeat(60)}`, exit: `https://shop.example/${'x'.repeat(400)}`, live: true, masked: 3 }),
    ...crowd(30),
  ]);
  api.total = 1_234_567;
  const named = [{ key: 'shop', name: 'A shop with a name that is far too long for the bar of any browser '.repeat(3) }];
  // With several sites the name is a choice.
  const several = [...named, { key: 'blog', name: 'Blog' }];
  for (const [width, sites] of [1440, 1024, 390].flatMap((each) => [[each, named], [each, several]])) {
    api.sites = sites;
    await withDashboard(api, async (page) => {
      await total(page, '1,234,567 sessions');
      assert.ok(await noSidewaysScroll(page), `no scrolling sideways at ${width}`);
      const out = await page.getByRole('button', { name: 'Sign out' }).boundingBox();
      assert.ok(out.x + out.width <= width, `one can sign out at ${width}`);
      assert.match(await rows(page).first().innerText(), /1\.2M/);
      for (const cell of ['.who', '.time-cell']) {
        const { width: shown } = await rows(page).first().locator(cell).boundingBox();
        assert.ok(shown > 60, `${cell} can be read at ${width}: ${shown} px`);
      }
    }, { viewport: { width, height: 844 } });
  }
});

test('menus and dialogs can be used with the keyboard alone', async () => {
  await withDashboard(new FakeApi(), async (page) => {
    const menu = page.getByTestId('design-menu').first();
    const active = () => page.evaluate(() => document.activeElement.textContent.trim());
    await menu.focus();
    await page.keyboard.press('Enter');
    await until('the chosen line has the focus', async () => (await active()).startsWith('Chosen'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await active(), 'Rename');
    await page.keyboard.press('End');
    assert.equal(await active(), 'Delete');
    await page.keyboard.press('ArrowDown');
    assert.ok((await active()).startsWith('Chosen'), 'it goes round');
    await page.keyboard.press('Escape');
    assert.equal(await menu.getAttribute('aria-expanded'), 'false');
    assert.ok(await menu.evaluate((button) => button === document.activeElement), 'the focus is back');
    const opener = page.getByTestId('design-dialog').first();
    await opener.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    // Where the focus can go: into the dialog, or to the browser's own bar, never behind it.
    for (let at = 0; at < 8; at++) {
      await page.keyboard.press('Tab');
      assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog[open]') !== null));
    }
    await page.keyboard.press('Escape');
    await until('the dialog is closed', async () => (await dialog.count()) === 0);
    assert.ok(await opener.evaluate((button) => button === document.activeElement), 'the focus is back');
  }, { hash: '#/design' });
});

test('axe finds nothing wrong', async () => {
  const clean = async (page, what) => assert.deepEqual(await violationsInBothThemes(page), [], what);
  const options = { colorScheme: 'light', reducedMotion: 'reduce', bypassCSP: true };
  const filled = new FakeApi(crowd(60));
  await withDashboard(filled, async (page) => {
    await page.getByTestId('design-menu').first().waitFor();
    await clean(page, 'the components');
    await page.getByTestId('design-menu').first().click();
    await clean(page, 'an open menu');
    await page.getByTestId('design-combobox').first().click();
    await clean(page, 'an open combobox');
  }, { ...options, hash: '#/design' });
  await withDashboard(filled, async (page) => {
    await rows(page).first().waitFor();
    await total(page, '12 sessions');
    await clean(page, 'the list');
    await rows(page).first().locator('.pick label').click();
    await page.getByTestId('delete-picked').click();
    await page.getByTestId('erase-dialog').waitFor();
    await clean(page, 'the dialog');
  }, { ...options, hash: '#/s/shop?errors=true&min_duration=1000' });
  await withDashboard(filled, async (page) => {
    await page.getByTestId('empty-no-match').waitFor();
    await clean(page, 'no match');
  }, { ...options, hash: '#/s/shop?url=nowhere' });
  await withDashboard(new FakeApi(), async (page) => {
    await page.getByTestId('empty-first-run').waitFor();
    await clean(page, 'first run');
  }, options);
  const out = new FakeApi();
  out.signedIn = false;
  await withDashboard(out, async (page) => {
    await page.getByTestId('login-password').fill('wrong');
    await page.getByTestId('login-submit').click();
    await page.getByTestId('problem').waitFor();
    await clean(page, 'signing in');
  }, options);
  await withDashboard(filled, async (page) => {
    await rows(page).first().waitFor();
    await clean(page, 'cards');
  }, { ...options, viewport: { width: 390, height: 844 } });
});

test('axe finds nothing wrong with what opens over the list', async () => {
  const clean = async (page, what) => assert.deepEqual(await violationsInBothThemes(page), [], what);
  await withDashboard(new FakeApi(crowd(60)), async (page) => {
    await rows(page).first().waitFor();
    for (const [opener, role] of [['dates', 'menuitemradio'], ['segments', 'menuitemradio'], ['more-menu', 'menuitem'], ['add-filter', 'listbox']]) {
      await page.getByTestId(opener).click();
      await page.getByRole(role).first().waitFor();
      await clean(page, opener);
      await page.keyboard.press('Escape');
      await until(`${opener} is closed`, async () => (await page.getByRole(role).count()) === 0);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await clean(page, 'the shortcuts');
  }, { colorScheme: 'light', reducedMotion: 'reduce', bypassCSP: true });
});

test('axe finds nothing wrong with waiting and failing', async () => {
  const broken = { status: 500, body: { code: 'internal', message: 'Something broke. It was logged.' } };
  const unset = { status: 503, body: { code: 'not_configured', message: 'DASHBOARD_PASSWORD is not set.' } };
  const never = () => new Promise(() => {});
  const ofList = (answer) => (path) => (path.endsWith('/sessions') ? answer() : undefined);
  const enter = (page) => page.getByTestId('login-password').fill('x').then(() => page.getByTestId('login-submit').click());
  const badFile = { name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('{}') };
  const states = [
    ['a slow list', { instead: ofList(never) }, 'still-loading'],
    ['a list that fails', { instead: ofList(() => broken) }, 'problem'],
    ['what was masked at the edge', { instead: (path) => (path.endsWith('/privacy') ? { body: { sessions: 3, values: 41, since: 1 } } : undefined) }, 'masked-at-edge'],
    ['a server that cannot be reached', { instead: () => 'abort' }, 'problem'],
    ['no site', { sites: [] }, 'no-site', { hash: '#/' }],
    ['an address that names nothing', {}, 'unknown', { hash: '#/s/nowhere' }],
    ['an address that cannot be read', {}, 'wrong-address', { hash: '#/s/shop?colour=red' }],
    ['a session that is gone', {}, 'gone', { hash: `#/s/shop/${row(1).sid}` }],
    ['a deployment that is not set up', { signedIn: false, instead: (path) => (path === '/api/login' ? unset : undefined) }, 'not-configured', { act: enter }],
    ['a file that is no recording', {}, 'problem', { hash: '#/file', act: (page) => page.getByTestId('file-input').setInputFiles(badFile) }],
  ];
  for (const [what, changes, testid, { hash = '#/s/shop', act = () => undefined } = {}] of states) {
    await withDashboard(Object.assign(new FakeApi(crowd(9)), changes), async (page) => {
      await act(page);
      await page.getByTestId(testid).first().waitFor();
      assert.deepEqual(await violationsInBothThemes(page), [], what);
    }, { colorScheme: 'light', reducedMotion: 'reduce', bypassCSP: true, hash });
  }
});
