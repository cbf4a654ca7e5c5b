//! Headlines, and parts of a report: a chart, and always its table.

use super::state::{Before, State};
use super::{behind, chart};
use crate::chart::Chart;
use crate::model::report::Name;
use crate::model::report::change::{Change, changes};
use crate::model::report::table::{Cell, Column, Headline, Mood, Order, Panel, Row, Table, View};
use crate::model::report::value::Value;
use crate::platform;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;

/// So many rows are shown before one asks for more.
const ROWS: usize = 25;
/// So many more are then shown at a time.
const MORE: usize = 500;

/// The headlines of a report; `is_partial`: sessions are missing in it for now.
pub(in crate::page) fn headlines(state: State, view: &View, is_partial: bool) -> Option<Html> {
    if view.headlines.is_empty() {
        return None;
    }
    let view = StoredValue::new(View {
        headlines: view.headlines.clone(),
        sessions: view.sessions,
        ..View::default()
    });
    let changes = Memo::new(move |_| {
        state.earlier.with(|before| {
            let before = before.as_ref().filter(|_| !is_partial)?;
            let then = before.view.as_ref()?;
            Some(view.with_value(|now| changes(now, then, &before.earlier.name)))
        })
    });
    let one = |(place, headline): (usize, &Headline)| {
        let under = (!headline.under.is_empty())
            .then(|| html! { <span class="headline-under">{headline.under.clone()}</span> });
        let change = move || {
            let change = changes.with(|all| all.as_ref()?.get(place)?.clone());
            change.map(changed)
        };
        html! {
            <div class="headline" title=headline.about>
                <dt>{headline.name}</dt>
                <dd>{figure(state, &headline.cell, headline.name)}{change}{under}</dd>
            </div>
        }
    };
    let list = view.with_value(|view| view.headlines.iter().enumerate().map(one).collect_view());
    Some(html! {
        <dl class="headlines card">{list}</dl>
        {move || against(state, changes)}
    })
}

fn changed(change: Change) -> Html {
    html! {
        <span class="headline-change" data-testid="change"><span aria-hidden="true">{change.sign}</span>" "{change.much}<span class="visually-hidden">{format!(" {}", change.said)}</span></span>
    }
}

/// What headlines are held against, and the way to see it beside them.
fn against(state: State, changes: Memo<Option<Vec<Option<Change>>>>) -> Option<Html> {
    let says = changes.with(|all| all.as_ref().map(|all| all.iter().any(Option::is_some)));
    state.earlier.with(|before| {
        let Before { earlier, view } = before.as_ref()?;
        let name = &earlier.name;
        if view.is_none() {
            let said = format!("What was in {name} could not be asked: refresh to try again.");
            return Some(html! { <p class="headlines-against" role="status">{said}</p> });
        }
        let said = if says? {
            format!("▲ and ▼ are against {name}.")
        } else {
            format!("Too few sessions to hold against {name}.")
        };
        let asking = state.asking.get_untracked();
        let href = state.address(&asking.compared(Some(earlier.listing.clone())));
        Some(html! {
            <p class="headlines-against" data-testid="against">{said}" "<a href=href.to_string()>"Compare"</a></p>
        })
    })
}

pub(in crate::page) fn view(state: State, panel: &Panel) -> Html {
    let as_table = RwSignal::new(panel.chart.is_none());
    let class = if panel.is_half {
        "panel card half"
    } else {
        "panel card"
    };
    let about =
        (!panel.about.is_empty()).then(|| html! { <p class="panel-about">{panel.about}</p> });
    let flip = panel.chart.is_some().then(|| {
        let says = move || if as_table.get() { "Show chart" } else { "Show table" };
        html! {
            <button type="button" class="button quiet small" data-testid="flip" on:click=move |_| as_table.update(|as_table| *as_table = !*as_table)>{says}</button>
        }
    });
    let table = panel.table.clone();
    let title = panel.title.clone();
    let drawn = panel.chart.clone();
    html! {
        <section class=class>
            <div class="panel-head">
                <div><h2>{panel.title.clone()}</h2>{about}</div>
                {flip}
            </div>
            {move || match (&drawn, as_table.get()) {
                (Some(drawn), false) => chart::view(drawn, &title),
                _ => table_view(state, &table, &title),
            }}
        </section>
    }
}

fn table_view(state: State, table: &Table, title: &str) -> Html {
    if table.rows.is_empty() {
        return html! { <p class="panel-empty">"Nothing was told of this."</p> };
    }
    let most = RwSignal::new(ROWS);
    let count = table.rows.len();
    let order = RwSignal::new(None::<Order>);
    let flat = table.is_flat();
    let heads = table.columns.iter().enumerate();
    let heads = heads.map(|(place, column)| head(column, place, flat.then_some(order)));
    let heads = heads.collect_view();
    let shared = StoredValue::new(table.clone());
    let rows = move || {
        let (most, order) = (most.get(), order.get());
        shared.with_value(|table| {
            let rows = table.ordered(order).into_iter().take(most);
            rows.map(|each| row(state, each, &table.columns))
                .collect_view()
        })
    };
    let more = move || {
        let left = count.saturating_sub(most.get());
        let step = left.min(MORE);
        (left > 0).then(|| {
            html! { <button type="button" class="button quiet small" on:click=move |_| most.update(|most| *most = most.saturating_add(MORE))>{format!("Show {step} more of {left}")}</button> }
        })
    };
    let others = table.others.clone();
    html! {
        <div class="panel-table" tabindex="0" role="group" aria-label=title.to_owned()>
            <table class="table figures">
                <caption class="visually-hidden">{title.to_owned()}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <div class="panel-foot">{more}{others.map(|others| html! { <span>{others}</span> })}</div>
    }
}

/// The head of a column; where rows can be ordered by it, a button that does.
fn head(column: &Column, place: usize, order: Option<RwSignal<Option<Order>>>) -> Html {
    let class = if column.is_number { "number" } else { "" };
    let hint = (!column.about.is_empty()).then(|| {
        html! { <span class="head-hint" aria-hidden="true">{icon(Icon::Help)}</span><span class="visually-hidden">{column.about}</span> }
    });
    let name = column.name.clone();
    let Some(order) = order else {
        return html! { <th scope="col" class=class title=column.about>{name}{hint}</th> };
    };
    let is_number = column.is_number;
    let falls = move || {
        order
            .get()
            .filter(|order| order.column == place)
            .map(|order| order.falling)
    };
    let sort = move || falls().map(|falling| if falling { "descending" } else { "ascending" });
    let arrow = move || falls().map(|falling| icon(if falling { Icon::Down } else { Icon::Up }));
    html! {
        <th scope="col" class=class title=column.about aria-sort=sort>
            <button type="button" class="head-order" on:click=move |_| order.update(|order| *order = Order::pressed(*order, place, is_number))>{arrow}{name}</button>
            {hint}
        </th>
    }
}

fn row(state: State, row: &Row, columns: &[Column]) -> Html {
    let cells = row.cells.iter().zip(columns).enumerate().map(|(place, (cell, column))| {
        let class = format!("{} {}", if column.is_number { "number" } else { "" }, mood(cell.mood));
        let said = figure(state, cell, &column.name);
        let bar = cell.bar.map(|share| {
            html! { <span class="cell-bar" aria-hidden="true"><i style:width=format!("{}.{}%", share / 10, share % 10)></i></span> }
        });
        if place == 0 && !column.is_number {
            let indent = format!("{}px", row.depth.min(12) * 20);
            let whole = cell.value.said();
            return html! { <th scope="row" class="name" title=whole><span style:padding-left=indent>{said}</span></th> };
        }
        let is_dark = cell.level > 0;
        let level = is_dark.then(|| format!("--level:{}", cell.level));
        html! { <td class=class class:dark=is_dark style=level>{bar}{said}</td> }
    });
    let class = if row.depth > 0 { "below" } else { "" };
    html! { <tr class=class>{cells.collect_view()}</tr> }
}

fn mood(mood: Mood) -> &'static str {
    match mood {
        Mood::Plain => "",
        Mood::Good => "is-good",
        Mood::Middling => "is-middling",
        Mood::Bad => "is-bad",
        Mood::Faint => "is-faint",
    }
}

/// A value; a button where there are sessions behind it.
fn figure(state: State, cell: &Cell, about: &str) -> Html {
    let said = match &cell.value {
        Value::Country(code) => platform::country(code),
        value => value.said(),
    };
    if let Some(example) = cell.moment {
        return behind::moment(state, said, about, example);
    }
    if let Some(question) = &cell.leads {
        let asking = state.asking.get_untracked();
        let name = Name::parse(question.name()).unwrap_or(asking.name);
        let href = state
            .address(&asking.turn(name).asks(question.clone()))
            .to_string();
        return html! { <a href=href>{said}</a> };
    }
    match &cell.behind {
        Some(behind) => behind::number(state, said, about, behind, cell.is_among),
        None => html! { <span>{said}</span> },
    }
}

/// The words of a chart, for those who do not see it.
pub(in crate::page) fn summary(chart: &Chart) -> String {
    match chart {
        Chart::Columns(columns) => {
            crate::model::text::plural(u64::try_from(columns.bars.len()).unwrap_or(0), "bar")
        }
        Chart::Flow(flow) => crate::model::text::plural(flow.steps.into(), "step"),
        Chart::Funnel(stages) => {
            crate::model::text::plural(u64::try_from(stages.len()).unwrap_or(0), "step")
        }
        Chart::Grid(grid) => format!("{} by {} tiles", grid.columns, grid.rows),
        Chart::Line(line) => {
            crate::model::text::plural(u64::try_from(line.points.len()).unwrap_or(0), "point")
        }
    }
}
