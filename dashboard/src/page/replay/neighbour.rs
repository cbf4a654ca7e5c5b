//! On to the next session of the list that one came from, or back to the one before.

use super::Screen;
use crate::model::listing::Listing;
use crate::model::neighbour::{Found, Walk, Way};
use crate::opened;
use crate::platform;
use crate::route::{Place, Route};
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::icon_button;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The buttons; an opened file is in no list.
pub(super) fn buttons(screen: Screen) -> Html {
    let (site, sid) = (screen.site.get_value(), screen.sid.get_value());
    if opened::get(&site, &sid).is_some() {
        return Html::empty();
    }
    html! {
        <div class="neighbours" role="group" aria-label="Sessions of the list" class:busy=move || screen.walking.get()>
            {icon_button("Previous session (K)", Icon::Up, move || go(screen, Way::Previous))}
            {icon_button("Next session (J)", Icon::Down, move || go(screen, Way::Next))}
        </div>
    }
}

/// Looks for the neighbour, and goes there.
pub(super) fn go(screen: Screen, way: Way) {
    let list = match screen.app.route.get_untracked() {
        Route::Replay(place) => place.list,
        _ => return,
    };
    let (site, sid) = (screen.site.get_value(), screen.sid.get_value());
    let Some(detail) = screen.detail.get_untracked() else {
        return;
    };
    if screen.walking.get_untracked() || opened::get(&site, &sid).is_some() {
        return;
    }
    screen.walking.set(true);
    let (listing, _) = Listing::parse(&list);
    let mut walk = Walk::new(way, &listing, platform::moment(), &detail.row);
    let app = screen.app;
    spawn_local(async move {
        let found = loop {
            match app.client.sessions(&site, &walk.search()).await {
                Ok(page) => match walk.take(&page) {
                    Found::More => {}
                    found => break Ok(found),
                },
                Err(failure) => break Err(failure),
            }
        };
        // Whoever has left meanwhile stays where he is.
        if screen.walking.try_set(false).is_some() {
            return;
        }
        match found {
            Ok(Found::Session(sid)) => {
                let place = Place {
                    site,
                    sid,
                    tab: None,
                    at: None,
                    list,
                };
                platform::go(&Route::Replay(place).to_string());
            }
            Ok(Found::TooFar) => app.say("This session is too far down the list to find the one before. Sort by start, or narrow the list."),
            Ok(Found::None | Found::More) => app.say(way.none()),
            Err(failure) => {
                app.heard(&failure);
                app.say(failure.title());
            }
        }
    });
}
