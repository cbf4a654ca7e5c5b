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

use crate::model::failure::Failure;
use crate::model::plan::{KEPT, Plan, Request};
use crate::model::rows::Gap;
use crate::model::timeline::Span;
use core::ops::Range;
use sentiero_core::api::Batch;
use sentiero_core::id::Millis;
use std::collections::BTreeSet;

/// Speeds to choose from, percent.
pub const SPEEDS: [u16; 6] = [50, 100, 200, 400, 800, 1_600];

/// The frame is given so many compressed bytes beyond the playhead …
const LEAD: u64 = 1 << 18;
/// … so many at once, which are a tenth or so of what is read …
const PIECE: u64 = 1 << 15;
/// … and when it holds so many before the last keyframe, it begins anew there.
const TRAIL: u64 = 1 << 20;

/// Of an idle time, this much is still played before it is skipped, ms …
const LEAD_IN: Millis = 1_000;
/// … and this much before it ends.
const LEAD_OUT: Millis = 700;

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
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the API.
    Fetch(Request),
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
    asking: u32,
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
                self.asking = self.asking.saturating_sub(1);
                self.plan.arrived(&request, &came);
            }
            Input::Failed { request, failure } => {
                self.asking = self.asking.saturating_sub(1);
                self.plan.failed(&request);
                self.failure = Some(failure);
            }
            Input::Retry => self.failure = None,
        }
        self.settle()
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

    /// Compares what is wanted with what is.
    fn settle(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.let_go(&mut effects);
        self.feed(&mut effects);
        self.fetch(&mut effects);
        effects
    }

    /// One request at a time, and a second one only if somebody waits for it.
    /// Before there is the moment to see, nothing else is worth the time.
    fn fetch(&mut self, effects: &mut Vec<Effect>) {
        if self.asking >= 2 || self.failure.is_some() {
            return;
        }
        let first = !self.ready && self.plan.needed(self.at).is_some();
        let urgent = first || self.busy() || self.asking > 0;
        if let Some(request) = self.plan.next(self.at, urgent) {
            self.asking += 1;
            effects.push(Effect::Fetch(request));
        }
    }

    /// Gives the frame what it needs, and commands it.
    fn feed(&mut self, effects: &mut Vec<Effect>) {
        let Some(needed) = self.plan.needed(self.at).filter(|_| self.ready) else {
            return;
        };
        self.append(&needed, effects);
        if !self.plan.settled(&needed) {
            if self.frame_plays {
                self.frame_plays = false;
                effects.push(Effect::Halt);
            }
            self.obeys = false;
            return;
        }
        let inside = self.run.as_ref().is_some_and(|run| {
            let within = run.start <= needed.start && needed.end <= run.end;
            within && self.plan.bytes(run.start..needed.start) <= TRAIL
        });
        if !inside {
            // Whoever plays needs something to go on with.
            let piece = if self.playing { PIECE } else { 0 };
            let end = self.plan.reach(needed.end, needed.end, LEAD, piece);
            let run = needed.start..end;
            let firsts = self.plan.loaded(run.clone());
            self.run = Some(run);
            self.giving += 1;
            self.beginning = self.giving;
            let go = self.go(self.playing);
            self.obeys = true;
            effects.push(Effect::Load { firsts, go });
        } else if !self.obeys && !self.at_end {
            let go = self.go(self.playing);
            self.obeys = true;
            effects.push(Effect::Go(go));
        }
    }

    fn append(&mut self, needed: &Range<usize>, effects: &mut Vec<Effect>) {
        let Some(run) = self.run.clone() else { return };
        // The playhead may have left the run: then it does not grow.
        if !run.contains(&needed.start) {
            return;
        }
        // What the viewer waits for at once, what comes after it in its time.
        let piece = if self.giving == 0 { PIECE } else { 0 };
        let end = self.plan.reach(run.end, needed.end, LEAD, piece);
        if end > run.end {
            let firsts = self.plan.loaded(run.end..end);
            self.run = Some(run.start..end);
            if !firsts.is_empty() {
                self.giving += 1;
                effects.push(Effect::Append { firsts });
            }
        }
    }

    /// What is kept has a limit.
    fn let_go(&mut self, effects: &mut Vec<Effect>) {
        let Some(needed) = self.plan.needed(self.at) else {
            return;
        };
        let run = self.run.clone();
        let kept = match run.filter(|run| run.contains(&needed.start)) {
            Some(run) => run.start..run.end.max(needed.end),
            None => needed,
        };
        let firsts = self.plan.let_go(kept, self.at, KEPT);
        if !firsts.is_empty() {
            effects.push(Effect::Forget { firsts });
        }
    }

    fn go(&mut self, playing: bool) -> Go {
        self.turn = self.turn.wrapping_add(1);
        self.frame_plays = playing;
        Go {
            turn: self.turn,
            at: self.at,
            playing,
            speed: self.speed.max(1),
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

    /// The moment that the viewer wants to see is not shown yet: all else can wait.
    pub fn busy(&self) -> bool {
        let needed = self.plan.needed(self.at);
        self.beginning > 0 || needed.is_some_and(|needed| !self.plan.settled(&needed))
    }

    /// Nothing is on its way.
    pub fn settled(&self) -> bool {
        self.asking == 0
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
mod tests {
    use super::*;
    use crate::model::plan::tests::batches;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// A player of `layout` with the frame ready, driven like the page drives it.
    struct Bench {
        player: Player,
        log: Vec<String>,
        pending: VecDeque<Request>,
        turn: u32,
        /// The frame takes at once what it is given.
        takes: bool,
    }

    impl Bench {
        fn new(layout: &str, offset: Millis) -> Self {
            let player = Player::new(Self::span(layout), Some(offset), 1, false);
            let mut bench = Self {
                player,
                log: Vec::new(),
                pending: VecDeque::new(),
                turn: 0,
                takes: true,
            };
            bench.stored(layout, false);
            bench
        }

        fn span(layout: &str) -> Span {
            Span {
                from: 0,
                to: layout.len() as u64 * 10_000 - 1,
            }
        }

        fn stored(&mut self, layout: &str, live: bool) {
            self.input(Input::Stored {
                batches: batches(layout, 300_000),
                span: Self::span(layout),
                live,
            });
        }

        fn input(&mut self, input: Input) {
            let mut given = 0;
            for effect in self.player.handle(input) {
                if matches!(effect, Effect::Load { .. } | Effect::Append { .. }) {
                    given += 1;
                }
                let said = match effect {
                    Effect::Fetch(request) => {
                        let said = format!("fetch {:?}", request.firsts);
                        self.pending.push_back(request);
                        assert!(self.pending.len() <= 2, "three requests at once");
                        said
                    }
                    Effect::Load { firsts, go } => format!("load {firsts:?} {}", self.go(go)),
                    Effect::Append { firsts } => format!("append {firsts:?}"),
                    Effect::Go(go) => self.go(go),
                    Effect::Halt => "halt".to_owned(),
                    Effect::Forget { firsts } => format!("forget {firsts:?}"),
                };
                self.log.push(said);
            }
            for _ in 0..if self.takes { given } else { 0 } {
                self.input(Input::Taken);
            }
        }

        fn go(&mut self, go: Go) -> String {
            self.turn = go.turn;
            format!(
                "{} at {} ×{}",
                if go.playing { "play" } else { "stand" },
                go.at,
                go.speed
            )
        }

        fn answer(&mut self) {
            let request = self.pending.pop_front().unwrap();
            let came = request.firsts.clone();
            self.input(Input::Arrived { request, came });
        }

        fn time(&mut self, at: Millis) {
            self.input(Input::Time {
                turn: self.turn,
                at,
            });
        }

        fn check(&mut self, expected: &[&str]) {
            assert_eq!(core::mem::take(&mut self.log), expected);
        }
    }

    #[test]
    fn shows_the_first_frame_as_soon_as_it_can() {
        let mut bench = Bench::new("k----", 0);
        bench.check(&["fetch {0, 10}"]);
        bench.answer();
        // The rest can wait until there is something to see.
        bench.check(&[]);
        assert_eq!(bench.player.phase(), Phase::Loading);
        bench.input(Input::Ready);
        // What shows the moment, and no more; the rest when that is to be seen.
        bench.check(&["load [0] stand at 0 ×1", "append [10]", "fetch {20}"]);
        bench.answer();
        bench.check(&["fetch {30}"]);
        bench.answer();
        bench.check(&["fetch {40}"]);
        assert_eq!(bench.player.phase(), Phase::Paused);
    }

    #[test]
    fn what_lies_beyond_the_moment_comes_in_pieces() {
        let layout = "k".to_owned() + &"-".repeat(40);
        let mut bench = Bench::new(&layout, 0);
        bench.input(Input::Stored {
            batches: batches(&layout, 12_000),
            span: Bench::span(&layout),
            live: false,
        });
        bench.input(Input::Ready);
        while !bench.pending.is_empty() {
            bench.answer();
        }
        // All is here; the frame begins anew.
        bench.takes = false;
        bench.input(Input::Ready);
        assert_eq!(bench.log.last().unwrap(), "load [0] stand at 0 ×1");
        assert!(bench.player.busy());
        bench.log.clear();
        for piece in ["append [10, 20]", "append [30, 40]", "append [50, 60]"] {
            bench.input(Input::Taken);
            assert_eq!(bench.log.last().unwrap(), piece);
            assert!(!bench.player.busy());
            // What is not awaited waits until the frame has taken the last.
            bench.log.clear();
            bench.input(Input::Speed(2));
            bench.check(&["stand at 0 ×2"]);
        }
        // What is awaited does not.
        bench.input(Input::Seek(105_000));
        bench.check(&["append [70, 80, 90, 100]", "stand at 105000 ×2"]);
        bench.takes = true;
        bench.input(Input::Taken);
        bench.input(Input::Taken);
        while !bench.pending.is_empty() {
            bench.answer();
        }
        let run = bench.player.run.clone().unwrap();
        assert_eq!((run.start, run.end), (0, 32), "256 KiB beyond the playhead");
    }

    #[test]
    fn plays_waits_and_goes_on() {
        let mut bench = Bench::new("k---", 0);
        bench.input(Input::Ready);
        bench.answer();
        bench.input(Input::Play);
        bench.check(&[
            "fetch {0, 10}",
            "load [0] stand at 0 ×1",
            "append [10]",
            "fetch {20}",
            "play at 0 ×1",
        ]);
        bench.time(19_000);
        bench.input(Input::Ended { turn: bench.turn });
        assert_eq!(bench.player.phase(), Phase::Loading);
        bench.check(&[]);
        bench.answer();
        bench.check(&["append [20]", "play at 20000 ×1", "fetch {30}"]);
        bench.answer();
        bench.check(&["append [30]"]);
        bench.input(Input::Ended { turn: bench.turn });
        assert_eq!(
            (bench.player.phase(), bench.player.at()),
            (Phase::Ended, 39_999)
        );
        bench.input(Input::Play);
        bench.check(&["play at 0 ×1"]);
    }

    #[test]
    fn a_seek_beyond_what_is_loaded_begins_another_run() {
        let mut bench = Bench::new("k----k--", 0);
        bench.input(Input::Ready);
        bench.answer();
        bench.input(Input::Play);
        bench.log.clear();
        bench.input(Input::Seek(65_000));
        // What is on its way comes in its time; what is needed is asked for beside it.
        bench.check(&["halt", "fetch {50, 60, 70}"]);
        assert_eq!(bench.player.phase(), Phase::Loading);
        bench.answer();
        // The frame has left that part: it gets nothing more of it.
        bench.check(&[]);
        bench.answer();
        bench.check(&["load [50, 60, 70] play at 65000 ×1", "fetch {30}"]);
        // Back into the other part: the frame has to start over there.
        bench.input(Input::Seek(5_000));
        bench.check(&["load [0, 10] play at 5000 ×1"]);
    }

    #[test]
    fn old_news_is_not_believed() {
        let mut bench = Bench::new("k-", 0);
        bench.input(Input::Ready);
        bench.answer();
        bench.input(Input::Play);
        let old = bench.turn;
        bench.input(Input::Seek(15_000));
        bench.input(Input::Time {
            turn: old,
            at: 3_000,
        });
        bench.input(Input::Ended { turn: old });
        assert_eq!(
            (bench.player.at(), bench.player.phase()),
            (15_000, Phase::Playing)
        );
    }

    #[test]
    fn skips_idle_time() {
        let mut bench = Bench::new("k---", 0);
        bench.input(Input::Ready);
        bench.answer();
        bench.answer();
        bench.input(Input::Play);
        bench.input(Input::Idle(vec![Gap {
            from: 2_000,
            to: 30_000,
        }]));
        bench.log.clear();
        bench.time(5_000);
        bench.check(&[]);
        bench.input(Input::Skip(true));
        bench.time(5_100);
        bench.check(&["append [20]", "play at 29300 ×1"]);
        assert!(bench.player.skipped().is_some());
        bench.time(29_400);
        bench.check(&[]);
        bench.time(31_500);
        assert_eq!(bench.player.skipped(), None);
    }

    #[test]
    fn follows_a_live_session() {
        let mut bench = Bench::new("k-", 0);
        bench.stored("k-", true);
        bench.input(Input::Ready);
        bench.answer();
        bench.input(Input::Play);
        bench.input(Input::Ended { turn: bench.turn });
        assert_eq!(bench.player.phase(), Phase::Waiting);
        bench.log.clear();
        bench.stored("k---", true);
        bench.check(&["fetch {20, 30}"]);
        bench.answer();
        bench.check(&["append [20, 30]", "play at 20000 ×1"]);
        bench.input(Input::Ended { turn: bench.turn });
        bench.log.clear();
        // The last batch and the end of the session come together.
        bench.stored("k----", false);
        bench.answer();
        bench.check(&["fetch {40}", "append [40]", "play at 40000 ×1"]);
        bench.input(Input::Ended { turn: bench.turn });
        assert_eq!(
            (bench.player.phase(), bench.player.playing()),
            (Phase::Ended, false)
        );
    }

    #[test]
    fn a_late_batch_begins_the_run_anew() {
        let mut bench = Bench::new("kk-", 0);
        let mut stored = batches("kk-", 400_000);
        let late = stored.remove(1);
        let span = Bench::span("kk-");
        bench.pending.clear();
        bench.player = Player::new(span, Some(0), 1, false);
        bench.input(Input::Ready);
        bench.input(Input::Stored {
            batches: stored.clone(),
            span,
            live: true,
        });
        bench.answer();
        bench.answer();
        bench.log.clear();
        stored.push(late);
        bench.input(Input::Stored {
            batches: stored,
            span,
            live: true,
        });
        bench.check(&["load [0] stand at 0 ×1", "fetch {10}"]);
        bench.answer();
        bench.check(&["append [10]"]);
    }

    #[test]
    fn a_failure_stops_fetching_until_a_retry() {
        let mut bench = Bench::new("k-", 0);
        bench.input(Input::Ready);
        let request = bench.pending.pop_front().unwrap();
        bench.input(Input::Failed {
            request,
            failure: Failure::Unreachable,
        });
        assert_eq!(bench.player.failure(), Some(&Failure::Unreachable));
        bench.log.clear();
        bench.input(Input::Play);
        bench.check(&[]);
        bench.input(Input::Retry);
        bench.check(&["fetch {0, 10}"]);
    }

    #[test]
    fn speed_and_pause_reach_the_frame() {
        let mut bench = Bench::new("k", 0);
        bench.input(Input::Ready);
        bench.answer();
        bench.input(Input::Play);
        bench.time(4_000);
        bench.log.clear();
        bench.input(Input::Speed(4));
        bench.input(Input::Pause);
        bench.check(&["play at 4000 ×4", "stand at 4000 ×4"]);
    }

    #[test]
    fn without_a_snapshot_nothing_plays() {
        let mut bench = Bench::new("--", 0);
        bench.input(Input::Ready);
        bench.answer();
        assert_eq!(bench.player.phase(), Phase::Unplayable);
        bench.check(&["fetch {0}", "fetch {10}"]);
    }

    #[test]
    fn a_lost_batch_is_stepped_over() {
        let mut bench = Bench::new("k--", 0);
        bench.input(Input::Ready);
        let request = bench.pending.pop_front().unwrap();
        bench.input(Input::Arrived {
            request,
            came: [0].into(),
        });
        bench.answer();
        bench.check(&[
            "fetch {0, 10}",
            "load [0] stand at 0 ×1",
            "fetch {20}",
            "append [20]",
        ]);
        assert_eq!(bench.player.lost(), 1);
    }

    #[test]
    fn the_frame_holds_a_part_of_a_long_recording() {
        // A keyframe every 50 s, 1.5 MB between two.
        let layout = "k----".repeat(12);
        let mut bench = Bench::new(&layout, 0);
        bench.input(Input::Ready);
        while !bench.pending.is_empty() {
            bench.answer();
        }
        bench.input(Input::Play);
        let lead = |bench: &Bench| {
            let run = bench.player.run.clone().unwrap();
            (run.start, run.end)
        };
        assert_eq!(lead(&bench), (0, 2), "300 KB beyond the playhead");
        bench.log.clear();
        let mut loads = 0;
        for at in (0..layout.len() as u64 * 10_000).step_by(500) {
            bench.time(at);
            let (start, end) = lead(&bench);
            assert!(end - start <= 15, "{start}..{end} at {at}");
            assert!(bench.player.phase() == Phase::Playing, "{at}");
            loads += bench
                .log
                .iter()
                .filter(|said| said.starts_with("load"))
                .count();
            // Playing goes on; nothing but a new run or more of it is told.
            let told = |said: &String| said.starts_with("load") || said.starts_with("append");
            assert!(bench.log.iter().all(told), "{:?}", bench.log);
            bench.log.clear();
        }
        assert_eq!(loads, 11, "begun anew at each keyframe");
    }

    #[test]
    fn what_is_kept_of_a_long_recording_is_limited() {
        let layout = "k---------".repeat(20);
        let mut bench = Bench::new(&layout, 0);
        bench.input(Input::Ready);
        let mut gone = BTreeSet::new();
        while !bench.pending.is_empty() {
            for said in core::mem::take(&mut bench.log) {
                if let Some(firsts) = said.strip_prefix("forget ") {
                    let firsts: Vec<u32> = serde_json::from_str(firsts).unwrap();
                    gone.extend(firsts);
                }
            }
            bench.answer();
        }
        let kept = bench.player.plan.loaded(0..layout.len());
        assert!(kept.len() as u64 * 300_000 <= KEPT, "{}", kept.len());
        assert_eq!(
            kept.len() + gone.len() + 1,
            layout.len(),
            "one more is let go at the next step"
        );
        // All of it was read, and a place far away is fetched again.
        assert_eq!(
            bench.player.spans(),
            [(0, layout.len() as u64 * 10_000 - 1)]
        );
        bench.log.clear();
        bench.input(Input::Seek(1_905_000));
        assert!(
            bench.log.iter().any(|said| said.starts_with("fetch {1800")),
            "{:?}",
            bench.log
        );
        while !bench.pending.is_empty() {
            bench.answer();
        }
        assert_eq!(bench.player.phase(), Phase::Paused);
    }

    proptest! {
        /// Whatever the viewer does, all is fetched, and it plays when it should.
        #[test]
        fn settles(layout in "k[k-]{0,20}", doings in prop::collection::vec((0u8..7, 0u64..220_000), 0..60)) {
            let mut bench = Bench::new(&layout, 0);
            bench.input(Input::Ready);
            for (doing, at) in doings {
                match doing {
                    0 => bench.input(Input::Seek(at)),
                    1 => bench.input(Input::Play),
                    2 => bench.input(Input::Pause),
                    3 => bench.time(at),
                    4 => bench.input(Input::Ended { turn: bench.turn }),
                    5 => bench.input(Input::Speed(2)),
                    _ if !bench.pending.is_empty() => bench.answer(),
                    _ => {}
                }
            }
            while !bench.pending.is_empty() {
                bench.answer();
            }
            bench.log.clear();
            bench.input(Input::Seek(0));
            bench.input(Input::Play);
            prop_assert_eq!(bench.player.phase(), Phase::Playing);
            let last = bench.log.last().cloned().unwrap_or_default();
            prop_assert!(last.ends_with("play at 0 ×2") || last.ends_with("play at 0 ×1"), "{}", last);
        }
    }
}
