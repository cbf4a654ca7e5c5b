//! Adding a condition, and changing one: first what it is about, then its value.

use super::sieve::Sieve;
use crate::model::choices::Choice;
use crate::model::conditions::{Asks, Condition, Field};
use crate::model::{place, text};
use crate::platform;
use crate::ui::Button;
use crate::ui::combobox::{Combobox, combobox};
use crate::ui::field::{Field as Input, field as input};
use crate::ui::html::{Html, html};
use leptos::html;
use leptos::prelude::*;
use sentiero_core::api::{Facet, Facets};

/// How the value of a condition reads.
pub(super) fn shown(field: Field, value: &str) -> String {
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

/// What a new condition is about, and then its value.
pub(super) fn add(sieve: Sieve) -> Html {
    let about = RwSignal::new(None::<Field>);
    Html::new(move || match about.get() {
        None => fields(sieve, about),
        Some(field) => edit(sieve, Condition::new(field, ""), sieve.adding),
    })
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
            let _ = apply(sieve, &Condition::new(field, value), None, sieve.adding);
        } else {
            about.set(Some(field));
        }
    })
}

/// Asks for the value of `condition`; `open` closes when there is one.
pub(super) fn edit(sieve: Sieve, condition: Condition, open: RwSignal<bool>) -> Html {
    match condition.field.asks() {
        Asks::Value => values(sieve, condition.field, open),
        Asks::Nothing => Html::empty(),
        Asks::Part | Asks::Whole | Asks::Length | Asks::Pair => form(sieve, condition, open),
    }
}

/// Puts the condition into the address, in the place of `before`.
fn apply(
    sieve: Sieve,
    condition: &Condition,
    before: Option<&Condition>,
    open: RwSignal<bool>,
) -> Result<(), String> {
    let listing = sieve.shown.get_untracked().listing;
    let filter = before.map_or_else(
        || listing.filter.clone(),
        |before| before.take(&listing.filter),
    );
    let filter = condition.put(&filter)?;
    open.set(false);
    sieve.go(&listing.with(filter));
    Ok(())
}

fn values(sieve: Sieve, field: Field, open: RwSignal<bool>) -> Html {
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
    combobox(&about, move |value| {
        let condition = Condition::new(field, &value);
        if let Err(wrong) = apply(sieve, &condition, None, open) {
            sieve.app.say(&wrong);
        }
    })
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

fn form(sieve: Sieve, condition: Condition, open: RwSignal<bool>) -> Html {
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
    let before = (!condition.value.is_empty()).then_some(condition);
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
            <div class="row-of-buttons">{Button::new("Apply").primary().small().submits().on(|| {})}</div>
        </form>
    }
}
