//! The list of shortcuts.

use crate::app::App;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::icon_button;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

const LISTS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Replay",
        &[
            ("Space", "Play or pause"),
            ("← →", "5 seconds back or forward"),
            ("↑ ↓", "Faster or slower"),
            ("N P", "Next or previous event"),
            ("T", "Next page load"),
            ("H", "Clicks over the page"),
            ("S", "Skip idle time or not"),
            ("F", "Full screen"),
            ("C", "Copy a link to this moment"),
        ],
    ),
    (
        "Sessions",
        &[
            ("J K", "Next or previous session"),
            ("Enter", "Open it"),
            ("R", "Refresh"),
        ],
    ),
    ("Everywhere", &[("?", "This list"), ("Esc", "Close it")]),
];

/// The dialog; `?` opens it everywhere.
pub(super) fn view(app: App) -> Html {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if app.help.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !app.help.get() && dialog.open() {
            dialog.close();
        }
    });
    let _ = window_event_listener(ev::keydown, move |event| {
        if event.key() == "?" && !crate::platform::typing(&event) {
            event.prevent_default();
            app.help.set(true);
        }
    });
    let lists = LISTS.map(|(title, keys)| {
        let rows = keys.iter().map(|(keys, does)| {
            let keys = keys
                .split(' ')
                .map(|key| html! { <kbd>{key}</kbd> })
                .collect_view();
            html! { <div><dt>{keys}</dt><dd>{*does}</dd></div> }
        });
        html! { <section><h3>{title}</h3><dl>{rows.collect_view()}</dl></section> }
    });
    html! {
        <dialog class="help" node_ref=dialog aria-labelledby="help-title" on:close=move |_| app.help.set(false)>
            <div class="help-head">
                <h2 id="help-title">"Keyboard shortcuts"</h2>
                {icon_button("Close", Icon::Close, move || app.help.set(false))}
            </div>
            <div class="help-lists">{lists.into_iter().collect_view()}</div>
        </dialog>
    }
}
