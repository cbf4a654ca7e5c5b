// Answers of reports as the API gives them, for journeys through the dashboard. What the
// real API says is tested in tests/tests/reports.rs.
const DAY = 86_400_000;
const counts = (sessions, with_errors = 0) => ({ sessions, with_errors, errors: with_errors * 2, events: sessions * 60 });
const examples = (now) => [{ started: now - 3_600_000, rank: 0, at: 12_400, tab: 0 }, { started: now - 7_200_000, rank: 0, at: 3_100, tab: 0 }];

/** By the report's name, a function of its query. */
export function answers(now) {
  const today = Math.floor(now / DAY) * DAY;
  const behind = (narrow) => ({ narrow, examples: examples(now) });
  const list = (rows, narrow) => ({
    rows: rows.map(([value, sessions, errors]) => ({ value, counts: counts(sessions, errors), behind: behind(value ? narrow(value) : {}) })),
    others: 0, others_counts: counts(0),
  });
  const page = (path, views, sessions, entries) => ({
    page: `shop.example${path}`, views, sessions, entries, exits: Math.round(entries / 2), bounces: Math.round(entries / 4),
    bounce_rate: entries ? 250 : undefined, active_mean: 14_200, active_median: 9_000, behind: behind({ url: `shop.example${path}` }),
  });
  const step = (path, sessions, next = []) => ({
    page: `shop.example${path}`, sessions, ended: next.reduce((left, after) => left - after.sessions, sessions), cut: 0, next, behind: behind({ url: `shop.example${path}` }),
  });
  const vital = (metric, p75, rating, scale = 1) => ({
    metric, samples: 940, p50: Math.round(p75 * 0.6), p75, p90: Math.round(p75 * 1.5), rating, mix: [640, 200, 100],
    worst: [{ value: p75 * 4 * scale, example: examples(now)[0] }], behind: behind({}),
  });
  const often = (...rows) => ({ others: 3, others_times: 12, rows: rows.map(([text, times, sessions]) => ({ text, times, sessions, behind: behind({ url: 'shop.example/tents' }) })) });
  // One event by its days; some of its numbers are below zero.
  const oneEvent = (event) => ({
    event, count: 1_400, sessions: 390, behind: behind({ event }),
    days: Array.from({ length: 14 }, (_, n) => ({
      from: today - (13 - n) * DAY, count: 60 + ((n * 29) % 80), behind: behind({ event, before: today - (12 - n) * DAY }),
      numbers: [['price', 3_600.5 + n * 211.25], ['change', n - 3.5]].map(([name, sum]) => ({ name, count: 60, sum, mean: sum / 50, min: 1, p50: 40, p90: 90, max: 180 })),
    })).filter((_, n) => n !== 4),
    occurrences: Array.from({ length: 100 }, (_, n) => ({
      at: now - n * 1_900_000, moment: { ...examples(now)[n % 2], at: 12_400 + n }, numbers: n % 4 ? [{ name: 'price', value: 39.9 + n }] : [],
    })),
  });
  const all = {
    // Of a range with an end, which the dashboard asks of the time before, there were less.
    overview: (query) => ({ overview: {
      counts: query.has('before') ? counts(1_147, 98) : counts(1_284, 96), live: 2, error_free: 925, duration_mean: 212_000, duration_median: 141_000, active_mean: 74_000, active_median: 48_000,
      bands: [210, 402, 388, 219, 65], every: 'day',
      times: Array.from({ length: 30 }, (_, n) => ({
        from: today - (29 - n) * DAY, counts: counts(24 + ((n * 37) % 50) - (n % 7 > 4 ? 18 : 0), n % 5),
        narrow: { from: today - (29 - n) * DAY, before: today - (28 - n) * DAY },
      })).filter((_, n) => n !== 11),
      browsers: list([['Chrome', 702, 40], ['Safari', 341, 31], ['Firefox', 160, 15], ['Edge', 70, 9], ['', 11, 1]], (browser) => ({ browser })),
      systems: list([['Windows', 520, 30], ['iOS', 331, 31], ['macOS', 240, 20], ['Android', 193, 15]], (os) => ({ os })),
      devices: list([['desktop', 760, 50], ['mobile', 480, 40], ['tablet', 44, 6]], (device) => ({ device })),
      countries: list([['DE', 640, 40], ['US', 300, 30], ['GB', 200, 15], ['FR', 100, 8], ['', 44, 3]], (country) => ({ country })),
      regions: list([['Bavaria', 300, 20], ['Texas', 250, 25], ['England', 200, 15], ['', 534, 36]], (region) => ({ region })),
      entries: list([['shop.example/', 700, 40], ['shop.example/tents', 300, 30], ['shop.example/stoves/:id', 284, 26]], (url) => ({ url })),
      referrers: list([['', 800, 50], ['https://www.google.com/', 400, 40], ['https://news.example/camping/what-to-take-along', 84, 6]], (referrer) => ({ referrer })),
    } }),
    pages: () => ({ pages: { sessions: 1_284, views: 5_310, rows: [page('/', 1_800, 1_020, 700), page('/tents', 1_300, 640, 300), page('/stoves/:id', 900, 410, 284), page('/cart', 800, 390, 0), page('/checkout', 510, 240, 0)] } }),
    page: (query) => ({ page: {
      asked: { page: query.get('page'), top: null }, sessions: 1_284, page: page('/tents', 1_300, 640, 300),
      scroll: all.scroll().scroll.rows.slice(0, 2), vitals: all.vitals().vitals.all, frustration: all.frustration().frustration.rows[1],
      forms: all.forms().forms, events: all.events().events, clicks: 940,
      targets: often(['button#buy', 420, 300], ['a.nav-link "Tents"', 240, 170], ['img.product', 140, 90]),
      errors: often(["TypeError: Cannot read properties of undefined (reading 'price')", 31, 19], ['ChunkLoadError: Loading chunk # failed', 7, 7]),
    } }),
    paths: () => ({ paths: { asked: { page: null, depth: 5, top: null }, sessions: 1_284, begun: 1_284, first: [
      step('/', 700, [step('/tents', 320, [step('/cart', 140, [step('/checkout', 90)]), step('/tents/:id', 120)]), step('/stoves/:id', 180)]),
      step('/tents', 300, [step('/cart', 90)]), step('/stoves/:id', 284)] } }),
    retention: () => ({ retention: { sessions: 1_284, unnamed: 300, users: 420, rows: Array.from({ length: 6 }, (_, n) => ({
      from: today - (5 - n) * 7 * DAY, users: 90 - n * 8,
      weeks: Array.from({ length: 6 - n }, (_, k) => ({ users: Math.round((90 - n * 8) / (1 + k * 1.4)), share: Math.round(1_000 / (1 + k * 1.4)) })),
      behind: behind({ from: today - (5 - n) * 7 * DAY, before: today - (4 - n) * 7 * DAY }),
    })) } }),
    heatmap: (query) => ({ heatmap: {
      asked: { page: query.get('page'), kind: query.get('kind') ?? 'click', on: query.get('on') ?? 'desktop', top: null },
      devices: [['desktop', 300], ['mobile', 90]], width: 1_440, representative: examples(now)[0], height: 2_400, total: 940, anchored: 800, placed: 137, lost: 3,
      targets: [['button#buy', 420], ['a.nav-link "Tents"', 240], ['img.product', 140]].map(([target, clicks]) => ({ target, clicks, share: Math.round(clicks / 0.94), sessions: Math.round(clicks / 2), points: [{ row: 10, column: 10, n: clicks }], behind: behind({ url: query.get('page') }) })),
      others: 0, others_clicks: 0,
      cells: Array.from({ length: 220 }, (_, n) => ({ row: (n * 7) % 90, column: (n * 13) % 48, n: 1 + ((n * n) % 17) })).sort((a, b) => a.row - b.row || a.column - b.column), band: 25,
    } }),
    scroll: () => ({ scroll: { sessions: 1_284, others: 0, others_sessions: 0, rows: [['/', 'desktop', 620, 900], ['/', 'mobile', 380, 760], ['/tents', 'desktop', 410, 900]].map(([path, device, sessions, fold], at) => ({
      page: `shop.example${path}`, device, sessions, unknown: 4, height: 3_200 + at * 400, fold, mean: 1_700, median: 460,
      reached: Array.from({ length: 21 }, (_, n) => (n < 6 ? sessions : Math.round(sessions * (1 - (n - 5) / 18)))), behind: behind({ url: `shop.example${path}` }),
    })) } }),
    metadata: () => ({ metadata: { sessions: 1_284, told: 1_100, others: 0, keys: [['plan', ['free', 'pro', 'enterprise']], ['experiment', ['old-checkout', 'new-checkout']], ['release', ['2026.11.3', '2026.11.2']]].map(([key, values], n) => ({
      key, counts: counts(1_100 - n * 200, 80 - n * 20), behind: { examples: examples(now) }, values: list(values.map((value, at) => [value, 600 - n * 100 - at * 180, 40 - at * 12]), (value) => ({ meta: { [key]: value } })) })) } }),
    forms: () => ({ forms: { others: 0, others_sessions: 0, rows: [{
      page: 'shop.example/checkout', form: 'checkout', sessions: 240, completed: 161, rate: 671, submits: 170, behind: behind({ url: 'shop.example/checkout' }),
      fields: [['Email', 236, 8], ['Street and number', 210, 24], ['Postcode', 198, 12], ['Card number', 180, 35]].map(([label, sessions, dropped]) => ({
        key: label, label, sessions, touched: Math.round(sessions / 0.24), time_mean: 6_400, refills: 12, dropped, behind: behind({ url: 'shop.example/checkout' }) })),
    }] } }),
    events: (query) => ({ events: { sessions: 1_284, count: 2_010, others: 0, others_count: 0, one: query?.has('tag') ? oneEvent(query.get('tag')) : undefined, rows: [
      { event: 'add_to_cart', count: 1_400, sessions: 390, numbers: [{ name: 'price', count: 1_400, sum: 84_120.5, mean: 60.086, min: 4.95, p50: 39.9, p90: 180, max: 899 }], behind: behind({ event: 'add_to_cart' }) },
      { event: '=cmd|calc', count: 610, sessions: 161, numbers: [], behind: behind({ event: '=cmd|calc' }) }] } }),
    frustration: () => ({ frustration: { sessions: 1_284, affected: 143, counts: { rage: 61, dead: 220, with_error: 19 }, rows: [
      { page: 'shop.example/checkout', seen: 240, sessions: 88, counts: { rage: 44, dead: 120, with_error: 12 }, unnamed: { rage: 2, dead: 8, with_error: 0 }, behind: behind({ url: 'shop.example/checkout' }),
        targets: [['button#pay', 40, 80], ['div.voucher', 2, 32]].map(([target, rage, dead]) => ({ target, sessions: rage + 10, counts: { rage, dead, with_error: 3 }, behind: behind({ url: 'shop.example/checkout' }) })) },
      { page: 'shop.example/tents', seen: 640, sessions: 55, counts: { rage: 17, dead: 100, with_error: 7 }, unnamed: { rage: 0, dead: 0, with_error: 0 }, behind: behind({ url: 'shop.example/tents' }), targets: [] }] } }),
    engagement: () => ({ engagement: { sessions: 1_284, mean: 17, median: 12, bins: [860, 260, 110, 40, 14].map((sessions, n) => ({ from: n * 20, sessions, behind: behind({}) })),
      signals: [61, 140, 402, 330, 120, 90, 60, 22], rows: [92, 81, 77].map((score, n) => ({ example: examples(now)[n % 2], score, signals: {
        rage: 3, dead: 4, revisits: 2, idle: 14_000, duration: 214_000, thrashes: 1, is_quick: false, refills: 2, left_on_error: n === 0 } })) } }),
    vitals: () => ({ vitals: { all: [vital('lcp', 2_300, 'good'), vital('inp', 240, 'needs_improvement'), vital('cls', 2_700, 'poor'), vital('fcp', 1_400, 'good'), vital('ttfb', 620, 'good')],
      rows: ['/', '/tents', '/checkout'].map((path, n) => ({ page: `shop.example${path}`, samples: 900 - n * 200, vitals: [vital('lcp', 2_100 + n * 700, ['good', 'needs_improvement', 'needs_improvement'][n]), vital('cls', 400, 'good')] })), others: 0, others_samples: 0 } }),
    funnel: (query) => {
      const steps = query.getAll('step');
      const left = [700, 390, 240, 161, 90, 40];
      return { funnel: { asked: { steps: [], within: null }, sessions: 1_284, rows: steps.map((name, n) => ({
        step: name, sessions: left[n] ?? 1, of_first: Math.round((left[n] ?? 1) / 0.7), of_previous: n ? Math.round((left[n] / left[n - 1]) * 1_000) : 545,
        dropped: n ? left[n - 1] - left[n] : 584, gap_median: n ? 61_000 : undefined, behind: behind({}), behind_dropped: n ? behind({}) : {},
      })) } };
    },
    conversions: () => {
      const row = (value, sessions, conversions) => ({ value, sessions, conversions, rate: Math.round((conversions / sessions) * 1_000), is_low: sessions < 5, converting: behind({}), not_converting: behind({}) });
      const list = (...rows) => ({ rows: rows.map((each) => row(...each)), others: 0, others_sessions: 0, others_conversions: 0 });
      return { conversions: { asked: { goal: { page: '/thanks' }, top: null }, whole: row('', 1_280, 161), left_out: 4, entries: list(['shop.example/', 700, 90], ['shop.example/tents', 300, 50]),
        referrers: list(['', 800, 100], ['https://www.google.com/', 400, 50]), sources: list(['newsletter', 120, 30], ['ad', 4, 1]), mediums: list(['email', 120, 30]), campaigns: list(['winter', 90, 20]), terms: list(), contents: list() } };
    },
  };
  return all;
}
