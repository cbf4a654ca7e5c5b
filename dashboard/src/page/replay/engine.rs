//! Carries out what [`crate::model::player`] decides: fetches, feeds the frame,
//! and shows the state through signals. Decides nothing itself.

use crate::app::App;
use crate::frame::{Frame, News};
use crate::model::activity::Row;
use crate::model::failure::Failure;
use crate::model::frame::{Command, Message};
use crate::model::plan::Request;
use crate::model::player::{Effect, Go, Input, Phase, Player};
use crate::model::recording::{Feed, Recording};
use crate::model::rows::{self, Gap};
use crate::model::timeline::Span;
use crate::platform;
use crate::route::{Place, Route};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Tries of a request that may pass, and the pause before each, ms.
const TRIES: [u64; 3] = [500, 1_500, 4_000];

/// While more is coming, the list is made anew at most this often, ms.
const LISTING: Millis = 400;

/// What the screen shows, as signals; a handle, cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) tab: RwSignal<Option<TabId>>,
    pub(super) span: RwSignal<Span>,
    pub(super) at: RwSignal<Millis>,
    /// What to add to it to have the edge's time.
    pub(super) ahead: RwSignal<i64>,
    pub(super) phase: RwSignal<Phase>,
    pub(super) playing: RwSignal<bool>,
    pub(super) speed: RwSignal<u8>,
    pub(super) skip: RwSignal<bool>,
    pub(super) skipped: RwSignal<Option<Gap>>,
    pub(super) failure: RwSignal<Option<Failure>>,
    pub(super) spans: RwSignal<Vec<(Millis, Millis)>>,
    pub(super) gaps: RwSignal<Arc<Vec<Gap>>>,
    pub(super) rows: RwSignal<Arc<Vec<Row>>>,
    pub(super) viewport: RwSignal<Option<(u32, u32)>>,
    /// A page is to be seen in the frame.
    pub(super) seen: RwSignal<bool>,
    /// Batches that could not be had.
    pub(super) damaged: RwSignal<u64>,
}

impl Shown {
    pub(super) fn new() -> Self {
        Self {
            tab: RwSignal::new(None),
            span: RwSignal::new(Span::default()),
            at: RwSignal::new(0),
            ahead: RwSignal::new(0),
            phase: RwSignal::new(Phase::Loading),
            playing: RwSignal::new(false),
            speed: RwSignal::new(1),
            skip: RwSignal::new(true),
            skipped: RwSignal::new(None),
            failure: RwSignal::new(None),
            spans: RwSignal::new(Vec::new()),
            gaps: RwSignal::new(Arc::new(Vec::new())),
            rows: RwSignal::new(Arc::new(Vec::new())),
            viewport: RwSignal::new(None),
            seen: RwSignal::new(false),
            damaged: RwSignal::new(0),
        }
    }

    /// ms from the start of the page load.
    pub(super) fn offset(self) -> Millis {
        self.span.get().offset(self.at.get())
    }
}

/// Sets a signal if that changes anything; gone signals are not an error.
fn show<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_with_untracked(|shown| *shown != value) == Some(true) {
        let _ = signal.try_set(value);
    }
}

/// The player of one session; a handle, cheap to clone.
#[derive(Clone)]
pub(super) struct Engine {
    app: App,
    site: SiteKey,
    sid: SessionId,
    pub(super) shown: Shown,
    inner: Rc<RefCell<Inner>>,
}

#[derive(Default)]
struct Inner {
    stage: Option<web_sys::HtmlElement>,
    frame: Option<Frame>,
    player: Player,
    recording: Option<Recording>,
    feed: Feed,
    /// Counts the page loads that were opened, so that late answers are known.
    opened: u32,
    closed: bool,
    /// When the list was made last.
    listed: Millis,
}

impl Engine {
    pub(super) fn new(app: App, site: SiteKey, sid: SessionId, shown: Shown) -> Self {
        Self {
            app,
            site,
            sid,
            shown,
            inner: Rc::default(),
        }
    }

    /// Where the frame goes.
    pub(super) fn stage(&self, stage: web_sys::HtmlElement) {
        self.inner.borrow_mut().stage = Some(stage);
        self.mount();
    }

    /// Nobody looks any more.
    pub(super) fn close(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.closed = true;
        inner.frame = None;
    }

    /// The screen is gone.
    pub(super) fn closed(&self) -> bool {
        self.inner.borrow().closed
    }

    /// Shows another page load, from `offset` ms after its start.
    pub(super) fn open(&self, detail: &SessionDetail, tab: &TabId, offset: Option<Millis>) {
        let Some(stored) = stored(detail, tab) else {
            return;
        };
        {
            let mut inner = self.inner.borrow_mut();
            let Input::Stored { span, .. } = &stored else {
                return;
            };
            let (speed, skip) = (
                self.shown.speed.get_untracked(),
                self.shown.skip.get_untracked(),
            );
            inner.player = Player::new(*span, offset, speed, skip);
            inner.recording = Some(Recording::new(tab.clone()));
            inner.feed = Feed::default();
            inner.frame = None;
            inner.opened = inner.opened.wrapping_add(1);
        }
        show(self.shown.tab, Some(tab.clone()));
        let load = detail.tab_list.iter().find(|load| load.tab == *tab);
        show(self.shown.ahead, load.map_or(0, |load| load.offset));
        show(self.shown.seen, false);
        show(self.shown.viewport, None);
        self.read();
        self.mount();
        self.input(stored);
    }

    /// The session has grown, or ended.
    pub(super) fn update(&self, detail: &SessionDetail) {
        let tab = self
            .inner
            .borrow()
            .recording
            .as_ref()
            .map(|recording| recording.tab().clone());
        if let Some(stored) = tab.and_then(|tab| stored(detail, &tab)) {
            self.input(stored);
        }
    }

    /// Tells the player, and does what it says.
    pub(super) fn input(&self, input: Input) {
        let effects = {
            let mut inner = self.inner.borrow_mut();
            if inner.closed {
                return;
            }
            inner.player.handle(input)
        };
        for effect in effects {
            self.carry_out(effect);
        }
        self.publish();
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Fetch(request) => self.fetch(request),
            Effect::Load {
                firsts,
                go:
                    Go {
                        turn,
                        at,
                        playing,
                        speed,
                    },
            } => {
                self.inner.borrow_mut().feed = Feed::default();
                self.send(
                    &Command::Load {
                        turn,
                        at,
                        playing,
                        speed,
                    },
                    Some(&firsts),
                );
            }
            Effect::Append { firsts } => self.send(&Command::Append, Some(&firsts)),
            Effect::Go(Go {
                turn,
                at,
                playing,
                speed,
            }) => {
                self.send(
                    &Command::Go {
                        turn,
                        at,
                        playing,
                        speed,
                    },
                    None,
                );
            }
            Effect::Halt => self.send(&Command::Halt, None),
        }
    }

    fn send(&self, command: &Command, firsts: Option<&[u32]>) {
        let mut inner = self.inner.borrow_mut();
        let Inner {
            frame,
            recording,
            feed,
            ..
        } = &mut *inner;
        let (Some(frame), Some(recording)) = (frame, recording) else {
            return;
        };
        let lines = firsts.map(|firsts| recording.lines(firsts, feed));
        frame.send(command, lines.as_deref());
    }

    fn mount(&self) {
        let mut inner = self.inner.borrow_mut();
        let Some(stage) = inner
            .stage
            .clone()
            .filter(|_| inner.recording.is_some() && inner.frame.is_none())
        else {
            return;
        };
        let opened = inner.opened;
        let engine = self.clone();
        let hear = move |news| {
            if engine
                .inner
                .try_borrow()
                .is_ok_and(|inner| inner.opened == opened)
            {
                engine.hear(news);
            }
        };
        inner.frame = Frame::mount(&stage, &self.app.player, hear).ok();
    }

    fn hear(&self, news: News) {
        match news {
            News::Ready => self.input(Input::Ready),
            News::Said(Message::Time { turn, at }) => {
                self.input(Input::Time {
                    turn,
                    at: crate::model::number::whole(at),
                });
            }
            News::Said(Message::Ended { turn }) => self.input(Input::Ended { turn }),
            News::Said(Message::Resize { width, height }) => {
                show(self.shown.viewport, Some((width, height)));
            }
            News::Said(Message::Shown) => show(self.shown.seen, true),
            // rrweb's complaints help who debugs a recording, nobody else.
            News::Said(Message::Error { text }) => leptos::logging::warn!("player: {text}"),
        }
    }

    fn fetch(&self, request: Request) {
        let engine = self.clone();
        let (opened, tab) = {
            let inner = self.inner.borrow();
            (
                inner.opened,
                inner
                    .recording
                    .as_ref()
                    .map(|recording| recording.tab().clone()),
            )
        };
        let Some(tab) = tab else { return };
        spawn_local(async move {
            let answer = engine.ask(&tab, &request).await;
            if engine.inner.borrow().opened != opened {
                return;
            }
            let accepted = answer.and_then(|bytes| {
                let mut inner = engine.inner.borrow_mut();
                let accept = inner
                    .recording
                    .as_mut()
                    .map(|recording| recording.accept(&bytes));
                accept
                    .and_then(Result::ok)
                    .ok_or(Failure::Unreadable { status: 200 })
            });
            match accepted {
                Ok(came) => {
                    engine.input(Input::Arrived { request, came });
                    engine.list();
                }
                Err(failure) => {
                    engine.app.heard(&failure);
                    engine.input(Input::Failed { request, failure });
                }
            }
        });
    }

    /// Asks, again and again where that can help.
    async fn ask(&self, tab: &TabId, request: &Request) -> Result<Vec<u8>, Failure> {
        let client = &self.app.client;
        for pause in TRIES {
            match client.chunk(&self.site, &self.sid, tab, request).await {
                Err(failure) if failure.passes() && !self.closed() => {
                    sleep(Duration::from_millis(pause)).await;
                }
                answer => return answer,
            }
        }
        client.chunk(&self.site, &self.sid, tab, request).await
    }

    /// Lists what was loaded, but not for every piece of a long recording.
    fn list(&self) {
        let due = {
            let inner = self.inner.borrow();
            inner.player.settled() || platform::now().saturating_sub(inner.listed) > LISTING
        };
        if due {
            self.inner.borrow_mut().listed = platform::now();
            self.read();
        }
    }

    fn read(&self) {
        let (rows, gaps) = {
            let inner = self.inner.borrow();
            let Some(recording) = &inner.recording else {
                return;
            };
            let gaps = rows::gaps(&recording.activity().moments(), &inner.player.spans());
            (rows::with_idle(recording.activity().rows(), &gaps), gaps)
        };
        self.input(Input::Idle(gaps.clone()));
        show(self.shown.gaps, Arc::new(gaps));
        show(self.shown.rows, Arc::new(rows));
    }

    fn publish(&self) {
        let inner = self.inner.borrow();
        let Inner {
            player, recording, ..
        } = &*inner;
        let damaged = recording.as_ref().map_or(0, Recording::damaged);
        let shown = self.shown;
        show(shown.span, player.span());
        show(shown.at, player.at());
        show(shown.phase, player.phase());
        show(shown.playing, player.playing());
        show(shown.skipped, player.skipped());
        show(shown.failure, player.failure().cloned());
        show(shown.spans, player.spans());
        show(
            shown.damaged,
            damaged.max(u64::try_from(player.lost()).unwrap_or(0)),
        );
    }

    // What the viewer does.

    pub(super) fn toggle(&self) {
        let input = if self.shown.playing.get_untracked() {
            Input::Pause
        } else {
            Input::Play
        };
        self.input(input);
        if !self.shown.playing.get_untracked() {
            self.remember();
        }
    }

    pub(super) fn seek(&self, at: Millis) {
        self.input(Input::Seek(at));
        self.remember();
    }

    /// Forward or back by `by` ms.
    pub(super) fn nudge(&self, by: i64) {
        self.seek(self.shown.at.get_untracked().saturating_add_signed(by));
    }

    /// To the next listed event or the one before.
    pub(super) fn step(&self, forward: bool) {
        let rows = self.shown.rows.get_untracked();
        let all: Vec<usize> = (0..rows.len()).collect();
        if let Some(at) = rows::step(&rows, &all, self.shown.at.get_untracked(), forward) {
            self.seek(at);
        }
    }

    pub(super) fn speed(&self, speed: u8) {
        show(self.shown.speed, speed);
        self.input(Input::Speed(speed));
    }

    pub(super) fn skip(&self, skip: bool) {
        show(self.shown.skip, skip);
        self.input(Input::Skip(skip));
    }

    /// The address of this moment, for others: without the list that one came from.
    pub(super) fn link(&self) -> String {
        Route::Replay(self.place(String::new())).to_string()
    }

    fn place(&self, list: String) -> Place {
        let offset = self
            .shown
            .span
            .get_untracked()
            .offset(self.shown.at.get_untracked());
        Place {
            site: self.site.clone(),
            sid: self.sid.clone(),
            tab: self.shown.tab.get_untracked(),
            at: Some(offset),
            list,
        }
    }

    /// Keeps the address up to date, so that a reload comes back here.
    pub(super) fn remember(&self) {
        let list = match Route::parse(&platform::hash()) {
            Route::Replay(place) => place.list,
            _ => return,
        };
        platform::replace(&Route::Replay(self.place(list)).to_string());
    }
}

/// What `detail` says of one page load.
fn stored(detail: &SessionDetail, tab: &TabId) -> Option<Input> {
    let load = detail.tab_list.iter().find(|load| load.tab == *tab)?;
    Some(Input::Stored {
        batches: detail
            .batches
            .iter()
            .filter(|batch| batch.tab == *tab)
            .cloned()
            .collect(),
        span: Span {
            from: load.from,
            to: load.to,
        },
        live: detail.row.live && !load.ended,
    })
}
