//! What was taken and refused of a site, why, and what a month like the last one costs.

use super::fetch::Fetch;
use super::site::Site;
use crate::app::App;
use crate::chart::{Chart, Part as Bar, columns};
use crate::model::failure::Failure;
use crate::model::report::value::{day, full_day};
use crate::model::settings::usage::{
    DAYS, Estimate, Refusal, Usage, Weight, dollars, estimate, masked,
};
use crate::model::text;
use crate::page::reports::chart;
use crate::platform;
use crate::ui::form::section;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::badge;
use leptos::prelude::*;
use sentiero_core::api::Privacy;
use sentiero_core::filter::Filter;
use sentiero_core::id::SiteKey;

const DAY: u64 = 86_400_000;

/// What is known.
#[derive(Clone)]
struct Known {
    usage: Usage,
    sessions: u64,
    privacy: Privacy,
}

async fn ask(app: App, key: SiteKey) -> Result<Known, Failure> {
    let counters = app.client.counters(&key).await?;
    let since = Filter {
        from: Some(platform::now().saturating_sub(DAYS * DAY)),
        ..Filter::default()
    };
    let sessions = app.client.facets(&key, &since).await?.total;
    Ok(Known {
        usage: Usage::of(&counters),
        sessions,
        privacy: app.client.privacy(&key).await?,
    })
}

pub(super) fn view(site: Site) -> Html {
    let app = site.app;
    let known = Fetch::start(app, move || ask(app, site.key.get_value()));
    known.view("Loading what was counted", move |known| {
        let days = site.base.with_untracked(|base| base.retention_days);
        shown(&known, days)
    })
}

fn shown(known: &Known, retention_days: u32) -> Html {
    let Known {
        usage, sessions, ..
    } = known;
    let estimate = estimate(usage, *sessions, retention_days);
    let cost = estimate
        .as_ref()
        .map_or_else(|| "—".to_owned(), |estimate| dollars(estimate.total));
    let each = sessions
        .checked_sub(1)
        .map(|_| usage.bytes / (*sessions).max(1));
    let facts = [
        ("Sessions", text::number(*sessions), "30 days".to_owned()),
        (
            "Stored",
            text::bytes(usage.bytes),
            each.map(|each| format!("{} a session", text::bytes(each)))
                .unwrap_or_default(),
        ),
        (
            "Events",
            text::number(usage.events),
            format!("{} uploads", text::number(usage.batches)),
        ),
        (
            "A month costs about",
            cost,
            "estimate, see below".to_owned(),
        ),
    ];
    let facts = facts.map(|(name, value, under)| {
        html! {
            <div class="headline"><dt>{name}</dt><dd>{value}<span class="headline-under">{under}</span></dd></div>
        }
    });
    html! {
        <dl class="headlines card" data-testid="usage">{facts.into_iter().collect_view()}</dl>
        {by_day(usage)}
        {refusals(&usage.refusals)}
        {at_edge(&known.privacy)}
        {estimate.as_ref().map(costs)}
    }
}

fn by_day(usage: &Usage) -> Option<Html> {
    let (title, unit) = usage.scale();
    let bars = usage.days.iter().map(|(at, bytes)| Bar {
        name: day(*at),
        whole: bytes.div_ceil(unit),
        marked: 0,
        said: format!("{}: {}", full_day(*at), text::bytes(*bytes)),
    });
    let drawn = columns(bars.collect())?;
    Some(section(
        title,
        "Stored, compressed; days are UTC.",
        chart::view(&Chart::Columns(drawn), title),
    ))
}

fn refusals(refusals: &[Refusal]) -> Html {
    let content = if refusals.is_empty() {
        html! { <p class="calm" data-testid="nothing-refused">"Nothing was refused in these 30 days."</p> }
    } else {
        let rows = refusals.iter().map(refusal).collect_view();
        html! { <ul class="reasons">{rows}</ul> }
    };
    section(
        "What was not stored",
        "Uploads in the last 30 days, by reason; what needs you comes first.",
        content,
    )
}

fn refusal(refusal: &Refusal) -> Html {
    let (class, picture, word) = tone(refusal.reason.weight);
    let act = (!refusal.reason.act.is_empty())
        .then(|| html! { <p class="reason-act">{refusal.reason.act}</p> });
    html! {
        <li data-testid="refusal" data-word=refusal.word.clone()>
            <div class="reason-head">
                <h3>{refusal.reason.title}</h3>
                {badge(class, picture, word.to_owned(), None)}
                <span class="reason-count">{text::number(refusal.n)}</span>
            </div>
            <p>{refusal.reason.means}</p>
            {act}
        </li>
    }
}

fn tone(weight: Weight) -> (&'static str, Option<Icon>, &'static str) {
    match weight {
        Weight::Broken => ("bad", Some(Icon::Warning), "Needs you"),
        Weight::Odd => ("warn", None, "Worth a look"),
        Weight::Fine => ("", None, "As it should be"),
    }
}

fn at_edge(privacy: &Privacy) -> Html {
    let (weight, said) = masked(privacy);
    let (class, picture, word) = tone(weight);
    section(
        "What the edge had to mask",
        "Whatever a page sends is masked a second time before it is stored.",
        html! { <div class="deed"><p>{said}</p>{badge(class, picture, word.to_owned(), None)}</div> },
    )
}

fn costs(estimate: &Estimate) -> Html {
    let items = estimate.items.iter().map(|(name, cost)| {
        html! { <tr><th scope="row">{name.clone()}</th><td class="number">{dollars(*cost)}</td></tr> }
    });
    let assumes = estimate.assumes.iter().cloned();
    let assumes = assumes.map(|said| html! { <li>{said}</li> });
    section(
        "Estimated cost",
        "",
        html! {
            <p>{format!("About {} a month, plan included. Where all that the plan includes is used up already, this site adds {}. Its largest items, before what is included:", dollars(estimate.total), dollars(estimate.marginal))}</p>
            <table class="table settings-table costs"><tbody>{items.collect_view()}</tbody></table>
            <h3>"What the estimate takes for granted"</h3>
            <ul class="plain">{assumes.collect_view()}</ul>
        },
    )
}
