/**
 * The page's half of the recorder: rrweb, its events as text, and the moments at which
 * something must happen at once (a new visit, a page that is being left).
 *
 * It decides nothing that Rust can decide: whose visit it is, what is masked, what is
 * uploaded when. It never throws into the page; after a failure of its own it stops.
 */
import { record } from '@rrweb/record';
import type { eventWithTime } from '@rrweb/types';
import { cut, forgetKept, random, read, say, write } from './browser';
import { SESSION_KEY, TAIL_KEY, WINDOW_KEY, type Config, type Recorder } from './config';
import { openHost, type Host } from './host';
import { createMask } from './mask';
import type { ToEngine } from './messages';
import { createOutbox, type Stream } from './outbox';
import { block, ignore, scroll } from './policy.json';
import { CUSTOM, FULL_SNAPSHOT, HUMAN, INCREMENTAL, META } from './rrweb';

/** Snapshots for changed rules are this far apart, ms. */
const RETAKE = 5_000;

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

  /** Pauses; what was recorded goes its way. */
  const pause = (): void => {
    stopRrweb?.();
    stopRrweb = undefined;
  };

  /** Stops for good; `why` is for the console. */
  const halt = (why: string): void => {
    over = true;
    pause();
    if (why) {
      say(`recording stopped: ${why}`);
    }
  };

  /** The same, and nothing more is sent. */
  const forget = (why: string): void => {
    halt(why);
    post({ type: 'stop' });
    host = undefined;
    outbox.streams = [];
  };

  /** `work`, without a way for an exception to reach the page. */
  const guard =
    <A extends unknown[]>(work: (...args: A) => void) =>
    (...args: A): void => {
      try {
        work(...args);
      } catch (error) {
        halt(String(error));
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
    guard((urgent) => {
      renew();
      watchPage();
      deliver(urgent);
    }),
  );

  /** A stream, for `Source.of`. */
  const source = ({ sid, tab }: Stream): string =>
    [config.mask, config.redact, sid, tab, windowId, innerWidth, innerHeight, location.href, document.referrer, visit.replace(/.* /, '')].join('\n');

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
    if (!host || left || acted <= renewed) {
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
    outbox.add(JSON.stringify({ type, data, timestamp: Date.now() }));

  /** A route of a single-page application counts as a page. */
  const watchPage = (): void => {
    const { href } = location;
    if (cut(href) !== page && stopRrweb) {
      page = cut(href);
      add(META, { href, width: innerWidth, height: innerHeight });
    }
  };

  const emit = (event: eventWithTime): void => {
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
    outbox.add(JSON.stringify(event), event.type === FULL_SNAPSHOT);
  };

  /** The edge's time is `edge`, and it refused the session `refused` of `tab` for it. */
  const correct = (tab: string, edge: number, refused: string): void => {
    if (host) {
      const { engine } = host;
      const sid = keep(engine.correct(stored(), refused, Date.now(), edge, random(17)), engine);
      // None if it is what another page left behind.
      const stream = outbox.find(tab);
      if (stream) {
        stream.sid = sid;
      }
      post({ type: 'resign', tab, visit });
    }
  };

  /** What the page load `tab` could not be sure to have sent is safe now. */
  const forgetTail = (tab: string): void => write('localStorage', TAIL_KEY + tab);

  /** The engine's commands, see `Engine::commands` in src/engine.rs. */
  const obey = guard((command: string) => {
    const [verb, a = '', b, c] = command.split(' ');
    const text = command.slice(5);
    if (verb === 'acked') {
      outbox.acked(a, Number(b), Number(c));
      if (!outbox.find(a)) {
        forgetTail(a);
      }
    } else if (verb === 'kept') {
      const stream = outbox.find(a);
      if (stream) {
        stream.kept = Number(b);
      } else {
        forgetTail(a);
      }
    } else if (verb === 'snapshot') {
      snapshot();
    } else if (verb === 'clock') {
      correct(a, Number(b), c ?? '');
    } else if (verb === 'lost') {
      add(CUSTOM, { tag: 'sentiero:lost', payload: { pages: Number(a), events: Number(b) } });
    } else if (verb === 'wipe') {
      forgetKept();
    } else if (verb === 'warn') {
      say(text);
    } else if (verb === 'halt') {
      halt(text);
    } else {
      forget(text);
    }
  });

  const flush = guard(() => {
    outbox.flush();
    deliver(true);
  });

  const leave = guard(() => {
    if (stopRrweb) {
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
    outbox.streams.forEach(({ tab }) => forgetTail(tab));
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
    const opened = await openHost(config, obey);
    if (over) {
      opened.post({ type: 'stop' });
      return;
    }
    host = opened;
    windowId = host.engine.window_id(read('sessionStorage', WINDOW_KEY) ?? '', random(5));
    write('sessionStorage', WINDOW_KEY, windowId);
    renew();
    const { engine, module } = host;
    const { upload } = config;
    post({ type: 'start', module, upload, source: source(outbox.current), tails: engine.readTails(upload) });
    flush();
  };

  const start = guard(() => {
    if (over || stopRrweb) {
      return;
    }
    stopRrweb = record({
      emit: guard(emit),
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
      errorHandler: (error: unknown) => {
        // Some of rrweb's callbacks stand between the page and a method of the browser:
        // what that throws is the page's own, and must reach it.
        if (error instanceof DOMException) {
          return false;
        }
        halt(String(error));
        return true;
      },
    });
  });

  listen();
  open().catch((error: unknown) => forget(String(error)));

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
