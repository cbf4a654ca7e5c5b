//! Rows of bars without words: what happened when in a visit, how often something came.

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

/// The height that [`spark`] draws at most.
pub(crate) const SPARK: u32 = 20;

/// Draws how often something came, as bars of `heights` up to [`SPARK`] that stand on a line;
/// `said` is what it shows, in words.
pub(crate) fn spark(heights: &[u32], said: String) -> Html {
    const PLACE: usize = 4;
    let bar = |(place, height): (usize, &u32)| {
        let top = SPARK.saturating_sub(*height);
        html! { <rect x=(place * PLACE).to_string() y=top.to_string() width="3" height=height.to_string()></rect> }
    };
    let width = heights.len().max(1) * PLACE;
    html! {
        <svg class="spark" viewBox=format!("0 0 {width} {SPARK}") preserveAspectRatio="none" role="img" aria-label=said>
            <title>{said.clone()}</title>
            {heights.iter().enumerate().map(bar).collect_view()}
        </svg>
    }
}
