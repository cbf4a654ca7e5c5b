//! All sessions at a glance.

use super::stretch::filled;
use super::table::{Cell, Column, Headline, Mood, Panel, Row, Table, View, others};
use super::value::{Value, day, full_day};
use super::{Pages, name};
use crate::chart::{Chart, Part, columns};
use crate::model::text;
use sentiero_core::analytics::report::Behind;
use sentiero_core::analytics::report::overview::{Answer, BANDS, Counts, Every, List, Time};
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::filter::Filter;
use sentiero_core::id::Millis;

pub(super) fn view(answer: &Answer) -> View {
    let counts = answer.counts;
    let pages = Pages::of(answer.entries.rows.iter().map(|row| row.value.as_str()));
    let plain = |value: &str| Cell::text(value, "Unknown");
    let country = |value: &str| match value {
        "" => Cell::text("", "Unknown"),
        code => Cell::new(Value::Country(code.to_owned())),
    };
    let device = |value: &str| {
        Cell::text(
            match value {
                "mobile" => "Phone",
                "tablet" => "Tablet",
                "desktop" => "Computer",
                other => other,
            },
            "Unknown",
        )
    };
    let panels = vec![
        times(answer),
        bands(answer),
        list("Entry pages", "Page", &answer.entries, counts, &|page| {
            pages.cell(page)
        }),
        list("Referrers", "From", &answer.referrers, counts, &|from| {
            Cell::text(from, "Direct, or not told")
        }),
        list("Countries", "Country", &answer.countries, counts, &country),
        list("Regions", "Region", &answer.regions, counts, &plain),
        list("Devices", "Device", &answer.devices, counts, &device),
        list("Browsers", "Browser", &answer.browsers, counts, &plain),
        list(
            "Operating systems",
            "System",
            &answer.systems,
            counts,
            &plain,
        ),
    ];
    View {
        over: None,
        headlines: headlines(answer),
        panels,
        sessions: Some(counts.sessions),
        left_out: None,
    }
}

fn headlines(answer: &Answer) -> Vec<Headline> {
    let counts = answer.counts;
    let errors = Filter {
        errors: true,
        ..Filter::default()
    };
    let without = Filter {
        not: vec![errors.clone()],
        ..Filter::default()
    };
    let live = if answer.live > 0 {
        format!("{} live", text::number(answer.live))
    } else {
        String::new()
    };
    let mean = |time| format!("{} on average", super::value::length(time));
    vec![
        Headline {
            name: "Sessions",
            cell: Cell::count(counts.sessions).everyone(),
            about: name::Name::Overview.method(),
            under: live,
        },
        Headline {
            name: "Without errors",
            cell: Cell::new(Value::share(answer.error_free)).narrow(without),
            about: "Sessions in which the page threw no error.",
            under: String::new(),
        },
        Headline {
            name: "With errors",
            cell: Cell::count(counts.with_errors).narrow(errors),
            about: "Sessions in which the page threw an error.",
            under: text::plural(counts.errors, "error"),
        },
        Headline {
            name: "Events",
            cell: Cell::count(counts.events).everyone(),
            about: "What the recorder stored: changes of the page, moves, clicks and what the page told.",
            under: per_session(counts),
        },
        Headline {
            name: "Median duration",
            cell: Cell::new(Value::Time(answer.duration_median)).narrow(at_least(answer)),
            about: "From the first to the last event; half of the sessions are not longer. Opens those that are as long or longer.",
            under: mean(answer.duration_mean),
        },
        Headline {
            name: "Median active time",
            cell: Cell::new(Value::Time(answer.active_median)).somewhere(),
            about: "Time in which the visitor did something, with no gap over 5 seconds. No filter asks for it: opens all sessions.",
            under: mean(answer.active_mean),
        },
    ]
}

/// Sessions of the median duration or more; where that is nothing, no session is narrowed
/// away.
fn at_least(answer: &Answer) -> Filter {
    Filter {
        min_duration: Some(answer.duration_median).filter(|median| *median > 0),
        ..Filter::default()
    }
}

/// How many events a session has on average.
fn per_session(counts: Counts) -> String {
    let half = counts.sessions / 2;
    let mean = counts
        .events
        .saturating_add(half)
        .checked_div(counts.sessions);
    mean.map_or_else(String::new, |mean| {
        format!("{} a session", text::number(mean))
    })
}

/// Those of the sessions that `narrow` takes that had errors.
fn failed(narrow: &Filter) -> Filter {
    Filter {
        errors: true,
        ..narrow.clone()
    }
}

/// What is said of sessions and their errors.
fn said(name: &str, counts: Counts) -> String {
    let sessions = text::plural(counts.sessions, "session");
    match counts.with_errors {
        0 => format!("{name}: {sessions}"),
        errors => format!("{name}: {sessions}, {} with errors", text::number(errors)),
    }
}

fn times(answer: &Answer) -> Panel {
    let week = answer.every == Every::Week;
    let parts = stretches(answer).into_iter().map(|(from, counts)| {
        let full = full_day(from);
        let about = if week {
            format!("Week of {full}")
        } else {
            full
        };
        Part {
            said: said(&about, counts),
            name: day(from),
            whole: counts.sessions,
            marked: counts.with_errors,
        }
    });
    let row = |time: &Time| {
        Row::new(vec![
            Cell::new(Value::Day(time.from)),
            Cell::count(time.counts.sessions).narrow(time.narrow.clone()),
            Cell::count(time.counts.with_errors).narrow(failed(&time.narrow)),
            Cell::count(time.counts.errors).narrow(failed(&time.narrow)),
            Cell::count(time.counts.events).narrow(time.narrow.clone()),
        ])
    };
    Panel {
        title: if week {
            "Sessions by week"
        } else {
            "Sessions by day"
        }
        .to_owned(),
        about: "By the UTC day or week in which a session started. The red part at its foot had errors.",
        chart: columns(parts.collect()).map(Chart::Columns),
        table: Table {
            columns: vec![
                Column::text(if week { "Week of" } else { "Day" }),
                Column::number("Sessions", ""),
                Column::number("With errors", ""),
                Column::number("Errors", ""),
                Column::number("Events", "What the recorder stored of them."),
            ],
            rows: answer.times.iter().map(row).collect(),
            others: None,
        },
        is_half: false,
    }
}

/// The stretches of a chart, also those without a session.
fn stretches(answer: &Answer) -> Vec<(Millis, Counts)> {
    let known = answer.times.iter().map(|time| (time.from, time.counts));
    let all = filled(known.collect(), answer.every.length()).into_iter();
    all.map(|(from, counts)| (from, counts.unwrap_or_default()))
        .collect()
}

fn bands(answer: &Answer) -> Panel {
    let limit = |seconds: Option<&u64>| seconds.map(|seconds| seconds * 1_000);
    let all: u64 = answer.bands.iter().sum();
    let band = |(place, count): (usize, &u64)| {
        let from = place
            .checked_sub(1)
            .and_then(|place| limit(BANDS.get(place)));
        let to = limit(BANDS.get(place));
        let name = match (from, to) {
            (None, Some(to)) => format!("Under {}", round(to)),
            (Some(from), Some(to)) => format!("{} – {}", round(from), round(to)),
            (from, None) => format!("{} or more", round(from.unwrap_or_default())),
        };
        let narrow = Filter {
            min_duration: from,
            max_duration: to.map(|to| to - 1),
            ..Filter::default()
        };
        (name, *count, narrow)
    };
    let found: Vec<_> = answer.bands.iter().enumerate().map(band).collect();
    let rows = found.into_iter().map(|(name, count, narrow)| {
        Row::new(vec![
            Cell::new(Value::Text(name)),
            Cell::count(count).of(all).narrow(narrow),
            Cell::new(Value::share(permille(count, all))),
        ])
    });
    Panel {
        title: "How long they lasted".to_owned(),
        about: "From the first to the last event of a session, in whole seconds.",
        chart: None,
        table: Table {
            columns: vec![
                Column::text("Duration"),
                Column::number("Sessions", ""),
                Column::number("Share", "Of all sessions."),
            ],
            rows: if all == 0 { Vec::new() } else { rows.collect() },
            others: None,
        },
        is_half: true,
    }
}

/// The share of a row's sessions that had errors; of what no list can be narrowed to, the
/// list would be of all errors.
fn failing(share: Option<u32>, narrow: &Filter) -> Cell {
    let cell = Cell::new(Value::share(share));
    if *narrow == Filter::default() {
        return cell;
    }
    cell.narrow(failed(narrow))
}

/// How shares of these sessions are to be taken.
fn mood(counts: Counts) -> Mood {
    if counts.sessions < super::SMALL {
        Mood::Faint
    } else {
        Mood::Plain
    }
}

/// A limit of a band, which is round: `30 s`, `15 min`.
fn round(limit: Millis) -> String {
    match limit / 1_000 {
        seconds if seconds < 60 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

/// What stands over [`figures`].
pub(super) fn heads() -> [Column; 3] {
    [
        Column::number("Sessions", ""),
        Column::number("Share", "Of all sessions."),
        Column::number("With errors", "Of the sessions of this row."),
    ]
}

/// The sessions of something that was told of them, as part of `all`.
pub(super) fn figures(counts: Counts, all: u64, behind: &Behind) -> [Cell; 3] {
    let errors = permille(counts.with_errors, counts.sessions);
    [
        Cell::count(counts.sessions).of(all).behind(behind),
        Cell::new(Value::share(permille(counts.sessions, all))),
        failing(errors, &behind.narrow).mood(mood(counts)),
    ]
}

fn list(title: &str, head: &str, list: &List, all: Counts, shown: &dyn Fn(&str) -> Cell) -> Panel {
    let rows = list.rows.iter().map(|row| {
        let mut cells = vec![shown(&row.value)];
        cells.extend(figures(row.counts, all.sessions, &row.behind));
        Row::new(cells)
    });
    let mut columns = vec![Column::text(head)];
    columns.extend(heads());
    Panel {
        title: title.to_owned(),
        about: "",
        chart: None,
        table: Table {
            columns,
            rows: rows.collect(),
            others: others(
                list.others,
                "other",
                &text::plural(list.others_counts.sessions, "session"),
            ),
        },
        is_half: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::day::DAY;

    fn counts(sessions: u64, with_errors: u64) -> Counts {
        Counts {
            sessions,
            with_errors,
            ..Counts::default()
        }
    }

    #[test]
    fn days_without_a_session_are_drawn_and_not_listed() {
        let time = |day: u64, sessions| Time {
            from: day * DAY,
            counts: counts(sessions, 1),
            narrow: Filter::default(),
        };
        let answer = Answer {
            counts: counts(6, 2),
            times: vec![time(0, 4), time(3, 2)],
            ..Answer::default()
        };
        let panel = times(&answer);
        let Some(Chart::Columns(drawn)) = &panel.chart else {
            panic!("no chart");
        };
        let heights: Vec<_> = drawn.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [1_000, 0, 0, 500]);
        assert_eq!(drawn.bars[0].said, "1 Jan 1970: 4 sessions, 1 with errors");
        assert_eq!(drawn.bars[1].said, "2 Jan 1970: 0 sessions");
        assert_eq!(panel.table.rows.len(), 2);
    }

    #[test]
    fn bands_say_where_they_end() {
        let answer = Answer {
            bands: [1, 0, 0, 0, 3],
            ..Answer::default()
        };
        let panel = bands(&answer);
        let names = panel.table.names();
        assert_eq!(names[1], "30 s – 2 min");
        assert_eq!(names[0], "Under 30 s");
        assert_eq!(names[4], "15 min or more");
        let behind = panel.table.rows[0].cells[1].behind.as_ref().unwrap();
        assert_eq!(
            (behind.narrow.min_duration, behind.narrow.max_duration),
            (None, Some(29_999))
        );
        assert_eq!(panel.table.rows[1].cells[1].behind, None);
        assert_eq!(panel.table.rows[4].cells[1].bar, Some(750));
    }

    #[test]
    fn of_nothing_there_are_no_rows() {
        assert!(view(&Answer::default()).is_empty());
    }
}
