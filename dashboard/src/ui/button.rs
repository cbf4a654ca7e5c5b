//! Buttons: with words, and with a picture alone.

use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;

/// A button with words, step by step: `Button::new("Save").primary().on(save)`.
pub(crate) struct Button {
    label: Signal<String>,
    picture: Option<Icon>,
    class: String,
    busy: Signal<bool>,
    off: Signal<bool>,
    testid: Option<&'static str>,
    submits: bool,
}

impl Button {
    /// A plain one that always says the same.
    pub(crate) fn new(label: &'static str) -> Self {
        Self::saying(Signal::stored(label.to_owned()))
    }

    /// A plain one whose words change.
    pub(crate) fn saying(label: Signal<String>) -> Self {
        Self {
            label,
            picture: None,
            class: "button".to_owned(),
            busy: Signal::stored(false),
            off: Signal::stored(false),
            testid: None,
            submits: false,
        }
    }

    fn also(mut self, class: &str) -> Self {
        self.class.push(' ');
        self.class.push_str(class);
        self
    }

    /// What one came for; one on a screen.
    pub(crate) fn primary(self) -> Self {
        self.also("primary")
    }

    /// What cannot be undone.
    pub(crate) fn danger(self) -> Self {
        self.also("danger")
    }

    /// Beside what matters more.
    pub(crate) fn quiet(self) -> Self {
        self.also("quiet")
    }

    /// Inside of a bar or a card.
    pub(crate) fn small(self) -> Self {
        self.also("small")
    }

    /// As wide as what it is in.
    pub(crate) fn wide(self) -> Self {
        self.also("wide")
    }

    /// With a picture before the words.
    pub(crate) fn icon(mut self, picture: Icon) -> Self {
        self.picture = Some(picture);
        self
    }

    /// Its picture turns while something is under way.
    pub(crate) fn busy(mut self, busy: Signal<bool>) -> Self {
        self.busy = busy;
        self
    }

    /// It cannot be pressed.
    pub(crate) fn off(mut self, off: Signal<bool>) -> Self {
        self.off = off;
        self
    }

    /// A name for journeys.
    pub(crate) fn testid(mut self, testid: &'static str) -> Self {
        self.testid = Some(testid);
        self
    }

    /// It sends the form that it is in.
    pub(crate) fn submits(mut self) -> Self {
        self.submits = true;
        self
    }

    /// The button; pressed, it does `act`.
    pub(crate) fn on(self, act: impl Fn() + 'static) -> Html {
        self.build(Box::new(act))
    }

    fn build(self, act: Box<dyn Fn()>) -> Html {
        let Self {
            label, busy, off, ..
        } = self;
        html! {
            <button
                type=if self.submits { "submit" } else { "button" }
                class=self.class
                class:busy=move || busy.get()
                disabled=move || off.get()
                data-testid=self.testid
                on:click=move |_| act()
            >
                {self.picture.map(icon)}
                {move || label.get()}
            </button>
        }
    }
}

/// A button that is only a picture; `name` says what it does.
pub(crate) fn icon_button(name: &'static str, picture: Icon, act: impl Fn() + 'static) -> Html {
    build_icon_button(name, picture, Box::new(act))
}

fn build_icon_button(name: &'static str, picture: Icon, act: Box<dyn Fn()>) -> Html {
    html! {
        <button type="button" class="icon-button" title=name aria-label=name on:click=move |_| act()>
            {icon(picture)}
        </button>
    }
}
