//! The part of a session that is shared.

use crate::chunk::BatchMeta;
use crate::event::{EventView, Kind};
use crate::field::FieldError;
use crate::id::Millis;
use crate::query;

/// A time of a session: from the first moment that is shared to the last, by the visitor's
/// clock as it stands in the events, ms since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first moment.
    pub from: Millis,
    /// The last.
    pub to: Millis,
}

impl Range {
    /// The whole session.
    pub const WHOLE: Self = Self {
        from: 0,
        to: Millis::MAX,
    };

    /// A range with the ends that are given; none is that of the session.
    pub fn new(from: Option<Millis>, to: Option<Millis>) -> Result<Self, FieldError> {
        let range = Self {
            from: from.unwrap_or(Self::WHOLE.from),
            to: to.unwrap_or(Self::WHOLE.to),
        };
        if range.from > range.to {
            return Err(FieldError::new("to", "must not lie before `from`"));
        }
        Ok(range)
    }

    /// Reads `from` and `to` of an address's query.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let time = |name: &str| match query::get(text, name)? {
            None => Ok(None),
            Some(value) => value
                .parse()
                .map(Some)
                .map_err(|_| FieldError::new(name, "must be milliseconds since 1970")),
        };
        Self::new(time("from")?, time("to")?)
    }

    /// Which of a page load's `batches` are needed to show it, by the index of their first
    /// event: the first and the last. The page that it begins with was built before, so they
    /// begin with the batch that has the last whole snapshot before. None if nothing of the
    /// page load happened in it.
    pub fn needs(self, batches: &[&BatchMeta]) -> Option<(u32, u32)> {
        let overlaps = |batch: &&&BatchMeta| batch.from <= self.to && batch.to >= self.from;
        let firsts = || batches.iter().filter(overlaps).map(|batch| batch.first);
        let (low, high) = (firsts().min()?, firsts().max()?);
        let snapshots = batches.iter().filter(|batch| batch.keyframe);
        let before = snapshots.map(|batch| batch.first).filter(|at| *at < low);
        Some((before.max().unwrap_or(low), high))
    }

    /// Whether an event is shared: what happened in the range; and of what was before only
    /// what the page is built of, nothing that tells what somebody did or who he is.
    pub fn takes(self, event: &EventView) -> bool {
        if event.at > self.to {
            return false;
        }
        event.at >= self.from
            || matches!(
                event.kind,
                Kind::FullSnapshot { .. }
                    | Kind::Meta { .. }
                    | Kind::Scrolled { .. }
                    | Kind::Input { .. }
                    | Kind::Resized { .. }
                    | Kind::Change
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TabId;
    use alloc::format;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn batch(first: u32, from: Millis, to: Millis, keyframe: bool) -> BatchMeta {
        BatchMeta {
            tab: TabId::parse("aaaaaaaa").unwrap(),
            first,
            n: 10,
            from,
            to,
            keyframe,
            bytes: 1,
        }
    }

    #[test]
    fn begins_with_the_last_snapshot_before() {
        let all = [
            batch(0, 0, 90, true),
            batch(10, 100, 190, false),
            batch(20, 200, 290, true),
            batch(30, 300, 390, false),
            batch(40, 400, 490, false),
        ];
        let all: Vec<&BatchMeta> = all.iter().collect();
        for (from, to, expected) in [
            (0, Millis::MAX, Some((0, 40))),
            (350, 360, Some((20, 30))),
            (350, 400, Some((20, 40))),
            (250, 260, Some((0, 20))),
            (0, 50, Some((0, 0))),
            (95, 99, None),
            (500, 900, None),
        ] {
            let range = Range::new(Some(from), Some(to)).unwrap();
            assert_eq!(range.needs(&all), expected, "{from} to {to}");
        }
        let without = [batch(30, 300, 390, false)];
        let without: Vec<&BatchMeta> = without.iter().collect();
        assert_eq!(Range::WHOLE.needs(&without), Some((30, 30)));
    }

    #[test]
    fn before_it_there_is_only_what_the_page_is_built_of() {
        let range = Range::new(Some(100), Some(200)).unwrap();
        let event = |at: Millis, rest: &str| {
            let text = format!(r#"{{"timestamp":{at},{rest}}}"#);
            range.takes(&EventView::read(text.as_bytes()).unwrap())
        };
        let click = r#""type":3,"data":{"source":2,"type":2,"id":1}"#;
        let custom = r#""type":5,"data":{"tag":"sentiero:identify","payload":{"id":"anna"}}"#;
        let moves =
            r#""type":3,"data":{"source":1,"positions":[{"x":1,"y":1,"id":1,"timeOffset":0}]}"#;
        let change = r#""type":3,"data":{"source":0,"adds":[]}"#;
        let whole = r#""type":2,"data":{"node":{"id":1},"initialOffset":{"left":0,"top":0}}"#;
        for told in [click, custom, moves] {
            assert!(!event(99, told), "{told}");
        }
        for built in [change, whole] {
            assert!(event(99, built), "{built}");
        }
        for any in [click, custom, moves, change, whole] {
            assert!(event(100, any) && event(200, any), "{any}");
            assert!(!event(201, any), "{any}");
        }
    }

    #[test]
    fn ends_are_read_and_named_when_wrong() {
        assert_eq!(Range::parse("format=file"), Ok(Range::WHOLE));
        let read = Range::parse("from=5&to=9").unwrap();
        assert_eq!((read.from, read.to), (5, 9));
        for (field, text) in [("from", "from=x"), ("to", "to=-1"), ("to", "from=9&to=8")] {
            assert_eq!(Range::parse(text).unwrap_err().field, field, "{text}");
        }
    }

    proptest! {
        /// Nothing behind the end, and of what is in the range everything.
        #[test]
        fn is_kept_to(at in 0u64..300, from in 0u64..300, length in 0u64..300, source in 0u8..17) {
            let range = Range::new(Some(from), Some(from + length)).unwrap();
            let text = format!(r#"{{"type":3,"timestamp":{at},"data":{{"source":{source}}}}}"#);
            let view = EventView::read(text.as_bytes()).unwrap();
            if at > range.to {
                prop_assert!(!range.takes(&view));
            } else if at >= from {
                prop_assert!(range.takes(&view));
            }
        }

        #[test]
        fn any_query_is_answered(text in "\\PC{0,60}") {
            let _ = Range::parse(&text);
        }
    }
}
