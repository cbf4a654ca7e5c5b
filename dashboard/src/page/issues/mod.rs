//! Issues: the list, and one of them.
//!
//! | module | shows |
//! |---|---|
//! | `desk` | what is known of the issues, and deciding about them |
//! | `rows` | the list |
//! | `one` | an issue |
//! | `occurrence` | the last time that it came, with its stack |
//!
//! What is counted, narrowed and exported is a report's, by `crate::page::reports`.

mod desk;
mod occurrence;
mod one;
mod rows;
mod samples;

pub(super) use one::view as one;
pub(super) use samples::samples;

use super::reports::state::State;
use super::reports::{self, exports};
use super::sessions::{bar, step};
use crate::app::App;
use crate::model::issues::{Counts, Order, Row, Which, list, rows as listed};
use crate::model::settings::place::{Part, Section};
use crate::platform;
use crate::route::Route;
use crate::ui::field::select;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::empty;
use crate::ui::{Button, icon_button};
use desk::Desk;
use leptos::ev;
use leptos::prelude::*;
use sentiero_core::analytics::report::Answer;
use sentiero_core::id::SiteKey;
use sentiero_core::issue::Fingerprint;

/// What is listed, made of what is counted and what is known; none before both are there.
type Listed = Memo<Option<(Vec<Row>, Counts)>>;

/// The list.
pub(super) fn view(app: App, site: SiteKey, site_name: &str) -> Html {
    platform::title(&format!("Issues · {site_name}"));
    let state = State::start(app, site, |route| {
        matches!(route, Route::Issues(_, None, _))
    });
    let desk = Desk::start(state, None);
    let listed = Memo::new(move |_| listed_now(desk));
    let keys = window_event_listener(ev::keydown, move |event| {
        desk.on_key(&event, focused_issue);
        match event.key().as_str() {
            _ if platform::typing(&event) => {}
            "j" | "ArrowDown" => step(&event, 1),
            "k" | "ArrowUp" => step(&event, -1),
            _ => {}
        }
    });
    on_cleanup(move || keys.remove());
    html! {
        <div class="page issues-page">
            <div class="page-head">
                <h1>"Issues"</h1>
                <span class="total" role="status" data-testid="issues-total">{move || total(state)}</span>
                <div class="page-actions">
                    {icon_button("Refresh", Icon::Refresh, move || desk.again())}
                    {exports(state)}
                </div>
            </div>
            {bar::view(state.sieve, None)}
            <div class="issue-bar">{states(state, listed)}{order(state)}</div>
            {move || reports::wrong(state)}
            <div class="report-body" class:waiting-for-more=move || state.outdated() aria-busy=move || state.outdated().to_string()>
                {body(desk, listed)}
            </div>
        </div>
    }
}

fn listed_now(desk: Desk) -> Option<(Vec<Row>, Counts)> {
    let state = desk.state();
    let (shown, listing) = state
        .asking
        .with(|asking| (asking.shown, asking.listing.clone()));
    state.answer.with(|answered| {
        let Answer::Errors(answer) = &answered.as_ref()?.answer else {
            return None;
        };
        let now = platform::now();
        let span = list::span(&listing.resolve(platform::moment()), answer, now);
        desk.known.with(|known| {
            let known = known.as_ref()?;
            Some(listed(answer, known, shown, (span, now)))
        })
    })
}

fn total(state: State) -> Option<String> {
    state
        .answer
        .with(|answered| match &answered.as_ref()?.answer {
            Answer::Errors(answer) => Some(list::total(answer)),
            _ => None,
        })
}

/// Which issues: those of a state, each a press away and with how many there are.
fn states(state: State, listed: Listed) -> Html {
    let counts =
        Memo::new(move |_| listed.with(|listed| listed.as_ref().map(|(_, counts)| *counts)));
    let one = |which: Which| {
        let href = move || {
            let asking = state.asking.get();
            let mut shown = asking.shown;
            shown.which = which;
            state.address(&asking.showing(shown)).to_string()
        };
        let is = move || state.asking.with(|asking| asking.shown.which == which);
        let count = move || counts.get().map(|counts| counts.of(which).to_string());
        html! {
            <a class="state-link" href=href aria-current=move || is().then_some("true") data-testid=format!("state-{}", which.words().0)>
                {which.words().1}<span class="state-count">{count}</span>
            </a>
        }
    };
    html! { <nav class="state-links" aria-label="Of which state">{Which::ALL.map(one).into_iter().collect_view()}</nav> }
}

fn order(state: State) -> Html {
    let options = Order::ALL.map(|order| {
        let (word, name) = order.words();
        (word.to_owned(), name.to_owned())
    });
    let chosen = Signal::derive(move || {
        state
            .asking
            .with(|asking| asking.shown.order.words().0.to_owned())
    });
    select("Order", options.to_vec(), chosen, move |word| {
        let asking = state.asking.get_untracked();
        let mut shown = asking.shown;
        shown.order = Order::of(&word);
        state.go(&asking.showing(shown));
    })
}

/// What of the screen there is.
#[derive(Clone, PartialEq)]
enum Body {
    Waiting,
    Failed(crate::model::failure::Failure),
    /// No error ever, or none of the filter.
    NoError,
    /// None of that state.
    NoneOf(Which),
    List,
}

fn body(desk: Desk, listed: Listed) -> Html {
    let state = desk.state();
    let kind = Memo::new(move |_| {
        if let Some(failure) = desk.failure() {
            return Body::Failed(failure);
        }
        let which = state.asking.with(|asking| asking.shown.which);
        listed.with(|listed| match listed {
            None => Body::Waiting,
            Some((_, counts)) if counts.of(Which::All) == 0 => Body::NoError,
            Some((rows, _)) if rows.is_empty() => Body::NoneOf(which),
            Some(_) => Body::List,
        })
    });
    Html::new(move || match kind.get() {
        Body::Waiting => reports::waiting(state),
        Body::Failed(failure) => desk.failed(&failure),
        Body::NoError => no_error(state),
        Body::NoneOf(which) => none_of(state, which),
        Body::List => html! { {notes(state)}{rows::table(desk, listed)} },
    })
}

/// What is to be known before the numbers are read.
fn notes(state: State) -> Html {
    Html::new(move || {
        state.answer.with(|answered| {
            let answered = answered.as_ref()?;
            let pending = crate::model::report::pending(answered.pending);
            reports::said("pending", pending)
        })
    })
}

fn no_error(state: State) -> Html {
    if !state
        .asking
        .with_untracked(|asking| asking.listing.is_all())
    {
        return reports::nothing(state);
    }
    let install = Section::Site(state.site.get_value(), Part::Install).to_string();
    let act = html! { <a class="button" href=install>"See the tag"</a> };
    html! {
        <div class="card list-empty">
            {empty(
                Icon::Check,
                "no-errors",
                "No error yet".to_owned(),
                "No recorded session has told of an error. They are told where the tag has errors switched on.".to_owned(),
                vec![act],
            )}
        </div>
    }
}

fn none_of(state: State, which: Which) -> Html {
    let (title, said) = match which {
        Which::Resolved => (
            "Nothing is resolved",
            "What is resolved stands here until it comes again.",
        ),
        Which::Ignored => (
            "Nothing is ignored",
            "What is ignored stands here, however often it comes.",
        ),
        Which::Open | Which::All => (
            "No open issue",
            "Every issue of this range is resolved or ignored.",
        ),
    };
    let all = move || {
        let asking = state.asking.get_untracked();
        let mut shown = asking.shown;
        shown.which = Which::All;
        state.go(&asking.showing(shown));
    };
    let act = Button::new("Show all").testid("show-all").on(all);
    html! {
        <div class="card list-empty">
            {empty(Icon::Check, "no-issues", title.to_owned(), said.to_owned(), vec![act])}
        </div>
    }
}

/// The issue whose row has the focus.
fn focused_issue() -> Option<Fingerprint> {
    let active = platform::document()?.active_element()?;
    let row = active.closest("tr[data-issue]").ok()??;
    Fingerprint::parse(&row.get_attribute("data-issue")?)
}
