//! Who is told of a site's issues: the address, its secret, and what became of deliveries.

use super::fetch::Fetch;
use super::fields::lines;
use super::site::Site;
use crate::model::failure::Failure;
use crate::model::settings::hook::{result, stage, tells, waiting_says};
use crate::model::settings::setting::Setting;
use crate::platform;
use crate::ui::dialog::dialog;
use crate::ui::form::section;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, badge, empty, note};
use crate::ui::{Button, when};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::WebhookAnswer;
use sentiero_core::issue::hook::Delivery;

#[derive(Clone, Copy)]
struct Hook {
    site: Site,
    answer: Fetch<WebhookAnswer>,
    busy: RwSignal<bool>,
    wrong: RwSignal<Option<String>>,
    asking: RwSignal<bool>,
    /// A secret that was just made.
    secret: RwSignal<Option<String>>,
}

pub(super) fn view(site: Site) -> Html {
    let app = site.app;
    let ask = move || {
        let key = site.key.get_value();
        async move { app.client.webhook(&key).await }
    };
    let hook = Hook {
        site,
        answer: Fetch::start(app, ask),
        busy: RwSignal::new(false),
        wrong: RwSignal::new(None),
        asking: RwSignal::new(false),
        secret: RwSignal::new(None),
    };
    // What was made is taken away with the dialog.
    Effect::new(move |_| {
        if !hook.asking.get() {
            hook.secret.set(None);
            hook.wrong.set(None);
        }
    });
    let links = site.field(Setting::HookLinks);
    let own = Button::new("Use this dashboard’s address")
        .testid("own-dashboard")
        .on(move || links.set(own_address()));
    html! {
        {section("Address", "Told when an issue is new, or comes again after it was resolved. Nothing of a visitor is in it.", html! {
            {lines(site, [Setting::Hook, Setting::HookLinks])}
            <div>{own}</div>
        })}
        {hook.of_secret()}
        {hook.of_deliveries()}
        {dialog(hook.asking, "Secret of the webhook", "token", move || hook.dialog())}
    }
}

/// The address of this dashboard, as links to its screens begin.
fn own_address() -> String {
    let page = platform::page();
    page.split('?').next().unwrap_or_default().to_owned()
}

impl Hook {
    /// Whether there is one that is saved.
    fn is_set(self) -> Signal<bool> {
        Signal::derive(move || self.site.base.with(|base| base.webhook.is_some()))
    }

    /// Whether it has a secret that was made.
    fn is_signed(self) -> bool {
        self.site.base.with(|base| {
            let hook = base.webhook.as_ref();
            hook.is_some_and(|hook| hook.secret_id.is_some())
        })
    }

    fn off(self) -> Signal<bool> {
        let is_set = self.is_set();
        Signal::derive(move || self.busy.get() || !is_set.get())
    }

    fn of_secret(self) -> Html {
        let is_set = self.is_set();
        let unsigned = move || {
            (is_set.get() && !self.is_signed()).then(|| {
                let said = html! { <span>"It has no secret yet: nobody can check who sent a delivery."</span> };
                note(Tone::Warn, Icon::Warning, "no-secret", said, None)
            })
        };
        let make = Button::new("Make a secret…")
            .icon(Icon::Key)
            .off(self.off())
            .testid("hook-secret")
            .on(move || self.asking.set(true));
        section(
            "Secret",
            "What is sent is signed with it. It is shown once.",
            html! {
                {unsigned}
                <div class="deed">
                    <p>"A new secret takes the place of the one before within seconds: give it to whoever receives."</p>
                    {make}
                </div>
            },
        )
    }

    fn of_deliveries(self) -> Html {
        let label = Signal::derive(move || {
            if self.busy.get() {
                "Sending…"
            } else {
                "Send a test"
            }
            .to_owned()
        });
        let test = Button::saying(label)
            .off(self.off())
            .testid("hook-test")
            .on(move || self.test());
        let again = Button::new("Look again")
            .testid("hook-again")
            .on(move || self.answer.again());
        section(
            "Last deliveries",
            "",
            html! {
                <div class="deed"><p>"Of 30 days, twenty at most. What fails is tried eight times over nine hours."</p>{again}{test}</div>
                <div role="alert">{move || self.wrong.get().filter(|_| !self.asking.get()).map(|said| html! { <p class="note bad">{said}</p> })}</div>
                {self.answer.view("Loading deliveries", move |answer| self.list(&answer))}
            },
        )
    }

    fn list(self, answer: &WebhookAnswer) -> Html {
        if answer.deliveries.is_empty() {
            return empty(
                Icon::Info,
                "no-deliveries",
                "Nothing was sent yet".to_owned(),
                "Save an address, make its secret, and send a test.".to_owned(),
                Vec::new(),
            );
        }
        let waiting = (answer.waiting > 0)
            .then(|| html! { <p role="status">{waiting_says(answer.waiting)}</p> });
        let rows = answer.deliveries.iter().map(|delivery| self.row(delivery));
        html! {
            {waiting}
            <div class="table-scroll">
                <table class="table settings-table">
                    <thead><tr>
                        <th scope="col">"What"</th><th scope="col">"When"</th><th scope="col">"State"</th><th scope="col">"Last attempt"</th>
                    </tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        }
    }

    fn row(self, delivery: &Delivery) -> Html {
        let (class, word) = stage(delivery);
        let issue = delivery.issue.map(|issue| {
            let text = issue.text();
            html! { <code class="under">{text}</code> }
        });
        html! {
            <tr data-testid="delivery">
                <th scope="row">{tells(delivery.why)}{issue}</th>
                <td>{when(self.site.app, delivery.at)}</td>
                <td>{badge(class, None, word.to_owned(), None)}</td>
                <td class="wraps">{result(delivery)}</td>
            </tr>
        }
    }

    fn test(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.wrong.set(None);
        spawn_local(async move {
            let app = self.site.app;
            let key = self.site.key.get_value();
            let tested = app.client.test_webhook(&key, &app.csrf()).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match tested {
                Ok(delivery) => {
                    app.say(&format!("Test: {}", result(&delivery)));
                    self.answer.again();
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn failed(self, failure: &Failure) {
        self.site.app.heard(failure);
        let said = format!("{}. {}", failure.title(), failure.advice());
        self.wrong.set(Some(said));
    }

    fn make(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.wrong.set(None);
        spawn_local(async move {
            let app = self.site.app;
            let key = self.site.key.get_value();
            let made = app.client.make_webhook_secret(&key, &app.csrf()).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match made {
                Ok(made) => {
                    self.secret.set(Some(made.secret));
                    self.site.read_again().await;
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn dialog(self) -> Html {
        Html::new(move || match self.secret.get() {
            Some(secret) => self.made(secret),
            None => self.question(),
        })
    }

    fn question(self) -> Html {
        let said = if untrack(|| self.is_signed()) {
            "The secret that it has now is refused by nobody but you: deliveries are signed with the new one within seconds, and who checks them must have it by then."
        } else {
            "Whoever receives deliveries checks by it that they are from here."
        };
        html! {
            <div class="dialog-body" data-testid="hook-secret-dialog">
                <p>{said}</p>
                <div role="alert">{move || self.wrong.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
            </div>
            <div class="dialog-foot">
                {Button::new("Cancel").on(move || self.asking.set(false))}
                {Button::new("Make a secret").primary().off(self.busy.into()).testid("make-hook-secret").on(move || self.make())}
            </div>
        }
    }

    /// The secret, which nothing shows a second time.
    fn made(self, secret: String) -> Html {
        let shown = secret.clone();
        let app = self.site.app;
        html! {
            <div class="dialog-body" data-testid="hook-secret-made">
                <p><strong>"This is the only time that the secret is shown."</strong>" It is kept nowhere. Copy it to where deliveries are received, and nowhere else."</p>
                <div class="snippet"><code data-testid="hook-secret-text">{shown}</code>
                    {Button::new("Copy").primary().icon(Icon::Copy).on(move || app.copy(secret.clone(), "Secret copied"))}
                </div>
            </div>
            <div class="dialog-foot">
                {Button::new("I have it").testid("hook-secret-done").on(move || self.asking.set(false))}
            </div>
        }
    }
}
