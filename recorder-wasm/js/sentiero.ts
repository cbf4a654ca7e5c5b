/**
 * sentiero.js, the one script that a site includes: reads its configuration, respects
 * what the visitor wants, and loads the rest.
 *
 * Where the visitor asked not to be tracked (Global Privacy Control, or an opt-out), or
 * was not asked yet where a site requires that, nothing is loaded, sent or stored.
 * See docs/consent.md.
 */
import type { Sentiero } from './api';
import { forgetKept, read, say, write } from './browser';
import { SESSION_KEY, WINDOW_KEY, type Area, type Config, type Options, type Recorder } from './config';

const OPT_OUT_KEY = 'sentiero_optout';
/** Sessions that the visitor wants erased and the edge has not acknowledged yet. */
const ERASE_KEY = 'sentiero_erase';

/** How long an erasure that failed waits, unless the browser is online again before, ms. */
const ERASE_AGAIN = 60_000;

/** More calls are not kept for a recorder that does not come. */
const MAX_WAITING = 1_000;

/** Nor more errors for the code that records them. */
const MAX_ERRORS = 20;

/** And what only our npm package says: where a bundler put our files, by their own names. */
interface Packaged extends Options {
  files?: Record<string, string>;
}

/** And what only the recorder calls: how it is made. */
interface Loader extends Sentiero {
  _(create: (config: Config) => Recorder): void;
}

/** Of `metadata` what a recording takes. */
function clean(metadata: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(metadata)
      .filter(([key, value]) => key.length <= 128 && (/^(string|boolean)$/.test(typeof value) || Number.isFinite(value)))
      .slice(0, 50)
      .map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, 1024) : value]),
  );
}

let hasComplained = false;

/** Says what went wrong, once: what goes wrong afterwards mostly follows from it. */
function complain(text: string, why?: unknown): void {
  if (!hasComplained) {
    hasComplained = true;
    say(text, why);
  }
}

/** `work`, without a way for an exception to reach the page; null after one. */
const guard =
  <A extends unknown[]>(work: (...args: A) => unknown) =>
  (...args: A): unknown => {
    try {
      return work(...args);
    } catch (error) {
      complain('', error);
      return null;
    }
  };

guard(() => {
  const before: unknown = (window as { Sentiero?: unknown }).Sentiero;
  if (before && !Array.isArray(before)) {
    // Included twice.
    return;
  }
  // None if a bundler included us; then `init` says everything.
  const script = document.currentScript as HTMLScriptElement | null;
  const options = { ...script?.dataset } as Packaged;
  /** Until the calls that came before us are obeyed: an opt-out may be among them. */
  let early = true;
  let wanted = true;
  let paused = false;
  let consented = false;
  /** What `OPT_OUT_KEY` says, where nothing can be stored. */
  let isOut = false;
  let loading = false;
  let warned = false;
  let make: (() => Recorder) | undefined;
  let recorder: Recorder | undefined;
  let waiting: (() => void)[] = [];
  const errors: Event[] = [];
  /** Erasures under way. */
  const asked = new Set<string>();

  // Whatever it says: who mistypes `required` did not mean "no".
  const isAsking = (): boolean => options.consent !== undefined;

  /** Whether this visitor may be recorded. */
  const isOpen = (): boolean =>
    (consented || !isAsking()) &&
    !isOut &&
    read('localStorage', OPT_OUT_KEY) === null &&
    (navigator.globalPrivacyControl !== true || String(options.respectGpc) === 'false');

  let trust: Config['trust'] = (url) => url;
  try {
    const policy = window.trustedTypes.createPolicy('sentiero', { createScriptURL: trust });
    trust = (url) => policy.createScriptURL(url);
  } catch {
    // No Trusted Types here, or none that the page allows us; the browser then says
    // which it wants where we use an address.
  }

  const compile = async (url: string): Promise<WebAssembly.Module | undefined> => {
    if (options.worker) {
      // The page's CSP is strict; trying would only report a violation.
      return undefined;
    }
    try {
      const response = await fetch(url);
      return await WebAssembly.compile(await response.arrayBuffer());
    } catch {
      return undefined;
    }
  };

  /** Where the visit is stored. */
  const area = (): Area => (options.session === 'tab' ? 'sessionStorage' : 'localStorage');

  const base = (): string => script?.src ?? options.endpoint ?? location.href;

  /** An address at the edge. */
  const edge = (path: string): string => {
    const { endpoint } = options;
    return new URL(path, endpoint ? new URL(endpoint, location.href).href.replace(/\/?$/, '/') : base()).href;
  };

  /** Where uploads of `site` go. */
  const upload = (site: string): string => edge(`i/${encodeURIComponent(site)}`);

  const isOn = (): boolean => wanted && !paused;

  /** Records, if there is a recorder by now and nobody objected. */
  const run = (): void => {
    if (isOn() && make && isOpen()) {
      const create = make;
      // What fails once is not tried again.
      make = undefined;
      recorder ??= create();
      make = create;
      recorder.start();
      waiting.splice(0).forEach((call) => guard(call)());
    }
  };

  const load = (site: string): void => {
    if (self.origin === 'null') {
      complain('a sandbox without allow-same-origin is not recorded');
      return;
    }
    const file = (name: string): string => new URL(options.files?.[name] ?? name, base()).href;
    const wasm = file(SENTIERO_WASM_FILE);
    const config: Config = {
      mask: options.mask ?? 'inputs',
      redact: [(options.redactPhones as unknown) === '' || options.redactPhones, options.redactPatterns, options.urlMode, options.urlAllow, options.urlDeny]
        .map((option) => String(option ?? '').replace(/\s+/g, ' '))
        .join('\n'),
      worker: options.worker && new URL(options.worker, location.href).href,
      area: area(),
      least: options.start === 'load' ? 0 : Math.max(1, 1_000 * Number(options.minDuration ?? 0)),
      rate: Number(options.sampleRate ?? 1),
      upload: upload(site),
      engine: file(SENTIERO_ENGINE_FILE),
      wasm,
      storm: file(SENTIERO_STORM_FILE),
      // All three files at once: the earlier the engine is ready, the less an early
      // leave can lose.
      module: compile(wasm),
      capture: file(SENTIERO_CAPTURE_FILE),
      vitals: file(SENTIERO_VITALS_FILE),
      options,
      errors,
      trust,
      complain,
    };
    if (options.captureErrors !== undefined) {
      const note = (event: Event): void => {
        if (isOn() && isOpen() && config.errors && errors.length < MAX_ERRORS) {
          errors.push(event);
        }
      };
      // What does not load tells nobody further up.
      addEventListener('error', note, true);
      addEventListener('unhandledrejection', note);
    }
    const append = <K extends 'script' | 'link'>(tag: K, set: Partial<HTMLElementTagNameMap[K]>): void => {
      const element = Object.assign(document.createElement(tag), set);
      element.nonce = script?.nonce ?? '';
      document.head.append(element);
    };
    append('link', { rel: 'modulepreload', href: config.engine });
    sentiero._ = (create) => {
      make = () => create(config);
      run();
    };
    const src = file(SENTIERO_RECORDER_FILE);
    try {
      append('script', {
        src: trust(src),
        // Else the page's own encoding counts, and the marks in it are not ASCII.
        charset: 'utf-8',
        onerror: () => complain(`${src} could not be loaded; script-src must allow it`),
      });
    } catch (error) {
      complain('trusted-types must allow "sentiero": ', error);
    }
  };

  /** Sessions to erase: those remembered, without or with one more. */
  const owed = (change?: (sids: Set<string>) => void): Set<string> => {
    const sids = new Set(read('localStorage', ERASE_KEY)?.match(/\S+/g));
    if (change) {
      change(sids);
      write('localStorage', ERASE_KEY, [...sids].join(' ') || undefined);
    }
    return sids;
  };

  /** Has a session erased at the edge. Until that answered, it is asked again. */
  const erase = async (sid: string): Promise<void> => {
    try {
      await ask(sid);
    } catch {
      // Then the next page asks.
    }
  };

  const ask = async (sid: string): Promise<void> => {
    const { site } = options;
    owed((sids) => sids.add(sid));
    while (site && !asked.has(sid)) {
      asked.add(sid);
      try {
        // Survives the page. Plain text needs no preflight.
        const { status } = await fetch(`${upload(site)}/erase`, {
          method: 'POST',
          body: sid,
          credentials: 'omit',
          keepalive: true,
        });
        if (status < 500 && status !== 429) {
          owed((sids) => sids.delete(sid));
          return;
        }
      } catch {
        // No answer.
      }
      await new Promise((again) => {
        addEventListener('online', again, { once: true });
        setTimeout(again, ERASE_AGAIN);
      });
      asked.delete(sid);
    }
  };

  /** Ends the recording at once, and drops what is not uploaded. */
  const drop = (): void => {
    waiting = [];
    errors.length = 0;
    recorder?.forget();
    recorder = undefined;
  };

  /** The same, and nothing stays in storage; `shared` is what other browser tabs use, too. */
  const forget = (shared: boolean): void => {
    wanted = false;
    drop();
    write('sessionStorage', WINDOW_KEY);
    write('sessionStorage', SESSION_KEY);
    if (shared) {
      write('localStorage', SESSION_KEY);
      forgetKept();
    }
  };

  /** Loads the recorder, once, if the visitor and the configuration let us. */
  const boot = (): void => {
    const { site } = options;
    if (early) {
      return;
    }
    owed().forEach((sid) => void erase(sid));
    if (!isOpen()) {
      drop();
    } else if (document.prerendering === true) {
      document.addEventListener('prerenderingchange', guard(boot), { once: true });
    } else if (site && !loading) {
      loading = true;
      load(site);
    }
  };

  /** Calls `work` now, or when there is a recorder. */
  const later = (work: (recorder: Recorder) => void): void => {
    if (recorder) {
      work(recorder);
    } else if (isOpen() && waiting.length < MAX_WAITING) {
      waiting.push(() => recorder && work(recorder));
    }
  };

  /** What is said of the visit; that holds, whether it is recorded just now or not. */
  const tell = (tag: string, facts: object): void => later((recorder) => recorder.tell(tag, facts));

  const sentiero: Loader = {
    init(given) {
      Object.assign(options, given);
      boot();
    },
    start() {
      wanted = true;
      boot();
      run();
    },
    stop() {
      wanted = false;
      recorder?.stop();
    },
    pause() {
      paused = true;
      recorder?.stop();
    },
    resume() {
      paused = false;
      run();
    },
    addCustomEvent(tag, payload) {
      if (!/^sentiero:/.test(tag)) {
        if (isOn()) {
          later((recorder) => recorder.addCustomEvent(tag, payload));
        }
      } else if (!warned) {
        warned = true;
        say('tags that begin with "sentiero:" are reserved');
      }
    },
    setMetadata: (metadata) => tell('sentiero:metadata', clean(metadata)),
    identify: (id) => tell('sentiero:identify', { id: String(id).slice(0, 1024) }),
    consent(given) {
      consented = given === true;
      if (consented) {
        if (isAsking()) {
          sentiero.start();
        } else {
          sentiero.optIn();
        }
        return;
      }
      const sids = new Set([recorder?.sessionId(), read(area(), SESSION_KEY)?.replace(/ .*/s, '')]);
      // Other browser tabs hear of it, also if there is nothing to erase here; and before an
      // opt-out ends their sessions, which they would have erased.
      write('localStorage', ERASE_KEY, `${read('localStorage', ERASE_KEY) ?? ''} `);
      owed(() => undefined);
      sids.forEach((sid) => sid && void erase(sid));
      forget(true);
      if (!isAsking()) {
        sentiero.optOut();
      }
    },
    optIn() {
      isOut = false;
      write('localStorage', OPT_OUT_KEY);
      sentiero.start();
    },
    optOut() {
      isOut = true;
      write('localStorage', OPT_OUT_KEY, '1');
      forget(true);
    },
    sessionId: () => recorder?.sessionId() ?? null,
    sessionUrl() {
      const { site, dashboard } = options;
      const sid = recorder?.sessionId();
      const folder = dashboard ? new URL(dashboard, location.href).href : edge('dashboard/');
      return sid ? `${folder}#/s/${site}/${sid}` : null;
    },
    flush: () => later((recorder) => recorder.flush()),
    _: () => undefined,
  };

  const withdrawn = (): void => {
    consented = false;
    // Else the visit is another tab's, which may have been allowed it since.
    forget(recorder !== undefined);
  };
  // The visitor said no in another browser tab; that one sees to the erasure.
  addEventListener('storage', guard(({ key, newValue, oldValue }: StorageEvent) => {
    if (key === OPT_OUT_KEY) {
      isOut = newValue !== null;
    }
    if (key === OPT_OUT_KEY ? isOut : key === SESSION_KEY && isAsking() && newValue === null) {
      withdrawn();
    } else if (key === ERASE_KEY && newValue && newValue.length > (oldValue ?? '').length && area() === 'sessionStorage') {
      // Where each tab has a session of its own, each sees to its own. What is only
      // acknowledged makes the list shorter.
      const sid = recorder?.sessionId();
      withdrawn();
      if (sid) {
        void erase(sid);
      }
    }
  }));
  // A page in the cache hears nothing of that. In doubt it is a no.
  addEventListener('pageshow', guard(({ persisted }: PageTransitionEvent) => {
    if (persisted && (!isOpen() || (isAsking() && read(area(), SESSION_KEY) === null))) {
      withdrawn();
    }
  }));

  const guarded: Record<string, (...args: unknown[]) => unknown> = {};
  for (const name of Object.keys(sentiero) as (keyof Loader)[]) {
    // As it is then: `_` changes.
    guarded[name] = guard((...args) => (sentiero[name] as (...args: unknown[]) => unknown)(...args));
  }
  (window as { Sentiero?: unknown }).Sentiero = guarded;

  // Calls of a page that did not wait for us: `[[method, ...arguments], …]`.
  for (const [name, ...args] of (before as [string, ...unknown[]][] | undefined) ?? []) {
    guarded[name]?.(...args);
  }
  early = false;
  guarded.init?.();
  setTimeout(() => options.site ?? say('data-site is missing'), 3_000);
})();
