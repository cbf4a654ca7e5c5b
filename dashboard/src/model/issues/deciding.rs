//! What can be decided about an issue, and what is said of it.

use super::title;
use crate::model::failure::Failure;
use crate::model::text;
use sentiero_core::issue::{Known, State};

/// A button: what it does, and what becomes of the issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// What the issue shall be.
    pub to: State,
    /// What stands on the button.
    pub name: &'static str,
    /// The key that does it.
    pub key: &'static str,
}

/// The longest title in a passing message.
const SAID: usize = 60;

/// What can be decided about an issue of that state.
pub fn acts(state: State) -> [Act; 2] {
    let act = |to, name, key| Act { to, name, key };
    let reopen = |key| act(State::Open, "Reopen", key);
    let resolve = act(State::Resolved, "Resolve", "e");
    let ignore = act(State::Ignored, "Ignore", "i");
    match state {
        State::Open => [resolve, ignore],
        State::Resolved => [reopen("e"), ignore],
        State::Ignored => [resolve, reopen("i")],
    }
}

/// What is said after it was decided.
pub fn done(known: &Known) -> String {
    let (kind, said) = title(&known.title);
    let what = text::shorten(&format!("{kind}: {said}"), SAID);
    match (known.state, &known.resolved_in) {
        (State::Open, _) => format!("Open again: {what}"),
        (State::Ignored, _) => format!("Ignored: {what}"),
        (State::Resolved, Some(release)) => {
            format!("Resolved in {}: {what}", text::shorten(release, 20))
        }
        (State::Resolved, None) => format!("Resolved: {what}"),
    }
}

/// What is said if it could not be.
pub fn failed(failure: &Failure) -> String {
    match failure {
        Failure::Refused { status: 404, .. } => {
            "This issue is not known any more, so nothing can be decided about it.".to_owned()
        }
        other => other.title().to_owned(),
    }
}

/// What an issue's state means for it, in a sentence; none of one about which there is nothing
/// to say.
pub fn meaning(known: &Known) -> Option<String> {
    match (known.state, &known.resolved_in) {
        (State::Resolved, Some(release)) => Some(format!(
            "Resolved in {release}. It opens again if it comes in another release than those it came in."
        )),
        (State::Resolved, None) => {
            Some("Resolved. It opens again if it comes once more.".to_owned())
        }
        (State::Ignored, _) => Some("Ignored, however often it comes.".to_owned()),
        (State::Open, _) if known.reopened.is_some() => {
            Some("It was resolved, and came again.".to_owned())
        }
        (State::Open, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::tests::known;
    use super::*;

    #[test]
    fn one_key_does_and_undoes() {
        let to = |state| acts(state).map(|act| (act.key, act.to));
        assert_eq!(
            to(State::Open),
            [("e", State::Resolved), ("i", State::Ignored)]
        );
        assert_eq!(
            to(State::Resolved),
            [("e", State::Open), ("i", State::Ignored)]
        );
        assert_eq!(
            to(State::Ignored),
            [("e", State::Resolved), ("i", State::Open)]
        );
    }

    #[test]
    fn it_is_said_what_became_of_it() {
        let open = known(1, State::Open);
        assert_eq!(done(&open), "Open again: TypeError: a is null");
        assert_eq!(meaning(&open), None);
        let mut resolved = known(1, State::Resolved);
        assert_eq!(done(&resolved), "Resolved: TypeError: a is null");
        assert!(meaning(&resolved).unwrap().ends_with("comes once more."));
        resolved.resolved_in = Some("1.4.2".to_owned());
        assert_eq!(done(&resolved), "Resolved in 1.4.2: TypeError: a is null");
        assert!(
            meaning(&resolved)
                .unwrap()
                .starts_with("Resolved in 1.4.2.")
        );
        let ignored = known(1, State::Ignored);
        assert_eq!(done(&ignored), "Ignored: TypeError: a is null");
        let mut again = open;
        again.reopened = Some(5);
        assert_eq!(meaning(&again).unwrap(), "It was resolved, and came again.");
    }

    #[test]
    fn an_issue_that_is_forgotten_cannot_be_decided_about() {
        let gone = Failure::of(404, br#"{"code":"not_found","message":"No such issue."}"#);
        assert!(failed(&gone).contains("not known any more"));
        assert_eq!(failed(&Failure::Timeout), Failure::Timeout.title());
    }
}
