// What the made up API knows of issues, counts of them, and is told to decide about them.
import { createHash } from 'node:crypto';

const DAY = 86_400_000;
const refuse = (status, code, message) => ({ status, body: { code, message } });

const ISSUES = [
  ["TypeError: Cannot read properties of undefined (reading 'price')", 31, 19, 0.04, 12, 'open'],
  ['ChunkLoadError: Loading chunk # failed', 7, 7, 1.2, 1.3, 'open'],
  ['ActiveRecord::RecordNotFound: Could not find Tent with id #', 412, 230, 0.2, 58, 'open'],
  ['RangeError: too much recursion', 94, 3, 0.6, 21, 'resolved'],
  ['ResizeObserver loop completed with undelivered notifications', 1_830, 402, 0.01, 60, 'ignored'],
  ['', 2, 2, 4, 4, 'open'],
];

/** The fingerprint of the issue with that number. */
export const fingerprint = (n) => createHash('sha256').update(`issue ${n}`).digest('hex').slice(0, 16);

export class Issues {
  constructor(now = Date.now()) {
    this.now = now;
    this.all = ISSUES.map(([title, count, sessions, lastDays, firstDays, state], n) => this.issue(n, { title, count, sessions, last: now - lastDays * DAY, first: now - firstDays * DAY, state }));
    this.all[3].known = { ...this.all[3].known, decided: now - 3 * DAY, resolved_in: '2026.11.3' };
    this.all[1].known = { ...this.all[1].known, decided: now - 9 * DAY, reopened: now - 1.3 * DAY };
    // Nothing is remembered of the last.
    this.all[5].known = undefined;
    this.refused = undefined;
  }

  issue(n, { title, count, sessions, first, last, state }) {
    const known = { issue: fingerprint(n), title, first, last, releases: n % 2 ? [] : ['2026.11.1', '2026.11.2', '2026.11.3'], state, until: last + 90 * DAY };
    return { title, count, sessions, first, last, known, fingerprint: fingerprint(n) };
  }

  /** So many others, as a site has that nobody looks after. */
  fill(count) {
    for (let n = this.all.length; n < count; n += 1) {
      this.all.push(this.issue(n, { title: `Error: no. ${n} of a great many, with words that go on and on until nobody reads them any more, and then some`, count: n, sessions: 1 + (n % 90), last: this.now - n * 3_600_000, first: this.now - n * 7_200_000, state: 'open' }));
    }
  }

  days({ first, last, count }) {
    const from = Math.floor(first / DAY);
    const length = Math.floor(last / DAY) - from + 1;
    const each = Array.from({ length }, (_, n) => ({ from: (from + n) * DAY, count: Math.max(0, Math.round((count / length) * (1 + Math.sin(n * 1.7)))) }));
    return each.filter((day) => day.count > 0);
  }

  examples(count) {
    return Array.from({ length: Math.min(count, 12) }, (_, n) => ({ started: this.now - 3_600_000 * (1 + n * 5), rank: 0, at: 12_400 + n * 900, tab: 0 }));
  }

  /** The report `errors`. */
  errors(query) {
    const from = Number(query.get('from') ?? 0);
    const all = this.all.filter((issue) => issue.last >= from);
    const rows = all.map((issue) => ({
      issue: issue.fingerprint, title: issue.title, count: issue.count, sessions: issue.sessions, first: Math.max(issue.first, from), last: issue.last,
      days: this.days(issue).filter((day) => day.from >= from - DAY), behind: { narrow: { errors: true }, examples: this.examples(issue.sessions).slice(0, 3) },
    })).sort((a, b) => b.count - a.count);
    return { errors: { sessions: all.length ? 1_284 : 0, with_errors: all.length ? 496 : 0, count: rows.reduce((sum, row) => sum + row.count, 0), held: 0, days: [], rows, others: 0, others_count: 0 } };
  }

  /** The report `issue`. */
  one(query) {
    const issue = this.all.find((one) => one.fingerprint === query.get('issue'));
    const asked = { issue: query.get('issue'), top: null };
    const list = (rows) => ({ rows: rows.map(([value, sessions]) => ({ value, sessions, count: sessions * 2, first: issue.first })), others: 0 });
    const none = { rows: [], others: 0 };
    if (!issue) return { issue: { asked, sessions: 1_284, title: '', count: 0, with_it: 0, days: [], browsers: none, systems: none, pages: none, releases: none, moments: [] } };
    const part = (share) => Math.max(1, Math.round(issue.sessions * share));
    return { issue: {
      asked, sessions: 1_284, title: issue.title, count: issue.count, with_it: issue.sessions, first: issue.first, last: issue.last, days: this.days(issue),
      browsers: list([['Chrome', part(0.6)], ['Safari', part(0.3)], ['', part(0.1)]]), systems: list([['Windows', part(0.5)], ['iOS', part(0.3)], ['Android', part(0.2)]]),
      pages: list([['shop.example/checkout', part(0.7)], ['shop.example/tents/:id', part(0.3)]]), releases: list([['2026.11.3', part(0.5)], ['2026.11.2', part(0.4)], ['', part(0.1)]]),
      moments: this.examples(issue.sessions),
    } };
  }

  /** The answer to `issues…`. */
  answer(request, more, query) {
    if (request.method() === 'PUT') {
      if (this.refused) return this.refused;
      const issue = this.all.find((one) => one.known && one.fingerprint === more);
      if (!issue) return refuse(404, 'not_found', 'No such issue.');
      const { state } = request.postDataJSON();
      issue.known = { ...issue.known, state, decided: Date.now(), reopened: undefined, resolved_in: state === 'resolved' ? issue.known.releases.at(-1) : undefined };
      return { body: issue.known };
    }
    const known = this.all.flatMap((one) => one.known ?? []).sort((a, b) => b.last - a.last);
    const from = Number(query.get('after') ?? 0);
    const limit = Number(query.get('limit') ?? 50);
    const next = from + limit < known.length ? String(from + limit) : undefined;
    return { body: { issues: known.slice(from, from + limit), next } };
  }
}
