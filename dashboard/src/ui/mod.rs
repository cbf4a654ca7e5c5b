//! The pieces that every screen is made of. The page `#/design` shows each in
//! each of its states; what is not there is not done.

pub(crate) mod button;
pub(crate) mod combobox;
pub(crate) mod dialog;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod html;
pub(crate) mod icon;
pub(crate) mod message;
pub(crate) mod popover;
pub(crate) mod strip;

pub(crate) use button::{Button, icon_button};
pub(crate) use message::{bone, problem};

use crate::app::App;
use crate::model::text;
use crate::platform;
use crate::ui::html::{Html, html};
use core::sync::atomic::{AtomicU32, Ordering};
use leptos::prelude::*;
use sentiero_core::id::Millis;
use wasm_bindgen::JsCast as _;

/// An id that no other element has.
pub(crate) fn fresh_id() -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("u{}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// When something was: relative to now, in full when pointed at.
pub(crate) fn when(app: App, at: Millis) -> Html {
    told(app, at, platform::date)
}

/// The same, where there is little room: of what is long ago, the day alone.
pub(crate) fn since(app: App, at: Millis) -> Html {
    told(app, at, platform::short_day)
}

fn told(app: App, at: Millis, long_ago: fn(Millis) -> String) -> Html {
    let said = move || text::ago(app.clock.get(), at).unwrap_or_else(|| long_ago(at));
    html! { <time datetime=platform::iso(at) title=platform::exact(at)>{said}</time> }
}

/// Moves the focus by an arrow key, Home or End among those elements inside of
/// the event's own that `which` selects.
pub(crate) fn focus_step(event: &web_sys::KeyboardEvent, which: &str) {
    let at = |length: u32, active: Option<u32>| match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => active.map_or(Some(0), |at| Some((at + 1) % length)),
        "ArrowUp" | "ArrowLeft" => Some((active.unwrap_or(0) + length - 1) % length),
        "Home" => Some(0),
        "End" => Some(length - 1),
        _ => None,
    };
    let target = event
        .target()
        .map(wasm_bindgen::JsCast::unchecked_into::<web_sys::Element>);
    if target.is_some_and(|target| target.matches("input, select, textarea").unwrap_or(true)) {
        return;
    }
    let root = event
        .current_target()
        .map(wasm_bindgen::JsCast::unchecked_into::<web_sys::Element>);
    let Some(items) = root.and_then(|root| root.query_selector_all(which).ok()) else {
        return;
    };
    let active = platform::document().and_then(|document| document.active_element());
    let is_active = |index: &u32| {
        let item = items.get(*index);
        active
            .as_ref()
            .is_some_and(|active| active.is_same_node(item.as_ref()))
    };
    let length = items.length();
    if length == 0 {
        return;
    }
    let Some(next) = at(length, (0..length).find(is_active)) else {
        return;
    };
    if let Some(item) = items
        .get(next)
        .and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok())
    {
        event.prevent_default();
        let _ = item.focus();
    }
}
