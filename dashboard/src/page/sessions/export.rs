//! The list as a file: all that match, not only what is loaded.

use super::list::List;
use crate::model::listed::{File, Form};
use crate::model::report::export::file_name;
use crate::model::text;
use crate::platform;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::MAX_PAGE;

/// Reads the list to its end and saves it. Who leaves the list ends that.
pub(super) fn save(list: List, form: Form) {
    let listing = list.shown.with_untracked(|shown| shown.listing.clone());
    let mut search = listing.search(platform::moment(), None);
    search.limit = MAX_PAGE;
    let app = list.app;
    spawn_local(async move {
        let mut file = File::new(form);
        loop {
            let Some(site) = list.site.try_get_value() else {
                return;
            };
            let page = match app.client.sessions(&site, &search).await {
                Ok(page) => page,
                Err(failure) => {
                    app.heard(&failure);
                    app.say("The list could not be read to its end. Nothing was saved.");
                    return;
                }
            };
            file.add(&page.sessions);
            if page.next.is_none() {
                let name = file_name(site.as_str(), "sessions", platform::now(), form.ending());
                let count = text::plural(file.rows(), "session");
                let saved = platform::download(&name, form.media(), &file.end());
                app.say(&match saved {
                    Some(()) => format!("{count} saved"),
                    None => "The browser did not take the file.".to_owned(),
                });
                return;
            }
            search.cursor = page.next;
            app.say(&format!(
                "Reading: {} so far",
                text::plural(file.rows(), "session")
            ));
        }
    });
}
