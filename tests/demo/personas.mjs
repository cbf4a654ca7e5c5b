// Who visits: devices as they are really sold, with the User-Agent headers they send.

const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';

/** `weight`: how many of a hundred visitors have it. */
export const DEVICES = [
  {
    kind: 'phone', weight: 30, agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
    browser: 'Safari', os: 'iOS', device: 'mobile', viewport: { width: 390, height: 664 }, scale: 3,
  },
  {
    kind: 'phone', weight: 24, agent: `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`,
    browser: 'Chrome', os: 'Android', device: 'mobile', viewport: { width: 412, height: 785 }, scale: 2.6,
  },
  {
    kind: 'tablet', weight: 6, agent: 'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/604.1',
    browser: 'Safari', os: 'iPadOS', device: 'tablet', viewport: { width: 820, height: 1106 }, scale: 2,
  },
  {
    kind: 'desktop', weight: 18, agent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`,
    browser: 'Chrome', os: 'Windows', device: 'desktop', viewport: { width: 1536, height: 730 }, scale: 1,
  },
  {
    kind: 'desktop', weight: 8, agent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
    browser: 'Safari', os: 'macOS', device: 'desktop', viewport: { width: 1440, height: 789 }, scale: 2,
  },
  {
    kind: 'desktop', weight: 7, agent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/141.0.0.0`,
    browser: 'Edge', os: 'Windows', device: 'desktop', viewport: { width: 1920, height: 953 }, scale: 1,
  },
  {
    kind: 'desktop', weight: 7, agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
    browser: 'Firefox', os: 'Linux', device: 'desktop', viewport: { width: 1280, height: 720 }, scale: 1,
  },
];

/** Country, what its browsers ask for, and where its clocks are. */
export const COUNTRIES = [
  { country: 'DE', locale: 'de-DE', zone: 'Europe/Berlin', weight: 24 },
  { country: 'AT', locale: 'de-AT', zone: 'Europe/Vienna', weight: 12 },
  { country: 'CH', locale: 'de-CH', zone: 'Europe/Zurich', weight: 11 },
  { country: 'IT', locale: 'it-IT', zone: 'Europe/Rome', weight: 12 },
  { country: 'FR', locale: 'fr-FR', zone: 'Europe/Paris', weight: 9 },
  { country: 'GB', locale: 'en-GB', zone: 'Europe/London', weight: 10 },
  { country: 'NL', locale: 'nl-NL', zone: 'Europe/Amsterdam', weight: 6 },
  { country: 'NO', locale: 'nb-NO', zone: 'Europe/Oslo', weight: 4 },
  { country: 'US', locale: 'en-US', zone: 'America/New_York', weight: 8 },
  { country: 'JP', locale: 'ja-JP', zone: 'Asia/Tokyo', weight: 2 },
];

/** Where visitors come from: a page that links here, and the campaign in the address. */
export const SOURCES = [
  { weight: 30, referrer: 'https://www.google.com/', query: '' },
  { weight: 26, referrer: '', query: '' },
  { weight: 10, referrer: 'https://www.instagram.com/', query: 'utm_source=instagram&utm_medium=social&utm_campaign=autumn-huts' },
  { weight: 10, referrer: '', query: 'utm_source=newsletter&utm_medium=email&utm_campaign=october-letter' },
  { weight: 8, referrer: 'https://www.bing.com/', query: '' },
  { weight: 8, referrer: 'https://www.google.com/', query: 'utm_source=google&utm_medium=cpc&utm_campaign=shell-jackets' },
  { weight: 8, referrer: 'https://www.alpine-forum.example/gear/tents', query: '' },
];
