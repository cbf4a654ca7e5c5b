//! Erasing sessions of a site for good: which, how many, the number to type; and receipts.

use super::fetch::{Fetch, State};
use crate::app::App;
use crate::model::erasing::{Doomed, is_typed, to_type};
use crate::model::failure::Failure;
use crate::model::settings::erasures::{By, asked, doomed, kind, progress};
use crate::model::text;
use crate::platform;
use crate::ui::dialog::dialog;
use crate::ui::field::{Field, field, segmented};
use crate::ui::form::{area, section};
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{badge, progress as bar};
use crate::ui::{Button, when};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::erasure::{Receipt, Receipts};
use sentiero_core::id::SiteKey;
use std::time::Duration;

/// How often receipts that are under way are looked at.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
struct Erasure {
    app: App,
    site: StoredValue<SiteKey>,
    by: RwSignal<&'static str>,
    /// What is typed, by way of naming.
    user: RwSignal<String>,
    ids: RwSignal<String>,
    filter: RwSignal<String>,
    day: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
    counting: RwSignal<bool>,
    /// What was found, and how many.
    found: RwSignal<Option<(Doomed, u64)>>,
    typed: RwSignal<String>,
    refused: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    receipts: Fetch<Receipts>,
    /// Somebody looks at those that are under way.
    following: StoredValue<bool>,
}

pub(super) fn view(app: App, site: SiteKey) -> Html {
    let asked = site.clone();
    let receipts = Fetch::start(app, move || {
        let site = asked.clone();
        async move { app.client.receipts(&site, None).await }
    });
    let erasure = Erasure {
        app,
        site: StoredValue::new(site),
        by: RwSignal::new(By::User.words().0),
        user: RwSignal::new(String::new()),
        ids: RwSignal::new(String::new()),
        filter: RwSignal::new(String::new()),
        day: RwSignal::new(String::new()),
        wrong: RwSignal::new(None),
        counting: RwSignal::new(false),
        found: RwSignal::new(None),
        typed: RwSignal::new(String::new()),
        refused: RwSignal::new(None),
        busy: RwSignal::new(false),
        receipts,
        following: StoredValue::new(false),
    };
    erasure.follow();
    let list = receipts.view("Loading receipts", move |receipts| erasure.list(receipts));
    html! {
        {section("Erase sessions", "For good: recordings, rows, and everything that was counted of them. There is no copy.", erasure.form())}
        {section("Receipts", "When, by whom and how many. Kept for 400 days; they say nothing of those who were erased.", list)}
        {erasure.dialog()}
    }
}

impl Erasure {
    fn input(self, by: By) -> RwSignal<String> {
        match by {
            By::User => self.user,
            By::Ids => self.ids,
            By::Filter => self.filter,
            By::Date => self.day,
        }
    }

    fn form(self) -> Html {
        let ways = By::ALL.map(By::words);
        let label = Signal::derive(move || {
            if self.counting.get() {
                "Counting…"
            } else {
                "Count them"
            }
            .to_owned()
        });
        let asked = move || {
            let by = By::called(self.by.get());
            self.wrong.set(None);
            let (label, help) = by.asks();
            let of = Field {
                label,
                help,
                placeholder: "",
                kind: if by == By::Date { "date" } else { "text" },
                value: self.input(by),
                wrong: self.wrong.into(),
            };
            if by == By::Ids { area(&of) } else { field(&of) }
        };
        html! {
            <form class="form" data-testid="erasure-form" on:submit=move |event| { event.prevent_default(); self.count(); }>
                {segmented("Which sessions", &ways, self.by)}
                {asked}
                <div class="form-foot">
                    {Button::saying(label).icon(Icon::Search).off(self.counting.into()).submits().testid("count").on(|| {})}
                    <span class="help">"Nothing is erased yet: the number is shown first, and has to be typed."</span>
                </div>
            </form>
        }
    }

    /// Asks how many there are.
    fn count(self) {
        if self.counting.get_untracked() {
            return;
        }
        let by = By::called(self.by.get_untracked());
        let typed = self.input(by).get_untracked();
        let midnight = platform::day_start(&typed, 0);
        match doomed(by, &typed, midnight, platform::moment()) {
            Err(wrong) => self.wrong.set(Some(wrong)),
            Ok(doomed) => {
                self.wrong.set(None);
                match doomed.count() {
                    Some(count) => self.ask(doomed, count),
                    None => self.find(doomed),
                }
            }
        }
    }

    fn ask(self, doomed: Doomed, count: u64) {
        self.typed.set(String::new());
        self.refused.set(None);
        self.found.set(Some((doomed, count)));
    }

    fn find(self, doomed: Doomed) {
        self.counting.set(true);
        spawn_local(async move {
            let site = self.site.get_value();
            let csrf = self.app.csrf();
            let found = self
                .app
                .client
                .find_to_erase(&site, &doomed.ask(None), &csrf)
                .await;
            if self.counting.try_set(false).is_some() {
                return;
            }
            match found {
                Ok(found) if found.matched == 0 => {
                    self.wrong.set(Some("No session matches.".to_owned()));
                }
                Ok(found) => self.ask(doomed, found.matched),
                Err(failure) => self.wrong.set(Some(self.heard(&failure))),
            }
        });
    }

    fn heard(self, failure: &Failure) -> String {
        self.app.heard(failure);
        format!("{}. {}", failure.title(), failure.advice())
    }

    fn dialog(self) -> Html {
        let open = RwSignal::new(false);
        Effect::new(move |_| open.set(self.found.with(Option::is_some)));
        Effect::new(move |before: Option<bool>| {
            let now = open.get();
            if before == Some(true) && !now {
                self.found.set(None);
            }
            now
        });
        dialog(open, "Erase sessions", "erase", move || {
            let found = self.found.get_untracked();
            found.map_or_else(Html::empty, |(_, count)| self.question(count))
        })
    }

    fn question(self, count: u64) -> Html {
        let typed = to_type(count).map(|_| {
            field(&Field {
                label: "Type the number of sessions to erase them",
                help: "",
                placeholder: "",
                kind: "text",
                value: self.typed,
                wrong: Signal::stored(None),
            })
        });
        let off = Signal::derive(move || {
            self.busy.get() || !self.typed.with(|typed| is_typed(typed, count))
        });
        let label = format!("Erase {}", text::plural(count, "session"));
        html! {
            <form on:submit=move |event| { event.prevent_default(); self.confirm(); }>
                <div class="dialog-body" data-testid="erasure-dialog">
                    <p><strong>{format!("{} will be erased for good.", text::plural(count, "session"))}</strong></p>
                    <ul class="plain">
                        <li>"It cannot be undone, and there is no copy."</li>
                        <li>"A receipt stays: when, by whom and how many; not who was erased."</li>
                    </ul>
                    {typed}
                    <div role="alert">{move || self.refused.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
                </div>
                <div class="dialog-foot">
                    {Button::new("Cancel").on(move || self.found.set(None))}
                    {Button::saying(Signal::stored(label)).danger().icon(Icon::Trash).off(off).submits().testid("erasure-confirm").on(|| {})}
                </div>
            </form>
        }
    }

    fn confirm(self) {
        let Some((doomed, count)) = self.found.get_untracked() else {
            return;
        };
        if self.busy.get_untracked() || !is_typed(&self.typed.get_untracked(), count) {
            return;
        }
        self.busy.set(true);
        self.refused.set(None);
        spawn_local(async move {
            let confirm = doomed.count().is_none().then_some(count);
            let site = self.site.get_value();
            let csrf = self.app.csrf();
            let answer = self
                .app
                .client
                .erase_many(&site, &doomed.ask(confirm), &csrf)
                .await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(receipt) => {
                    self.found.set(None);
                    self.app.say("The erasure is under way");
                    self.receipts.change(|receipts| put(receipts, receipt));
                    self.follow();
                }
                Err(Failure::Refused { status: 409, .. }) => {
                    self.found.set(None);
                    self.wrong.set(Some(
                        "Meanwhile there are more or fewer. Count them again.".to_owned(),
                    ));
                }
                Err(failure) => self.refused.set(Some(self.heard(&failure))),
            }
        });
    }

    /// Looks at what is under way until all of it is done.
    fn follow(self) {
        if self.following.get_value() {
            return;
        }
        self.following.set_value(true);
        spawn_local(async move {
            while self.look().await {}
            let _ = self.following.try_set_value(false);
        });
    }

    /// Looks once; whether something is still under way.
    async fn look(self) -> bool {
        sleep(LOOK).await;
        let open = match self.receipts.state.try_get_untracked() {
            Some(State::There(receipts)) => receipts.erasures.into_iter(),
            Some(State::Waiting) => return true,
            Some(State::Failed(_)) | None => return false,
        };
        let open: Vec<Receipt> = open.filter(|one| one.finished.is_none()).collect();
        let any = !open.is_empty();
        for known in open {
            let site = self.site.get_value();
            let receipt = self.app.client.receipt(&site, &known.id).await;
            if self.busy.is_disposed() {
                return false;
            }
            match receipt {
                Ok(receipt) if receipt != known => {
                    self.receipts.change(|receipts| put(receipts, receipt));
                }
                Ok(_) => {}
                Err(failure) if failure.passes() => {}
                Err(failure) => {
                    self.app.heard(&failure);
                    return false;
                }
            }
        }
        any
    }

    fn list(self, receipts: Receipts) -> Html {
        if receipts.erasures.is_empty() {
            return html! { <p class="calm" data-testid="no-receipts">"Nothing was erased yet, but by visitors themselves: those need no receipt."</p> };
        }
        let rows = receipts
            .erasures
            .iter()
            .map(|one| self.row(one))
            .collect_view();
        let busy = RwSignal::new(false);
        let more = receipts.next.map(|next| {
            let older = move || {
                let next = next.clone();
                busy.set(true);
                spawn_local(async move {
                    let site = self.site.get_value();
                    let page = self.app.client.receipts(&site, Some(&next)).await;
                    if busy.try_set(false).is_some() {
                        return;
                    }
                    match page {
                        Ok(page) => self.receipts.change(|mut so_far| {
                            so_far.erasures.extend(page.erasures);
                            so_far.next = page.next;
                            so_far
                        }),
                        Err(failure) => {
                            self.app.heard(&failure);
                            self.app.say(failure.title());
                        }
                    }
                });
            };
            html! { <div class="more-row">{Button::new("Older receipts").busy(busy.into()).off(busy.into()).on(older)}</div> }
        });
        html! { <ol class="log receipts" data-testid="receipts">{rows}</ol>{more} }
    }

    fn row(self, receipt: &Receipt) -> Html {
        let done = receipt.finished.is_some();
        let total = receipt.matched.max(receipt.erased);
        let said = asked(receipt);
        let said = (!said.is_empty()).then(|| html! { <span class="log-who">{said}</span> });
        let (id, shown) = (receipt.id.to_string(), receipt.id.to_string());
        let app = self.app;
        let state = if done {
            badge("good", Some(Icon::Check), "Erased".to_owned(), None)
        } else {
            badge("warn", None, "Under way".to_owned(), None)
        };
        let how_far = (!done).then(|| bar("Erased sessions", receipt.erased, total));
        html! {
            <li data-testid="receipt">
                <div class="log-said">
                    <span>{format!("{}: {}", kind(receipt), progress(receipt))}</span>
                    {said}
                    <span class="log-who">{format!("by {}, ", receipt.by)}{when(app, receipt.asked)}</span>
                    {how_far}
                    <span class="receipt-id"><code>{shown}</code>{crate::ui::icon_button("Copy receipt id", Icon::Copy, move || app.copy(id.clone(), "Receipt id copied"))}</span>
                </div>
                {state}
            </li>
        }
    }
}

/// The receipts with another state of one of them, or with a new one.
fn put(mut receipts: Receipts, receipt: Receipt) -> Receipts {
    let known = receipts
        .erasures
        .iter()
        .position(|one| one.id == receipt.id);
    match known.and_then(|at| receipts.erasures.get_mut(at)) {
        Some(known) => *known = receipt,
        None => receipts.erasures.insert(0, receipt),
    }
    receipts
}
