//! From when to when.

use super::sieve::Sieve;
use crate::model::listing::{Listing, Range};
use crate::platform;
use crate::ui::Button;
use crate::ui::field::{Field, field};
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::popover::{Item, menu, opener, popover};
use leptos::prelude::*;

pub(super) fn view(sieve: Sieve) -> Html {
    let open = RwSignal::new(false);
    let label = Signal::derive(move || sieve.shown.with(|shown| name(&shown.listing)));
    let trigger = opener(open, label, Some(Icon::Calendar), "small", "dates");
    popover(open, "", trigger, move || body(sieve, open))
}

fn name(listing: &Listing) -> String {
    let last_day = |before: u64| platform::short_day(before.saturating_sub(1));
    match (listing.range, listing.filter.from, listing.filter.before) {
        (Some(range), ..) => range.name().to_owned(),
        (None, None, None) => "Any time".to_owned(),
        (None, Some(from), None) => format!("Since {}", platform::short_day(from)),
        (None, None, Some(before)) => format!("Until {}", last_day(before)),
        (None, Some(from), Some(before)) => {
            let (first, last) = (platform::short_day(from), last_day(before));
            if first == last {
                first
            } else {
                format!("{first} – {last}")
            }
        }
    }
}

fn body(sieve: Sieve, open: RwSignal<bool>) -> Html {
    let listing = sieve.shown.get_untracked().listing;
    let any = Item::choice("Any time", !listing.has_dates()).on(open, move || {
        let listing = sieve.shown.get_untracked().listing;
        sieve.go(&listing.without_dates());
    });
    let preset = |range: Range| {
        Item::choice(range.name(), listing.range == Some(range)).on(open, move || {
            let mut listing = sieve.shown.get_untracked().listing.without_dates();
            listing.range = Some(range);
            sieve.go(&listing);
        })
    };
    let items = core::iter::once(any)
        .chain(Range::ALL.map(preset))
        .collect();
    html! {
        {menu("Time", items)}
        {own_range(sieve, open, &listing)}
    }
}

/// Two days, both included.
fn own_range(sieve: Sieve, open: RwSignal<bool>, listing: &Listing) -> Html {
    let day = |at: Option<u64>| RwSignal::new(at.map(platform::day_field).unwrap_or_default());
    let from = day(listing.filter.from);
    let to = day(listing.filter.before.map(|before| before.saturating_sub(1)));
    let wrong = RwSignal::new(None::<String>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let mut listing = sieve.shown.get_untracked().listing.without_dates();
        listing.filter.from = platform::day_start(&from.get_untracked(), 0);
        listing.filter.before = platform::day_start(&to.get_untracked(), 1);
        if !listing.has_dates() {
            wrong.set(Some("Choose a day.".to_owned()));
            return;
        }
        if listing.filter.clone().checked().is_err() {
            wrong.set(Some("The first day must not be after the last.".to_owned()));
            return;
        }
        open.set(false);
        sieve.go(&listing);
    };
    let part = |label, value, wrong| {
        field(&Field {
            label,
            help: "",
            placeholder: "",
            kind: "date",
            value,
            wrong,
        })
    };
    html! {
        <form class="calendar-range" on:submit=submit>
            <div class="pair">
                {part("From", from, Signal::stored(None))}
                {part("To", to, wrong.into())}
            </div>
            <div class="row-of-buttons">{Button::new("Show").small().submits().on(|| {})}</div>
        </form>
    }
}
