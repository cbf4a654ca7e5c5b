// How the canary's pages and sites are configured.

export const MODES = ['inputs', 'text', 'none'];

const PATTERNS = ['ORD-\\d{6}'];

/**
 * What is asked for besides what is always redacted. Not telephone numbers in mode `none`:
 * there it shows that texts with them pass where nobody asked.
 */
const redact = (mode) => ({ phones: mode !== 'none', patterns: PATTERNS });

/** What can be captured besides the DOM; not errors and the console, which say what a page says. */
const CAPTURES = [
  ...['metadata', 'clicks', 'web-vitals'].map((name) => `data-capture-${name}`),
  ...['navigation', 'custom-events', 'forms'].map((name) => `data-track-${name}`),
  'data-capture-network="all"',
].join(' ');

/** Each hides what `canary/paths.mjs` has a row for; the second one by what is around an element. */
const SELECTORS = 'data-mask-text-selector="[data-own-mask], .own-tone i" data-block-selector="[data-own-block]" data-ignore-selector="[data-own-ignore]"';

/** What a page says about how it is recorded. */
export function attributesOf(mode) {
  const { phones, patterns } = redact(mode);
  return `data-site="canary-${mode}" data-start="load" data-mask="${mode}" data-redact-phones="${phones}" data-redact-patterns="${patterns.join(' ')}" ${SELECTORS} ${CAPTURES}`;
}

/** The configuration of the site for `mode`, the pages of which are on `origin`. */
export function siteOf(mode, origin) {
  return { name: mode, origins: [origin], mask: mode, redact: redact(mode), bots: 'record' };
}
