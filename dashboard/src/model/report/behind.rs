//! From a number to the sessions behind it: a narrower list, or a moment of a session.

use crate::model::listing::{Listing, Moment};
use sentiero_core::analytics::report::Example;
use sentiero_core::api::{SessionDetail, Tab};
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, TabId};

/// The list of the sessions behind a number: the report's own conditions, and the number's.
///
/// Where both say something of the same field and only one can hold, the number's does: a
/// list cannot ask for two addresses. Dates are those of both.
pub fn narrowed(listing: &Listing, narrow: &Filter, moment: Moment) -> Listing {
    let has_dates = narrow.from.is_some() || narrow.before.is_some();
    let own = if has_dates {
        listing.resolve(moment)
    } else {
        listing.filter.clone()
    };
    let either = |number: &Option<String>, own: &Option<String>| number.clone().or(own.clone());
    let mut meta = own.meta.clone();
    meta.extend(narrow.meta.clone());
    let filter = Filter {
        from: own.from.max(narrow.from),
        before: least(own.before, narrow.before),
        user: either(&narrow.user, &own.user),
        country: either(&narrow.country, &own.country),
        region: either(&narrow.region, &own.region),
        timezone: either(&narrow.timezone, &own.timezone),
        browser: either(&narrow.browser, &own.browser),
        os: either(&narrow.os, &own.os),
        device: either(&narrow.device, &own.device),
        entry: either(&narrow.entry, &own.entry),
        url: either(&narrow.url, &own.url),
        referrer: either(&narrow.referrer, &own.referrer),
        meta,
        event: either(&narrow.event, &own.event),
        errors: own.errors || narrow.errors,
        rage: own.rage || narrow.rage,
        dead: own.dead || narrow.dead,
        min_duration: own.min_duration.max(narrow.min_duration),
        max_duration: least(own.max_duration, narrow.max_duration),
        live: narrow.live.or(own.live),
        q: either(&narrow.q, &own.q),
    };
    Listing {
        range: listing.range.filter(|_| !has_dates),
        filter,
        sort: listing.sort,
    }
}

/// The smaller of those that are given.
fn least(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Where the replay of an example's session opens: the page load, and ms after its first
/// event, of a whole second, so that the moment itself is still to come. None if the session
/// has no such page load (any more).
pub fn opening(detail: &SessionDetail, example: &Example) -> Option<(TabId, Millis)> {
    // As the digest counts them: by their start, but none before the session's.
    let mut tabs: Vec<&Tab> = detail.tab_list.iter().collect();
    let after = |tab: &Tab| tab.started().saturating_sub(example.started);
    tabs.sort_by(|a, b| (after(a), &a.tab).cmp(&(after(b), &b.tab)));
    let tab = tabs.get(usize::try_from(example.tab).ok()?)?;
    let moment = example.started.saturating_add(example.at.into());
    let length = tab.to.saturating_sub(tab.from);
    let at = moment.saturating_sub(tab.started()).min(length);
    Some((tab.tab.clone(), at / 1_000 * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::listing::Range;
    use crate::model::tabs::tests::{detail, tab_id};

    const MOMENT: Moment = Moment {
        now: 1_000_000_000,
        today: 900_000_000,
        before: 800_000_000,
    };

    fn listing(text: &str) -> Listing {
        let (listing, wrong) = Listing::parse(text);
        assert_eq!(wrong, None);
        listing
    }

    #[test]
    fn both_conditions_hold() {
        let own = listing("range=7d&country=DE&sort=longest&max_duration=90000");
        let narrow = Filter {
            browser: Some("Firefox".to_owned()),
            errors: true,
            max_duration: Some(100_000),
            ..Filter::default()
        };
        assert_eq!(
            narrowed(&own, &narrow, MOMENT).to_string(),
            listing(
                "range=7d&country=DE&browser=Firefox&errors=true&max_duration=90000&sort=longest"
            )
            .to_string()
        );
    }

    #[test]
    fn dates_are_those_of_both() {
        let own = listing("range=today");
        assert_eq!(own.range, Some(Range::Today));
        let narrow = Filter {
            from: Some(800_000_000),
            before: Some(950_000_000),
            ..Filter::default()
        };
        let both = narrowed(&own, &narrow, MOMENT);
        assert_eq!(both.range, None);
        assert_eq!(
            (both.filter.from, both.filter.before),
            (Some(900_000_000), Some(950_000_000))
        );
        let any = narrowed(&listing(""), &narrow, MOMENT);
        assert_eq!(any.filter.from, Some(800_000_000));
    }

    #[test]
    fn the_numbers_own_condition_wins() {
        let own = listing("url=%2Fa");
        let narrow = Filter {
            url: Some("/b".to_owned()),
            ..Filter::default()
        };
        assert_eq!(
            narrowed(&own, &narrow, MOMENT).filter.url.as_deref(),
            Some("/b")
        );
    }

    #[test]
    fn an_example_opens_in_its_page_load() {
        let loads = [('b', 'w', 5_000, 9, true), ('a', 'w', 1_000, 9, true)];
        let detail = detail(&loads);
        let example = |at, tab| Example {
            started: 1_000,
            rank: 0,
            at,
            tab,
        };
        let (tab, at) = opening(&detail, &example(5_900, 1)).unwrap();
        assert_eq!((tab, at), (tab_id('b'), 1_000));
        assert_eq!(opening(&detail, &example(300, 0)), Some((tab_id('a'), 0)));
        assert_eq!(opening(&detail, &example(0, 2)), None);
        // Those from before the session's start are at its start.
        let early = Example {
            started: 6_000,
            ..example(0, 0)
        };
        assert_eq!(opening(&detail, &early).unwrap().0, tab_id('a'));
    }
}
