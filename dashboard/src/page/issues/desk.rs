//! What is known of the issues, and deciding about them.

use crate::app::App;
use crate::model::failure::Failure;
use crate::model::issues::deciding::{Act, acts, done, failed};
use crate::model::issues::list::find;
use crate::page::reports::{self, state::State};
use crate::page::sessions::in_popover;
use crate::platform;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::problem;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::id::SiteKey;
use sentiero_core::issue::{self, Decision, Fingerprint, Known};
use wasm_bindgen::JsCast as _;

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    state: StoredValue<State>,
    /// What is known, sorted by issue; none before it was read.
    pub(super) known: RwSignal<Option<Vec<Known>>>,
    /// It was read. What is decided changes what is known, but not this.
    pub(super) is_read: Memo<bool>,
    failure: RwSignal<Option<Failure>>,
    /// The issue that is being decided about.
    busy: RwSignal<Option<Fingerprint>>,
    /// The one that matters; none: all.
    wanted: Option<Fingerprint>,
}

impl Desk {
    /// Asks at once.
    pub(super) fn start(state: State, wanted: Option<Fingerprint>) -> Self {
        let known = RwSignal::new(None::<Vec<Known>>);
        let desk = Self {
            state: StoredValue::new(state),
            known,
            is_read: Memo::new(move |_| known.with(Option::is_some)),
            failure: RwSignal::new(None),
            busy: RwSignal::new(None),
            wanted,
        };
        desk.read();
        Effect::new(move |_| {
            if let Some(known) = state.app.decided.get() {
                desk.learn(known);
            }
        });
        desk
    }

    /// What is counted.
    pub(super) fn state(self) -> State {
        self.state.get_value()
    }

    /// Asks for everything again; what is there stays until there is an answer.
    pub(super) fn again(self) {
        self.state().ask();
        self.read();
    }

    fn read(self) {
        let state = self.state();
        let (app, site) = (state.app, state.site.get_value());
        spawn_local(async move {
            match app.client.issues(&site, self.wanted).await {
                Ok(known) => {
                    let _ = self.failure.try_set(None);
                    let _ = self.known.try_set(Some(known));
                }
                Err(failure) => {
                    app.heard(&failure);
                    let _ = self.failure.try_set(Some(failure));
                }
            }
        });
    }

    /// Why there is nothing to show.
    pub(super) fn failure(self) -> Option<Failure> {
        self.state().failure.get().or_else(|| self.failure.get())
    }

    pub(super) fn failed(self, failure: &Failure) -> Html {
        html! { <div class="card list-empty">{problem(failure, move || self.again())}</div> }
    }

    /// What is known of an issue.
    pub(super) fn of(self, issue: Fingerprint) -> Option<Known> {
        self.known
            .with(|known| known.as_ref().and_then(|known| find(known, issue)).cloned())
    }

    /// The keys that both screens have; `which` issue is meant.
    pub(super) fn on_key(
        self,
        event: &web_sys::KeyboardEvent,
        which: impl Fn() -> Option<Fingerprint>,
    ) {
        let is_command = event.ctrl_key() || event.meta_key() || event.alt_key();
        if platform::typing(event) || in_popover(event) || is_command {
            return;
        }
        let key = event.key();
        match key.as_str() {
            "u" => return self.state().app.undo(),
            "r" => return self.again(),
            _ => reports::on_key(self.state(), event),
        }
        let known = which().and_then(|issue| untrack(|| self.of(issue)));
        let Some(known) = known else { return };
        if let Some(act) = acts(known.state).into_iter().find(|act| act.key == key) {
            self.decide(known.issue, act.to);
        }
    }

    /// Decides, says so, and offers to take it back.
    fn decide(self, issue: Fingerprint, to: issue::State) {
        let before = untrack(|| self.of(issue)).map(|known| known.state);
        let (state, busy) = (self.state(), self.busy);
        decide(state.app, state.site.get_value(), (issue, to), before, busy);
    }

    /// Puts in what is known now. A row that goes takes the focus with it, unless it is moved on.
    fn learn(self, known: Known) {
        let next = next_row(known.issue);
        self.known.update(|all| {
            let Some(all) = all else { return };
            match all.binary_search_by_key(&known.issue, |one| one.issue) {
                Ok(place) => {
                    if let Some(own) = all.get_mut(place) {
                        *own = known;
                    }
                }
                Err(place) => all.insert(place, known),
            }
        });
        if let Some(next) = next {
            request_animation_frame(move || {
                let lost = platform::document()
                    .and_then(|document| document.active_element())
                    .is_none_or(|active| active.tag_name() == "BODY");
                if lost {
                    let _ = next.focus();
                }
            });
        }
    }

    /// The buttons that decide about an issue; pictures alone, in a row of many.
    pub(super) fn buttons(self, known: &Known, in_row: bool) -> Html {
        let issue = known.issue;
        let title = known.title.clone();
        let one = move |Act { to, name, key }: Act| {
            let picture = picture(to);
            let busy = move || self.busy.get() == Some(issue);
            let class = match (in_row, to) {
                (true, _) => "icon-button",
                (false, issue::State::Resolved) => "button primary",
                (false, _) => "button",
            };
            let label = format!("{name}: {title}");
            let label = in_row.then_some(label);
            let words = (!in_row).then_some(name);
            html! {
                <button type="button" class=class class:busy=busy title=format!("{name} ({})", key.to_uppercase()) aria-label=label data-testid=format!("{}-issue", name.to_lowercase()) on:click=move |_| self.decide(issue, to)>
                    {icon(picture)}{words}
                </button>
            }
        };
        html! { {acts(known.state).map(one).into_iter().collect_view()} }
    }
}

/// Has an issue be what somebody decided, and says so. Taken back, it is what it was `before`:
/// also when the screen is another by then, so nothing of a screen is needed.
fn decide(
    app: App,
    site: SiteKey,
    (issue, to): (Fingerprint, issue::State),
    before: Option<issue::State>,
    busy: RwSignal<Option<Fingerprint>>,
) {
    if busy.try_get_untracked().flatten().is_some() {
        return;
    }
    let _ = busy.try_set(Some(issue));
    spawn_local(async move {
        let decision = Decision { state: to };
        let answer = app
            .client
            .decide(&site, issue, &decision, &app.csrf())
            .await;
        let _ = busy.try_set(None);
        let known = match answer {
            Ok(known) => known,
            Err(failure) => {
                app.heard(&failure);
                return app.say(&failed(&failure));
            }
        };
        let said = done(&known);
        app.decided.set(Some(known));
        let Some(before) = before else {
            return app.say(&said);
        };
        let back = move |()| decide(app, site.clone(), (issue, before), None, busy);
        app.say_done(said, Callback::new(back));
    });
}

/// The link of the row that takes the place of that of `issue`, if that has the focus.
fn next_row(issue: Fingerprint) -> Option<web_sys::HtmlElement> {
    let active = platform::document()?.active_element()?;
    let row = active.closest("tr[data-issue]").ok()??;
    if row.get_attribute("data-issue")? != issue.text() {
        return None;
    }
    let beside = row
        .next_element_sibling()
        .or_else(|| row.previous_element_sibling())?;
    let link = beside.query_selector(".row-link").ok()??;
    link.dyn_into().ok()
}

/// The picture of a state.
pub(super) fn picture(state: issue::State) -> Icon {
    match state {
        issue::State::Open => Icon::Replay,
        issue::State::Resolved => Icon::Check,
        issue::State::Ignored => Icon::EyeOff,
    }
}
