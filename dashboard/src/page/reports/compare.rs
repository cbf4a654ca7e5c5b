//! Other sessions to compare with: chosen among the saved segments.

use super::state::State;
use crate::model::clauses;
use crate::model::listing::Listing;
use crate::model::segments::Segments;
use crate::page::sessions::{kept, shown};
use crate::ui::html::Html;
use crate::ui::popover::{Item, menu, menu_line, opener, popover};
use leptos::prelude::*;

/// What `listing` is called.
pub(super) fn name(state: State, listing: &Listing) -> String {
    called(&kept(&state.site.get_value()), listing)
}

fn called(segments: &Segments, listing: &Listing) -> String {
    match segments.of(&listing.to_string()) {
        Some(segment) => segment.name.clone(),
        None if listing.is_all() => "All sessions".to_owned(),
        // Two sides must not have one name.
        None => match clauses::said(&listing.filter, &shown) {
            said if said.is_empty() => "Sessions of the filter".to_owned(),
            said => said,
        },
    }
}

/// The menu.
pub(super) fn view(state: State) -> Html {
    let open = RwSignal::new(false);
    let label = Signal::derive(move || {
        let against = state.asking.with(|asking| asking.against.clone());
        against.map_or_else(
            || "Compare".to_owned(),
            |against| format!("Against {}", name(state, &against)),
        )
    });
    let trigger = opener(open, label, None, "small", "compare");
    popover(open, "", trigger, move || lines(state, open))
}

fn lines(state: State, open: RwSignal<bool>) -> Html {
    let segments = kept(&state.site.get_value());
    let against = state.asking.with_untracked(|asking| asking.against.clone());
    let item = |label: &str, listing: Option<Listing>| {
        Item::choice(label, against == listing).on(open, move || {
            let asking = state.asking.get_untracked();
            state.go(&asking.compared(listing.clone()));
        })
    };
    let mut items = vec![
        item("Nothing", None),
        item("All sessions", Some(Listing::default())),
    ];
    let saved = segments.all().iter().map(|segment| {
        let (listing, _) = Listing::parse(&segment.query);
        item(&segment.name, Some(listing))
    });
    let saved: Vec<Html> = saved.collect();
    if !saved.is_empty() {
        items.push(menu_line());
        items.extend(saved);
    }
    menu("Compare with", items)
}
