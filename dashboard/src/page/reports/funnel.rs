//! The steps of a funnel: added, changed, moved, taken away.

use super::known::Known;
use super::question::kinds;
use super::state::State;
use crate::model::report::asking::funnel;
use crate::model::report::steps::{Draft, KINDS, steps};
use crate::model::text;
use crate::ui::field::{Field, field, suggesting};
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::{Button, icon_button};
use leptos::prelude::*;
use sentiero_core::analytics::report::funnel::Asked;
use sentiero_core::analytics::report::{MAX_STEPS, MAX_WITHIN, Question};

/// A line of the editor. `key` stays when lines move, so that the focus does.
#[derive(Clone, Copy)]
struct Line {
    key: u32,
    kind: RwSignal<&'static str>,
    text: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
}

impl Line {
    fn new(key: u32, draft: Draft) -> Self {
        Self {
            key,
            kind: RwSignal::new(draft.kind),
            text: RwSignal::new(draft.text),
            wrong: RwSignal::new(None),
        }
    }

    fn draft(self) -> Draft {
        Draft {
            kind: self.kind.get_untracked(),
            text: self.text.get_untracked(),
        }
    }
}

#[derive(Clone, Copy)]
struct Editor {
    state: State,
    lines: RwSignal<Vec<Line>>,
    /// What can be asked for.
    known: Known,
    next: StoredValue<u32>,
    /// Who holds what lines hold: not the effect or the press that makes a line.
    owner: StoredValue<Option<Owner>>,
    within: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
}

pub(super) fn view(state: State) -> Html {
    let editor = Editor {
        state,
        lines: RwSignal::new(Vec::new()),
        known: Known::start(state),
        next: StoredValue::new(0),
        owner: StoredValue::new(Owner::current()),
        within: RwSignal::new(String::new()),
        wrong: RwSignal::new(None),
    };
    // Not the whole of the address: who narrows the sessions keeps what is typed.
    let asked = Memo::new(move |_| {
        state.asking.with(|asking| match &asking.question {
            Some(Question::Funnel(asked)) => Some(asked.clone()),
            _ => None,
        })
    });
    // Also when the address changes by other means, like the browser's back button.
    Effect::new(move |_| editor.follow(asked.get()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        editor.show();
    };
    let full = Signal::derive(move || editor.lines.with(Vec::len) >= MAX_STEPS);
    html! {
        <form class="question funnel-steps card" on:submit=submit>
            <ol>
                <For each=move || editor.lines.get() key=|line| line.key children=move |line| editor.line(line)/>
            </ol>
            <div class="question">
                {Button::new("Add step").small().icon(Icon::Plus).off(full).testid("add-step").on(move || editor.add())}
                {field(&Field { label: "All within", help: "", placeholder: "any time", kind: "text", value: editor.within, wrong: editor.wrong.into() })}
                {Button::new("Show").primary().submits().testid("show-funnel").on(|| {})}
            </div>
        </form>
    }
}

impl Editor {
    fn line(self, line: Line) -> Html {
        let place = move || {
            let lines = self.lines.get();
            lines
                .iter()
                .position(|other| other.key == line.key)
                .map_or(0, |place| place + 1)
        };
        let word = Signal::derive(move || line.kind.get().to_owned());
        let known = self.known.of(word, Callback::new(move |()| self.pages()));
        let words = move || {
            let kind = line.kind.get();
            let example = KINDS.iter().find(|(word, ..)| *word == kind);
            let field = Field {
                label: "Step",
                help: "",
                placeholder: example.map_or("", |(.., example)| example),
                kind: "text",
                value: line.text,
                wrong: line.wrong.into(),
            };
            suggesting(&field, known)
        };
        html! {
            <li>
                <b>{move || format!("{}.", place())}</b>
                {kinds(word, move |word| line.kind.set(Draft::new(&word).kind))}
                {words}
                {icon_button("Move up", Icon::Up, move || self.lift(line.key))}
                {icon_button("Take away", Icon::Close, move || self.lines.update(|lines| lines.retain(|other| other.key != line.key)))}
            </li>
        }
    }

    /// Shows what was asked, unless that is what stands there.
    fn follow(self, asked: Option<Asked>) {
        let drafts = self.drafts();
        let Some(Asked {
            steps: asked,
            within,
        }) = asked
        else {
            if drafts.is_empty() {
                self.fill(vec![Draft::new("page"), Draft::new("page")]);
            }
            return;
        };
        let within = within.map_or_else(String::new, |within| text::exact_duration(within.into()));
        self.within.set(within);
        if steps(&drafts).as_ref() != Ok(&asked) {
            self.fill(asked.iter().map(Draft::of).collect());
        }
    }

    fn fill(self, drafts: Vec<Draft>) {
        let lines = drafts.into_iter().map(|draft| self.made(draft));
        self.lines.set(lines.collect());
    }

    fn drafts(self) -> Vec<Draft> {
        self.lines
            .with_untracked(|lines| lines.iter().map(|line| line.draft()).collect())
    }

    /// The pages of its steps; who calls this hears of changes.
    fn pages(self) -> Vec<String> {
        let lines = self.lines.get().into_iter();
        let pages = lines.filter(|line| line.kind.get() == "page");
        pages.map(|line| line.text.get()).collect()
    }

    fn made(self, draft: Draft) -> Line {
        let key = self.next.get_value();
        self.next.set_value(key.saturating_add(1));
        let make = || Line::new(key, draft);
        match self.owner.get_value() {
            Some(owner) => owner.with(make),
            None => make(),
        }
    }

    fn add(self) {
        let line = self.made(Draft::new("page"));
        self.lines.update(|lines| lines.push(line));
    }

    fn lift(self, key: u32) {
        self.lines.update(|lines| {
            let place = lines.iter().position(|line| line.key == key);
            if let Some(place) = place.filter(|place| *place > 0) {
                lines.swap(place, place - 1);
            }
        });
    }

    /// Shows the funnel, or says what is wrong at the step that is.
    fn show(self) {
        let lines = self.lines.get_untracked();
        for line in &lines {
            line.wrong.set(None);
        }
        self.wrong.set(None);
        let steps = match steps(&self.drafts()) {
            Ok(steps) => steps,
            Err((place, said)) => {
                match lines.get(place) {
                    Some(line) => line.wrong.set(Some(said)),
                    None => self.state.app.say(&said),
                }
                return;
            }
        };
        let typed = self.within.get_untracked();
        let within = match typed.trim() {
            "" => None,
            typed => {
                let most = u64::from(MAX_WITHIN) * 1_000;
                let length =
                    text::parse_duration(typed).filter(|length| (1_000..=most).contains(length));
                let Some(length) = length.and_then(|length| u32::try_from(length).ok()) else {
                    self.wrong.set(Some(
                        "Write a length of time like 45s, 30m or 24h, 24 hours at most.".to_owned(),
                    ));
                    return;
                };
                Some(length)
            }
        };
        self.state.go(&self
            .state
            .asking
            .get_untracked()
            .asks(funnel(steps, within)));
    }
}
