//! Which reports there are, what they are called and how they count.

/// A report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Name {
    /// All sessions at a glance.
    #[default]
    Overview,
    /// Pages.
    Pages,
    /// All of one page.
    Page,
    /// Pages one after the other.
    Paths,
    /// Who comes again.
    Retention,
    /// What pages told of sessions.
    Metadata,
    /// Where visitors clicked, moved and looked.
    Heatmap,
    /// How far down pages are seen.
    Scroll,
    /// Forms and their fields.
    Forms,
    /// Custom events.
    Events,
    /// Rage and dead clicks.
    Frustration,
    /// How much visitors struggle.
    Engagement,
    /// How fast pages are.
    Vitals,
    /// Steps one after the other.
    Funnel,
    /// Who reaches a goal.
    Conversions,
    /// Which errors there were.
    Errors,
    /// One of them.
    Issue,
}

/// Reports that answer the same kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they are about.
    pub name: &'static str,
    /// They.
    pub reports: &'static [Name],
}

/// All reports, as they are offered.
pub const GROUPS: [Group; 4] = [
    Group {
        name: "Visits",
        reports: &[
            Name::Overview,
            Name::Pages,
            Name::Page,
            Name::Paths,
            Name::Retention,
            Name::Metadata,
        ],
    },
    Group {
        name: "Behaviour",
        reports: &[Name::Heatmap, Name::Scroll, Name::Forms, Name::Events],
    },
    Group {
        name: "Quality",
        reports: &[
            Name::Errors,
            Name::Issue,
            Name::Frustration,
            Name::Engagement,
            Name::Vitals,
        ],
    },
    Group {
        name: "Goals",
        reports: &[Name::Funnel, Name::Conversions],
    },
];

impl Name {
    /// Its word in addresses: the API's.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Pages => "pages",
            Self::Page => "page",
            Self::Paths => "paths",
            Self::Retention => "retention",
            Self::Metadata => "metadata",
            Self::Heatmap => "heatmap",
            Self::Scroll => "scroll",
            Self::Forms => "forms",
            Self::Events => "events",
            Self::Frustration => "frustration",
            Self::Engagement => "engagement",
            Self::Vitals => "vitals",
            Self::Funnel => "funnel",
            Self::Conversions => "conversions",
            Self::Errors => "errors",
            Self::Issue => "issue",
        }
    }

    /// The report of that word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = GROUPS.iter().flat_map(|group| group.reports);
        all.copied().find(|name| name.word() == word)
    }

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Pages => "Pages",
            Self::Page => "One page",
            Self::Paths => "Paths",
            Self::Retention => "Retention",
            Self::Metadata => "Metadata",
            Self::Heatmap => "Heatmap",
            Self::Scroll => "Scroll depth",
            Self::Forms => "Forms",
            Self::Events => "Custom events",
            Self::Frustration => "Frustration",
            Self::Engagement => "Struggle",
            Self::Vitals => "Web vitals",
            Self::Funnel => "Funnel",
            Self::Conversions => "Conversions",
            Self::Errors => "Issues",
            Self::Issue => "One issue",
        }
    }

    /// How it counts.
    pub fn method(self) -> &'static str {
        match self {
            Self::Overview => {
                "Every session of the range counts, in the UTC day or week in which it started. Weeks begin on Monday. Active time is time in which the visitor did something, with no gap over 5 seconds."
            }
            Self::Pages => {
                "A view is a page load or another address. A session enters on its first page and leaves on its last; it bounces if it saw one address only. Time is active time, so a page in a forgotten tab does not seem to be read. Ids in addresses are counted together."
            }
            Self::Page => {
                "What the other reports say of one page, counted as they count; entries, exits and bounces by whole sessions. Events and errors are those that came while the page was shown."
            }
            Self::Paths => {
                "Each session has one path: from where it first saw the page asked for, or from its first page, in the order in which pages were shown, in whichever tab. The same page again at once is no step."
            }
            Self::Retention => {
                "Users are those named with identify. Each belongs to the week in which it first came within the range; a user counts once a week. Weeks are those of UTC, from Monday. Sessions that named nobody cannot be told apart and are left out."
            }
            Self::Metadata => {
                "What pages tell with setMetadata: a plan, an experiment, a release. A session counts once for a key, with the value that was told last. What was masked is not known."
            }
            Self::Heatmap => {
                "A click belongs to the element that it hit, so a layout that differs from visit to visit does not smear it. Clicks without a named element are placed on the page, by the window's width and px from the top. What cannot be placed is counted."
            }
            Self::Scroll => {
                "A session counts once for a page, by the deepest point that it saw; who never scrolled counts with what the window showed. A page is taken to be as high as anybody with such a device ever saw. The fold is where the median window ends."
            }
            Self::Forms => {
                "A form is begun by the first input and complete when it is sent in the same visit of the page. The last field filled in before it is left is where the visitor dropped off. What was filled in is never known."
            }
            Self::Events => {
                "Events that pages send with addCustomEvent, or declare in their markup. Percentiles of their numbers are exact, by nearest rank."
            }
            Self::Frustration => {
                "Rage is three clicks or more within 500 ms and 10 px, counted once an incident. A click is dead if the page did not react to it for 500 ms. Of a visit the first 8,192 clicks are judged."
            }
            Self::Engagement => {
                "A score from 0 to 100 for each session: 20 points for rage, 15 for dead clicks, 15 for coming back to pages, 10 each for idle time, turns of scrolling, a bounce within 5 seconds, coming back to fields, and an error in the last 8 seconds."
            }
            Self::Vitals => {
                "A page's sample is what was last told of it in a visit. Ratings are Google's and hold for the 75th percentile: good up to the first bound, poor above the second."
            }
            Self::Funnel => {
                "A session counts for a step if it did that step strictly after the one before, in whichever tab, with anything in between. With a limit of time all steps must lie within it after the first."
            }
            Self::Errors => {
                "Errors of one kind, message and place in the site's own code are one issue; numbers, ids, quoted values and a browser's own words do not matter. Of an error that repeats few are recorded, and all are counted."
            }
            Self::Issue => {
                "What the report of all errors counts of one issue. A release is what the page told by setMetadata last in that visit."
            }
            Self::Conversions => {
                "A session converts at most once, whenever it reaches the goal and in whichever tab. Campaigns are those of the first page's utm_ parameters."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::Question;

    #[test]
    fn the_reports_are_those_of_the_api() {
        let mut words: Vec<_> = GROUPS
            .iter()
            .flat_map(|group| group.reports)
            .map(|name| name.word())
            .collect();
        for word in &words {
            let name = Name::parse(word).unwrap();
            assert_eq!(name.word(), *word);
            assert!(!name.title().is_empty() && name.method().ends_with('.'));
        }
        words.sort_unstable();
        let mut names = Question::NAMES.to_vec();
        names.sort_unstable();
        assert_eq!(words, names);
        assert_eq!(Name::parse("nothing"), None);
    }
}
