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
//! | [`export`] | how it is written to a file |
//! | the others | one report each |
//!
//! **Invariant.** A number is in one place, the table: charts are drawn from it or beside it,
//! and files are written from it.

pub mod asking;
pub mod behind;
pub mod export;
pub mod name;
pub mod steps;
pub mod table;
pub mod value;

mod conversions;
mod engagement;
mod events;
mod forms;
mod frustration;
mod funnel;
mod heatmap;
mod overview;
mod page;
mod pages;
mod paths;
mod retention;
mod scroll;
mod vitals;

pub use asking::Asking;
pub use heatmap::kind_name;
pub use name::{GROUPS, Name};
pub use scroll::device;
pub use table::View;

use sentiero_core::analytics::report::heatmap::Kind;
use sentiero_core::analytics::report::{Answer, Device};

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
        Answer::Heatmap(answer) => heatmap::view(answer),
        Answer::Scroll(answer) => scroll::view(answer),
        Answer::Forms(answer) => forms::view(answer),
        Answer::Events(answer) => events::view(answer),
        Answer::Frustration(answer) => frustration::view(answer),
        Answer::Engagement(answer) => engagement::view(answer),
        Answer::Vitals(answer) => vitals::view(answer),
        Answer::Funnel(answer) => funnel::view(answer),
        Answer::Conversions(answer) => conversions::view(answer),
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
    fn of_no_session_every_report_is_empty_and_written() {
        for query in [
            "overview?",
            "pages?",
            "page?page=/a",
            "paths?",
            "retention?",
            "heatmap?page=/a",
            "heatmap?page=/a&kind=move",
            "scroll?",
            "forms?",
            "events?",
            "frustration?",
            "engagement?",
            "vitals?",
            "funnel?step=page:/a&step=error",
            "conversions?goal=error",
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
