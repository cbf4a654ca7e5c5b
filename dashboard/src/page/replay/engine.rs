//! Carries out what [`crate::model::player`] decides: fetches, feeds the frame,
//! and shows the state through signals. Decides nothing itself.

use crate::app::App;
use crate::background::{Background, Word};
use crate::frame::{Frame, News};
use crate::model::activity::Row;
use crate::model::captures::Captures;
use crate::model::decoder::{Answer, Ask, Listing};
use crate::model::failure::Failure;
use crate::model::forms::Form;
use crate::model::frame::{Command, Message};
use crate::model::heat::HeatMap;
use crate::model::plan::Request;
use crate::model::player::{Effect, Go, Input, Phase, Player};
use crate::model::rows::{self, Gap};
use crate::model::tabs;
use crate::model::timeline::Span;
use crate::platform;
use crate::route::{Place, Route};
use gloo_timers::future::sleep;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Tries of a request that may pass, and the pause before each, ms.
const TRIES: [u64; 3] = [500, 1_500, 4_000];

/// While more is coming, the list is made anew after this pause, ms …
const LISTING: Millis = 300;
/// … and one more for so many rows.
const ROWS_A_MS: usize = 10;

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
    pub(super) speed: RwSignal<u16>,
    pub(super) skip: RwSignal<bool>,
    /// At the end of a page load the next one is played.
    pub(super) joined: RwSignal<bool>,
    pub(super) skipped: RwSignal<Option<Gap>>,
    pub(super) failure: RwSignal<Option<Failure>>,
    pub(super) spans: RwSignal<Vec<(Millis, Millis)>>,
    pub(super) gaps: RwSignal<Arc<Vec<Gap>>>,
    pub(super) rows: RwSignal<Arc<Vec<Row>>>,
    pub(super) captures: RwSignal<Arc<Captures>>,
    pub(super) forms: RwSignal<Arc<Vec<Form>>>,
    pub(super) heat: RwSignal<Arc<HeatMap>>,
    pub(super) viewport: RwSignal<Option<(u32, u32)>>,
    /// A page is to be seen in the frame.
    pub(super) seen: RwSignal<bool>,
    /// Batches that could not be had.
    pub(super) damaged: RwSignal<u64>,
    /// What the player complained of last.
    pub(super) fault: RwSignal<Option<String>>,
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
            speed: RwSignal::new(100),
            skip: RwSignal::new(true),
            joined: RwSignal::new(true),
            skipped: RwSignal::new(None),
            failure: RwSignal::new(None),
            spans: RwSignal::new(Vec::new()),
            gaps: RwSignal::new(Arc::new(Vec::new())),
            rows: RwSignal::new(Arc::new(Vec::new())),
            captures: RwSignal::new(Arc::default()),
            forms: RwSignal::new(Arc::default()),
            heat: RwSignal::new(Arc::default()),
            viewport: RwSignal::new(None),
            seen: RwSignal::new(false),
            damaged: RwSignal::new(0),
            fault: RwSignal::new(None),
        }
    }

    /// ms from the start of the page load.
    pub(super) fn offset(self) -> Millis {
        self.span.get().offset(self.at.get())
    }

    /// The same, for who does not follow it.
    pub(super) fn offset_untracked(self) -> Millis {
        self.span.get_untracked().offset(self.at.get_untracked())
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
    detail: RwSignal<Option<Arc<SessionDetail>>>,
    pub(super) shown: Shown,
    inner: Rc<RefCell<Inner>>,
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not one state in disguise"
)]
struct Inner {
    stage: Option<web_sys::HtmlElement>,
    frame: Option<Frame>,
    /// Counts the frames, so that late news of one is known.
    frames: u32,
    /// The frame listens.
    ready: bool,
    background: Option<Background>,
    player: Player,
    tab: Option<TabId>,
    /// What the frame is told, in this order: some of it waits for its events.
    told: VecDeque<Told>,
    /// Requests whose answers are being decoded, by number.
    decoding: Vec<(u32, Request)>,
    requests: u32,
    /// Counts the page loads that were opened, so that late answers are known.
    opened: u32,
    closed: bool,
    /// Batches that did not decode.
    damaged: u64,
    /// The decoder is making the list.
    listing: bool,
    /// The list lacks something that came since.
    stale: bool,
}

/// A command on its way to the frame.
struct Told {
    command: Command,
    events: Events,
}

enum Events {
    /// It has none.
    None,
    /// The decoder writes them.
    Awaited,
    /// They travel with it.
    Ready(Uint8Array),
}

impl Engine {
    pub(super) fn new(
        app: App,
        site: SiteKey,
        sid: SessionId,
        detail: RwSignal<Option<Arc<SessionDetail>>>,
        shown: &Shown,
    ) -> Self {
        Self {
            app,
            site,
            sid,
            detail,
            shown: *shown,
            inner: Rc::default(),
        }
    }

    /// Where the frame goes. It starts at once: what it shows comes later.
    pub(super) fn stage(&self, stage: web_sys::HtmlElement) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.stage = Some(stage);
            inner.frame = None;
        }
        self.mount();
    }

    /// Nobody looks any more.
    pub(super) fn close(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.closed = true;
        inner.frame = None;
        inner.background = None;
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
            // Of one page load nothing is left where another is shown.
            if inner.tab.is_some() {
                (inner.frame, inner.ready) = (None, false);
            }
            inner.tab = Some(tab.clone());
            inner.told.clear();
            inner.decoding.clear();
            inner.damaged = 0;
            inner.listing = false;
            inner.stale = false;
            inner.opened = inner.opened.wrapping_add(1);
        }
        self.prepare();
        self.ask(
            &Ask::Open {
                load: self.inner.borrow().opened,
                tab: tab.clone(),
            },
            None,
        );
        show(self.shown.tab, Some(tab.clone()));
        let load = detail.tab_list.iter().find(|load| load.tab == *tab);
        show(self.shown.ahead, load.map_or(0, |load| load.offset));
        show(self.shown.seen, false);
        show(self.shown.viewport, None);
        show(self.shown.fault, None);
        self.listed(Listing::default());
        self.mount();
        self.input(stored);
        if self.inner.borrow().ready {
            self.input(Input::Ready);
        }
    }

    /// Starts the decoder, unless it runs.
    pub(super) fn prepare(&self) {
        if self.inner.borrow().background.is_some() {
            return;
        }
        let engine = self.clone();
        let started = Background::start(&self.app.decoder, move |word| engine.answered(word));
        match started {
            Ok(background) => self.inner.borrow_mut().background = Some(background),
            Err(_) => self.broken(),
        }
    }

    fn ask(&self, ask: &Ask, bytes: Option<&Uint8Array>) {
        if let Some(background) = &self.inner.borrow().background {
            background.ask(ask, bytes);
        }
    }

    fn answered(&self, word: Word) {
        let opened = self.inner.borrow().opened;
        match word {
            Word::Broken => self.broken(),
            Word::Said(
                Answer::Accepted {
                    load,
                    request,
                    came,
                    damaged,
                },
                _,
            ) if load == opened => {
                self.accepted(request, came, damaged);
            }
            Word::Said(Answer::Lines { load }, lines) if load == opened => self.lines(lines),
            Word::Said(Answer::Listed { load, listing }, _) if load == opened => {
                self.inner.borrow_mut().listing = false;
                self.listed(*listing);
                self.list();
            }
            // About a page load that is not shown any more.
            Word::Said(..) => {}
        }
    }

    fn accepted(&self, number: u32, came: Option<BTreeSet<u32>>, damaged: u64) {
        let request = {
            let mut inner = self.inner.borrow_mut();
            inner.damaged = damaged;
            inner.stale = true;
            let place = inner.decoding.iter().position(|(of, _)| *of == number);
            place.map(|place| inner.decoding.swap_remove(place).1)
        };
        let Some(request) = request else { return };
        self.input(match came {
            Some(came) => Input::Arrived { request, came },
            None => Input::Failed {
                request,
                failure: Failure::Unreadable { status: 200 },
            },
        });
        self.list();
    }

    /// The decoder cannot be had, or gave up: what it was asked for failed.
    fn broken(&self) {
        let requests = {
            let mut inner = self.inner.borrow_mut();
            inner.background = None;
            core::mem::take(&mut inner.decoding)
        };
        platform::warn("the decoder's worker failed");
        for (_, request) in requests {
            let failure = Failure::Decoder;
            self.input(Input::Failed { request, failure });
        }
    }

    /// At the end of a page load, plays the next one, if they are joined.
    fn go_on(&self) {
        let Some((detail, tab)) = self
            .detail_tab()
            .filter(|_| self.shown.joined.get_untracked())
        else {
            return;
        };
        if let Some(next) = tabs::following(&detail, &tab) {
            self.open(&detail, &next, None);
            self.input(Input::Play);
            self.remember();
        }
    }

    /// Whatever failed is tried again.
    pub(super) fn retry(&self) {
        let lost = self.inner.borrow().background.is_none();
        match (lost, self.detail_tab()) {
            // A new decoder knows nothing: from the start.
            (true, Some((detail, tab))) => {
                let at = self.shown.offset_untracked();
                self.open(&detail, &tab, Some(at));
            }
            _ => self.input(Input::Retry),
        }
    }

    fn detail_tab(&self) -> Option<(Arc<SessionDetail>, TabId)> {
        let detail = self.detail.get_untracked()?;
        Some((detail, self.inner.borrow().tab.clone()?))
    }

    /// The session has grown, or ended.
    pub(super) fn update(&self, detail: &SessionDetail) {
        let tab = self.inner.borrow().tab.clone();
        if let Some(stored) = tab.and_then(|tab| stored(detail, &tab)) {
            self.input(stored);
        }
    }

    /// Tells the player, and does what it says.
    pub(super) fn input(&self, input: Input) {
        let effects = {
            let mut inner = self.inner.borrow_mut();
            // Before there is a page load, there is nothing to do with it.
            if inner.closed || inner.tab.is_none() {
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
                self.send_lines(
                    Command::Load {
                        turn,
                        at,
                        playing,
                        speed,
                    },
                    firsts,
                    true,
                );
            }
            Effect::Append { firsts } => self.send_lines(Command::Append, firsts, false),
            Effect::Go(Go {
                turn,
                at,
                playing,
                speed,
            }) => {
                self.send(Command::Go {
                    turn,
                    at,
                    playing,
                    speed,
                });
            }
            Effect::Halt => self.send(Command::Halt),
            Effect::Forget { firsts } => self.ask(&Ask::Forget { firsts }, None),
        }
    }

    /// Tells the frame, after all that it was told before.
    pub(super) fn send(&self, command: Command) {
        let events = Events::None;
        self.inner
            .borrow_mut()
            .told
            .push_back(Told { command, events });
        self.tell();
    }

    /// The same, with events that the decoder writes first.
    fn send_lines(&self, command: Command, firsts: Vec<u32>, anew: bool) {
        let events = Events::Awaited;
        self.inner
            .borrow_mut()
            .told
            .push_back(Told { command, events });
        self.ask(&Ask::Lines { firsts, anew }, None);
    }

    /// The decoder answers in the order in which it was asked.
    fn lines(&self, lines: Uint8Array) {
        {
            let mut inner = self.inner.borrow_mut();
            let waits = |told: &&mut Told| matches!(told.events, Events::Awaited);
            if let Some(told) = inner.told.iter_mut().find(waits) {
                told.events = Events::Ready(lines);
            }
        }
        self.tell();
    }

    /// Gives the frame what does not wait any more.
    fn tell(&self) {
        let mut inner = self.inner.borrow_mut();
        let Inner { frame, told, .. } = &mut *inner;
        let ready = |told: &Told| !matches!(told.events, Events::Awaited);
        while told.front().is_some_and(ready) {
            let (Some(Told { command, events }), Some(frame)) = (told.pop_front(), frame.as_ref())
            else {
                return;
            };
            match events {
                Events::Ready(lines) => frame.send(&command, Some(&lines)),
                Events::None | Events::Awaited => frame.send(&command, None),
            }
        }
    }

    /// Makes a frame, unless there is one.
    fn mount(&self) {
        let mut inner = self.inner.borrow_mut();
        let Some(stage) = inner.stage.clone().filter(|_| inner.frame.is_none()) else {
            return;
        };
        inner.frames = inner.frames.wrapping_add(1);
        inner.ready = false;
        let number = inner.frames;
        let engine = self.clone();
        let hear = move |news| {
            let current = engine.inner.try_borrow();
            if current.is_ok_and(|inner| inner.frames == number && inner.frame.is_some()) {
                engine.hear(news);
            }
        };
        inner.frame = Frame::mount(&stage, &self.app.player, hear).ok();
    }

    fn hear(&self, news: News) {
        match news {
            News::Ready => {
                self.inner.borrow_mut().ready = true;
                self.input(Input::Ready);
            }
            News::Said(Message::Time { turn, at }) => {
                self.input(Input::Time {
                    turn,
                    at: crate::model::number::whole(at),
                });
            }
            News::Said(Message::Taken) => {
                self.input(Input::Taken);
                self.list();
            }
            News::Said(Message::Ended { turn }) => {
                self.input(Input::Ended { turn });
                if self.shown.phase.get_untracked() == Phase::Ended {
                    // Later: the frame that is speaking will be gone.
                    let engine = self.clone();
                    spawn_local(async move { engine.go_on() });
                }
            }
            News::Said(Message::Resize { width, height }) => {
                show(self.shown.viewport, Some((width, height)));
            }
            News::Said(Message::Shown) => show(self.shown.seen, true),
            // rrweb's complaints help who debugs a recording, nobody else.
            News::Said(Message::Error { text }) => {
                platform::warn(&format!("player: {text}"));
                show(
                    self.shown.fault,
                    Some(crate::model::text::shorten(&text, 200)),
                );
            }
        }
    }

    fn fetch(&self, request: Request) {
        let engine = self.clone();
        let (opened, number, tab) = {
            let mut inner = self.inner.borrow_mut();
            inner.requests = inner.requests.wrapping_add(1);
            (inner.opened, inner.requests, inner.tab.clone())
        };
        let Some(tab) = tab else { return };
        spawn_local(async move {
            let answer = engine.chunk(&tab, &request).await;
            if engine.inner.borrow().opened != opened {
                return;
            }
            match answer {
                Ok(bytes) if engine.inner.borrow().background.is_some() => {
                    let ask = Ask::Accept {
                        request: number,
                        awaited: request.awaited,
                    };
                    engine.inner.borrow_mut().decoding.push((number, request));
                    engine.ask(&ask, Some(&bytes));
                }
                Ok(_) => {
                    let failure = Failure::Decoder;
                    engine.input(Input::Failed { request, failure });
                }
                Err(failure) => {
                    engine.app.heard(&failure);
                    engine.input(Input::Failed { request, failure });
                }
            }
        });
    }

    /// Asks, again and again where that can help.
    async fn chunk(&self, tab: &TabId, request: &Request) -> Result<Uint8Array, Failure> {
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

    /// Has the list made, if it lacks something and is not being made. What the
    /// viewer waits for comes first: the decoder does one thing at a time, and the
    /// frame shares our thread.
    fn list(&self) {
        let spans = {
            let mut inner = self.inner.borrow_mut();
            if inner.listing || !inner.stale || inner.player.busy() {
                return;
            }
            inner.listing = true;
            inner.stale = false;
            inner.player.spans()
        };
        let (engine, opened) = (self.clone(), self.inner.borrow().opened);
        spawn_local(async move {
            // Soon, but not for every piece of a long recording: the longer the list
            // is, the longer it takes.
            let rows = engine
                .shown
                .rows
                .try_with_untracked(|rows| rows.len())
                .unwrap_or(0);
            let pause = LISTING + Millis::try_from(rows / ROWS_A_MS).unwrap_or(0);
            if rows > 0 && !engine.inner.borrow().player.settled() {
                sleep(Duration::from_millis(pause)).await;
            }
            if engine.inner.borrow().opened == opened {
                engine.ask(&Ask::List { spans }, None);
            }
        });
    }

    fn listed(&self, listing: Listing) {
        let Listing {
            rows,
            gaps,
            captures,
            forms,
            heat,
        } = listing;
        self.input(Input::Idle(gaps.clone()));
        let shown = self.shown;
        show(shown.gaps, Arc::new(gaps));
        show(shown.rows, Arc::new(rows));
        show(shown.captures, Arc::new(captures));
        show(shown.forms, Arc::new(forms));
        show(shown.heat, Arc::new(heat));
    }

    fn publish(&self) {
        let inner = self.inner.borrow();
        let Inner {
            player, damaged, ..
        } = &*inner;
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
            (*damaged).max(u64::try_from(player.lost()).unwrap_or(0)),
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

    pub(super) fn speed(&self, speed: u16) {
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
