// The dashboard as it is built, on an API that a test makes up: thousands of sessions,
// failures and slowness on demand. What the real API says is tested in tests/tests/api.rs.
import { join } from 'node:path';
import { answers } from './answers.mjs';
import { Issues } from './fake-issues.mjs';
import { Settings } from './fake-settings.mjs';
import { root, staticHost } from './support.mjs';

const DAY = 86_400_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** An id that began `at`; `n` makes it differ from others of that moment. */
export function sidAt(at, n = 0) {
  const random = Array.from({ length: 26 }, (_, place) => LETTERS[(n * 7 + place * 11 + (n >> 5)) % 32]).join('');
  return at.toString(16).padStart(12, '0') + random;
}

/** A row as the API gives it. */
export function row(at, changes = {}, n = 0) {
  return {
    sid: sidAt(at, n), started: at, duration: 192_000, live: false, tabs: 1, pages: 3, events: 840, clicks: 12, errors: 0,
    bytes: 48_000, masked: 0, active: 64_000, rage: 0, dead: 0, entry: 'https://shop.example/tents', exit: 'https://shop.example/cart',
    visited: ['https://shop.example/tents', 'https://shop.example/tents/2', 'https://shop.example/cart'], more: 0,
    strip: '012340005621000234500001', country: 'DE', region: 'DE-BE', timezone: 'Europe/Berlin', browser: 'Chrome', os: 'Windows', device: 'desktop', ...changes,
  };
}

/** Many rows that differ as visitors do. */
export function crowd(count, now = Date.now()) {
  const pick = (list, n) => list[n % list.length];
  return Array.from({ length: count }, (_, n) => row(now - 60_000 - n * 97_000, {
    users: n % 4 === 0 ? [`customer-${4711 + n}`] : [],
    country: pick(['DE', 'US', 'GB', 'FR', 'JP', 'BR'], n),
    region: pick(['DE-BE', 'US-TX', 'GB-ENG', 'FR-IDF', 'JP-13', 'BR-SP'], n),
    timezone: pick(['Europe/Berlin', 'America/Chicago', 'Europe/London', 'Europe/Paris', 'Asia/Tokyo', 'America/Sao_Paulo'], n),
    browser: pick(['Chrome', 'Safari', 'Firefox', 'Chrome', 'Edge'], n),
    os: pick(['Windows', 'iOS', 'macOS', 'Android', 'Windows'], n),
    device: pick(['desktop', 'mobile', 'desktop', 'mobile', 'tablet'], n),
    entry: `https://shop.example${pick(['/', '/tents', '/stoves/alpine-2', '/sale'], n)}`,
    exit: `https://shop.example${pick(['/cart', '/checkout', '/', '/thanks', '/tents/family/grande-vista-6-person'], n)}`,
    referrer: n % 3 === 0 ? 'https://www.google.com/' : undefined,
    pages: 1 + (n * 5) % 9, events: 90 + (n * 137) % 4_000, duration: 4_000 + (n * 7_919) % 900_000, active: 2_000 + (n * 3_571) % 200_000,
    errors: n % 5 === 1 ? 1 + n % 3 : 0, rage: n % 7 === 2 ? 2 : 0, dead: n % 4 === 3 ? 3 : 0,
    strip: n % 5 === 1 ? '0133102000fe20012a100003' : n % 7 === 2 ? '01220000FG31000212000001' : pick(['012340005621000234500001', '934211000000000000000001', '000110022003394000120000'], n),
    live: n < 2,
  }, n));
}

/** The API's memory, and how it behaves. */
export class FakeApi {
  constructor(rows = []) {
    this.rows = rows;
    this.sites = [{ key: 'shop', name: 'Camping shop' }];
    this.signedIn = true;
    /** Whether it tells of single sessions; what it tells has no recording. */
    this.detailed = false;
    this.receipts = new Map();
    this.settings = new Settings(this);
    this.issues = new Issues();
    /** Answers to give instead: `(path, request) => {status, body, headers} | 'abort' | Promise | undefined`. */
    this.instead = () => undefined;
    this.asked = [];
  }

  async attach(context) {
    await context.route('**/api/**', async (route) => {
      const request = route.request();
      const url = new URL(request.url());
      this.asked.push(`${request.method()} ${url.pathname}${url.search}`);
      const other = await this.instead(url.pathname, request);
      if (other === 'abort') return route.abort('internetdisconnected').catch(() => undefined);
      const { status = 200, body, text, headers = {} } = other ?? this.answer(request, url);
      if (text !== undefined) return route.fulfill({ status, headers, body: text }).catch(() => undefined);
      return route.fulfill({ status, headers, contentType: 'application/json', body: JSON.stringify(body ?? null) }).catch(() => undefined);
    });
  }

  answer(request, url) {
    const path = url.pathname.replace(/^\/api\//, '');
    const refuse = (status, code, message) => ({ status, body: { code, message } });
    if (path === 'login') {
      const { password } = request.postDataJSON();
      if (password !== 'right') return refuse(401, 'wrong_password', 'That is not the password.');
      this.signedIn = true;
      return { body: { csrf: 'word', sites: this.sites } };
    }
    if (!this.signedIn) return refuse(401, 'sign_in_first', 'Sign in first.');
    if (path === 'me') return { body: { csrf: 'word', sites: this.sites } };
    const set = this.settings.answer(request, path, url.searchParams);
    if (set) return set;
    const [, site, what, more] = path.split('/');
    if (!this.sites.some(({ key }) => key === site)) return refuse(404, 'not_found', 'No such site.');
    if (what === 'privacy') return { body: { sessions: 0, values: 0, since: 0 } };
    if (what === 'issues') return this.issues.answer(request, more, url.searchParams);
    if (what === 'reports' && more === 'errors') return { body: this.issues.errors(url.searchParams) };
    if (what === 'reports' && more === 'issue') return { body: this.issues.one(url.searchParams) };
    if (what === 'reports') {
      const report = answers(Date.now())[more];
      return report ? { body: report(url.searchParams) } : refuse(400, 'malformed_query', 'No such report.');
    }
    if (what === 'sessions' && more === 'named') return { body: this.rows[0].sid };
    if (what === 'sessions' && more === 'facets') return { body: this.facets(url.searchParams) };
    if (what === 'sessions' && more === 'export') return this.file(url.searchParams);
    if (what === 'sessions' && !more) return { body: this.page(url.searchParams) };
    const known = what === 'sessions' && this.detailed && this.rows.find(({ sid }) => sid === more);
    if (known) return { body: { ...known, tab_list: [], batches: [], page_views: [], clock_skew: 0, masked_at_edge: 0, malformed: 0 } };
    if (what === 'erase' || what === 'purge') return this.erase(what, request);
    if (what === 'erasures') return { body: this.receipts.get(more) };
    return refuse(404, 'not_found', 'No such session.');
  }

  matching(query) {
    const given = (name) => query.get(name);
    const tests = [
      ['from', (row, v) => row.started >= +v], ['before', (row, v) => row.started < +v],
      ['errors', (row) => row.errors > 0], ['rage', (row) => row.rage > 0], ['dead', (row) => row.dead > 0],
      ['live', (row, v) => row.live === (v === 'true')], ['min_duration', (row, v) => row.duration >= +v],
      ['url', (row, v) => [row.entry, row.exit, ...row.visited].some((url) => url.includes(v))],
      ['q', (row, v) => row.sid.startsWith(v) || (row.users ?? []).some((user) => user.includes(v))],
      ...['country', 'region', 'timezone', 'browser', 'os', 'device'].map((name) => [name, (row, v) => row[name] === v]),
    ].filter(([name]) => given(name) !== null);
    const within = (name) => query.getAll(name).map((text) => new Set(this.matching(new URLSearchParams(text))));
    const [any, not] = [within('any'), within('not')];
    return this.rows.filter((row) => tests.every(([name, test]) => test(row, given(name)))
      && (!any.length || any.some((rows) => rows.has(row))) && !not.some((rows) => rows.has(row)));
  }

  page(query) {
    const sort = query.get('sort') ?? 'newest';
    const value = { newest: () => 0, oldest: () => 0, longest: (row) => row.duration, events: (row) => row.events,
      errors: (row) => row.errors, frustration: (row) => row.rage + row.dead }[sort];
    const rows = this.matching(query).sort((a, b) => value(b) - value(a) || (a.sid < b.sid ? 1 : -1));
    if (sort === 'oldest') rows.reverse();
    const cursor = query.get('cursor');
    const from = cursor ? rows.findIndex((row) => row.sid === cursor.split('-')[2]) + 1 : 0;
    const limit = Number(query.get('limit') ?? 50);
    const sessions = rows.slice(from, from + limit);
    const last = sessions.at(-1);
    return { sessions, next: from + limit < rows.length ? `${sort}-${value(last)}-${last.sid}` : undefined };
  }

  /** The list as a file: a column of CSV is enough to see whose it is. */
  file(query) {
    const rows = this.matching(query);
    const csv = ['Session,Country', ...rows.map(({ sid, country }) => `${sid},${country}`), ''].join('\r\n');
    return { text: query.get('format') === 'csv' ? csv : rows.map((row) => `${JSON.stringify(row)}\n`).join('') };
  }

  facets(query) {
    const rows = this.matching(query);
    // What a filter says of a list alone is left out there, as the edge does.
    const without = (name) => {
      const left = new URLSearchParams(query);
      const only = (text) => text.startsWith(`${name}=`) && !text.includes('&');
      const [any, not] = [query.getAll('any'), query.getAll('not')];
      for (const each of [name, 'any', 'not']) left.delete(each);
      if (!any.every(only)) any.forEach((text) => left.append('any', text));
      not.filter((text) => !only(text)).forEach((text) => left.append('not', text));
      return left;
    };
    const count = (name) => {
      const counts = new Map();
      for (const row of this.matching(without(name))) counts.set(row[name], (counts.get(row[name]) ?? 0) + 1);
      return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
    };
    return { total: this.total ?? rows.length, live: rows.filter((row) => row.live).length, country: count('country'),
      region: count('region'), timezone: count('timezone'),
      browser: count('browser'), os: count('os'), device: count('device'), event: [{ value: 'bought', count: 3 }] };
  }

  erase(what, request) {
    if (request.headers()['x-sentiero-csrf'] !== 'word') return { status: 403, body: { code: 'csrf', message: 'csrf' } };
    const { sessions, filter, before, confirm } = request.postDataJSON();
    const query = new URLSearchParams(Object.entries(filter ?? { before }));
    const doomed = sessions ? this.rows.filter(({ sid }) => sessions.includes(sid)) : this.matching(query);
    if (!sessions && confirm === undefined) return { body: { matched: doomed.length } };
    if (!sessions && confirm !== doomed.length) return { status: 409, body: { code: 'count_changed', message: 'Another count.' } };
    this.rows = this.rows.filter((row) => !doomed.includes(row));
    const id = `${'0'.repeat(12)}${'a'.repeat(16)}`;
    const receipt = { id, kind: sessions ? 'sessions' : what === 'purge' ? 'purge' : 'filter', by: 'operator', asked: Date.now(), matched: doomed.length, erased: 0 };
    this.receipts.set(id, { ...receipt, erased: doomed.length, finished: Date.now() });
    return { status: 202, body: receipt };
  }
}

/** The built dashboard on a host of its own, without a worker. */
export async function dashboardHost() {
  const host = await staticHost(join(root, 'www/dist'));
  return { url: `${host.url}/dashboard/`, close: host.close };
}

export { DAY };
