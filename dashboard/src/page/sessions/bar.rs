//! What is looked for: search, dates, conditions, order; all of it in the address.

use super::sieve::Sieve;
use super::{dates, editor, segments};
use crate::model::clauses::{Clause, clauses};
use crate::model::conditions::{Condition, Field, conditions};
use crate::model::listing::sort_name;
use crate::platform;
use crate::ui::Button;
use crate::ui::field::{search, select, toggle};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::popover::{opener, popover};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::filter::Filter;
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

/// The bar, and what else a screen has to choose at its end.
pub(in crate::page) fn view(sieve: Sieve, end: Option<Html>) -> Html {
    let add = opener(
        sieve.adding.open,
        Signal::stored("Filter".to_owned()),
        Some(Icon::Plus),
        "small",
        "add-filter",
    );
    html! {
        <div class="bar" role="search" aria-label="Which sessions are shown">
            {segments::menu_of(sieve)}
            {dates::view(sieve)}
            {popover(sieve.adding.open, "", add, move || editor::add(sieve))}
            {free_text(sieve)}
            {QUICK.map(|(field, label, picture)| quick(sieve, field, label, picture)).into_iter().collect_view()}
            {end.map(|end| html! { <div class="bar-end">{end}</div> })}
        </div>
        {pills(sieve)}
    }
}

/// The focus goes to where one types what to search for.
pub(in crate::page) fn focus_search() {
    if let Some(root) = platform::document().and_then(|document| document.document_element()) {
        platform::focus_in(&root, ".bar .search input");
    }
}

fn free_text(sieve: Sieve) -> Html {
    let q = move || {
        sieve
            .shown
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
            let known = sieve.shown.try_get_untracked().map(|shown| shown.listing);
            let (Some(listing), Some(now)) = (known, typed.try_get_untracked()) else {
                return;
            };
            if now != text || listing.filter.q.clone().unwrap_or_default() == wanted {
                return;
            }
            let mut filter = listing.filter.clone();
            filter.q = Some(wanted).filter(|wanted| !wanted.is_empty());
            if filter.clone().checked().is_ok() {
                sieve.go_quietly(&listing.with(filter));
            }
        });
    });
    search("Search sessions", "User, page or id", typed, NodeRef::new())
}

fn quick(sieve: Sieve, field: Field, label: &'static str, picture: Icon) -> Html {
    let condition = Condition::new(field, if field == Field::Live { "yes" } else { "" });
    let wanted = condition.clone();
    let on = Memo::new(move |_| {
        sieve
            .shown
            .with(|shown| conditions(&shown.listing.filter).contains(&wanted))
    });
    toggle(label, picture, on.into(), move || {
        let listing = sieve.shown.get_untracked().listing;
        let filter = if on.get_untracked() {
            condition.take(&listing.filter)
        } else {
            condition
                .put(&listing.filter)
                .unwrap_or_else(|_| listing.filter.clone())
        };
        sieve.go(&listing.with(filter));
    })
}

/// The order of the list.
pub(super) fn order(sieve: Sieve) -> Html {
    let options = Sort::ALL.map(|sort| (sort.name().to_owned(), sort_name(sort).to_owned()));
    let chosen = Signal::derive(move || {
        sieve
            .shown
            .with(|shown| shown.listing.sort.name().to_owned())
    });
    select("Order", options.to_vec(), chosen, move |name| {
        let mut listing = sieve.shown.get_untracked().listing;
        listing.sort = Sort::parse(&name).unwrap_or_default();
        sieve.go(&listing);
    })
}

/// The clauses that have no button of their own.
fn pills(sieve: Sieve) -> Html {
    let has_button = |clause: &Clause| match clause {
        Clause::Is(condition) => {
            let quick = QUICK.iter().any(|(field, ..)| *field == condition.field);
            quick && condition.value != "no"
        }
        Clause::Any(_) | Clause::Not(_) => false,
    };
    let shown = Memo::new(move |_| {
        let mut all = sieve.shown.with(|shown| clauses(&shown.listing.filter));
        all.retain(|clause| !has_button(clause));
        all
    });
    Html::new(move || {
        let shown = shown.get();
        (!shown.is_empty()).then(|| {
            let clear = Button::new("Clear filters").quiet().small().on(move || {
                let listing = sieve.shown.get_untracked().listing;
                sieve.go(&listing.with(Filter {
                    from: listing.filter.from,
                    before: listing.filter.before,
                    ..Filter::default()
                }));
            });
            html! {
                <div class="pills" data-testid="pills">
                    {shown.into_iter().map(|clause| pill(sieve, clause)).collect_view()}
                    {clear}
                </div>
            }
        })
    })
}

fn pill(sieve: Sieve, clause: Clause) -> Html {
    let open = RwSignal::new(false);
    let (begins, value) = clause.says(&editor::shown);
    let name = format!("{begins} {value}");
    let remove = format!("Remove: {}", name.trim());
    let gone = clause.clone();
    let take = move |_| {
        let listing = sieve.shown.get_untracked().listing;
        sieve.go(&listing.with(gone.take(&listing.filter)));
    };
    let edits = clause.single().is_some() || matches!(clause, Clause::Any(_));
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
        match (&clause, clause.single()) {
            (Clause::Any(all), _) => editor::ways(sieve, all.clone(), open),
            (_, Some((_, condition))) => {
                editor::edit(sieve, &condition, Some(clause.clone()), open)
            }
            (_, None) => Html::empty(),
        }
    })
}
