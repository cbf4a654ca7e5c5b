//! What runs in a worker of its own, so that a long recording never stops the
//! screen: it inflates and reads the batches, knows what happened in them, and
//! writes the events for the frame.
//!
//! The screen asks, it answers, one after the other. What nobody waits for is done
//! between the questions, a batch at a time ([`Decoder::work`]), so that what somebody
//! waits for is not behind it. Questions and answers are
//! [packed](crate::model::pack), and bytes travel beside them. Answers repeat the number of the page load
//! that the question was about, so that late ones are known.

use crate::model::activity::Row;
use crate::model::captures::Captures;
use crate::model::forms::Form;
use crate::model::frustration;
use crate::model::heat::HeatMap;
use crate::model::pack::{self, Pack, pack_fields};
use crate::model::recording::{Feed, Recording};
use crate::model::rows::{self, Gap};
use crate::model::server::Lines;
use crate::model::tabs::Lane;
use sentiero_core::id::{Millis, TabId};
use std::collections::{BTreeSet, VecDeque};

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
        /// The viewer waits for it.
        awaited: bool,
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
    /// Take in the session's server lane, the bytes. There is no answer.
    Lane {
        /// What of it stands in the page load.
        lane: Lane,
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
    /// Batches that were taken in and are to be read, by index of their first event.
    unread: VecDeque<u32>,
    /// What is to be listed, as in [`Ask::List`].
    list: Option<Vec<(Millis, Millis)>>,
    /// Answers of the API that nobody waits for.
    later: VecDeque<Later>,
    /// What the site's server told.
    server: Lines,
}

/// An answer of the API that is decoded bit by bit.
#[derive(Debug)]
struct Later {
    request: u32,
    /// The batches that are left, by index of their first event.
    left: VecDeque<(u32, Vec<u8>)>,
    came: BTreeSet<u32>,
}

impl Decoder {
    /// Answers, with the bytes that travel beside.
    pub fn ask(&mut self, ask: Ask, bytes: &[u8]) -> Option<(Answer, Vec<u8>)> {
        if let Ask::Open { load, tab } = ask {
            *self = Self {
                load,
                recording: Some(Recording::new(tab)),
                ..Self::default()
            };
            return None;
        }
        let load = self.load;
        let recording = self.recording.as_mut()?;
        match ask {
            Ask::Open { .. } => None,
            Ask::Accept {
                request,
                awaited: true,
            } => {
                let came = recording.accept(bytes).ok();
                self.unread.extend(came.iter().flatten());
                Some((accepted(load, request, came, recording), Vec::new()))
            }
            Ask::Accept { request, .. } => match recording.split(bytes) {
                Ok(left) => {
                    self.later.push_back(Later {
                        request,
                        left: left.into(),
                        came: BTreeSet::new(),
                    });
                    None
                }
                Err(_) => Some((accepted(load, request, None, recording), Vec::new())),
            },
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
            Ask::Lane { lane } => {
                self.server = Lines::of(bytes, &lane);
                None
            }
            Ask::List { spans } => {
                self.list = Some(spans);
                None
            }
        }
    }

    /// There is something to do between the questions.
    pub fn busy(&self) -> bool {
        !self.unread.is_empty() || self.list.is_some() || !self.later.is_empty()
    }

    /// Does a bit of it: reads a batch that the viewer waited for, or lists, or takes
    /// in a batch that nobody waits for. The answer, if that completes one.
    pub fn work(&mut self) -> Option<Answer> {
        let load = self.load;
        let recording = self.recording.as_mut()?;
        if let Some(first) = self.unread.pop_front() {
            recording.read(first);
            return None;
        }
        if let Some(spans) = self.list.take() {
            let listing = Box::new(Listing::of(recording, &spans, &self.server));
            return Some(Answer::Listed { load, listing });
        }
        let later = self.later.front_mut()?;
        if let Some((first, member)) = later.left.pop_front()
            && recording.take(first, member)
        {
            recording.read(first);
            later.came.insert(first);
        }
        if !later.left.is_empty() {
            return None;
        }
        let Later { request, came, .. } = self.later.pop_front()?;
        Some(accepted(load, request, Some(came), recording))
    }

    /// The same, packed. What does not read is not answered.
    pub fn ask_packed(&mut self, ask: &[u8], bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let (answer, bytes) = self.ask(pack::unpacked(ask)?, bytes)?;
        Some((pack::packed(&answer), bytes))
    }

    /// The same.
    pub fn work_packed(&mut self) -> Option<Vec<u8>> {
        self.work().as_ref().map(pack::packed)
    }
}

fn accepted(load: u32, request: u32, came: Option<BTreeSet<u32>>, recording: &Recording) -> Answer {
    Answer::Accepted {
        load,
        request,
        came,
        damaged: recording.damaged(),
    }
}

impl Listing {
    /// What is known of `recording`, of which the parts `spans` were loaded.
    fn of(recording: &Recording, spans: &[(Millis, Millis)], server: &Lines) -> Self {
        let (activity, digest) = (recording.activity(), recording.digest());
        let gaps = rows::gaps(&digest.bursts, spans);
        let heat = activity.heat().map(&digest.clicked, spans);
        let forms = activity.forms().forms(&digest.addresses);
        let rows = activity.rows(&digest.page_views(), &forms);
        let mut rows = frustration::told(rows, &heat.dots);
        server.among(&mut rows);
        let mut captures = activity.captures();
        captures.add_of_server(server.errors.clone());
        Self {
            rows: rows::with_idle(rows, &gaps),
            gaps,
            captures,
            forms,
            heat,
        }
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
            Self::Accept { request, awaited } => {
                out.push(1);
                request.pack(out);
                awaited.pack(out);
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
            Self::Lane { lane } => {
                out.push(5);
                lane.pack(out);
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
                awaited: Pack::unpack(from)?,
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
            5 => Self::Lane {
                lane: Pack::unpack(from)?,
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

    const fn awaited(request: u32) -> Ask {
        Ask::Accept {
            request,
            awaited: true,
        }
    }

    /// Works until there is an answer; none if there is nothing to do.
    fn worked(decoder: &mut Decoder) -> Option<Answer> {
        while decoder.busy() {
            if let Some(answer) = decoder.work() {
                return Some(answer);
            }
        }
        None
    }

    #[test]
    fn what_nobody_waits_for_is_done_bit_by_bit_between_the_questions() {
        let mut decoder = Decoder::default();
        let tab = tab_id('a');
        assert_eq!(decoder.ask(Ask::Open { load: 2, tab }, b""), None);
        let click = r#"{"type":3,"data":{"source":2,"type":2,"id":1,"x":3,"y":4},"timestamp":5}"#;
        let far = chunk('a', &[(10, &[click]), (11, &[click])]);
        let later = |request| Ask::Accept {
            request,
            awaited: false,
        };
        assert_eq!(decoder.ask(later(1), &far), None);
        assert_eq!(decoder.work(), None, "one of two batches");
        // What is awaited is answered at once, and listed before the rest is decoded.
        let earlier = click.replace(":5}", ":4}");
        let near = chunk('a', &[(0, &[&earlier])]);
        assert!(decoder.ask(awaited(2), &near).is_some());
        let spans = vec![(1, 2)];
        assert_eq!(decoder.ask(Ask::List { spans }, b""), None);
        let Some(Answer::Listed { listing, .. }) = worked(&mut decoder) else {
            panic!("no list")
        };
        assert_eq!(listing.heat.dots.len(), 2, "the first and the awaited");
        let Some(Answer::Accepted { request, came, .. }) = worked(&mut decoder) else {
            panic!("not accepted")
        };
        assert_eq!((request, came), (1, Some([10, 11].into())));
        assert_eq!(worked(&mut decoder), None);
        // One without a batch of ours, and one that is no chunk.
        assert_eq!(decoder.ask(later(3), &chunk('b', &[])), None);
        let none = Some(BTreeSet::new());
        assert!(
            matches!(worked(&mut decoder), Some(Answer::Accepted { came, .. }) if came == none)
        );
        let refused = decoder.ask(later(4), b"<html>").unwrap().0;
        assert!(matches!(refused, Answer::Accepted { came: None, .. }));
        // Another page load: what was left is of no use.
        assert_eq!(decoder.ask(later(5), &far), None);
        let tab = tab_id('b');
        assert_eq!(decoder.ask(Ask::Open { load: 3, tab }, b""), None);
        assert!(!decoder.busy());
    }

    #[test]
    fn answers_what_it_is_asked() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.ask(awaited(1), b""), None, "nothing is open");
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
            decoder.ask(awaited(3), &bytes),
            accepted(Some([0, 1].into()))
        );
        assert_eq!(decoder.ask(awaited(3), b"<html>"), accepted(None));

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
        let spans = vec![(1, 2)];
        assert_eq!(decoder.ask(Ask::List { spans }, b""), None);
        let Some(Answer::Listed { load, listing }) = worked(&mut decoder) else {
            panic!("no list")
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
            awaited(300),
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
        recording.read(0);
        let mut decoder = Decoder {
            load: 4,
            recording: Some(recording),
            ..Decoder::default()
        };
        let ask = pack::packed(&Ask::List {
            spans: vec![(1, 9_000)],
        });
        assert_eq!(decoder.ask_packed(&ask, b""), None);
        let bytes = decoder.work_packed().unwrap();
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
