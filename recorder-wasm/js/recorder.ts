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
import { createBudget, type Filter } from './budget';
import type { Captures } from './capture/tools';
import { SESSION_KEY, TAIL_KEY, WINDOW_KEY, type Config, type Recorder } from './config';
import { createCost } from './cost';
import { openHost, type Host } from './host';
import { watchHuman } from './human';
import { isJsonSound, toJson } from './json';
import { createMask } from './mask';
import type { ToEngine } from './messages';
import { isServed } from './native';
import { createOutbox, type Stream } from './outbox';
import { idleMs, scroll, waitingBatches } from './policy.json';
import { CLICK, CUSTOM, FULL_SNAPSHOT, HUMAN, INCREMENTAL, INTERACTION, META } from './rrweb';

/** The use of a visit that is sent. */
const SENT = 2;

/** Snapshots for changed rules are this far apart, ms. */
const RETAKE = 5_000;

/** Those that a page asks for, at least this far, ms. */
const CHECKOUT = 10_000;

/** What is known of a visit has at most so many fields. */
const MAX_FACTS = 50;

/** A number of ms, as an option says it. */
function ms(value: unknown, otherwise: number): number {
  const number = parseFloat(String(value));
  return number >= 0 ? number : otherwise;
}

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
  /** What the page said of the visit, by tag. */
  const known = new Map<string, object>();
  /** What is captured besides the DOM. */
  let captures: Captures | undefined;
  /** When a snapshot is due that the page asked for. */
  let checkout = Infinity;
  const { options } = config;
  const mouse = ms(options.mouseEvery, 50);
  const interval = Math.max(CHECKOUT, ms(options.checkoutEvery, Infinity));

  const mask = createMask(config, (id) => record.mirror.getNode(id), () => retake());
  const cost = createCost();
  /** rrweb's events of this page load, and when their cost was told last. */
  let seen = 0;
  let told = performance.now();

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

  /** Pauses; what was recorded goes its way. */
  const pause = (): void => {
    clearTimeout(nap);
    asleep = false;
    const stop = stopRrweb;
    stopRrweb = undefined;
    stop?.();
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
  const halt = (why: unknown): void => {
    over = true;
    try {
      pause();
      captures?.close();
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
    guard(
      cost.timed((urgent) => {
        renew();
        watchPage();
        deliver(urgent);
        if (use < SENT && outbox.current.batches.length > waitingBatches) {
          sleep();
        }
        if (performance.now() - told >= TELL) {
          tellCost();
        }
      }),
    ),
  );

  /** A stream, for `Source.of`. */
  const source = ({ sid, tab }: Stream): string =>
    [config.mask, config.redact, sid, tab, windowId, innerWidth, innerHeight, location.href, document.referrer, visit.replace(/.* /, '')].join('\n');

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
    if (!host || left || acted <= renewed || (use === SENT && acted < until && acted < renewed + RENEW)) {
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
      remind();
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
    outbox.add(toJson({ type, data, timestamp: Date.now() }));

  const tellCost = (): void => {
    told = performance.now();
    add(CUSTOM, { tag: 'sentiero:cost', payload: { ms: cost.spent(), events: seen, version: SENTIERO_VERSION } });
  };

  const addCustomEvent = (tag: string, payload: unknown): void => {
    if (stopRrweb || (asleep && use)) {
      // A payload that is not JSON throws: the page's mistake, and no reason to stop.
      add(CUSTOM, { tag: String(tag), payload });
    }
  };

  const tell = (tag: string, facts: object): void => {
    known.set(tag, Object.fromEntries(Object.entries({ ...known.get(tag), ...facts }).slice(0, MAX_FACTS)));
    addCustomEvent(tag, facts);
  };

  /** Tells a recording that begins what is known of the visit. */
  const remind = (): void => known.forEach((facts, tag) => addCustomEvent(tag, facts));

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
      human(event.timestamp);
    } else if (event.type === INCREMENTAL && event.data.source === INTERACTION && event.data.type === CLICK) {
      Object.assign(event.data, { native: isServed(event.data.id) });
    }
    if (!mask.fix(event)) {
      return;
    }
    outbox.add(toJson(event), event.type === FULL_SNAPSHOT);
    if (event.type === FULL_SNAPSHOT) {
      checkout = event.timestamp + interval;
    } else if (event.timestamp >= checkout) {
      checkout = Infinity;
      snapshot();
    }
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
  const obey = guard(cost.timed((command: string) => {
    const [verb, a = '', b, c, d] = command.split(' ');
    const text = command.slice(5);
    if (verb === 'acked') {
      outbox.acked(a, Number(b), Number(c), Number(d));
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
  }));

  const flush = guard(() => {
    outbox.flush();
    deliver(true);
  });

  const hide = guard(() => {
    captures?.report();
    flush();
  });

  const leave = guard(() => {
    captures?.report();
    if (stopRrweb) {
      tellCost();
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
    outbox.streams.forEach(({ tab }) => forgetTail(tab));
    human();
    renew();
    flush();
  });

  const listen = (): void => {
    addEventListener('pagehide', leave);
    addEventListener('pageshow', (event) => event.persisted && comeBack());
    document.addEventListener('visibilitychange', () => document.hidden && hide());
    watchHuman(() => human());
    // Without the Navigation API, `pushState` shows at the next batch: it is the page's,
    // and not ours to wrap.
    const seen = guard(watchPage);
    (window.navigation ?? window).addEventListener(window.navigation ? 'currententrychange' : 'popstate', seen);
  };

  const open = async (): Promise<void> => {
    try {
      if (!isJsonSound()) {
        throw new Error('JSON.stringify is broken');
      }
      const opened = await openHost(config, obey);
      if (over) {
        opened.post({ type: 'stop' });
        return;
      }
      host = opened;
      windowId = host.engine.window_id(read('sessionStorage', WINDOW_KEY) ?? '', random(5));
      write('sessionStorage', WINDOW_KEY, windowId);
      const { engine, module } = host;
      const { upload } = config;
      const sid = keep(engine.look(stored(), Date.now(), random(17)), engine);
      Object.assign(outbox.current, { sid, tab: engine.tab_id(random(5)) });
      post({ type: 'start', module, upload, source: source(outbox.current), tails: engine.readTails(upload) });
      if (!use) {
        sleep();
      }
      renew();
      flush();
    } catch (error) {
      forget(error);
    }
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
      emit: guard(cost.timed(emit)),
      blockSelector: mask.block,
      // Not `maskAllInputs`: that leaves out hidden, file and unknown types.
      maskInputOptions: { input: true, textarea: true, select: true } as object,
      maskInputFn: mask.input,
      maskTextSelector: mask.selector,
      maskTextFn: mask.text,
      sampling: { mousemove: mouse || false, scroll: ms(options.scrollEvery, scroll), input: 'last' },
      slimDOMOptions: true,
      recordAfter: 'DOMContentLoaded',
      // Never the page's own: where rrweb looks on while a page calls the browser, it does so
      // beside the call, see xtask/js/bundle.mjs.
      errorHandler: (error: unknown) => {
        halt(error);
        return true;
      },
    });
    remind();
  });

  /** Captures what the page asks for besides the DOM. Without it, the rest is recorded. */
  const capture = async (): Promise<void> => {
    try {
      const asked = Object.entries(options).filter(([name, value]) => /^(capture|track)[A-Z]/.test(name) && String(value) !== 'false');
      if (!asked.length) {
        return;
      }
      const { openCaptures } = (await import(config.capture)) as typeof import('./capture/index');
      if (!over) {
        captures = openCaptures(asked, config, {
          add: addCustomEvent,
          tell,
          show: mask.show,
          block: mask.block,
          ignore: mask.ignore,
          idOf: (node) => record.mirror.getId(node),
        });
      }
    } catch (error) {
      config.complain('capture: ', error);
    }
  };

  listen();
  void open();
  void capture();

  return {
    start,
    stop: guard(() => {
      pause();
      flush();
    }),
    forget: () => forget(''),
    addCustomEvent,
    tell,
    flush() {
      config.least = 0;
      use &&= SENT;
      flush();
    },
    sessionId: () => (use && outbox.current.sid) || null,
  };
}

(window as { Sentiero?: { _?: (create: typeof createRecorder) => void } }).Sentiero?._?.(createRecorder);
