//! Properties of [`Index`].

use super::{Broken, Case, Outcome, equal, holds, row, suite};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::digest::Strip;
use crate::facets::Facets;
use crate::filter::Filter;
use crate::id::{Millis, Month, SessionId, SiteKey};
use crate::listing::{Cursor, Search, Sort};
use crate::quota::{Admission, Exhausted, Quota};
use crate::store::{Index, MaskedSum, Span};
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

suite!(Index:
    an_empty_site_has_no_rows,
    a_row_comes_back_whole,
    a_row_without_what_may_be_missing,
    the_largest_numbers_are_kept,
    the_newest_come_first,
    no_more_than_the_limit,
    a_cursor_walks_over_every_row_once,
    every_order_walks_over_every_row_once,
    a_filter_takes_what_it_means,
    facets_count_what_a_filter_takes,
    an_erased_row_is_counted_no_more,
    every_answer_follows_every_write,
    pages_reach_over_months,
    an_empty_month_does_not_end_a_list,
    what_started_before_the_span_is_left_out,
    a_later_revision_takes_the_place_of_a_row,
    an_earlier_revision_changes_nothing,
    the_same_revision_again_is_the_same_row,
    an_erased_row_is_gone_and_no_other,
    an_erased_session_lets_no_later_row_in,
    a_session_can_be_erased_before_its_first_row,
    erasing_twice_does_no_harm,
    what_is_forgotten_is_let_in_again,
    forgetting_what_was_never_there_does_no_harm,
    masked_values_are_summed_over_months,
    a_sum_counts_each_session_once,
    a_sum_leaves_out_what_is_older_or_erased,
    sites_do_not_see_each_other,
    what_is_erased_is_known_until_it_is_forgotten,
    a_verdict_stays,
    a_session_counts_once,
    who_is_refused_does_not_count,
    days_and_months_are_counted_apart,
    sites_have_quotas_and_erasures_of_their_own,
);

const DAY: Millis = 86_400_000;

pub(super) fn everything(case: &Case) -> Span {
    Span {
        oldest: case.now.saturating_sub(200 * DAY),
        newest: case.now.saturating_add(DAY),
    }
}

async fn page<S: Index>(
    store: &S,
    case: &Case,
    before: Option<&SessionId>,
    limit: u32,
) -> Result<Vec<SessionRow>, Broken> {
    let search = Search {
        cursor: before.map(newest_before),
        limit,
        ..Search::default()
    };
    Ok(store.page(&case.site, everything(case), &search).await?)
}

fn newest_before(sid: &SessionId) -> Cursor {
    Cursor {
        sort: Sort::Newest,
        value: 0,
        sid: sid.clone(),
    }
}

/// The first page of ten.
fn ten() -> Search {
    Search {
        limit: 10,
        ..Search::default()
    }
}

/// All sessions, newest first.
async fn sids<S: Index>(store: &S, case: &Case) -> Result<Vec<SessionId>, Broken> {
    let rows = page(store, case, None, 1_000).await?;
    Ok(rows.into_iter().map(|row| row.sid).collect())
}

async fn put_all<S: Index>(store: &S, case: &Case, sids: &[SessionId]) -> Outcome {
    for sid in sids {
        store
            .upsert(&case.site, &row(sid), &Packed::default(), 1)
            .await?;
    }
    Ok(())
}

fn with_events(sid: &SessionId, events: u64) -> SessionRow {
    SessionRow { events, ..row(sid) }
}

fn with_masked(sid: &SessionId, masked: u64) -> SessionRow {
    SessionRow { masked, ..row(sid) }
}

/// Before the first session there is nothing, and that is no failure.
async fn an_empty_site_has_no_rows<S: Index>(store: &S, case: &Case) -> Outcome {
    equal("rows", &page(store, case, None, 10).await?, &Vec::new())?;
    let sum = store.masked(&case.site, everything(case)).await?;
    equal("sum", &sum, &MaskedSum::default())
}

/// Every field.
async fn a_row_comes_back_whole<S: Index>(store: &S, case: &Case) -> Outcome {
    let mut expected = vec![row(&case.sid(1)), row(&case.sid(0))];
    for (row, live) in expected.iter_mut().zip([true, false]) {
        row.live = live;
        store.upsert(&case.site, row, &Packed::default(), 1).await?;
    }
    equal("rows", &page(store, case, None, 10).await?, &expected)
}

/// What the edge does not know of a visitor stays unknown.
async fn a_row_without_what_may_be_missing<S: Index>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    let bare = SessionRow {
        country: None,
        region: None,
        timezone: None,
        browser: None,
        os: None,
        device: None,
        entry: String::new(),
        exit: String::new(),
        users: Vec::new(),
        referrer: None,
        strip: Strip::default(),
        visited: Vec::new(),
        named: Vec::new(),
        meta: BTreeMap::new(),
        ..row(&sid)
    };
    store
        .upsert(&case.site, &bare, &Packed::default(), 1)
        .await?;
    equal("rows", &page(store, case, None, 10).await?, &vec![bare])
}

/// As far as a number of JavaScript is exact.
async fn the_largest_numbers_are_kept<S: Index>(store: &S, case: &Case) -> Outcome {
    let exact = (1u64 << 53) - 1;
    let large = SessionRow {
        duration: exact,
        tabs: u32::MAX,
        pages: u32::MAX,
        events: exact,
        clicks: u32::MAX,
        errors: u32::MAX,
        bytes: exact,
        masked: exact,
        active: exact,
        rage: u32::MAX,
        dead: u32::MAX,
        more: u32::MAX,
        ..row(&case.sid(0))
    };
    store
        .upsert(&case.site, &large, &Packed::default(), exact)
        .await?;
    equal("rows", &page(store, case, None, 10).await?, &vec![large])?;
    let sum = store.masked(&case.site, everything(case)).await?;
    let expected = MaskedSum {
        sessions: 1,
        values: exact,
    };
    equal("sum", &sum, &expected)
}

/// By their start, whatever the order in which they were written.
async fn the_newest_come_first<S: Index>(store: &S, case: &Case) -> Outcome {
    let [a, b, c] = [0, 1, 60_000].map(|after| case.sid(after));
    put_all(store, case, &[b.clone(), c.clone(), a.clone()]).await?;
    equal("order", &sids(store, case).await?, &vec![c, b, a])
}

/// One less than there are, as many, and one more.
async fn no_more_than_the_limit<S: Index>(store: &S, case: &Case) -> Outcome {
    let all: Vec<SessionId> = (0..3).map(|after| case.sid(after)).collect();
    put_all(store, case, &all).await?;
    for (limit, expected) in [(1, 1), (2, 2), (3, 3), (4, 3)] {
        let found = page(store, case, None, limit).await?.len();
        equal(format!("limit {limit}"), &found, &expected)?;
    }
    Ok(())
}

/// Also from a cursor that is not there any more, or lies beyond every row.
async fn a_cursor_walks_over_every_row_once<S: Index>(store: &S, case: &Case) -> Outcome {
    let all: Vec<SessionId> = (0..7).rev().map(|after| case.sid(after)).collect();
    put_all(store, case, &all).await?;
    let mut walked = Vec::new();
    let mut before = None;
    // As often as would be enough for as many again: one that begins anew has no end.
    for _ in 0..6 {
        let rows = page(store, case, before.as_ref(), 3).await?;
        let Some(last) = rows.last() else { break };
        before = Some(last.sid.clone());
        walked.extend(rows.into_iter().map(|row| row.sid));
    }
    equal("walked", &walked, &all)?;
    let beyond = page(store, case, Some(&case.sid(60_000)), 10).await?.len();
    equal("from beyond the newest", &beyond, &7)?;
    store.erase(&case.site, &case.sid(3)).await?;
    let rows = page(store, case, Some(&case.sid(3)), 10).await?.len();
    equal("from one that is gone", &rows, &3)
}

/// Sessions that differ in everything a filter asks for, over three months; half of what
/// they say is shared with others.
pub(super) fn various(case: &Case) -> Vec<SessionRow> {
    (0..40_u32).map(|n| one_of_various(case, n)).collect()
}

fn one_of_various(case: &Case, n: u32) -> SessionRow {
    let sid = Case::started(case.now.saturating_sub(Millis::from(n) * 2 * DAY));
    // No two of these go round together.
    let [two, three, five, seven] = [2, 3, 5, 7].map(|size| n % size);
    let some = |text: &str, given: bool| given.then(|| text.to_owned());
    let page = |index: u32| format!("https://shop.example/Seite/{index}%_/ÄÖ");
    SessionRow {
        duration: Millis::from(three) * 10_000,
        live: five == 4,
        events: u64::from(n * 13 % 17),
        errors: two * three,
        rage: u32::from(seven == 6),
        dead: three,
        users: some(&format!("Kunde \"{five}\""), three > 0)
            .into_iter()
            .collect(),
        entry: page(three),
        exit: page(five),
        country: some("DE", two == 0).or_else(|| some("FR", three == 0)),
        region: some("DE-BE", two == 0 && five < 3).or_else(|| some("FR-IDF", three == 0)),
        timezone: some("Europe/Berlin", seven < 3).or_else(|| some("Europe/Paris", five == 2)),
        browser: some("Firefox", three == 1).or_else(|| some("Chrome", seven < 4)),
        os: some("Windows", five < 2),
        device: some("mobile", two == 1),
        referrer: some("https://Suche.example/a?b", seven > 3),
        visited: [page(three), page(seven + 10)].into(),
        named: [some("bought", two == 1), some("it's \"odd\"", five == 3)]
            .into_iter()
            .flatten()
            .collect(),
        meta: [("plan", two), ("größe:1", three)]
            .map(|(key, value)| (key.to_owned(), format!("{value}:x")))
            .into(),
        ..row(&sid)
    }
}

/// Every kind of condition that does not depend on the case, such that take some of
/// [`various`] and such that take none.
const CONDITIONS: [&str; 52] = [
    "",
    "user=Kunde \"2\"",
    "user=kunde \"2\"",
    "country=DE",
    "country=D",
    "region=DE-BE",
    "region=DE",
    "timezone=Europe/Paris",
    "timezone=Europe",
    "region=FR-IDF&timezone=Europe/Berlin&country=DE",
    "browser=Firefox",
    "os=Windows",
    "device=mobile",
    "entry=https://shop.example/Seite/1%25_/ÄÖ",
    "entry=https://shop.example/Seite",
    "url=seite/12%25_",
    "url=SEITE/4",
    "url=ÄÖ",
    "url=äö",
    "url=%25",
    "url=se_te",
    "referrer=suche.EXAMPLE",
    "referrer=shop",
    "event=bought",
    "event=it's \"odd\"",
    "event=odd",
    "errors=true",
    "rage=true",
    "dead=true",
    "min_duration=10000",
    "max_duration=9999",
    "min_duration=1&max_duration=10000",
    "live=true",
    "live=false",
    "q=unde \"1",
    "q=seite/16",
    "q=Suche",
    "meta.plan=1:x",
    "meta.plan=1",
    "meta.größe:1=2:x",
    "meta.größe=1",
    "country=DE&errors=true&meta.plan=0:x&meta.größe:1=1:x",
    "device=mobile&dead=true",
    "device=mobile&url=seite/2&dead=true",
    // Filters within a filter; what a row does not say is null in SQL.
    "any=device%3Dmobile&any=errors%3Dtrue",
    "any=device%3Dmobile%26dead%3Dtrue&any=url%3Dseite%252F2",
    "not=device%3Dmobile",
    "not=referrer%3Da&not=event%3Dbought",
    "not=meta.plan%3D1:x&not=errors%3Dtrue",
    "rage=true&any=not%3Dcountry%253DDE&any=dead%3Dtrue",
    "not=any%3Dcountry%253DDE%26any%3Ddevice%253Dmobile",
    "not=q%3Dseite&device=mobile",
];

pub(super) fn conditions(case: &Case) -> Result<Vec<Filter>, Broken> {
    let days_ago = |days: Millis| case.now.saturating_sub(days * DAY);
    let sid = Case::started(days_ago(4));
    let sid = sid.as_str();
    let part = |range| sid.get(range).unwrap_or_default();
    let queries = [
        format!("from={}", days_ago(20)),
        format!("before={}", days_ago(20)),
        format!("from={}&before={}", days_ago(50), days_ago(10)),
        format!("device=mobile&url=seite/2&before={}", days_ago(9)),
        format!("q={}", sid.to_uppercase()),
        format!("q={}", part(0..12)),
        format!("q={}", part(3..20)),
        format!("not=from%3D{}&any=dead%3Dtrue", days_ago(20)),
        largest(),
    ];
    let all = CONDITIONS
        .into_iter()
        .chain(queries.iter().map(String::as_str));
    all.map(|query| Filter::parse(query).map_err(|error| Broken(format!("{query}: {error}"))))
        .collect()
}

/// As many conditions as there can be, each of the kind that takes most of a store.
fn largest() -> String {
    let own = "from=1&before=9000000000000&user=kunde-1&country=DE&region=r&timezone=t&\
               browser=b&os=o&device=mobile&entry=e&url=seite&referrer=r&event=e&q=seite&\
               meta.a=1&meta.b=2&meta.c=3&meta.d=4&errors=true&rage=true&dead=true&\
               min_duration=1&max_duration=9&live=false";
    let own: String = own.split_whitespace().collect();
    let within = (0..crate::filter::MAX_WITHIN).map(|_| "&not=q%3Dseite");
    [own].into_iter().chain(within.map(str::to_owned)).collect()
}

async fn put_various<S: Index>(store: &S, case: &Case) -> Result<Vec<SessionRow>, Broken> {
    let rows = various(case);
    for row in &rows {
        store.upsert(&case.site, row, &Packed::default(), 1).await?;
    }
    Ok(rows)
}

fn names(rows: &[SessionRow]) -> Vec<SessionId> {
    rows.iter().map(|row| row.sid.clone()).collect()
}

/// In pages of seven, also of what a filter takes, and however much is equal by the order.
async fn every_order_walks_over_every_row_once<S: Index>(store: &S, case: &Case) -> Outcome {
    let rows = put_various(store, case).await?;
    let dead = Filter {
        dead: true,
        ..Filter::default()
    };
    for (sort, filter) in Sort::ALL
        .into_iter()
        .flat_map(|sort| [(sort, Filter::default()), (sort, dead.clone())])
    {
        let mut search = Search {
            filter,
            sort,
            cursor: None,
            limit: 7,
        };
        let mut expected: Vec<SessionRow> = rows.clone();
        expected.retain(|row| search.takes(row));
        expected.sort_by(|a, b| search.order(a, b));
        let mut walked = Vec::new();
        for _ in 0..20 {
            let page = store.page(&case.site, everything(case), &search).await?;
            let Some(last) = page.last() else { break };
            search.cursor = Some(Cursor::behind(sort, last));
            walked.extend(page);
        }
        let what = format!("{} {}", sort.name(), search.filter.to_query());
        equal(what, &names(&walked), &names(&expected))?;
    }
    Ok(())
}

/// What a filter takes is decided in one place; a store only gets there faster.
async fn a_filter_takes_what_it_means<S: Index>(store: &S, case: &Case) -> Outcome {
    let rows = put_various(store, case).await?;
    let mut narrowed = 0;
    for filter in conditions(case)? {
        let search = Search {
            filter,
            limit: 100,
            ..Search::default()
        };
        let taken = rows.iter().filter(|row| search.takes(row));
        let expected: Vec<SessionId> = taken.map(|row| row.sid.clone()).collect();
        narrowed += usize::from(!expected.is_empty() && expected.len() < rows.len());
        let found = store.page(&case.site, everything(case), &search).await?;
        equal(search.filter.to_query(), &names(&found), &expected)?;
    }
    // Else nothing would be tried.
    holds(
        "most of the filters take some and leave some",
        narrowed > 25,
    )
}

/// Over months, by what a filter takes without its own condition.
async fn facets_count_what_a_filter_takes<S: Index>(store: &S, case: &Case) -> Outcome {
    let rows = put_various(store, case).await?;
    for filter in conditions(case)? {
        let expected = Facets::of(rows.iter(), &filter);
        let found = store.facets(&case.site, everything(case), &filter).await?;
        equal(filter.to_query(), &found, &expected)?;
    }
    let span = Span {
        oldest: case.now.saturating_sub(30 * DAY),
        ..everything(case)
    };
    let shown = rows.iter().filter(|row| row.started >= span.oldest);
    let expected = Facets::of(shown, &Filter::default());
    let found = store.facets(&case.site, span, &Filter::default()).await?;
    equal("in a span", &found, &expected)?;
    let nobody = case.neighbour()?;
    let found = store.facets(&nobody, span, &Filter::default()).await?;
    equal("of nobody", &found, &Facets::default())
}

/// An erasure takes a session out of every number, at once.
async fn an_erased_row_is_counted_no_more<S: Index>(store: &S, case: &Case) -> Outcome {
    put_all(store, case, &[case.sid(0), case.sid(1)]).await?;
    store.erase(&case.site, &case.sid(0)).await?;
    let all = Filter::default();
    let found = store.facets(&case.site, everything(case), &all).await?;
    let expected = Facets::of([row(&case.sid(1))].iter(), &all);
    equal("facets", &found, &expected)
}

/// Whatever a store remembers of its rows to answer sooner.
async fn every_answer_follows_every_write<S: Index>(store: &S, case: &Case) -> Outcome {
    let mut rows = put_various(store, case).await?;
    answers_are_of(store, case, &rows).await?;
    for (revision, place) in (2..).zip([0, 3, 4, 9]) {
        let Some(row) = rows.get_mut(place) else {
            continue;
        };
        row.duration += 3_600_000;
        row.live = !row.live;
        row.dead += 1;
        row.country = Some("AQ".to_owned());
        row.region = Some("AQ-1".to_owned());
        row.timezone = None;
        row.entry.push_str("/danke");
        store
            .upsert(&case.site, row, &Packed::default(), revision)
            .await?;
        answers_are_of(store, case, &rows).await?;
        // One that is late changes nothing.
        let late = row_without_story(&rows, place);
        store
            .upsert(&case.site, &late, &Packed::default(), 0)
            .await?;
        answers_are_of(store, case, &rows).await?;
    }
    for place in [8, 5, 0] {
        let erased = rows.remove(place);
        store.erase(&case.site, &erased.sid).await?;
        answers_are_of(store, case, &rows).await?;
        store.forget(&case.site, &erased.sid).await?;
        answers_are_of(store, case, &rows).await?;
        store
            .upsert(&case.site, &erased, &Packed::default(), 1)
            .await?;
        rows.insert(place, erased);
        answers_are_of(store, case, &rows).await?;
    }
    for row in rows.drain(..) {
        store.erase(&case.site, &row.sid).await?;
    }
    answers_are_of(store, case, &rows).await
}

fn row_without_story(rows: &[SessionRow], place: usize) -> SessionRow {
    row(&rows
        .get(place)
        .map_or_else(|| Case::started(0), |row| row.sid.clone()))
}

/// Facets and pages of some filters are those of `rows`.
async fn answers_are_of<S: Index>(store: &S, case: &Case, rows: &[SessionRow]) -> Outcome {
    for (query, sort) in [
        ("", Sort::Longest),
        ("live=true", Sort::Newest),
        ("country=AQ", Sort::Oldest),
        ("region=AQ-1", Sort::Oldest),
        ("timezone=Europe/Berlin", Sort::Newest),
        ("dead=true", Sort::Frustration),
        ("q=DANKE", Sort::Events),
        ("user=Kunde \"2\"", Sort::Errors),
    ] {
        let filter = Filter::parse(query).map_err(|error| Broken(format!("{query}: {error}")))?;
        let expected = Facets::of(rows.iter(), &filter);
        let found = store.facets(&case.site, everything(case), &filter).await?;
        equal(format!("facets of {query}"), &found, &expected)?;
        let search = Search {
            filter,
            sort,
            cursor: None,
            limit: 100,
        };
        let mut expected: Vec<SessionRow> = rows.to_vec();
        expected.retain(|row| search.takes(row));
        expected.sort_by(|a, b| search.order(a, b));
        let found = store.page(&case.site, everything(case), &search).await?;
        equal(query, &names(&found), &names(&expected))?;
    }
    Ok(())
}

/// A page is as full as it can be, however its rows are spread.
async fn pages_reach_over_months<S: Index>(store: &S, case: &Case) -> Outcome {
    let ago = |days: Millis| Case::started(case.now.saturating_sub(days * DAY));
    let all: Vec<SessionId> = (0..100).step_by(9).map(ago).collect();
    put_all(store, case, &all).await?;
    equal("all", &sids(store, case).await?, &all)?;
    let half = page(store, case, all.get(2), 6).await?;
    let half: Vec<SessionId> = half.into_iter().map(|row| row.sid).collect();
    equal(
        "in the middle",
        &half,
        &all.get(3..9).unwrap_or_default().to_vec(),
    )
}

/// A site may have rested for a while.
async fn an_empty_month_does_not_end_a_list<S: Index>(store: &S, case: &Case) -> Outcome {
    let old = Case::started(case.now.saturating_sub(150 * DAY));
    put_all(store, case, &[old.clone(), case.sid(0)]).await?;
    let found = sids(store, case).await?;
    equal("rows", &found, &vec![case.sid(0), old])
}

/// To the millisecond, also within a month.
async fn what_started_before_the_span_is_left_out<S: Index>(store: &S, case: &Case) -> Outcome {
    let all: Vec<SessionId> = (0..4).rev().map(|after| case.sid(after)).collect();
    put_all(store, case, &all).await?;
    let span = Span {
        oldest: case.now + 2,
        ..everything(case)
    };
    let rows = store.page(&case.site, span, &ten()).await?;
    let found: Vec<SessionId> = rows.into_iter().map(|row| row.sid).collect();
    equal("rows", &found, &all.get(..2).unwrap_or_default().to_vec())?;
    let before = Search {
        cursor: Some(newest_before(&case.sid(2))),
        ..ten()
    };
    let older = store.page(&case.site, span, &before).await?;
    equal("before the oldest", &older, &Vec::new())
}

/// A session that was live is finished.
async fn a_later_revision_takes_the_place_of_a_row<S: Index>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    store
        .upsert(&case.site, &with_events(&sid, 1), &Packed::default(), 10)
        .await?;
    store
        .upsert(&case.site, &with_events(&sid, 2), &Packed::default(), 11)
        .await?;
    let rows = page(store, case, None, 10).await?;
    equal("rows", &rows, &vec![with_events(&sid, 2)])
}

/// A write that was under way when its answer was given up may end long after a later one.
async fn an_earlier_revision_changes_nothing<S: Index>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    store
        .upsert(&case.site, &with_events(&sid, 2), &Packed::default(), 11)
        .await?;
    store
        .upsert(&case.site, &with_events(&sid, 1), &Packed::default(), 10)
        .await?;
    let rows = page(store, case, None, 10).await?;
    equal("rows", &rows, &vec![with_events(&sid, 2)])
}

/// A step that is repeated in the same millisecond counts.
async fn the_same_revision_again_is_the_same_row<S: Index>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    for events in [1, 1, 2] {
        let row = with_events(&sid, events);
        store
            .upsert(&case.site, &row, &Packed::default(), 10)
            .await?;
    }
    let rows = page(store, case, None, 10).await?;
    equal("rows", &rows, &vec![with_events(&sid, 2)])
}

/// An erasure takes one session away.
async fn an_erased_row_is_gone_and_no_other<S: Index>(store: &S, case: &Case) -> Outcome {
    put_all(store, case, &[case.sid(0), case.sid(1)]).await?;
    store.erase(&case.site, &case.sid(0)).await?;
    equal("left", &sids(store, case).await?, &vec![case.sid(1)])
}

/// A row that was under way when its session was erased arrives after it.
async fn an_erased_session_lets_no_later_row_in<S: Index>(store: &S, case: &Case) -> Outcome {
    put_all(store, case, &[case.sid(0)]).await?;
    store.erase(&case.site, &case.sid(0)).await?;
    for revision in [0, 1, 1_000_000] {
        let row = row(&case.sid(0));
        store
            .upsert(&case.site, &row, &Packed::default(), revision)
            .await?;
    }
    equal("rows", &sids(store, case).await?, &Vec::new())
}

/// Nothing is listed before its first ten seconds are over, and it can be erased in them.
async fn a_session_can_be_erased_before_its_first_row<S: Index>(store: &S, case: &Case) -> Outcome {
    store.erase(&case.site, &case.sid(0)).await?;
    put_all(store, case, &[case.sid(0), case.sid(1)]).await?;
    equal("rows", &sids(store, case).await?, &vec![case.sid(1)])
}

/// An erasure is repeated until it has an answer, and again when it has settled.
async fn erasing_twice_does_no_harm<S: Index>(store: &S, case: &Case) -> Outcome {
    put_all(store, case, &[case.sid(0), case.sid(1)]).await?;
    for _ in 0..3 {
        store.erase(&case.site, &case.sid(0)).await?;
    }
    put_all(store, case, &[case.sid(0)]).await?;
    equal("rows", &sids(store, case).await?, &vec![case.sid(1)])
}

/// Nothing of an erasure is remembered for longer than an upload could come.
async fn what_is_forgotten_is_let_in_again<S: Index>(store: &S, case: &Case) -> Outcome {
    put_all(store, case, &[case.sid(0)]).await?;
    store.erase(&case.site, &case.sid(0)).await?;
    store.forget(&case.site, &case.sid(0)).await?;
    equal("forgotten", &sids(store, case).await?, &Vec::new())?;
    put_all(store, case, &[case.sid(0)]).await?;
    equal("again", &sids(store, case).await?, &vec![case.sid(0)])?;
    store.forget(&case.site, &case.sid(0)).await?;
    equal("a row goes, too", &sids(store, case).await?, &Vec::new())
}

/// The last step of an erasure may be repeated as well.
async fn forgetting_what_was_never_there_does_no_harm<S: Index>(store: &S, case: &Case) -> Outcome {
    store.forget(&case.site, &case.sid(0)).await?;
    put_all(store, case, &[case.sid(1)]).await?;
    store.forget(&case.site, &case.sid(0)).await?;
    equal("rows", &sids(store, case).await?, &vec![case.sid(1)])
}

/// Sessions and values, of those that have any.
async fn masked_values_are_summed_over_months<S: Index>(store: &S, case: &Case) -> Outcome {
    for (days, masked) in [(0, 3), (1, 0), (40, 5), (100, 7)] {
        let sid = Case::started(case.now.saturating_sub(days * DAY));
        let row = with_masked(&sid, masked);
        store
            .upsert(&case.site, &row, &Packed::default(), 1)
            .await?;
    }
    let sum = store.masked(&case.site, everything(case)).await?;
    let expected = MaskedSum {
        sessions: 3,
        values: 15,
    };
    equal("sum", &sum, &expected)
}

/// With its latest row.
async fn a_sum_counts_each_session_once<S: Index>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    for (masked, revision) in [(3, 1), (4, 2), (9, 1)] {
        let row = with_masked(&sid, masked);
        store
            .upsert(&case.site, &row, &Packed::default(), revision)
            .await?;
    }
    let sum = store.masked(&case.site, everything(case)).await?;
    let expected = MaskedSum {
        sessions: 1,
        values: 4,
    };
    equal("sum", &sum, &expected)
}

/// To the millisecond.
async fn a_sum_leaves_out_what_is_older_or_erased<S: Index>(store: &S, case: &Case) -> Outcome {
    for after in 0..4 {
        let row = with_masked(&case.sid(after), 1 << after);
        store
            .upsert(&case.site, &row, &Packed::default(), 1)
            .await?;
    }
    store.erase(&case.site, &case.sid(3)).await?;
    let span = Span {
        oldest: case.now + 1,
        ..everything(case)
    };
    let sum = store.masked(&case.site, span).await?;
    let expected = MaskedSum {
        sessions: 2,
        values: 6,
    };
    equal("sum", &sum, &expected)
}

/// The same session id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other<S: Index>(store: &S, case: &Case) -> Outcome {
    let (site, sid) = (&case.site, case.sid(0));
    let neighbour: SiteKey = case.neighbour()?;
    store
        .upsert(&neighbour, &with_masked(&sid, 2), &Packed::default(), 1)
        .await?;
    equal("rows", &sids(store, case).await?, &Vec::new())?;
    let sum = store.masked(site, everything(case)).await?;
    equal("sum", &sum, &MaskedSum::default())?;
    store.erase(site, &sid).await?;
    let kept = store.page(&neighbour, everything(case), &ten()).await?;
    equal("kept", &kept, &vec![with_masked(&sid, 2)])?;
    store
        .upsert(&neighbour, &with_masked(&sid, 3), &Packed::default(), 2)
        .await?;
    let kept = store.page(&neighbour, everything(case), &ten()).await?;
    equal("not refused", &kept, &vec![with_masked(&sid, 3)])
}

/// By the index alone, whatever its object knows; rows that come do not change it.
async fn what_is_erased_is_known_until_it_is_forgotten<S: Index>(
    store: &S,
    case: &Case,
) -> Outcome {
    let (site, sid) = (&case.site, &case.sid(0));
    equal("unknown", &store.is_erased(site, sid).await?, &false)?;
    put_all(store, case, &[case.sid(0), case.sid(1)]).await?;
    equal("listed", &store.is_erased(site, sid).await?, &false)?;
    store.erase(site, sid).await?;
    equal("erased", &store.is_erased(site, sid).await?, &true)?;
    put_all(store, case, &[case.sid(0)]).await?;
    equal("after a row", &store.is_erased(site, sid).await?, &true)?;
    let other = store.is_erased(site, &case.sid(1)).await?;
    equal("another session", &other, &false)?;
    store.forget(site, sid).await?;
    equal("forgotten", &store.is_erased(site, sid).await?, &false)
}

fn daily(sessions: u64) -> Quota {
    Quota {
        sessions_per_day: Some(sessions),
        ..Quota::default()
    }
}

const REFUSED: Admission = Admission::Refused(Exhausted::Sessions);

/// Checks the verdicts on sessions that ask one after the other.
async fn admits<S: Index>(
    store: &S,
    case: &Case,
    quota: &Quota,
    asked: &[(SessionId, Admission)],
) -> Outcome {
    for (at, (sid, expected)) in asked.iter().enumerate() {
        let verdict = store.admit(&case.site, sid, quota).await?;
        equal(format!("verdict {at}"), &verdict, expected)?;
    }
    Ok(())
}

/// A session is taken whole or refused whole, also when its site's quota is changed.
async fn a_verdict_stays<S: Index>(store: &S, case: &Case) -> Outcome {
    let (first, second) = (case.sid(0), case.sid(1));
    for quota in [1, 0, 9].map(daily) {
        let asked = [
            (first.clone(), Admission::Admitted),
            (second.clone(), REFUSED),
        ];
        admits(store, case, &quota, &asked).await?;
    }
    // Nor if there is none any more; which lets in whom nobody has refused.
    let asked = [
        (second, REFUSED),
        (first, Admission::Admitted),
        (case.sid(2), Admission::Admitted),
    ];
    admits(store, case, &Quota::default(), &asked).await?;
    admits(store, case, &daily(0), &[(case.sid(2), REFUSED)]).await
}

/// An answer that was lost is asked for again.
async fn a_session_counts_once<S: Index>(store: &S, case: &Case) -> Outcome {
    let asked = [
        (case.sid(0), Admission::Admitted),
        (case.sid(0), Admission::Admitted),
        (case.sid(1), Admission::Admitted),
        (case.sid(2), REFUSED),
    ];
    admits(store, case, &daily(2), &asked).await
}

/// Or whoever knocks often enough would shut the door.
async fn who_is_refused_does_not_count<S: Index>(store: &S, case: &Case) -> Outcome {
    let none = [(case.sid(0), REFUSED), (case.sid(1), REFUSED)];
    admits(store, case, &daily(0), &none).await?;
    let one = [(case.sid(2), Admission::Admitted), (case.sid(3), REFUSED)];
    admits(store, case, &daily(1), &one).await
}

/// By when a session started, not by when it asks.
async fn days_and_months_are_counted_apart<S: Index>(store: &S, case: &Case) -> Outcome {
    let is_of_month = |at: &Millis| Month::of(*at) == Month::of(case.now);
    let tomorrow = Some(case.now + DAY).filter(is_of_month);
    let other_day = Case::started(tomorrow.unwrap_or(case.now.saturating_sub(DAY)));
    let by_day = [
        (case.sid(0), Admission::Admitted),
        (case.sid(1), REFUSED),
        (other_day, Admission::Admitted),
    ];
    admits(store, case, &daily(1), &by_day).await?;
    let quota = Quota {
        sessions_per_month: Some(2),
        ..Quota::default()
    };
    let by_month = [
        (case.sid(2), REFUSED),
        (Case::started(case.now + 40 * DAY), Admission::Admitted),
    ];
    admits(store, case, &quota, &by_month).await
}

/// The same session ids in two sites.
async fn sites_have_quotas_and_erasures_of_their_own<S: Index>(store: &S, case: &Case) -> Outcome {
    let neighbour = case.neighbour()?;
    let (sid, quota) = (case.sid(0), daily(1));
    let theirs = store.admit(&neighbour, &case.sid(1), &quota).await?;
    equal("theirs", &theirs, &Admission::Admitted)?;
    let verdicts = [(sid.clone(), Admission::Admitted), (case.sid(1), REFUSED)];
    admits(store, case, &quota, &verdicts).await?;
    store.erase(&case.site, &sid).await?;
    equal("erased", &store.is_erased(&neighbour, &sid).await?, &false)
}
