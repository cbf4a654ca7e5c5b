use super::*;
use crate::filter;
use crate::recording::{SessionState, Visitor};
use alloc::vec::Vec;
use proptest::prelude::*;

fn row(start: u64, duration: u64, errors: u32) -> SessionRow {
    let sid = SessionId::new(start, &[7; 17]);
    SessionRow {
        duration,
        errors,
        events: duration + 1,
        rage: errors % 3,
        dead: errors % 2,
        ..SessionState::new(1, Visitor::default()).row(&sid, false)
    }
}

#[test]
fn every_order_puts_its_first_first() {
    let rows = [row(3, 5, 0), row(1, 5, 2), row(2, 9, 1)];
    for (sort, expected) in [
        (Sort::Newest, [3, 2, 1]),
        (Sort::Oldest, [1, 2, 3]),
        (Sort::Longest, [2, 3, 1]),
        (Sort::Events, [2, 3, 1]),
        (Sort::Errors, [1, 2, 3]),
        (Sort::Frustration, [2, 1, 3]),
    ] {
        let search = Search {
            sort,
            ..Search::default()
        };
        let mut sorted = rows.clone();
        sorted.sort_by(|a, b| search.order(a, b));
        assert_eq!(sorted.map(|row| row.started), expected, "{sort:?}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let cursor = Cursor::behind(Sort::Longest, &row(1, 5, 0)).to_string();
    for (query, expected) in [
        (
            "sort=size",
            "`sort` must be one of `newest`, `oldest`, `longest`, `events`, `errors`, `frustration`",
        ),
        ("limit=0", "`limit` must be a number from 1 to 200"),
        ("limit=201", "`limit` must be a number from 1 to 200"),
        ("limit=5&limit=5", "`limit` must not be given twice"),
        ("sort=newest&sort=oldest", "`sort` must not be given twice"),
        (
            "cursor=x",
            "`cursor` must be what `next` of the page before said",
        ),
        (
            "cursor=longest-1-x",
            "`cursor` must be what `next` of the page before said",
        ),
        (
            &alloc::format!("cursor={cursor}"),
            "`cursor` is a place in another order; begin anew when `sort` changes",
        ),
        ("until=1", "`until` is no parameter of this request"),
        ("from=x", "`from` must be a number of milliseconds"),
    ] {
        let error = Search::parse(query).unwrap_err();
        assert_eq!(error.to_string(), expected, "{query}");
    }
    for limit in [1, MAX_PAGE] {
        let search = Search::parse(&alloc::format!(
            "limit={limit}&sort=longest&cursor={cursor}"
        ));
        assert_eq!(search.unwrap().limit, limit);
    }
}

fn any_search() -> impl Strategy<Value = Search> {
    let place = prop::option::of((any::<u32>(), any::<u32>()));
    let sort = prop::sample::select(Sort::ALL.to_vec());
    (filter::tests::any_filter(), sort, place, 1..=MAX_PAGE).prop_map(
        |(filter, sort, place, limit)| {
            let cursor = place.map(|(start, value)| Cursor {
                sort,
                value: value.into(),
                sid: SessionId::new(start.into(), &[9; 17]),
            });
            Search {
                filter,
                sort,
                cursor,
                limit,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(search in any_search()) {
        prop_assert_eq!(&Search::parse(&search.to_query()).unwrap(), &search);
        let json = serde_json::to_string(&search).unwrap();
        prop_assert_eq!(serde_json::from_str::<Search>(&json).unwrap(), search);
    }

    #[test]
    fn a_cursor_is_behind_its_row_and_before_the_next(
        sort in prop::sample::select(Sort::ALL.to_vec()),
        rows in prop::collection::btree_map(0u64..50, (0u64..4, 0u32..4), 0..12),
    ) {
        let search = Search { sort, ..Search::default() };
        let mut rows: Vec<SessionRow> = rows.into_iter()
            .map(|(start, (duration, errors))| row(start, duration, errors))
            .collect();
        rows.sort_by(|a, b| search.order(a, b));
        for (at, last) in rows.iter().enumerate() {
            let cursor = Cursor::parse(&Cursor::behind(sort, last).to_string()).unwrap();
            let later: Vec<bool> = rows.iter().map(|row| cursor.is_before(row)).collect();
            let expected: Vec<bool> = (0..rows.len()).map(|index| index > at).collect();
            prop_assert_eq!(later, expected);
        }
    }

    #[test]
    fn anything_is_no_cursor(text in "[a-z0-9-]{0,60}") {
        let _ = Cursor::parse(&text);
    }
}
