//! Something chosen from a list that typing narrows.

use crate::model::choices::{Choice, narrow};
use crate::platform;
use crate::ui::field::search;
use crate::ui::fresh_id;
use crate::ui::html::{Html, html};
use leptos::html;
use leptos::prelude::*;

/// What a combobox is made of.
pub(crate) struct Combobox {
    /// Its name, said and not shown.
    pub(crate) name: &'static str,
    /// What stands in it while it is empty.
    pub(crate) placeholder: &'static str,
    /// What can be chosen; none while it is not known yet.
    pub(crate) choices: Signal<Option<Vec<Choice>>>,
    /// What is typed can be chosen, too.
    pub(crate) free: bool,
}

/// The combobox; `pick` gets the value of what was chosen.
pub(crate) fn combobox(combobox: &Combobox, pick: impl Fn(String) + Send + Sync + 'static) -> Html {
    build(combobox, std::sync::Arc::new(pick))
}

type Pick = std::sync::Arc<dyn Fn(String) + Send + Sync>;

fn build(combobox: &Combobox, pick: Pick) -> Html {
    let Combobox {
        name,
        placeholder,
        choices,
        free,
    } = *combobox;
    let (list, typed, active) = (fresh_id(), RwSignal::new(String::new()), RwSignal::new(0));
    let field = NodeRef::<html::Input>::new();
    let shown = Memo::new(move |_| {
        let choices = choices.get().unwrap_or_default();
        typed.with(|typed| narrow(&choices, typed, free))
    });
    // It comes where something else was, and one goes on typing.
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    // What one typed for is the first.
    Effect::new(move |_| {
        typed.track();
        active.set(0);
    });
    Effect::new({
        let list = list.clone();
        move |_| {
            let Some(field) = field.get() else { return };
            let _ = field.set_attribute("role", "combobox");
            let _ = field.set_attribute("aria-controls", &list);
            let _ = field.set_attribute("aria-expanded", "true");
            let _ = field.set_attribute("aria-autocomplete", "list");
            let at = active.get();
            if shown.with(Vec::is_empty) {
                let _ = field.remove_attribute("aria-activedescendant");
            } else {
                let id = format!("{list}-{at}");
                let _ = field.set_attribute("aria-activedescendant", &id);
                platform::reveal(&id);
            }
        }
    });
    let chosen = pick.clone();
    let on_key = move |event: web_sys::KeyboardEvent| {
        let count = shown.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => active.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => active.update(|at| *at = (*at + count - 1) % count),
            "Enter" => {
                let value = shown.with_untracked(|shown| {
                    shown
                        .get(active.get_untracked())
                        .map(|choice| choice.value.clone())
                });
                if let Some(value) = value {
                    chosen(value);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let id = list.clone();
    let options = move || {
        let shown = shown.get();
        if shown.is_empty() {
            let said = if choices.with(Option::is_none) {
                "Loading…"
            } else if typed.with(String::is_empty) {
                "Nothing to choose from"
            } else {
                "Nothing matches"
            };
            return html! { <p class="nothing" role="status">{said}</p> };
        }
        let line = |(at, choice): (usize, Choice)| option(&id, at, active, choice, pick.clone());
        html! {
            <div role="listbox" id=id.clone() aria-label=name>
                {shown.into_iter().enumerate().map(line).collect_view()}
            </div>
        }
    };
    html! {
        <div class="combobox" on:keydown=on_key>
            {search(name, placeholder, typed, field)}
            <div class="options">{options}</div>
        </div>
    }
}

fn option(list: &str, at: usize, active: RwSignal<usize>, choice: Choice, pick: Pick) -> Html {
    let Choice { value, label, hint } = choice;
    let hint = (!hint.is_empty()).then(|| html! { <span class="aside">{hint}</span> });
    html! {
        <div
            class="option"
            role="option"
            id=format!("{list}-{at}")
            class:active=move || active.get() == at
            aria-selected=move || (active.get() == at).to_string()
            on:mousemove=move |_| { if active.get_untracked() != at { active.set(at); } }
            // The field keeps the focus: one may go on typing.
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| pick(value.clone())
        >
            <span>{label}</span>
            {hint}
        </div>
    }
}
