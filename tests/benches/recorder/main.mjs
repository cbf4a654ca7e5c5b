// `cargo xtask bench recorder`: what recording costs a page, each figure beside its baseline
// in the same run. Variants take turns within a round, rounds are repeated, and rrweb alone
// runs twice: what these two differ by is noise. docs/performance.md explains the figures.
//
//     node tests/benches/recorder/main.mjs [--short] [--another FOLDER] [--only cost,upload] [--rounds N]
//
// measures what is built already, FOLDER beside it: another build, of which sentiero.js and r/.
import { parseArgs } from 'node:util';
import { launch, root } from '../../e2e/support.mjs';
import { around, median, shown, table } from './figures.mjs';
import { Host } from './host.mjs';
import { Bench } from './measure.mjs';
import { page, shop } from './page.mjs';
import { sizes } from './sizes.mjs';
import { AGAIN, BASELINE, OURS, VARIANTS, files, namesOf } from './variants.mjs';

/** How often and how long; the short form only shows that everything is measured. */
export const FULL = { rows: 600, rounds: 5, changes: 4_000, snapshots: 4, loads: 4, uploads: 1, busy: 20_000 };
export const SHORT = { rows: 40, rounds: 1, changes: 200, snapshots: 1, loads: 1, uploads: 1, busy: 500 };

/** What is measured, in this order. */
const MEASURED = ['cost', 'snapshot', 'load', 'upload', 'shop', 'size'];

/** Of these the upload is measured: it is the same whichever thread packs it. */
const isUploading = (name) => (VARIANTS[name].product && !VARIANTS[name].before) || name.includes('fflate');

/** Values of `measure` by variant, the variants in turn and each round from another one on. */
async function rounds(times, names, measure) {
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < times; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      values[name].push(await measure(name));
    }
  }
  return values;
}

/** By round, `of` less what rrweb alone has in it: of two visits, where there are two. */
function added(values, name, of) {
  const baseline = (round) => (of(values[BASELINE][round]) + of((values[AGAIN] ?? values[BASELINE])[round])) / 2;
  return values[name].map((one, round) => of(one) - baseline(round));
}

/** By round, what rrweb alone differs by from itself. */
function noise(values, of) {
  return values[AGAIN].map((one, round) => of(one) - of(values[BASELINE][round]));
}

function costTable(values) {
  const events = median(values[OURS].map((one) => one.events));
  const each = (ms) => (ms / events) * 1000;
  const script = (one) => each(one.script);
  const ours = median(added(values, OURS, script));
  const rows = Object.keys(values).map((name) => [
    name,
    around(values[name].map(script)),
    around(added(values, name, script)),
    [BASELINE, AGAIN, 'no recorder'].includes(name) ? '' : `${shown(median(added(values, name, script)) / ours)}×`,
    around(values[name].map(({ ms }) => each(ms)), 0),
    around(values[name].map(({ heap }) => heap), 2),
    around(added(values, name, ({ heap }) => heap), 2),
  ]);
  const header = ['', 'script, ms per 1 000 events', 'added to rrweb alone', 'to ours', 'all tasks, ms', 'heap after, MB', 'added'];
  return `${table([header, ...rows])}

${events} events a visit. rrweb alone differs from itself by ${around(noise(values, script))} ms.`;
}

function snapshotTable(values) {
  const longest = (one) => one.longest;
  const rows = Object.keys(values).map((name) => [
    name,
    around(values[name].map(longest), 0),
    around(added(values, name, longest), 0),
    around(values[name].map(({ next }) => next), 0),
  ]);
  return `${table([['', 'longest task, ms', 'added to rrweb alone', 'second longest, ms'], ...rows])}

rrweb alone differs from itself by ${around(noise(values, longest), 0)} ms.`;
}

function loadTable(values) {
  const rows = Object.keys(values).map((name) => [
    name,
    around(values[name].map(({ script }) => script)),
    around(added(values, name, ({ script }) => script)),
    around(values[name].map(({ task }) => task)),
    around(values[name].map(({ heap }) => heap), 2),
  ]);
  return table([['', 'script, ms', 'added to rrweb alone', 'all tasks, ms', 'heap, MB'], ...rows]);
}

/** The largest upload is the one with the snapshot. */
function uploadTable(values) {
  const kb = (name, of) => around(values[name].map((one) => of(one) / 1000));
  const count = (name, of) => shown(median(values[name].map(of)), 0);
  const rows = Object.keys(values).map((name) => [
    name,
    kb(name, ({ bytes }) => bytes),
    kb(name, ({ largest }) => largest),
    kb(name, ({ raw }) => raw),
    count(name, ({ events }) => events),
    count(name, ({ uploads }) => uploads),
  ]);
  return table([['', 'KB', 'of it the snapshot', 'inflated', 'events', 'uploads'], ...rows]);
}

function sizeTable(list) {
  const kb = (bytes) => shown(bytes / 1000, 2);
  const rows = list.map(({ what, when, raw, gz, br }) => [what, when, kb(raw), kb(gz), kb(br)]);
  return table([['file', 'loaded', 'raw KB', 'gz KB', 'br KB'], ...rows]);
}

/** Measures what `plan.only` names, or everything; `say` gets the tables as text. Gives the figures as values. */
export async function run(plan, say) {
  const { another, only = MEASURED } = plan;
  const found = await files(root, another);
  const names = namesOf(another);
  const browser = await launch();
  const demo = shop(root);
  const host = await Host.start(new Map([...demo.files, ...found]), { '/busy': page(plan.rows), '/empty': page(0, 1), '/shop/': demo.html });
  try {
    const bench = new Bench(browser, host);
    const started = performance.now();
    const uploads = (path, what) => ({
      values: () => rounds(plan.uploads, names.filter(isUploading), (name) => bench.upload(name, path, plan.busy)),
      title: `Upload of ${plan.busy / 1000} s of ${what} with 200 changes a second, scrolling and typing, ${plan.uploads} rounds`,
      table: uploadTable,
    });
    const steps = {
      cost: {
        // As many compressions as 5 s make at 200 changes a second.
        values: () => rounds(plan.rounds, names, (name) => bench.cost(name, plan.changes, 1_000)),
        title: `Main thread, ${plan.changes} changes, ${plan.rounds} rounds, median ± half the distance of the quartiles`,
        table: costTable,
      },
      snapshot: {
        values: () => rounds(plan.snapshots, names.filter((name) => name !== 'no recorder'), (name) => bench.snapshot(name)),
        title: `Snapshot, CPU four times slower, ${plan.snapshots} rounds`,
        table: snapshotTable,
      },
      load: {
        values: () => rounds(plan.loads, names, (name) => bench.load(name)),
        title: `Load, a page without content, ${plan.loads} rounds`,
        table: loadTable,
      },
      upload: uploads('/busy', 'the back office'),
      shop: uploads('/shop/', 'the demo shop'),
      size: { values: () => sizes(found), title: 'Download, gzip -9 and brotli -q 11', table: sizeTable },
    };
    const figures = {};
    for (const what of only) {
      const { values, title, table } = steps[what];
      figures[what] = await values();
      say(`${title}\n\n${table(figures[what])}\n`);
    }
    say(`Chromium ${browser.version()}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return figures;
  } finally {
    await browser.close();
    host.stop();
  }
}

function planOf(args) {
  const { values } = parseArgs({
    args,
    options: { short: { type: 'boolean' }, another: { type: 'string' }, only: { type: 'string' }, rounds: { type: 'string' } },
  });
  const { short, another, only, rounds } = values;
  const plan = { ...(short ? SHORT : FULL), another, only: only?.split(',') };
  const unknown = plan.only?.find((what) => !MEASURED.includes(what));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${MEASURED.join(', ')}`);
  const times = rounds && Number(rounds);
  return times ? { ...plan, rounds: times, snapshots: times, loads: times, uploads: times } : plan;
}

if (process.argv[1] === import.meta.filename) {
  await run(planOf(process.argv.slice(2)), (text) => console.log(text));
}
