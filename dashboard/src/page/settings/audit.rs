//! Who did what: of the deployment, and with each site.

use super::fetch::Fetch;
use super::head;
use crate::app::App;
use crate::model::settings::log::{Weight, continued, says, who};
use crate::model::settings::place::Section;
use crate::platform;
use crate::ui::field::select;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::message::empty;
use crate::ui::{Button, when};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::audit::{Entry, Log};
use sentiero_core::id::SiteKey;

pub(super) fn view(app: App, site: Option<SiteKey>) -> Html {
    platform::title("Audit log");
    let asked = site.clone();
    let log = Fetch::start(app, move || {
        let site = asked.clone();
        async move { app.client.audit(site.as_ref(), None).await }
    });
    let of = StoredValue::new(site.clone());
    html! {
        {head("Audit log", "Who did what, and when. Kept for 400 days. It says nothing of visitors.", choice(app, site))}
        {log.view("Loading the audit log", move |page| list(app, of, log, page))}
    }
}

/// Of what the log is shown.
fn choice(app: App, site: Option<SiteKey>) -> Html {
    let mut options = vec![(String::new(), "Signing in and tokens".to_owned())];
    let sites = app.sites.get_untracked().into_iter();
    options.extend(sites.map(|site| (site.key.to_string(), site.name)));
    let now = site.map(|site| site.to_string()).unwrap_or_default();
    // The log outlives its site.
    if !options.iter().any(|(key, _)| *key == now) {
        options.push((now.clone(), now.clone()));
    }
    select("What the log is of", options, Signal::stored(now), |key| {
        let site = SiteKey::parse(&key).ok();
        platform::go(&Section::Audit(site).to_string());
    })
}

fn list(app: App, of: StoredValue<Option<SiteKey>>, log: Fetch<Log>, page: Log) -> Html {
    if page.entries.is_empty() {
        let said = if of.with_value(Option::is_some) {
            "Nobody has looked at this site’s sessions or changed it yet."
        } else {
            "Nobody has signed in or made a token yet."
        };
        return html! {
            <div class="card">{empty(Icon::Search, "audit-empty", "Nothing yet".to_owned(), said.to_owned(), Vec::new())}</div>
        };
    }
    let rows = page
        .entries
        .iter()
        .map(|entry| row(app, entry))
        .collect_view();
    let busy = RwSignal::new(false);
    let more = page.next.map(|next| {
        let older = move || {
            let next = next.clone();
            busy.set(true);
            spawn_local(async move {
                let site = of.get_value();
                let page = app.client.audit(site.as_ref(), Some(&next)).await;
                if busy.try_set(false).is_some() {
                    return;
                }
                match page {
                    Ok(page) => log.change(|so_far| continued(so_far, page)),
                    Err(failure) => {
                        app.heard(&failure);
                        app.say(failure.title());
                    }
                }
            });
        };
        html! { <div class="more-row">{Button::new("Older entries").busy(busy.into()).off(busy.into()).testid("older").on(older)}</div> }
    });
    html! {
        <div class="card"><ol class="log" data-testid="audit-list">{rows}</ol>{more}</div>
    }
}

fn row(app: App, entry: &Entry) -> Html {
    let (said, about, weight) = says(entry);
    let (picture, class) = match weight {
        Weight::Read => (Icon::Eye, "log-mark"),
        Weight::Changed => (Icon::Pen, "log-mark changed"),
        Weight::Grave => (Icon::Warning, "log-mark grave"),
    };
    let about = about.map(|about| html! { <code>{about}</code> });
    html! {
        <li data-testid="audit-entry">
            <span class=class>{icon(picture)}</span>
            <div class="log-said"><span>{said}</span>{about}<span class="log-who">{who(entry)}</span></div>
            <span class="log-when">{when(app, entry.at)}</span>
        </li>
    }
}
