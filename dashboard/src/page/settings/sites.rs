//! All sites, and making one.

use super::fetch::Fetch;
use super::{Desk, head};
use crate::model::failure::Failure;
use crate::model::settings::draft::refused;
use crate::model::settings::place::{Part, Section};
use crate::model::settings::setting::Setting;
use crate::model::text;
use crate::platform;
use crate::ui::Button;
use crate::ui::dialog::dialog;
use crate::ui::field::{Field, field};
use crate::ui::form::area;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, badge, empty, note};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::{NewSite, SiteAnswer};
use sentiero_core::id::SiteKey;
use sentiero_core::site::SiteConfig;

pub(super) fn view(desk: Desk) -> Html {
    platform::title("Sites");
    let app = desk.app;
    let sites = Fetch::start(app, move || app.client.sites());
    let making = RwSignal::new(false);
    let create = move || {
        Button::new("New site")
            .primary()
            .icon(Icon::Plus)
            .testid("new-site")
            .on(move || making.set(true))
    };
    html! {
        {head("Sites", "What is recorded: a name, and the origins whose pages may record.", create())}
        {move || deleted(desk)}
        {sites.view("Loading sites", move |sites| list(&sites, making))}
        {dialog(making, "New site", "", move || New::begin(desk).view(making))}
    }
}

/// That a site is gone, and where the proof of its sessions is.
fn deleted(desk: Desk) -> Option<Html> {
    let (key, receipt) = desk.deleted.get()?;
    let id = receipt.id.to_string();
    let shown = id.clone();
    let said = html! {
        <span>
            {format!("The site “{key}” is deleted. {} erased within a minute. Receipt ", are(receipt.matched))}
            <code>{shown}</code>
        </span>
    };
    let acts = html! {
        {Button::new("Copy receipt id").small().icon(Icon::Copy).on(move || desk.app.copy(id.clone(), "Receipt id copied"))}
        {Button::new("Close").small().quiet().on(move || desk.deleted.set(None))}
    };
    Some(note(
        Tone::Calm,
        Icon::Trash,
        "site-deleted",
        said,
        Some(acts),
    ))
}

fn are(sessions: u64) -> String {
    match sessions {
        0 => "It had no sessions to be".to_owned(),
        1 => "Its session is".to_owned(),
        many => format!("Its {} are", text::plural(many, "session")),
    }
}

fn list(sites: &[SiteAnswer], making: RwSignal<bool>) -> Html {
    if sites.is_empty() {
        let act = Button::new("Create the first site")
            .primary()
            .icon(Icon::Plus)
            .on(move || making.set(true));
        return html! {
            <div class="card">
                {empty(
                    Icon::Window,
                    "no-sites",
                    "No site yet".to_owned(),
                    "A site is what is recorded. Make one, and put its tag into your pages.".to_owned(),
                    vec![act],
                )}
            </div>
        };
    }
    let rows = sites.iter().map(row).collect_view();
    html! {
        <div class="card table-scroll">
            <table class="table settings-table">
                <thead><tr>
                    <th scope="col">"Name"</th><th scope="col">"Key"</th><th scope="col">"Recording"</th>
                    <th scope="col">"Masked"</th><th scope="col" class="number">"Kept"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(site: &SiteAnswer) -> Html {
    let to = Section::Site(site.key.clone(), Part::General).to_string();
    let name = match &site.config {
        Some(config) => config.name.clone(),
        None => site.key.to_string(),
    };
    let recording = match &site.config {
        None => badge(
            "bad",
            Some(Icon::Warning),
            "Misconfigured".to_owned(),
            site.error.clone(),
        ),
        Some(config) if !config.recording => {
            badge("warn", Some(Icon::Pause), "Off".to_owned(), None)
        }
        Some(config) if config.origins.is_empty() => badge(
            "warn",
            Some(Icon::Warning),
            "No origin".to_owned(),
            Some("No page may record before there is an origin.".to_owned()),
        ),
        Some(_) => badge("good", Some(Icon::Check), "On".to_owned(), None),
    };
    let masked = site.config.as_ref().map(|config| match config.mask {
        sentiero_core::mask::Mode::None => "Secrets only",
        sentiero_core::mask::Mode::Inputs => "Fields",
        sentiero_core::mask::Mode::Text => "Fields and text",
    });
    let kept = site.config.as_ref();
    let kept = kept.map(|config| text::plural(u64::from(config.retention_days), "day"));
    html! {
        <tr data-testid="site-row" data-site=site.key.to_string()>
            <th scope="row"><a href=to>{name}</a></th>
            <td><code>{site.key.to_string()}</code></td>
            <td>{recording}</td>
            <td>{masked}</td>
            <td class="number">{kept}</td>
        </tr>
    }
}

/// A site that is being made.
#[derive(Clone, Copy)]
struct New {
    desk: Desk,
    name: RwSignal<String>,
    key: RwSignal<String>,
    origins: RwSignal<String>,
    wrong: RwSignal<Option<(At, String)>>,
    busy: RwSignal<bool>,
}

/// Where something is wrong.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Name,
    Key,
    Origins,
    Elsewhere,
}

impl New {
    fn begin(desk: Desk) -> Self {
        Self {
            desk,
            name: RwSignal::new(String::new()),
            key: RwSignal::new(String::new()),
            origins: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    fn wrong_at(self, at: At) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.wrong
                .get()
                .filter(|(place, _)| *place == at)
                .map(|(_, said)| said)
        })
    }

    fn request(self) -> Result<NewSite, (At, String)> {
        let key = self.key.get_untracked();
        let key = match key.trim() {
            "" => None,
            key => Some(SiteKey::parse(key).map_err(|_| {
                let said = "A key has 1 to 32 characters of a-z, 0-9 and -.";
                (At::Key, said.to_owned())
            })?),
        };
        let origins = self.origins.get_untracked();
        let origins = origins
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let name = self.name.get_untracked().trim().to_owned();
        let config = SiteConfig::new(name, origins.map(str::to_owned).collect());
        config.check().map_err(|error| {
            let at = match error.field.as_str() {
                "name" => At::Name,
                "origins" => At::Origins,
                _ => At::Elsewhere,
            };
            (at, format!("This {}.", error.reason))
        })?;
        Ok(NewSite { key, config })
    }

    fn submit(self, open: RwSignal<bool>) {
        if self.busy.get_untracked() {
            return;
        }
        let request = match self.request() {
            Ok(request) => request,
            Err(wrong) => return self.wrong.set(Some(wrong)),
        };
        self.wrong.set(None);
        self.busy.set(true);
        spawn_local(async move {
            let app = self.desk.app;
            let answer = app.client.create_site(&request, &app.csrf()).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(site) => {
                    open.set(false);
                    app.say("Site created. Here is its tag.");
                    app.know_sites();
                    platform::go(&Section::Site(site.key, Part::Install).to_string());
                }
                Err(failure) => {
                    app.heard(&failure);
                    self.wrong.set(Some(at(&failure)));
                }
            }
        });
    }

    fn view(self, open: RwSignal<bool>) -> Html {
        let text = |label, help, placeholder, value, at| Field {
            label,
            help,
            placeholder,
            kind: "text",
            value,
            wrong: self.wrong_at(at),
        };
        let elsewhere = self.wrong_at(At::Elsewhere);
        let label = move || {
            if self.busy.get() {
                "Creating…"
            } else {
                "Create site"
            }
        };
        html! {
            <form on:submit=move |event| { event.prevent_default(); self.submit(open); }>
                <div class="dialog-body" data-testid="new-site-dialog">
                    {field(&text("Name", "For the people who use this dashboard.", "Camping shop", self.name, At::Name))}
                    {area(&text("Origins", "Pages of these may record, one a line: scheme and host, no path.", "https://shop.example", self.origins, At::Origins))}
                    {field(&text("Key", "Stands in the tag, and cannot be changed. Left empty, one is made up.", "shop", self.key, At::Key))}
                    <div role="alert">{move || elsewhere.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
                </div>
                <div class="dialog-foot">
                    {Button::new("Cancel").on(move || open.set(false))}
                    {Button::saying(Signal::derive(move || label().to_owned())).primary().off(self.busy.into()).submits().testid("create-site").on(|| {})}
                </div>
            </form>
        }
    }
}

/// Where a refusal is shown.
fn at(failure: &Failure) -> (At, String) {
    if let Failure::Refused { problem, .. } = failure {
        if problem.code == "site_exists" {
            return (At::Key, problem.message.clone());
        }
        match refused(problem) {
            Some((Setting::Name, said)) => return (At::Name, said),
            Some((Setting::Origins, said)) => return (At::Origins, said),
            _ => {}
        }
    }
    (
        At::Elsewhere,
        format!("{}. {}", failure.title(), failure.advice()),
    )
}
