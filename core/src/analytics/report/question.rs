//! What is asked, as it stands in an address.

use super::heatmap::{Asked, Kind};
use super::overview::Every;
use super::steps::{MAX_STEPS, Step};
use super::{Device, Limit, conversions, events, funnel, issue, page, paths};
use crate::analytics::route::Routes;
use crate::field::FieldError;
use crate::filter::MAX_TEXT;
use crate::issue::Fingerprint;
use crate::query;
use crate::text::{decimal, parse_decimal};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The most rows that can be asked for; without `top` there are all.
pub const MAX_TOP: u32 = 10_000;

/// The longest limit of time of a funnel, s: sessions are no longer.
pub const MAX_WITHIN: u32 = 86_400;

/// Which report, and what it is asked. In an address: its name, and parameters beside those
/// of the filter, none of which it shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// All pages.
    Pages {
        /// So many rows.
        top: Limit,
    },
    /// All of one page.
    Page(page::Asked),
    /// Rage and dead clicks.
    Frustration {
        /// So many pages, and elements of each.
        top: Limit,
    },
    /// How far down pages are seen.
    Scroll {
        /// So many rows.
        top: Limit,
    },
    /// One page.
    Heatmap(Asked),
    /// All sessions.
    Overview {
        /// How sessions are put together by time.
        every: Every,
        /// So many rows of each list.
        top: Limit,
    },
    /// Steps one after the other.
    Funnel(funnel::Asked),
    /// Web vitals.
    Vitals {
        /// So many pages.
        top: Limit,
    },
    /// Custom events.
    Events(events::Asked),
    /// A goal.
    Conversions(conversions::Asked),
    /// Forms and their fields.
    Forms {
        /// So many forms.
        top: Limit,
    },
    /// How much visitors struggle.
    Engagement {
        /// So many sessions.
        top: Limit,
    },
    /// Pages one after the other.
    Paths(paths::Asked),
    /// Who comes again.
    Retention,
    /// What pages told of sessions.
    Metadata {
        /// So many keys, and values of each.
        top: Limit,
    },
    /// Issues.
    Errors {
        /// So many of them.
        top: Limit,
    },
    /// One issue.
    Issue(issue::Asked),
}

/// Names and values of a query.
type Pairs = Vec<(String, String)>;

/// The parameters of a question, taken one by one.
struct Taken(Pairs);

impl Taken {
    /// The value of a parameter, if it was given once.
    fn text(&mut self, name: &str) -> Result<Option<String>, FieldError> {
        let mut all = self.list(name).into_iter();
        match (all.next(), all.next()) {
            (_, Some(_)) => Err(query::twice(name)),
            (value, None) => Ok(value),
        }
    }

    /// All values of a parameter, in order.
    fn list(&mut self, name: &str) -> Vec<String> {
        let (own, rest) = core::mem::take(&mut self.0)
            .into_iter()
            .partition(|(other, _)| other == name);
        self.0 = rest;
        Pairs::into_iter(own).map(|(_, value)| value).collect()
    }

    /// A number from `least` to `most`.
    fn number(&mut self, name: &str, least: u32, most: u32) -> Result<Option<u32>, FieldError> {
        let Some(value) = self.text(name)? else {
            return Ok(None);
        };
        let number = parse_decimal(value.as_bytes()).and_then(|value| u32::try_from(value).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        let reason = || format!("must be a number from {least} to {most}");
        number
            .map(Some)
            .ok_or_else(|| FieldError::new(name, reason()))
    }

    /// One of a few words.
    fn word<T: Copy + Default>(
        &mut self,
        name: &str,
        parse: fn(&str) -> Option<T>,
        words: &str,
    ) -> Result<T, FieldError> {
        let Some(value) = self.text(name)? else {
            return Ok(T::default());
        };
        parse(&value).ok_or_else(|| FieldError::new(name, format!("must be one of {words}")))
    }

    /// A page, as reports name it or by any of its addresses.
    fn page(&mut self) -> Result<Option<String>, FieldError> {
        let Some(page) = self.text("page")? else {
            return Ok(None);
        };
        check_text("page", &page)?;
        Ok(Some(Routes::default().page(&page)))
    }

    /// A page that must be told.
    fn wanted_page(&mut self) -> Result<String, FieldError> {
        let missing = || FieldError::new("page", "must say which page is meant");
        self.page()?.ok_or_else(missing)
    }

    fn heatmap(&mut self) -> Result<Asked, FieldError> {
        let page = self.wanted_page()?;
        let on = self.text("on")?;
        let on = match on.as_deref() {
            None => Some(Device::Desktop),
            Some(name) => Device::parse(name),
        };
        let devices = "must be one of desktop, mobile, tablet, unknown";
        Ok(Asked {
            page,
            kind: self.word("kind", Kind::parse, "click, rage, dead, move, attention")?,
            on: on.ok_or_else(|| FieldError::new("on", devices))?,
            top: self.top()?,
        })
    }

    fn funnel(&mut self) -> Result<funnel::Asked, FieldError> {
        let steps = self.list("step");
        if !(2..=MAX_STEPS).contains(&steps.len()) {
            let reason = format!("must be given for each step, 2 to {MAX_STEPS} of them");
            return Err(FieldError::new("step", reason));
        }
        let within = self.number("within", 1, MAX_WITHIN)?;
        let steps = steps.iter().map(|step| parse_step("step", step));
        Ok(funnel::Asked {
            steps: steps.collect::<Result<_, _>>()?,
            within: within.map(|seconds| seconds.saturating_mul(1_000)),
        })
    }

    fn conversions(&mut self) -> Result<conversions::Asked, FieldError> {
        let goal = self.text("goal")?;
        let goal = goal.ok_or_else(|| FieldError::new("goal", "must say what is to be reached"))?;
        Ok(conversions::Asked {
            goal: parse_step("goal", &goal)?,
            top: self.top()?,
        })
    }

    fn events(&mut self) -> Result<events::Asked, FieldError> {
        let tag = self.text("tag")?;
        if let Some(tag) = &tag {
            check_text("tag", tag)?;
        }
        Ok(events::Asked {
            tag,
            top: self.top()?,
        })
    }

    fn issue(&mut self) -> Result<issue::Asked, FieldError> {
        let issue = self.text("issue")?.unwrap_or_default();
        if Fingerprint::parse(&issue).is_none() {
            let reason = "must be 16 hex digits, as the report `errors` names an issue";
            return Err(FieldError::new("issue", reason));
        }
        Ok(issue::Asked {
            issue,
            top: self.top()?,
        })
    }

    fn paths(&mut self) -> Result<paths::Asked, FieldError> {
        Ok(paths::Asked {
            page: self.page()?,
            depth: self
                .number("depth", 1, paths::MAX_DEPTH)?
                .unwrap_or(paths::DEPTH),
            top: self.top()?,
        })
    }

    fn top(&mut self) -> Result<Limit, FieldError> {
        Ok(Limit(self.number("top", 1, MAX_TOP)?))
    }
}

impl Question {
    /// The names of all reports.
    pub const NAMES: [&str; 17] = [
        "pages",
        "page",
        "frustration",
        "scroll",
        "heatmap",
        "overview",
        "funnel",
        "vitals",
        "events",
        "conversions",
        "forms",
        "engagement",
        "paths",
        "retention",
        "metadata",
        "errors",
        "issue",
    ];

    /// Its name in an address.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pages { .. } => "pages",
            Self::Page(_) => "page",
            Self::Frustration { .. } => "frustration",
            Self::Scroll { .. } => "scroll",
            Self::Heatmap(_) => "heatmap",
            Self::Overview { .. } => "overview",
            Self::Funnel(_) => "funnel",
            Self::Vitals { .. } => "vitals",
            Self::Events(_) => "events",
            Self::Conversions(_) => "conversions",
            Self::Forms { .. } => "forms",
            Self::Engagement { .. } => "engagement",
            Self::Paths(_) => "paths",
            Self::Retention => "retention",
            Self::Metadata { .. } => "metadata",
            Self::Errors { .. } => "errors",
            Self::Issue(_) => "issue",
        }
    }

    /// The question of that name, by its parameters of `pairs`; what is left of them is the
    /// filter's.
    pub fn take(name: &str, pairs: Pairs) -> Result<(Self, Pairs), FieldError> {
        let mut taken = Taken(pairs);
        let question = match name {
            "pages" => Self::Pages { top: taken.top()? },
            "page" => Self::Page(page::Asked {
                page: taken.wanted_page()?,
                top: taken.top()?,
            }),
            "frustration" => Self::Frustration { top: taken.top()? },
            "scroll" => Self::Scroll { top: taken.top()? },
            "heatmap" => Self::Heatmap(taken.heatmap()?),
            "overview" => Self::Overview {
                every: taken.word("every", Every::parse, "day, week")?,
                top: taken.top()?,
            },
            "funnel" => Self::Funnel(taken.funnel()?),
            "vitals" => Self::Vitals { top: taken.top()? },
            "events" => Self::Events(taken.events()?),
            "conversions" => Self::Conversions(taken.conversions()?),
            "forms" => Self::Forms { top: taken.top()? },
            "engagement" => Self::Engagement { top: taken.top()? },
            "paths" => Self::Paths(taken.paths()?),
            "retention" => Self::Retention,
            "metadata" => Self::Metadata { top: taken.top()? },
            "errors" => Self::Errors { top: taken.top()? },
            "issue" => Self::Issue(taken.issue()?),
            _ => {
                let reason = format!("must be one of {}", Self::NAMES.join(", "));
                return Err(FieldError::new("report", reason));
            }
        };
        Ok((question, taken.0))
    }

    /// Its parameters as the query part of an address, without `?`.
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        match self {
            Self::Pages { top }
            | Self::Frustration { top }
            | Self::Scroll { top }
            | Self::Vitals { top }
            | Self::Forms { top }
            | Self::Engagement { top }
            | Self::Metadata { top }
            | Self::Errors { top } => {
                push_top(&mut query, *top);
            }
            Self::Page(asked) => {
                query::push(&mut query, "page", &asked.page);
                push_top(&mut query, asked.top);
            }
            Self::Heatmap(asked) => {
                query::push(&mut query, "page", &asked.page);
                query::push(&mut query, "kind", asked.kind.name());
                query::push(&mut query, "on", asked.on.name());
                push_top(&mut query, asked.top);
            }
            Self::Events(asked) => {
                if let Some(tag) = &asked.tag {
                    query::push(&mut query, "tag", tag);
                }
                push_top(&mut query, asked.top);
            }
            Self::Overview { every, top } => {
                query::push(&mut query, "every", every.name());
                push_top(&mut query, *top);
            }
            Self::Funnel(asked) => {
                for step in &asked.steps {
                    query::push(&mut query, "step", &step.written());
                }
                if let Some(within) = asked.within {
                    query::push(&mut query, "within", &decimal((within / 1_000).into()));
                }
            }
            Self::Conversions(asked) => {
                query::push(&mut query, "goal", &asked.goal.written());
                push_top(&mut query, asked.top);
            }
            Self::Paths(asked) => {
                if let Some(page) = &asked.page {
                    query::push(&mut query, "page", page);
                }
                query::push(&mut query, "depth", &decimal(asked.depth.into()));
                push_top(&mut query, asked.top);
            }
            Self::Retention => {}
            Self::Issue(asked) => {
                query::push(&mut query, "issue", &asked.issue);
                push_top(&mut query, asked.top);
            }
        }
        query
    }
}

fn parse_step(name: &str, text: &str) -> Result<Step, FieldError> {
    check_text(name, text)?;
    Step::parse(name, text)
}

/// What no page, event or element is called.
fn check_text(name: &str, text: &str) -> Result<(), FieldError> {
    if text.is_empty() || text.len() > MAX_TEXT {
        let reason = format!("must be a text of 1 to {MAX_TEXT} bytes");
        return Err(FieldError::new(name, reason));
    }
    Ok(())
}

fn push_top(query: &mut String, top: Limit) {
    if let Some(top) = top.0 {
        query::push(query, "top", &decimal(top.into()));
    }
}

#[cfg(test)]
mod tests;
