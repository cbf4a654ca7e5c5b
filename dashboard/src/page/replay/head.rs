//! Whose session this is, and what one can do with it.

use super::Screen;
use crate::model::tabs::{self, PageLoad, Window};
use crate::model::{notice, text};
use crate::opened;
use crate::page::sessions::visitor;
use crate::platform;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::when;
use leptos::prelude::*;
use sentiero_core::api::SessionRow;
use sentiero_core::id::TabId;

/// The head of the screen.
pub(super) fn view(screen: Screen) -> Html {
    let row = Memo::new(move |_| {
        screen
            .detail
            .with(|detail| detail.as_ref().map(|detail| detail.row.clone()))
    });
    html! {
        <div class="replay-head">
            {move || row.get().map(|row| summary(screen, &row))}
            {super::neighbour::buttons(screen)}
            {actions(screen)}
        </div>
        {switcher(screen)}
    }
}

fn summary(screen: Screen, row: &SessionRow) -> Html {
    let back = screen.back();
    let address = text::address(&row.entry);
    let title = if address.path.is_empty() {
        "Session".to_owned()
    } else {
        address.path
    };
    let host = if address.host.is_empty() {
        screen.site_name.get_value()
    } else {
        address.host
    };
    let live = row.live.then(|| {
        html! { <span class="badge live" data-testid="session-live"><span class="pulse"></span>"Live"</span> }
    });
    let errors = (row.errors > 0).then(
        || html! { <span class="fact bad">{text::plural(row.errors.into(), "error")}</span> },
    );
    let back = (!screen.is_shared()).then(|| {
        html! { <a class="icon-button back" href=back aria-label="Back to the sessions" title="Back to the sessions">{icon(Icon::Back)}</a> }
    });
    html! {
        {back}
        <div class="replay-title">
            <h1 title=row.entry.clone()>{title}<span class="host">{host}</span></h1>
            <div class="facts">
                {live}
                <span class="fact">{when(screen.app, row.started)}</span>
                <span class="fact" title="From the first to the last event">{text::duration(row.duration)}</span>
                <span class="fact">{text::plural(row.pages.into(), "page")}</span>
                <span class="fact">{text::plural(row.clicks.into(), "click")}</span>
                <span class="fact">{text::plural(row.events, "event")}</span>
                {errors}
                <span class="fact visitor">{visitor(row)}</span>
                {incomplete(screen)}
            </div>
        </div>
    }
}

/// A word where the recording lacks something; the details say what.
fn incomplete(screen: Screen) -> Html {
    let missing = Memo::new(move |_| {
        let damaged = screen.shown().damaged.get();
        screen.detail.with(|detail| {
            let notices = detail
                .as_ref()
                .map(|detail| notice::notices(detail, damaged))
                .unwrap_or_default();
            notices
                .into_iter()
                .filter(|notice| notice.missing)
                .map(|notice| notice.text)
                .collect::<Vec<_>>()
                .join(" ")
        })
    });
    Html::new(move || {
        let missing = missing.get();
        (!missing.is_empty())
            .then(|| html! { <span class="badge warn" title=missing>"Incomplete"</span> })
    })
}

fn actions(screen: Screen) -> Html {
    if screen.is_shared() {
        return Html::empty();
    }
    html! {
        <div class="replay-actions">
            <button class="button" data-testid="copy-link" title="Copy a link to this moment (C)" on:click=move |_| super::copy_link(screen)>
                {icon(Icon::Link)}
                <span class="label">"Copy link"</span>
            </button>
            {save(screen)}
            {super::share::button(screen)}
            {super::removal::button(screen)}
        </div>
    }
}

/// Of what was opened from a file, its events; sessions of the worker are shared.
fn save(screen: Screen) -> Html {
    let Some(opened) = opened::get(&screen.site.get_value(), &screen.sid.get_value()) else {
        return Html::empty();
    };
    let name = format!("sentiero-{}.ndjson", opened.sid());
    let save = move |_| {
        let (site, sid) = (screen.site.get_value(), screen.sid.get_value());
        let lines = opened::get(&site, &sid).map(|opened| opened.lines());
        let saved =
            lines.and_then(|lines| platform::download(&name, "application/x-ndjson", &lines));
        if saved.is_none() {
            screen.app.say("This browser refused the download.");
        }
    };
    html! {
        <button class="button" data-testid="save-json" title="Every event as JSON, one a line" on:click=save>
            {icon(Icon::Download)}
            <span class="label">"JSON"</span>
        </button>
    }
}

/// The page loads of the session, by browser tab.
fn switcher(screen: Screen) -> Html {
    let windows = Memo::new(move |_| {
        screen.detail.with(|detail| {
            detail
                .as_ref()
                .map(|detail| tabs::windows(detail))
                .unwrap_or_default()
        })
    });
    Html::new(move || {
        let windows = windows.get();
        let loads: usize = windows.iter().map(|window| window.loads.len()).sum();
        let several = windows.len() > 1;
        (loads > 1).then(|| {
            let groups = windows
                .into_iter()
                .map(|window| group(screen, window, several))
                .collect_view();
            html! { <nav class="tabs" aria-label="Page loads">{joined(screen)}{groups}</nav> }
        })
    })
}

/// Whether the page loads are played one after the other, or each by itself.
fn joined(screen: Screen) -> Html {
    let joined = screen.shown().joined;
    html! {
        <button
            class="switch"
            role="switch"
            data-testid="joined"
            aria-checked=move || joined.get().to_string()
            title="At the end of a page load, go on with the one that began next"
            on:click=move |_| joined.update(|joined| *joined = !*joined)
        >
            <span class="switch-knob"></span>
            <span class="label">"Joined"</span>
        </button>
    }
}

fn group(screen: Screen, Window { number, loads, .. }: Window, several: bool) -> Html {
    let title =
        several.then(|| html! { <span class="tab-window">{format!("Tab {number}")}</span> });
    html! {
        <div class="tab-group" role="group" aria-label=format!("Browser tab {number}")>
            {title}
            {loads.into_iter().map(|load| page_load(screen, &load)).collect_view()}
        </div>
    }
}

fn page_load(screen: Screen, load: &PageLoad) -> Html {
    let (tab, current) = (load.tab.clone(), load.tab.clone());
    let label = load.label();
    let hint = format!(
        "{} · {} · {}{}",
        load.url,
        text::duration(load.duration),
        text::plural(load.events, "event"),
        if load.playable { "" } else { " · no snapshot" }
    );
    let chosen = move || (screen.shown().tab.get().as_ref() == Some(&current)).then_some("true");
    html! {
        <button class="tab" data-testid="tab-switch" data-tab=load.tab.to_string() title=hint aria-current=chosen on:click=move |_| open(screen, &tab)>
            <span class="tab-path">{label}</span>
            <span class="tab-time">{text::duration(load.duration)}</span>
        </button>
    }
}

/// Opens the page load after the one that is shown, or the one before.
pub(super) fn next_load(screen: Screen, forward: bool) {
    let Some(detail) = screen.detail.get_untracked() else {
        return;
    };
    let shown = screen.shown().tab.get_untracked();
    if let Some(tab) = tabs::next(&detail, shown.as_ref(), forward) {
        open(screen, &tab);
    }
}

/// Opens a page load from its start.
pub(super) fn open(screen: Screen, tab: &TabId) {
    let Some(detail) = screen.detail.get_untracked() else {
        return;
    };
    if screen.shown().tab.get_untracked().as_ref() == Some(tab) {
        return;
    }
    screen.with_engine(|engine| {
        engine.open(&detail, tab, None);
        engine.remember();
    });
}
