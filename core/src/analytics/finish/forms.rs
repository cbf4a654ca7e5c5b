//! Forms: each field that was filled in on a page, and each form that was sent.
//!
//! A field is known by its key where the recorder told it; else by its number on the page,
//! which another page load does not share.

use super::pages::{Pages, short};
use crate::analytics::facts::FieldName;
use crate::analytics::session::{Field, Session, Submit, Topic};
use crate::id::{Millis, TabId};
use crate::order;
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

/// A field was filled in: when last and first in one moment, and which.
type Told<'a> = (Millis, Millis, &'a TabId, u64);

/// A field was filled in, once or several times in one moment.
#[derive(Clone, Copy, Debug)]
pub struct Touch<'a> {
    /// On which page: one that is shown again is another.
    pub page: u32,
    /// The field's node.
    pub node: u64,
    /// What it is called, as it was told last.
    pub name: Option<&'a FieldName>,
    /// First and last, by any clock.
    pub span: (Millis, Millis),
}

/// A field that was filled in on a page.
#[derive(Clone, Debug)]
pub struct Filled<'a> {
    /// On which page.
    pub page: u32,
    /// What tells it from others.
    pub key: Cow<'a, str>,
    /// Its node; of several with one key, as radio buttons are, the first that was filled in.
    pub node: u64,
    /// What that node is called.
    pub name: Option<&'a FieldName>,
    /// First and last input.
    pub span: (Millis, Millis),
    /// Times that the visitor came back to it after filling in another one of the page.
    pub refills: u32,
}

/// The fields that were filled in, by `touches`, which are in order of their last moments.
pub fn filled<'a>(touches: impl IntoIterator<Item = Touch<'a>>) -> Vec<Filled<'a>> {
    let mut fields: Vec<Filled<'a>> = Vec::new();
    let mut found: BTreeMap<(u32, Cow<'a, str>), usize> = BTreeMap::new();
    let mut last: BTreeMap<u32, usize> = BTreeMap::new();
    for touch in touches {
        let Touch {
            page,
            node,
            name,
            span,
        } = touch;
        let unnamed = || Cow::Owned(format!("field #{node}"));
        let key = name.map_or_else(unnamed, |name| Cow::Borrowed(&*name.key));
        let next = fields.len();
        let place = *found.entry((page, key.clone())).or_insert(next);
        if place == next {
            fields.push(Filled {
                page,
                key,
                node,
                name,
                span,
                refills: 0,
            });
        }
        let before = last.insert(page, place);
        let came_back = place != next && before != Some(place);
        if let Some(field) = fields.get_mut(place) {
            field.span = (field.span.0.min(span.0), field.span.1.max(span.1));
            field.refills += u32::from(came_back);
        }
    }
    fields
}

pub(super) fn tell(pages: &Pages<'_>, session: &mut Session) {
    let facts = &pages.digest.facts;
    let names = facts
        .fields()
        .map(|((_, tab), name)| ((tab, name.node), name));
    // The name that was told last.
    let names: BTreeMap<(&TabId, u64), &FieldName> = order::map(names);
    let touches = facts.inputs();
    let mut touches: Vec<Told<'_>> = touches
        .map(|((at, tab), input)| (at, input.first, tab, input.node))
        .collect();
    order::sort_by(&mut touches, Ord::cmp);
    let touches = touches.into_iter().filter_map(|(at, first, tab, node)| {
        let (loaded, page) = pages.place(tab, at)?;
        let time = |at| Millis::from(pages.time(loaded, at));
        Some(Touch {
            page,
            node,
            name: names.get(&(tab, node)).copied(),
            span: (time(first), time(at)),
        })
    });
    for field in filled(touches) {
        let form = field.name.map_or("", |name| &name.form);
        let label = field.name.map_or("", |name| &name.label);
        let label = if label.is_empty() { &field.key } else { label };
        let field = Field {
            visit: field.page,
            key: session.name(Topic::Forms, &field.key),
            label: session.name(Topic::Forms, label),
            form: session.name(Topic::Forms, form),
            span: (short(field.span.0), short(field.span.1)),
            refills: field.refills,
        };
        session.fields.push(field);
    }
    order::sort_by(&mut session.fields, |a, b| a.span.0.cmp(&b.span.0));
    for ((at, tab), submit) in facts.submits() {
        if let Some((loaded, visit)) = pages.place(tab, at) {
            let at = pages.time(loaded, at);
            let form = session.name(Topic::Forms, &submit.form);
            session.submits.push(Submit { visit, at, form });
        }
    }
    order::sort_by(&mut session.submits, |a, b| a.at.cmp(&b.at));
}
