//! The recorded page and the controls under it.

use super::{Screen, heat, timeline, toggle_skip};
use crate::model::activity::{Kind, Row};
use crate::model::missing::{Missing, Next, missing};
use crate::model::player::{Phase, SPEEDS};
use crate::model::{rows, text};
use crate::platform;
use crate::ui::field::select;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::{Button, icon_button};
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

const PLAYER: &str = "player";

/// Page and controls.
pub(super) fn view(screen: Screen) -> Html {
    let slot = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(slot) = slot.get() {
            screen.with_engine(|engine| engine.stage(slot.into()));
        }
    });
    let shown = screen.shown();
    let ratio = move || {
        shown
            .viewport
            .get()
            .map(|(width, height)| format!("--ratio:{width}/{height}"))
    };
    let touch = move |_| screen.with_engine(super::engine::Engine::toggle);
    html! {
        <section class="player" id=PLAYER aria-label="Player">
            {address_bar(screen)}
            <div class="stage" class:seen=move || shown.seen.get() style=ratio>
                <div class="stage-slot" node_ref=slot></div>
                // Above the frame, so that a click plays and the keyboard stays here.
                <div class="stage-shade" on:click=touch></div>
                {overlay(screen)}
                {heat::legend(screen)}
            </div>
            <div class="controls">
                {timeline::view(screen)}
                <div class="control-row">
                    {play_button(screen)}
                    <div class="nudges">
                        {icon_button("5 seconds back (←)", Icon::Back5, move || screen.with_engine(|engine| engine.nudge(-5_000)))}
                        {icon_button("5 seconds forward (→)", Icon::Forward5, move || screen.with_engine(|engine| engine.nudge(5_000)))}
                    </div>
                    {clock(screen)}
                    <span class="grow"></span>
                    {heat_switch(screen)}
                    {skip_switch(screen)}
                    {speeds(screen)}
                    {speed_select(screen)}
                    {icon_button("Full screen (F)", Icon::Expand, full_screen)}
                </div>
            </div>
        </section>
    }
}

/// Full screen for the player, or back.
pub(super) fn full_screen() {
    if let Some(player) =
        platform::document().and_then(|document| document.get_element_by_id(PLAYER))
    {
        platform::toggle_full_screen(&player);
    }
}

/// Where the visitor was, as a browser shows it.
fn address_bar(screen: Screen) -> Html {
    let shown = screen.shown();
    let pages = Memo::new(move |_| shown.rows.with(pages));
    let url = Memo::new(move |_| {
        let at = shown.at.get();
        pages.with(|pages| {
            let last = pages.partition_point(|(from, _)| *from <= at).max(1) - 1;
            pages
                .get(last)
                .map(|(_, url)| url.clone())
                .unwrap_or_default()
        })
    });
    let size = move || {
        shown
            .viewport
            .get()
            .map(|(width, height)| format!("{width} × {height}"))
    };
    html! {
        <div class="address">
            <span class="address-dots" aria-hidden="true"><i></i><i></i><i></i></span>
            <span class="address-url" title=move || url.get()>
                {move || {
                    let address = text::address(&url.get());
                    html! { <span class="host">{address.host}</span><span class="path">{address.path}</span> }
                }}
            </span>
            <span class="address-size" title="The visitor's viewport">{size}</span>
        </div>
    }
}

fn pages(rows: &Arc<Vec<Row>>) -> Vec<(u64, String)> {
    rows.iter()
        .filter(|row| row.kind == Kind::Page)
        .map(|row| (row.at, row.detail.clone()))
        .collect()
}

/// What lies over the page: that it loads, waits, ended or cannot be shown.
fn overlay(screen: Screen) -> Html {
    let shown = screen.shown();
    let state = Memo::new(move |_| {
        let phase = shown.phase.get();
        let failed = shown
            .failure
            .get()
            .filter(|_| matches!(phase, Phase::Loading | Phase::Unplayable));
        (
            phase,
            failed,
            shown.seen.get(),
            shown.at.get() == shown.span.get().from,
        )
    });
    let skipped = move || {
        shown.skipped.get().map(|gap| {
            html! { <div class="pill">{icon(Icon::Skip)}{format!("Skipped {} of idle time", text::duration(gap.to - gap.from))}</div> }
        })
    };
    let view = move || {
        let (phase, failed, seen, at_start) = state.get();
        if let Some(failure) = failed {
            let retry = move || screen.with_engine(super::engine::Engine::retry);
            return html! { <div class="veil">{crate::ui::problem(&failure, retry)}</div> };
        }
        match phase {
            Phase::Loading if seen => {
                html! { <div class="pill" role="status"><span class="spinner"></span>"Loading…"</div> }
            }
            Phase::Loading => {
                html! { <div class="veil" role="status"><span class="spinner large"></span><p>"Loading the recording…"</p></div> }
            }
            Phase::Waiting => {
                html! { <div class="pill" role="status"><span class="pulse"></span>"Waiting for the visitor"</div> }
            }
            Phase::Unplayable => unplayable(screen),
            Phase::Ended => big_button("Play again", Icon::Replay, screen),
            // Later, a button would hide what one stopped to look at.
            Phase::Paused if at_start => big_button("Play", Icon::Play, screen),
            Phase::Paused | Phase::Playing => Html::empty(),
        }
    };
    html! { {view}{skipped} }
}

fn big_button(name: &'static str, picture: Icon, screen: Screen) -> Html {
    // The same as the button below, for the pointer: not another stop for the keyboard.
    html! {
        <button class="big-play" tabindex="-1" aria-hidden="true" title=name on:click=move |_| screen.with_engine(super::engine::Engine::toggle)>
            {icon(picture)}
        </button>
    }
}

/// What is missing, why, and the way on.
fn unplayable(screen: Screen) -> Html {
    let shown = screen.shown();
    let view = move || {
        let tab = shown.tab.get();
        let detail = screen.detail.get()?;
        let Missing { title, why, next } = missing(&detail, tab.as_ref());
        let next = match next {
            Next::Wait => {
                html! { <p class="missing-wait"><span class="pulse"></span>"Looking again every few seconds"</p> }
            }
            Next::Open(tab) => {
                let open = move || super::head::open(screen, &tab);
                Button::new("Open the first page that can be replayed")
                    .primary()
                    .on(open)
            }
            Next::Again => Button::new("Try again").primary().on(move || again(screen)),
            Next::Leave => {
                let back = screen.back();
                html! { <a class="button" href=back>"Back to the sessions"</a> }
            }
        };
        Some(
            html! { <div class="empty" role="status" data-testid="missing"><h2>{title}</h2><p>{why}</p>{next}</div> },
        )
    };
    html! { <div class="veil">{view}</div> }
}

/// Opens the same page load anew.
fn again(screen: Screen) {
    let tab = screen.shown().tab.get_untracked();
    if let (Some(detail), Some(tab)) = (screen.detail.get_untracked(), tab) {
        screen.with_engine(|engine| engine.open(&detail, &tab, None));
    }
}

fn play_button(screen: Screen) -> Html {
    let shown = screen.shown();
    // Two test ids for one button: journeys ask for what it does.
    let state = Memo::new(move |_| (shown.playing.get(), shown.phase.get() == Phase::Ended));
    let name = move || match state.get() {
        (true, _) => "Pause (space)",
        (false, true) => "Play again (space)",
        (false, false) => "Play (space)",
    };
    let picture = move || match state.get() {
        (true, _) => Icon::Pause,
        (false, true) => Icon::Replay,
        (false, false) => Icon::Play,
    };
    html! {
        <button
            class="play"
            data-testid=move || if state.get().0 { "pause" } else { "play" }
            title=name
            aria-label=name
            disabled=move || !shown.playable.get() && !shown.playing.get()
            on:click=move |_| screen.with_engine(super::engine::Engine::toggle)
        >
            {move || icon(picture())}
        </button>
    }
}

fn clock(screen: Screen) -> Html {
    let shown = screen.shown();
    let exact = move || {
        let at = shown.at.get().saturating_add_signed(shown.ahead.get());
        platform::exact(at / 1_000 * 1_000)
    };
    let second = Memo::new(move |_| shown.offset() / 1_000 * 1_000);
    html! {
        <span class="clock" title=exact>
            <span data-testid="time-current">{move || text::clock(second.get())}</span>
            <span class="clock-of">"/"</span>
            <span data-testid="time-total">{move || text::clock(shown.span.get().length())}</span>
        </span>
    }
}

fn heat_switch(screen: Screen) -> Html {
    let on = move || screen.heat.with(|heat| heat.on);
    html! {
        <button
            class="switch"
            role="switch"
            data-testid="heat"
            aria-checked=move || on().to_string()
            title="Show the clicks over the page (H)"
            on:click=move |_| screen.heat.update(|heat| heat.on = !heat.on)
        >
            <span class="switch-knob"></span>
            <span class="label">"Clicks"</span>
        </button>
    }
}

fn skip_switch(screen: Screen) -> Html {
    let shown = screen.shown();
    html! {
        <button
            class="switch"
            role="switch"
            data-testid="skip-idle"
            aria-checked=move || shown.skip.get().to_string()
            title="Skip times in which the visitor did nothing (S)"
            on:click=move |_| screen.with_engine(toggle_skip)
        >
            <span class="switch-knob"></span>
            <span class="label">"Skip idle"</span>
        </button>
    }
}

fn speeds(screen: Screen) -> Html {
    let shown = screen.shown();
    let choice = |speed: u16| {
        let times = text::times(speed);
        html! {
            <button
                aria-pressed=move || (shown.speed.get() == speed).to_string()
                aria-label=format!("{times} times the speed")
                on:click=move |_| screen.with_engine(|engine| engine.speed(speed))
            >
                {format!("{times}×")}
            </button>
        }
    };
    html! {
        <div class="speeds" role="group" aria-label="Speed" title="Faster or slower (↑ ↓)" data-testid="speed" data-speed=move || text::times(shown.speed.get())>
            {SPEEDS.map(choice).into_iter().collect_view()}
        </div>
    }
}

/// The same where there is no room for a button each.
fn speed_select(screen: Screen) -> Html {
    let shown = screen.shown();
    let options = SPEEDS.map(|speed| (speed.to_string(), format!("{}×", text::times(speed))));
    let chosen = Signal::derive(move || shown.speed.get().to_string());
    let choose = move |speed: String| {
        if let Ok(speed) = speed.parse() {
            screen.with_engine(|engine| engine.speed(speed));
        }
    };
    html! { <span class="speed-select" data-testid="speed-select">{select("Speed", options.into(), chosen, choose)}</span> }
}

/// The kinds that a filter offers: those that there are.
pub(super) fn kinds_present(rows: &[Row]) -> Vec<(Kind, usize)> {
    Kind::ALL
        .into_iter()
        .zip(rows::counts(rows))
        .filter(|(_, count)| *count > 0)
        .collect()
}
