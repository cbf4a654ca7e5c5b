//! Waiting for a condition instead of for time.

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
