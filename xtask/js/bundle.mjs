// Bundles what browsers load: `node bundle.mjs recorder|dashboard --list FILE [--out DIR] [--api URL]`.
//
// Hashed names are made here and handed down by `define`, innermost file first,
// so that every file knows the names of those it loads. FILE gets the list of
// written files (JSON, relative to the repository), by which xtask removes the old ones.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const written = [];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'string' },
    out: { type: 'string' },
    api: { type: 'string', default: '' },
  },
});

/** Writes `bytes` and remembers the file. */
function emit(folder, name, bytes) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  const shown = relative(root, path);
  written.push(shown.startsWith('..') || isAbsolute(shown) ? path : shown);
  return name;
}

/** Writes `bytes` as `<stem>.<hash><ending>` and returns that name. */
function emitHashed(folder, stem, ending, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
  return emit(folder, `${stem}.${hash}${ending}`, bytes);
}

/** The bundle of one entry file as bytes. */
async function bundle(entry, { format, names = {}, plugins = [] }) {
  const define = Object.fromEntries(
    Object.entries(names).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format,
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    plugins,
  });
  return result.outputFiles[0].contents;
}

/** `text` with `pattern` replaced; anything but one match means that rrweb changed. */
function replaceOnce(text, pattern, replacement, what) {
  const found = text.match(new RegExp(pattern.source, `${pattern.flags}g`)) ?? [];
  if (found.length !== 1) {
    throw new Error(
      `${what}: expected once in @rrweb/record, found ${found.length} times. ` +
        'Another rrweb version than the pinned one? See `cutCanvas` in xtask/js/bundle.mjs.',
    );
  }
  return text.replace(pattern, () => replacement);
}

// We never record canvases (nobody can mask their pixels),
// but `record()` refers to the canvas manager, so no bundler can drop it: 3 KB of gzip.
const CANVAS_STUB = `
class CanvasManager {
  reset() {}
  freeze() {}
  unfreeze() {}
  lock() {}
  unlock() {}
}
`;

function cutCanvas(text) {
  const manager = /\nclass CanvasManager \{\n[^]*?\n\}\n/;
  const blob = /^const blob = [^\n]*new Blob\([^\n]*\n/m;
  const cut = replaceOnce(text, manager, CANVAS_STUB, 'class CanvasManager');
  return replaceOnce(cut, blob, 'const blob = null;\n', 'the canvas worker');
}

/** Takes the canvas recorder and the Blob it makes at load out of `@rrweb/record`. */
const withoutCanvas = {
  name: 'without-canvas',
  setup(build) {
    build.onLoad({ filter: /[\\/]@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, ({ path }) => {
      try {
        return { contents: cutCanvas(readFileSync(path, 'utf8')), loader: 'js' };
      } catch (error) {
        return { errors: [{ text: error.message }] };
      }
    });
    // The other packages carry the same code a second time, or much more of it.
    build.onResolve({ filter: /^(rrweb|rrweb-snapshot|@rrweb\/.*)$/ }, ({ path }) => {
      if (path === '@rrweb/record' || path === '@rrweb/types') return undefined;
      const text = `the recorder takes rrweb from @rrweb/record, not from ${path}`;
      return { errors: [{ text }] };
    });
  },
};

/** sentiero.js under its stable name; what it loads under hashed names in r/. */
async function recorder(out) {
  const folder = join(out, 'r');
  const bytes = readFileSync(join(root, 'recorder-wasm/pkg/recorder_wasm_bg.wasm'));
  // Relative to sentiero.js, in all three scripts.
  const names = { SENTIERO_WASM_FILE: `r/${emitHashed(folder, 'engine', '.wasm', bytes)}` };

  const engine = await bundle('recorder-wasm/js/engine.ts', { format: 'esm', names });
  names.SENTIERO_ENGINE_FILE = `r/${emitHashed(folder, 'engine', '.js', engine)}`;

  const plugins = [withoutCanvas];
  const main = await bundle('recorder-wasm/js/recorder.ts', { format: 'iife', names, plugins });
  names.SENTIERO_RECORDER_FILE = `r/${emitHashed(folder, 'recorder', '.js', main)}`;

  const loader = await bundle('recorder-wasm/js/sentiero.ts', { format: 'iife', names, plugins });
  emit(out, 'sentiero.js', loader);
}

/** index.html, and everything it loads under hashed names in a/. */
async function dashboard(out, api) {
  const folder = join(out, 'a');
  const bytes = readFileSync(join(root, 'dashboard/pkg/dashboard_bg.wasm'));
  const player = await bundle('dashboard/js/player.ts', { format: 'iife' });
  // Relative to index.html.
  const names = {
    SENTIERO_DASHBOARD_WASM: `a/${emitHashed(folder, 'dashboard', '.wasm', bytes)}`,
    SENTIERO_PLAYER_FILE: `a/${emitHashed(folder, 'player', '.js', player)}`,
  };
  const app = await bundle('dashboard/js/main.ts', { format: 'esm', names });
  const style = await bundle('dashboard/style.css', {});
  emit(out, 'index.html', page({
    app_js: `a/${emitHashed(folder, 'app', '.js', app)}`,
    style_css: `a/${emitHashed(folder, 'style', '.css', style)}`,
    api,
    // The wasm is fetched from the page's own host, whatever host the API is on.
    connect_src: api === '' ? "'self'" : `'self' ${api}`,
  }));
}

/** dashboard/index.html with every `{{name}}` filled; a name we do not know is an error. */
function page(names) {
  const html = readFileSync(join(root, 'dashboard/index.html'), 'utf8');
  return html.replace(/\{\{(\w+)\}\}/g, (placeholder, name) => {
    if (!(name in names)) {
      throw new Error(`dashboard/index.html: nothing to put in for ${placeholder}`);
    }
    return names[name];
  });
}

async function run() {
  const [what] = positionals;
  if (what === 'recorder') {
    await recorder(values.out ?? join(root, 'www/dist'));
  } else if (what === 'dashboard') {
    await dashboard(values.out ?? join(root, 'www/dist/dashboard'), values.api);
  } else {
    throw new Error(`${basename(fileURLToPath(import.meta.url))} bundles recorder or dashboard`);
  }
  if (values.list) {
    writeFileSync(values.list, JSON.stringify(written));
  }
}

try {
  await run();
} catch (error) {
  // esbuild has already printed its own errors.
  console.error(error.errors ? 'the bundle failed, see above' : String(error.message ?? error));
  process.exitCode = 1;
}
