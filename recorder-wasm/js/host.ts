/** Where the engine runs: in a worker if one can be made, else on the page's thread. */
import type { Config } from './config';
import type { FromEngine, ToEngine } from './messages';

/** What engine.ts exports. */
export type Engine = typeof import('./engine');

/** A worker that has its script but does not answer within this is given up, ms. */
const TIMEOUT = 5_000;

/** An engine that is ready: here for synchronous calls, and at the other end of `post`. */
export interface Host {
  engine: Engine;
  module: WebAssembly.Module;
  post(message: ToEngine): void;
}

/** The worker's script: the site's own file, ours, or a blob if ours is of another origin. */
function script({ worker, engine }: Config): string {
  if (worker) {
    return worker;
  }
  if (new URL(engine).origin === location.origin) {
    return engine;
  }
  const text = `import ${JSON.stringify(engine)}`;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

/** `Promise`, not what a page may have put in its place; and nothing here calls its `then`. */
// eslint-disable-next-line @typescript-eslint/require-await -- only whose promise it is counts
const Native = (async () => undefined)().constructor as PromiseConstructor;

/** A worker that has said hello; undefined if CSP or the browser does not let us have one. */
async function startWorker(config: Config, loaded: Promise<unknown>): Promise<Worker | undefined> {
  try {
    return await helloOf(new Worker(config.trust(script(config)), { type: 'module' }), config, loaded);
  } catch {
    return undefined;
  }
}

function helloOf(worker: Worker, config: Config, loaded: Promise<unknown>): Promise<Worker | undefined> {
  return new Native((resolve) => {
    let waiting = true;
    const fail = (): void => {
      if (waiting) {
        worker.terminate();
        resolve(undefined);
      }
    };
    worker.onmessage = () => {
      waiting = false;
      resolve(worker);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail();
    };
    worker.postMessage({ engine: config.engine });
    void (async () => {
      try {
        // Until this thread has the script, too, a slow network is the likelier cause.
        await loaded;
        setTimeout(fail, TIMEOUT);
      } catch {
        fail();
      }
    })();
  });
}

/** The worker compiles where the page is not allowed to. */
function compileIn(worker: Worker, wasm: string): Promise<FromEngine> {
  return new Native((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<FromEngine>) => resolve(data);
    worker.postMessage({ type: 'compile', wasm } satisfies ToEngine);
  });
}

/** The other end of `post`: the worker, or this thread if there is none. */
function connect(worker: Worker | undefined, engine: Engine, obey: (command: string) => void): Host['post'] {
  if (!worker) {
    // Not within the call that caused it: an answer comes later, as from a worker.
    return engine.serve((command) => {
      void (async () => {
        await Native.resolve();
        obey(command as string);
      })();
    });
  }
  worker.onmessage = ({ data }: MessageEvent<string>) => obey(data);
  worker.onerror = (event) => {
    // Else it is an error of the page, too.
    event.preventDefault();
    obey('stop the worker failed');
  };
  return (message) => worker.postMessage(message);
}

/**
 * Gets an engine ready, commands of which go to `obey`. Throws if there can be none.
 *
 * Whether there is a worker is not waited for, unless it must compile: a page that is left
 * needs the engine on its own thread only, and what happens before that is there is lost.
 */
export async function openHost(config: Config, obey: (command: string) => void): Promise<Host> {
  const loading = import(config.engine) as Promise<Engine>;
  const starting = startWorker(config, loading);
  const engine = await loading;
  let module = await config.module;
  if (!module) {
    const worker = await starting;
    const compiled = worker && (await compileIn(worker, config.wasm));
    if (!(compiled instanceof WebAssembly.Module)) {
      worker?.terminate();
      throw new Error("Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src, or set data-worker");
    }
    module = compiled;
  }
  engine.init(module);
  let waiting: ToEngine[] | undefined = [];
  let end: Host['post'] | undefined;
  void (async () => {
    try {
      end = connect(await starting, engine, obey);
      waiting?.forEach(end);
    } catch (error) {
      obey(`stop ${String(error)}`);
    }
    waiting = undefined;
  })();
  const post = (message: ToEngine): void => {
    if (!waiting) {
      end?.(message);
    } else if (message.type === 'stop') {
      // What nobody has heard of yet must not be sent first.
      waiting = [message];
    } else {
      waiting.push(message);
    }
  };
  return { engine, module, post };
}
