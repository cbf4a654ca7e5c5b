// sample: function
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const SESSION = /^[0-9a-f]{12}[a-z2-7]{26}$/;

/** Tells Sentiero of an error; false if it could not be told. */
export async function tellSentiero(address, token, error, { sid, release, context } = {}) {
  const described = {
    type: error.name,
    message: error.message,
    backtrace: error.stack ?? '',
    time: Date.now(),
    // It comes from the visitor's browser, so it may be anything.
    ...(SESSION.test(sid ?? '') && { sid }),
    ...(release && { release }),
    ...(context && { context }),
  };
  // The same id each time: what was stored, and not answered, is not stored again.
  const body = JSON.stringify({ id: randomUUID(), errors: [described] });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (let tried = 1; tried <= 3; tried += 1) {
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(address, { method: 'POST', headers, body, signal }).catch(() => undefined);
    if (answer && answer.status < 500 && answer.status !== 429) return answer.ok;
    await sleep(2_000 * tried);
  }
  return false;
}
// sample ends

const { SENTIERO_URL, SENTIERO_SITE, SENTIERO_TOKEN, SID } = process.env;

function price(items) {
  return items.lamp.price;
}

try {
  price({});
} catch (error) {
  const context = { path: '/pay?card=1' };
  const told = await tellSentiero(`${SENTIERO_URL}/e/${SENTIERO_SITE}`, SENTIERO_TOKEN, error, { sid: SID, release: 'node-1', context });
  console.log(told ? 'told' : 'not told');
}
