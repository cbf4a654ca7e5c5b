//! What is asked and answered.

use crate::app::App;
use crate::client::{Abort, Told};
use crate::model::failure::Failure;
use crate::model::listing::{Earlier, Listing};
use crate::model::report::table::Panel;
use crate::model::report::{Asking, Name, View, beside, view};
use crate::page::sessions::sieve::{Adding, Shown, Sieve};
use crate::platform;
use crate::route::Route;
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::analytics::report::Answer;
use sentiero_core::id::SiteKey;
use std::time::Duration;

/// After this, waiting is spoken of.
const SLOW: Duration = Duration::from_secs(3);

/// An answer, and what was asked.
pub(in crate::page) struct Answered {
    pub(in crate::page) asking: Asking,
    pub(in crate::page) view: View,
    pub(in crate::page) answer: Answer,
    /// As the API gave it.
    pub(in crate::page) json: Vec<u8>,
    /// How many of the sessions are still to be read anew.
    pub(in crate::page) pending: u64,
    /// What stands beside it, in order, as far as it came.
    pub(super) beside: ArcRwSignal<Vec<Beside>>,
}

impl Answered {
    fn new(asking: Asking, told: Told) -> Self {
        Self {
            asking,
            view: view(&told.answer),
            answer: told.answer,
            json: told.json,
            pending: told.pending,
            beside: ArcRwSignal::new(Vec::new()),
        }
    }
}

/// The time before.
pub(super) struct Before {
    pub(super) earlier: Earlier,
    /// What was said of it; none if it could not be asked.
    pub(super) view: Option<View>,
}

/// What another report says beside the overview.
pub(super) struct Beside {
    pub(super) name: Name,
    /// None if it could not be asked.
    pub(super) panel: Option<Panel>,
}

/// See the module.
#[derive(Clone, Copy)]
pub(in crate::page) struct State {
    pub(in crate::page) app: App,
    pub(in crate::page) site: StoredValue<SiteKey>,
    pub(in crate::page) asking: Memo<Asking>,
    pub(in crate::page) sieve: Sieve,
    pub(in crate::page) answer: RwSignal<Option<Answered>>,
    /// The same about the sessions to compare with.
    pub(in crate::page) other: RwSignal<Option<Answered>>,
    /// What headlines are held against.
    pub(super) earlier: RwSignal<Option<Before>>,
    /// Whose sessions numbers open.
    pub(in crate::page) looks: Memo<Listing>,
    pub(in crate::page) failure: RwSignal<Option<Failure>>,
    /// It takes so long that it has to be spoken of.
    pub(in crate::page) slow: RwSignal<bool>,
    /// Which question the answers on their way belong to, and what ends their requests.
    asked: StoredValue<(u32, Option<Abort>), LocalStorage>,
}

impl State {
    /// The reports of `site`, which follow the address as long as it `is_own`.
    pub(in crate::page) fn start(app: App, site: SiteKey, is_own: fn(&Route) -> bool) -> Self {
        let own = site.clone();
        let asking = Memo::new(move |before: Option<&Asking>| {
            let asking = app.route.with(|route| {
                let is_here = route.site() == Some(&own) && is_own(route);
                route.asking().filter(|_| is_here)
            });
            // Somebody goes elsewhere; this is taken away.
            asking.or_else(|| before.cloned()).unwrap_or_default()
        });
        let site = StoredValue::new(site);
        let shown = Memo::new(move |_| {
            asking.with(|asking| Shown {
                listing: asking.listing.clone(),
                wrong: asking.wrong.clone(),
            })
        });
        let address = Callback::new(move |listing: Listing| {
            let asking = asking.get_untracked().about(listing);
            Route::asked(site.get_value(), &asking)
        });
        let listing = Memo::new(move |_| asking.with(|asking| asking.listing.clone()));
        let state = Self {
            app,
            site,
            asking,
            sieve: Sieve {
                app,
                site,
                shown,
                facets: RwSignal::new(None),
                adding: Adding::new(),
                address,
            },
            answer: RwSignal::new(None),
            other: RwSignal::new(None),
            earlier: RwSignal::new(None),
            looks: listing,
            failure: RwSignal::new(None),
            slow: RwSignal::new(false),
            asked: StoredValue::new_local((0, None)),
        };
        Effect::new(move |before: Option<Asking>| {
            let asking = asking.get();
            if !before.is_some_and(|before| before.asks_as(&asking)) {
                state.ask();
            }
            asking
        });
        Effect::new(move |_| {
            listing.track();
            state.count();
        });
        on_cleanup(move || state.end());
        state
    }

    /// The answer that is shown is one to another question, and the right one is on its way.
    pub(in crate::page) fn outdated(self) -> bool {
        let asking = self.asking.get();
        self.answer.with(|answer| {
            answer
                .as_ref()
                .is_some_and(|answered| !answered.asking.asks_as(&asking))
        })
    }

    fn end(self) {
        let abort = self.asked.try_update_value(|(_, abort)| abort.take());
        if let Some(abort) = abort.flatten() {
            abort.now();
        }
    }

    /// Which question is asked now; none if the screen is gone.
    fn turn(self) -> Option<u32> {
        self.asked.try_with_value(|(turn, _)| *turn)
    }

    /// Asks what the address asks.
    pub(in crate::page) fn ask(self) {
        self.end();
        let turn = self.turn().unwrap_or_default() + 1;
        self.asked.set_value((turn, None));
        self.failure.set(None);
        self.slow.set(false);
        let asking = self.asking.get_untracked();
        // Of another report nothing is shown meanwhile.
        let other = self.answer.with_untracked(|answer| {
            answer
                .as_ref()
                .is_some_and(|answered| answered.asking.name != asking.name)
        });
        if other {
            self.answer.set(None);
        }
        self.other.set(None);
        self.earlier.set(None);
        let moment = platform::moment();
        let against = asking.request_against(moment);
        let earlier = asking.request_earlier(moment);
        let beside = beside::asked(&asking, moment);
        let Some(query) = asking.request(moment) else {
            return;
        };
        let abort = Abort::new();
        self.asked.set_value((turn, Some(abort.clone())));
        spawn_local(async move {
            sleep(SLOW).await;
            let is_waiting = self.turn() == Some(turn)
                && self.answer.try_with_untracked(Option::is_none) == Some(true);
            if is_waiting {
                self.slow.set(true);
            }
        });
        if let Some(query) = against {
            let (asking, abort) = (asking.clone(), abort.clone());
            spawn_local(async move { self.ask_other(turn, &asking, &query, &abort).await });
        }
        if let Some((earlier, query)) = earlier {
            let (name, abort) = (asking.name, abort.clone());
            spawn_local(async move { self.ask_earlier(turn, name, earlier, &query, &abort).await });
        }
        spawn_local(async move {
            let Some(site) = self.site.try_get_value() else {
                return;
            };
            let client = &self.app.client;
            let answer = client
                .report(&site, asking.name.word(), &query, &abort)
                .await;
            if self.turn() != Some(turn) {
                return;
            }
            self.slow.set(false);
            match answer {
                Ok(told) => self.answer.set(Some(Answered::new(asking, told))),
                Err(failure) => {
                    self.app.heard(&failure);
                    self.failure.set(Some(failure));
                    return;
                }
            }
            for (name, query) in beside {
                self.ask_beside(turn, &site, name, &query, &abort).await;
            }
        });
    }

    /// Asks what stands beside the answer.
    async fn ask_beside(self, turn: u32, site: &SiteKey, name: Name, query: &str, abort: &Abort) {
        if self.turn() != Some(turn) {
            return;
        }
        let client = &self.app.client;
        let answer = client.report(site, name.word(), query, abort).await;
        if self.turn() != Some(turn) {
            return;
        }
        let panel = match answer {
            Ok(told) => beside::panel(&told.answer),
            Err(failure) => {
                self.app.heard(&failure);
                None
            }
        };
        let own = self
            .answer
            .with_untracked(|answer| Some(answer.as_ref()?.beside.clone()));
        if let Some(own) = own {
            own.update(|all| all.push(Beside { name, panel }));
        }
    }

    /// Asks the same about the sessions to compare with.
    async fn ask_other(self, turn: u32, asking: &Asking, query: &str, abort: &Abort) {
        let Some(site) = self.site.try_get_value() else {
            return;
        };
        let word = asking.name.word();
        let answer = self.app.client.report(&site, word, query, abort).await;
        if self.turn() != Some(turn) {
            return;
        }
        match answer {
            Ok(told) => self.other.set(Some(Answered::new(asking.clone(), told))),
            Err(failure) => {
                self.app.heard(&failure);
                self.failure.set(Some(failure));
            }
        }
    }

    /// Asks the same about the time before.
    async fn ask_earlier(
        self,
        turn: u32,
        name: Name,
        earlier: Earlier,
        query: &str,
        abort: &Abort,
    ) {
        let Some(site) = self.site.try_get_value() else {
            return;
        };
        let client = &self.app.client;
        let answer = client.report(&site, name.word(), query, abort).await;
        if self.turn() != Some(turn) {
            return;
        }
        let view = match answer {
            // Of sessions that are missing for now nothing follows.
            Ok(told) if told.pending > 0 => return,
            Ok(told) => Some(view(&told.answer)),
            Err(failure) => {
                self.app.heard(&failure);
                None
            }
        };
        self.earlier.set(Some(Before { earlier, view }));
    }

    /// Shows the sessions to compare with: the same, but that numbers open those.
    pub(in crate::page) fn facing(self) -> Self {
        let asking = self.asking;
        let looks =
            Memo::new(move |_| asking.with(|asking| asking.against.clone().unwrap_or_default()));
        Self { looks, ..self }
    }

    /// Asks how many sessions there are of what, to narrow by.
    fn count(self) {
        let listing = self.asking.with_untracked(|asking| asking.listing.clone());
        self.sieve.facets.set(None);
        spawn_local(async move {
            let Some(site) = self.site.try_get_value() else {
                return;
            };
            let filter = listing.resolve(platform::moment());
            let facets = self.app.client.facets(&site, &filter).await;
            let still = self
                .asking
                .try_with_untracked(|asking| asking.listing == listing);
            if still != Some(true) {
                return;
            }
            match facets {
                Ok(facets) => self.sieve.facets.set(Some(facets)),
                // The report says by itself what is wrong with the connection.
                Err(failure) => self.app.heard(&failure),
            }
        });
    }
}
