//! Forms: each field that was filled in on a page, and each form that was sent.
//!
//! A field is known by its key where the recorder told it; else by its number on the page,
//! which another page load does not share.

use super::pages::Pages;
use crate::analytics::facts::FieldName;
use crate::analytics::session::{Field, Session, Submit, Topic};
use crate::id::{Millis, TabId};
use crate::order;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A field was filled in: when last and first in one moment, and which.
type Touch<'a> = (Millis, Millis, &'a TabId, u64);

pub(super) fn tell(pages: &Pages<'_>, session: &mut Session) {
    let facts = &pages.digest.facts;
    let names = facts
        .fields()
        .map(|((_, tab), name)| ((tab, name.node), name));
    // The name that was told last.
    let names: BTreeMap<(&TabId, u64), &FieldName> = order::map(names);
    let touches = facts.inputs();
    let mut touches: Vec<Touch<'_>> = touches
        .map(|((at, tab), input)| (at, input.first, tab, input.node))
        .collect();
    order::sort_by(&mut touches, Ord::cmp);
    let mut found: BTreeMap<(u32, String), usize> = BTreeMap::new();
    let mut last: BTreeMap<u32, usize> = BTreeMap::new();
    for (at, first, tab, node) in touches {
        let Some((loaded, visit)) = pages.place(tab, at) else {
            continue;
        };
        let (first, at) = (pages.time(loaded, first), pages.time(loaded, at));
        let name = names.get(&(tab, node));
        let key = name.map_or_else(|| format!("field #{node}"), |name| name.key.clone());
        let next = session.fields.len();
        let place = *found.entry((visit, key.clone())).or_insert(next);
        if place == next {
            let form = name.map_or("", |name| &name.form);
            let label = name.map_or("", |name| &name.label);
            let label = if label.is_empty() { &key } else { label };
            let field = Field {
                visit,
                key: session.name(Topic::Forms, &key),
                label: session.name(Topic::Forms, label),
                form: session.name(Topic::Forms, form),
                span: (first, at),
                refills: 0,
            };
            session.fields.push(field);
        }
        let came_back = last
            .insert(visit, place)
            .is_some_and(|before| before != place);
        if let Some(field) = session.fields.get_mut(place) {
            field.span = (field.span.0.min(first), field.span.1.max(at));
            field.refills += u32::from(came_back && place != next);
        }
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
