// The replay screen: what is shown beside the player, moving about, deleting, and hostile
// recordings. Recordings are uploaded as a recorder would make them, or as nobody should.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, click, custom, element, full, input, meta, upload as uploadTo } from './made.mjs';
import { HOSTILE, MALFORMED, PASSIVE } from './hostile.mjs';
import { Api, inReplay, signIn, stage, until } from './support.mjs';
import { upload as uploadLong } from '../benches/dashboard/recording.mjs';

let worker;
let browser;
let page;
stage(async (found) => {
  ({ worker, browser } = found);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await signIn(page, worker.url);
  await page.getByTestId('empty-first-run').waitFor();
}, { ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '1' });

const upload = (...loads) => uploadTo(worker.url, ...loads);
const show = (sid, query = '') => page.evaluate((hash) => (location.hash = hash), `#/s/demo/${sid}${query}`);
const shown = () => until('it replays', () => inReplay(page, () => document.getElementById('innocent')?.className === 'is-here'));
const outer = () => page.frames().findLast((frame) => frame.url().startsWith('data:') && frame.parentFrame() === page.mainFrame());

test('console, requests, errors, forms and web vitals stand beside the page, and lead to their moment', async () => {
  const sheet = element(40, 'link', { _cssText: '#innocent { color: rgb(1, 2, 3); }' });
  const style = element(41, 'style', { _cssText: '#innocent { width: 77px; }' });
  const form = element(20, 'form', {}, [element(21, 'input', { name: 'email' }), element(22, 'input', { name: 'card' })]);
  const { sid, start } = await upload([
    [0, meta()],
    [1, full([form], [sheet, style])],
    [500, custom('sentiero:environment', { language: 'it', viewport: '800x600' })],
    [1_000, custom('__console', { level: 'warn', args: ['stock is low', { left: 2 }] })],
    [2_000, custom('__network', { url: 'https://victim.example/api/cart', type: 'fetch', status: 503, start: Date.now() + 1_900, duration: 120 })],
    [3_000, custom('error', { message: 'cart is null', source: 'https://victim.example/app.js', lineno: 12, colno: 7, stack: 'TypeError: cart is null\n at pay (app.js:12:7)' })],
    [4_000, input(21)],
    [5_000, input(22)],
    [6_000, input(21)],
    [7_000, custom('__form_submit', {})],
    [8_000, custom('__perf', { metric: 'LCP', value: 4_800, rating: 'poor' })],
    [8_000, custom('__perf', { metric: 'CLS', value: 0.04, rating: 'good' })],
    [9_000, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })],
  ]);
  await show(sid);
  await shown();
  const styled = await inReplay(page, () => [getComputedStyle(document.getElementById('innocent')).color, getComputedStyle(document.getElementById('innocent')).width]);
  assert.deepEqual(styled, ['rgb(1, 2, 3)', '77px'], 'recorded style sheets are applied');
  const entries = async (pane) => {
    await page.getByTestId(`pane-${pane}`).click();
    return page.locator(`#panel-${pane} [data-testid=pane-entry]`);
  };
  assert.match(await (await entries('console')).first().innerText(), /stock is low[^]*warn/);
  assert.match(await (await entries('network')).first().innerText(), /\/api\/cart[^]*503/);
  const errors = await entries('errors');
  assert.match(await errors.first().innerText(), /cart is null[^]*app\.js:12:7/);
  const pane = page.locator('#panel-errors');
  await pane.getByText('Stack', { exact: true }).click();
  await pane.locator('.frame-function').getByText('pay', { exact: true }).waitFor();
  await errors.first().click();
  await until('the error leads to its moment', async () => page.url().includes('t=3000'));
  const forms = (await (await entries('forms')).allInnerTexts()).join('\n');
  assert.match(forms, /email[^]*came back once[^]*Field 1 of 2/);
  assert.match(forms, /card[^]*1\.0s to the next[^]*Field 2 of 2/);
  assert.ok(!forms.includes('•'), 'never what was entered');
  await page.getByTestId('pane-details').click();
  const vitals = await page.getByTestId('vital').allInnerTexts();
  assert.match(vitals[0], /LCP[^]*4,800 ms[^]*poor/);
  assert.match(vitals[1], /CLS[^]*0\.040[^]*good/);
  await page.getByTestId('pane-activity').click();
  assert.ok(start > 0);
});

test('keys: play, seek, speed, page loads, clicks over the page', async () => {
  const { sid } = await upload(
    [[0, meta()], [1, full([])], [10_000, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })]],
    [[20_000, meta()], [20_001, full([element(30, 'button', { style: 'position:absolute;left:100px;top:50px;width:80px;height:40px' })])], [21_000, click(30, 120, 60)], [21_200, click(30, 121, 61)], [21_400, click(30, 122, 60)], [29_000, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })]],
  );
  await show(sid, `?tab=${'a'.repeat(8)}&t=2000`);
  await shown();
  const time = page.getByTestId('time-current');
  await until('the link lands on the moment', async () => (await time.innerText()) === '0:02');
  await page.keyboard.press('ArrowRight');
  await until('5 s on', async () => (await time.innerText()) === '0:07');
  const speed = page.getByTestId('speed');
  await page.keyboard.press('ArrowDown');
  assert.equal(await speed.getAttribute('data-speed'), '0.5');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await speed.getAttribute('data-speed'), '2');
  await page.keyboard.press(' ');
  await page.getByTestId('pause').waitFor();
  await page.keyboard.press(' ');
  await page.getByTestId('play').waitFor();
  await page.keyboard.press('t');
  await until('the next page load', () => page.url().includes(`tab=${'b'.repeat(8)}`));
  await shown();
  await page.getByTestId('activity-row').last().click();
  await page.keyboard.press('h');
  await page.getByTestId('heat-legend').waitFor();
  const dots = () => outer().evaluate(() => [...document.querySelectorAll('.heat-dot')].map((dot) => ({ kind: dot.dataset.kind, node: dot.dataset.node, x: parseFloat(dot.style.left), text: dot.textContent })));
  const drawn = await until('the clicks are drawn', async () => (await dots()).length === 3 && dots());
  assert.deepEqual(drawn.map(({ kind, node, x }) => [kind, node, x]), [['2', '30', 120], ['2', '30', 121], ['2', '30', 122]]);
  assert.equal(drawn[0].text, '3×');
  assert.match(await page.getByTestId('heat-legend').innerText(), /3 clicks\s+3 rage/);
  // With the element, not with the place: before it was clicked there is nothing.
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('Home');
  await until('no clicks yet', async () => (await dots()).length === 0);
  await page.keyboard.press('h');
});

test('page loads are played one after the other, or each by itself', async () => {
  const load = (from) => [[from, meta()], [from + 1, full([])], [from + 900, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })]];
  const { sid } = await upload(load(0), load(5_000), load(9_000));
  const [first, second, third] = ['a', 'b', 'c'].map((name) => `tab=${name.repeat(8)}`);
  await show(sid, `?${first}`);
  await shown();
  await page.getByTestId('play').click();
  await until('on to the last', () => page.url().includes(third));
  await until('and no farther', async () => /Play again/.test((await page.getByTestId('play').getAttribute('aria-label').catch(() => '')) ?? ''));
  await page.getByTestId('joined').click();
  await page.getByTestId('tab-switch').nth(1).click();
  await until('the second', () => page.url().includes(second));
  await shown();
  await page.getByTestId('play').click();
  await until('it ends', async () => /Play again/.test((await page.getByTestId('play').getAttribute('aria-label').catch(() => '')) ?? ''));
  assert.ok(page.url().includes(second), 'by itself');
});

test('rage and dead clicks are on the line and in the list, and a list narrowed to them opens there', async () => {
  const button = element(30, 'button', { 'aria-label': 'Pay' });
  const here = [30_000, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })];
  const { sid, start } = await upload(
    [[0, meta()], [1, full([button])], [2_400, click(30)], [9_000, custom('error', { message: 'first' })], here],
    [[40_000, meta()], [40_001, full([button])], [43_700, click(30)], [43_900, click(30)], [44_100, click(30)], [50_000, click(5, 300, 300)], [70_000, here[1]]],
  );
  const api = await Api.signIn(worker.url);
  const row = await until('it is listed', async () => (await api.sessions()).find((session) => session.sid === sid));
  assert.deepEqual([row.rage, row.dead, row.errors], [1, 2, 1]);
  const { signals } = await api.detail(sid);
  assert.deepEqual(signals, { error: { at: start + 9_000, tab: 'a'.repeat(8) }, rage: { at: start + 43_700, tab: 'b'.repeat(8) }, dead: { at: start + 2_400, tab: 'a'.repeat(8) } });
  const time = page.getByTestId('time-current');
  const current = () => page.locator('[data-testid=tab-switch][aria-current=true]').getAttribute('data-tab');
  const openFrom = async (query) => {
    await page.evaluate((hash) => (location.hash = hash), `#/s/demo${query}`);
    await page.locator(`[data-testid=session-row][data-sid="${sid}"]`).click();
    await page.getByTestId('activity-row').first().waitFor();
  };
  for (const [query, tab, at] of [['?rage=true', 'b', '0:03'], ['?errors=true', 'a', '0:09'], ['?dead=true', 'a', '0:02'], ['', 'a', '0:00']]) {
    await openFrom(query);
    await until(`${query} opens at ${at}`, async () => (await current()) === tab.repeat(8) && (await time.innerText()) === at);
  }
  await openFrom('?rage=true');
  const rows = page.getByTestId('activity-row');
  await until('the incident is one row', async () => /Rage clicks on “Pay”\s*×3/.test((await rows.allInnerTexts()).join('\n')));
  assert.equal(await page.locator('.marks path.kind-rage').count(), 1);
  assert.equal(await page.locator('.marks path.kind-dead').count(), 1);
  await page.getByRole('group', { name: 'Kinds of activity' }).getByRole('button', { name: /^Dead clicks\s*1$/ }).click();
  await until('narrowed to dead clicks', async () => (await rows.count()) === 1);
  assert.match(await rows.first().innerText(), /Dead click on [^]*the page did not answer/);
  await page.getByRole('group', { name: 'Kinds of activity' }).getByRole('button', { name: /^Dead clicks/ }).click();
  await page.getByLabel('Search the activity').fill('rage pay');
  await until('found by its name', async () => (await rows.count()) === 1 && (await rows.first().getAttribute('data-kind')) === 'rage');
  await page.getByLabel('Search the activity').fill('');
});

test('where nothing can be replayed it says what is missing, why, and what to do', async () => {
  const missing = page.getByTestId('missing');
  const bare = [[0, meta()], [1_000, click(30)], [9_000, custom('bought', {})]];
  const none = await upload(bare);
  await show(none.sid);
  await until('no snapshot', async () => /This session has no snapshot/.test(await missing.innerText()));
  assert.ok(await page.getByTestId('play').isDisabled());
  await page.getByTestId('activity-row').first().waitFor();
  await missing.getByRole('link', { name: 'Back to the sessions' }).click();
  await until('back at the list', () => page.url().endsWith('#/s/demo'));

  const second = await upload(bare, [[20_000, meta()], [20_001, full([])], [21_000, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })]]);
  await show(second.sid, `?tab=${'a'.repeat(8)}`);
  await until('this page load', async () => /This page load has no snapshot/.test(await missing.innerText()));
  await missing.getByRole('button', { name: /can be replayed/ }).click();
  await until('the other one', () => page.url().includes(`tab=${'b'.repeat(8)}`));
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('End');
  await shown();

  // Listed, and nothing of it is stored any more.
  const address = new RegExp(`/sessions/${none.sid}$`);
  await page.route(address, async (route) => {
    const answer = await route.fetch();
    const detail = await answer.json();
    await route.fulfill({ response: answer, json: { ...detail, tab_list: [], batches: [], page_views: [] } });
  });
  await show(none.sid);
  await until('no page load', async () => /This session has no recording/.test(await missing.innerText()));
  assert.ok(await page.getByTestId('play').isDisabled());
  await page.unroute(address);

  // Stored, and not to be read: nobody is told to wait, and the key for it does not play.
  await page.route('**/events?format=chunk*', (route) => route.fulfill({ body: 'not a recording' }));
  await show(second.sid, `?tab=${'b'.repeat(8)}`);
  await page.locator('.veil h2').waitFor();
  const play = page.getByTestId('play');
  assert.ok(await play.isDisabled());
  await page.keyboard.press(' ');
  assert.ok(await play.isDisabled(), 'it does not become “Pause”');
  const said = await page.locator('#panel-activity [role=status]').innerText();
  assert.match(said, /could not be (loaded|read)/);
  await page.unroute('**/events?format=chunk*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('End');
  await shown();
  assert.ok(await play.isEnabled());
});

test('on a phone the controls are two rows, and all buttons are beside the way back', async () => {
  const { sid } = await upload([[0, meta()], [1, full([])], [9_000, change({ attributes: [{ id: 5, attributes: { class: 'is-here' } }] })]]);
  await show(sid);
  await page.setViewportSize({ width: 390, height: 844 });
  try {
    const select = page.getByTestId('speed-select').locator('select');
    await select.waitFor();
    assert.ok(!(await page.getByTestId('speed').isVisible()), 'one choice of speed, not two');
    await select.selectOption({ label: '4×' });
    assert.equal(await page.getByTestId('speed').getAttribute('data-speed'), '4');
    const middle = async (locator) => {
      const { y, height } = await locator.boundingBox();
      return y + height / 2;
    };
    const [play, speed] = [await middle(page.getByTestId('play')), await middle(select)];
    assert.ok(Math.abs(play - speed) < 4, `${play} and ${speed} are one row`);
    const back = await middle(page.getByRole('link', { name: 'Back to the sessions' }));
    const buttons = ['Next session (J)', 'Copy link', 'Share', 'Delete'].map((name) => page.getByLabel(name).or(page.locator('.replay-actions > *', { hasText: name })).first());
    for (const button of buttons) {
      assert.ok(Math.abs((await middle(button)) - back) < 4, 'beside the way back');
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'nothing is wider than the screen');
    await select.selectOption({ label: '1×' });
  } finally {
    await page.setViewportSize({ width: 1440, height: 900 });
  }
});

test('a session is deleted after a question', async () => {
  const { sid } = await upload([[0, meta()], [1, full([])]]);
  const api = await Api.signIn(worker.url);
  await until('it is listed', async () => (await api.sessions()).find((session) => session.sid === sid));
  await show(sid);
  await page.getByTestId('delete-session').click();
  await page.getByTestId('delete-confirm').click();
  await until('back at the list', () => page.url().endsWith('#/s/demo'));
  await until('it is gone', async () => !(await api.sessions()).some((session) => session.sid === sid));
});

test('a long recording: a part of it is in the frame, and what is decoded is decoded elsewhere', async () => {
  const { sid, start } = await uploadLong(worker.url, 'demo', { minutes: 20, megabytes: 8, keyframe: 60 });
  await show(sid);
  const clock = () => inReplay(page, () => Number(document.getElementById('clock')?.className.slice(4)));
  await until('the first frame', async () => ((await clock()) ?? 0) >= start);
  assert.equal(page.workers().length, 1, 'a worker decodes');
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('End');
  await until('the end', async () => ((await clock()) ?? 0) > start + 19 * 60_000);
  await page.keyboard.press('Home');
  await until('the start again', async () => ((await clock()) ?? Infinity) < start + 2_000);
  await show(sid, `?t=${10 * 60_000}`);
  await until('the middle', async () => Math.abs(((await clock()) ?? 0) - start - 10 * 60_000) < 2_000);
  // Whoever looks for a moment is served first: what is fetched for later waits, and comes when it is quiet.
  let held;
  const later = new Promise((asked) => {
    held = async (route) => {
      const url = new URL(route.request().url());
      const length = Number(url.searchParams.get('to')) - Number(url.searchParams.get('from'));
      // What the viewer waits for is short.
      if (length < 120_000) return route.continue();
      asked();
      return undefined;
    };
  });
  const given = new Promise((up) => page.on('requestfailed', (request) => request.url().includes('format=chunk') && up(request.failure().errorText)));
  await page.route('**/events?format=chunk*', held);
  await page.reload();
  await later;
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('End');
  assert.match(await given, /ABORTED/, 'the request for later is given up');
  await until('the end, although that one was never answered', async () => ((await clock()) ?? 0) > start + 19 * 60_000);
  await page.unroute('**/events?format=chunk*');
});

// ── Hostile recordings ────────────────────────────────────────────────────

/** Opens a recording and reports what it reached. */
async function visit(events) {
  const asked = [];
  const opened = [];
  const hear = (request) => request.url().startsWith('https:') && asked.push(request.url());
  const hearPage = (other) => opened.push(other.url());
  page.on('request', hear);
  page.context().on('page', hearPage);
  page.on('dialog', (dialog) => (opened.push(dialog.message()), dialog.dismiss()));
  page.on('download', (download) => opened.push(download.url()));
  const { sid } = await upload(events);
  await show(sid);
  await shown();
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('End');
  await until('the last moment is shown', () => inReplay(page, () => document.documentElement.dataset.last === 'yes' || document.querySelector('.is-last') !== null));
  page.off('request', hear);
  page.context().off('page', hearPage);
  const polluted = [];
  for (const frame of page.frames()) {
    const found = await frame.evaluate(() => ({ ran: self.ran, polluted: {}.polluted })).catch(() => ({}));
    polluted.push(found.ran, found.polluted);
  }
  return { asked, opened, polluted, title: await page.title(), url: page.url() };
}

const last = [30_000, change({ adds: [{ parentId: 4, nextId: null, node: element(999, 'i', { class: 'is-last' }) }] })];

function assertHarmless(name, { asked, opened, polluted, title, url }) {
  assert.deepEqual(asked.filter((address) => !PASSIVE.test(address)), [], `${name}: only what a page shows is asked for`);
  assert.deepEqual(opened, [], `${name}: nothing opens`);
  assert.deepEqual(polluted.filter((found) => found !== undefined), [], `${name}: nothing ran, and no prototype changed`);
  assert.notEqual(title, 'owned', name);
  assert.ok(url.startsWith(`${worker.url}/dashboard/#/s/demo/`), `${name}: the page stays`);
}

for (const [name, nodes] of Object.entries(HOSTILE)) {
  test(`hostile: ${name}`, { timeout: 60_000 }, async () => {
    // In the body, then in the head.
    for (const place of [full(nodes), full([], nodes)]) {
      assertHarmless(name, await visit([[0, meta()], [1, place], last]));
    }
  });
}

for (const [name, events] of Object.entries(MALFORMED)) {
  test(`malformed: ${name}`, { timeout: 60_000 }, async () => {
    const timed = events.map((event, i) => [1_000 + i * 500, event]);
    assertHarmless(name, await visit([[0, meta()], [1, full([])], ...timed, last]));
    if (name === 'events of other shapes') {
      await page.getByTestId('pane-details').click();
      await until('it says so', async () => /The player could not show something: ./.test(await page.locator('#panel-details').innerText()));
      await page.getByTestId('pane-activity').click();
    }
  });
}

test('the frame is of no origin and reaches nothing', async () => {
  const frame = outer();
  assert.equal(await frame.evaluate(() => self.origin), 'null');
  const refused = (look) => frame.evaluate(look).then((value) => value, () => 'refused');
  assert.equal(await refused(() => { try { return parent.document.title; } catch { return 'refused'; } }), 'refused');
  assert.equal(await refused(() => { try { return document.cookie; } catch { return 'refused'; } }), 'refused');
  assert.equal(await refused(() => fetch('https://exfil.example/').then(() => 'came', () => 'refused')), 'refused');
  assert.equal(await refused((url) => fetch(url).then(() => 'came', () => 'refused')), 'refused');
});
