//! The sessions of a site.

use crate::app::App;
use crate::model::failure::Failure;
use crate::model::feed::Feed;
use crate::model::notice;
use crate::model::text;
use crate::platform;
use crate::route::{Place, Route};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::{bone, problem, when};
use gloo_timers::future::sleep;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::{Privacy, SessionRow};
use sentiero_core::id::{SessionId, SiteKey};
use std::collections::BTreeSet;
use std::time::Duration;
use wasm_bindgen::JsCast as _;

const AUTO: &str = "sentiero-auto-refresh";
/// How often the list looks for new sessions.
const REFRESH: Duration = Duration::from_secs(10);
/// The same, while there is nothing to look at yet.
const FIRST: Duration = Duration::from_secs(3);

/// The list and what happens to it.
#[derive(Clone, Copy)]
struct List {
    app: App,
    site: StoredValue<SiteKey>,
    feed: RwSignal<Option<Feed>>,
    privacy: RwSignal<Privacy>,
    failure: RwSignal<Option<Failure>>,
    /// Sessions that came with the last refresh.
    fresh: RwSignal<BTreeSet<SessionId>>,
    refreshing: RwSignal<bool>,
    older: RwSignal<bool>,
    auto: RwSignal<bool>,
}

impl List {
    fn refresh(self) {
        if self.refreshing.get_untracked() {
            return;
        }
        self.refreshing.set(true);
        spawn_local(async move {
            let (client, site) = (&self.app.client, self.site.try_get_value());
            let Some(site) = site else { return };
            let answer = client.sessions(&site, None).await;
            if self.refreshing.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => {
                    self.failure.set(None);
                    let mut feed = self.feed.get_untracked();
                    let fresh = if let Some(feed) = &mut feed {
                        feed.refresh(page)
                    } else {
                        feed = Some(Feed::new(page));
                        BTreeSet::new()
                    };
                    if feed != self.feed.get_untracked() {
                        self.fresh.set(fresh);
                        self.feed.set(feed);
                        self.count_masked(&site).await;
                    }
                }
                Err(failure) => self.failed(failure),
            }
        });
    }

    /// Asks anew what the edge had to mask; the rows have changed.
    async fn count_masked(self, site: &SiteKey) {
        match self.app.client.privacy(site).await {
            // Nobody may be looking any more.
            Ok(privacy) => drop(self.privacy.try_set(privacy)),
            Err(failure) if !self.privacy.is_disposed() => self.failed(failure),
            Err(_) => {}
        }
    }

    fn load_older(self) {
        let before = self
            .feed
            .with_untracked(|feed| feed.as_ref().and_then(|feed| feed.next.clone()));
        let Some(before) = before.filter(|_| !self.older.get_untracked()) else {
            return;
        };
        self.older.set(true);
        spawn_local(async move {
            let Some(site) = self.site.try_get_value() else {
                return;
            };
            let answer = self.app.client.sessions(&site, Some(&before)).await;
            if self.older.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => self.feed.update(|feed| {
                    if let Some(feed) = feed {
                        feed.extend(page);
                    }
                }),
                Err(failure) => self.failed(failure),
            }
        });
    }

    fn failed(self, failure: Failure) {
        self.app.heard(&failure);
        self.failure.set(Some(failure));
    }

    fn is_empty(self) -> bool {
        self.feed
            .with(|feed| feed.as_ref().is_some_and(|feed| feed.rows.is_empty()))
    }
}

/// The screen.
pub(super) fn view(app: App, site: SiteKey, name: String) -> Html {
    platform::title(&name);
    let list = List {
        app,
        site: StoredValue::new(site),
        feed: RwSignal::new(None),
        privacy: RwSignal::new(Privacy::default()),
        failure: RwSignal::new(None),
        fresh: RwSignal::new(BTreeSet::new()),
        refreshing: RwSignal::new(false),
        older: RwSignal::new(false),
        auto: RwSignal::new(platform::kept(AUTO).as_deref() != Some("off")),
    };
    list.refresh();
    spawn_local(poll(list));
    let keys = window_event_listener(ev::keydown, move |event| on_key(list, &event));
    on_cleanup(move || keys.remove());

    let body = move || {
        if list.is_empty() {
            return first_run(list);
        }
        if list.feed.with(Option::is_some) {
            return table(list);
        }
        match list.failure.get() {
            Some(failure) => html! {
                <div class="card centred">{problem(&failure, move || list.refresh())}</div>
            },
            None => skeleton(),
        }
    };
    // Only the kind of body: new rows must not build the table again.
    let shape = Memo::new(move |_| {
        let known = list.feed.with(Option::is_some);
        (
            known,
            list.is_empty(),
            if known { None } else { list.failure.get() },
        )
    });
    html! {
        <div class="page">
            <div class="page-head">
                <h1>"Sessions"</h1>
                <span class="page-sub">{name}</span>
                <div class="page-actions">{controls(list)}</div>
            </div>
            {move || stale(list)}
            {move || masked(list)}
            {move || { let _ = shape.get(); untrack(body) }}
        </div>
    }
}

async fn poll(list: List) {
    loop {
        let empty = list
            .feed
            .try_with_untracked(|feed| feed.as_ref().is_none_or(|feed| feed.rows.is_empty()));
        let Some(empty) = empty else { return };
        sleep(if empty { FIRST } else { REFRESH }).await;
        let Some(auto) = list.auto.try_get_untracked() else {
            return;
        };
        if (auto || empty) && platform::visible() {
            list.refresh();
        }
    }
}

fn on_key(list: List, event: &web_sys::KeyboardEvent) {
    if platform::typing(event) {
        return;
    }
    match event.key().as_str() {
        "j" | "ArrowDown" => step(event, 1),
        "k" | "ArrowUp" => step(event, -1),
        "r" => list.refresh(),
        _ => {}
    }
}

/// Moves the focus from row to row; from nowhere to the first.
fn step(event: &web_sys::KeyboardEvent, by: i32) {
    let Some(document) = platform::document() else {
        return;
    };
    let Ok(links) = document.query_selector_all(".row-link") else {
        return;
    };
    let active = document.active_element();
    let length = i32::try_from(links.length()).unwrap_or(i32::MAX);
    let at = |index: i32| u32::try_from(index).ok().and_then(|index| links.get(index));
    let focused = (0..length).find(|index| {
        at(*index).map(wasm_bindgen::JsValue::from)
            == active.clone().map(wasm_bindgen::JsValue::from)
    });
    if focused.is_none() && event.key().starts_with("Arrow") {
        // The arrows scroll until somebody is in the list.
        return;
    }
    let next = focused.map_or(0, |index| (index + by).clamp(0, length - 1));
    if let Some(link) = at(next).and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        let _ = link.focus();
    }
}

fn controls(list: List) -> Html {
    let toggle = move |_| {
        let auto = !list.auto.get_untracked();
        platform::keep(AUTO, Some(if auto { "on" } else { "off" }));
        list.auto.set(auto);
    };
    html! {
        <button
            class="switch"
            role="switch"
            aria-checked=move || list.auto.get().to_string()
            title="Look for new sessions every 10 seconds"
            on:click=toggle
        >
            <span class="switch-knob"></span>
            "Auto-refresh"
        </button>
        <button class="button" class:busy=move || list.refreshing.get() on:click=move |_| list.refresh()>
            {icon(Icon::Refresh)}
            "Refresh"
        </button>
    }
}

/// A failure while there is an older list to look at.
fn stale(list: List) -> Option<Html> {
    let failure = list
        .failure
        .get()
        .filter(|_| list.feed.with(Option::is_some));
    failure.map(|failure| {
        html! {
            <div class="note bad inline" role="alert" data-testid="problem">
                <span>{format!("{}. What you see may be out of date.", failure.title())}</span>
                <button class="button small" data-testid="retry" on:click=move |_| list.refresh()>"Try again"</button>
            </div>
        }
    })
}

/// What the edge had to mask although a page should have.
fn masked(list: List) -> Option<Html> {
    let notice = notice::masked(&list.privacy.get())?;
    Some(html! {
        <div class="note inline" role="status" data-testid="masked-at-edge">
            <span><strong>{notice.what}</strong>" "{notice.text}</span>
        </div>
    })
}

fn skeleton() -> Html {
    let row = |_| {
        html! {
            <div class="skeleton-row">
                {bone("w-10")}{bone("w-30")}{bone("w-6")}{bone("w-6")}{bone("w-6")}{bone("w-15")}
            </div>
        }
    };
    html! {
        <div class="card" role="status" aria-label="Loading sessions">
            {(0..10).map(row).collect_view()}
        </div>
    }
}

fn first_run(list: List) -> Html {
    let origin = list.app.client.origin();
    let key = list.site.get_value();
    let tag = format!("<script src=\"{origin}/sentiero.js\" data-site=\"{key}\" defer></script>");
    let shown = tag.clone();
    html! {
        <div class="card first-run" data-testid="empty-first-run">
            <div class="first-run-text">
                <h2>"Record your first session"</h2>
                <p>"Paste this tag into the "<code>"<head>"</code>" of the pages to record, then open one of them and click around."</p>
                <div class="snippet">
                    <code>{shown}</code>
                    <button class="button small" on:click=move |_| list.app.copy(tag.clone(), "Tag copied")>
                        {icon(Icon::Copy)}
                        "Copy"
                    </button>
                </div>
                <p class="waiting" role="status"><span class="pulse"></span>"Waiting for the first session. It appears here by itself."</p>
                <ul class="first-run-facts">
                    <li>"Form fields are masked in the browser, before anything is sent."</li>
                    <li>"Visitors who send Global Privacy Control are not recorded."</li>
                    <li>"The page's address must be among the site's origins."</li>
                </ul>
            </div>
        </div>
    }
}

fn table(list: List) -> Html {
    let rows = move || {
        list.feed.with(|feed| {
            feed.as_ref()
                .map(|feed| feed.rows.clone())
                .unwrap_or_default()
        })
    };
    let count = move || {
        let (count, more) = list.feed.with(|feed| {
            feed.as_ref()
                .map_or((0, false), |feed| (feed.rows.len(), feed.next.is_some()))
        });
        let shown = text::plural(u64::try_from(count).unwrap_or(0), "session");
        if more {
            format!("The latest {shown}")
        } else {
            shown
        }
    };
    let more = move || {
        list.feed
            .with(|feed| feed.as_ref().is_some_and(|feed| feed.next.is_some()))
    };
    html! {
        <div class="card">
            <table class="sessions">
                <caption class="visually-hidden">"Sessions, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Started"</th>
                        <th scope="col" class="entry">"Entry page"</th>
                        <th scope="col">"Visitor"</th>
                        <th scope="col" class="number">"Duration"</th>
                        <th scope="col" class="number">"Pages"</th>
                        <th scope="col" class="number">"Clicks"</th>
                        <th scope="col" class="number">"Errors"</th>
                        <th scope="col" class="number">"Events"</th>
                    </tr>
                </thead>
                <tbody>
                    // A row that changed is another row: its key holds what changes.
                    <For
                        each=rows
                        key=|row| (row.sid.clone(), row.events, row.live, row.duration, row.bytes, row.masked)
                        children=move |row| session(list, &row)
                    />
                </tbody>
            </table>
            <div class="table-foot">
                <span role="status">{count}</span>
                <Show when=more>
                    <button class="button" class:busy=move || list.older.get() on:click=move |_| list.load_older()>
                        {move || if list.older.get() { "Loading…" } else { "Load older" }}
                    </button>
                </Show>
            </div>
        </div>
    }
}

fn session(list: List, row: &SessionRow) -> Html {
    let place = Place {
        site: list.site.get_value(),
        sid: row.sid.clone(),
        tab: None,
        at: None,
    };
    let address = text::address(&row.entry);
    let path = if address.path.is_empty() {
        "Unknown page".to_owned()
    } else {
        address.path
    };
    let sid = row.sid.clone();
    let fresh = move || list.fresh.with(|fresh| fresh.contains(&sid));
    let count = |number: u64| text::number(number);
    let errors = (row.errors > 0).then_some("bad");
    let live = row.live.then(|| {
        html! { <span class="badge live" data-testid="session-live"><span class="pulse"></span>"Live"</span> }
    });
    let masked = notice::masked_badge(row.masked).map(|said| {
        html! { <span class="badge warn" data-testid="session-masked" title=said>"Masked at edge"</span> }
    });
    html! {
        <tr class="session" data-testid="session-row" data-sid=row.sid.to_string() class:fresh=fresh>
            <td class="started">{when(list.app, row.started)}{live}{masked}</td>
            <td class="entry">
                <a class="row-link" href=Route::Replay(place).to_string() title=row.entry.clone()>
                    <span class="path">{path}</span>
                    <span class="host">{address.host}</span>
                </a>
            </td>
            <td class="visitor">{visitor(row)}</td>
            <td class="number" data-label="Duration">{text::duration(row.duration)}</td>
            <td class="number" data-label="Pages">{count(row.pages.into())}</td>
            <td class="number" data-label="Clicks">{count(row.clicks.into())}</td>
            <td class="number" data-label="Errors"><span class=errors>{count(row.errors.into())}</span></td>
            <td class="number" data-label="Events">{count(row.events)}</td>
        </tr>
    }
}

/// What is known of the visitor: device, browser, system, country.
pub(super) fn visitor(row: &SessionRow) -> Html {
    let device = match row.device.as_deref() {
        Some("mobile") => Some((Icon::Mobile, "Phone")),
        Some("tablet") => Some((Icon::Tablet, "Tablet")),
        Some("desktop") => Some((Icon::Desktop, "Computer")),
        _ => None,
    };
    let device = device.map(|(picture, name)| {
        html! { <span class="device" title=name>{icon(picture)}<span class="visually-hidden">{name}</span></span> }
    });
    let software = [row.browser.clone(), row.os.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    let country = row
        .country
        .clone()
        .map(|code| html! { <span class="country" title="Country">{code}</span> });
    let unknown = device.is_none() && software.is_empty() && country.is_none();
    html! {
        {country}
        {device}
        <span class="software">{if unknown { "—".to_owned() } else { software }}</span>
    }
}
