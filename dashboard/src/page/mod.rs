//! The screens.

mod design;
mod file;
mod help;
mod issues;
mod login;
mod replay;
mod reports;
mod sessions;
mod settings;
mod shared;
mod stack;

use crate::app::{App, Auth, Theme, Toast};
use crate::model::failure::Failure;
use crate::model::report::{Asking, Name};
use crate::model::settings::place::Section;
use crate::opened::{self, Local};
use crate::platform;
use crate::route::{Place, Route};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon, mark};
use crate::ui::{Button, icon_button, problem};
use leptos::prelude::*;
use sentiero_core::api::{Session, Site};
use sentiero_core::id::{SessionId, SiteKey};
use sentiero_core::issue::Fingerprint;

const LAST_SITE: &str = "sentiero-site";

/// The whole page.
pub(crate) fn view(app: App) -> Html {
    let local = Memo::new(move |_| app.route.with(opened::named));
    // Nothing is built anew because the address is another: screens follow it by themselves, and
    // what is typed or has the focus stays.
    let design = Memo::new(move |_| app.route.with(|route| *route == Route::Design));
    html! {
        {move || match local.get() {
            _ if design.get() => design::view(app),
            Local::Choose => file::view(app),
            Local::Replay(site, sid) => file::replay(app, site, sid),
            Local::Shared(site, secret) => shared::view(app, site, secret),
            Local::No => of_the_worker(app),
        }}
        <div class="toast" role="status" class:shown=move || app.toast.with(Option::is_some)>
            {move || app.toast.get().map(|toast| toast_view(app, toast))}
        </div>
        {help::view(app)}
    }
}

fn toast_view(app: App, toast: Toast) -> Html {
    let undo = toast.undo.map(|_| {
        html! { <button type="button" class="toast-undo" data-testid="undo" on:click=move |_| app.undo()>"Undo"</button> }
    });
    html! { <span>{toast.text}</span>{undo} }
}

fn of_the_worker(app: App) -> Html {
    match app.auth.get() {
        Auth::Unknown => boot(),
        Auth::Failed(failure) => unreachable(app, &failure),
        Auth::Out { expired } => login::view(app, expired),
        Auth::In(session) => signed_in(app, session),
    }
}

fn boot() -> Html {
    html! {
        <div class="boot" aria-busy="true">
            <div class="boot-mark">{mark()}</div>
            <p>"Loading Sentiero…"</p>
        </div>
    }
}

/// The bar stays, so that one sees what cannot be reached, and the way to what needs no server.
fn unreachable(app: App, failure: &Failure) -> Html {
    platform::title("Problem");
    html! {
        <header class="top">
            <a class="brand" href=Route::Home.to_string()>{mark()}<span>"Sentiero"</span></a>
            <div class="top-end">{colours(app)}</div>
        </header>
        <main class="centred" id="main" tabindex="-1">
            <h1 class="visually-hidden">"Sentiero"</h1>
            {problem(failure, move || app.ask())}
            <a class="quiet-link" href=Route::File.to_string()>"Open a recording from a file"</a>
        </main>
    }
}

/// The choice of light, dark, or as the system says.
fn colours(app: App) -> Html {
    let theme = move || match app.theme.get() {
        Theme::System => (Icon::System, "Colours: as the system. Switch to light"),
        Theme::Light => (Icon::Sun, "Colours: light. Switch to dark"),
        Theme::Dark => (Icon::Moon, "Colours: dark. Switch to the system's"),
    };
    html! {
        <button
            class="icon-button"
            title=move || theme().1
            aria-label=move || theme().1
            on:click=move |_| app.choose_theme(app.theme.get_untracked().next())
        >
            {move || icon(theme().0)}
        </button>
    }
}

/// Which screen, without the place in it: a change of place keeps the screen.
#[derive(Clone, PartialEq)]
enum Screen {
    NoSite,
    Sessions(SiteKey),
    Reports(SiteKey),
    Issues(SiteKey),
    Issue(SiteKey, Fingerprint),
    Replay(SiteKey, SessionId),
    Settings,
    Unknown,
}

fn screen(route: &Route, sites: &[Site]) -> Screen {
    let known = |key: &SiteKey| sites.iter().any(|site| site.key == *key);
    match route {
        Route::Home => last_site(sites).map_or(Screen::NoSite, Screen::Sessions),
        Route::Sessions(site, _) if known(site) => Screen::Sessions(site.clone()),
        Route::Report(site, ..) if known(site) => Screen::Reports(site.clone()),
        Route::Issues(site, None, _) if known(site) => Screen::Issues(site.clone()),
        Route::Issues(site, Some(issue), _) if known(site) => Screen::Issue(site.clone(), *issue),
        Route::Replay(Place { site, sid, .. }) => Screen::Replay(site.clone(), sid.clone()),
        Route::Settings(_) => Screen::Settings,
        Route::Sessions(..)
        | Route::Report(..)
        | Route::Issues(..)
        | Route::Design
        | Route::File
        | Route::Shared(..)
        | Route::Unknown => Screen::Unknown,
    }
}

/// The site that was looked at last; the first one, if that is not there.
fn last_site(sites: &[Site]) -> Option<SiteKey> {
    let known = |key: &SiteKey| sites.iter().any(|site| site.key == *key);
    let last = platform::kept(LAST_SITE).and_then(|key| SiteKey::parse(&key).ok());
    last.filter(known)
        .or_else(|| sites.first().map(|site| site.key.clone()))
}

fn signed_in(app: App, session: Session) -> Html {
    app.sites.set(session.sites);
    let shown = Memo::new(move |_| {
        app.sites
            .with(|sites| app.route.with(|route| screen(route, sites)))
    });
    html! {
        <a class="skip-link" href="#main" on:click=|event| { event.prevent_default(); focus_main(); }>"Skip to content"</a>
        {header(app, shown)}
        <main id="main" tabindex="-1">
            {move || match shown.get() {
                Screen::Sessions(site) => {
                    platform::keep(LAST_SITE, Some(site.as_str()));
                    begin(app, &site);
                    let name = app.site_name(&site);
                    sessions::view(app, site, &name)
                }
                Screen::Reports(site) => {
                    platform::keep(LAST_SITE, Some(site.as_str()));
                    let name = app.site_name(&site);
                    reports::view(app, site, name)
                }
                Screen::Issues(site) => {
                    platform::keep(LAST_SITE, Some(site.as_str()));
                    let name = app.site_name(&site);
                    issues::view(app, site, &name)
                }
                Screen::Issue(site, issue) => {
                    platform::keep(LAST_SITE, Some(site.as_str()));
                    let name = app.site_name(&site);
                    issues::one(app, site, issue, name)
                }
                Screen::Replay(site, sid) => {
                    let name = app.site_name(&site);
                    replay::view(app, site, sid, name)
                }
                Screen::Settings => settings::view(app),
                Screen::NoSite => no_site(app),
                Screen::Unknown => unknown(),
            }}
        </main>
    }
}

/// Whoever comes without an address sees what the list of `site` begins with.
fn begin(app: App, site: &SiteKey) {
    let query = sessions::beginning(site);
    if query.is_empty() || app.route.get_untracked() != Route::Home {
        return;
    }
    let route = Route::Sessions(site.clone(), query);
    platform::replace(&route.to_string());
    app.route.set(route);
}

fn focus_main() {
    let main = platform::document().and_then(|document| document.get_element_by_id("main"));
    if let Some(main) =
        main.and_then(|main| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(main).ok())
    {
        let _ = main.focus();
    }
}

fn header(app: App, shown: Memo<Screen>) -> Html {
    let site = move || match shown.get() {
        Screen::Sessions(site)
        | Screen::Reports(site)
        | Screen::Issues(site)
        | Screen::Issue(site, _)
        | Screen::Replay(site, _) => Some(site),
        // The site that one came from: its sessions are one press away.
        Screen::Settings => app.sites.with(|sites| last_site(sites)),
        Screen::NoSite | Screen::Unknown => None,
    };
    let home = move || {
        site().map_or_else(
            || Route::Home.to_string(),
            |site| {
                let query = sessions::beginning(&site);
                Route::Sessions(site, query).to_string()
            },
        )
    };
    let on_list = move || matches!(shown.get(), Screen::Sessions(_)).then_some("page");
    let on_report = move || matches!(shown.get(), Screen::Reports(_)).then_some("page");
    let on_issues =
        move || matches!(shown.get(), Screen::Issues(_) | Screen::Issue(..)).then_some("page");
    let on_settings = move || (shown.get() == Screen::Settings).then_some("page");
    // What is looked at goes along from one section to the other.
    let sessions = move || {
        let route = app.route.get();
        match (route.asking(), route) {
            (_, Route::Replay(place)) => Route::Sessions(place.site, place.list).to_string(),
            (Some(asking), route) => match route.site() {
                Some(site) => Route::Sessions(site.clone(), asking.listing.to_string()).to_string(),
                None => home(),
            },
            _ => home(),
        }
    };
    let report = move |name: Name| {
        let route = app.route.get();
        let asking = match &route {
            Route::Sessions(_, query) => Asking::parse(name, query),
            Route::Replay(place) => Asking::parse(name, &place.list),
            other => other.asking().unwrap_or_default(),
        };
        route
            .site()
            .cloned()
            .or_else(site)
            .map_or_else(home, |site| {
                Route::asked(site, &asking.turn(name)).to_string()
            })
    };
    html! {
        <header class="top">
            <a class="brand" href=home>{mark()}<span>"Sentiero"</span></a>
            {move || switcher(app.sites.get(), site)}
            <nav aria-label="Sections">
                <a href=sessions aria-current=on_list>"Sessions"</a>
                <a href=move || report(Name::Errors) aria-current=on_issues>"Issues"</a>
                <a href=move || report(Name::default()) aria-current=on_report>"Reports"</a>
            </nav>
            <div class="top-end">
                <a
                    class="icon-button"
                    href=Section::Sites.to_string()
                    title="Settings"
                    aria-label="Settings"
                    aria-current=on_settings
                    data-testid="settings"
                >{icon(Icon::Gear)}</a>
                {colours(app)}
                {icon_button("Keyboard shortcuts", Icon::Help, move || app.help.set(true))}
                {icon_button("Sign out", Icon::SignOut, move || app.sign_out())}
            </div>
        </header>
    }
}

/// The site's name; a choice where there are several.
fn switcher(
    all: Vec<Site>,
    site: impl Fn() -> Option<SiteKey> + Copy + Send + Sync + 'static,
) -> Html {
    let chosen = move || site().map(|site| site.to_string()).unwrap_or_default();
    if all.len() < 2 {
        let name = all.into_iter().next().map(|site| site.name);
        return Html::new(name.map(|name| html! { <span class="site-name">{name}</span> }));
    }
    let options = all.into_iter().map(|Site { key, name }| {
        let value = key.to_string();
        let selected = value.clone();
        html! { <option value=value selected=move || chosen() == selected>{name}</option> }
    });
    let options = options.collect_view();
    let choose = move |event| {
        if let Ok(site) = SiteKey::parse(&event_target_value(&event)) {
            let query = sessions::beginning(&site);
            platform::go(&Route::Sessions(site, query).to_string());
        }
    };
    html! {
        <select class="site-select" aria-label="Site" prop:value=chosen on:change=choose>{options}</select>
    }
}

/// There is nothing to show before there is a site: the command that makes one.
fn no_site(app: App) -> Html {
    platform::title("No site");
    let command = format!(
        "cargo xtask site create shop --name \"My shop\" \\\n  --origin https://shop.example --url {}",
        app.client.origin()
    );
    let shown = command.clone();
    let copy = Button::new("Copy the command")
        .icon(Icon::Copy)
        .on(move || app.copy(command.clone(), "Command copied"));
    let again = Button::new("Look again")
        .icon(Icon::Refresh)
        .on(move || app.ask());
    html! {
        <div class="centred">
            <div class="empty" data-testid="no-site">
                <span class="problem-icon calm">{icon(Icon::Window)}</span>
                <h1>"No site yet"</h1>
                <p>"A site is what is recorded: a name, and the origins whose pages may record. Make one here, or with this command; both give you the tag for your pages."</p>
                <pre class="command">{shown}</pre>
                <div class="row-of-buttons"><a class="button primary" href=Section::Sites.to_string() data-testid="make-site">"Create a site"</a>{copy}{again}</div>
            </div>
        </div>
    }
}

fn unknown() -> Html {
    platform::title("Not found");
    html! {
        <div class="centred">
            <div class="empty" data-testid="unknown">
                <span class="problem-icon calm">{icon(Icon::Search)}</span>
                <h1>"Nothing here"</h1>
                <p>"This address names no site and no session that you can see. It may be cut, or the site was deleted."</p>
                <a class="button" href=Route::Home.to_string()>"To the sessions"</a>
            </div>
        </div>
    }
}
