//! Adding a condition, and changing one: first what it is about, then its value.

use super::sieve::Sieve;
use crate::model::choices::Choice;
use crate::model::clauses::{self, Clause, How};
use crate::model::conditions::{Asks, Condition, Field};
use crate::model::report::page_choices;
use crate::model::{place, text};
use crate::platform;
use crate::ui::Button;
use crate::ui::combobox::{Combobox, combobox};
use crate::ui::field::{Field as Input, field as input, segmented};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::{Facet, Facets};
use sentiero_core::filter::Filter;

/// How the value of a condition reads.
pub(in crate::page) fn shown(field: Field, value: &str) -> String {
    match (field, value) {
        (Field::Country, code) => platform::country(code),
        (Field::Region, code) => place::region(code, platform::country),
        (Field::Timezone, name) => place::timezone(name),
        (Field::Device, "mobile") => "Phone".to_owned(),
        (Field::Device, "tablet") => "Tablet".to_owned(),
        (Field::Device, "desktop") => "Computer".to_owned(),
        _ => value.to_owned(),
    }
}

/// What becomes of a new condition, what it is about, and then its value.
pub(super) fn add(sieve: Sieve) -> Html {
    let about = RwSignal::new(None::<Field>);
    let ways = How::ALL.map(How::words);
    // The next one must hold again, unless it is said otherwise.
    on_cleanup(move || {
        let _ = sieve.adding.how.try_set(How::default().words().0);
    });
    html! {
        <div class="adding">
            {segmented("Sessions", &ways, sieve.adding.how)}
            {move || match about.get() {
                None => fields(sieve, about),
                Some(field) => edit(sieve, &Condition::new(field, ""), None, sieve.adding.open),
            }}
        </div>
    }
}

fn fields(sieve: Sieve, about: RwSignal<Option<Field>>) -> Html {
    let choices = Field::ALL.map(|field| Choice {
        value: field.name().to_owned(),
        label: field.name().to_owned(),
        hint: String::new(),
    });
    let box_of_fields = Combobox {
        name: "Filter by",
        placeholder: "Filter by…",
        choices: Signal::stored(Some(choices.to_vec())),
        free: false,
    };
    combobox(&box_of_fields, move |name| {
        let Some(field) = Field::called(&name) else {
            return;
        };
        if field.asks() == Asks::Nothing {
            let value = if field == Field::Live { "yes" } else { "" };
            let condition = Condition::new(field, value);
            if let Err(wrong) = apply(sieve, &condition, None, sieve.adding.open) {
                sieve.app.say(&wrong);
            }
        } else {
            about.set(Some(field));
        }
    })
}

/// Asks for the value of `condition`, which then takes the place of `before`; `open` closes
/// when there is one.
pub(super) fn edit(
    sieve: Sieve,
    condition: &Condition,
    before: Option<Clause>,
    open: RwSignal<bool>,
) -> Html {
    match condition.field.asks() {
        // What is changed stands in a field; what is new is chosen among the pages there are.
        _ if condition.field == Field::Url && before.is_none() => pages(sieve, open),
        Asks::Value => values(sieve, condition.field, before, open),
        Asks::Nothing => Html::empty(),
        Asks::Part | Asks::Whole | Asks::Length | Asks::Pair => {
            form(sieve, condition, before, open)
        }
    }
}

/// Puts the condition into the address, in the place of `before`: as that was, or as it is
/// chosen for a new one.
fn apply(
    sieve: Sieve,
    condition: &Condition,
    before: Option<&Clause>,
    open: RwSignal<bool>,
) -> Result<(), String> {
    let listing = sieve.shown.get_untracked().listing;
    let (how, filter) = match before {
        Some(clause) => (
            clause.single().map_or(How::Is, |(how, _)| how),
            clause.take(&listing.filter),
        ),
        None => (
            How::called(sieve.adding.how.get_untracked()),
            listing.filter.clone(),
        ),
    };
    let filter = how.put(condition, &filter)?;
    open.set(false);
    sieve.go(&listing.with(filter));
    Ok(())
}

fn values(sieve: Sieve, field: Field, before: Option<Clause>, open: RwSignal<bool>) -> Html {
    let choices = Signal::derive(move || {
        sieve
            .facets
            .with(|facets| facets.as_ref().map(|facets| choices(field, facets)))
    });
    let about = Combobox {
        name: field.name(),
        placeholder: "Search",
        choices,
        free: true,
    };
    let values = combobox(&about, move |value| {
        let condition = Condition::new(field, &value);
        if let Err(wrong) = apply(sieve, &condition, before.as_ref(), open) {
            sieve.app.say(&wrong);
        }
    });
    html! { {values}{limit(field)} }
}

/// What the list does not know of a field.
fn limit(field: Field) -> Option<Html> {
    let limit = field.limit();
    (!limit.is_empty()).then(|| html! { <p class="limit">{limit}</p> })
}

/// The pages that there are, the most seen first; a part of an address can be typed, too.
fn pages(sieve: Sieve, open: RwSignal<bool>) -> Html {
    let known = RwSignal::new(None);
    spawn_local(async move {
        let answer = sieve.app.client.pages(&sieve.site.get_value()).await;
        let found = answer.as_ref().map(page_choices).unwrap_or_default();
        let _ = known.try_set(Some(found));
    });
    let about = Combobox {
        name: Field::Url.name(),
        placeholder: "A page, or a part of its address",
        choices: known.into(),
        free: true,
    };
    let pages = combobox(&about, move |value| {
        let condition = Condition::new(Field::Url, &value);
        if let Err(wrong) = apply(sieve, &condition, None, open) {
            sieve.app.say(&wrong);
        }
    });
    html! { {pages}{limit(Field::Url)} }
}

fn choices(field: Field, facets: &Facets) -> Vec<Choice> {
    let found = match field {
        Field::Country => &facets.country,
        Field::Region => &facets.region,
        Field::Timezone => &facets.timezone,
        Field::Browser => &facets.browser,
        Field::Os => &facets.os,
        Field::Device => &facets.device,
        Field::Event => &facets.event,
        _ => return Vec::new(),
    };
    let choice = |Facet { value, count }: &Facet| Choice {
        value: value.clone(),
        label: shown(field, value),
        hint: text::number(*count),
    };
    found.iter().map(choice).collect()
}

fn form(sieve: Sieve, condition: &Condition, before: Option<Clause>, open: RwSignal<bool>) -> Html {
    let field = condition.field;
    let (key, value) = (
        RwSignal::new(condition.key.clone()),
        RwSignal::new(condition.value.clone()),
    );
    let wrong = RwSignal::new(None::<String>);
    let (label, help) = match field.asks() {
        Asks::Part => (field.name(), "A part of the address is enough."),
        Asks::Length => (field.name(), "Like 45s, 2m 30s or 1h."),
        Asks::Pair => ("Value", "All of it."),
        _ => (field.name(), "All of it."),
    };
    let pair = (field.asks() == Asks::Pair).then(|| {
        input(&Input {
            label: "Key",
            help: "As the page gave it to setMetadata.",
            placeholder: field.example(),
            kind: "text",
            value: key,
            wrong: Signal::stored(None),
        })
    });
    let whole = input(&Input {
        label,
        help,
        placeholder: if pair.is_some() {
            "pro"
        } else {
            field.example()
        },
        kind: "text",
        value,
        wrong: wrong.into(),
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let condition = Condition {
            field,
            key: key.get_untracked().trim().to_owned(),
            value: value.get_untracked().trim().to_owned(),
        };
        if let Err(said) = apply(sieve, &condition, before.as_ref(), open) {
            wrong.set(Some(said));
        }
    };
    let root = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let Some(root) = root.get() {
            platform::focus_in(&root, "input");
        }
    });
    html! {
        <form class="popover-form" node_ref=root on:submit=submit>
            {pair}
            {whole}
            {limit(field)}
            <div class="row-of-buttons">{Button::new("Apply").primary().small().submits().on(|| {})}</div>
        </form>
    }
}

/// Conditions of which one must hold: each can be taken away, and others added.
pub(super) fn ways(sieve: Sieve, all: Vec<Filter>, open: RwSignal<bool>) -> Html {
    let way = |one: Filter| {
        let text = clauses::said(&one, &shown);
        let remove = format!("Remove: {text}");
        let take = move |_| {
            let listing = sieve.shown.get_untracked().listing;
            let mut filter = listing.filter.clone();
            filter.any.retain(|other| *other != one);
            open.set(false);
            sieve.go(&listing.with(filter));
        };
        html! {
            <li>
                <span>{text}</span>
                <button type="button" class="icon-button" aria-label=remove on:click=take>{icon(Icon::Close)}</button>
            </li>
        }
    };
    let more = Button::new("Or…").small().on(move || {
        open.set(false);
        sieve.adding.how.set(How::Or.words().0);
        sieve.adding.open.set(true);
    });
    html! {
        <div class="popover-form">
            <p>"One of these must hold."</p>
            <ul class="ways">{all.into_iter().map(way).collect_view()}</ul>
            <div class="row-of-buttons">{more}</div>
        </div>
    }
}
