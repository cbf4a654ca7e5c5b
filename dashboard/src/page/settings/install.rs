//! The tag for a site's pages, with what is to be recorded besides.

use super::site::Site;
use crate::model::settings::snippet::{CHOICES, tag};
use crate::ui::Button;
use crate::ui::form::{option, section};
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, note};
use leptos::prelude::*;
use std::collections::BTreeSet;

pub(super) fn view(site: Site) -> Html {
    let chosen = RwSignal::new(BTreeSet::<&'static str>::new());
    let origin = site.app.client.origin();
    let said = Memo::new(move |_| {
        let key = site.key.get_value();
        let base = site.base.get();
        chosen.with(|chosen| tag(&origin, &key, &base, chosen))
    });
    let choices = CHOICES.map(|choice| {
        let attribute = choice.attribute;
        let ticked = Signal::derive(move || chosen.with(|chosen| chosen.contains(attribute)));
        option(choice.label, choice.help, ticked, move |on| {
            chosen.update(|chosen| {
                if on {
                    chosen.insert(attribute);
                } else {
                    chosen.remove(attribute);
                }
            });
        })
    });
    let copy = Button::new("Copy")
        .primary()
        .icon(Icon::Copy)
        .testid("copy-tag")
        .on(move || site.app.copy(said.get_untracked(), "Tag copied"));
    let nowhere = move || {
        site.base.with(|base| base.origins.is_empty()).then(|| {
            let said =
                html! { <span>"No page may record yet: add an origin under “General”."</span> };
            note(Tone::Warn, Icon::Warning, "no-origin", said, None)
        })
    };
    html! {
        {nowhere}
        {section("Tag", "Paste it into the <head> of the pages to record. It repeats this site’s saved policy, so that nothing leaves the browser which the edge would have to mask.", html! {
            <div class="snippet"><code data-testid="tag">{move || said.get()}</code>{copy}</div>
            <p class="help">"A page with a Content-Security-Policy must allow this host in script-src and connect-src, and 'wasm-unsafe-eval' in script-src."</p>
        })}
        {section("What else is recorded", "Pages, clicks, scrolling and changes always are. Each of these adds to the tag.", html! {
            <div class="options-grid">{choices.into_iter().collect_view()}</div>
        })}
    }
}
