// Drives the shop as visitors do, and writes what was recorded of each into a folder:
// `N.chunk`, the stored batches, and `N.json`, who it was and where they paused.
// `cargo xtask demo` runs it and makes thousands of them.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Api, Worker, launch, sessionOf, until } from '../e2e/support.mjs';
import { COUNTRIES, DEVICES, SOURCES } from './personas.mjs';
import { randomOf } from './random.mjs';
import { Shopper } from './shopper.mjs';
import { LONG, STORIES } from './stories.mjs';

/** Browsers at work at a time. */
const AT_ONCE = 3;
/** How long a visit may take, ms; of the long stories, each. */
const PATIENCE = 240_000;
const LONG_PATIENCE = 1_800_000;
/** A busy browser now and then leaves a gesture without an answer: then the visit is made anew. */
const TRIES = 2;

function options() {
  const { values } = parseArgs({
    options: {
      visits: { type: 'string' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      long: { type: 'boolean', default: false },
      story: { type: 'string', multiple: true, default: [] },
    },
  });
  const visits = Number(values.visits);
  if (!Number.isInteger(visits) || visits < 1) throw new Error(`--visits takes a number from 1, not ${values.visits}`);
  if (!values.out) throw new Error('--out needs a folder');
  return { ...values, visits, seed: Number(values.seed) };
}

/** Each story once, as far as there are visits; then by weight. */
function plan({ visits, seed, long, story: names }) {
  const random = randomOf(seed, 'plan');
  const known = [...STORIES, ...LONG];
  const unknown = names.find((name) => !known.some((story) => story.name === name));
  if (unknown) throw new Error(`there is no story \`${unknown}\`; there are ${known.map(({ name }) => name).join(', ')}`);
  const wanted = names.length ? known.filter(({ name }) => names.includes(name)) : STORIES;
  const stories = [...wanted].sort((a, b) => b.weight - a.weight);
  while (stories.length < visits) stories.push(random.weighted(wanted));
  stories.length = visits;
  if (long) stories.push(...LONG);
  return stories.map((chosen, number) => ({ number, story: chosen, persona: personaOf(chosen, randomOf(seed, `who ${number}`)) }));
}

function personaOf({ on }, random) {
  const devices = DEVICES.filter(({ kind }) => !on || kind === on);
  return { device: random.weighted(devices), place: random.weighted(COUNTRIES), source: random.weighted(SOURCES) };
}

const contextOf = ({ device, place }) => ({
  userAgent: device.agent,
  viewport: device.viewport,
  screen: device.viewport,
  deviceScaleFactor: device.scale,
  hasTouch: device.kind !== 'desktop',
  isMobile: device.kind === 'phone',
  locale: place.locale,
  timezoneId: place.zone,
});

/** What `work` gives, unless it takes longer than `ms`. */
async function within(ms, work) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(reject, ms, new Error(`it has not ended after ${ms / 1_000} s`))));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function visit(scene, planned) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await record(scene, planned);
    } catch (error) {
      if (attempt === TRIES) throw error;
      console.error(`${error.message}; once more`);
    }
  }
}

async function record({ worker, api, browser, seed, out }, { number, story, persona }) {
  const context = await browser.newContext(contextOf(persona));
  try {
    const shopper = new Shopper(context, worker.url, persona, randomOf(seed, `does ${number}`));
    await within(LONG.includes(story) ? LONG_PATIENCE : PATIENCE, story.run(shopper));
    const sid = await sessionOf(shopper.page);
    for (const page of shopper.pages) {
      await page.evaluate(() => window.Sentiero.flush());
      await page.goto('about:blank');
    }
    await until(`visit ${number} (${story.name}) has arrived`, async () => {
      const known = await api.detail(sid).catch(() => undefined);
      return known?.tab_list.every(({ ended, gaps }) => ended && !gaps.length) ? known : undefined;
    });
    const chunk = await api.get(`sessions/${sid}/events?format=chunk`);
    writeFileSync(join(out, `${number}.chunk`), Buffer.from(await chunk.arrayBuffer()));
    const { agent, browser: family, os, device } = persona.device;
    const { name, weight, shows, gaps = false } = story;
    const facts = { story: { name, weight, shows, gaps }, agent, browser: family, os, device, country: persona.place.country, pauses: shopper.pauses };
    writeFileSync(join(out, `${number}.json`), JSON.stringify(facts));
  } catch (error) {
    throw new Error(`visit ${number}, ${story.name} on a ${persona.device.kind}: ${error.message}`, { cause: error });
  } finally {
    await context.close();
  }
}

async function main() {
  const given = options();
  const visits = plan(given);
  // What was there stays until all is recorded: a part of it would be taken for the whole.
  const part = `${given.out}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1' });
  const browser = await launch();
  try {
    const scene = { ...given, out: part, worker, browser, api: await Api.signIn(worker.url) };
    const waiting = [...visits];
    let done = 0;
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await visit(scene, next);
        done += 1;
        process.stdout.write(`${JSON.stringify({ done, of: visits.length, story: next.story.name })}\n`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    rmSync(given.out, { recursive: true, force: true });
    renameSync(part, given.out);
  } finally {
    await browser.close();
    await worker.stop();
  }
}

try {
  await main();
} catch (error) {
  console.error(`error: ${error.stack ?? error.message}`);
  process.exitCode = 1;
}
