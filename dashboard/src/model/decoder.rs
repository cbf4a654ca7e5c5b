//! What runs in a worker of its own, so that a long recording never stops the
//! screen: it inflates and reads the batches, knows what happened in them, and
//! writes the events for the frame.
//!
//! The screen asks, it answers, one after the other. Questions and answers are
//! JSON, and bytes travel beside them. Answers repeat the number of the page load
//! that the question was about, so that late ones are known.

use crate::model::activity::Row;
use crate::model::captures::Captures;
use crate::model::forms::Form;
use crate::model::heat::HeatMap;
use crate::model::recording::{Feed, Recording};
use crate::model::rows::{self, Gap};
use sentiero_core::id::{Millis, TabId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "lowercase")]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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

    /// The same, asked and answered as text. What does not read is not answered.
    pub fn ask_text(&mut self, ask: &str, bytes: &[u8]) -> Option<(String, Vec<u8>)> {
        let ask = serde_json::from_str(ask).ok()?;
        let (answer, bytes) = self.ask(ask, bytes)?;
        Some((serde_json::to_string(&answer).ok()?, bytes))
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
    fn text_in_text_out() {
        let mut decoder = Decoder::default();
        let open = serde_json::to_string(&Ask::Open {
            load: 1,
            tab: tab_id('a'),
        })
        .unwrap();
        assert_eq!(decoder.ask_text(&open, b""), None);
        let (answer, _) = decoder
            .ask_text(r#"{"ask":"list","spans":[]}"#, b"")
            .unwrap();
        let read: Answer = serde_json::from_str(&answer).unwrap();
        assert_eq!(
            read,
            Answer::Listed {
                load: 1,
                listing: Box::default()
            }
        );
        for text in ["", "{}", r#"{"ask":"x"}"#] {
            assert_eq!(decoder.ask_text(text, b""), None);
        }
    }
}
