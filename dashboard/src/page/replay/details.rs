//! Everything that is known of the session, and what its recording lacks.

use super::Screen;
use crate::model::captures::Vital;
use crate::model::notice::{self, Notice};
use crate::model::{place, text};
use crate::platform;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::icon_button;
use leptos::prelude::*;
use sentiero_core::api::{SessionDetail, SessionRow};
use std::sync::Arc;

/// The panel.
pub(super) fn view(screen: Screen) -> Html {
    let known = move || screen.detail.get().map(|detail| panel(screen, &detail));
    html! { <div class="details">{known}</div> }
}

fn panel(screen: Screen, detail: &Arc<SessionDetail>) -> Html {
    let row = &detail.row;
    let unknown = || "Unknown".to_owned();
    let facts = [
        ("Started", platform::exact(row.started)),
        ("Duration", text::spoken(row.duration)),
        ("Entry page", row.entry.clone()),
        ("Last page", row.exit.clone()),
        ("Region", region(row).unwrap_or_else(unknown)),
        ("Visitor’s time", local_time(row).unwrap_or_else(unknown)),
        ("Browser", row.browser.clone().unwrap_or_else(unknown)),
        ("System", row.os.clone().unwrap_or_else(unknown)),
        ("Device", device(row.device.as_deref())),
        ("Page loads", text::number(row.tabs.into())),
        ("Events", text::number(row.events)),
        ("Stored", format!("{} compressed", text::bytes(row.bytes))),
        ("Clock", clock(detail.clock_skew)),
    ];
    let facts = facts.map(|(name, value)| html! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    html! {
        {vitals(screen)}
        {completeness(screen, Arc::clone(detail))}
        <h2>"Session"</h2>
        <dl>
            <div>
                <dt>"Id"</dt>
                <dd class="id">
                    <code>{row.sid.to_string()}</code>
                    {copy_id(screen, row.sid.to_string())}
                </dd>
            </div>
            {facts.into_iter().collect_view()}
        </dl>
        {said(screen)}
        {pages(detail)}
    }
}

/// How the page load felt, with Google's rating.
fn vitals(screen: Screen) -> Html {
    Html::new(move || {
        let vitals = screen
            .shown()
            .captures
            .with(|captures| captures.vitals.clone());
        let badge = |vital: &Vital| {
            let (name, shown) = (vital.name.clone(), vital.shown());
            let hint = format!("{}: {}", vital.meaning(), vital.rating.title());
            html! {
                <li class=format!("vital {}", vital.rating.slug()) title=hint data-testid="vital">
                    <span class="vital-name">{name}</span>
                    <span class="vital-value">{shown}</span>
                    <span class="vital-rating">{vital.rating.title()}</span>
                </li>
            }
        };
        (!vitals.is_empty()).then(|| {
            html! { <h2>"Web vitals of this page load"</h2><ul class="vitals">{vitals.iter().map(badge).collect_view()}</ul> }
        })
    })
}

/// What the browser and the page said of the visit.
fn said(screen: Screen) -> Html {
    Html::new(move || {
        let facts = screen
            .shown()
            .captures
            .with(|captures| captures.facts.clone());
        let viewport = screen.shown().viewport.get();
        let seen = viewport
            .map(|(width, height)| ("viewport shown".to_owned(), format!("{width} × {height}")));
        let facts: Vec<_> = facts.into_iter().chain(seen).collect();
        let fact = |(name, value): (String, String)| {
            html! { <div><dt>{name.replace('_', " ")}</dt><dd>{value}</dd></div> }
        };
        (!facts.is_empty()).then(|| {
            html! { <h2>"What the browser and the page said"</h2><dl>{facts.into_iter().map(fact).collect_view()}</dl> }
        })
    })
}

fn copy_id(screen: Screen, id: String) -> Html {
    icon_button("Copy the id", Icon::Copy, move || {
        screen.app.copy(id.clone(), "Id copied");
    })
}

/// The region and its country, or what of it is known.
fn region(row: &SessionRow) -> Option<String> {
    let country = || row.country.as_deref().map(platform::country);
    let region = row.region.as_deref();
    region
        .map(|code| place::region(code, platform::country))
        .or_else(country)
}

/// What the clock showed where the visitor was when the visit began.
fn local_time(row: &SessionRow) -> Option<String> {
    let zone = row.timezone.as_deref()?;
    let named = place::timezone(zone);
    let Some(time) = platform::time_in(row.started, zone) else {
        return Some(named);
    };
    Some(format!("{time}, {named}"))
}

fn device(name: Option<&str>) -> String {
    let name = match name {
        Some("desktop") => "Computer",
        Some("mobile") => "Phone",
        Some("tablet") => "Tablet",
        _ => "Unknown",
    };
    name.to_owned()
}

fn clock(skew: i64) -> String {
    let size = text::duration(skew.unsigned_abs());
    match skew {
        -999..=999 => "Right".to_owned(),
        1_000.. => format!("{size} behind"),
        _ => format!("{size} ahead"),
    }
}

/// Says plainly whether what one sees is everything.
fn completeness(screen: Screen, detail: Arc<SessionDetail>) -> Html {
    Html::new(move || {
        let mut notices = notice::notices(&detail, screen.shown().damaged.get());
        notices.extend(
            screen
                .shown()
                .captures
                .with(|captures| notice::left_out(captures)),
        );
        notices.extend(screen.shown().fault.get().map(|text| Notice {
            missing: true,
            text: format!("The player could not show something: {text}"),
        }));
        let whole = !notices.iter().any(|notice| notice.missing);
        let line = |Notice { missing, text }: Notice| {
            let (class, picture) = if missing {
                ("missing", Icon::Warning)
            } else {
                ("", Icon::Info)
            };
            html! { <li class=class>{icon(picture)}<span>{text}</span></li> }
        };
        let all = whole.then(|| {
            html! { <li class="whole">{icon(Icon::Check)}<span>"Every event that was recorded is here."</span></li> }
        });
        html! {
            <h2>"Completeness"</h2>
            <ul class="notices">{all}{notices.into_iter().map(line).collect_view()}</ul>
        }
    })
}

fn pages(detail: &SessionDetail) -> Html {
    let start = detail.row.started;
    let page = |view: &sentiero_core::digest::PageView| {
        let address = text::address(&view.url);
        let offset = text::clock(view.at.saturating_sub(start));
        html! { <li title=view.url.clone()><span class="path">{address.path}</span><span class="row-time">{offset}</span></li> }
    };
    let pages = detail.page_views.iter().map(page).collect_view();
    html! { <h2>"Pages"</h2><ol class="page-list">{pages}</ol> }
}
