//! What is filled in, ticked and switched.
//!
//! What is generic only puts a closure into a box: markup is large, and is compiled once
//! for each type of closure in it.

use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::{focus_step, fresh_id};
use leptos::html;
use leptos::prelude::*;

/// A field with its name above, and below what helps or what is wrong.
pub(crate) struct Field {
    /// Its name.
    pub(crate) label: &'static str,
    /// A line that helps; empty: none.
    pub(crate) help: &'static str,
    /// What it looks like when filled in.
    pub(crate) placeholder: &'static str,
    /// `text`, `number`, `date`, `search`.
    pub(crate) kind: &'static str,
    /// What is in it.
    pub(crate) value: RwSignal<String>,
    /// Why what is in it cannot be used.
    pub(crate) wrong: Signal<Option<String>>,
}

/// A field for a line of text.
pub(crate) fn field(field: &Field) -> Html {
    build_field(field, None)
}

/// The same, where the browser offers what is known to fit; anything else can be typed, too.
pub(crate) fn suggesting(field: &Field, known: Signal<Vec<String>>) -> Html {
    build_field(field, Some(known))
}

fn build_field(field: &Field, known: Option<Signal<Vec<String>>>) -> Html {
    let Field {
        label,
        help,
        placeholder,
        kind,
        value,
        wrong,
    } = *field;
    let (id, about) = (fresh_id(), fresh_id());
    // Off, some browsers offer nothing at all.
    let alone = known.is_none();
    let list = known.map(|known| (fresh_id(), known));
    let offered = list.clone().map(|(id, known)| {
        let options = move || {
            let all = known.get().into_iter();
            all.map(|value| html! { <option value=value></option> })
                .collect_view()
        };
        html! { <datalist id=id>{options}</datalist> }
    });
    html! {
        <div class="field">
            <label class="label" for=id.clone()>{label}</label>
            <input
                class="input"
                id=id
                type=kind
                placeholder=placeholder
                autocomplete=alone.then_some("off")
                spellcheck="false"
                list=list.map(|(id, _)| id)
                aria-describedby=about.clone()
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {offered}
            {below(about, help, wrong)}
        </div>
    }
}

/// What stands below a field: what is wrong with it, or else what helps.
pub(super) fn below(id: String, help: &'static str, wrong: Signal<Option<String>>) -> Html {
    let said = move || match (wrong.get(), help) {
        (Some(wrong), _) => Some(html! { <p class="wrong" role="alert">{wrong}</p> }),
        (None, "") => None,
        (None, help) => Some(html! { <p class="help">{help}</p> }),
    };
    html! { <div id=id>{said}</div> }
}

/// A field to search in; `name` is said, not shown.
pub(crate) fn search(
    name: &'static str,
    placeholder: &'static str,
    value: RwSignal<String>,
    field: NodeRef<html::Input>,
) -> Html {
    html! {
        <label class="search">
            {icon(Icon::Search)}
            <input
                type="search"
                aria-label=name
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                node_ref=field
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
}

/// A box to tick, with words.
pub(crate) fn checkbox(
    label: &'static str,
    checked: Signal<bool>,
    set: impl Fn(bool) + 'static,
) -> Html {
    build_checkbox(label, checked, Box::new(set))
}

fn build_checkbox(label: &'static str, checked: Signal<bool>, set: Box<dyn Fn(bool)>) -> Html {
    html! {
        <label class="check">
            <input type="checkbox" prop:checked=move || checked.get() on:change=move |event| set(event_target_checked(&event))/>
            {label}
        </label>
    }
}

/// Something that is on or off at once; `rest` of its label is left out where
/// there is little room.
pub(crate) fn switch(
    label: &'static str,
    rest: &'static str,
    title: &'static str,
    on: Signal<bool>,
    flip: impl Fn() + 'static,
) -> Html {
    build_switch(label, rest, title, on, Box::new(flip))
}

fn build_switch(
    label: &'static str,
    rest: &'static str,
    title: &'static str,
    on: Signal<bool>,
    flip: Box<dyn Fn()>,
) -> Html {
    html! {
        <button
            type="button"
            class="switch"
            role="switch"
            aria-checked=move || on.get().to_string()
            title=title
            on:click=move |_| flip()
        >
            <span class="switch-knob"></span>
            <span>{label}<span class="if-wide">{rest}</span></span>
        </button>
    }
}

/// A condition that is set or not.
pub(crate) fn toggle(
    label: &'static str,
    picture: Icon,
    on: Signal<bool>,
    flip: impl Fn() + 'static,
) -> Html {
    build_toggle(label, picture, on, Box::new(flip))
}

fn build_toggle(label: &'static str, picture: Icon, on: Signal<bool>, flip: Box<dyn Fn()>) -> Html {
    html! {
        <button type="button" class="toggle" aria-pressed=move || on.get().to_string() on:click=move |_| flip()>
            {icon(picture)}
            {label}
        </button>
    }
}

/// One of several, chosen from a list that the browser shows.
pub(crate) fn select(
    name: &'static str,
    options: Vec<(String, String)>,
    chosen: Signal<String>,
    choose: impl Fn(String) + 'static,
) -> Html {
    build_select(name, options, chosen, Box::new(choose))
}

fn build_select(
    name: &'static str,
    options: Vec<(String, String)>,
    chosen: Signal<String>,
    choose: Box<dyn Fn(String)>,
) -> Html {
    let options = options.into_iter().map(|(value, label)| {
        let own = value.clone();
        html! { <option value=value selected=move || chosen.get() == own>{label}</option> }
    });
    html! {
        <select
            class="select"
            aria-label=name
            prop:value=move || chosen.get()
            on:change=move |event| choose(event_target_value(&event))
        >
            {options.collect_view()}
        </select>
    }
}

/// One of a few, all in sight.
pub(crate) fn segmented(
    name: &'static str,
    options: &[(&'static str, &'static str)],
    chosen: RwSignal<&'static str>,
) -> Html {
    let one = |(value, label): &(&'static str, &'static str)| {
        let value = *value;
        let is = move || chosen.get() == value;
        html! {
            <button
                type="button"
                role="radio"
                aria-checked=move || is().to_string()
                tabindex=move || if is() { "0" } else { "-1" }
                on:click=move |_| chosen.set(value)
                on:focus=move |_| chosen.set(value)
            >
                {*label}
            </button>
        }
    };
    let all = options.iter().map(one).collect_view();
    html! {
        <div class="segmented" role="radiogroup" aria-label=name on:keydown=|event| focus_step(&event, "[role=radio]")>{all}</div>
    }
}

/// A panel that is chosen by its name.
pub(crate) struct Tab {
    /// What is chosen with it; `data-testid` is `pane-` and this.
    pub(crate) value: &'static str,
    /// Its name.
    pub(crate) label: &'static str,
    /// The id of where it shows.
    pub(crate) panel: String,
    /// How much there is in it.
    pub(crate) count: Signal<Option<String>>,
    /// None of it would be better.
    pub(crate) bad: bool,
}

impl Tab {
    /// One that does not say how much is in it.
    pub(crate) fn new(value: &'static str, label: &'static str, panel: &str) -> Self {
        Self {
            value,
            label,
            panel: panel.to_owned(),
            count: Signal::stored(None),
            bad: false,
        }
    }
}

/// One of several panels. The arrows choose, as tabs do; who else listens to them does
/// not hear of it.
pub(crate) fn tab_list(name: &'static str, tabs: Vec<Tab>, chosen: RwSignal<&'static str>) -> Html {
    let all = tabs.into_iter().map(|tab| build_tab(tab, chosen));
    let step = |event: web_sys::KeyboardEvent| {
        focus_step(&event, "[role=tab]");
        if event.default_prevented() {
            event.stop_propagation();
        }
    };
    html! {
        <div class="tab-list" role="tablist" aria-label=name on:keydown=step>{all.collect_view()}</div>
    }
}

fn build_tab(tab: Tab, chosen: RwSignal<&'static str>) -> Html {
    let Tab {
        value,
        label,
        panel,
        count,
        bad,
    } = tab;
    let is = move || chosen.get() == value;
    let badge = move || {
        let class = if bad { "tab-count bad" } else { "tab-count" };
        Some(html! { <span class=class>{count.get()?}</span> })
    };
    html! {
        <button
            type="button"
            role="tab"
            data-testid=format!("pane-{value}")
            aria-selected=move || is().to_string()
            aria-controls=panel
            tabindex=move || if is() { "0" } else { "-1" }
            on:click=move |_| chosen.set(value)
            on:focus=move |_| chosen.set(value)
        >
            {label}
            {badge}
        </button>
    }
}
