//! The list of shortcuts.

use crate::app::App;
use crate::ui::dialog::dialog;
use crate::ui::html::{Html, html};
use leptos::ev;
use leptos::prelude::*;

const LISTS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Replay",
        &[
            ("Space", "Play or pause"),
            ("← →", "5 seconds back or forward"),
            ("↑ ↓", "Faster or slower"),
            ("N P", "Next or previous event"),
            ("T", "Next page load"),
            ("J K", "Next or previous session of the list"),
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
            ("X", "Select it or not"),
            ("⇧ X", "All from the last one"),
            ("Esc", "Select none"),
            ("F", "Add a filter"),
            ("/", "Search"),
            ("R", "Refresh"),
        ],
    ),
    (
        "Issues",
        &[
            ("J K", "Next or previous issue"),
            ("Enter", "Open it"),
            ("E", "Resolve it, or open it again"),
            ("I", "Ignore it, or open it again"),
            ("U", "Take that back"),
        ],
    ),
    (
        "Reports",
        &[("F", "Add a filter"), ("/", "Search"), ("R", "Refresh")],
    ),
    ("Everywhere", &[("?", "This list"), ("Esc", "Close it")]),
];

/// The dialog; `?` opens it everywhere.
pub(super) fn view(app: App) -> Html {
    let _ = window_event_listener(ev::keydown, move |event| {
        if event.key() == "?" && !crate::platform::typing(&event) {
            event.prevent_default();
            app.help.set(true);
        }
    });
    dialog(app.help, "Keyboard shortcuts", "help", lists)
}

fn lists() -> Html {
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
    html! { <div class="help-lists">{lists.into_iter().collect_view()}</div> }
}
