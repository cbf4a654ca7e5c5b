//! Switching a site's recording off, and deleting the site.

use super::site::Site;
use crate::model::failure::Failure;
use crate::model::settings::place::Section;
use crate::model::text;
use crate::platform;
use crate::ui::Button;
use crate::ui::dialog::dialog;
use crate::ui::field::{Field, field};
use crate::ui::form::section;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::filter::Filter;

pub(super) fn view(site: Site) -> Html {
    html! {
        {switch(site)}
        {deletion(site)}
    }
}

/// The kill switch.
fn switch(site: Site) -> Html {
    let open = RwSignal::new(false);
    let on = Memo::new(move |_| site.base.with(|base| base.recording));
    // It happened.
    Effect::new(move |before: Option<bool>| {
        let now = on.get();
        if before.is_some_and(|before| before != now) {
            open.set(false);
        }
        now
    });
    let says = move || {
        if on.get() {
            "This site records. Switched off, nothing more is stored from 5 seconds later on, and pages that record are told to stop with their next upload. What is stored stays."
        } else {
            "This site does not record. What was stored before is still there."
        }
    };
    let act = move || {
        let ask = move || {
            site.failure.set(None);
            open.set(true);
        };
        if on.get() {
            Button::new("Stop recording…")
                .danger()
                .icon(Icon::Pause)
                .testid("kill-switch")
                .on(ask)
        } else {
            Button::new("Record again…")
                .icon(Icon::Play)
                .testid("record-again")
                .on(ask)
        }
    };
    html! {
        {section("Recording", "", html! {
            <div class="deed"><p>{says}</p>{act}</div>
        })}
        {dialog(open, "Recording", "", move || sure(site, open, on.get_untracked()))}
    }
}

fn sure(site: Site, open: RwSignal<bool>, on: bool) -> Html {
    let name = site.base.with_untracked(|base| base.name.clone());
    let said = if on {
        format!(
            "“{name}” stops recording: new visits are not stored, and those that are under way end where they are. It holds everywhere within 5 seconds."
        )
    } else {
        format!("“{name}” records again, with the settings that are saved.")
    };
    let confirm = move || site.switch(!on);
    let button = if on {
        Button::new("Stop recording").danger()
    } else {
        Button::new("Record again").primary()
    };
    html! {
        <div class="dialog-body" data-testid="switch-dialog">
            <p>{said}</p>
            <div role="alert">{move || site.failure.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
        </div>
        <div class="dialog-foot">
            {Button::new("Cancel").on(move || open.set(false))}
            {button.off(site.busy.into()).testid("switch-confirm").on(confirm)}
        </div>
    }
}

fn deletion(site: Site) -> Html {
    let open = RwSignal::new(false);
    let ask = Button::new("Delete site…")
        .danger()
        .icon(Icon::Trash)
        .testid("delete-site")
        .on(move || open.set(true));
    html! {
        {section("Delete this site", "", html! {
            <div class="deed">
                <p>"Its settings go, and every session of it is erased for good. The audit log and the receipt stay for 400 days."</p>
                {ask}
            </div>
        })}
        {dialog(open, "Delete site", "", move || Deletion::new(site).view(open))}
    }
}

/// The question whether a site shall go.
#[derive(Clone, Copy)]
struct Deletion {
    site: Site,
    /// Its sessions; none while that is not known.
    count: RwSignal<Option<u64>>,
    typed: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Deletion {
    fn new(site: Site) -> Self {
        let deletion = Self {
            site,
            count: RwSignal::new(None),
            typed: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
            busy: RwSignal::new(false),
        };
        deletion.find();
        deletion
    }

    fn find(self) {
        spawn_local(async move {
            let app = self.site.app;
            let key = self.site.key.get_value();
            let facets = app.client.facets(&key, &Filter::default()).await;
            if self.count.is_disposed() {
                return;
            }
            match facets {
                Ok(facets) => self.count.set(Some(facets.total)),
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn failed(self, failure: &Failure) {
        self.site.app.heard(failure);
        self.wrong
            .set(Some(format!("{}. {}", failure.title(), failure.advice())));
    }

    fn is_typed(self) -> bool {
        let key = self.site.key.get_value();
        self.typed.with(|typed| typed.trim() == key.as_str())
    }

    fn confirm(self) {
        let Some(count) = self.count.get_untracked() else {
            return;
        };
        if self.busy.get_untracked() || !untrack(|| self.is_typed()) {
            return;
        }
        self.busy.set(true);
        self.wrong.set(None);
        spawn_local(async move {
            let Site { app, desk, .. } = self.site;
            let key = self.site.key.get_value();
            let revision = self.site.revision.get_untracked();
            let deleted = app
                .client
                .delete_site(&key, revision, count, &app.csrf())
                .await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match deleted {
                Ok(receipt) => {
                    app.unsaved.set(false);
                    desk.deleted.set(Some((key, receipt)));
                    app.know_sites();
                    platform::go(&Section::Sites.to_string());
                }
                Err(Failure::Refused { problem, .. }) if problem.code == "count_changed" => {
                    self.count.set(None);
                    self.wrong.set(Some(
                        "Meanwhile it has more or fewer sessions. Look at the number again."
                            .to_owned(),
                    ));
                    self.find();
                }
                Err(Failure::Refused { problem, .. }) if problem.code == "site_changed" => {
                    self.wrong.set(Some("Somebody else changed this site meanwhile. Load the page anew, and look whether it shall still go.".to_owned()));
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn view(self, open: RwSignal<bool>) -> Html {
        let key = self.site.key.get_value();
        let said = move || match self.count.get() {
            None => {
                html! { <p role="status"><span class="spinner"></span>" Counting its sessions…"</p> }
            }
            Some(count) => html! {
                <p><strong>{format!("“{key}” and its {} will be gone for good.", text::plural(count, "session"))}</strong></p>
            },
        };
        let lines = [
            "Pages that still have its tag get an error, and record nothing.",
            "There is no copy. A site that is made anew under the same key begins empty.",
            "Its receipts and its audit log stay for 400 days, and say nothing of visitors.",
        ];
        let lines = lines.map(|line| html! { <li>{line}</li> });
        let off = Signal::derive(move || {
            self.busy.get() || self.count.get().is_none() || !self.is_typed()
        });
        let label = Signal::derive(move || {
            if self.busy.get() {
                "Deleting…"
            } else {
                "Delete site"
            }
            .to_owned()
        });
        html! {
            <form on:submit=move |event| { event.prevent_default(); self.confirm(); }>
                <div class="dialog-body" data-testid="delete-site-dialog">
                    {said}
                    <ul class="plain">{lines.into_iter().collect_view()}</ul>
                    {field(&Field {
                        label: "Type the site’s key to delete it",
                        help: "",
                        placeholder: "",
                        kind: "text",
                        value: self.typed,
                        wrong: Signal::stored(None),
                    })}
                    <div role="alert">{move || self.wrong.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
                </div>
                <div class="dialog-foot">
                    {Button::new("Cancel").on(move || open.set(false))}
                    {Button::saying(label).danger().icon(Icon::Trash).off(off).submits().testid("delete-site-confirm").on(|| {})}
                </div>
            </form>
        }
    }
}
