//! Deleting at once what retention would delete within an hour, or a day.

use super::site::Site;
use crate::model::settings::draft::Draft;
use crate::model::settings::setting::Setting;
use crate::ui::Button;
use crate::ui::dialog::dialog;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button, the question that it asks, and what came of it.
pub(super) fn view(site: Site) -> Html {
    let asked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let done = RwSignal::new(None::<Result<(), String>>);
    let run = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        done.set(None);
        spawn_local(async move {
            let (key, csrf) = (site.key.get_value(), site.app.csrf());
            let answer = site.app.client.run_retention(&key, &csrf).await;
            let told = answer.map_err(|failure| {
                site.app.heard(&failure);
                format!("{}. {}", failure.title(), failure.advice())
            });
            let _ = done.try_set(Some(told));
            let _ = busy.try_set(false);
            let _ = asked.try_set(false);
        });
    };
    let said = move || {
        done.get().map(|done| match done {
            Ok(()) => html! { <p class="help" data-testid="retention-done">"What is past is being deleted; it takes minutes where there is much. The audit log tells how many sessions they were."</p> },
            Err(said) => html! { <p class="note bad" data-testid="retention-failed">{said}</p> },
        })
    };
    html! {
        <div class="form-foot">
            {Button::new("Delete what is past now").small().icon(Icon::Trash).testid("retention-run").on(move || asked.set(true))}
            <span class="help">"Otherwise it is deleted within an hour, or within a day after the number of days was made smaller. By what is saved, not by what is typed here."</span>
        </div>
        <div role="status">{said}</div>
        {dialog(asked, "Delete what is past", "retention", move || question(site, asked, busy, run))}
    }
}

fn question(
    site: Site,
    asked: RwSignal<bool>,
    busy: RwSignal<bool>,
    run: impl Fn() + Copy + Send + 'static,
) -> Html {
    let kept = site.base.with_untracked(Draft::of);
    let days = kept.get(Setting::Retention).to_owned();
    html! {
        <div class="dialog-body" data-testid="retention-dialog">
            <p><strong>{format!("Sessions that began more than {days} days ago are deleted for good.")}</strong></p>
            <ul class="plain">
                <li>"So are the oldest of those beyond the most that are kept, if there is such a limit."</li>
                <li>"It cannot be undone, and there is no copy."</li>
            </ul>
        </div>
        <div class="dialog-foot">
            {Button::new("Cancel").on(move || asked.set(false))}
            {Button::new("Delete them").danger().icon(Icon::Trash).busy(busy.into()).off(busy.into()).testid("retention-confirm").on(run)}
        </div>
    }
}
