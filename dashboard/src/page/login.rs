//! The password.

use crate::app::{App, Auth};
use crate::model::failure::Failure;
use crate::platform;
use crate::route::Route;
use crate::ui::Button;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon, mark};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::id::is_token_secret;

/// Asks for it.
pub(super) fn view(app: App, expired: bool) -> Html {
    platform::title("Sign in");
    let field = NodeRef::<html::Input>::new();
    let (busy, set_busy) = signal(false);
    let (shown, set_shown) = signal(false);
    let (failure, set_failure) = signal(None::<Failure>);
    // Somebody tries what a script would show.
    let (token, set_token) = signal(false);
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let password = field
            .get_untracked()
            .map(|field| field.value())
            .unwrap_or_default();
        if busy.get_untracked() || password.is_empty() {
            return;
        }
        set_failure.set(None);
        set_token.set(is_token_secret(password.trim()));
        if token.get_untracked() {
            return;
        }
        set_busy.set(true);
        spawn_local(async move {
            let answer = app.client.login(password).await;
            set_busy.set(false);
            match answer {
                Ok(session) => app.auth.set(Auth::In(session)),
                Err(failure) => {
                    set_failure.set(Some(failure));
                    if let Some(field) = field.get_untracked() {
                        field.select();
                    }
                }
            }
        });
    };
    let client = &app.client;
    let host = client.elsewhere().then(|| client.origin());
    html! {
        <main class="login">
            <form class="login-card" on:submit=submit novalidate>
                <div class="login-brand">{mark()}</div>
                <h1>"Sign in to Sentiero"</h1>
                <p class="login-sub">
                    {match host {
                        Some(host) => format!("With the password of the worker at {host}"),
                        None => "Session replay, privacy first".to_owned(),
                    }}
                </p>
                <Show when=move || expired && failure.with(Option::is_none)>
                    <p class="note" role="status">"Your session has ended. Sign in, and you are back where you were."</p>
                </Show>
                // Password managers file the password under a name.
                <input class="hidden" type="text" autocomplete="username" value="sentiero" readonly aria-hidden="true" tabindex="-1"/>
                <label for="password">"Password"</label>
                <div class="password">
                    <input
                        id="password"
                        data-testid="login-password"
                        node_ref=field
                        type=move || if shown.get() { "text" } else { "password" }
                        autocomplete="current-password"
                        aria-invalid=move || (token.get() || failure.with(|failure| *failure == Some(Failure::SignedOut))).then_some("true")
                        aria-describedby="login-problem"
                    />
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Show the password"
                        aria-pressed=move || shown.get().to_string()
                        on:click=move |_| set_shown.update(|shown| *shown = !*shown)
                    >
                        {move || icon(if shown.get() { Icon::EyeOff } else { Icon::Eye })}
                    </button>
                </div>
                <div id="login-problem" role="alert">
                    {move || failure.get().map(|failure| refusal(app, &failure))}
                    {move || token.get().then(api_token)}
                </div>
                <button class="button primary wide" data-testid="login-submit" disabled=move || busy.get()>
                    {move || if busy.get() { "Signing in…" } else { "Sign in" }}
                </button>
                <a class="quiet-link" href=Route::File.to_string()>"Open a recording from a file"</a>
            </form>
        </main>
    }
}

/// A token is not sent as a password: it would count as a wrong one.
fn api_token() -> Html {
    html! {
        <p class="note bad" data-testid="problem">
            <strong>"That is an API token."</strong>
            "Scripts show it to the API. People sign in here with the dashboard's password."
        </p>
    }
}

/// Why one is not let in, and what to do.
fn refusal(app: App, failure: &Failure) -> Html {
    let mut command = None;
    let (title, said) = match failure {
        Failure::SignedOut => {
            command = Some(html! { <code>"wrangler secret put DASHBOARD_PASSWORD"</code> });
            (
                "That is not the password.",
                "It is the one that was set with ".to_owned(),
            )
        }
        Failure::Refused { status: 429, .. } => (
            "Too many tries.",
            "Wait a minute, then try again.".to_owned(),
        ),
        Failure::Refused { problem, .. } if problem.code == "not_configured" => {
            return not_configured(app, &problem.message);
        }
        Failure::Refused { problem, .. } => ("", problem.message.clone()),
        other => (other.title(), other.advice()),
    };
    let title = (!title.is_empty()).then(|| html! { <strong>{title}</strong> });
    html! { <p class="note bad" data-testid="problem">{title}{said}{command}</p> }
}

/// Nobody can sign in before the two secrets are set: the commands that do it.
fn not_configured(app: App, message: &str) -> Html {
    const COMMANDS: &str = "npx wrangler secret put DASHBOARD_PASSWORD\nopenssl rand -hex 32 | npx wrangler secret put SESSION_SECRET";
    html! {
        <div class="note warn" data-testid="not-configured">
            <strong>"This deployment is not set up yet."</strong>
            {message.to_owned()}
            <pre>{COMMANDS}</pre>
            <p>{Button::new("Copy the commands").small().icon(Icon::Copy).on(move || app.copy(COMMANDS.to_owned(), "Commands copied"))}</p>
        </div>
    }
}
