//! Settings: sites, API tokens, who did what.
//!
//! | module | shows |
//! |---|---|
//! | `sites` | all sites, and making one |
//! | `site` | one: what all its parts share, saving, what somebody else saved |
//! | `fields` | its settings, with `preview` of what they mean |
//! | `install` | the tag |
//! | `keys` | the keys of the tag |
//! | `ends` | switching recording off, deleting the site |
//! | `webhook` | who is told of issues |
//! | `usage` | what was taken and refused, and what it costs |
//! | `erasure` | erasing sessions, and receipts |
//! | `tokens` | API tokens |
//! | `sign_ins` | ending all sign-ins |
//! | `audit` | who did what |
//! | `leave` | what is not saved, when somebody goes |
//! | `fetch` | waiting and failing, for all of them |

mod audit;
mod ends;
mod erasure;
mod fetch;
mod fields;
mod install;
mod keys;
mod leave;
mod past;
mod preview;
mod sign_ins;
mod site;
mod sites;
mod tokens;
mod usage;
mod webhook;

use crate::app::App;
use crate::model::settings::place::{Part, Section};
use crate::platform;
use crate::route::Route;
use crate::ui::html::{Html, html};
use leptos::prelude::*;
use sentiero_core::erasure::Receipt;
use sentiero_core::id::SiteKey;

/// What stays while one goes from one section to another.
#[derive(Clone, Copy)]
struct Desk {
    app: App,
    /// The site that was just deleted, and the receipt of its sessions.
    deleted: RwSignal<Option<(SiteKey, Receipt)>>,
}

/// Which screen, without the part of a site: what is typed there stays.
#[derive(Clone, PartialEq)]
enum Screen {
    Sites,
    Site(SiteKey),
    Tokens,
    Audit(Option<SiteKey>),
}

/// The link to the part that is shown.
const HERE: &str = "settings-part";

/// The screen.
pub(super) fn view(app: App) -> Html {
    let desk = Desk {
        app,
        deleted: RwSignal::new(None),
    };
    let section = Memo::new(move |before: Option<&Section>| match app.route.get() {
        Route::Settings(section) => section,
        // Somebody goes elsewhere; this is taken away.
        _ => before.cloned().unwrap_or(Section::Sites),
    });
    let screen = Memo::new(move |_| match section.get() {
        Section::Sites => Screen::Sites,
        Section::Site(site, _) => Screen::Site(site),
        Section::Tokens => Screen::Tokens,
        Section::Audit(site) => Screen::Audit(site),
    });
    html! {
        <div class="page settings">
            {navigation(app, section)}
            <div class="settings-body">
                {move || match screen.get() {
                    Screen::Sites => sites::view(desk),
                    Screen::Site(site) => site::view(desk, &site, section),
                    Screen::Tokens => tokens::view(app),
                    Screen::Audit(site) => audit::view(app, site),
                }}
            </div>
            {leave::dialog(app)}
        </div>
    }
}

fn navigation(app: App, section: Memo<Section>) -> Html {
    let general = [
        (Section::Sites, "Sites"),
        (Section::Tokens, "API tokens"),
        (Section::Audit(None), "Audit log"),
    ];
    let general = general.map(|(to, name)| {
        let own = to.clone();
        let here = move || {
            section.with(|now| match (now, &own) {
                (Section::Audit(_), Section::Audit(_)) => true,
                (now, own) => now == own,
            })
        };
        html! { <li><a href=to.to_string() aria-current=move || here().then_some("page")>{name}</a></li> }
    });
    let of_site = move |site: SiteKey| {
        let name = app.site_name(&site);
        let part = |part: Part| {
            let to = Section::Site(site.clone(), part).to_string();
            let here = move || section.with(|now| now.part() == Some(part));
            let id = move || here().then_some(HERE);
            html! { <li><a href=to id=id aria-current=move || here().then_some("page")>{part.words().1}</a></li> }
        };
        let parts = Part::ALL.map(part);
        html! {
            <h2>{name}</h2>
            <ul>{parts.into_iter().collect_view()}</ul>
        }
    };
    // The parts of a site stay while one goes from one to another. (`get`, for a memo that is
    // only tracked is not computed, and hears of no change.)
    let site = Memo::new(move |_| section.with(|section| section.site().cloned()));
    // Where the parts stand in one line, the one that is shown may be beyond its edge.
    Effect::new(move |_| {
        section.track();
        request_animation_frame(|| platform::reveal(HERE));
    });
    html! {
        <nav class="settings-list" aria-label="Settings">
            <h2>"Settings"</h2>
            <ul>{general.into_iter().collect_view()}</ul>
            {move || { app.sites.track(); site.get().map(|site| untrack(|| of_site(site))) }}
        </nav>
    }
}

/// The heading of a section.
fn head(title: &str, sub: &'static str, actions: Html) -> Html {
    let sub = (!sub.is_empty()).then(|| html! { <p class="page-sub">{sub}</p> });
    html! {
        <div class="page-head settings-head">
            <div><h1>{title.to_owned()}</h1>{sub}</div>
            <div class="page-actions">{actions}</div>
        </div>
    }
}
