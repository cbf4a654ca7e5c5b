// The screens that an API made up by us can show: it fails, hesitates and is empty on demand.
import { FakeApi, crowd, dashboardHost, row } from '../e2e/fake.mjs';
import { issueScreens } from './issues.mjs';
import { settingsScreens } from './settings.mjs';

const SHOP = '#/s/shop';
const never = () => new Promise(() => {});
const refusal = (status, code, message) => ({ status, body: { code, message } });
const BROKEN = refusal(500, 'internal', 'Something broke. It was logged.');
const onSessions = (answer) => (path) => (path.endsWith('/sessions') ? answer() : undefined);

const rows = (page) => page.getByTestId('session-row').first().waitFor();
const shown = (testid) => (page) => page.getByTestId(testid).first().waitFor();

/** A screen at `hash`, on an API that `api` prepares; `act` brings it into the state to be seen. */
function screen(name, { hash = SHOP, sessions = () => crowd(160), api = () => undefined, act = rows, whole = false }) {
  const show = async (page, { url }, context) => {
    const made = new FakeApi(sessions());
    api(made);
    await made.attach(context);
    await page.goto(`${url}${hash}`);
    await act(page, made, context);
  };
  return { name, show, whole };
}

const signedOut = (instead) => (api) => {
  api.signedIn = false;
  if (instead) api.instead = (path) => (path === '/api/login' ? instead() : undefined);
};

const enter = (testid) => async (page) => {
  await page.getByTestId('login-password').fill('not the password');
  await page.getByTestId('login-submit').click();
  await shown(testid)(page);
};

const open = (testid, role) => async (page) => {
  await rows(page);
  await page.getByTestId(testid).click();
  await page.getByRole(role).first().waitFor();
};

async function pick(page) {
  await rows(page);
  for (const at of [1, 2, 4]) await page.getByTestId('session-row').nth(at).locator('.pick label').click();
  await shown('delete-picked')(page);
}

/** Names, addresses and numbers as nobody wants them. */
const huge = () => [
  row(Date.now() - 5_000, {
    users: ['a-very-long-user-name-that-somebody-gave-to-identify-'.repeat(2), 'another'], errors: 1_234_567, rage: 98_765, dead: 4_321, events: 49_999,
    pages: 12_345, duration: 86_400_000, active: 86_399_000, live: true, masked: 3, entry: `https://${'sub.'.repeat(40)}example/${'deep/'.repeat(60)}`,
    exit: `https://shop.example/${'x'.repeat(400)}`,
  }),
  ...crowd(30),
];

/** The reports, and what they are asked. */
const REPORTS = {
  overview: '', pages: '', page: '?page=%2Ftents', paths: '', retention: '', metadata: '', heatmap: '?page=%2Ftents', scroll: '', forms: '', events: '', frustration: '', engagement: '', vitals: '',
  funnel: '?step=page%3A%2F&step=page%3A%2Fcart&step=event%3Apurchase', conversions: '?goal=page%3A%2Fthanks',
};
/** A funnel of few. */
const small = () => ({ funnel: { asked: { steps: [], within: null }, sessions: 7, rows: [['page:/', 7, 1_000, 0], ['page:/cart', 2, 286, 5]].map(([step, sessions, of_first, dropped]) => ({
  step, sessions, of_first, of_previous: of_first, dropped, behind: { narrow: { url: 'shop.example/' }, examples: [] }, behind_dropped: { narrow: { url: 'shop.example/' }, examples: [] },
})) } });
const report = (page) => page.locator('.panel').first().waitFor();
const onReports = (answer) => (path) => (path.includes('/reports/') ? answer() : undefined);

const screens = [
  screen('sign-in', { api: signedOut(), act: shown('login-submit') }),
  screen('sign-in-wrong', { api: signedOut(), act: enter('problem') }),
  screen('sign-in-too-often', { api: signedOut(() => refusal(429, 'too_many_requests', 'Too many requests.')), act: enter('problem') }),
  screen('sign-in-not-configured', { api: signedOut(() => refusal(503, 'not_configured', 'DASHBOARD_PASSWORD is not set.')), act: enter('not-configured') }),
  screen('sign-in-unreachable', { api: signedOut(() => 'abort'), act: enter('problem') }),
  screen('sign-in-expired', {
    act: async (page, api) => {
      await rows(page);
      api.signedIn = false;
      await page.keyboard.press('r');
      await page.getByText('Your session has ended').waitFor();
    },
  }),
  screen('start', { api: (api) => (api.instead = never), act: (page) => page.locator('.boot').waitFor() }),
  screen('start-unreachable', { api: (api) => (api.instead = () => 'abort'), act: shown('problem') }),
  screen('start-failing', { api: (api) => (api.instead = () => BROKEN), act: shown('problem') }),
  screen('no-site', { hash: '#/', api: (api) => (api.sites = []), act: shown('no-site') }),
  screen('unknown', { hash: '#/s/nowhere', act: (page) => page.getByText('Nothing here').waitFor() }),
  screen('first-run', { sessions: () => [], act: shown('empty-first-run') }),
  screen('list', {}),
  screen('list-few', { sessions: () => crowd(3) }),
  screen('list-loading', { api: (api) => (api.instead = onSessions(never)), act: shown('loading') }),
  screen('list-slow', { api: (api) => (api.instead = onSessions(never)), act: shown('still-loading') }),
  screen('list-failing', { api: (api) => (api.instead = onSessions(() => BROKEN)), act: shown('problem') }),
  screen('list-stale', {
    act: async (page, api) => {
      await rows(page);
      api.instead = () => BROKEN;
      await page.keyboard.press('r');
      await shown('problem')(page);
    },
  }),
  screen('list-offline', {
    act: async (page, _api, context) => {
      await rows(page);
      await context.setOffline(true);
      await shown('offline')(page);
    },
  }),
  screen('list-masked', {
    api: (api) => (api.instead = (path) => (path.endsWith('/privacy') ? { body: { sessions: 3, values: 41, since: Date.now() - 86_400_000 } } : undefined)),
    act: shown('masked-at-edge'),
  }),
  screen('list-filtered', { hash: `${SHOP}?range=7d&errors=true&country=DE&device=mobile&min_duration=1000&q=customer`, sessions: () => crowd(2_000) }),
  screen('list-no-match', { hash: `${SHOP}?country=DE&url=%2Fnowhere`, act: shown('empty-no-match') }),
  screen('list-no-match-dates', { hash: `${SHOP}?range=yesterday&errors=true&url=%2Fnowhere`, act: shown('empty-no-match') }),
  screen('list-wrong-address', { hash: `${SHOP}?colour=red`, act: shown('wrong-address') }),
  screen('list-huge', { sessions: huge, api: (api) => ((api.total = 1_234_567), (api.sites = [{ key: 'shop', name: 'A shop with a name that is far too long for the bar of any browser '.repeat(3) }])) }),
  screen('list-sites', { api: (api) => api.sites.push({ key: 'blog', name: 'Blog' }, { key: 'docs', name: 'Documentation' }) }),
  screen('list-end', {
    act: async (page) => {
      await rows(page);
      await page.getByTestId('more').scrollIntoViewIfNeeded();
    },
  }),
  screen('list-newer', {
    act: async (page, api) => {
      await rows(page);
      await page.evaluate(() => scrollTo(0, 700));
      await page.waitForFunction(() => scrollY > 100);
      api.rows.unshift(row(Date.now(), {}, 901), row(Date.now() + 1, {}, 902));
      await page.keyboard.press('r');
      await shown('newer')(page);
    },
  }),
  screen('list-focus', {
    act: async (page) => {
      await rows(page);
      await page.keyboard.press('j');
      await page.keyboard.press('j');
    },
  }),
  screen('list-filter-open', { act: open('add-filter', 'option') }),
  screen('list-filter-values', {
    act: async (page) => {
      await open('add-filter', 'option')(page);
      await page.getByRole('option', { name: 'Country' }).click();
      await page.getByRole('option', { name: /^France/ }).waitFor();
    },
  }),
  screen('list-filter-form', {
    act: async (page) => {
      await open('add-filter', 'option')(page);
      await page.keyboard.type('longer');
      await page.keyboard.press('Enter');
      await page.getByLabel('Longer than').fill('soon');
      await page.keyboard.press('Enter');
      await page.getByText('Write a length of time').waitFor();
    },
  }),
  screen('list-dates-open', { act: open('dates', 'menuitemradio') }),
  screen('list-segments-open', { act: open('segments', 'menuitemradio') }),
  screen('list-segment-dialog', {
    hash: `${SHOP}?errors=true`,
    act: async (page) => {
      await open('segments', 'menuitem')(page);
      await page.getByRole('menuitem', { name: 'Save as segment…' }).click();
      await page.getByLabel('Name', { exact: true }).waitFor();
    },
  }),
  screen('list-menu-open', { act: open('more-menu', 'menuitem') }),
  screen('list-selected', { act: pick }),
  screen('list-delete', {
    act: async (page) => {
      await pick(page);
      await page.getByTestId('delete-picked').click();
      await page.getByTestId('erase-dialog').waitFor();
    },
  }),
  screen('list-deleted', {
    act: async (page) => {
      await pick(page);
      await page.getByTestId('delete-picked').click();
      await page.getByLabel('Type the number').fill('3');
      await page.getByTestId('erase-confirm').click();
      await page.getByTestId('erasing').getByText('Deleted 3 sessions').waitFor();
      await page.locator('.toast.shown').waitFor();
    },
  }),
  screen('list-purge', {
    hash: `${SHOP}?errors=true`,
    act: async (page) => {
      await open('more-menu', 'menuitem')(page);
      await page.getByRole('menuitem', { name: /Delete all/ }).click();
      await page.getByText('will be deleted for good').waitFor();
    },
  }),
  ...Object.entries(REPORTS).map(([name, query]) => screen(`report-${name}`, { hash: `${SHOP}/reports/${name}${query}`, act: report, whole: true })),
  screen('report-paths-table', { hash: `${SHOP}/reports/paths`, whole: true, act: async (page) => { await report(page); await page.getByTestId('flip').first().click(); } }),
  screen('report-paths-value', { hash: `${SHOP}/reports/paths`, act: async (page) => { await report(page); await page.locator('.flow [data-value]').nth(1).hover(); } }),
  screen('report-events-one', { hash: `${SHOP}/reports/events?tag=add_to_cart`, act: report, whole: true }),
  screen('report-small', { hash: `${SHOP}/reports/funnel?step=page%3A%2F&step=page%3A%2Fcart`, api: (api) => (api.instead = onReports(() => ({ body: small() }))), act: shown('small-sample') }),
  screen('report-wrong-address', { hash: `${SHOP}/reports/pages?colour=red`, act: shown('wrong-address') }),
  screen('report-slow', { hash: `${SHOP}/reports/pages`, api: (api) => (api.instead = onReports(never)), act: (page) => page.getByText('Still counting').waitFor() }),
  screen('report-funnel-wrong', {
    hash: `${SHOP}/reports/funnel`,
    act: async (page) => {
      await shown('unasked')(page);
      await page.getByTestId('show-funnel').click();
      await page.getByText('Say which page').waitFor();
    },
  }),
  screen('report-among', {
    hash: `${SHOP}/reports/pages`,
    act: async (page) => {
      await report(page);
      await page.locator('.figures tr').nth(1).locator('.figure').nth(2).click();
      await shown('behind-list')(page);
    },
  }),
  screen('report-unasked', { hash: `${SHOP}/reports/funnel`, act: shown('unasked') }),
  screen('report-loading', { hash: `${SHOP}/reports/pages`, api: (api) => (api.instead = onReports(never)), act: shown('loading') }),
  screen('report-failing', { hash: `${SHOP}/reports/pages`, api: (api) => (api.instead = onReports(() => BROKEN)), act: shown('problem') }),
  screen('report-empty', {
    hash: `${SHOP}/reports/events?range=7d&country=DE`,
    api: (api) => (api.instead = onReports(() => ({ body: { events: { sessions: 0, count: 0, rows: [], others: 0, others_count: 0 } } }))),
    act: shown('empty-report'),
  }),
  screen('report-compared', { hash: `${SHOP}/reports/overview?against=device%3Dmobile&country=DE`, act: report, whole: true }),
  screen('report-behind', {
    hash: `${SHOP}/reports/pages`,
    act: async (page) => {
      await report(page);
      await page.locator('.figures .figure').first().click();
      await shown('behind-list')(page);
    },
  }),
  ...issueScreens(screen),
  ...settingsScreens(screen),
  screen('help', {
    act: async (page) => {
      await rows(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  }),
  screen('file', { hash: '#/file', act: (page) => page.getByTestId('file-input').waitFor({ state: 'attached' }) }),
  screen('file-wrong', {
    hash: '#/file',
    act: async (page) => {
      const input = page.getByTestId('file-input');
      await input.waitFor({ state: 'attached' });
      await input.setInputFiles({ name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('{"not":"a recording"}') });
      await shown('problem')(page);
    },
  }),
  screen('replay-loading', { hash: `${SHOP}/${crowd(1, 1_795_000_000_000)[0].sid}`, api: (api) => (api.instead = (path) => (/sessions\/./.test(path) ? never() : undefined)), act: (page) => page.locator('.side').waitFor() }),
  screen('replay-gone', { hash: `${SHOP}/${crowd(1, 1_795_000_000_000)[0].sid}?errors=true`, act: shown('gone') }),
  screen('replay-failing', { hash: `${SHOP}/${crowd(1, 1_795_000_000_000)[0].sid}`, api: (api) => (api.instead = (path) => (/sessions\/./.test(path) ? BROKEN : undefined)), act: shown('problem') }),
  screen('design', { hash: '#/design', whole: true, act: (page) => page.getByTestId('design-menu').first().waitFor() }),
];

export const onFakeApi = { title: 'on an API that is made up', screens, start: dashboardHost };
