//! From sessions to answers: one module a report, each its formula.
//!
//! ```text
//! Question ─► AnyReport ─► names, add, add, … names, add, … ─► merge ─► Answer
//!             empty        once a sheet of sessions             months
//! ```
//!
//! **Holds** of every report: sessions may be added in any order and split over any reports
//! that are then merged, the answer is the same; an empty one changes nothing. All numbers
//! are whole: shares in thousandths, times in ms, rounded half up once, in the answer. Rows
//! are sorted, equal ones by their texts. A list is cut only where the question says so, and
//! then the rest is summed.
//!
//! **Never**: a sample or a cap over sessions, pages, elements or values. Texts compared, or
//! memory asked for, for each session: that is done once a sheet, in [`Report::names`].

mod behind;
pub mod conversions;
pub mod engagement;
pub mod errors;
pub mod events;
pub mod forms;
pub mod frustration;
pub mod funnel;
pub mod heatmap;
pub mod issue;
pub mod keys;
pub mod metadata;
pub mod overview;
pub mod page;
pub mod pages;
pub mod paths;
mod question;
pub mod retention;
pub mod scroll;
mod seen;
pub mod spread;
mod steps;
mod tally;
mod told;
pub mod vitals;

pub use behind::{Behind, EXAMPLES, Example, Examples};
pub use question::{MAX_TOP, MAX_WITHIN, Question};
pub use steps::{MAX_STEPS, Step};
pub use told::Told;

use crate::analytics::route::Routes;
use crate::analytics::session::{Names, Session, Topic};
use crate::api::SessionRow;
use crate::id::Millis;
use alloc::string::String;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Which session, as a report sees it beside its [`Session`]: what its row says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who<'a> {
    /// Its start, ms since the epoch.
    pub started: Millis,
    /// How many sessions of that start have a smaller id.
    pub rank: u32,
    /// `desktop`, `mobile` or `tablet`, if known.
    pub device: Option<&'a str>,
    /// Browser family, if known.
    pub browser: Option<&'a str>,
    /// Operating system family, if known.
    pub os: Option<&'a str>,
    /// ISO 3166-1 alpha-2 code, if known.
    pub country: Option<&'a str>,
    /// The region of the country, if known.
    pub region: Option<&'a str>,
    /// The first user that a page named, if one did.
    pub user: Option<&'a str>,
    /// What the page told of it.
    pub told: Told<'a>,
    /// Still being recorded.
    pub live: bool,
    /// Stored events.
    pub events: u64,
    /// Errors that the page threw.
    pub errors: u32,
}

impl<'a> Who<'a> {
    /// What a row says, of which `rank` sessions of the same start have a smaller id.
    pub fn of(row: &'a SessionRow, rank: u32) -> Self {
        Self {
            started: row.started,
            rank,
            device: row.device.as_deref(),
            browser: row.browser.as_deref(),
            os: row.os.as_deref(),
            country: row.country.as_deref(),
            region: row.region.as_deref(),
            user: row.users.first().map(String::as_str),
            told: Told::Row(&row.meta),
            live: row.live,
            events: row.events,
            errors: row.errors,
        }
    }
}

/// What kind of device: pages are laid out differently on each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// Not known.
    #[default]
    Unknown,
    /// A large screen and a pointer.
    Desktop,
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
}

impl Device {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Desktop, Self::Mobile, Self::Tablet, Self::Unknown];

    /// What a row says; what is said otherwise is not known.
    pub fn of(said: Option<&str>) -> Self {
        said.and_then(Self::parse).unwrap_or_default()
    }

    /// Its name in rows and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|device| device.name() == name)
    }
}

/// What many sessions say to one question. Written and read again, it is the same.
pub trait Report: Clone + Serialize + DeserializeOwned {
    /// What it says in the end.
    type Answer: Serialize + DeserializeOwned;

    /// What it reads of sessions.
    fn topics(&self) -> &'static [Topic];

    /// Whether it looks at [`Who::user`] or [`Who::told`].
    fn reads_who(&self) -> bool {
        false
    }

    /// The texts of the sessions that follow, in the order of [`Topic::ALL`]; those of topics
    /// that are not read may be missing. Called before the first session, and then where the
    /// texts change: once a sheet.
    fn names(&mut self, names: &[&Names; 7]);

    /// Whether it looks at more of a session than at the first of its topics, which was read.
    /// If not, the others are not read, and [`Self::add`] is shown none of them.
    fn looks_on(&self, _session: &Session) -> bool {
        true
    }

    /// Counts a session; none is counted twice.
    fn add(&mut self, who: &Who<'_>, session: &Session);

    /// Counts all that `other` counted, which was asked the same.
    fn merge(&mut self, other: Self);

    /// What it says of all that it counted.
    fn answer(&self) -> Self::Answer;
}

/// Two reports were asked different things, so they do not make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlike;

impl core::fmt::Display for Unlike {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a part of a report answers another question")
    }
}

impl core::error::Error for Unlike {}

/// All reports, as one.
macro_rules! reports {
    ($($(#[$doc:meta])* $name:ident($module:ident),)*) => {
        /// A report of any kind: made by [`Question::report`], kept as a part, merged.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(clippy::large_enum_variant, reason = "there is one at a time")]
        pub enum AnyReport {
            $($(#[$doc])* $name($module::Report),)*
        }

        /// What a report says: what the API gives.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Answer {
            $($(#[$doc])* $name($module::Answer),)*
        }

        impl AnyReport {
            /// See [`Report::topics`].
            pub fn topics(&self) -> &'static [Topic] {
                match self { $(Self::$name(report) => report.topics(),)* }
            }

            /// See [`Report::reads_who`].
            pub fn reads_who(&self) -> bool {
                match self { $(Self::$name(report) => report.reads_who(),)* }
            }

            /// See [`Report::names`].
            pub fn names(&mut self, names: &[&Names; 7]) {
                match self { $(Self::$name(report) => report.names(names),)* }
            }

            /// See [`Report::looks_on`].
            pub fn looks_on(&self, session: &Session) -> bool {
                match self { $(Self::$name(report) => report.looks_on(session),)* }
            }

            /// See [`Report::add`].
            pub fn add(&mut self, who: &Who<'_>, session: &Session) {
                match self { $(Self::$name(report) => report.add(who, session),)* }
            }

            /// See [`Report::merge`].
            pub fn merge(&mut self, other: Self) -> Result<(), Unlike> {
                match (self, other) {
                    $((Self::$name(report), Self::$name(other)) => report.merge(other),)*
                    _ => return Err(Unlike),
                }
                Ok(())
            }

            /// See [`Report::answer`].
            pub fn answer(&self) -> Answer {
                match self { $(Self::$name(report) => Answer::$name(report.answer()),)* }
            }
        }
    };
}

reports! {
    /// How often each page was seen, and how long.
    Pages(pages),
    /// All of one page.
    Page(page),
    /// Where visitors clicked in rage or in vain.
    Frustration(frustration),
    /// How far down pages are seen.
    Scroll(scroll),
    /// Where on a page visitors clicked, moved and looked.
    Heatmap(heatmap),
    /// All sessions at a glance.
    Overview(overview),
    /// How many did one step after the other.
    Funnel(funnel),
    /// How fast pages are.
    Vitals(vitals),
    /// Custom events and their numbers.
    Events(events),
    /// Who reaches a goal.
    Conversions(conversions),
    /// How many complete a form, and where the others stop.
    Forms(forms),
    /// How much visitors struggle.
    Engagement(engagement),
    /// What pages are seen one after the other.
    Paths(paths),
    /// Who comes again.
    Retention(retention),
    /// What pages told of sessions.
    Metadata(metadata),
    /// Which errors there were.
    Errors(errors),
    /// One of them.
    Issue(issue),
}

/// The first answers of a list, and how many others there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Limit(pub Option<u32>);

impl Limit {
    /// `all` as far as asked for, and the rest.
    pub fn split<T>(self, mut all: alloc::vec::Vec<T>) -> (alloc::vec::Vec<T>, alloc::vec::Vec<T>) {
        let most = self.0.map_or(all.len(), keys::index).min(all.len());
        let rest = all.split_off(most);
        (all, rest)
    }
}

impl Question {
    /// An empty report that answers it, where pages are told apart by `routes`.
    pub fn report(&self, routes: &Routes) -> AnyReport {
        let routes = routes.clone();
        match self {
            Self::Pages { top } => AnyReport::Pages(pages::Report::new(routes, *top)),
            Self::Page(asked) => AnyReport::Page(page::Report::new(routes, asked.clone())),
            Self::Frustration { top } => {
                AnyReport::Frustration(frustration::Report::new(routes, *top))
            }
            Self::Scroll { top } => AnyReport::Scroll(scroll::Report::new(routes, *top)),
            Self::Heatmap(asked) => AnyReport::Heatmap(heatmap::Report::new(routes, asked.clone())),
            Self::Overview { every, top } => {
                AnyReport::Overview(overview::Report::new(routes, *every, *top))
            }
            Self::Funnel(asked) => AnyReport::Funnel(funnel::Report::new(routes, asked.clone())),
            Self::Vitals { top } => AnyReport::Vitals(vitals::Report::new(routes, *top)),
            Self::Events(asked) => AnyReport::Events(events::Report::asked(asked.clone())),
            Self::Conversions(asked) => {
                AnyReport::Conversions(conversions::Report::new(routes, asked.clone()))
            }
            Self::Forms { top } => AnyReport::Forms(forms::Report::new(routes, *top)),
            Self::Engagement { top } => AnyReport::Engagement(engagement::Report::new(*top)),
            Self::Paths(asked) => AnyReport::Paths(paths::Report::new(routes, asked.clone())),
            Self::Retention => AnyReport::Retention(retention::Report::default()),
            Self::Metadata { top } => AnyReport::Metadata(metadata::Report::new(*top)),
            Self::Errors { top } => AnyReport::Errors(errors::Report::new(*top)),
            Self::Issue(asked) => AnyReport::Issue(issue::Report::new(routes, asked.clone())),
        }
    }
}

#[cfg(test)]
pub(crate) mod testing;
