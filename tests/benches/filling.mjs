// The built worker with a door that fills a month of the index with made-up rows, faster than
// any upload: `POST /api/fill/{site}/{month}?rows=N&from=MS&every=MS`. The body is what reports
// read of a session, for each of some sessions its length in four bytes before it; rows take
// turns with them. `GET` there says how many sheets and parts the month has, how large it and the
// wasm's memory are, and what was read of it since the last time; with `?count` it counts that from
// then on, with `?forget` it forgets what reports said; with `?text=…` it says how many sheets,
// parts and kept answers hold that text. Used by `cargo xtask bench list`, `bench reports` and
// `bench ingest`, their short forms and the proof of erasures; never deployed.
//
// `POST /api/sql/{site}/{month}` performs SQL in the month's own storage and gives the rows:
// for tests that look at what the worker keeps there, or change it.
import { DurableObject } from 'cloudflare:workers';
import { bytesOfMemory } from './memory.mjs';
import Worker, * as built from '../../edge-worker/build/index.js';

/** Rows of one statement. */
const AT_ONCE = 20_000;

/** A row that the worker writes itself, so that the table is the worker's. */
const FIRST = {
  sid: '', started: 0, duration: 0, live: false, tabs: 1, pages: 1, events: 1, clicks: 0, errors: 0, bytes: 1,
  entry: 'https://shop.example/', exit: 'https://shop.example/', country: null, browser: null, os: null, device: null,
};

/** The letters of an id after its start. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Number `i` of the rows, from numbers that look random and are the same each time: one in
 * 20 has errors, one in 50 rage, one in 5 a user, one in 8 bought.
 */
const FILL = `
  WITH RECURSIVE number(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < ?2),
  random AS (SELECT i, (i * 2654435761) % 4294967291 AS a, (i * 1103515245 + 12345) % 2147483647 AS b FROM number)
  INSERT INTO session (sid, revision, live, duration, tabs, pages, events, clicks, errors, bytes, entry, exit,
    country, browser, os, device, masked, users, active, rage, dead, more, referrer, strip, visited, named, meta, packed)
  SELECT printf('%012x', ?3 + i * ?4) || '${LETTERS}', 1, 0, a % 1800000, 1 + a % 3, 1 + b % 9, 10 + b % 5000,
    b % 100, iif(a % 20 = 0, 1 + b % 7, 0), 1000 + b % 1000000,
    'https://shop.example/artikel/' || (a % 200), 'https://shop.example/kasse/schritt-' || (b % 4),
    substr('DEDEDEFRGBUSNLESITPL', 1 + 2 * (a % 10), 2), iif(b % 10 < 6, 'Chrome', iif(b % 10 < 8, 'Safari', 'Firefox')),
    iif(a % 7 < 4, 'Windows', iif(a % 7 < 6, 'Android', 'macOS')), iif(a % 3 = 0, 'mobile', 'desktop'),
    0, iif(a % 5 = 0, json_array('kunde-' || (b % 100000)), NULL), a % 600000,
    iif(a % 50 = 0, 1 + b % 3, 0), iif(b % 30 = 0, 1 + a % 4, 0), b % 3,
    iif(b % 3 = 0, 'https://suche.example/ergebnisse', NULL), substr('012345678901234567890123456789', 1 + a % 6, 24),
    'https://shop.example/artikel/' || (a % 200) || char(10) || 'https://shop.example/artikel/' || (b % 200)
      || char(10) || 'https://shop.example/korb' || char(10) || 'https://shop.example/kasse/schritt-' || (b % 4),
    iif(a % 8 = 0, json_array('bought', 'cart'), iif(a % 4 = 0, json_array('cart'), NULL)),
    iif(b % 6 = 0, json_array('4:plan' || iif(a % 2 = 0, 'pro', 'free')), NULL),
    (SELECT bytes FROM told WHERE place = b % max(1, ?5))
  FROM random`;

/** What follows its length in four bytes, again and again. */
function* parts(body) {
  for (let at = 0; at < body.byteLength; ) {
    const end = at + 4 + new DataView(body).getUint32(at, true);
    yield body.slice(at + 4, end);
    at = end;
  }
}

function framed(command) {
  const json = new TextEncoder().encode(JSON.stringify(command));
  const body = new Uint8Array(4 + json.length);
  new DataView(body.buffer).setUint32(0, json.length, true);
  body.set(json, 4);
  return body;
}

/** What is read of a month's SQLite while somebody counts. */
class Reads {
  #isOn = false;
  #bytes = 0;
  #cursors = [];

  constructor(sql) {
    const prototype = Object.getPrototypeOf(sql);
    const { exec } = prototype;
    const reads = this;
    prototype.exec = function (...args) {
      const cursor = exec.apply(this, args);
      return reads.#isOn ? reads.#counted(cursor) : cursor;
    };
  }

  #counted(cursor) {
    this.#cursors.push(cursor);
    const reads = this;
    const { raw } = Object.getPrototypeOf(cursor);
    cursor.raw = function () {
      const rows = raw.call(this);
      return {
        [Symbol.iterator]() {
          return this;
        },
        next() {
          const step = rows.next();
          for (const value of step.value ?? []) reads.#bytes += value?.byteLength ?? value?.length ?? 8;
          return step;
        },
      };
    };
    return cursor;
  }

  /** Rows that SQLite looked at, and bytes that it gave, since the last time. */
  taken(isOn) {
    this.#isOn = isOn;
    const rows = this.#cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    const taken = { rows, bytes: this.#bytes };
    this.#cursors = [];
    this.#bytes = 0;
    return taken;
  }
}

let reads;

export class IndexObject extends DurableObject {
  #object;

  constructor(ctx, env) {
    super(ctx, env);
    reads ??= new Reads(ctx.storage.sql);
    this.#object = new built.IndexObject(ctx, env);
  }

  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/look') {
      const text = url.searchParams.get('text');
      return Response.json(text === null ? this.#look(url.searchParams) : this.#telling(text));
    }
    if (url.pathname === '/sql') return Response.json(this.ctx.storage.sql.exec(await request.text()).toArray());
    if (url.pathname !== '/fill') return this.#object.fetch(request);
    const [rows, from, every] = ['rows', 'from', 'every'].map((name) => Number(url.searchParams.get(name)));
    const sid = from.toString(16).padStart(12, '0') + LETTERS;
    const body = framed({ site: null, row: { ...FIRST, sid }, revision: 1 });
    const first = await this.#object.fetch(new Request('https://object/upsert', { method: 'POST', body }));
    if (first.status !== 200) return first;
    const { sql } = this.ctx.storage;
    sql.exec('CREATE TABLE told (place INTEGER PRIMARY KEY, bytes BLOB)');
    const told = [...parts(await request.arrayBuffer())];
    told.forEach((bytes, place) => sql.exec('INSERT INTO told VALUES (?, ?)', place, bytes));
    // Number 0 is the worker's own.
    for (let at = 1; at < rows; at += AT_ONCE) {
      sql.exec(FILL, at, Math.min(at + AT_ONCE, rows), from, every, told.length);
      await this.ctx.storage.sync();
    }
    return Response.json({ bytes: sql.databaseSize });
  }

  #look(asked) {
    const { sql } = this.ctx.storage;
    const taken = reads.taken(asked.has('count'));
    const count = (table, what = '*') => {
      const isThere = sql.exec('SELECT 1 FROM sqlite_master WHERE name = ?', table).toArray().length > 0;
      return isThere ? sql.exec(`SELECT count(${what}) AS count FROM ${table}`).one().count : 0;
    };
    if (asked.has('forget') && count('kept') > 0) sql.exec('DELETE FROM kept');
    const parts = count('part', 'DISTINCT first');
    return { sheets: count('sheet'), parts, size: sql.databaseSize, memory: bytesOfMemory(), ...taken };
  }

  /** How many rows of each table that is made of others hold `text`. */
  #telling(text) {
    const { sql } = this.ctx.storage;
    const bytes = new TextEncoder().encode(text).buffer;
    const count = (table, columns) => {
      const holds = columns.map((column) => `instr(${column}, ?1)`).join(' + ');
      return sql.exec(`SELECT count(*) AS count FROM ${table} WHERE ${holds} > 0`, bytes).one().count;
    };
    return {
      sheets: count('sheet', ['facts', 'names', 'pages']),
      parts: count('part', ['bytes']),
      kept: count('kept', ['report']),
    };
  }

  alarm() {
    return this.#object.alarm();
  }
}

export const { SessionObject, ErasureObject, LedgerObject, SettingsObject, IssuesObject } = built;

export default {
  fetch(request, env, ctx) {
    const { pathname, search } = new URL(request.url);
    const { method, body } = request;
    const [, door, name] = /^\/api\/(fill|sql)\/(.+)$/.exec(pathname) ?? [];
    if (!door) return new Worker(ctx, env).fetch(request);
    const index = env.INDEX.getByName(name);
    if (door === 'sql') return index.fetch('https://object/sql', { method, body });
    if (method !== 'POST') return index.fetch(`https://object/look${search}`);
    return index.fetch(`https://object/fill${search}`, { method, body });
  },
};
