// One visit each to a page, and what it cost there.
import { until } from '../../e2e/support.mjs';
import { VARIANTS, tags } from './variants.mjs';

/** CPU throttling for the snapshot: about a cheap phone. */
const SLOW = 4;

/** Of `metrics` by name. */
async function metricsOf(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** Lets the page's scripts record, in the page. */
const inject = (scripts) =>
  Promise.all(scripts.map((data) => new Promise((resolve, reject) => {
    const script = document.createElement('script');
    // In order, and the tag of the recorder with its attributes.
    script.async = false;
    const { src, ...rest } = data;
    Object.assign(script.dataset, rest);
    Object.assign(script, { src, onload: resolve, onerror: reject });
    document.head.append(script);
  })));

/** Opens pages, each in a context of its own; numbers runs. */
export class Bench {
  #runs = 0;

  constructor(browser, host) {
    this.browser = browser;
    this.host = host;
  }

  /** A visit: `work` gets the page, ready and not recorded yet. */
  async #visit(path, name, period, work) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 } });
    try {
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      const run = this.#runs++;
      const { before } = VARIANTS[name];
      if (before) await page.addInitScript(before);
      await page.goto(this.host.url + path);
      await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
      const received = this.host.received(run);
      const visit = { page, devtools, received, name, scripts: tags(name, run, period) };
      return await work(visit);
    } finally {
      await context.close();
    }
  }

  /** Records from now on; returns when what the first snapshot costs is over. */
  async #record({ page, received, name, scripts }) {
    await page.evaluate(inject, scripts);
    if (VARIANTS[name].product || name.includes('fflate')) {
      await until('the snapshot arrived', () => received.hasSnapshot);
    }
    // Timers of the start, and the acknowledgement.
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
  }

  async #drain({ page, received, name }) {
    await page.evaluate(() => window.drain());
    if (VARIANTS[name].product) await until('everything arrived', () => received.hasEnd);
  }

  /** Main-thread seconds and heap of `changes` changes. */
  cost(name, changes, period) {
    return this.#visit('/busy', name, period, async (visit) => {
      const { page, devtools, received } = visit;
      const collect = () => devtools.send('HeapProfiler.collectGarbage');
      await this.#record(visit);
      await collect();
      const before = await metricsOf(devtools);
      await page.evaluate((count) => window.workload.fast(count, 7), changes);
      await this.#drain(visit);
      const after = await metricsOf(devtools);
      await collect();
      const { JSHeapUsedSize } = await metricsOf(devtools);
      return {
        ms: (after.TaskDuration - before.TaskDuration) * 1000,
        script: (after.ScriptDuration - before.ScriptDuration) * 1000,
        heap: JSHeapUsedSize / 1e6,
        events: received.events,
      };
    });
  }

  /** Milliseconds of the two longest tasks while recording begins, on a slow machine. */
  snapshot(name) {
    return this.#visit('/busy', name, 5_000, async (visit) => {
      const { page, devtools } = visit;
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
      await this.browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] });
      await this.#record(visit);
      const trace = JSON.parse((await this.browser.stopTracing()).toString());
      const [longest = 0, next = 0] = tasks(trace.traceEvents, this.host.url);
      return { longest, next };
    });
  }

  /** What a page without content pays until recording runs. */
  load(name) {
    return this.#visit('/empty', name, 5_000, async (visit) => {
      const { devtools } = visit;
      await devtools.send('HeapProfiler.collectGarbage');
      const before = await metricsOf(devtools);
      await this.#record(visit);
      const after = await metricsOf(devtools);
      await devtools.send('HeapProfiler.collectGarbage');
      const { JSHeapUsedSize } = await metricsOf(devtools);
      const taken = (name) => (after[name] - before[name]) * 1000;
      return {
        script: taken('ScriptDuration') + taken('V8CompileDuration'),
        task: taken('TaskDuration'),
        heap: (JSHeapUsedSize - before.JSHeapUsedSize) / 1e6,
      };
    });
  }

  /** What is uploaded of a page that is busy for `ms`, and of a visitor who scrolls and types. */
  upload(name, path, ms) {
    return this.#visit(path, name, 5_000, async (visit) => {
      const { page, received } = visit;
      await this.#record(visit);
      const busy = page.evaluate((time) => window.workload.live(time, 7), ms);
      const over = busy.then(() => true);
      for (let step = 0; !(await Promise.race([over, act(page, step)])); step++);
      await this.#drain(visit);
      const { bytes, raw, largest, events, uploads } = received;
      return { bytes, raw, largest, events, uploads, changes: await busy };
    });
  }
}

/** A step of the visitor: a tenth of a second. */
async function act(page, step) {
  const start = performance.now();
  await page.mouse.move(200 + ((step * 37) % 600), 100 + ((step * 53) % 400), { steps: 3 });
  if (step % 5 === 0) await page.mouse.wheel(0, step % 50 < 25 ? 120 : -120);
  if (step % 20 === 0) {
    const fields = page.locator('form input');
    await fields.nth((step / 20) % (await fields.count())).focus();
  }
  if (step % 2 === 0) await page.keyboard.type('x');
  await new Promise((done) => setTimeout(done, 100 - (performance.now() - start)));
  return false;
}

/** Durations of the page's main-thread tasks in ms, the longest first. */
function tasks(events, url) {
  const isOfPage = ({ name, args }) => name === 'EvaluateScript' && args.data?.url?.startsWith(url);
  const thread = events.find(isOfPage);
  return events
    .filter(({ name, pid, tid }) => name === 'RunTask' && pid === thread?.pid && tid === thread.tid)
    .map(({ dur = 0 }) => dur / 1000)
    .sort((a, b) => b - a);
}
