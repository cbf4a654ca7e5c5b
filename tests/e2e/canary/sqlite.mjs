// The rows of an SQLite file, as bytes. A value that is longer than a page lies in pieces
// in the file, and the newest pages lie in the log beside it: searching the file as it is
// would miss what is compressed. Only what a search needs; see sqlite.org/fileformat2.html.

const TABLE_LEAF = 0x0d;
const INDEX_LEAF = 0x0a;
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** The pages of a database, by number from 1; those in its log take the place of older ones. */
function pagesOf(database, log) {
  const size = database.readUInt16BE(16) === 1 ? 65_536 : database.readUInt16BE(16);
  const pages = new Map();
  for (let at = 0; at + size <= database.length; at += size) pages.set(at / size + 1, database.subarray(at, at + size));
  for (let at = WAL_HEADER; at + FRAME_HEADER + size <= log.length; at += FRAME_HEADER + size) {
    const isOld = log.compare(log, 16, 24, at + 8, at + 16) !== 0;
    if (isOld) break;
    pages.set(log.readUInt32BE(at), log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + size));
  }
  return { pages, size };
}

/** A number of up to nine bytes: its value and where it ends. */
function varint(page, at) {
  let value = 0;
  for (let end = at; end < at + 8; end += 1) {
    value = value * 128 + (page[end] & 0x7f);
    if (page[end] < 0x80) return [value, end + 1];
  }
  return [value * 256 + page[at + 8], at + 9];
}

/** How many bytes of a payload of `length` stand in its own page. */
function local(length, usable, kind) {
  const most = kind === TABLE_LEAF ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((length - least) % (usable - 4));
  return wanted <= most ? wanted : least;
}

/** Every row of `database` and its write-ahead `log` (which may be empty). */
export function* rows(database, log) {
  if (database.length < 512 && log.length <= WAL_HEADER) return;
  const whole = database.length >= 512 ? database : log.subarray(WAL_HEADER + FRAME_HEADER);
  const { pages, size } = pagesOf(whole, log);
  const usable = size - whole[20];
  for (const [number, page] of pages) {
    const start = number === 1 ? 100 : 0;
    const kind = page[start];
    if (kind !== TABLE_LEAF && kind !== INDEX_LEAF) continue;
    for (let cell = 0; cell < page.readUInt16BE(start + 3); cell += 1) {
      const [length, afterLength] = varint(page, page.readUInt16BE(start + 8 + 2 * cell));
      const at = kind === TABLE_LEAF ? varint(page, afterLength)[1] : afterLength;
      const here = local(length, usable, kind);
      const parts = [page.subarray(at, at + here)];
      let left = length - here;
      for (let next = left > 0 ? page.readUInt32BE(at + here) : 0; next && left > 0 && pages.has(next); next = pages.get(next).readUInt32BE(0)) {
        parts.push(pages.get(next).subarray(4, 4 + Math.min(left, usable - 4)));
        left -= usable - 4;
      }
      yield Buffer.concat(parts);
    }
  }
}
