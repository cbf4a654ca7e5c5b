// The npm package as it is published: packed, installed into a sample of each bundler,
// built, opened, and a visit arrives.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Api, Worker, examples, launch, root, staticHost, until } from './support.mjs';

const run = promisify(execFile);
const samples = join(root, 'target/packaging');
const shared = mkdtempSync(join(tmpdir(), 'sentiero-packaging-'));
/** The samples are on a host of their own, as a site is. */
const ENDPOINT = 'https://sentiero.example';

let host;
let worker;
let browser;
let api;
before(async () => {
  rmSync(samples, { recursive: true, force: true });
  cpSync(join(root, 'tests/packaging'), samples, { recursive: true });
  host = await staticHost(samples);
  const site = join(shared, 'demo.json');
  writeFileSync(site, JSON.stringify({ name: 'Samples', origins: [host.url], retention_days: 1, bots: 'record' }));
  worker = await Worker.start({}, { demo: site });
  api = await Api.signIn(worker.url);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await worker?.stop();
  host?.close();
  rmSync(shared, { recursive: true, force: true });
});

/** The packed file; `cargo xtask build --only package` makes it. */
function tarball() {
  const folder = join(root, 'target/npm');
  const [name, ...more] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  assert.ok(name && !more.length, `${folder} holds one packed package`);
  return join(folder, name);
}

/** Installs, builds and records one sample; its `main.js` is the example called `example`. */
async function sample(bundler, example, page) {
  const folder = join(samples, bundler);
  const code = examples('docs/recorder.md').get(example);
  writeFileSync(join(folder, 'main.js'), code.replaceAll(ENDPOINT, worker.url).replaceAll('your-key', 'demo'));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--no-save', '--no-package-lock', tarball()], { cwd: folder });
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  await run('node', ['build.mjs'], { cwd: folder, env: { ...process.env, NODE_ENV: 'production' } });

  const context = await browser.newContext();
  const tab = await context.newPage();
  const scripts = [];
  const failures = [];
  tab.on('request', (request) => /\.(js|wasm)/.test(request.url()) && scripts.push(new URL(request.url())));
  tab.on('pageerror', (error) => failures.push(error));
  await tab.goto(`${host.url}/${bundler}/${page}`);
  await tab.getByRole('button').click();
  const sid = await until('there is a session', () => tab.evaluate(() => window.Sentiero?.sessionId?.()));
  await tab.evaluate(() => window.Sentiero.flush());
  const events = await until('the visit arrives', async () => {
    const found = (await api.events(sid).catch(() => [])).map(({ event }) => event);
    return found.some(({ type, data }) => type === 5 && data.tag === 'bought') && found;
  });
  assert.ok(events.some(({ type }) => type === 2), 'with a snapshot');
  assert.deepEqual(failures, []);
  await context.close();
  return { folder, scripts, events };
}

for (const [bundler, page] of [['vite', 'dist/index.html'], ['webpack', 'index.html']]) {
  test(`${bundler}: the recorder comes from the endpoint, and costs the bundle next to nothing`, async () => {
    const { folder, scripts } = await sample(bundler, 'npm', page);
    assert.ok(scripts.some(({ href }) => href === `${worker.url}/sentiero.js`));
    const files = readdirSync(join(folder, 'dist'), { recursive: true }).map((name) => join(folder, 'dist', name)).filter((path) => path.endsWith('.js') && statSync(path).isFile());
    const size = files.reduce((sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0);
    assert.ok(size < 2_000, `the whole bundle: ${size} bytes`);
  });

  test(`${bundler}: the recorder comes with the page's own files`, async () => {
    const { scripts, events } = await sample(bundler, 'npm bundled', page);
    assert.deepEqual(scripts.filter(({ origin }) => origin !== host.url), [], 'no script of another host');
    assert.ok(scripts.some(({ pathname }) => /wasm/.test(pathname)));
    assert.ok(events.some(({ data }) => data.tag === '__click'), 'also what is loaded on demand');
  });
}

test('the package holds what it says, and types that stand by themselves', async () => {
  const folder = join(samples, 'vite');
  const installed = join(folder, 'node_modules/@sentiero/recorder');
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.ok(readFileSync(join(root, 'Cargo.toml'), 'utf8').includes(`version = "${manifest.version}"`));
  assert.deepEqual(readdirSync(installed).sort(), ['LICENSE', 'NOTICE', 'README.md', 'bundled.d.ts', 'bundled.js', 'dist', 'files.js', 'index.d.ts', 'index.js', 'package.json']);
  assert.ok(readdirSync(join(installed, 'dist/r')).some((name) => name.endsWith('.wasm')));

  const good = `import { Sentiero, type Options } from '@sentiero/recorder';
    import { Sentiero as Bundled } from '@sentiero/recorder/bundled';
    const more: Options = { mask: 'text', captureErrors: true };
    Sentiero.init({ site: 'a', endpoint: 'https://a.example', ...more });
    Bundled.addCustomEvent('x', { n: 1 });
    export const id: string | null = Sentiero.sessionId();`;
  const bad = `import { Sentiero } from '@sentiero/recorder';
    Sentiero.init({ site: 'a' });
    Sentiero.init({ site: 'a', endpoint: 'b', mask: 'everything' });
    Sentiero.nothing();`;
  writeFileSync(join(folder, 'good.ts'), good);
  writeFileSync(join(folder, 'bad.ts'), bad);
  const errors = (file, module) => {
    const compilerOptions = { strict: true, noEmit: true, target: 'es2020', lib: ['es2020', 'dom'], types: [], module };
    const config = join(folder, `${file}.${module}.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
    return run('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', config]).then(() => [], ({ stdout }) => stdout.match(/TS\d+/g));
  };
  assert.deepEqual(await errors('good.ts', 'nodenext'), []);
  assert.deepEqual(await errors('good.ts', 'preserve'), [], 'as bundlers resolve');
  assert.deepEqual(await errors('bad.ts', 'nodenext'), ['TS2345', 'TS2322', 'TS2339']);
});

test('what is called wrongly says so once, and throws nothing', async () => {
  const tab = await browser.newPage();
  const lines = [];
  const failures = [];
  tab.on('console', (line) => line.type() === 'warning' && lines.push(line.text()));
  tab.on('pageerror', (error) => failures.push(error));
  await tab.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>x</title>' }));
  await tab.goto(`${host.url}/blank`);
  const given = await tab.evaluate(async () => {
    const { Sentiero } = await import('/vite/node_modules/@sentiero/recorder/index.js');
    Sentiero.init();
    Sentiero.addCustomEvent();
    for (let i = 0; i < 2_000; i += 1) Sentiero.addCustomEvent('kept', { i });
    return [Sentiero.sessionId(), Sentiero.sessionUrl(), window.Sentiero.length];
  });
  assert.deepEqual(given, [null, null, 1_000], 'calls are kept, but not without end');
  assert.deepEqual(lines.map((line) => line.includes('init needs `endpoint`')), [true]);
  assert.deepEqual(failures, []);
  await tab.close();
});

test('on a server nothing happens, and nothing fails', async () => {
  const folder = join(samples, 'vite');
  const script = `import { Sentiero } from '@sentiero/recorder';
    for (const [name, method] of Object.entries(Sentiero)) method({ site: 'a', endpoint: 'https://a.example' });
    console.log(Sentiero.sessionId(), Sentiero.sessionUrl());`;
  writeFileSync(join(folder, 'server.mjs'), script);
  const { stdout } = await run('node', ['server.mjs'], { cwd: folder });
  assert.equal(stdout, 'null null\n');
});
