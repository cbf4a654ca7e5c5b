// What the journeys share: a worker, a browser, and waiting for a condition.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, relative, resolve } from 'node:path';
import { after, before } from 'node:test';
import { constants, inflateRawSync } from 'node:zlib';
import { chromium } from 'playwright-core';

export const root = resolve(import.meta.dirname, '../..');
export const PASSWORD = 'correct-horse-battery';

/** Asks `condition` until it gives something truthy. */
export async function until(what, condition, ms = 20_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The built worker on workerd, with a storage folder that survives `crash`. */
export class Worker {
  constructor(vars, sites) {
    this.vars = vars;
    this.sites = sites;
  }

  /** `sites`: configuration files by key; without them, those of the repository. */
  static async start(vars = {}, sites = {}) {
    const worker = new Worker(vars, sites);
    worker.storage = await mkdtemp(join(tmpdir(), 'sentiero-journey-'));
    try {
      await worker.run(0);
    } catch (error) {
      // Nobody else knows of it, and it would keep the tests from ending.
      await worker.stop();
      throw error;
    }
    return worker;
  }

  async run(port) {
    const vars = { DASHBOARD_PASSWORD: PASSWORD, SESSION_SECRET: '5e'.repeat(32), ...this.vars };
    const flags = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}=${value}`]);
    flags.push(...Object.entries(this.sites).flatMap(([key, file]) => ['--site', `${key}=${file}`]));
    const script = ['xtask/js/serve.mjs', '--port', `${port}`, '--no-dev-vars', '--watch-stdin'];
    this.process = spawn('node', [...script, '--persist', this.storage, ...flags], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that workerd can be killed together with Node.
      detached: true,
    });
    let log = '';
    this.process.stderr.on('data', (data) => (log += data));
    let said = '';
    this.process.stdout.on('data', (data) => (said += data));
    this.exited = new Promise((done) => this.process.once('exit', done));
    await until('the worker answers', () => {
      if (this.process.exitCode !== null) throw new Error(`the worker did not start:\n${log}`);
      return said.includes('\n');
    });
    this.url = JSON.parse(said).url;
    this.port = Number(new URL(this.url).port);
  }

  /** Changes a site's configuration in KV, as an operator does, while the worker runs. */
  async configure(site, config) {
    const file = join(this.storage, `${site}.json`);
    writeFileSync(file, JSON.stringify(config));
    let said = '';
    const hear = (data) => (said += data);
    this.process.stdout.on('data', hear);
    this.process.stdin.write(`${site}=${file}\n`);
    await until(`${site} is configured`, () => said.includes(`"configured":"${site}"`));
    this.process.stdout.off('data', hear);
  }

  /** Ends as by a power cut. */
  async crash() {
    if (this.process.exitCode === null) process.kill(-this.process.pid, 'SIGKILL');
    await this.exited;
  }

  /** Starts again at the same address, on the same storage. */
  async restart() {
    await until('the port is free again', async () => {
      try {
        await this.run(this.port);
        return true;
      } catch {
        return false;
      }
    });
  }

  async stop() {
    await this.crash();
    rmSync(this.storage, { recursive: true, force: true });
  }

  /** Every file that the worker keeps: its path below the storage folder, its bytes. */
  *files() {
    for (const entry of readdirSync(this.storage, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      try {
        yield { name: relative(this.storage, path), bytes: readFileSync(path) };
      } catch (error) {
        // SQLite removes its own files when a database is closed.
        if (error.code !== 'ENOENT') throw error;
      }
    }
  }

  /** Their bytes, with gzip members inside inflated. */
  *stored() {
    for (const { bytes } of this.files()) yield* withInflated(bytes);
  }
}

/** A gzip member's first bytes, without optional fields, as both ends of ours write it. */
const MEMBER = Buffer.from([0x1f, 0x8b, 8, 0]);
const HEADER = 10;

/**
 * Bytes, and what each gzip member in them holds. Members are inflated one by one and
 * without their frame: `gunzip` gives nothing at all where something else follows, as in
 * a chunk.
 */
export function* withInflated(bytes) {
  yield bytes;
  for (let at = bytes.indexOf(MEMBER); at >= 0; at = bytes.indexOf(MEMBER, at + 1)) {
    try {
      yield inflateRawSync(bytes.subarray(at + HEADER), { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      // Four bytes that only look like a member.
    }
  }
}

/** The API, signed in. */
export class Api {
  static async signIn(url, site = 'demo') {
    const api = new Api();
    Object.assign(api, { url, site });
    const answer = await fetch(`${url}/api/login`, { method: 'POST', body: JSON.stringify({ password: PASSWORD }) });
    if (!answer.ok) throw new Error(`login: ${answer.status}`);
    api.cookie = answer.headers.get('set-cookie').split(';')[0];
    api.csrf = (await answer.json()).csrf;
    return api;
  }

  async get(path) {
    const answer = await fetch(`${this.url}/api/sites/${this.site}${path && `/${path}`}`, { headers: { cookie: this.cookie } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  /** Asks for a change, and gives what is said of it. */
  post(path, body) {
    return this.change('POST', path, JSON.stringify(body));
  }

  /** The same with a body as it is sent. */
  change(method, path, body) {
    return this.ask(method, `/api/sites/${this.site}${path && `/${path}`}`, body);
  }

  async ask(method, path, body) {
    const headers = { cookie: this.cookie, origin: this.url, 'x-sentiero-csrf': this.csrf };
    const answer = await fetch(`${this.url}${path}`, { method, headers, body });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async sessions() {
    return (await (await this.get('sessions')).json()).sessions;
  }

  async detail(sid) {
    return (await this.get(`sessions/${sid}`)).json();
  }

  /** Every stored event: `{tab, index, event}`. */
  async events(sid) {
    const text = await (await this.get(`sessions/${sid}/events`)).text();
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }
}

/** The code blocks of a document that a comment `<!-- example: NAME -->` stands before. */
export function examples(path) {
  const text = readFileSync(join(root, path), 'utf8');
  return new Map([...text.matchAll(/<!-- example: (.+) -->\n```\w+\n([^]*?)```/g)].map(([, name, code]) => [name, code]));
}

/** How often a browser is started that ends while it starts, as Chromium does now and then on a busy machine. */
const STARTS = 3;

/** Headless Chromium; `options` are Playwright's. */
export async function launch(options = {}) {
  const executablePath = process.env.SENTIERO_CHROMIUM;
  if (!executablePath) throw new Error('SENTIERO_CHROMIUM is not set; `cargo xtask test` sets it');
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const all = { ...options, executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...quiet] };
  for (let start = 1; ; start += 1) {
    try {
      return await chromium.launch(all);
    } catch (error) {
      if (start === STARTS || !/has been closed/.test(error.message)) throw error;
      console.log(`the browser ended while it started; start ${start + 1} of ${STARTS}`);
    }
  }
}

/** Keeps the body of every request of a context. */
export function recordBodies(context) {
  const bodies = [];
  context.on('request', (request) => {
    const body = request.postDataBuffer();
    bodies.push(Buffer.from(request.url()));
    if (body) bodies.push(...withInflated(body));
  });
  return bodies;
}

/**
 * A worker with the variables `vars`, its API and a browser for the tests of the file that
 * calls this: `use` gets them before the first test, and after the last they are gone.
 */
export function stage(use, vars = {}) {
  let worker;
  let browser;
  before(async () => {
    worker = await Worker.start(vars);
    browser = await launch();
    await use({ worker, browser, api: await Api.signIn(worker.url) });
  });
  after(async () => {
    await browser?.close();
    await worker?.stop();
  });
}

/** The batches that a page's origin has in its journal, as `{ key, text }` in the order of keys. */
export function journalOf(page) {
  return page.evaluate(async () => {
    if (!(await indexedDB.databases()).some(({ name }) => name === 'sentiero')) return [];
    const done = (request) => new Promise((resolve) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    });
    const opening = indexedDB.open('sentiero');
    // It went a moment ago: looking for it must not make one, in which nothing could be kept.
    opening.onupgradeneeded = () => opening.transaction.abort();
    const db = await done(opening);
    const store = db?.objectStoreNames.length ? db.transaction('batches').objectStore('batches') : undefined;
    const [keys, batches] = store ? await Promise.all([done(store.getAllKeys()), done(store.getAll())]) : [[], []];
    db?.close();
    return keys.map((key, at) => ({ key, text: new TextDecoder().decode(batches[at]) }));
  });
}

/** Answers `path` in a context with a page that `html` gives the body of, each time anew. */
export function servePage(context, html, path = '**/page') {
  const body = () => `<!doctype html><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">${html()}`;
  return context.route(path, (route) => route.fulfill({ contentType: 'text/html', body: body() }));
}

/** The session that a page is recorded as, once it is. */
export const sessionOf = (page) => until('the recorder has a session', () => page.evaluate(() => window.Sentiero?.sessionId?.()));

/** The stored events of a session, in order; none where it is not known yet. */
export async function storedEvents(api, sid) {
  return (await api.events(sid).catch(() => [])).map(({ event }) => event);
}

/** Tag and payload of the custom events among `events`. */
export const customOf = (events) => events.filter(({ type }) => type === 5).map(({ data }) => data);

/** The payloads of those of `custom` with the tag `wanted`. */
export const payloads = (custom, wanted) => custom.filter(({ tag }) => tag === wanted).map(({ payload }) => payload);

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

/** A plain static host for a folder. */
export async function staticHost(folder) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname.replace(/\/$/, '/index.html');
    try {
      const bytes = readFileSync(join(folder, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'access-control-allow-origin': '*' });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Signs in through the page and waits for the list. */
export async function signIn(page, url) {
  await page.goto(`${url}/dashboard/`);
  await page.getByTestId('login-password').fill(PASSWORD);
  await page.getByTestId('login-submit').click();
}

/**
 * What `look` finds in the document that the player replays now: an iframe in the
 * isolated frame. The player makes both anew when it jumps, so they are found each time.
 */
export async function inReplay(page, look) {
  const outer = page.frames().findLast((frame) => frame.url().startsWith('data:') && !frame.isDetached());
  return outer?.childFrames()[0]?.evaluate(look).catch(() => undefined);
}
