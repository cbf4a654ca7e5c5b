//! What is not saved, when somebody goes elsewhere.

use crate::app::App;
use crate::platform;
use crate::ui::Button;
use crate::ui::dialog::dialog as frame;
use crate::ui::html::{Html, html};
use leptos::prelude::*;

/// The question whether what is typed shall be lost.
pub(super) fn dialog(app: App) -> Html {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(app.leaving.with(Option::is_some)));
    // Escape closes the dialog: one stays.
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            app.leaving.set(None);
        }
        now
    });
    frame(open, "Leave without saving?", "", move || {
        let leave = move || {
            let to = app.leaving.get_untracked();
            app.unsaved.set(false);
            app.leaving.set(None);
            if let Some(to) = to {
                platform::go(&to);
            }
        };
        html! {
            <div class="dialog-body" data-testid="leave-dialog">
                <p>"What you changed in this site’s settings is not saved, and would be lost."</p>
            </div>
            <div class="dialog-foot">
                {Button::new("Leave").testid("leave").on(leave)}
                {Button::new("Stay").primary().testid("stay").on(move || app.leaving.set(None))}
            </div>
        }
    })
}
