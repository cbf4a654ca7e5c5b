//! What is fetched, what the frame is given, and when: the viewer's moment first, the
//! rest in its time.

use super::{Effect, Go, Player};
use crate::model::plan::KEPT;
use core::ops::Range;

/// The frame is given so many compressed bytes beyond the playhead …
const LEAD: u64 = 1 << 18;
/// … so many at once, which are a tenth or so of what is read …
const PIECE: u64 = 1 << 15;
/// … and when it holds so many before the last keyframe, it begins anew there.
const TRAIL: u64 = 1 << 20;

impl Player {
    /// Compares what is wanted with what is.
    pub(super) fn settle(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.let_go(&mut effects);
        self.feed(&mut effects);
        self.fetch(&mut effects);
        effects
    }

    /// One request at a time, and a second one only if somebody waits for it.
    /// Before there is the moment to see, nothing else is worth the time; nor while
    /// the viewer looks for a moment, as far as can be told.
    fn fetch(&mut self, effects: &mut Vec<Effect>) {
        if self.failure.is_some() {
            return;
        }
        self.abandon(effects);
        if self.asking.len() >= 2 {
            return;
        }
        let first = !self.ready && self.plan.needed(self.at).is_some();
        let busy = self.busy();
        let quiet = self.playing || self.quiet == self.moves;
        let urgent = first || busy || !quiet || !self.asking.is_empty();
        if let Some(request) = self.plan.next(self.at, urgent) {
            self.asking.push(request.clone());
            effects.push(Effect::Fetch(request));
        } else if !busy && !quiet && self.awaited != self.moves {
            self.awaited = self.moves;
            effects.push(Effect::AwaitQuiet { moves: self.moves });
        }
    }

    /// While the viewer waits, whatever else is on its way is given up: it would be
    /// answered first, and can be asked for again.
    fn abandon(&mut self, effects: &mut Vec<Effect>) {
        let needed = self.plan.needed(self.at);
        let Some(needed) = needed.filter(|needed| !self.plan.settled(needed)) else {
            return;
        };
        let (kept, given_up) = core::mem::take(&mut self.asking)
            .into_iter()
            .partition(|request| self.plan.helps(request, &needed));
        self.asking = kept;
        for request in given_up {
            self.plan.failed(&request);
            effects.push(Effect::Abandon(request));
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

    /// The moment that the viewer wants to see is not shown yet: all else can wait.
    pub fn busy(&self) -> bool {
        let needed = self.plan.needed(self.at);
        self.beginning > 0 || needed.is_some_and(|needed| !self.plan.settled(&needed))
    }
}
