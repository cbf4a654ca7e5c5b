// The screens that need real recordings: a worker with what visitors of the demo did.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { request } from 'playwright-core';
import { Api, PASSWORD, Worker, inReplay, root, until } from '../e2e/support.mjs';

/** What the recordings are of; they are made once, then taken again. */
const STORIES = ['rage-at-checkout', 'trouble', 'comparer', 'gaps', 'buys'];

/** A worker that holds them. */
async function start(_, isForDocuments) {
  const worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '0.2' }, { demo: join(root, 'sites/demo.json') });
  try {
    return await filled(worker, isForDocuments);
  } catch (error) {
    // Nobody else knows of it, and it would keep the program from ending.
    await worker.stop();
    throw error;
  }
}

async function filled(worker, isForDocuments) {
  const stories = STORIES.flatMap((name) => ['--story', name]);
  // Images of pages are there while the shop is that was recorded: this worker's.
  const reuse = isForDocuments ? [] : ['--reuse'];
  const flags = ['--visits', `${STORIES.length}`, '--multiply', '12', '--days', '3', '--url', worker.url, ...reuse];
  const said = execFileSync('cargo', ['xtask', 'demo', ...stories, ...flags], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const sids = new Map();
  for (const name of STORIES) sids.set(name, new RegExp(`\\d+ +${name}[^]*?/s/demo/(\\w+)`).exec(said)?.[1]);
  const api = await Api.signIn(worker.url);
  await until('all are listed', async () => {
    const known = new Set((await api.sessions()).map(({ sid }) => sid));
    return [...sids.values()].every((sid) => known.has(sid));
  });
  return { worker, url: worker.url, sids, clicked: await mostClicked(api), signedIn: await cookies(worker.url), close: () => worker.stop() };
}

/** The page on whose elements visitors at computers clicked most, of those that can be shown. */
async function mostClicked(api) {
  const report = async (query) => (await api.get(`reports/${query}`)).json();
  const { pages } = await report('pages?top=10');
  const found = [];
  for (const { page } of pages.rows) {
    const { heatmap } = await report(`heatmap?on=desktop&page=${encodeURIComponent(page)}`);
    if (heatmap.representative) found.push([heatmap.anchored, page]);
  }
  return found.sort(([a], [b]) => b - a)[0]?.[1];
}

/** Signs in once: there is a limit on how often one may in a minute. */
async function cookies(url) {
  const asker = await request.newContext();
  try {
    const answer = await asker.post(`${url}/api/login`, { data: { password: PASSWORD } });
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
    return (await asker.storageState()).cookies;
  } finally {
    await asker.dispose();
  }
}

async function open(page, { url, signedIn }, hash) {
  await page.context().addCookies(signedIn);
  await page.goto(`${url}/dashboard/${hash}`);
}

const replays = async (page) => {
  await page.getByTestId('activity-row').first().waitFor({ state: 'attached' });
  await until('the page is replayed', () => inReplay(page, () => document.body.innerText.trim().length > 40));
};

/** The replay of a story at a moment of it, ms. */
function screen(name, story, { at, act = () => undefined, ready = replays, before = () => undefined } = {}) {
  const show = async (page, scene, context) => {
    await before(page, context);
    await open(page, scene, `#/s/demo/${scene.sids.get(story)}${at === undefined ? '' : `?t=${at}`}`);
    await ready(page);
    await act(page);
  };
  return { name, show };
}

/** Has the API tell something else of sessions. */
const told = (change) => (page) => page.route(/\/sessions\/\w+$/, async (route) => {
  const answer = await route.fetch();
  const detail = await answer.json();
  await route.fulfill({ response: answer, json: { ...detail, ...change(detail) } });
});

/** Nothing is replayed, and it is said why. */
const missing = (page) => page.getByTestId('missing').waitFor();

const pane = (slug) => async (page) => {
  await page.getByRole('tab', { name: new RegExp(`^${slug}`, 'i') }).click();
  await page.locator(`#panel-${slug}`).waitFor();
};

/** A report of them, once `ready` says that it is there. */
const report = (name, hash, ready = (page) => page.locator('.panel').first().waitFor(), whole = true) => ({
  name, whole,
  show: async (page, scene) => {
    await open(page, scene, `#/s/demo/reports/${typeof hash === 'string' ? hash : hash(scene)}`);
    await ready(page);
  },
});

/** The page is seen in the frame, and everything is drawn on it. */
const drawnOver = (page) => page.locator('.over-page.seen').waitFor();

/** What source maps would say of the frames of errors. */
const mapped = (page) => page.route(/\/errors\?/, async (route) => {
  const answer = await route.fetch();
  const list = await answer.json();
  const text = ['export function priceOf(item: Item): number {', '  // Fails for an item without a price, and this line is longer than any telephone is wide.', '  return item.price!.amount;', '}'];
  const frames = (all) => all.map((frame) => ({ ...frame, original: { function: 'priceOf', file: '../src/cart.ts', line: 9, column: 24, lines: { first: 7, text } } }));
  await route.fulfill({ response: answer, json: { ...list, release: 'v7', notes: [], errors: list.errors.map((error) => ({ ...error, frames: frames(error.frames) })) } });
});

const openStack = async (page) => {
  await pane('errors')(page);
  await page.locator('#panel-errors .pane-more summary').first().click();
  await page.locator('#panel-errors').getByTestId('stack').first().waitFor();
  await page.getByText('Looking for the source maps').waitFor({ state: 'detached' });
};

const openIssue = async (page, scene) => {
  await open(page, scene, '#/s/demo/issues');
  await page.locator('.issue-title').first().click();
  await page.locator('.occurrence-said').waitFor();
  await page.getByText('Looking for the source maps').waitFor({ state: 'detached' });
};

const screens = [
  report('real-overview', 'overview'),
  report('real-paths', 'paths'),
  report('real-frustration', 'frustration'),
  report('report-heatmap-over', ({ clicked }) => `heatmap?page=${encodeURIComponent(clicked)}&on=desktop`, drawnOver, false),
  { name: 'real-list', show: async (page, scene) => { await open(page, scene, '#/s/demo'); await page.getByTestId('session-row').first().waitFor(); } },
  { name: 'real-issues', show: async (page, scene) => { await open(page, scene, '#/s/demo/issues'); await page.getByTestId('issue-row').first().waitFor(); } },
  {
    name: 'real-issue-resolved', whole: true,
    show: async (page, scene) => {
      await mapped(page);
      await openIssue(page, scene);
      await page.getByTestId('stack-choice').waitFor();
    },
  },
  { name: 'real-issue', whole: true, show: openIssue },
  screen('replay', 'rage-at-checkout', { at: 30_000 }),
  screen('replay-desktop', 'trouble', { at: 5_000 }),
  screen('replay-console', 'trouble', { at: 5_000, act: pane('console') }),
  screen('replay-network', 'trouble', { at: 5_000, act: pane('network') }),
  screen('replay-errors', 'trouble', { at: 5_000, act: pane('errors') }),
  screen('replay-stack', 'trouble', { at: 5_000, act: openStack }),
  screen('replay-stack-resolved', 'trouble', { at: 5_000, before: mapped, act: openStack }),
  screen('replay-share', 'trouble', { at: 5_000, act: async (page) => { await page.getByTestId('share-session').click(); await page.getByLabel('From').fill('0:05'); await page.getByTestId('share-reach').waitFor(); } }),
  screen('replay-details', 'gaps', { act: pane('details') }),
  screen('replay-forms', 'rage-at-checkout', { at: 30_000, act: pane('forms') }),
  screen('replay-tabs', 'comparer', { at: 10_000 }),
  screen('replay-heat', 'rage-at-checkout', { at: 60_000, act: async (page) => { await page.keyboard.press('h'); await page.getByTestId('heat-legend').waitFor(); } }),
  screen('replay-help', 'rage-at-checkout', { act: async (page) => { await page.keyboard.press('?'); await page.getByRole('dialog').waitFor(); } }),
  screen('replay-delete', 'rage-at-checkout', { act: async (page) => { await page.getByTestId('delete-session').click(); await page.getByTestId('delete-confirm').waitFor(); } }),
  screen('replay-live', 'comparer', { at: 10_000, before: told(({ tab_list }) => ({ live: true, tab_list: tab_list.map((tab) => ({ ...tab, ended: false })) })) }),
  screen('replay-unknown-browser', 'buys', { before: told(() => ({ country: null, browser: null, os: null, device: null })) }),
  screen('replay-incomplete', 'trouble', {
    before: told(({ tab_list: [first, ...others] }) => ({ malformed: 2, masked_at_edge: 4, tab_list: [{ ...first, gaps: [[3, 41]] }, ...others] })), act: pane('details'),
  }),
  screen('replay-damaged', 'buys', { before: (page) => page.route(/\/events\?/, (route) => route.fulfill({ body: 'not a recording' })), ready: (page) => page.locator('[data-testid=missing], [data-testid=problem], .player .problem, .stage .problem').first().waitFor() }),
  screen('replay-no-snapshot', 'buys', { before: told(({ batches }) => ({ batches: batches.map((batch) => ({ ...batch, keyframe: false })) })), ready: missing }),
  screen('replay-no-recording', 'buys', { before: told(() => ({ tab_list: [], batches: [], page_views: [] })), ready: missing }),
  screen('replay-nothing-yet', 'buys', { before: told(() => ({ live: true, tab_list: [], batches: [], page_views: [] })), ready: missing }),
  screen('replay-events-failing', 'buys', {
    before: (_page, context) => context.route(/\/events/, (route) => route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ code: 'internal', message: 'Something broke. It was logged.' }) })),
    ready: (page) => page.locator('.player .problem, .player [data-testid=problem], .stage .problem').first().waitFor(),
  }),
];

export const onWorker = { title: 'on a worker with recordings', screens, start };
