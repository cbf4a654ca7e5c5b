//! Deleting sessions: what is lost, the number to type, how far it is, the receipt.

use super::export::Saving;
use super::list::List;
use crate::app::Auth;
use crate::model::erasing::{Doomed, all, is_typed, lost, to_type};
use crate::model::failure::Failure;
use crate::model::text;
use crate::platform;
use crate::ui::Button;
use crate::ui::dialog::dialog as frame;
use crate::ui::field::{Field, field};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::message::{Tone, note, progress};
use crate::ui::popover::{Item, menu as lines, menu_line, popover};
use gloo_timers::future::sleep;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::erasure::Receipt;
use sentiero_core::id::SessionId;
use sentiero_core::listing::file::Form;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often the receipt of a deletion is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A deletion that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Progress {
    receipt: Receipt,
    /// The receipt cannot be read any more.
    lost: Option<Failure>,
}

/// The menu behind the three dots.
pub(super) fn menu(list: List, saving: Saving) -> Html {
    let open = RwSignal::new(false);
    let trigger = html! {
        <button
            type="button"
            class="icon-button"
            aria-label="More"
            title="More"
            aria-haspopup="true"
            aria-expanded=move || open.get().to_string()
            data-testid="more-menu"
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {icon(Icon::More)}
        </button>
    };
    popover(open, "end", trigger, move || {
        let label = list
            .shown
            .with(|shown| all(&shown.listing.resolve(platform::moment()), list.total()));
        lines(
            "More",
            vec![
                Item::new("Save as CSV", Icon::Download)
                    .on(open, move || saving.save(list, Form::Csv)),
                Item::new("Save as JSON lines", Icon::Download)
                    .on(open, move || saving.save(list, Form::Ndjson)),
                menu_line(),
                Item::new(&label, Icon::Trash)
                    .bad()
                    .on(open, move || matching(list)),
            ],
        )
    })
}

/// The selected sessions are to be deleted.
pub(super) fn picked(list: List) {
    let sids = list
        .picked
        .with_untracked(|picked| picked.sids().cloned().collect());
    list.doomed.set(Some(Doomed::These(sids)));
}

/// All that match are to be deleted; what that means is fixed now.
fn matching(list: List) {
    let filter = list
        .shown
        .with_untracked(|shown| shown.listing.resolve(platform::moment()));
    list.doomed
        .set(Some(Doomed::matching(filter, platform::now())));
}

/// The dialog that asks.
pub(super) fn dialog(list: List) -> Html {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(list.doomed.with(Option::is_some)));
    // Escape closes the dialog, and with it the question.
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            list.doomed.set(None);
        }
        now
    });
    frame(open, "Delete sessions", "erase", move || {
        let doomed = list.doomed.get_untracked();
        doomed.map_or_else(Html::empty, |doomed| Question::new(list, doomed).view())
    })
}

/// The question and how far its answer is.
#[derive(Clone, Copy)]
struct Question {
    list: List,
    doomed: StoredValue<Doomed>,
    /// How many there are; none while that is not known.
    count: RwSignal<Option<u64>>,
    typed: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Question {
    fn new(list: List, doomed: Doomed) -> Self {
        let question = Self {
            list,
            count: RwSignal::new(doomed.count()),
            wrong: RwSignal::new(doomed.refused()),
            doomed: StoredValue::new(doomed),
            typed: RwSignal::new(String::new()),
            busy: RwSignal::new(false),
        };
        if question.count.get_untracked().is_none() {
            question.find();
        }
        question
    }

    /// Asks how many there are.
    fn find(self) {
        spawn_local(async move {
            let ask = self.doomed.get_value().ask(None);
            let found = self
                .list
                .app
                .client
                .find_to_erase(&self.list.site.get_value(), &ask, &csrf(self.list))
                .await;
            if self.count.is_disposed() {
                return;
            }
            match found {
                Ok(found) => self.count.set(Some(found.matched)),
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn failed(self, failure: &Failure) {
        self.list.app.heard(failure);
        self.wrong
            .set(Some(format!("{}. {}", failure.title(), failure.advice())));
    }

    /// Deletes, if the number is right.
    fn confirm(self) {
        let Some(count) = self.count.get_untracked().filter(|count| *count > 0) else {
            return;
        };
        if self.busy.get_untracked() || !is_typed(&self.typed.get_untracked(), count) {
            return;
        }
        self.busy.set(true);
        self.wrong.set(None);
        spawn_local(async move {
            let doomed = self.doomed.get_value();
            let ask = doomed.ask(doomed.count().is_none().then_some(count));
            let site = self.list.site.get_value();
            let answer = self
                .list
                .app
                .client
                .erase_many(&site, &ask, &csrf(self.list))
                .await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(receipt) => accepted(self.list, &doomed, receipt),
                Err(Failure::Refused { status: 409, .. }) => {
                    self.count.set(None);
                    self.typed.set(String::new());
                    self.wrong.set(Some(
                        "Meanwhile there are more or fewer. Look at the number again.".to_owned(),
                    ));
                    self.find();
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn view(self) -> Html {
        let root = NodeRef::<html::Form>::new();
        // The field comes with the number, which may have to be asked for.
        Effect::new(move |_| {
            if let (Some(root), Some(_)) = (root.get(), self.count.get()) {
                platform::focus_in(&root, "input");
            }
        });
        html! {
            <form node_ref=root on:submit=move |event| { event.prevent_default(); self.confirm(); }>
                <div class="dialog-body" data-testid="erase-dialog">
                    {move || self.said()}
                    <div role="alert">{move || self.wrong.get().map(|wrong| html! { <p class="note bad">{wrong}</p> })}</div>
                </div>
                <div class="dialog-foot">
                    {Button::new("Cancel").on(move || self.list.doomed.set(None))}
                    {self.button()}
                </div>
            </form>
        }
    }

    fn button(self) -> Html {
        let label = Signal::derive(move || match (self.busy.get(), self.count.get()) {
            (true, _) => "Deleting…".to_owned(),
            (false, Some(count)) => format!("Delete {}", text::plural(count, "session")),
            (false, None) => "Delete".to_owned(),
        });
        let off = Signal::derive(move || {
            let count = self.count.get().filter(|count| *count > 0);
            let refused = self.doomed.with_value(|doomed| doomed.refused().is_some());
            self.busy.get()
                || refused
                || count.is_none_or(|count| !is_typed(&self.typed.get(), count))
        });
        Button::saying(label)
            .danger()
            .icon(Icon::Trash)
            .off(off)
            .submits()
            .testid("erase-confirm")
            .on(|| {})
    }

    /// What is lost, and what has to be typed.
    fn said(self) -> Html {
        let Some(count) = self.count.get() else {
            return html! { <p role="status"><span class="spinner"></span>" Counting what matches…"</p> };
        };
        if count == 0 {
            return html! { <p>"No session matches any more. There is nothing to delete."</p> };
        }
        let own = self.doomed.with_value(|doomed| match doomed {
            Doomed::These(sids) => self.list.feed.with_untracked(|feed| {
                let rows = feed
                    .iter()
                    .flat_map(|feed| sids.iter().filter_map(|sid| feed.row(sid)));
                lost(&rows.collect::<Vec<_>>())
            }),
            Doomed::User(_) | Doomed::Matching(_) => vec![format!(
                "{} that match the filters, also those that are not loaded here.",
                text::plural(count, "recording")
            )],
            Doomed::Before(_) => vec![format!(
                "Every session of this site: {}.",
                text::plural(count, "recording")
            )],
        });
        let always = [
            "The recordings and everything that was counted of them. It cannot be undone, and there is no copy.",
            "A receipt stays: when, by whom and how many; not who was deleted.",
        ];
        let line = |said: String| html! { <li>{said}</li> };
        let lines = own.into_iter().chain(always.map(str::to_owned)).map(line);
        let typed = to_type(count).map(|_| {
            field(&Field {
                label: "Type the number of sessions to delete them",
                help: "",
                placeholder: "",
                kind: "text",
                value: self.typed,
                wrong: Signal::stored(None),
            })
        });
        html! {
            <p><strong>{format!("{} will be deleted for good.", text::plural(count, "session"))}</strong></p>
            <ul class="plain">{lines.collect_view()}</ul>
            {typed}
        }
    }
}

fn csrf(list: List) -> String {
    match list.app.auth.get_untracked() {
        Auth::In(session) => session.csrf,
        _ => String::new(),
    }
}

fn accepted(list: List, doomed: &Doomed, receipt: Receipt) {
    if let Doomed::These(sids) = doomed {
        let gone: BTreeSet<&SessionId> = sids.iter().collect();
        list.feed.update(|feed| {
            if let Some(feed) = feed {
                feed.erased(|sid| gone.contains(sid));
            }
        });
    }
    list.picked.set(crate::model::picked::Picked::default());
    list.doomed.set(None);
    if !told(list, receipt) {
        spawn_local(follow(list));
    }
}

/// Shows how far it is; true if all is done.
fn told(list: List, receipt: Receipt) -> bool {
    let done = receipt.finished.is_some();
    if done {
        list.app.say(&finished(&receipt));
    }
    list.erasing.set(Some(Progress {
        receipt,
        lost: None,
    }));
    if done {
        list.refresh(true);
    }
    done
}

/// Looks at the receipt until it says that all is done.
async fn follow(list: List) {
    loop {
        sleep(LOOK).await;
        let Some(Some(now)) = list.erasing.try_get_untracked() else {
            return;
        };
        let site = list.site.get_value();
        let receipt = list.app.client.receipt(&site, &now.receipt.id).await;
        if list.erasing.is_disposed() {
            return;
        }
        match receipt {
            Ok(receipt) => {
                if told(list, receipt) {
                    return;
                }
            }
            Err(failure) if failure.passes() => {}
            Err(failure) => {
                list.app.heard(&failure);
                list.erasing.set(Some(Progress {
                    lost: Some(failure),
                    ..now
                }));
                return;
            }
        }
    }
}

fn finished(receipt: &Receipt) -> String {
    format!("Deleted {}.", text::plural(receipt.erased, "session"))
}

/// How far the deletion is, and its receipt.
pub(super) fn progress_note(list: List) -> Html {
    Html::new(move || {
        let Progress { receipt, lost } = list.erasing.get()?;
        let total = receipt.matched.max(receipt.erased);
        let id = receipt.id.to_string();
        let said = match (receipt.finished, lost) {
            (Some(_), _) => html! {
                <span>{format!("{} Receipt ", finished(&receipt))}<code>{id.clone()}</code></span>
            },
            (None, None) => html! {
                <div class="erasing">
                    <span>{format!("Deleting: {} of {}", text::number(receipt.erased), text::plural(total, "session"))}</span>
                    {progress("Deleted sessions", receipt.erased, total)}
                </div>
            },
            (None, Some(failure)) => html! {
                <span>{format!("The deletion goes on, but how far it is cannot be seen: {}. Receipt ", failure.title())}<code>{id.clone()}</code></span>
            },
        };
        let act = receipt.finished.is_some().then(|| {
            html! {
                {Button::new("Copy receipt id").small().icon(Icon::Copy).on(move || list.app.copy(id.clone(), "Receipt id copied"))}
                {Button::new("Close").small().quiet().on(move || list.erasing.set(None))}
            }
        });
        Some(note(Tone::Calm, Icon::Trash, "erasing", said, act))
    })
}
