// Issues, in each of their states, on an API that is made up.
import { fingerprint } from '../e2e/fake-issues.mjs';

const ISSUES = '#/s/shop/issues';
const ONE = `${ISSUES}/${fingerprint(0)}`;
const never = () => new Promise(() => {});
const shown = (testid) => (page) => page.getByTestId(testid).first().waitFor();
const onPath = (end, answer) => (api) => (api.instead = (path) => (path.endsWith(end) ? answer() : undefined));
const broken = () => ({ status: 500, body: { code: 'internal', message: 'Something broke. It was logged.' } });
const listed = shown('issue-row');
const one = async (page) => {
  await shown('occurrence')(page);
  await page.locator('.issue-facets .panel').first().waitFor();
};
const detailed = (api) => (api.detailed = true);

export const issueScreens = (screen) => [
  screen('issues', { hash: ISSUES, act: listed }),
  screen('issues-all', { hash: `${ISSUES}?state=all&by=count`, act: listed }),
  screen('issues-huge', { hash: ISSUES, api: (api) => api.issues.fill(700), act: listed }),
  screen('issues-none', { hash: ISSUES, api: (api) => (api.issues.all = []), act: shown('no-errors') }),
  screen('issues-none-open', { hash: ISSUES, api: (api) => (api.issues.all = api.issues.all.slice(3, 5)), act: shown('no-issues') }),
  screen('issues-none-in-range', { hash: `${ISSUES}?range=1h&country=DE`, api: (api) => (api.issues.all = []), act: shown('empty-report') }),
  screen('issues-loading', { hash: ISSUES, api: onPath('/reports/errors', never), act: shown('loading') }),
  screen('issues-failing', { hash: ISSUES, api: onPath('/issues', broken), act: shown('problem') }),
  screen('issues-wrong-address', { hash: `${ISSUES}?state=done`, act: shown('wrong-address') }),
  screen('issues-resolved', {
    hash: ISSUES,
    act: async (page) => {
      await listed(page);
      await page.getByTestId('resolve-issue').nth(1).click();
      await shown('undo')(page);
    },
  }),
  screen('issue', { hash: ONE, api: detailed, act: one, whole: true }),
  screen('issue-resolved', {
    hash: `${ISSUES}/${fingerprint(2)}`,
    api: detailed,
    act: async (page) => {
      await one(page);
      await page.keyboard.press('e');
      await shown('undo')(page);
    },
  }),
  screen('issue-came-again', { hash: `${ISSUES}/${fingerprint(1)}`, api: detailed, act: one }),
  screen('issue-not-in-range', { hash: `${ONE}?range=1h`, api: (api) => (api.issues.one = () => ({ issue: { asked: { issue: fingerprint(0), top: null }, sessions: 0, title: '', count: 0, with_it: 0, days: [], browsers: { rows: [], others: 0 }, systems: { rows: [], others: 0 }, pages: { rows: [], others: 0 }, releases: { rows: [], others: 0 }, moments: [] } })), act: shown('empty-report') }),
  screen('issue-unknown', { hash: `${ISSUES}/${'0'.repeat(16)}`, act: shown('no-such-issue') }),
  screen('issue-failing', { hash: ONE, api: onPath('/reports/issue', broken), act: shown('problem') }),
];
