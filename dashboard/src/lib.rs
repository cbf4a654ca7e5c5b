//! The dashboard: who visited a site, and what they did there.
//!
//! | module | holds |
//! |---|---|
//! | [`model`] | what the screens show: pure, tested natively |
//! | [`chart`] | from numbers to pictures: pure, too |
//! | [`route`] | which screen the address names |
//! | `client` | the API |
//! | `app` | what every screen shares |
//! | `background` | the worker that decodes recordings |
//! | `frame` | the isolated frame that replays a recording |
//! | `opened` | the file that is open in this page |
//! | `platform` | what only the browser knows |
//! | `page`, `ui` | the screens, which only show what `model` decides |
//!
//! **Invariants.** Recordings are untrusted: they reach the screen as text that
//! Leptos escapes, or the isolated frame, never as markup. No screen decides
//! anything that could be decided, and tested, in `model` or in the core crate.

pub mod chart;
pub mod model;
pub mod route;

mod app;
mod background;
mod client;
mod frame;
mod opened;
mod page;
mod platform;
mod ui;

use leptos::mount::mount_to;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page; `player` is the address of the player's script, `viewer` that of the page
/// that a recording is saved in, `script` that of this module's own, which is the decoder's, too.
#[wasm_bindgen]
pub fn start(player: String, viewer: String, script: String) {
    let root = platform::document().and_then(|document| document.get_element_by_id("app"));
    let Some(root) = root.and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return;
    };
    root.set_inner_html("");
    mount_to(root, move || {
        page::view(app::Shared::start(player, viewer, script))
    })
    .forget();
}
