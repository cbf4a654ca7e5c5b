//! What is made of a month's rows, in memory: with it goes what a database's triggers do.

use super::super::Result;
use super::{Memory, MemoryMonth};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::id::{Month, SessionId, SiteKey};
use crate::month::{KeptSheet, Reach, Sheets, Wanted};
use crate::sheet::Written;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// What is made of one month's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// By where a sheet begins: before where it ends, and what it says.
    pub sheets: BTreeMap<String, (String, Written)>,
    /// By sheet, and what stands for a topic.
    pub parts: BTreeMap<(String, u8), Vec<u8>>,
    /// By what was asked: when it was last used, and the answer.
    pub answers: BTreeMap<Vec<u8>, (u64, Vec<u8>)>,
}

impl Made {
    /// A row of it was written or deleted.
    fn changed(&mut self, sid: &SessionId) {
        let sid = sid.as_str();
        let before = self.sheets.range(..=sid.to_owned());
        let its = before.last().filter(|(_, (until, _))| until.as_str() > sid);
        let Some(first) = its.map(|(first, _)| first.clone()) else {
            return;
        };
        self.sheets.remove(&first);
        self.parts.retain(|(sheet, _), _| *sheet != first);
        self.answers.clear();
    }

    fn reaches(&self) -> impl DoubleEndedIterator<Item = Reach> {
        let sheets = self.sheets.iter();
        sheets.map(|(first, (until, _))| Reach::new(first.as_str(), until.as_str()))
    }

    fn last_use(&self) -> u64 {
        let uses = self.answers.values().map(|(used, _)| *used);
        uses.max().unwrap_or_default()
    }
}

impl Memory {
    /// A row was written or deleted.
    pub(super) fn row_changed(&self, site: &SiteKey, sid: &SessionId) {
        let mut made = self.made.borrow_mut();
        if let Some(made) = made.get_mut(&(site.clone(), sid.month())) {
            made.changed(sid);
        }
    }

    /// Deletes a row, if it is there.
    pub(super) fn drop_row(&self, site: &SiteKey, sid: &SessionId) {
        if self.rows.borrow().at(site, sid).is_none() {
            return;
        }
        self.rows.borrow_mut().drop(site, sid);
        self.row_changed(site, sid);
    }
}

fn touches(one: &Reach, other: &Reach) -> bool {
    one.until > other.first && one.first < other.until
}

impl MemoryMonth<'_> {
    fn key(&self) -> (SiteKey, Month) {
        (self.site.clone(), self.month)
    }

    /// What is made of its rows.
    pub fn made(&self) -> Made {
        let made = self.memory.made.borrow();
        made.get(&self.key()).cloned().unwrap_or_default()
    }

    fn make<T>(&self, write: impl FnOnce(&mut Made) -> T) -> T {
        let mut made = self.memory.made.borrow_mut();
        write(made.entry(self.key()).or_default())
    }

    pub(crate) fn told(&self, reach: &Reach) -> Vec<(SessionRow, Packed)> {
        let rows = self.memory.rows.borrow();
        let own = rows.entries(&self.site).filter(|(sid, _)| {
            let sid_text = sid.as_str();
            sid.month() == self.month
                && sid_text >= reach.first.as_str()
                && sid_text < reach.until.as_str()
        });
        own.map(|(_, (_, row, packed))| (row.clone(), packed.clone()))
            .collect()
    }
}

impl Sheets for &MemoryMonth<'_> {
    const ROWS: u32 = 4;

    async fn pause(&self) {
        self.waits().await;
    }

    fn prepare(&self) -> Result<()> {
        self.planned.run(|| self.make(|_| ()))
    }

    fn nth(&self, reach: &Reach, place: u32) -> Result<Option<SessionId>> {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        self.planned.run(|| {
            let told = self.told(reach);
            told.get(place).map(|(row, _)| row.sid.clone())
        })
    }

    fn rows(&self, reach: &Reach) -> Result<Vec<SessionRow>> {
        self.planned.run(|| {
            let told = self.told(reach).into_iter();
            told.map(|(row, _)| row).collect()
        })
    }

    fn each_row(
        &self,
        reach: &Reach,
        most: usize,
        _: Wanted,
        look: &mut dyn FnMut(&SessionRow, &Packed),
    ) -> Result<()> {
        let told = self.planned.run(|| self.told(reach))?;
        for (row, packed) in told.iter().take(most) {
            look(row, packed);
        }
        Ok(())
    }

    fn packed(&self, reach: &Reach) -> Result<Vec<Packed>> {
        self.planned.run(|| {
            let told = self.told(reach).into_iter();
            told.map(|(_, packed)| packed).collect()
        })
    }

    fn weight(&self, reach: &Reach) -> Result<u64> {
        self.planned.run(|| {
            let told = self.told(reach);
            told.iter()
                .map(|(_, packed)| packed.bytes().len() as u64)
                .sum()
        })
    }

    fn begin(&self) -> Result<String> {
        self.planned.run(|| {
            let told = self.told(&Reach::all());
            let first = told.first().map(|(row, _)| row.sid.as_str().to_owned());
            first.unwrap_or_default()
        })
    }

    fn gaps(&self) -> Result<Vec<Reach>> {
        self.planned.run(|| {
            let (mut gaps, mut begun) = (Vec::new(), String::new());
            for sheet in self.made().reaches() {
                if begun < sheet.first {
                    gaps.push(Reach::new(begun, sheet.first));
                }
                begun = sheet.until;
            }
            gaps
        })
    }

    fn end(&self) -> Result<String> {
        self.planned.run(|| {
            let made = self.made();
            let last = made.reaches().next_back();
            last.map(|sheet| sheet.until).unwrap_or_default()
        })
    }

    fn keep_sheet(&self, reach: &Reach, sheet: Written) -> Result<()> {
        self.planned.run(|| {
            self.make(|made| {
                if made.sheets.contains_key(&reach.first) {
                    return;
                }
                made.answers.clear();
                let kept = (reach.until.clone(), sheet.clone());
                made.sheets.insert(reach.first.clone(), kept);
            });
        })
    }

    fn sheets(&self, reach: &Reach) -> Result<Vec<Reach>> {
        self.planned.run(|| {
            let made = self.made();
            let sheets = made.reaches().rev();
            sheets.filter(|sheet| touches(sheet, reach)).collect()
        })
    }

    fn each_sheet(
        &self,
        reach: &Reach,
        most: usize,
        wanted: Wanted,
        look: &mut dyn FnMut(KeptSheet) -> Result<bool>,
    ) -> Result<()> {
        let made = self.planned.run(|| self.made())?;
        let sheets = made.reaches().rev();
        for sheet in sheets.filter(|sheet| touches(sheet, reach)).take(most) {
            let Some((_, written)) = made.sheets.get(&sheet.first) else {
                continue;
            };
            let part = |bytes: &Vec<u8>, is_wanted: bool| {
                if is_wanted { bytes.clone() } else { Vec::new() }
            };
            let topics = wanted.topics.iter();
            let kept = KeptSheet {
                written: Written {
                    facts: written.facts.clone(),
                    names: part(&written.names, wanted.names),
                    pages: part(&written.pages, wanted.pages),
                },
                parts: topics
                    .map(|topic| {
                        made.parts
                            .get(&(sheet.first.clone(), *topic as u8))
                            .cloned()
                    })
                    .collect(),
                reach: sheet,
            };
            if !look(kept)? {
                break;
            }
        }
        Ok(())
    }

    fn forget_sheets(&self) -> Result<()> {
        self.planned
            .run(|| self.make(|made| *made = Made::default()))
    }

    fn without_parts(&self, reach: &Reach, most: usize) -> Result<Vec<Reach>> {
        self.planned.run(|| {
            let made = self.made();
            let has_none = |sheet: &Reach| !made.parts.keys().any(|(of, _)| *of == sheet.first);
            let sheets = made.reaches().filter(|sheet| touches(sheet, reach));
            sheets.filter(has_none).take(most).collect()
        })
    }

    fn keep_parts(&self, first: &str, parts: &[(u8, Vec<u8>)]) -> Result<()> {
        self.planned.run(|| {
            self.make(|made| {
                let parts = parts.iter().cloned();
                let keyed = parts.map(|(number, bytes)| ((first.to_owned(), number), bytes));
                made.parts.extend(keyed);
            });
        })
    }

    fn answer(&self, asked: &[u8]) -> Result<Option<Vec<u8>>> {
        self.planned.run(|| {
            self.make(|made| {
                let now = made.last_use() + 1;
                let (used, answer) = made.answers.get_mut(asked)?;
                *used = now;
                Some(answer.clone())
            })
        })
    }

    fn mark(&self, asked: &[u8], most: u32) -> Result<Vec<u8>> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        self.marks.set(self.marks.get() + 1);
        let mark = self.marks.get().to_be_bytes().to_vec();
        self.planned.run(|| {
            self.make(|made| {
                let used = made.last_use() + 1;
                made.answers.insert(asked.to_owned(), (used, mark.clone()));
                while made.answers.len() > most {
                    let oldest = made.answers.iter().min_by_key(|(_, (used, _))| *used);
                    let Some(asked) = oldest.map(|(asked, _)| asked.clone()) else {
                        break;
                    };
                    made.answers.remove(&asked);
                }
            });
        })?;
        Ok(mark)
    }

    fn keep_answer(&self, asked: &[u8], mark: &[u8], answer: Option<&[u8]>) -> Result<()> {
        self.planned.run(|| {
            self.make(|made| {
                let Some((_, kept)) = made.answers.get_mut(asked).filter(|it| it.1 == mark) else {
                    return;
                };
                match answer {
                    Some(answer) => answer.clone_into(kept),
                    None => drop(made.answers.remove(asked)),
                }
            });
        })
    }
}
