/**
 * The page's half of the recorder: rrweb, its events as text, and the moments at which
 * something must happen at once (a new visit, a page that is being left).
 *
 * It decides nothing that Rust can decide: whose visit it is, what is masked, what is
 * uploaded when. It never throws into the page; after a failure of its own it stops.
 */
import { record } from '@rrweb/record';
import type { eventWithTime } from '@rrweb/types';
import { cut, random, read, say, write } from './browser';
import { SESSION_KEY, WINDOW_KEY, type Config, type Recorder } from './config';
import { createCost } from './cost';
import { openHost, type Host } from './host';
import { isJsonSound, toJson } from './json';
import { createMask } from './mask';
import type { ToEngine } from './messages';
import { createOutbox, type Stream } from './outbox';
import { block, ignore, scroll } from './policy.json';
import { CUSTOM, FULL_SNAPSHOT, HUMAN, INCREMENTAL, META } from './rrweb';

/** Snapshots for changed rules are this far apart, ms. */
const RETAKE = 5_000;

/** A visit learns of actions this often, ms: it may last 30 minutes longer, and storage is slow. */
const RENEW = 5_000;

/** What recording costs is told this often, ms, and when the page is left. */
const TELL = 60_000;

function createRecorder(config: Config): Recorder {
  let host: Host | undefined;
  /** Set while rrweb records. */
  let stopRrweb: (() => void) | undefined;
  /** Nothing is recorded any more, whatever is asked for. */
  let over = false;
  /** The visit as it is stored, and from when on an action may begin another. */
  let visit = '';
  let until = Infinity;
  /** The last action, and the last one that the visit knows of. */
  let acted = Date.now();
  let renewed = 0;
  /** Events of the current stream before this index are with the engine. */
  let delivered = 0;
  /** Between `pagehide` and a return from the cache. */
  let left = false;
  let windowId = '';
  let page = cut(location.href);
  /** Set while a snapshot is due, and when the last one of these was taken. */
  let retaking: ReturnType<typeof setTimeout> | undefined;
  let retaken = -Infinity;

  const mask = createMask(config.mask, (id) => record.mirror.getNode(id), () => retake());
  const cost = createCost();
  /** rrweb's events of this page load, and when their cost was told last. */
  let seen = 0;
  let told = performance.now();

  /** Pauses; what was recorded goes its way. */
  const pause = (): void => {
    const stop = stopRrweb;
    stopRrweb = undefined;
    stop?.();
  };

  /** Stops for good; `why` is for the console. */
  const halt = (why: unknown): void => {
    over = true;
    try {
      pause();
    } catch {
      // rrweb may be what failed.
    }
    if (why) {
      config.complain('recording stopped: ', why);
    }
  };

  /** The same, and nothing more is sent. */
  const forget = (why: unknown): void => {
    halt(why);
    const lost = host;
    host = undefined;
    outbox.streams = [];
    try {
      lost?.post({ type: 'stop' });
    } catch {
      // Then there is nobody who could send anything.
    }
  };

  /** `work`, without a way for an exception to reach the page. */
  const guard =
    <A extends unknown[]>(work: (...args: A) => void) =>
    (...args: A): void => {
      try {
        work(...args);
      } catch (error) {
        halt(error);
      }
    };

  const post = (message: ToEngine): void => host?.post(message);

  /** Gives the engine what it does not have yet; while the page is being left, nothing. */
  const deliver = (urgent: boolean): void => {
    if (!host || left) {
      return;
    }
    for (const { first, n, text } of outbox.current.batches) {
      if (first >= delivered) {
        delivered = first + n;
        post({ type: 'push', text });
      }
    }
    if (urgent) {
      post({ type: 'flush' });
    }
  };

  const outbox = createOutbox(
    guard(
      cost.timed((urgent) => {
        renew();
        watchPage();
        deliver(urgent);
        if (performance.now() - told >= TELL) {
          tell();
        }
      }),
    ),
  );

  /** A stream, for `Source.of`. */
  const source = ({ sid, tab }: Stream): string =>
    [config.mask, config.redact, sid, tab, windowId, innerWidth, innerHeight, location.href, document.referrer].join('\n');

  const stored = (): string => read('localStorage', SESSION_KEY) ?? visit;

  /** Stores the visit; returns its session id, the first word. */
  const keep = (text: string, engine: Host['engine']): string => {
    visit = text;
    until = engine.until(text);
    write('localStorage', SESSION_KEY, text);
    return text.replace(/ .*/, '');
  };

  /** Tells the visit about the last action; where that began another, so does a stream. */
  const renew = (): void => {
    if (!host || left || acted <= renewed || (acted < until && acted < renewed + RENEW)) {
      return;
    }
    renewed = acted;
    const { engine } = host;
    const { sid } = outbox.current;
    const next = keep(engine.visit(stored(), acted, random(17)), engine);
    if (next === sid) {
      return;
    }
    const tab = engine.tab_id(random(5));
    if (!sid) {
      Object.assign(outbox.current, { sid: next, tab });
      return;
    }
    outbox.flush();
    deliver(true);
    outbox.rotate(next, tab);
    delivered = 0;
    post({ type: 'rotate', source: source(outbox.current) });
    snapshot();
  };

  const snapshot = (): void => {
    if (stopRrweb) {
      record.takeFullSnapshot(true);
    }
  };

  /**
   * What may be shown has changed: a snapshot soon shows the replay what is recorded from
   * now on, though not more than one in `RETAKE`.
   */
  const retake = (): void => {
    retaking ??= setTimeout(
      guard(() => {
        retaking = undefined;
        retaken = performance.now();
        snapshot();
      }),
      Math.max(0, retaken + RETAKE - performance.now()),
    );
  };

  /** Adds an event that is not rrweb's. */
  const add = (type: number, data: object): void =>
    outbox.add(toJson({ type, data, timestamp: Date.now() }));

  const tell = (): void => {
    told = performance.now();
    add(CUSTOM, { tag: 'sentiero:cost', payload: { ms: cost.spent(), events: seen } });
  };

  /** A route of a single-page application counts as a page. */
  const watchPage = (): void => {
    const { href } = location;
    if (cut(href) !== page && stopRrweb) {
      page = cut(href);
      add(META, { href, width: innerWidth, height: innerHeight });
    }
  };

  const emit = (event: eventWithTime): void => {
    if (over) {
      // rrweb could not be stopped.
      return;
    }
    seen += 1;
    if (event.type === META) {
      page = cut(event.data.href);
    } else if (event.type === INCREMENTAL && HUMAN.includes(event.data.source)) {
      acted = event.timestamp;
      if (acted >= until) {
        renew();
      }
    }
    if (!mask.fix(event)) {
      return;
    }
    outbox.add(toJson(event), event.type === FULL_SNAPSHOT);
  };

  /** The edge's time is `edge`, and it refused the session of `tab` for it. */
  const correct = (tab: string, edge: number): void => {
    const stream = outbox.streams.find((stream) => stream.tab === tab);
    if (stream && host) {
      const { engine } = host;
      stream.sid = keep(engine.correct(stored(), stream.sid, Date.now(), edge, random(17)), engine);
      post({ type: 'resign', tab, sid: stream.sid });
    }
  };

  /** The engine's commands, see `Engine::commands` in src/engine.rs. */
  const obey = guard(cost.timed((command: string) => {
    const [verb, a = '', b, c] = command.split(' ');
    const text = command.slice(5);
    if (verb === 'acked') {
      outbox.acked(a, Number(b), Number(c));
    } else if (verb === 'snapshot') {
      snapshot();
    } else if (verb === 'clock') {
      correct(a, Number(b));
    } else if (verb === 'warn') {
      say(text);
    } else if (verb === 'halt') {
      halt(text);
    } else {
      forget(text);
    }
  }));

  const flush = guard(() => {
    outbox.flush();
    deliver(true);
  });

  const leave = guard(() => {
    if (stopRrweb) {
      tell();
      // So that there is something to send, and with it the word that the page was left.
      add(CUSTOM, { tag: 'sentiero:leave', payload: {} });
    }
    left = true;
    outbox.flush();
    if (host) {
      host.engine.sendTail(config.upload, outbox.streams, source);
    }
  });

  const comeBack = guard(() => {
    left = false;
    acted = Date.now();
    renew();
    flush();
  });

  const listen = (): void => {
    addEventListener('pagehide', leave);
    addEventListener('pageshow', (event) => event.persisted && comeBack());
    document.addEventListener('visibilitychange', () => document.hidden && flush());
    // Without the Navigation API, `pushState` shows at the next batch: it is the page's,
    // and not ours to wrap.
    const seen = guard(watchPage);
    (window.navigation ?? window).addEventListener(window.navigation ? 'currententrychange' : 'popstate', seen);
  };

  const open = async (): Promise<void> => {
    try {
      if (!isJsonSound()) {
        throw new Error('JSON.stringify makes something else');
      }
      const opened = await openHost(config, obey);
      if (over) {
        opened.post({ type: 'stop' });
        return;
      }
      host = opened;
      windowId = host.engine.window_id(read('sessionStorage', WINDOW_KEY) ?? '', random(5));
      write('sessionStorage', WINDOW_KEY, windowId);
      renew();
      const { module } = host;
      post({ type: 'start', module, upload: config.upload, source: source(outbox.current) });
      flush();
    } catch (error) {
      forget(error);
    }
  };

  const start = guard(() => {
    if (over || stopRrweb) {
      return;
    }
    stopRrweb = record({
      emit: guard(cost.timed(emit)),
      blockSelector: block,
      ignoreSelector: ignore,
      // Not `maskAllInputs`: that leaves out hidden, file and unknown types.
      maskInputOptions: { input: true, textarea: true, select: true } as object,
      maskInputFn: mask.input,
      maskTextSelector: mask.selector,
      maskTextFn: mask.text,
      sampling: { scroll, input: 'last' },
      slimDOMOptions: true,
      recordAfter: 'DOMContentLoaded',
      // Never the page's own: where rrweb looks on while a page calls the browser, it does so
      // beside the call, see xtask/js/bundle.mjs.
      errorHandler: (error: unknown) => {
        halt(error);
        return true;
      },
    });
  });

  listen();
  void open();

  return {
    start,
    stop: guard(() => {
      pause();
      flush();
    }),
    forget: () => forget(''),
    addCustomEvent(tag, payload) {
      if (stopRrweb) {
        // A payload that is not JSON throws: the page's mistake, and no reason to stop.
        add(CUSTOM, { tag: String(tag), payload });
      }
    },
    flush,
    sessionId: () => outbox.current.sid || null,
  };
}

(window as { Sentiero?: { _?: (create: typeof createRecorder) => void } }).Sentiero?._?.(createRecorder);
