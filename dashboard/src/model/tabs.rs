//! The page loads of a session, grouped by the browser tab that they happened in.

use crate::model::text;
use sentiero_core::api::{SessionDetail, Signals, Tab};
use sentiero_core::filter::Filter;
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
    let loads = detail.tab_list.iter().filter(|tab| !tab.tab.is_server());
    loads.map(|tab| {
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

/// The page load to show: the one asked for, or the first that can be replayed: a visit
/// is told from its beginning, and played on from one page load to the next.
pub fn choose(detail: &SessionDetail, wanted: Option<&TabId>) -> Option<TabId> {
    let loads: Vec<PageLoad> = page_loads(detail).map(|(_, load)| load).collect();
    let named = loads.iter().find(|load| Some(&load.tab) == wanted);
    let first = || loads.iter().min_by_key(|load| (!load.playable, load.from));
    named.or_else(first).map(|load| load.tab.clone())
}

/// Where to open a session that a list was narrowed to by `filter`: at the first moment of
/// what it was narrowed to, the earliest if these are several. The page load, and how many
/// ms after its start, of a whole second, so that the moment itself is still to come. None
/// if it was not narrowed so, or the moment is not known.
pub fn opening(detail: &SessionDetail, filter: &Filter) -> Option<(TabId, Millis)> {
    let Signals { error, rage, dead } = &detail.signals;
    let wanted = [
        (filter.errors, error),
        (filter.rage, rage),
        (filter.dead, dead),
    ];
    let moments = wanted.into_iter().filter_map(|(wanted, moment)| {
        let moment = moment.as_ref().filter(|_| wanted)?;
        if moment.tab.is_server() {
            let tab = shown_at(detail, moment.at)?;
            let at = moment.at.saturating_sub(tab.started());
            return Some((moment.at, at.min(tab.to.saturating_sub(tab.from)), &tab.tab));
        }
        let tab = detail.tab_list.iter().find(|tab| tab.tab == moment.tab)?;
        let edge = moment.at.saturating_add_signed(tab.offset);
        Some((edge, moment.at.saturating_sub(tab.from), &tab.tab))
    });
    let (_, offset, tab) = moments.min()?;
    Some((tab.clone(), offset / 1_000 * 1_000))
}

/// The page load that began last before `at`, by the edge's clock, or the first.
fn shown_at(detail: &SessionDetail, at: Millis) -> Option<&Tab> {
    let loads = || detail.tab_list.iter().filter(|tab| !tab.tab.is_server());
    let began = loads().filter(|tab| tab.started() <= at);
    let last = began.max_by_key(|tab| tab.started());
    last.or_else(|| loads().min_by_key(|tab| tab.started()))
}

/// What the site's server told while a page load was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Events of the whole session's.
    pub events: u64,
    /// From when on they belong to the page load, by the edge's clock, and until when.
    pub from: Millis,
    /// See `from`.
    pub until: Millis,
    /// What the page load's clock lacks to have the edge's, ms.
    pub offset: i64,
    /// The page load's first and last event, by its clock.
    pub span: (Millis, Millis),
}

/// What of the session's server lane stands in the page load `tab`; none of a session without.
pub fn lane(detail: &SessionDetail, tab: &TabId) -> Option<Lane> {
    let told = detail.tab_list.iter().find(|tab| tab.tab.is_server())?;
    let load = detail.tab_list.iter().find(|load| load.tab == *tab)?;
    let loads = detail.tab_list.iter().filter(|tab| !tab.tab.is_server());
    let starts: Vec<Millis> = loads.map(Tab::started).collect();
    let start = load.started();
    let is_first = starts.iter().min() == Some(&start);
    let next = starts.into_iter().filter(|other| *other > start).min();
    Some(Lane {
        events: told.events,
        from: if is_first { 0 } else { start },
        until: next.unwrap_or(Millis::MAX),
        offset: load.offset,
        span: (load.from, load.to),
    })
}

/// Whether nothing of the page load can be replayed.
pub fn playable(detail: &SessionDetail, tab: &TabId) -> bool {
    page_loads(detail).any(|(_, load)| load.tab == *tab && load.playable)
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
    use sentiero_core::api::{Batch, Moment, Signals};
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
            signals: Signals::default(),
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
    fn chooses_the_first_that_plays() {
        let detail = detail(&[
            ('a', 'x', 1, 9, false),
            ('b', 'x', 3, 9, true),
            ('c', 'x', 2, 5, true),
        ]);
        assert_eq!(choose(&detail, None), Some(tab_id('c')));
        assert_eq!(choose(&detail, Some(&tab_id('a'))), Some(tab_id('a')));
        assert_eq!(choose(&detail, Some(&tab_id('z'))), Some(tab_id('c')));
        assert_eq!(choose(&self::detail(&[]), None), None);
        let none = self::detail(&[('a', 'x', 2, 5, false), ('b', 'x', 1, 5, false)]);
        assert_eq!(choose(&none, None), Some(tab_id('b')));
        assert!(playable(&detail, &tab_id('b')) && !playable(&detail, &tab_id('a')));
    }

    #[test]
    fn opens_at_what_the_list_was_narrowed_to() {
        let mut detail = detail(&[('a', 'x', 1_000, 5, true), ('b', 'x', 20_500, 5, true)]);
        let moment = |tab, at| {
            Some(Moment {
                at,
                tab: tab_id(tab),
            })
        };
        detail.signals = Signals {
            error: moment('b', 23_400),
            rage: moment('a', 3_999),
            dead: None,
        };
        let opens = |query: &str| opening(&detail, &Filter::parse(query).unwrap());
        for (query, opened) in [
            ("", None),
            ("q=x", None),
            ("errors=true", Some((tab_id('b'), 2_000))),
            ("rage=true", Some((tab_id('a'), 2_000))),
            ("errors=true&rage=true", Some((tab_id('a'), 2_000))),
            ("dead=true", None),
            ("dead=true&errors=true", Some((tab_id('b'), 2_000))),
        ] {
            assert_eq!(opens(query), opened, "{query}");
        }
        // By the edge's clock, page loads may be the other way round.
        detail.tab_list[0].offset = 60_000;
        let both = Filter::parse("errors=true&rage=true").unwrap();
        assert_eq!(opening(&detail, &both), Some((tab_id('b'), 2_000)));
        detail.tab_list.clear();
        assert_eq!(opening(&detail, &both), None);
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
