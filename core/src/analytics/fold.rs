//! How a report reads sessions: sheet by sheet, or row by row.

use super::pack::Malformed;
use super::part::Part;
use super::report::{AnyReport, Who};
use super::session::{Session, Topic};
use crate::api::SessionRow;
use crate::sheet::Rows;
use alloc::vec::Vec;

/// A report and the memory that it reads sessions into.
#[derive(Debug)]
pub struct Fold {
    report: AnyReport,
    session: Session,
    /// Where the rows come one by one: of the row before.
    last: Option<(u64, u32)>,
}

impl Fold {
    /// Nothing is counted yet.
    pub fn new(report: AnyReport) -> Self {
        Self {
            report,
            session: Session::default(),
            last: None,
        }
    }

    /// What it reads of a sheet.
    pub fn topics(&self) -> &'static [Topic] {
        self.report.topics()
    }

    /// Whether it asks whose visit a session is, or what was told of it.
    pub fn reads_who(&self) -> bool {
        self.report.reads_who()
    }

    /// Counts the rows of a sheet that a filter takes. `parts` are those of its
    /// [topics](Self::topics), as [`part::of`](super::part::of) made them of the same rows.
    pub fn sheet(&mut self, rows: &Rows<'_>, parts: &[(Topic, &[u8])]) -> Result<(), Malformed> {
        if rows.is_left_out() {
            return Ok(());
        }
        let mut read = Vec::with_capacity(parts.len());
        for (topic, bytes) in parts {
            let mut part = Part::read(bytes, *topic)?;
            if part.len() != rows.len() {
                return Err(Malformed);
            }
            *self.session.names_mut(*topic) = core::mem::take(&mut part.names);
            read.push(part);
        }
        self.report.names(&self.session.names.each_ref());
        rows.each(|place, who| {
            let mut looks_on = true;
            for (number, part) in read.iter().enumerate() {
                if number == 1 {
                    looks_on = self.report.looks_on(&self.session);
                }
                if looks_on {
                    part.session(place, &mut self.session)?;
                } else {
                    self.session.clear(part.topic());
                }
            }
            self.report.add(who, &self.session);
            Ok(())
        })
    }

    /// Counts a row. Those that start in the same millisecond come one after the other, in the
    /// order of their ids: also such as `takes` says are not counted.
    pub fn row(&mut self, row: &SessionRow, session: &Session, takes: bool) {
        let rank = match self.last {
            Some((started, rank)) if started == row.started => rank + 1,
            _ => 0,
        };
        self.last = Some((row.started, rank));
        if !takes {
            return;
        }
        self.report.names(&session.names.each_ref());
        let who = Who::of(row, rank);
        self.report.add(&who, session);
    }

    /// The report, with all that was counted until now.
    pub fn report(&self) -> &AnyReport {
        &self.report
    }

    /// The report, with all that was counted.
    pub fn into_report(self) -> AnyReport {
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::part;
    use crate::analytics::report::Question;
    use crate::analytics::report::testing::{Told, any_sessions};
    use crate::analytics::route::Routes;
    use crate::filter::Filter;
    use crate::id::SessionId;
    use crate::query;
    use crate::recording::{SessionState, Visitor};
    use crate::sheet::{self, Sheet};
    use proptest::prelude::*;

    const QUESTIONS: [(&str, &str); 20] = [
        ("overview", ""),
        ("pages", ""),
        ("page", "page=s.example/cart"),
        ("frustration", ""),
        ("scroll", ""),
        ("heatmap", "page=s.example/cart&kind=click"),
        ("heatmap", "page=s.example/cart&kind=move"),
        ("heatmap", "page=nowhere.example/"),
        ("funnel", "step=page:s.example/cart&step=event:buy"),
        ("vitals", ""),
        ("events", ""),
        ("conversions", "goal=event:buy"),
        ("forms", ""),
        ("engagement", ""),
        ("paths", ""),
        ("retention", ""),
        ("metadata", ""),
        ("events", "tag=buy"),
        ("errors", ""),
        ("issue", "issue=00000000000000a1"),
    ];

    fn row(told: &Told) -> SessionRow {
        let who = told.who();
        let owned = |text: Option<&str>| text.map(Into::into);
        let rank = u8::try_from(who.rank).unwrap();
        let sid = SessionId::new(who.started, &[rank; 17]);
        SessionRow {
            live: who.live,
            events: who.events,
            errors: who.errors,
            device: owned(who.device),
            browser: owned(who.browser),
            os: owned(who.os),
            country: owned(who.country),
            region: owned(who.region),
            users: owned(who.user).into_iter().collect(),
            meta: told.meta.clone(),
            ..SessionState::new(1, Visitor::default()).row(&sid, false)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Also where a report does not read all of a session's topics.
        #[test]
        fn a_sheet_says_what_its_rows_say(all in any_sessions()) {
            let rows: Vec<SessionRow> = all.iter().map(row).collect();
            let written = sheet::write(&rows);
            let sheet = Sheet::read(&written.facts, Some(&written.names), None).unwrap();
            let taken = Rows::of(&sheet, &Filter::default()).unwrap();
            for (name, asked) in QUESTIONS {
                let (question, _) = Question::take(name, query::pairs(asked).unwrap()).unwrap();
                let empty = question.report(&Routes::default());
                let (mut by_row, mut by_sheet) = (Fold::new(empty.clone()), Fold::new(empty));
                for (row, told) in rows.iter().zip(&all) {
                    by_row.row(row, &told.session, true);
                }
                let topics = by_sheet.topics();
                let parts = topics.iter().map(|topic| {
                    let mut sessions: Vec<Session> = all.iter().map(|told| told.session.clone()).collect();
                    (*topic, part::of(&mut sessions, *topic))
                });
                let parts: Vec<(Topic, Vec<u8>)> = parts.collect();
                let parts: Vec<(Topic, &[u8])> = parts.iter().map(|(topic, bytes)| (*topic, bytes.as_slice())).collect();
                by_sheet.sheet(&taken, &parts).unwrap();
                prop_assert_eq!(by_sheet.report().answer(), by_row.report().answer(), "{}", name);
            }
        }
    }
}
