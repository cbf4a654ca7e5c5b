// The bench of the recorder still measures: its short form gives every figure. How large they
// are is no test's business, a machine that runs tests is not quiet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FULL, sized } from '../benches/dashboard/main.mjs';
import { SHORT, run } from '../benches/recorder/main.mjs';
import { namesOf } from '../benches/recorder/variants.mjs';

test('every figure is measured', { timeout: 120_000 }, async () => {
  const said = [];
  const { cost, snapshot, load, upload, shop, size } = await run(SHORT, (text) => said.push(text));
  const all = namesOf();
  assert.deepEqual(Object.keys(cost), all);
  assert.deepEqual(Object.keys(load), all);
  assert.deepEqual(Object.keys(snapshot), all.filter((name) => name !== 'no recorder'));
  for (const each of [upload, shop]) assert.deepEqual(Object.keys(each), ['Sentiero', 'main thread: fflate, no masking']);
  for (const [{ ms, script, heap }] of Object.values(cost)) assert.ok(ms > 0 && script > 0 && script <= ms && heap > 0);
  // Recording costs something, and both upload the same events.
  assert.ok(cost['rrweb alone'][0].script > cost['no recorder'][0].script);
  const [ours] = cost.Sentiero;
  assert.ok(ours.events > SHORT.changes / 2, `${ours.events} events of ${SHORT.changes} changes`);
  for (const [{ longest, next }] of Object.values(snapshot)) assert.ok(longest > next && next > 0);
  for (const [{ bytes, raw, largest, events }] of [upload, shop].flatMap(Object.values)) assert.ok(raw > bytes && bytes > largest && largest > 1_000 && events > SHORT.busy / 10);
  for (const { gz, br, raw } of size) assert.ok(br < gz && gz < raw);
  assert.equal(said.length, 7);
});

test('what a long recording costs is measured in part, if asked for', () => {
  const [first] = Object.keys(FULL.shapes);
  const asked = sized({ shape: first, opens: '5', playback: '0.5' });
  assert.deepEqual(asked, { ...FULL, shapes: { [first]: FULL.shapes[first] }, opens: 5, playback: 0.5 });
  assert.deepEqual(sized({}), FULL);
  assert.throws(() => sized({ shape: 'round' }), /--shape takes “a keyframe a minute” or “one keyframe”, not “round”/);
  for (const wrong of ['0', '-1', 'x', '']) assert.throws(() => sized({ seeks: wrong }), /--seeks takes a number above 0/);
});
