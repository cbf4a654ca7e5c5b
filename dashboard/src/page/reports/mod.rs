//! Reports: what many sessions say together, each number a way to its sessions.
//!
//! | module | shows |
//! |---|---|
//! | `state` | what is asked and answered |
//! | `question` | what a report is asked, with `funnel`; `known` is what is offered there |
//! | `compare` | other sessions to compare with |
//! | `panel` | a part of a report: chart, table |
//! | `chart` | charts, as `crate::chart` draws them |
//! | `over` | a heatmap over the page itself |
//! | `behind` | the sessions behind a number |
//! | `samples` | charts, for the page of components |

pub(super) mod behind;
pub(super) mod chart;
mod compare;
mod funnel;
mod known;
mod over;
pub(super) mod panel;
mod question;
mod samples;
pub(super) mod state;

pub(super) use samples::samples;

use super::sessions::{bar, in_popover};
use crate::app::App;
use crate::model::conditions;
use crate::model::failure::Failure;
use crate::model::listing::Listing;
use crate::model::report::{self, Asking, GROUPS, Name, beside, export};
use crate::platform;
use crate::route::Route;
use crate::ui::field::select;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::message::{Tone, empty, note, unreadable};
use crate::ui::popover::{Item, menu, opener, popover};
use crate::ui::{Button, bone, icon_button, problem};
use leptos::ev;
use leptos::prelude::*;
use sentiero_core::id::SiteKey;
use state::{Answered, Beside, State};

/// The screen.
pub(super) fn view(app: App, site: SiteKey, site_name: String) -> Html {
    let state = State::start(app, site, |route| matches!(route, Route::Report(..)));
    let name = Memo::new(move |_| state.asking.with(|asking| asking.name));
    let keys = window_event_listener(ev::keydown, move |event| on_key(state, &event));
    on_cleanup(move || keys.remove());
    Effect::new(move |_| platform::title(&format!("{} · {site_name}", name.get().title())));
    html! {
        <div class="page reports">
            {sections(state, name)}
            <div class="report">
                <div class="page-head">
                    <h1>{move || name.get().title()}</h1>
                    <span class="total" role="status" data-testid="report-total">{move || total(state)}</span>
                    <div class="page-actions">
                        {icon_button("Refresh", Icon::Refresh, move || state.ask())}
                        {exports(state)}
                    </div>
                </div>
                <details class="method">
                    <summary>{icon(Icon::Help)}"How this is counted"</summary>
                    <p>{move || name.get().method()}</p>
                    {move || limits(state)}
                </details>
                {move || bar::view(state.sieve, Some(question::at_end(state, name.get())))}
                {move || question::view(state, name.get())}
                {move || wrong(state)}
                <div class="report-body" class:waiting-for-more=move || state.outdated() aria-busy=move || state.outdated().to_string()>
                    {move || body(state)}
                </div>
            </div>
        </div>
    }
}

pub(super) fn on_key(state: State, event: &web_sys::KeyboardEvent) {
    if platform::typing(event) || in_popover(event) {
        return;
    }
    match event.key().as_str() {
        "r" => state.ask(),
        "f" => {
            event.prevent_default();
            state.sieve.adding.open.set(true);
        }
        "/" => {
            event.prevent_default();
            bar::focus_search();
        }
        _ => {}
    }
}

/// The reports, by what they are about.
fn sections(state: State, current: Memo<Name>) -> Html {
    let link = move |name: Name| {
        let href = move || state.address(&state.asking.get().turn(name)).to_string();
        let is = move || (current.get() == name).then_some("page");
        html! { <li><a href=href aria-current=is>{name.title()}</a></li> }
    };
    let groups = GROUPS.iter().map(|group| {
        // One issue is opened from the list of all.
        let listed = group.reports.iter().filter(|name| **name != Name::Issue);
        let links = listed.map(|name| link(*name));
        html! { <section><h2>{group.name}</h2><ul>{links.collect_view()}</ul></section> }
    });
    let all = GROUPS.iter().flat_map(|group| group.reports);
    let all = all.filter(|name| **name != Name::Issue);
    let options = all.map(|name| (name.word().to_owned(), name.title().to_owned()));
    let chosen = Signal::derive(move || current.get().word().to_owned());
    let choose = move |word: String| {
        if let Some(name) = Name::parse(&word) {
            state.go(&state.asking.get_untracked().turn(name));
        }
    };
    html! {
        <nav class="report-list" aria-label="Reports">{groups.collect_view()}</nav>
        <div class="report-choice">{select("Report", options.collect(), chosen, choose)}</div>
    }
}

pub(super) fn total(state: State) -> Option<String> {
    let total = state
        .sieve
        .facets
        .with(|facets| facets.as_ref().map(|facets| facets.total))?;
    Some(crate::model::text::plural(total, "session"))
}

/// What the list, and so a filter or a report of rows alone, does not know of sessions.
fn limits(state: State) -> Html {
    let own = state.asking.with(|asking| asking.name == Name::Metadata);
    let limits = state.asking.with(|asking| {
        let mut all = conditions::limits(&asking.listing.filter);
        let other = asking.against.as_ref();
        all.extend(
            other
                .into_iter()
                .flat_map(|other| conditions::limits(&other.filter)),
        );
        all.dedup();
        all
    });
    let own = own.then(|| html! { <p>{conditions::Field::Meta.limit()}</p> });
    let others = (!limits.is_empty())
        .then(|| html! { <p>{format!("Of the filter: {}", limits.join(" "))}</p> });
    html! { {own}{others} }
}

/// What in the address cannot be read.
pub(super) fn wrong(state: State) -> Option<Html> {
    let wrong = state.asking.with(|asking| asking.wrong.clone())?;
    Some(unreadable(&wrong, "", move || {
        let asking = state.asking.get_untracked();
        state.go(&asking.about(asking.listing.clone()));
    }))
}

fn body(state: State) -> Html {
    if state.asking.with(|asking| asking.question.is_none()) {
        return unasked(state.asking.with(|asking| asking.name));
    }
    if let Some(failure) = state.failure.get() {
        return failed(state, &failure);
    }
    let own = move || {
        state.answer.with(|answer| match answer {
            Some(answered) => answered_view(state, answered),
            None => waiting(state),
        })
    };
    let Some(against) = state.asking.with(|asking| asking.against.clone()) else {
        return own();
    };
    let facing = state.facing();
    let other = move || {
        state.other.with(|other| match other {
            Some(answered) => answered_view(facing, answered),
            None => waiting(state),
        })
    };
    let side = |listing: &Listing, content: Html| {
        let name = compare::name(state, listing);
        let said = name.clone();
        html! { <section class="compared-part" aria-label=said><h2 class="compared-name">{name}</h2>{content}</section> }
    };
    let first = state.asking.with(|asking| side(&asking.listing, own()));
    html! { <div class="compared">{first}{side(&against, Html::new(other))}</div> }
}

fn answered_view(state: State, answered: &Answered) -> Html {
    let view = &answered.view;
    let beside = answered.beside.clone();
    let pending = said("pending", report::pending(answered.pending));
    if view.is_empty() {
        return html! { {pending}{nothing(state)} };
    }
    html! {
        {pending}
        {said("small-sample", view.small())}
        {said("left-out", view.left_out.clone())}
        {panel::headlines(state, view, answered.pending > 0)}
        <div class="panels">
            {view.over.as_ref().map(|page| over::view(state, page))}
            {view.panels.iter().map(|part| panel::view(state, part)).collect_view()}
            {move || others(state, &beside)}
        </div>
    }
}

/// What other reports say beside it.
fn others(state: State, beside: &ArcRwSignal<Vec<Beside>>) -> Html {
    let one = |beside: &Beside| {
        if let Some(part) = &beside.panel {
            return panel::view(state, part);
        }
        let name = beside.name.title();
        let said = format!("{name} could not be asked: refresh to try again.");
        html! { <p class="panel-empty" role="status">{said}</p> }
    };
    let all = beside.with(|all| all.iter().map(one).collect_view());
    html! { {all} }
}

/// Something to know before the numbers are read.
pub(super) fn said(testid: &'static str, what: Option<String>) -> Option<Html> {
    let what = html! { <span>{what?}</span> };
    Some(note(Tone::Calm, Icon::Info, testid, what, None))
}

/// What is there before the question is complete.
fn unasked(name: Name) -> Html {
    let (title, said) = match name {
        Name::Funnel => (
            "Which steps?",
            "Add two steps or more above: pages, events, clicks, errors. Each must come after the one before.",
        ),
        Name::Conversions => (
            "Which goal?",
            "Say above what a visitor should reach: a page, an event, a click.",
        ),
        _ => (
            "Which page?",
            "Say above which page is meant, like /checkout, or shop.example/checkout where there are several hosts.",
        ),
    };
    html! { <div class="card list-empty">{empty(Icon::Filter, "unasked", title.to_owned(), said.to_owned(), Vec::new())}</div> }
}

pub(super) fn nothing(state: State) -> Html {
    let asking = state.asking.get_untracked();
    let mut acts = Vec::new();
    // What is compared with is chosen by its name, and not changed here.
    if asking.against.is_some() {
        let alone = asking.compared(None);
        acts.push(Button::new("Compare with nothing").on(move || state.go(&alone)));
    } else if asking.listing.has_dates() {
        let any = asking.about(asking.listing.without_dates());
        acts.push(
            Button::new("Look at any time")
                .icon(Icon::Calendar)
                .testid("any-time")
                .on(move || state.go(&any)),
        );
    }
    if asking.against.is_none() && !asking.listing.without_dates().is_all() {
        let mut listing = asking.listing.clone();
        listing.filter = sentiero_core::filter::Filter {
            from: listing.filter.from,
            before: listing.filter.before,
            ..sentiero_core::filter::Filter::default()
        };
        let all = asking.about(listing);
        acts.push(
            Button::new("Clear filters")
                .icon(Icon::Close)
                .testid("clear-filters")
                .on(move || state.go(&all)),
        );
    }
    let said = if acts.is_empty() {
        "No session has told anything that this report is about."
    } else {
        "No session in this range, with these filters, has told anything that this report is about."
    };
    html! {
        <div class="card list-empty">
            {empty(Icon::Search, "empty-report", "Nothing to report".to_owned(), said.to_owned(), acts)}
        </div>
    }
}

pub(super) fn failed(state: State, failure: &Failure) -> Html {
    html! { <div class="card list-empty">{problem(failure, move || state.ask())}</div> }
}

pub(super) fn waiting(state: State) -> Html {
    let row = |_| html! { <div class="skeleton-row">{bone("w-30")}{bone("w-15")}{bone("w-10")}{bone("w-10")}</div> };
    let slow = move || {
        state.slow.get().then(|| {
            html! { <div class="still-loading"><span class="spinner"></span><span>"Still counting. The first time over a long range takes longer."</span></div> }
        })
    };
    html! {
        <div class="card list-waiting" role="status" aria-label="Loading the report" data-testid="loading">
            {(0..8).map(row).collect_view()}
            {slow}
        </div>
    }
}

/// The report as a file.
pub(super) fn exports(state: State) -> Html {
    let open = RwSignal::new(false);
    // A file of one side would look like one of both.
    let off = Memo::new(move |_| {
        let compares = state.asking.with(|asking| asking.against.is_some());
        let awaited = state.asking.with(|asking| beside::names(asking).len());
        let came = state
            .answer
            .with(|answer| Some(answer.as_ref()?.beside.with(Vec::len)));
        came.is_none_or(|came| came < awaited) || (compares && state.other.with(Option::is_none))
    });
    let trigger = move || {
        opener(
            open,
            Signal::stored("Export".to_owned()),
            Some(Icon::Download),
            "small",
            "export",
        )
    };
    let items = move || {
        let item = |label: &'static str, kind: &'static str| {
            Item::new(label, Icon::Download).on(open, move || save(state, kind))
        };
        menu(
            "Export",
            vec![item("Tables as CSV", "csv"), item("Answer as JSON", "json")],
        )
    };
    Html::new(move || (!off.get()).then(|| popover(open, "end", trigger(), items)))
}

fn save(state: State, kind: &'static str) {
    let file = state.answer.with_untracked(|own| {
        let own = own.as_ref()?;
        let bytes = state.other.with_untracked(|other| {
            if own.asking.against.is_none() {
                return alone(own, kind);
            }
            let mut sides = vec![(compare::name(state, &own.asking.listing), own)];
            if let (Some(against), Some(other)) = (&own.asking.against, other) {
                sides.push((compare::name(state, against), other));
            }
            written(sides, kind)
        });
        Some((own.asking.name, bytes))
    });
    let Some((report, bytes)) = file else { return };
    let media = if kind == "csv" {
        "text/csv"
    } else {
        "application/json"
    };
    let site = state.site.get_value();
    let name = export::file_name(site.as_str(), report.word(), platform::now(), kind);
    let saved = platform::download(&name, media, &bytes);
    state.app.say(if saved.is_some() {
        "Report saved"
    } else {
        "The browser did not take the file."
    });
}

/// What is on the screen, with what stands beside it; as JSON the answer alone.
fn alone(own: &Answered, kind: &str) -> Vec<u8> {
    if kind != "csv" {
        return own.json.clone();
    }
    let mut view = own.view.clone();
    own.beside.with_untracked(|all| {
        let panels = all.iter().filter_map(|beside| beside.panel.clone());
        view.panels.extend(panels);
    });
    export::csv(&view).into_bytes()
}

/// What is on the screen, whose each side is by its name.
fn written(sides: Vec<(String, &Answered)>, kind: &str) -> Vec<u8> {
    let sides = sides.into_iter();
    if kind == "csv" {
        let sides: Vec<_> = sides.map(|(name, side)| (name, &side.view)).collect();
        return export::csv_sides(&sides).into_bytes();
    }
    let sides: Vec<_> = sides
        .map(|(name, side)| (name, side.json.as_slice()))
        .collect();
    export::json_sides(&sides)
}

impl State {
    /// Shows something else: a step that the browser's back button takes back.
    pub(in crate::page) fn go(self, asking: &Asking) {
        platform::go(&self.address(asking).to_string());
    }

    pub(in crate::page) fn address(self, asking: &Asking) -> Route {
        Route::asked(self.site.get_value(), asking)
    }
}
