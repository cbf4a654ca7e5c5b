// Reports as an operator reads them: asked, narrowed, looked behind, exported. On answers
// that the test makes up; tests/tests/reports.rs has the real ones.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations } from './axe.mjs';
import { FakeApi, crowd } from './fake.mjs';
import { noSidewaysScroll, stageDashboard } from './made-up.mjs';
import { until } from './support.mjs';

const ASKED = { funnel: '?step=page:/&step=page:/cart&step=event:purchase', conversions: '?goal=page:/thanks', heatmap: '?page=/tents', page: '?page=/tents' };
const NAMES = ['overview', 'pages', 'page', 'paths', 'retention', 'metadata', 'heatmap', 'scroll', 'forms', 'events', 'frustration', 'engagement', 'vitals', 'funnel', 'conversions'];

const { withDashboard, addressOf } = stageDashboard();

/** A browser with the dashboard at `hash`; gone when `use` is done. */
function withReports(hash, use, options = {}) {
  const api = new FakeApi(crowd(80));
  api.detailed = true;
  return withDashboard(api, (page) => use(page, api), { hash, ...options });
}

const at = (page, hash) => until(`the address is ${hash}`, () => new URL(page.url()).hash === hash);

for (const width of [1440, 390]) {
  test(`every report reads at ${width} px, and passes axe`, async () => {
    await withReports('#/s/shop/reports', async (page) => {
      for (const name of NAMES) {
        await page.goto(addressOf(`#/s/shop/reports/${name}${ASKED[name] ?? ''}`));
        await page.locator('.panel').first().waitFor();
        assert.ok(await noSidewaysScroll(page), `${name} scrolls sideways`);
        assert.deepEqual(await violations(page), [], name);
      }
    }, { viewport: { width, height: 900 } });
  });
}

test('a filter goes along from the list to the reports and back', async () => {
  await withReports('#/s/shop?range=7d&country=DE', async (page, api) => {
    await page.getByRole('link', { name: 'Reports', exact: true }).click();
    await at(page, '#/s/shop/reports/overview?range=7d&country=DE');
    await page.getByRole('link', { name: 'Pages', exact: true }).click();
    await at(page, '#/s/shop/reports/pages?range=7d&country=DE');
    const asked = () => api.asked.find((one) => one.includes('/reports/pages') && one.includes('country=DE') && one.includes('from='));
    await until('the API is asked for it', asked);
    await page.getByRole('button', { name: 'Has errors' }).click();
    await at(page, '#/s/shop/reports/pages?range=7d&country=DE&errors=true');
    await page.getByRole('link', { name: 'Sessions', exact: true }).click();
    await at(page, '#/s/shop?range=7d&country=DE&errors=true');
  });
});

test('a number opens the sessions behind it', async () => {
  await withReports('#/s/shop/reports/pages?country=DE', async (page) => {
    const number = page.locator('.figures .figure').first();
    await number.click();
    await page.getByTestId('behind-list').click();
    await at(page, '#/s/shop?country=DE&url=shop.example%2F');
    await page.goBack();
    await number.click();
    await page.getByTestId('behind-example').first().click();
    await page.waitForURL(/#\/s\/shop\/[0-9a-f]{12}/);
  });
});

test('a number that no list can be narrowed to opens the list it is among, and says so', async () => {
  await withReports('#/s/shop/reports/pages', async (page) => {
    await page.getByRole('button', { name: 'Exits: 350. Show the sessions' }).click();
    await page.getByTestId('behind-list').getByText('Find them in the list, among others').click();
    await at(page, '#/s/shop?url=shop.example%2F');
    await page.goto(addressOf('#/s/shop/reports/overview'));
    await page.getByRole('button', { name: 'Without errors: 92.5 %. Show the sessions' }).click();
    await page.getByTestId('behind-list').getByText('Find them in the list').click();
    await at(page, '#/s/shop?not=errors%3Dtrue');
  });
});

test('beside the overview stand events and metadata of the same sessions, in its file, too', async () => {
  await withReports('#/s/shop/reports/overview?country=DE', async (page, api) => {
    const metadata = page.getByRole('table', { name: 'Metadata' });
    await metadata.waitFor();
    await page.getByRole('table', { name: 'Custom events' }).waitFor();
    await page.getByRole('table', { name: 'Regions' }).waitFor();
    for (const query of ['events?top=5', 'metadata?top=5']) assert.ok(api.asked.some((one) => one.endsWith(`/reports/${query}&country=DE`)), query);
    const download = page.waitForEvent('download');
    await page.getByTestId('export').click();
    await page.getByRole('menuitem', { name: 'Tables as CSV' }).click();
    const csv = readFileSync(await (await download).path(), 'utf8');
    for (const line of ['Regions', 'Bavaria,300,23.4,6.7', 'Custom events', 'add_to_cart,1400,390,30.4', 'Metadata', 'plan,free,600,46.7,6.7']) assert.ok(csv.includes(`\r\n${line}\r\n`), line);
    assert.deepEqual(await violations(page), []);
    await metadata.getByRole('button', { name: 'Sessions: 600. Show the sessions' }).click();
    await page.getByTestId('behind-list').click();
    await at(page, '#/s/shop?country=DE&meta.plan=free');
  });
});

test('what could not be asked beside the overview is said', async () => {
  await withReports('#/s/shop', async (page, api) => {
    api.instead = (path) => (path.includes('/reports/metadata') ? { status: 500, body: { code: 'internal', message: 'Something broke.' } } : undefined);
    await page.goto(addressOf('#/s/shop/reports/overview'));
    await page.getByText('Metadata could not be asked: refresh to try again.').waitFor();
    assert.equal(await page.getByRole('table', { name: 'Custom events' }).count(), 1);
  });
});

test('an event shows its days, and each of its occurrences opens at its moment', async () => {
  await withReports('#/s/shop/reports/events?country=DE', async (page, api) => {
    await page.getByRole('link', { name: 'add_to_cart' }).first().click();
    await at(page, '#/s/shop/reports/events?tag=add_to_cart&country=DE');
    await until('the API is asked for it', () => api.asked.find((one) => one.endsWith('/reports/events?tag=add_to_cart&country=DE')));
    const titles = () => page.locator('.panel h2').allInnerTexts();
    await until('its days are there', async () => (await titles())[0] === 'add_to_cart by day');
    assert.deepEqual(await titles(), ['add_to_cart by day', 'change: sum by day', 'change: mean by day', 'price: sum by day', 'price: mean by day', 'The latest 100 of 1,400', 'Events', 'Numbers']);
    // What is below zero is a table.
    assert.deepEqual(await page.locator('.panel').evaluateAll((all) => all.map((one) => Boolean(one.querySelector('.chart')))), [true, false, false, true, true, false, false, false]);
    await page.getByText('and 1,300 occurrences more').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: /^When: .*Open the replay$/ }).first().click();
    await page.waitForURL(/#\/s\/shop\/[0-9a-f]{12}/);
    await page.goBack();
    await page.getByLabel('Days of event').fill('');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await at(page, '#/s/shop/reports/events?country=DE');
  });
});

test('another segment stands beside, and its numbers open its own sessions', async () => {
  await withReports('#/s/shop/reports/pages?country=DE', async (page, api) => {
    await page.getByTestId('compare').click();
    await page.getByRole('menuitemradio', { name: 'All sessions' }).click();
    await at(page, '#/s/shop/reports/pages?against=&country=DE');
    const other = page.getByRole('region', { name: 'All sessions' });
    await other.locator('.figures .figure').first().click();
    await page.getByTestId('behind-list').click();
    await at(page, '#/s/shop?url=shop.example%2F');
    const asked = api.asked.filter((one) => one.includes('/reports/pages'));
    const download = page.waitForEvent('download');
    await page.goto(addressOf('#/s/shop/reports/pages?against=&country=DE'));
    await page.getByTestId('export').click();
    await page.getByRole('menuitem', { name: 'Answer as JSON' }).click();
    const sides = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
    assert.deepEqual(sides.map(({ sessions, answer }) => [sessions, Object.keys(answer)]), [['Country is Germany', ['pages']], ['All sessions', ['pages']]]);
    assert.ok(asked.some((one) => one.endsWith('/reports/pages')) && asked.some((one) => one.endsWith('?country=DE')), asked.join());
  });
});

test('a table is ordered by its columns', async () => {
  await withReports('#/s/shop/reports/pages', async (page) => {
    const first = () => page.locator('.figures tbody tr').first().locator('th').innerText();
    assert.equal(await first(), '/');
    const head = page.getByRole('columnheader', { name: 'Views' });
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await head.getByRole('button').click();
    await until('the least seen is first', async () => (await first()) === '/checkout');
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  });
});

test('a page leads to its report, and its elements to their heatmap', async () => {
  await withReports('#/s/shop/reports/pages?country=DE', async (page) => {
    await page.getByRole('link', { name: '/tents', exact: true }).click();
    await at(page, '#/s/shop/reports/page?page=shop.example%2Ftents&country=DE');
    assert.equal(await page.getByLabel('Page', { exact: true }).inputValue(), 'shop.example/tents');
    await page.getByRole('link', { name: 'button#buy' }).first().click();
    await at(page, '#/s/shop/reports/heatmap?page=shop.example%2Ftents&kind=click&on=desktop&country=DE');
    await page.getByLabel('What is drawn').selectOption('move');
    await at(page, '#/s/shop/reports/heatmap?page=shop.example%2Ftents&kind=move&on=desktop&country=DE');
  });
});

test('a funnel is made of steps, and says which is wrong', async () => {
  await withReports('#/s/shop/reports/funnel', async (page) => {
    await page.getByTestId('unasked').waitFor();
    const steps = page.getByLabel('Step', { exact: true });
    await steps.nth(0).fill('/');
    await page.getByTestId('show-funnel').click();
    await page.getByText('Say which page').waitFor();
    await steps.nth(1).fill('/cart');
    await page.getByTestId('add-step').click();
    await page.getByLabel('Kind of step').nth(2).selectOption('event');
    await steps.nth(2).fill('purchase');
    await page.getByTestId('show-funnel').click();
    await at(page, '#/s/shop/reports/funnel?step=page%3A%2F&step=page%3A%2Fcart&step=event%3Apurchase');
    await until('three stages are drawn', async () => (await page.locator('.stages li').count()) === 3);
    await page.getByRole('button', { name: 'Take away' }).nth(1).click();
    await until('a step is gone', async () => (await steps.count()) === 2);
    await page.getByTestId('show-funnel').click();
    await at(page, '#/s/shop/reports/funnel?step=page%3A%2F&step=event%3Apurchase');
    await page.goBack();
    await until('the steps are those of the address', async () => (await steps.count()) === 3);
  });
});

test('where a click is asked for, the elements of the funnel’s pages are offered', async () => {
  await withReports('#/s/shop/reports/funnel?step=page:/cart&step=event:purchase', async (page, api) => {
    const kind = page.getByLabel('Kind of step').nth(1);
    await kind.waitFor();
    const offered = () => page.getByLabel('Step', { exact: true }).nth(1).evaluate((field) => [...(field.list?.options ?? [])].map(({ value }) => value));
    await until('events are offered', async () => (await offered()).includes('bought'));
    assert.ok(!api.asked.some((asked) => asked.includes('/reports/page?')), 'elements are asked for by who needs them');
    await kind.selectOption('click');
    await until('its elements are offered', async () => (await offered()).includes('button#buy'));
    assert.deepEqual(await offered(), ['button#buy', 'a.nav-link "Tents"', 'img.product']);
    const asked = () => api.asked.filter((asked) => asked.includes('/reports/page?'));
    assert.deepEqual(asked().map((one) => new URLSearchParams(one.split('?')[1]).get('page')), ['/cart']);
    // What is being typed is no page yet; that it is one is asked once.
    await page.getByLabel('Step', { exact: true }).first().pressSequentially('-no');
    await page.getByLabel('Step', { exact: true }).first().fill('/tents');
    await until('those of the new page are asked for', async () => asked().some((one) => one.includes('page=%2Ftents')));
  });
});

test('paths are drawn as a flow, which tells its places to the keyboard, and are a table, too', async () => {
  await withReports('#/s/shop/reports/paths', async (page) => {
    const places = page.locator('.flow [data-value]');
    await places.first().focus();
    const said = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    assert.equal(await said(), '/, page 1: 700 sessions, 200 ended here, 320 to /tents, 180 to /stoves/:id');
    await page.keyboard.press('End');
    assert.equal(await said(), '/checkout, page 4: 90 sessions, 90 ended here');
    assert.equal(await places.count(), 9);
    assert.equal(await page.locator('.flow-band').count(), 6);
    await page.getByTestId('flip').click();
    const table = page.getByRole('table', { name: /first page/ });
    assert.match(await table.locator('tbody tr').first().innerText(), /\/\s+700/);
    await page.getByRole('button', { name: 'Show chart' }).click();
    await places.first().waitFor();
  });
});

test('headlines are held against the time before, where the range has both ends', async () => {
  await withReports('#/s/shop/reports/overview?range=7d', async (page) => {
    await page.getByTestId('against').waitFor();
    assert.match(await page.getByTestId('against').innerText(), /against the 7 days before/);
    const changes = await page.getByTestId('change').allInnerTexts();
    assert.match(changes[0].replaceAll(/\s+/g, ' '), /▲ 12 % more than in the 7 days before/);
    await page.getByTestId('against').getByRole('link').click();
    await page.locator('.compared-part').nth(1).waitFor();
    assert.equal(await page.getByTestId('change').count(), 0);
  });
  await withReports('#/s/shop/reports/overview', async (page) => {
    await page.locator('.headline').first().waitFor();
    assert.equal(await page.getByTestId('against').count(), 0);
  });
});

test('a chart tells its values to the keyboard, and is a table, too', async () => {
  await withReports('#/s/shop/reports/overview', async (page) => {
    const first = page.locator('.chart [data-value]').first();
    await first.focus();
    await page.keyboard.press('ArrowRight');
    const said = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    assert.match(await said(), /^\d+ [A-Z][a-z]{2} \d{4}: \d+ sessions/);
    await page.getByTestId('flip').first().click();
    const table = page.getByRole('table', { name: 'Sessions by day' });
    // 30 days, one of them without a session: it is drawn and not listed; 25 rows are shown first.
    assert.equal(await table.locator('tbody tr').count(), 25);
    await page.getByRole('button', { name: 'Show 4 more of 4' }).click();
    assert.equal(await table.locator('tbody tr').count(), 29);
  });
});

test('what is exported is what is on the screen', async () => {
  await withReports('#/s/shop/reports/events', async (page) => {
    await page.locator('.panel').first().waitFor();
    const saved = async (name) => {
      const download = page.waitForEvent('download');
      await page.getByTestId('export').click();
      await page.getByRole('menuitem', { name }).click();
      return readFileSync(await (await download).path(), 'utf8');
    };
    const csv = await saved('Tables as CSV');
    const cells = await page.locator('.figures').first().locator('tbody tr').first().locator('th, td').allInnerTexts();
    const line = csv.split('\r\n')[2].split(',');
    assert.equal(line[0], cells[0]);
    assert.equal(Number(line[1]), Number(cells[1].replaceAll(',', '')));
    assert.ok(csv.includes("\r\n'=cmd|calc,610,161,"), 'a formula is disarmed');
    const json = JSON.parse(await saved('Answer as JSON'));
    assert.equal(json.events.rows[0].event, 'add_to_cart');
  });
});

const saveAs = async (page, name) => {
  await page.getByTestId('more-menu').click();
  await page.getByRole('menuitem', { name }).click();
};

test('the session list is saved as the edge writes it, of whom it shows', async () => {
  await withReports('#/s/shop?country=DE&sort=oldest', async (page, api) => {
    api.rows = crowd(1_500);
    const germans = api.rows.filter(({ country }) => country === 'DE').length;
    await page.getByTestId('session-row').first().waitFor();
    for (const [name, ending, above] of [['Save as CSV', 'csv', 1], ['Save as JSON lines', 'ndjson', 0]]) {
      const download = page.waitForEvent('download');
      await saveAs(page, name);
      const file = await download;
      assert.match(file.suggestedFilename(), new RegExp(`^shop-sessions-\\d{4}-\\d\\d-\\d\\d\\.${ending}$`));
      const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\n');
      assert.equal(lines.length, above + germans);
      await page.getByText(`${germans} sessions saved`).waitFor();
    }
    const asked = api.asked.filter((one) => one.includes('/export?'));
    assert.ok(asked.every((one) => one.includes('country=DE') && one.includes('sort=oldest')), String(asked));
  });
});

test('a file that is on its way can be cancelled, and one that cannot be had says why', async () => {
  await withReports('#/s/shop', async (page, api) => {
    await page.getByTestId('session-row').first().waitFor();
    let refused;
    api.instead = (path) => {
      if (!path.endsWith('/export')) return undefined;
      return refused ?? new Promise(() => undefined);
    };
    await saveAs(page, 'Save as CSV');
    await page.getByTestId('saving').getByText('Saving: 0 of 80 sessions').waitFor();
    await saveAs(page, 'Save as CSV');
    await page.getByText('A file is being saved already.').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByTestId('saving').getByRole('button', { name: 'Cancel' }).press('Enter');
    await page.getByText('Cancelled. Nothing was saved.').waitFor();
    await page.getByTestId('saving').waitFor({ state: 'detached' });
    refused = { status: 503, body: { code: 'unavailable', message: 'busy' } };
    await saveAs(page, 'Save as CSV');
    await page.getByText('Not available now. Nothing was saved.').waitFor();
    await page.getByTestId('saving').waitFor({ state: 'detached' });
  });
});

test('sessions that are read anew after an update are spoken of, until they are in', async () => {
  await withReports('#/s/shop', async (page, api) => {
    const answer = api.answer.bind(api);
    let headers = { 'x-sentiero-pending': '1200' };
    api.answer = (request, url) => (url.pathname.includes('/reports/') ? { ...answer(request, url), headers } : answer(request, url));
    await page.goto(addressOf('#/s/shop/reports/pages'));
    await page.getByTestId('pending').getByText('1,200 sessions are being read anew').waitFor();
    headers = {};
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByTestId('pending').waitFor({ state: 'detached' });
  });
});

test('a failure says so and is asked again; an address that cannot be read is said', async () => {
  await withReports('#/s/shop', async (page, api) => {
    api.instead = (path) => (path.includes('/reports/') ? { status: 503, body: { code: 'unavailable', message: 'busy' } } : undefined);
    await page.goto(addressOf('#/s/shop/reports/pages'));
    await page.getByTestId('problem').waitFor();
    api.instead = () => undefined;
    await page.getByTestId('retry').click();
    await page.locator('.panel').first().waitFor();
    await page.goto(addressOf('#/s/shop/reports/overview?every=year'));
    await page.getByTestId('wrong-address').waitFor();
  });
});
