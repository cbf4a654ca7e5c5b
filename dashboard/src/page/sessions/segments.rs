//! Saved segments: chosen, saved, renamed, deleted, begun with.

use super::sieve::Sieve;
use crate::model::listing::Listing;
use crate::model::segments::Segments;
use crate::platform;
use crate::ui::Button;
use crate::ui::dialog::dialog;
use crate::ui::field::{Field, field};
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::popover::{Item, menu, menu_line, opener, popover};
use leptos::prelude::*;
use sentiero_core::id::SiteKey;

/// Behind this comes the site's key.
const KEPT: &str = "sentiero-segments-";

/// What is kept in this browser for `site`.
pub(in crate::page) fn kept(site: &SiteKey) -> Segments {
    Segments::read(platform::kept(&format!("{KEPT}{site}")).as_deref())
}

fn change(sieve: Sieve, segments: RwSignal<Segments>, act: impl FnOnce(&mut Segments)) {
    let mut changed = segments.get_untracked();
    act(&mut changed);
    let key = format!("{KEPT}{}", sieve.site.get_value());
    platform::keep(&key, changed.write().as_deref());
    segments.set(changed);
}

/// The menu, and the dialog that asks for a name.
pub(super) fn menu_of(sieve: Sieve) -> Html {
    let open = RwSignal::new(false);
    let asking = RwSignal::new(None::<Naming>);
    let asked = RwSignal::new(false);
    let saved = RwSignal::new(kept(&sieve.site.get_value()));
    let label = Signal::derive(move || {
        let query = sieve.shown.with(|shown| shown.listing.to_string());
        let name = saved.with(|segments| segments.of(&query).map(|segment| segment.name.clone()));
        match name {
            Some(name) => name,
            None if sieve.shown.with(|shown| shown.listing.is_all()) => "All sessions".to_owned(),
            None => "Unsaved".to_owned(),
        }
    });
    let trigger = opener(open, label, Some(Icon::Bookmark), "small", "segments");
    let ask = move |naming: Naming| {
        asking.set(Some(naming));
        asked.set(true);
    };
    html! {
        {popover(open, "", trigger, move || lines(sieve, saved, open, ask))}
        {dialog(asked, "Name of the segment", "", move || naming(sieve, saved, asking, asked))}
    }
}

/// Why a name is asked for.
#[derive(Clone, PartialEq)]
enum Naming {
    /// To save what is shown.
    Save(String),
    /// To rename the segment of this name.
    Rename(String),
}

fn lines(
    sieve: Sieve,
    saved: RwSignal<Segments>,
    open: RwSignal<bool>,
    ask: impl Fn(Naming) + Copy + 'static,
) -> Html {
    let query = sieve
        .shown
        .with_untracked(|shown| shown.listing.to_string());
    let segments = saved.get_untracked();
    let all = sieve.shown.with_untracked(|shown| shown.listing.is_all());
    let mut items =
        vec![Item::choice("All sessions", all).on(open, move || sieve.go(&Listing::default()))];
    for segment in segments.all() {
        let (listing, _) = Listing::parse(&segment.query);
        let first = segments.is_first(&segment.name);
        items.push(
            Item::choice(&segment.name, segment.query == query)
                .hint(if first { "shown first" } else { "" })
                .on(open, move || sieve.go(&listing)),
        );
    }
    items.push(menu_line());
    match segments.of(&query).map(|segment| segment.name.clone()) {
        Some(name) => {
            let first = segments.is_first(&name);
            let (renamed, deleted) = (name.clone(), name.clone());
            items.push(
                Item::new("Rename…", Icon::Pen)
                    .on(open, move || ask(Naming::Rename(renamed.clone()))),
            );
            let label = if first {
                "Show everything first"
            } else {
                "Show this first"
            };
            items.push(Item::new(label, Icon::Star).on(open, move || {
                change(sieve, saved, |segments| {
                    segments.begin_with((!first).then_some(name.as_str()));
                });
                sieve.app.say(if first {
                    "The list begins with everything"
                } else {
                    "The list begins with this segment"
                });
            }));
            items.push(
                Item::new("Delete segment", Icon::Trash)
                    .bad()
                    .on(open, move || {
                        change(sieve, saved, |segments| segments.delete(&deleted));
                        sieve.app.say("Segment deleted; its filters stay");
                    }),
            );
        }
        None if all => {
            items.push(html! { <p class="nothing" role="none">"Set filters to save them as a segment."</p> });
        }
        None => items.push(
            Item::new("Save as segment…", Icon::Bookmark)
                .on(open, move || ask(Naming::Save(query.clone()))),
        ),
    }
    menu("Segments", items)
}

fn naming(
    sieve: Sieve,
    saved: RwSignal<Segments>,
    asking: RwSignal<Option<Naming>>,
    asked: RwSignal<bool>,
) -> Html {
    let Some(why) = asking.get_untracked() else {
        return Html::empty();
    };
    let before = match &why {
        Naming::Save(_) => None,
        Naming::Rename(name) => Some(name.clone()),
    };
    let name = RwSignal::new(before.clone().unwrap_or_default());
    let wrong = RwSignal::new(None::<String>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked();
        let refused = saved.with_untracked(|segments| segments.refuses(&name, before.as_deref()));
        if refused.is_some() {
            wrong.set(refused);
            return;
        }
        change(sieve, saved, |segments| match &why {
            Naming::Save(query) => segments.add(&name, query),
            Naming::Rename(before) => segments.rename(before, &name),
        });
        asked.set(false);
        sieve.app.say("Segment saved in this browser");
    };
    html! {
        <form on:submit=submit>
            <div class="dialog-body">
                {field(&Field {
                    label: "Name",
                    help: "Segments are kept in this browser, for this site.",
                    placeholder: "Phones with errors",
                    kind: "text",
                    value: name,
                    wrong: wrong.into(),
                })}
            </div>
            <div class="dialog-foot">
                {Button::new("Cancel").on(move || asked.set(false))}
                {Button::new("Save").primary().submits().on(|| {})}
            </div>
        </form>
    }
}
