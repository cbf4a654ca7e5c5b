//! How many complete a form, and where the others stop.

use super::Pages;
use super::table::{Cell, Column, Mood, Panel, Row, Table, View, others};
use super::value::Value;
use crate::model::text;
use sentiero_core::analytics::report::forms::{Answer, Row as Form};

/// So many forms have a panel of their own; the table has all.
const PANELS: usize = 12;

pub(super) fn view(answer: &Answer) -> View {
    let names = Pages::of(answer.rows.iter().map(|row| row.page.as_str()));
    let mut panels = vec![forms(answer, &names)];
    panels.extend(
        answer
            .rows
            .iter()
            .take(PANELS)
            .map(|form| fields(form, &names)),
    );
    View {
        over: None,
        headlines: Vec::new(),
        panels,
        sessions: None,
        left_out: None,
    }
}

fn called(form: &Form) -> &str {
    if form.form.is_empty() {
        "Fields in no form"
    } else {
        &form.form
    }
}

fn forms(answer: &Answer, names: &Pages) -> Panel {
    let row = |form: &Form| {
        let left = form.sessions.saturating_sub(form.completed);
        let few = form.sessions < super::SMALL;
        Row::new(vec![
            Cell::text(called(form), ""),
            names.cell(&form.page),
            Cell::count(form.sessions).among(&form.behind.narrow),
            Cell::count(form.completed).among(&form.behind.narrow),
            Cell::new(Value::share(form.rate)).mood(if few { Mood::Faint } else { Mood::Plain }),
            Cell::count(left).behind(&form.behind),
            Cell::count(form.submits).among(&form.behind.narrow),
        ])
    };
    Panel {
        title: "Forms".to_owned(),
        table: Table {
            columns: vec![
                Column::text("Form"),
                Column::text("Page"),
                Column::number("Began", "Sessions that filled in any field."),
                Column::number(
                    "Completed",
                    "Of them, those that left it in no visit begun and not sent.",
                ),
                Column::number(
                    "Rate",
                    "Completed, of those that began. Pale: of fewer than 30.",
                ),
                Column::number(
                    "Left",
                    "Began and did not send it; they open at their last input.",
                ),
                Column::number(
                    "Sent",
                    "How often it was sent, also by who filled in nothing.",
                ),
            ],
            rows: answer.rows.iter().map(row).collect(),
            others: others(
                answer.others,
                "form",
                &text::plural(answer.others_sessions, "session"),
            ),
        },
        ..Panel::default()
    }
}

fn fields(form: &Form, names: &Pages) -> Panel {
    let rows = form.fields.iter().map(|field| {
        let label = if field.label.is_empty() {
            &field.key
        } else {
            &field.label
        };
        Row::new(vec![
            Cell::text(label, "Unnamed field"),
            Cell::count(field.sessions)
                .of(form.sessions)
                .among(&form.behind.narrow),
            Cell::new(Value::share(field.touched)),
            Cell::new(Value::Time(field.time_mean)),
            Cell::count(field.refills).among(&form.behind.narrow),
            Cell::count(field.dropped).behind(&field.behind),
        ])
    });
    Panel {
        title: format!("{} · {}", called(form), names.short(&form.page)),
        about: "Its fields, the most filled in first. What was filled in is never known.",
        table: Table {
            columns: vec![
                Column::text("Field"),
                Column::number("Sessions", "That filled it in."),
                Column::number("Share", "Of those that began the form."),
                Column::number("Mean time", "From the first to the last input."),
                Column::number("Refills", "Times that somebody came back to it."),
                Column::number(
                    "Left here",
                    "Visits in which it was the last field before the form was left.",
                ),
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
    use sentiero_core::analytics::report::forms::FieldRow;

    #[test]
    fn a_form_has_a_row_and_a_panel() {
        let answer = Answer {
            rows: vec![Form {
                page: "a.example/join".to_owned(),
                form: "signup".to_owned(),
                sessions: 40,
                completed: 30,
                rate: Some(750),
                submits: 33,
                fields: vec![FieldRow {
                    key: "name:email".to_owned(),
                    sessions: 38,
                    touched: Some(950),
                    time_mean: 4_200,
                    refills: 2,
                    dropped: 6,
                    ..FieldRow::default()
                }],
                ..Form::default()
            }],
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let said = |panel: usize| shown.panels[panel].table.rows[0].said();
        assert_eq!(said(0), ["signup", "/join", "40", "30", "75 %", "10", "33"]);
        assert_eq!(shown.panels[1].title, "signup · /join");
        assert_eq!(said(1), ["name:email", "38", "95 %", "4.2s", "2", "6"]);
    }
}
