// The built worker with two doors: `POST /api/released/dump` tells everything that it stores,
// as JSON, and `POST /api/released/fill` stores what such a JSON says, as the worker that was
// dumped had stored it. Used by tests/tests/upgrade.rs; never deployed.
//
// A dump has `objects` (`class`, `name`, `schema`, `rows` by table, `alarm`), `kv` (`key`,
// `value`, `expiration`) and `r2` (`key`, `value`, `metadata`). Bytes are `{"hex":…}`.
import { DurableObject } from 'cloudflare:workers';
import Worker, * as built from '../edge-worker/build/index.js';

/** The classes, by their bindings in wrangler.toml. */
const CLASSES = {
  SETTINGS: 'SettingsObject', LEDGER: 'LedgerObject', ISSUES: 'IssuesObject',
  INDEX: 'IndexObject', ERASURES: 'ErasureObject', SESSIONS: 'SessionObject',
};

/** The names of the objects that ran since the worker was started, by their bindings. */
const awake = new Map(Object.keys(CLASSES).map((binding) => [binding, new Set()]));

const hex = (buffer) => ({ hex: [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('') });
const bytes = ({ hex: digits }) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

const written = (value) => (value instanceof ArrayBuffer ? hex(value) : value);
const read = (value) => (value?.hex === undefined ? value : bytes(value));

/** What was made by the worker, and not by the platform or SQLite. */
const MADE = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY type DESC, name";

function dumpTables(sql) {
  const made = sql.exec(MADE).toArray();
  const tables = made.filter(({ type }) => type === 'table').map(({ name }) => name);
  const row = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, written(value)]));
  const rows = Object.fromEntries(tables.map((name) => [name, sql.exec(`SELECT * FROM "${name}"`).toArray().map(row)]));
  return { schema: made.map(({ sql: text }) => text), rows };
}

function fillTables(sql, { schema, rows }) {
  for (const { name, type } of sql.exec(MADE).toArray()) if (type === 'table') sql.exec(`DROP TABLE "${name}"`);
  const isTable = (text) => text.startsWith('CREATE TABLE');
  for (const text of schema.filter(isTable)) sql.exec(text);
  for (const [table, all] of Object.entries(rows)) {
    for (const row of all) {
      const names = Object.keys(row).map((name) => `"${name}"`).join(', ');
      const values = Object.values(row).map(read);
      sql.exec(`INSERT INTO "${table}" (${names}) VALUES (${values.map(() => '?').join(', ')})`, ...values);
    }
  }
  // Triggers and the like: what was stored has been through them.
  for (const text of schema.filter((text) => !isTable(text))) sql.exec(text);
}

function open(binding) {
  const Inner = built[CLASSES[binding]];
  return class extends DurableObject {
    #object;

    constructor(ctx, env) {
      super(ctx, env);
      awake.get(binding).add(ctx.id.name);
      this.#object = new Inner(ctx, env);
    }

    async fetch(request) {
      const { pathname } = new URL(request.url);
      const { storage } = this.ctx;
      if (pathname === '/released/dump') return Response.json({ ...dumpTables(storage.sql), alarm: await storage.getAlarm() });
      if (pathname !== '/released/fill') return this.#object.fetch(request);
      const object = await request.json();
      fillTables(storage.sql, object);
      // What it holds in memory is of before.
      this.#object = new Inner(this.ctx, this.env);
      if (object.alarm !== null) await storage.setAlarm(object.alarm);
      return new Response('filled');
    }

    alarm() {
      return this.#object.alarm();
    }
  };
}

export const SettingsObject = open('SETTINGS');
export const LedgerObject = open('LEDGER');
export const IssuesObject = open('ISSUES');
export const IndexObject = open('INDEX');
export const ErasureObject = open('ERASURES');
export const SessionObject = open('SESSIONS');

const post = (env, { class: binding, name }, path, body) =>
  env[binding].getByName(name).fetch(`https://object/released/${path}`, { method: 'POST', body: JSON.stringify(body) });

async function dump(env) {
  const objects = [];
  for (const [binding, names] of awake) {
    for (const name of [...names].sort()) {
      const object = await (await post(env, { class: binding, name }, 'dump', {})).json();
      if (object.schema.length) objects.push({ class: binding, name, ...object });
    }
  }
  const kv = [];
  for (const { name: key, expiration } of (await env.KV.list()).keys) {
    kv.push({ key, value: hex(await env.KV.get(key, 'arrayBuffer')), expiration: expiration ?? null });
  }
  const r2 = [];
  for (const { key } of (await env.RECORDINGS.list()).objects) {
    const object = await env.RECORDINGS.get(key);
    r2.push({ key, value: hex(await object.arrayBuffer()), metadata: object.customMetadata });
  }
  return { objects, kv, r2 };
}

async function fill(env, { objects, kv, r2 }) {
  for (const { key, value, expiration } of kv) await env.KV.put(key, bytes(value), expiration === null ? {} : { expiration });
  for (const { key, value, metadata } of r2) await env.RECORDINGS.put(key, bytes(value), { customMetadata: metadata });
  for (const object of objects) {
    const answer = await post(env, object, 'fill', object);
    if (!answer.ok) throw new Error(`${object.class} ${object.name}: ${answer.status}`);
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/api/released/dump') return Response.json(await dump(env));
    if (pathname === '/api/released/fill') {
      await fill(env, await request.json());
      return new Response('filled');
    }
    return new Worker(ctx, env).fetch(request);
  },
};
