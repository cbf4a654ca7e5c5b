//! The loaded rows and what happens to them.

use super::erase;
use super::sieve::{Adding, Shown, Sieve};
use crate::app::App;
use crate::model::erasing::Doomed;
use crate::model::failure::Failure;
use crate::model::feed::Feed;
use crate::model::listing::Listing;
use crate::model::picked::Picked;
use crate::platform;
use crate::route::Route;
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::{Facets, Privacy};
use sentiero_core::id::{SessionId, SiteKey};
use std::time::Duration;

const AUTO: &str = "sentiero-auto-refresh";
/// How often the list looks for new sessions.
const REFRESH: Duration = Duration::from_secs(10);
/// The same, while there is nothing to look at yet.
const FIRST: Duration = Duration::from_secs(3);
/// After this, waiting is spoken of.
const SLOW: Duration = Duration::from_secs(4);
/// Further down than this somebody reads, px.
const AT_TOP: f64 = 40.0;

/// What is being waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wait {
    /// The rows are those of another filter, and the right ones are on their way.
    pub(super) outdated: bool,
    /// It takes so long that it has to be spoken of.
    pub(super) slow: bool,
}

/// The list and what happens to it.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) app: App,
    pub(super) site: StoredValue<SiteKey>,
    pub(super) shown: Memo<Shown>,
    pub(super) feed: RwSignal<Option<Feed>>,
    pub(super) facets: RwSignal<Option<Facets>>,
    pub(super) privacy: RwSignal<Privacy>,
    pub(super) failure: RwSignal<Option<Failure>>,
    pub(super) picked: RwSignal<Picked>,
    /// The filter that is being added is asked for.
    pub(super) adding: StoredValue<Adding>,
    /// What is about to be deleted.
    pub(super) doomed: RwSignal<Option<Doomed>>,
    /// A deletion that was asked for.
    pub(super) erasing: RwSignal<Option<erase::Progress>>,
    pub(super) refreshing: RwSignal<bool>,
    pub(super) wait: RwSignal<Wait>,
    pub(super) older: RwSignal<bool>,
    pub(super) auto: RwSignal<bool>,
    /// Which question the answers on their way belong to.
    turn: StoredValue<u32>,
}

impl List {
    /// The list of `site`, which follows the address.
    pub(super) fn start(app: App, site: SiteKey) -> Self {
        let own = site.clone();
        let query = Memo::new(move |before: Option<&String>| match app.route.get() {
            Route::Sessions(site, query) if site == own => query,
            _ => before.cloned().unwrap_or_default(),
        });
        let shown = Memo::new(move |_| {
            let (listing, wrong) = Listing::parse(&query.get());
            Shown { listing, wrong }
        });
        let list = Self {
            app,
            site: StoredValue::new(site),
            shown,
            feed: RwSignal::new(None),
            facets: RwSignal::new(None),
            privacy: RwSignal::new(Privacy::default()),
            failure: RwSignal::new(None),
            picked: RwSignal::new(Picked::default()),
            adding: StoredValue::new(Adding::new()),
            doomed: RwSignal::new(None),
            erasing: RwSignal::new(None),
            refreshing: RwSignal::new(false),
            wait: RwSignal::new(Wait::default()),
            older: RwSignal::new(false),
            auto: RwSignal::new(platform::kept(AUTO).as_deref() != Some("off")),
            turn: StoredValue::new(0),
        };
        Effect::new(move |_| {
            shown.track();
            list.anew();
        });
        spawn_local(poll(list));
        Effect::new(move |before: Option<bool>| {
            let online = app.online.get();
            if before == Some(false) && online {
                list.refresh(false);
            }
            online
        });
        list
    }

    /// Asks for something else than before.
    fn anew(self) {
        self.picked.set(Picked::default());
        self.facets.set(None);
        let outdated = self.feed.with_untracked(Option::is_some);
        self.wait.set(Wait {
            outdated,
            slow: false,
        });
        self.refreshing.set(false);
        self.older.set(false);
        self.ask(true);
    }

    /// Looks for new sessions; because somebody asked, or by itself.
    pub(super) fn refresh(self, asked: bool) {
        if self.refreshing.get_untracked() && !asked {
            return;
        }
        self.ask(asked && self.feed.with_untracked(Option::is_none));
    }

    fn ask(self, first: bool) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.refreshing.set(true);
        if first || self.wait.get_untracked().outdated {
            self.wait.update(|wait| wait.slow = false);
            spawn_local(self.watch(turn));
        }
        spawn_local(async move {
            let Some(site) = self.site.try_get_value() else {
                return;
            };
            let listing = self.shown.with_untracked(|shown| shown.listing.clone());
            let search = listing.search(platform::moment(), None);
            let answer = self.app.client.sessions(&site, &search).await;
            if !self.is_turn(turn) {
                return;
            }
            self.refreshing.set(false);
            self.wait.update(|wait| wait.slow = false);
            let page = match answer {
                Ok(page) => page,
                Err(failure) => return self.failed(failure),
            };
            self.failure.set(None);
            let feed = match self.feed.get_untracked() {
                Some(mut feed) if !self.wait.get_untracked().outdated => {
                    feed.refresh(page, self.is_read());
                    feed
                }
                _ => Feed::new(page, listing.sort),
            };
            self.wait.set(Wait::default());
            let changed = self
                .feed
                .with_untracked(|before| before.as_ref() != Some(&feed));
            if changed {
                self.feed.set(Some(feed));
            }
            // Other conditions can have the same rows, and an earlier count may have been overtaken.
            if changed || self.facets.with_untracked(Option::is_none) {
                self.count(turn).await;
            }
        });
    }

    /// Whether an answer still belongs to what is shown.
    fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    async fn watch(self, turn: u32) {
        sleep(SLOW).await;
        if self.is_turn(turn) && self.refreshing.try_get_untracked() == Some(true) {
            self.wait.update(|wait| wait.slow = true);
        }
    }

    /// Asks how many there are of what, and what the edge had to mask; the rows
    /// have changed.
    async fn count(self, turn: u32) {
        let Some(site) = self.site.try_get_value() else {
            return;
        };
        let filter = self
            .shown
            .with_untracked(|shown| shown.listing.resolve(platform::moment()));
        let facets = self.app.client.facets(&site, &filter).await;
        if !self.is_turn(turn) {
            return;
        }
        match facets {
            Ok(facets) => self.facets.set(Some(facets)),
            Err(failure) => return self.failed(failure),
        }
        let privacy = self.app.client.privacy(&site).await;
        if self.is_turn(turn) {
            match privacy {
                Ok(privacy) => self.privacy.set(privacy),
                Err(failure) => self.failed(failure),
            }
        }
    }

    /// Continues at the bottom.
    pub(super) fn load_more(self) {
        let next = self
            .feed
            .with_untracked(|feed| feed.as_ref().and_then(|feed| feed.next.clone()));
        let Some(next) = next.filter(|_| !self.older.get_untracked()) else {
            return;
        };
        self.older.set(true);
        let shown = self.shown.get_untracked();
        spawn_local(async move {
            let Some(site) = self.site.try_get_value() else {
                return;
            };
            let search = shown.listing.search(platform::moment(), Some(next));
            let answer = self.app.client.sessions(&site, &search).await;
            // Somebody may have left, or look for something else by now.
            if self.shown.try_get_untracked().as_ref() != Some(&shown) {
                return;
            }
            self.older.set(false);
            match answer {
                Ok(page) => self.feed.update(|feed| {
                    if let Some(feed) = feed {
                        feed.extend(page);
                    }
                }),
                Err(failure) => self.failed(failure),
            }
        });
    }

    pub(super) fn failed(self, failure: Failure) {
        self.app.heard(&failure);
        self.failure.set(Some(failure));
    }

    /// Somebody reads: nothing may move.
    fn is_read(self) -> bool {
        let in_rows = platform::document()
            .and_then(|document| document.active_element())
            .is_some_and(|active| active.matches(".session *").unwrap_or(false));
        in_rows
            || platform::scrolled() > AT_TOP
            || self.picked.with_untracked(|picked| !picked.is_empty())
            || self.doomed.with_untracked(Option::is_some)
    }

    /// Shows what came meanwhile, and goes to it.
    pub(super) fn show_waiting(self) {
        self.feed.update(|feed| {
            if let Some(feed) = feed {
                feed.show_waiting();
            }
        });
        platform::scroll_to_top();
    }

    /// Whether there is no row; none while that is not known.
    pub(super) fn is_empty(self) -> Option<bool> {
        self.feed
            .with(|feed| feed.as_ref().map(|feed| feed.rows.is_empty()))
    }

    /// How many sessions match, once that is known.
    pub(super) fn total(self) -> Option<u64> {
        self.facets
            .with(|facets| facets.as_ref().map(|facets| facets.total))
    }

    /// Selects a session or not, or a range.
    pub(super) fn pick(self, sid: &SessionId, range: bool) {
        let rows = self.sids();
        self.picked.update(|picked| picked.touch(sid, range, &rows));
    }

    /// The sessions that are shown.
    pub(super) fn sids(self) -> Vec<SessionId> {
        self.feed
            .with_untracked(|feed| feed.as_ref().map(Feed::sids).unwrap_or_default())
    }

    /// Shows `listing`: a step that the browser's back button takes back.
    pub(super) fn go(self, listing: &Listing) {
        self.sieve().go(listing);
    }

    /// What the bar shows and changes of it.
    pub(super) fn sieve(self) -> Sieve {
        let site = self.site;
        Sieve {
            app: self.app,
            site,
            shown: self.shown,
            facets: self.facets,
            adding: self.adding.get_value(),
            address: Callback::new(move |listing: Listing| {
                Route::Sessions(site.get_value(), listing.to_string())
            }),
        }
    }

    pub(super) fn flip_auto(self) {
        let auto = !self.auto.get_untracked();
        platform::keep(AUTO, Some(if auto { "on" } else { "off" }));
        self.auto.set(auto);
    }
}

async fn poll(list: List) {
    loop {
        let empty = list
            .feed
            .try_with_untracked(|feed| feed.as_ref().is_none_or(|feed| feed.rows.is_empty()));
        let Some(empty) = empty else { return };
        sleep(if empty { FIRST } else { REFRESH }).await;
        let (Some(auto), Some(online)) = (
            list.auto.try_get_untracked(),
            list.app.online.try_get_untracked(),
        ) else {
            return;
        };
        if (auto || empty) && online && platform::visible() {
            list.refresh(false);
        }
    }
}
