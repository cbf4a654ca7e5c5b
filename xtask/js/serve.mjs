// Runs the built worker on workerd, from wrangler.toml, without an account or a network.
//
// Used by `cargo xtask dev` and by the system tests. On stdout comes one line,
// `{"ready":true,"url":"http://127.0.0.1:PORT"}`, when it answers; all else goes to stderr.
//
//   node xtask/js/serve.mjs [--port N] [--at ORIGIN] [--persist DIR] [--var K=V]... [--site NAME=FILE]...
//                           [--kv KEY=FILE]... [--no-dev-vars] [--watch-stdin] [--count] [--fill]
//                           [--faults] [--earlier] [--released] [--without BINDING]...
//                           [--script FILE]
//
// With --at it is safe behind a proxy at that origin, see front.mjs.
// Sites are written where the worker keeps them, by the commands that it sends itself
// (edge-worker/src/settings); --kv puts a file into KV before that. With --count the worker
// is wrapped by tests/benches/counting.mjs, which counts what the platform would bill; with
// --fill by tests/benches/filling.mjs, which fills the index; with --faults by
// tests/faults.mjs, which breaks stores, limiters and alarms; with --earlier by
// tests/earlier.mjs, which makes objects what an earlier version left; with --released by
// tests/released.mjs, which tells all that is stored, and stores what a release did.
// --without runs it as a deployment where something is broken: that binding is not there.
// --script takes another build of the worker.
//
// With --watch-stdin it leaves when its stdin closes: whoever holds the other end cannot
// leave a server behind, however it ends. A line NAME=FILE on it changes a site's
// configuration under the running worker; `{"configured":NAME}` says that it is done. A line
// r2:KEY=FILE puts a recording, with FILE.row as its metadata `row`; then comes `{"put":KEY}`.
// `ask OBJECT PATH JSON` sends a command to a settings object and answers with what it says.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { front } from './front.mjs';
import { importSessions } from './import.mjs';

// wrangler, Miniflare and the worker all log to stdout, which is ours.
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
process.env.WRANGLER_SEND_METRICS = 'false';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** `K=V` as a pair; a value may contain more equals signs. */
function pair(text, flag) {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`${flag} takes NAME=VALUE, not ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** An origin as it is written, `https://sentiero.example`. */
function origin(text) {
  const url = URL.parse(text);
  if (!url || url.origin !== text) throw new Error(`--at takes an origin as https://sentiero.example, not ${text}`);
  return url.origin;
}

/** What the worker is wrapped by, a module in tests/, by the flag that asks for it. */
const WRAPPERS = { count: 'benches/counting', fill: 'benches/filling', faults: 'faults', earlier: 'earlier', released: 'released' };

function options() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      at: { type: 'string' },
      persist: { type: 'string', default: join(root, '.sentiero/state') },
      var: { type: 'string', multiple: true, default: [] },
      site: { type: 'string', multiple: true },
      kv: { type: 'string', multiple: true, default: [] },
      without: { type: 'string', multiple: true, default: [] },
      'no-dev-vars': { type: 'boolean', default: false },
      script: { type: 'string' },
      'watch-stdin': { type: 'boolean', default: false },
      count: { type: 'boolean', default: false },
      fill: { type: 'boolean', default: false },
      faults: { type: 'boolean', default: false },
      earlier: { type: 'boolean', default: false },
      released: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port takes a number from 0 to 65535, not ${values.port}`);
  }
  return {
    port,
    at: values.at && origin(values.at),
    persist: resolve(values.persist),
    vars: Object.fromEntries(values.var.map((text) => pair(text, '--var'))),
    sites: values.site?.map((text) => pair(text, '--site')) ?? allSites(),
    script: values.script,
    kv: values.kv.map((text) => pair(text, '--kv')),
    without: values.without,
    devVars: !values['no-dev-vars'],
    watchStdin: values['watch-stdin'],
    around: Object.keys(WRAPPERS).map((flag) => values[flag] && WRAPPERS[flag]).find(Boolean),
  };
}

/** sites/*.json, by the name of the file. */
function allSites() {
  const folder = join(root, 'sites');
  const files = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : [];
  return files.map((file) => [basename(file, '.json'), join(folder, file)]);
}

/** workerd's own message for a taken port is hard to find in its output. */
function requireFreePort(port) {
  return new Promise((free, taken) => {
    const server = createServer();
    server.once('error', () => taken(new Error(`port ${port} is taken; choose another with --port`)));
    server.listen(port, '127.0.0.1', () => server.close(free));
  });
}

/** Bindings, assets and compatibility date as wrangler.toml declares them. */
async function workerOptions({ vars, devVars, around, without, script: other }) {
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler');
  const config = join(root, 'wrangler.toml');
  // A list of files takes the place of .dev.vars, and this one is never there.
  const envFiles = devVars ? undefined : ['.no-dev-vars'];
  const { workerOptions: options, main: built } = unstable_getMiniflareWorkerOptions(config, undefined, { envFiles });
  const main = other ? resolve(other) : built;
  if (!existsSync(main)) throw new Error(`${main} is missing: run \`cargo xtask build\` first`);
  const script = around
    ? {
        scriptPath: join(root, `tests/${around}.mjs`),
        modulesRoot: root,
        modulesRules: [
          { type: 'ESModule', include: ['**/*.mjs', '**/*.js'] },
          { type: 'CompiledWasm', include: ['**/*.wasm'] },
        ],
      }
    : { scriptPath: main, modulesRoot: dirname(main) };
  for (const kind of ['kvNamespaces', 'r2Buckets', 'durableObjects']) {
    for (const name of without) delete options[kind]?.[name];
  }
  return {
    ...options,
    name: 'sentiero',
    modules: true,
    ...script,
    bindings: { ...options.bindings, ...vars },
  };
}

/** One command to a settings object, framed as edge-worker/src/object.rs does. */
async function ask(miniflare, name, path, command) {
  const settings = await miniflare.getDurableObjectNamespace('SETTINGS', 'sentiero');
  const json = Buffer.from(JSON.stringify(command));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const body = Buffer.concat([length, json]);
  const object = settings.get(settings.idFromName(name));
  const answer = await object.fetch(`https://object${path}`, { method: 'POST', body });
  if (answer.status !== 200) throw new Error(`the settings object answered ${answer.status} to ${path}`);
  return answer.json();
}

/** Makes or replaces a site, whatever is there. */
async function configure(miniflare, key, config) {
  const { sites } = await ask(miniflare, 'sites', '/sync', { revision: null });
  const site = sites.find((other) => other.key === key);
  const change = site ? { replace: { key, revision: site.revision, config } } : { create: { key, config } };
  const { Err: refused } = await ask(miniflare, 'sites', '/change', change);
  if (refused) throw new Error(`site ${key} cannot be configured: ${JSON.stringify(refused)}`);
}

/**
 * Makes each site, once: what was changed in the dashboard since stays, until the file
 * itself changes.
 */
async function seed(miniflare, { sites, kv: entries, persist }) {
  const kv = await miniflare.getKVNamespace('KV', 'sentiero');
  for (const [key, file] of entries) await kv.put(key, readFileSync(file, 'utf8'));
  const note = join(persist, 'seeded.json');
  const seeded = existsSync(note) ? JSON.parse(readFileSync(note, 'utf8')) : {};
  for (const [name, file] of sites) {
    const text = readFileSync(file, 'utf8');
    const hash = createHash('sha256').update(text).digest('hex');
    if (seeded[name] === hash) continue;
    await configure(miniflare, name, text);
    seeded[name] = hash;
  }
  writeFileSync(note, JSON.stringify(seeded));
}

/** Obeys stdin: a line is a command or a site to configure, its end is ours. */
function obey(miniflare, stop) {
  const lines = createInterface({ input: process.stdin });
  lines.on('close', stop);
  lines.on('line', async (line) => {
    const [, object, path, command] = /^ask (\S+) (\S+) (.*)$/.exec(line) ?? [];
    if (object) {
      say(`${JSON.stringify(await ask(miniflare, object, path, JSON.parse(command)))}\n`);
      return;
    }
    const [, key, folder] = /^import (\S+) (.*)$/.exec(line) ?? [];
    if (key) {
      const told = (progress) => say(`${JSON.stringify(progress)}\n`);
      await importSessions(miniflare, key, folder, told).then(
        (imported) => told({ imported }),
        (error) => told({ error: error.message }),
      );
      return;
    }
    const [name, file] = pair(line, 'stdin');
    if (name.startsWith('r2:')) {
      const key = name.slice(3);
      const bucket = await miniflare.getR2Bucket('RECORDINGS', 'sentiero');
      const row = readFileSync(`${file}.row`, 'utf8');
      // A Buffer does not cross into workerd; its bytes do.
      const { buffer } = Uint8Array.from(readFileSync(file));
      await bucket.put(key, buffer, { customMetadata: { row } });
      say(`${JSON.stringify({ put: key })}\n`);
      return;
    }
    await configure(miniflare, name, readFileSync(file, 'utf8'));
    say(`${JSON.stringify({ configured: name })}\n`);
  });
}

async function serve() {
  const given = options();
  if (given.port !== 0) await requireFreePort(given.port);
  mkdirSync(given.persist, { recursive: true });
  const { Miniflare, Log, LogLevel } = await import('miniflare');
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: given.at ? 0 : given.port,
    // Without this, Miniflare asks the network what `Request.cf` looks like.
    cf: false,
    log: new Log(LogLevel.WARN),
    // GET /cdn-cgi/handler/scheduled fires the cron handler, as under `wrangler dev`.
    unsafeTriggerHandlers: true,
    kvPersist: join(given.persist, 'kv'),
    r2Persist: join(given.persist, 'r2'),
    durableObjectsPersist: join(given.persist, 'do'),
    cachePersist: join(given.persist, 'cache'),
    workers: [await workerOptions(given)],
  });
  // A second signal while the first is being obeyed changes nothing.
  let stopping;
  const stop = () => {
    stopping ??= miniflare.dispose().finally(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (given.watchStdin) obey(miniflare, stop);
  const url = await miniflare.ready;
  if (!given.without.includes('KV')) await seed(miniflare, given);
  const { origin: answersAt } = given.at ? await front(given.port, url, given.at) : url;
  say(`${JSON.stringify({ ready: true, url: answersAt })}\n`);
}

try {
  await serve();
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}
