//! What `wrangler.toml` says, against what the code promises.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sentiero_core::id::Millis;
use sentiero_core::lifecycle::{Status, Step, Timing};
use sentiero_core::settings::{count_delay, timing};

const WRANGLER: &str = include_str!("../../wrangler.toml");

/// A live session is listed so many ms after its first batch, at the latest.
const LISTED_WITHIN: Millis = 10_000;

/// A variable, as it is deployed.
fn variable(name: &str) -> Option<String> {
    let line = |line: &str| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
    };
    WRANGLER.lines().find_map(line)
}

#[test]
fn what_is_deployed_is_what_the_code_takes_for_granted() {
    assert!(
        variable("ANNOUNCE_SECONDS").is_some(),
        "else it is the default anyway"
    );
    assert_eq!(timing(variable), Ok(Timing::DEFAULT));
    let delay = variable("COUNT_SECONDS");
    assert_eq!(count_delay(delay.as_deref()), count_delay(None));
}

/// The delay, and as much again for the alarm, which goes off at its time at the earliest, and
/// for the row's way to the index.
#[test]
fn a_live_session_is_announced_in_half_the_time_that_is_promised() {
    let timing = timing(variable).unwrap();
    assert!(2 * timing.announce <= LISTED_WITHIN, "{}", timing.announce);
    let created = 1_000_000;
    let first = Status {
        created,
        last: created,
        left: false,
        announced: false,
        buffered: 1,
        visited: true,
    };
    let due = created + timing.announce;
    assert_eq!(first.next_step(&timing, created), Step::Sleep(due));
    // Whatever else comes meanwhile: more batches, a megabyte of them, a page that was left.
    for (last, left, buffered) in [
        (due - 1, false, 1),
        (due, false, 2 << 20),
        (created, true, 1),
    ] {
        let busy = Status {
            last,
            left,
            buffered,
            ..first
        };
        assert_eq!(busy.next_step(&timing, due), Step::Announce, "{busy:?}");
    }
}
