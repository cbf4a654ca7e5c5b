//! A site's settings: what all parts share. What was typed stays while one goes from part to
//! part; it is saved as a whole, or not at all.

use super::fetch::Fetch;
use super::{Desk, ends, erasure, fields, head, install, keys, usage, webhook};
use crate::app::App;
use crate::model::failure::Failure;
use crate::model::settings::draft::{Draft, Wrong, merge, names, refused, wrong_in};
use crate::model::settings::place::{Part, Section};
use crate::model::settings::setting::Setting;
use crate::model::text;
use crate::platform;
use crate::ui::Button;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, badge, coded, note};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::{SiteAnswer, SiteChange};
use sentiero_core::id::SiteKey;
use sentiero_core::site::SiteConfig;
use std::collections::BTreeMap;

pub(super) fn view(desk: Desk, key: &SiteKey, section: Memo<Section>) -> Html {
    platform::title(key.as_str());
    let app = desk.app;
    let asked = key.clone();
    let answer = Fetch::start(app, move || {
        let key = asked.clone();
        async move { app.client.site(&key).await }
    });
    answer.view("Loading the site’s settings", move |answer| {
        let (site, error) = Site::new(desk, answer);
        site.view(section, error)
    })
}

/// What is to be kept.
#[derive(Clone, Copy)]
enum What {
    Typed,
    Recording(bool),
}

/// A site as it is being changed.
#[derive(Clone, Copy)]
pub(super) struct Site {
    pub(super) desk: Desk,
    pub(super) app: App,
    pub(super) key: StoredValue<SiteKey>,
    /// The configuration as it is kept.
    pub(super) base: RwSignal<SiteConfig>,
    pub(super) revision: RwSignal<u64>,
    fields: StoredValue<BTreeMap<Setting, RwSignal<String>>>,
    /// What is typed, as a whole.
    pub(super) draft: Memo<Draft>,
    /// What differs from what is kept.
    changed: Memo<Vec<Setting>>,
    /// What the worker said of a field, and of which text in it.
    refused: RwSignal<Option<(Setting, String, String)>>,
    pub(super) failure: RwSignal<Option<String>>,
    /// What is said after somebody else was faster.
    merged: RwSignal<Option<String>>,
    pub(super) busy: RwSignal<bool>,
    /// Nothing valid is kept: saving must replace it, whatever is typed.
    broken: RwSignal<bool>,
}

impl Site {
    fn new(desk: Desk, answer: SiteAnswer) -> (Self, Option<String>) {
        let SiteAnswer {
            key,
            revision,
            config,
            error,
            ..
        } = answer;
        let broken = config.is_none();
        let config = config.unwrap_or_else(|| SiteConfig::new(key.to_string(), Vec::new()));
        let kept = Draft::of(&config);
        let fields: BTreeMap<Setting, RwSignal<String>> = Setting::ALL
            .into_iter()
            .map(|setting| (setting, RwSignal::new(kept.get(setting).to_owned())))
            .collect();
        let fields = StoredValue::new(fields);
        let draft = Memo::new(move |_| {
            let mut draft = Draft::default();
            fields.with_value(|fields| {
                for (setting, field) in fields {
                    draft.set(*setting, field.get());
                }
            });
            draft
        });
        let base = RwSignal::new(config);
        let changed = Memo::new(move |_| {
            let kept = base.with(Draft::of);
            draft.with(|draft| draft.changes(&kept))
        });
        let app = desk.app;
        Effect::new(move |_| app.unsaved.set(changed.with(|changed| !changed.is_empty())));
        on_cleanup(move || app.unsaved.set(false));
        let site = Self {
            desk,
            app,
            key: StoredValue::new(key),
            base,
            revision: RwSignal::new(revision),
            fields,
            draft,
            changed,
            refused: RwSignal::new(None),
            failure: RwSignal::new(None),
            merged: RwSignal::new(None),
            busy: RwSignal::new(false),
            broken: RwSignal::new(broken),
        };
        (site, error)
    }

    /// The text of a field.
    pub(super) fn field(self, setting: Setting) -> RwSignal<String> {
        let known = self
            .fields
            .with_value(|fields| fields.get(&setting).copied());
        known.unwrap_or_else(|| RwSignal::new(String::new()))
    }

    /// What is wrong with what was typed, as far as it was changed; and what the worker said.
    fn wrong(self) -> Wrong {
        let base = self.base.get();
        let mut wrong = self
            .draft
            .with(|draft| draft.config(&base))
            .err()
            .unwrap_or_default();
        self.changed
            .with(|changed| wrong.retain(|setting, _| changed.contains(setting)));
        if let Some((setting, text, said)) = self.refused.get()
            && self.draft.with(|draft| draft.get(setting) == text)
        {
            wrong.insert(setting, said);
        }
        wrong
    }

    /// The same of one field.
    pub(super) fn wrong_at(self, setting: Setting) -> Signal<Option<String>> {
        Signal::derive(move || self.wrong().remove(&setting))
    }

    /// Saves what is typed.
    fn save(self) {
        let base = self.base.get_untracked();
        match self.draft.with_untracked(|draft| draft.config(&base)) {
            Ok(config) => self.put(config, What::Typed),
            Err(wrong) => {
                if let Some((setting, _)) = wrong.iter().next() {
                    let key = self.key.get_value();
                    platform::go(&Section::Site(key, setting.about().part).to_string());
                }
                let settings: Vec<Setting> = wrong.keys().copied().collect();
                self.failure
                    .set(Some(format!("Look at {}.", names(&settings))));
            }
        }
    }

    /// Switches recording on or off, at once and without what is typed.
    pub(super) fn switch(self, on: bool) {
        let config = SiteConfig {
            recording: on,
            ..self.base.get_untracked()
        };
        self.put(config, What::Recording(on));
    }

    fn put(self, config: SiteConfig, what: What) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        let sent = self.draft.get_untracked();
        spawn_local(async move {
            let change = SiteChange {
                revision: self.revision.get_untracked(),
                config: config.clone(),
            };
            let key = self.key.get_value();
            let csrf = self.app.csrf();
            let answer = self.app.client.change_site(&key, &change, &csrf).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(answer) => self.kept(config, &answer, &sent, what),
                Err(failure) => self.not_kept(&failure, &sent, what).await,
            }
        });
    }

    fn kept(self, config: SiteConfig, answer: &SiteAnswer, sent: &Draft, what: What) {
        let before = self.base.get_untracked();
        let (old, new) = (Draft::of(&before), Draft::of(&config));
        // A switch keeps less than what is typed, and nothing of that is lost.
        let saved = |setting: Setting| {
            let typed = self.field(setting).get_untracked();
            typed == sent.get(setting) && old.get(setting) != new.get(setting)
        };
        let renamed = before.name != config.name || self.broken.get_untracked();
        for setting in Setting::ALL.into_iter().filter(|setting| saved(*setting)) {
            self.field(setting).set(new.get(setting).to_owned());
        }
        self.revision.set(answer.revision);
        self.base.set(config);
        self.tidy();
        self.merged.set(None);
        self.refused.set(None);
        self.broken.set(false);
        let within = answer.holds_within_seconds.unwrap_or_default();
        let done = match what {
            What::Typed => "Saved",
            What::Recording(true) => "Recording is on",
            What::Recording(false) => "Recording is off",
        };
        self.app
            .say(&format!("{done}. It holds everywhere within {within} s."));
        if renamed {
            self.app.know_sites();
        }
    }

    /// What was typed otherwise than it is written, and means the same, is written so.
    fn tidy(self) {
        let base = self.base.get_untracked();
        let same = self.draft.with_untracked(|draft| draft.config(&base)) == Ok(base.clone());
        if same {
            self.fill(&Draft::of(&base));
        }
    }

    fn fill(self, draft: &Draft) {
        for setting in Setting::ALL {
            let field = self.field(setting);
            if field.with_untracked(|text| text != draft.get(setting)) {
                field.set(draft.get(setting).to_owned());
            }
        }
    }

    async fn not_kept(self, failure: &Failure, sent: &Draft, what: What) {
        self.app.heard(failure);
        if let Failure::Refused { problem, .. } = failure {
            if problem.code == "site_changed" {
                self.catch_up().await;
                // A switch does not depend on what else there is.
                return match what {
                    What::Recording(on) if self.merged.with_untracked(Option::is_some) => {
                        self.switch(on);
                    }
                    _ => {}
                };
            }
            if let Some((setting, said)) = refused(problem) {
                let text = sent.get(setting).to_owned();
                self.refused.set(Some((setting, text, said)));
                self.failure
                    .set(Some(format!("Look at {}.", names(&[setting]))));
                return;
            }
        }
        self.failure
            .set(Some(format!("{}. {}", failure.title(), failure.advice())));
    }

    /// Reads what is kept, after something of the site was changed past what is typed here.
    pub(super) async fn read_again(self) {
        let key = self.key.get_value();
        let answer = self.app.client.site(&key).await;
        let Ok(Some(theirs)) = answer.as_ref().map(|answer| answer.config.clone()) else {
            return self.catch_up().await;
        };
        let same = self
            .base
            .try_with_untracked(|base| Draft::of(base) == Draft::of(&theirs));
        match (same, answer) {
            (None, _) => {}
            (Some(true), Ok(answer)) => {
                self.revision.set(answer.revision);
                self.base.set(theirs);
            }
            _ => self.catch_up().await,
        }
    }

    /// Somebody else was faster: what is kept now, with what was changed here.
    async fn catch_up(self) {
        let key = self.key.get_value();
        let answer = self.app.client.site(&key).await;
        if self.busy.is_disposed() {
            return;
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                self.app.heard(&failure);
                let said = format!(
                    "Not saved, because somebody else changed the site, and how cannot be read. {}",
                    failure.advice()
                );
                return self.failure.set(Some(said));
            }
        };
        let Some(theirs) = answer.config else {
            return self.failure.set(answer.error);
        };
        let (mine, base) = (
            self.draft.get_untracked(),
            Draft::of(&self.base.get_untracked()),
        );
        let merged = merge(&mine, &base, &Draft::of(&theirs));
        self.revision.set(answer.revision);
        self.base.set(theirs);
        self.fill(&merged.draft);
        self.merged.set(Some(merged.says()));
    }

    fn view(self, section: Memo<Section>, error: Option<String>) -> Html {
        let part = Memo::new(move |_| section.with(Section::part).unwrap_or(Part::General));
        let state = move || {
            let recording = self.base.with(|base| base.recording);
            if self.broken.get() {
                badge("bad", Some(Icon::Warning), "Misconfigured".to_owned(), None)
            } else if recording {
                badge("good", Some(Icon::Check), "Recording".to_owned(), None)
            } else {
                badge(
                    "warn",
                    Some(Icon::Pause),
                    "Recording is off".to_owned(),
                    None,
                )
            }
        };
        let error = StoredValue::new(error);
        let invalid = move || {
            let said = error.get_value().filter(|_| self.broken.get())?;
            let said = format!(
                "What is kept of this site cannot be used, and nothing is recorded: {said}. Below is a configuration to replace it with."
            );
            let said = html! { <span>{coded(&said)}</span> };
            Some(note(Tone::Bad, Icon::Warning, "site-invalid", said, None))
        };
        let title = move || part.get().words().1;
        html! {
            {move || head(title(), "", Html::new(state))}
            {invalid}
            {move || self.merged.get().map(|said| {
                let said = html! { <span>{said}</span> };
                note(Tone::Warn, Icon::Info, "site-merged", said, None)
            })}
            <div data-testid="site-settings" data-part=move || part.get().words().0>
                {move || match part.get() {
                    Part::General => html! { {fields::general(self)}{ends::view(self)} },
                    Part::Install => html! { {install::view(self)}{keys::view(self)} },
                    Part::Privacy => fields::privacy(self),
                    Part::Limits => fields::limits(self),
                    Part::Webhook => webhook::view(self),
                    Part::Usage => usage::view(self),
                    Part::Erasure => erasure::view(self.app, self.key.get_value()),
                }}
            </div>
            {self.bar()}
        }
    }

    /// What is not saved, and saving it.
    fn bar(self) -> Html {
        let shown = Memo::new(move |_| {
            self.changed.with(|changed| !changed.is_empty()) || self.broken.get()
        });
        Html::new(move || {
            shown.get().then(|| {
                let said = move || {
                    let changed = self.changed.get();
                    let count = u64::try_from(changed.len()).unwrap_or(u64::MAX);
                    let wrong = self.wrong();
                    let elsewhere = Part::ALL
                        .into_iter()
                        .filter(|part| wrong_in(&wrong, *part) > 0)
                        .map(|part| part.words().1);
                    let elsewhere: Vec<&str> = elsewhere.collect();
                    let mut said = match count {
                        0 => "Nothing is kept yet.".to_owned(),
                        1..=3 => format!("Not saved: {}.", names(&changed)),
                        _ => format!("{} not saved.", text::plural(count, "change")),
                    };
                    // What failed says where to look.
                    if !elsewhere.is_empty() && self.failure.with(Option::is_none) {
                        said = format!("{said} Something is wrong in {}.", elsewhere.join(" and "));
                    }
                    said
                };
                let saving = Signal::derive(move || {
                    if self.busy.get() { "Saving…" } else { "Save changes" }.to_owned()
                });
                html! {
                    <div class="save-bar" role="region" aria-label="Changes that are not saved" data-testid="save-bar">
                        <div class="save-said">
                            <p role="status">{said}</p>
                            <div role="alert">{move || self.failure.get().map(|said| html! { <p class="bad">{said}</p> })}</div>
                        </div>
                        {Button::new("Discard").off(self.busy.into()).testid("discard").on(move || self.discard())}
                        {Button::saying(saving).primary().off(self.busy.into()).testid("save").on(move || self.save())}
                    </div>
                }
            })
        })
    }

    fn discard(self) {
        self.fill(&Draft::of(&self.base.get_untracked()));
        self.failure.set(None);
        self.refused.set(None);
        self.merged.set(None);
    }
}
