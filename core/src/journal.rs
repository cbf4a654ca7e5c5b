//! What a browser keeps of batches that are not acknowledged, and what becomes of it.
//!
//! All pages of an origin share one journal. A page writes each batch under a key that
//! tells all about it ([`Entry`]), and removes it when the edge has it. [`survey`] looks
//! at nothing but keys: what pages left behind that are gone, what is to be given up.
//!
//! Who is gone is a guess, and a wrong one does no harm: then two pages upload the same
//! events, and the edge stores each once. So there is no lock: a page in the back/forward
//! cache would hold it, and what it has would have to wait.
//!
//! **Invariants.** Oldest sessions are given up first, and what is given up is counted. A
//! page never gives up what is its own. Nothing is looked at for longer than [`MAX_AGE`].

use crate::id::{Millis, SessionId, TabId};
use crate::text::{decimal, next_part, parse_decimal, spaced};
use crate::wire::MAX_BEHIND;
use alloc::string::String;

/// All batches together have at most this many bytes, of masked text.
pub const MAX_BYTES: u64 = 20 << 20;
/// At most so many page loads have something in the journal.
pub const MAX_PAGES: usize = 50;
/// Who has not uploaded a batch for this long is taken for gone, ms: a page that lives has
/// by then, or has no network.
pub const QUIET: Millis = 15_000;
/// Older sessions the edge would not take: [`MAX_BEHIND`], and a day for clocks that are off.
pub const MAX_AGE: Millis = MAX_BEHIND + 24 * 3_600_000;
/// Digits of the index in a key, so that keys sort by it.
const INDEX_DIGITS: usize = 10;

/// What is known of a batch in the journal: its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The session.
    pub sid: &'a str,
    /// The page load.
    pub tab: &'a str,
    /// One past the index of its last event.
    pub end: u32,
    /// Index of its first event.
    pub first: u32,
    /// Its size.
    pub bytes: u64,
    /// When it was written, by the browser's clock.
    pub at: Millis,
    /// Where it is to be uploaded to.
    pub upload: &'a str,
}

impl<'a> Entry<'a> {
    /// Its key: keys sort by session, page load and index.
    pub fn key(&self) -> String {
        spaced(&[
            self.sid,
            self.tab,
            &padded(self.end),
            &decimal(self.first.into()),
            &decimal(self.bytes),
            &decimal(self.at),
            self.upload,
        ])
    }

    /// Reads what [`Self::key`] wrote.
    pub fn read(key: &'a str) -> Option<Self> {
        let mut rest = Some(key);
        let mut next = || next_part(&mut rest, b' ');
        let (sid, tab) = (next()?, next()?);
        let mut number = || parse_decimal(next()?.as_bytes());
        Some(Self {
            sid,
            tab,
            end: number()?.try_into().ok()?,
            first: number()?.try_into().ok()?,
            bytes: number()?,
            at: number()?,
            upload: next()?,
        })
    }

    fn is_too_old(&self, now: Millis) -> bool {
        SessionId::parse(self.sid).is_ok_and(|sid| sid.start().saturating_add(MAX_AGE) < now)
    }
}

fn padded(index: u32) -> String {
    let digits = decimal(index.into());
    let mut text = String::new();
    for _ in digits.len()..INDEX_DIGITS {
        text.push('0');
    }
    text.push_str(&digits);
    text
}

/// The first and the last key that there can be of batches of a page load, up to the event
/// index `end`; between them a tab, which is in no key.
pub fn range(sid: &SessionId, tab: &TabId, end: u32) -> String {
    let mut range = spaced(&[sid.as_str(), tab.as_str(), "\t"]);
    range.push_str(&spaced(&[sid.as_str(), tab.as_str(), &padded(end)]));
    range.push('~');
    range
}

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its page is gone: it is to be uploaded.
    Upload,
    /// It is given up.
    Drop,
}

/// What was found in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Page loads that were given up.
    pub pages: u64,
    /// Events that were given up.
    pub events: u64,
    /// Some page may turn out to be gone: another look after [`QUIET`] is worth while.
    pub again: bool,
    /// Of the page's own there is more than [`MAX_BYTES`]: no more of it is to be kept.
    pub full: bool,
}

/// Looks at the `keys` of a journal, sorted and one a line, for a page that uploads to
/// `upload`. `own` says of which page loads it has the events itself, `gone` which are
/// known to be gone; `decide` hears what becomes of a batch, if anything does.
pub fn survey<'a>(
    keys: &'a str,
    upload: &str,
    now: Millis,
    own: &dyn Fn(&str) -> bool,
    gone: &dyn Fn(&str) -> bool,
    decide: &mut dyn FnMut(Fate, &'a str),
) -> Found {
    let (mut pages, mut bytes) = (0, 0_u64);
    each(keys, &mut |_, entry, is_first| {
        pages += usize::from(is_first);
        bytes = bytes.saturating_add(entry.map_or(0, |entry| entry.bytes));
    });
    let mut found = Found::default();
    let mut drops = false;
    each(keys, &mut |key, entry, is_first| {
        let Some(entry) = entry else {
            decide(Fate::Drop, key);
            return;
        };
        let is_own = own(entry.tab);
        if is_first {
            let too_much = bytes > MAX_BYTES || pages > MAX_PAGES;
            drops = !is_own && (too_much || entry.is_too_old(now));
            pages -= usize::from(drops);
            found.pages += u64::from(drops);
        }
        if drops {
            bytes -= entry.bytes;
            found.events += u64::from(entry.end.saturating_sub(entry.first));
            decide(Fate::Drop, key);
        } else if !is_own && entry.upload == upload {
            // Distances count: a clock that was set back must not make a page live for ever.
            if now.abs_diff(entry.at) >= QUIET || gone(entry.tab) {
                decide(Fate::Upload, key);
            } else {
                found.again = true;
            }
        }
    });
    found.full = bytes > MAX_BYTES;
    found
}

/// Calls `look` with each key, what it says, and whether its page load begins with it.
fn each<'a>(keys: &'a str, look: &mut dyn FnMut(&'a str, Option<Entry<'a>>, bool)) {
    let mut rest = Some(keys);
    let mut page = ("", "");
    while let Some(key) = next_part(&mut rest, b'\n') {
        if key.is_empty() {
            continue;
        }
        let entry = Entry::read(key);
        let of = entry.map_or(page, |entry| (entry.sid, entry.tab));
        look(key, entry, of != page);
        page = of;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{SESSION_ENTROPY, TAB_ENTROPY};
    use proptest::prelude::*;

    const NOW: Millis = 1_795_445_123_456;
    const UPLOAD: &str = "https://a.example/i/demo";

    fn sid(start: Millis) -> SessionId {
        SessionId::new(start, &[1; SESSION_ENTROPY])
    }

    fn tab(tab: u8) -> TabId {
        TabId::new(&[tab; TAB_ENTROPY])
    }

    /// A batch of ten events, of the session that begins `start` ms after another.
    #[derive(Clone, Copy)]
    struct Batch {
        start: u8,
        tab: u8,
        first: u32,
        bytes: u64,
        at: Millis,
        upload: &'static str,
    }

    fn batch(start: u8, tab: u8, first: u32) -> Batch {
        Batch {
            start,
            tab,
            first,
            bytes: 1_000,
            at: NOW - QUIET,
            upload: UPLOAD,
        }
    }

    impl Batch {
        fn key(&self) -> String {
            let sid = sid(NOW - 1_000 + u64::from(self.start));
            Entry {
                sid: sid.as_str(),
                tab: tab(self.tab).as_str(),
                end: self.first + 10,
                first: self.first,
                bytes: self.bytes,
                at: self.at,
                upload: self.upload,
            }
            .key()
        }
    }

    fn keys(batches: &[Batch]) -> Vec<String> {
        let mut keys: Vec<_> = batches.iter().map(Batch::key).collect();
        keys.sort();
        keys
    }

    #[derive(Debug, Default, PartialEq)]
    struct Seen {
        load: Vec<String>,
        drop: Vec<String>,
        found: Found,
    }

    fn look(keys: &[String], own: &[u8], gone: &[u8]) -> Seen {
        let of = |tabs: &[u8]| -> Vec<TabId> { tabs.iter().map(|of| tab(*of)).collect() };
        let (own, gone) = (of(own), of(gone));
        let among = |tabs: &[TabId], tab: &str| tabs.iter().any(|of| of.as_str() == tab);
        let mut seen = Seen::default();
        let (mut load, mut drop) = (Vec::new(), Vec::new());
        let keys = keys.join("\n");
        seen.found = survey(
            &keys,
            UPLOAD,
            NOW,
            &|tab| among(&own, tab),
            &|tab| among(&gone, tab),
            &mut |fate, key| match fate {
                Fate::Upload => load.push(key.to_owned()),
                Fate::Drop => drop.push(key.to_owned()),
            },
        );
        Seen { load, drop, ..seen }
    }

    #[test]
    fn keys_are_a_format() {
        let key = batch(0, 2, 7).key();
        let text = "01a208de6598aeaqcaibaeaqcaibaeaqcaibae aibaeaqc 0000000017 7 1000 1795445108456 https://a.example/i/demo";
        assert_eq!(key, text);
        assert_eq!(
            Entry::read(&key).map(|entry| entry.key()),
            Some(key.clone())
        );
        for bad in ["", "x", &key.replace(" 7 ", " x "), &key[..78]] {
            assert_eq!(Entry::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_sort_by_session_page_and_index_and_ranges_find_them() {
        let order = [
            batch(0, 9, 5),
            batch(1, 1, 2),
            batch(1, 1, 95),
            batch(1, 2, 0),
        ];
        assert_eq!(keys(&order), order.each_ref().map(Batch::key));
        let within = |end: u32| -> Vec<u32> {
            let range = range(&sid(NOW - 999), &tab(1), end);
            let (from, to) = range.split_once('\t').unwrap();
            let found = order
                .iter()
                .filter(|batch| (from..=to).contains(&&*batch.key()));
            found.map(|batch| batch.first).collect()
        };
        assert_eq!(within(11), [] as [u32; 0]);
        assert_eq!(within(12), [2]);
        assert_eq!(within(104), [2]);
        assert_eq!(within(105), [2, 95]);
        assert_eq!(within(u32::MAX), [2, 95]);
    }

    #[test]
    fn what_is_left_behind_is_uploaded_in_order() {
        let keys = keys(&[
            batch(2, 1, 0),
            batch(1, 9, 10),
            batch(1, 9, 0),
            Batch {
                upload: "https://b.example/",
                ..batch(0, 4, 0)
            },
            batch(2, 5, 0),
        ]);
        let seen = look(&keys, &[5], &[]);
        assert_eq!(seen.load, [&*keys[1], &keys[2], &keys[3]]);
        assert_eq!((seen.drop.len(), seen.found), (0, Found::default()));
    }

    #[test]
    fn a_page_that_wrote_just_now_may_live() {
        for (at, gone, loaded) in [
            (NOW - QUIET + 1, [].as_slice(), false),
            (NOW - QUIET, &[], true),
            (NOW, &[3], true),
            (NOW + QUIET - 1, &[], false),
            // The clock was set back.
            (NOW + QUIET, &[], true),
        ] {
            let keys = keys(&[Batch {
                at,
                ..batch(3, 3, 0)
            }]);
            let seen = look(&keys, &[], gone);
            assert_eq!(
                (!seen.load.is_empty(), seen.found.again),
                (loaded, !loaded),
                "{at}"
            );
        }
    }

    #[test]
    fn oldest_sessions_go_first_and_are_counted() {
        let big = |start, tab, first| Batch {
            bytes: MAX_BYTES / 4 + 1,
            ..batch(start, tab, first)
        };
        let all = keys(&[
            big(2, 1, 0),
            big(1, 2, 0),
            big(0, 3, 0),
            big(0, 3, 10),
            batch(3, 4, 0),
        ]);
        let seen = look(&all, &[], &[]);
        // A page load as a whole, though half of it would have done.
        assert_eq!(
            (seen.drop.as_slice(), seen.load.as_slice()),
            (&all[..2], &all[2..])
        );
        assert_eq!(
            (seen.found.pages, seen.found.events, seen.found.full),
            (1, 20, false)
        );
        // Never what is the page's own.
        let seen = look(&all, &[3], &[]);
        assert_eq!((seen.drop.as_slice(), seen.found.full), (&all[2..3], false));
        let own = keys(&[big(0, 1, 0), big(0, 1, 10), big(0, 1, 20), big(0, 1, 30)]);
        let seen = look(&own, &[1], &[]);
        assert_eq!((seen.drop.len(), seen.found.full), (0, true));
        let many: Vec<_> = (0..60).map(|tab| batch(tab, tab, 0)).collect();
        let many = keys(&many);
        let seen = look(&many, &[], &[]);
        assert_eq!((seen.found.pages, seen.load.len()), (10, MAX_PAGES));
        assert_eq!(seen.drop, many[..10]);
    }

    #[test]
    fn what_is_too_old_or_no_key_is_dropped() {
        let old = sid(NOW - MAX_AGE - 1);
        let mut all = keys(&[batch(0, 2, 0)]);
        all.insert(0, all[0].replace(sid(NOW - 1_000).as_str(), old.as_str()));
        all.push("nonsense".into());
        let seen = look(&all, &[], &[]);
        assert_eq!(seen.drop, [&*all[0], "nonsense"]);
        assert_eq!((seen.found.pages, seen.load.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn keeps_within_its_bounds(
            pages in proptest::collection::vec((0..200_u8, 1..9_000_000_u64, 0..3_u32, 0..40_000_u64), 0..90),
            own: u8,
        ) {
            let batches: Vec<_> = pages.iter().enumerate().flat_map(|(tab, (start, bytes, n, ago))| {
                let (tab, bytes, at) = (u8::try_from(tab).unwrap(), *bytes, NOW - ago);
                (0..=*n).map(move |i| Batch { bytes, at, ..batch(*start, tab, i * 10) })
            }).collect();
            let keys = keys(&batches);
            let seen = look(&keys, &[own], &[]);
            let own = tab(own);
            let read = |key: &'_ String| Entry::read(key).map(|entry| (entry.sid.to_owned(), entry.tab.to_owned(), entry.bytes)).unwrap();
            let kept: Vec<_> = keys.iter().filter(|key| !seen.drop.contains(key)).map(read).collect();
            let dropped: Vec<_> = seen.drop.iter().map(read).collect();
            let bytes: u64 = kept.iter().map(|(.., bytes)| bytes).sum();
            let foreign = kept.iter().filter(|(_, tab, _)| tab != own.as_str());
            prop_assert!(bytes <= MAX_BYTES || foreign.clone().count() == 0);
            prop_assert_eq!(seen.found.full, bytes > MAX_BYTES);
            prop_assert!(seen.load.is_sorted() && seen.load.iter().all(|key| !seen.drop.contains(key)));
            prop_assert!(dropped.iter().all(|(_, tab, _)| tab != own.as_str()));
            prop_assert_eq!(seen.found.events, 10 * u64::try_from(dropped.len()).unwrap());
            // No page load is cut in two, and none is dropped before an older one.
            prop_assert!(dropped.iter().all(|(_, of, _)| kept.iter().all(|(_, tab, _)| tab != of)));
            if let (Some(last), Some(first)) = (dropped.last(), foreign.min()) {
                prop_assert!(last.0 <= first.0);
            }
        }

        #[test]
        fn never_panics(keys: String) {
            survey(&keys, UPLOAD, NOW, &|_| false, &|_| false, &mut |_, _| ());
        }
    }
}
