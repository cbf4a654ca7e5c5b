//! Properties of [`Desk`]. Each run needs one that is new.

use super::{Broken, Case, Outcome, equal, suite};
use crate::erasure::{Desk, Job, PurgeRequest};
use crate::id::ErasureId;
use alloc::borrow::ToOwned as _;
use alloc::vec;

suite!(desk: Desk =>
    a_new_one_holds_nothing,
    a_job_comes_back_whole,
    the_latest_job_counts,
    clearing_forgets_everything,
    clearing_twice_does_no_harm,
    there_is_one_alarm,
);

/// An erasure in the middle of its work.
fn job(case: &Case) -> Job {
    let wanted = PurgeRequest {
        before: case.now,
        confirm: Some(7),
    }
    .wanted();
    let id = ErasureId::new(case.now, &[0x5A; 10]);
    let by = "betreiber \"1\"".to_owned();
    let job = Job::new(case.site.clone(), id, wanted, 7, by, case.now);
    Job {
        after: Some(case.sid(1)),
        pending: vec![case.sid(2), case.sid(3)],
        announced: true,
        failures: 3,
        ..job
    }
}

async fn is_empty(desk: &impl Desk) -> Result<(), Broken> {
    equal("job", &desk.load()?, &None)?;
    equal("alarm", &desk.alarm().await?, &None)
}

/// It is read before anything was written to it.
async fn a_new_one_holds_nothing(desk: &impl Desk, _case: &Case) -> Outcome {
    is_empty(desk).await
}

/// Every field.
async fn a_job_comes_back_whole(desk: &impl Desk, case: &Case) -> Outcome {
    desk.save(&job(case))?;
    equal("job", &desk.load()?, &Some(job(case)))
}

/// Also of the same step twice.
async fn the_latest_job_counts(desk: &impl Desk, case: &Case) -> Outcome {
    for failures in [1, 2, 2] {
        let job = Job {
            failures,
            ..job(case)
        };
        desk.save(&job)?;
        equal("job", &desk.load()?, &Some(job))?;
    }
    Ok(())
}

/// What was to be erased must not outlast its erasure; it can begin anew.
async fn clearing_forgets_everything(desk: &impl Desk, case: &Case) -> Outcome {
    desk.save(&job(case))?;
    desk.set_alarm(case.now).await?;
    desk.clear().await?;
    is_empty(desk).await?;
    desk.save(&job(case))?;
    equal("a new one", &desk.load()?, &Some(job(case)))
}

/// The step that ends an erasure is repeated as any other.
async fn clearing_twice_does_no_harm(desk: &impl Desk, case: &Case) -> Outcome {
    desk.clear().await?;
    desk.save(&job(case))?;
    desk.clear().await?;
    desk.clear().await?;
    is_empty(desk).await
}

/// Setting it anew moves it, to earlier and to later.
async fn there_is_one_alarm(desk: &impl Desk, case: &Case) -> Outcome {
    for after in [5, 9, 2] {
        let at = case.now.saturating_add(after * 1_000);
        desk.set_alarm(at).await?;
        equal("alarm", &desk.alarm().await?, &Some(at))?;
    }
    Ok(())
}
