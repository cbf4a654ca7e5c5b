//! The recording on a line, to look at and to seek on.

use super::Screen;
use crate::model::timeline::Scale;
use crate::model::{number, timeline};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::html;
use leptos::prelude::*;

/// The line.
pub(super) fn view(screen: Screen) -> Html {
    let shown = screen.shown();
    let scale = Memo::new(move |_| {
        let span = shown.span.get();
        shown.gaps.with(|gaps| Scale::new(span, gaps))
    });
    let line = NodeRef::<html::Div>::new();
    // Where the pointer is, from 0 to 1, and whether it drags.
    let (pointer, set_pointer) = signal(None::<f64>);
    let (dragged, set_dragged) = signal(None::<f64>);

    let fraction = move |event: &web_sys::PointerEvent| {
        let bounds = line.get_untracked()?.get_bounding_client_rect();
        let x = f64::from(event.client_x()) - bounds.left();
        (bounds.width() > 0.0).then(|| (x / bounds.width()).clamp(0.0, 1.0))
    };
    let seek = move |fraction: f64| {
        if let Some(at) = scale.with_untracked(|scale| scale.instant(fraction)) {
            screen.with_engine(|engine| engine.seek(at));
        }
    };
    let down = move |event: web_sys::PointerEvent| {
        if event.button() == 0 {
            if let Some(line) = line.get_untracked() {
                let _ = line.set_pointer_capture(event.pointer_id());
            }
            set_dragged.set(fraction(&event));
        }
    };
    let moved = move |event: web_sys::PointerEvent| {
        let at = fraction(&event);
        set_pointer.set(at);
        if dragged.get_untracked().is_some() {
            set_dragged.set(at);
        }
    };
    let up = move |_: web_sys::PointerEvent| {
        if let Some(at) = dragged.get_untracked() {
            set_dragged.set(None);
            seek(at);
        }
    };
    let key = move |event: web_sys::KeyboardEvent| {
        if let Some(at) = timeline::key(
            &event.key(),
            shown.at.get_untracked(),
            shown.span.get_untracked(),
        ) {
            event.prevent_default();
            event.stop_propagation();
            screen.with_engine(|engine| engine.seek(at));
        }
    };
    let place = move || {
        let playing = || scale.with(|scale| scale.fraction(shown.at.get()));
        dragged.get().unwrap_or_else(playing) * 100.0
    };
    let seconds = move || shown.offset() / 1_000;
    html! {
        <div
            class="timeline"
            class:dragging=move || dragged.get().is_some()
            data-testid="timeline"
            role="slider"
            tabindex="0"
            aria-label="Position in the recording"
            aria-valuemin="0"
            aria-valuemax=move || (shown.span.get().length() / 1_000).to_string()
            aria-valuenow=move || seconds().to_string()
            aria-valuetext=move || timeline::spoken(shown.at.get() / 1_000 * 1_000, shown.span.get())
            node_ref=line
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=move |_| set_dragged.set(None)
            on:pointerleave=move |_| set_pointer.set(None)
            on:keydown=key
        >
            <div class="track">
                {move || scale.with(|scale| loaded(screen, scale))}
                {move || scale.with(|scale| idle(screen, scale))}
                <div class="played" style=move || format!("width:{}%", number::decimal(place()))></div>
            </div>
            {move || scale.with(|scale| marks(screen, scale))}
            <div class="playhead" style=move || format!("left:{}%", number::decimal(place()))></div>
            {move || pointer.get().map(|at| scale.with(|scale| hint(screen, scale, at)))}
        </div>
    }
}

fn loaded(screen: Screen, scale: &Scale) -> Vec<Html> {
    let parts = screen.shown().spans.get();
    let part = |(from, to)| html! { <i class="loaded" style=timeline::stretch(from, to, scale).style()></i> };
    parts.into_iter().map(part).collect()
}

fn idle(screen: Screen, scale: &Scale) -> Vec<Html> {
    let gaps = screen.shown().gaps.with(|gaps| timeline::idle(gaps, scale));
    gaps.into_iter()
        .map(|gap| html! { <i class="gap" style=gap.style()></i> })
        .collect()
}

fn marks(screen: Screen, scale: &Scale) -> Html {
    let rows = screen.shown().rows;
    let marks = rows.with(|rows| timeline::marks(rows, scale));
    let stroke = |marks: timeline::Marks| {
        html! { <path class=format!("kind-{}", marks.kind.slug()) d=marks.path vector-effect="non-scaling-stroke"></path> }
    };
    html! {
        <svg class="marks" viewBox="0 0 1000 1" preserveAspectRatio="none" aria-hidden="true">
            {marks.into_iter().map(stroke).collect_view()}
        </svg>
    }
}

fn hint(screen: Screen, scale: &Scale, at: f64) -> Html {
    let span = screen.shown().span.get();
    let (time, said) = screen.shown().rows.with(|rows| {
        screen
            .shown()
            .gaps
            .with(|gaps| timeline::hint(rows, gaps, (span, scale), at))
    });
    let said = said.map(|(kind, label)| {
        html! { <span class=format!("hint-what kind-{}", kind.slug())>{icon(Icon::of(kind))}<span>{label}</span></span> }
    });
    // Near an end it stays inside.
    let shift = number::decimal((at * 100.0).clamp(0.0, 100.0));
    html! {
        <div class="hint" style=format!("left:{shift}%;transform:translateX(-{shift}%)") aria-hidden="true">
            <span class="hint-time">{time}</span>
            {said}
        </div>
    }
}
