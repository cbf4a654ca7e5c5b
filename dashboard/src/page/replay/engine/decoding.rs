//! Fetching batches, and what the decoder is asked and answers.

use super::Engine;
use crate::background::{Background, Word};
use crate::client::Abort;
use crate::model::decoder::{Answer, Ask, Listing};
use crate::model::failure::Failure;
use crate::model::plan::Request;
use crate::model::player::{Input, QUIET};
use crate::model::tabs;
use crate::page::replay::shown::show;
use crate::platform;
use gloo_timers::future::sleep;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, TabId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Tries of a request that may pass, and the pause before each, ms.
const TRIES: [u64; 3] = [500, 1_500, 4_000];

/// While more is coming, the list is made anew after this pause, ms …
const LISTING: Millis = 300;
/// … and one more for so many rows.
const ROWS_A_MS: usize = 10;

impl Engine {
    /// Starts the decoder, unless it runs.
    pub(in crate::page::replay) fn prepare(&self) {
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

    pub(super) fn ask(&self, ask: &Ask, bytes: Option<&Uint8Array>) {
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
    pub(super) fn broken(&self) {
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

    pub(super) fn fetch(&self, request: Request) {
        let engine = self.clone();
        let abort = Abort::new();
        let (number, tab) = {
            let mut inner = self.inner.borrow_mut();
            inner.requests = inner.requests.wrapping_add(1);
            let number = inner.requests;
            inner.asked.push((number, request.clone(), abort.clone()));
            (number, inner.tab.clone())
        };
        let Some(tab) = tab else { return };
        spawn_local(async move {
            let answer = engine.chunk(&tab, &request, &abort, number).await;
            // Another page load is shown, or the player gave it up.
            if !engine.waits_for(number) {
                return;
            }
            engine
                .inner
                .borrow_mut()
                .asked
                .retain(|(of, ..)| *of != number);
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

    /// Asks for what the site's server told, if that is news. It is little, and nobody waits
    /// for it: what fails is asked for again when the session has grown or is opened anew.
    pub(super) fn fetch_lane(&self, detail: &SessionDetail, tab: &TabId) {
        let Some(lane) = tabs::lane(detail, tab) else {
            return;
        };
        let wanted = (self.inner.borrow().opened, lane.events);
        if core::mem::replace(&mut self.inner.borrow_mut().lane, wanted) == wanted {
            return;
        }
        let engine = self.clone();
        let all = Request::whole(false);
        spawn_local(async move {
            let (client, abort) = (&engine.app.client, Abort::new());
            let server = TabId::server();
            let answer = client.chunk(&engine.site, &engine.sid, &server, &all, &abort);
            match answer.await {
                Ok(bytes) if engine.inner.borrow().opened == wanted.0 => {
                    engine.ask(&Ask::Lane { lane }, Some(&bytes));
                    engine.inner.borrow_mut().stale = true;
                    engine.list();
                }
                Ok(_) => {}
                Err(failure) => {
                    engine.app.heard(&failure);
                    engine.inner.borrow_mut().lane = (0, 0);
                }
            }
        });
    }

    fn waits_for(&self, number: u32) -> bool {
        let inner = self.inner.borrow();
        inner.asked.iter().any(|(of, ..)| *of == number)
    }

    /// Ends a request, unless its answer is here.
    pub(super) fn abandon(&self, request: &Request) {
        let mut inner = self.inner.borrow_mut();
        let place = inner
            .asked
            .iter()
            .position(|(_, asked, _)| asked == request);
        if let Some((.., abort)) = place.map(|place| inner.asked.swap_remove(place)) {
            abort.now();
        }
    }

    pub(super) fn await_quiet(&self, moves: u32) {
        let (engine, opened) = (self.clone(), self.inner.borrow().opened);
        spawn_local(async move {
            sleep(Duration::from_millis(QUIET)).await;
            if engine.inner.borrow().opened == opened {
                engine.input(Input::Quiet { moves });
            }
        });
    }

    /// Asks, again and again where that can help.
    async fn chunk(
        &self,
        tab: &TabId,
        request: &Request,
        abort: &Abort,
        number: u32,
    ) -> Result<Uint8Array, Failure> {
        let ask = || {
            self.app
                .client
                .chunk(&self.site, &self.sid, tab, request, abort)
        };
        for pause in TRIES {
            match ask().await {
                Err(failure) if failure.passes() && self.waits_for(number) => {
                    sleep(Duration::from_millis(pause)).await;
                }
                answer => return answer,
            }
        }
        ask().await
    }

    /// Has the list made, if it lacks something and is not being made. What the
    /// viewer waits for comes first: the decoder does one thing at a time, and the
    /// frame shares our thread.
    pub(super) fn list(&self) {
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

    pub(super) fn listed(&self, listing: Listing) {
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
}
