//! Properties of what [`Index`] says of many sessions together.

use super::index::{conditions, everything, various};
use super::{Broken, Case, Outcome, equal, holds, row, suite};
use crate::analytics::fold::Fold;
use crate::analytics::pack::Packed;
use crate::analytics::report::{Answer, Example, Limit, Question};
use crate::analytics::route::Routes;
use crate::analytics::session::{Click, ClickKind, Session, Topic, Visit};
use crate::api::SessionRow;
use crate::filter::Filter;
use crate::id::SessionId;
use crate::store::{Index, Span};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

suite!(Index:
    nothing_is_said_of_nobody,
    a_report_counts_what_a_filter_takes,
    every_report_follows_every_write,
    a_session_of_which_nothing_is_known_is_counted,
    what_another_version_wrote_is_counted_as_such,
    an_example_names_its_session,
);

/// A session of some pages and clicks, of which no two numbers are alike.
fn session(n: u32) -> Session {
    let mut session = Session::default();
    for page in 0..=n % 4 {
        let url = format!("https://shop.example/Seite/{}", (n + page) % 7);
        let url = session.names_mut(Topic::Pages).name(&url);
        session.visits.push(Visit {
            url,
            tab: page % 2,
            at: page * 10_000 + n,
            length: 9_000 + n,
            active: 1_000 * (n % 5),
            viewport: (390 + n, 844),
            deepest: 844 + 100 * n,
        });
    }
    for click in 0..n % 3 {
        let target = n.is_multiple_of(2).then(|| {
            let name = format!("button.b{}", n % 5);
            session.names_mut(Topic::Clicks).name(&name)
        });
        session.clicks.push(Click {
            at: 500 * click,
            kind: [ClickKind::Plain, ClickKind::RageFirst, ClickKind::Dead]
                .get(usize::try_from(click + n).unwrap_or_default() % 3)
                .copied()
                .unwrap_or_default(),
            place: (n * 7, n * 50),
            target,
            share: target.map_or((0, 0), |_| (n * 100, 5_000)),
            ..Click::default()
        });
    }
    session
}

/// What is asked: of every kind that reads other topics.
fn questions() -> Result<Vec<Question>, Broken> {
    let queries = [
        ("pages", ""),
        ("frustration", ""),
        ("scroll", ""),
        ("overview", ""),
        ("retention", ""),
        ("metadata", ""),
        ("errors", ""),
        ("issue", "issue=00000000000000a1"),
    ];
    let question = |(name, query): (&str, &str)| {
        let pairs = crate::query::pairs(query).map_err(|error| Broken(format!("{error}")))?;
        match Question::take(name, pairs) {
            Ok((question, _)) => Ok(question),
            Err(error) => Err(Broken(format!("{name}: {error}"))),
        }
    };
    queries.into_iter().map(question).collect()
}

type Told = (SessionRow, Session);

/// What is to be said of `told`, which is in any order.
fn expected(told: &[Told], span: Span, filter: &Filter, question: &Question) -> Answer {
    let mut told: Vec<&Told> = told.iter().collect();
    told.sort_by(|(a, _), (b, _)| a.sid.cmp(&b.sid));
    let mut fold = Fold::new(question.report(&Routes::default()));
    for (row, session) in told {
        fold.row(
            row,
            session,
            row.started >= span.oldest && filter.matches(row),
        );
    }
    fold.into_report().answer()
}

async fn answers_are_of<S: Index>(store: &S, case: &Case, told: &[Told]) -> Outcome {
    let span = everything(case);
    for question in questions()? {
        for query in [
            "",
            "country=DE&dead=true",
            "user=Kunde \"2\"",
            "url=seite/12%25_",
        ] {
            let filter = Filter::parse(query).map_err(|error| Broken(format!("{error}")))?;
            is_of(store, case, told, (span, &filter, &question)).await?;
        }
    }
    Ok(())
}

async fn is_of<S: Index>(
    store: &S,
    case: &Case,
    told: &[Told],
    (span, filter, question): (Span, &Filter, &Question),
) -> Outcome {
    let empty = question.report(&Routes::default());
    let said = store.report(&case.site, span, filter, empty).await?;
    let report = said.report;
    equal("pending", &said.pending, &0)?;
    let expected = expected(told, span, filter, question);
    let what = format!("{} of {:?}", question.name(), filter.to_query());
    equal(what, &report.answer(), &expected)
}

/// Over three months, and twenty of one millisecond.
async fn put_told<S: Index>(store: &S, case: &Case) -> Result<Vec<Told>, Broken> {
    let mut rows = various(case);
    for n in 0..3_u8 {
        let sid = SessionId::new(case.now, &[n; 17]);
        rows.push(SessionRow {
            country: Some("DE".into()),
            dead: u32::from(n),
            ..row(&sid)
        });
    }
    let told: Vec<Told> = (0..).zip(rows).map(|(n, row)| (row, session(n))).collect();
    for (row, session) in &told {
        store
            .upsert(&case.site, row, &Packed::of(session), 1)
            .await?;
    }
    Ok(told)
}

async fn nothing_is_said_of_nobody<S: Index>(store: &S, case: &Case) -> Outcome {
    answers_are_of(store, case, &[]).await?;
    put_told(store, case).await?;
    let nobody = Case {
        site: case.neighbour()?,
        ..case.clone()
    };
    answers_are_of(store, &nobody, &[]).await
}

async fn a_report_counts_what_a_filter_takes<S: Index>(store: &S, case: &Case) -> Outcome {
    let told = put_told(store, case).await?;
    let span = everything(case);
    let pages = Question::Pages { top: Limit(None) };
    for filter in conditions(case)? {
        is_of(store, case, &told, (span, &filter, &pages)).await?;
    }
    // Once with what was made for the first question, and of a part of the time.
    answers_are_of(store, case, &told).await?;
    answers_are_of(store, case, &told).await?;
    let span = Span {
        oldest: case.now.saturating_sub(30 * 86_400_000),
        ..span
    };
    is_of(store, case, &told, (span, &Filter::default(), &pages)).await
}

/// Whatever a store remembers of its sessions to answer sooner.
async fn every_report_follows_every_write<S: Index>(store: &S, case: &Case) -> Outcome {
    let mut told = put_told(store, case).await?;
    answers_are_of(store, case, &told).await?;
    for (revision, place) in (2..).zip([0, 3, 9, 41]) {
        let Some((row, known)) = told.get_mut(place) else {
            return Err(Broken("too few sessions".into()));
        };
        *known = session(17 + u32::try_from(place).unwrap_or_default());
        row.dead += 1;
        let packed = Packed::of(known);
        store.upsert(&case.site, row, &packed, revision).await?;
        answers_are_of(store, case, &told).await?;
        // One that is late changes nothing.
        if let Some((row, _)) = told.get(place) {
            let late = Packed::of(&session(1));
            store.upsert(&case.site, row, &late, 0).await?;
        }
        answers_are_of(store, case, &told).await?;
    }
    for place in [41, 8, 0] {
        let (row, _) = told.remove(place);
        store.erase(&case.site, &row.sid).await?;
        answers_are_of(store, case, &told).await?;
    }
    Ok(())
}

/// A row of before there were reports.
async fn a_session_of_which_nothing_is_known_is_counted<S: Index>(
    store: &S,
    case: &Case,
) -> Outcome {
    let mut told = put_told(store, case).await?;
    for (place, (row, session)) in told.iter_mut().enumerate() {
        if place % 3 == 0 {
            *session = Session::default();
            store.upsert(&case.site, row, &Packed::default(), 2).await?;
        }
    }
    answers_are_of(store, case, &told).await
}

/// It says nothing, and how many say nothing is said: of the time that is asked for.
async fn what_another_version_wrote_is_counted_as_such<S: Index>(
    store: &S,
    case: &Case,
) -> Outcome {
    let told = put_told(store, case).await?;
    let outdated = |n: usize| n % 5 == 2;
    for (_, (row, session)) in told.iter().enumerate().filter(|(n, _)| outdated(*n)) {
        let mut bytes = Packed::of(session).bytes().to_vec();
        if let Some(version) = bytes.first_mut() {
            *version = version.wrapping_add(1);
        }
        let packed = Packed::from_bytes(bytes);
        store.upsert(&case.site, row, &packed, 2).await?;
    }
    let known: Vec<Told> = (0..)
        .zip(told)
        .map(|(n, (row, session))| {
            let known = if outdated(n) {
                Session::default()
            } else {
                session
            };
            (row, known)
        })
        .collect();
    let from = case.now.saturating_sub(30 * 86_400_000);
    let span = everything(case);
    let pages = Question::Pages { top: Limit(None) };
    for (query, since) in [
        (String::new(), 0),
        ("country=DE".to_owned(), 0),
        (format!("from={from}"), from),
    ] {
        let filter = Filter::parse(&query).map_err(|error| Broken(format!("{error}")))?;
        let empty = pages.report(&Routes::default());
        let told = store.report(&case.site, span, &filter, empty).await?;
        let expected = expected(&known, span, &filter, &pages);
        equal(&query, &told.report.answer(), &expected)?;
        let pending = (0..)
            .zip(&known)
            .filter(|(n, (row, _))| outdated(*n) && row.started >= since);
        let pending = u64::try_from(pending.count()).unwrap_or_default();
        // A store that makes them anew may have begun with it.
        holds("no more are pending", told.pending <= pending)?;
    }
    Ok(())
}

async fn an_example_names_its_session<S: Index>(store: &S, case: &Case) -> Outcome {
    let mut sids: Vec<SessionId> = put_told(store, case)
        .await?
        .into_iter()
        .map(|(row, _)| row.sid)
        .collect();
    sids.sort();
    let (mut examples, mut last) = (Vec::new(), None);
    for sid in &sids {
        let rank = match last {
            Some((started, rank)) if started == sid.start() => rank + 1,
            _ => 0,
        };
        last = Some((sid.start(), rank));
        examples.push(Example {
            started: sid.start(),
            rank,
            at: 0,
            tab: 0,
        });
    }
    // In no order of time.
    examples.reverse();
    sids.reverse();
    let found = store.named(&case.site, &examples).await?;
    let expected: Vec<Option<SessionId>> = sids.into_iter().map(Some).collect();
    equal("ids", &found, &expected)?;
    let nobody = Example {
        started: case.now + 1,
        rank: 0,
        at: 0,
        tab: 0,
    };
    let found = store.named(&case.site, &[nobody]).await?;
    holds("who is not there is not named", found == vec![None])
}
