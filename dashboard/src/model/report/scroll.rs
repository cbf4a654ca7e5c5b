//! How far down pages are seen.

use super::Pages;
use super::table::{Cell, Column, Mood, Panel, Row, Table, View, others};
use super::value::{Value, percent};
use crate::chart::{Chart, Line, line, share};
use crate::model::text;
use sentiero_core::analytics::report::Device;
use sentiero_core::analytics::report::heatmap::Kind;
use sentiero_core::analytics::report::scroll::{Answer, Row as Page, STEP};
use sentiero_core::analytics::report::spread::permille;

/// So many curves are drawn; the table has every page.
const CURVES: usize = 4;

/// Shown of how many reached each of these, percent of the height.
const DEPTHS: [u64; 4] = [25, 50, 75, 100];

pub(super) fn view(answer: &Answer) -> View {
    let names = Pages::of(answer.rows.iter().map(|row| row.page.as_str()));
    let called = |page: &Page| format!("{} · {}", names.short(&page.page), device(page.device));
    let mut panels = vec![pages(answer, &names)];
    panels.extend(
        answer
            .rows
            .iter()
            .take(CURVES)
            .map(|page| curve(page, called(page))),
    );
    View {
        over: None,
        headlines: Vec::new(),
        panels,
        sessions: Some(answer.sessions),
        left_out: None,
    }
}

/// What a class of devices is called.
pub fn device(device: Device) -> &'static str {
    match device {
        Device::Desktop => "Computer",
        Device::Mobile => "Phone",
        Device::Tablet => "Tablet",
        Device::Unknown => "Unknown device",
    }
}

/// How many saw down to `percent` of the height.
fn reached(page: &Page, percent: u64) -> u64 {
    let place = usize::try_from(percent / STEP).unwrap_or(usize::MAX);
    page.reached.get(place).copied().unwrap_or(0)
}

fn pages(answer: &Answer, names: &Pages) -> Panel {
    let row = |page: &Page| {
        let mood = if page.sessions < super::SMALL {
            Mood::Faint
        } else {
            Mood::Plain
        };
        let mut cells = vec![
            names.link(&page.page, Kind::Attention, page.device),
            Cell::text(device(page.device), ""),
            Cell::count(page.sessions).behind(&page.behind),
            Cell::new(Value::Share(page.median))
                .among(&page.behind.narrow)
                .mood(mood),
        ];
        cells.extend(DEPTHS.map(|depth| {
            Cell::new(Value::share(permille(reached(page, depth), page.sessions)))
                .among(&page.behind.narrow)
                .mood(mood)
        }));
        cells.extend([
            Cell::new(Value::Pixels(page.height)).among(&page.behind.narrow),
            Cell::new(Value::Pixels(page.fold)).among(&page.behind.narrow),
            Cell::new(Value::Pixels(page.mean)).among(&page.behind.narrow),
            Cell::count(page.unknown).among(&page.behind.narrow),
        ]);
        Row::new(cells)
    };
    let mut columns = vec![
        Column::text("Page"),
        Column::text("Device"),
        Column::number("Sessions", "That saw the page, and whose window is known."),
        Column::number(
            "Median depth",
            "How much of the page the shallower half saw at most. Pale: of fewer than 30.",
        ),
    ];
    columns.extend(DEPTHS.map(|depth| {
        Column::number(
            &format!("Saw {depth} %"),
            "Sessions that saw so much of the page, or more.",
        )
    }));
    columns.extend([
        Column::number("Height", "As deep as anybody with such a device saw."),
        Column::number("Fold", "Where the median window ends."),
        Column::number("Mean depth", "How deep sessions saw on average."),
        Column::number(
            "Unknown",
            "Sessions whose window is not known: they are in no share.",
        ),
    ]);
    Panel {
        title: "Pages".to_owned(),
        about: "A page is another one on each kind of device, because its layout is. It leads to what visitors looked at.",
        table: Table {
            columns,
            rows: answer.rows.iter().map(row).collect(),
            others: others(
                answer.others,
                "row",
                &text::plural(answer.others_sessions, "session"),
            ),
        },
        ..Panel::default()
    }
}

fn curve(page: &Page, title: String) -> Panel {
    let steps = || {
        (0..)
            .step_by(usize::try_from(STEP).unwrap_or(5))
            .zip(&page.reached)
    };
    let share_of = |sessions: u64| permille(sessions, page.sessions);
    let numbers = steps().map(|(depth, sessions): (u64, &u64)| {
        let share = share_of(*sessions).map_or_else(String::new, percent);
        let said = format!(
            "{share} saw {depth} % of the page: {}",
            text::plural(*sessions, "session")
        );
        (format!("{depth} %"), *sessions, said)
    });
    let with_fold = |line: Line| Line {
        mark: (page.height > 0).then(|| {
            let at = share(page.fold.min(page.height), page.height);
            (at, format!("Fold, {} px", text::number(page.fold)))
        }),
        ..line
    };
    let chart = line(numbers.collect(), page.sessions, 5).map(with_fold);
    let row = |(depth, sessions): (u64, &u64)| {
        Row::new(vec![
            Cell::new(Value::Text(format!("{depth} %"))),
            Cell::count(*sessions).among(&page.behind.narrow),
            Cell::new(Value::share(share_of(*sessions))),
        ])
    };
    Panel {
        title,
        about: "How many sessions saw how much of the page. The line is the fold.",
        chart: chart.map(Chart::Line),
        table: Table {
            columns: vec![
                Column::text("Depth"),
                Column::number("Sessions", "That saw so much of the page, or more."),
                Column::number("Share", "Of those whose window is known."),
            ],
            rows: steps().map(row).collect(),
            others: None,
        },
        is_half: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_falls_and_has_its_fold() {
        let mut reached = vec![100; 10];
        reached.extend(vec![20; 11]);
        let page = Page {
            page: "a.example/".to_owned(),
            device: Device::Mobile,
            sessions: 100,
            height: 2_000,
            fold: 500,
            median: 450,
            reached,
            ..Page::default()
        };
        let answer = Answer {
            sessions: 100,
            rows: vec![page],
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let said = shown.panels[0].table.rows[0].said();
        assert_eq!(
            said[..8],
            ["/", "Phone", "100", "45 %", "100 %", "20 %", "20 %", "20 %"]
        );
        assert_eq!(shown.panels[1].title, "/ · Phone");
        let Some(Chart::Line(line)) = &shown.panels[1].chart else {
            panic!("no curve");
        };
        assert_eq!((line.points.len(), line.points[20].y), (21, 200));
        assert_eq!(line.mark, Some((250, "Fold, 500 px".to_owned())));
        assert_eq!(
            line.points[10].said,
            "20 % saw 50 % of the page: 20 sessions"
        );
    }
}
