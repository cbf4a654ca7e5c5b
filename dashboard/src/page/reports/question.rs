//! What a report is asked, above its answer: the page, the goal, the steps.

use super::known::Known;
use super::state::State;
use super::{compare, funnel};
use crate::model::report::asking::{self, conversions};
use crate::model::report::steps::{Draft, KINDS};
use crate::model::report::{Name, device, kind_name, known_events};
use crate::ui::Button;
use crate::ui::field::{Field, select, suggesting};
use crate::ui::html::{Html, html};
use leptos::prelude::*;
use sentiero_core::analytics::report::heatmap::Kind;
use sentiero_core::analytics::report::overview::Every;
use sentiero_core::analytics::report::{Device, Limit, Question, paths};

pub(super) fn view(state: State, name: Name) -> Html {
    match name {
        Name::Page | Name::Paths | Name::Heatmap => page(state, name),
        Name::Conversions => goal(state),
        Name::Events => event(state),
        Name::Funnel => funnel::view(state),
        _ => Html::empty(),
    }
}

/// What stands at the end of the bar.
pub(super) fn at_end(state: State, name: Name) -> Html {
    let every = (name == Name::Overview).then(|| every(state));
    html! { {every}{compare::view(state)} }
}

fn every(state: State) -> Html {
    let chosen = Signal::derive(move || {
        state.asking.with(|asking| match &asking.question {
            Some(Question::Overview { every, .. }) => every.name().to_owned(),
            _ => Every::default().name().to_owned(),
        })
    });
    let options = [("day", "By day"), ("week", "By week")];
    let options = options.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let choose = move |word: String| {
        let every = Every::parse(&word).unwrap_or_default();
        let top = Limit::default();
        state.go(&state
            .asking
            .get_untracked()
            .asks(Question::Overview { every, top }));
    };
    select("Stretches of time", options.to_vec(), chosen, choose)
}

fn page(state: State, name: Name) -> Html {
    // Not the whole of the address: who narrows the sessions keeps what is typed.
    let asked = Memo::new(move |_| {
        state.asking.with(|asking| match &asking.question {
            Some(Question::Page(asked)) => asked.page.clone(),
            Some(Question::Heatmap(asked)) => asked.page.clone(),
            Some(Question::Paths(asked)) => asked.page.clone().unwrap_or_default(),
            _ => String::new(),
        })
    });
    let value = RwSignal::new(asked.get_untracked());
    // The address can change by other means: the browser's back button.
    Effect::new(move |_| value.set(asked.get()));
    let wrong = RwSignal::new(None::<String>);
    let shows = Memo::new(move |_| {
        state.asking.with(|asking| match &asking.question {
            Some(Question::Heatmap(asked)) => (asked.kind, asked.on),
            _ => (Kind::default(), Device::Desktop),
        })
    });
    let go = move |kind: Kind, on: Device| {
        let page = value.get_untracked().trim().to_owned();
        let current = state.asking.get_untracked();
        if name == Name::Paths {
            let depth = match &current.question {
                Some(Question::Paths(asked)) => asked.depth,
                _ => paths::DEPTH,
            };
            let page = (!page.is_empty()).then_some(page);
            let top = Limit::default();
            return state.go(&current.asks(Question::Paths(paths::Asked { page, depth, top })));
        }
        if page.is_empty() {
            wrong.set(Some("Say which page.".to_owned()));
            return;
        }
        wrong.set(None);
        let question = match name {
            Name::Page => asking::page(&page),
            _ => asking::heatmap(&page, kind, on),
        };
        state.go(&current.asks(question));
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (kind, on) = shows.get_untracked();
        go(kind, on);
    };
    let choices = (name == Name::Heatmap).then(|| {
        let kinds = Kind::ALL.map(|kind| (kind.name().to_owned(), kind_name(kind).to_owned()));
        let devices = Device::ALL.map(|on| (on.name().to_owned(), device(on).to_owned()));
        let kind = Signal::derive(move || shows.get().0.name().to_owned());
        let on = Signal::derive(move || shows.get().1.name().to_owned());
        html! {
            {select("What is drawn", kinds.to_vec(), kind, move |word| go(Kind::parse(&word).unwrap_or_default(), shows.get_untracked().1))}
            {select("Device", devices.to_vec(), on, move |word| go(shows.get_untracked().0, Device::parse(&word).unwrap_or_default()))}
        }
    });
    let label = if name == Name::Paths {
        "Begin at page"
    } else {
        "Page"
    };
    html! {
        <form class="question" on:submit=submit>
            {suggesting(&Field { label, help: "", placeholder: if name == Name::Paths { "each session's first" } else { "/checkout" }, kind: "text", value, wrong: wrong.into() }, Known::start(state).pages())}
            {choices}
            {Button::new("Show").submits().on(|| {})}
        </form>
    }
}

/// Of which event days and occurrences are shown; of none if it is not said.
fn event(state: State) -> Html {
    let asked = Memo::new(move |_| {
        state.asking.with(|asking| match &asking.question {
            Some(Question::Events(asked)) => asked.tag.clone().unwrap_or_default(),
            _ => String::new(),
        })
    });
    let value = RwSignal::new(asked.get_untracked());
    Effect::new(move |_| value.set(asked.get()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let question = asking::events(value.get_untracked().trim());
        state.go(&state.asking.get_untracked().asks(question));
    };
    let wrong = RwSignal::new(None::<String>);
    let known = Signal::derive(move || {
        state.answer.with(|answer| {
            let answer = answer.as_ref().map(|answered| &answered.answer);
            answer.map(known_events).unwrap_or_default()
        })
    });
    html! {
        <form class="question" on:submit=submit>
            {suggesting(&Field { label: "Days of event", help: "", placeholder: "all events", kind: "text", value, wrong: wrong.into() }, known)}
            {Button::new("Show").submits().on(|| {})}
        </form>
    }
}

/// The kinds of steps, to choose from.
pub(super) fn kinds(chosen: Signal<String>, choose: impl Fn(String) + 'static) -> Html {
    let options = KINDS.map(|(word, name, _)| (word.to_owned(), name.to_owned()));
    select("Kind of step", options.to_vec(), chosen, choose)
}

fn goal(state: State) -> Html {
    let kind = RwSignal::new(Draft::new("page").kind);
    let value = RwSignal::new(String::new());
    let asked = Memo::new(move |_| {
        state.asking.with(|asking| match &asking.question {
            Some(Question::Conversions(asked)) => Draft::of(&asked.goal),
            _ => Draft::new("page"),
        })
    });
    Effect::new(move |_| {
        let draft = asked.get();
        kind.set(draft.kind);
        value.set(draft.text);
    });
    let wrong = RwSignal::new(None::<String>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let draft = Draft {
            kind: kind.get_untracked(),
            text: value.get_untracked(),
        };
        match draft.step() {
            Ok(step) => {
                wrong.set(None);
                state.go(&state.asking.get_untracked().asks(conversions(step)));
            }
            Err(said) => wrong.set(Some(said)),
        }
    };
    let word = Signal::derive(move || kind.get().to_owned());
    let known = Known::start(state).of(word, Callback::new(|()| Vec::new()));
    html! {
        <form class="question" on:submit=submit>
            {kinds(word, move |word| kind.set(Draft::new(&word).kind))}
            {suggesting(&Field { label: "Goal", help: "", placeholder: "/thanks", kind: "text", value, wrong: wrong.into() }, known)}
            {Button::new("Show").primary().submits().on(|| {})}
        </form>
    }
}
