//! Which sessions are looked at, as the address says it: what the bar shows and changes,
//! above the list and above reports.

use crate::app::App;
use crate::model::clauses::How;
use crate::model::listing::Listing;
use crate::platform;
use crate::route::Route;
use leptos::prelude::*;
use sentiero_core::api::Facets;
use sentiero_core::id::SiteKey;

/// What the address says.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::page) struct Shown {
    pub(in crate::page) listing: Listing,
    /// What in it cannot be read.
    pub(in crate::page) wrong: Option<String>,
}

/// A condition that is being added.
#[derive(Clone, Copy)]
pub(in crate::page) struct Adding {
    /// It is asked for.
    pub(in crate::page) open: RwSignal<bool>,
    /// What becomes of it: a word of [`How`].
    pub(in crate::page) how: RwSignal<&'static str>,
}

impl Adding {
    /// None is.
    pub(in crate::page) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            how: RwSignal::new(How::default().words().0),
        }
    }
}

/// See the module.
#[derive(Clone, Copy)]
pub(in crate::page) struct Sieve {
    pub(in crate::page) app: App,
    pub(in crate::page) site: StoredValue<SiteKey>,
    pub(in crate::page) shown: Memo<Shown>,
    /// What it could be narrowed by, once that is known.
    pub(in crate::page) facets: RwSignal<Option<Facets>>,
    /// The condition that is being added.
    pub(in crate::page) adding: Adding,
    /// Where the screen shows other sessions.
    pub(in crate::page) address: Callback<Listing, Route>,
}

impl Sieve {
    /// Shows `listing`: a step that the browser's back button takes back.
    pub(in crate::page) fn go(self, listing: &Listing) {
        platform::go(&self.address.run(listing.clone()).to_string());
    }

    /// The same without a step, while somebody types.
    pub(in crate::page) fn go_quietly(self, listing: &Listing) {
        let route = self.address.run(listing.clone());
        platform::replace(&route.to_string());
        self.app.route.set(route);
    }
}
