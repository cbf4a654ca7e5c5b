//! Where the visitor clicked, over the page as it is at the moment that is shown.

use super::Screen;
use crate::model::frame::Command;
use crate::model::heat::{Depth, HeatMap, Range};
use crate::model::text;
use crate::ui::html::{Html, html};
use leptos::prelude::*;
use sentiero_core::digest::REACH;

/// What the viewer chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// The clicks are shown.
    pub(super) on: bool,
    /// Which.
    pub(super) range: Range,
}

/// Keeps the frame's overlay up to date.
pub(super) fn follow(screen: Screen) {
    let shown = screen.shown();
    // Once a second is enough: the frame itself follows the elements.
    let second = Memo::new(move |_| shown.at.get() / 1_000);
    let command = Memo::new(move |_| {
        let Shown { on, range } = screen.heat.get();
        // A new frame knows nothing yet.
        if !on || !shown.seen.get() {
            return None;
        }
        let now = second.get() * 1_000 + 999;
        Some(shown.heat.with(|heat| heat.command(range, now)))
    });
    Effect::new(move |before: Option<bool>| {
        let command = command.get();
        let on = command.is_some();
        let off = (before == Some(true)).then(Command::no_heat);
        if let Some(command) = command.or(off) {
            screen.with_engine(|engine| engine.send(command));
        }
        on
    });
}

/// The legend, while the clicks are shown.
pub(super) fn legend(screen: Screen) -> Html {
    let on = Memo::new(move |_| screen.heat.with(|heat| heat.on));
    Html::new(move || on.get().then(|| open(screen)))
}

fn open(screen: Screen) -> Html {
    let shown = screen.shown();
    let second = Memo::new(move |_| shown.at.get() / 1_000 * 1_000 + 999);
    let said = move || {
        let Shown { range, .. } = screen.heat.get();
        let now = second.get();
        shown.heat.with(|heat| {
            let counts = HeatMap::counts(&heat.shown(range, now));
            let depth = heat.depth(range, now).map(depth);
            html! {
                <span class="heat-key plain">{text::plural(count(counts.clicks), "click")}</span>
                <span class="heat-key rage" title=rage()>{format!("{} rage", counts.rage)}</span>
                <span class="heat-key dead" title=format!("The page did not change for {REACH} ms")>{format!("{} dead", counts.dead)}</span>
                {depth}
            }
        })
    };
    let ranges = Range::ALL.map(|range| {
        let pressed = move || (screen.heat.with(|heat| heat.range) == range).to_string();
        html! {
            <button aria-pressed=pressed on:click=move |_| screen.heat.update(|heat| heat.range = range)>{range.title()}</button>
        }
    });
    html! {
        <div class="heat-legend" data-testid="heat-legend">
            <div class="speeds" role="group" aria-label="Which clicks">{ranges.into_iter().collect_view()}</div>
            {said}
        </div>
    }
}

/// What counts as rage, as core judges it.
fn rage() -> String {
    format!("Three or more clicks in one place, each within {REACH} ms of the one before")
}

fn depth(depth: Depth) -> Html {
    let screens = depth.screens();
    html! {
        <span class="heat-depth" title="The lower edge of what was seen, from the top of the page">
            {format!("Seen down to {} px ({screens} screens)", text::number(depth.bottom))}
        </span>
    }
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
