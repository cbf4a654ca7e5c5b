//! Forms: how many who begin to fill one in also send it, and at which field the others stop.
//!
//! A form is begun in a visit of its page by the first input; it is complete if it is sent in
//! the same visit, then or later. A session completes a form if it left it in no visit begun
//! and not sent (reference §5.5). A field is known by a key that is the same in every session
//! (§11.4, 35), its label is the one that most sessions told. The last field that was filled
//! in before a form was left is where the visitor dropped off. What was filled in is not
//! known here.

use super::keys::{Lazy, Pairs, Places, Table, index};
use super::spread::{mean, permille};
use super::{Behind, Examples, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Names, Session, Topic};
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    top: Limit,
    pages: Table<()>,
    /// Keys and labels of forms and fields.
    texts: Table<()>,
    /// By page and form.
    forms: Pairs<Form>,
    /// By key and label of a field: in how many fillings it was called so.
    labels: Pairs<u64>,
    sessions: u64,
    #[serde(skip)]
    page_places: Places,
    #[serde(skip)]
    text_places: Lazy,
    #[serde(skip)]
    begun: Vec<Begun>,
    #[serde(skip)]
    sent: Vec<Sent>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Form {
    sessions: u64,
    completed: u64,
    submits: u64,
    /// By key.
    fields: BTreeMap<u32, Field>,
    abandoned: Examples,
    #[serde(skip)]
    seen: u64,
    /// The session that left it begun and not sent.
    #[serde(skip)]
    left: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Field {
    sessions: u64,
    fillings: u64,
    /// From the first to the last input, of all fillings, ms.
    time: u64,
    refills: u64,
    dropped: u64,
    stopped: Examples,
    #[serde(skip)]
    seen: u64,
}

/// A field that was filled in, of the session that is being counted.
#[derive(Clone, Copy, Debug)]
struct Begun {
    visit: u32,
    form: u32,
    page: u32,
    key: u32,
    from: u32,
    to: u32,
}

/// A form that was sent, of the session that is being counted.
#[derive(Clone, Copy, Debug)]
struct Sent {
    visit: u32,
    form: u32,
    at: u32,
}

/// Forms, the most begun first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Forms, as far as they were asked for.
    pub rows: Vec<Row>,
    /// How many others there are.
    pub others: u64,
    /// Sessions that began them; one that began several counts for each.
    pub others_sessions: u64,
}

/// A form of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Host and path, see [`Routes`].
    pub page: String,
    /// The form; empty for fields that are in none.
    pub form: String,
    /// Sessions that began it.
    pub sessions: u64,
    /// Of them, those that left it in no visit begun and not sent.
    pub completed: u64,
    /// Their share, thousandths.
    pub rate: Option<u32>,
    /// How often it was sent, also by who filled in nothing.
    pub submits: u64,
    /// Its fields, the most filled in first.
    pub fields: Vec<FieldRow>,
    /// Sessions that left it begun and not sent, at their last input.
    pub behind: Behind,
}

/// A field of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRow {
    /// What tells it from others.
    pub key: String,
    /// For people.
    pub label: String,
    /// Sessions that filled it in.
    pub sessions: u64,
    /// Of those that began the form, thousandths.
    pub touched: Option<u32>,
    /// From the first to the last input on average, ms.
    pub time_mean: u64,
    /// Times that somebody came back to it.
    pub refills: u64,
    /// Visits in which it was the last field before the form was left.
    pub dropped: u64,
    /// Sessions with such a visit, at the last input.
    pub behind: Behind,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, top: Limit) -> Self {
        Self {
            routes,
            top,
            ..Self::default()
        }
    }

    /// Puts what was filled in and sent in order: by visit and form, then by time.
    fn collect(&mut self, session: &Session) {
        self.begun.clear();
        self.sent.clear();
        let page = |visit: u32| {
            let visit = session.visits.get(index(visit))?;
            self.page_places.of(visit.url)
        };
        let mut place = |name| self.text_places.of(name, &mut self.texts);
        for field in &session.fields {
            if let Some(page) = page(field.visit)
                && let (Some(form), Some(key)) = (place(field.form), place(field.key))
            {
                self.begun.push(Begun {
                    visit: field.visit,
                    form,
                    page,
                    key,
                    from: field.span.0,
                    to: field.span.1,
                });
            }
        }
        for submit in &session.submits {
            if let (Some(page), Some(form)) = (page(submit.visit), place(submit.form)) {
                self.forms.at(page, form).submits += 1;
                self.sent.push(Sent {
                    visit: submit.visit,
                    form,
                    at: submit.at,
                });
            }
        }
        self.begun.sort_unstable_by_key(|begun| {
            (begun.visit, begun.form, begun.from, begun.to, begun.key)
        });
        self.sent
            .sort_unstable_by_key(|sent| (sent.visit, sent.form, sent.at));
    }

    /// Counts the fields.
    fn fields(&mut self, session: &Session) {
        let number = self.sessions;
        for field in &session.fields {
            let page = session.visits.get(index(field.visit));
            let page = page.and_then(|visit| self.page_places.of(visit.url));
            let mut place = |name| self.text_places.of(name, &mut self.texts);
            let (Some(page), Some(form)) = (page, place(field.form)) else {
                continue;
            };
            let (Some(key), Some(label)) = (place(field.key), place(field.label)) else {
                continue;
            };
            *self.labels.at(key, label) += 1;
            let counted = self.forms.at(page, form).fields.entry(key).or_default();
            counted.fillings += 1;
            counted.time += u64::from(field.span.1.saturating_sub(field.span.0));
            counted.refills += u64::from(field.refills);
            if counted.seen != number {
                counted.seen = number;
                counted.sessions += 1;
            }
        }
    }

    /// What each key is called most; of equal ones the first by its letters.
    fn called<'t>(&self, texts: &[&'t str], key: u32) -> &'t str {
        let text = |place: u32| texts.get(index(place)).copied().unwrap_or_default();
        let labels = self.labels.of(key);
        let labels = labels.map(|(label, count)| (Reverse(*count), text(label)));
        labels.min().map_or_else(|| text(key), |(_, label)| label)
    }

    fn row(&self, texts: &[&str], page: &str, form: &str, counts: &Form) -> Row {
        let mut fields: Vec<FieldRow> = counts
            .fields
            .iter()
            .map(|(key, field)| FieldRow {
                key: texts
                    .get(index(*key))
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                label: self.called(texts, *key).to_owned(),
                sessions: field.sessions,
                touched: permille(field.sessions, counts.sessions),
                time_mean: mean(field.time.into(), field.fillings).unwrap_or_default(),
                refills: field.refills,
                dropped: field.dropped,
                behind: Behind::of_page(page, &field.stopped),
            })
            .collect();
        order::sort_by(&mut fields, |a, b| {
            let sessions = b.sessions.cmp(&a.sessions);
            sessions.then_with(|| a.key.cmp(&b.key))
        });
        Row {
            page: page.to_owned(),
            form: form.to_owned(),
            sessions: counts.sessions,
            completed: counts.completed,
            rate: permille(counts.completed, counts.sessions),
            submits: counts.submits,
            fields,
            behind: Behind::of_page(page, &counts.abandoned),
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages, Topic::Forms]
    }

    fn names(&mut self, [pages, _, _, _, forms, ..]: &[&Names; 7]) {
        let (routes, table) = (&self.routes, &mut self.pages);
        let place = |address: &str| table.place(&super::pages::page_of(routes, address));
        self.page_places.fill(pages, place);
        self.text_places.fill(forms);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        if session.fields.is_empty() && session.submits.is_empty() {
            return;
        }
        self.sessions += 1;
        let number = self.sessions;
        self.collect(session);
        self.fields(session);
        let same = |one: &Begun, other: &Begun| (one.visit, one.form) == (other.visit, other.form);
        for filling in self.begun.chunk_by(same) {
            let Some(first) = filling.first() else {
                continue;
            };
            let form = self.forms.at(first.page, first.form);
            if form.seen != number {
                form.seen = number;
                form.sessions += 1;
                form.completed += 1;
            }
            let key = (first.visit, first.form);
            let place = self
                .sent
                .partition_point(|sent| ((sent.visit, sent.form), sent.at) < (key, first.from));
            let next = self.sent.get(place);
            if next.is_some_and(|sent| (sent.visit, sent.form) == key) {
                continue;
            }
            if form.left != number {
                form.left = number;
                form.completed -= 1;
            }
            let Some(last) = filling.iter().max_by_key(|begun| (begun.to, begun.from)) else {
                continue;
            };
            let tab = session.visits.get(index(last.visit));
            let tab = tab.map_or(0, |visit| visit.tab);
            form.abandoned.add(who, last.to, tab);
            let field = form.fields.entry(last.key).or_default();
            field.dropped += 1;
            field.stopped.add(who, last.to, tab);
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        let pages = self.pages.merge(other.pages, |(), ()| ());
        let texts = self.texts.merge(other.texts, |(), ()| ());
        let both = |key, label| Some((texts.of(key)?, texts.of(label)?));
        self.labels
            .merge(other.labels, both, |own, other| *own += other);
        let places = |page, form| Some((pages.of(page)?, texts.of(form)?));
        self.forms.merge(other.forms, places, |own, other| {
            own.sessions += other.sessions;
            own.completed += other.completed;
            own.submits += other.submits;
            own.abandoned.merge(other.abandoned);
            for (key, field) in other.fields {
                if let Some(key) = texts.of(key) {
                    merge(own.fields.entry(key).or_default(), field);
                }
            }
        });
    }

    fn answer(&self) -> Answer {
        let (pages, texts) = (self.pages.texts(), self.texts.texts());
        let of = |texts: &[&'_ str], place: u32| -> String {
            texts
                .get(index(place))
                .copied()
                .unwrap_or_default()
                .to_owned()
        };
        let all = self.forms.all();
        let mut all: Vec<_> = all
            .map(|(page, form, counts)| (of(&pages, page), of(&texts, form), counts))
            .collect();
        order::sort_by(&mut all, |a, b| {
            let key = |counts: &Form| Reverse((counts.sessions, counts.submits));
            let weight = key(a.2).cmp(&key(b.2));
            weight.then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1)))
        });
        let (rows, others) = self.top.split(all);
        let rows = rows.iter();
        Answer {
            rows: rows
                .map(|(page, form, counts)| self.row(&texts, page, form, counts))
                .collect(),
            others: others.iter().map(|_| 1).sum(),
            others_sessions: others.iter().map(|(.., counts)| counts.sessions).sum(),
        }
    }
}

fn merge(own: &mut Field, other: Field) {
    own.sessions += other.sessions;
    own.fillings += other.fillings;
    own.time += other.time;
    own.refills += other.refills;
    own.dropped += other.dropped;
    own.stopped.merge(other.stopped);
}

#[cfg(test)]
mod tests;
