// Bundles what browsers load: `node bundle.mjs recorder|dashboard|site --list FILE [--out DIR] [--api URL]`.
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
async function bundle(entry, { format, names = {}, plugins = [], around = [] }) {
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
    banner: { js: around[0] ?? '' },
    footer: { js: around[1] ?? '' },
  });
  return result.outputFiles[0].contents;
}

/** `text` with `pattern` replaced; anything but one match means that `where` changed. */
function replaceOnce(text, pattern, replacement, what, where = '@rrweb/record') {
  const found = text.match(new RegExp(pattern.source, `${pattern.flags}g`)) ?? [];
  if (found.length !== 1) {
    throw new Error(
      `${what}: expected once in ${where}, found ${found.length} times. ` +
        `Another version of it than the pinned one? See xtask/js/bundle.mjs.`,
    );
  }
  return text.replace(pattern, replacement);
}

/**
 * What the engine does not need of the bindings: one instance for as long as a page or its
 * worker lives is never freed, and its module is one that was compiled.
 */
const BINDINGS = [
  ['taking out', /\n {4}__destroy_into_raw\(\) \{[^]*?\n {4}\}(?=\n {4}free\(\))/, ''],
  ['freeing', /\n {4}free\(\) \{[^]*?\n {4}\}/, ''],
  ['disposing', /\nif \(Symbol\.dispose\)[^\n]*/, ''],
  ['registering', /\n {8}PortFinalization\.register\([^\n]*/, ''],
  ['finalizing', /\nconst PortFinalization = [^]*?;\n(?=\n)/, ''],
  ['modules of other kinds', /\n {4}if \(module !== undefined\) \{\n {8}if \(Object\.getPrototypeOf\(module\)[^]*?\n {4}\}(?=\n\n {4}const imports)/, '\n    ({module} = module);'],
  ['bytes of modules', /\n {4}if \(!\(module instanceof WebAssembly\.Module\)\) \{[^]*?\n {4}\}/, ''],
  ['texts of errors', /getStringFromWasm0\(arg0, arg1\)/, "'it is in use'"],
  ['decoding them', /\nfunction getStringFromWasm0\([^]*?\n\}\n/, ''],
  ['their decoder', /\nlet cachedTextDecoder = [^]*?\n\}\n(?=\nlet WASM_VECTOR_LEN)/, ''],
  ['values that no call has', /\n {12}const table = wasm\.__wbindgen_externrefs;(\n {12}table\.set\([^\n]*){5}/, ''],
];

/** Takes it out. */
const slimBindings = {
  name: 'slim-bindings',
  setup(build) {
    build.onLoad({ filter: /[\\/]recorder_wasm\.js$/ }, ({ path }) => {
      try {
        const cut = (text, [what, pattern, replacement]) => replaceOnce(text, pattern, replacement, what, 'recorder_wasm.js');
        return { contents: BINDINGS.reduce(cut, readFileSync(path, 'utf8')), loader: 'js' };
      } catch (error) {
        return { errors: [{ text: error.message }] };
      }
    });
  },
};

/**
 * rrweb looks on while a page calls some methods of the browser. It calls these itself,
 * inside of what it guards: a failure of its own would be the page's, and one of the page's
 * its own. With `beside` it looks on after the call.
 */
function lookOn(text) {
  const proxies = text.split('apply: callbackWrapper(').length - 1;
  const calls = /\n *return (target|setProperty|removeProperty)\.apply\(thisArg, [^\n]*/g;
  if (proxies !== 8 || text.match(calls)?.length !== 10) {
    throw new Error('rrweb stands between the page and other methods than before. See `lookOn` in xtask/js/bundle.mjs.');
  }
  return text
    .replace(calls, (_, name) => (name === 'target' ? '' : '\n          return;'))
    .replaceAll('apply: callbackWrapper(', 'apply: beside(');
}

/**
 * What we never use of `@rrweb/record`, but `record()` refers to, so that no bundler can
 * drop it: what it is, where it stands, what takes its place. Nothing that runs with our
 * options may change; what is not referred to any more, the bundler drops.
 */
const CUTS = [
  // We never record canvases: nobody can mask their pixels.
  ['class CanvasManager', /\nclass CanvasManager \{\n[^]*?\n\}\n/,
    '\nclass CanvasManager {\n  reset() {}\n  lock() {}\n  unlock() {}\n}\n'],
  ['the canvas worker', /^const blob = [^\n]*new Blob\([^\n]*\n/m, 'const blob = null;\n'],
  ['how canvases are written', /\nvar chars = "ABC[^]*?\n\}(?=\nvar encode = )/, ''],
  ['pictures of canvases and images', /\n {2}if \(tagName === "canvas" && recordCanvas\) \{[^]*?(?=\n {2}if \(\["audio", "video"\])/, ''],
  // Frames of other origins, and being in one.
  ['class CrossOriginIframeMirror', /\nclass CrossOriginIframeMirror \{\n[^]*?\n\}\n/, '\nclass CrossOriginIframeMirror {}\n'],
  ['messages of frames', /\n {2}handleMessage\(message\) \{\n[^]*?(?=\n\}\nclass ShadowDomManager)/, ''],
  ['listening to frames', /\n {4}if \(this\.recordCrossOriginIframes\) \{[^]*?\n {4}\}/, ''],
  ['listening to an attached frame', /\n {4}if \(this\.recordCrossOriginIframes\)\n[^]*?\n {6}\);/, ''],
  ['events for the parent frame', /\n {2}const inEmittingFrame = [^]*?(?=\n {2}if \(mousemoveWait)/, ''],
  ['emitting', /\n {4}if \(inEmittingFrame\) \{[^]*?(?=\n {4}if \(e\.type === EventType\.FullSnapshot\))/, '\n    emit(e, isCheckout);'],
  // Options that we do not set.
  ['snapshots by count and time', /\n {4}if \(e\.type === EventType\.FullSnapshot\) \{\n {6}lastFullSnapshotEvent[^]*?(?=\n {2}\};\n {2}const wrappedMutationEmit)/, ''],
  ['packing', /\n {2}const eventProcessor = [^]*?(?=\n {2}wrappedEmit = )/, ''],
  ['thawing', /\n {4}if \(\(\(_a2 = mutationBuffers\[0\]\)[^]*?\n {4}\}/, ''],
  ['mirrors for plugins', /\n {2}for \(const plugin of plugins \|\| \[\]\) \{\n {4}if \(plugin\.getMirror\)[^]*?\n {2}\}/, ''],
  ['plugins', /\n {2}const pluginHandlers = \[\];[^]*?(?=\n {2}return callbackWrapper)/, ''],
  ['ends of plugins', /\n {4}pluginHandlers\.forEach\([^\n]*/, ''],
  ['the option for plugins', /,\n {10}plugins: \(\(_a2 = [^]*?\|\| \[\]\n/, '\n'],
  ['hooks', /\n {2}mergeHooks\(o, hooks\);/, ''],
  ['fonts', /\n {4}if \(o\.collectFonts\) \{[^]*?\n {4}\}/, ''],
  ['types of inputs to mask', /maskAllInputs === true \? \{\n[^}]*\} : _maskInputOptions !== void 0 \? _maskInputOptions : \{ password: true \};/, '_maskInputOptions;'],
  ['the same for snapshots', /maskAllInputs === true \? \{\n[^}]*\} : maskAllInputs === false \? \{\n[^}]*\} : maskAllInputs;/, 'maskAllInputs;'],
  ['dropping who wrote a page', / else if \(slimDOMOptions\.headMetaAuthorship[^]*?return true;\n {6}\}/, ''],
  ['dropping descriptions', /if \(slimDOMOptions\.headMetaDescKeywords[^]*? else (?=if \(slimDOMOptions\.headMetaSocial)/, ''],
  ['dropping what robots read', / else if \(slimDOMOptions\.headMetaRobots[^]*?return true;\n {6}\}/, ''],
  ['dropping icons', / else if \(slimDOMOptions\.headFavicon[^]*?return true;\n {4}\}/, ''],
  ['patterns of classes to block', / else \{\n {6}for \(let eIndex = element[^]*?\n {6}\}\n {4}\}/, ''],
  ['the same for events', / else \{\n {6}if \(classMatchesRegex\(el, blockClass[^]*?\n {4}\}/, ''],
  // Masking goes by attributes: the class `rr-mask` means nothing here.
  ['classes to mask', /\n {4}if \(typeof maskTextClass === "string"\) \{[^]*?\n {4}\}(?=\n {4}if \(maskTextSelector\))/, ''],
  // A change, not a cut: that an element is blocked from now on must reach our `emit`, which
  // drops what there is to drop.
  ['elements that become blocked', /if \(isBlocked\(m\.target, this\.blockClass, this\.blockSelector, false\) \|\| value === m\.oldValue\)/,
    'if (value === m.oldValue)'],
  // Changes, too: nothing of rrweb's may throw into the page, keep one of the page's calls from
  // happening, or fail without our knowing.
  ['guards', /\n {2}return rrwebWrapped;\n\};/,
    `$&
const later = (work, ms) => setTimeout(callbackWrapper(work), ms);
const beside = (look) => {
  const guarded = callbackWrapper(look);
  return (target, thisArg, argumentsList) => {
    const result = target.apply(thisArg, argumentsList);
    guarded(target, thisArg, argumentsList);
    return result;
  };
};`],
  ['listeners', /\n {2}const options = \{ capture: true, passive: true \};/, '$&\n  fn = callbackWrapper(fn);'],
  ['listening to loading frames', /\n {2}const win = iframeEl\.contentWindow;\n {2}if \(!win\) \{\n {4}return;\n {2}\}\n {2}let fired = false;/, '\n  listener = callbackWrapper(listener);$&'],
  ['listening to loading styles', /\n {2}let fired = false;\n {2}let styleSheetLoaded;/, '\n  listener = callbackWrapper(listener);$&'],
  ['throttled work', /timeout = setTimeout\(/, 'timeout = later('],
  ['setters', /\n {8}setTimeout\(\(\) => \{\n {10}d\.set\.call\(this, value\);\n {8}\}, 0\);([^]*?\n {8}\})/,
    '$1\n        callbackWrapper(() => later(() => d.set.call(this, value), 0))();'],
  ['new shadow roots', /\n {12}const shadowRootEl = [^]*?addShadowRoot\(shadowRootEl, doc\);/,
    `
            callbackWrapper(() => {
              const shadowRootEl = index.shadowRoot(this);
              if (shadowRootEl && inDom(this)) manager.addShadowRoot(shadowRootEl, doc);
            })();`],
  ['their style sheets', /setTimeout\((?=\(\) => \{\n {6}if \(shadowRoot2\.adopted)/, 'later('],
  ['loaded frames', /(handlers\.push\(observe\(iframeEl\.contentDocument\)\);\n {6}\} catch \(error\) \{\n {8})console\.warn\(error\);/, '$1errorHandler(error);'],
  ['the end of recording', /\n {10}const msg = String\(error\)\.toLowerCase\(\);[^]*?\n {10}\}(?=\n {8}\})/, ''],
  ['guards after the end', /\n {6}unregisterErrorHandler\(\);/, ''],
  ['failing to begin', /(\n {2}\} catch \(error\) \{\n {4})console\.warn\(error\);(?=\n {2}\}\n\}\nrecord\.)/, '$1throw error;'],
  // Masked, where nobody can say.
  ['texts of which nothing is known', /(function needMaskingText\([^]*?\n {2}\} catch \(e\) \{)\n {2}\}/, '$1\n    return true;\n  }'],
  // Changes, not cuts: storms (recorder-wasm/js/budget.ts), and what rrweb keeps of frames
  // and shadow roots that are gone. See docs/adr/0018.
  ['changes, before they cost anything', /mutations\.forEach\(this\.processMutation\);/,
    '(record.filter ? record.filter(mutations, this) : mutations).forEach(this.processMutation);'],
  ['nodes of shadow roots that are removed', /(?<=this\.idNodeMap\.delete\(id\);)\n {4}if \(n\.childNodes\) \{\n {6}n\.childNodes\.forEach\([^]*?\n {6}\);\n {4}\}/,
    '\n    for (const root of [n, n.shadowRoot]) root?.childNodes?.forEach((childNode) => this.removeNodeFromMap(childNode));'],
  ['buffers that nobody observes for', /return \[observer, iframeCleanup\];/,
    'return [{ disconnect() { observer.disconnect(); mutationBuffers.splice(mutationBuffers.indexOf(mutationBuffer) >>> 0, 1); } }, iframeCleanup];'],
  ['shadow roots, when a frame is gone', /mutationBuffers\.forEach\(\(b\) => b\.reset\(\)\);/,
    'if (o.doc === document) o.shadowDomManager.reset();'],
  ['frames that are gone', /const observe = \(doc\) => \{/,
    `const frames = new Map();
    handlers.push(() => frames.forEach((stop) => stop()));
    const sweep = () => frames.forEach((stop, doc) => {
      if (!doc.defaultView) {
        frames.delete(doc);
        stop();
        mirror.removeNodeFromMap(doc);
      }
    });
    const observe = (doc) => {`],
  ['the same, when another comes', /handlers\.push\(observe\(iframeEl\.contentDocument\)\);/,
    'sweep();\n        const doc = iframeEl.contentDocument;\n        if (!frames.has(doc)) frames.set(doc, observe(doc));'],
  ['whose shadow roots are observed', /this\.shadowDoms\.add\(shadowRoot2\);/,
    'this.shadowDoms.add(shadowRoot2);\n    const keep = (handler) => this.keep(shadowRoot2, handler);'],
  ['a shadow root that is gone', /this\.restoreHandlers\.push\(\(\) => observer\.disconnect\(\)\);\n {4}this\.restoreHandlers\.push\(/,
    'keep(() => observer.disconnect());\n    keep('],
  ['its sheets', /this\.restoreHandlers\.push\((?=\n {8}initAdoptedStyleSheetObserver)/, 'keep('],
  ['a frame whose shadow roots are gone', /this\.restoreHandlers\.push\((?=\n {6}patch\()/, 'this.keep(doc, '],
  ['what is kept of them', /\n {2}observeAttachShadow\(iframeElement\) \{/,
    `
  keep(root, handler) {
    this.restoreHandlers.push(Object.assign(() => handler(), { root }));
    if (root.defaultView || this.restoreHandlers.length > (this.most ||= 64)) {
      this.restoreHandlers = this.restoreHandlers.filter((handler2) => {
        if (handler2.root.defaultView || (handler2.root.host && handler2.root.isConnected)) return true;
        this.shadowDoms.delete(handler2.root);
        try { handler2(); } catch (e) {}
      });
      this.most = 2 * this.restoreHandlers.length + 64;
    }
  }
  observeAttachShadow(iframeElement) {`],
  // A change, too: events of change do not leave a shadow root. Which fields are ignored, only
  // recorder-wasm/js/mask.ts can tell: rrweb does not look beyond a shadow root.
  ['listening to changed fields', /\n {2}const events = sampling\.input === "last" [^]*?\n {2}\);/,
    '\n  initInputObserver.heard = eventHandler;\n  const handlers = [on("change", eventHandler, doc)];'],
  ['the same in a shadow root', /(\n {4}keep\()(?=\n {6}initScrollObserver)/,
    '\n    keep(on("change", (event) => initInputObserver.heard(event), shadowRoot2));$1'],
  ['the other radio buttons there', /doc(?=\.querySelectorAll\(`input\[type="radio"\])/, 'target.getRootNode()'],
  ['fields that are ignored', /\n {4}if \(target\.classList\.contains\(ignoreClass\) \|\| [^]*?\n {4}\}/, ''],
  ['who changed a field', /userTriggeredOnInput \? \{ text, isChecked, userTriggered \} : /, ''],
  // Said without being asked for: choosing one fills in no other. For the rest nobody asks.
  ['who changed the others', /userTriggeredOnInput \? (\{ text: text2, isChecked: !isChecked, userTriggered: false \}) : \{ text: text2, isChecked: !isChecked \}/, '$1'],
  // A change: where something is typed or selected in a field, the document's selection is
  // collapsed, and to ask for it lays out the page at each key.
  ['selections in fields', /updateSelection = callbackWrapper\(\(\) => \{/,
    'updateSelection = callbackWrapper((event) => {\n    if (collapsed && event && event.target !== document) return;'],
  // What nobody calls, or no browser needs that has WebAssembly.
  ['methods of record()', /\nrecord\.addCustomEvent = [^]*?(?=\nrecord\.takeFullSnapshot = )/, ''],
  // A page that loads still has its snapshot before it.
  ['a snapshot before there is one', /throw new Error\("please take full snapshot after start recording"\);/, 'return;'],
  ['what is left out of a head, if it can be', /\n {6}headFavicon: true,(\n {6}headWhitespace: true,\n {6}headMetaSocial: true,)\n {6}headMetaRobots: true,([^]*?Verification: true),[^]*?(?=\n {4}\};)/, '$1$2'],
  ['clocks that are none', /\nif \(![^\n]*\/\[1-9\]\[0-9\]\{12\}[^]*?\n\}/, ''],
  ['the ids of a mirror', /\n {2}getIds\(\) \{[^]*?\n {2}\}/, ''],
  ['a style by its id', /\n {2}getStyle\(id\) \{[^]*?\n {2}\}/, ''],
  // All of these are ours: `maskInputFn`, `maskTextFn`.
  ['how values are masked otherwise', /if \(maskInputFn\) \{\n {6}(text = maskInputFn\(text, element\);)\n {4}\} else \{\n[^\n]*\n {4}\}/, '$1'],
  ['how texts are', /maskTextFn \? (maskTextFn\(textContent2, [^:]*\)) : textContent2\.replace\([^)]*\)/, '$1'],
  ['how changes of texts are', /this\.maskTextFn \? (this\.maskTextFn\(value, [^:]*\)) : value\.replace\([^)]*\)/, '$1'],
  ['freezing changes', /\n {2}freeze\(\) \{\n {4}this\.frozen[^]*?(?=\n {2}lock\(\))/, ''],
  ['the mirror of rrweb 1', /\nconst DEPARTED_MIRROR_ACCESS_WARNING = [^]*?(?=\nfunction throttle)/, ''],
  ["the player's nodes", /\n {2}if \(n instanceof BaseRRNode [^]*?\n {2}\}/, ''],
  ['where old browsers say how far a page is scrolled', /(win\.page[XY]Offset) !== void 0 \? [^\n]*?(,?)\n {4}(top: [^\n]*)(win\.pageYOffset) !== void 0 [^\n]*/,
    '$1$2\n    $3$4'],
  ['NodeList.forEach', /\n {2}polyfill\(\);/, ''],
];

/** `EventType.Meta` as `4`: rrweb's enums are objects, which no bundler reads. */
function inlineEnums(text) {
  const enums = /^var (\w+) = \/\* @__PURE__ \*\/ \(\((\w+)\) => \{\n([^]*?)\n\}\)\(\1 \|\| \{\}\);/gm;
  for (const [, name, inner, body] of [...text.matchAll(enums)]) {
    const members = [...body.matchAll(new RegExp(`${inner}\\[${inner}\\["(\\w+)"\\] = (\\d+)\\]`, 'g'))];
    const numbers = new Map(members.map(([, member, number]) => [member, number]));
    text = text.replace(new RegExp(`(?<![\\w.])${name}\\.(\\w+)`, 'g'), (all, member) => numbers.get(member) ?? all);
  }
  return text;
}

/** `childNodes(n)` for `index.childNodes(n)`: they are functions of the same file, and are called at each node. */
function callDirectly(text) {
  const [, list] = /^const index = \{\n([\w,\s]+)\};$/m.exec(text) ?? [];
  const names = list?.match(/\w+/g) ?? [];
  const isHidden = names.find((name) => new RegExp(`\\b(const|let|var) ${name}\\b(?! = Date\\.now)`).test(text));
  if (!names.length || isHidden) {
    throw new Error(`what rrweb calls by \`index\` is not there, or hidden: ${isHidden}. See \`callDirectly\` in xtask/js/bundle.mjs.`);
  }
  return text.replace(/\bindex\.(\w+)\(/g, (all, name) => (names.includes(name) ? `${name}(` : all));
}

/** Fields as assignments: nothing in rrweb tells them from definitions, and they are shorter. */
function assignFields(text) {
  return text
    .replace(/^ *__publicField\(this, "\w+"\);\n/gm, '')
    .replace(/__publicField\(this, "(\w+)", /g, (_, name) => `this.${name} = (`);
}

/** `@rrweb/record`, as far as we use it. */
function slim(text) {
  const cut = CUTS.reduce((rest, [what, pattern, replacement]) => replaceOnce(rest, pattern, replacement, what), lookOn(text));
  return assignFields(inlineEnums(callDirectly(cut)));
}

/** Takes what we never use out of `@rrweb/record`. */
const slimRrweb = {
  name: 'slim-rrweb',
  setup(build) {
    build.onLoad({ filter: /[\\/]@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, ({ path }) => {
      try {
        return { contents: slim(readFileSync(path, 'utf8')), loader: 'js' };
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
  // There is one version, the workspace's.
  const [, version] = readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m);
  // Relative to sentiero.js, in all scripts.
  const names = { SENTIERO_VERSION: version, SENTIERO_WASM_FILE: `r/${emitHashed(folder, 'engine', '.wasm', bytes)}` };

  const engine = await bundle('recorder-wasm/js/engine.ts', { format: 'esm', names, plugins: [slimBindings] });
  names.SENTIERO_ENGINE_FILE = `r/${emitHashed(folder, 'engine', '.js', engine)}`;

  const storm = await bundle('recorder-wasm/js/storm.ts', { format: 'esm', names });
  names.SENTIERO_STORM_FILE = `r/${emitHashed(folder, 'storm', '.js', storm)}`;

  const plugins = [slimRrweb];
  const capture = await bundle('recorder-wasm/js/capture/index.ts', { format: 'esm', plugins });
  names.SENTIERO_CAPTURE_FILE = `r/${emitHashed(folder, 'capture', '.js', capture)}`;
  const vitals = await bundle('recorder-wasm/js/vitals.ts', { format: 'esm' });
  names.SENTIERO_VITALS_FILE = `r/${emitHashed(folder, 'vitals', '.js', vitals)}`;

  // rrweb calls the browser before anything of ours could catch what comes of it.
  const around = ['try{', '}catch(e){window.Sentiero?._?.(()=>{throw e})}'];
  const main = await bundle('recorder-wasm/js/recorder.ts', { format: 'iife', names, plugins, around });
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
    // Not `.html`: it is a text until a recording is put into it.
    SENTIERO_VIEWER_FILE: `a/${emitHashed(folder, 'viewer', '.txt', await viewer(player))}`,
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

/** What landing page and documentation load, under stable names: their host has browsers ask again each time. */
async function site(out) {
  for (const [folder, name] of [['', 'site'], ['docs', 'docs']]) {
    emit(join(out, folder), `${name}.js`, await bundle(`www/src/${name}.ts`, { format: 'iife' }));
    emit(join(out, folder), `${name}.css`, await bundle(`www/src/${name}.css`, {}));
  }
  emit(join(out, 'replay'), 'player.js', await bundle('dashboard/js/player.ts', { format: 'iife' }));
}

/**
 * The page that a recording is saved in: the viewer and the player in it, and a policy that lets
 * these two run, by their hashes, and nothing else; nothing is fetched from anywhere.
 */
async function viewer(player) {
  const code = await bundle('dashboard/js/viewer.ts', { format: 'iife' });
  const scripts = [code, player].map((bytes) => new TextDecoder().decode(bytes));
  if (scripts.some((script) => /<\/script|<!--/i.test(script))) {
    throw new Error('dashboard/js: a script of the page that a recording is saved in would end its element');
  }
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const policy = `default-src 'none'; script-src ${hashes.join(' ')}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; frame-src data:; base-uri 'none'; form-action 'none'`;
  const names = { policy, viewer: scripts[0], player: Buffer.from(player).toString('base64'), recording: '{{recording}}' };
  const html = readFileSync(join(root, 'dashboard/viewer.html'), 'utf8');
  return Buffer.from(html.replace(/\{\{(\w+)\}\}/g, (placeholder, name) => filled(names, placeholder, name, 'viewer.html')));
}

/** What stands for a placeholder; a name we do not know is an error. */
function filled(names, placeholder, name, file) {
  if (!(name in names)) throw new Error(`dashboard/${file}: nothing to put in for ${placeholder}`);
  return names[name];
}

/** dashboard/index.html with every `{{name}}` filled; a name we do not know is an error. */
function page(names) {
  const html = readFileSync(join(root, 'dashboard/index.html'), 'utf8');
  return html.replace(/\{\{(\w+)\}\}/g, (placeholder, name) => filled(names, placeholder, name, 'index.html'));
}

async function run() {
  const [what] = positionals;
  if (what === 'recorder') {
    await recorder(values.out ?? join(root, 'www/dist'));
  } else if (what === 'dashboard') {
    await dashboard(values.out ?? join(root, 'www/dist/dashboard'), values.api);
  } else if (what === 'site') {
    await site(values.out ?? join(root, 'www/dist'));
  } else {
    throw new Error(`${basename(fileURLToPath(import.meta.url))} bundles recorder, dashboard or site`);
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
