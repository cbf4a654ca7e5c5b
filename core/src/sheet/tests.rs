use super::*;
use crate::analytics::report::Who;
use crate::facets::{Facets, MAX_FACETS};
use crate::filter::MAX_META;
use crate::id::SessionId;
use crate::listing::{Cursor, Search, Sort};
use crate::recording::{SessionState, Visitor};
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Few texts, so that they are often equal, parts of each other, and none.
const TEXTS: [&str; 8] = [
    "",
    "a",
    "A",
    "ab",
    "Straße",
    "https://a/B",
    "0",
    "00000000000",
];

fn text() -> impl Strategy<Value = String> {
    select(&TEXTS).prop_map(str::to_owned)
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..3_u64, 1 => any::<u16>().prop_map(u64::from), 1 => 0..u64::MAX]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0..3_u32, 1 => any::<u32>()]
}

/// Starts that often are equal; an id holds 48 bits of it.
fn sid() -> impl Strategy<Value = SessionId> {
    let start = prop_oneof![9 => 1_000..1_004_u64, 1 => 0..(1_u64 << 48)];
    (start, 0..6_u8).prop_map(|(start, random)| SessionId::new(start, &[random; 17]))
}

prop_compose! {
    fn row()(
        sid in sid(),
        live in any::<bool>(),
        (duration, events) in (number(), number()),
        (errors, rage, dead) in (count(), count(), count()),
        places in vec(option::of(text()), 7),
        (users, named, visited) in (vec(text(), 0..3), vec(text(), 0..3), vec(text(), 0..4)),
        meta in btree_map(text(), text(), 0..3),
        (entry, exit) in (text(), text()),
    ) -> SessionRow {
        let mut places = places.into_iter();
        let mut place = || places.next().flatten();
        SessionRow {
            live, duration, events, errors, rage, dead, users, named, visited, meta, entry, exit,
            country: place(), region: place(), timezone: place(), browser: place(), os: place(), device: place(), referrer: place(),
            ..SessionState::new(1, Visitor::default()).row(&sid, false)
        }
    }
}

/// A filter, often with others in it, which are so, too.
fn filter() -> impl Strategy<Value = Filter> {
    flat_filter().prop_recursive(2, 6, 2, |inner| {
        let some = || vec(inner.clone(), 0..3);
        (flat_filter(), some(), some()).prop_map(|(filter, any, not)| Filter { any, not, ..filter })
    })
}

prop_compose! {
    fn flat_filter()(
        (from, before) in (rare(1_000..1_005_u64), rare(1_000..1_005_u64)),
        texts in vec(rare(text()), 11),
        words in rare(prop_oneof![
            3 => text(),
            1 => sid().prop_map(|sid| sid.to_string()),
            1 => (sid(), 1..=12_usize).prop_map(|(sid, end)| sid.as_str()[..end].to_uppercase()),
        ]),
        meta in prop_oneof![4 => Just(BTreeMap::new()), 1 => btree_map(text(), text(), 0..MAX_META)],
        (errors, rage, dead) in (rare(Just(())), rare(Just(())), rare(Just(()))),
        (min_duration, max_duration) in (rare(number()), rare(number())),
        live in rare(any::<bool>()),
    ) -> Filter {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().flatten();
        Filter {
            from, before, meta, min_duration, max_duration, live,
            errors: errors.is_some(), rage: rage.is_some(), dead: dead.is_some(),
            user: text(), country: text(), region: text(), timezone: text(), browser: text(), os: text(), device: text(),
            entry: text(), url: text(), referrer: text(), event: text(),
            q: words,
            any: Vec::new(), not: Vec::new(),
        }
    }
}

fn rare<T: core::fmt::Debug + Clone>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.15, strategy)
}

/// Rows in the order of their ids, each id once.
fn rows() -> impl Strategy<Value = Vec<SessionRow>> {
    vec(row(), 0..40).prop_map(|rows| {
        let rows = rows.into_iter().map(|row| (row.sid.clone(), row));
        rows.collect::<BTreeMap<_, _>>().into_values().collect()
    })
}

/// The rows as sheets, none of which ends within a millisecond.
fn sheets(rows: &[SessionRow], most: usize) -> Vec<Written> {
    let mut sheets: Vec<Vec<SessionRow>> = Vec::new();
    for row in rows {
        match sheets.last_mut() {
            Some(last) if last.len() < most || last.last().unwrap().started == row.started => {
                last.push(row.clone());
            }
            _ => sheets.push([row.clone()].into()),
        }
    }
    sheets.iter().map(|rows| write(rows)).collect()
}

fn look<'a>(sheet: &'a Written, filter: &Filter) -> Sheet<'a> {
    let needs = Needs::of(filter);
    let names = needs.names.then_some(sheet.names.as_slice());
    let pages = needs.pages.then_some(sheet.pages.as_slice());
    Sheet::read(&sheet.facts, names, pages).unwrap()
}

fn place(row: &SessionRow, sort: Sort, rows: &[SessionRow]) -> Place {
    let smaller = |other: &&SessionRow| other.started == row.started && other.sid < row.sid;
    Place {
        value: sort.value(row),
        start: row.started,
        rank: u32::try_from(rows.iter().filter(smaller).count()).unwrap(),
    }
}

proptest! {
    #[test]
    fn they_count_what_core_counts(rows in rows(), filter in filter(), most in 1..20_usize) {
        prop_assume!(decides(&filter));
        let sheets = sheets(&rows, most);
        let mut tally = Tally::new(&filter);
        for sheet in &sheets {
            tally.add(&look(sheet, &filter)).unwrap();
        }
        prop_assert_eq!(tally.facets(MAX_FACETS), Facets::of(rows.iter(), &filter));
    }

    #[test]
    fn reports_are_told_what_the_rows_say(rows in rows(), filter in filter(), most in 1..20_usize) {
        prop_assume!(decides(&filter));
        let mut told = Vec::new();
        for sheet in &sheets(&rows, most) {
            let pages = Some(sheet.pages.as_slice());
            let sheet = Sheet::read(&sheet.facts, Some(&sheet.names), pages).unwrap();
            let rows = Rows::of(&sheet, &filter).unwrap();
            rows.each(|_, who| {
                told.push(format!("{who:?}"));
                Ok::<(), Malformed>(())
            }).unwrap();
        }
        let wanted = rows.iter().filter(|row| filter.matches(row));
        let wanted: Vec<String> = wanted
            .map(|row| {
                let rank = place(row, Sort::Newest, &rows).rank;
                format!("{:?}", Who::of(row, rank))
            })
            .collect();
        prop_assert_eq!(told, wanted);
    }

    /// Also behind a session that is gone.
    #[test]
    fn they_find_the_places_of_each_page(
        rows in rows(),
        filter in filter(),
        most in 1..20_usize,
        sort in select(&Sort::ALL),
        limit in 1..8_u32,
        cursor in option::of(row()),
        own in any::<prop::sample::Index>(),
    ) {
        prop_assume!(decides(&filter));
        let behind = match cursor {
            Some(_) if !rows.is_empty() && limit % 2 == 0 => Some(own.get(&rows).clone()),
            other => other,
        };
        let cursor = behind.map(|row| Cursor::behind(sort, &row));
        let search = Search { filter, sort, cursor, limit };
        let before = search.cursor.as_ref().map_or(0, |cursor| {
            let counted = rows.iter().filter(|row| row.started == cursor.sid.start());
            let counted = counted.filter(|row| match sort {
                Sort::Oldest => row.sid <= cursor.sid,
                _ => row.sid < cursor.sid,
            });
            u32::try_from(counted.count()).unwrap()
        });
        let mut sheets = sheets(&rows, most);
        if sort != Sort::Oldest {
            sheets.reverse();
        }
        let mut top = Top::new(&search, before);
        for sheet in &sheets {
            top.add(&look(sheet, &search.filter)).unwrap();
            if top.is_done() {
                break;
            }
        }
        let mut expected: Vec<&SessionRow> = rows.iter().filter(|row| search.takes(row)).collect();
        expected.sort_by(|a, b| search.order(a, b));
        expected.truncate(limit as usize);
        let expected: Vec<Place> = expected.into_iter().map(|row| place(row, sort, &rows)).collect();
        prop_assert_eq!(top.places(), expected);
    }

    #[test]
    fn what_is_no_sheet_is_refused_or_looked_at(
        rows in rows(),
        filter in filter(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut sheet = write(&rows);
        for part in [&mut sheet.facts, &mut sheet.names, &mut sheet.pages] {
            for (at, byte) in &changes {
                let at = at.index(part.len());
                part[at] = *byte;
            }
        }
        let Written { facts, names, pages } = &sheet;
        for facts in [facts.as_slice(), &facts[..cut.index(facts.len())]] {
            if let Ok(sheet) = Sheet::read(facts, Some(names), Some(pages)) {
                let _ = Tally::new(&filter).add(&sheet);
                let _ = Top::new(&Search::default(), 0).add(&sheet);
            }
        }
    }

    #[test]
    fn bytes_are_refused_or_looked_at(bytes in vec(any::<u8>(), 0..200)) {
        let bytes = [&[VERSION], bytes.as_slice()].concat();
        if let Ok(sheet) = Sheet::read(&bytes, Some(&bytes), Some(&bytes)) {
            let _ = Tally::new(&Filter::default()).add(&sheet);
        }
    }
}

fn searched(q: &str) -> Filter {
    Filter {
        q: Some(q.to_owned()),
        ..Filter::default()
    }
}

#[test]
fn they_do_not_decide_what_an_id_has_after_its_start() {
    assert!(decides(&Filter::default()));
    assert!(decides(&searched("0123456789AB")));
    assert!(!decides(&searched("0123456789ABx")));
    assert!(decides(&searched("0123456789Axx")));
    assert!(decides(&searched("ä123456789abcd")));
}

#[test]
fn a_beginning_of_an_id_is_a_span_of_starts() {
    assert_eq!(starts_with(""), Some((0, (1 << 48) - 1)));
    assert_eq!(
        starts_with("0123456789ab"),
        Some((0x0123_4567_89ab, 0x0123_4567_89ab))
    );
    assert_eq!(
        starts_with("0123456789a"),
        Some((0x0123_4567_89a0, 0x0123_4567_89af))
    );
    assert_eq!(starts_with("0123456789abc"), None);
    assert_eq!(starts_with("+1"), None);
}

#[test]
fn a_filter_needs_no_more_than_it_looks_at() {
    let needs = |query: &str| {
        let needs = Needs::of(&Filter::parse(query).unwrap());
        (needs.names, needs.pages)
    };
    assert_eq!(
        needs("country=DE&errors=true&event=x&from=1&live=true"),
        (false, false)
    );
    assert_eq!(needs("user=x"), (true, false));
    assert_eq!(needs("meta.a=b"), (true, false));
    assert_eq!(needs("referrer=x"), (true, false));
    assert_eq!(needs("entry=x"), (false, true));
    assert_eq!(needs("url=x"), (false, true));
    assert_eq!(needs("q=x"), (true, true));
    // Who reads less than that is told.
    let sheet = write(&[]);
    let sheet = Sheet::read(&sheet.facts, None, None).unwrap();
    let filter = searched("x");
    assert_eq!(Tally::new(&filter).add(&sheet), Err(Malformed));
}

#[test]
fn a_number_of_each_width_is_itself() {
    for most in [
        0,
        1,
        0xff,
        0x100,
        0xffff,
        0x1_0000,
        0xff_ffff,
        0x100_0000,
        u64::MAX >> 8,
        u64::MAX,
    ] {
        for base in [0, 1_795_000_000_000] {
            let values = [base, base + (most - base.min(most))];
            let mut bytes = [VERSION].to_vec();
            columns::write_column(&mut bytes, &values);
            let mut reader = Reader::of(&bytes, VERSION).unwrap();
            assert_eq!(reader.column(2).unwrap().values(), values, "{most}");
            reader.end().unwrap();
        }
    }
}

#[test]
fn what_grows_too_large_says_so() {
    let row = SessionRow {
        named: ["x".repeat(MAX_PART)].into(),
        ..SessionState::new(1, Visitor::default()).row(&SessionId::new(1, &[7; 17]), false)
    };
    assert!(write(core::slice::from_ref(&row)).is_too_large());
    let rows = [SessionRow {
        named: Vec::new(),
        ..row
    }];
    assert!(!write(&rows).is_too_large());
}

/// What the documents say of its size.
#[test]
fn ordinary_rows_are_small() {
    let rows: Vec<SessionRow> = (0..u64::from(ROWS))
        .map(|i| {
            let mixed = i.wrapping_mul(2_654_435_761) % 4_294_967_291;
            SessionRow {
                duration: mixed % 1_800_000,
                events: mixed % 5_000,
                country: Some("DE".to_owned()),
                named: ["cart".to_owned()].into(),
                users: [format!("kunde-{mixed}")].into(),
                entry: format!("https://shop.example/artikel/{}", mixed % 200),
                ..SessionState::new(1, Visitor::default()).row(
                    &SessionId::new(1_795_000_000_000 + i * 2_592, &[7; 17]),
                    false,
                )
            }
        })
        .collect();
    let sheet = write(&rows);
    assert!(sheet.facts.len() < 20 * rows.len(), "{}", sheet.facts.len());
    assert!(sheet.pages.len() < 20 * rows.len(), "{}", sheet.pages.len());
}
