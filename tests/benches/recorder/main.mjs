// `cargo xtask bench recorder`: what recording costs a page, each figure beside its baseline
// in the same run. Variants take turns within a round, rounds are repeated, and rrweb alone
// runs twice: what these two differ by is noise. docs/performance.md explains the figures.
import { launch, root } from '../../e2e/support.mjs';
import { around, median, shown, table } from './figures.mjs';
import { Host } from './host.mjs';
import { Bench } from './measure.mjs';
import { page } from './page.mjs';
import { sizes } from './sizes.mjs';
import { AGAIN, BASELINE, VARIANTS, files } from './variants.mjs';

/** How often and how long; the short form only shows that everything is measured. */
export const FULL = { rows: 600, rounds: 5, changes: 4_000, snapshots: 4, loads: 4, uploads: 1, busy: 20_000 };
export const SHORT = { rows: 40, rounds: 1, changes: 200, snapshots: 1, loads: 1, uploads: 1, busy: 500 };

const OURS = 'Sentiero';
const ALL = Object.keys(VARIANTS);
const UPLOADING = ALL.filter((name) => name === OURS || name.includes('fflate'));

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
  const rows = ALL.map((name) => [
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

function uploadTable(values) {
  const bytes = (name) => values[name].map((one) => one.bytes / 1000);
  const rows = UPLOADING.map((name) => [
    name,
    around(bytes(name)),
    shown(median(values[name].map((one) => one.events)), 0),
    shown(median(values[name].map((one) => one.uploads)), 0),
    `${shown(median(bytes(name)) / median(bytes(OURS)), 2)}×`,
  ]);
  return table([['', 'KB', 'events', 'uploads', 'to ours'], ...rows]);
}

function sizeTable(list) {
  const kb = (bytes) => shown(bytes / 1000, 2);
  const rows = list.map(({ what, when, raw, gz, br }) => [what, when, kb(raw), kb(gz), kb(br)]);
  return table([['file', 'loaded', 'raw KB', 'gz KB', 'br KB'], ...rows]);
}

/** Measures everything; `say` gets the tables as text. Gives the figures as values. */
export async function run(plan, say) {
  const found = await files(root);
  const browser = await launch();
  const host = await Host.start(found, { '/busy': page(plan.rows), '/empty': page(0, 1) });
  try {
    const bench = new Bench(browser, host);
    const started = performance.now();

    // As many compressions as 5 s make at 200 changes a second.
    const cost = await rounds(plan.rounds, ALL, (name) => bench.cost(name, plan.changes, 1_000));
    say(`Main thread, ${plan.changes} changes, ${plan.rounds} rounds, median ± half the distance of the quartiles\n\n${costTable(cost)}\n`);

    const recording = ALL.filter((name) => name !== 'no recorder');
    const snapshot = await rounds(plan.snapshots, recording, (name) => bench.snapshot(name));
    say(`Snapshot, CPU four times slower, ${plan.snapshots} rounds\n\n${snapshotTable(snapshot)}\n`);

    const load = await rounds(plan.loads, ALL, (name) => bench.load(name));
    say(`Load, a page without content, ${plan.loads} rounds\n\n${loadTable(load)}\n`);

    const upload = await rounds(plan.uploads, UPLOADING, (name) => bench.upload(name, plan.busy));
    say(`Upload of ${plan.busy / 1000} s with 200 changes a second, scrolling and typing, ${plan.uploads} rounds\n\n${uploadTable(upload)}\n`);

    const size = sizes(found);
    say(`Download, gzip -9 and brotli -q 11\n\n${sizeTable(size)}\n`);
    say(`Chromium ${browser.version()}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return { cost, snapshot, load, upload, size };
  } finally {
    await browser.close();
    host.stop();
  }
}

if (process.argv[1] === import.meta.filename) {
  await run(process.argv.includes('--short') ? SHORT : FULL, (text) => console.log(text));
}
