// Puts sessions that `cargo xtask demo` made into the local storage, as the worker would have
// written them: chunks into R2, with the row that the index is made of, and records into KV.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Writes at a time. */
const AT_ONCE = 16;
/** Seconds for which KV keeps a record: as long as the site keeps sessions. */
const RETENTION = 30 * 86_400;
/** The least that KV takes. */
const LEAST = 61;

function part(file, { offset, length }) {
  // A Buffer does not cross into workerd; its bytes do.
  const bytes = new Uint8Array(length);
  readSync(file, bytes, 0, length, offset);
  return bytes.buffer;
}

/** Stores what is in `folder`; `tell` hears how far it is. */
export async function importSessions(miniflare, site, folder, tell) {
  const bucket = await miniflare.getR2Bucket('RECORDINGS', 'sentiero');
  const kv = await miniflare.getKVNamespace('KV', 'sentiero');
  const lines = readFileSync(join(folder, 'sessions.ndjson'), 'utf8').split('\n').filter(Boolean);
  const file = openSync(join(folder, 'chunks.bin'), 'r');
  const of = lines.length;
  let done = 0;
  const work = async () => {
    for (let line = lines.pop(); line; line = lines.pop()) {
      const { sid, start, chunks, row, record } = JSON.parse(line);
      for (const chunk of chunks) {
        await bucket.put(`r/${site}/${sid}/${chunk.name}`, part(file, chunk), {
          httpMetadata: { contentType: 'application/octet-stream' },
          customMetadata: { row },
        });
      }
      const now = Math.floor(Date.now() / 1_000);
      const expiration = Math.max(Math.floor(start / 1_000) + RETENTION, now + LEAST);
      await kv.put(`s:${site}:${sid}`, JSON.stringify(record), { expiration });
      done += 1;
      if (done % 25 === 0 || done === of) tell({ done, of });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    closeSync(file);
  }
  return of;
}
