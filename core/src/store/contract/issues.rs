//! Properties of [`Issues`].

use super::{Broken, Case, Outcome, equal, holds, suite};
use crate::day::DAY;
use crate::id::{Millis, SiteKey};
use crate::issue::{
    Decision, Fingerprint, Issues, Known, List, MAX_ISSUES, Sighting, State, Told, Why,
};
use crate::store::StoreError;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// How the time passes for what is remembered.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Forgetting {
    /// Has it forget what is remembered until `now` or less of a site: what a store does by
    /// itself.
    async fn forget(&self, site: &SiteKey, now: Millis) -> Result<(), StoreError>;
}

suite!(store: Issues, forgetting: Forgetting =>
    at_first_nothing_is_known,
    an_issue_comes_back_whole,
    what_is_told_again_changes_nothing,
    what_comes_late_widens_what_is_known,
    what_was_resolved_comes_again_once,
    an_old_release_opens_nothing,
    what_is_ignored_stays_so,
    who_decides_about_nothing_is_told_so,
    the_last_come_first,
    pages_walk_over_every_issue_once,
    of_too_many_the_oldest_are_forgotten,
    what_did_not_come_again_is_forgotten,
    what_one_session_saw_is_erased_with_it,
    sites_do_not_see_each_other,
    a_site_is_cleared_and_no_other,
);

const LIMIT: u32 = 200;
const DAYS: u32 = 30;

fn issue(number: u64) -> Fingerprint {
    // Beyond what a signed number holds.
    Fingerprint::of_number(u64::MAX - number)
}

fn sighting(case: &Case, number: u64, after: Millis, release: Option<&str>) -> Sighting {
    let at = case.now.saturating_add(after);
    Sighting {
        issue: issue(number),
        title: format!("TypeError: \"結帳\" '{number}' % _"),
        first: at,
        last: at + 5,
        release: release.map(ToOwned::to_owned),
    }
}

fn told(sightings: Vec<Sighting>) -> Told {
    told_by("", sightings)
}

fn told_by(by: &str, sightings: Vec<Sighting>) -> Told {
    Told {
        sightings,
        days: DAYS,
        by: by.to_owned(),
    }
}

/// Tells one sighting, and what of it was news.
async fn tell(store: &impl Issues, site: &SiteKey, sighting: Sighting) -> Result<Vec<Why>, Broken> {
    let news = store.tell(site, &told(vec![sighting])).await?;
    Ok(news.into_iter().map(|news| news.why).collect())
}

async fn all(store: &impl Issues, site: &SiteKey) -> Result<Vec<Known>, Broken> {
    let List { issues, next } = store.issues(site, None, LIMIT).await?;
    equal("a next page", &next, &None)?;
    Ok(issues)
}

async fn decide(
    store: &impl Issues,
    case: &Case,
    state: State,
    after: Millis,
) -> Result<Option<Known>, Broken> {
    let now = case.now.saturating_add(after);
    let decision = Decision { state };
    Ok(store.decide(&case.site, issue(1), &decision, now).await?)
}

/// And that is no failure.
async fn at_first_nothing_is_known(
    store: &impl Issues,
    forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    forgetting.forget(&case.site, case.now).await?;
    equal("issues", &all(store, &case.site).await?, &Vec::new())?;
    let page = store.issues(&case.site, Some("0"), 1).await?;
    equal("behind a place", &page, &List::default())
}

/// Every field, alone and beside others of one session.
async fn an_issue_comes_back_whole(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let (one, other) = (
        sighting(case, 1, 10, Some("1.0 \"ä\"")),
        sighting(case, 2, 0, None),
    );
    let news = store
        .tell(&case.site, &told_by("a1", vec![one.clone(), other]))
        .await?;
    let expected = Known {
        issue: one.issue,
        title: one.title.clone(),
        first: one.first,
        last: one.last,
        releases: vec!["1.0 \"ä\"".to_owned()],
        state: State::Open,
        decided: None,
        resolved_in: None,
        reopened: None,
        until: one.last + Millis::from(DAYS) * DAY,
        only: Some("a1".to_owned()),
    };
    let found = all(store, &case.site).await?;
    equal("how many", &found.len(), &2)?;
    equal("known", &found.first(), &Some(&expected))?;
    let whys: Vec<Why> = news.iter().map(|news| news.why).collect();
    equal("news", &whys, &vec![Why::New, Why::New])?;
    let first = news.first().map(|news| &news.known);
    equal("what is told of it", &first, &Some(&expected))?;
    let decided = decide(store, case, State::Resolved, 20).await?;
    let resolved = Known {
        state: State::Resolved,
        decided: Some(case.now + 20),
        resolved_in: Some("1.0 \"ä\"".to_owned()),
        ..expected
    };
    equal("decided", &decided, &Some(resolved.clone()))?;
    let found = all(store, &case.site).await?;
    equal("known then", &found.first(), &Some(&resolved))
}

/// A session tells what it saw whenever its row is written.
async fn what_is_told_again_changes_nothing(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let sighting = sighting(case, 1, 0, Some("1"));
    let first = tell(store, &case.site, sighting.clone()).await?;
    equal("news", &first, &vec![Why::New])?;
    let before = all(store, &case.site).await?;
    for _ in 0..2 {
        let again = tell(store, &case.site, sighting.clone()).await?;
        equal("news again", &again, &Vec::new())?;
        equal("known", &all(store, &case.site).await?, &before)?;
    }
    Ok(())
}

/// Whatever the order.
async fn what_comes_late_widens_what_is_known(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    for after in [500, 0, 900, 200] {
        tell(store, &case.site, sighting(case, 1, after, None)).await?;
    }
    let found = all(store, &case.site).await?;
    let spans: Vec<_> = found
        .iter()
        .map(|known| (known.first, known.last))
        .collect();
    equal(
        "from first to last",
        &spans,
        &vec![(case.now, case.now + 905)],
    )
}

/// It is news once, and then open.
async fn what_was_resolved_comes_again_once(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    tell(store, &case.site, sighting(case, 1, 0, None)).await?;
    decide(store, case, State::Resolved, 100).await?;
    let earlier = tell(store, &case.site, sighting(case, 1, 50, None)).await?;
    equal("what came before that", &earlier, &Vec::new())?;
    let again = sighting(case, 1, 200, None);
    for expected in [vec![Why::Reopened], Vec::new()] {
        let news = tell(store, &case.site, again.clone()).await?;
        equal("news", &news, &expected)?;
    }
    let found = all(store, &case.site).await?;
    let open: Vec<_> = found.iter().map(|it| (it.state, it.reopened)).collect();
    equal("open", &open, &vec![(State::Open, Some(case.now + 205))])
}

/// A page of before may run for days.
async fn an_old_release_opens_nothing(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    for (after, release) in [(0, "1"), (10, "2")] {
        tell(store, &case.site, sighting(case, 1, after, Some(release))).await?;
    }
    decide(store, case, State::Resolved, 100).await?;
    for (after, release, expected) in [
        (200, "1", Vec::new()),
        (300, "2", Vec::new()),
        (400, "3", vec![Why::Reopened]),
    ] {
        let news = tell(store, &case.site, sighting(case, 1, after, Some(release))).await?;
        equal(format!("news of {release}"), &news, &expected)?;
    }
    Ok(())
}

/// However often it comes, until somebody decides otherwise.
async fn what_is_ignored_stays_so(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    tell(store, &case.site, sighting(case, 1, 0, None)).await?;
    decide(store, case, State::Ignored, 100).await?;
    let news = tell(store, &case.site, sighting(case, 1, 200, Some("2"))).await?;
    equal("news", &news, &Vec::new())?;
    let states: Vec<State> = all(store, &case.site)
        .await?
        .iter()
        .map(|it| it.state)
        .collect();
    equal("state", &states, &vec![State::Ignored])?;
    decide(store, case, State::Open, 300).await?;
    let states: Vec<State> = all(store, &case.site)
        .await?
        .iter()
        .map(|it| it.state)
        .collect();
    equal("state then", &states, &vec![State::Open])
}

/// And nothing is there afterwards.
async fn who_decides_about_nothing_is_told_so(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let decided = decide(store, case, State::Ignored, 0).await?;
    equal("of nobody", &decided, &None)?;
    tell(store, &case.site, sighting(case, 2, 0, None)).await?;
    let decided = decide(store, case, State::Ignored, 0).await?;
    equal("beside another", &decided, &None)?;
    let states: Vec<State> = all(store, &case.site)
        .await?
        .iter()
        .map(|it| it.state)
        .collect();
    equal("the other", &states, &vec![State::Open])
}

/// Also of issues that were seen at one moment there is one order.
async fn the_last_come_first(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    for (number, after) in [(1, 5), (2, 900), (3, 7)] {
        tell(store, &case.site, sighting(case, number, after, None)).await?;
    }
    tell(store, &case.site, sighting(case, 1, 950, None)).await?;
    let found = all(store, &case.site).await?;
    let found: Vec<Fingerprint> = found.into_iter().map(|known| known.issue).collect();
    equal("issues", &found, &[1, 2, 3].map(issue).to_vec())
}

/// Whatever the size of a page.
async fn pages_walk_over_every_issue_once(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let many = (0..5).map(|n| sighting(case, n, n / 3, None)).collect();
    store.tell(&case.site, &told(many)).await?;
    let expected = all(store, &case.site).await?;
    equal("how many", &expected.len(), &5)?;
    for limit in [1, 2, 4, 5, 6] {
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let page = store.issues(&case.site, after.as_deref(), limit).await?;
            let is_short = page.issues.len() <= usize::try_from(limit).unwrap_or_default();
            holds("a page is no longer than it may be", is_short)?;
            walked.extend(page.issues);
            after = page.next;
            if after.is_none() || walked.len() > expected.len() {
                break;
            }
        }
        equal(format!("pages of {limit}"), &walked, &expected)?;
    }
    Ok(())
}

/// Whoever makes up errors pushes out none about which somebody decided.
async fn of_too_many_the_oldest_are_forgotten(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let most = MAX_ISSUES as u64;
    for from in (0..most).step_by(500) {
        let some = (from..most.min(from + 500)).map(|n| sighting(case, n, 10 + n, None));
        store.tell(&case.site, &told(some.collect())).await?;
    }
    tell(store, &case.site, sighting(case, most, 5, None)).await?;
    decide(store, case, State::Ignored, 0).await?;
    for number in [most + 1, most + 2] {
        tell(store, &case.site, sighting(case, number, 9_999, None)).await?;
    }
    let mut count = 0;
    let (mut after, mut last) = (None, Vec::new());
    loop {
        let page = store.issues(&case.site, after.as_deref(), LIMIT).await?;
        count += page.issues.len();
        last.extend(page.issues.into_iter().map(|known| known.issue));
        after = page.next;
        if after.is_none() || count > 2 * MAX_ISSUES {
            break;
        }
    }
    equal("how many", &count, &MAX_ISSUES)?;
    let behind = last.len().saturating_sub(2);
    let oldest = last.get(behind..).unwrap_or_default();
    equal("the oldest", &oldest, &[issue(3), issue(1)].as_slice())
}

/// Its title may say what only that visitor's page said. What another session saw, too, stays,
/// and so does what nobody's session did, and another site's.
async fn what_one_session_saw_is_erased_with_it(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let neighbour = case.neighbour()?;
    let both = || vec![sighting(case, 1, 0, None), sighting(case, 2, 1, None)];
    for site in [&case.site, &neighbour] {
        store.tell(site, &told_by("a1", both())).await?;
        store.tell(site, &told_by("a1", both())).await?;
        let other = vec![sighting(case, 2, 2, None)];
        store.tell(site, &told_by("b2", other)).await?;
        tell(store, site, sighting(case, 3, 3, None)).await?;
    }
    store.erase_seen(&case.site, "c3").await?;
    store.erase_seen(&case.site, "").await?;
    equal("another's", &all(store, &case.site).await?.len(), &3)?;
    for by in ["a1", "a1", "b2"] {
        store.erase_seen(&case.site, by).await?;
        let left = all(store, &case.site).await?;
        let left: Vec<Fingerprint> = left.into_iter().map(|known| known.issue).collect();
        equal("left", &left, &vec![issue(3), issue(2)])?;
    }
    equal("another site's", &all(store, &neighbour).await?.len(), &3)?;
    let news = store.tell(&case.site, &told_by("d4", both())).await?;
    let whys: Vec<Why> = news.into_iter().map(|news| news.why).collect();
    equal("news", &whys, &vec![Why::New])
}

/// To the millisecond; another site's stay.
async fn what_did_not_come_again_is_forgotten(
    store: &impl Issues,
    forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let neighbour = case.neighbour()?;
    for site in [&case.site, &neighbour] {
        let both = vec![sighting(case, 1, 0, None), sighting(case, 2, 1, None)];
        store.tell(site, &told(both)).await?;
    }
    let end = case.now + 5 + Millis::from(DAYS) * DAY;
    forgetting.forget(&case.site, end - 1).await?;
    equal(
        "a millisecond sooner",
        &all(store, &case.site).await?.len(),
        &2,
    )?;
    for _ in 0..2 {
        forgetting.forget(&case.site, end).await?;
        let left = all(store, &case.site).await?;
        let left: Vec<Fingerprint> = left.into_iter().map(|known| known.issue).collect();
        equal("left", &left, &vec![issue(2)])?;
    }
    equal("another site's", &all(store, &neighbour).await?.len(), &2)
}

/// The same issue in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let neighbour = case.neighbour()?;
    tell(store, &neighbour, sighting(case, 1, 0, None)).await?;
    equal("own", &all(store, &case.site).await?, &Vec::new())?;
    let news = tell(store, &case.site, sighting(case, 1, 7, None)).await?;
    equal("news", &news, &vec![Why::New])?;
    decide(store, case, State::Ignored, 9).await?;
    let theirs = all(store, &neighbour).await?;
    let theirs: Vec<_> = theirs.iter().map(|it| (it.first, it.state)).collect();
    equal("theirs", &theirs, &vec![(case.now, State::Open)])
}

/// Again it is no failure; and what is told afterwards is new.
async fn a_site_is_cleared_and_no_other(
    store: &impl Issues,
    _forgetting: &impl Forgetting,
    case: &Case,
) -> Outcome {
    let neighbour = case.neighbour()?;
    for site in [&case.site, &neighbour] {
        tell(store, site, sighting(case, 1, 0, None)).await?;
    }
    for _ in 0..2 {
        store.clear(&case.site).await?;
        equal("left", &all(store, &case.site).await?, &Vec::new())?;
    }
    equal("another's", &all(store, &neighbour).await?.len(), &1)?;
    let news = tell(store, &case.site, sighting(case, 1, 7, None)).await?;
    equal("news", &news, &vec![Why::New])
}
