// The built worker with a door that makes of an object's tables what an earlier version would
// have left there: `POST /api/earlier/{SESSIONS|INDEX}/{name of the object}`. The object then
// begins anew, as it does behind a deployment. Used by tests/tests/earlier.rs; never deployed.
import { DurableObject } from 'cloudflare:workers';
import Worker, * as built from '../edge-worker/build/index.js';

/** Session and chunks in a table of their own. */
function session(sql) {
  const rows = sql.exec('SELECT tab, first, info, opens, body FROM batch ORDER BY tab, first').toArray();
  sql.exec('DROP TABLE batch');
  sql.exec('CREATE TABLE state (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID');
  sql.exec(`CREATE TABLE batch (tab TEXT NOT NULL, first INTEGER NOT NULL, info TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (tab, first)) WITHOUT ROWID`);
  for (const { tab, first, info, opens, body } of rows) {
    // What a session was opened with gives way to what was saved of it later.
    if (opens !== null) sql.exec("INSERT INTO state VALUES ('session', ?)", opens);
    if (tab.startsWith('~')) sql.exec('INSERT OR REPLACE INTO state VALUES (?, ?)', tab.slice(1), info);
    else sql.exec('INSERT INTO batch VALUES (?, ?, ?, ?)', tab, first, info, body);
  }
}

/** A row for each word that was counted on a day. */
function index(sql) {
  const rows = sql.exec('SELECT day, n FROM counted').toArray();
  sql.exec('DROP TABLE counted');
  sql.exec('CREATE TABLE counter (day TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, name)) WITHOUT ROWID');
  for (const { day, n } of rows) {
    for (const [name, count] of Object.entries(JSON.parse(n))) sql.exec('INSERT INTO counter VALUES (?, ?, ?)', day, name, count);
  }
}

function earlier(name, change) {
  return class extends DurableObject {
    #object;

    constructor(ctx, env) {
      super(ctx, env);
      this.#object = new built[name](ctx, env);
    }

    fetch(request) {
      if (new URL(request.url).pathname !== '/earlier') return this.#object.fetch(request);
      change(this.ctx.storage.sql);
      this.#object = new built[name](this.ctx, this.env);
      return new Response('done');
    }

    alarm() {
      return this.#object.alarm();
    }
  };
}

export const SessionObject = earlier('SessionObject', session);
export const IndexObject = earlier('IndexObject', index);
export const { ErasureObject, LedgerObject, SettingsObject, IssuesObject } = built;

export default {
  fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const [, binding, name] = /^\/api\/earlier\/(SESSIONS|INDEX)\/(.+)$/.exec(pathname) ?? [];
    if (!binding) return new Worker(ctx, env).fetch(request);
    return env[binding].getByName(name).fetch('https://object/earlier', { method: 'POST' });
  },
};
