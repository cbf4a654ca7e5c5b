//! One delivery: when it is sent, and what becomes of it.
//!
//! An attempt is written down before it is made, with the time of the next: whatever ends
//! between, it is sent again, and never in a circle.

use crate::id::{Millis, SiteKey};
use crate::issue::{Fingerprint, Known, News, Why};
use alloc::format;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// How long who is told may take to answer, ms.
pub const TIME_LIMIT: Millis = 5_000;

/// How often it is tried to tell something.
pub const MAX_ATTEMPTS: u32 = 8;

/// Deliveries that wait at one time; of more, what is new is not told.
pub const MAX_WAITING: usize = 100;

/// Deliveries that ended and are still shown, the last.
pub const MAX_SHOWN: usize = 20;

/// How long those are shown, ms.
const SHOWN: Millis = 30 * 86_400_000;

/// How long after an attempt the next is made, ms. Together nine hours.
const WAITS: [Millis; MAX_ATTEMPTS as usize - 1] = [
    2_000, 10_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000,
];

/// When it is looked again for the last attempt, if that was interrupted.
const LAST: Millis = 60_000;

/// Of what ended before, nothing is shown at `now`.
pub fn forgotten_before(now: Millis) -> Millis {
    now.saturating_sub(SHOWN)
}

/// Why something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Nothing was known of the issue.
    New,
    /// It was resolved, and came again.
    Reopened,
    /// An operator wanted to see whether it arrives.
    Test,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::New => Self::New,
            Why::Reopened => Self::Reopened,
        }
    }
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It is to be sent, perhaps again.
    Waiting,
    /// It was answered as it should be.
    Delivered,
    /// It is not sent again.
    Failed,
}

/// Why an attempt was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The address may not be told.
    NotAllowed,
    /// Nobody answered in time.
    TimedOut,
    /// There was no connection, or it broke.
    Unreachable,
    /// The answer leads elsewhere, which is not followed.
    Redirected,
    /// The answer's status was not 2xx.
    Refused,
    /// The worker ended while it was sent.
    Interrupted,
}

/// What became of an attempt: the answer's status, if there was an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was one.
    Answered(u16),
    /// There was none.
    Failed(Failure),
}

impl Outcome {
    /// Why it was none; none if it was one.
    fn failure(self) -> Option<Failure> {
        match self {
            Self::Answered(200..=299) => None,
            Self::Answered(300..=399) => Some(Failure::Redirected),
            Self::Answered(_) => Some(Failure::Refused),
            Self::Failed(failure) => Some(failure),
        }
    }

    fn status(self) -> Option<u16> {
        match self {
            Self::Answered(status) => Some(status),
            Self::Failed(_) => None,
        }
    }
}

/// A delivery, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Sorts by time.
    pub id: String,
    /// When it became news.
    pub at: Millis,
    /// Why it is told.
    pub why: Reason,
    /// Of which issue; none of a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Fingerprint>,
    /// How far it is.
    pub stage: Stage,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again, if it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Millis>,
    /// When it was tried last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Millis>,
    /// The status of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the last attempt was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// A delivery, as it is kept. What it tells is kept as long as it is to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// Of which site.
    pub site: SiteKey,
    /// What is shown of it.
    pub delivery: Delivery,
    /// What is known of the issue; none of a test, or once it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
}

impl Queued {
    /// News that is to be told at once.
    pub fn of(site: &SiteKey, news: News, now: Millis) -> Self {
        let News { why, known } = news;
        let id = format!("{now:012x}-{}", known.issue.text());
        Self {
            delivery: Delivery::new(id, now, why.into(), Some(known.issue)),
            site: site.clone(),
            known: Some(known),
        }
    }

    /// A test. It is tried once: who asked for it is there.
    pub fn test(site: &SiteKey, now: Millis) -> Self {
        Self {
            delivery: Delivery::new(format!("{now:012x}-test"), now, Reason::Test, None),
            site: site.clone(),
            known: None,
        }
    }

    fn most(&self) -> u32 {
        match self.delivery.why {
            Reason::New | Reason::Reopened => MAX_ATTEMPTS,
            Reason::Test => 1,
        }
    }

    /// Begins an attempt at `now`; false if there were enough, the last of them interrupted.
    pub fn begin(&mut self, now: Millis) -> bool {
        if self.delivery.attempts >= self.most() {
            self.end(Outcome::Failed(Failure::Interrupted), now);
            return false;
        }
        self.delivery.attempts += 1;
        self.delivery.tried = Some(now);
        let wait = self.wait().unwrap_or(LAST);
        self.delivery.due = Some(now.saturating_add(wait));
        true
    }

    /// How long it waits after the attempts that were; none if those were all.
    fn wait(&self) -> Option<Millis> {
        let attempts = usize::try_from(self.delivery.attempts).ok()?;
        let next = WAITS.get(attempts.checked_sub(1)?).copied();
        next.filter(|_| self.delivery.attempts < self.most())
    }

    /// What became of the attempt that was begun, at `now`.
    pub fn end(&mut self, outcome: Outcome, now: Millis) {
        self.delivery.status = outcome.status();
        self.delivery.failure = outcome.failure();
        let wait = self.wait();
        self.delivery.stage = match (self.delivery.failure, wait) {
            (None, _) => Stage::Delivered,
            (Some(_), Some(_)) => Stage::Waiting,
            (Some(_), None) => Stage::Failed,
        };
        let is_waiting = self.delivery.stage == Stage::Waiting;
        let due = wait.map(|wait| now.saturating_add(wait));
        self.delivery.due = due.filter(|_| is_waiting);
        if !is_waiting {
            self.known = None;
        }
    }
}

impl Delivery {
    fn new(id: String, now: Millis, why: Reason, issue: Option<Fingerprint>) -> Self {
        Self {
            id,
            at: now,
            why,
            issue,
            stage: Stage::Waiting,
            attempts: 0,
            due: Some(now),
            tried: None,
            status: None,
            failure: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::State;
    use alloc::borrow::ToOwned as _;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn queued() -> Queued {
        let known = Known {
            issue: Fingerprint::of_number(1),
            title: "a".to_owned(),
            first: 1,
            last: 2,
            releases: Vec::new(),
            state: State::Open,
            decided: None,
            resolved_in: None,
            reopened: None,
            until: 9,
            only: None,
        };
        let news = News {
            why: Why::New,
            known,
        };
        Queued::of(&SiteKey::parse("shop").unwrap(), news, 1_000)
    }

    #[test]
    fn it_is_tried_so_often_and_longer_and_longer_apart() {
        let mut queued = queued();
        let mut due = Vec::new();
        while let Some(now) = queued.delivery.due {
            due.push(now);
            assert!(queued.begin(now));
            queued.end(Outcome::Answered(500), now);
        }
        assert_eq!(due.len(), MAX_ATTEMPTS as usize);
        let waits: Vec<Millis> = due.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(waits, WAITS);
        let delivery = &queued.delivery;
        assert_eq!(
            (delivery.stage, delivery.failure, delivery.status),
            (Stage::Failed, Some(Failure::Refused), Some(500))
        );
        assert_eq!(queued.known, None, "nothing is kept of what is not told");
    }

    #[test]
    fn answers_and_what_they_mean() {
        for (outcome, stage, failure) in [
            (Outcome::Answered(200), Stage::Delivered, None),
            (Outcome::Answered(204), Stage::Delivered, None),
            (
                Outcome::Answered(302),
                Stage::Waiting,
                Some(Failure::Redirected),
            ),
            (
                Outcome::Answered(199),
                Stage::Waiting,
                Some(Failure::Refused),
            ),
            (
                Outcome::Answered(404),
                Stage::Waiting,
                Some(Failure::Refused),
            ),
            (
                Outcome::Failed(Failure::TimedOut),
                Stage::Waiting,
                Some(Failure::TimedOut),
            ),
        ] {
            let mut queued = queued();
            assert!(queued.begin(1_000));
            queued.end(outcome, 1_500);
            assert_eq!(queued.delivery.stage, stage, "{outcome:?}");
            assert_eq!(queued.delivery.failure, failure, "{outcome:?}");
            let due = (stage == Stage::Waiting).then_some(1_500 + WAITS[0]);
            assert_eq!(queued.delivery.due, due, "{outcome:?}");
            assert_eq!(queued.known.is_some(), due.is_some(), "{outcome:?}");
        }
    }

    #[test]
    fn a_test_is_tried_once() {
        let mut test = Queued::test(&SiteKey::parse("shop").unwrap(), 5);
        assert!(test.begin(5));
        test.end(Outcome::Failed(Failure::Unreachable), 6);
        assert_eq!(test.delivery.stage, Stage::Failed);
        assert!(!test.begin(7));
    }

    proptest! {
        /// Whatever is interrupted whenever, it ends, and is tried no more than so often.
        #[test]
        fn it_ends(steps in prop::collection::vec((any::<bool>(), 100_u16..600), 0..20)) {
            let mut queued = queued();
            let (mut now, mut sent) = (1_000, 0);
            for (is_interrupted, status) in steps.into_iter().chain([(true, 0); MAX_ATTEMPTS as usize + 1]) {
                let Some(due) = queued.delivery.due else { break };
                prop_assert_eq!(queued.delivery.stage, Stage::Waiting);
                prop_assert!(due > now || queued.delivery.attempts == 0);
                now = due;
                if !queued.begin(now) {
                    continue;
                }
                sent += 1;
                if !is_interrupted {
                    queued.end(Outcome::Answered(status), now);
                }
                let json = serde_json::to_string(&queued).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Queued>(&json).unwrap(), &queued);
            }
            prop_assert_eq!(queued.delivery.due, None);
            prop_assert!(queued.delivery.stage != Stage::Waiting);
            prop_assert!(sent <= MAX_ATTEMPTS);
        }
    }
}
