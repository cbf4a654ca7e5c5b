//! One session: its page as the visitor saw it, and what happened beside it.

mod activity;
mod details;
mod engine;
mod head;
mod heat;
mod neighbour;
mod panes;
mod removal;
mod share;
mod shown;
mod stage;
mod still;
mod timeline;

pub(super) use still::{Still, still};

use crate::app::App;
use crate::model::failure::Failure;
use crate::model::listing::Listing;
use crate::model::neighbour::Way;
use crate::model::player::{Phase, SPEEDS};
use crate::model::{tabs, text};
use crate::platform;
use crate::route::{Place, Route};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::message::empty;
use crate::ui::{bone, problem};
use engine::Engine;
use gloo_timers::future::sleep;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};
use shown::Shown;
use std::sync::Arc;
use std::time::Duration;

const SKIP: &str = "sentiero-skip-idle";
/// How often a live session is asked for more.
const LIVE: Duration = Duration::from_secs(5);

/// The screen's state; a handle, cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Screen {
    app: App,
    site: StoredValue<SiteKey>,
    sid: StoredValue<SessionId>,
    site_name: StoredValue<String>,
    detail: RwSignal<Option<Arc<SessionDetail>>>,
    failure: RwSignal<Option<Failure>>,
    engine: StoredValue<Engine, LocalStorage>,
    heat: RwSignal<heat::Shown>,
    /// Another session of the list is being looked for.
    walking: RwSignal<bool>,
    shown: StoredValue<Shown>,
}

impl Screen {
    /// What the player shows.
    fn shown(self) -> Shown {
        self.shown.get_value()
    }

    /// The player, unless the screen is gone.
    fn engine(self) -> Option<Engine> {
        self.engine.try_get_value()
    }

    fn with_engine(self, act: impl FnOnce(&Engine)) {
        if let Some(engine) = self.engine() {
            act(&engine);
        }
    }

    /// Asks for the session, and follows it while it is live.
    fn load(self) {
        spawn_local(async move {
            let Some(engine) = self.engine() else { return };
            let (Some(site), Some(sid)) = (self.site.try_get_value(), self.sid.try_get_value())
            else {
                return;
            };
            let _ = self.failure.try_set(None);
            loop {
                let answer = self.app.client.detail(&site, &sid).await;
                if engine.closed() {
                    return;
                }
                match answer {
                    Ok(detail) => self.arrived(&engine, detail),
                    Err(failure) => {
                        self.app.heard(&failure);
                        // What was loaded before stays to be looked at.
                        if self.detail.with_untracked(Option::is_none) {
                            self.failure.set(Some(failure));
                            return;
                        }
                    }
                }
                let live = self
                    .detail
                    .with_untracked(|detail| detail.as_ref().is_some_and(|detail| detail.row.live));
                if !live {
                    return;
                }
                sleep(LIVE).await;
                while !platform::visible() {
                    sleep(LIVE).await;
                }
            }
        });
    }

    fn arrived(self, engine: &Engine, detail: SessionDetail) {
        let detail = Arc::new(detail);
        self.detail.set(Some(Arc::clone(&detail)));
        if self.shown().tab.with_untracked(Option::is_some) {
            engine.update(&detail);
            return;
        }
        let entry = text::address(&detail.row.entry).path;
        platform::title(if entry.is_empty() { "Session" } else { &entry });
        let place = match self.app.route.get_untracked() {
            Route::Replay(place) => Some(place),
            _ => None,
        };
        if let Some((tab, at)) = opening(&detail, place.as_ref()) {
            engine.open(&detail, &tab, at);
        } else {
            // A live one may get its first page load later.
            shown::show(self.shown().phase, Phase::Unplayable);
            shown::show(self.shown().playable, false);
        }
    }

    /// It was opened by a link: there is nothing to go back to, or to hand on.
    fn is_shared(self) -> bool {
        self.app
            .route
            .with_untracked(|route| matches!(route, Route::Shared(..)))
    }

    /// The address of the list that one came from.
    fn back(self) -> String {
        let list = match self.app.route.get_untracked() {
            Route::Replay(place) => place.list,
            _ => String::new(),
        };
        Route::Sessions(self.site.get_value(), list).to_string()
    }

    /// The address changed while we are here: somebody followed a link to
    /// another moment of the same session.
    fn moved(self) {
        let Route::Replay(place) = self.app.route.get() else {
            return;
        };
        let (Some(engine), Some(detail)) = (self.engine(), self.detail.get_untracked()) else {
            return;
        };
        let Some(tab) = tabs::choose(&detail, place.tab.as_ref()) else {
            return;
        };
        if engine.shown.tab.get_untracked().as_ref() != Some(&tab) {
            engine.open(&detail, &tab, place.at);
        } else if let Some(at) = place.at {
            engine.seek(engine.shown.span.get_untracked().from + at);
        }
    }
}

/// The page load and the moment that an address means: those that it names; or those that
/// its list was narrowed to; or the beginning.
fn opening(detail: &SessionDetail, place: Option<&Place>) -> Option<(TabId, Option<Millis>)> {
    let named = place.and_then(|place| place.tab.as_ref());
    let at = place.and_then(|place| place.at);
    if named.is_none() && at.is_none() {
        let (listing, _) = Listing::parse(place.map_or("", |place| &place.list));
        if let Some((tab, at)) = tabs::opening(detail, &listing.filter) {
            return Some((tab, Some(at)));
        }
    }
    Some((tabs::choose(detail, named)?, at))
}

/// The screen.
pub(super) fn view(app: App, site: SiteKey, sid: SessionId, site_name: String) -> Html {
    platform::title("Session");
    let shown = Shown::new();
    shown
        .skip
        .set(platform::kept(SKIP).as_deref() != Some("off"));
    let detail = RwSignal::new(None);
    let engine = Engine::new(app, site.clone(), sid.clone(), detail, &shown);
    engine.prepare();
    let screen = Screen {
        app,
        site: StoredValue::new(site),
        sid: StoredValue::new(sid),
        site_name: StoredValue::new(site_name),
        detail,
        failure: RwSignal::new(None),
        engine: StoredValue::new_local(engine),
        heat: RwSignal::new(heat::Shown::default()),
        walking: RwSignal::new(false),
        shown: StoredValue::new(shown),
    };
    screen.load();
    heat::follow(screen);
    Effect::new(move |before: Option<()>| {
        if before.is_some() {
            screen.moved();
        } else {
            app.route.track();
        }
    });
    let keys = window_event_listener(ev::keydown, move |event| on_key(screen, &event));
    on_cleanup(move || {
        keys.remove();
        screen.with_engine(Engine::close);
    });
    let failed_for = Memo::new(move |_| {
        let known = screen.detail.with(Option::is_some);
        screen.failure.get().filter(|_| !known)
    });
    Html::new(move || match failed_for.get() {
        Some(failure) => failed(screen, &failure),
        None => replay(screen),
    })
}

fn failed(screen: Screen, failure: &Failure) -> Html {
    let back = screen.back();
    if failure.is_gone() {
        return gone(back);
    }
    html! {
        <div class="centred">
            <h1 class="visually-hidden">"Session"</h1>
            {problem(failure, move || screen.load())}
            <a class="quiet-link" href=back>"Back to the sessions"</a>
        </div>
    }
}

/// To try again brings nobody back; the list that one came from is the way on.
fn gone(back: String) -> Html {
    platform::title("Session not found");
    let way =
        html! { <a class="button primary" href=back>{icon(Icon::Back)}"Back to the sessions"</a> };
    let said = "It was deleted, or is older than its site keeps sessions; or its address is cut. Who sent you the link may know.";
    html! {
        <div class="centred">
            <h1 class="visually-hidden">"Session"</h1>
            {empty(Icon::Search, "gone", "This session is not there".to_owned(), said.to_owned(), vec![way])}
        </div>
    }
}

/// The stage is there from the start: the frame takes as long to begin as the
/// session takes to come.
fn replay(screen: Screen) -> Html {
    let known = Memo::new(move |_| screen.detail.with(Option::is_some));
    let head = move || {
        if known.get() {
            return head::view(screen);
        }
        html! { <div class="replay-head">{bone("w-30 tall")}{bone("w-15")}</div> }
    };
    let side = move || {
        if known.get() {
            return panes::view(screen);
        }
        awaited()
    };
    html! {
        <div class="replay" on:click=release>
            {head}
            <div class="replay-body">
                {stage::view(screen)}
                {side}
            </div>
        </div>
    }
}

fn awaited() -> Html {
    html! {
        <div class="side" role="status" aria-label="Loading the session">
            {(0..9).map(|_| html! { <div class="skeleton-row">{bone("dot")}{bone("w-60")}</div> }).collect_view()}
        </div>
    }
}

/// A button that the pointer pressed lets the focus go, so that space plays
/// instead of pressing it again.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature of an event handler"
)]
fn release(event: web_sys::MouseEvent) {
    if event.detail() > 0 {
        platform::release_focus();
    }
}

fn on_key(screen: Screen, event: &web_sys::KeyboardEvent) {
    let Some(engine) = screen.engine() else {
        return;
    };
    if platform::typing(event) || screen.detail.with_untracked(Option::is_none) {
        return;
    }
    match event.key().as_str() {
        " " if platform::on_control(event) => return,
        " " => engine.toggle(),
        "ArrowLeft" => engine.nudge(-5_000),
        "ArrowRight" => engine.nudge(5_000),
        "ArrowUp" => faster(&engine, true),
        "ArrowDown" => faster(&engine, false),
        "j" => neighbour::go(screen, Way::Next),
        "k" => neighbour::go(screen, Way::Previous),
        "n" => engine.step(true),
        "p" => engine.step(false),
        "s" => toggle_skip(&engine),
        "c" if !screen.is_shared() => copy_link(screen),
        "f" => stage::full_screen(),
        "t" => head::next_load(screen, true),
        "T" => head::next_load(screen, false),
        "h" => screen.heat.update(|heat| heat.on = !heat.on),
        _ => return,
    }
    event.prevent_default();
}

fn faster(engine: &Engine, up: bool) {
    let now = engine.shown.speed.get_untracked();
    let next = if up {
        SPEEDS.into_iter().find(|speed| *speed > now)
    } else {
        SPEEDS.into_iter().rfind(|speed| *speed < now)
    };
    if let Some(speed) = next {
        engine.speed(speed);
    }
}

fn toggle_skip(engine: &Engine) {
    let skip = !engine.shown.skip.get_untracked();
    platform::keep(SKIP, Some(if skip { "on" } else { "off" }));
    engine.skip(skip);
}

fn copy_link(screen: Screen) {
    screen.with_engine(|engine| {
        let at = text::clock(
            screen
                .shown()
                .span
                .get_untracked()
                .offset(screen.shown().at.get_untracked()),
        );
        let link = format!("{}{}", platform::page(), engine.link());
        engine.remember();
        screen.app.copy(link, "Link copied");
        leptos::logging::debug_log!("link at {at}");
    });
}
