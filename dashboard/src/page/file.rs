//! Opening an exported recording: without signing in, without a worker.

use super::replay;
use crate::app::App;
use crate::model::file::{NotARecording, Opened};
use crate::opened;
use crate::platform;
use crate::route::Route;
use crate::ui::html::{Html, html};
use crate::ui::icon::mark;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::id::{SessionId, SiteKey};
use wasm_bindgen::JsCast as _;

/// The choice of a file.
pub(super) fn view(app: App) -> Html {
    platform::title("Open a recording");
    let (busy, set_busy) = signal(false);
    let (over, set_over) = signal(false);
    let (problem, set_problem) = signal(None::<String>);
    let open = move |files: Option<web_sys::FileList>| {
        let Some(file) = files.and_then(|files| files.get(0)) else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        set_busy.set(true);
        set_problem.set(None);
        spawn_local(async move {
            let opened = match platform::bytes_of(&file).await {
                Some(bytes) => Opened::read(&file.name(), &bytes)
                    .map_err(|error: NotARecording| error.to_string()),
                None => Err("This file cannot be read. Was it moved or deleted?".to_owned()),
            };
            let _ = set_busy.try_set(false);
            match opened {
                Ok(opened) => {
                    let address = opened::keep(opened);
                    platform::go(&address);
                    // After a reload the address is the same already, and nobody tells of a change.
                    app.route.set(Route::parse(&address));
                }
                Err(reason) => {
                    let _ = set_problem.try_set(Some(reason));
                }
            }
        });
    };
    let chosen = move |event: web_sys::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        open(input.as_ref().and_then(web_sys::HtmlInputElement::files));
        // The same file can be chosen again after it was mended.
        if let Some(input) = input {
            input.set_value("");
        }
    };
    html! {
        <main class="login" id="main">
            <div
                class="login-card drop"
                class:over=move || over.get()
                data-testid="file-drop"
                on:dragover=move |event: web_sys::DragEvent| { event.prevent_default(); set_over.set(true); }
                on:dragleave=move |_| set_over.set(false)
                on:drop=move |event: web_sys::DragEvent| {
                    event.prevent_default();
                    set_over.set(false);
                    open(event.data_transfer().and_then(|data| data.files()));
                }
            >
                <div class="login-brand">{mark()}</div>
                <h1>"Open a recording"</h1>
                <p class="login-sub">
                    "Choose a file that “Share” on a session's page has given, or drop it here. It is read by this browser and sent nowhere."
                </p>
                <label class="button primary wide" for="file" aria-busy=move || busy.get().to_string()>
                    {move || if busy.get() { "Reading…" } else { "Choose a file" }}
                </label>
                <input id="file" class="file-input" data-testid="file-input" type="file" accept=".html,.ndjson,.jsonl,.json" on:change=chosen/>
                <div role="alert">
                    {move || problem.get().map(|reason| html! { <p class="note bad" data-testid="problem">{reason}</p> })}
                </div>
                <a class="quiet-link" href=Route::Home.to_string()>"To the sessions"</a>
            </div>
        </main>
    }
}

/// The open file.
pub(super) fn replay(app: App, site: SiteKey, sid: SessionId) -> Html {
    html! {
        <header class="top">
            <a class="brand" href=Route::File.to_string()>{mark()}<span>"Sentiero"</span></a>
            <span class="site-name">"Opened from a file"</span>
            <div class="top-end"><a class="quiet-link" href=Route::File.to_string()>"Open another"</a></div>
        </header>
        <main id="main" tabindex="-1">
            {replay::view(app, site, sid, "A file".to_owned())}
        </main>
    }
}
