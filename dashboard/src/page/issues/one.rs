//! An issue: what was decided, how often it came and where, and the sessions.

use super::desk::Desk;
use super::{occurrence, rows};
use crate::app::App;
use crate::model::issues::{deciding, list, title, trend};
use crate::model::report::table::{Panel, View};
use crate::model::report::value::Value;
use crate::model::report::{Asking, Name};
use crate::model::text;
use crate::page::reports::{self, exports, panel, state::State};
use crate::page::sessions::bar;
use crate::platform;
use crate::route::Route;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::message::empty;
use crate::ui::{icon_button, since, when};
use leptos::ev;
use leptos::prelude::*;
use sentiero_core::analytics::report::Answer;
use sentiero_core::analytics::report::issue::Answer as Counted;
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::issue::{Fingerprint, Known};

/// The screen.
pub(in crate::page) fn view(
    app: App,
    site: SiteKey,
    issue: Fingerprint,
    site_name: String,
) -> Html {
    let state = State::start(app, site, |route| {
        matches!(route, Route::Issues(_, Some(_), _))
    });
    let desk = Desk::start(state, Some(issue));
    let known = Memo::new(move |_| desk.of(issue));
    let called = Memo::new(move |_| called(state, known));
    Effect::new(move |_| {
        let (kind, said) = called
            .get()
            .unwrap_or_else(|| ("Issue".to_owned(), String::new()));
        platform::title(&format!(
            "{kind} {} · {site_name}",
            text::shorten(&said, 60)
        ));
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        desk.on_key(&event, || Some(issue));
    });
    on_cleanup(move || keys.remove());
    let back = move || {
        state
            .address(&state.asking.get().turn(Name::Errors))
            .to_string()
    };
    let acts = move || known.get().map(|known| desk.buttons(&known, false));
    html! {
        <div class="page issue-page">
            <nav class="crumbs" aria-label="Where this is"><a href=back>{icon(Icon::Back)}"Issues"</a></nav>
            <div class="page-head issue-head">
                <div class="issue-name">
                    <h1>{move || called.get().map(heading)}</h1>
                    <div class="issue-state" role="status" data-testid="issue-state">{move || known.get().map(|known| decided(app, &known))}</div>
                </div>
                <div class="page-actions">
                    {acts}
                    {icon_button("Refresh", Icon::Refresh, move || desk.again())}
                    {exports(state)}
                </div>
            </div>
            {bar::view(state.sieve, None)}
            {move || reports::wrong(state)}
            <div class="report-body" class:waiting-for-more=move || state.outdated() aria-busy=move || state.outdated().to_string()>
                {move || body(desk, issue, known)}
            </div>
        </div>
    }
}

/// Kind, and what it says; none before it is known.
fn called(state: State, known: Memo<Option<Known>>) -> Option<(String, String)> {
    let counted = state
        .answer
        .with(|answered| match &answered.as_ref()?.answer {
            Answer::Issue(answer) => Some(answer.title.clone()),
            _ => None,
        });
    let counted = counted.filter(|title| !title.is_empty());
    let whole =
        counted.or_else(|| known.with(|known| known.as_ref().map(|one| one.title.clone())))?;
    let (kind, said) = title(&whole);
    Some((kind.to_owned(), said.to_owned()))
}

fn heading((kind, said): (String, String)) -> Html {
    html! { <b class="issue-kind">{kind}</b><span class="issue-said">{said}</span> }
}

fn decided(app: App, known: &Known) -> Html {
    let said = deciding::meaning(known).map(|said| html! { <span>{said}</span> });
    let at = known
        .decided
        .map(|at| html! { <span class="aside">"Decided "{when(app, at)}</span> });
    html! { {rows::state_badge(known.state)}{said}{at} }
}

fn body(desk: Desk, issue: Fingerprint, known: Memo<Option<Known>>) -> Html {
    let state = desk.state();
    if let Some(failure) = desk.failure() {
        return desk.failed(&failure);
    }
    if !desk.is_read.get() {
        return reports::waiting(state);
    }
    state.answer.with(|answered| {
        let Some((answer, view)) = answered
            .as_ref()
            .and_then(|answered| match &answered.answer {
                Answer::Issue(answer) => Some((answer, &answered.view)),
                _ => None,
            })
        else {
            return reports::waiting(state);
        };
        if answer.with_it > 0 {
            return counted(desk, issue, known, (answer, view));
        }
        let asking = state.asking.get();
        if known.with_untracked(Option::is_some) || !asking.listing.is_all() {
            return reports::nothing(state);
        }
        unknown(state)
    })
}

/// Of all time there is nothing, and nothing is known.
fn unknown(state: State) -> Html {
    let all = state
        .address(&state.asking.get_untracked().turn(Name::Errors))
        .to_string();
    let to_all = html! { <a class="button" href=all>"See all issues"</a> };
    html! {
        <div class="card list-empty">
            {empty(
                Icon::Search,
                "no-such-issue",
                "No such issue".to_owned(),
                "No recorded session has told of it. Its sessions may be gone by now, or the address is cut.".to_owned(),
                vec![to_all],
            )}
        </div>
    }
}

fn counted(
    desk: Desk,
    issue: Fingerprint,
    known: Memo<Option<Known>>,
    (answer, view): (&Counted, &View),
) -> Html {
    let state = desk.state();
    let mut panels = view.panels.iter();
    let days = panels.next().map(|days| {
        let asking = state.asking.get_untracked();
        panel::view(state, &charted(days, answer, &asking))
    });
    let moments = view
        .panels
        .last()
        .map(|moments| panel::view(state, moments));
    let facets = view
        .panels
        .get(1..view.panels.len().saturating_sub(1))
        .unwrap_or_default();
    let pending = state
        .answer
        .with(|answered| answered.as_ref().map_or(0, |one| one.pending));
    html! {
        {reports::said("pending", crate::model::report::pending(pending))}
        {facts(state.app, known, answer)}
        <div class="issue-top">{days}{moments}</div>
        {occurrence::view(state, issue, &answer.moments)}
        <div class="panels issue-facets">{facets.iter().map(|part| panel::view(state, part)).collect_view()}</div>
    }
}

/// The days as a chart over the whole range, so that one sees when it stopped.
fn charted(days: &Panel, answer: &Counted, asking: &Asking) -> Panel {
    let now = platform::now();
    let filter = asking.listing.resolve(platform::moment());
    let span = list::within(&filter, answer.first, now);
    Panel {
        chart: trend::chart(&answer.days, span),
        ..days.clone()
    }
}

/// Numbers of the range, and what is known beyond it. What is decided changes what is known, and
/// must not have all else read again: so only the numbers follow it.
fn facts(app: App, known: Memo<Option<Known>>, answer: &Counted) -> Html {
    let numbers = Numbers {
        count: answer.count,
        with_it: answer.with_it,
        sessions: answer.sessions,
        first: answer.first.unwrap_or(0),
        last: answer.last.unwrap_or(0),
    };
    Html::new(move || known.with(|known| said(app, known.as_ref(), numbers)))
}

#[derive(Clone, Copy)]
struct Numbers {
    count: u64,
    with_it: u64,
    sessions: u64,
    first: Millis,
    last: Millis,
}

fn said(app: App, known: Option<&Known>, numbers: Numbers) -> Html {
    let Numbers {
        count,
        with_it,
        sessions,
        ..
    } = numbers;
    let share = Value::share(permille(with_it, sessions)).said();
    let first = known.map_or(numbers.first, |known| known.first.min(numbers.first));
    let last = known.map_or(numbers.last, |known| known.last.max(numbers.last));
    let releases: &[String] = known.map_or(&[], |known| known.releases.as_slice());
    let release = releases.last().cloned();
    let release = release.unwrap_or_else(|| "None told".to_owned());
    let of = match releases.len() {
        0 | 1 => String::new(),
        all => format!("the last of {all}"),
    };
    let text_of = |text: String| html! { <span>{text}</span> };
    html! {
        <dl class="headlines card issue-facts">
            {fact("Count", "How often it came in the range.", text_of(text::number(count)), "in this range".to_owned())}
            {fact("Sessions", "Sessions of the range that it came in.", text_of(text::number(with_it)), format!("{share} of {}", text::number(sessions)))}
            {fact("First seen", "Since it is remembered, in any range.", since(app, first), platform::date(first))}
            {fact("Last seen", "In any range.", since(app, last), platform::date(last))}
            {fact("Release", "What pages told by setMetadata.", text_of(release), of)}
        </dl>
    }
}

fn fact(name: &'static str, about: &'static str, value: Html, under: String) -> Html {
    html! {
        <div class="headline" title=about>
            <dt>{name}</dt>
            <dd>{value}<span class="headline-under">{under}</span></dd>
        </div>
    }
}
