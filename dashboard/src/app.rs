//! What every screen shares: the API, who is signed in, where we are, the time.

use crate::client::Client;
use crate::model::failure::Failure;
use crate::platform;
use crate::route::Route;
use core::sync::atomic::{AtomicU32, Ordering};
use gloo_timers::future::sleep;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::{Session, Site};
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::issue::Known;
use std::time::Duration;

const THEME: &str = "sentiero-theme";
/// How often relative times move on.
const CLOCK: Duration = Duration::from_secs(5);
/// How long a passing message stays.
const TOAST: Duration = Duration::from_secs(4);
/// The same, if something can be taken back.
const UNDO: Duration = Duration::from_secs(10);

/// Whether the viewer may look.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Auth {
    /// Being asked.
    Unknown,
    /// Could not be asked.
    Failed(Failure),
    /// To be asked for the password.
    Out {
        /// The session ended while somebody was looking.
        expired: bool,
    },
    /// May look.
    In(Session),
}

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The one after this.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// A passing message.
#[derive(Clone)]
pub(crate) struct Toast {
    pub(crate) text: String,
    /// What takes back that of which it tells.
    pub(crate) undo: Option<Callback<()>>,
    /// Which it is: a later one may say the same.
    turn: u32,
}

/// The shared state: made once, and there as long as the page.
pub(crate) type App = &'static Shared;

/// See [`App`].
pub(crate) struct Shared {
    pub(crate) client: Client,
    /// Address of the player's script.
    pub(crate) player: String,
    /// Address of the page that a recording is saved in.
    pub(crate) viewer: String,
    /// Address of the decoder's script.
    pub(crate) decoder: String,
    pub(crate) auth: RwSignal<Auth>,
    /// The sites that the viewer may see.
    pub(crate) sites: RwSignal<Vec<Site>>,
    pub(crate) route: RwSignal<Route>,
    /// Something is typed that is not saved.
    pub(crate) unsaved: RwSignal<bool>,
    /// Where somebody wants to go who would lose it.
    pub(crate) leaving: RwSignal<Option<String>>,
    /// The viewer's clock, every few seconds.
    pub(crate) clock: RwSignal<Millis>,
    pub(crate) theme: RwSignal<Theme>,
    /// A passing message.
    pub(crate) toast: RwSignal<Option<Toast>>,
    /// What was decided last about an issue, for whichever screen shows it.
    pub(crate) decided: RwSignal<Option<Known>>,
    /// The list of shortcuts is open.
    pub(crate) help: RwSignal<bool>,
    /// The browser believes that there is a network.
    pub(crate) online: RwSignal<bool>,
}

impl Shared {
    /// Reads the surroundings and begins to follow them.
    pub(crate) fn start(player: String, viewer: String, decoder: String) -> App {
        let theme = match platform::kept(THEME).as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let app: App = Box::leak(Box::new(Self {
            client: Client::new(&platform::meta("sentiero-api")),
            player,
            viewer,
            decoder,
            auth: RwSignal::new(Auth::Unknown),
            sites: RwSignal::new(Vec::new()),
            route: RwSignal::new(Route::parse(&platform::hash())),
            unsaved: RwSignal::new(false),
            leaving: RwSignal::new(None),
            clock: RwSignal::new(platform::now()),
            theme: RwSignal::new(theme),
            toast: RwSignal::new(None),
            decided: RwSignal::new(None),
            help: RwSignal::new(false),
            online: RwSignal::new(platform::online()),
        }));
        // For as long as the page lives, so the handle may go.
        let _ = window_event_listener(ev::hashchange, move |_| app.moved());
        let _ = window_event_listener(ev::beforeunload, move |event| {
            if app.unsaved.get_untracked() {
                event.prevent_default();
            }
        });
        let _ = window_event_listener(ev::online, move |_| app.online.set(true));
        let _ = window_event_listener(ev::offline, move |_| app.online.set(false));
        spawn_local(async move {
            loop {
                sleep(CLOCK).await;
                app.clock.set(platform::now());
            }
        });
        app.ask();
        app
    }

    /// The address is another. Who would lose something is asked first, and stays meanwhile.
    fn moved(&'static self) {
        let route = Route::parse(&platform::hash());
        let now = self.route.get_untracked();
        if self.unsaved.get_untracked() && !now.stays_with(&route) {
            self.leaving.set(Some(platform::hash()));
            return platform::replace(&now.to_string());
        }
        self.route.set(route);
    }

    /// The word that changes need.
    pub(crate) fn csrf(&'static self) -> String {
        match self.auth.get_untracked() {
            Auth::In(session) => session.csrf,
            _ => String::new(),
        }
    }

    /// What a site is called.
    pub(crate) fn site_name(&'static self, key: &SiteKey) -> String {
        let name = self.sites.with_untracked(|sites| {
            let found = sites.iter().find(|site| site.key == *key);
            found.map(|site| site.name.clone())
        });
        name.unwrap_or_else(|| key.to_string())
    }

    /// Asks which sites there are, after one was made, renamed or deleted.
    pub(crate) fn know_sites(&'static self) {
        spawn_local(async move {
            match self.client.me().await {
                Ok(session) => {
                    let sites = session.sites.clone();
                    // Who is signed in is the same: nothing is built anew because of it.
                    self.auth.maybe_update(|auth| {
                        *auth = Auth::In(session);
                        false
                    });
                    self.sites.set(sites);
                }
                Err(failure) => self.heard(&failure),
            }
        });
    }

    /// Asks who is signed in.
    pub(crate) fn ask(&'static self) {
        self.auth.set(Auth::Unknown);
        spawn_local(async move {
            let auth = match self.client.me().await {
                Ok(session) => Auth::In(session),
                Err(Failure::SignedOut) => Auth::Out { expired: false },
                Err(failure) => Auth::Failed(failure),
            };
            self.auth.set(auth);
        });
    }

    /// Signs out.
    pub(crate) fn sign_out(&'static self) {
        let Auth::In(session) = self.auth.get_untracked() else {
            return;
        };
        spawn_local(async move {
            self.client.logout(&session.csrf).await;
            self.auth.set(Auth::Out { expired: false });
        });
    }

    /// Ends all sign-ins, this one included.
    pub(crate) async fn sign_out_everywhere(&'static self) -> Result<(), Failure> {
        self.client.logout_everywhere(&self.csrf()).await?;
        self.auth.set(Auth::Out { expired: false });
        Ok(())
    }

    /// The one place that every failure passes: a lost session leads to the
    /// password, and the address stays, so that one comes back to it.
    pub(crate) fn heard(&'static self, failure: &Failure) {
        if *failure == Failure::SignedOut {
            self.auth.set(Auth::Out { expired: true });
        }
    }

    /// Chooses the theme for this browser.
    pub(crate) fn choose_theme(&'static self, theme: Theme) {
        platform::keep(THEME, theme.name());
        platform::set_theme(theme.name());
        self.theme.set(theme);
    }

    /// Says something in passing.
    pub(crate) fn say(&'static self, text: &str) {
        self.tell(text.to_owned(), None);
    }

    /// Says what was done, and offers to take it back.
    pub(crate) fn say_done(&'static self, text: String, undo: Callback<()>) {
        self.tell(text, Some(undo));
    }

    fn tell(&'static self, text: String, undo: Option<Callback<()>>) {
        static TURN: AtomicU32 = AtomicU32::new(0);
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let pause = if undo.is_some() { UNDO } else { TOAST };
        self.toast.set(Some(Toast { text, undo, turn }));
        spawn_local(async move {
            sleep(pause).await;
            let is_own = |toast: &Option<Toast>| toast.as_ref().is_some_and(|own| own.turn == turn);
            if self.toast.with_untracked(is_own) {
                self.toast.set(None);
            }
        });
    }

    /// Takes back what was just done, if that can be.
    pub(crate) fn undo(&'static self) {
        let undo = self
            .toast
            .with_untracked(|toast| toast.as_ref().and_then(|toast| toast.undo));
        if let Some(undo) = undo {
            self.toast.set(None);
            undo.run(());
        }
    }

    /// Copies `text` and says so.
    pub(crate) fn copy(&'static self, text: String, done: &'static str) {
        spawn_local(async move {
            let copied = platform::copy(&text).await;
            self.say(if copied {
                done
            } else {
                "Copying is not allowed here."
            });
        });
    }
}
