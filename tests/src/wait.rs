//! Waiting for a condition instead of for time.

use crate::upload::now;
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Asks `condition` until it gives something, for at most `limit`.
///
/// # Panics
/// When the limit is over; `what` says what did not happen.
pub fn until<T>(what: &str, limit: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} in vain: {what}");
        // Yields the processor to the worker between two questions.
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Does `what` again until the clock's minute is the same before and after: the platform's
/// rate limits count by the minute, here beginning with the clock's.
///
/// # Errors
/// When it takes more than a minute, three times.
pub fn within_a_minute<T>(mut what: impl FnMut() -> T) -> Result<T> {
    let minute = || now() / 60_000;
    for _ in 0..3 {
        let before = minute();
        let done = what();
        if minute() == before {
            return Ok(done);
        }
    }
    bail!("it takes more than a minute")
}
