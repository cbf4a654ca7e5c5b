//! What happened when in a visit, as a row of bars.

use crate::model::strip::{Bar, HEIGHT, Mood, WIDTH, bars};
use crate::ui::html::{Html, html};
use leptos::prelude::*;

/// Draws `levels`; `said` is what it shows, in words.
pub(crate) fn strip(levels: &[(u8, Mood)], said: String) -> Html {
    let bar = |Bar {
                   x,
                   y,
                   width,
                   height,
                   mood,
               }: Bar| {
        let class = match mood {
            Mood::Calm => "calm",
            Mood::Busy => "busy",
            Mood::Frustrated => "frustrated",
            Mood::Failed => "failed",
        };
        html! { <rect class=class x=x.to_string() y=y.to_string() width=width.to_string() height=height.to_string() rx="1"></rect> }
    };
    html! {
        <svg class="strip" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=said>
            <title>{said.clone()}</title>
            {bars(levels).into_iter().map(bar).collect_view()}
        </svg>
    }
}
