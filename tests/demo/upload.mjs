// Sends sessions that `cargo xtask demo` made through a worker's ingest, as their browsers would.
//   node tests/demo/upload.mjs FOLDER URL SITE
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sessions under way at a time. */
const AT_ONCE = 6;
const TRIES = 8;

const [folder, url, site] = process.argv.slice(2);
const { origin, hostname } = new URL(url);
/** The local runtime believes what we say of addresses, so one limit of rate is not met by all. */
const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

function part(file, { offset, length }) {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  return bytes;
}

/** An address out of the range that is kept for benchmarks. */
function addressOf(sid) {
  const number = Number.parseInt(sid.slice(4, 12), 16);
  return `198.${18 + (number & 1)}.${(number >> 1) & 255}.1`;
}

async function send(session, body) {
  const headers = { origin, 'user-agent': session.agent, 'cf-ipcountry': session.country };
  if (isLocal) headers['cf-connecting-ip'] = addressOf(session.sid);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(`${url}/i/${site}`, { method: 'POST', headers, body });
    if (answer.ok) {
      const { directive } = await answer.json();
      if (directive === 'stop') throw new Error('the worker records nothing of this site (it is off, its quota is used up, or bots are dropped)');
      return;
    }
    const text = await answer.text();
    const goesOn = answer.status === 429 || answer.status === 503;
    if (!goesOn || attempt === TRIES) throw new Error(`the worker answered ${answer.status}: ${text}`);
    await sleep(1_000 * Number(answer.headers.get('retry-after') ?? 1));
  }
}

async function main() {
  const lines = readFileSync(join(folder, 'sessions.ndjson'), 'utf8').split('\n').filter(Boolean);
  const file = openSync(join(folder, 'chunks.bin'), 'r');
  const of = lines.length;
  let done = 0;
  const work = async () => {
    for (let line = lines.pop(); line; line = lines.pop()) {
      const session = JSON.parse(line);
      for (const { members } of session.chunks) {
        for (const member of members) await send(session, part(file, member));
      }
      done += 1;
      process.stdout.write(`${JSON.stringify({ done, of })}\n`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    closeSync(file);
  }
}

try {
  await main();
} catch (error) {
  console.error(`error: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
