// What a page hides by selectors of its own: `data-block-selector`, `data-mask-text-selector`
// and `data-ignore-selector`. They hold while the page changes, add to the attributes, and a
// selector that is none ends the recording before it begins.
// That nothing leaks on any path is up to canary.spec.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customOf, recordBodies, servePage, sessionOf, stage, storedEvents, until } from './support.mjs';

let worker;
let browser;
let api;
stage((all) => ({ worker, browser, api } = all));

const MODES = ['none', 'inputs', 'text'];
const OPTIONS = { blockSelector: 'data-block-selector', maskTextSelector: 'data-mask-text-selector', ignoreSelector: 'data-ignore-selector' };

const tag = (attributes) => `<script src="/sentiero.js" data-site="demo" data-start="load" ${attributes}></script>`;
const HIDING = 'data-mask-text-selector=".private, .closed em" data-block-selector=".gone" data-ignore-selector=".quiet"';

/** Opens a page of `html`; `warned` is what its console says, `failures` what it throws. */
async function visit(html) {
  const context = await browser.newContext();
  const bodies = recordBodies(context);
  await servePage(context, () => html);
  const page = await context.newPage();
  const failures = [];
  const warned = [];
  page.on('pageerror', (error) => failures.push(error));
  page.on('console', (message) => warned.push(message.text()));
  await page.goto(`${worker.url}/page`);
  return { context, page, bodies, failures, warned };
}

/** The page did something, and rrweb has seen it. */
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

/** Records a page while `act` changes it: what left the browser as one text, and what is stored. */
async function recorded(html, act) {
  const { context, page, bodies, failures, warned } = await visit(html);
  const sid = await sessionOf(page);
  await settle(page);
  await act(page);
  await settle(page);
  await page.evaluate(() => {
    window.Sentiero.addCustomEvent('done', {});
    window.Sentiero.flush();
  });
  const events = await until('it is stored', async () => {
    const found = await storedEvents(api, sid);
    return customOf(found).some((one) => one.tag === 'done') && found;
  });
  assert.deepEqual([failures, warned], [[], []]);
  const sent = Buffer.concat(bodies).toString('utf8');
  await context.close();
  return { sent, events };
}

const leaks = (text) => [...new Set(text.match(/SECRET-[\w-]+/g))];

for (const mode of MODES) {
  test(`what a selector hides stays hidden as the page changes, mode ${mode}`, async () => {
    const html = `<p class="private" title="SECRET-title">SECRET-text <b data-note="SECRET-note" aria-label="SECRET-label">SECRET-deep</b></p>
      <div class="gone">SECRET-blocked</div><form class="quiet"><input id="ign" value="SECRET-prefilled"></form>
      <p id="later"><b id="deep">plain</b></p><div id="box"><b id="boxed">plain</b></div><section id="tone"><em id="em">plain</em></section>
      <div class="private" id="host"></div><iframe class="private" id="frame" srcdoc="<p id=in title=SECRET-frame-title>SECRET-frame</p>"></iframe>
      <p class="private" data-sentiero-unmask>SECRET-lifted</p><p data-rr-mask>SECRET-attribute</p>
      <p class="private" id="open">x</p>
      <script>host.attachShadow({ mode: 'open' }).innerHTML = '<i id="inner" title="SECRET-shadow-title">SECRET-shadow</i>';</script>
      ${tag(`data-mask="${mode}" ${HIDING}`)}`;
    const { sent } = await recorded(html, async (page) => {
      await page.locator('#ign').fill('SECRET-ignored');
      // In one task: hidden, and changed.
      await page.evaluate(() => {
        const at = (id) => document.querySelector(`#${id}`);
        at('later').className = 'private';
        at('deep').firstChild.data = 'SECRET-same-batch';
        at('deep').title = 'SECRET-title-same-batch';
        at('deep').append(Object.assign(document.createElement('s'), { textContent: 'SECRET-added', title: 'SECRET-added-title' }));
        at('box').classList.add('gone');
        at('boxed').firstChild.data = 'SECRET-below-block';
        at('box').title = 'SECRET-title-of-block';
        at('tone').className = 'closed';
        at('em').firstChild.data = 'SECRET-by-what-is-around';
        at('host').shadowRoot.querySelector('#inner').firstChild.data = 'SECRET-shadow-later';
        const inside = at('frame').contentDocument.querySelector('#in');
        inside.firstChild.data = 'SECRET-frame-later';
        inside.title = 'SECRET-frame-title-later';
        document.body.append(Object.assign(document.createElement('p'), { className: 'private', textContent: 'SECRET-new', title: 'SECRET-new-title' }));
      });
      await settle(page);
      await page.evaluate(() => {
        document.querySelector('#boxed').firstChild.data = 'SECRET-below-block-later';
        document.querySelector('#deep').title = 'SECRET-title-later';
        document.querySelector('#open').className = '';
        document.querySelector('#open').firstChild.data = 'now-open';
      });
    });
    assert.deepEqual(leaks(sent), []);
    assert.equal(sent.includes('now-open'), mode !== 'text', 'what is no longer hidden');
  });
}

test('a snapshot says what they mask, so that the edge masks it, too', async () => {
  const { events } = await recorded(`<p class="private">x</p><p class="other">y</p>${tag(`data-mask="none" ${HIDING}`)}`, async () => undefined);
  const [{ data }] = events.filter(({ type }) => type === 2);
  const found = [];
  const look = (node) => {
    if (node.tagName === 'p') found.push([node.attributes.class, 'data-rr-mask' in node.attributes]);
    node.childNodes?.forEach(look);
  };
  look(data.node);
  assert.deepEqual(found, [['private', true], ['other', false]]);
});

test('an element that comes to be hidden is hidden in the snapshot that follows; one event says nothing of it', async () => {
  const html = `<div id="a"><b>plain-a</b></div><div id="b">plain-b</div><div class="gone" id="c"></div>${tag(HIDING)}`;
  const { events } = await recorded(html, async (page) => {
    await page.evaluate(() => {
      document.querySelector('#a').className = 'gone';
      document.querySelector('#b').className = 'private';
    });
    await settle(page);
    // What is blocked may change as it likes.
    for (let time = 0; time < 3; time += 1) {
      await page.evaluate((now) => document.querySelector('#c').setAttribute('data-tick', now), time);
      await settle(page);
    }
  });
  const snapshots = events.filter(({ type }) => type === 2).map((event) => JSON.stringify(event));
  assert.deepEqual(snapshots.map((text) => [text.includes('plain-a'), text.includes('plain-b')]), [[true, true], [false, false]]);
  const changes = events.filter(({ type, data }) => type === 3 && data.source === 0);
  const empty = changes.filter(({ data }) => [data.adds, data.removes, data.texts, data.attributes].every(({ length }) => !length));
  assert.deepEqual(empty, [], 'events that say nothing');
});

test('what is ignored is not even counted', async () => {
  const { events } = await recorded(`<form class="quiet"><input></form>${tag(HIDING)}`, async (page) => {
    await page.locator('input').fill('anything');
    await page.locator('input').blur();
  });
  assert.deepEqual(events.filter(({ type, data }) => type === 3 && data.source === 5), []);
});

test('captures look into nothing that is blocked, and at no field that is ignored', async () => {
  const html = `<a class="gone" style="display:block" id="link" href="#x">SECRET-link</a><form class="quiet"><input id="field" name="SECRET-name"></form><i class="private" id="text">SECRET-shown</i>
    ${tag(`${HIDING} data-capture-clicks data-track-forms data-track-navigation`)}`;
  const { sent, events } = await recorded(html, async (page) => {
    await page.locator('#link').click();
    await page.locator('#field').fill('SECRET-typed');
  });
  const tags = customOf(events).map(({ tag: name }) => name);
  assert.ok(!tags.includes('__field') && !tags.includes('navigation'), tags.join());
  assert.deepEqual(customOf(events).filter(({ tag: name, payload }) => name === '__click' && payload.selector.includes('#link')), []);
  // The name of a field is markup, and stays.
  assert.deepEqual(leaks(sent), ['SECRET-name']);
});

/** None of these is a selector that elements can match. */
const WRONG = ['p[', '', ' ', 'p::before', '.a, ::placeholder', '[title="x', 'a),:not(b', '.a\\', 'p >', '..a'];

for (const [option, attribute] of Object.entries(OPTIONS)) {
  test(`${option}: what is no selector ends the recording before it begins`, async () => {
    for (const wrong of WRONG) {
      const html = `<p>x</p>${tag(`${attribute}='${wrong}'`)}`;
      const { context, page, bodies, failures, warned } = await visit(html);
      await until('it has said so', () => warned.length);
      await page.evaluate(() => {
        window.Sentiero.start();
        window.Sentiero.addCustomEvent('any', {});
        window.Sentiero.flush();
      });
      await settle(page);
      assert.equal(await page.evaluate(() => window.Sentiero.sessionId()), null, wrong);
      assert.deepEqual(failures, []);
      assert.equal(warned.length, 1, warned.join('\n'));
      assert.match(warned[0], new RegExp(`^Sentiero: .*${option} is no CSS selector: `));
      assert.ok(!bodies.some((body) => body.includes('/i/demo')), 'nothing is sent');
      assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
      await context.close();
    }
  });
}

test('a selector that is open at its end hides as it says, and swallows nothing', async () => {
  const html = `<p class="private">SECRET-own</p><p data-rr-mask><b title="SECRET-title">SECRET-attribute</b></p><input value="SECRET-value">
    ${tag("data-mask-text-selector='.private /* as it was' data-block-selector='.gone/*'")}<div class="gone">SECRET-gone</div><div data-rr-block>SECRET-box</div>`;
  const { sent } = await recorded(html, async (page) => {
    await page.locator('input').fill('SECRET-typed');
  });
  assert.deepEqual(leaks(sent), []);
});

test('what is said to init counts, too', async () => {
  const html = `<p class="private">SECRET-own</p><script src="/sentiero.js"></script>
    <script>Sentiero.init({ site: 'demo', start: 'load', mask: 'none', maskTextSelector: '.private' })</script>`;
  const { sent } = await recorded(html, async () => undefined);
  assert.deepEqual(leaks(sent), []);
});
