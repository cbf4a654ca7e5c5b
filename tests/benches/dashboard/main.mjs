// `cargo xtask bench dashboard`: what a long recording costs who watches it, on local workerd:
// time to the first frame, time of a seek, memory. What rrweb itself takes is told apart: the
// player measures it (`performance.measure`), and ours is the rest. docs/performance.md
// explains the figures.
//
//     node tests/benches/dashboard/main.mjs [--short] [--shape NAME] [--opens N] [--seeks N] [--playback MINUTES]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker, launch, root, signIn, until } from '../../e2e/support.mjs';
import { median, shown, table } from '../recorder/figures.mjs';
import { upload } from './recording.mjs';

/** Two recordings of the same size: with a keyframe a minute, and as a recorder makes it unless it is told otherwise. */
export const FULL = {
  shapes: {
    'a keyframe a minute': { minutes: 60, megabytes: 50, keyframe: 60 },
    'one keyframe': { minutes: 60, megabytes: 50, keyframe: 0 },
  },
  opens: 3,
  seeks: 24,
  playback: 10,
};
export const SHORT = { shapes: { 'a keyframe a minute': { minutes: 3, megabytes: 1, keyframe: 60 } }, opens: 1, seeks: 3, playback: 0.5 };

const share = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * part) - 1)];

/** The isolated frame, which lives as long as the page load is shown. */
const player = (page) => until('the player is there', () => page.frames().findLast((frame) => frame.url().startsWith('data:') && !frame.isDetached()), 20_000);

/** When the replayed page's clock is in the range, by the browser's clock; it is asked at every frame. */
function clockIn(frame, from, to) {
  return frame.evaluate(
    ([from, to]) =>
      new Promise((resolve) => {
        const look = () => {
          const clock = document.querySelector('iframe')?.contentDocument?.getElementById('clock');
          const now = Number(clock?.className.slice(4));
          if (now >= from && now <= to) resolve(performance.timeOrigin + performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
    [from, to],
  );
}

/** What the last load and move cost inside the player, ms. */
const inPlayer = (frame) =>
  frame.evaluate(() => {
    const took = (name) => performance.getEntriesByName(name).at(-1)?.duration ?? 0;
    const all = { parse: took('sentiero:parse'), rrweb: took('sentiero:load') + took('sentiero:go') };
    performance.clearMeasures();
    return all;
  });

/** Resident bytes of the browser's processes that show pages. */
async function resident(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pages = processInfo.filter(({ type }) => type === 'renderer');
  const of = ({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
  return pages.reduce((sum, process) => sum + of(process), 0);
}

/** Bytes of JavaScript's heap after a collection: the page with the frame. */
async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

async function open(page, url, sid) {
  await page.goto(`${url}/dashboard/#/s/demo`);
  await page.getByTestId('session-row').first().waitFor();
  const from = await page.evaluate((sid) => {
    const now = performance.timeOrigin + performance.now();
    location.hash = `#/s/demo/${sid}`;
    return now;
  }, sid);
  return { from, frame: await player(page) };
}

/** Of `1:02:03` the ms. */
function offset(clock) {
  const [hours, minutes, seconds] = `0:0:${clock}`.split(':').slice(-3).map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}

async function measure(browser, url, recording, { opens, seeks, playback }) {
  const { sid, start } = recording;
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  await signIn(page, url);
  await page.getByTestId('session-row').first().waitFor();
  const first = [];
  let frame;
  for (let i = 0; i < opens; i += 1) {
    const opened = await open(page, url, sid);
    frame = opened.frame;
    const seen = await clockIn(frame, start, start + 1_000);
    const { parse, rrweb } = await inPlayer(frame);
    first.push({ all: seen - opened.from, parse, rrweb });
  }
  const length = offset(await page.getByTestId('time-total').innerText());

  // Seeks, before all is loaded and after.
  const line = await page.getByTestId('timeline').boundingBox();
  const moves = [];
  let state = 12_345;
  let last = 0;
  for (let i = 0; i < seeks; i += 1) {
    let to;
    do {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      to = 0.02 + (0.96 * (state >>> 8)) / 2 ** 24;
    } while (Math.abs(to - last) < 0.05);
    last = to;
    // Idle times take little of the line: it says itself what is there.
    await page.mouse.move(line.x + to * line.width, line.y + line.height / 2);
    const at = start + offset(await page.locator('.timeline .hint-time').innerText());
    const reach = Math.max(2_000, (2 * length) / line.width);
    const landed = clockIn(frame, at - reach, at + reach);
    const from = Date.now();
    await page.mouse.click(line.x + to * line.width, line.y + line.height / 2);
    const seen = await landed;
    moves.push({ all: seen - from, ...(await inPlayer(frame)) });
  }

  // Playing fast, on through the recording.
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('Home');
  await clockIn(frame, start, start + 1_000);
  const skip = page.getByTestId('skip-idle');
  if ((await skip.getAttribute('aria-checked')) === 'true') await skip.click();
  const before = { heap: await heap(page), resident: await resident(browser) };
  await page.getByTestId('speed').getByRole('button', { name: '16 times' }).click();
  await page.getByTestId('play').click();
  const began = Date.now();
  await clockIn(frame, start + playback * 60_000, start + length);
  const took = Date.now() - began;
  await page.getByTestId('pause').click();
  const after = { heap: await heap(page), resident: await resident(browser) };
  await page.close();
  return { first, moves, before, after, speed: (playback * 60_000) / took };
}

const MB = 1e6;
function rows(name, recording, { first, moves, before, after, speed }) {
  const ms = (values) => `${shown(median(values), 0)} (p95 ${shown(share(values, 0.95), 0)})`;
  const of = (list, key) => list.map((one) => one[key]);
  const ours = (list) => list.map(({ all, parse, rrweb }) => all - parse - rrweb);
  return [
    [name, `${shown(recording.raw / MB, 0)} MB, ${recording.events} events`, `${shown(recording.bytes / MB)} MB stored`],
    ['first frame, ms', ms(of(first, 'all')), `of it rrweb ${ms(of(first, 'rrweb'))}`],
    ['seek, ms', ms(of(moves, 'all')), `of it rrweb ${ms(of(moves, 'rrweb'))}`],
    ['… without rrweb, ms', ms(ours(moves)), `JSON.parse in the frame ${ms(of(moves, 'parse'))}`],
    ['JavaScript heap, MB', `${shown(before.heap / MB)} at the start`, `${shown(after.heap / MB)} after playing`],
    ['all page processes, MB', `${shown(before.resident / MB, 0)} at the start`, `${shown(after.resident / MB, 0)} after playing`],
    ['16× is', `${shown(speed)}×`, ''],
  ];
}

export async function run(size, say = console.log) {
  const worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '1' });
  const browser = await launch();
  const results = {};
  try {
    for (const [name, shape] of Object.entries(size.shapes)) {
      const recording = await upload(worker.url, 'demo', shape);
      results[name] = await measure(browser, worker.url, recording, size);
      say(table(rows(name, recording, results[name])));
      say('');
    }
  } finally {
    await browser.close();
    await worker.stop();
  }
  return results;
}

/** What is asked for: less of a measurement, or more. */
export function sized({ short, shape, ...numbers }) {
  const size = { ...(short ? SHORT : FULL) };
  if (shape !== undefined) {
    if (!size.shapes[shape]) throw new Error(`--shape takes ${Object.keys(size.shapes).map((name) => `“${name}”`).join(' or ')}, not “${shape}”`);
    size.shapes = { [shape]: size.shapes[shape] };
  }
  for (const [name, text] of Object.entries(numbers)) {
    if (!(Number(text) > 0)) throw new Error(`--${name} takes a number above 0, not “${text}”`);
    size[name] = Number(text);
  }
  return size;
}

if (process.argv[1] === import.meta.filename) {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { short: { type: 'boolean' }, shape: text, opens: text, seeks: text, playback: text } });
  process.chdir(root);
  await run(sized(values));
}
