//! How the visitor filled in forms: which fields, in which order, how often, how
//! long. Never what was entered.
//!
//! Which fields there are, when they were filled in, how often the visitor came back to
//! them and which form was sent is core's to say ([`filled`]), as for the report of forms:
//! a field is known by its key on its page, and a form is sent if its name is told as sent
//! on that page, then or later. Here the page's elements add what people call a field where
//! the recorder did not tell, and tell apart forms that have no names.

use crate::model::activity::{Kind, Row};
use crate::model::pack::pack_fields;
use sentiero_core::analytics::facts::{FieldName, Submit};
use sentiero_core::analytics::{Filled, Touch, filled, page_after};
use sentiero_core::digest::PageView;
use sentiero_core::event::{EventView, Kind as Seen, Said};
use sentiero_core::id::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// The way to the next field is told up to this, ms; longer, it was a pause.
const NEXT: Millis = 5_000;
/// Inputs that are kept: a session has no more events.
const MOST: usize = 50_000;

/// A field was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entered {
    at: Millis,
    node: u64,
    /// The form around it.
    form: Option<u32>,
    /// What the page's elements call it.
    called: String,
}

/// What was read so far.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    entered: Vec<Entered>,
    names: Vec<(Millis, FieldName)>,
    sent: Vec<(Millis, Submit)>,
}

/// A form of a page, or the fields outside of any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it is called in the markup; empty if it has no name.
    pub name: String,
    /// Its fields in the order in which they were first touched.
    pub fields: Vec<Field>,
    /// When it was sent after it was begun.
    pub sent: Vec<Millis>,
    /// Its fields are inside of no form.
    pub loose: bool,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is called.
    pub name: String,
    /// When it was first touched.
    pub at: Millis,
    /// From its first to its last touch, ms.
    pub spent: Millis,
    /// How often the visitor came back to it from another field of the page.
    pub refills: u32,
    /// From its last touch to the next field of the form, ms; none if that was a pause, or
    /// there was none.
    pub next: Option<Millis>,
}

/// What makes fields of a page one form: the name that was told; else the element around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which<'a> {
    Named(&'a str),
    Element(Option<u32>),
}

/// A form that is put together.
struct Draft<'a> {
    page: u32,
    which: Which<'a>,
    fields: Vec<(Filled<'a>, &'a Entered)>,
}

impl Forms {
    /// Takes in an event of any kind.
    pub fn event(&mut self, view: &EventView) {
        let Seen::Custom { said, .. } = &view.kind else {
            return;
        };
        match said {
            Said::Field { node, names } => {
                let name = FieldName::of(*node, names);
                self.names.extend(name.map(|name| (view.at, name)));
            }
            Said::Submit(form) => self.sent.push((view.at, Submit::of(form))),
            _ => {}
        }
    }

    /// The field `node`, which the page calls `called`, was filled in, in `form`.
    pub fn entered(&mut self, at: Millis, node: u64, form: Option<u32>, called: &str) {
        if self.entered.len() < MOST {
            self.entered.push(Entered {
                at,
                node,
                form,
                called: called.to_owned(),
            });
        }
    }

    /// The forms, in the order in which they were begun; `addresses` are those of the page
    /// load, in order.
    pub fn forms(&self, addresses: &BTreeSet<PageView>) -> Vec<Form> {
        let read = Read::of(self, addresses);
        let mut firsts: BTreeMap<u64, &Entered> = BTreeMap::new();
        for one in &read.entered {
            firsts.entry(one.node).or_insert(one);
        }
        let touches = read.entered.iter().map(|entered| Touch {
            page: read.page(entered.at),
            node: entered.node,
            name: read.name(entered),
            span: (entered.at, entered.at),
        });
        let mut fields = filled(touches);
        fields.sort_by_key(|field| field.span.0);
        let mut drafts: Vec<Draft<'_>> = Vec::new();
        for field in fields {
            if let Some(first) = firsts.get(&field.node) {
                add(&mut drafts, field, first);
            }
        }
        drafts.iter().map(|draft| read.form(draft)).collect()
    }
}

/// What was read, in order.
struct Read<'a> {
    entered: Vec<&'a Entered>,
    /// By node, what was told last.
    names: BTreeMap<u64, &'a FieldName>,
    /// From when on each page was shown, and its address.
    pages: Vec<(Millis, &'a str)>,
    sent: &'a [(Millis, Submit)],
}

impl<'a> Read<'a> {
    fn of(forms: &'a Forms, addresses: &'a BTreeSet<PageView>) -> Self {
        let mut entered: Vec<&Entered> = forms.entered.iter().collect();
        entered.sort_by_key(|entered| (entered.at, entered.node));
        let mut names: Vec<&(Millis, FieldName)> = forms.names.iter().collect();
        names.sort();
        let names = names.into_iter().map(|(_, name)| (name.node, name));
        let mut pages: Vec<(Millis, &str)> = Vec::new();
        for view in addresses {
            let shown = pages.last().map(|(_, url)| *url);
            pages.extend(page_after(shown, &view.url).map(|url| (view.at, url)));
        }
        Self {
            entered,
            names: names.collect(),
            pages,
            sent: &forms.sent,
        }
    }

    /// The place of the page that was shown; what was before the first belongs to it.
    fn page(&self, at: Millis) -> u32 {
        let next = self.pages.partition_point(|(from, _)| *from <= at);
        u32::try_from(next.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn name(&self, entered: &Entered) -> Option<&'a FieldName> {
        self.names.get(&entered.node).copied()
    }

    fn form(&self, draft: &Draft<'_>) -> Form {
        let name = match draft.which {
            Which::Named(name) => name,
            Which::Element(_) => "",
        };
        let begun = draft.fields.first().map_or(0, |(field, _)| field.span.0);
        let sent = self.sent.iter().filter(|(at, submit)| {
            *at >= begun && submit.form == name && self.page(*at) == draft.page
        });
        let mut sent: Vec<Millis> = sent.map(|(at, _)| *at).collect();
        sent.sort_unstable();
        let fields = draft.fields.iter();
        Form {
            name: name.to_owned(),
            fields: fields
                .map(|(field, first)| self.field(draft, field, first))
                .collect(),
            sent,
            loose: name.is_empty() && draft.fields.iter().all(|(_, first)| first.form.is_none()),
        }
    }

    fn field(&self, draft: &Draft<'_>, field: &Filled<'_>, first: &Entered) -> Field {
        let (from, to) = field.span;
        let label = field.name.map_or("", |name| &name.label);
        Field {
            name: if label.is_empty() {
                &first.called
            } else {
                label
            }
            .to_owned(),
            at: from,
            spent: to - from,
            refills: field.refills,
            next: self.next(draft, field),
        }
    }

    /// How long after the last touch of `field` another one of its form was touched, unless
    /// there was a pause.
    fn next(&self, draft: &Draft<'_>, field: &Filled<'_>) -> Option<Millis> {
        let last = field.span.1;
        let later = self.entered.partition_point(|entered| entered.at < last);
        let soon = self.entered.iter().skip(later);
        let mut soon = soon.take_while(|entered| entered.at <= last.saturating_add(NEXT));
        let key = field.name.map(|name| &name.key);
        let next = soon.find(|entered| {
            let name = self.name(entered);
            let is_same = match (key, name) {
                (Some(key), Some(name)) => *key == name.key,
                _ => entered.node == field.node,
            };
            !is_same && which(name, entered) == draft.which && self.page(entered.at) == draft.page
        });
        next.map(|entered| entered.at - last)
    }
}

/// What the rows of inputs can say besides: the field's place in its form.
pub fn describe(forms: &[Form], rows: &mut [Row]) {
    let fields = forms.iter().flat_map(|form| {
        let count = form.fields.len();
        (1..)
            .zip(&form.fields)
            .map(move |(place, field)| (field, place, count))
    });
    for (field, place, count) in fields {
        let row = rows
            .iter_mut()
            .find(|row| row.kind == Kind::Input && row.at <= field.at && field.at <= row.until);
        if let Some(row) = row.filter(|_| count > 1) {
            row.detail = format!("Field {place} of {count}");
        }
    }
}

pack_fields!(Form {
    name,
    fields,
    sent,
    loose
});
pack_fields!(Field {
    name,
    at,
    spent,
    refills,
    next
});

/// The form that a field is of.
fn which<'a>(name: Option<&'a FieldName>, entered: &Entered) -> Which<'a> {
    name.map_or(Which::Element(entered.form), |name| {
        Which::Named(&name.form)
    })
}

/// Puts a field to its form.
fn add<'a>(drafts: &mut Vec<Draft<'a>>, field: Filled<'a>, first: &'a Entered) {
    let (page, which) = (field.page, which(field.name, first));
    let known = drafts
        .iter_mut()
        .find(|draft| draft.page == page && draft.which == which);
    match known {
        Some(draft) => draft.fields.push((field, first)),
        None => drafts.push(Draft {
            page,
            which,
            fields: vec![(field, first)],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tabs::tests::tab_id;

    const NAMED: [&str; 2] = ["pay", "search"];

    /// Touches: when, which node, in which form; the names of forms are told of nodes under 10.
    fn forms(touches: &[(Millis, u64, Option<u32>)], sent: &[(Millis, &str)]) -> Vec<String> {
        let mut forms = Forms::default();
        // In any order.
        for (at, node, form) in touches.iter().rev() {
            forms.entered(*at, *node, *form, &format!("f{node}"));
            if let Some(name) = form.and_then(|form| NAMED.get(form as usize)) {
                let names = [format!("{name} f{node}"), String::new(), (*name).to_owned()];
                forms
                    .names
                    .extend(FieldName::of(*node, &names).map(|name| (*at, name)));
            }
        }
        for (at, form) in sent {
            forms.sent.push((*at, Submit::of(form)));
        }
        let view = |at, url: &str| PageView {
            at,
            tab: tab_id('a'),
            url: url.to_owned(),
        };
        let addresses = [
            view(0, "https://a/x"),
            view(1, "https://a/x?b"),
            view(50_000, "https://a/y"),
        ];
        forms.forms(&addresses.into()).iter().map(said).collect()
    }

    fn said(form: &Form) -> String {
        let field = |field: &Field| {
            format!(
                "{} {}+{} ×{} →{:?}",
                field.name, field.at, field.spent, field.refills, field.next
            )
        };
        let fields: Vec<_> = form.fields.iter().map(field).collect();
        let loose = if form.loose { " loose" } else { "" };
        format!(
            "{}: {} {:?}{loose}",
            form.name,
            fields.join(", "),
            form.sent
        )
    }

    #[test]
    fn fields_in_the_order_of_their_first_touch() {
        assert_eq!(
            forms(
                &[
                    (10, 2, Some(0)),
                    (400, 2, Some(0)),
                    (900, 3, Some(0)),
                    (7_000, 2, Some(0)),
                    (7_500, 4, Some(0))
                ],
                &[(8_000, "pay")],
            ),
            ["pay: f2 10+6990 ×1 →Some(500), f3 900+0 ×0 →None, f4 7500+0 ×0 →None [8000]"]
        );
    }

    #[test]
    fn what_is_sent_is_the_form_of_that_name_on_that_page() {
        let touches = [
            (10, 2, Some(0)),
            (20, 9, Some(1)),
            (30, 8, None),
            (50_000, 2, Some(0)),
        ];
        assert_eq!(
            forms(
                &touches,
                &[(5, "pay"), (40, "pay"), (45, "pay"), (60_000, "search")]
            ),
            [
                "pay: f2 10+0 ×0 →None [40, 45]",
                "search: f9 20+0 ×0 →None []",
                ": f8 30+0 ×0 →None [] loose",
                "pay: f2 50000+0 ×0 →None []",
            ]
        );
    }

    #[test]
    fn forms_without_names_are_told_apart_by_their_elements() {
        let touches = [
            (1, 2, Some(7)),
            (5, 9, None),
            (9, 3, Some(8)),
            (12, 4, Some(7)),
        ];
        assert_eq!(
            forms(&touches, &[(20, "")]),
            [
                ": f2 1+0 ×0 →Some(11), f4 12+0 ×0 →None [20]",
                ": f9 5+0 ×0 →None [20] loose",
                ": f3 9+0 ×0 →None [20]",
            ]
        );
    }
}
