//! Made up issues, for the page of components.

use super::rows::{drawn, state_badge};
use crate::model::issues::trend::Bar;
use crate::ui::html::{Html, html};
use crate::ui::message::badge;
use leptos::prelude::*;
use sentiero_core::issue::State;

/// Trends and what was decided.
pub(in crate::page) fn samples() -> Html {
    let trend = |counts: &[u64]| {
        let bars: Vec<Bar> = counts
            .iter()
            .map(|count| Bar {
                from: 0,
                count: *count,
            })
            .collect();
        drawn(&bars)
    };
    html! {
        <div class="design-row">
            {trend(&[0, 1, 0, 4, 9, 3, 0, 0, 2, 12])}
            {trend(&[0; 14])}
            {trend(&[7])}
            {trend(&[1, 900, 1, 1])}
        </div>
        <div class="design-row">
            {state_badge(State::Resolved)}
            {state_badge(State::Ignored)}
            {badge("bad", None, "New".to_owned(), None)}
            {badge("warn", None, "Came again".to_owned(), None)}
        </div>
    }
}
