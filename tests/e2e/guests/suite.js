// The host page's own tests. Each gives what it saw; what a page sees must not depend on
// whether it is recorded.
(() => {
  const failure = ({ name }) => `throws ${name}`;
  const attempt = (work) => {
    try {
      return work();
    } catch (error) {
      return failure(error);
    }
  };
  const stage = () => document.querySelector('#stage');
  const put = (html) => {
    stage().innerHTML = html;
    return stage().firstElementChild;
  };
  const turn = () => new Promise((done) => setTimeout(done));
  const sheet = () => document.querySelector('style').sheet;
  const store = (area) => attempt(() => {
    window[area].setItem('guest', 'mine');
    const found = window[area].getItem('guest');
    window[area].removeItem('guest');
    return found;
  });

  const tests = {
    async clicks() {
      const button = put('<button type="button"><b>buy</b></button>');
      const heard = [];
      stage().addEventListener('click', (event) => heard.push(`outer ${event.target.tagName} ${event.defaultPrevented}`), { once: true });
      button.addEventListener('click', (event) => {
        heard.push('inner');
        event.preventDefault();
      });
      button.firstElementChild.click();
      return heard;
    },
    async forms() {
      const form = put('<form><input name="a" value="1"><input name="b" type="checkbox" checked><select name="c"><option>x<option selected>y</select></form>');
      const [text] = form.elements;
      const heard = [];
      form.addEventListener('input', (event) => heard.push(`input ${event.target.value}`));
      form.addEventListener('submit', (event) => {
        heard.push('submit');
        event.preventDefault();
      });
      text.value = 'set';
      text.dispatchEvent(new InputEvent('input', { bubbles: true }));
      form.requestSubmit();
      return [heard, [...new FormData(form)], text.value, attempt(() => { text.value = Symbol('no'); })];
    },
    async fetches() {
      try {
        const response = await fetch('/echo', { method: 'POST', body: 'hello' });
        return [response.status, await response.text()];
      } catch (error) {
        return failure(error);
      }
    },
    requests: () => new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open('POST', '/echo');
      request.onloadend = () => done([request.status, request.responseText]);
      request.send('hello');
    }),
    // Forbidden or form data: our host looks for it in what is sent.
    async secrets() {
      const box = put('<div><p data-rr-mask title="SECRET-title">SECRET-text</p><p contenteditable><b>SECRET-typed</b></p><input value="SECRET-value"><textarea>SECRET-area</textarea></div>');
      await turn();
      const [masked, edited] = box.children;
      masked.firstChild.data = 'SECRET-changed';
      masked.setAttribute('aria-label', 'SECRET-label');
      edited.firstElementChild.firstChild.data = 'SECRET-edited';
      edited.append('SECRET-appended');
      await turn();
      return box.textContent;
    },
    async json() {
      return [JSON.stringify({ a: [1, 'x', null], b: { c: [] } }), JSON.parse('{"a":[1]}')];
    },
    async promises() {
      const heard = [];
      const later = (async () => {
        await undefined;
        heard.push('awaited');
        await undefined;
        heard.push('twice');
      })();
      queueMicrotask(() => heard.push('microtask'));
      heard.push('now');
      await later;
      return [heard, attempt(() => Promise.name), attempt(() => typeof Promise.all)];
    },
    async history() {
      const before = location.href;
      history.pushState({ n: 1 }, '', '?pushed');
      const pushed = [location.search, history.state];
      history.replaceState(null, '', before);
      return [pushed, location.href === before, history.state];
    },
    async storage() {
      return [store('localStorage'), store('sessionStorage'), attempt(() => typeof window.indexedDB.open)];
    },
    async styles() {
      const rules = sheet();
      const at = rules.insertRule('#stage { outline-width: 3px }', rules.cssRules.length);
      const rule = rules.cssRules[at];
      rule.style.setProperty('color', 'rgb(1, 2, 3)');
      const color = getComputedStyle(stage()).color;
      const removed = rule.style.removeProperty('color');
      rules.deleteRule(at);
      return [
        at === rules.cssRules.length, color, removed,
        attempt(() => rules.insertRule('no rule {')), attempt(() => rules.insertRule()), attempt(() => rules.insertRule('a {}', 999)),
        attempt(() => rules.deleteRule(999)), attempt(() => rules.deleteRule()), attempt(() => rules.insertRule.call(undefined, 'a {}')),
        attempt(() => rule.style.setProperty()), attempt(() => rule.style.setProperty(Symbol('no'), 'x')), attempt(() => rule.style.removeProperty()),
      ];
    },
    async constructed() {
      const made = new CSSStyleSheet();
      made.replaceSync('#stage { min-width: 5px }');
      await made.replace('#stage { min-width: 6px }');
      document.adoptedStyleSheets = [made];
      const width = getComputedStyle(stage()).minWidth;
      document.adoptedStyleSheets = [];
      return [width, attempt(() => { document.adoptedStyleSheets = 5; }), attempt(() => made.replaceSync())];
    },
    async shadows() {
      const element = put('<div></div>');
      const root = element.attachShadow({ mode: 'open' });
      root.innerHTML = '<i>in</i>';
      return [root.textContent, element.shadowRoot === root, attempt(() => element.attachShadow({ mode: 'open' })), attempt(() => element.attachShadow())];
    },
    async observers() {
      const seen = [];
      const observer = new MutationObserver((records) => seen.push(...records.map(({ type, addedNodes, removedNodes }) => [type, addedNodes.length, removedNodes.length])));
      const element = put('<p title="a">text</p>');
      observer.observe(stage(), { subtree: true, childList: true, attributes: true, characterData: true });
      element.title = 'b';
      element.firstChild.data = 'c';
      element.append(document.createElement('b'), 'd');
      element.remove();
      await turn();
      observer.disconnect();
      return seen;
    },
    async frames() {
      const frame = put('<iframe></iframe>');
      const own = attempt(() => frame.contentDocument && frame.contentDocument.body.childNodes.length);
      await turn();
      frame.remove();
      return [own, frame.contentWindow];
    },
    async scrolls() {
      const box = put('<div style="height:20px;overflow:auto"><div style="height:500px"></div></div>');
      const heard = new Promise((done) => box.addEventListener('scroll', () => done('scrolled'), { once: true }));
      box.scrollTop = 40;
      return [box.scrollTop, await heard];
    },
    async errors() {
      const heard = new Promise((done) => addEventListener('error', (event) => done(event.message), { once: true }));
      setTimeout(() => { throw new Error("the page's own"); });
      return heard;
    },
    async beacons() {
      return navigator.sendBeacon('/echo', 'hello');
    },
    async natives() {
      const isNative = (value) => /\[native code\]/.test(Function.prototype.toString.call(value));
      const { insertRule } = CSSStyleSheet.prototype;
      const { open, send } = XMLHttpRequest.prototype;
      return [open, send, history.pushState, history.replaceState, console.log, insertRule].map(isNative);
    },
    async names() {
      return Object.keys(window).filter((name) => !window.namesBefore.includes(name) && name !== 'Sentiero').sort();
    },
  };

  /** Runs all; `{test: what it saw}`. */
  window.runSuite = async () => {
    const seen = {};
    for (const [name, run] of Object.entries(tests)) {
      try {
        seen[name] = await run();
      } catch (error) {
        seen[name] = failure(error);
      }
    }
    stage().textContent = '';
    return seen;
  };
})();
