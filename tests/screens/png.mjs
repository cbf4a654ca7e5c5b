// A screenshot in fewer bytes: the same pixels, packed as tightly as zlib can. Browsers pack
// fast instead, because they do it while somebody waits.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = 8;
/** Bytes of a pixel by the colour type of what browsers write: RGB, and RGB with alpha. */
const CHANNELS = { 2: 3, 6: 4 };

function* chunks(png) {
  for (let at = SIGNATURE; at < png.length;) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** What a filter predicts from the byte to the left, the one above, and the one above that to the left. */
function paeth(left, above, corner) {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
const PREDICT = [() => 0, (left) => left, (_, above) => above, (left, above) => (left + above) >> 1, paeth];

/** Goes over all rows; `each` gets the filter of a row, its bytes, those above, and where it writes. */
function overRows(lines, { stride, rows }, each) {
  const out = Buffer.alloc(lines.length);
  for (let row = 0; row < rows; row += 1) each(row, row * (stride + 1), out);
  return out;
}

/** The pixels behind the filters, each row still with a byte in front. */
function unfiltered(lines, shape) {
  return overRows(lines, shape, (row, start, out) => {
    const predict = PREDICT[lines[start]];
    for (let at = 1; at <= shape.stride; at += 1) {
      const left = at > shape.pixel ? out[start + at - shape.pixel] : 0;
      const above = row ? out[start + at - shape.stride - 1] : 0;
      const corner = row && at > shape.pixel ? out[start + at - shape.stride - 1 - shape.pixel] : 0;
      out[start + at] = lines[start + at] + predict(left, above, corner);
    }
  });
}

/** The same rows, all behind one filter. */
function filtered(pixels, shape, kind) {
  const predict = PREDICT[kind];
  return overRows(pixels, shape, (row, start, out) => {
    out[start] = kind;
    for (let at = 1; at <= shape.stride; at += 1) {
      const left = at > shape.pixel ? pixels[start + at - shape.pixel] : 0;
      const above = row ? pixels[start + at - shape.stride - 1] : 0;
      const corner = row && at > shape.pixel ? pixels[start + at - shape.stride - 1 - shape.pixel] : 0;
      out[start + at] = pixels[start + at] - predict(left, above, corner);
    }
  });
}

/** `png` packed anew, if that is smaller. */
export function packed(png) {
  const all = [...chunks(png)];
  const head = all.find(({ type }) => type === 'IHDR').data;
  const pixel = CHANNELS[head[9]];
  if (!pixel || head[8] !== 8 || head[12] !== 0) return png;
  const shape = { pixel, stride: head.readUInt32BE(0) * pixel, rows: head.readUInt32BE(4) };
  const lines = inflateSync(Buffer.concat(all.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const pixels = unfiltered(lines, shape);
  const ways = [lines, ...[0, 1, 2, 4].map((kind) => filtered(pixels, shape, kind))];
  const [best] = ways.map((way) => deflateSync(way, { level: 9, memLevel: 9 })).sort((a, b) => a.length - b.length);
  const written = Buffer.concat([png.subarray(0, SIGNATURE), chunk('IHDR', head), chunk('IDAT', best), chunk('IEND', Buffer.alloc(0))]);
  return written.length < png.length ? written : png;
}
