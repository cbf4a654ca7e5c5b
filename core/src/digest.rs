//! The analysis of one session: small, and a commutative monoid under
//! [`Digest::merge`], so batches may be digested anywhere, in any order.
//!
//! Late and repeated batches do no harm because a digest is made only of
//! events that were stored. Malformed events never fail a digest; they count.

use crate::event::{DROPPED_TAG, EventView, Kind};
use crate::id::{Millis, TabId};
use crate::mask::MASK;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Page views that a digest keeps; the sum of a visit of a thousand pages is
/// about 100 KB, and its row in the session object must stay under 2 MB.
pub const MAX_PAGE_VIEWS: usize = 1_000;

/// Users that a digest keeps: people share a browser, but not many within one visit.
pub const MAX_USERS: usize = 4;

/// Bytes of a user's id that are kept.
pub const MAX_USER_BYTES: usize = 128;

/// What is kept of an id that a page gave to `identify`: at most [`MAX_USER_BYTES`] of it;
/// none if it was masked, because then it tells nobody from anybody.
pub fn user_key(id: &str) -> Option<String> {
    if id.is_empty() || id.contains(MASK) {
        return None;
    }
    let end = (0..=MAX_USER_BYTES.min(id.len()))
        .rev()
        .find(|end| id.is_char_boundary(*end));
    end.and_then(|end| id.get(..end)).map(String::from)
}

/// A page that was shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageView {
    /// When, ms since the epoch by the visitor's clock.
    pub at: Millis,
    /// In which page load.
    pub tab: TabId,
    /// Its address, without query and fragment.
    pub url: String,
}

/// What a session contains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Digest {
    /// Events.
    pub events: u64,
    /// Clicks and taps.
    pub clicks: u32,
    /// Errors that the page threw.
    pub errors: u32,
    /// Time of the first and last event, ms since the epoch; none without events.
    pub span: Option<(Millis, Millis)>,
    /// Addresses in order of time; the same address may follow itself, because
    /// each full snapshot names its page. [`Digest::page_views`] folds them.
    pub addresses: BTreeSet<PageView>,
    /// Whose visit it is, by what the page gave to `identify`, see [`user_key`]; those that
    /// sort first, if there are more than [`MAX_USERS`].
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub users: BTreeSet<String>,
    /// Events that the recorder dropped because they were not well-formed, and
    /// events that no field could be read of.
    pub dropped: u32,
}

impl Digest {
    /// The digest of some events of one tab.
    pub fn from_events<'a>(tab: &TabId, events: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut digest = Self::default();
        for event in events {
            match EventView::read(event) {
                Some(view) => digest.add(tab, view),
                None => digest.add_unreadable(),
            }
        }
        digest.trim();
        digest
    }

    /// The same of events that were read already.
    pub fn from_views(tab: &TabId, views: impl IntoIterator<Item = EventView>) -> Self {
        let mut digest = Self::default();
        for view in views {
            digest.add(tab, view);
        }
        digest.trim();
        digest
    }

    fn add_unreadable(&mut self) {
        self.events += 1;
        self.dropped += 1;
    }

    fn add(&mut self, tab: &TabId, view: EventView) {
        self.events += 1;
        self.span = merge_spans(self.span, Some((view.at, view.at)));
        match view.kind {
            Kind::Meta { href } => {
                self.addresses.insert(PageView {
                    at: view.at,
                    tab: tab.clone(),
                    url: href,
                });
            }
            Kind::Identified { user } => self.users.extend(user_key(&user)),
            Kind::Custom { tag } if tag == "error" => self.errors += 1,
            Kind::Custom { tag } if tag == DROPPED_TAG => self.dropped += 1,
            Kind::Click => self.clicks += 1,
            _ => {}
        }
    }

    /// Adds another digest of the same session.
    pub fn merge(&mut self, other: Self) {
        self.events += other.events;
        self.clicks += other.clicks;
        self.errors += other.errors;
        self.dropped += other.dropped;
        self.span = merge_spans(self.span, other.span);
        self.addresses.extend(other.addresses);
        self.users.extend(other.users);
        self.trim();
    }

    /// Keeps the earliest [`MAX_PAGE_VIEWS`] addresses and always the last one, and the
    /// first [`MAX_USERS`] users.
    /// Keeping by order makes the result independent of the order of merging.
    fn trim(&mut self) {
        while self.addresses.len() > MAX_PAGE_VIEWS {
            let last = self.addresses.pop_last();
            self.addresses.pop_last();
            self.addresses.extend(last);
        }
        while self.users.len() > MAX_USERS {
            self.users.pop_last();
        }
    }

    /// From the first to the last event, ms.
    pub fn duration(&self) -> Millis {
        self.span.map_or(0, |(from, to)| to - from)
    }

    /// Page views in order of time: an address that a tab already shows is not
    /// a new view.
    pub fn page_views(&self) -> Vec<PageView> {
        let mut views: Vec<PageView> = Vec::new();
        for address in &self.addresses {
            let shown = views.iter().rev().find(|view| view.tab == address.tab);
            if shown.is_none_or(|view| view.url != address.url) {
                views.push(address.clone());
            }
        }
        views
    }
}

fn merge_spans(
    a: Option<(Millis, Millis)>,
    b: Option<(Millis, Millis)>,
) -> Option<(Millis, Millis)> {
    match (a, b) {
        (Some((from, to)), Some((start, end))) => Some((from.min(start), to.max(end))),
        (span, None) | (None, span) => span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tab(name: &str) -> TabId {
        TabId::parse(name).unwrap()
    }

    fn meta(at: Millis, href: &str) -> String {
        format!(r#"{{"type":4,"data":{{"href":"{href}","width":1,"height":1}},"timestamp":{at}}}"#)
    }

    const CLICK: &str =
        r#"{"type":3,"data":{"source":2,"type":2,"id":7,"x":1,"y":2},"timestamp":5}"#;

    fn digest(tab_name: &str, events: &[&str]) -> Digest {
        Digest::from_events(&tab(tab_name), events.iter().map(|event| event.as_bytes()))
    }

    #[test]
    fn counts_what_it_reads() {
        let page = meta(1, "https://a.example/");
        let again = meta(3, "https://a.example/");
        let next = meta(9, "https://a.example/cart");
        let digest = digest("aaaaaaaa", &[&page, CLICK, &again, &next, "not json", "{}"]);
        assert_eq!((digest.events, digest.clicks, digest.dropped), (6, 1, 2));
        assert_eq!(digest.duration(), 8);
        let urls: Vec<_> = digest
            .page_views()
            .into_iter()
            .map(|view| view.url)
            .collect();
        assert_eq!(urls, ["https://a.example/", "https://a.example/cart"]);
    }

    #[test]
    fn keeps_the_first_and_the_last_of_too_many_pages() {
        let events: Vec<String> = (0..MAX_PAGE_VIEWS as u64 + 10)
            .map(|at| meta(at, &format!("u{at}")))
            .collect();
        let digest = digest(
            "aaaaaaaa",
            &events.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        assert_eq!(digest.addresses.len(), MAX_PAGE_VIEWS);
        assert_eq!(digest.addresses.last().unwrap().url, "u1009");
        assert_eq!(digest.addresses.first().unwrap().url, "u0");
    }

    fn identify(id: &str) -> String {
        format!(
            r#"{{"type":5,"data":{{"tag":"sentiero:identify","payload":{{"id":"{id}"}}}},"timestamp":7}}"#
        )
    }

    #[test]
    fn users_are_those_that_the_page_named() {
        let long = "ü".repeat(65);
        for (ids, expected) in [
            (&["b", "a", "b"][..], &["a", "b"][..]),
            (&["•••••", "", "x •••••"], &[]),
            (&["5", "4", "3", "2", "1"], &["1", "2", "3", "4"]),
            (&[long.as_str()], &[&long[..128]]),
        ] {
            let events: Vec<String> = ids.iter().map(|id| identify(id)).collect();
            let events: Vec<&str> = events.iter().map(String::as_str).collect();
            let users = digest("aaaaaaaa", &events).users;
            assert_eq!(
                users.iter().map(String::as_str).collect::<Vec<_>>(),
                expected
            );
        }
        let at_the_limit = "ü".repeat(64);
        assert_eq!(user_key(&at_the_limit), Some(at_the_limit.clone()));
        assert_eq!(user_key(&format!("x{at_the_limit}")).unwrap().len(), 127);
    }

    fn any_digest() -> impl Strategy<Value = Digest> {
        prop::collection::vec((0u64..50, 0u8..6), 0..12).prop_map(|events| {
            let texts: Vec<String> = events
                .into_iter()
                .map(|(at, kind)| match kind {
                    4 => identify(&format!("u-{}", at % 9)),
                    0 => CLICK.to_owned(),
                    1 => meta(at, &format!("u{}", at % 5)),
                    2 => format!(
                        r#"{{"type":5,"data":{{"tag":"error","payload":{{}}}},"timestamp":{at}}}"#
                    ),
                    _ => "broken".to_owned(),
                })
                .collect();
            digest(
                "aaaaaaaa",
                &texts.iter().map(String::as_str).collect::<Vec<_>>(),
            )
        })
    }

    fn merged(mut a: Digest, b: Digest) -> Digest {
        a.merge(b);
        a
    }

    proptest! {
        #[test]
        fn is_a_commutative_monoid(a in any_digest(), b in any_digest(), c in any_digest()) {
            prop_assert_eq!(merged(a.clone(), b.clone()), merged(b.clone(), a.clone()));
            prop_assert_eq!(merged(merged(a.clone(), b.clone()), c.clone()), merged(a.clone(), merged(b, c)));
            prop_assert_eq!(merged(a.clone(), Digest::default()), a);
        }
    }
}
