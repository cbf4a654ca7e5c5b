//! The sessions of a site: found, read at a glance, opened, deleted.
//!
//! | module | shows |
//! |---|---|
//! | `list` | what all share: the loaded rows, and what happens to them |
//! | `sieve` | which sessions are looked at |
//! | `bar` | the same as it is shown and changed, with `dates`, `editor` and `segments`; also above reports |
//! | `rows` | the table |
//! | `states` | what is there instead of a table |
//! | `erase` | deletion |
//! | `export` | the list as a file |

pub(super) mod bar;
mod dates;
mod editor;
mod erase;
mod export;
mod list;
mod rows;
mod segments;
pub(super) mod sieve;
mod states;

pub(super) use editor::shown;
pub(super) use rows::visitor;
pub(super) use segments::kept;

use crate::app::App;
use crate::model::{notice, text};
use crate::platform;
use crate::ui::field::switch;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, note, unreadable};
use crate::ui::{Button, icon_button};
use export::Saving;
use leptos::ev;
use leptos::prelude::*;
use list::List;
use sentiero_core::id::SiteKey;
use wasm_bindgen::JsCast as _;

/// What the list begins with when somebody comes to `site`: the saved segment
/// that was chosen for that, as the query part of the address.
pub(super) fn beginning(site: &SiteKey) -> String {
    segments::kept(site).first().to_owned()
}

/// What is shown below the bar.
#[derive(Clone, PartialEq)]
enum Body {
    Waiting,
    Failed(crate::model::failure::Failure),
    FirstRun,
    NoMatch,
    Table,
}

/// The screen.
pub(super) fn view(app: App, site: SiteKey, name: &str) -> Html {
    platform::title(name);
    let list = List::start(app, site);
    let saving = Saving::new();
    let keys = window_event_listener(ev::keydown, move |event| on_key(list, &event));
    on_cleanup(move || keys.remove());
    // Only the kind of body: new rows must not build the table again.
    let body = Memo::new(move |_| match (list.is_empty(), list.failure.get()) {
        (None, Some(failure)) => Body::Failed(failure),
        (None, None) => Body::Waiting,
        (Some(false), _) => Body::Table,
        (Some(true), _) if list.shown.with(|shown| shown.listing.is_all()) => Body::FirstRun,
        (Some(true), _) => Body::NoMatch,
    });
    html! {
        <div class="page">
            <div class="page-head">
                <h1>"Sessions"</h1>
                <span class="total" role="status" data-testid="total">{move || total(list)}</span>
                <div class="page-actions">{actions(list, saving)}</div>
            </div>
            {move || (body.get() != Body::FirstRun).then(|| bar::view(list.sieve(), Some(bar::order(list.sieve()))))}
            {move || wrong(list)}
            {move || offline(list)}
            {move || stale(list)}
            {move || masked(list)}
            {erase::progress_note(list)}
            {export::progress_note(list, saving)}
            {move || match body.get() {
                Body::Waiting => states::waiting(list),
                Body::Failed(failure) => states::failed(list, &failure),
                Body::FirstRun => states::first_run(list),
                Body::NoMatch => states::no_match(list),
                Body::Table => rows::table(list),
            }}
        </div>
        {erase::dialog(list)}
    }
}

fn total(list: List) -> Option<String> {
    let total = list.total()?;
    let live = list
        .facets
        .with(|facets| facets.as_ref().map_or(0, |facets| facets.live));
    let said = text::plural(total, "session");
    Some(if live > 0 {
        format!("{said} · {} live", text::number(live))
    } else {
        said
    })
}

fn actions(list: List, saving: Saving) -> Html {
    let none = Memo::new(move |_| list.total() == Some(0));
    let more = move || (!none.get()).then(|| erase::menu(list, saving));
    html! {
        {switch(
            "Auto",
            "-refresh",
            "Look for new sessions every 10 seconds",
            list.auto.into(),
            move || list.flip_auto(),
        )}
        <span class:busy=move || list.refreshing.get()>
            {icon_button("Refresh", Icon::Refresh, move || list.refresh(true))}
        </span>
        {more}
    }
}

/// What in the address cannot be read.
fn wrong(list: List) -> Option<Html> {
    let wrong = list.shown.with(|shown| shown.wrong.clone())?;
    Some(unreadable(&wrong, " Everything is shown.", move || {
        list.go(&crate::model::listing::Listing::default());
    }))
}

fn offline(list: List) -> Option<Html> {
    (!list.app.online.get()).then(|| {
        let said = html! { <span>"You are offline. The list goes on by itself when the connection is back."</span> };
        note(Tone::Warn, Icon::Offline, "offline", said, None)
    })
}

/// A failure while there is an older list to look at.
fn stale(list: List) -> Option<Html> {
    let failure = list
        .failure
        .get()
        .filter(|_| list.is_empty().is_some() && list.app.online.get())?;
    let said =
        html! { <span>{format!("{}. What you see may be out of date.", failure.title())}</span> };
    let act = Button::new("Try again")
        .small()
        .testid("retry")
        .on(move || list.refresh(true));
    Some(note(Tone::Bad, Icon::Warning, "problem", said, Some(act)))
}

/// What the edge had to mask although a page should have.
fn masked(list: List) -> Option<Html> {
    let notice = notice::masked(&list.privacy.get())?;
    let said = html! { <span><strong>{notice.what}</strong>" "{notice.text}</span> };
    Some(note(Tone::Warn, Icon::Info, "masked-at-edge", said, None))
}

fn on_key(list: List, event: &web_sys::KeyboardEvent) {
    if platform::typing(event) || in_popover(event) {
        return;
    }
    match event.key().as_str() {
        "j" | "ArrowDown" => step(event, 1),
        "k" | "ArrowUp" => step(event, -1),
        "x" | "X" => {
            if let Some(sid) = focused_session() {
                list.pick(&sid, event.shift_key());
            }
        }
        "Escape" => list.picked.update(crate::model::picked::Picked::clear),
        "r" => list.refresh(true),
        "f" => {
            event.prevent_default();
            list.adding.get_value().open.set(true);
        }
        "/" => {
            event.prevent_default();
            bar::focus_search();
        }
        _ => {}
    }
}

pub(super) fn in_popover(event: &web_sys::KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest(".popover-body").ok().flatten().is_some())
}

/// The session whose row has the focus.
fn focused_session() -> Option<sentiero_core::id::SessionId> {
    let active = platform::document()?.active_element()?;
    let row = active.closest("tr[data-sid]").ok()??;
    sentiero_core::id::SessionId::parse(&row.get_attribute("data-sid")?).ok()
}

/// Moves the focus from row to row; from nowhere to the first.
pub(super) fn step(event: &web_sys::KeyboardEvent, by: i32) {
    let Some(document) = platform::document() else {
        return;
    };
    let Ok(links) = document.query_selector_all(".row-link") else {
        return;
    };
    let row = document
        .active_element()
        .and_then(|active| active.closest("tr").ok().flatten());
    let length = i32::try_from(links.length()).unwrap_or(i32::MAX);
    let at = |index: i32| u32::try_from(index).ok().and_then(|index| links.get(index));
    let inside = |index: &i32| {
        row.as_ref()
            .is_some_and(|row| row.contains(at(*index).as_ref()))
    };
    let focused = (0..length).find(inside);
    if focused.is_none() && event.key().starts_with("Arrow") {
        // The arrows scroll until somebody is in the list.
        return;
    }
    let next = focused.map_or(0, |index| (index + by).clamp(0, length - 1));
    if let Some(link) = at(next).and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        let _ = link.focus();
    }
}
