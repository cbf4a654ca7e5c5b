//! From a number to the sessions behind it: a narrower list, or a moment of a session.

use crate::model::listing::{Listing, Moment};
use sentiero_core::analytics::report::Example;
use sentiero_core::api::{SessionDetail, Tab};
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, TabId};

/// The list of the sessions behind a number: the report's own conditions, and the number's.
///
/// Where both say something of the same field, what the report said goes into a filter
/// within the filter, so that both hold; of more conditions than a filter may have, the
/// number's alone does. Dates are those of both.
pub fn narrowed(listing: &Listing, narrow: &Filter, moment: Moment) -> Listing {
    let has_dates = narrow.from.is_some() || narrow.before.is_some();
    let own = if has_dates {
        listing.resolve(moment)
    } else {
        listing.filter.clone()
    };
    let mut also = Filter::default();
    let mut meta = own.meta.clone();
    meta.extend(narrow.meta.clone());
    let mut not = own.not;
    for one in &narrow.not {
        if !not.contains(one) {
            not.push(one.clone());
        }
    }
    let mut any = own.any;
    if any.is_empty() {
        any.clone_from(&narrow.any);
    } else if !narrow.any.is_empty() {
        not.push(none_of(narrow.any.clone()));
    }
    let mut filter = Filter {
        from: own.from.max(narrow.from),
        before: least(own.before, narrow.before),
        user: both(narrow.user.as_ref(), own.user.as_ref(), &mut also.user),
        country: both(
            narrow.country.as_ref(),
            own.country.as_ref(),
            &mut also.country,
        ),
        region: both(
            narrow.region.as_ref(),
            own.region.as_ref(),
            &mut also.region,
        ),
        timezone: both(
            narrow.timezone.as_ref(),
            own.timezone.as_ref(),
            &mut also.timezone,
        ),
        browser: both(
            narrow.browser.as_ref(),
            own.browser.as_ref(),
            &mut also.browser,
        ),
        os: both(narrow.os.as_ref(), own.os.as_ref(), &mut also.os),
        device: both(
            narrow.device.as_ref(),
            own.device.as_ref(),
            &mut also.device,
        ),
        entry: both(narrow.entry.as_ref(), own.entry.as_ref(), &mut also.entry),
        url: both(narrow.url.as_ref(), own.url.as_ref(), &mut also.url),
        referrer: both(
            narrow.referrer.as_ref(),
            own.referrer.as_ref(),
            &mut also.referrer,
        ),
        meta,
        event: both(narrow.event.as_ref(), own.event.as_ref(), &mut also.event),
        errors: own.errors || narrow.errors,
        rage: own.rage || narrow.rage,
        dead: own.dead || narrow.dead,
        min_duration: own.min_duration.max(narrow.min_duration),
        max_duration: least(own.max_duration, narrow.max_duration),
        live: narrow.live.or(own.live),
        q: both(narrow.q.as_ref(), own.q.as_ref(), &mut also.q),
        any,
        not,
    };
    // One of too many conditions could not be read, and everything would be shown.
    if filter.clone().checked().is_err() {
        filter.any.clone_from(&narrow.any);
        filter.not.clone_from(&narrow.not);
    }
    if also != Filter::default() {
        let mut both = filter.clone();
        if both.any.is_empty() {
            both.any.push(also);
        } else {
            both.not.push(none_of(vec![also]));
        }
        if both.clone().checked().is_ok() {
            filter = both;
        }
    }
    Listing {
        range: listing.range.filter(|_| !has_dates),
        filter,
        sort: listing.sort,
    }
}

/// What takes sessions that none of `filters` takes. Left out, it means one of them: a filter
/// has one list of alternatives only.
fn none_of(filters: Vec<Filter>) -> Filter {
    let not = match <[Filter; 1]>::try_from(filters) {
        Ok([one]) => one,
        Err(any) => Filter {
            any,
            ..Filter::default()
        },
    };
    Filter {
        not: vec![not],
        ..Filter::default()
    }
}

/// The number's condition on a field; the report's other one is put aside.
fn both(
    number: Option<&String>,
    own: Option<&String>,
    aside: &mut Option<String>,
) -> Option<String> {
    if number.is_some() && number != own {
        *aside = own.cloned();
    }
    number.or(own).cloned()
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
    let loads = detail.tab_list.iter().filter(|tab| !tab.tab.is_server());
    let mut tabs: Vec<&Tab> = loads.collect();
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
    use crate::model::report::asking::tests::MOMENT;
    use crate::model::tabs::tests::{detail, tab_id};

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
    fn two_conditions_on_one_field_both_hold() {
        let narrow = Filter {
            url: Some("/b".to_owned()),
            ..Filter::default()
        };
        for (own, both) in [
            ("url=%2Fb", "url=%2Fb"),
            ("url=%2Fa", "url=%2Fb&any=url%3D%252Fa"),
            (
                "url=%2Fa&any=rage%3Dtrue&not=errors%3Dtrue",
                "url=%2Fb&any=rage%3Dtrue&not=errors%3Dtrue&not=not%3Durl%253D%25252Fa",
            ),
        ] {
            let found = narrowed(&listing(own), &narrow, MOMENT);
            assert_eq!(found.to_string(), listing(both).to_string());
            assert!(found.filter.checked().is_ok());
        }
        let full = "&not=rage%3Dtrue".repeat(sentiero_core::filter::MAX_WITHIN);
        let found = narrowed(&listing(&format!("url=%2Fa{full}")), &narrow, MOMENT);
        assert_eq!(
            found.to_string(),
            listing(&format!("url=%2Fb{full}")).to_string()
        );
    }

    #[test]
    fn what_must_not_hold_and_alternatives_are_those_of_both() {
        let within = |text: &str| listing(text).filter;
        for (own, narrow, both) in [
            ("", "not=errors%3Dtrue", "not=errors%3Dtrue"),
            (
                "not=rage%3Dtrue",
                "not=errors%3Dtrue",
                "not=rage%3Dtrue&not=errors%3Dtrue",
            ),
            ("not=rage%3Dtrue", "not=rage%3Dtrue", "not=rage%3Dtrue"),
            (
                "",
                "any=rage%3Dtrue&any=errors%3Dtrue",
                "any=rage%3Dtrue&any=errors%3Dtrue",
            ),
            (
                "any=dead%3Dtrue",
                "any=rage%3Dtrue",
                "any=dead%3Dtrue&not=not%3Drage%253Dtrue",
            ),
        ] {
            let found = narrowed(&listing(own), &within(narrow), MOMENT);
            assert_eq!(found.to_string(), listing(both).to_string());
        }
        // Too many: the number's alone.
        let full = "not=rage%3Dtrue&".repeat(sentiero_core::filter::MAX_WITHIN);
        let found = narrowed(&listing(&full), &within("not=errors%3Dtrue"), MOMENT);
        assert_eq!(found.to_string(), "not=errors%3Dtrue");
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
