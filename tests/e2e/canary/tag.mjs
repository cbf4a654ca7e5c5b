// How the canary's pages and sites are configured.

export const MODES = ['inputs', 'text', 'none'];

/** What they ask for besides what is always redacted, at both ends. */
const REDACT = { phones: true, patterns: ['ORD-\\d{6}'] };

/** What a page says about how it is recorded. */
export function attributesOf(mode) {
  return `data-site="canary-${mode}" data-mask="${mode}" data-redact-phones="${REDACT.phones}" data-redact-patterns="${REDACT.patterns.join(' ')}"`;
}

/** The configuration of the site for `mode`, the pages of which are on `origin`. */
export function siteOf(mode, origin) {
  return { name: mode, origins: [origin], mask: mode, redact: REDACT };
}
