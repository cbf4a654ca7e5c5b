//! API tokens: which there are, making one, revoking one.

use super::fetch::Fetch;
use super::{head, sign_ins};
use crate::app::App;
use crate::model::failure::Failure;
use crate::model::settings::tokens::{
    LENGTHS, State, Wish, ends, reach, scope_says, scopes, state, used,
};
use crate::platform;
use crate::ui::dialog::dialog;
use crate::ui::field::{Field, field, select};
use crate::ui::form::option;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{badge, empty};
use crate::ui::{Button, when};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::access::{ApiToken, Scope};
use std::collections::BTreeSet;

#[derive(Clone, Copy)]
struct Tokens {
    app: App,
    all: Fetch<Vec<ApiToken>>,
    making: RwSignal<bool>,
    doomed: RwSignal<Option<ApiToken>>,
}

pub(super) fn view(app: App) -> Html {
    platform::title("API tokens");
    let tokens = Tokens {
        app,
        all: Fetch::start(app, move || app.client.tokens()),
        making: RwSignal::new(false),
        doomed: RwSignal::new(None),
    };
    let create = Button::new("New token")
        .primary()
        .icon(Icon::Plus)
        .testid("new-token")
        .on(move || tokens.making.set(true));
    html! {
        {head("API tokens", "What scripts show instead of the password.", create)}
        {tokens.all.view("Loading tokens", move |all| tokens.list(&all))}
        {sign_ins::view(app)}
        {dialog(tokens.making, "New token", "token", move || New::begin(tokens).view())}
        {revoking(tokens)}
    }
}

impl Tokens {
    fn list(self, all: &[ApiToken]) -> Html {
        if all.is_empty() {
            let act = Button::new("Make a token")
                .primary()
                .icon(Icon::Plus)
                .on(move || self.making.set(true));
            return html! {
                <div class="card">
                    {empty(
                        Icon::Key,
                        "no-tokens",
                        "No token yet".to_owned(),
                        "Scripts need one: to export sessions, to erase a user, to change a site from a pipeline.".to_owned(),
                        vec![act],
                    )}
                </div>
            };
        }
        let now = platform::now();
        let rows = all.iter().map(|token| self.row(token, now)).collect_view();
        html! {
            <div class="card table-scroll">
                <table class="table settings-table">
                    <thead><tr>
                        <th scope="col">"Name"</th><th scope="col">"May"</th><th scope="col">"Sites"</th><th scope="col">"Made"</th>
                        <th scope="col">"Last used"</th><th scope="col">"Ends"</th><th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    }

    fn row(self, token: &ApiToken, now: u64) -> Html {
        let ends = match state(token, now) {
            State::Good => html! { <span>{ends(token, now)}</span> },
            State::Ends => badge(
                "warn",
                Some(Icon::Idle),
                ends(token, now),
                Some(platform::exact(token.expires)),
            ),
            State::Expired => badge(
                "bad",
                None,
                ends(token, now),
                Some(platform::exact(token.expires)),
            ),
        };
        let doomed = token.clone();
        html! {
            <tr data-testid="token-row">
                <th scope="row">{token.name.clone()}<code class="under">{token.id.to_string()}</code></th>
                <td>{scopes(token)}</td>
                <td class="wraps">{reach(token)}</td>
                <td>{when(self.app, token.created)}</td>
                <td>{used(token, now)}</td>
                <td>{ends}</td>
                <td class="number">
                    <button
                        type="button"
                        class="button small quiet bad"
                        aria-label=format!("Revoke {}", token.name)
                        data-testid="revoke"
                        on:click=move |_| self.doomed.set(Some(doomed.clone()))
                    >"Revoke"</button>
                </td>
            </tr>
        }
    }
}

/// The question whether a token shall be refused from now on.
fn revoking(tokens: Tokens) -> Html {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(tokens.doomed.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            tokens.doomed.set(None);
        }
        now
    });
    dialog(open, "Revoke token", "", move || {
        let Some(token) = tokens.doomed.get_untracked() else {
            return Html::empty();
        };
        let (busy, wrong) = (RwSignal::new(false), RwSignal::new(None::<String>));
        let name = token.name.clone();
        let revoke = move || {
            let (id, app) = (token.id.to_string(), tokens.app);
            busy.set(true);
            spawn_local(async move {
                let revoked = app.client.revoke_token(&id, &app.csrf()).await;
                if busy.try_set(false).is_some() {
                    return;
                }
                match revoked {
                    Ok(()) => {
                        tokens.all.change(|mut all| {
                            all.retain(|token| token.id.as_str() != id);
                            all
                        });
                        tokens.doomed.set(None);
                        app.say("Token revoked");
                    }
                    Err(failure) => {
                        app.heard(&failure);
                        wrong.set(Some(format!("{}. {}", failure.title(), failure.advice())));
                    }
                }
            });
        };
        html! {
            <div class="dialog-body" data-testid="revoke-dialog">
                <p>{format!("“{name}” is refused from the next request on. Whatever uses it stops working; it cannot be given back.")}</p>
                <div role="alert">{move || wrong.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
            </div>
            <div class="dialog-foot">
                {Button::new("Cancel").on(move || tokens.doomed.set(None))}
                {Button::new("Revoke").danger().off(busy.into()).testid("revoke-confirm").on(revoke)}
            </div>
        }
    })
}

/// A token that is being made.
#[derive(Clone, Copy)]
struct New {
    tokens: Tokens,
    wish: RwSignal<Wish>,
    name: RwSignal<String>,
    wrong: RwSignal<Option<(String, String)>>,
    busy: RwSignal<bool>,
    /// The secret, once it is there.
    secret: RwSignal<Option<String>>,
}

impl New {
    fn begin(tokens: Tokens) -> Self {
        Self {
            tokens,
            wish: RwSignal::new(Wish::default()),
            name: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
            busy: RwSignal::new(false),
            secret: RwSignal::new(None),
        }
    }

    fn wrong_at(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let wrong = self.wrong.get().filter(|(at, _)| at == field);
            wrong.map(|(_, said)| said)
        })
    }

    fn submit(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.wish
            .update(|wish| self.name.get_untracked().clone_into(&mut wish.name));
        let request = match self.wish.with_untracked(Wish::request) {
            Ok(request) => request,
            Err(error) => {
                let said = format!("This {}.", error.reason);
                return self.wrong.set(Some((error.field, said)));
            }
        };
        self.wrong.set(None);
        self.busy.set(true);
        spawn_local(async move {
            let app = self.tokens.app;
            let issued = app.client.issue_token(&request, &app.csrf()).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match issued {
                Ok(issued) => {
                    self.tokens.all.change(|mut all| {
                        all.insert(0, issued.token);
                        all
                    });
                    self.secret.set(Some(issued.secret));
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn failed(self, failure: &Failure) {
        self.tokens.app.heard(failure);
        let said = format!("{}. {}", failure.title(), failure.advice());
        self.wrong.set(Some((String::new(), said)));
    }

    fn view(self) -> Html {
        Html::new(move || match self.secret.get() {
            Some(secret) => self.done(secret),
            None => self.form(),
        })
    }

    /// The secret, which nothing shows a second time.
    fn done(self, secret: String) -> Html {
        let shown = secret.clone();
        let app = self.tokens.app;
        html! {
            <div class="dialog-body" data-testid="token-made">
                <p><strong>"This is the only time that the token is shown."</strong>" Only a hash of it is kept. Copy it to where it is used, and nowhere else."</p>
                <div class="snippet"><code data-testid="token-secret">{shown}</code>
                    {Button::new("Copy").primary().icon(Icon::Copy).on(move || app.copy(secret.clone(), "Token copied"))}
                </div>
                <p class="help">"Scripts send it as Authorization: Bearer …"</p>
            </div>
            <div class="dialog-foot">
                {Button::new("I have it").testid("token-done").on(move || self.tokens.making.set(false))}
            </div>
        }
    }

    fn form(self) -> Html {
        let scope = |scope: Scope| {
            let ticked =
                Signal::derive(move || self.wish.with(|wish| wish.scopes.contains(&scope)));
            option(scope.name(), scope_says(scope), ticked, move |on| {
                self.wish.update(|wish| {
                    if on {
                        wish.scopes.insert(scope);
                    } else {
                        wish.scopes.remove(&scope);
                    }
                });
            })
        };
        let scopes = Scope::ALL.map(scope).into_iter().collect_view();
        let days = LENGTHS.map(|(days, name)| (days.to_string(), name.to_owned()));
        let chosen = Signal::derive(move || self.wish.with(|wish| wish.days.to_string()));
        let lasts = select("How long it lasts", days.to_vec(), chosen, move |days| {
            if let Ok(days) = days.parse() {
                self.wish.update(|wish| wish.days = days);
            }
        });
        let label = Signal::derive(move || {
            if self.busy.get() {
                "Making…"
            } else {
                "Make token"
            }
            .to_owned()
        });
        let (of_scopes, elsewhere) = (self.wrong_at("scopes"), self.wrong_at(""));
        let said = |wrong: Signal<Option<String>>| {
            html! { <div role="alert">{move || wrong.get().map(|said| html! { <p class="wrong">{said}</p> })}</div> }
        };
        html! {
            <form on:submit=move |event| { event.prevent_default(); self.submit(); }>
                <div class="dialog-body" data-testid="new-token-dialog">
                    {field(&Field {
                        label: "Name",
                        help: "What uses it: it stands in the audit log.",
                        placeholder: "Nightly export",
                        kind: "text",
                        value: self.name,
                        wrong: self.wrong_at("name"),
                    })}
                    <fieldset class="radios"><legend>"What it may do"</legend>{scopes}{said(of_scopes)}</fieldset>
                    {self.sites()}
                    <div class="labelled"><span class="label">"How long it lasts"</span>{lasts}</div>
                    {said(elsewhere)}
                </div>
                <div class="dialog-foot">
                    {Button::new("Cancel").on(move || self.tokens.making.set(false))}
                    {Button::saying(label).primary().off(self.busy.into()).submits().testid("make-token").on(|| {})}
                </div>
            </form>
        }
    }

    /// For which sites: all, or those that are ticked.
    fn sites(self) -> Html {
        let every = Signal::derive(move || self.wish.with(|wish| wish.sites.is_none()));
        let all = option(
            "All sites",
            "Also those that are made later. Making sites and tokens needs this.",
            every,
            move |on| {
                self.wish
                    .update(|wish| wish.sites = (!on).then(BTreeSet::new));
            },
        );
        let wrong = self.wrong_at("sites");
        let some = move || {
            (!every.get()).then(|| {
                let sites = self.tokens.app.sites.get_untracked().into_iter();
                let one = move |site: sentiero_core::api::Site| {
                    let key = site.key;
                    let own = key.clone();
                    let ticked = move || {
                        self.wish.with(|wish| {
                            wish.sites.as_ref().is_some_and(|sites| sites.contains(&own))
                        })
                    };
                    let set = move |on: bool| {
                        self.wish.update(|wish| {
                            if let Some(sites) = &mut wish.sites {
                                if on {
                                    sites.insert(key.clone());
                                } else {
                                    sites.remove(&key);
                                }
                            }
                        });
                    };
                    html! {
                        <label class="check">
                            <input type="checkbox" prop:checked=ticked on:change=move |event| set(event_target_checked(&event))/>
                            {site.name}
                        </label>
                    }
                };
                html! { <div class="checks">{sites.map(one).collect_view()}</div> }
            })
        };
        html! {
            <fieldset class="radios">
                <legend>"For which sites"</legend>
                {all}
                {some}
                <div role="alert">{move || wrong.get().map(|said| html! { <p class="wrong">{said}</p> })}</div>
            </fieldset>
        }
    }
}
