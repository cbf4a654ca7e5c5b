// The built worker with stores, limiters and alarms that can be broken while it runs:
// `POST /api/faults` with `{"R2 get":"hang","INGEST_LIMIT":"fail",…}`, which takes the place
// of what was set before. Used by the system tests; never deployed.
//
// * `R2 …`, `KV …` (get, put, list, head, delete), `INGEST_LIMIT`, `LOGIN_LIMIT`: `hang` never
//   answers, `fail` throws.
// * `SessionObject` and the other classes: the same of every command to an object of that class.
// * `alarms`: so many alarms of sessions cannot set an alarm.
// * `speed`: from now on the worker's clock runs so many times as fast, alarms with it.
// * `meanwhile`: `{"replace":{…}}`, a change that somebody else makes to a site, once, right
//   after an erasure was taken on.
import { DurableObject } from 'cloudflare:workers';
import Worker, * as built from '../edge-worker/build/index.js';

let faults = {};

/** Set while an alarm runs that cannot set another. */
const stuck = new WeakSet();
const guarded = new WeakSet();

/** Lets `fault` decide, before each call of `method` on what has the prototype of `thing`. */
function guard(thing, method, fault) {
  const prototype = Object.getPrototypeOf(thing);
  const original = prototype?.[method];
  if (!original || guarded.has(original)) return;
  function guardedCall(...args) {
    const kind = fault(this);
    if (kind === 'hang') return new Promise(() => {});
    if (kind === 'fail') return Promise.reject(new Error('broken by a test'));
    return original.apply(this, args);
  }
  guarded.add(guardedCall);
  prototype[method] = guardedCall;
}

/** Where the clock of the worker was when its speed was set last, ms, and how fast it has run since. */
const clock = { real: 0, shown: 0, speed: 1 };
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...args) {
    super(...(args.length > 0 ? args : [Date.now()]));
  }

  static now() {
    return Math.floor(clock.shown + (Real.now() - clock.real) * clock.speed);
  }
};

function runAt(speed) {
  Object.assign(clock, { shown: Date.now(), real: Real.now(), speed });
}

const hurried = new WeakSet();

/** Alarms are set and told in the worker's time, and ring in that of the machine. */
function hurryAlarms(storage) {
  const prototype = Object.getPrototypeOf(storage);
  const { setAlarm, getAlarm } = prototype;
  if (hurried.has(prototype)) return;
  hurried.add(prototype);
  prototype.setAlarm = function set(at, ...rest) {
    return setAlarm.call(this, Math.ceil(clock.real + (Number(at) - clock.shown) / clock.speed), ...rest);
  };
  prototype.getAlarm = async function get(...rest) {
    const at = await getAlarm.apply(this, rest);
    return at === null ? null : clock.shown + (at - clock.real) * clock.speed;
  };
}

const limiters = new WeakMap();

function guardBindings({ RECORDINGS, KV, INGEST_LIMIT, LOGIN_LIMIT }) {
  for (const method of ['get', 'put', 'list', 'head', 'delete']) {
    guard(RECORDINGS, method, () => faults[`R2 ${method}`]);
    guard(KV, method, () => faults[`KV ${method}`]);
  }
  limiters.set(INGEST_LIMIT, 'INGEST_LIMIT');
  limiters.set(LOGIN_LIMIT, 'LOGIN_LIMIT');
  guard(INGEST_LIMIT, 'limit', (limiter) => faults[limiters.get(limiter)]);
}

/** A command to a settings object, framed as edge-worker/src/object.rs does. */
function framed(command) {
  const json = new TextEncoder().encode(JSON.stringify(command));
  const body = new Uint8Array(4 + json.length);
  new DataView(body.buffer).setUint32(0, json.length, true);
  body.set(json, 4);
  return body;
}

function breakable(name) {
  return class extends DurableObject {
    #object;

    constructor(ctx, env) {
      super(ctx, env);
      guardBindings(env);
      hurryAlarms(ctx.storage);
      guard(ctx.storage, 'setAlarm', (storage) => (stuck.has(storage) ? 'fail' : undefined));
      this.#object = new built[name](ctx, env);
    }

    async fetch(request) {
      const fault = faults[name];
      if (fault === 'hang') await new Promise(() => {});
      if (fault === 'fail') throw new Error('broken by a test');
      const answer = await this.#object.fetch(request);
      const { meanwhile } = faults;
      if (meanwhile && name === 'ErasureObject') {
        faults = { ...faults, meanwhile: undefined };
        const body = framed(meanwhile);
        await this.env.SETTINGS.getByName('sites').fetch('https://object/change', { method: 'POST', body });
      }
      return answer;
    }

    async alarm() {
      if (name === 'SessionObject' && faults.alarms > 0) {
        faults = { ...faults, alarms: faults.alarms - 1 };
        stuck.add(this.ctx.storage);
      }
      try {
        return await this.#object.alarm();
      } finally {
        stuck.delete(this.ctx.storage);
      }
    }
  };
}

export const SessionObject = breakable('SessionObject');
export const IndexObject = breakable('IndexObject');
export const ErasureObject = breakable('ErasureObject');
export const LedgerObject = breakable('LedgerObject');
export const SettingsObject = breakable('SettingsObject');
export const IssuesObject = breakable('IssuesObject');

export default {
  async fetch(request, env, ctx) {
    guardBindings(env);
    if (new URL(request.url).pathname === '/api/faults') {
      faults = await request.json();
      if (faults.speed) runAt(faults.speed);
      return Response.json(faults);
    }
    return new Worker(ctx, env).fetch(request);
  },
};
