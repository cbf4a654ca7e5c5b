//! A site's quota decides when a session is opened, and never again.

use super::*;
use crate::id::SessionId;
use crate::quota::{Admission, Exhausted, Quota};
use crate::wire::MAX_AHEAD;

const DAILY: Exhausted = Exhausted::Sessions;

impl World {
    /// Of a site that takes two sessions a day.
    fn limited(
        &self,
        upload: &Up,
        now: Millis,
    ) -> crate::lifecycle::actor::Result<Result<Ack, Refused>> {
        let (mut append, body) = arrived(upload, now);
        append.quota = Some(Quota {
            sessions_per_day: Some(2),
            ..Quota::default()
        });
        block_on(self.actor().append(&append, body, now))
    }

    /// So many others were let in on that day.
    fn with_others(self, count: u8) -> Self {
        let site = SiteKey::parse("demo").unwrap();
        for other in 0..count {
            let sid = SessionId::new(START + 1, &[other; 17]);
            let mut admissions = self.stores.admissions.borrow_mut();
            admissions.put(&site, &sid, Admission::Admitted);
        }
        self
    }

    /// Neither its object nor any store has anything of the session.
    fn assert_untouched(&self) {
        assert_eq!(self.actor().held().unwrap(), Held::Nothing);
        assert_eq!(self.buffer.alarm_at.get(), None);
        assert!(self.stored().values().all(Vec::is_empty));
        assert!(self.stores.rows.borrow().is_empty());
    }
}

#[test]
fn the_last_one_is_let_in_and_never_cut() {
    let world = World::default().with_others(1);
    assert_eq!(world.limited(&up(1, 0, 3), START).unwrap().unwrap().next, 3);
    let full = World::default();
    full.with_others(9)
        .stores
        .admissions
        .swap(&world.stores.admissions);
    assert_eq!(
        world
            .limited(&up(1, 3, 3), START + 1)
            .unwrap()
            .unwrap()
            .next,
        6
    );
    // Finished, and taken up again.
    world.run_until(START + Millis::from(u32::MAX));
    assert!(world.record().is_none());
    let late = START + 3_600_000;
    assert_eq!(world.limited(&up(1, 6, 1), late).unwrap().unwrap().next, 7);
}

#[test]
fn one_too_many_is_refused_whole_and_for_good() {
    let world = World::default().with_others(2);
    let refused = Err(Refused::Quota(DAILY));
    let after_midnight = START + 86_400_000;
    for now in [START, START + 1, after_midnight] {
        assert_eq!(world.limited(&up(1, 0, 3), now).unwrap(), refused);
        assert_eq!(world.limited(&up(2, 0, 1), now).unwrap(), refused);
    }
    // Also when there would be room again.
    world
        .stores
        .admissions
        .borrow_mut()
        .retain(|sid| *sid == super::sid());
    assert_eq!(world.limited(&up(1, 3, 3), START + 2).unwrap(), refused);
    // Nor if its site has no quota any more.
    assert_eq!(
        world.upload(&up(1, 6, 3), START + 3),
        Err(Refused::Quota(DAILY))
    );
    let later = START + 2 * MAX_AHEAD;
    assert_eq!(
        world.upload(&up(3, 0, 3), later),
        Err(Refused::Quota(DAILY))
    );
    world.assert_untouched();
}

#[test]
fn an_answer_that_is_lost_counts_once() {
    for fault in [Fault::Failed, Fault::FailedButWritten] {
        let world = World::default().with_others(1);
        world.stores.fail_next(Port::Index, fault);
        assert!(world.limited(&up(1, 0, 3), START).is_err());
        world.assert_untouched();
        let ack = world.limited(&up(1, 0, 3), START + 1).unwrap().unwrap();
        assert_eq!(ack.next, 3, "{fault:?}");
        assert_eq!(world.stores.admissions.borrow().len(), 2);
    }
}

#[test]
fn who_has_no_quota_asks_nobody() {
    let world = World::default().with_others(9);
    assert_eq!(
        world.upload(&up(1, 0, 3), START + MAX_AHEAD).unwrap().next,
        3
    );
    assert_eq!(world.stores.admissions.borrow().len(), 9);
}
