// Which clicks are told as dead: real clicks in a browser, real recorder and worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servePage, sessionOf, stage, storedEvents, until } from './support.mjs';

let worker;
let browser;
let api;
stage((all) => ({ worker, browser, api } = all));

const PAGE = `<script src="/sentiero.js" data-site="demo" data-start="load"></script>
  <style>body > * { display: block; margin: 30px }</style>
  <button id="nothing">Not wired to anything</button>
  <input type="button" id="no-field" value="Neither is this">
  <a id="nowhere" href="javascript:void 0">Leads nowhere</a>
  <label for="mail" id="label">Mail</label>
  <input id="mail">
  <div id="editable" contenteditable>Write here</div>
  <a id="download" download="list.txt" href="data:text/plain,list">Download</a>
  <video id="video" controls width="200" height="100"></video>
  <p id="words">Words that somebody chooses</p>`;

/** What a visitor does, and how many dead clicks that is; each on a page of its own. */
const DEEDS = {
  'a dead button, pressed once': [1, (page) => page.click('#nothing')],
  'a button that is an input': [1, (page) => page.click('#no-field')],
  'a link that leads nowhere': [1, (page) => page.click('#nowhere')],
  'a field': [0, (page) => page.click('#mail')],
  'a field that has the focus already': [0, async (page) => {
    await page.focus('#mail');
    await page.click('#mail');
  }],
  'the label of a field': [0, (page) => page.click('#label')],
  'text that is edited': [0, (page) => page.click('#editable')],
  'a download': [0, async (page) => {
    const download = page.waitForEvent('download');
    await page.click('#download');
    await (await download).cancel();
  }],
  'a video': [0, (page) => page.click('#video', { position: { x: 20, y: 20 } })],
  'words that are selected': [0, async (page) => {
    const box = await page.locator('#words').boundingBox();
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + 2, y);
    await page.mouse.down();
    await page.mouse.move(box.x + 120, y, { steps: 5 });
    await page.mouse.up();
  }],
};

for (const [deed, [dead, act]] of Object.entries(DEEDS)) {
  test(`${deed}: ${dead ? 'dead' : 'not dead'}`, async () => {
    const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
    await servePage(context, () => PAGE);
    const page = await context.newPage();
    await page.goto(`${worker.url}/page`);
    const sid = await sessionOf(page);
    await act(page);
    const clicked = await page.evaluate(() => Date.now());
    // The page is recorded on for longer than a click waits for its answer; nothing of that
    // is an answer.
    await until('the page is seen for longer', () => page.evaluate((at) => Date.now() > at + 700, clicked));
    await page.mouse.move(900, 880);
    await page.mouse.move(905, 885);
    await until('all of it is stored', async () => {
      await page.evaluate(() => window.Sentiero.flush());
      const events = await storedEvents(api, sid);
      return events.some(({ type, data }) => type === 3 && data.source === 2 && data.type === 2) && events.at(-1).timestamp > clicked + 500;
    });
    await until('it is listed', async () => (await api.sessions()).some((row) => row.sid === sid && row.clicks));
    const row = (await api.sessions()).find((one) => one.sid === sid);
    assert.equal(row.dead, dead);
    await context.close();
  });
}
