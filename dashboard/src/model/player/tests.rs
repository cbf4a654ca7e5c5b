use super::*;
use crate::model::plan::KEPT;
use crate::model::plan::tests::batches;
use proptest::prelude::*;
use std::collections::VecDeque;

/// A player of `layout` with the frame ready, driven like the page drives it.
struct Bench {
    player: Player,
    log: Vec<String>,
    pending: VecDeque<Request>,
    /// The quiet that it waits for.
    quiet: Option<u32>,
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
            quiet: None,
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
                Effect::Abandon(request) => {
                    self.pending.retain(|asked| *asked != request);
                    format!("abandon {:?}", request.firsts)
                }
                Effect::AwaitQuiet { moves } => {
                    self.quiet = Some(moves);
                    "await quiet".to_owned()
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

    /// All comes, also what waits for quiet.
    fn all(&mut self) {
        loop {
            if !self.pending.is_empty() {
                self.answer();
            } else if self.quiet.is_some() {
                self.quiet();
            } else {
                return;
            }
        }
    }

    fn quiet(&mut self) {
        if let Some(moves) = self.quiet.take() {
            self.input(Input::Quiet { moves });
        }
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
    bench.check(&[
        "append [70, 80, 90, 100]",
        "stand at 105000 ×2",
        "await quiet",
    ]);
    bench.takes = true;
    bench.input(Input::Taken);
    bench.input(Input::Taken);
    bench.all();
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
    // What is on its way for later would be answered first.
    bench.check(&["halt", "abandon {20}", "fetch {50, 60, 70}"]);
    assert_eq!(bench.player.phase(), Phase::Loading);
    bench.answer();
    // Whoever plays needs what follows.
    bench.check(&["load [50, 60, 70] play at 65000 ×1", "fetch {20}"]);
    // Back into the other part: the frame has to start over there.
    bench.input(Input::Seek(5_000));
    bench.check(&["load [0, 10] play at 5000 ×1"]);
}

#[test]
fn who_looks_for_a_moment_is_left_alone_until_it_is_quiet() {
    let mut bench = Bench::new("k----k--", 0);
    bench.input(Input::Ready);
    bench.answer();
    bench.log.clear();
    bench.input(Input::Seek(65_000));
    bench.check(&["abandon {20}", "fetch {50, 60, 70}"]);
    // On to another moment: the last one is not wanted any more, either.
    let late = bench.pending.front().cloned().unwrap();
    bench.input(Input::Seek(35_000));
    bench.check(&["abandon {50, 60, 70}", "fetch {20, 30, 40}"]);
    // Its answer was here already when it was given up: it is of use.
    let came = late.firsts.clone();
    bench.input(Input::Arrived {
        request: late,
        came,
    });
    bench.answer();
    bench.check(&["append [20, 30, 40]", "stand at 35000 ×1", "await quiet"]);
    assert!(bench.player.settled());
    let early = bench.quiet.take();
    bench.input(Input::Seek(66_000));
    bench.check(&[
        "load [50, 60] stand at 66000 ×1",
        "append [70]",
        "await quiet",
    ]);
    // Of the move before.
    bench.input(Input::Quiet {
        moves: early.unwrap(),
    });
    bench.check(&[]);
    bench.input(Input::Seek(5_000));
    bench.check(&["load [0] stand at 5000 ×1", "append [10]", "await quiet"]);
    bench.all();
    bench.check(&[]);
    assert_eq!(bench.player.spans(), [(0, 79_999)]);
}

#[test]
fn what_comes_already_is_not_asked_for_again() {
    let mut bench = Bench::new("k----k--", 0);
    bench.input(Input::Ready);
    bench.answer();
    bench.check(&[
        "fetch {0, 10}",
        "load [0] stand at 0 ×1",
        "append [10]",
        "fetch {20}",
    ]);
    // It is on its way; what else is needed is asked for beside it.
    bench.input(Input::Seek(35_000));
    bench.check(&["fetch {30, 40}"]);
    bench.answer();
    bench.answer();
    assert_eq!(bench.player.phase(), Phase::Paused);
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
    assert!(!bench.player.playable() && bench.player.coming());
    bench.input(Input::Play);
    bench.check(&[]);
    assert!(!bench.player.playing(), "a retry does not begin to play");
    bench.input(Input::Retry);
    bench.check(&["fetch {0, 10}"]);
    assert!(bench.player.playable());
}

#[test]
fn what_cannot_be_read_is_neither_played_nor_waited_for() {
    let mut bench = Bench::new("k-", 0);
    bench.input(Input::Ready);
    bench.input(Input::Play);
    assert!(bench.player.playing() && bench.player.playable());
    let request = bench.pending.pop_front().unwrap();
    bench.input(Input::Arrived {
        request,
        came: BTreeSet::new(),
    });
    assert_eq!(bench.player.phase(), Phase::Unplayable);
    assert!(!bench.player.playing() && !bench.player.playable());
    assert!(!bench.player.coming());
    bench.log.clear();
    bench.input(Input::Play);
    bench.check(&[]);
    assert!(!bench.player.playing());
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
        bench.all();
        prop_assert_eq!(bench.player.plan.loaded(0..layout.len()).len(), layout.len(), "all is fetched");
        bench.log.clear();
        bench.input(Input::Seek(0));
        bench.input(Input::Play);
        prop_assert_eq!(bench.player.phase(), Phase::Playing);
        bench.log.retain(|said| said != "await quiet");
        let last = bench.log.last().cloned().unwrap_or_default();
        prop_assert!(last.ends_with("play at 0 ×2") || last.ends_with("play at 0 ×1"), "{}", last);
    }
}
