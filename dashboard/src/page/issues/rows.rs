//! The list; cards where it is narrow.

use super::Listed;
use super::desk::Desk;
use crate::model::issues::Row;
use crate::model::issues::trend::{self, Bar};
use crate::model::text;
use crate::page::reports::behind;
use crate::route::Route;
use crate::ui::html::{Html, html};
use crate::ui::message::badge;
use crate::ui::strip::{SPARK, spark};
use crate::ui::{Button, since};
use leptos::prelude::*;
use sentiero_core::issue::{Fingerprint, State};

/// So many rows are shown before one asks for more, and so many more then.
const ROWS: usize = 100;

pub(super) fn table(desk: Desk, listed: Listed) -> Html {
    let most = RwSignal::new(ROWS);
    let issues = Memo::new(move |_| {
        let most = most.get();
        listed.with(|listed| {
            let rows = listed.iter().flat_map(|(rows, _)| rows).take(most);
            rows.map(|row| row.issue).collect::<Vec<_>>()
        })
    });
    let left = move || {
        let all = listed.with(|listed| listed.as_ref().map_or(0, |(rows, _)| rows.len()));
        all.saturating_sub(most.get())
    };
    let more = move || {
        let left = left();
        let label = Signal::stored(format!("Show {} more of {left}", left.min(ROWS)));
        let press = move || most.update(|most| *most = most.saturating_add(ROWS));
        (left > 0).then(|| html! { <div class="more-row">{Button::saying(label).testid("more").on(press)}</div> })
    };
    html! {
        <div class="card list">
            <table class="issues">
                <caption class="visually-hidden">"Issues"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Issue"</th>
                        <th scope="col" class="trend-head" title="How often it came over the range, in UTC days. Each row has a scale of its own.">"Trend"</th>
                        <th scope="col" class="number" title="How often it came in the range">"Count"</th>
                        <th scope="col" class="number" title="Sessions of the range that it came in">"Sessions"</th>
                        <th scope="col" class="seen">"Last seen"</th>
                        <th scope="col" class="seen first-seen" title="Since it is remembered, in any range">"First seen"</th>
                        <th scope="col"><span class="visually-hidden">"Decide"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || issues.get() key=|issue| issue.number() children=move |issue| row(desk, listed, issue)/>
                </tbody>
            </table>
            {more}
        </div>
    }
}

/// One issue. What changes is written anew inside of the row, so that the row keeps the focus.
fn row(desk: Desk, listed: Listed, issue: Fingerprint) -> Html {
    let row = Memo::new(move |before: Option<&Option<Row>>| {
        let found = listed.with(|listed| {
            let mut rows = listed.iter().flat_map(|(rows, _)| rows);
            rows.find(|row| row.issue == issue).cloned()
        });
        found.or_else(|| before.cloned().flatten())
    });
    let href = move || {
        let asking = desk.state().asking.get();
        let one = crate::model::report::asking::issue(&issue.text());
        let one = asking.turn(crate::model::report::Name::Issue).asks(one);
        Route::asked(desk.state().site.get_value(), &one).to_string()
    };
    let cell = move |of: fn(Desk, &Row) -> Html| {
        move || row.with(|row| row.as_ref().map(|row| of(desk, row)))
    };
    let title = move || row.with(|row| row.as_ref().map(|row| row.said.clone()));
    let kind = move || row.with(|row| row.as_ref().map(|row| row.kind.clone()));
    let acts = move || {
        let known = desk.of(issue)?;
        Some(desk.buttons(&known, true))
    };
    html! {
        <tr class="issue" data-testid="issue-row" data-issue=issue.text()>
            <th scope="row" class="issue-cell">
                <a class="row-link issue-title" href=href title=title><b>{kind}</b>" "<span>{title}</span></a>
                <div class="under">{cell(about)}</div>
            </th>
            <td class="trend-cell">{cell(|_, row| drawn(&row.trend))}</td>
            <td class="number count-cell" data-label="Count">{cell(|_, row| html! { <span>{text::number(row.count)}</span> })}</td>
            <td class="number" data-label="Sessions">{cell(sessions)}</td>
            <td class="seen" data-label="Last seen">{cell(|desk, row| since(desk.state().app, row.last))}</td>
            <td class="seen first-seen" data-label="First seen">{cell(|desk, row| since(desk.state().app, row.first))}</td>
            <td class="acts-cell"><span class="issue-acts">{acts}</span></td>
        </tr>
    }
}

fn sessions(desk: Desk, row: &Row) -> Html {
    let about = format!("Sessions of {}", row.kind);
    behind::number(
        desk.state(),
        text::number(row.sessions),
        &about,
        &row.behind,
        true,
    )
}

pub(super) fn drawn(bars: &[Bar]) -> Html {
    spark(&trend::heights(bars, SPARK), trend::said(bars))
}

/// What is to be known of it below its title.
fn about(_: Desk, row: &Row) -> Html {
    let state = row.state.and_then(state_badge);
    let again = row.came_again.then(|| {
        badge(
            "warn",
            None,
            "Came again".to_owned(),
            Some("It was resolved, and came again".to_owned()),
        )
    });
    let new = row.is_new.then(|| {
        badge(
            "bad",
            None,
            "New".to_owned(),
            Some("It came for the first time within the last 24 hours".to_owned()),
        )
    });
    let release = row.release.as_ref().map(|(last, others)| {
        let others = match others {
            0 => String::new(),
            others => format!(" and {} before", text::plural(u64::try_from(*others).unwrap_or(0), "release")),
        };
        let said = format!("{}{others}", text::shorten(last, 24));
        html! { <span class="issue-release" title=format!("Last in release {last}{others}")>{said}</span> }
    });
    let unknown = row.state.is_none().then(|| {
        html! { <span title="Nothing can be decided about it: it came too long ago, or a moment ago">"Not remembered"</span> }
    });
    let shows = state.is_some()
        || again.is_some()
        || new.is_some()
        || release.is_some()
        || unknown.is_some();
    let none = (!shows).then(|| html! { <span>"No release told"</span> });
    html! { {state}{new}{again}{release}{unknown}{none} }
}

/// What was decided, as a word; nothing of what is open.
pub(super) fn state_badge(state: State) -> Option<Html> {
    let (class, word) = match state {
        State::Open => return None,
        State::Resolved => ("good", "Resolved"),
        State::Ignored => ("", "Ignored"),
    };
    Some(badge(
        class,
        Some(super::desk::picture(state)),
        word.to_owned(),
        None,
    ))
}
