// Plants secrets in pages, and visits these in a browser as a person and a program would.
import { until } from '../support.mjs';
import { inPage } from './inpage.mjs';
import { attributesOf } from './tag.mjs';

/** A secret for each path: `{id, path, mode, expect, text, …}`. */
export function plant(secret, paths, mode, copies = 1) {
  const rows = Array.from({ length: copies }, () => paths).flat();
  return rows.map((path, at) => ({
    ...secret(path.shape, { typed: Boolean(path.keys ?? path.compose), mode, path: path.name, expect: path.expect[mode] }),
    id: `plant${at}`,
    how: path,
  }));
}

const at = (plants, where) => plants.filter(({ how }) => how.where === where);
const joined = (plants, where, separator) => at(plants, where).map(({ text }) => encodeURI(text)).join(separator);

/** The page in which `plants` stand; `serve` gives the address of a file in it. */
function html(plants, { tag, serve }) {
  const markup = ({ how, text }) => how.html?.(text, serve) ?? '';
  const inBody = plants.filter(({ how }) => !how.where && (how.html || how.act));
  return `<!doctype html>
<html><head><meta charset="utf-8">
<title>canary ${at(plants, 'title').map(({ text }) => text).join(' ')}</title>
${at(plants, 'head').map(markup).join('\n')}
${tag}
</head><body>
${inBody.filter(({ how }) => how.html).map((one) => `<div id="${one.id}">${markup(one)}</div>`).join('\n')}
</body></html>`;
}

const source = (value) => (typeof value === 'function' ? String(value) : JSON.stringify(value));

/** The call of `inPage`, as text. */
function script(plants) {
  const rows = plants.map(({ id, text, how: { act, then, proof, arg, late } }) => {
    const fields = Object.entries({ id, secret: text, arg, late, act, then, proof }).filter(([, value]) => value !== undefined);
    return `{${fields.map(([name, value]) => `${name}:${source(value)}`).join(',')}}`;
  });
  return `(${inPage})([${rows.join(',')}])`;
}

let visits = 0;

/** The tag that a site includes; `base` is where the recorder is. */
const tagOf = (base, mode) => `<script src="${base}sentiero.js" ${attributesOf(mode)}></script>`;

/**
 * Visits a generated page. Gives `{unseen, kept, foreign}`: the plants that never were on
 * the page, what the browser kept, requests to other origins.
 */
export async function visitStatic({ browser, host, plants, mode, base = '/' }) {
  const path = `/page/${(visits += 1)}`;
  const serve = (type, text) => host.file(type, text);
  host.file('text/html', html(plants, { tag: tagOf(base, mode), serve }), path);
  const query = joined(plants, 'query', '&q=');
  const address = `${host.url}${path}/${joined(plants, 'path', '/')}?q=${query}#${joined(plants, 'fragment', '/')}`;
  const referer = `${host.url}/from/${joined(plants, 'referrer path', '/')}?q=${joined(plants, 'referrer query', '&q=')}`;
  return visit({ browser, host, plants, open: (page) => page.goto(address, { referer }) });
}

/** Visits the page that React renders; `bundle` is its script. */
export async function visitReact({ browser, host, plants, mode, bundle, base = '/' }) {
  const source = host.file('text/javascript', bundle);
  const path = `/page/${(visits += 1)}`;
  host.file('text/html', `<!doctype html><meta charset="utf-8"><title>react</title>${tagOf(base, mode)}<div id="app"></div><script type="module" src="${source}"></script>`, path);
  const rows = plants.map(({ id, text, how }) => ({ id, kind: how.kind, secret: how.atStart ? text : '' }));
  const open = async (page) => {
    await page.addInitScript((given) => { window.plants = given; }, rows);
    await page.goto(host.url + path);
    await page.locator(`#${rows.at(-1).id}`).waitFor();
  };
  return visit({ browser, host, plants, open });
}

/** Goes through the demo shop's checkout. */
export async function visitShop({ browser, host, plants, mode }) {
  const seen = new Set();
  const open = async (page) => {
    await page.context().addCookies([{ name: 'mode', value: mode, url: host.url }]);
    await page.goto(`${host.url}/shop/product.html?id=stormcairn`);
    await page.getByTestId('add-to-cart').click();
    await page.goto(`${host.url}/shop/checkout.html`);
  };
  const work = async (page) => {
    for (const { id, text, how } of plants) {
      if (how.shown) await page.getByTestId('toggle-password').click();
      for (const field of [how.field, how.again].filter(Boolean)) {
        const input = page.getByTestId(`field-${field}`);
        await input.click();
        await input.press('ControlOrMeta+A');
        await page.keyboard.type(text);
        if ((await input.inputValue()).replaceAll(' ', '').includes(text.replaceAll(' ', ''))) seen.add(id);
      }
    }
    await page.getByTestId('field-expiry').pressSequentially('0431');
    await page.getByTestId('field-cvc').pressSequentially('739');
    await page.getByTestId('field-terms').check();
    await page.getByTestId('place-order').click();
    await page.getByTestId('order-done').waitFor();
  };
  const visited = await visit({ browser, host, plants: [], open, work });
  return { ...visited, planted: plants, unseen: plants.filter(({ id }) => !seen.has(id)) };
}

/** A visit of the page that `open` opens; `work` is done in it besides what `plants` say. */
async function visit({ browser, host, plants, open, work }) {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const foreign = [];
  context.on('request', (request) => {
    if (!/^(data|blob|about):/.test(request.url()) && !request.url().startsWith(`${host.url}/`)) foreign.push(request.url());
  });
  try {
    const page = await context.newPage();
    await open(page);
    const sid = await until('the recorder has a session', () => page.evaluate(() => window.Sentiero?.sessionId?.()));
    const able = await page.evaluate(() => Object.keys(window.Sentiero));
    const usable = plants.filter(({ how }) => !how.needs || able.includes(how.needs));
    await page.evaluate(script(usable));
    const uploaded = (what, found) => until(what, () => host.uploads.find((upload) => upload.header.sid === sid && found(upload)));
    await uploaded('the snapshot is uploaded', ({ events }) => events.some(({ type }) => type === 2));
    // What is copied there goes to the clipboard that others paste from.
    await alone(() => page.evaluate(() => canary.act(false)));
    await work?.(page);
    const byHand = usable.filter(({ how }) => selectorOf(how));
    // What the last ones leave goes with the beacon, which another engine masks.
    const last = byHand.splice(-Math.ceil(byHand.length / 4));
    for (const one of byHand) await enter(page, one);
    await alone(() => page.evaluate(() => canary.act(true)));
    await page.evaluate(() => {
      Sentiero.addCustomEvent('canary:done');
      Sentiero.flush();
    });
    const { header: { tab } } = await uploaded('everything is uploaded', ({ events }) => events.some(({ data }) => data.tag === 'canary:done'));
    for (const one of last) await enter(page, one);
    const kept = await page.evaluate(() => canary.kept());
    const unseen = new Set(await page.evaluate(() => canary.unseen()));
    await page.goto(`${host.url}/left`);
    await uploaded('the page is left', ({ header }) => header.end && header.tab === tab);
    await page.evaluate(`(${inPage})([])`);
    kept.push(...(await page.evaluate(() => canary.kept())));
    return { sid, planted: usable, unseen: usable.filter(({ id }) => unseen.has(id)), kept: kept.map((text) => Buffer.from(text, 'latin1')), foreign };
  } finally {
    await context.close();
  }
}

let clipboard = Promise.resolve();

/** Runs `work` while no other visit uses the clipboard: there is only one. */
function alone(work) {
  const done = clipboard.then(work);
  // One that failed says so itself, and the next one still has its turn.
  clipboard = done.catch(() => undefined);
  return done;
}

/** Pastes until it is there: a busy browser at times loses the key. */
async function paste(page, id, text) {
  await until(`${id} is pasted`, async () => {
    await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await page.keyboard.press('ControlOrMeta+V');
    return page.waitForFunction(([root, pasted]) => canary.everything(document.getElementById(root)).includes(pasted), [id, text], { timeout: 2_000 })
      .then(() => true, () => false);
  });
}

/** Where a person enters a secret, if one does. */
const selectorOf = ({ keys, paste: pasted, compose, drop }) => keys ?? pasted ?? compose ?? drop;

/** Enters `text` where the caret is as an input method does: it grows, and then it is agreed on. */
async function composed(page, text) {
  const client = await page.context().newCDPSession(page);
  for (const length of [3, 9, text.length]) {
    await client.send('Input.imeSetComposition', { text: text.slice(0, length), selectionStart: length, selectionEnd: length });
  }
  await client.send('Input.insertText', { text });
  await client.detach();
}

/** Drops `text` where the caret is, as it is dragged from another window. */
async function dropped(page, text) {
  const [x, y] = await page.evaluate(() => {
    const target = document.activeElement;
    target.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = target.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  });
  const client = await page.context().newCDPSession(page);
  const data = { items: [{ mimeType: 'text/plain', data: text }], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await client.send('Input.dispatchDragEvent', { type, x, y, data });
  await client.detach();
}

/** Types, pastes, composes or drops a secret as a person does. */
async function enter(page, { id, text, how }) {
  await page.evaluate(([root, selector]) => canary.focus(root, selector), [id, selectorOf(how)]);
  if (how.keys) {
    // All at once, as a fast hand does it: they arrive in order, and nothing waits for each.
    await Promise.all(Array.from(text, (key) => page.keyboard.press(key)));
  } else if (how.compose) {
    await composed(page, text);
  } else if (how.drop) {
    await dropped(page, text);
  } else {
    await alone(() => paste(page, id, text));
  }
  await page.evaluate(async (root) => {
    canary.blur();
    await canary.then(root);
  }, id);
}
