// What is compared: the recorder, and what stands in its place.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';

/** rrweb as we call it, but for what only our mask needs. */
const RRWEB = `
import { record } from '@rrweb/record';
const start = (emit) => record({
  emit,
  maskAllInputs: true,
  sampling: { scroll: 150, input: 'last' },
  slimDOMOptions: true,
  recordAfter: 'DOMContentLoaded',
});`;

/** How a page waits for what was recorded until now. */
const NOTHING_TO_SEND = `window.drain = async () => undefined;`;

/**
 * Events as text, one gzip member each `period` ms and at once for a snapshot; unmasked. fflate is
 * a development dependency for this alone: the smallest compressor that others put on the page.
 */
const FFLATE = `${RRWEB}
import { gzipSync, strToU8 } from 'fflate';
const script = document.currentScript.dataset;
let lines = [];
let first = 0;
let sending = Promise.resolve();
const flush = () => {
  if (!lines.length) return;
  const header = JSON.stringify({ first, n: lines.length });
  first += lines.length;
  const body = gzipSync(strToU8([header, ...lines].join('\\n')), { level: 6 });
  lines = [];
  sending = sending.then(() => fetch(script.upload, { method: 'POST', body }));
};
start((event) => {
  lines.push(JSON.stringify(event));
  if (event.type === 2) flush();
});
setInterval(flush, Number(script.period));
window.drain = () => { flush(); return sending; };`;

const DRAIN = `window.drain = async () => {
  window.Sentiero.addCustomEvent('bench-end', {});
  window.Sentiero.flush();
};`;

/**
 * In the order of the tables. `script` is a bundle's source, `product` where the recorder is
 * as it is built; `before` runs first, in the page.
 */
export const VARIANTS = {
  'no recorder': { script: NOTHING_TO_SEND },
  'rrweb alone': { script: `${RRWEB}\nstart(() => undefined);\n${NOTHING_TO_SEND}` },
  'rrweb alone, again': { same: 'rrweb alone' },
  'Sentiero': { product: '/', script: DRAIN },
  'Sentiero, another build': { product: '/another/', same: 'Sentiero' },
  'main thread: mask and gzip in wasm': { product: '/', script: DRAIN, before: 'delete window.Worker' },
  'main thread: fflate, no masking': { script: FFLATE },
};

export const OURS = 'Sentiero';
export const BASELINE = 'rrweb alone';
export const AGAIN = 'rrweb alone, again';
export const ANOTHER = 'Sentiero, another build';

/** What a run compares: another build only if the bench was given one. */
export const namesOf = (another) => Object.keys(VARIANTS).filter((name) => name !== ANOTHER || another);

async function bundle(contents, root) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    logLevel: 'warning',
  });
  return Buffer.from(outputFiles[0].contents);
}

/** The recorder as it is built in `folder`: bytes by path below `at`. */
function build(folder, at) {
  const names = ['sentiero.js', ...readdirSync(join(folder, 'r')).map((name) => `r/${name}`)];
  return names.map((name) => [at + name, readFileSync(join(folder, name))]);
}

/** Everything a page may load: bytes by path. `another` is the folder of another build. */
export async function files(root, another) {
  const found = new Map(build(join(root, 'www/dist'), VARIANTS[OURS].product));
  if (another) build(another, VARIANTS[ANOTHER].product).forEach(([path, bytes]) => found.set(path, bytes));
  found.set('/bench/workload.js', readFileSync(join(import.meta.dirname, 'workload.js')));
  for (const [name, { script }] of Object.entries(VARIANTS)) {
    if (script) found.set(address(name), await bundle(script, root));
  }
  return found;
}

/** Where the bundle of a variant is. */
export function address(name) {
  const { same = name } = VARIANTS[name];
  return `/bench/${same.replace(/\W+/g, '-')}.js`;
}

/**
 * What a page gets to load, as a function of the page: scripts in order, the last of which
 * records.
 */
export function tags(name, run, period) {
  const { product, same = name } = VARIANTS[name];
  const own = { src: address(same), upload: `/run/${run}/i/bench`, period: `${period}` };
  return product ? [own, { src: `${product}sentiero.js`, site: 'bench', start: 'load', endpoint: `/run/${run}/` }] : [own];
}
