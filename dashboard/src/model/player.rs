//! Playing, pausing, seeking and waiting, as a state machine.
//!
//! The frame holds one *run*: batches from a keyframe on without a hole. A
//! seek inside it is rrweb's; a seek outside begins another run. Nothing is
//! asked of the frame before what it needs is loaded, so it never shows a page
//! that is half there. The frame never holds much more than what lies between the
//! last keyframe and a little beyond the playhead, however long a recording is, as
//! far as there are keyframes: it begins anew at one when it has gone past it. A new
//! run is what shows the moment and no more; what follows comes in pieces, the next
//! when the frame has taken the last, because the frame shares the screen's thread
//! and reading events stops both. [`Player::settle`] compares what the viewer wants with
//! what the frame does, and every input ends in it.

mod supply;

use crate::model::failure::Failure;
use crate::model::plan::{Plan, Request};
use crate::model::rows::Gap;
use crate::model::timeline::Span;
use core::ops::Range;
use sentiero_core::api::Batch;
use sentiero_core::id::Millis;
use std::collections::BTreeSet;

/// Speeds to choose from, percent.
pub const SPEEDS: [u16; 6] = [50, 100, 200, 400, 800, 1_600];

/// Of an idle time, this much is still played before it is skipped, ms …
const LEAD_IN: Millis = 1_000;
/// … and this much before it ends.
const LEAD_OUT: Millis = 700;

/// Whoever moved and does not play may move again at once: so long after the moment
/// was shown nothing is fetched that nobody waits for, ms.
pub const QUIET: Millis = 600;

/// So close to the end there is nothing to play, ms.
const LAST: Millis = 20;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The frame is there and listens.
    Ready,
    /// The frame has taken events that it was given, and has shown the page since.
    Taken,
    /// The frame plays and is at this instant.
    Time {
        /// The command that it follows.
        turn: u32,
        /// Where it is.
        at: Millis,
    },
    /// The frame played the last event that it has.
    Ended {
        /// The command that it follows.
        turn: u32,
    },
    /// The viewer.
    Play,
    /// The viewer.
    Pause,
    /// The viewer.
    Seek(Millis),
    /// The viewer, in percent.
    Speed(u16),
    /// The viewer: whether to skip idle times.
    Skip(bool),
    /// The idle times changed.
    Idle(Vec<Gap>),
    /// What is stored by now.
    Stored {
        /// The batches of the page load.
        batches: Vec<Batch>,
        /// Its first and last instant.
        span: Span,
        /// More may come.
        live: bool,
    },
    /// A request was answered.
    Arrived {
        /// What was asked for.
        request: Request,
        /// The batches that came.
        came: BTreeSet<u32>,
    },
    /// A request failed for good.
    Failed {
        /// What was asked for.
        request: Request,
        /// Why.
        failure: Failure,
    },
    /// The viewer wants to try again.
    Retry,
    /// [`QUIET`] has passed since [`Effect::AwaitQuiet`] with the same number.
    Quiet {
        /// How often the viewer had moved.
        moves: u32,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the API.
    Fetch(Request),
    /// The answer to this is not wanted any more: the API has something better to do.
    Abandon(Request),
    /// Tell [`Input::Quiet`] in [`QUIET`] ms.
    AwaitQuiet {
        /// How often the viewer has moved.
        moves: u32,
    },
    /// Give the frame a new run, by index of the batches' first events.
    Load {
        /// The batches.
        firsts: Vec<u32>,
        /// The command.
        go: Go,
    },
    /// Give the frame more of its run.
    Append {
        /// The batches.
        firsts: Vec<u32>,
    },
    /// Command the frame.
    Go(Go),
    /// Stop the frame where it is: what it needs next is not there yet.
    Halt,
    /// Let go of these batches: the recording is longer than what is kept.
    Forget {
        /// The batches.
        firsts: Vec<u32>,
    },
}

/// Where the frame should be and whether it should play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Go {
    /// Counts the commands, so that news of an older one is known as such.
    pub turn: u32,
    /// Where to be.
    pub at: Millis,
    /// Play from there.
    pub playing: bool,
    /// How fast, percent.
    pub speed: u16,
}

/// What the viewer sees of the player's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// What is needed is being fetched.
    Loading,
    /// It plays.
    Playing,
    /// It stands.
    Paused,
    /// It stands at the end.
    Ended,
    /// It is at the end of what a live session has so far.
    Waiting,
    /// The page load has no snapshot.
    Unplayable,
}

/// The state.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not one state in disguise"
)]
pub struct Player {
    plan: Plan,
    span: Span,
    live: bool,
    gaps: Vec<Gap>,
    at: Millis,
    /// What the viewer wants.
    playing: bool,
    speed: u16,
    skip: bool,
    /// What the frame does: its run, and whether it follows the last command.
    ready: bool,
    run: Option<Range<usize>>,
    turn: u32,
    obeys: bool,
    frame_plays: bool,
    /// How often it was given events that it has not taken yet …
    giving: u32,
    /// … and of these, how often up to its run's beginning.
    beginning: u32,
    /// It stands at the end of what there is.
    at_end: bool,
    skipped: Option<Gap>,
    /// Requests on their way.
    asking: Vec<Request>,
    /// How often the viewer has moved …
    moves: u32,
    /// … how often when quiet was last waited for …
    awaited: u32,
    /// … and when it last came.
    quiet: u32,
    failure: Option<Failure>,
}

impl Player {
    /// A player that will stand `offset` ms after the start.
    pub fn new(span: Span, offset: Option<Millis>, speed: u16, skip: bool) -> Self {
        let at = (span.from + offset.unwrap_or(0)).clamp(span.from, span.to.max(span.from));
        Self {
            span,
            at,
            speed,
            skip,
            ..Self::default()
        }
    }

    /// Takes in what happened; answers what is to be done.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Ready => {
                self.ready = true;
                self.run = None;
                (self.giving, self.beginning) = (0, 0);
            }
            Input::Taken => {
                self.giving = self.giving.saturating_sub(1);
                self.beginning = self.beginning.saturating_sub(1);
            }
            Input::Time { turn, at } => self.time(turn, at),
            Input::Ended { turn } => self.ended(turn),
            // A press would be remembered, and what comes later begin by itself.
            Input::Play if !self.playable() => {}
            Input::Play => {
                // Also where a seek led there.
                if !self.live && self.at + LAST >= self.span.to {
                    self.at = self.span.from;
                }
                self.playing = true;
                self.moved();
            }
            Input::Pause => {
                self.playing = false;
                self.skipped = None;
                self.obeys = false;
            }
            Input::Seek(at) => {
                self.at = at.clamp(self.span.from, self.span.to.max(self.span.from));
                self.moves = self.moves.wrapping_add(1);
                self.moved();
            }
            Input::Speed(speed) => {
                self.speed = speed;
                self.obeys = false;
            }
            Input::Skip(skip) => self.skip = skip,
            Input::Idle(gaps) => self.gaps = gaps,
            Input::Stored {
                batches,
                span,
                live,
            } => self.stored(batches, span, live),
            Input::Arrived { request, came } => {
                if self.answered(&request) {
                    self.plan.arrived(&request, &came);
                } else {
                    // Given up when it was here already; what it brought is of use.
                    self.plan.came(&came);
                }
            }
            Input::Failed { request, failure } => {
                if self.answered(&request) {
                    self.plan.failed(&request);
                    self.failure = Some(failure);
                }
            }
            Input::Retry => self.failure = None,
            Input::Quiet { moves } => self.quiet = moves,
        }
        // Nobody waits for what cannot come.
        self.playing &= self.phase() != Phase::Unplayable;
        self.settle()
    }

    /// It was on its way, and is not any more.
    fn answered(&mut self, request: &Request) -> bool {
        let place = self.asking.iter().position(|asked| asked == request);
        place.map(|place| self.asking.swap_remove(place)).is_some()
    }

    fn moved(&mut self) {
        self.obeys = false;
        self.at_end = false;
        self.skipped = None;
    }

    fn time(&mut self, turn: u32, at: Millis) {
        if turn != self.turn || !self.obeys {
            return;
        }
        self.at = at.clamp(self.span.from, self.span.to.max(self.span.from));
        if self.skipped.is_some_and(|gap| at > gap.to + LEAD_IN) {
            self.skipped = None;
        }
        let inside = |gap: &&Gap| gap.from + LEAD_IN <= at && at + 2 * LEAD_OUT < gap.to;
        if self.skip
            && self.frame_plays
            && let Some(gap) = self.gaps.iter().find(inside).copied()
        {
            self.at = gap.to.saturating_sub(LEAD_OUT);
            self.moved();
            self.skipped = Some(gap);
        }
    }

    fn ended(&mut self, turn: u32) {
        if turn != self.turn || !self.obeys {
            return;
        }
        self.frame_plays = false;
        let next = self.run.as_ref().map_or(0, |run| run.end);
        if let Some(from) = self.plan.from(next) {
            self.at = self.at.max(from);
            self.obeys = false;
            return;
        }
        self.at_end = true;
        self.skipped = None;
        self.at = self.span.to.max(self.at);
        if !self.live {
            self.playing = false;
        }
    }

    fn stored(&mut self, batches: Vec<Batch>, span: Span, live: bool) {
        self.span = span;
        self.live = live;
        let held = self
            .run
            .clone()
            .map(|run| self.plan.loaded(run))
            .unwrap_or_default();
        self.plan.update(batches);
        // A batch that came late shifts the places of all after it, and belongs
        // between events that the frame has already: begin anew.
        if let Some(run) = self.run.clone()
            && self.plan.loaded(run) != held
        {
            self.run = None;
            self.obeys = false;
        }
        if self.at_end
            && self.playing
            && let Some(from) = self.run.as_ref().and_then(|run| self.plan.from(run.end))
        {
            self.at = self.at.max(from);
            self.at_end = false;
            self.obeys = false;
        }
        if self.at_end && !live {
            self.playing = false;
        }
    }

    /// Where it is.
    pub fn at(&self) -> Millis {
        self.at
    }

    /// Its first and last instant.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The viewer wants it to play.
    pub fn playing(&self) -> bool {
        self.playing
    }

    /// What the viewer sees.
    pub fn phase(&self) -> Phase {
        match self.plan.needed(self.at) {
            None => Phase::Unplayable,
            Some(needed) if !self.ready || !self.plan.settled(&needed) => Phase::Loading,
            _ if self.at_end && self.live && self.playing => Phase::Waiting,
            _ if self.at_end => Phase::Ended,
            _ if self.playing => Phase::Playing,
            _ => Phase::Paused,
        }
    }

    /// There is something to play, or it is on its way.
    pub fn playable(&self) -> bool {
        match self.phase() {
            Phase::Unplayable => false,
            Phase::Loading => self.failure.is_none(),
            Phase::Playing | Phase::Paused | Phase::Ended | Phase::Waiting => true,
        }
    }

    /// Something of it is still to come.
    pub fn coming(&self) -> bool {
        self.plan.unsettled()
    }

    /// Nothing is on its way.
    pub fn settled(&self) -> bool {
        self.asking.is_empty()
    }

    /// The idle time that was skipped just now.
    pub fn skipped(&self) -> Option<Gap> {
        self.skipped
    }

    /// The loaded parts.
    pub fn spans(&self) -> Vec<(Millis, Millis)> {
        self.plan.spans()
    }

    /// Batches that were asked for and did not come.
    pub fn lost(&self) -> usize {
        self.plan.lost()
    }

    /// Why nothing more is fetched.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }
}

#[cfg(test)]
mod tests;
