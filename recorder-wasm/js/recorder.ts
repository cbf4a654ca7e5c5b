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
import { createBudget, type Filter } from './budget';
import { SESSION_KEY, WINDOW_KEY, type Config, type Recorder } from './config';
import { openHost, type Host } from './host';
import { watchHuman } from './human';
import { createMask } from './mask';
import type { ToEngine } from './messages';
import { createOutbox, type Stream } from './outbox';
import { block, idleMs, ignore, scroll, waitingBatches } from './policy.json';
import { CUSTOM, FULL_SNAPSHOT, HUMAN, INCREMENTAL, META } from './rrweb';

/** The use of a visit that is sent. */
const SENT = 2;

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
  /** What is done with the visit, see `use_of` in src/identity.rs. */
  let use = 1;
  /** The last action, and the last one that the visit knows of. */
  let acted = 0;
  let renewed = 0;
  /** rrweb rests until somebody acts. */
  let asleep = false;
  let nap: ReturnType<typeof setTimeout> | undefined;
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

  /** Pauses; what was recorded goes its way. */
  const pause = (): void => {
    clearTimeout(nap);
    asleep = false;
    stopRrweb?.();
    stopRrweb = undefined;
  };

  /** Pauses until somebody acts; what may not be sent is not kept for then. */
  const sleep = (): void => {
    if (stopRrweb) {
      pause();
      asleep = true;
      if (use < SENT && !delivered) {
        outbox.drop();
      }
    }
  };

  /** Sleeps when nobody has acted for long enough. */
  const tire = guard((since: number) => {
    const rest = Math.max(acted, since) + idleMs - Date.now();
    if (rest > 0) {
      nap = setTimeout(tire, rest, since);
    } else {
      add(CUSTOM, { tag: 'sentiero:idle', payload: {} });
      flush();
      sleep();
    }
  });

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

  /** Gives the engine what it does not have yet; while the page is being left, nothing. */
  const deliver = (urgent: boolean): void => {
    if (!host || left || use < SENT) {
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
      if (use < SENT && outbox.current.batches.length > waitingBatches) {
        sleep();
      }
    }),
  );

  /** A stream, for `Source.of`. */
  const source = ({ sid, tab }: Stream): string =>
    [config.mask, config.redact, sid, tab, windowId, innerWidth, innerHeight, location.href, document.referrer].join('\n');

  const stored = (): string => read(config.area, SESSION_KEY) ?? visit;

  /** Stores the visit; returns its session id, the first word. */
  const keep = (text: string, engine: Host['engine']): string => {
    visit = text;
    until = engine.until(text);
    use = engine.use_of(text, config.least, config.rate);
    write(config.area, SESSION_KEY, text);
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
    const text = engine.visit(stored(), acted, random(17));
    const ends = !text.startsWith(sid);
    if (ends) {
      outbox.flush();
      deliver(true);
    }
    const waited = use < SENT;
    const next = keep(text, engine);
    if (ends) {
      const tab = engine.tab_id(random(5));
      if (delivered) {
        outbox.rotate(next, tab);
      } else {
        // Nobody acted in the visit that is over, so there was none.
        outbox.drop();
        Object.assign(outbox.current, { sid: next, tab });
      }
      delivered = 0;
      post({ type: 'rotate', source: source(outbox.current) });
      snapshot();
    }
    if (waited && use === SENT) {
      outbox.flush();
      deliver(true);
    }
    if (!use) {
      sleep();
    }
  };

  /** Somebody acted, now or a moment ago. */
  const human = guard((at?: number) => {
    if (!stopRrweb && !asleep) {
      // The page has paused us.
      return;
    }
    acted = Math.max(acted, at ?? Date.now());
    if (acted >= until || (use < SENT && acted > renewed + 1_000)) {
      renew();
    }
    if (asleep && use) {
      start();
    }
  });

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
      human(event.timestamp);
    }
    if (!mask.fix(event)) {
      return;
    }
    outbox.add(JSON.stringify(event), event.type === FULL_SNAPSHOT);
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
  const obey = guard((command: string) => {
    const [verb, a = '', b, c, d] = command.split(' ');
    const text = command.slice(5);
    if (verb === 'acked') {
      outbox.acked(a, Number(b), Number(c), Number(d));
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
    if (host && use === SENT) {
      host.engine.sendTail(config.upload, outbox.streams, source);
    }
  });

  const comeBack = guard(() => {
    left = false;
    human();
    renew();
    flush();
  });

  const listen = (): void => {
    addEventListener('pagehide', leave);
    addEventListener('pageshow', (event) => event.persisted && comeBack());
    document.addEventListener('visibilitychange', () => document.hidden && flush());
    watchHuman(() => human());
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
    const { engine, module } = host;
    const sid = keep(engine.look(stored(), Date.now(), random(17)), engine);
    Object.assign(outbox.current, { sid, tab: engine.tab_id(random(5)) });
    post({ type: 'start', module, upload: config.upload, source: source(outbox.current) });
    if (!use) {
      sleep();
    }
    renew();
    flush();
  };

  /** Storms are left out, see budget.ts. */
  const watchChanges = (): void => {
    const hook = record as { filter?: Filter };
    const filter = createBudget(config.storm, {
      idOf: (node) => record.mirror.getId(node),
      forget: (node) => record.mirror.removeNodeFromMap(node),
      seen: mask.seen,
      say: (tag, payload) => add(CUSTOM, { tag, payload }),
      snapshot,
      runs: () => Boolean(stopRrweb) && hook.filter === filter,
      guard,
    });
    hook.filter = filter;
  };

  const start = guard(() => {
    if (over || stopRrweb) {
      return;
    }
    pause();
    if (!use) {
      asleep = true;
      return;
    }
    tire(Date.now());
    watchChanges();
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
      if (stopRrweb || (asleep && use)) {
        // A payload that is not JSON throws: the page's mistake, and no reason to stop.
        add(CUSTOM, { tag: String(tag), payload });
      }
    },
    flush() {
      config.least = 0;
      use &&= SENT;
      flush();
    },
    sessionId: () => (use && outbox.current.sid) || null,
  };
}

(window as { Sentiero?: { _?: (create: typeof createRecorder) => void } }).Sentiero?._?.(createRecorder);
