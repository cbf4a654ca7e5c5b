//! What became of deliveries to a site's webhook, in words.

use crate::model::text;
use sentiero_core::issue::hook::delivery::Reason;
use sentiero_core::issue::hook::{Delivery, Failure, MAX_ATTEMPTS, Stage};

/// What a delivery tells.
pub fn tells(why: Reason) -> &'static str {
    match why {
        Reason::New => "New issue",
        Reason::Reopened => "Issue came again",
        Reason::Test => "Test",
    }
}

/// How far it is: the class of its badge, and the word in it.
pub fn stage(delivery: &Delivery) -> (&'static str, &'static str) {
    match delivery.stage {
        Stage::Delivered => ("good", "Delivered"),
        Stage::Failed => ("bad", "Failed"),
        Stage::Waiting if delivery.failure.is_some() => ("warn", "Tried again later"),
        Stage::Waiting => ("", "Waiting"),
    }
}

/// What the last attempt came to; empty before the first.
pub fn result(delivery: &Delivery) -> String {
    let said = match (delivery.failure, delivery.status) {
        (None, None) => return String::new(),
        (None, Some(status)) => format!("Answered {status}"),
        (Some(failure), status) => because(failure, status),
    };
    match delivery.attempts {
        0 | 1 => said,
        tried if delivery.why == Reason::Test => format!("{said}, attempt {tried}"),
        tried => format!("{said}, attempt {tried} of {MAX_ATTEMPTS}"),
    }
}

/// How many deliveries wait.
pub fn waiting_says(waiting: u64) -> String {
    match waiting {
        1 => "One delivery is waiting.".to_owned(),
        many => format!("{} deliveries are waiting.", text::number(many)),
    }
}

fn because(failure: Failure, status: Option<u16>) -> String {
    let status = status.map(|status| status.to_string()).unwrap_or_default();
    match failure {
        Failure::NotAllowed => "The address may not be told".to_owned(),
        Failure::TimedOut => "No answer within 5 s".to_owned(),
        Failure::Unreachable => "Nobody there, or the connection broke".to_owned(),
        Failure::Redirected => format!("Answered {status}, which leads elsewhere"),
        Failure::Refused => format!("Answered {status}, not 2xx"),
        Failure::Interrupted => "The worker ended meanwhile".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(stage: Stage, failure: Option<Failure>, status: Option<u16>) -> Delivery {
        Delivery {
            id: "a".to_owned(),
            at: 1,
            why: Reason::New,
            issue: None,
            stage,
            attempts: 3,
            due: None,
            tried: Some(2),
            status,
            failure,
        }
    }

    #[test]
    fn what_became_of_a_delivery_is_said() {
        for (failure, status, said) in [
            (None, None, ""),
            (None, Some(204), "Answered 204, attempt 3 of 8"),
            (
                Some(Failure::NotAllowed),
                None,
                "The address may not be told, attempt 3 of 8",
            ),
            (
                Some(Failure::TimedOut),
                None,
                "No answer within 5 s, attempt 3 of 8",
            ),
            (
                Some(Failure::Unreachable),
                None,
                "Nobody there, or the connection broke, attempt 3 of 8",
            ),
            (
                Some(Failure::Redirected),
                Some(302),
                "Answered 302, which leads elsewhere, attempt 3 of 8",
            ),
            (
                Some(Failure::Refused),
                Some(500),
                "Answered 500, not 2xx, attempt 3 of 8",
            ),
            (
                Some(Failure::Interrupted),
                None,
                "The worker ended meanwhile, attempt 3 of 8",
            ),
        ] {
            assert_eq!(result(&delivery(Stage::Waiting, failure, status)), said);
        }
        let first = Delivery {
            attempts: 1,
            ..delivery(Stage::Delivered, None, Some(200))
        };
        assert_eq!(result(&first), "Answered 200");
    }

    #[test]
    fn how_far_it_is() {
        for (of, failure, word) in [
            (Stage::Waiting, None, "Waiting"),
            (Stage::Waiting, Some(Failure::TimedOut), "Tried again later"),
            (Stage::Delivered, None, "Delivered"),
            (Stage::Failed, Some(Failure::TimedOut), "Failed"),
        ] {
            assert_eq!(stage(&delivery(of, failure, None)).1, word);
        }
        assert_eq!(waiting_says(1), "One delivery is waiting.");
        assert_eq!(waiting_says(2), "2 deliveries are waiting.");
        assert_eq!(tells(Reason::Reopened), "Issue came again");
    }
}
