//! The last time that an issue came: its stack, the visitor, and the way to the replay. It is
//! read from the recording, as the replay reads it.

use crate::app::App;
use crate::background::{Background, Word};
use crate::client::Abort;
use crate::model::captures::Fault;
use crate::model::decoder::{Answer, Ask};
use crate::model::failure::Failure;
use crate::model::issues::stack::occurrence;
use crate::model::plan::Request;
use crate::model::report::behind::opening;
use crate::model::server::Lines;
use crate::model::tabs::{self, Lane};
use crate::page::reports::state::State;
use crate::page::sessions::visitor;
use crate::page::stack;
use crate::platform;
use crate::route::{Place, Route};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::{Button, bone};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::analytics::report::Example;
use sentiero_core::api::{SessionDetail, SessionRow};
use sentiero_core::id::{Millis, SiteKey, TabId};
use sentiero_core::issue::Fingerprint;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Sessions that are tried, the latest first: one may be erased since it was counted.
const TRIES: usize = 3;

/// Before and behind the second in which it came, ms: what the browser told late.
const AROUND: Millis = 2_000;

/// What there is of it.
#[derive(Clone)]
enum Found {
    Reading,
    Failed(Failure),
    /// No session holds it any more, or its recording lacks it.
    Gone,
    There(Box<There>),
}

#[derive(Clone)]
struct There {
    fault: Fault,
    row: SessionRow,
    place: Place,
    at: Millis,
}

/// Where in which recording it is looked for.
struct Spot {
    detail: SessionDetail,
    tab: TabId,
    /// From the first event of the page load, ms.
    at: Millis,
    /// By the visitor's clock.
    time: Millis,
}

/// The panel; nothing where there is no session.
pub(super) fn view(state: State, issue: Fingerprint, moments: &[Example]) -> Html {
    let moments: Vec<Example> = moments.iter().take(TRIES).copied().collect();
    if moments.is_empty() {
        return Html::empty();
    }
    let found = RwSignal::new(Found::Reading);
    let decoder = StoredValue::new_local(None::<Background>);
    let abort = StoredValue::new_local(Abort::new());
    on_cleanup(move || {
        let _ = abort.try_with_value(Abort::now);
        let _ = decoder.try_update_value(Option::take);
    });
    let read = Reader {
        state,
        issue,
        found,
        decoder,
        abort,
    };
    let moments = StoredValue::new(moments);
    let start = move || {
        found.set(Found::Reading);
        spawn_local(read.look(moments.get_value()));
    };
    start();
    html! {
        <section class="panel card occurrence" data-testid="occurrence">
            <div class="panel-head"><div><h2>"Latest occurrence"</h2><p class="panel-about">"As the recording of the latest session tells it. Code of libraries and browsers is folded."</p></div></div>
            {move || match found.get() {
                Found::Reading => reading(),
                Found::Failed(failure) => failed(&failure, start),
                Found::Gone => html! { <p class="panel-empty" data-testid="occurrence-gone">"The recording does not hold it any more: its session was erased, or that part was never received."</p> },
                Found::There(there) => told(state.app, &there),
            }}
        </section>
    }
}

#[derive(Clone, Copy)]
struct Reader {
    state: State,
    issue: Fingerprint,
    found: RwSignal<Found>,
    decoder: StoredValue<Option<Background>, LocalStorage>,
    abort: StoredValue<Abort, LocalStorage>,
}

impl Reader {
    async fn look(self, moments: Vec<Example>) {
        let mut end = Found::Gone;
        for moment in moments {
            match self.spot(&moment).await {
                Ok(Some(spot)) => return self.read(spot).await,
                Ok(None) | Err(Failure::Refused { status: 404, .. }) => {}
                Err(failure) => {
                    self.state.app.heard(&failure);
                    end = Found::Failed(failure);
                    break;
                }
            }
        }
        let _ = self.found.try_set(end);
    }

    async fn spot(self, moment: &Example) -> Result<Option<Spot>, Failure> {
        let Some(site) = self.state.site.try_get_value() else {
            return Ok(None);
        };
        let client = &self.state.app.client;
        let sid = client.named(&site, moment).await?;
        let detail = client.detail(&site, &sid).await?;
        Ok(opening(&detail, moment).and_then(|(tab, at)| {
            let mut tabs = detail.tab_list.iter();
            let time = tabs.find(|one| one.tab == tab)?.from.saturating_add(at);
            Some(Spot {
                detail,
                tab,
                at,
                time,
            })
        }))
    }

    async fn read(self, spot: Spot) {
        let Some((site, abort)) = self.place() else {
            return;
        };
        let request = Request {
            from: spot.time.saturating_sub(AROUND),
            to: spot.time.saturating_add(1_000 + AROUND),
            firsts: BTreeSet::new(),
            awaited: true,
        };
        let client = &self.state.app.client;
        let sid = &spot.detail.row.sid;
        match client.chunk(&site, sid, &spot.tab, &request, &abort).await {
            Ok(bytes) => self.decode(spot, &request, &bytes),
            Err(failure) => {
                self.state.app.heard(&failure);
                let _ = self.found.try_set(Found::Failed(failure));
            }
        }
    }

    fn decode(self, spot: Spot, request: &Request, bytes: &js_sys::Uint8Array) {
        let (load, tab) = (1, spot.tab.clone());
        let spot = Rc::new(spot);
        let hear = move |word: Word| match word {
            Word::Broken => {
                let _ = self.found.try_set(Found::Failed(Failure::Decoder));
            }
            Word::Said(Answer::Listed { listing, .. }, _) => {
                let faults = listing.captures.errors.clone();
                spawn_local(self.tell(Rc::clone(&spot), faults));
            }
            Word::Said(..) => {}
        };
        let Ok(background) = Background::start(&self.state.app.decoder, hear) else {
            let _ = self.found.try_set(Found::Failed(Failure::Decoder));
            return;
        };
        background.ask(&Ask::Open { load, tab }, None);
        let accept = Ask::Accept {
            request: 1,
            awaited: true,
        };
        background.ask(&accept, Some(bytes));
        let spans = vec![(request.from, request.to)];
        background.ask(&Ask::List { spans }, None);
        let _ = self.decoder.try_set_value(Some(background));
    }

    /// Tells which of `faults` it is, or of what the site's server told at that time.
    async fn tell(self, spot: Rc<Spot>, mut faults: Vec<Fault>) {
        let lane = match tabs::lane(&spot.detail, &spot.tab) {
            Some(lane) => self.lane(&spot, &lane).await,
            None => Ok(Vec::new()),
        };
        let found = match lane {
            Ok(server) => {
                faults.extend(server);
                self.told(&spot, &faults)
            }
            Err(failure) => {
                self.state.app.heard(&failure);
                match self.told(&spot, &faults) {
                    Found::Gone => Found::Failed(failure),
                    found => found,
                }
            }
        };
        let _ = self.found.try_set(found);
    }

    /// The errors that the site's server told.
    async fn lane(self, spot: &Spot, lane: &Lane) -> Result<Vec<Fault>, Failure> {
        let Some((site, abort)) = self.place() else {
            return Ok(Vec::new());
        };
        let all = Request::whole(true);
        let client = &self.state.app.client;
        let sid = &spot.detail.row.sid;
        let server = TabId::server();
        let chunk = client.chunk(&site, sid, &server, &all, &abort).await?;
        Ok(Lines::of(&chunk.to_vec(), lane).errors)
    }

    /// Which site, and what ends what is asked; none if the panel is gone.
    fn place(self) -> Option<(SiteKey, Abort)> {
        let site = self.state.site.try_get_value()?;
        Some((site, self.abort.try_get_value()?))
    }

    fn told(self, spot: &Spot, faults: &[Fault]) -> Found {
        let fault = occurrence(faults, self.issue, spot.time);
        let Some((fault, site)) = fault.zip(self.state.site.try_get_value()) else {
            return Found::Gone;
        };
        let list = self.state.looks.with_untracked(ToString::to_string);
        let place = Place {
            site,
            sid: spot.detail.row.sid.clone(),
            tab: Some(spot.tab.clone()),
            at: Some(spot.at),
            list,
        };
        Found::There(Box::new(There {
            fault: fault.clone(),
            row: spot.detail.row.clone(),
            place,
            at: spot.detail.row.started,
        }))
    }
}

fn reading() -> Html {
    html! {
        <div class="occurrence-wait" role="status" aria-label="Reading the recording">
            {bone("w-30")}{bone("w-50")}{bone("w-30")}
        </div>
    }
}

fn failed(failure: &Failure, again: impl Fn() + 'static) -> Html {
    html! {
        <div class="panel-empty occurrence-failed" role="alert" data-testid="occurrence-failed">
            <span>{failure.title()}". "{failure.advice()}</span>
            {Button::new("Try again").small().icon(Icon::Refresh).on(again)}
        </div>
    }
}

fn told(app: App, there: &There) -> Html {
    let There {
        fault,
        row,
        place,
        at,
    } = there;
    let href = Route::Replay(place.clone()).to_string();
    let times = (fault.count > 1).then(|| {
        html! { <span>{format!("for the {}th time in a loop", fault.count)}</span> }
    });
    let rejected = fault
        .rejection
        .then(|| html! { <span>"in a promise that nothing handled"</span> });
    html! {
        <div class="occurrence-of">
            <span class="visitor">{visitor(row)}</span>
            <span>{platform::exact(*at)}</span>
            {rejected}
            {times}
            <a class="button small" href=href data-testid="replay-occurrence">{icon(Icon::Play)}"Replay this moment"</a>
        </div>
        <p class="occurrence-said">{fault.message.clone()}</p>
        {stack::view(app, place.site.clone(), place.sid.clone(), fault.clone())}
    }
}
