// The sample applications of tests/frameworks, with the examples of their documents in them.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { examples, root, staticHost, until } from '../support.mjs';

const run = promisify(execFile);
const SOURCES = join(root, 'tests/frameworks');
const COPIES = join(root, 'target/frameworks');

/** What stands in documents for the worker and for the key of a site. */
const ENDPOINT = 'https://sentiero.example';
const KEY = 'your-key';

/** A line of a sample that is the place of an example: a comment in HTML, Ruby or JavaScript. */
const PLACE = /^ *(?:<!--|#|\/\/) example: ([\w-]+)(?: -->)?\n/gm;

/** Copies a sample and puts every example of its document in its place; gives the folder. */
function copy({ key, source = key, document }, endpoint) {
  const folder = join(COPIES, key);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(SOURCES, source), folder, { recursive: true });
  const all = examples(`docs/frameworks/${document}.md`);
  const used = new Set();
  const example = (_, name) => {
    assert.ok(all.has(name), `docs/frameworks/${document}.md has the example ${name} that tests/frameworks/${source} wants`);
    used.add(name);
    return all.get(name).replaceAll(ENDPOINT, endpoint).replaceAll(KEY, key);
  };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(PLACE, example));
  }
  assert.deepEqual([...used].sort(), [...all.keys()].sort(), `every example of docs/frameworks/${document}.md is in tests/frameworks/${source}`);
  return folder;
}

/** What a Ruby server is started with: Puma, for as long as we hold its stdin. */
const PUMA = ['-r', join(SOURCES, 'with_parent.rb'), '-S', 'puma', '-C', '-', '-e', 'production', '-t', '1:4', 'config.ru'];

/** Starts `config.ru` of a folder, at a port that is free unless one is said. */
async function ruby(folder, { port = 0, vars = {}, flags = [] } = {}) {
  const env = { ...process.env, ...vars, RAILS_ENV: 'production', RACK_ENV: 'production', SECRET_KEY_BASE: randomBytes(64).toString('hex') };
  const server = spawn('ruby', [...PUMA, '-b', `tcp://127.0.0.1:${port}`, ...flags], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let log = '';
  let ended = false;
  const over = new Promise((done) => {
    server.once('exit', () => done((ended = true)));
    server.once('error', (error) => done((ended = `${error.message}: \`cargo xtask setup\` installs Ruby and what the samples need`)));
  });
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (data) => (log += data));
  const url = await until('the application listens', () => {
    if (ended) throw new Error(`${folder} did not start: ${ended}\n${log}`);
    return /Listening on (http:\S+)/.exec(log)?.[1];
  }, 60_000);
  const close = async () => {
    server.kill('SIGKILL');
    await over;
  };
  return { url, close, log: () => log };
}

async function vite(folder) {
  await run('node', ['build.mjs'], { cwd: folder, env: { ...process.env, NODE_ENV: 'production' } });
  return staticHost(join(folder, 'dist'));
}

/** The middleware as `docs/server-errors.md` has it. */
function middleware() {
  const [, code] = /```ruby\n([^]*?)```/.exec(readFileSync(join(root, 'docs/server-errors.md'), 'utf8'));
  return code;
}

async function rails(folder, options) {
  const initializer = join(folder, 'config/initializers/sentiero.rb');
  writeFileSync(initializer, `${middleware()}\n${readFileSync(initializer, 'utf8')}`);
  mkdirSync(join(folder, 'public'), { recursive: true });
  cpSync(join(root, 'node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js'), join(folder, 'public/turbo.js'));
  return ruby(folder, options);
}

/** Each sample: its site (and its folder, unless `source` is that), its document, how it starts, its first heading and its pages. */
export const SAMPLES = [
  { key: 'rails', document: 'rails', start: rails, title: 'Camping on Rails', paths: ['/', '/order', '/done'] },
  { key: 'sinatra', document: 'sinatra', start: ruby, title: 'Camping by Sinatra', paths: ['/', '/order', '/done'] },
  { key: 'rack', document: 'rack', start: ruby, title: 'Camping on Rack', paths: ['/', '/order', '/done'] },
  { key: 'react', document: 'react', start: vite, title: 'Camping with React', paths: ['/', '/order', '/done'] },
  { key: 'plain', document: 'html', start: staticHost, title: 'Camping in HTML', paths: ['/', '/order.html', '/done.html'] },
];

/**
 * Starts a sample that is recorded at `endpoint`: `{ url, close }`. `options` are of those in Ruby:
 * `port`, `vars` of the environment, `flags` of Puma.
 */
export const start = (sample, endpoint, options) => sample.start(copy(sample, endpoint), options);
