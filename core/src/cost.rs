//! What a month of recording costs on Cloudflare's paid plan: a model, in whole numbers.
//!
//! Prices are those of [`PRICES_OF`]. How large a session is differs from site to site and is
//! an argument. What it needs of the platform was counted on workerd, where
//! `SENTIERO_BENCH=cost cargo xtask bench ingest` counts it again: a visit of 20 batches writes
//! 23 rows in its object and 2 in the index, sets 3 alarms, and asks objects 24 times. The bill
//! itself may round units up, so it can be a little higher.

use crate::retention::{CAUGHT_UP_EVERY, PAGE};
use alloc::vec;
use alloc::vec::Vec;

/// The day on which the prices and allowances were read from Cloudflare's documentation.
pub const PRICES_OF: &str = "2026-11-23";

/// What the paid plan costs before anything is used, millionths of a dollar a month.
pub const BASE: u64 = 5_000_000;

/// Batches of a session, unless told otherwise: five minutes, one in 15 seconds.
pub const BATCHES: u64 = 20;
/// Bytes of a batch as it is stored, unless told otherwise.
pub const BATCH_BYTES: u64 = 15_000;
/// Sessions of a thousand that somebody replays.
const VIEWED: u64 = 20;

/// Processor time of the worker for a batch, ms: inflate, mask, hand over.
const BATCH_CPU_MS: u64 = 2;
/// Time that a session's object is awake for a batch, ms (Cloudflare's own figure for a message).
const BATCH_AWAKE_MS: u64 = 10;
/// And for the rest of its life: alarms, a chunk to R2, index, KV.
const REST_AWAKE_MS: u64 = 420;
/// Memory that an object is billed with, thousandths of a GB.
const OBJECT_MILLI_GB: u64 = 128;

/// Rows that a batch costs when it is stored. When it goes to R2 it costs another, but for
/// those of the last chunk, which go with everything else.
const BATCH_ROWS: u64 = 1;
/// Rows that a chunk costs before the last: the session's state, and the chunk's own row.
const CHUNK_ROWS: u64 = 2;
/// Other rows of a session: its table (2), its state when it is announced (1), three alarms
/// (3), its row in the index twice and its removal (3).
const SESSION_ROWS: u64 = 9;
/// Rows that a page of upkeep writes, which deletes [`PAGE`] chunks that are past: how far it
/// is, and its alarm.
const PAGE_ROWS: u64 = 2;
/// Requests to objects besides batches: two alarms, two writes to the index.
const SESSION_REQUESTS: u64 = 4;
/// Sessions of a thousand in which an error came: an assumption. Each tells the site's issues
/// when it is listed and when it is finished, a request to their object each, and a row when an
/// issue is changed by it: when it came last.
const WITH_ERRORS: u64 = 50;
const TELLS: u64 = 2;
/// Errors and events that the site's own server tells, of a thousand sessions, a call each: an
/// assumption. A call is a request to the worker, and asks objects for the token, to store it
/// and to tell the issue.
const SERVER_CALLS: u64 = 10;
const CALL_REQUESTS: u64 = 3;
/// Rows that a call writes: an append's, and the issue's.
const CALL_ROWS: u64 = BATCH_ROWS + 1;
/// Rows that an append reads besides those of the batches before it.
const APPEND_READS: u64 = 4;
/// Bytes that a session takes in the index's SQLite: its row with what reports read of it, and
/// its share of sheets and parts. As `SENTIERO_ROWS=N cargo xtask bench reports` prints them of
/// made-up sessions of some 60 events.
const INDEX_BYTES: u64 = 2_420;
/// Bytes of a session's record in KV, compressed, and for each of its batches: 1 559 were
/// counted of the visit above.
const RECORD_BYTES: u64 = 1_000;
const RECORD_BATCH_BYTES: u64 = 28;
/// Hours of a month in which somebody looks at sessions that are live, one each working day: an
/// assumption. Each that is live is then asked how far it has come, once in
/// [`CAUGHT_UP_EVERY`], and its row in the index is written anew.
const WATCHED_HOURS: u64 = 20;
const WATCHED_PASSES: u64 = WATCHED_HOURS * 3_600_000 / CAUGHT_UP_EVERY;
/// How long a session is live, minutes: five until its last batch, and one until it is finished.
const LIVE_MINUTES: u64 = 6;
const MINUTES_A_MONTH: u64 = 30 * 1_440;

/// Requests of a dashboard to show a session once.
const VIEW_REQUESTS: u64 = 4;
/// Those of them that ask for its detail or its events. Each asks its object, and then KV
/// and a listing of its chunks.
const VIEW_READS: u64 = 2;

/// Isolates of the worker that are busy at the same time: an assumption. Each asks for the
/// configuration of all sites once in 5 seconds at most.
const ISOLATES: u64 = 10;
const ASKS_A_MONTH: u64 = 30 * 86_400 / crate::registry::HOLDS_WITHIN_SECONDS as u64;
/// Each writes what it counted once in 20 seconds at most (`COUNT_SECONDS` in wrangler.toml):
/// one row for the day.
const COUNTS_A_MONTH: u64 = 30 * 86_400 / 20;
const COUNT_ROWS: u64 = 1;

/// One of so many requests is refused, and is a line of the log: an assumption. Others write
/// none, and the platform none of its own (`invocation_logs` in wrangler.toml).
const REFUSED_ONE_OF: u64 = 100;
/// One of so many requests is logged (`head_sampling_rate` in wrangler.toml).
const LOGGED_ONE_OF: u64 = 100;

/// What is recorded in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Sessions.
    pub sessions: u64,
    /// Batches of each.
    pub batches: u64,
    /// Bytes of each batch as it is stored.
    pub batch_bytes: u64,
    /// Days that they are kept.
    pub retention_days: u64,
}

impl Workload {
    /// `sessions` of the usual size, kept for 30 days.
    pub const fn of(sessions: u64) -> Self {
        Self {
            sessions,
            batches: BATCHES,
            batch_bytes: BATCH_BYTES,
            retention_days: 30,
        }
    }

    /// R2 objects of a session.
    fn chunks(&self) -> u64 {
        let bytes = self.batches.saturating_mul(self.batch_bytes);
        bytes.div_ceil(crate::chunk::TARGET_BYTES).max(1)
    }

    /// MB that are kept at any time of `bytes` a session: as many months as the retention has.
    fn kept_mb(&self, bytes: u64) -> u64 {
        let month = u128::from(self.sessions) * u128::from(bytes);
        let kept = month.saturating_mul(u128::from(self.retention_days)) / 30;
        u64::try_from(kept / u128::from(MILLION)).unwrap_or(u64::MAX)
    }
}

/// A unit that is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The service.
    pub service: &'static str,
    /// What of it.
    pub unit: &'static str,
    /// Units that the paid plan includes each month.
    pub included: u64,
    /// Millionths of a dollar for a million units.
    pub million: u64,
}

const fn price(service: &'static str, unit: &'static str, included: u64, million: u64) -> Price {
    Price {
        service,
        unit,
        included,
        million,
    }
}

/// One line of the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is billed, and at which price.
    pub price: Price,
    /// Units that are used in a month.
    pub units: u64,
}

impl Line {
    /// What the units cost if nothing is included, millionths of a dollar.
    pub fn full(&self) -> u64 {
        cost(self.units, self.price.million)
    }

    /// What is to be paid for them, millionths of a dollar.
    pub fn billed(&self) -> u64 {
        let units = self.units.saturating_sub(self.price.included);
        cost(units, self.price.million)
    }
}

fn cost(units: u64, million: u64) -> u64 {
    let exact = u128::from(units) * u128::from(million);
    u64::try_from(exact.div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

const MILLION: u64 = 1_000_000;

/// The bill of a month in which as much is recorded as in every month before.
pub fn bill(work: &Workload) -> Vec<Line> {
    let Workload {
        sessions,
        batches,
        batch_bytes,
        ..
    } = *work;
    let per_session = |units: u64| sessions.saturating_mul(units);
    let views = sessions.saturating_mul(VIEWED) / 1_000;
    let looks = views.saturating_mul(VIEW_READS);
    let uploads = per_session(batches);
    let told = sessions.saturating_mul(SERVER_CALLS) / 1_000;
    let tells = (sessions.saturating_mul(WITH_ERRORS) / 1_000).saturating_mul(TELLS);
    let requests = uploads
        .saturating_add(views.saturating_mul(VIEW_REQUESTS))
        .saturating_add(told);
    let asks = requests.min(ISOLATES * ASKS_A_MONTH);
    let counts = uploads.min(ISOLATES * COUNTS_A_MONTH);
    let followed = per_session(LIVE_MINUTES * WATCHED_PASSES) / MINUTES_A_MONTH;
    let calls = per_session(batches.saturating_add(SESSION_REQUESTS))
        .saturating_add(looks)
        .saturating_add(followed)
        .saturating_add(asks)
        .saturating_add(counts)
        .saturating_add(tells)
        .saturating_add(told.saturating_mul(CALL_REQUESTS));
    let chunks = work.chunks();
    let pages = per_session(chunks).div_ceil(u64::from(PAGE));
    let rows = per_session(session_rows(batches, chunks))
        .saturating_add(followed)
        .saturating_add(counts.saturating_mul(COUNT_ROWS))
        .saturating_add(tells)
        .saturating_add(told.saturating_mul(CALL_ROWS))
        .saturating_add(pages.saturating_mul(PAGE_ROWS));
    // Each append reads the batches before it: half of all on average.
    let reads = batches.saturating_mul(batches / 2 + APPEND_READS);
    let awake = batches
        .saturating_mul(BATCH_AWAKE_MS)
        .saturating_add(REST_AWAKE_MS);
    let short = followed
        .saturating_add(tells)
        .saturating_add(told.saturating_mul(CALL_REQUESTS));
    let awake = per_session(awake).saturating_add(short.saturating_mul(BATCH_AWAKE_MS));
    let gb_seconds = awake.saturating_mul(OBJECT_MILLI_GB) / MILLION;
    let kept_mb = |bytes| work.kept_mb(bytes);
    let record = RECORD_BYTES.saturating_add(batches.saturating_mul(RECORD_BATCH_BYTES));
    let line = |price, units| Line { price, units };
    vec![
        line(
            price("Workers", "requests", 10 * MILLION, 300_000),
            requests,
        ),
        line(
            price("Workers", "ms of CPU", 30 * MILLION, 20_000),
            requests.saturating_mul(BATCH_CPU_MS),
        ),
        line(
            price("Workers", "log events", 20 * MILLION, 600_000),
            requests / REFUSED_ONE_OF / LOGGED_ONE_OF,
        ),
        line(
            price("Durable Objects", "requests", MILLION, 150_000),
            calls,
        ),
        line(
            price("Durable Objects", "GB-s awake", 400_000, 12_500_000),
            gb_seconds,
        ),
        line(
            price("Durable Objects", "rows written", 50 * MILLION, 1_000_000),
            rows,
        ),
        line(
            price("Durable Objects", "rows read", 25_000 * MILLION, 1_000),
            per_session(reads),
        ),
        line(
            price("Durable Objects", "MB-months", 5_000, 200_000_000),
            kept_mb(INDEX_BYTES),
        ),
        line(
            price("R2", "puts and lists", MILLION, 4_500_000),
            per_session(chunks)
                .saturating_add(looks)
                .saturating_add(pages),
        ),
        line(
            price("R2", "gets", 10 * MILLION, 360_000),
            views.saturating_mul(chunks),
        ),
        line(
            price("R2", "MB-months", 10_000, 15_000_000),
            kept_mb(batches.saturating_mul(batch_bytes)),
        ),
        line(price("KV", "writes", MILLION, 5_000_000), sessions),
        line(price("KV", "reads", 10 * MILLION, 500_000), looks),
        line(
            price("KV", "MB-months", 1_000, 500_000_000),
            kept_mb(record),
        ),
    ]
}

/// Rows that a session of `batches` in `chunks` writes.
fn session_rows(batches: u64, chunks: u64) -> u64 {
    let earlier = chunks.saturating_sub(1);
    let packed = u128::from(batches) * u128::from(earlier) / u128::from(chunks.max(1));
    let packed = u64::try_from(packed).unwrap_or(u64::MAX);
    batches
        .saturating_mul(BATCH_ROWS)
        .saturating_add(packed)
        .saturating_add(earlier.saturating_mul(CHUNK_ROWS))
        .saturating_add(SESSION_ROWS)
}

/// What is to be paid, the plan included, millionths of a dollar.
pub fn total(bill: &[Line]) -> u64 {
    bill.iter()
        .map(Line::billed)
        .fold(BASE, u64::saturating_add)
}

/// What it costs if nothing is included, the plan left out: what one more month of the same
/// costs where the allowances are used up. Millionths of a dollar.
pub fn full(bill: &[Line]) -> u64 {
    bill.iter().map(Line::full).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Units, what they cost alone, and what is to be paid; by hand.
    fn check(work: &Workload, expected: &[(&str, &str, u64, u64, u64)]) {
        let bill = bill(work);
        for (service, unit, units, full, billed) in expected {
            let line = bill
                .iter()
                .find(|line| (line.price.service, line.price.unit) == (*service, *unit))
                .unwrap();
            assert_eq!(
                (line.units, line.full(), line.billed()),
                (*units, *full, *billed),
                "{service}, {unit}"
            );
        }
        assert_eq!(bill.len(), 14);
    }

    /// 1 million sessions of 20 batches of 15 KB: 20 M uploads, 20 000 views, 300 GB.
    #[test]
    fn a_million_sessions_by_hand() {
        check(
            &Workload::of(1_000_000),
            &[
                // 20 M + 20 000 × 4 + 10 000 calls of servers, of which 10 M are included.
                ("Workers", "requests", 20_090_000, 6_027_000, 3_027_000),
                ("Workers", "ms of CPU", 40_180_000, 803_600, 203_600),
                // 20.09 M / 100, of which one in 100 is refused.
                ("Workers", "log events", 2_009, 1_206, 0),
                // 24 M + 20 000 × 2 + 10 isolates × (518 400 + 129 600), and a third of a session
                // is asked how far it has come: 6 of 43 200 minutes, 20 hours × 120 times. 50 000
                // tell issues twice, and 10 000 calls of servers ask three times.
                (
                    "Durable Objects",
                    "requests",
                    30_983_333,
                    4_647_500,
                    4_497_500,
                ),
                // 0.62 s × 0.128 GB, and 0.01 s for each that is asked, or told.
                ("Durable Objects", "GB-s awake", 79_953, 999_413, 0),
                // 20 + 9 = 29 a session, one for each that is asked, 10 isolates × 129 600, and
                // 5 000 pages × 2, 50 000 × 2 of issues, and 10 000 calls × 2.
                ("Durable Objects", "rows written", 30_759_333, 30_759_333, 0),
                // 20 × (10 + 4).
                ("Durable Objects", "rows read", 280_000_000, 280_000, 0),
                ("Durable Objects", "MB-months", 2_420, 484_000, 0),
                // A chunk each, 20 000 × 2 listings, and a page for 200 chunks that go.
                ("R2", "puts and lists", 1_045_000, 4_702_500, 202_500),
                ("R2", "gets", 20_000, 7_200, 0),
                ("R2", "MB-months", 300_000, 4_500_000, 4_350_000),
                ("KV", "writes", 1_000_000, 5_000_000, 0),
                ("KV", "reads", 40_000, 20_000, 0),
                // 1 000 + 20 × 28 bytes.
                ("KV", "MB-months", 1_560, 780_000, 280_000),
            ],
        );
        let bill = bill(&Workload::of(1_000_000));
        // The sums of both columns; 5 dollars of the plan on top of the second.
        assert_eq!(full(&bill), 59_011_752);
        assert_eq!(total(&bill), 17_560_600);
    }

    #[test]
    fn a_small_site_pays_the_plan() {
        for sessions in [0, 1, 10_000] {
            assert_eq!(total(&bill(&Workload::of(sessions))), BASE, "{sessions}");
        }
        assert_eq!(full(&bill(&Workload::of(0))), 0);
    }

    /// 2 sessions of 100 batches of 21 000 bytes, kept for 90 days.
    #[test]
    fn large_sessions_have_several_chunks() {
        let work = Workload {
            sessions: 2_000,
            batches: 100,
            batch_bytes: 21_000,
            retention_days: 90,
        };
        check(
            &work,
            &[
                // 2.1 MB are 3 chunks of 1 MiB, 40 × 2 listings, and 30 pages of 200 chunks that go:
                // 100 + 66 + 4 + 9 rows, one for each upload, 2 for each page, 666 that are asked,
                // 200 of issues and 40 of calls.
                ("R2", "puts and lists", 6_110, 27_495, 0),
                ("Durable Objects", "rows written", 558_966, 558_966, 0),
                // 2 000 × 2.1 MB × 3 months, of which 10 GB are included.
                ("R2", "MB-months", 12_600, 189_000, 39_000),
            ],
        );
    }

    #[test]
    fn what_is_included_costs_nothing_to_its_edge() {
        let line = |units| Line {
            price: price("x", "y", 10, 2_000_000),
            units,
        };
        assert_eq!(line(10).billed(), 0);
        assert_eq!(line(11).billed(), 2);
        assert_eq!(line(11).full(), 22);
    }

    proptest! {
        #[test]
        fn more_never_costs_less(
            sessions in 0..50_000_000_u64, batches in 1..5_000_u64,
            bytes in 1..100_000_u64, days in 1..3_650_u64,
        ) {
            let work = Workload { sessions, batches, batch_bytes: bytes, retention_days: days };
            let before = total(&bill(&work));
            for more in [
                Workload { sessions: sessions + 1, ..work },
                Workload { batches: batches + 1, ..work },
                Workload { batch_bytes: bytes + 1, ..work },
                Workload { retention_days: days + 1, ..work },
            ] {
                prop_assert!(total(&bill(&more)) >= before);
            }
        }

        #[test]
        fn no_number_is_too_large(sessions: u64, batches: u64, bytes: u64, days: u64) {
            let work = Workload { sessions, batches, batch_bytes: bytes, retention_days: days };
            prop_assert!(total(&bill(&work)) >= BASE);
        }
    }
}
