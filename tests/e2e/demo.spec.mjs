// `cargo xtask demo --url`: visitors of the shop get to a worker that runs, through its ingest.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Api, Worker, root, until } from './support.mjs';

const run = promisify(execFile);

test('the sessions of the demo are uploaded to a worker that runs, and are listed', { timeout: 300_000 }, async () => {
  const worker = await Worker.start({ ANNOUNCE_SECONDS: '0.1', LEAVE_SECONDS: '0.2' }, { demo: join(root, 'sites/demo.json') });
  try {
    const demo = (...flags) => run('cargo', ['run', '-q', '--package', 'xtask', '--', 'demo', '--story', 'bounce', '--url', worker.url, ...flags], { cwd: root });
    const { stdout } = await demo('--visits', '1', '--multiply', '3', '--days', '2');
    assert.match(stdout, /3 sessions of the last 2 days/);
    const example = new RegExp(`${worker.url}/dashboard/#/s/demo/(\\w{38})`).exec(stdout)?.[1];
    const api = await Api.signIn(worker.url);
    const rows = await until('they are listed', async () => {
      const found = await api.sessions();
      return found.length === 3 && found.every(({ live }) => !live) ? found : undefined;
    });
    assert.ok(rows.some(({ sid }) => sid === example), 'the one it names is there');
    for (const { sid, started, events, entry } of rows) {
      assert.ok(Date.now() - started < 2 * 86_400_000 && events > 0, `${sid} is of the last two days`);
      assert.match(entry, /\/shop\//);
      const { batches, tab_list: loads } = await api.detail(sid);
      assert.ok(batches.some(({ keyframe }) => keyframe), 'it can be replayed');
      assert.deepEqual(loads.flatMap(({ gaps }) => gaps), []);
    }

    // Further back than the ingest takes.
    await assert.rejects(demo('--days', '7'), ({ stderr }) => /--days takes a number from 1 to 6, not `7`/.test(stderr));
  } finally {
    await worker.stop();
  }
});
