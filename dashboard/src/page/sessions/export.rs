//! The list as a file: all that match, not only what is loaded. The edge writes it; here it
//! is seen how far that is, and ended where nobody wants it any more.

use super::list::List;
use crate::client::Abort;
use crate::model::listed::Count;
use crate::model::text;
use crate::platform;
use crate::ui::Button;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, note, progress};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::listing::Sort;
use sentiero_core::listing::file::{Export, Form};

/// A file that is being saved.
#[derive(Clone, Copy)]
pub(super) struct Saving {
    /// How many sessions have come; none if nothing is being saved.
    done: RwSignal<Option<u64>>,
    abort: StoredValue<Option<Abort>, LocalStorage>,
}

impl Saving {
    /// Nothing is being saved. Who leaves the list ends it.
    pub(super) fn new() -> Self {
        let saving = Self {
            done: RwSignal::new(None),
            abort: StoredValue::new_local(None),
        };
        on_cleanup(move || saving.end());
        saving
    }

    /// Has the list written to its end, and saves it.
    pub(super) fn save(self, list: List, form: Form) {
        let app = list.app;
        if self.done.get_untracked().is_some() {
            app.say("A file is being saved already.");
            return;
        }
        let export = list.shown.with_untracked(|shown| Export {
            filter: shown.listing.resolve(platform::moment()),
            oldest: shown.listing.sort == Sort::Oldest,
            form,
        });
        let (site, abort) = (list.site.get_value(), Abort::new());
        self.abort.set_value(Some(abort.clone()));
        self.done.set(Some(0));
        spawn_local(async move {
            let mut count = Count::new(form);
            let look = |piece: &[u8]| {
                count.add(piece);
                // Not there any more once the list is left.
                let _ = self.done.try_set(Some(count.sessions()));
            };
            let file = app.client.export(&site, &export, &abort, look).await;
            if self.done.try_set(None).is_some() {
                return;
            }
            match file {
                Ok(file) => {
                    let name = export.file_name(&site, platform::now());
                    app.say(&match platform::offer(&name, &file) {
                        Some(()) => format!("{} saved", text::plural(count.sessions(), "session")),
                        None => "The browser did not take the file.".to_owned(),
                    });
                }
                Err(_) if abort.is_over() => app.say("Cancelled. Nothing was saved."),
                Err(failure) => {
                    app.heard(&failure);
                    app.say(&format!("{}. Nothing was saved.", failure.title()));
                }
            }
        });
    }

    fn end(self) {
        let end = |abort: &Option<Abort>| abort.as_ref().map(Abort::now);
        let _ = self.abort.try_with_value(end);
    }
}

/// How far the file is, and a way to end it.
pub(super) fn progress_note(list: List, saving: Saving) -> Html {
    let is_saving = Memo::new(move |_| saving.done.get().is_some());
    // The note stays while its numbers change, so that the button keeps the focus.
    Html::new(move || {
        is_saving.get().then(|| {
            let said = move || {
                let done = saving.done.get().unwrap_or(0);
                let total = list.total().unwrap_or(done).max(done);
                html! {
                    <div class="erasing">
                        <span>{format!("Saving: {} of {}", text::number(done), text::plural(total, "session"))}</span>
                        {progress("Saved sessions", done, total)}
                    </div>
                }
            };
            let cancel = Button::new("Cancel").small().on(move || saving.end());
            note(Tone::Calm, Icon::Download, "saving", Html::new(said), Some(cancel))
        })
    })
}
