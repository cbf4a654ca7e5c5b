// What docs/deploy.md and its neighbours tell whoever deploys, as far as it can be tried without
// an account: Wrangler knows every command that is given to it, by what it says of itself, and
// understands the lines that are to go into wrangler.toml. What the deployment would upload,
// `cargo xtask test` looks at by a dry run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { examples, root } from './support.mjs';

const run = promisify(execFile);
const WRANGLER = join(root, 'node_modules/wrangler/bin/wrangler.js');
const CONFIG = readFileSync(join(root, 'wrangler.toml'), 'utf8');
const DEPLOY = examples('docs/deploy.md');
const OPERATIONS = examples('docs/operations.md');

let folder;
let wrangler;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentiero-deploy-'));
  process.env.WRANGLER_LOG_PATH = join(folder, 'logs');
  process.env.WRANGLER_SEND_METRICS = 'false';
  wrangler = await import('wrangler');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Documents with commands: all that are read today, decisions are of their day. */
const documents = () => [
  'README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'ARCHITECTURE.md',
  ...readdirSync(join(root, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md') && !name.startsWith('adr/')).map((name) => `docs/${name}`),
];

/** What documents give to Wrangler: in lines of a shell, and between backticks. */
function commands() {
  const found = new Set();
  for (const path of documents()) {
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, command] of text.matchAll(/npx wrangler ([^`\n#|&]+)/g)) found.add(command.trim());
  }
  return [...found].sort();
}

const isFlag = (word) => word.startsWith('-');
/** What a reader puts in, and names of ours. */
const isOwn = (word) => /[A-Z]/.test(word) || word.includes('sentiero');

/** What Wrangler says of a command, and which words of it are a command's own: `[words, help]`. */
async function helpFor(words) {
  const { stdout } = await run('node', [WRANGLER, ...words, '--help'], { cwd: folder });
  return stdout;
}

test('every command that a document gives to Wrangler is one, and so is every flag', { timeout: 180_000 }, async () => {
  const all = commands();
  for (const wanted of ['deploy --dry-run', 'login', 'secret put SESSION_SECRET', 'delete']) assert.ok(all.includes(wanted), wanted);
  for (const command of all) {
    const words = command.split(/\s+/);
    const verbs = words.filter((word, at) => !isFlag(word) && !isOwn(word) && !isFlag(words[at - 1] ?? ''));
    const help = await helpFor(verbs);
    // A group's help lists its commands; a command's own begins with its name.
    assert.ok(help.trimStart().startsWith(`wrangler ${verbs.join(' ')}`), `\`npx wrangler ${command}\`: Wrangler does not know it\n${help}`);
    assert.ok(!/^COMMANDS$/m.test(help), `\`npx wrangler ${command}\` is a group of commands`);
    for (const flag of words.filter(isFlag)) assert.ok(help.includes(` ${flag} `), `\`npx wrangler ${command}\`: ${flag}\n${help}`);
    const places = words.length - verbs.length - words.filter(isFlag).length;
    if (places > 0 && !words.some(isFlag)) assert.match(help, /^POSITIONALS$/m, command);
  }
});

/** What Wrangler reads from a configuration; a warning of it fails. */
function read(text) {
  const path = join(folder, 'wrangler.toml');
  writeFileSync(path, text);
  const warnings = [];
  const { warn } = console;
  console.warn = (...words) => warnings.push(words.join(' '));
  try {
    const config = wrangler.unstable_readConfig({ config: path });
    assert.deepEqual(warnings, []);
    return config;
  } finally {
    console.warn = warn;
  }
}

test('a name of your own goes above [build]', () => {
  const sample = DEPLOY.get('a name of your own');
  const config = read(CONFIG.replace('\n[build]\n', `\n${sample}\n[build]\n`));
  assert.deepEqual(config.routes, [{ pattern: 'visits.shop.example', custom_domain: true }]);
  assert.equal(config.workers_dev, false);
  assert.equal(config.build.command, 'cargo xtask build');
});

test('the lines for Access take the place of those that are there', () => {
  for (const sample of [DEPLOY.get('Access'), OPERATIONS.get('Access')]) {
    const given = Object.fromEntries([...sample.matchAll(/^(\w+) = "(.*?)"/gm)].map(([, name, value]) => [name, value]));
    assert.deepEqual(Object.keys(given), ['ACCESS_TEAM', 'ACCESS_AUD']);
    const changed = sample.trim().split('\n').reduce((text, line) => {
      const [name] = line.split(' ');
      assert.match(text, new RegExp(`^${name} = ""$`, 'm'), name);
      return text.replace(`${name} = ""`, line);
    }, CONFIG);
    const { vars } = read(changed);
    assert.deepEqual({ ACCESS_TEAM: vars.ACCESS_TEAM, ACCESS_AUD: vars.ACCESS_AUD }, given);
    assert.match(given.ACCESS_AUD, /^[0-9a-f]{64}$/);
  }
});

test('one deployment makes everything, as the page says', () => {
  const config = read(CONFIG);
  const text = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
  // Without an id Wrangler makes the namespace, with a name of this form.
  assert.deepEqual(config.kv_namespaces.map(({ binding, id }) => [binding, id]), [['KV', undefined]]);
  assert.ok(text.includes(`\`${config.name}-kv\``));
  assert.deepEqual(config.r2_buckets.map(({ bucket_name: name }) => text.includes(`\`${name}\``)), [true]);
  const bound = config.durable_objects.bindings.map(({ class_name: name }) => name).sort();
  const made = config.migrations.flatMap(({ new_sqlite_classes: names }) => names).sort();
  assert.deepEqual(made, bound, 'each class that is bound is made by a migration');
  const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
  assert.ok(text.includes(`the ${numbers[bound.length]} classes of Durable Objects`), `${bound}`);
  assert.deepEqual([config.triggers.crons ?? [], config.queues.producers ?? []], [[], []]);
  // Wrangler writes what it made into a configuration that has no comments.
  assert.ok(CONFIG.includes('#') && text.includes('Wrangler writes into none that has comments'));
});
