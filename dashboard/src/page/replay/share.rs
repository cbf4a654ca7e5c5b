//! Sharing the session: as a file, or by a link.

use super::Screen;
use crate::app::Auth;
use crate::model::failure::Failure;
use crate::model::file::Opened;
use crate::model::sharing::{self, Part};
use crate::model::{standalone, text};
use crate::opened;
use crate::platform;
use crate::route::Route;
use crate::ui::dialog::dialog;
use crate::ui::field::{Field, field};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::{Button, when};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::sharing::{Link, Sharing as Ways};

/// What the dialog knows.
#[derive(Clone, Copy)]
struct Sharing {
    screen: Screen,
    from: RwSignal<String>,
    to: RwSignal<String>,
    days: RwSignal<String>,
    busy: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    /// The address of the link that was just made.
    made: RwSignal<Option<String>>,
    links: RwSignal<Vec<Link>>,
}

/// How a file is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Page,
    Json,
}

/// The button, and the dialog that it opens.
pub(super) fn button(screen: Screen) -> Html {
    // What was shared is not shared on; what comes from a file is one.
    if opened::get(&screen.site.get_value(), &screen.sid.get_value()).is_some() {
        return Html::empty();
    }
    let (allowed, asked) = (RwSignal::new(Ways::default()), RwSignal::new(false));
    spawn_local(async move {
        let answer = screen.app.client.site(&screen.site.get_value()).await;
        match answer {
            Ok(answer) => {
                let sharing = answer.config.map(|config| config.sharing);
                let _ = allowed.try_set(sharing.unwrap_or_default());
            }
            // Nothing is offered that may be forbidden.
            Err(failure) => screen.app.heard(&failure),
        }
    });
    Html::new(move || {
        let ways = allowed.get();
        (!ways.is_off()).then(|| {
            html! {
                <button class="button" data-testid="share-session" title="As a file, or by a link" on:click=move |_| asked.set(true)>
                    {icon(Icon::Share)}
                    <span class="label">"Share"</span>
                </button>
                {dialog(asked, "Share this session", "share", move || body(screen, ways))}
            }
        })
    })
}

fn body(screen: Screen, ways: Ways) -> Html {
    let sharing = Sharing {
        screen,
        from: RwSignal::new(String::new()),
        to: RwSignal::new(String::new()),
        days: RwSignal::new("7".to_owned()),
        busy: RwSignal::new(false),
        failed: RwSignal::new(None),
        made: RwSignal::new(None),
        links: RwSignal::new(Vec::new()),
    };
    if ways.links {
        sharing.list();
    }
    let end = sharing.span();
    let length = text::clock(end.1.saturating_sub(end.0));
    html! {
        <div class="dialog-body" data-testid="share">
            <p>"Whoever gets it sees what the visitor saw and did, without signing in."</p>
            <fieldset class="row-of-fields">
                <legend class="label">{format!("Which part, of {length}; empty: all of it")}</legend>
                {input("From", "0:00", "text", sharing.from)}
                {input("To", "", "text", sharing.to)}
            </fieldset>
            {reach(&sharing)}
            {ways.files.then(|| files(&sharing))}
            {ways.links.then(|| link(&sharing))}
            <div role="alert">{move || sharing.failed.get().map(|failed| html! { <p class="note bad" data-testid="share-failed">{failed}</p> })}</div>
            {list(&sharing)}
        </div>
    }
}

/// What of a part comes along that is before it.
fn reach(sharing: &Sharing) -> Html {
    let from = sharing.from;
    Html::new(move || {
        let is_part = from.with(|from| !from.trim().is_empty());
        is_part.then(|| html! { <p class="help" role="status" data-testid="share-reach">{sharing::REACH}</p> })
    })
}

fn input(
    label: &'static str,
    placeholder: &'static str,
    kind: &'static str,
    value: RwSignal<String>,
) -> Html {
    field(&Field {
        label,
        help: "",
        placeholder,
        kind,
        value,
        wrong: Signal::stored(None),
    })
}

fn files(sharing: &Sharing) -> Html {
    let sharing = *sharing;
    html! {
        <div class="row-of-buttons" role="group" aria-label="As a file">
            {Button::new("Page that replays").icon(Icon::Download).off(sharing.busy.into()).testid("share-page").on(move || sharing.save(Kind::Page))}
            {Button::new("Events as JSON").icon(Icon::Download).off(sharing.busy.into()).testid("share-json").on(move || sharing.save(Kind::Json))}
        </div>
    }
}

fn link(sharing: &Sharing) -> Html {
    let sharing = *sharing;
    let made = move || {
        let address = sharing.made.get()?;
        let copied = address.clone();
        let copy = Button::new("Copy")
            .small()
            .icon(Icon::Copy)
            .on(move || sharing.screen.app.copy(copied.clone(), "Link copied"));
        Some(html! {
            <div class="note" role="status">
                <p>"The link is shown only now:"</p>
                <p><code data-testid="share-address">{address}</code></p>
                {copy}
            </div>
        })
    };
    html! {
        <div class="row-of-buttons" role="group" aria-label="By a link">
            {input("Days that a link holds", "7", "number", sharing.days)}
            {Button::new("Make a link").icon(Icon::Link).off(sharing.busy.into()).testid("share-link").on(move || sharing.make())}
        </div>
        {made}
    }
}

fn list(sharing: &Sharing) -> Html {
    let sharing = *sharing;
    let one = move |link: Link| {
        let id = link.id.clone();
        let part = if link.from.is_some() || link.to.is_some() {
            "a part"
        } else {
            "all of it"
        };
        html! {
            <li data-testid="share-listed">
                {part}", made "{when(sharing.screen.app, link.created)}", until "{platform::date(link.expires)}" "
                {Button::new("Revoke").small().danger().testid("share-revoke").on(move || sharing.revoke(id.clone()))}
            </li>
        }
    };
    Html::new(move || {
        let links = sharing.links.get();
        (!links.is_empty()).then(|| {
            html! {
                <h3>"Links to this session"</h3>
                <ul class="plain">{links.into_iter().map(one).collect_view()}</ul>
            }
        })
    })
}

impl Sharing {
    fn span(self) -> (u64, u64) {
        self.screen
            .detail
            .with_untracked(|detail| detail.as_ref().map(|detail| sharing::span(detail)))
            .unwrap_or_default()
    }

    /// The part that was asked for; says so if it is none.
    fn part(self) -> Option<Part> {
        let part = sharing::part(
            self.span(),
            &self.from.get_untracked(),
            &self.to.get_untracked(),
        );
        self.told(part)
    }

    fn told<T>(self, answer: Result<T, String>) -> Option<T> {
        match answer {
            Ok(value) => {
                let _ = self.failed.try_set(None);
                Some(value)
            }
            Err(said) => {
                let _ = self.failed.try_set(Some(said));
                None
            }
        }
    }

    fn answered<T>(self, answer: Result<T, Failure>) -> Option<T> {
        self.told(answer.map_err(|failure| {
            self.screen.app.heard(&failure);
            format!("{}. {}", failure.title(), failure.advice())
        }))
    }

    /// Does `work` unless something else is under way.
    fn busy(self, work: impl Future<Output = ()> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            work.await;
            let _ = self.busy.try_set(false);
        });
    }

    fn csrf(self) -> String {
        match self.screen.app.auth.get_untracked() {
            Auth::In(session) => session.csrf,
            _ => String::new(),
        }
    }

    fn save(self, kind: Kind) {
        let Some(part) = self.part() else { return };
        self.busy(async move {
            let screen = self.screen;
            let (site, sid) = (screen.site.get_value(), screen.sid.get_value());
            let answer = screen.app.client.file(&site, &sid, part).await;
            let Some(lines) = self.answered(answer) else {
                return;
            };
            let day = platform::day_field(sid.start());
            let (name, mime, bytes) = match kind {
                Kind::Json => (
                    format!("sentiero-{day}.ndjson"),
                    "application/x-ndjson",
                    Some(lines),
                ),
                Kind::Page => (
                    format!("sentiero-{day}.html"),
                    "text/html",
                    self.page(&lines).await,
                ),
            };
            let Some(bytes) = bytes else { return };
            let saved = platform::download(&name, mime, &bytes);
            self.told(saved.ok_or_else(|| "This browser refused the download.".to_owned()));
        });
    }

    /// A page with the events in it.
    async fn page(self, lines: &[u8]) -> Option<Vec<u8>> {
        let app = self.screen.app;
        let opened = Opened::read("", lines).map_err(|error| error.to_string());
        let opened = self.told(opened)?;
        let template = self.answered(app.client.text(&app.viewer).await)?;
        let name = self.screen.site_name.try_get_value();
        let name = name.unwrap_or_default();
        let page = standalone::write(&template, &name, platform::now(), &opened);
        self.told(page.ok_or_else(|| "The dashboard is not built whole.".to_owned()))
    }

    fn list(self) {
        spawn_local(async move {
            let screen = self.screen;
            let (Some(site), Some(sid)) = (screen.site.try_get_value(), screen.sid.try_get_value())
            else {
                return;
            };
            if let Some(found) = self.answered(screen.app.client.links(&site, &sid).await) {
                let _ = self.links.try_set(found.links);
            }
        });
    }

    fn make(self) {
        let Some(part) = self.part() else { return };
        let Some(days) = self.told(sharing::days(&self.days.get_untracked())) else {
            return;
        };
        self.busy(async move {
            let screen = self.screen;
            let (site, sid) = (screen.site.get_value(), screen.sid.get_value());
            let csrf = self.csrf();
            let client = &screen.app.client;
            let answer = client.make_link(&site, &sid, part, days, &csrf).await;
            if let Some(made) = self.answered(answer) {
                let address = Route::Shared(site, made.secret);
                let address = format!("{}{address}", platform::page());
                let _ = self.made.try_set(Some(address));
                self.list();
            }
        });
    }

    fn revoke(self, id: sentiero_core::id::TokenId) {
        self.busy(async move {
            let site = self.screen.site.get_value();
            let client = &self.screen.app.client;
            let answer = client.revoke_link(&site, &id, &self.csrf()).await;
            if self.answered(answer).is_some() {
                let _ = self.made.try_set(None);
                self.list();
            }
        });
    }
}
