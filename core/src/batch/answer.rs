//! What an answer of the edge means for the batch that was sent.

use crate::id::Millis;
use crate::json;
use crate::text::{decimal, parse_decimal, spaced};
use crate::wire::{Ack, Refusal};
use alloc::string::String;

/// What came back for an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// HTTP status; 0 if there was no answer at all.
    pub status: u16,
    /// Its body.
    pub body: &'a [u8],
    /// `Retry-After`, ms; 0 if it was not said.
    pub retry_after: Millis,
}

/// What to do with the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is stored.
    Stored(Ack),
    /// Send the same bytes again.
    Again,
    /// It is too large; the limit in bytes, if it is known.
    Split(Option<usize>),
    /// The session's time is off; the edge's own.
    Clock(Millis),
    /// Nothing of this visitor is wanted: stop without a word.
    Unwanted,
    /// It will never be taken; why.
    Refused(String),
}

impl Answer<'_> {
    pub(super) fn verdict(&self) -> Verdict {
        match self.status {
            // A captive portal answers 200, too: what does not read as an acknowledgement is none.
            200 => Ack::read(self.body).map_or(Verdict::Again, Verdict::Stored),
            204 => Verdict::Unwanted,
            409 => self
                .field("now")
                .map_or_else(|| self.refused(), Verdict::Clock),
            413 => Verdict::Split(
                self.field("limit")
                    .and_then(|limit| usize::try_from(limit).ok()),
            ),
            408 | 425 | 429 => Verdict::Again,
            400..=499 => self.refused(),
            _ => Verdict::Again,
        }
    }

    /// A number of the [`Refusal`] that the body is.
    fn field(&self, key: &str) -> Option<u64> {
        parse_decimal(json::get(self.body, key)?)
    }

    fn refused(&self) -> Verdict {
        let message = json::get(self.body, "message").and_then(json::string);
        Verdict::Refused(message.map_or_else(
            || spaced(&["HTTP", &decimal(u64::from(self.status))]),
            Into::into,
        ))
    }
}

/// Pins the names that [`Answer`] reads without serde to those that the edge writes.
const _: fn(Refusal) = |Refusal {
                            code: _,
                            message: _,
                            now: _,
                            limit: _,
                        }| ();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Directive;

    fn verdict(status: u16, body: &str) -> Verdict {
        Answer {
            status,
            body: body.as_bytes(),
            retry_after: 0,
        }
        .verdict()
    }

    #[test]
    fn every_status_has_a_meaning() {
        let ack = Ack {
            next: 7,
            directive: Directive::Slow,
            wait: 500,
        };
        for (status, body, expected) in [
            (
                200,
                r#"{"next":7,"directive":"slow","wait":500}"#,
                Verdict::Stored(ack),
            ),
            (
                200,
                "<html>Please log in to this Wi-Fi</html>",
                Verdict::Again,
            ),
            (200, "", Verdict::Again),
            (204, "", Verdict::Unwanted),
            (0, "", Verdict::Again),
            (301, "", Verdict::Again),
            (
                400,
                r#"{"code":"x","message":"the \"n\""}"#,
                Verdict::Refused("the \"n\"".into()),
            ),
            (401, "", Verdict::Refused("HTTP 401".into())),
            (403, "nginx", Verdict::Refused("HTTP 403".into())),
            (404, "{\"message\":3}", Verdict::Refused("HTTP 404".into())),
            (408, "", Verdict::Again),
            (409, r#"{"now":5}"#, Verdict::Clock(5)),
            (
                409,
                r#"{"now":"5","message":"m"}"#,
                Verdict::Refused("m".into()),
            ),
            (413, r#"{"limit":9}"#, Verdict::Split(Some(9))),
            (413, "", Verdict::Split(None)),
            (429, "", Verdict::Again),
            (500, "", Verdict::Again),
            (503, "{", Verdict::Again),
        ] {
            assert_eq!(verdict(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn reads_what_the_edge_writes() {
        let refusal = Refusal {
            code: "c".into(),
            message: "m".into(),
            now: Some(1),
            limit: Some(2),
        };
        let body = serde_json::to_string(&refusal).unwrap();
        assert_eq!(verdict(409, &body), Verdict::Clock(1));
        assert_eq!(verdict(413, &body), Verdict::Split(Some(2)));
        assert_eq!(verdict(403, &body), Verdict::Refused("m".into()));
    }
}
