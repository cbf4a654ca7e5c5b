// What a browser downloads: every built file, and what others would be.
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { address } from './variants.mjs';

/** Loaded before the first event; all else in `r/` follows, or is asked for by the page. */
const FIRST = /^\/(sentiero|r\/recorder\.\w+)\.js$/;

const packed = (bytes) => ({
  raw: bytes.length,
  gz: gzipSync(bytes, { level: 9 }).length,
  br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length,
});

const sum = (sizes) => sizes.reduce((all, one) => ({ raw: all.raw + one.raw, gz: all.gz + one.gz, br: all.br + one.br }), { raw: 0, gz: 0, br: 0 });

/** Rows `{what, when, raw, gz, br}`. */
export function sizes(files) {
  const product = [...files.keys()].filter((path) => /^\/(r\/|sentiero\.js)/.test(path));
  const group = (when, paths) => {
    const rows = paths.map((path) => ({ what: path.slice(1).replace(/\.\w{10}\./, '.'), when, ...packed(files.get(path)) }));
    return [...rows, { what: 'together', when, ...sum(rows) }];
  };
  const other = (what, name) => ({ what, when: 'for comparison', ...packed(files.get(address(name))) });
  return [
    ...group('before the first event', product.filter((path) => FIRST.test(path))),
    ...group('later', product.filter((path) => !FIRST.test(path))),
    other('@rrweb/record 2.1.6 as published', 'rrweb alone'),
    other('the same and fflate, no masking', 'main thread: fflate, no masking'),
  ];
}
