//! A site that keeps only so many finished sessions, or only so many bytes of them: the
//! newest stay, the oldest are erased.

use crate::id::{Millis, Month, SessionId, SiteKey};
use crate::store::{Span, StoreError};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

type Result<T> = core::result::Result<T, StoreError>;

/// Finished sessions: how many, and their stored bytes, compressed, as their rows say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Sessions.
    pub sessions: u64,
    /// Bytes.
    pub bytes: u64,
}

/// How much of its finished sessions a site keeps. None is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// So many sessions.
    pub sessions: Option<u64>,
    /// So many bytes of them together.
    pub bytes: Option<u64>,
}

impl Bounds {
    /// Whether everything is kept, so that nobody need look.
    pub fn is_unbounded(&self) -> bool {
        *self == Self::default()
    }

    /// Whether so much may be kept.
    pub fn take(&self, stock: Stock) -> bool {
        self.exceeded(stock).is_empty()
    }

    /// What is left of them when `stock`, which they take, is kept.
    #[must_use]
    fn after(self, stock: Stock) -> Self {
        let left = |bound: Option<u64>, used| bound.map(|bound| bound.saturating_sub(used));
        Self {
            sessions: left(self.sessions, stock.sessions),
            bytes: left(self.bytes, stock.bytes),
        }
    }

    /// The names of those that `stock` goes beyond, as the site's configuration has them.
    fn exceeded(&self, stock: Stock) -> Vec<&'static str> {
        let is_beyond = |bound: Option<u64>, used| bound.is_some_and(|bound| used > bound);
        let mut names = Vec::new();
        if is_beyond(self.sessions, stock.sessions) {
            names.push("max_sessions");
        }
        if is_beyond(self.bytes, stock.bytes) {
            names.push("max_bytes");
        }
        names
    }
}

/// What of a month stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// The oldest finished session that stays; none if none does.
    pub stays: Option<SessionId>,
    /// How many finished sessions do not stay.
    pub excess: u64,
}

impl Fit {
    /// Of finished sessions, newest first, each with its bytes: the newest stay for as long as
    /// `bounds` take them all. With the first that does not fit every older one goes, also a
    /// smaller one: what is kept has no holes.
    pub fn of(newest_first: impl Iterator<Item = (SessionId, u64)>, bounds: Bounds) -> Self {
        let (mut stock, mut fit) = (Stock::default(), Self::default());
        for (sid, bytes) in newest_first {
            stock.sessions = stock.sessions.saturating_add(1);
            stock.bytes = stock.bytes.saturating_add(bytes);
            if fit.excess == 0 && bounds.take(stock) {
                fit.stays = Some(sid);
            } else {
                fit.excess += 1;
            }
        }
        fit
    }
}

/// The finished sessions of a site, those that [`crate::store::Index`] has rows of.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Stocks {
    /// What there is of each month that `span` touches, newest first; a month without any may
    /// be left out.
    async fn stock(&self, site: &SiteKey, span: Span) -> Result<Vec<(Month, Stock)>>;
    /// What of a month stays, as [`Fit::of`] says.
    async fn fit(&self, site: &SiteKey, month: Month, bounds: Bounds) -> Result<Fit>;
}

/// Sessions that are to be erased because there are more than a site keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// All finished ones that started before this.
    pub before: Millis,
    /// How many those are.
    pub sessions: u64,
    /// Which bounds are exceeded, for the receipt.
    pub by: String,
}

/// Where the bounds are reached: the month, and what is left for it of `bounds`. None if all
/// may stay.
pub fn overflow(stocks: &[(Month, Stock)], bounds: Bounds) -> Option<(Month, Bounds)> {
    let mut left = bounds;
    for &(month, stock) in stocks {
        if !left.take(stock) {
            return Some((month, left));
        }
        left = left.after(stock);
    }
    None
}

/// What a site has beyond `bounds` of those that its retention keeps; none if all may stay.
///
/// Months before `kept` are not looked at: what they still hold is going, or is gone.
///
/// It is looked twice, first at months and then at the sessions of one: whatever goes
/// meanwhile lets less go, never more. If nothing of the month is too much by then, nothing
/// is done, and the next time comes.
pub async fn excess<S: Stocks>(
    stocks: &S,
    site: &SiteKey,
    bounds: Bounds,
    kept: Span,
) -> Result<Option<Excess>> {
    if bounds.is_unbounded() {
        return Ok(None);
    }
    let months = stocks.stock(site, kept).await?;
    let Some((month, left)) = overflow(&months, bounds) else {
        return Ok(None);
    };
    let fit = stocks.fit(site, month, left).await?;
    if fit.excess == 0 {
        return Ok(None);
    }
    let older = months.iter().filter(|(other, _)| *other < month);
    let older: u64 = older.map(|(_, stock)| stock.sessions).sum();
    let end = || month.next().start();
    Ok(Some(Excess {
        before: fit.stays.map_or_else(end, |sid| sid.start()),
        sessions: fit.excess.saturating_add(older),
        by: bounds.exceeded(sum(&months)).join(", "),
    }))
}

fn sum(stocks: &[(Month, Stock)]) -> Stock {
    let stocks = stocks.iter().map(|(_, stock)| stock);
    stocks.fold(Stock::default(), |sum, stock| Stock {
        sessions: sum.sessions.saturating_add(stock.sessions),
        bytes: sum.bytes.saturating_add(stock.bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::pack::Packed;
    use crate::recording::{SessionState, Visitor};
    use crate::store::Index as _;
    use crate::store::memory::Memory;
    use core::cell::Cell;
    use pollster::block_on;
    use proptest::prelude::*;

    const NOW: Millis = 1_795_445_200_000;
    const DAY: Millis = 86_400_000;

    fn site() -> SiteKey {
        SiteKey::parse("shop").unwrap()
    }

    fn bounds(sessions: Option<u64>, bytes: Option<u64>) -> Bounds {
        Bounds { sessions, bytes }
    }

    #[test]
    fn the_newest_sessions_stay_whatever_their_month() {
        let (new, old) = (Month::of(NOW), Month::of(NOW).previous());
        let of = |month, sessions, bytes| (month, Stock { sessions, bytes });
        for (stocks, given, expected) in [
            (vec![], bounds(Some(5), Some(5)), None),
            (vec![of(new, 5, 9)], bounds(Some(5), None), None),
            (
                vec![of(new, 6, 9)],
                bounds(Some(5), None),
                Some((new, bounds(Some(5), None))),
            ),
            (
                vec![of(new, 3, 9), of(old, 2, 9)],
                bounds(Some(5), None),
                None,
            ),
            (
                vec![of(new, 3, 9), of(old, 3, 9)],
                bounds(Some(5), None),
                Some((old, bounds(Some(2), None))),
            ),
            (
                vec![of(new, 5, 9), of(old, 1, 9)],
                bounds(Some(5), None),
                Some((old, bounds(Some(0), None))),
            ),
            (
                vec![of(new, 0, 0), of(old, 9, 9)],
                bounds(Some(5), None),
                Some((old, bounds(Some(5), None))),
            ),
            (vec![of(new, 9, 100)], bounds(None, Some(100)), None),
            (
                vec![of(new, 9, 101)],
                bounds(None, Some(100)),
                Some((new, bounds(None, Some(100)))),
            ),
            (
                vec![of(new, 1, 60), of(old, 1, 41)],
                bounds(Some(9), Some(100)),
                Some((old, bounds(Some(8), Some(40)))),
            ),
            (
                vec![of(new, 9, 10), of(old, 1, 900)],
                bounds(Some(8), Some(100)),
                Some((new, bounds(Some(8), Some(100)))),
            ),
        ] {
            assert_eq!(overflow(&stocks, given), expected, "{stocks:?} {given:?}");
        }
    }

    /// Puts a finished session of so many bytes.
    fn put(memory: &Memory, start: Millis, bytes: u64, live: bool) {
        let sid = SessionId::new(start, &[3; 17]);
        let mut row = SessionState::new(1, Visitor::default()).row(&sid, live);
        row.bytes = bytes;
        block_on((&memory).upsert(&site(), &row, &Packed::default(), 1)).unwrap();
    }

    fn found(memory: &Memory, given: Bounds) -> Option<Excess> {
        block_on(excess(&memory, &site(), given, Span::kept(NOW, 90))).unwrap()
    }

    #[test]
    fn who_asked_is_the_bound_that_is_exceeded() {
        let memory = Memory::default();
        for day in 0..4 {
            put(&memory, NOW - day * DAY, 10, false);
        }
        for (given, by) in [
            (bounds(Some(4), Some(40)), None),
            (bounds(Some(3), Some(40)), Some("max_sessions")),
            (bounds(Some(4), Some(39)), Some("max_bytes")),
            (bounds(Some(3), Some(39)), Some("max_sessions, max_bytes")),
            (bounds(None, None), None),
        ] {
            let found = found(&memory, given);
            assert_eq!(found.as_ref().map(|it| it.by.as_str()), by, "{given:?}");
            let before = found.map(|it| (it.before, it.sessions));
            assert_eq!(before, by.map(|_| (NOW - 2 * DAY, 1)));
        }
    }

    #[test]
    fn a_session_that_alone_is_too_large_goes_with_all_before_it() {
        let memory = Memory::default();
        let old = Month::of(NOW).previous().start();
        put(&memory, NOW, 10, false);
        put(&memory, old + 2, 101, false);
        put(&memory, old + 1, 1, false);
        put(&memory, Month::of(old).previous().start(), 1, false);
        let found = found(&memory, bounds(None, Some(100))).unwrap();
        assert_eq!((found.before, found.sessions), (Month::of(NOW).start(), 3));
    }

    /// A site of which a session is gone when its month is looked at.
    struct Shrinking<'a>(&'a Memory, Cell<bool>);

    impl Stocks for Shrinking<'_> {
        async fn stock(&self, site: &SiteKey, span: Span) -> Result<Vec<(Month, Stock)>> {
            self.0.stock(site, span).await
        }

        async fn fit(&self, site: &SiteKey, month: Month, bounds: Bounds) -> Result<Fit> {
            if self.1.take() {
                let sid = SessionId::new(NOW, &[3; 17]);
                self.0.erase(site, &sid).await?;
            }
            self.0.fit(site, month, bounds).await
        }
    }

    #[test]
    fn what_went_meanwhile_takes_no_other_with_it() {
        let memory = &Memory::default();
        put(memory, NOW, 80, false);
        put(memory, Month::of(NOW).previous().start(), 30, false);
        let shrinking = Shrinking(memory, Cell::new(true));
        let given = bounds(None, Some(70));
        let found = block_on(excess(&shrinking, &site(), given, Span::kept(NOW, 90))).unwrap();
        assert_eq!(found, None, "what is left fits");
    }

    #[test]
    fn months_that_retention_has_left_behind_are_not_asked() {
        let memory = &Memory::default();
        let first = Month::of(NOW - 30 * DAY);
        put(memory, NOW, 60, false);
        put(memory, first.start(), 30, false);
        put(memory, first.start() - 1, 500, false);
        let kept = Span::kept(NOW, 30);
        let months = block_on((&memory).stock(&site(), kept)).unwrap();
        let months: Vec<Month> = months.into_iter().map(|(month, _)| month).collect();
        assert_eq!(months, [Month::of(NOW), first]);
        let found = |given| block_on(excess(&memory, &site(), given, kept)).unwrap();
        assert_eq!(found(bounds(None, Some(90))), None);
        let beyond = found(bounds(None, Some(89))).unwrap();
        assert_eq!(beyond.sessions, 1);
    }

    proptest! {
        #[test]
        fn what_stays_fits_and_nothing_more_would(
            sessions in prop::collection::vec((0..90_u64, 0..50_u64, any::<bool>()), 0..30),
            given in (prop::option::of(0..30_u64), prop::option::of(0..400_u64)),
        ) {
            let memory = Memory::default();
            for (day, bytes, live) in &sessions {
                put(&memory, NOW - day * DAY, *bytes, *live);
            }
            let given = bounds(given.0, given.1);
            // Days are unique to a session: the last of equal ones is written or is not later.
            let rows = memory.all_rows(&site());
            let mut finished: Vec<_> = rows.iter().filter(|row| !row.live).collect();
            finished.sort_by_key(|row| core::cmp::Reverse(row.started));
            let found = found(&memory, given);
            let before = found.as_ref().map_or(0, |found| found.before);
            let (stay, go): (Vec<_>, Vec<_>) =
                finished.iter().partition(|row| row.started >= before);
            let of = |rows: &[&&crate::api::SessionRow]| Stock {
                sessions: rows.len() as u64,
                bytes: rows.iter().map(|row| row.bytes).sum(),
            };
            prop_assert!(given.take(of(&stay)));
            prop_assert_eq!(found.map_or(0, |found| found.sessions), go.len() as u64);
            if let Some(next) = go.first() {
                let more = Stock {
                    sessions: of(&stay).sessions + 1,
                    bytes: of(&stay).bytes + next.bytes,
                };
                prop_assert!(!given.take(more), "one more would have fitted");
            }
        }
    }
}
