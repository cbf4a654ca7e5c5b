/**
 * sentiero.js, the one script that a site includes: reads its configuration, respects
 * what the visitor wants, and loads the rest.
 *
 * Where the visitor asked not to be tracked (Global Privacy Control, or an opt-out),
 * nothing is loaded, sent or stored.
 */
import { read, say, write } from './browser';
import { SESSION_KEY, WINDOW_KEY, type Config, type Options, type Recorder } from './config';

const OPT_OUT_KEY = 'sentiero_optout';

/** `window.Sentiero`: every method exists, and is safe, in every state. */
export interface Sentiero {
  /** Configures, and starts unless it runs already; for pages that cannot set `data-*`. */
  init(options?: Options): void;
  /** Goes on recording after `stop`. */
  start(): void;
  /** Pauses; what was recorded is uploaded. */
  stop(): void;
  /** Adds an event of the page's own to the recording; `payload` is anything JSON can say. */
  addCustomEvent(tag: string, payload?: unknown): void;
  /** Takes an opt-out back. */
  optIn(): void;
  /** The visitor does not want to be recorded: stops, and forgets what was not uploaded. */
  optOut(): void;
  /** The visit's id; null while it is not known. */
  sessionId(): string | null;
  /** Uploads what was recorded so far. */
  flush(): void;
}

/** And what only the recorder calls: how it is made. */
interface Loader extends Sentiero {
  _(create: (config: Config) => Recorder): void;
}

(() => {
  const before: unknown = (window as { Sentiero?: unknown }).Sentiero;
  if (before && !Array.isArray(before)) {
    // Included twice.
    return;
  }
  // None if a bundler included us; then `init` says everything.
  const script = document.currentScript as HTMLScriptElement | null;
  // data-site, data-endpoint, data-mask, data-worker and data-respect-gpc.
  const options = { ...script?.dataset } as Options;
  let wanted = true;
  let loading = false;
  let make: (() => Recorder) | undefined;
  let recorder: Recorder | undefined;
  let waiting: (() => void)[] = [];

  const isRefused = (): boolean =>
    (navigator.globalPrivacyControl === true && String(options.respectGpc) !== 'false') ||
    read('localStorage', OPT_OUT_KEY) !== null;

  let trust: Config['trust'] = (url) => url;
  try {
    const policy = window.trustedTypes.createPolicy('sentiero', { createScriptURL: trust });
    trust = (url) => policy.createScriptURL(url);
  } catch {
    // No Trusted Types here, or none that the page allows us.
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

  /** Records, if there is a recorder by now and nobody objected. */
  const run = (): void => {
    if (wanted && make && !isRefused()) {
      recorder ??= make();
      recorder.start();
      waiting.forEach((call) => call());
      waiting = [];
    }
  };

  const load = (site: string): void => {
    const base = script?.src ?? options.endpoint ?? location.href;
    const file = (name: string): string => new URL(name, base).href;
    const endpoint = options.endpoint ? new URL(options.endpoint, location.href).href.replace(/\/?$/, '/') : base;
    const wasm = file(SENTIERO_WASM_FILE);
    const config: Config = {
      mask: options.mask ?? 'inputs',
      worker: options.worker && new URL(options.worker, location.href).href,
      upload: new URL(`i/${encodeURIComponent(site)}`, endpoint).href,
      engine: file(SENTIERO_ENGINE_FILE),
      wasm,
      // All three files at once: the earlier the engine is ready, the less an early
      // leave can lose.
      module: compile(wasm),
      trust,
    };
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
    append('script', {
      src: trust(file(SENTIERO_RECORDER_FILE)),
      // Else the page's own encoding counts, and the marks in it are not ASCII.
      charset: 'utf-8',
    });
  };

  /** Loads the recorder, once, if the visitor and the configuration let us. */
  const boot = (): void => {
    const { site } = options;
    if (loading || !site || isRefused()) {
      return;
    }
    loading = true;
    if (document.prerendering) {
      document.addEventListener('prerenderingchange', () => load(site), { once: true });
    } else {
      load(site);
    }
  };

  /** Calls `work` now, or when there is a recorder. */
  const later = (work: (recorder: Recorder) => void): void => {
    if (recorder) {
      work(recorder);
    } else if (!isRefused()) {
      waiting.push(() => recorder && work(recorder));
    }
  };

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
    addCustomEvent: (tag, payload) => later((recorder) => recorder.addCustomEvent(tag, payload)),
    optIn() {
      write('localStorage', OPT_OUT_KEY);
      sentiero.start();
    },
    optOut() {
      wanted = false;
      waiting = [];
      recorder?.forget();
      recorder = undefined;
      write('localStorage', OPT_OUT_KEY, '1');
      write('localStorage', SESSION_KEY);
      write('sessionStorage', WINDOW_KEY);
    },
    sessionId: () => recorder?.sessionId() ?? null,
    flush: () => later((recorder) => recorder.flush()),
    _: () => undefined,
  };

  // The page must never see an exception of ours.
  const guarded: Record<string, (...args: unknown[]) => unknown> = {};
  for (const name of Object.keys(sentiero) as (keyof Loader)[]) {
    guarded[name] = (...args) => {
      try {
        return (sentiero[name] as (...args: unknown[]) => unknown)(...args);
      } catch (error) {
        say(String(error));
        return null;
      }
    };
  }
  (window as { Sentiero?: unknown }).Sentiero = guarded;

  guarded.start?.();
  // Calls of a page that did not wait for us: `[[method, ...arguments], …]`.
  for (const [name, ...args] of (before as [string, ...unknown[]][] | undefined) ?? []) {
    guarded[name]?.(...args);
  }
  setTimeout(() => options.site ?? say('data-site is missing, nothing is recorded'), 3_000);
})();
