//! Somebody reads all the time while sessions are written, finished and revived.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use system_tests::client::{Dashboard, accept};
use system_tests::upload::{Visit, event, tab_id};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_mins(1);

/// A visit that is written, and what the edge has acknowledged of its one tab.
#[derive(Default)]
struct Written {
    visit: Visit,
    acknowledged: AtomicU32,
    over: AtomicBool,
}

/// What a reader has seen.
#[derive(Default, Debug)]
struct Seen {
    reads: u32,
    live: u32,
    finished: u32,
    /// How often it found a session finished that it had found live before, or the reverse.
    turns: u32,
}

/// Ends the reader with the writer, also when that fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Written {
    /// Uploads, waits until the session is finished, and revives it by the next upload.
    fn write(&self, url: &str, dashboard: &Dashboard, rounds: u32) {
        let _over = Over(&self.over);
        for round in 0..rounds {
            for part in 0..3 {
                let first = self.acknowledged.load(Ordering::SeqCst);
                let body = if part == 2 {
                    self.visit.last_batch(1, first, 4)
                } else {
                    self.visit.batch(1, first, 4)
                };
                let next = accept(url, body).unwrap().next;
                assert_eq!(next, first + 4, "round {round}");
                self.acknowledged.store(next, Ordering::SeqCst);
            }
            until("it is finished", SOON, || {
                let detail = dashboard.detail(&self.visit.sid).unwrap();
                detail.filter(|detail| !detail.row.live)
            });
        }
    }

    /// Reads until the writer is done, and once more.
    fn read(&self, dashboard: &Dashboard) -> Seen {
        until("the first batch", SOON, || {
            (self.acknowledged.load(Ordering::SeqCst) > 0).then_some(())
        });
        let mut seen = Seen::default();
        let mut was_live = None;
        loop {
            let over = self.over.load(Ordering::SeqCst);
            let live = self.read_detail(dashboard);
            self.read_events(dashboard);
            seen.reads += 1;
            seen.live += u32::from(live);
            seen.finished += u32::from(!live);
            seen.turns += u32::from(was_live.replace(live).is_some_and(|was| was != live));
            if over {
                return seen;
            }
        }
    }

    fn read_detail(&self, dashboard: &Dashboard) -> bool {
        let known = self.acknowledged.load(Ordering::SeqCst);
        let detail = dashboard.detail(&self.visit.sid).unwrap().unwrap();
        let mut next = 0;
        for batch in &detail.batches {
            assert_eq!(batch.first, next, "each event in one batch");
            next = batch.first + batch.n;
        }
        assert!(next >= known, "{next} in the detail, {known} acknowledged");
        assert_eq!(detail.row.events, u64::from(next));
        assert_eq!(detail.tab_list[0].gaps, []);
        detail.row.live
    }

    fn read_events(&self, dashboard: &Dashboard) {
        let known = self.acknowledged.load(Ordering::SeqCst);
        let found = dashboard.events(&self.visit, "").unwrap();
        let n = u32::try_from(found.len()).unwrap();
        assert!(n >= known, "{n} read, {known} acknowledged");
        let tab = tab_id(1).to_string();
        let expected = (0..n).map(|index| (tab.clone(), index, event(&self.visit.sid, index)));
        assert!(found.into_iter().eq(expected), "each event once, in order");
    }
}

#[test]
fn every_acknowledged_event_is_read_once_at_any_moment() {
    let rounds = if std::env::var_os("SENTIERO_FULL").is_some() {
        60
    } else {
        5
    };
    let worker = Worker::start(Options::finishing_after(0.2)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visits: Vec<Written> = (0..3).map(|_| Written::default()).collect();
    let seen: Vec<Seen> = std::thread::scope(|scope| {
        let (url, dashboard) = (worker.url.as_str(), &dashboard);
        let readers: Vec<_> = visits
            .iter()
            .map(|written| {
                scope.spawn(move || written.write(url, dashboard, rounds));
                scope.spawn(move || written.read(dashboard))
            })
            .collect();
        let seen = readers.into_iter().map(|reader| reader.join().unwrap());
        seen.collect()
    });
    for (written, seen) in visits.iter().zip(seen) {
        println!(
            "{} acknowledged, {seen:?}",
            written.acknowledged.load(Ordering::SeqCst)
        );
        assert!(seen.live > 0 && seen.finished > 0, "{seen:?}");
    }
}
