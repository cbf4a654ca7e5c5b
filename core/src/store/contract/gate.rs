//! Properties of [`Gate`]. Each run needs one of its own, at which nobody has tried yet.

use super::{Case, Outcome, equal, holds, suite};
use crate::access::gate::{ALL, Attempt, FORGOTTEN, Gate, MAX_PLACES, ONE};
use crate::id::Millis;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;

suite!(gate: Gate =>
    at_first_nobody_waits,
    who_fails_waits_longer_and_longer,
    a_place_waits_for_itself,
    all_wait_where_many_fail,
    who_waits_does_not_wait_longer,
    what_was_right_is_no_failure,
    what_is_old_is_forgotten,
    no_more_places_are_remembered_than_can_be,
    a_generation_is_never_there_again,
);

fn from(place: &str, now: Millis) -> Attempt {
    let (place, all) = (place.to_owned(), None);
    Attempt { place, all, now }
}

/// As somebody who never signed in.
fn unknown(place: &str, now: Millis) -> Attempt {
    Attempt {
        all: Some("all".to_owned()),
        ..from(place, now)
    }
}

/// Somebody may try, and does not know the password.
async fn fails(gate: &impl Gate, attempt: &Attempt) -> Outcome {
    equal(
        format!("{attempt:?} waits"),
        &gate.attempt(attempt).await?,
        &None,
    )
}

async fn waits(gate: &impl Gate, attempt: &Attempt, left: Millis) -> Outcome {
    let found = gate.attempt(attempt).await?;
    equal(format!("{attempt:?} waits"), &found, &Some(left))
}

/// The place fails as often as it may without a wait, and once more.
async fn is_closed(gate: &impl Gate, place: &str, now: Millis) -> Outcome {
    for _ in 0..=ONE.free {
        fails(gate, &from(place, now)).await?;
    }
    Ok(())
}

/// And what was right where nothing was tried is no failure.
async fn at_first_nobody_waits(gate: &impl Gate, case: &Case) -> Outcome {
    gate.passed(&unknown("nobody", case.now)).await?;
    fails(gate, &unknown("one", case.now)).await?;
    fails(gate, &from("other", case.now)).await
}

/// To the millisecond.
async fn who_fails_waits_longer_and_longer(gate: &impl Gate, case: &Case) -> Outcome {
    let mut now = case.now;
    is_closed(gate, "one", now).await?;
    for failed in 1..8 {
        let wait = ONE.after(ONE.free.saturating_add(failed));
        waits(gate, &from("one", now), wait).await?;
        now = now.saturating_add(wait);
        waits(gate, &from("one", now.saturating_sub(1)), 1).await?;
        fails(gate, &from("one", now)).await?;
    }
    Ok(())
}

/// One that begins as another, too.
async fn a_place_waits_for_itself(gate: &impl Gate, case: &Case) -> Outcome {
    is_closed(gate, "one", case.now).await?;
    for other in ["one-2", "on", "other"] {
        fails(gate, &from(other, case.now)).await?;
    }
    waits(gate, &from("one", case.now), ONE.first).await
}

/// But not a browser that signed in before, and its failures do not count for all.
async fn all_wait_where_many_fail(gate: &impl Gate, case: &Case) -> Outcome {
    let now = case.now;
    is_closed(gate, "known", now).await?;
    for n in 0..=ALL.free {
        fails(gate, &unknown(&format!("place {n}"), now)).await?;
    }
    waits(gate, &unknown("another", now), ALL.first).await?;
    fails(gate, &from("another browser", now)).await?;
    let later = now.saturating_add(ALL.first);
    fails(gate, &unknown("another", later)).await
}

async fn who_waits_does_not_wait_longer(gate: &impl Gate, case: &Case) -> Outcome {
    is_closed(gate, "one", case.now).await?;
    for after in 0..20 {
        let now = case.now.saturating_add(after);
        waits(gate, &from("one", now), ONE.first.saturating_sub(after)).await?;
    }
    let now = case.now.saturating_add(ONE.first);
    fails(gate, &from("one", now)).await?;
    waits(
        gate,
        &from("one", now),
        ONE.after(ONE.free.saturating_add(2)),
    )
    .await
}

/// Neither of its place, whose failures are forgotten, nor of all, of which the others stay;
/// and no other place has an advantage.
async fn what_was_right_is_no_failure(gate: &impl Gate, case: &Case) -> Outcome {
    let now = case.now;
    is_closed(gate, "other", now).await?;
    for n in 0..ALL.free {
        fails(gate, &unknown(&format!("place {n}"), now)).await?;
    }
    let right = unknown("one", now);
    for _ in 0..ONE.free {
        fails(gate, &from("one", now)).await?;
    }
    for _ in 0..3 {
        fails(gate, &right).await?;
        gate.passed(&right).await?;
    }
    waits(gate, &from("other", now), ONE.first).await?;
    is_closed(gate, "one", now).await?;
    fails(gate, &unknown("last", now)).await?;
    waits(gate, &unknown("another", now), ALL.first).await
}

/// And not a millisecond before.
async fn what_is_old_is_forgotten(gate: &impl Gate, case: &Case) -> Outcome {
    for (place, after, wait) in [("one", FORGOTTEN - 1, Some(2)), ("other", FORGOTTEN, None)] {
        is_closed(gate, place, case.now).await?;
        let now = case.now.saturating_add(after);
        fails(gate, &from(place, now)).await?;
        match wait {
            Some(n) => {
                let wait = ONE.after(ONE.free.saturating_add(n));
                waits(gate, &from(place, now), wait).await?;
            }
            None => fails(gate, &from(place, now)).await?,
        }
    }
    Ok(())
}

/// The one that tried longest ago is forgotten.
async fn no_more_places_are_remembered_than_can_be(gate: &impl Gate, case: &Case) -> Outcome {
    let at = |n: u64| case.now.saturating_add(n);
    is_closed(gate, "first", at(0)).await?;
    is_closed(gate, "second", at(1)).await?;
    let name = |n: u64| -> String { format!("place {n}") };
    for n in 2..MAX_PLACES {
        fails(gate, &from(&name(n), at(n))).await?;
    }
    let now = at(MAX_PLACES);
    waits(
        gate,
        &from("first", now),
        ONE.first.saturating_sub(MAX_PLACES),
    )
    .await?;
    fails(gate, &from("one more", now)).await?;
    fails(gate, &from("first", now)).await?;
    let left = ONE.first.saturating_sub(MAX_PLACES);
    let second = gate.attempt(&from("second", now)).await?;
    holds(
        "the next is forgotten where there is one more",
        second.is_none(),
    )?;
    holds("the test is about less than a wait", left > 0)
}

/// Whatever is tried meanwhile.
async fn a_generation_is_never_there_again(gate: &impl Gate, case: &Case) -> Outcome {
    let mut last = gate.generation().await?;
    for _ in 0..4 {
        equal("the generation", &gate.generation().await?, &last)?;
        fails(gate, &from("one", case.now)).await?;
        let next = gate.end_all().await?;
        holds("the next generation is a later one", next > last)?;
        last = next;
    }
    equal("the generation", &gate.generation().await?, &last)
}
