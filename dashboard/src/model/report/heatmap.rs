//! Where on a page visitors clicked, moved and looked: its elements, and what was on none of
//! them as a raster.

use super::over;
use super::scroll::device;
use super::table::{Cell, Column, Headline, Panel, Row, Table, View, others};
use super::value::{Value, length};
use crate::chart::{Chart, Grid, Tile, level};
use crate::model::text;
use sentiero_core::analytics::report::Device;
use sentiero_core::analytics::report::heatmap::{Answer, Cell as Spot, Element, Kind, RASTER};
use sentiero_core::analytics::session::COLUMNS;
use sentiero_core::filter::Filter;

/// Of so many elements it is drawn where they were clicked.
const DRAWN: usize = 4;

/// A raster is not drawn higher than so many thousandths of its width: over the page is where
/// one sees the page's shape.
const HIGHEST: u32 = 1_600;

/// The API names attention by rows only.
fn columns(kind: Kind) -> u32 {
    if kind == Kind::Attention { 1 } else { COLUMNS }
}

/// How much there was, in the kind's unit.
fn value(kind: Kind, n: u64) -> Value {
    match kind {
        Kind::Click | Kind::Rage | Kind::Dead => Value::Count(n),
        Kind::Move => Value::Time(n.saturating_mul(1_000)),
        Kind::Attention => Value::Time(n),
    }
}

/// What a kind is called.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Click => "Clicks",
        Kind::Rage => "Rage clicks",
        Kind::Dead => "Dead clicks",
        Kind::Move => "Moves",
        Kind::Attention => "Attention",
    }
}

pub(super) fn is_click(kind: Kind) -> bool {
    matches!(kind, Kind::Click | Kind::Rage | Kind::Dead)
}

pub(super) fn view(answer: &Answer) -> View {
    let kind = answer.asked.kind;
    let sessions = answer
        .devices
        .iter()
        .find(|(class, _)| *class == answer.asked.on);
    let mut panels = Vec::new();
    if is_click(kind) {
        panels.push(elements(answer));
    }
    panels.push(raster(answer));
    if is_click(kind) {
        let drawn = answer.targets.iter().take(DRAWN);
        panels.extend(drawn.map(within));
    }
    View {
        headlines: headlines(answer),
        over: over::over_page(answer),
        panels,
        sessions: Some(sessions.map_or(0, |(_, sessions)| *sessions)),
        left_out: (answer.lost > 0).then(|| {
            format!(
                "{} could not be placed: the width of the window was not told.",
                text::plural(answer.lost, "click")
            )
        }),
    }
}

fn headlines(answer: &Answer) -> Vec<Headline> {
    let kind = answer.asked.kind;
    let saw_on = |on: Device| Filter {
        device: (on != Device::Unknown).then(|| on.name().to_owned()),
        ..super::saw(&answer.asked.page)
    };
    let saw = saw_on(answer.asked.on);
    let mut headlines = vec![Headline {
        name: kind_name(kind),
        cell: Cell::new(value(kind, answer.total)).among(&saw),
        about: "On this page, by these devices.",
        under: String::new(),
    }];
    if is_click(kind) {
        headlines.push(Headline {
            name: "On elements",
            cell: Cell::count(answer.anchored).among(&saw),
            about: "Clicks that hit an element which the recorder named.",
            under: String::new(),
        });
        headlines.push(Headline {
            name: "Elsewhere",
            cell: Cell::count(answer.placed).among(&saw),
            about: "Clicks on no named element, placed on the page.",
            under: String::new(),
        });
    }
    headlines.push(Headline {
        name: "Page",
        cell: Cell::new(Value::Pixels(answer.height.into())),
        about: "As deep as anybody saw, and the most frequent width of the window.",
        under: if answer.width > 0 {
            format!("high, {} px wide", text::number(answer.width.into()))
        } else {
            "high".to_owned()
        },
    });
    headlines.extend(answer.devices.iter().map(|(class, sessions)| Headline {
        name: device(*class),
        cell: Cell::count(*sessions).among(&saw_on(*class)),
        about: "Sessions that saw the page on such a device.",
        under: "sessions".to_owned(),
    }));
    headlines
}

fn elements(answer: &Answer) -> Panel {
    let most = answer
        .targets
        .iter()
        .map(|target| target.clicks)
        .max()
        .unwrap_or(0);
    let row = |element: &Element| {
        Row::new(vec![
            Cell::text(&element.target, "Unnamed"),
            Cell::count(element.clicks).of(most).behind(&element.behind),
            Cell::new(Value::share(element.share)),
            Cell::count(element.sessions).behind(&element.behind),
        ])
    };
    Panel {
        title: "Elements".to_owned(),
        about: "The most clicked first.",
        chart: None,
        table: Table {
            columns: vec![
                Column::text("Element"),
                Column::number("Clicks", ""),
                Column::number("Share", "Of all clicks on the page."),
                Column::number("Sessions", "That clicked it; they open at the click."),
            ],
            rows: answer.targets.iter().map(row).collect(),
            others: others(
                answer.others,
                "element",
                &text::plural(answer.others_clicks, "click"),
            ),
        },
        is_half: true,
    }
}

/// Where in an element it was clicked: by shares of its width and height, so its own shape is
/// not known here.
fn within(element: &Element) -> Panel {
    let most = element.points.iter().map(|point| point.n).max();
    let most = most.unwrap_or(0);
    let share = |place: u32| format!("{} %", u64::from(place) * 100 / u64::from(RASTER));
    let tile = |point: &Spot| Tile {
        column: point.column,
        row: point.row,
        level: level(point.n, most),
        said: format!(
            "{} down, {} across: {}",
            share(point.row),
            share(point.column),
            text::plural(point.n, "click")
        ),
    };
    let row = |point: &Spot| {
        Row::new(vec![
            Cell::new(Value::Text(share(point.row))),
            Cell::new(Value::Text(share(point.column))),
            Cell::count(point.n).of(most),
        ])
    };
    Panel {
        title: format!("On {}", element.target),
        about: "Where in the element, by its width and height.",
        chart: (most > 0).then(|| {
            Chart::Grid(Grid {
                columns: RASTER,
                rows: RASTER,
                ratio: 400,
                tiles: element.points.iter().map(tile).collect(),
            })
        }),
        table: Table {
            columns: vec![
                Column::text("Down"),
                Column::text("Across"),
                Column::number("Clicks", ""),
            ],
            rows: element.points.iter().map(row).collect(),
            others: None,
        },
        is_half: true,
    }
}

fn raster(answer: &Answer) -> Panel {
    let kind = answer.asked.kind;
    let most = answer.cells.iter().map(|cell| cell.n).max().unwrap_or(0);
    let rows = answer
        .cells
        .iter()
        .map(|cell| cell.row)
        .max()
        .map_or(0, |row| row.saturating_add(1));
    let said = |cell: &Spot| {
        let from = u64::from(cell.row) * u64::from(answer.band);
        let much = match value(kind, cell.n) {
            Value::Time(time) => length(time),
            _ => text::plural(cell.n, "click"),
        };
        if kind == Kind::Attention {
            return format!("{} px down: {much}", text::number(from));
        }
        let across = u64::from(cell.column) * 100 / u64::from(COLUMNS);
        format!("{} px down, {across} % across: {much}", text::number(from))
    };
    let tile = |cell: &Spot| Tile {
        column: cell.column,
        row: cell.row,
        level: level(cell.n, most),
        said: said(cell),
    };
    let width = u64::from(answer.width.max(1));
    let height = u64::from(rows) * u64::from(answer.band);
    let ratio = u32::try_from(height * 1_000 / width)
        .unwrap_or(u32::MAX)
        .clamp(200, HIGHEST);
    let row = |cell: &Spot| {
        let from = u64::from(cell.row) * u64::from(answer.band);
        let mut cells = vec![Cell::new(Value::Pixels(from))];
        if kind != Kind::Attention {
            cells.push(Cell::count(cell.column.into()));
        }
        cells.push(Cell {
            bar: Some(crate::chart::share(cell.n, most)),
            ..Cell::new(value(kind, cell.n))
        });
        Row::new(cells)
    };
    let mut heads = vec![Column::number("From the top", "")];
    if kind != Kind::Attention {
        heads.push(Column::number(
            "Column",
            "Of the 40 over the width of the window, from 0.",
        ));
    }
    heads.push(Column::number(kind_name(kind), ""));
    Panel {
        title: if is_click(kind) {
            "Elsewhere on the page"
        } else {
            "On the page"
        }
        .to_owned(),
        about: "Where on the page, from its top. The darker the more, by the root.",
        chart: (most > 0).then(|| {
            Chart::Grid(Grid {
                columns: columns(kind),
                rows,
                ratio,
                tiles: answer.cells.iter().map(tile).collect(),
            })
        }),
        table: Table {
            columns: heads,
            rows: answer.cells.iter().map(row).collect(),
            others: None,
        },
        is_half: is_click(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::heatmap::Asked;

    #[test]
    fn clicks_are_on_elements_and_elsewhere() {
        let answer = Answer {
            total: 10,
            anchored: 7,
            placed: 2,
            lost: 1,
            width: 1_000,
            height: 2_000,
            band: 25,
            targets: vec![Element {
                target: "#buy".to_owned(),
                clicks: 7,
                share: Some(700),
                sessions: 5,
                points: vec![Spot {
                    row: 10,
                    column: 19,
                    n: 7,
                }],
                ..Element::default()
            }],
            cells: vec![Spot {
                row: 39,
                column: 3,
                n: 2,
            }],
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let titles: Vec<_> = shown
            .panels
            .iter()
            .map(|panel| panel.title.as_str())
            .collect();
        assert_eq!(titles, ["Elements", "Elsewhere on the page", "On #buy"]);
        let Some(Chart::Grid(grid)) = &shown.panels[1].chart else {
            panic!("no raster");
        };
        assert_eq!((grid.columns, grid.rows, grid.ratio), (COLUMNS, 40, 1_000));
        assert!(grid.tiles[0].said.starts_with("975 px down, "));
        assert!(grid.tiles[0].said.ends_with("% across: 2 clicks"));
        let Some(Chart::Grid(element)) = &shown.panels[2].chart else {
            panic!("no element");
        };
        assert_eq!((element.columns, element.rows), (RASTER, RASTER));
        assert_eq!(element.tiles[0].said, "50 % down, 95 % across: 7 clicks");
        assert!(shown.left_out.unwrap().starts_with("1 click could not"));
    }

    #[test]
    fn the_head_says_how_many_columns_there_are() {
        let shown = view(&Answer::default());
        let table = &shown.panels[1].table;
        assert!(table.columns[1].about.contains(&format!(" {COLUMNS} ")));
    }

    #[test]
    fn attention_has_rows_only() {
        let answer = Answer {
            asked: Asked {
                kind: Kind::Attention,
                ..Asked::default()
            },
            cells: vec![Spot {
                row: 0,
                column: 0,
                n: 3_000,
            }],
            band: 100,
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        assert_eq!(shown.panels.len(), 1);
        let table = &shown.panels[0].table;
        assert_eq!(table.columns.len(), table.rows[0].cells.len());
        assert_eq!(table.rows[0].cells[1].value.said(), "3s");
    }
}
