use super::*;
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::filter::Filter;
use crate::id::SessionId;
use crate::recording::{SessionState, Visitor};
use crate::store::memory::{Fault, Memory, Trouble};
use pollster::block_on;
use proptest::prelude::*;

const DAY: u64 = 86_400_000;

fn site() -> SiteKey {
    SiteKey::parse("demo").unwrap()
}

fn put(store: &Memory, at: u64, country: &str) -> SessionRow {
    let sid = SessionId::new(at, &[7; 17]);
    let row = SessionRow {
        country: Some(country.to_owned()),
        ..SessionState::new(1, Visitor::default()).row(&sid, false)
    };
    block_on(store.upsert(&site(), &row, &Packed::default(), 1)).unwrap();
    row
}

fn file<'a>(store: &'a Memory, export: &Export, at_once: u32) -> File<&'a Memory> {
    let span = Span {
        oldest: 0,
        newest: 1_000 * DAY,
    };
    let mut file = File::new(store, site(), span, export);
    file.next.as_mut().unwrap().limit = at_once;
    file
}

fn pieces(mut file: File<&Memory>) -> Vec<String> {
    let mut pieces = Vec::new();
    while let Some(piece) = block_on(file.next()).unwrap() {
        pieces.push(String::from_utf8(piece).unwrap());
    }
    pieces
}

fn rows(pieces: &[String]) -> Vec<SessionRow> {
    let text = pieces.concat();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn nobody_is_a_file_all_the_same() {
    let store = &Memory::default();
    assert_eq!(pieces(file(store, &Export::default(), 5)), [""; 0]);
    let csv = Export {
        form: Form::Csv,
        ..Export::default()
    };
    let only_heads = pieces(file(store, &csv, 5));
    assert_eq!(only_heads, [Form::Csv.head()]);
}

#[test]
fn what_comes_or_goes_meanwhile_hides_nobody() {
    let store = &Memory::default();
    let there: Vec<SessionRow> = (1..=6).map(|day| put(store, day * DAY, "DE")).collect();
    let mut file = file(store, &Export::default(), 2);
    let mut got = vec![String::from_utf8(block_on(file.next()).unwrap().unwrap()).unwrap()];
    put(store, 9 * DAY, "DE");
    block_on(store.erase(&site(), &there[5].sid)).unwrap();
    block_on(store.erase(&site(), &there[2].sid)).unwrap();
    got.extend(pieces(file));
    let days: Vec<u64> = rows(&got).iter().map(|row| row.started / DAY).collect();
    assert_eq!(days, [6, 5, 4, 2, 1]);
}

#[test]
fn what_cannot_be_read_ends_it_with_an_error() {
    let store = &Memory::default();
    for day in 1..=4 {
        put(store, day * DAY, "DE");
    }
    let mut file = file(store, &Export::default(), 2);
    assert!(block_on(file.next()).unwrap().is_some());
    let fault = Fault::Failed;
    store.plan(0, Trouble { fault, hold: None });
    block_on(file.next()).unwrap_err();
}

proptest! {
    /// Any page size gives the rows that the list has, each once and in its order.
    #[test]
    fn it_holds_what_the_list_does(
        starts in prop::collection::btree_set(1u64..400, 0..40),
        at_once in 1u32..12,
        oldest: bool,
        german: bool,
    ) {
        let store = &Memory::default();
        let mut expected: Vec<SessionRow> = starts.iter()
            .map(|day| put(store, day * DAY, if day % 3 == 0 { "DE" } else { "FR" }))
            .filter(|row| !german || row.country.as_deref() == Some("DE"))
            .collect();
        if !oldest {
            expected.reverse();
        }
        let filter = Filter { country: german.then(|| "DE".to_owned()), ..Filter::default() };
        let export = Export { filter, oldest, form: Form::Ndjson };
        let pieces = pieces(file(store, &export, at_once));
        for piece in &pieces {
            prop_assert!(piece.lines().count() <= usize::try_from(at_once).unwrap());
        }
        prop_assert_eq!(rows(&pieces), expected);
    }
}
