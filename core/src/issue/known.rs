//! What is known of a site's issues over time: since when, until when, and what somebody decided.
//!
//! ```text
//!            ┌────────── comes again in a release that it was not known in ───────┐
//!            ▼                                                                    │
//! new ─► [`State::Open`] ── an operator decides ─► [`State::Resolved`] ───────────┘
//!                  └──────────────────────────────► [`State::Ignored`]
//! ```
//!
//! A session says what it saw whenever its row is written: again and again, late, and in any
//! order. So whatever is said a second time changes nothing, and only [`Known::see`] decides what
//! is news.
//!
//! **Invariant**: what is told twice is news once.

use super::{Fingerprint, Print};
use crate::analytics::session::{Session, Topic};
use crate::day::DAY;
use crate::field::{self, FieldError};
use crate::id::{Millis, SessionId, SiteKey};
use crate::store::StoreError;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Issues that are known of a site; of more, that about which nobody decided and which was not
/// seen for the longest is forgotten.
pub const MAX_ISSUES: usize = 2_000;

/// Issues that one session tells of, the first that came.
pub const MAX_SIGHTINGS: usize = 50;

/// Releases that are remembered of an issue, the last that it was seen in.
pub const MAX_RELEASES: usize = 20;

/// Where what is known of issues is kept, site by site.
///
/// What was not seen for as long as its site keeps sessions is deleted, by a store itself and
/// soon enough that no issue is kept a week longer ([`Known::until`]).
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Issues {
    /// Takes in what a session saw, by [`Known::see`], all of it in one step. What is new, or
    /// open again, is told.
    async fn tell(&self, site: &SiteKey, told: &Told) -> Result<Vec<News>, StoreError>;
    /// Up to `limit` issues behind the place `after`, by [`List::of`].
    async fn issues(
        &self,
        site: &SiteKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<List, StoreError>;
    /// Has an issue be what somebody decided, by [`Known::decide`]; what is then known of it.
    /// None if there is no such issue.
    async fn decide(
        &self,
        site: &SiteKey,
        issue: Fingerprint,
        decision: &Decision,
        now: Millis,
    ) -> Result<Option<Known>, StoreError>;
    /// Forgets what only the session of this [`mark`] saw, as if it had never been told.
    async fn erase_seen(&self, site: &SiteKey, by: &str) -> Result<(), StoreError>;
    /// Forgets all of a site, which is deleted; what is not there is no failure.
    async fn clear(&self, site: &SiteKey) -> Result<(), StoreError>;
}

/// What tells that two sessions are one, and not which: 64 bits of a hash of an id that has 130
/// random ones.
pub fn mark(sid: &SessionId) -> String {
    let mut print = Print::default();
    print.part(sid.as_str());
    Fingerprint(print.0).text()
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("an issue is 16 hex digits"))
    }
}

/// What somebody thinks of an issue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is to be looked at.
    #[default]
    Open,
    /// It is mended, until it comes again.
    Resolved,
    /// It is not to be looked at, however often it comes.
    Ignored,
}

/// An issue, as long as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its fingerprint.
    pub issue: Fingerprint,
    /// What it was called when it was first seen.
    pub title: String,
    /// When it first came, by the edge's clock, of all sessions since it is remembered.
    pub first: Millis,
    /// When it last came.
    pub last: Millis,
    /// In which releases it came, the last [`MAX_RELEASES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<String>,
    /// What somebody decided.
    pub state: State,
    /// When that was; none of an issue about which nobody has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Millis>,
    /// In which release it was resolved: the last in which it had come by then, if one was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_in: Option<String>,
    /// When it came again after it had been resolved, if it is open because of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened: Option<Millis>,
    /// Until when it is remembered, if it does not come again.
    pub until: Millis,
    /// The [`mark`] of the only session that saw it; none once another did. With that session
    /// it is erased: its title may say what only that visitor's page said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
}

/// What one session saw of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Of which.
    pub issue: Fingerprint,
    /// What it is called there.
    pub title: String,
    /// When it first came in that session, by the edge's clock.
    pub first: Millis,
    /// When it last did.
    pub last: Millis,
    /// The release that the page told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

/// What one session saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Issue by issue, each once.
    pub sightings: Vec<Sighting>,
    /// How long its site keeps sessions, days.
    pub days: u32,
    /// The [`mark`] of the session; empty if there is none.
    #[serde(default)]
    pub by: String,
}

impl Told {
    /// What a session saw, as known at `now`; none if it saw nothing.
    pub fn of(session: &Session, sid: &SessionId, days: u32, now: Millis) -> Option<Self> {
        let names = session.names(Topic::Marks);
        let release = session.summary.release;
        let release = release.map(|name| session.names(Topic::Summary).text(name).to_owned());
        let mut seen: BTreeMap<Fingerprint, Sighting> = BTreeMap::new();
        for mark in &session.marks {
            let issue = mark.issue.map(|occurrence| names.text(occurrence.issue));
            let Some(issue) = issue.and_then(Fingerprint::parse) else {
                continue;
            };
            // Pages say when; none may say that it is still to come, and so stay for ever.
            let at = sid.start().saturating_add(mark.at.into()).min(now);
            if let Some(sighting) = seen.get_mut(&issue) {
                sighting.last = sighting.last.max(at);
                sighting.first = sighting.first.min(at);
            } else if seen.len() < MAX_SIGHTINGS {
                let sighting = Sighting {
                    issue,
                    title: names.text(mark.tag).to_owned(),
                    first: at,
                    last: at,
                    release: release.clone(),
                };
                seen.insert(issue, sighting);
            }
        }
        let sightings: Vec<Sighting> = seen.into_values().collect();
        (!sightings.is_empty()).then(|| Self {
            sightings,
            days,
            by: mark(sid),
        })
    }
}

/// Why an issue is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// Nothing was known of it.
    New,
    /// It was resolved, and came again.
    Reopened,
}

/// An issue that somebody should know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Why.
    pub why: Why,
    /// What is known of it now.
    pub known: Known,
}

impl Known {
    fn new(sighting: &Sighting) -> Self {
        Self {
            issue: sighting.issue,
            title: sighting.title.clone(),
            first: sighting.first,
            last: sighting.last,
            releases: Vec::new(),
            state: State::Open,
            decided: None,
            resolved_in: None,
            reopened: None,
            until: 0,
            only: None,
        }
    }

    /// What is known after `sighting` was `told`, and why that is news, if it is.
    pub fn see(known: Option<Self>, sighting: &Sighting, told: &Told) -> (Self, Option<Why>) {
        let mut why = known.is_none().then_some(Why::New);
        let by = Some(&told.by).filter(|by| !by.is_empty());
        let mut known = known.unwrap_or_else(|| Self {
            only: by.cloned(),
            ..Self::new(sighting)
        });
        known.only = known.only.filter(|only| Some(only) == by);
        if known.comes_again(sighting) {
            known.state = State::Open;
            known.reopened = Some(sighting.last);
            why = Some(Why::Reopened);
        }
        known.first = known.first.min(sighting.first);
        known.last = known.last.max(sighting.last);
        known.came_in(sighting.release.as_deref());
        let kept = known.last.saturating_add(Millis::from(told.days) * DAY);
        known.until = known.until.max(kept);
        (known, why)
    }

    /// Whether what was resolved is not: it came after that, in a release that it was not known
    /// in. (A page of before may run for days. Which release is newer, nobody can tell by names
    /// that may be anything.) Where no release is told, then or now, it came after that.
    fn comes_again(&self, sighting: &Sighting) -> bool {
        let resolved = self.decided.filter(|_| self.state == State::Resolved);
        let is_later = resolved.is_some_and(|at| sighting.last > at);
        let is_known = match (&self.resolved_in, &sighting.release) {
            (Some(_), Some(release)) => self.releases.contains(release),
            _ => false,
        };
        is_later && !is_known
    }

    fn came_in(&mut self, release: Option<&str>) {
        let Some(release) = release else { return };
        if self.releases.iter().any(|known| known == release) {
            return;
        }
        self.releases.push(release.to_owned());
        let over = self.releases.len().saturating_sub(MAX_RELEASES);
        self.releases.drain(..over);
    }

    /// What is known after somebody decided at `now`.
    #[must_use]
    pub fn decide(mut self, decision: &Decision, now: Millis) -> Self {
        self.state = decision.state;
        self.decided = Some(now);
        self.reopened = None;
        let last = self.releases.last().cloned();
        let is_resolved = decision.state == State::Resolved;
        self.resolved_in = last.filter(|_| is_resolved);
        self
    }

    /// Without what is nobody's business but its own.
    #[must_use]
    pub fn shown(mut self) -> Self {
        self.only = None;
        self
    }

    /// Where it stands in a list: what came last comes first. Greater is further behind.
    pub fn place(&self) -> String {
        format!("{:016x}-{}", u64::MAX - self.last, self.issue.text())
    }

    /// Of more than [`MAX_ISSUES`] those that are forgotten: what stands behind them in a list,
    /// before that about which somebody decided. (Anybody can make up errors.)
    pub fn forgotten(mut all: Vec<Self>) -> Vec<Fingerprint> {
        let rank = |known: &Self| (known.decided.is_none(), known.place());
        crate::order::sort_by(&mut all, |a, b| rank(a).cmp(&rank(b)));
        let over = all.into_iter().skip(MAX_ISSUES);
        over.map(|known| known.issue).collect()
    }
}

/// What somebody decides about an issue: the body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What it shall be.
    pub state: State,
}

impl Decision {
    /// Reads the body of a request.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        field::read(text, r#"{"state":"open"}"#, "the decision")
    }
}

/// A page of a site's issues, those that came last first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// What is known of each.
    pub issues: Vec<Known>,
    /// What `after` of the next page is; none if this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl List {
    /// A page of `limit` of what was found, which is one more if there is a next page.
    pub fn of(mut issues: Vec<Known>, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = issues.len() > limit;
        issues.truncate(limit);
        let next = issues.last().filter(|_| is_more).map(Known::place);
        Self { issues, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::report::testing::{ISSUES, Told as Session};
    use proptest::prelude::*;

    fn sighting(first: Millis, last: Millis, release: Option<&str>) -> Sighting {
        Sighting {
            issue: Fingerprint::of_number(0xa1),
            title: "TypeError: a".into(),
            first,
            last,
            release: release.map(ToOwned::to_owned),
        }
    }

    fn sid(start: Millis) -> SessionId {
        SessionId::parse(&format!("{start:012x}{}", "a".repeat(26))).unwrap()
    }

    fn told(by: &str) -> Told {
        Told {
            sightings: Vec::new(),
            days: 30,
            by: by.to_owned(),
        }
    }

    fn seen(known: Option<Known>, at: Millis, release: Option<&str>) -> (Known, Option<Why>) {
        Known::see(known, &sighting(at, at, release), &told(""))
    }

    fn resolved(known: Known, now: Millis) -> Known {
        known.decide(
            &Decision {
                state: State::Resolved,
            },
            now,
        )
    }

    /// The machine, row by row: what was seen before it was resolved at 100, what comes then,
    /// and whether that is news.
    #[test]
    fn what_opens_an_issue_again() {
        for (before, at, release, expected) in [
            (None, 90, None, None),
            (None, 100, None, None),
            (None, 101, None, Some(Why::Reopened)),
            (None, 101, Some("1"), Some(Why::Reopened)),
            (Some("1"), 101, None, Some(Why::Reopened)),
            (Some("1"), 101, Some("1"), None),
            (Some("1"), 101, Some("2"), Some(Why::Reopened)),
            (Some("1"), 99, Some("2"), None),
        ] {
            let (known, why) = seen(None, 50, before);
            assert_eq!(why, Some(Why::New));
            let known = resolved(known, 100);
            let (known, why) = seen(Some(known), at, release);
            assert_eq!(why, expected, "{before:?} {at} {release:?}");
            assert_eq!(known.state == State::Open, why.is_some());
            assert_eq!(known.reopened, why.map(|_| at));
        }
    }

    #[test]
    fn so_many_releases_are_remembered() {
        let (mut known, _) = seen(None, 1, Some("0"));
        for number in 1..30_u64 {
            let release = number.to_string();
            known = seen(Some(known), number, Some(&release)).0;
        }
        let last: Vec<String> = (10..30).map(|number| number.to_string()).collect();
        assert_eq!(known.releases, last);
        assert_eq!(resolved(known, 40).resolved_in.as_deref(), Some("29"));
    }

    #[test]
    fn a_session_tells_each_issue_once() {
        let [a, b, _] = ISSUES;
        let session = Session::at(1_000)
            .visit("https://s/", 0, 0)
            .error(a, "TypeError: a", 5, 9)
            .error(b, "b", 7, 1)
            .error(a, "TypeError: other", 20, 1)
            .mark("bought", 30, false)
            .release("1.2");
        let told = Told::of(&session.session, &sid(1_000), 30, 1_015).unwrap();
        assert_eq!(told.by, mark(&sid(1_000)));
        assert_ne!(told.by, mark(&sid(1_001)));
        let found: Vec<_> = told
            .sightings
            .iter()
            .map(|it| (it.issue.text(), &*it.title, it.first, it.last))
            .collect();
        assert_eq!(
            found,
            [
                // Its clock is ahead: it cannot have come later than now.
                (a.to_owned(), "TypeError: a", 1_005, 1_015),
                (b.to_owned(), "b", 1_007, 1_007)
            ]
        );
        assert_eq!(told.sightings[0].release.as_deref(), Some("1.2"));
        let quiet = Session::at(1)
            .visit("https://s/", 0, 0)
            .mark("bought", 1, false);
        assert_eq!(Told::of(&quiet.session, &sid(1), 30, 9), None);
    }

    #[test]
    fn a_session_tells_so_many() {
        let mut session = Session::at(1).visit("https://s/", 0, 0);
        for number in 0..100_u64 {
            let print = Fingerprint::of_number(number).text();
            session = session.error(&print, "a", 1, 1);
        }
        let told = Told::of(&session.session, &sid(1), 30, 9).unwrap();
        assert_eq!(told.sightings.len(), MAX_SIGHTINGS);
    }

    #[test]
    fn a_decision_is_read_or_refused_by_its_field() {
        let read = Decision::parse(r#"{"state":"ignored"}"#);
        assert_eq!(
            read,
            Ok(Decision {
                state: State::Ignored
            })
        );
        for (text, field) in [
            (r#"{"state":"closed"}"#, "state"),
            (r#"{"state":"open","by":"me"}"#, "by"),
            ("{}", "the decision"),
            ("[", "the decision"),
        ] {
            assert_eq!(Decision::parse(text).unwrap_err().field, field, "{text}");
        }
    }

    proptest! {
        /// Sessions tell in any order and again: each is news once at most, and what is known
        /// of times and releases is the same.
        #[test]
        fn what_is_told_twice_is_news_once(times in prop::collection::vec((0_u64..50, 0_u8..3), 1..12), cut in 0_usize..12) {
            let of = |(at, release): &(u64, u8)| sighting(*at, *at, [None, Some("1"), Some("2")][usize::from(*release)]);
            let mut known = None;
            let (mut news, cut) = (0, cut.min(times.len()));
            for (number, time) in times.iter().enumerate() {
                if number == cut {
                    known = known.map(|known| resolved(known, 25));
                }
                for again in 0..2 {
                    let (now, why) = Known::see(known, &of(time), &told(""));
                    news += u32::from(why.is_some());
                    prop_assert!(again == 0 || why.is_none());
                    known = Some(now);
                }
            }
            let known = known.unwrap();
            prop_assert!(news <= 2);
            prop_assert_eq!(Some(known.first), times.iter().map(|time| time.0).min());
            prop_assert_eq!(Some(known.last), times.iter().map(|time| time.0).max());
            let places = [known.place(), seen(Some(known.clone()), known.last + 1, None).0.place()];
            prop_assert!(places[1] < places[0], "what came later comes first");
        }
    }
}
