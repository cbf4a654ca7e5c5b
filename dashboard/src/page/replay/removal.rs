//! Deleting the session, after a question.

use super::Screen;
use crate::app::Auth;
use crate::model::text;
use crate::opened;
use crate::platform;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button, and the dialog that it opens.
pub(super) fn button(screen: Screen) -> Html {
    // What comes from a file is stored nowhere.
    if opened::get(&screen.site.get_value(), &screen.sid.get_value()).is_some() {
        return Html::empty();
    }
    let dialog = NodeRef::<html::Dialog>::new();
    let (busy, set_busy) = signal(false);
    let (failed, set_failed) = signal(None::<String>);
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            set_failed.set(None);
            let _ = dialog.show_modal();
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let delete = move |_| {
        if busy.get_untracked() {
            return;
        }
        set_busy.set(true);
        spawn_local(async move {
            let said = erase(screen).await;
            let _ = set_busy.try_set(false);
            let _ = set_failed.try_set(said);
        });
    };
    let what = move || {
        screen.detail.with(|detail| {
            let row = &detail.as_ref()?.row;
            let what = [
                text::plural(row.tabs.into(), "page load"),
                text::plural(row.events, "event"),
                text::bytes(row.bytes),
            ];
            Some(what.join(", "))
        })
    };
    html! {
        <button class="button" data-testid="delete-session" title="Delete this session for good" on:click=open>
            {icon(Icon::Trash)}
            <span class="label">"Delete"</span>
        </button>
        <dialog class="confirm" node_ref=dialog aria-labelledby="delete-title">
            <h2 id="delete-title">"Delete this session?"</h2>
            <p>{what}" will be erased for good, from everywhere. What the visitor still sends of it is refused. A receipt without the session's id stays in the audit log."</p>
            <p class="confirm-failed" role="alert">{move || failed.get()}</p>
            <div class="confirm-actions">
                <button class="button" on:click=move |_| close()>"Keep it"</button>
                <button class="button danger" data-testid="delete-confirm" disabled=move || busy.get() on:click=delete>
                    {move || if busy.get() { "Deleting…" } else { "Delete" }}
                </button>
            </div>
        </dialog>
    }
}

/// Erases it and leaves; what is to be said if that fails.
async fn erase(screen: Screen) -> Option<String> {
    let (site, sid) = (screen.site.try_get_value()?, screen.sid.try_get_value()?);
    let Auth::In(session) = screen.app.auth.get_untracked() else {
        return None;
    };
    match screen.app.client.erase(&site, &sid, &session.csrf).await {
        Ok(()) => {
            screen.app.say("Session deleted");
            platform::go(&screen.back());
            None
        }
        Err(failure) => {
            screen.app.heard(&failure);
            Some(format!("{}. {}", failure.title(), failure.advice()))
        }
    }
}
