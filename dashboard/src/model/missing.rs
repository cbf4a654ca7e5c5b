//! What to say where nothing can be replayed: what is missing, why, and what to do next.

use crate::model::player::Phase;
use crate::model::tabs;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::TabId;

/// Why nothing is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What is missing.
    pub title: &'static str,
    /// Why, and what that means.
    pub why: &'static str,
    /// What to do.
    pub next: Next,
}

/// What to do where nothing is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It may still come: the screen looks for it by itself.
    Wait,
    /// Another page load can be replayed.
    Open(TabId),
    /// The batches that did not come can be asked for again.
    Again,
    /// Nothing; back to the list.
    Leave,
}

/// What is missing of `tab`, of which nothing can be replayed; no tab: the session has no
/// page load.
pub fn missing(detail: &SessionDetail, tab: Option<&TabId>) -> Missing {
    let live = detail.row.live;
    let Some(tab) = tab else {
        return if live {
            Missing {
                title: "Nothing has arrived yet",
                why: "The visit has begun, and its first page load is on its way. It is shown here as soon as it is stored.",
                next: Next::Wait,
            }
        } else {
            Missing {
                title: "This session has no recording",
                why: "It is listed, but no page load of it is stored: the visitor left before anything could be sent, or what was stored cannot be read.",
                next: Next::Leave,
            }
        };
    };
    if tabs::playable(detail, tab) {
        return Missing {
            title: "The snapshot could not be read",
            why: "A snapshot of this page load is stored, but did not arrive whole, so the page cannot be rebuilt.",
            next: Next::Again,
        };
    }
    let other = tabs::choose(detail, None).filter(|other| tabs::playable(detail, other));
    let ended = detail
        .tab_list
        .iter()
        .any(|load| load.tab == *tab && load.ended);
    match other {
        Some(other) => Missing {
            title: "This page load has no snapshot",
            why: "The picture of the page that a replay begins with never arrived. What the visitor did is listed all the same.",
            next: Next::Open(other),
        },
        None if live && !ended => Missing {
            title: "The snapshot is still to come",
            why: "The picture of the page that a replay begins with has not arrived. The page is asked for one, and the replay begins when it is here.",
            next: Next::Wait,
        },
        None => Missing {
            title: "This session has no snapshot",
            why: "The picture of the page that a replay begins with never arrived: the visitor left before it was sent, or it was too large. What the visitor did is listed all the same.",
            next: Next::Leave,
        },
    }
}

/// What is known of a list of activity in which nothing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not one state in disguise"
)]
pub struct Unlisted {
    /// There is a page load.
    pub opened: bool,
    /// What its player shows.
    pub phase: Phase,
    /// Batches are on their way, or will be asked for.
    pub coming: bool,
    /// Why none are, where they should be.
    pub failed: bool,
    /// Something of it was read.
    pub read: bool,
    /// The list would have rows without its search and filter.
    pub filtered: bool,
}

impl Unlisted {
    /// Why nothing stands there.
    pub fn why(self) -> &'static str {
        match self {
            Self { filtered: true, .. } => {
                "Nothing matches. Clear the search or choose other kinds."
            }
            Self {
                opened: false,
                phase: Phase::Unplayable,
                ..
            } => "No page load, so nothing is listed.",
            Self { failed: true, .. } => "What happened could not be loaded.",
            Self { opened: false, .. } | Self { coming: true, .. } => "Loading what happened…",
            Self { read: false, .. } => "What is stored could not be read, so nothing is listed.",
            Self { read: true, .. } => "Nothing happened that would be listed here.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tabs::tests::{detail, tab_id};

    #[test]
    fn says_what_to_do_next() {
        let loads = |first, second| detail(&[('a', 'x', 1, 5, first), ('b', 'x', 2, 5, second)]);
        let next = |detail: &SessionDetail, tab: Option<char>| {
            missing(detail, tab.map(tab_id).as_ref()).next
        };
        assert_eq!(next(&detail(&[]), None), Next::Leave);
        assert_eq!(
            next(&loads(false, true), Some('a')),
            Next::Open(tab_id('b'))
        );
        assert_eq!(next(&loads(false, false), Some('a')), Next::Leave);
        // A snapshot is there, and yet nothing can be replayed.
        assert_eq!(next(&loads(true, false), Some('a')), Next::Again);

        let mut live = loads(false, false);
        live.row.live = true;
        assert_eq!(next(&live, Some('a')), Next::Leave, "this page was left");
        live.tab_list[0].ended = false;
        assert_eq!(next(&live, Some('a')), Next::Wait);
        live.tab_list.clear();
        assert_eq!(next(&live, None), Next::Wait);
    }
    #[test]
    fn an_empty_list_says_why_it_is_empty() {
        let nothing = Unlisted {
            opened: true,
            phase: Phase::Loading,
            coming: true,
            failed: false,
            read: false,
            filtered: false,
        };
        let starts = |unlisted: Unlisted, said: &str| {
            let why = unlisted.why();
            assert!(why.starts_with(said), "{unlisted:?}: {why}");
        };
        starts(nothing, "Loading");
        let opened = false;
        starts(Unlisted { opened, ..nothing }, "Loading");
        let phase = Phase::Unplayable;
        let none = Unlisted { phase, ..nothing };
        starts(Unlisted { opened, ..none }, "No page load");
        starts(none, "Loading");
        // All came, and nothing of it can be read: that is no reason to wait.
        let coming = false;
        starts(Unlisted { coming, ..none }, "What is stored could not");
        let (read, failed, filtered) = (true, true, true);
        starts(
            Unlisted {
                coming,
                read,
                ..nothing
            },
            "Nothing happened",
        );
        starts(Unlisted { failed, ..nothing }, "What happened could not");
        starts(
            Unlisted {
                failed,
                filtered,
                ..nothing
            },
            "Nothing matches",
        );
    }
}
