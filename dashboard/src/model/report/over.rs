//! A heatmap over the page itself: what is drawn, over whose recording, at which moment, and
//! what is said of what could not be drawn.

use super::heatmap::is_click;
use crate::model::frame::{Drawn, Over};
use crate::model::text;
use sentiero_core::analytics::report::Example;
use sentiero_core::analytics::report::heatmap::{Answer, Cell, Element, Kind, RASTER};
use sentiero_core::analytics::session::COLUMNS;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, TabId};
use std::collections::BTreeMap;

/// A page that was just opened is not complete; so much later it is shown, ms …
const SETTLED: Millis = 3_000;
/// … but so long before the next page, ms.
const BEFORE: Millis = 50;
/// A whole in places.
const WHOLE: u64 = 10_000;

/// What is drawn over a page.
#[derive(Clone, Debug, PartialEq)]
pub struct OverPage {
    /// The session whose recording shows the page, at the start of its visit.
    pub example: Example,
    /// How wide its window was, px.
    pub width: u32,
    /// What is drawn.
    pub over: Over,
    /// Clicks, not times.
    pub is_click: bool,
    /// Clicks in all, those included that are not in [`Self::over`].
    total: u64,
    /// Clicks that are placed on the page.
    placed: u64,
}

/// None if nobody told how wide the window was, or there is nothing to draw.
pub(super) fn over_page(answer: &Answer) -> Option<OverPage> {
    let kind = answer.asked.kind;
    let is_click = is_click(kind);
    let over = Over {
        targets: answer.targets.iter().map(target).collect(),
        cells: if kind == Kind::Attention {
            rows(answer)
        } else {
            answer
                .cells
                .iter()
                .map(|cell| place(answer, cell))
                .collect()
        },
        rows: kind == Kind::Attention,
    };
    if over.targets.is_empty() && over.cells.is_empty() {
        return None;
    }
    Some(OverPage {
        example: answer.representative?,
        width: answer.width,
        over,
        is_click,
        total: answer.total,
        placed: answer.placed,
    })
}

fn target(element: &Element) -> (String, Vec<[u64; 3]>) {
    // The middle of a field of the raster.
    let middle = |place: u32| (2 * u64::from(place) + 1) * WHOLE / (2 * u64::from(RASTER));
    let points = element.points.iter();
    let points = points.map(|point| [middle(point.column), middle(point.row), point.n]);
    (element.target.clone(), points.collect())
}

fn place(answer: &Answer, cell: &Cell) -> [u64; 5] {
    let (band, width) = (u64::from(answer.band), WHOLE / u64::from(COLUMNS));
    let (left, top) = (u64::from(cell.column) * width, u64::from(cell.row) * band);
    [left, width, top, band, cell.n]
}

/// Every row down to the last, and one more, so that none is blended into a gap.
fn rows(answer: &Answer) -> Vec<[u64; 5]> {
    let known: BTreeMap<u32, u64> = answer.cells.iter().map(|cell| (cell.row, cell.n)).collect();
    let Some((last, _)) = known.last_key_value() else {
        return Vec::new();
    };
    let band = u64::from(answer.band);
    let row = |row: u32| {
        let n = known.get(&row).copied().unwrap_or_default();
        [0, WHOLE, u64::from(row) * band, band, n]
    };
    (0..=last.saturating_add(1)).map(row).collect()
}

/// Where the page is shown as it was, with all that came in its first moments: the page load,
/// and ms after its first event. None if the session has no such page load (any more).
pub fn still(detail: &SessionDetail, example: &Example) -> Option<(TabId, Millis)> {
    let (tab, _) = super::behind::opening(detail, example)?;
    let load = detail.tab_list.iter().find(|load| load.tab == tab)?;
    // Events have the visitor's time, as page views and page loads do.
    let seen = example.started.saturating_add(example.at.into());
    let seen = seen.saturating_sub_signed(load.offset);
    let views = detail.page_views.iter().filter(|view| view.tab == tab);
    let next = views.map(|view| view.at).filter(|at| *at > seen).min();
    let until = next.map_or(load.to, |next| next.saturating_sub(BEFORE));
    let at = seen
        .saturating_add(SETTLED)
        .min(until.max(seen))
        .min(load.to);
    Some((tab, at.saturating_sub(load.from)))
}

impl OverPage {
    /// What is said of what was drawn, and what was not.
    pub fn said(&self, drawn: Drawn) -> String {
        if !self.is_click {
            return String::new();
        }
        let number = text::number;
        let mut said = vec![format!(
            "Of {}, {} are drawn in the elements that they hit",
            text::plural(self.total, "click"),
            number(drawn.anchored),
        )];
        let mut add = |n: u64, what: &str| {
            if n > 0 {
                said.push(format!("{} {what}", number(n)));
            }
        };
        add(drawn.spread, "are spread over several elements of one name");
        add(
            self.placed,
            "hit no named element and are drawn where they were on the page",
        );
        add(
            drawn.lost,
            "hit elements that are not on the page as it is shown",
        );
        let named = drawn.anchored + drawn.spread + drawn.lost;
        let rest = self.total.saturating_sub(named).saturating_sub(self.placed);
        add(rest, "are not drawn");
        said.join("; ") + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tabs::tests::{detail, tab_id};
    use sentiero_core::analytics::report::heatmap::Asked;

    const EXAMPLE: Example = Example {
        started: 1_000,
        rank: 0,
        at: 0,
        tab: 0,
    };

    fn answer(kind: Kind) -> Answer {
        let cell = |row, column, n| Cell { row, column, n };
        Answer {
            asked: Asked {
                kind,
                ..Asked::default()
            },
            representative: Some(EXAMPLE),
            width: 1_000,
            total: 14,
            placed: 2,
            band: 25,
            targets: vec![Element {
                target: "a#b".to_owned(),
                points: vec![cell(0, 19, 7)],
                ..Element::default()
            }],
            cells: vec![cell(0, 39, 1), cell(2, 0, 1)],
            ..Answer::default()
        }
    }

    #[test]
    fn points_are_in_the_middle_of_their_fields() {
        let drawn = over_page(&answer(Kind::Click)).unwrap();
        assert_eq!(
            drawn.over.targets,
            [("a#b".to_owned(), vec![[9_750, 250, 7]])]
        );
        assert_eq!(
            drawn.over.cells,
            [[9_750, 250, 0, 25, 1], [0, 250, 50, 25, 1]]
        );
        assert!(drawn.is_click && !drawn.over.rows);
    }

    #[test]
    fn rows_have_no_gaps() {
        let drawn = over_page(&answer(Kind::Attention)).unwrap();
        assert!(drawn.over.rows && !drawn.is_click);
        let rows: Vec<_> = drawn
            .over
            .cells
            .iter()
            .map(|row| (row[2], row[4]))
            .collect();
        assert_eq!(rows, [(0, 1), (25, 0), (50, 1), (75, 0)]);
        assert_eq!(drawn.said(Drawn::default()), "");
    }

    #[test]
    fn without_a_page_or_anything_on_it_nothing_is_drawn() {
        let without = Answer {
            representative: None,
            ..answer(Kind::Click)
        };
        assert_eq!(over_page(&without), None);
        let nothing = Answer {
            targets: Vec::new(),
            cells: Vec::new(),
            ..answer(Kind::Move)
        };
        assert_eq!(over_page(&nothing), None);
    }

    #[test]
    fn what_was_not_drawn_is_said() {
        let drawn = over_page(&answer(Kind::Click)).unwrap();
        let said = drawn.said(Drawn {
            anchored: 4,
            spread: 2,
            lost: 1,
            ..Drawn::default()
        });
        assert_eq!(
            said,
            "Of 14 clicks, 4 are drawn in the elements that they hit; \
             2 are spread over several elements of one name; \
             2 hit no named element and are drawn where they were on the page; \
             1 hit elements that are not on the page as it is shown; 5 are not drawn."
        );
        let all = drawn.said(Drawn {
            anchored: 12,
            ..Drawn::default()
        });
        assert!(
            all.ends_with("; 2 hit no named element and are drawn where they were on the page.")
        );
    }

    #[test]
    fn a_page_has_settled_but_is_not_left() {
        // A page load from 1 000 to 6 000, whose page is seen at once.
        let mut session = detail(&[('a', 'w', 1_000, 9, true)]);
        let example = |at| Example { at, ..EXAMPLE };
        let at = |session: &SessionDetail, from| still(session, &example(from)).unwrap();
        assert_eq!(at(&session, 0), (tab_id('a'), 3_000));
        assert_eq!(at(&session, 4_500), (tab_id('a'), 5_000));
        let mut next = session.page_views[0].clone();
        next.at = 2_000;
        session.page_views.push(next);
        assert_eq!(at(&session, 0), (tab_id('a'), 950));
        assert_eq!(at(&session, 1_000), (tab_id('a'), 4_000));
        // The next page came at once.
        session.page_views[1].at = 1_010;
        assert_eq!(at(&session, 0), (tab_id('a'), 0));
        session.tab_list[0].offset = 500;
        assert_eq!(at(&session, 1_500), (tab_id('a'), 4_000));
        session.tab_list.clear();
        assert_eq!(still(&session, &example(0)), None);
    }
}
