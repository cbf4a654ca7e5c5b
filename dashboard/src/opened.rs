//! The file, or what a link shows, that was opened in this page, until it is left or another one is opened.

use crate::model::file::{Opened, SITE};
use crate::route::Route;
use sentiero_core::id::{SessionId, SiteKey};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static OPENED: RefCell<Option<Rc<Opened>>> = const { RefCell::new(None) };
}

/// What of a file is to be shown, whoever is signed in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Local {
    /// Nothing: the address names something of the worker's.
    No,
    /// The choice of a file; also where one was open before the page was loaded again.
    Choose,
    /// The file that is open.
    Replay(SiteKey, SessionId),
    /// What a link shows.
    Shared(SiteKey, String),
}

/// Keeps `opened`, in place of what was open, and gives the address that shows it.
pub(crate) fn keep(opened: Opened) -> String {
    let address = format!("#/s/{SITE}/{}", opened.sid());
    hold(opened);
    address
}

/// Keeps `opened`, in place of what was open, for a screen that knows its id.
pub(crate) fn hold(opened: Opened) {
    OPENED.set(Some(Rc::new(opened)));
}

/// The open file, if it is this session.
pub(crate) fn get(site: &SiteKey, sid: &SessionId) -> Option<Rc<Opened>> {
    let opened = OPENED.with_borrow(Clone::clone)?;
    (site.as_str() == SITE && opened.sid() == sid).then_some(opened)
}

/// What of a file `route` names.
pub(crate) fn named(route: &Route) -> Local {
    if *route == Route::File {
        return Local::Choose;
    }
    if let Route::Shared(site, secret) = route {
        return Local::Shared(site.clone(), secret.clone());
    }
    let Some(site) = route.site().filter(|site| site.as_str() == SITE) else {
        return Local::No;
    };
    match route {
        Route::Replay(place) if get(site, &place.sid).is_some() => {
            Local::Replay(site.clone(), place.sid.clone())
        }
        _ => Local::Choose,
    }
}
