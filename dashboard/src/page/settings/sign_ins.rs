//! Ending all sign-ins.

use crate::app::App;
use crate::ui::Button;
use crate::ui::dialog::dialog;
use crate::ui::form::section;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub(super) fn view(app: App) -> Html {
    let open = RwSignal::new(false);
    let ask = Button::new("Sign out everywhere…")
        .icon(Icon::SignOut)
        .testid("sign-out-everywhere")
        .on(move || open.set(true));
    html! {
        {section("Sign-ins", "", html! {
            <div class="deed">
                <p>"Ends every sign-in with the password, in every browser, this one too: after a lost computer, or when somebody leaves."</p>
                {ask}
            </div>
        })}
        {dialog(open, "Sign out everywhere", "", move || question(app, open))}
    }
}

fn question(app: App, open: RwSignal<bool>) -> Html {
    let (busy, wrong) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let end = move || {
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            let ended = app.sign_out_everywhere().await;
            if busy.try_set(false).is_some() {
                return;
            }
            if let Err(failure) = ended {
                app.heard(&failure);
                wrong.set(Some(format!("{}. {}", failure.title(), failure.advice())));
            }
        });
    };
    html! {
        <div class="dialog-body" data-testid="sign-out-dialog">
            <p>"Everybody, you too, has to give the password again. API tokens go on; whoever knows the password can sign in again, so change it if somebody should not. Cloudflare Access ends its own sign-ins."</p>
            <div role="alert">{move || wrong.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
        </div>
        <div class="dialog-foot">
            {Button::new("Cancel").on(move || open.set(false))}
            {Button::new("Sign out everywhere").danger().off(busy.into()).testid("sign-out-confirm").on(end)}
        </div>
    }
}
