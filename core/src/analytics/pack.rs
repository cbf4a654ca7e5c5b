//! How a [`Session`] is stored: by topic, in few bytes.
//!
//! A topic is its texts and then what it holds: numbers as varints, times as what they are
//! after the one before. [`Packed`] is one session; a [part](super::part) holds one topic of
//! many sessions, whose texts it has once.

use super::session::{
    Attention, Click, ClickKind, Field, Mark, Metric, Name, Names, Occurrence, Session, Submit,
    Summary, Topic, Visit, Vital,
};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// The first byte of what is packed; what begins with another is made anew in the background
/// ([`crate::retention`]), of the session's record. Raise it when what is packed changes, or
/// how a session is judged; if a digest itself gets other facts, raise
/// [`Record::VERSION`](crate::recording::Record::VERSION) as well, and it is made anew of the
/// recording.
pub const VERSION: u8 = 2;

/// Bytes of one session, at most: a row of an index may not hold 2 MB. Ordinary sessions take
/// some hundred. Of a larger one topics are left out, the largest first, and it says so.
pub const MAX_PACKED: usize = 1 << 19;

/// What is packed is not what this version writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what is kept for reports is malformed, or of another version")
    }
}

impl core::error::Error for Malformed {}

type Result<T> = core::result::Result<T, Malformed>;

/// One session as it is stored; empty: nothing is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// The packed form of a session, at most [`MAX_PACKED`] bytes of it.
    pub fn of(session: &Session) -> Self {
        let mut topics = Topic::ALL.map(|topic| {
            let mut out = Vec::new();
            write_names(&mut out, session.names(topic));
            write(&mut out, session, topic);
            (topic, out)
        });
        let mut left_out = session.left_out;
        while topics.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > MAX_PACKED {
            let largest = topics.iter_mut().max_by_key(|(_, bytes)| bytes.len());
            let Some((topic, bytes)) = largest else { break };
            left_out |= topic.bit();
            bytes.clear();
            write_names(bytes, &Names::default());
            write(bytes, &Session::default(), *topic);
        }
        let mut out = alloc::vec![VERSION, left_out];
        for (_, bytes) in topics {
            write_bytes(&mut out, &bytes);
        }
        Self(out)
    }

    /// What was stored.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// To be stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether another version wrote it, so that it cannot be read.
    pub fn is_outdated(&self) -> bool {
        self.0.first().is_some_and(|version| *version != VERSION)
    }

    /// The session; an empty one if nothing is known of it.
    pub fn read(&self) -> Result<Session> {
        self.read_some(&Topic::ALL)
    }

    /// What it has of some topics.
    pub fn read_some(&self, topics: &[Topic]) -> Result<Session> {
        let mut session = Session::default();
        if self.is_empty() {
            return Ok(session);
        }
        let mut reader = Reader::new(&self.0);
        if reader.byte()? != VERSION {
            return Err(Malformed);
        }
        session.left_out = reader.byte()?;
        for topic in Topic::ALL {
            let mut bytes = Reader::new(reader.bytes()?);
            if !topics.contains(&topic) {
                continue;
            }
            *session.names_mut(topic) = bytes.names()?;
            read(&mut bytes, &mut session, topic)?;
            bytes.end()?;
        }
        reader.end()?;
        Ok(session)
    }
}

impl Session {
    /// Whether a topic of it was too large to be kept.
    pub fn lacks(&self, topic: Topic) -> bool {
        self.left_out & topic.bit() != 0
    }
}

impl Topic {
    /// Its bit in [`Session::left_out`].
    pub(super) fn bit(self) -> u8 {
        match self {
            Self::Pages => 1,
            Self::Summary => 1 << 1,
            Self::Clicks => 1 << 2,
            Self::Attention => 1 << 3,
            Self::Forms => 1 << 4,
            Self::Marks => 1 << 5,
            Self::Vitals => 1 << 6,
        }
    }
}

/// Shows `look` every name of a topic, to be replaced.
pub(super) fn each_name(session: &mut Session, topic: Topic, look: &mut dyn FnMut(&mut Name)) {
    match topic {
        Topic::Pages => session.visits.iter_mut().for_each(|it| look(&mut it.url)),
        Topic::Summary => {
            let Summary {
                referrer,
                utm,
                release,
                ..
            } = &mut session.summary;
            let names = referrer.iter_mut().chain(utm.iter_mut().flatten());
            names.chain(release).for_each(look);
        }
        Topic::Clicks => {
            let targets = session.clicks.iter_mut();
            targets.filter_map(|it| it.target.as_mut()).for_each(look);
        }
        Topic::Attention | Topic::Vitals => {}
        Topic::Forms => {
            for Field {
                key, label, form, ..
            } in &mut session.fields
            {
                [key, label, form].into_iter().for_each(&mut *look);
            }
            session.submits.iter_mut().for_each(|it| look(&mut it.form));
        }
        Topic::Marks => {
            for mark in &mut session.marks {
                let Mark {
                    tag, values, issue, ..
                } = mark;
                look(tag);
                if let Some(occurrence) = issue {
                    look(&mut occurrence.issue);
                }
                for (name, _) in values {
                    look(name);
                }
            }
        }
    }
}

/// Appends what a topic holds, without its texts.
pub(super) fn write(out: &mut Vec<u8>, session: &Session, topic: Topic) {
    match topic {
        Topic::Pages => list(
            out,
            &session.visits,
            |out, visit: &Visit, before: &mut u32| {
                let Visit {
                    url,
                    tab,
                    at,
                    length,
                    active,
                    viewport,
                    deepest,
                } = visit;
                later(out, before, *at);
                numbers(out, &[*url, *tab, *length, *active]);
                numbers(out, &[viewport.0, viewport.1, *deepest]);
            },
        ),
        Topic::Summary => write_summary(out, &session.summary),
        Topic::Clicks => list(out, &session.clicks, |out, click, before| {
            let Click {
                visit,
                at,
                kind,
                place,
                target,
                share,
            } = click;
            later(out, before, *at);
            numbers(out, &[*visit, *kind as u32, place.0, place.1]);
            optional(out, *target);
            if target.is_some() {
                numbers(out, &[share.0, share.1]);
            }
        }),
        Topic::Attention => list(out, &session.attention, |out, attention, before| {
            let Attention { visit, seen, moves } = attention;
            later(out, before, *visit);
            list(out, seen, |out, (row, ms), before| {
                later(out, before, *row);
                numbers(out, &[*ms]);
            });
            list(out, moves, |out, (row, column, seconds), before| {
                later(out, before, *row);
                numbers(out, &[*column, *seconds]);
            });
        }),
        Topic::Forms => {
            list(out, &session.fields, |out, field, before| {
                let Field {
                    visit,
                    key,
                    label,
                    form,
                    span,
                    refills,
                } = field;
                later(out, before, span.0);
                numbers(out, &[*visit, *key, *label, *form]);
                numbers(out, &[span.1.wrapping_sub(span.0), *refills]);
            });
            list(out, &session.submits, |out, submit, before| {
                let Submit { visit, at, form } = submit;
                later(out, before, *at);
                numbers(out, &[*visit, *form]);
            });
        }
        Topic::Marks => list(out, &session.marks, |out, mark, before| {
            let Mark {
                visit,
                at,
                is_error,
                tag,
                values,
                issue,
            } = mark;
            later(out, before, *at);
            let kind = u32::from(*is_error) + 2 * u32::from(issue.is_some());
            numbers(out, &[*visit, kind, *tag]);
            if let Some(Occurrence { issue, times, held }) = issue {
                numbers(out, &[*issue, *times, *held]);
            }
            list(out, values, |out, (name, value), _| {
                numbers(out, &[*name]);
                out.extend(value.to_le_bytes());
            });
        }),
        Topic::Vitals => list(out, &session.vitals, |out, vital, before| {
            let Vital {
                visit,
                at,
                metric,
                value,
            } = vital;
            later(out, before, *at);
            numbers(out, &[*visit, *metric as u32, *value]);
        }),
    }
}

fn write_summary(out: &mut Vec<u8>, summary: &Summary) {
    let Summary {
        duration,
        active,
        referrer,
        utm,
        revisits,
        idle,
        thrashes,
        left_on_error,
        release,
    } = summary;
    numbers(out, &[*duration, *active, *revisits, *idle, *thrashes]);
    numbers(out, &[u32::from(*left_on_error)]);
    optional(out, *referrer);
    for name in utm {
        optional(out, *name);
    }
    optional(out, *release);
}

/// Reads what a topic holds into `session`, in the place of what it had; its lists keep
/// their memory.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(super) fn read(bytes: &mut Reader<'_>, session: &mut Session, topic: Topic) -> Result<()> {
    match topic {
        Topic::Pages => bytes.list(&mut session.visits, |bytes, before| {
            Ok(Visit {
                at: bytes.later(before)?,
                url: bytes.number()?,
                tab: bytes.number()?,
                length: bytes.number()?,
                active: bytes.number()?,
                viewport: (bytes.number()?, bytes.number()?),
                deepest: bytes.number()?,
            })
        }),
        Topic::Summary => {
            session.summary = read_summary(bytes)?;
            Ok(())
        }
        Topic::Clicks => bytes.list(&mut session.clicks, |bytes, before| {
            let mut click = Click {
                at: bytes.later(before)?,
                visit: bytes.number()?,
                kind: kind(bytes.number()?)?,
                place: (bytes.number()?, bytes.number()?),
                target: bytes.optional()?,
                share: (0, 0),
            };
            if click.target.is_some() {
                click.share = (bytes.number()?, bytes.number()?);
            }
            Ok(click)
        }),
        Topic::Attention => bytes.list(&mut session.attention, |bytes, before| {
            let mut attention = Attention {
                visit: bytes.later(before)?,
                ..Attention::default()
            };
            bytes.list(&mut attention.seen, |bytes, before| {
                Ok((bytes.later(before)?, bytes.number()?))
            })?;
            bytes.list(&mut attention.moves, |bytes, before| {
                Ok((bytes.later(before)?, bytes.number()?, bytes.number()?))
            })?;
            Ok(attention)
        }),
        Topic::Forms => {
            bytes.list(&mut session.fields, |bytes, before| {
                let from = bytes.later(before)?;
                Ok(Field {
                    visit: bytes.number()?,
                    key: bytes.number()?,
                    label: bytes.number()?,
                    form: bytes.number()?,
                    span: (from, from.wrapping_add(bytes.number()?)),
                    refills: bytes.number()?,
                })
            })?;
            bytes.list(&mut session.submits, |bytes, before| {
                Ok(Submit {
                    at: bytes.later(before)?,
                    visit: bytes.number()?,
                    form: bytes.number()?,
                })
            })
        }
        Topic::Marks => bytes.list(&mut session.marks, |bytes, before| {
            let (at, visit) = (bytes.later(before)?, bytes.number()?);
            let kind = bytes.number()?;
            let mut mark = Mark {
                at,
                visit,
                is_error: kind & 1 == 1,
                tag: bytes.number()?,
                values: Vec::new(),
                issue: (kind & 2 == 2).then_some(Occurrence::default()),
            };
            if let Some(occurrence) = &mut mark.issue {
                occurrence.issue = bytes.number()?;
                occurrence.times = bytes.number()?;
                occurrence.held = bytes.number()?;
            }
            bytes.list(&mut mark.values, |bytes, _| {
                Ok((bytes.number()?, bytes.float()?))
            })?;
            Ok(mark)
        }),
        Topic::Vitals => bytes.list(&mut session.vitals, |bytes, before| {
            Ok(Vital {
                at: bytes.later(before)?,
                visit: bytes.number()?,
                metric: metric(bytes.number()?)?,
                value: bytes.number()?,
            })
        }),
    }
}

fn read_summary(bytes: &mut Reader<'_>) -> Result<Summary> {
    Ok(Summary {
        duration: bytes.number()?,
        active: bytes.number()?,
        revisits: bytes.number()?,
        idle: bytes.number()?,
        thrashes: bytes.number()?,
        left_on_error: bytes.number()? == 1,
        referrer: bytes.optional()?,
        utm: [
            bytes.optional()?,
            bytes.optional()?,
            bytes.optional()?,
            bytes.optional()?,
            bytes.optional()?,
        ],
        release: bytes.optional()?,
    })
}

fn kind(number: u32) -> Result<ClickKind> {
    let kinds = [
        ClickKind::Plain,
        ClickKind::RageFirst,
        ClickKind::Rage,
        ClickKind::Dead,
        ClickKind::DeadWithError,
    ];
    let found = kinds.into_iter().find(|kind| *kind as u32 == number);
    found.ok_or(Malformed)
}

fn metric(number: u32) -> Result<Metric> {
    let metrics = [
        Metric::Lcp,
        Metric::Inp,
        Metric::Cls,
        Metric::Fcp,
        Metric::Ttfb,
    ];
    let found = metrics.into_iter().find(|metric| *metric as u32 == number);
    found.ok_or(Malformed)
}

/// Appends a number.
pub(super) fn write_number(out: &mut Vec<u8>, mut number: u32) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// Appends bytes and how many they are.
pub(super) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(bytes);
}

/// Appends texts.
pub(super) fn write_names(out: &mut Vec<u8>, names: &Names) {
    let all = names.all();
    write_number(out, u32::try_from(all.len()).unwrap_or(u32::MAX));
    all.for_each(|text| write_bytes(out, text.as_bytes()));
}

fn numbers(out: &mut Vec<u8>, numbers: &[u32]) {
    for number in numbers {
        write_number(out, *number);
    }
}

/// A number that is likely not below the one before: what it is above it. It wraps, so any
/// order is written rightly.
fn later(out: &mut Vec<u8>, before: &mut u32, number: u32) {
    write_number(out, number.wrapping_sub(*before));
    *before = number;
}

fn optional(out: &mut Vec<u8>, name: Option<Name>) {
    write_number(out, name.map_or(0, |name| name.saturating_add(1)));
}

fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T, &mut u32)) {
    write_number(out, u32::try_from(items.len()).unwrap_or(u32::MAX));
    let mut before = 0;
    for item in items {
        write(out, item, &mut before);
    }
}

/// What is packed, read from its beginning.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<u32> {
        match self.0 {
            // Most numbers are small.
            [small @ ..0x80, rest @ ..] => {
                self.0 = rest;
                Ok(u32::from(*small))
            }
            _ => self.large(),
        }
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn large(&mut self) -> Result<u32> {
        let mut number = 0;
        for shift in (0..u32::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(Malformed);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// How many things follow, each of which takes a byte at least: so a wrong number asks
    /// for no more memory than there are bytes.
    fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        if count > self.0.len() {
            return Err(Malformed);
        }
        Ok(count)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = self.count()?;
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn names(&mut self) -> Result<Names> {
        let count = self.count()?;
        let mut texts = Vec::with_capacity(count);
        for _ in 0..count {
            let text = core::str::from_utf8(self.bytes()?).map_err(|_| Malformed)?;
            texts.push(text.into());
        }
        Ok(Names::of(texts))
    }

    #[inline]
    fn optional(&mut self) -> Result<Option<Name>> {
        Ok(self.number()?.checked_sub(1))
    }

    #[inline]
    fn later(&mut self, before: &mut u32) -> Result<u32> {
        *before = before.wrapping_add(self.number()?);
        Ok(*before)
    }

    fn float(&mut self) -> Result<f64> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn list<T>(
        &mut self,
        items: &mut Vec<T>,
        read: impl Fn(&mut Self, &mut u32) -> Result<T>,
    ) -> Result<()> {
        items.clear();
        let count = self.count()?;
        items.reserve(count);
        let mut before = 0;
        for _ in 0..count {
            items.push(read(self, &mut before)?);
        }
        Ok(())
    }

    /// Nothing follows.
    pub(super) fn end(&self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[a-d]", "\\PC{0,6}"]
    }

    fn few<T: core::fmt::Debug + Clone>(
        item: impl Strategy<Value = T> + Clone,
    ) -> impl Strategy<Value = Vec<T>> + Clone {
        proptest::collection::vec(item, 0..4)
    }

    fn cells() -> impl Strategy<Value = Vec<(u32, u32, u32)>> + Clone {
        few(any::<(u32, u32, u32)>())
    }

    fn mark(name: core::ops::Range<Name>) -> impl Strategy<Value = Mark> + Clone {
        let values = few((name.clone(), -1e9..1e9_f64));
        let occurrence = (name.clone(), any::<(u32, u32)>());
        let occurrence =
            occurrence.prop_map(|(issue, (times, held))| Occurrence { issue, times, held });
        let issue = proptest::option::of(occurrence);
        let mark = (any::<(u32, u32, bool)>(), name, values, issue);
        mark.prop_map(|((visit, at, is_error), tag, values, issue)| Mark {
            visit,
            at,
            is_error,
            tag,
            values,
            issue,
        })
    }

    /// Sessions of anything that can be said; their names are of their texts.
    pub(crate) fn sessions() -> impl Strategy<Value = Session> {
        let numbers = any::<[u32; 7]>;
        let name = 0..3_u32;
        let visit = (name.clone(), numbers()).prop_map(
            |(url, [tab, at, length, active, w, h, deepest])| Visit {
                url,
                tab,
                at,
                length,
                active,
                viewport: (w, h),
                deepest,
            },
        );
        let click = (proptest::option::of(name.clone()), numbers(), 0..5_u32);
        let click = click.prop_map(|(target, [visit, at, x, y, a, b, _], number)| Click {
            visit,
            at,
            kind: kind(number).unwrap(),
            place: (x, y),
            target,
            share: target.map_or((0, 0), |_| (a, b)),
        });
        let attention = (any::<u32>(), few(any::<(u32, u32)>()), cells());
        let attention = attention.prop_map(|(visit, seen, moves)| Attention { visit, seen, moves });
        let field = ([name.clone(), name.clone(), name.clone()], numbers());
        let field = field.prop_map(
            |([key, label, form], [visit, from, to, refills, ..])| Field {
                visit,
                key,
                label,
                form,
                span: (from, to),
                refills,
            },
        );
        let submit = (any::<(u32, u32)>(), name.clone());
        let submit = submit.prop_map(|((visit, at), form)| Submit { visit, at, form });
        let mark = mark(name.clone());
        let vital = (any::<(u32, u32, u32)>(), 0..5_u32);
        let vital = vital.prop_map(|((visit, at, value), number)| Vital {
            visit,
            at,
            metric: metric(number).unwrap(),
            value,
        });
        let utm = core::array::from_fn::<_, 5, _>(|_| proptest::option::of(name.clone()));
        let optional = || proptest::option::of(name.clone());
        let summary = (numbers(), [optional(), optional()], utm, any::<bool>());
        let summary = summary.prop_map(
            |([duration, active, revisits, idle, thrashes, ..], names, utm, left_on_error)| {
                let [referrer, release] = names;
                Summary {
                    duration,
                    active,
                    referrer,
                    utm,
                    revisits,
                    idle,
                    thrashes,
                    left_on_error,
                    release,
                }
            },
        );
        let names = core::array::from_fn::<_, 7, _>(|_| proptest::collection::vec(text(), 3));
        let lists = (
            few(visit),
            few(click),
            few(attention),
            few(field),
            few(submit),
            few(mark),
            few(vital),
        );
        (names, summary, lists).prop_map(|(names, summary, lists)| {
            let (visits, clicks, attention, fields, submits, marks, vitals) = lists;
            Session {
                names: names.map(Names::of),
                left_out: 0,
                summary,
                visits,
                clicks,
                attention,
                fields,
                submits,
                marks,
                vitals,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read_again(session in sessions()) {
            let packed = Packed::of(&session);
            prop_assert_eq!(packed.read(), Ok(session.clone()));
            for topic in Topic::ALL {
                let mut some = session.clone();
                let others = Topic::ALL.into_iter().filter(|other| *other != topic);
                for other in others {
                    some.clear(other);
                    *some.names_mut(other) = Names::default();
                }
                prop_assert_eq!(packed.read_some(&[topic]), Ok(some));
            }
            for cut in 0..packed.bytes().len() {
                let cut = Packed::from_bytes(packed.bytes()[..cut].to_vec());
                prop_assert!(cut.is_empty() || cut.read().is_err());
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Packed::from_bytes([&[VERSION][..], &bytes].concat()).read();
        }
    }

    #[test]
    fn nothing_is_an_empty_session() {
        assert_eq!(Packed::default().read(), Ok(Session::default()));
        let bytes = Packed::of(&Session::default()).bytes().len();
        assert!(bytes < 50, "{bytes}");
    }

    #[test]
    fn another_version_is_refused() {
        let mut bytes = Packed::of(&Session::default()).bytes().to_vec();
        bytes[0] = VERSION + 1;
        assert_eq!(Packed::from_bytes(bytes).read(), Err(Malformed));
    }

    /// The largest topic goes, and the session says so.
    #[test]
    fn a_session_stays_below_its_limit() {
        let click = |at| Click {
            at: at * 1_000,
            place: (1_000_000, 1_000_000),
            ..Click::default()
        };
        let clicks = |count: u32| Session {
            clicks: (0..count).map(click).collect(),
            visits: alloc::vec![Visit::default()],
            ..Session::default()
        };
        let bytes = |count| Packed::of(&clicks(count)).bytes().len();
        let lacks = |count| {
            Packed::of(&clicks(count))
                .read()
                .unwrap()
                .lacks(Topic::Clicks)
        };
        let (mut most, mut above) = (1, 1 << 20);
        while above - most > 1 {
            let half = u32::midpoint(most, above);
            if lacks(half) {
                above = half;
            } else {
                most = half;
            }
        }
        assert!((MAX_PACKED - 20..MAX_PACKED + 60).contains(&bytes(most)));
        let fits = Packed::of(&clicks(most));
        assert_eq!(fits.read(), Ok(clicks(most)));
        let over = Packed::of(&clicks(most + 1)).read().unwrap();
        assert!(over.lacks(Topic::Clicks) && over.clicks.is_empty());
        assert_eq!(over.visits.len(), 1);
        assert!(!over.lacks(Topic::Pages));
        assert_eq!(Packed::of(&over).read(), Ok(over));
    }
}
