//! What a failed request means, and what the viewer can do about it.

use super::reading;
use sentiero_core::api::Problem;

/// Why a request did not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer: offline, or refused.
    Unreachable,
    /// The worker is there, but does not let pages of this host read its answers.
    NotLetIn {
        /// Scheme and host of this page.
        page: String,
    },
    /// The answer took too long.
    Timeout,
    /// 401: not signed in, or no longer.
    SignedOut,
    /// The API said no, in its own words.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The body.
        problem: Problem,
    },
    /// An answer that is none of the API's: a proxy's page, a cut body.
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
    /// The browser's worker that decodes recordings could not start, or broke.
    Decoder,
}

impl Failure {
    /// Reads an answer that is not 2xx.
    pub fn of(status: u16, body: &[u8]) -> Self {
        match reading::read::<Problem>(body) {
            _ if status == 401 => Self::SignedOut,
            Ok(problem) => Self::Refused { status, problem },
            Err(_) => Self::Unreadable { status },
        }
    }

    /// In a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Unreachable => "Cannot reach the server",
            Self::NotLetIn { .. } => "The worker does not let this page in",
            Self::Timeout => "The server did not answer in time",
            Self::SignedOut => "You are signed out",
            Self::Refused { status: 403, .. } => "Not allowed",
            Self::Refused { status: 404, .. } => "Not found",
            Self::Refused { status: 429, .. } => "Too many requests",
            Self::Refused { status: 503, .. } => "Not available now",
            Self::Refused { status: 500.., .. } => "The server has a problem",
            Self::Refused { .. } => "The server refused",
            Self::Unreadable { .. } => "The answer cannot be read",
            Self::Decoder => "The recording cannot be decoded",
        }
    }

    /// What is wrong and what to do, as a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Unreachable => {
                "Check your connection, and whether the worker is running.".to_owned()
            }
            Self::NotLetIn { page } => {
                format!(
                    "Add {page} to DASHBOARD_ORIGINS in the worker's wrangler.toml, and deploy it."
                )
            }
            Self::Timeout => "The connection may be slow, or the server busy.".to_owned(),
            Self::SignedOut => "Sign in again; you will come back to this place.".to_owned(),
            Self::Refused {
                status: 404,
                problem,
            } => format!(
                "{} It may have been deleted, or be older than its site keeps; or the address is cut.",
                problem.message
            ),
            Self::Refused { problem, .. } => problem.message.clone(),
            Self::Decoder => {
                "This browser could not start a worker for it, or ran out of memory. Close other tabs and try again; browsers from 2023 on can do it.".to_owned()
            }
            Self::Unreadable { status } => {
                format!(
                    "Something other than Sentiero answered with status {status}. Is a proxy in between, or the worker not deployed?"
                )
            }
        }
    }

    /// What was asked for is not there.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Trying the same again can help, without anybody doing anything.
    pub fn passes(&self) -> bool {
        match self {
            Self::Unreachable | Self::Timeout => true,
            Self::SignedOut | Self::Decoder | Self::NotLetIn { .. } => false,
            Self::Refused { status, .. } | Self::Unreadable { status } => {
                matches!(status, 429 | 500..)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBLEM: &[u8] = br#"{"code":"not_found","message":"No such session."}"#;

    #[test]
    fn reads_answers() {
        let refused = |status| Failure::Refused {
            status,
            problem: Problem {
                code: "not_found".into(),
                message: "No such session.".into(),
            },
        };
        for (status, body, failure) in [
            (404, PROBLEM, refused(404)),
            (503, PROBLEM, refused(503)),
            (401, PROBLEM, Failure::SignedOut),
            (401, b"".as_slice(), Failure::SignedOut),
            (502, b"<html>", Failure::Unreadable { status: 502 }),
            (200, b"<html>", Failure::Unreadable { status: 200 }),
        ] {
            assert_eq!(Failure::of(status, body), failure, "{status}");
        }
    }

    #[test]
    fn says_what_to_configure_for_another_host() {
        let failure = Failure::NotLetIn {
            page: "https://ops.example".to_owned(),
        };
        let advice = failure.advice();
        assert!(
            advice.contains("https://ops.example") && advice.contains("DASHBOARD_ORIGINS"),
            "{advice}"
        );
        assert!(!failure.passes(), "only an operator can help");
    }

    #[test]
    fn says_what_may_have_become_of_what_is_not_there() {
        let advice = Failure::of(404, PROBLEM).advice();
        assert!(
            advice.starts_with("No such session. ") && advice.contains("deleted"),
            "{advice}"
        );
        assert_eq!(Failure::of(403, PROBLEM).advice(), "No such session.");
        assert!(Failure::of(404, PROBLEM).is_gone() && !Failure::of(403, PROBLEM).is_gone());
    }

    #[test]
    fn knows_what_passes() {
        assert!(Failure::Unreachable.passes());
        assert!(Failure::of(503, PROBLEM).passes());
        assert!(Failure::of(429, PROBLEM).passes());
        assert!(!Failure::of(404, PROBLEM).passes());
        assert!(!Failure::SignedOut.passes());
    }
}
