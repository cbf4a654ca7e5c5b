//! How much visitors struggle.

use super::table::{Cell, Column, Headline, Panel, Row, Table, View};
use super::value::Value;
use crate::chart::{Chart, Part, columns};
use crate::model::text;
use sentiero_core::analytics::report::engagement::{Answer, Bin, Signals};
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::filter::Filter;

/// Signals in the order of the answer, and how much they weigh.
const SIGNALS: [(&str, u64); 8] = [
    ("Rage clicks", 20),
    ("Dead clicks", 15),
    ("Came back to pages", 15),
    ("Idle for more than 10 s", 10),
    ("Scrolled up and down", 10),
    ("Left one page within 5 s", 10),
    ("Came back to form fields", 10),
    ("Left within 8 s of an error", 10),
];

pub(super) fn view(answer: &Answer) -> View {
    let score = |score: Option<u64>| score.map_or_else(Cell::default, Cell::count);
    View {
        over: None,
        headlines: vec![
            Headline {
                name: "Median score",
                cell: score(answer.median),
                about: "From 0, no struggle, to 100. Half of the sessions are not above it.",
                under: answer
                    .mean
                    .map_or_else(String::new, |mean| format!("{mean} on average")),
            },
            Headline {
                name: "Sessions",
                cell: Cell::count(answer.sessions).everyone(),
                about: "All of the range.",
                under: String::new(),
            },
        ],
        panels: vec![bins(answer), signals(answer), worst(answer)],
        sessions: Some(answer.sessions),
        left_out: None,
    }
}

/// From and to which score.
fn band(bins: &[Bin], place: usize) -> String {
    let from = bins.get(place).map_or(0, |bin| bin.from);
    let next = place.checked_add(1).and_then(|next| bins.get(next));
    format!(
        "{from} – {}",
        next.map_or(100, |next| next.from.saturating_sub(1))
    )
}

fn bins(answer: &Answer) -> Panel {
    let part = |(place, bin): (usize, &Bin)| {
        let name = band(&answer.bins, place);
        Part {
            said: format!("Score {name}: {}", text::plural(bin.sessions, "session")),
            name,
            whole: bin.sessions,
            marked: 0,
        }
    };
    let row = |(place, bin): (usize, &Bin)| {
        Row::new(vec![
            Cell::new(Value::Text(band(&answer.bins, place))),
            Cell::count(bin.sessions)
                .of(answer.sessions)
                .behind(&bin.behind),
            Cell::new(Value::share(permille(bin.sessions, answer.sessions))),
        ])
    };
    let found = || answer.bins.iter().enumerate();
    Panel {
        title: "Scores".to_owned(),
        about: "How many sessions have which score.",
        chart: columns(found().map(part).collect()).map(Chart::Columns),
        table: Table {
            columns: vec![
                Column::text("Score"),
                Column::number("Sessions", ""),
                Column::number("Share", "Of all sessions."),
            ],
            rows: found().map(row).collect(),
            others: None,
        },
        is_half: true,
    }
}

fn signals(answer: &Answer) -> Panel {
    let rows = SIGNALS
        .iter()
        .zip(answer.signals)
        .map(|((name, points), sessions)| {
            Row::new(vec![
                Cell::text(name, ""),
                Cell::count(sessions)
                    .of(answer.sessions)
                    .among(&showing(name)),
                Cell::new(Value::share(permille(sessions, answer.sessions))),
                Cell::count(*points),
            ])
        });
    Panel {
        title: "Signals".to_owned(),
        about: "How many sessions showed it at all.",
        chart: None,
        table: Table {
            columns: vec![
                Column::text("Signal"),
                Column::number("Sessions", "With any of it."),
                Column::number("Share", "Of all sessions."),
                Column::number("Points", "The most that it adds to a score."),
            ],
            rows: rows.collect(),
            others: None,
        },
        is_half: true,
    }
}

/// What a list can say of sessions that showed a signal.
fn showing(name: &str) -> Filter {
    Filter {
        rage: name == "Rage clicks",
        dead: name == "Dead clicks",
        errors: name.ends_with("an error"),
        ..Filter::default()
    }
}

/// What a session showed, in words.
fn showed(signals: &Signals) -> String {
    let count = |n: u32, word: &str| (n > 0).then(|| text::plural(n.into(), word));
    let yes = |is: bool, said: &str| is.then(|| said.to_owned());
    let all = [
        count(signals.rage, "rage incident"),
        count(signals.dead, "dead click"),
        count(signals.revisits, "revisit"),
        (signals.idle > 0).then(|| format!("{} idle", super::value::length(signals.idle.into()))),
        count(signals.thrashes, "turn of scrolling"),
        yes(signals.is_quick, "left at once"),
        count(signals.refills, "refill"),
        yes(signals.left_on_error, "left on an error"),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn worst(answer: &Answer) -> Panel {
    let rows = answer.rows.iter().map(|row| {
        Row::new(vec![
            Cell {
                moment: Some(row.example),
                ..Cell::count(row.score.into())
            },
            Cell::text(&showed(&row.signals), "Nothing"),
            Cell::new(Value::Time(row.signals.duration.into())),
            Cell::new(Value::Day(row.example.started)),
        ])
    });
    Panel {
        title: "Who struggled most".to_owned(),
        about: "The highest scores. Each opens its replay.",
        table: Table {
            columns: vec![
                Column::number("Score", "From 0 to 100."),
                Column::text("What the session showed"),
                Column::number("Duration", "From the first to the last event."),
                Column::text("Day"),
            ],
            rows: rows.collect(),
            others: None,
        },
        ..Panel::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::Example;
    use sentiero_core::analytics::report::engagement::Row as Session;

    #[test]
    fn bands_reach_to_the_top() {
        let bin = |from, sessions| Bin {
            from,
            sessions,
            ..Bin::default()
        };
        let answer = Answer {
            sessions: 10,
            bins: vec![bin(0, 8), bin(20, 1), bin(40, 0), bin(60, 0), bin(80, 1)],
            ..Answer::default()
        };
        let panel = bins(&answer);
        let names = panel.table.names();
        assert_eq!(
            names,
            ["0 – 19", "20 – 39", "40 – 59", "60 – 79", "80 – 100"]
        );
        let Some(Chart::Columns(drawn)) = &panel.chart else {
            panic!("no chart");
        };
        assert_eq!(drawn.bars[4].said, "Score 80 – 100: 1 session");
    }

    #[test]
    fn a_session_says_what_it_showed() {
        let signals = Signals {
            rage: 2,
            idle: 12_000,
            left_on_error: true,
            ..Signals::default()
        };
        assert_eq!(
            showed(&signals),
            "2 rage incidents · 12s idle · left on an error"
        );
        assert_eq!(showed(&Signals::default()), "");
        let answer = Answer {
            sessions: 1,
            rows: vec![Session {
                example: Example {
                    started: 0,
                    rank: 0,
                    at: 0,
                    tab: 0,
                },
                score: 61,
                signals,
            }],
            ..Answer::default()
        };
        let panel = worst(&answer);
        assert!(panel.table.rows[0].cells[0].moment.is_some());
    }
}
