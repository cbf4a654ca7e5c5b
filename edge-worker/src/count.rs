//! Counting what was taken and refused, so that it costs an upload nothing.
//!
//! Counts are gathered in the isolate and written together some seconds later, after the
//! answer (`COUNT_SECONDS`): one write for however many uploads and refusals. What is gathered
//! is lost if the isolate ends before; recordings never are.

use crate::config;
use crate::http;
use crate::log;
use crate::store::platform::Platform;
use sentiero_core::count::Tally;
use sentiero_core::day::Day;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::store::{Counters as _, StoreError};
use std::cell::{Cell, RefCell};
use std::time::Duration;
use worker::{Context, Delay, Env};

/// When a writing that was planned has not begun so long after its time, its request was
/// ended by the platform, and another one plans it anew.
const GRACE: Millis = 10_000;

thread_local! {
    /// Plain data only, as in every cache of the isolate.
    static TALLY: RefCell<Tally> = const { RefCell::new(Tally::new()) };
    /// Until when somebody is going to write; 0 if nobody is.
    static PLANNED: Cell<Millis> = const { Cell::new(0) };
}

/// Counts for a site that there is.
pub(crate) fn add(
    env: &Env,
    ctx: &Context,
    site: &SiteKey,
    counts: impl IntoIterator<Item = (&'static str, u64)>,
) {
    let now = http::now();
    TALLY.with_borrow_mut(|tally| {
        for (name, n) in counts {
            tally.add(site, Day::of(now), name, n);
        }
    });
    if now < PLANNED.get() {
        return;
    }
    let delay = config::of(env).count_delay();
    PLANNED.set(now + delay + GRACE);
    let env = env.clone();
    ctx.wait_until(async move {
        Delay::from(Duration::from_millis(delay)).await;
        PLANNED.set(0);
        write(&env).await;
    });
}

/// Writes what was gathered. What cannot be written is gathered again, for the next time.
async fn write(env: &Env) {
    for (site, counts) in TALLY.with_borrow_mut(Tally::take) {
        if let Err(StoreError(cause)) = Platform::new(env).add(&site, &counts).await {
            log::failure("counts", Some(&site), "retried_later", &cause);
            TALLY.with_borrow_mut(|tally| {
                for counted in &counts {
                    tally.add(&site, counted.day, counted.name, counted.n);
                }
            });
        }
    }
}
