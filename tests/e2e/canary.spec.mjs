// The canary suite: thousands of secrets, each planted on one known path through a page,
// and none of them may be found in anything that leaves the browser or is kept.
//
// canary/paths.mjs is the table of paths and of what holds for them. The other files there
// make secrets, plant them, search for them, and turn rules off.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as esbuild from 'esbuild';
import { Haystack, leaks, summary, table } from './canary/haystack.mjs';
import { Host } from './canary/host.mjs';
import { MUTANTS, changeOf, hasSwitches } from './canary/mutants.mjs';
import { plant, visitReact, visitShop, visitStatic } from './canary/pages.mjs';
import { REACT, SHOP, STATIC } from './canary/paths.mjs';
import './canary/search.tests.mjs';
import { generator } from './canary/secrets.mjs';
import { MODES, siteOf } from './canary/tag.mjs';
import { Api, Worker, launch, root, until } from './support.mjs';

const FULL = process.env.SENTIERO_FULL === '1';
const SEEDS = FULL ? [11, 22, 33] : [11];
/** How often each path is planted in one page. */
const COPIES = FULL ? 3 : 1;

let folder;
let host;
let worker;
let browser;
let bundle;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentiero-canary-'));
  host = await Host.start();
  const site = (mode) => {
    const file = join(folder, `${mode}.json`);
    writeFileSync(file, JSON.stringify(siteOf(mode, host.url)));
    return [`canary-${mode}`, file];
  };
  // Long enough for a look at the objects of visits before they are finished.
  worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '4' }, Object.fromEntries(MODES.map(site)));
  host.upstream = worker.url;
  browser = await launch();
  const entry = join(root, 'tests/e2e/canary/react-page.jsx');
  const built = await esbuild.build({ entryPoints: [entry], bundle: true, write: false, format: 'esm', jsx: 'automatic', minify: true, define: { 'process.env.NODE_ENV': '"production"' } });
  bundle = built.outputFiles[0].text;
});
after(async () => {
  await browser?.close();
  host?.stop();
  await worker?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const PAGES = [
  { page: 'static', paths: STATIC, copies: COPIES, open: visitStatic },
  { page: 'react', paths: REACT, copies: COPIES, open: visitReact },
  { page: 'shop', paths: SHOP, copies: 1, open: visitShop },
];

/** Visits a page of each kind in `mode`. */
async function visitAll(secret, mode) {
  const runs = [];
  for (const { page, paths, copies, open } of PAGES) {
    const visited = await open({ browser, host, bundle, mode, plants: plant(secret, paths, mode, copies) });
    runs.push({ page, mode, ...visited });
  }
  return runs;
}

/** When every session is in R2 and KV. */
async function finished(runs) {
  for (const mode of MODES) {
    const api = await Api.signIn(worker.url, `canary-${mode}`);
    for (const { sid } of runs.filter((run) => run.mode === mode)) {
      await until('the session is finished', async () => (await api.detail(sid)).live === false, 60_000);
    }
  }
}

/** Paths found although hidden, as `mode path`. A mutant has to be caught by others. */
const known = new Set();

test('no secret leaves a page or is kept, in any mode', { timeout: 20 * 60_000 }, async (t) => {
  const haystack = new Haystack();
  const runs = [];
  for (const seed of SEEDS) {
    const secret = generator(seed);
    runs.push(...(await Promise.all(MODES.map((mode) => visitAll(secret, mode)))).flat());
  }
  haystack.addStored(worker);
  await finished(runs);
  haystack.addStored(worker);
  haystack.addUploads(host.uploads);
  haystack.add('addresses asked for', host.asked.map((url) => Buffer.from(url)));
  haystack.add('the browser\'s storage', runs.flatMap(({ kept }) => kept));

  const planted = runs.flatMap((run) => run.planted);
  const hits = haystack.search(planted);
  console.log(summary(runs, hits));
  console.log(table([['searched', 'bytes'], ...haystack.sizes()]));
  for (const one of planted) if (one.expect === 'hidden' && hits.has(one)) known.add(`${one.mode} ${one.path}`);

  await t.test('every secret was on its page', () => {
    assert.deepEqual(runs.flatMap(({ unseen, mode }) => unseen.map(({ path }) => `${path} (${mode})`)), []);
  });
  await t.test('what may be shown is in the uploads and in the storage', () => {
    const missed = (place) => planted
      .filter((one) => one.expect === 'shown' && ![...(hits.get(one)?.whole ?? [])].some((found) => found.startsWith(place)))
      .map(({ path, mode }) => `${path} (${mode})`);
    assert.deepEqual(missed('uploads'), []);
    assert.deepEqual(missed('r2/sentiero-recordings'), []);
  });
  await t.test('every kind of storage was searched', () => {
    const places = new Set([...hits.values()].flatMap(({ whole }) => [...whole]));
    for (const place of ['uploads', 'r2/sentiero-recordings', 'kv/KV', 'do/sentiero-SessionObject, rows', 'do/sentiero-IndexObject, rows']) {
      assert.ok(places.has(place), `nothing at all was found in ${place}`);
    }
  });
  await t.test('nothing was sent elsewhere', () => {
    assert.deepEqual(runs.flatMap(({ foreign }) => foreign), []);
    assert.deepEqual(host.uploads.filter(({ status }) => status !== 200).map(({ status, url }) => `${status} ${url}`), []);
  });
  await t.test('no hidden secret was found', () => {
    const found = leaks(planted, hits);
    assert.equal(found.length, 0, `secrets of ${found.length} paths were found:\n${found.join('\n')}`);
  });
});

/** Visits `mutant`'s page with its rule turned off; gives the hidden paths that were found. */
async function caughtBy(mutant, number) {
  const base = host.mutant(`${number}`, changeOf(mutant));
  const chosen = (paths) => plant(secret, paths.filter(({ name }) => mutant.paths.test(name)), mutant.mode);
  const secret = generator(1_000 + number);
  const pages = [[visitStatic, chosen(STATIC)], [visitReact, chosen(REACT)]].filter(([, plants]) => plants.length);
  for (const [open, plants] of pages) await open({ browser, host, bundle, mode: mutant.mode, plants, base });
  const haystack = new Haystack();
  haystack.addUploads(host.uploads.filter((upload) => upload.mutant === `${number}`));
  const planted = pages.flatMap(([, plants]) => plants);
  const hits = haystack.search(planted);
  const found = planted.filter((one) => one.expect === 'hidden' && hits.has(one) && !known.has(`${one.mode} ${one.path}`));
  return [...new Set(found.map(({ path }) => path))];
}

describe('with one rule turned off, secrets are found', { concurrency: 3 }, () => {
  for (const [number, mutant] of MUTANTS.entries()) {
    const skip = mutant.rust && !hasSwitches ? 'no engine with switches was built' : false;
    test(mutant.name, { skip, timeout: 120_000 }, async () => {
      const caught = await caughtBy(mutant, number);
      console.log(`without "${mutant.name}": ${caught.length} paths, ${caught.slice(0, 5).join('; ')}`);
      assert.notEqual(caught.length, 0, 'nobody noticed that this rule is off');
    });
  }
});
