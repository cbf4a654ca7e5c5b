//! Deleting sessions: which, what is lost with them, what has to be confirmed.

use crate::model::{story, text};
use sentiero_core::api::SessionRow;
use sentiero_core::erasure::{EraseRequest, MAX_SESSIONS, PurgeRequest};
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, SessionId};
use std::collections::BTreeSet;

/// Which sessions are to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doomed {
    /// These, which were selected.
    These(Vec<SessionId>),
    /// All of a user.
    User(String),
    /// All that a filter takes.
    Matching(Box<Filter>),
    /// All that began before this instant.
    Before(Millis),
}

/// What is asked of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// `POST …/erase`.
    Erase(Box<EraseRequest>),
    /// `POST …/purge`.
    Purge(PurgeRequest),
}

impl Doomed {
    /// All that `filter` takes; without a condition, all of before `now`.
    pub fn matching(filter: Filter, now: Millis) -> Self {
        if filter == Filter::default() {
            Self::Before(now)
        } else {
            Self::Matching(Box::new(filter))
        }
    }

    /// The request; with `confirm`, it is meant.
    pub fn ask(&self, confirm: Option<u64>) -> Ask {
        let request = EraseRequest {
            confirm,
            ..EraseRequest::default()
        };
        match self.clone() {
            Self::These(sessions) => Ask::Erase(Box::new(EraseRequest {
                sessions: Some(sessions),
                ..request
            })),
            Self::User(user) => Ask::Erase(Box::new(EraseRequest {
                user: Some(user),
                ..request
            })),
            Self::Matching(filter) => Ask::Erase(Box::new(EraseRequest {
                filter: Some(*filter),
                ..request
            })),
            Self::Before(before) => Ask::Purge(PurgeRequest { before, confirm }),
        }
    }

    /// How many there are, where that need not be asked.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::These(sessions) => u64::try_from(sessions.len()).ok(),
            Self::User(_) | Self::Matching(_) | Self::Before(_) => None,
        }
    }

    /// Why it cannot be done at once.
    pub fn refused(&self) -> Option<String> {
        match self {
            Self::These(sessions) if sessions.len() > MAX_SESSIONS => Some(format!(
                "At most {} sessions can be deleted at once by selecting them. Narrow the list with filters and delete all that match.",
                text::number(u64::try_from(MAX_SESSIONS).unwrap_or(u64::MAX))
            )),
            _ => None,
        }
    }
}

/// What deletes all that `filter` takes, of which there are `total`.
pub fn all(filter: &Filter, total: Option<u64>) -> String {
    let noun = if *filter == Filter::default() {
        "session"
    } else {
        "matching session"
    };
    total.map_or_else(
        || format!("Delete all {noun}s…"),
        |total| format!("Delete all {}…", text::plural(total, noun)),
    )
}

/// What has to be typed before `count` sessions are deleted; nothing for one.
pub fn to_type(count: u64) -> Option<String> {
    (count > 1).then(|| count.to_string())
}

/// Whether `typed` is the number that was asked for, however it is grouped.
pub fn is_typed(typed: &str, count: u64) -> bool {
    let plain: String = typed
        .chars()
        .filter(|c| !matches!(c, ',' | '.' | '\'' | ' ' | '\u{a0}' | '\u{202f}'))
        .collect();
    to_type(count).is_none_or(|wanted| wanted == plain)
}

/// What is lost with selected sessions, as sentences.
pub fn lost(rows: &[&SessionRow]) -> Vec<String> {
    let sum = |of: fn(&SessionRow) -> u64| rows.iter().map(|row| of(row)).sum::<u64>();
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let live = u64::try_from(rows.iter().filter(|row| row.live).count()).unwrap_or(0);
    let users: BTreeSet<&String> = rows.iter().flat_map(|row| &row.users).collect();
    let users = u64::try_from(users.len()).unwrap_or(u64::MAX);
    let mut said = vec![format!(
        "{} of {} in all, with {} ({}).",
        text::plural(count, "recording"),
        text::duration(sum(|row| row.duration)),
        text::plural(sum(|row| row.events), "event"),
        text::bytes(sum(|row| row.bytes)),
    )];
    if users > 0 {
        let noun = text::plural(users, "identified user");
        said.push(format!("Visits of {noun}."));
    }
    if live > 0 {
        let (noun, verb) = if live == 1 {
            ("One of them is", "its visitor does")
        } else {
            ("Some of them are", "their visitors do")
        };
        said.push(format!(
            "{noun} being recorded right now; what {verb} from here on is refused."
        ));
    }
    said
}

/// That the session of `row` is deleted: whose it was, where it began and how long it was, so
/// that one sees that it was the right one.
pub fn deleted(row: &SessionRow) -> String {
    let (entry, _) = story::path(row);
    format!(
        "Deleted the session of {}: {entry}, {}, {}.",
        story::who(row),
        text::duration(row.duration),
        text::plural(row.events, "event"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feed::tests::row;

    #[test]
    fn asks_for_what_is_meant() {
        let sid = SessionId::new(5, &[0; 17]);
        let Ask::Erase(these) = Doomed::These(vec![sid.clone()]).ask(None) else {
            panic!("not by id")
        };
        assert_eq!(
            (these.sessions, these.filter, these.confirm),
            (Some(vec![sid]), None, None)
        );
        let filter = Filter {
            errors: true,
            ..Filter::default()
        };
        let Ask::Erase(matching) = Doomed::matching(filter.clone(), 9).ask(Some(3)) else {
            panic!("not by filter")
        };
        assert_eq!(
            (matching.sessions, matching.filter, matching.confirm),
            (None, Some(filter), Some(3))
        );
        let Ask::Purge(all) = Doomed::matching(Filter::default(), 9).ask(Some(3)) else {
            panic!("not everything")
        };
        assert_eq!((all.before, all.confirm), (9, Some(3)));
    }

    #[test]
    fn nothing_matches_where_nothing_is_asked() {
        let errors = Filter {
            errors: true,
            ..Filter::default()
        };
        for (filter, total, said) in [
            (Filter::default(), Some(1_240), "Delete all 1,240 sessions…"),
            (Filter::default(), None, "Delete all sessions…"),
            (errors.clone(), Some(7), "Delete all 7 matching sessions…"),
            (errors, None, "Delete all matching sessions…"),
        ] {
            assert_eq!(all(&filter, total), said);
        }
    }

    #[test]
    fn as_many_at_once_as_the_api_takes() {
        let sids = |count: usize| {
            let start = |at| SessionId::new(u64::try_from(at).unwrap(), &[0; 17]);
            Doomed::These((0..count).map(start).collect())
        };
        assert_eq!(
            (sids(MAX_SESSIONS).refused(), sids(MAX_SESSIONS).count()),
            (None, Some(1_000))
        );
        assert!(sids(MAX_SESSIONS + 1).refused().unwrap().contains("1,000"));
    }

    #[test]
    fn the_number_has_to_be_typed() {
        assert_eq!(to_type(1), None);
        assert!(is_typed("", 1));
        for (typed, right) in [
            ("1240", true),
            (" 1,240 ", true),
            ("1.240", true),
            ("1 240", true),
            ("", false),
            ("124", false),
            ("12400", false),
            ("all", false),
        ] {
            assert_eq!(is_typed(typed, 1_240), right, "{typed}");
        }
    }

    #[test]
    fn says_which_session_was_deleted() {
        let mut row = row(1, 1_200);
        (row.duration, row.users) = (65_000, vec!["u1".into()]);
        row.entry = "https://shop.example/tents".into();
        assert_eq!(
            deleted(&row),
            "Deleted the session of u1: /tents, 1m 05s, 1,200 events."
        );
    }

    #[test]
    fn says_what_is_lost() {
        let mut first = row(1, 1_200);
        (first.duration, first.bytes, first.users) = (60_000, 4_250, vec!["u1".into()]);
        let mut second = row(2, 4);
        (second.duration, second.live, second.users) = (5_000, true, vec!["u1".into()]);
        assert_eq!(
            lost(&[&first]),
            [
                "1 recording of 1m 00s in all, with 1,200 events (4.2 KB).",
                "Visits of 1 identified user."
            ]
        );
        let both = lost(&[&first, &second]);
        assert!(both[0].starts_with("2 recordings of 1m 05s"));
        assert_eq!(both[1], "Visits of 1 identified user.");
        assert!(both[2].starts_with("One of them is being recorded"));
        second.users.clear();
        assert!(lost(&[&second, &second])[1].starts_with("Some of them are"));
    }
}
