//! What whole forms are made of: fields of several lines, choices that explain themselves,
//! cards with a heading.

use crate::ui::field::{Field, below};
use crate::ui::fresh_id;
use crate::ui::html::{Html, html};
use leptos::prelude::*;

/// A field for several lines; its `kind` is not looked at.
pub(crate) fn area(field: &Field) -> Html {
    let Field {
        label,
        help,
        placeholder,
        value,
        wrong,
        ..
    } = *field;
    let (id, about) = (fresh_id(), fresh_id());
    let rows = move || value.with(|value| value.lines().count().clamp(2, 8) + 1);
    html! {
        <div class="field">
            <label class="label" for=id.clone()>{label}</label>
            <textarea
                class="input area"
                id=id
                placeholder=placeholder
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                rows=move || rows().to_string()
                aria-describedby=about.clone()
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            {below(about, help, wrong)}
        </div>
    }
}

/// One of a few, each with a line that says what it means.
pub(crate) fn radios(
    name: &'static str,
    options: &[(&'static str, &'static str, &'static str)],
    chosen: RwSignal<String>,
) -> Html {
    let group = fresh_id();
    let one = |(value, label, help): &(&'static str, &'static str, &'static str)| {
        let value = *value;
        let is = move || chosen.with(|chosen| chosen == value);
        let about = fresh_id();
        html! {
            <label class="radio">
                <input
                    type="radio"
                    name=group.clone()
                    value=value
                    aria-describedby=about.clone()
                    prop:checked=is
                    on:change=move |_| chosen.set(value.to_owned())
                />
                <span class="radio-name">{*label}</span>
                <span class="radio-help" id=about>{*help}</span>
            </label>
        }
    };
    let all = options.iter().map(one).collect_view();
    html! { <fieldset class="radios"><legend>{name}</legend>{all}</fieldset> }
}

/// A box to tick, with a line that says what it means.
pub(crate) fn option(
    label: &'static str,
    help: &'static str,
    checked: Signal<bool>,
    set: impl Fn(bool) + 'static,
) -> Html {
    build_option(label, help, checked, Box::new(set))
}

fn build_option(
    label: &'static str,
    help: &'static str,
    checked: Signal<bool>,
    set: Box<dyn Fn(bool)>,
) -> Html {
    let about = fresh_id();
    let help = (!help.is_empty())
        .then(|| html! { <span class="radio-help" id=about.clone()>{help}</span> });
    html! {
        <label class="radio">
            <input
                type="checkbox"
                aria-describedby=about.clone()
                prop:checked=move || checked.get()
                on:change=move |event| set(event_target_checked(&event))
            />
            <span class="radio-name">{label}</span>
            {help}
        </label>
    }
}

/// A part of a page, with its heading.
pub(crate) fn section(title: &'static str, about: &'static str, content: Html) -> Html {
    let about = (!about.is_empty()).then(|| html! { <p class="section-about">{about}</p> });
    html! {
        <section class="card section">
            <div class="section-head"><h2>{title}</h2>{about}</div>
            <div class="section-body">{content}</div>
        </section>
    }
}
