//! A record as it is kept: JSON, compressed, because what lies there is billed by its size.

use super::Record;
use crate::store::StoreError;
use crate::{gzip, json};
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

/// The longest that a record is, bytes of JSON.
const MAX_BYTES: usize = 25 << 20;

impl Record {
    /// What is kept of it.
    pub fn to_kept(&self) -> Result<Vec<u8>, StoreError> {
        Ok(gzip::compress(&serde_json::to_vec(self)?))
    }

    /// Reads what [`Self::to_kept`] gave, or the JSON that earlier versions kept as it is.
    pub fn from_kept(kept: &[u8]) -> Result<Self, StoreError> {
        let text = if kept.starts_with(b"{") {
            Cow::Borrowed(kept)
        } else {
            Cow::Owned(
                gzip::decompress(kept, MAX_BYTES)
                    .map_err(|error| StoreError(format!("a record cannot be read: {error}")))?,
            )
        };
        Ok(json::parse(&text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;
    use crate::recording::Visitor;

    fn record() -> Record {
        let visitor = Visitor {
            country: Some("ÄÖ".into()),
            ..Visitor::default()
        };
        Record::empty(&SessionId::new(1, &[1; 17]), visitor)
    }

    #[test]
    fn a_record_is_read_as_it_was_kept_now_and_before() {
        let expected = record();
        let now = expected.to_kept().unwrap();
        let before = serde_json::to_vec(&expected).unwrap();
        assert!(now.len() < before.len());
        for kept in [&now, &before] {
            assert_eq!(Record::from_kept(kept).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_damaged_is_a_failure() {
        let kept = record().to_kept().unwrap();
        let half = kept.get(..kept.len() / 2).unwrap();
        for damaged in [half, b"", b"{", b"null", &gzip::compress(b"{}")] {
            assert!(Record::from_kept(damaged).is_err());
        }
    }
}
