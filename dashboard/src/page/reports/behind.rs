//! The sessions behind a number: a narrower list, and some moments to look at.

use super::state::State;
use crate::model::report::behind::{narrowed, opening};
use crate::model::text;
use crate::platform;
use crate::route::{Place, Route};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::popover::popover;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::analytics::report::{Behind, Example};
use sentiero_core::filter::Filter;

/// `said` as a button that opens the way to `behind`. What opens is made when it is first
/// asked for: a table can have thousands of numbers.
pub(in crate::page) fn number(
    state: State,
    said: String,
    about: &str,
    behind: &Behind,
    is_among: bool,
) -> Html {
    let open = RwSignal::new(false);
    let asked = RwSignal::new(false);
    let behind = StoredValue::new(behind.clone());
    let name = format!("{about}: {said}. Show the sessions");
    let press = move || {
        asked.set(true);
        open.update(|open| *open = !*open);
    };
    let trigger = move || {
        let (said, name) = (said.clone(), name.clone());
        html! {
            <button type="button" class="figure" aria-haspopup="true" aria-expanded=move || open.get().to_string() aria-label=name on:click=move |_| press()>{said}</button>
        }
    };
    Html::new(move || {
        if asked.get() {
            popover(open, "", trigger(), move || {
                behind.with_value(|behind| body(state, behind, is_among, open))
            })
        } else {
            trigger()
        }
    })
}

fn body(state: State, behind: &Behind, is_among: bool, open: RwSignal<bool>) -> Html {
    let items = behind
        .examples
        .iter()
        .map(|example| item(state, *example, open));
    let items = items.collect_view();
    let title = (!behind.examples.is_empty()).then(|| html! { <h3>"The latest of them"</h3> });
    let listed = behind.narrow != Filter::default() || behind.examples.is_empty();
    let label = if is_among {
        "Find them in the list, among others"
    } else {
        "Find them in the list"
    };
    let list = listed.then(|| list(state, &behind.narrow, label));
    html! {
        {title}
        <div role="menu" aria-label="Sessions behind this number">{items}{list}</div>
    }
}

fn list(state: State, narrow: &Filter, label: &'static str) -> Html {
    let listing = state.looks.get_untracked();
    let listing = narrowed(&listing, narrow, platform::moment());
    let href = Route::Sessions(state.site.get_value(), listing.to_string()).to_string();
    html! {
        <a class="menu-item" role="menuitem" tabindex="-1" href=href data-testid="behind-list">
            {icon(Icon::Filter)}<span>{label}</span>
        </a>
    }
}

fn item(state: State, example: Example, open: RwSignal<bool>) -> Html {
    let began = platform::date(example.started);
    let at = text::clock(example.at.into());
    html! {
        <button type="button" class="menu-item" role="menuitem" tabindex="-1" data-testid="behind-example" on:click=move |_| { open.set(false); replay(state, example); }>
            {icon(Icon::Play)}<span>{began}</span><span class="aside">{format!("at {at}")}</span>
        </button>
    }
}

/// `said` as a button that opens a moment at once.
pub(in crate::page) fn moment(state: State, said: String, about: &str, example: Example) -> Html {
    let name = format!("{about}: {said}. Open the replay");
    html! {
        <button type="button" class="figure" aria-label=name on:click=move |_| replay(state, example)>{icon(Icon::Play)}{said}</button>
    }
}

/// Opens the replay at the moment. The answer names a session by its start and its place
/// among those of that start; the worker knows its id.
fn replay(state: State, example: Example) {
    let site = state.site.get_value();
    let list = state.looks.with_untracked(ToString::to_string);
    spawn_local(async move {
        let client = &state.app.client;
        let sid = match client.named(&site, &example).await {
            Ok(sid) => sid,
            Err(failure) => {
                state.app.heard(&failure);
                state
                    .app
                    .say("This session cannot be opened: it may be erased by now.");
                return;
            }
        };
        // Without its detail it opens at its beginning.
        let detail = client.detail(&site, &sid).await.ok();
        let place = detail.and_then(|detail| opening(&detail, &example));
        let (tab, at) = place.unzip();
        platform::go(
            &Route::Replay(Place {
                site,
                sid,
                tab,
                at,
                list,
            })
            .to_string(),
        );
    });
}
