//! What opens beside a button and goes away by itself: popovers and menus.

use crate::model::number;
use crate::platform;
use crate::ui::focus_step;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use leptos::{ev, html};
use std::sync::Arc;
use wasm_bindgen::JsCast as _;

/// How near a popover may come to an edge of the window, px.
const EDGE: f64 = 8.0;

/// Where the focus goes when it opens.
const FIRST: &str = ".menu-item[aria-checked=true], input, .menu-item, button:not([role=radio]), a";

/// `trigger` and, while `open`, `body` below it. It closes by Escape, by a press
/// elsewhere and when the focus leaves. When it closes for any other reason, be
/// it Escape or that something was chosen, the focus is where it was.
pub(crate) fn popover(
    open: RwSignal<bool>,
    class: &'static str,
    trigger: Html,
    body: impl Fn() -> Html + Send + Sync + 'static,
) -> Html {
    build(open, class, trigger, Arc::new(body))
}

type Body = Arc<dyn Fn() -> Html + Send + Sync>;

fn build(open: RwSignal<bool>, class: &'static str, trigger: Html, body: Body) -> Html {
    let root = NodeRef::<html::Div>::new();
    // Somebody goes elsewhere, and must not be held back.
    let left = StoredValue::new(false);
    let leave = move || {
        let _ = left.try_set_value(true);
        let _ = open.try_set(false);
    };
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let inside = holds(root, event.target());
        if open.try_get_untracked() == Some(true) && !inside {
            leave();
        }
    });
    on_cleanup(move || outside.remove());
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now && !left.get_value() {
            focus_trigger(root);
        }
        left.set_value(false);
        now
    });
    html! {
        <div
            class=format!("popover {class}")
            node_ref=root
            on:keydown=move |event| on_key(open, &event)
            on:focusout=move |event| {
                if event.related_target().is_some() && !holds(root, event.related_target()) {
                    leave();
                }
            }
        >
            {trigger}
            {move || open.get().then(|| panel(&*body))}
        </div>
    }
}

fn panel(content: &(dyn Fn() -> Html + Send + Sync)) -> Html {
    let body = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(body) = body.get() else { return };
        keep_inside(&body);
        platform::focus_in(&body, FIRST);
    });
    // It can have the focus itself: a press on what cannot must not lead it to what is behind,
    // or the popover would close before the press is over.
    html! { <div class="popover-body" tabindex="-1" node_ref=body>{content()}</div> }
}

/// What opens near the right edge moves to the left, as far as it must: else
/// the page would scroll sideways.
fn keep_inside(body: &web_sys::HtmlElement) {
    let Some(root) = platform::document().and_then(|document| document.document_element()) else {
        return;
    };
    let bounds = body.get_bounding_client_rect();
    let beyond = bounds.right() + EDGE - f64::from(root.client_width());
    let shift = beyond.min(bounds.left() - EDGE).max(0.0);
    if shift > 0.0 {
        let style = format!("margin-left:-{}px", number::whole(shift.ceil()));
        let _ = body.set_attribute("style", &style);
    }
}

fn holds(root: NodeRef<html::Div>, target: Option<web_sys::EventTarget>) -> bool {
    let node = target.and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    root.try_get_untracked()
        .flatten()
        .is_some_and(|root| root.contains(node.as_ref()))
}

fn on_key(open: RwSignal<bool>, event: &web_sys::KeyboardEvent) {
    if !open.get_untracked() {
        return;
    }
    if event.key() == "Escape" {
        event.prevent_default();
        event.stop_propagation();
        open.set(false);
        return;
    }
    focus_step(event, ".menu-item");
}

/// The focus goes to the button that opened it, unless a dialog has it by now.
fn focus_trigger(root: NodeRef<html::Div>) {
    let active = platform::document().and_then(|document| document.active_element());
    let in_dialog = active.is_some_and(|active| active.closest("dialog").ok().flatten().is_some());
    if let Some(root) = root.get_untracked().filter(|_| !in_dialog) {
        platform::focus_in(&root, "button");
    }
}

/// A button that opens a popover.
pub(crate) fn opener(
    open: RwSignal<bool>,
    label: Signal<String>,
    picture: Option<Icon>,
    class: &'static str,
    testid: &'static str,
) -> Html {
    html! {
        <button
            type="button"
            class=format!("button {class}")
            aria-haspopup="true"
            aria-expanded=move || open.get().to_string()
            data-testid=testid
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {picture.map(icon)}
            <span>{move || label.get()}</span>
            <svg class="caret icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M7 10l5 5 5-5"></path></svg>
        </button>
    }
}

/// One line of a menu.
pub(crate) struct Item {
    /// What it says.
    pub(crate) label: String,
    /// The picture before it.
    pub(crate) picture: Option<Icon>,
    /// What is said beside it; empty: nothing.
    pub(crate) hint: String,
    /// Whether it is the chosen one, where one is.
    pub(crate) chosen: Option<bool>,
    /// It takes something away.
    pub(crate) bad: bool,
}

impl Item {
    /// A line that does something.
    pub(crate) fn new(label: &str, picture: Icon) -> Self {
        Self {
            label: label.to_owned(),
            picture: Some(picture),
            hint: String::new(),
            chosen: None,
            bad: false,
        }
    }

    /// A line that is one of several to choose.
    pub(crate) fn choice(label: &str, chosen: bool) -> Self {
        Self {
            label: label.to_owned(),
            picture: None,
            hint: String::new(),
            chosen: Some(chosen),
            bad: false,
        }
    }

    /// With something said beside it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// It takes something away.
    pub(crate) fn bad(mut self) -> Self {
        self.bad = true;
        self
    }

    /// The line; chosen, it closes the menu and does `act`.
    pub(crate) fn on(self, open: RwSignal<bool>, act: impl Fn() + 'static) -> Html {
        self.build(open, Box::new(act))
    }

    fn build(self, open: RwSignal<bool>, act: Box<dyn Fn()>) -> Html {
        let role = if self.chosen.is_some() {
            "menuitemradio"
        } else {
            "menuitem"
        };
        let mark = self.chosen.map(|chosen| {
            if chosen {
                icon(Icon::Check)
            } else {
                html! { <span class="menu-mark"></span> }
            }
        });
        let hint =
            (!self.hint.is_empty()).then(|| html! { <span class="aside">{self.hint}</span> });
        html! {
            <button
                type="button"
                class="menu-item"
                class:bad=self.bad
                role=role
                tabindex="-1"
                aria-checked=self.chosen.map(|chosen| chosen.to_string())
                on:click=move |_| { open.set(false); act(); }
            >
                {mark}
                {self.picture.map(icon)}
                <span>{self.label}</span>
                {hint}
            </button>
        }
    }
}

/// The lines of a menu.
pub(crate) fn menu(name: &'static str, items: Vec<Html>) -> Html {
    html! { <div role="menu" aria-label=name>{items.into_iter().collect_view()}</div> }
}

/// Between two groups of a menu.
pub(crate) fn menu_line() -> Html {
    html! { <hr class="menu-line"/> }
}
