//! The page loads of a session, grouped by the browser tab that they happened in.

use crate::model::text;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, TabId, WindowId};

/// A browser tab over its page loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which one.
    pub id: WindowId,
    /// Counted from 1 in order of first use.
    pub number: usize,
    /// Its page loads in order of time.
    pub loads: Vec<PageLoad>,
}

/// A page load as the switcher shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLoad {
    /// Which one.
    pub tab: TabId,
    /// The first address that it showed; empty while unknown.
    pub url: String,
    /// When it began.
    pub from: Millis,
    /// From its first to its last event.
    pub duration: Millis,
    /// Stored events.
    pub events: u64,
    /// It holds a snapshot, so that it can be replayed.
    pub playable: bool,
}

impl PageLoad {
    /// The path of its address, or what to say instead.
    pub fn label(&self) -> String {
        let path = text::address(&self.url).path;
        if path.is_empty() {
            "Unknown page".to_owned()
        } else {
            path
        }
    }
}

fn page_loads(detail: &SessionDetail) -> impl Iterator<Item = (&WindowId, PageLoad)> {
    detail.tab_list.iter().map(|tab| {
        let url = detail
            .page_views
            .iter()
            .find(|view| view.tab == tab.tab)
            .map(|view| view.url.clone());
        let load = PageLoad {
            tab: tab.tab.clone(),
            url: url.unwrap_or_default(),
            from: tab.started(),
            duration: tab.to.saturating_sub(tab.from),
            events: tab.events,
            playable: detail
                .batches
                .iter()
                .any(|batch| batch.keyframe && batch.tab == tab.tab),
        };
        (&tab.window, load)
    })
}

/// The browser tabs of a session, in order of first use.
pub fn windows(detail: &SessionDetail) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for (id, load) in page_loads(detail) {
        match windows.iter_mut().find(|window| window.id == *id) {
            Some(window) => window.loads.push(load),
            None => windows.push(Window {
                id: id.clone(),
                number: windows.len() + 1,
                loads: vec![load],
            }),
        }
    }
    windows
}

/// The page load to show: the one asked for, or the one with most events that
/// can be replayed, the earliest of equals.
pub fn choose(detail: &SessionDetail, wanted: Option<&TabId>) -> Option<TabId> {
    let loads: Vec<PageLoad> = page_loads(detail).map(|(_, load)| load).collect();
    if let Some(load) = loads.iter().find(|load| Some(&load.tab) == wanted) {
        return Some(load.tab.clone());
    }
    let best = loads
        .iter()
        .rev()
        .max_by_key(|load| (load.playable, load.events));
    best.map(|load| load.tab.clone())
}

/// The page load that began after `shown`: none after the last one.
pub fn following(detail: &SessionDetail, shown: &TabId) -> Option<TabId> {
    let next = next(detail, Some(shown), true)?;
    let began = |tab: &TabId| {
        let load = page_loads(detail).find(|(_, load)| load.tab == *tab);
        load.map(|(_, load)| load.from)
    };
    (began(&next) >= began(shown)).then_some(next)
}

/// The page load after `shown` in order of time, or the one before; from the last
/// one to the first. None if there is no other.
pub fn next(detail: &SessionDetail, shown: Option<&TabId>, forward: bool) -> Option<TabId> {
    let mut loads: Vec<PageLoad> = page_loads(detail).map(|(_, load)| load).collect();
    loads.sort_by_key(|load| load.from);
    let count = loads.len();
    let at = loads.iter().position(|load| Some(&load.tab) == shown)?;
    let step = if forward { 1 } else { count - 1 };
    let next = loads.get((at + step) % count)?;
    (count > 1).then(|| next.tab.clone())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use sentiero_core::api::{Batch, Tab};
    use sentiero_core::digest::PageView;
    use sentiero_core::id::SessionId;
    use sentiero_core::recording::{SessionState, Visitor};

    pub(crate) fn tab_id(name: char) -> TabId {
        TabId::parse(&name.to_string().repeat(8)).unwrap()
    }

    fn window_id(name: char) -> WindowId {
        WindowId::parse(&name.to_string().repeat(8)).unwrap()
    }

    /// A session of page loads `(tab, window, from, events, has a keyframe)`.
    pub(crate) fn detail(loads: &[(char, char, Millis, u64, bool)]) -> SessionDetail {
        SessionDetail {
            row: SessionState::new(0, Visitor::default())
                .row(&SessionId::new(1_000, &[0; 17]), false),
            tab_list: loads
                .iter()
                .map(|&(tab, window, from, events, _)| Tab {
                    tab: tab_id(tab),
                    window: window_id(window),
                    events,
                    from,
                    to: from + 5_000,
                    offset: 0,
                    ended: true,
                    gaps: Vec::new(),
                })
                .collect(),
            batches: loads
                .iter()
                .map(|&(tab, _, from, _, keyframe)| Batch {
                    tab: tab_id(tab),
                    first: 0,
                    n: 1,
                    from,
                    to: from + 5_000,
                    keyframe,
                    bytes: 10,
                })
                .collect(),
            page_views: loads
                .iter()
                .map(|&(tab, _, at, ..)| PageView {
                    at,
                    tab: tab_id(tab),
                    url: format!("https://a.example/{tab}"),
                })
                .collect(),
            clock_skew: 0,
            masked_at_edge: 0,
            malformed: 0,
        }
    }

    #[test]
    fn groups_by_browser_tab() {
        let detail = detail(&[
            ('a', 'x', 1, 5, true),
            ('b', 'y', 2, 5, true),
            ('c', 'x', 3, 5, true),
        ]);
        let windows = windows(&detail);
        let summary: Vec<(usize, Vec<String>)> = windows
            .iter()
            .map(|window| {
                (
                    window.number,
                    window.loads.iter().map(PageLoad::label).collect(),
                )
            })
            .collect();
        assert_eq!(
            summary,
            [
                (1, vec!["/a".to_owned(), "/c".to_owned()]),
                (2, vec!["/b".to_owned()])
            ]
        );
    }

    #[test]
    fn chooses_the_fullest_that_plays() {
        let detail = detail(&[
            ('a', 'x', 1, 5, true),
            ('b', 'x', 2, 9, false),
            ('c', 'x', 3, 7, true),
            ('d', 'x', 4, 7, true),
        ]);
        assert_eq!(choose(&detail, None), Some(tab_id('c')));
        assert_eq!(choose(&detail, Some(&tab_id('b'))), Some(tab_id('b')));
        assert_eq!(choose(&detail, Some(&tab_id('z'))), Some(tab_id('c')));
        assert_eq!(choose(&self::detail(&[]), None), None);
    }

    #[test]
    fn steps_through_page_loads_in_order_of_time() {
        let detail = detail(&[
            ('a', 'x', 5, 1, true),
            ('b', 'y', 1, 1, true),
            ('c', 'x', 9, 1, true),
        ]);
        let step = |from, forward| next(&detail, Some(&tab_id(from)), forward);
        assert_eq!(step('b', true), Some(tab_id('a')));
        assert_eq!(step('c', true), Some(tab_id('b')));
        assert_eq!(step('b', false), Some(tab_id('c')));
        assert_eq!(step('z', true), None);
        let after = |from| following(&detail, &tab_id(from));
        assert_eq!(
            (after('b'), after('a'), after('c')),
            (Some(tab_id('a')), Some(tab_id('c')), None)
        );
        let one = self::detail(&[('a', 'x', 5, 1, true)]);
        assert_eq!(next(&one, Some(&tab_id('a')), true), None);
    }
}
