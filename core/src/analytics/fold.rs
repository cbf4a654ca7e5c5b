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

    /// Whether it asks whose visit a session is.
    pub fn reads_users(&self) -> bool {
        self.report.reads_users()
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
            for part in &read {
                part.session(place, &mut self.session)?;
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
