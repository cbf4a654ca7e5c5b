// What runs in the page: `canary` for the paths' functions, and what drives them.
// Sent to the browser as text, so nothing outside of this function is known in it.

/** Becomes `window.canary`. `plants` are `{id, secret, arg, act, then, proof}`. */
export function inPage(plants) {
  const seen = new Set();
  const rootOf = (id) => document.getElementById(id) ?? document.body;

  /** The elements below `node`, also in shadow roots and frames. */
  function* elements(node) {
    for (const child of node?.children ?? []) {
      yield child;
      yield* elements(child);
      if (child.shadowRoot) yield* elements(child.shadowRoot);
      if (child.localName === 'iframe') yield* elements(child.contentDocument);
    }
  }

  /** Every text below `node`: markup, values, and trees inside. */
  function everything(node) {
    const texts = [node.innerHTML ?? node.documentElement?.outerHTML ?? '', node.textContent ?? ''];
    for (const element of elements(node)) {
      texts.push(element.value ?? '', element.title ?? '');
      if (element.shadowRoot) texts.push(element.shadowRoot.innerHTML);
      if (element.localName === 'iframe') texts.push(element.contentDocument?.documentElement.outerHTML ?? '');
      for (const { value } of element.attributes) texts.push(value);
    }
    return texts.join('\n');
  }

  /** Where a secret should be; empty while what the proof looks at is not there yet. */
  function textOf(root, secret, proof) {
    try {
      return String(proof ? proof(root, secret) : everything(root));
    } catch {
      return '';
    }
  }

  /** Notes whether the secrets planted at `root` are on the page now. */
  function look(root) {
    for (const { id, secret, proof } of plants) {
      if (seen.has(id) || rootOf(id) !== root) continue;
      if (textOf(root, secret, proof).includes(secret)) seen.add(id);
    }
  }

  const frame = () => new Promise((done) => requestAnimationFrame(done));

  window.canary = {
    plants,
    everything,
    look,
    landed: location.href,
    titles: '',
    routes: '',
    /** rrweb has seen what was changed: it gathers changes by microtask and by frame. */
    async settled() {
      await frame();
      await frame();
    },
    /** The first element in any tree below `root` that matches. */
    inside: (root, selector) => [...elements(root)].find((element) => element.matches(selector)),
    deepest(root) {
      let at = root;
      while (at.firstElementChild) at = at.firstElementChild;
      return at;
    },
    route(method, address) {
      history[method](history.state, '', address);
      canary.routes += location.href;
    },
    async hash(text) {
      location.hash = text;
      canary.routes += location.href;
    },
    /** Runs the acts: all of them at once, but those that need the page for themselves. */
    async act(late) {
      const run = async (plant) => {
        await plant.act?.(rootOf(plant.id), plant.secret, plant.arg);
        look(rootOf(plant.id));
      };
      const chosen = plants.filter((plant) => Boolean(plant.late) === late);
      if (!late) await Promise.all(chosen.map(run));
      for (const plant of late ? chosen : []) {
        await run(plant);
        await canary.settled();
      }
    },
    async then(id) {
      const { then } = plants.find((plant) => plant.id === id);
      const root = rootOf(id);
      look(root);
      if (!then) return;
      then(root);
      await canary.settled();
    },
    /** Puts the caret where keys shall go. */
    focus(id, selector) {
      const element = canary.inside(rootOf(id), selector);
      element.ownerDocument.defaultView.focus();
      element.focus();
    },
    blur() {
      let at = document.activeElement;
      while (at) {
        const inner = at.shadowRoot?.activeElement ?? at.contentDocument?.activeElement;
        if (!inner) break;
        at = inner;
      }
      at?.blur();
    },
    unseen: () => plants.filter(({ id }) => !seen.has(id)).map(({ id }) => id),
  };

  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  /** `value` and the bytes in it, each as characters. */
  function* characters(value) {
    const found = [];
    yield JSON.stringify(value, (_, inner) => {
      const bytes = inner instanceof ArrayBuffer ? new Uint8Array(inner) : ArrayBuffer.isView(inner) && new Uint8Array(inner.buffer, inner.byteOffset, inner.byteLength);
      if (bytes) found.push(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      return bytes ? null : inner;
    });
    yield* found;
  }

  /** What the browser keeps for this origin; what the page itself put there aside. */
  canary.kept = async () => {
    const areas = [localStorage, sessionStorage].flatMap((area) => Object.entries(area));
    const kept = areas.filter(([key]) => key !== 'own').flat();
    for (const { name } of await indexedDB.databases()) {
      const database = await asked(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const open = database.transaction(store).objectStore(store);
        for (const value of [...(await asked(open.getAll())), ...(await asked(open.getAllKeys()))]) kept.push(...characters(value));
      }
      database.close();
    }
    return kept;
  };

  for (const { id } of plants) look(rootOf(id));
  addEventListener('load', () => plants.forEach(({ id }) => look(rootOf(id))));
}
