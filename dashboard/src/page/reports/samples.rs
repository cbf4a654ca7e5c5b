//! Charts of made up numbers, for the page of components.

use super::chart;
use crate::chart::{
    Chart, Grid, LEVELS, Line, Part, Place, Tile, Went, columns, flow, line, stages,
};
use crate::model::text;
use crate::ui::html::{Html, html};
use leptos::prelude::*;

/// Sessions of some days, one of them without any.
const DAYS: [(u64, u64); 10] = [
    (24, 1),
    (61, 4),
    (48, 0),
    (35, 35),
    (0, 0),
    (72, 3),
    (1, 0),
    (40, 2),
    (33, 0),
    (66, 6),
];

/// Every chart.
pub(in crate::page) fn samples() -> Html {
    let charts = [bars(), curve(), Some(funnel()), paths(), Some(raster())];
    let drawn = charts.into_iter().flatten().map(|(title, drawn)| {
        html! { <div class="card"><div class="panel-head"><h4>{title}</h4></div>{chart::view(&drawn, title)}</div> }
    });
    html! { <div class="design-charts">{drawn.collect_view()}</div> }
}

fn bars() -> Option<(&'static str, Chart)> {
    let part = |(day, (whole, marked)): (u64, (u64, u64))| Part {
        name: format!("{day} Nov"),
        said: format!("{day} Nov: {}", text::plural(whole, "session")),
        whole,
        marked,
    };
    let drawn = columns((1..).zip(DAYS).map(part).collect())?;
    Some(("Bars", Chart::Columns(drawn)))
}

fn curve() -> Option<(&'static str, Chart)> {
    let point = |depth: u64| {
        let left = 100 - depth.saturating_sub(20);
        let name = format!("{depth} %");
        let said = format!("{left} % saw {name}");
        (name, left, said)
    };
    let drawn = line((0..=100).step_by(10).map(point).collect(), 100, 5)?;
    let mark = Some((300, "Fold, 900 px".to_owned()));
    Some(("Line", Chart::Line(Line { mark, ..drawn })))
}

fn funnel() -> (&'static str, Chart) {
    let steps = [("Page /", 700), ("Page /cart", 390), ("Event purchase", 61)];
    let steps = steps.map(|(name, count)| {
        let said = format!("{name}: {}", text::plural(count, "session"));
        (name.to_owned(), count, said)
    });
    ("Funnel", Chart::Funnel(stages(steps.to_vec())))
}

fn paths() -> Option<(&'static str, Chart)> {
    let place = |(name, count, ended): (&str, u64, u64)| Place {
        said: format!("{name}: {}", text::plural(count, "session")),
        name: name.to_owned(),
        count,
        ended,
    };
    let steps = [
        vec![("/", 120, 20), ("/a/page/with/a/long/address", 60, 1)],
        vec![("/cart", 90, 60), ("/tents", 60, 60), ("Other pages", 9, 0)],
        vec![("/thanks", 30, 30)],
    ];
    let went = [
        (0, 0, 0, 80),
        (0, 0, 1, 20),
        (0, 1, 0, 10),
        (0, 1, 1, 40),
        (0, 1, 2, 9),
        (1, 0, 0, 30),
    ];
    let went = went.map(|(step, from, to, count)| Went {
        step,
        from,
        to,
        count,
    });
    let steps = steps.map(|step| step.into_iter().map(place).collect());
    Some(("Flow", Chart::Flow(flow(steps.to_vec(), &went, 180)?)))
}

fn raster() -> (&'static str, Chart) {
    let tile = |level: u8| Tile {
        column: u32::from(level),
        row: u32::from(level) % 3,
        level,
        said: text::plural(level.into(), "click"),
    };
    let drawn = Grid {
        columns: u32::from(LEVELS) + 1,
        rows: 3,
        ratio: 300,
        tiles: (1..=LEVELS).map(tile).collect(),
    };
    ("Raster", Chart::Grid(drawn))
}
