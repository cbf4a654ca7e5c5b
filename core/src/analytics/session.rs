//! One session as reports see it: small, finished, without events.
//!
//! All times are ms after the session's start, which its id names; they fit 32 bits because
//! a session lasts a day at most. Texts are told once and named by number, see [`Names`].

use alloc::string::String;
use alloc::vec::Vec;

/// Texts that are named by their place.
///
/// Each topic of a session has its own, so that a topic can be read without the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<String>);

/// The place of a text in [`Names`].
pub type Name = u32;

impl Names {
    /// The place of `text`, which is added if it is not there.
    pub fn name(&mut self, text: &str) -> Name {
        let known = self.0.iter().position(|name| name == text);
        let place = known.unwrap_or_else(|| {
            self.0.push(text.into());
            self.0.len() - 1
        });
        Name::try_from(place).unwrap_or(Name::MAX)
    }

    /// Texts, in the order of their places; each only once.
    pub(super) fn of(texts: Vec<String>) -> Self {
        Self(texts)
    }

    /// The text at a place; empty if there is none.
    pub fn text(&self, name: Name) -> &str {
        let place = usize::try_from(name).unwrap_or(usize::MAX);
        self.0.get(place).map_or("", String::as_str)
    }

    /// All of them, in the order of their places.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// What belongs together in storage: a report says which topics it reads.
///
/// What happened on a page names it by its place in [`Session::visits`], so all topics but
/// [`Topic::Summary`] are read with [`Topic::Pages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// [`Session::visits`].
    Pages,
    /// [`Session::summary`].
    Summary,
    /// [`Session::clicks`].
    Clicks,
    /// [`Session::attention`].
    Attention,
    /// [`Session::fields`] and [`Session::submits`].
    Forms,
    /// [`Session::marks`].
    Marks,
    /// [`Session::vitals`].
    Vitals,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pages,
        Self::Summary,
        Self::Clicks,
        Self::Attention,
        Self::Forms,
        Self::Marks,
        Self::Vitals,
    ];
}

/// A page that was shown in one page load, until another address or the end of its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// Its address without query and fragment: a name of [`Topic::Pages`]. Empty text while
    /// no address was told.
    pub url: Name,
    /// Which page load, counted from 0 in order of their first events.
    pub tab: u32,
    /// When it came.
    pub at: u32,
    /// Until the next page of its page load, or its last event, ms.
    pub length: u32,
    /// How long of that the visitor did something, ms.
    pub active: u32,
    /// The window's width and height when it came, px; 0 if it was not told.
    pub viewport: (u32, u32),
    /// How far down the visitor saw: the largest of scroll position plus the window's
    /// height, px; the window's height if nothing was scrolled.
    pub deepest: u32,
}

/// What a click was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClickKind {
    /// Nothing of the following.
    #[default]
    Plain,
    /// The first of an incident of rage: count these to count incidents.
    RageFirst,
    /// Another of the same incident.
    Rage,
    /// Nothing followed it.
    Dead,
    /// Nothing followed it but an error of the page.
    DeadWithError,
}

/// A click or tap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Click {
    /// On which of [`Session::visits`].
    pub visit: u32,
    /// When.
    pub at: u32,
    /// What it was.
    pub kind: ClickKind,
    /// Where on the page, px from its left and top edges: scrolled away is added.
    pub place: (u32, u32),
    /// The element, as the recorder's click capture names it: a name of [`Topic::Clicks`];
    /// none if that is off.
    pub target: Option<Name>,
    /// Where in the element, in 10 000ths of its width and height; (0, 0) without a target.
    pub share: (u32, u32),
}

/// Rows of [`Attention`] are so high, px.
pub const BAND: u32 = 100;

/// A row of [`Attention::moves`] has so many cells over the width of the window.
pub const COLUMNS: u32 = 40;

/// Where the visitor looked on a page, as far as it can be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// On which of [`Session::visits`].
    pub visit: u32,
    /// How long each row of the page was in the window while the visitor was active:
    /// (row, ms), rows of [`BAND`] px, in order, none twice.
    pub seen: Vec<(u32, u32)>,
    /// Where the pointer was: (row, column, how many seconds), in order, none twice.
    pub moves: Vec<(u32, u32, u32)>,
}

/// A field of a form that was filled in. What was filled in is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// On which of [`Session::visits`].
    pub visit: u32,
    /// What tells it from others in every session: a name of [`Topic::Forms`].
    pub key: Name,
    /// For people: a name of [`Topic::Forms`], the same as `key` if nothing better is known.
    pub label: Name,
    /// Its form, like `key`; an empty text if it has none.
    pub form: Name,
    /// First and last input.
    pub span: (u32, u32),
    /// Times that the visitor came back to it after filling in another one.
    pub refills: u32,
}

/// A form that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submit {
    /// On which of [`Session::visits`].
    pub visit: u32,
    /// When.
    pub at: u32,
    /// As [`Field::form`].
    pub form: Name,
}

/// A custom event of the page, or an error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// On which of [`Session::visits`].
    pub visit: u32,
    /// When.
    pub at: u32,
    /// An error; else a custom event.
    pub is_error: bool,
    /// The event's tag, or the title of the error's issue: a name of [`Topic::Marks`].
    pub tag: Name,
    /// Numbers of the event's payload, by their names, of [`Topic::Marks`].
    pub values: Vec<(Name, f64)>,
    /// What an error is an occurrence of; none of an event.
    pub issue: Option<Occurrence>,
}

/// One or more errors of an issue that came together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occurrence {
    /// The issue's [fingerprint](crate::issue::Fingerprint) as text: a name of
    /// [`Topic::Marks`].
    pub issue: Name,
    /// How many they are: of an error that repeats, the recorder sends few.
    pub times: u32,
    /// How many errors, of any issue, the recorder left out before.
    pub held: u32,
}

/// Which web vital.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Largest Contentful Paint, ms.
    #[default]
    Lcp,
    /// Interaction to Next Paint, ms.
    Inp,
    /// Cumulative Layout Shift, in 10 000ths.
    Cls,
    /// First Contentful Paint, ms.
    Fcp,
    /// Time to First Byte, ms.
    Ttfb,
}

/// A web vital of a page, as it was last told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vital {
    /// On which of [`Session::visits`].
    pub visit: u32,
    /// When it was last told.
    pub at: u32,
    /// Which.
    pub metric: Metric,
    /// Its value, in the metric's unit.
    pub value: u32,
}

/// What is known of a session as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// From its first to its last event, ms.
    pub duration: u32,
    /// How long the visitor did something, ms.
    pub active: u32,
    /// Where the visitor came from, without query: a name of [`Topic::Summary`]; none if
    /// directly, or from the site itself.
    pub referrer: Option<Name>,
    /// `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `utm_content`: names of
    /// [`Topic::Summary`].
    pub utm: [Option<Name>; 5],
    /// Pages to which the visitor came back.
    pub revisits: u32,
    /// Gaps of more than 10 s in which nothing happened, ms together.
    pub idle: u32,
    /// Changes of the scrolling direction, of over 100 px each, within a second.
    pub thrashes: u32,
    /// An error came in the last 8 s.
    pub left_on_error: bool,
    /// The release that the page told last, by `setMetadata`: a name of [`Topic::Summary`].
    pub release: Option<Name>,
}

/// One session as reports see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// Of each topic its texts, in the order of [`Topic::ALL`]; see [`Session::names`].
    pub names: [Names; 7],
    /// Topics that were too large to be kept, a bit for each: see [`Session::lacks`].
    pub left_out: u8,
    /// Pages in the order in which they came.
    pub visits: Vec<Visit>,
    /// The whole.
    pub summary: Summary,
    /// In order of time.
    pub clicks: Vec<Click>,
    /// By page, in order; pages without any are left out.
    pub attention: Vec<Attention>,
    /// In order of first input.
    pub fields: Vec<Field>,
    /// In order of time.
    pub submits: Vec<Submit>,
    /// In order of time.
    pub marks: Vec<Mark>,
    /// By page and metric, each once.
    pub vitals: Vec<Vital>,
}

impl Session {
    /// The texts of a topic.
    pub fn names(&self, topic: Topic) -> &Names {
        let [pages, summary, clicks, attention, forms, marks, vitals] = &self.names;
        match topic {
            Topic::Pages => pages,
            Topic::Summary => summary,
            Topic::Clicks => clicks,
            Topic::Attention => attention,
            Topic::Forms => forms,
            Topic::Marks => marks,
            Topic::Vitals => vitals,
        }
    }

    /// Takes out what a topic holds, but for its texts.
    pub fn clear(&mut self, topic: Topic) {
        match topic {
            Topic::Pages => self.visits.clear(),
            Topic::Summary => self.summary = Summary::default(),
            Topic::Clicks => self.clicks.clear(),
            Topic::Attention => self.attention.clear(),
            Topic::Forms => {
                self.fields.clear();
                self.submits.clear();
            }
            Topic::Marks => self.marks.clear(),
            Topic::Vitals => self.vitals.clear(),
        }
    }

    /// The texts of a topic, to add to them.
    pub fn names_mut(&mut self, topic: Topic) -> &mut Names {
        let [pages, summary, clicks, attention, forms, marks, vitals] = &mut self.names;
        match topic {
            Topic::Pages => pages,
            Topic::Summary => summary,
            Topic::Clicks => clicks,
            Topic::Attention => attention,
            Topic::Forms => forms,
            Topic::Marks => marks,
            Topic::Vitals => vitals,
        }
    }
}
