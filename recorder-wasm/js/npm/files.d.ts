/**
 * Where a bundler put each file of `dist`, by its name in there. Written by
 * xtask/js/package.mjs as `new URL('…', import.meta.url)`, which bundlers understand.
 */
export const files: Record<string, string>;
