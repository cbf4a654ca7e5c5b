// The settings of the made-up API: sites with their configurations, tokens, the audit log,
// counters, receipts.

const DAY = 86_400_000;

/** A configuration with what its defaults are. */
export const config = (changes = {}) => ({
  name: 'Camping shop', origins: ['https://shop.example'], mask: 'inputs', redact: { phones: false, patterns: [], urls: 'strip', allow: [], deny: [] },
  retention_days: 30, recording: true, slow_seconds: 0, quota: {}, bots: 'drop', ...changes,
});

const refuse = (status, code, message) => ({ status, body: { code, message } });

/** What was counted in the last days, as an API that is a little in trouble tells it. */
export function counts(now = Date.now()) {
  const day = (ago) => new Date(now - ago * DAY).toISOString().slice(0, 10);
  const of = (ago, counted) => Object.entries(counted).map(([name, n]) => ({ day: day(ago), name, n }));
  const days = Array.from({ length: 30 }, (_, ago) => of(ago, { batches: 9_000 + (ago * 977) % 4_000, events: 400_000 + (ago * 7_919) % 90_000, bytes: 90_000_000 + (ago * 7_919_000) % 60_000_000, privacy_signal: 120, bot: 800 + ago }));
  return [...days.reverse().flat(), ...of(2, { origin_not_allowed: 431 }), ...of(1, { too_large: 7, session_full: 3, quota_sessions: 52 }), ...of(0, { clock_out_of_range: 19, unavailable: 2 })];
}

const entry = (ago, action, changes = {}) => ({ at: Date.now() - ago, by: 'operator', action, n: 1, ...changes });

export class Settings {
  constructor(api) {
    this.api = api;
    this.revision = 12;
    this.sites = new Map();
    this.tokens = [
      { id: 'nightlyaaaa2', name: 'Nightly export', scopes: ['read', 'export'], sites: ['shop'], created: Date.now() - 40 * DAY, expires: Date.now() + 50 * DAY, used: Date.now() - DAY },
      { id: 'closedaaaaa3', name: 'Erasure of closed accounts', scopes: ['erase'], sites: 'all', created: Date.now() - 80 * DAY, expires: Date.now() + 6 * DAY, used: Date.now() },
      { id: 'oldpipeaaaa4', name: 'Old pipeline', scopes: ['sites'], sites: ['shop'], created: Date.now() - 200 * DAY, expires: Date.now() - DAY },
    ];
    this.log = [
      entry(30_000, 'view', { subject: '7c1f0b9e2d', n: 3 }), entry(120_000, 'list', { n: 41 }), entry(3_600_000, 'erase', { by: 'token closedaaaaa3 Erasure of closed accounts', subject: '0'.repeat(12) + 'b'.repeat(16) }),
      entry(DAY, 'site_changed', { subject: '12' }), entry(2 * DAY, 'export', { by: 'token nightlyaaaa2 Nightly export', subject: '9e01ab33c4' }), entry(9 * DAY, 'site_created', { subject: '3' }),
    ];
    this.deliveries = [
      { id: 'd4', at: Date.now() - 60_000, why: 'reopened', issue: '9f1c2ab34de56f70', stage: 'waiting', attempts: 3, due: Date.now() + 60_000, tried: Date.now() - 20_000, status: 503, failure: 'refused' },
      { id: 'd3', at: Date.now() - 7_200_000, why: 'new', issue: '9f1c2ab34de56f70', stage: 'delivered', attempts: 1, tried: Date.now() - 7_199_000, status: 200 },
      { id: 'd2', at: Date.now() - 2 * DAY, why: 'new', issue: '00aa11bb22cc33dd', stage: 'failed', attempts: 8, tried: Date.now() - 1.6 * DAY, failure: 'timed_out' },
      { id: 'd1', at: Date.now() - 3 * DAY, why: 'test', stage: 'delivered', attempts: 1, tried: Date.now() - 3 * DAY, status: 204 },
    ];
    this.counts = counts();
    this.masked = { sessions: 0, values: 0, since: 0 };
    this.erasures = [
      { id: '0'.repeat(12) + 'b'.repeat(16), kind: 'user', by: 'token closedaaaaa3 Erasure of closed accounts', asked: Date.now() - 3_600_000, withheld: ['user'], matched: 4, erased: 4, finished: Date.now() - 3_590_000 },
      { id: '0'.repeat(12) + 'c'.repeat(16), kind: 'filter', by: 'operator', asked: Date.now() - 3 * DAY, filter: { errors: true, country: 'DE' }, matched: 31, erased: 31, finished: Date.now() - 3 * DAY },
    ];
  }

  /** The configuration of a site that the API knows; made when it is first asked for. */
  site(key) {
    const known = this.api.sites.find((site) => site.key === key);
    if (!known) return undefined;
    if (!this.sites.has(key)) this.sites.set(key, { key, revision: this.revision, config: config({ name: known.name }) });
    return this.sites.get(key);
  }

  /** The answer to what is about settings; undefined for all else. */
  answer(request, path, query) {
    const [first, key, what, id] = path.split('/');
    const method = request.method();
    if (first === 'tokens') return this.onTokens(request, method, key);
    if (first === 'audit') return { body: { entries: [entry(60_000, 'sign_in'), entry(70_000, 'sign_in_failed', { by: '', n: 3 }), entry(DAY, 'token_issued', { subject: this.tokens[0]?.id })] } };
    if (first !== 'sites') return undefined;
    if (!key) return method === 'POST' ? this.create(request) : { body: { sites: this.api.sites.map((site) => this.site(site.key)) } };
    const site = this.site(key);
    if (!site) return undefined;
    if (!what) return this.onSite(request, method, site, query);
    if (what === 'audit') return { body: { entries: this.log } };
    if (what === 'counters') return { body: { from: '2026-11-01', to: '2026-11-30', counts: this.counts } };
    if (what === 'privacy' && this.masked.values) return { body: this.masked };
    if (what === 'keys') return this.onKeys(request, method, site, id);
    if (what === 'retention') return { status: 202 };
    if (what === 'webhook') return this.onWebhook(method, site, id);
    if (what === 'erasures' && !id) return { body: { erasures: [...this.api.receipts.values(), ...this.erasures] } };
    return undefined;
  }

  onKeys(request, method, site, key) {
    site.keys ??= [{ key: site.key, enabled: true, made: 0 }];
    if (method === 'GET') return { body: { keys: site.keys } };
    site.revision = ++this.revision;
    if (method === 'DELETE') {
      site.keys = site.keys.filter((known) => known.key !== key);
      return { status: 204 };
    }
    if (method === 'PUT') {
      const { enabled } = request.postDataJSON();
      Object.assign(site.keys.find((known) => known.key === key), { enabled });
      return { body: { key, enabled, holds_within_seconds: 5 } };
    }
    const made = { key: `shop-key-${site.keys.length}`, enabled: true, made: this.revision };
    site.keys.push(made);
    return { status: 201, body: { key: made.key, enabled: true, holds_within_seconds: 5 } };
  }

  onWebhook(method, site, deed) {
    const { webhook } = site.config ?? {};
    if (method === 'GET') return { body: { webhook, waiting: this.deliveries.filter(({ stage }) => stage === 'waiting').length, deliveries: webhook ? this.deliveries : [] } };
    if (!webhook) return refuse(409, 'no_webhook', 'The site has no webhook; give it one first.');
    if (deed === 'secret') {
      webhook.secret_id = 'aibaeaqcaiba';
      site.revision = ++this.revision;
      return { status: 201, body: { secret: `sentiero_hook_${'5e'.repeat(32)}`, revision: site.revision, holds_within_seconds: 5 } };
    }
    const tested = { id: `${Date.now()}-test`, at: Date.now(), why: 'test', stage: 'delivered', attempts: 1, tried: Date.now(), status: 204 };
    this.deliveries = [tested, ...this.deliveries];
    return { body: tested };
  }

  create(request) {
    const { key = 'made-up', config: given } = request.postDataJSON();
    if (this.api.sites.some((site) => site.key === key)) return refuse(409, 'site_exists', `There is a site \`${key}\` already; choose another key, or change that one.`);
    this.api.sites.push({ key, name: given.name });
    this.sites.set(key, { key, revision: ++this.revision, config: given });
    return { status: 201, body: { ...this.sites.get(key), holds_within_seconds: 5 } };
  }

  onSite(request, method, site, query) {
    if (method === 'GET') return { body: site };
    if (method === 'DELETE') {
      const matched = this.api.rows.length;
      if (Number(query.get('confirm')) !== matched) return refuse(409, 'count_changed', 'Another count.');
      this.api.sites = this.api.sites.filter(({ key }) => key !== site.key);
      return { status: 202, body: { id: '0'.repeat(12) + 'd'.repeat(16), kind: 'site', by: 'operator', asked: Date.now(), matched, erased: 0 } };
    }
    const { revision, config: given } = request.postDataJSON();
    if (revision !== site.revision) return refuse(409, 'site_changed', 'Somebody else changed it.');
    Object.assign(site, { revision: ++this.revision, config: given });
    const known = this.api.sites.find(({ key }) => key === site.key);
    known.name = given.name;
    return { body: { ...site, holds_within_seconds: 5 } };
  }

  onTokens(request, method, id) {
    if (method === 'GET') return { body: { tokens: this.tokens } };
    if (method === 'DELETE') {
      this.tokens = this.tokens.filter((token) => token.id !== id);
      return { status: 204 };
    }
    const { name, scopes, sites, days } = request.postDataJSON();
    const token = { id: 'newtokenaaa5', name, scopes, sites, created: Date.now(), expires: Date.now() + days * DAY };
    this.tokens.unshift(token);
    return { status: 201, body: { ...token, secret: `sentiero_${'k7'.repeat(26)}` } };
  }
}
