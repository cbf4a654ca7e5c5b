//! Carries out what [`crate::model::player`] decides: fetches, feeds the frame,
//! and shows the state through signals. Decides nothing itself.

mod decoding;

use super::shown::{Shown, show};
use crate::app::App;
use crate::background::Background;
use crate::client::Abort;
use crate::frame::{Frame, News};
use crate::model::decoder::{Ask, Listing};
use crate::model::frame::{Command, Message};
use crate::model::plan::Request;
use crate::model::player::{Effect, Go, Input, Phase, Player};
use crate::model::rows;
use crate::model::tabs;
use crate::model::timeline::Span;
use crate::platform;
use crate::route::{Place, Route};
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

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
    /// Requests that the API has not answered, by number.
    asked: Vec<(u32, Request, Abort)>,
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
    /// Of which page load, by its number, the server lane was asked for, and of how many events.
    lane: (u32, u64),
}

impl Inner {
    /// No answer of the API is wanted any more.
    fn give_up(&mut self) {
        for (.., abort) in self.asked.drain(..) {
            abort.now();
        }
    }
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
        inner.give_up();
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
            inner.give_up();
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
        self.fetch_lane(detail, tab);
        self.input(stored);
        if self.inner.borrow().ready {
            self.input(Input::Ready);
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
        let Some(tab) = tab else { return };
        self.fetch_lane(detail, &tab);
        if let Some(stored) = stored(detail, &tab) {
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
            Effect::Abandon(request) => self.abandon(&request),
            Effect::AwaitQuiet { moves } => self.await_quiet(moves),
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
            News::Said(Message::Over(drawn)) => show(self.shown.over, Some(drawn)),
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
        show(shown.playable, player.playable());
        show(shown.coming, player.coming());
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
