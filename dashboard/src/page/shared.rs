//! A session that somebody shared by a link: without signing in, and nothing beside it.

use super::{boot, colours, replay};
use crate::app::App;
use crate::model::file::{Opened, SITE};
use crate::opened;
use crate::platform;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, mark};
use crate::ui::message::empty;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::id::{SessionId, SiteKey};

/// How far it is.
#[derive(Clone, PartialEq)]
enum State {
    Asked,
    Open(SessionId),
    Failed(String),
}

/// What `secret` shows of `site`.
pub(super) fn view(app: App, site: SiteKey, secret: String) -> Html {
    platform::title("A shared session");
    let state = RwSignal::new(State::Asked);
    spawn_local(async move {
        let _ = state.try_set(open(app, &site, &secret).await);
    });
    Html::new(move || match state.get() {
        State::Asked => boot(),
        State::Failed(said) => failed(said),
        State::Open(sid) => shown(app, sid),
    })
}

async fn open(app: App, site: &SiteKey, secret: &str) -> State {
    let lines = match app.client.shared(site, secret).await {
        Ok(lines) => lines,
        Err(failure) if failure.is_gone() => {
            return State::Failed(
                "The link has expired or was revoked, or what it showed was deleted; or its address is cut. Who sent it to you may know."
                    .to_owned(),
            );
        }
        Err(failure) => return State::Failed(format!("{}. {}", failure.title(), failure.advice())),
    };
    match Opened::read("", &lines) {
        Ok(opened) => {
            let sid = opened.sid().clone();
            opened::hold(opened);
            State::Open(sid)
        }
        Err(error) => State::Failed(error.to_string()),
    }
}

fn failed(said: String) -> Html {
    html! {
        <main class="centred" id="main" tabindex="-1">
            <h1 class="visually-hidden">"A shared session"</h1>
            {empty(Icon::Search, "shared-failed", "Nothing is shown here".to_owned(), said, Vec::new())}
        </main>
    }
}

fn shown(app: App, sid: SessionId) -> Html {
    let Ok(site) = SiteKey::parse(SITE) else {
        return Html::empty();
    };
    html! {
        <header class="top">
            <span class="brand">{mark()}<span>"Sentiero"</span></span>
            <span class="site-name">"Shared by a link"</span>
            <div class="top-end">{colours(app)}</div>
        </header>
        <main id="main" tabindex="-1">
            {replay::view(app, site, sid, "A shared session".to_owned())}
        </main>
    }
}
