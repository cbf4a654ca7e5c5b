//! What a visitor must have done: the steps of a funnel, the goal of a conversion.

use super::keys::index;
use super::pages::page_of;
use crate::analytics::route::{Routes, is_page};
use crate::analytics::session::{Name, Names, Session, Topic};
use crate::field::FieldError;
use crate::filter::Filter;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The most steps of a funnel. (A step is a bit.)
pub const MAX_STEPS: usize = 64;

/// Something that a visitor can do, or that can happen to him.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A custom event of this tag.
    Event(String),
    /// This page is shown, see [`is_page`].
    Page(String),
    /// A click on this element, as the recorder's click capture names it.
    Click(String),
    /// An error with this message, its numbers folded; an empty text is any error.
    Error(String),
}

impl Step {
    /// Reads what [`Self::written`] writes; the error is about the parameter `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self, FieldError> {
        let refuse = |reason: &str| Err(FieldError::new(name, reason));
        let (kind, text) = text.split_once(':').unwrap_or((text, ""));
        if text.is_empty() && kind != "error" {
            return refuse(
                "must be `event:TAG`, `page:PAGE`, `click:ELEMENT`, `error` or `error:MESSAGE`",
            );
        }
        Ok(match kind {
            "event" => Self::Event(text.to_owned()),
            "page" => Self::Page(Routes::default().page(text)),
            "click" => Self::Click(text.to_owned()),
            "error" => Self::Error(text.to_owned()),
            _ => return refuse("must begin with `event:`, `page:`, `click:` or `error`"),
        })
    }

    /// As it stands in an address.
    pub fn written(&self) -> String {
        match self {
            Self::Event(text) => format!("event:{text}"),
            Self::Page(text) => format!("page:{text}"),
            Self::Click(text) => format!("click:{text}"),
            Self::Error(text) if text.is_empty() => "error".to_owned(),
            Self::Error(text) => format!("error:{text}"),
        }
    }

    /// What the session list can say of it.
    pub(super) fn narrow(&self) -> Filter {
        match self {
            Self::Event(tag) => Filter {
                event: Some(tag.clone()),
                ..Filter::default()
            },
            Self::Page(page) if !page.starts_with('/') => super::behind::on_page(page),
            Self::Error(_) => Filter {
                errors: true,
                ..Filter::default()
            },
            Self::Page(_) | Self::Click(_) => Filter::default(),
        }
    }
}

/// What is read of sessions to find `steps`, and the summary if it is asked for.
pub(super) fn topics(steps: &[Step], with_summary: bool) -> &'static [Topic] {
    use Topic::{Clicks, Marks, Pages, Summary};
    let clicks = steps.iter().any(|step| matches!(step, Step::Click(_)));
    let marks = steps
        .iter()
        .any(|step| matches!(step, Step::Event(_) | Step::Error(_)));
    match (with_summary, clicks, marks) {
        (false, false, false) => &[Pages],
        (false, false, true) => &[Pages, Marks],
        (false, true, false) => &[Pages, Clicks],
        (false, true, true) => &[Pages, Clicks, Marks],
        (true, false, false) => &[Pages, Summary],
        (true, false, true) => &[Pages, Summary, Marks],
        (true, true, false) => &[Pages, Summary, Clicks],
        (true, true, true) => &[Pages, Summary, Clicks, Marks],
    }
}

/// When something was done that is a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// ms after the session's start.
    pub(super) at: u32,
    /// On which of the session's visits.
    pub(super) visit: u32,
    /// Which steps, each a bit.
    pub(super) steps: u64,
}

/// Finds steps in sessions: what each text of the sheet is, each step a bit.
#[derive(Clone, Debug, Default)]
pub(super) struct Finder {
    pages: Vec<u64>,
    clicks: Vec<u64>,
    events: Vec<u64>,
    errors: Vec<u64>,
}

impl Finder {
    /// Looks at the texts of a new sheet.
    pub(super) fn names(&mut self, routes: &Routes, steps: &[Step], names: &[&Names; 7]) {
        let [pages, _, clicks, _, _, marks, _] = names;
        fill(&mut self.pages, pages, |address| {
            let page = page_of(routes, address);
            bits(
                steps,
                |step| matches!(step, Step::Page(asked) if is_page(asked, &page)),
            )
        });
        fill(&mut self.clicks, clicks, |text| {
            bits(
                steps,
                |step| matches!(step, Step::Click(asked) if asked == text),
            )
        });
        fill(&mut self.events, marks, |text| {
            bits(
                steps,
                |step| matches!(step, Step::Event(asked) if asked == text),
            )
        });
        fill(&mut self.errors, marks, |text| {
            let is = |asked: &String| asked.is_empty() || asked == text;
            bits(
                steps,
                |step| matches!(step, Step::Error(asked) if is(asked)),
            )
        });
    }

    /// All that was done in a session, in order of time.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn find(&self, session: &Session, found: &mut Vec<Done>) {
        found.clear();
        let mut take = |at, visit, list: &[u64], name: Name| {
            let steps = list.get(index(name)).copied().unwrap_or_default();
            if steps != 0 {
                found.push(Done { at, visit, steps });
            }
        };
        for (place, visit) in (0..).zip(&session.visits) {
            take(visit.at, place, &self.pages, visit.url);
        }
        for click in &session.clicks {
            if let Some(target) = click.target {
                take(click.at, click.visit, &self.clicks, target);
            }
        }
        for mark in &session.marks {
            let list = if mark.is_error {
                &self.errors
            } else {
                &self.events
            };
            take(mark.at, mark.visit, list, mark.tag);
        }
        found.sort_unstable_by_key(|done| (done.at, done.visit));
    }
}

fn fill(list: &mut Vec<u64>, names: &Names, bits: impl FnMut(&str) -> u64) {
    list.clear();
    list.extend(names.all().map(bits));
}

/// A bit for each step that is meant.
fn bits(steps: &[Step], is: impl Fn(&Step) -> bool) -> u64 {
    let steps = steps.iter().take(MAX_STEPS).enumerate();
    steps
        .filter(|(_, step)| is(step))
        .fold(0, |bits, (place, _)| bits | 1 << place)
}
