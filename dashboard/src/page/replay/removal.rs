//! Deleting the session, after a question.

use super::Screen;
use crate::app::Auth;
use crate::model::erasing::deleted;
use crate::model::text;
use crate::opened;
use crate::platform;
use crate::ui::Button;
use crate::ui::dialog::dialog;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button, and the dialog that it opens.
pub(super) fn button(screen: Screen) -> Html {
    // What comes from a file is stored nowhere.
    if opened::get(&screen.site.get_value(), &screen.sid.get_value()).is_some() {
        return Html::empty();
    }
    let asked = RwSignal::new(false);
    html! {
        <button class="button" data-testid="delete-session" title="Delete this session for good" on:click=move |_| asked.set(true)>
            {icon(Icon::Trash)}
            <span class="label">"Delete"</span>
        </button>
        {dialog(asked, "Delete this session?", "", move || question(screen, asked))}
    }
}

fn question(screen: Screen, asked: RwSignal<bool>) -> Html {
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let delete = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let said = erase(screen).await;
            let _ = busy.try_set(false);
            let _ = failed.try_set(said);
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
    let label = move || if busy.get() { "Deleting…" } else { "Delete" };
    let confirm = Button::saying(Signal::derive(move || label().to_owned()))
        .danger()
        .icon(Icon::Trash)
        .off(busy.into())
        .testid("delete-confirm")
        .on(delete);
    html! {
        <div class="dialog-body">
            <p><strong>{what}" will be erased for good."</strong></p>
            <ul class="plain">
                <li>"What the visitor still sends of it is refused. It cannot be undone, and there is no copy."</li>
                <li>"A receipt without the session’s id stays in the audit log."</li>
            </ul>
            <div role="alert">{move || failed.get().map(|failed| html! { <p class="note bad">{failed}</p> })}</div>
        </div>
        <div class="dialog-foot">
            {Button::new("Cancel").on(move || asked.set(false))}
            {confirm}
        </div>
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
            let text = screen
                .detail
                .with_untracked(|detail| detail.as_ref().map(|detail| deleted(&detail.row)));
            screen.app.say(&text.unwrap_or_default());
            platform::go(&screen.back());
            None
        }
        Err(failure) => {
            screen.app.heard(&failure);
            Some(format!("{}. {}", failure.title(), failure.advice()))
        }
    }
}
