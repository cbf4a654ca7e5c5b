//! Reports: what is asked, and what is shown of the answer.
//!
//! ```text
//! address ─► Asking ─► API ─► Answer ─► View (headlines, panels: chart + table) ─► screen
//!                                        └────────────────────────────────────► CSV
//! ```
//!
//! | module | decides |
//! |---|---|
//! | [`name`] | which reports there are, and how they count |
//! | [`asking`] | what is asked, as an address says it |
//! | [`table`] | what a report is made of |
//! | [`value`] | how its numbers read |
//! | [`behind`] | how one gets from a number to its sessions |
//! | [`change`] | how headlines changed since the time before |
//! | [`over`] | what a heatmap draws over a page, and which |
//! | [`beside`] | what stands beside the overview |
//! | [`export`] | how it is written to a file |
//! | the others | one report each |
//!
//! **Invariant.** A number is in one place, the table: charts are drawn from it or beside it,
//! and files are written from it.

pub mod asking;
pub mod behind;
pub mod beside;
pub mod change;
pub mod export;
pub mod name;
pub mod over;
pub mod steps;
pub mod table;
pub mod value;

mod conversions;
mod engagement;
mod errors;
mod event;
mod events;
mod flow;
mod forms;
mod frustration;
mod funnel;
mod heatmap;
mod metadata;
mod overview;
mod page;
mod pages;
mod paths;
mod retention;
mod scroll;
mod stretch;
mod vitals;

pub use asking::Asking;
pub use heatmap::kind_name;
pub use name::{GROUPS, Name};
pub use scroll::device;
pub use table::View;

use crate::model::choices::Choice;
use crate::model::text;
use sentiero_core::analytics::report::heatmap::Kind;
use sentiero_core::analytics::report::pages::Row as PageRow;
use sentiero_core::analytics::report::{Answer, Device};
use sentiero_core::analytics::route::literal;
use sentiero_core::filter::Filter;

/// Of fewer sessions a share says little.
pub const SMALL: u64 = 30;

/// What is shown of an answer.
pub fn view(answer: &Answer) -> View {
    match answer {
        Answer::Overview(answer) => overview::view(answer),
        Answer::Pages(answer) => pages::view(answer),
        Answer::Page(answer) => page::view(answer),
        Answer::Paths(answer) => paths::view(answer),
        Answer::Retention(answer) => retention::view(answer),
        Answer::Metadata(answer) => metadata::view(answer),
        Answer::Heatmap(answer) => heatmap::view(answer),
        Answer::Scroll(answer) => scroll::view(answer),
        Answer::Forms(answer) => forms::view(answer),
        Answer::Events(answer) => events::view(answer),
        Answer::Frustration(answer) => frustration::view(answer),
        Answer::Engagement(answer) => engagement::view(answer),
        Answer::Vitals(answer) => vitals::view(answer),
        Answer::Funnel(answer) => funnel::view(answer),
        Answer::Conversions(answer) => conversions::view(answer),
        Answer::Errors(answer) => errors::view(answer),
        Answer::Issue(answer) => errors::one(answer),
    }
}

impl View {
    /// There is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.sessions == Some(0) || self.panels.iter().all(|panel| panel.table.rows.is_empty())
    }

    /// What to say about few sessions; none if there are enough, or none.
    pub fn small(&self) -> Option<String> {
        let sessions = self
            .sessions
            .filter(|sessions| (1..SMALL).contains(sessions))?;
        let sessions = crate::model::text::plural(sessions, "session");
        Some(format!(
            "{sessions} only: shares and percentiles say little of so few."
        ))
    }
}

/// What to say of sessions that an earlier version wrote and that are still to be read anew
/// ([`sentiero_core::api::PENDING_HEADER`]); none if there are none.
pub fn pending(sessions: u64) -> Option<String> {
    let whose = match sessions {
        0 => return None,
        1 => "1 session is".to_owned(),
        more => format!("{} sessions are", text::number(more)),
    };
    Some(format!(
        "{whose} being read anew after an update, and not in these numbers yet. Nothing is lost: refresh in a few minutes."
    ))
}

/// What can be asked for where a page is asked for: the pages of an answer, the most seen
/// first, as they read.
pub fn known_pages(answer: &Answer) -> Vec<String> {
    let Answer::Pages(answer) = answer else {
        return Vec::new();
    };
    let pages = || answer.rows.iter().map(|row| row.page.as_str());
    let names = Pages::of(pages());
    let known = pages().filter(|page| !page.is_empty());
    known.map(|page| names.short(page)).collect()
}

/// Events that can be asked about: those of an answer, the most frequent first.
pub fn known_events(answer: &Answer) -> Vec<String> {
    let Answer::Events(answer) = answer else {
        return Vec::new();
    };
    let events = answer.rows.iter().map(|row| row.event.clone());
    events.filter(|event| !event.is_empty()).collect()
}

/// The same to narrow a list by: what all addresses of a page begin with, and how many
/// sessions saw it. A page of which that says nothing is left out.
pub fn page_choices(answer: &Answer) -> Vec<Choice> {
    let Answer::Pages(answer) = answer else {
        return Vec::new();
    };
    let names = Pages::of(answer.rows.iter().map(|row| row.page.as_str()));
    let choice = |row: &PageRow| {
        let label = names.short(&row.page);
        let value = literal(&label).to_owned();
        let is_named = !row.page.is_empty() && !value.is_empty();
        is_named.then(|| Choice {
            value,
            label,
            hint: text::number(row.sessions),
        })
    };
    answer.rows.iter().filter_map(choice).collect()
}

/// Elements that can be asked for where a click is: those that were clicked on the page that
/// an answer is about, the most clicked first.
pub fn known_elements(answer: &Answer) -> Vec<String> {
    let Answer::Page(answer) = answer else {
        return Vec::new();
    };
    let elements = answer.targets.rows.iter().map(|row| row.text.clone());
    elements.filter(|element| !element.is_empty()).collect()
}

/// Those of `named` that are among the `known` pages; if none is, the first `most` of these.
pub fn near(known: &[String], named: &[String], most: usize) -> Vec<String> {
    let found = named.iter().map(|page| page.trim());
    let found = found.filter(|page| known.iter().any(|known| known == page));
    let found: Vec<String> = found.map(str::to_owned).collect();
    if found.is_empty() {
        return known.iter().take(most).cloned().collect();
    }
    found
}

/// What a list can say of sessions that saw a page.
fn saw(page: &str) -> Filter {
    let literal = literal(page);
    Filter {
        url: (!literal.is_empty()).then(|| literal.to_owned()),
        ..Filter::default()
    }
}

/// Leaves the host out of pages where all have the same.
struct Pages(Option<String>);

impl Pages {
    fn of<'a>(mut pages: impl Iterator<Item = &'a str>) -> Self {
        let host = |page: &'a str| page.find('/').map_or(page, |at| page.split_at(at).0);
        let first = pages.find(|page| !page.is_empty()).map(host);
        let same = first.filter(|first| pages.all(|page| page.is_empty() || host(page) == *first));
        Self(same.map(str::to_owned))
    }

    /// How a page reads.
    fn short(&self, page: &str) -> String {
        let path = self.0.as_deref().and_then(|host| page.strip_prefix(host));
        match path.filter(|path| path.starts_with('/')).unwrap_or(page) {
            "" => "Unknown page".to_owned(),
            page => page.to_owned(),
        }
    }

    fn cell(&self, page: &str) -> table::Cell {
        table::Cell::new(value::Value::Text(self.short(page)))
    }

    /// The same, leading to the report of the page.
    fn page(&self, page: &str) -> table::Cell {
        let cell = self.cell(page);
        if page.is_empty() {
            return cell;
        }
        cell.leads(asking::page(page))
    }

    /// The same, leading to the heatmap of the page.
    fn link(&self, page: &str, kind: Kind, on: Device) -> table::Cell {
        let cell = self.cell(page);
        if page.is_empty() {
            return cell;
        }
        cell.leads(asking::heatmap(page, kind, on))
    }
}

#[cfg(test)]
mod known;
#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::asked::Asked;
    use sentiero_core::analytics::route::Routes;

    #[test]
    fn one_host_is_left_out_and_two_are_not() {
        let one = Pages::of(["shop.example/a", "", "shop.example/"].into_iter());
        assert_eq!(one.short("shop.example/a"), "/a");
        assert_eq!(one.short(""), "Unknown page");
        assert_eq!(one.short("shop.example.org/a"), "shop.example.org/a");
        let two = Pages::of(["shop.example/a", "blog.example/a"].into_iter());
        assert_eq!(two.short("shop.example/a"), "shop.example/a");
        assert_eq!(Pages::of([].into_iter()).short("a/b"), "a/b");
    }

    #[test]
    fn pages_are_known_by_what_they_can_be_asked_by() {
        use sentiero_core::analytics::report::pages;
        use sentiero_core::analytics::report::retention::Answer as Other;
        use sentiero_core::analytics::route::is_page;
        let row = |page: &str| pages::Row {
            page: page.to_owned(),
            ..pages::Row::default()
        };
        let given = ["shop.example/", "shop.example/a/:id", ""];
        let answer = pages::Answer {
            rows: given.map(row).to_vec(),
            ..pages::Answer::default()
        };
        let known = known_pages(&Answer::Pages(answer));
        assert_eq!(known, ["/", "/a/:id"]);
        for (known, page) in known.iter().zip(given) {
            assert!(is_page(&Routes::default().page(known), page), "{known}");
        }
        assert!(known_pages(&Answer::Retention(Other::default())).is_empty());
    }

    #[test]
    fn pages_narrow_a_list_by_what_their_addresses_begin_with() {
        use sentiero_core::analytics::report::pages;
        let row = |page: &str| pages::Row {
            page: page.to_owned(),
            sessions: 1_200,
            ..pages::Row::default()
        };
        let given = [
            "shop.example/",
            "shop.example/a/:id",
            "",
            "shop.example/cart",
        ];
        let answer = pages::Answer {
            rows: given.map(row).to_vec(),
            ..pages::Answer::default()
        };
        let found = page_choices(&Answer::Pages(answer));
        let said: Vec<_> = found
            .iter()
            .map(|choice| (&*choice.value, &*choice.label, &*choice.hint))
            .collect();
        assert_eq!(
            said,
            [("/a/", "/a/:id", "1,200"), ("/cart", "/cart", "1,200")]
        );
    }

    #[test]
    fn elements_are_known_of_the_page_that_was_asked_about() {
        use sentiero_core::analytics::report::page;
        let times = |text: &str| page::Times {
            text: text.to_owned(),
            times: 1,
            sessions: 1,
            behind: sentiero_core::analytics::report::Behind::default(),
        };
        let answer = page::Answer {
            targets: page::Often {
                rows: ["button#buy", "", "a.more"].map(times).to_vec(),
                ..page::Often::default()
            },
            ..page::Answer::default()
        };
        let known = known_elements(&Answer::Page(answer));
        assert_eq!(known, ["button#buy", "a.more"]);
        let other = sentiero_core::analytics::report::retention::Answer::default();
        assert!(known_elements(&Answer::Retention(other)).is_empty());
    }

    #[test]
    fn elements_are_looked_for_on_the_pages_that_are_named() {
        let pages = |pages: &[&str]| -> Vec<String> {
            pages.iter().map(|page| (*page).to_owned()).collect()
        };
        let known = pages(&["/", "/a", "/b", "/c"]);
        for (named, found) in [
            (&[" /b ", "/che"][..], &["/b"][..]),
            (&["/a", "/c"], &["/a", "/c"]),
            (&["/che"], &["/", "/a"]),
            (&[], &["/", "/a"]),
        ] {
            assert_eq!(near(&known, &pages(named), 2), pages(found), "{named:?}");
        }
        assert!(near(&[], &pages(&["/a"]), 2).is_empty());
    }

    #[test]
    fn a_page_is_looked_for_by_what_all_its_addresses_begin_with() {
        assert_eq!(
            saw("shop.example/a/:id/b").url.as_deref(),
            Some("shop.example/a/")
        );
        assert_eq!(saw("/cart").url.as_deref(), Some("/cart"));
        assert_eq!(saw("/"), Filter::default());
    }

    #[test]
    fn of_no_session_every_report_is_empty_and_written() {
        for query in [
            "overview?",
            "pages?",
            "page?page=/a",
            "paths?",
            "retention?",
            "metadata?",
            "heatmap?page=/a",
            "heatmap?page=/a&kind=move",
            "scroll?",
            "forms?",
            "events?",
            "events?tag=bought",
            "frustration?",
            "engagement?",
            "vitals?",
            "funnel?step=page:/a&step=error",
            "conversions?goal=error",
            "errors?",
            "issue?issue=00000000000000a1",
        ] {
            let (name, query) = query.split_once('?').unwrap();
            let asked = Asked::parse(name, query).unwrap();
            let shown = view(&asked.question.report(&Routes::default()).answer());
            table::assert_well_formed(&shown);
            assert!(shown.is_empty(), "{name}");
            assert_eq!(shown.small(), None, "{name}");
            assert!(export::csv(&shown).ends_with("\r\n"), "{name}");
        }
    }

    #[test]
    fn sessions_that_are_read_anew_are_spoken_of() {
        assert_eq!(pending(0), None);
        assert!(pending(1).unwrap().starts_with("1 session is being"));
        assert!(pending(1_200).unwrap().starts_with("1,200 sessions are"));
    }

    #[test]
    fn few_sessions_are_spoken_of() {
        let of = |sessions| View {
            sessions,
            ..View::default()
        };
        for (sessions, said) in [
            (None, false),
            (Some(0), false),
            (Some(1), true),
            (Some(29), true),
            (Some(30), false),
        ] {
            assert_eq!(of(sessions).small().is_some(), said, "{sessions:?}");
        }
        assert!(of(Some(1)).small().unwrap().starts_with("1 session only"));
    }
}
