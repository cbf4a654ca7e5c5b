//! The analysis of one session: small, and a commutative monoid under
//! [`Digest::merge`], so batches may be digested anywhere, in any order.
//!
//! Late and repeated batches do no harm because a digest is made only of
//! events that were stored. Malformed events never fail a digest; they count.

mod bursts;
mod clicks;
mod strip;

pub use bursts::{Bursts, GAP};
pub use clicks::{Clicks, Frustration, JudgedClick, MAX_CLICKS, REACH, Verdict};
pub use strip::{BUCKETS, Bucket, Grid, Strip};

use crate::analytics::facts::Facts;
use crate::api::Moment;
use crate::event::{DROPPED_TAG, EventView, Kind};
use crate::id::{Millis, TabId};
use crate::mask::MASK;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Page views that a digest keeps.
pub const MAX_PAGE_VIEWS: usize = 4_000;

/// Bytes of JSON of the addresses that a digest keeps, about: of 4 000 usual ones all. The row
/// that holds them, and much else, must stay under 2 MB.
const MAX_ADDRESSES: usize = 400_000;

/// Bytes of a page's address that are kept, as JSON writes them.
pub const MAX_ADDRESS_BYTES: usize = 1_024;

/// Users that a digest keeps: people share a browser, but not many within one visit.
pub const MAX_USERS: usize = 4;

/// Bytes of a user's id that are kept.
pub const MAX_USER_BYTES: usize = 128;

/// Names of custom events that a digest keeps, those that sort first.
pub const MAX_NAMED: usize = 16;

/// Bytes of a custom event's name that are kept.
pub const MAX_NAME_BYTES: usize = 64;

/// Pairs of metadata that a digest keeps, those whose keys sort first, and [`RELEASE_KEY`].
pub const MAX_META: usize = 10;

/// The key of metadata by which a page says which release of it runs. It is always kept.
pub const RELEASE_KEY: &str = "release";

/// Bytes of a key of metadata; a pair with a longer one is not kept.
pub const MAX_KEY_BYTES: usize = 64;

/// Bytes of a value of metadata that are kept.
pub const MAX_VALUE_BYTES: usize = 128;

/// Bytes of the address that the visitor came from that are kept.
pub const MAX_REFERRER_BYTES: usize = 512;

/// What is kept of an id that a page gave to `identify`: at most [`MAX_USER_BYTES`] of it;
/// none if it was masked, because then it tells nobody from anybody.
pub fn user_key(id: &str) -> Option<String> {
    told(id, MAX_USER_BYTES)
}

/// At most `most` bytes of a text; none if it was masked, or is empty.
pub(crate) fn told(text: &str, most: usize) -> Option<String> {
    (!text.is_empty() && !text.contains(MASK)).then(|| cut(text, most).into())
}

/// The beginning of `text`, at most `most` bytes.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most))
        .unwrap_or_default()
}

/// JSON of a [`PageView`] without its address, bytes.
const JSON_OF_VIEW: usize = 48;

/// Bytes of a character in JSON.
fn escape(char: char) -> usize {
    match char {
        '"' | '\\' => 2,
        '\0'..='\x1f' => 6,
        char => char.len_utf8(),
    }
}

/// Bytes of a text in JSON.
pub(crate) fn escaped(text: &str) -> usize {
    text.chars().map(escape).sum()
}

/// What is kept of an address: its beginning, at most [`MAX_ADDRESS_BYTES`] of JSON; what is
/// written as an escape counts as long as it becomes.
pub fn address(href: &str) -> &str {
    let mut room = MAX_ADDRESS_BYTES;
    let end = href.char_indices().find(|(_, char)| {
        let rest = room.checked_sub(escape(*char));
        rest.map(|rest| room = rest).is_none()
    });
    end.and_then(|(end, _)| href.get(..end)).unwrap_or(href)
}

/// The name of a custom event that is kept; none if it is the recorder's own, or masked.
pub(crate) fn named(tag: &str) -> Option<String> {
    if is_ours(tag) || tag == "navigation" {
        return None;
    }
    told(tag, MAX_NAME_BYTES)
}

/// Whether a custom event is of the recorder, and not of the page.
fn is_ours(tag: &str) -> bool {
    tag == "error" || tag.starts_with("__") || tag.starts_with("sentiero:")
}

/// A page that was shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageView {
    /// When, ms since the epoch by the visitor's clock.
    pub at: Millis,
    /// In which page load.
    pub tab: TabId,
    /// Its address, as far as the site's URL mode leaves it; at most [`MAX_ADDRESS_BYTES`].
    pub url: String,
}

/// What a session contains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Digest {
    /// Events.
    pub events: u64,
    /// Clicks, also those of taps. A finger that comes down is none: it may scroll, and if it
    /// clicks, the browser tells that besides.
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
    /// When the visitor did something.
    #[serde(skip_serializing_if = "Bursts::is_empty")]
    pub bursts: Bursts,
    /// Where clicks were, and whether the page answered them.
    #[serde(skip_serializing_if = "Clicks::is_empty")]
    pub clicked: Clicks,
    /// How busy the visitor was, and when errors came.
    #[serde(skip_serializing_if = "Grid::is_empty")]
    pub grid: Grid,
    /// Names of custom events of the page's own, at most [`MAX_NAMED`].
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub named: BTreeSet<String>,
    /// What the page gave to `setMetadata`, and when; the last value of a key holds. At most
    /// [`MAX_META`]; values that were masked are not kept.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, (Millis, String)>,
    /// The address that the visitor came from, of the first page load that says it, and
    /// when; empty if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<(Millis, String)>,
    /// The first error, and the page load that threw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_error: Option<Moment>,
    /// What reports are made of.
    #[serde(skip_serializing_if = "Facts::is_empty")]
    pub facts: Facts,
}

impl Digest {
    /// The digest of some events of one tab.
    pub fn from_events<'a>(tab: &TabId, events: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut unreadable = 0;
        let views = events.into_iter().filter_map(|event| {
            let view = EventView::read(event);
            unreadable += u32::from(view.is_none());
            view
        });
        let mut digest = Self::from_views(tab, views);
        digest.events += u64::from(unreadable);
        digest.dropped += unreadable;
        digest
    }

    /// The same of events that were read already.
    pub fn from_views(tab: &TabId, views: impl IntoIterator<Item = EventView>) -> Self {
        let mut facts = Facts::default();
        let seen = views.into_iter().inspect(|view| facts.view(tab, view));
        let mut digest = Self::without_facts(tab, seen);
        facts.settle();
        digest.facts = facts;
        digest
    }

    /// The same without [`facts`](Self::facts): for whoever makes no reports of them, and would
    /// have to load the code that reads them.
    pub fn without_facts(tab: &TabId, views: impl IntoIterator<Item = EventView>) -> Self {
        let mut digest = Self::default();
        let mut clicked = clicks::ClickReader::default();
        let mut deeds = Vec::new();
        for view in views {
            let at = view.at;
            clicked.view(&view);
            if is_deed(&view.kind) {
                deeds.push(at);
                digest.grid.deed(at);
            }
            digest.add(tab, view);
        }
        digest.bursts = Bursts::of(deeds);
        digest.clicked = clicked.finish(tab);
        digest.trim();
        digest
    }

    fn add(&mut self, tab: &TabId, view: EventView) {
        let at = view.at;
        self.events += 1;
        let is_server = tab.is_server();
        if !is_server {
            self.span = merge_spans(self.span, Some((at, at)));
        }
        match view.kind {
            Kind::Meta { href, .. } => {
                self.addresses.insert(PageView {
                    at,
                    tab: tab.clone(),
                    url: address(&href).into(),
                });
            }
            Kind::Identified { user } => self.users.extend(user_key(&user)),
            Kind::Described { meta } => {
                for (key, value) in meta {
                    self.describe(at, key, &value);
                }
            }
            Kind::Custom { tag, .. } if tag == "error" => {
                self.errors += 1;
                if !is_server {
                    self.grid.error(at);
                }
                let tab = tab.clone();
                self.first_error = earlier(self.first_error.take(), Some(Moment { at, tab }));
            }
            Kind::Custom { tag, .. } if tag == DROPPED_TAG => self.dropped += 1,
            Kind::Custom { tag, .. } => self.named.extend(named(&tag)),
            Kind::Click { .. } => self.clicks += 1,
            _ => {}
        }
    }

    fn describe(&mut self, at: Millis, key: String, value: &str) {
        if key.len() > MAX_KEY_BYTES || key.is_empty() || key.contains(MASK) {
            return;
        }
        if let Some(value) = told(value, MAX_VALUE_BYTES) {
            keep_last(&mut self.meta, key, (at, value));
        }
    }

    /// Says where the visitor came from, as a page load told that began `at`.
    pub fn came_from(&mut self, at: Millis, referrer: &str) {
        let told = (at, cut(referrer, MAX_REFERRER_BYTES).into());
        self.referrer = earlier(self.referrer.take(), Some(told));
    }

    /// Adds another digest of the same session.
    pub fn merge(&mut self, mut other: Self) {
        self.facts.merge(core::mem::take(&mut other.facts));
        self.merge_without_facts(other);
    }

    /// The same of digests [without facts](Self::without_facts).
    pub fn merge_without_facts(&mut self, other: Self) {
        self.events += other.events;
        self.clicks += other.clicks;
        self.errors += other.errors;
        self.dropped += other.dropped;
        self.span = merge_spans(self.span, other.span);
        self.addresses.extend(other.addresses);
        self.users.extend(other.users);
        self.bursts.merge(other.bursts);
        self.clicked.merge(other.clicked);
        self.grid.merge(other.grid);
        self.named.extend(other.named);
        for (key, told) in other.meta {
            keep_last(&mut self.meta, key, told);
        }
        self.referrer = earlier(self.referrer.take(), other.referrer);
        self.first_error = earlier(self.first_error.take(), other.first_error);
        self.trim();
    }

    /// Keeps the earliest addresses and always the last one, and of other lists those that
    /// sort first.
    /// Keeping by order makes the result independent of the order of merging.
    fn trim(&mut self) {
        self.trim_addresses();
        while self.users.len() > MAX_USERS {
            self.users.pop_last();
        }
        while self.named.len() > MAX_NAMED {
            self.named.pop_last();
        }
        let release = self.meta.remove_entry(RELEASE_KEY);
        while self.meta.len() + usize::from(release.is_some()) > MAX_META {
            self.meta.pop_last();
        }
        self.meta.extend(release);
    }

    /// Keeps addresses until they are too much, with the one by which they are, and the last
    /// one: what was left out has no less in front of it later.
    fn trim_addresses(&mut self) {
        let bytes = |view: &PageView| JSON_OF_VIEW + escaped(&view.url);
        if self.addresses.len() <= MAX_PAGE_VIEWS
            && self.addresses.iter().map(bytes).sum::<usize>() <= MAX_ADDRESSES
        {
            return;
        }
        let (mut count, mut weight) = (0, 0);
        let last = self.addresses.pop_last();
        let over = self.addresses.iter().find(|view| {
            let is_over = weight > MAX_ADDRESSES || count + 1 >= MAX_PAGE_VIEWS;
            weight += bytes(view);
            count += 1;
            is_over
        });
        if let Some(over) = over.cloned() {
            self.addresses.split_off(&over);
        }
        self.addresses.extend(last);
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

/// What only a visitor does.
fn is_deed(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Click { .. }
            | Kind::Tap { .. }
            | Kind::Deed { .. }
            | Kind::Scrolled { .. }
            | Kind::Input { .. }
            | Kind::Use
    )
}

/// What may be the page's answer to a click.
fn is_answer(kind: &Kind) -> bool {
    match kind {
        Kind::FullSnapshot { .. }
        | Kind::Meta { .. }
        | Kind::Scrolled { .. }
        | Kind::Input { .. }
        | Kind::Use
        | Kind::Resized { .. }
        | Kind::Change => true,
        Kind::Custom { tag, .. } => !is_ours(tag),
        _ => false,
    }
}

/// Of two values of a key the later one stays; of two at one moment that which sorts last.
fn keep_last(meta: &mut BTreeMap<String, (Millis, String)>, key: String, told: (Millis, String)) {
    let known = meta.entry(key).or_default();
    if *known < told {
        *known = told;
    }
}

pub(crate) fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
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

    #[test]
    fn the_first_error_is_told_in_any_order() {
        let error = |at| {
            format!(r#"{{"type":5,"data":{{"tag":"error","payload":{{}}}},"timestamp":{at}}}"#)
        };
        let of = |name: &str, times: &[Millis]| {
            let events: Vec<String> = times.iter().map(|at| error(*at)).collect();
            Digest::from_events(&tab(name), events.iter().map(String::as_bytes))
        };
        let (a, b) = (of("aaaaaaaa", &[900, 500]), of("bbbbbbbb", &[400, 700]));
        let (mut one, mut other) = (a.clone(), b.clone());
        one.merge(b);
        other.merge(a);
        let tab = tab("bbbbbbbb");
        assert_eq!(one.first_error, Some(Moment { at: 400, tab }));
        assert_eq!(one, other);
        assert_eq!(of("aaaaaaaa", &[]).first_error, None);
    }

    const CLICK: &str =
        r#"{"type":3,"data":{"source":2,"type":2,"id":7,"x":1,"y":2},"timestamp":5}"#;

    fn digest(tab_name: &str, events: &[&str]) -> Digest {
        Digest::from_events(&tab(tab_name), events.iter().map(|event| event.as_bytes()))
    }

    /// As long as they are kept, and whatever is written as an escape.
    #[test]
    fn long_addresses_fit_into_a_row() {
        for (long, kept) in [("a", 1_024), ("\u{1}", 170), ("\"", 512), ("\u{e9}", 512)] {
            let href = long.repeat(2_000_000);
            assert_eq!(address(&href), long.repeat(kept), "{long:?}");
        }
        assert_eq!(address(&"a".repeat(1_024)).len(), 1_024);
        assert_eq!(address("https://a/?b#c"), "https://a/?b#c");
        let tab = TabId::new(&[1; 5]);
        let href = serde_json::to_string(&"\u{1}\\a".repeat(1_000)).unwrap();
        let events: Vec<String> = (0..MAX_PAGE_VIEWS)
            .map(|at| format!(r#"{{"type":4,"data":{{"href":{href}}},"timestamp":{at}}}"#))
            .collect();
        let digest = Digest::from_events(&tab, events.iter().map(String::as_bytes));
        let row = serde_json::to_vec(&digest.addresses).unwrap();
        assert!(
            (MAX_ADDRESSES - 10_000..MAX_ADDRESSES + 4_000).contains(&row.len()),
            "{}",
            row.len()
        );
        let last = digest.addresses.last().unwrap();
        assert_eq!(last.at, MAX_PAGE_VIEWS as u64 - 1);
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
        assert_eq!(digest.addresses.last().unwrap().url, "u4009");
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

    fn custom(at: Millis, tag: &str, payload: &str) -> String {
        format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
    }

    #[test]
    fn names_are_those_of_the_page() {
        let long = "ü".repeat(33);
        let tags = [
            "bought",
            "error",
            "__click",
            "navigation",
            "x •••••",
            &long,
            "sentiero:cost",
            "",
        ];
        let events: Vec<String> = tags.iter().map(|tag| custom(1, tag, "{}")).collect();
        let named = digest(
            "aaaaaaaa",
            &events.iter().map(String::as_str).collect::<Vec<_>>(),
        )
        .named;
        assert_eq!(
            named.into_iter().collect::<Vec<_>>(),
            ["bought", &long[..64]]
        );
        let events: Vec<String> = (10..30)
            .map(|n| custom(1, &format!("n{n}"), "{}"))
            .collect();
        let named = digest(
            "aaaaaaaa",
            &events.iter().map(String::as_str).collect::<Vec<_>>(),
        )
        .named;
        assert_eq!(
            (named.len(), named.last().map(String::as_str)),
            (MAX_NAMED, Some("n25"))
        );
    }

    #[test]
    fn the_last_value_of_metadata_holds() {
        let tag = "sentiero:metadata";
        let key = "k".repeat(MAX_KEY_BYTES + 1);
        let events = [
            custom(5, tag, r#"{"plan":"pro","n":7}"#),
            custom(3, tag, r#"{"plan":"free","mail":"•••••"}"#),
            custom(
                5,
                tag,
                &format!(r#"{{"{key}":"x","v":"{}"}}"#, "ä".repeat(65)),
            ),
        ];
        let found = digest("aaaaaaaa", &events.each_ref().map(String::as_str)).meta;
        let found: Vec<(&str, &str)> = found.iter().map(|(k, (_, v))| (&**k, &**v)).collect();
        assert_eq!(found, [("n", "7"), ("plan", "pro"), ("v", &"ä".repeat(64))]);
    }

    #[test]
    fn the_release_is_kept_however_much_else_is_told() {
        let many = (0..20).map(|n| format!(r#""a{n:02}":"x""#));
        let many = many.collect::<Vec<_>>().join(",");
        let tag = "sentiero:metadata";
        let one = digest("aaaaaaaa", &[&custom(1, tag, &format!("{{{many}}}"))]);
        assert_eq!(
            (one.meta.len(), one.meta.contains_key("a09")),
            (MAX_META, true)
        );
        let other = digest("aaaaaaaa", &[&custom(2, tag, r#"{"release":"1.2"}"#)]);
        let meta = merged(one, other).meta;
        assert_eq!(meta.len(), MAX_META);
        assert_eq!(meta[RELEASE_KEY], (2, "1.2".to_owned()));
        assert!(!meta.contains_key("a09"));
    }

    #[test]
    fn the_first_page_load_says_where_the_visitor_came_from() {
        let mut first = Digest::default();
        first.came_from(5, "https://shop.example/");
        let mut other = Digest::default();
        other.came_from(4, "");
        assert_eq!(
            merged(first.clone(), other.clone()).referrer,
            Some((4, String::new()))
        );
        assert_eq!(merged(other, first).referrer, Some((4, String::new())));
    }

    #[test]
    fn the_visitor_is_active_while_he_acts() {
        let at = |at: Millis, source: u8| {
            format!(r#"{{"type":3,"data":{{"source":{source}}},"timestamp":{at}}}"#)
        };
        // A page that moves by itself is not activity.
        let events = [
            at(0, 1),
            at(4_000, 3),
            at(8_000, 0),
            at(12_000, 0),
            at(30_000, 5),
            at(31_000, 5),
        ];
        let digest = digest("aaaaaaaa", &events.each_ref().map(String::as_str));
        assert_eq!((digest.bursts.total(), digest.duration()), (5_000, 31_000));
    }

    fn any_digest() -> impl Strategy<Value = Digest> {
        prop::collection::vec((0u64..50, 0u8..9), 0..30).prop_map(|events| {
            let texts: Vec<String> = events
                .into_iter()
                .map(|(at, kind)| match kind {
                    5 => custom(at * 977, &format!("named-{at}"), "{}"),
                    6 => custom(
                        at * 977,
                        "sentiero:metadata",
                        &format!(r#"{{"k{}":"{at}"}}"#, at % 15),
                    ),
                    7 => format!(
                        r#"{{"type":3,"data":{{"source":{}}},"timestamp":{}}}"#,
                        at % 4,
                        at * 977
                    ),
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
