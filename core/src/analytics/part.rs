//! One topic of many sessions: what a report reads.
//!
//! The sessions are those of a [sheet](crate::sheet), in its order. A part has the texts of
//! all of them once, and of each session what it holds, so that sessions which a filter
//! leaves out are passed over.

use super::pack::{Malformed, Reader, VERSION, each_name, read, write, write_bytes, write_names};
use super::session::{Name, Names, Session, Topic};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// A topic of many sessions, as it is read.
#[derive(Debug)]
pub struct Part<'a> {
    topic: Topic,
    /// Their texts, each once.
    pub names: Names,
    sessions: Vec<&'a [u8]>,
}

/// A topic of many sessions, as it is kept. Their names are those of `sessions` afterwards.
pub fn of(sessions: &mut [Session], topic: Topic) -> Vec<u8> {
    let mut texts: Vec<String> = Vec::new();
    let mut known: BTreeMap<String, Name> = BTreeMap::new();
    let mut records = Vec::new();
    for session in sessions {
        let own = core::mem::take(session.names_mut(topic));
        let places: Vec<Name> = own
            .all()
            .map(|text| {
                if let Some(place) = known.get(text) {
                    return *place;
                }
                let place = Name::try_from(texts.len()).unwrap_or(Name::MAX);
                texts.push(text.into());
                known.insert(text.into(), place);
                place
            })
            .collect();
        each_name(session, topic, &mut |name| {
            let place = usize::try_from(*name).unwrap_or(usize::MAX);
            // A name of nothing stays one.
            *name = places.get(place).copied().unwrap_or(Name::MAX - 1);
        });
        let mut record = alloc::vec![u8::from(session.lacks(topic))];
        write(&mut record, session, topic);
        records.push(record);
    }
    let mut out = alloc::vec![VERSION];
    write_names(&mut out, &Names::of(texts));
    for record in &records {
        write_bytes(&mut out, record);
    }
    out
}

impl<'a> Part<'a> {
    /// Reads what [`of`] wrote.
    pub fn read(bytes: &'a [u8], topic: Topic) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != VERSION {
            return Err(Malformed);
        }
        let names = reader.names()?;
        let mut sessions = Vec::new();
        while reader.end().is_err() {
            sessions.push(reader.bytes()?);
        }
        Ok(Self {
            topic,
            names,
            sessions,
        })
    }

    /// Which topic it is.
    pub fn topic(&self) -> Topic {
        self.topic
    }

    /// How many sessions it holds.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Reads the topic of one of the sessions into `session`, in the place of what it had.
    /// Its names are those of the part.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub fn session(&self, place: usize, session: &mut Session) -> Result<(), Malformed> {
        let mut reader = Reader::new(self.sessions.get(place).ok_or(Malformed)?);
        if reader.byte()? == 1 {
            session.left_out |= self.topic.bit();
        } else {
            session.left_out &= !self.topic.bit();
        }
        read(&mut reader, session, self.topic)?;
        reader.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::pack::tests::sessions;
    use super::*;
    use alloc::borrow::ToOwned as _;
    use proptest::prelude::*;

    /// The texts behind the names of a topic, in their order.
    fn told(session: &mut Session, names: &Names, topic: Topic) -> Vec<String> {
        let mut texts = Vec::new();
        each_name(session, topic, &mut |name| {
            texts.push(names.text(*name).to_owned());
            *name = 0;
        });
        texts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_part_says_what_its_sessions_say(sessions in proptest::collection::vec(sessions(), 0..6)) {
            for topic in Topic::ALL {
                let bytes = of(&mut sessions.clone(), topic);
                let part = Part::read(&bytes, topic).unwrap();
                prop_assert_eq!(part.len(), sessions.len());
                let mut names: Vec<&str> = part.names.all().collect();
                names.sort_unstable();
                names.dedup();
                prop_assert_eq!(names.len(), part.names.all().len(), "each text once");
                // One after the other into the same memory, as a report does.
                let mut read = Session::default();
                for (place, session) in sessions.iter().enumerate() {
                    part.session(place, &mut read).unwrap();
                    let mut session = session.clone();
                    let own = session.names(topic).clone();
                    let mut read = read.clone();
                    prop_assert_eq!(told(&mut read, &part.names, topic), told(&mut session, &own, topic));
                    let mut both = [Session::default(), Session::default()];
                    for (both, from) in both.iter_mut().zip([&read, &session]) {
                        let mut record = Vec::new();
                        write(&mut record, from, topic);
                        super::super::pack::read(&mut Reader::new(&record), both, topic).unwrap();
                    }
                    let [read, session] = both;
                    prop_assert_eq!(read, session);
                }
                prop_assert!(part.session(sessions.len(), &mut read).is_err());
                for cut in 0..bytes.len() {
                    if let Ok(part) = Part::read(&bytes[..cut], topic) {
                        prop_assert!(part.len() < sessions.len());
                    }
                }
            }
        }
    }

    #[test]
    fn a_session_that_lacks_a_topic_says_so() {
        let mut sessions = [Session::default(), Session::default()];
        sessions[1].left_out = Topic::Clicks.bit();
        let bytes = of(&mut sessions, Topic::Clicks);
        let part = Part::read(&bytes, Topic::Clicks).unwrap();
        let mut session = Session::default();
        for (place, lacks) in [(0, false), (1, true), (0, false)] {
            part.session(place, &mut session).unwrap();
            assert_eq!(session.lacks(Topic::Clicks), lacks);
        }
    }
}
