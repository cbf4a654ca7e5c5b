//! What is looked for: search, dates, conditions, order; all of it in the address.

use super::list::List;
use super::{dates, editor, segments};
use crate::model::conditions::{Condition, Field, conditions};
use crate::model::listing::sort_name;
use crate::ui::Button;
use crate::ui::field::{search, select, toggle};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::popover::{opener, popover};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::listing::Sort;
use std::time::Duration;

/// After this without a key what was typed is looked for.
const TYPED: Duration = Duration::from_millis(350);

/// The three that one press away.
const QUICK: [(Field, &str, Icon); 3] = [
    (Field::Errors, "Has errors", Icon::Warning),
    (Field::Rage, "Rage clicks", Icon::Bolt),
    (Field::Live, "Live", Icon::Play),
];

pub(super) fn view(list: List) -> Html {
    let add = opener(
        list.adding,
        Signal::stored("Filter".to_owned()),
        Some(Icon::Plus),
        "small",
        "add-filter",
    );
    html! {
        <div class="bar" role="search" aria-label="Which sessions are shown">
            {segments::menu_of(list)}
            {dates::view(list)}
            {popover(list.adding, "", add, move || editor::add(list))}
            {free_text(list)}
            {QUICK.map(|(field, label, picture)| quick(list, field, label, picture)).into_iter().collect_view()}
            <div class="bar-end">{order(list)}</div>
        </div>
        {pills(list)}
    }
}

fn free_text(list: List) -> Html {
    let q = move || {
        list.shown
            .with(|shown| shown.listing.filter.q.clone().unwrap_or_default())
    };
    let typed = RwSignal::new(untrack(q));
    // The address may change by other means; what is being typed comes first.
    Effect::new(move |before: Option<String>| {
        let now = q();
        if before.is_some_and(|before| before != now) && typed.get_untracked().trim() != now {
            typed.set(now.clone());
        }
        now
    });
    Effect::new(move |before: Option<()>| {
        let text = typed.get();
        if before.is_none() {
            return;
        }
        spawn_local(async move {
            sleep(TYPED).await;
            let wanted = text.trim().to_owned();
            let known = list.shown.try_get_untracked().map(|shown| shown.listing);
            let (Some(listing), Some(now)) = (known, typed.try_get_untracked()) else {
                return;
            };
            if now != text || listing.filter.q.clone().unwrap_or_default() == wanted {
                return;
            }
            let mut filter = listing.filter.clone();
            filter.q = Some(wanted).filter(|wanted| !wanted.is_empty());
            if filter.clone().checked().is_ok() {
                list.go_quietly(&listing.with(filter));
            }
        });
    });
    search("Search sessions", "User, page or id", typed, NodeRef::new())
}

fn quick(list: List, field: Field, label: &'static str, picture: Icon) -> Html {
    let condition = Condition::new(field, if field == Field::Live { "yes" } else { "" });
    let wanted = condition.clone();
    let on = Memo::new(move |_| {
        list.shown
            .with(|shown| conditions(&shown.listing.filter).contains(&wanted))
    });
    toggle(label, picture, on.into(), move || {
        let listing = list.shown.get_untracked().listing;
        let filter = if on.get_untracked() {
            condition.take(&listing.filter)
        } else {
            condition
                .put(&listing.filter)
                .unwrap_or_else(|_| listing.filter.clone())
        };
        list.go(&listing.with(filter));
    })
}

fn order(list: List) -> Html {
    let options = Sort::ALL.map(|sort| (sort.name().to_owned(), sort_name(sort).to_owned()));
    let chosen = Signal::derive(move || {
        list.shown
            .with(|shown| shown.listing.sort.name().to_owned())
    });
    select("Order", options.to_vec(), chosen, move |name| {
        let mut listing = list.shown.get_untracked().listing;
        listing.sort = Sort::parse(&name).unwrap_or_default();
        list.go(&listing);
    })
}

/// The conditions that have no button of their own.
fn pills(list: List) -> Html {
    let own = |condition: &Condition| {
        let quick = QUICK.iter().any(|(field, ..)| *field == condition.field);
        !quick || condition.value == "no"
    };
    let shown = Memo::new(move |_| {
        let all = list.shown.with(|shown| conditions(&shown.listing.filter));
        all.into_iter().filter(own).collect::<Vec<_>>()
    });
    Html::new(move || {
        let shown = shown.get();
        (!shown.is_empty()).then(|| {
            let clear = Button::new("Clear filters").quiet().small().on(move || {
                let listing = list.shown.get_untracked().listing;
                list.go(&listing.with(sentiero_core::filter::Filter {
                    from: listing.filter.from,
                    before: listing.filter.before,
                    ..sentiero_core::filter::Filter::default()
                }));
            });
            html! {
                <div class="pills" data-testid="pills">
                    {shown.into_iter().map(|condition| pill(list, condition)).collect_view()}
                    {clear}
                </div>
            }
        })
    })
}

fn pill(list: List, condition: Condition) -> Html {
    let open = RwSignal::new(false);
    let (begins, value) = condition.says(editor::shown);
    let name = format!("{begins} {value}");
    let remove = format!("Remove: {}", name.trim());
    let gone = condition.clone();
    let take = move |_| {
        let listing = list.shown.get_untracked().listing;
        list.go(&listing.with(gone.take(&listing.filter)));
    };
    let edits = crate::model::conditions::Asks::Nothing != condition.field.asks();
    let edit = move |_| {
        if edits {
            open.update(|open| *open = !*open);
        }
    };
    let trigger = html! {
        <span class="filter-pill" data-testid="pill">
            <button type="button" class="filter-pill-text" title=name aria-haspopup=edits.then_some("true") aria-expanded=move || edits.then(|| open.get().to_string()) on:click=edit>
                {begins}" "<b>{value}</b>
            </button>
            <button type="button" class="filter-pill-close" aria-label=remove on:click=take>{icon(Icon::Close)}</button>
        </span>
    };
    popover(open, "", trigger, move || {
        editor::edit(list, condition.clone(), open)
    })
}
