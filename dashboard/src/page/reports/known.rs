//! What can be asked of a report, as far as it is known: it is offered where one types.

use super::state::State;
use crate::client::Abort;
use crate::model::report::{self as model, Name, asking};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// So many elements of each page.
const ELEMENTS: u32 = 50;
/// Without pages to go by, elements are those of so many that are seen most.
const FIRST: usize = 3;

/// See the module; a handle, cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Known {
    state: State,
    pages: RwSignal<Vec<String>>,
    elements: RwSignal<Vec<String>>,
    /// Pages whose elements were asked for.
    asked: StoredValue<Vec<String>>,
}

impl Known {
    /// Asks for the pages. Without an answer one types.
    pub(super) fn start(state: State) -> Self {
        let known = Self {
            state,
            pages: RwSignal::new(Vec::new()),
            elements: RwSignal::new(Vec::new()),
            asked: StoredValue::new(Vec::new()),
        };
        let site = state.site.get_value();
        spawn_local(async move {
            if let Some(answer) = state.app.client.pages(&site).await {
                let _ = known.pages.try_set(model::known_pages(&answer));
            }
        });
        known
    }

    /// Pages.
    pub(super) fn pages(self) -> Signal<Vec<String>> {
        self.pages.into()
    }

    /// What can be said of a step of this kind; of a click, the elements of the pages that
    /// `near` names.
    pub(super) fn of(
        self,
        kind: Signal<String>,
        near: Callback<(), Vec<String>>,
    ) -> Signal<Vec<String>> {
        Effect::new(move |_| {
            if kind.get() == "click" {
                self.look_at(&near.run(()));
            }
        });
        Signal::derive(move || match kind.get().as_str() {
            "page" => self.pages.get(),
            "click" => self.elements.get(),
            "event" => self.state.sieve.facets.with(|facets| {
                let events = facets.iter().flat_map(|facets| &facets.event);
                events.map(|event| event.value.clone()).collect()
            }),
            _ => Vec::new(),
        })
    }

    /// Asks for the elements of those of `near` that are known pages, each once.
    fn look_at(self, near: &[String]) {
        let wanted = self.pages.with(|pages| model::near(pages, near, FIRST));
        for page in wanted {
            let is_new = self.asked.try_update_value(|asked| {
                let is_new = !asked.contains(&page);
                if is_new {
                    asked.push(page.clone());
                }
                is_new
            });
            if is_new != Some(true) {
                continue;
            }
            let query = format!("{}&top={ELEMENTS}", asking::page(&page).to_query());
            let site = self.state.site.get_value();
            spawn_local(async move {
                let (client, abort) = (&self.state.app.client, Abort::new());
                let told = client.report(&site, Name::Page.word(), &query, &abort);
                if let Ok(told) = told.await {
                    self.offer(model::known_elements(&told.answer));
                }
            });
        }
    }

    fn offer(self, found: Vec<String>) {
        let _ = self.elements.try_update(|elements| {
            for element in found {
                if !elements.contains(&element) {
                    elements.push(element);
                }
            }
        });
    }
}
