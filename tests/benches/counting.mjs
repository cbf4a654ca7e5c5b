// The built worker, with everything counted that Cloudflare bills: rows written, requests
// to objects and their alarms, operations of R2 and KV. `GET /api/counts` gives the counts
// and begins anew. Used by `cargo xtask bench ingest`; never deployed.
import { DurableObject } from 'cloudflare:workers';
import Worker, * as built from '../../edge-worker/build/index.js';

let counts = {};

function add(name, by = 1) {
  counts[name] = (counts[name] ?? 0) + by;
}

const watched = new WeakSet();

/** Whose storage it is; all objects share the prototypes below. */
const owners = new WeakMap();

/** Calls `count` with the result, `this` and arguments of each call of `method` on what has the prototype of `thing`. */
function watch(thing, method, count) {
  const prototype = Object.getPrototypeOf(thing);
  const original = prototype[method];
  if (watched.has(original)) return;
  function counted(...args) {
    const result = original.apply(this, args);
    count(result, this, args);
    return result;
  }
  watched.add(counted);
  prototype[method] = counted;
}

function watchBindings({ RECORDINGS, KV }) {
  for (const [name, store] of [['R2', RECORDINGS], ['KV', KV]]) {
    for (const method of ['get', 'list', 'delete']) watch(store, method, () => add(`${name} ${method}`));
    watch(store, 'put', (_result, _store, [, value]) => {
      add(`${name} put`);
      add(`${name} bytes put`, value.byteLength ?? new TextEncoder().encode(value).byteLength);
    });
  }
}

function counting(name) {
  return class extends DurableObject {
    #object;

    constructor(ctx, env) {
      super(ctx, env);
      watchBindings(env);
      owners.set(ctx.storage.sql, name);
      owners.set(ctx.storage, name);
      watch(ctx.storage.sql, 'exec', (cursor, sql) => {
        add(`${owners.get(sql)} statements`);
        add(`${owners.get(sql)} rows written`, cursor.rowsWritten);
      });
      // An alarm that is set is billed as a row written.
      watch(ctx.storage, 'setAlarm', (_, storage) => add(`${owners.get(storage)} alarms set`));
      watch(ctx.storage, 'deleteAll', (_, storage) => add(`${owners.get(storage)} deleteAll`));
      this.#object = new built[name](ctx, env);
    }

    fetch(request) {
      add(`${name} requests`);
      return this.#object.fetch(request);
    }

    alarm() {
      add(`${name} alarms`);
      return this.#object.alarm();
    }
  };
}

export const SessionObject = counting('SessionObject');
export const IndexObject = counting('IndexObject');
export const ErasureObject = counting('ErasureObject');
export const LedgerObject = counting('LedgerObject');
export const SettingsObject = counting('SettingsObject');
export const IssuesObject = counting('IssuesObject');

export default {
  fetch(request, env, ctx) {
    watchBindings(env);
    if (new URL(request.url).pathname === '/api/counts') {
      const given = counts;
      counts = {};
      return Response.json(given);
    }
    add('Worker requests');
    return new Worker(ctx, env).fetch(request);
  },
};
