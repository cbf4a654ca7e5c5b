// How fast the built module masks: `node recorder-wasm/benches/mask.mjs`, after a build.
//
// The workload has the shape of a busy dashboard page: a snapshot of about 900 KB (a style
// sheet, a table of people, a form, icons) and 4 000 small mutations in batches of 50, as a
// page posts them. Copying into the module and out of it is part of the time; a copy alone
// stands beside it, and fflate compressing the same texts at level 6 unmasked: it had 63 MB/s
// where masking was to have 300, so 4.8 times as much as fflate is what that asks of any
// machine. `packed` is masked in mode `inputs` and compressed.
//
// Copies of `recorder-wasm/pkg`, named as arguments, are measured instead, in turns within
// each round: on a machine that is not alone, only figures of one run can be compared.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'fflate';

const ROUNDS = 40;
const given = argv.slice(2).map((folder) => pathToFileURL(`${resolve(folder)}/`));
const builds = [];
for (const pkg of given.length ? given : [new URL('../pkg/', import.meta.url)]) {
  const { Port, initSync } = await import(new URL('recorder_wasm.js', pkg));
  initSync({ module: new globalThis.WebAssembly.Module(readFileSync(new URL('recorder_wasm_bg.wasm', pkg))) });
  builds.push({ name: basename(pkg.pathname), Port });
}

let id = 1;
const element = (tagName, attributes, childNodes = []) => ({ type: 2, tagName, attributes, childNodes, id: (id += 1) });
const text = (textContent) => ({ type: 3, textContent, id: (id += 1) });
const at = 1732000000000;
const hex = (n) => (n * 2654435761 % 4294967296).toString(16).padStart(8, '0');

function sheet() {
  const rules = [];
  for (let i = 0; i < 2600; i += 1) {
    rules.push(`.btn-${i}:hover, .card-${i} > .card-header { color: var(--bs-${i % 40}); padding: ${i % 9}px 1rem; border: 1px solid rgba(0, 0, 0, 0.${i % 9}); }`);
  }
  return rules.join(' ');
}

function row(i) {
  const cells = [`#${1000 + i}`, `Jane Doe ${i}`, `jane.doe${i}@example.org`, `4111 1111 1111 ${1000 + i}`, hex(i).repeat(4), '€ 1,299.00'];
  return element('tr', { class: 'table-row align-middle', 'data-row': `${i}` }, cells.map((cell) => element('td', { class: 'px-3 py-2 text-nowrap' }, [text(cell)])));
}

function field(i) {
  return element('div', { class: 'mb-3 col-md-6' }, [
    element('label', { class: 'form-label', for: `field-${i}` }, [text(`Field number ${i}`)]),
    element('input', { type: 'text', class: 'form-control form-control-lg', id: `field-${i}`, name: `field-${i}`, placeholder: 'Please fill in', value: 'what was typed' }),
  ]);
}

function icon(i) {
  return element('svg', { class: 'bi me-2', width: '16', height: '16', viewBox: '0 0 16 16' }, [element('path', { d: `M${i} 1.5a.5.5 0 0 1 .5-.5H14a1 1 0 0 1 1 1v11.5a.5.5 0 0 1-1 0V2H2v11.5a.5.5 0 0 1-1 0z` })]);
}

function card(i) {
  return element('div', { class: 'card shadow-sm h-100', 'data-testid': `card-${i}` }, [
    element('a', { class: 'card-link stretched-link', href: `https://shop.example/products/${i}?ref=home&position=${i}` }, [text(`\n        A product with a name of some length, number ${i}\n      `)]),
    element('img', { class: 'card-img-top', src: `https://shop.example/images/${i}.webp?w=400`, alt: 'A picture', loading: 'lazy' }),
    icon(i % 9),
  ]);
}

const many = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const page = element('html', { lang: 'en' }, [
  element('head', {}, [element('style', { _cssText: sheet() }), element('title', {}, [text('Orders')])]),
  element('body', { class: 'd-flex' }, [element('table', { class: 'table' }, many(190, row)), element('form', { class: 'row' }, many(24, field)), ...many(420, card)]),
]);
const snapshot = JSON.stringify({ type: 2, data: { node: { type: 0, childNodes: [page], id: 1 }, initialOffset: { left: 0, top: 0 } }, timestamp: at });
const mutation = (i) =>
  JSON.stringify({
    type: 3,
    data: {
      source: 0,
      texts: [{ id: 40 + i, value: `${i} items` }],
      attributes: [{ id: 80 + i, attributes: { class: `badge badge--${i % 2 ? 'on' : 'off'}`, style: { width: `${i % 100}px` } } }],
      removes: [{ parentId: 7, id: 90 + i }],
      adds: [
        { parentId: 7, nextId: null, node: { type: 2, tagName: 'li', attributes: { class: 'list-group-item d-flex justify-content-between' }, childNodes: [], id: 9000 + i } },
        { parentId: 9000 + i, nextId: null, node: { type: 3, textContent: `Order ${i} was placed by Jane Doe`, id: 20000 + i } },
      ],
    },
    timestamp: at + i,
  });
const batches = many(80, (batch) => many(50, (i) => mutation(batch * 50 + i)).join('\n'));

const encoder = new TextEncoder();
/** The numbers of verbs, see src/port.rs. */
const [OPEN, PUSH, TAIL, NEXT] = [0, 1, 15, 16];
const source = (mode) => [mode, '', '', '', '', '', `${'0'.repeat(12)}${'a'.repeat(26)}`, 'aaaaaaaa', 'aaaaaaaa', 800, 600, 'https://a.example/', ''].join('\n');

/** MB/s of the fastest of some rounds, for each of `works`. */
function rates(texts, works) {
  const bytes = texts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  const best = works.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round += 1) {
    works.forEach((work, at) => {
      const run = work();
      const start = performance.now();
      texts.forEach((part) => run.take(part));
      best[at] = Math.min(best[at], performance.now() - start);
      run.free?.();
    });
  }
  return best.map((ms) => bytes / ms / 1000);
}

const masking = (mode) => ({ Port }) => () => {
  const taker = new Port();
  if (!taker.call(OPEN, encoder.encode(`https://a.example/\0${source(mode)}`), 0, 0, 0, 0)) throw new Error('no engine');
  return { take: (part) => taker.call(PUSH, encoder.encode(part), at, 0, 0, 0), free: () => taker.free() };
};
/** Masked and compressed, as a page does that is left. */
const packing = ({ Port }) => () => {
  const taker = new Port();
  const take = (part) => {
    taker.call(TAIL, encoder.encode(`${source('inputs')}\0${part}`), at, 0, 0, 0);
    if (!taker.call(NEXT, new Uint8Array(), at, 1e9, 0, 0)) throw new Error('no body');
  };
  return { take, free: () => taker.free() };
};
const copying = () => {
  const target = new Uint8Array(4 << 20);
  return { take: (part) => target.slice(0, encoder.encodeInto(part, target).written) };
};

const deflating = () => ({ take: (part) => deflateSync(encoder.encode(part), { level: 6 }) });

const shown = (number) => `${number.toFixed(0)} MB/s`.padStart(10);
console.log(`snapshot ${(snapshot.length / 1000).toFixed(0)} KB, mutations ${(batches.join().length / 1e6).toFixed(2)} MB`);
for (const [name, texts] of [['snapshot', [snapshot]], ['mutations', batches]]) {
  const [copied, deflated] = rates(texts, [copying, deflating]);
  console.log(`${name}: copy${shown(copied)}  fflate${shown(deflated)}, 4.8 times that${shown(4.8 * deflated)}`);
  const rows = builds.map((build) => [build.name.padEnd(12)]);
  for (const [what, work] of [...['none', 'inputs', 'text'].map((mode) => [mode, masking(mode)]), ['packed', packing]]) {
    rates(texts, builds.map(work)).forEach((rate, at) => rows[at].push(`  ${what} ${shown(rate)}`));
  }
  rows.forEach((row) => console.log(...row));
}
