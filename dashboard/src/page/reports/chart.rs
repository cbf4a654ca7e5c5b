//! Charts as `crate::chart` draws them. Shapes are stretched with the panel; words are not,
//! so they stand beside them. What is pointed at, or has the focus, says its value.

use super::panel::summary;
use crate::chart::{Chart, Columns, Flow, Grid, Line, Stage, Stop, WHOLE};
use crate::model::text;
use crate::ui::focus_step;
use crate::ui::html::{Html, html};
use leptos::prelude::*;

pub(in crate::page) fn view(chart: &Chart, title: &str) -> Html {
    let name = format!(
        "{title}: {}. The arrow keys tell the values.",
        summary(chart)
    );
    let drawn = match chart {
        Chart::Columns(columns) => columns_view(columns),
        Chart::Flow(flow) => flow_view(flow),
        Chart::Funnel(stages) => funnel_view(stages),
        Chart::Grid(grid) => grid_view(grid),
        Chart::Line(line) => line_view(line),
    };
    html! {
        <figure class="chart" role="group" aria-label=name on:keydown=|event| focus_step(&event, "[data-value]")>{drawn}</figure>
    }
}

/// Thousandths as a style.
fn percent(thousandths: u32) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// A place that says `said` when it is pointed at or has the focus. The first of a chart is
/// in the order of the tab key; the arrows lead to the others.
fn spot(said: &str, first: bool, class: &'static str, style: String) -> Html {
    let tab = if first { "0" } else { "-1" };
    html! { <span class=format!("spot {class}") style=style tabindex=tab role="img" aria-label=said.to_owned() data-value=said.to_owned()></span> }
}

fn columns_view(columns: &Columns) -> Html {
    let lines = columns.lines.iter().map(|(at, name)| {
        html! { <span class="chart-line" style:bottom=percent(*at)><b>{name.clone()}</b></span> }
    });
    let bars = columns.bars.iter().map(|bar| {
        let gap = bar.width / 6;
        let rect = |class: &'static str, height: u32| {
            html! { <rect class=class x=(bar.x + gap / 2).to_string() y=(WHOLE - height).to_string() width=(bar.width - gap).max(1).to_string() height=height.to_string()></rect> }
        };
        html! { {rect("chart-bar", bar.height)}{rect("chart-bar marked", bar.marked)} }
    });
    let spots = columns.bars.iter().enumerate().map(|(place, bar)| {
        let style = format!("left:{};width:{}", percent(bar.x), percent(bar.width));
        spot(&bar.said, place == 0, "upright", style)
    });
    let labels = columns.bars.iter().filter_map(|bar| {
        let label = bar.label.clone()?;
        let at = percent(bar.x + bar.width / 2);
        Some(html! { <span style:left=at>{label}</span> })
    });
    html! {
        <div class="chart-plot">
            {lines.collect_view()}
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{bars.collect_view()}</svg>
            {spots.collect_view()}
        </div>
        <div class="chart-labels" aria-hidden="true">{labels.collect_view()}</div>
    }
}

fn line_view(line: &Line) -> Html {
    let spots = line.points.iter().enumerate().map(|(place, point)| {
        let style = format!("left:{};bottom:{}", percent(point.x), percent(point.y));
        spot(&point.said, place == 0, "dot", style)
    });
    let labels = line.points.iter().filter_map(|point| {
        let label = point.label.clone()?;
        Some(html! { <span style:left=percent(point.x)>{label}</span> })
    });
    let mark = line.mark.clone().map(|(at, name)| {
        // On the side where there is room for the words.
        let class = if at > WHOLE / 2 {
            "chart-mark late"
        } else {
            "chart-mark"
        };
        html! { <span class=class style:left=percent(at)><b>{name}</b></span> }
    });
    let lines = [0, 250, 500, 750, 1_000].map(|at| {
        html! { <span class="chart-line" style:bottom=percent(at)><b>{format!("{} %", at / 10)}</b></span> }
    });
    html! {
        <div class="chart-plot">
            {lines.into_iter().collect_view()}
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
                <path class="chart-area" d=line.area()></path>
                <path class="chart-path" d=line.path()></path>
            </svg>
            {mark}
            {spots.collect_view()}
        </div>
        <div class="chart-labels" aria-hidden="true">{labels.collect_view()}</div>
    }
}

fn funnel_view(stages: &[Stage]) -> Html {
    let stage = |(place, stage): (usize, &Stage)| {
        html! {
            <li>
                <div class="step-bar">
                    <i class="step-before" style:height=percent(stage.before)></i>
                    <i class="step-now" style:height=percent(stage.height)></i>
                    {spot(&stage.said, place == 0, "over", String::new())}
                </div>
                <p><b>{percent_said(stage.height)}</b>" "<span class="stage-count">{text::plural(stage.count, "session")}</span></p>
                <span>{format!("{}. {}", place + 1, stage.name)}</span>
            </li>
        }
    };
    html! { <ol class="stages">{stages.iter().enumerate().map(stage).collect_view()}</ol> }
}

fn percent_said(height: u32) -> String {
    crate::model::report::value::percent(height)
}

fn flow_view(flow: &Flow) -> Html {
    let width = flow.width.to_string();
    let bands = flow.bands.iter().map(|band| {
        html! { <path class="flow-band" d=band.clone()></path> }
    });
    let rect = |class: &'static str, stop: &Stop, y: u32, height: u32| {
        html! { <rect class=class x=stop.x.to_string() y=y.to_string() width=width.clone() height=height.to_string()></rect> }
    };
    let bars = flow.stops.iter().map(|stop| {
        let foot = stop.y + stop.height - stop.ended;
        html! { {rect("flow-stop", stop, stop.y, stop.height)}{rect("flow-stop ended", stop, foot, stop.ended)} }
    });
    let place = |stop: &Stop, from: u32| {
        format!(
            "left:{};top:{};width:{}",
            percent(stop.x + from),
            percent(stop.y),
            percent(flow.column - from)
        )
    };
    let names = flow.stops.iter().map(|stop| {
        html! { <span class="flow-name" style=place(stop, flow.width)><b>{stop.name.clone()}</b>{text::number(stop.count)}</span> }
    });
    let spots = flow.stops.iter().enumerate().map(|(index, stop)| {
        let style = format!("{};height:{}", place(stop, 0), percent(stop.room));
        spot(&stop.said, index == 0, "stop", style)
    });
    let heads = (1..=flow.steps).map(|step| html! { <span>{format!("Page {step}")}</span> });
    html! {
        <div class="flow">
            <div style=format!("--steps:{}", flow.steps)>
                <div class="flow-heads" aria-hidden="true">{heads.collect_view()}</div>
                <div class="flow-plot">
                    <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{bands.collect_view()}{bars.collect_view()}</svg>
                    <div aria-hidden="true">{names.collect_view()}</div>
                    {spots.collect_view()}
                </div>
            </div>
        </div>
    }
}

fn grid_view(grid: &Grid) -> Html {
    let tiles = grid.tiles.iter().enumerate().map(|(place, tile)| {
        let style = format!(
            "grid-area:{}/{};--level:{}",
            tile.row.saturating_add(1),
            tile.column.saturating_add(1),
            tile.level
        );
        spot(&tile.said, place == 0, "tile", style)
    });
    let style = format!(
        "grid-template-columns:repeat({},1fr);grid-template-rows:repeat({},1fr);aspect-ratio:1000/{}",
        grid.columns.max(1),
        grid.rows.max(1),
        grid.ratio.max(1)
    );
    html! { <div class="raster" style=style>{tiles.collect_view()}</div> }
}
