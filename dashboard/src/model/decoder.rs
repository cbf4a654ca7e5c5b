//! What runs in a worker of its own, so that a long recording never stops the
//! screen: it inflates and reads the batches, knows what happened in them, and
//! writes the events for the frame.
//!
//! The screen asks, it answers, one after the other. Questions and answers are
//! [packed](crate::model::pack), and bytes travel beside them. Answers repeat the number of the page load
//! that the question was about, so that late ones are known.

use crate::model::activity::Row;
use crate::model::captures::Captures;
use crate::model::forms::Form;
use crate::model::heat::HeatMap;
use crate::model::pack::{self, Pack, pack_fields};
use crate::model::recording::{Feed, Recording};
use crate::model::rows::{self, Gap};
use sentiero_core::id::{Millis, TabId};
use std::collections::BTreeSet;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Forget all; another page load follows. There is no answer.
    Open {
        /// Its number.
        load: u32,
        /// Its id.
        tab: TabId,
    },
    /// Take in an answer of the API, the bytes. [`Answer::Accepted`]
    Accept {
        /// Which request it answers.
        request: u32,
    },
    /// The events of these batches, for the frame. [`Answer::Lines`]
    Lines {
        /// Batches, by index of their first event.
        firsts: Vec<u32>,
        /// The frame has nothing yet.
        anew: bool,
    },
    /// Let go of these batches. There is no answer.
    Forget {
        /// Batches, by index of their first event.
        firsts: Vec<u32>,
    },
    /// What happened, as far as it was read. [`Answer::Listed`]
    List {
        /// The parts that were loaded.
        spans: Vec<(Millis, Millis)>,
    },
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Ask::Accept`].
    Accepted {
        /// The page load.
        load: u32,
        /// The request.
        request: u32,
        /// The good batches, by index of their first event; none if the bytes are no chunk.
        came: Option<BTreeSet<u32>>,
        /// Batches that did not decode, of all so far.
        damaged: u64,
    },
    /// To [`Ask::Lines`]; the events are the bytes, one a line.
    Lines {
        /// The page load.
        load: u32,
    },
    /// To [`Ask::List`].
    Listed {
        /// The page load.
        load: u32,
        /// What happened.
        listing: Box<Listing>,
    },
}

/// What happened in what was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The activity, idle times included, in order of time.
    pub rows: Vec<Row>,
    /// The idle times.
    pub gaps: Vec<Gap>,
    /// Console, requests, errors, web vitals, facts.
    pub captures: Captures,
    /// How forms were filled in.
    pub forms: Vec<Form>,
    /// Clicks and scroll depth.
    pub heat: HeatMap,
}

/// The worker's state.
#[derive(Debug, Default)]
pub struct Decoder {
    load: u32,
    recording: Option<Recording>,
    feed: Feed,
}

impl Decoder {
    /// Answers, with the bytes that travel beside.
    pub fn ask(&mut self, ask: Ask, bytes: &[u8]) -> Option<(Answer, Vec<u8>)> {
        if let Ask::Open { load, tab } = ask {
            self.load = load;
            self.recording = Some(Recording::new(tab));
            self.feed = Feed::default();
            return None;
        }
        let load = self.load;
        let recording = self.recording.as_mut()?;
        match ask {
            Ask::Open { .. } => None,
            Ask::Accept { request } => {
                let came = recording.accept(bytes).ok();
                let damaged = recording.damaged();
                let answer = Answer::Accepted {
                    load,
                    request,
                    came,
                    damaged,
                };
                Some((answer, Vec::new()))
            }
            Ask::Lines { firsts, anew } => {
                if anew {
                    self.feed = Feed::default();
                }
                let lines = recording.lines(&firsts, &mut self.feed);
                Some((Answer::Lines { load }, lines))
            }
            Ask::Forget { firsts } => {
                recording.forget(&firsts);
                None
            }
            Ask::List { spans } => {
                let activity = recording.activity();
                let gaps = rows::gaps(&activity.moments(), &spans);
                let listing = Listing {
                    rows: rows::with_idle(activity.rows(), &gaps),
                    gaps,
                    captures: activity.captures(),
                    forms: activity.forms().forms(),
                    heat: activity.heat().map(&spans),
                };
                Some((
                    Answer::Listed {
                        load,
                        listing: Box::new(listing),
                    },
                    Vec::new(),
                ))
            }
        }
    }

    /// The same, packed. What does not read is not answered.
    pub fn ask_packed(&mut self, ask: &[u8], bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let (answer, bytes) = self.ask(pack::unpacked(ask)?, bytes)?;
        Some((pack::packed(&answer), bytes))
    }
}

pack_fields!(Listing {
    rows,
    gaps,
    captures,
    forms,
    heat
});

impl Pack for Ask {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Open { load, tab } => {
                out.push(0);
                load.pack(out);
                tab.pack(out);
            }
            Self::Accept { request } => {
                out.push(1);
                request.pack(out);
            }
            Self::Lines { firsts, anew } => {
                out.push(2);
                firsts.pack(out);
                anew.pack(out);
            }
            Self::Forget { firsts } => {
                out.push(3);
                firsts.pack(out);
            }
            Self::List { spans } => {
                out.push(4);
                spans.pack(out);
            }
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let (kind, rest) = from.split_first()?;
        *from = rest;
        Some(match kind {
            0 => Self::Open {
                load: Pack::unpack(from)?,
                tab: Pack::unpack(from)?,
            },
            1 => Self::Accept {
                request: Pack::unpack(from)?,
            },
            2 => Self::Lines {
                firsts: Pack::unpack(from)?,
                anew: Pack::unpack(from)?,
            },
            3 => Self::Forget {
                firsts: Pack::unpack(from)?,
            },
            4 => Self::List {
                spans: Pack::unpack(from)?,
            },
            _ => return None,
        })
    }
}

impl Pack for Answer {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Accepted {
                load,
                request,
                came,
                damaged,
            } => {
                out.push(0);
                load.pack(out);
                request.pack(out);
                came.pack(out);
                damaged.pack(out);
            }
            Self::Lines { load } => {
                out.push(1);
                load.pack(out);
            }
            Self::Listed { load, listing } => {
                out.push(2);
                load.pack(out);
                listing.pack(out);
            }
        }
    }

    fn unpack(from: &mut &[u8]) -> Option<Self> {
        let (kind, rest) = from.split_first()?;
        *from = rest;
        let load = Pack::unpack(from)?;
        Some(match kind {
            0 => Self::Accepted {
                load,
                request: Pack::unpack(from)?,
                came: Pack::unpack(from)?,
                damaged: Pack::unpack(from)?,
            },
            1 => Self::Lines { load },
            2 => Self::Listed {
                load,
                listing: Box::new(Pack::unpack(from)?),
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recording::tests::{chunk, event, times};
    use crate::model::tabs::tests::tab_id;

    #[test]
    fn answers_what_it_is_asked() {
        let mut decoder = Decoder::default();
        assert_eq!(
            decoder.ask(Ask::Accept { request: 1 }, b""),
            None,
            "nothing is open"
        );
        let open = Ask::Open {
            load: 7,
            tab: tab_id('a'),
        };
        assert_eq!(decoder.ask(open, b""), None);
        let (a, b) = (event(4, 1), event(3, 2));
        let bytes = chunk('a', &[(0, &[&a]), (1, &[&b])]);
        let accepted = |came: Option<BTreeSet<u32>>| {
            Some((
                Answer::Accepted {
                    load: 7,
                    request: 3,
                    came,
                    damaged: 0,
                },
                Vec::new(),
            ))
        };
        assert_eq!(
            decoder.ask(Ask::Accept { request: 3 }, &bytes),
            accepted(Some([0, 1].into()))
        );
        assert_eq!(
            decoder.ask(Ask::Accept { request: 3 }, b"<html>"),
            accepted(None)
        );

        let lines = |decoder: &mut Decoder, firsts: &[u32], anew| {
            let answer = decoder.ask(
                Ask::Lines {
                    firsts: firsts.to_vec(),
                    anew,
                },
                b"",
            );
            times(&answer.unwrap().1)
        };
        // A Meta waits for what follows it.
        assert_eq!(lines(&mut decoder, &[0, 1], true), [2]);
        assert_eq!(lines(&mut decoder, &[0, 1], false), Vec::<u64>::new());
        assert_eq!(decoder.ask(Ask::Forget { firsts: vec![1] }, b""), None);
        assert_eq!(lines(&mut decoder, &[0, 1], true), Vec::<u64>::new());

        // What was let go stays listed.
        let (answer, _) = decoder
            .ask(
                Ask::List {
                    spans: vec![(1, 2)],
                },
                b"",
            )
            .unwrap();
        let Answer::Listed { load, listing } = answer else {
            panic!("{answer:?}")
        };
        assert_eq!((load, listing.rows.len()), (7, 1));
    }

    #[test]
    fn questions_and_answers_cross() {
        let firsts = vec![3, 70_000];
        for ask in [
            Ask::Open {
                load: 9,
                tab: tab_id('b'),
            },
            Ask::Accept { request: 300 },
            Ask::Lines {
                firsts: firsts.clone(),
                anew: true,
            },
            Ask::Forget { firsts },
            Ask::List {
                spans: vec![(1, 2), (1 << 40, 1 << 41)],
            },
        ] {
            assert_eq!(pack::unpacked(&pack::packed(&ask)), Some(ask));
        }
        let mut recording = Recording::new(tab_id('a'));
        let events = [
            r#"{"type":4,"data":{"href":"https://a/","width":10,"height":600},"timestamp":1}"#,
            r#"{"type":2,"data":{"node":{"type":0,"childNodes":[],"id":1}},"timestamp":2}"#,
            r#"{"type":5,"data":{"tag":"error","payload":{"message":"x"}},"timestamp":3}"#,
            r#"{"type":5,"data":{"tag":"__console","payload":{"level":"warn","args":["y"]}},"timestamp":4}"#,
            r#"{"type":5,"data":{"tag":"__network","payload":{"url":"/z","status":500}},"timestamp":5}"#,
            r#"{"type":5,"data":{"tag":"__perf","payload":{"metric":"CLS","value":0.1,"rating":"poor"}},"timestamp":6}"#,
            r#"{"type":5,"data":{"tag":"sentiero:metadata","payload":{"plan":"pro"}},"timestamp":7}"#,
            r#"{"type":3,"data":{"source":2,"type":2,"id":1,"x":3,"y":4},"timestamp":8}"#,
            r#"{"type":3,"data":{"source":5,"id":1,"text":"","isChecked":false},"timestamp":9}"#,
            r#"{"type":3,"data":{"source":2,"type":2,"id":1,"x":3,"y":4},"timestamp":9000}"#,
        ];
        recording.accept(&chunk('a', &[(0, &events)])).unwrap();
        let mut decoder = Decoder {
            load: 4,
            recording: Some(recording),
            feed: Feed::default(),
        };
        let ask = pack::packed(&Ask::List {
            spans: vec![(1, 9_000)],
        });
        let (bytes, _) = decoder.ask_packed(&ask, b"").unwrap();
        let Some(Answer::Listed { load: 4, listing }) = pack::unpacked(&bytes) else {
            panic!()
        };
        let Listing {
            rows,
            gaps,
            captures,
            forms,
            heat,
        } = *listing.clone();
        assert_eq!(
            (
                rows.len(),
                gaps.len(),
                forms.len(),
                heat.dots.len(),
                heat.depths.len()
            ),
            (6, 1, 1, 2, 1)
        );
        assert_eq!(
            (
                captures.console.len(),
                captures.network.len(),
                captures.errors.len()
            ),
            (1, 1, 1)
        );
        assert_eq!((captures.vitals.len(), captures.facts.len()), (1, 1));
        let answer = Answer::Listed { load: 4, listing };
        assert_eq!(pack::unpacked(&pack::packed(&answer)), Some(answer));
        let answer = Answer::Accepted {
            load: 1,
            request: 2,
            came: Some([1, 5].into()),
            damaged: 3,
        };
        assert_eq!(pack::unpacked(&pack::packed(&answer)), Some(answer));
        for bytes in [&[][..], &[9], &[4, 1]] {
            assert_eq!(decoder.ask_packed(bytes, b""), None);
        }
    }
}
