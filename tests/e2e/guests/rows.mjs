// The settings that a guest may find itself in. `before` is what the page does before the tag,
// `after` when it is recorded; `refused` is what the one line in the console must say.

const HERE = "script-src 'self'";
const csp = (...directives) => ({ 'content-security-policy': directives.join('; ') });

const POLICIES = [
  { name: "CSP: script-src 'self'", headers: csp(HERE) },
  { name: "CSP: script-src 'self' 'wasm-unsafe-eval'", headers: csp(`${HERE} 'wasm-unsafe-eval'`) },
  { name: "CSP: the same, and worker-src 'none'", headers: csp(`${HERE} 'wasm-unsafe-eval'`, "worker-src 'none'") },
  { name: "CSP: script-src 'self', worker-src 'none'", headers: csp(HERE, "worker-src 'none'"), refused: /'wasm-unsafe-eval'/ },
  { name: 'CSP: a nonce and strict-dynamic', headers: csp("script-src 'nonce-n0nce' 'strict-dynamic' 'wasm-unsafe-eval'"), nonce: 'n0nce' },
  { name: 'Trusted Types', headers: csp(`${HERE} 'wasm-unsafe-eval'`, "require-trusted-types-for 'script'"), html: 'policy' },
  { name: 'Trusted Types, only the page\'s own policy', headers: csp(`${HERE} 'wasm-unsafe-eval'`, "require-trusted-types-for 'script'", 'trusted-types default'), html: 'policy', refused: /trusted-types must allow/ },
  { name: 'Trusted Types, no policy but ours', headers: csp(`${HERE} 'wasm-unsafe-eval'`, "require-trusted-types-for 'script'", 'trusted-types sentiero'), html: 'none' },
  { name: 'Trusted Types, no policy at all', headers: csp(`${HERE} 'wasm-unsafe-eval'`, "require-trusted-types-for 'script'", "trusted-types 'none'"), html: 'none', refused: /trusted-types must allow/ },
  { name: 'the recorder\'s own file is not allowed', headers: (url) => csp(`script-src ${url}/sentiero.js ${url}/watch.js ${url}/suite.js`), refused: /could not be loaded/ },
];

const PLACES = [
  { name: 'another origin', foreign: true },
  { name: 'another origin, strict CSP', foreign: true, headers: (_, worker) => csp(`${HERE} ${worker} 'wasm-unsafe-eval'`, `connect-src 'self' ${worker}`) },
  { name: 'another origin, blob workers allowed', foreign: true, headers: (_, worker) => csp(`${HERE} ${worker} 'wasm-unsafe-eval'`, `connect-src 'self' ${worker}`, 'worker-src blob:') },
  { name: 'a sandboxed frame', sandbox: 'allow-scripts', refused: /sandbox/ },
  { name: 'a sandboxed frame with its origin', sandbox: 'allow-scripts allow-same-origin allow-forms' },
];

const denied = () => {
  for (const area of ['localStorage', 'sessionStorage', 'indexedDB']) {
    Object.defineProperty(window, area, { get() { throw new DOMException('denied', 'SecurityError'); } });
  }
};

/** What Prototype.js 1.6 did to every page that included it. */
const prototypeJs = () => {
  const asText = function () { return `[${[...this].map((value) => JSON.stringify(value)).join(', ')}]`; };
  Object.assign(Array.prototype, {
    toJSON: asText,
    each(work) { this.forEach(work); return this; },
    first() { return this[0]; },
    without(...values) { return this.filter((value) => !values.includes(value)); },
  });
  Object.assign(String.prototype, { toJSON() { return `"${this}"`; }, strip() { return this.trim(); } });
  Object.assign(Number.prototype, { toJSON() { return `${this}`; } });
};

const PATCHES = [
  { name: 'storage denied', before: denied },
  { name: 'storage full', before: () => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; } },
  { name: 'toJSON on arrays, strings and numbers', before: prototypeJs },
  { name: 'toJSON on every object', before: () => { Object.prototype.toJSON = function () { return 'an object'; }; } },
  { name: 'toJSON that cannot be removed', before: () => { Object.defineProperty(Array.prototype, 'toJSON', { value: () => 'a list' }); }, refused: /JSON/ },
  { name: 'JSON.stringify gives something else', before: () => { JSON.stringify = () => 'mine'; }, refused: /JSON/ },
  { name: 'JSON.stringify throws', before: () => { JSON.stringify = () => { throw new Error('mine'); }; }, refused: /stopped/ },
  { name: 'JSON.stringify throws later', after: () => { JSON.stringify = () => { throw new Error('mine'); }; } },
  { name: 'fetch throws', before: () => { window.fetch = () => { throw new Error('mine'); }; } },
  { name: 'fetch gives nothing', before: () => { window.fetch = () => undefined; } },
  { name: 'Promise has a slow then', before: () => {
    const { then } = Promise.prototype;
    Promise.prototype.then = function (...handlers) {
      return then.apply(new Promise((done) => setTimeout(done, 100)), [() => then.apply(this, handlers)]);
    };
  } },
  { name: 'Promise has a then that throws', before: () => { Promise.prototype.then = () => { throw new Error('mine'); }; } },
  { name: 'Promise is not one', before: () => { window.Promise = function Promise() { throw new Error('mine'); }; } },
  { name: 'Zone.js', before: () => { window.Zone = { __symbol__: (name) => `__zone_symbol__${name}` }; } },
  { name: 'Array.from makes lists of one', before: () => { const { isArray } = Array; Array.from = (value) => (isArray(value) ? value : [value]); } },
  { name: 'frozen prototypes', before: () => { [Object, Array, Function, Promise, String].forEach(({ prototype }) => Object.freeze(prototype)); } },
  { name: 'no requestIdleCallback, Worker and sendBeacon', before: () => { delete window.Worker; delete window.requestIdleCallback; Navigator.prototype.sendBeacon = () => false; } },
  { name: 'no WebAssembly', before: () => { delete window.WebAssembly; }, refused: /WebAssembly/ },
  { name: 'elements hide what document has', hides: ['head', 'referrer', 'hidden', 'designMode', 'cookie', 'prerendering'] },
  { name: 'an element hides the window', hides: ['defaultView'], refused: /stopped/ },
];

export const ROWS = [{ name: 'an ordinary page' }, ...POLICIES, ...PLACES, ...PATCHES];

/** What our scripts call; each throws at every call, or from when recording has begun. */
export const CALLS = [
  'performance.now', 'Date.now', 'setTimeout', 'clearTimeout', 'addEventListener', 'document.addEventListener', 'console.warn',
  'JSON.stringify', 'fetch', 'Worker', 'Worker.prototype.postMessage', 'TextEncoder', 'TextEncoder.prototype.encode', 'TextDecoder.prototype.decode',
  'crypto.getRandomValues', 'navigator.sendBeacon', 'URL', 'URL.createObjectURL', 'Blob', 'Promise', 'Promise.prototype.then',
  'WebAssembly.compile', 'WebAssembly.Module', 'WebAssembly.Instance', 'localStorage.getItem', 'localStorage.setItem', 'trustedTypes.createPolicy',
  'document.createElement', 'document.querySelector', 'document.querySelectorAll', 'Element.prototype.append', 'Element.prototype.closest', 'Element.prototype.matches', 'Element.prototype.getAttribute',
  'Node.prototype.getRootNode', 'Node.prototype.contains', 'Node.prototype.childNodes', 'Node.prototype.parentNode', 'Node.prototype.textContent', 'Element.prototype.shadowRoot',
  'MutationObserver', 'MutationObserver.prototype.observe', 'MutationObserver.prototype.disconnect', 'NodeList.prototype.forEach', 'CSSStyleSheet.prototype.cssRules',
  'Array.from', 'Array.prototype.map', 'Array.prototype.filter', 'Array.prototype.forEach', 'Array.prototype.push', 'Array.prototype.join', 'Array.prototype.some', 'Array.prototype.includes',
  'Object.assign', 'Object.keys', 'Object.entries', 'Object.fromEntries', 'Object.defineProperty', 'Object.getOwnPropertyDescriptor', 'Reflect.deleteProperty',
  'String', 'Number', 'String.prototype.replace', 'String.prototype.split', 'String.prototype.trim', 'String.prototype.slice', 'RegExp.prototype.test',
  'Map', 'Map.prototype.set', 'Map.prototype.get', 'Set', 'Set.prototype.add', 'Set.prototype.has', 'WeakMap.prototype.get', 'WeakMap.prototype.set', 'WeakSet.prototype.add', 'WeakSet.prototype.has',
  'requestAnimationFrame', 'Math.max', 'Math.round', 'Element.prototype.getBoundingClientRect', 'Reflect.defineProperty',
];
