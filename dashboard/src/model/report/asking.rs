//! What a report is asked, as an address says it: the report's question, and the same range,
//! filter and order as the list's address.

use super::Name;
use crate::model::issues::{Shown, shown};
use crate::model::listing::{Earlier, Listing, Moment};
use sentiero_core::analytics::asked::Asked;
use sentiero_core::analytics::report::heatmap::Kind;
use sentiero_core::analytics::report::overview::Every;
use sentiero_core::analytics::report::{
    Device, Limit, Question, Step, conversions, events, funnel, heatmap, issue, page, paths,
};
use sentiero_core::query;

/// Parameters that are a question's; the others are the listing's. (No report's parameter is
/// called like one of the filter's.)
const OWN: [&str; 14] = [
    "page",
    "tag",
    "issue",
    "kind",
    "on",
    "step",
    "within",
    "goal",
    "depth",
    "every",
    "top",
    AGAINST,
    shown::PARAMETERS[0],
    shown::PARAMETERS[1],
];

/// The parameter that holds the query of other sessions to compare with.
const AGAINST: &str = "against";

/// Sessions that the struggle report is asked for; the API's default is what a person reads.
const STRUGGLES: u32 = 500;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asking {
    /// Which report.
    pub name: Name,
    /// The question; none while it is not complete: a funnel without steps.
    pub question: Option<Question>,
    /// About which sessions.
    pub listing: Listing,
    /// Other sessions, about which the same is asked to compare.
    pub against: Option<Listing>,
    /// Which issues are listed, where they are.
    pub shown: Shown,
    /// What in the address cannot be read.
    pub wrong: Option<String>,
}

impl Asking {
    /// Reads the query part of an address. What cannot be read is said, and left out.
    pub fn parse(name: Name, text: &str) -> Self {
        let asking = Self {
            name,
            ..Self::default()
        };
        let pairs = match query::pairs(text) {
            Ok(pairs) => pairs,
            Err(error) => {
                return Self {
                    question: usual(name),
                    wrong: Some(format!("`{}` {}", error.field, error.reason)),
                    ..asking
                };
            }
        };
        let (own, rest): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|(name, _)| OWN.contains(&name.as_str()));
        let (shown, unknown) = if lists_issues(name) {
            Shown::take(&own)
        } else {
            Default::default()
        };
        let mut filter = String::new();
        for (name, value) in rest {
            query::push(&mut filter, &name, &value);
        }
        let (listing, wrong) = Listing::parse(&filter);
        let (against, own): (Vec<_>, Vec<_>) =
            own.into_iter().partition(|(name, _)| name == AGAINST);
        let (against, unlike) = against
            .last()
            .map(|(_, query)| Listing::parse(query))
            .unzip();
        let wrong = wrong.or(unlike.flatten()).or(unknown);
        // What another report was asked stays behind.
        let own: Vec<_> = own
            .into_iter()
            .filter(|(parameter, _)| belongs(name, parameter))
            .collect();
        let begun = own
            .iter()
            .any(|(parameter, _)| needed(name) == Some(parameter.as_str()));
        let (question, refused) = if needed(name).is_some() && !begun {
            (None, None)
        } else {
            match Question::take(name.word(), own) {
                Ok((question, _)) => (Some(question), None),
                Err(error) => (
                    usual(name),
                    Some(format!("`{}` {}", error.field, error.reason)),
                ),
            }
        };
        Self {
            question,
            listing,
            against,
            shown,
            wrong: wrong.or(refused),
            ..asking
        }
    }

    /// The same question about other sessions.
    #[must_use]
    pub fn about(&self, listing: Listing) -> Self {
        Self {
            listing,
            wrong: None,
            ..self.clone()
        }
    }

    /// The same about the same sessions, compared with others, or not.
    #[must_use]
    pub fn compared(&self, against: Option<Listing>) -> Self {
        Self {
            against,
            wrong: None,
            ..self.clone()
        }
    }

    /// Another question about the same sessions.
    #[must_use]
    pub fn asks(&self, question: Question) -> Self {
        Self {
            question: Some(question),
            wrong: None,
            ..self.clone()
        }
    }

    /// Another report about the same sessions.
    #[must_use]
    pub fn turn(&self, name: Name) -> Self {
        Self {
            name,
            question: usual(name),
            listing: self.listing.clone(),
            against: self.against.clone(),
            shown: self.shown,
            wrong: None,
        }
    }

    /// Other issues of the same, or in another order.
    #[must_use]
    pub fn showing(&self, shown: Shown) -> Self {
        Self {
            shown,
            wrong: None,
            ..self.clone()
        }
    }

    /// Whether the API is asked the same.
    pub fn asks_as(&self, other: &Self) -> bool {
        let Self {
            name,
            question,
            listing,
            against,
            shown: _,
            wrong: _,
        } = self;
        *name == other.name
            && *question == other.question
            && *listing == other.listing
            && *against == other.against
    }

    /// What stands in the address: only what is not usual.
    pub fn to_query(&self) -> String {
        let usual = usual(self.name);
        let mut text = match &self.question {
            Some(question) if usual.as_ref() != Some(question) => question.to_query(),
            _ => String::new(),
        };
        if let Some(against) = &self.against {
            query::push(&mut text, AGAINST, &against.to_string());
        }
        if lists_issues(self.name) {
            self.shown.push(&mut text);
        }
        let listing = self.listing.to_string();
        if !text.is_empty() && !listing.is_empty() {
            text.push('&');
        }
        text.push_str(&listing);
        text
    }

    /// The query that the API is asked at `moment`; none while there is no question.
    pub fn request(&self, moment: Moment) -> Option<String> {
        self.request_about(&self.listing, moment)
    }

    /// The same about the sessions to compare with, if there are any.
    pub fn request_against(&self, moment: Moment) -> Option<String> {
        self.request_about(self.against.as_ref()?, moment)
    }

    /// The time before, and the query of the same about it; none where headlines are not held
    /// against it, or others are compared already.
    pub fn request_earlier(&self, moment: Moment) -> Option<(Earlier, String)> {
        if self.name != Name::Overview || self.against.is_some() {
            return None;
        }
        let earlier = self.listing.earlier(moment)?;
        let query = self.request_about(&earlier.listing, moment)?;
        Some((earlier, query))
    }

    fn request_about(&self, listing: &Listing, moment: Moment) -> Option<String> {
        let asked = Asked {
            question: in_full(self.question.clone()?),
            filter: listing.resolve(moment),
        };
        Some(asked.to_query())
    }
}

/// The question with as many sessions as one wants in a file: a table shows the first of
/// them, and its export has all. Only the API's own default is raised.
fn in_full(question: Question) -> Question {
    match question {
        Question::Engagement { top: Limit(None) } => Question::Engagement {
            top: Limit(Some(STRUGGLES)),
        },
        other => other,
    }
}

/// What a report is asked unless the address says otherwise; none if it must be said.
pub fn usual(name: Name) -> Option<Question> {
    let top = Limit::default();
    Some(match name {
        Name::Overview => Question::Overview {
            every: Every::Day,
            top,
        },
        Name::Pages => Question::Pages { top },
        Name::Scroll => Question::Scroll { top },
        Name::Forms => Question::Forms { top },
        Name::Events => Question::Events(events::Asked { tag: None, top }),
        Name::Frustration => Question::Frustration { top },
        Name::Engagement => Question::Engagement { top },
        Name::Vitals => Question::Vitals { top },
        Name::Retention => Question::Retention,
        Name::Metadata => Question::Metadata { top },
        Name::Paths => Question::Paths(paths::Asked {
            page: None,
            depth: paths::DEPTH,
            top,
        }),
        Name::Errors => Question::Errors { top },
        Name::Page | Name::Heatmap | Name::Funnel | Name::Conversions | Name::Issue => {
            return None;
        }
    })
}

/// The parameter without which there is no question.
fn needed(name: Name) -> Option<&'static str> {
    match name {
        Name::Page | Name::Heatmap => Some("page"),
        Name::Funnel => Some("step"),
        Name::Conversions => Some("goal"),
        Name::Issue => Some("issue"),
        _ => None,
    }
}

/// Whether it is the list of issues, or one that leads back to it.
fn lists_issues(name: Name) -> bool {
    matches!(name, Name::Errors | Name::Issue)
}

fn belongs(name: Name, parameter: &str) -> bool {
    match parameter {
        "page" => matches!(name, Name::Page | Name::Heatmap | Name::Paths),
        "kind" | "on" => name == Name::Heatmap,
        "step" | "within" => name == Name::Funnel,
        "goal" => name == Name::Conversions,
        "issue" => name == Name::Issue,
        "tag" => name == Name::Events,
        "depth" => name == Name::Paths,
        "every" => name == Name::Overview,
        // Asked of nobody: the list is narrowed here.
        "state" | "by" => false,
        _ => !matches!(name, Name::Funnel | Name::Retention),
    }
}

/// All of `page`.
pub fn page(page: &str) -> Question {
    Question::Page(page::Asked {
        page: page.to_owned(),
        top: Limit::default(),
    })
}

/// All events, and more of that of a tag, if there is one.
pub fn events(tag: &str) -> Question {
    Question::Events(events::Asked {
        tag: (!tag.is_empty()).then(|| tag.to_owned()),
        top: Limit::default(),
    })
}

/// All of an issue, by its fingerprint.
pub fn issue(fingerprint: &str) -> Question {
    Question::Issue(issue::Asked {
        issue: fingerprint.to_owned(),
        top: Limit::default(),
    })
}

/// A heatmap of `page`.
pub fn heatmap(page: &str, kind: Kind, on: Device) -> Question {
    Question::Heatmap(heatmap::Asked {
        page: page.to_owned(),
        kind,
        on,
        top: Limit::default(),
    })
}

/// Who reaches `goal`.
pub fn conversions(goal: Step) -> Question {
    Question::Conversions(conversions::Asked {
        goal,
        top: Limit::default(),
    })
}

/// The steps one after the other, all within so many ms if there is a limit.
pub fn funnel(steps: Vec<Step>, within: Option<u32>) -> Question {
    Question::Funnel(funnel::Asked { steps, within })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in crate::model::report) const MOMENT: Moment = Moment {
        now: 1_000_000_000,
        today: 900_000_000,
        before: 800_000_000,
    };

    fn parsed(name: Name, text: &str) -> Asking {
        let asking = Asking::parse(name, text);
        assert_eq!(asking.wrong, None, "{text}");
        asking
    }

    #[test]
    fn a_filter_goes_along_from_report_to_report_and_back_to_the_list() {
        let list = "range=7d&country=DE&errors=true&sort=longest";
        let overview = parsed(Name::Overview, list);
        assert_eq!(overview.to_query(), list);
        assert_eq!(overview.turn(Name::Pages).to_query(), list);
        let weekly = parsed(Name::Overview, &format!("every=week&{list}"));
        assert_eq!(weekly.turn(Name::Funnel).to_query(), list);
        assert_eq!(weekly.listing.to_string(), list);
        let request = weekly.request(MOMENT).unwrap();
        assert_eq!(request, "every=week&from=395200000&country=DE&errors=true");
        Asked::parse("overview", &request).unwrap();
    }

    #[test]
    fn the_file_of_who_struggled_most_has_more_than_is_read() {
        let asking = parsed(Name::Engagement, "country=DE");
        assert_eq!(asking.to_query(), "country=DE");
        let request = asking.request(MOMENT).unwrap();
        assert_eq!(request, "top=500&country=DE");
        Asked::parse("engagement", &request).unwrap();
        let fewer = parsed(Name::Engagement, "top=3");
        assert_eq!(fewer.request(MOMENT).as_deref(), Some("top=3"));
    }

    #[test]
    fn what_is_compared_with_goes_along_from_report_to_report() {
        let pages = parsed(Name::Pages, "country=DE");
        let (phones, _) = Listing::parse("range=7d&device=mobile");
        let both = pages.compared(Some(phones.clone()));
        let text = "against=range%3D7d%26device%3Dmobile&country=DE";
        assert_eq!(both.to_query(), text);
        assert_eq!(parsed(Name::Pages, text), both);
        let turned = both.turn(Name::Vitals);
        assert_eq!(turned.against, Some(phones));
        assert_eq!(turned.request(MOMENT).as_deref(), Some("country=DE"));
        assert_eq!(
            turned.request_against(MOMENT).as_deref(),
            Some("from=395200000&device=mobile")
        );
        assert_eq!(turned.compared(None).to_query(), "country=DE");
        assert_eq!(pages.request_against(MOMENT), None);
        // Everything is a listing, too.
        let all = parsed(Name::Pages, "against=&country=DE");
        assert_eq!(all.against, Some(Listing::default()));
        assert_eq!(parsed(Name::Pages, &all.to_query()), all);
        let wrong = Asking::parse(Name::Pages, "against=colour%3Dred").wrong;
        assert!(wrong.unwrap().starts_with("`colour` is no"));
    }

    #[test]
    fn what_must_be_said_is_waited_for() {
        for name in [
            Name::Funnel,
            Name::Conversions,
            Name::Heatmap,
            Name::Page,
            Name::Issue,
        ] {
            let asking = parsed(name, "country=DE");
            assert_eq!(
                (asking.question.clone(), asking.request(MOMENT)),
                (None, None)
            );
            assert_eq!(asking.to_query(), "country=DE");
        }
        let funnel = parsed(Name::Funnel, "step=page:/a&step=event:bought&within=60");
        assert_eq!(
            funnel.to_query(),
            "step=page%3A%2Fa&step=event%3Abought&within=60"
        );
        // Those of another report.
        let pages = parsed(Name::Pages, "step=page:/a&goal=error&depth=3");
        assert_eq!(pages.to_query(), "");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (name, text, wrong) in [
            (Name::Funnel, "step=page:/a", "`step` must"),
            (Name::Funnel, "step=nothing&step=error", "`step` must"),
            (Name::Overview, "every=year", "`every` must"),
            (Name::Pages, "top=0", "`top` must"),
            (Name::Pages, "colour=red", "`colour` is no"),
            (Name::Pages, "q=%zz", "`q` must"),
        ] {
            let asking = Asking::parse(name, text);
            let said = asking.wrong.clone().unwrap_or_default();
            assert!(said.starts_with(wrong), "{text}: {said}");
            assert_eq!(asking.question, usual(name));
        }
    }

    proptest! {
        #[test]
        fn there_and_back(text in "(against=[a-z]{0,5}%3D[a-z]{0,4}&)?(every|page|step|goal|on|kind|depth|top|within|country|q|range)?(=[a-z0-9:/&%=]{0,12})?(&(page|step|goal|kind)=[a-z:/]{1,9}){0,3}", at in 0_usize..Question::NAMES.len()) {
            let name = Name::parse(Question::NAMES[at]).unwrap();
            let asking = Asking::parse(name, &text);
            let again = Asking::parse(name, &asking.to_query());
            prop_assert_eq!(&again.question, &asking.question);
            prop_assert_eq!(&again.listing, &asking.listing);
            prop_assert_eq!(&again.against, &asking.against);
            prop_assert_eq!(again.wrong, None);
            if let Some(request) = asking.request(MOMENT) {
                prop_assert!(Asked::parse(name.word(), &request).is_ok());
            }
        }
    }
}
