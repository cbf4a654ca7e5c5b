//! Where the visitor clicked, and how far down the page was seen.
//!
//! A click belongs to an element: the frame draws it where that element is at the
//! moment that is shown, not where it was. What a click means (rage, dead) and where on the
//! page it was is core's to say ([`Clicks`]), so that the list's numbers, the reports' and
//! these agree.

use crate::model::activity::{float, push_up_to, whole};
use crate::model::frame::Command;
use crate::model::pack::pack_fields;
use sentiero_core::analytics::aim;
use sentiero_core::analytics::facts::{MAX_SIDE, Scroll, Size};
use sentiero_core::digest::{Clicks, REACH, Verdict};
use sentiero_core::event::{DOCUMENT, EventView, Kind};
use sentiero_core::id::Millis;

/// Clicks, scrolls and changes that are kept.
const MOST: usize = 50_000;
/// Clicks that are drawn at once.
const DRAWN: usize = 500;

/// A click as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Click {
    at: Millis,
    node: u32,
    /// In the viewport, px.
    place: (i32, i32),
}

/// What the recorder's capture of clicks says besides.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Aim {
    node: u32,
    share: (f64, f64),
}

/// Something at a moment. Of two at one moment that holds which sorts last, as in core.
type Told<T> = (Millis, T);

/// What was read so far.
#[derive(Clone, Debug, Default)]
pub struct Heat {
    clicks: Vec<Click>,
    aims: Vec<Told<Aim>>,
    scrolls: Vec<Told<Scroll>>,
    sizes: Vec<Told<Size>>,
}

/// A click as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// When, by the visitor's clock.
    pub at: Millis,
    /// The element, as the recording knows it.
    pub node: u32,
    /// In the document, px.
    pub x: f64,
    /// In the document, px.
    pub y: f64,
    /// In the element, 0 to 1, where that is known.
    pub share: Option<(f64, f64)>,
    /// How many clicks in this place it is one of; 0 unless they are rage.
    pub rage: u32,
    /// The page did not answer to it.
    pub dead: bool,
}

/// How far down the page was seen, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Since when.
    pub at: Millis,
    /// The lower edge of what was seen, px from the top of the document.
    pub bottom: u64,
    /// The lower edge of what is seen without scrolling.
    pub fold: u64,
}

/// What the overlay is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// In order of time.
    pub dots: Vec<Dot>,
    /// In order of time, each deeper than the one before.
    pub depths: Vec<Depth>,
}

/// Which clicks are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// Up to the playhead.
    #[default]
    SoFar,
    /// Half a minute around the playhead.
    Near,
    /// All of the page load.
    All,
}

impl Range {
    /// Every range, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::SoFar, Self::Near, Self::All];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::SoFar => "So far",
            Self::Near => "±15 s",
            Self::All => "All",
        }
    }

    fn takes(self, at: Millis, now: Millis) -> bool {
        match self {
            Self::SoFar => at <= now,
            Self::Near => at.abs_diff(now) <= 15_000,
            Self::All => true,
        }
    }
}

/// How many clicks of a kind are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub clicks: usize,
    /// Of these, rage.
    pub rage: usize,
    /// Of these, dead.
    pub dead: usize,
}

impl HeatMap {
    /// The clicks of `range` with the playhead at `now`.
    pub fn shown(&self, range: Range, now: Millis) -> Vec<&Dot> {
        let taken = |dot: &&Dot| range.takes(dot.at, now);
        self.dots.iter().filter(taken).collect()
    }

    /// The same for the frame, the latest if they are very many.
    pub fn command(&self, range: Range, now: Millis) -> Command {
        let dots = self.shown(range, now);
        let latest = dots.len().saturating_sub(DRAWN);
        let depth = self.depth(range, now);
        Command::Heat {
            dots: dots.iter().skip(latest).map(|dot| dot.spot()).collect(),
            bottom: depth.map_or(0, |depth| depth.bottom),
            fold: depth.map_or(0, |depth| depth.fold),
        }
    }

    /// How far the page was seen by `now`.
    pub fn depth(&self, range: Range, now: Millis) -> Option<Depth> {
        let begun = |depth: &&Depth| range == Range::All || depth.at <= now;
        self.depths.iter().rfind(begun).copied()
    }

    /// How many they are.
    pub fn counts(dots: &[&Dot]) -> Counts {
        Counts {
            clicks: dots.len(),
            rage: dots.iter().filter(|dot| dot.rage > 0).count(),
            dead: dots.iter().filter(|dot| dot.dead).count(),
        }
    }
}

impl Dot {
    /// As the frame reads it, see [`Command::Heat`].
    fn spot(&self) -> [u64; 7] {
        let kind = match (self.rage, self.dead) {
            (1.., _) => 2,
            (0, true) => 1,
            (0, false) => 0,
        };
        let (known, (x, y)) = match self.share {
            Some((x, y)) => (1, (x * 10_000.0, y * 10_000.0)),
            None => (0, (self.x, self.y)),
        };
        let whole = super::number::whole;
        [
            self.node.into(),
            kind,
            self.rage.into(),
            known,
            whole(x),
            whole(y),
            self.at,
        ]
    }
}

impl Depth {
    /// In viewports: `2.7`.
    pub fn screens(self) -> String {
        let tenths = self.bottom * 10 / self.fold.max(1);
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

impl Heat {
    /// Takes in an event of any kind.
    pub fn event(&mut self, view: &EventView) {
        let at = view.at;
        match &view.kind {
            Kind::Click { node, place, .. } => {
                let (node, place) = (u32::try_from(*node).unwrap_or_default(), *place);
                push(&mut self.clicks, Click { at, node, place });
            }
            Kind::FullSnapshot { root, scrolled } => {
                push(&mut self.scrolls, (at, Scroll::root(*root, *scrolled)));
            }
            Kind::Scrolled { node, to } => {
                push(&mut self.scrolls, (at, Scroll::of(*node, *to)));
            }
            Kind::Meta { size, .. } | Kind::Resized { size } => {
                if let Some(size) = Size::of(*size) {
                    push(&mut self.sizes, (at, size));
                }
            }
            _ => {}
        }
    }

    /// Takes in where in an element a click was.
    pub fn aimed(&mut self, at: Millis, payload: &[u8]) {
        let place = (id(payload, "id"), float(payload, "x"), float(payload, "y"));
        if let (Some(node), Some(x), Some(y)) = place
            && (0.0..=1.0).contains(&x)
            && (0.0..=1.0).contains(&y)
        {
            let share = (x, y);
            push(&mut self.aims, (at, Aim { node, share }));
        }
    }

    /// What the overlay shows. `clicked` is what core keeps of the clicks. `loaded` are the
    /// parts of the recording that were read: of a click at the end of one nothing can be said.
    pub fn map(&self, clicked: &Clicks, loaded: &[(Millis, Millis)]) -> HeatMap {
        let positions = self.positions();
        let mut sizes = self.sizes.clone();
        sizes.sort_unstable();
        let mut aims = self.aims.clone();
        aims.sort_by_key(|(at, aim)| (*at, aim.node));
        let mut clicks = self.clicks.clone();
        clicks.sort_by_key(|click| (click.at, click.place, click.node));
        // Core knows one click of a moment and a place.
        clicks.dedup_by_key(|click| (click.at, click.place));
        // Whether the page load was recorded on is asked below, of the parts.
        let judged = clicked.judged(|_| Some(Millis::MAX));
        let dot = |click: &Click| {
            let last = before(&positions, click.at);
            let (left, top) = last.map_or((0, 0), |scroll| (scroll.x, scroll.y));
            let size = size_at(&sizes, click.at);
            let (width, height) =
                size.map_or((MAX_SIDE, MAX_SIDE), |size| (size.width, size.height));
            let aim = aim(&aims, click.at);
            let key = (click.at, click.place);
            let place = judged.binary_search_by(|judged| (judged.at, judged.place).cmp(&key));
            let verdict = place.ok().and_then(|place| judged.get(place));
            let (rage, dead) = match verdict.map_or(Verdict::Fine, |judged| judged.verdict) {
                Verdict::Fine => (0, false),
                Verdict::Dead => (0, true),
                Verdict::Rage { of, .. } => (u32::try_from(of).unwrap_or(u32::MAX), false),
            };
            let known = loaded
                .iter()
                .any(|(from, to)| *from <= click.at && click.at + REACH <= *to);
            Dot {
                at: click.at,
                node: aim.map_or(click.node, |aim| aim.node),
                x: on_page(left, click.place.0, width),
                y: on_page(top, click.place.1, height),
                share: aim.map(|aim| aim.share),
                rage,
                dead: known && dead,
            }
        };
        HeatMap {
            dots: clicks.iter().map(dot).collect(),
            depths: depths(&positions, &sizes),
        }
    }

    /// Where the document was scrolled to, in order of time: a snapshot says which node it is.
    fn positions(&self) -> Vec<Told<Scroll>> {
        let mut scrolls = self.scrolls.clone();
        scrolls.sort_by_key(|(at, scroll)| (*at, !scroll.is_root, *scroll));
        let mut root = DOCUMENT;
        scrolls.retain(|(_, scroll)| {
            if scroll.is_root {
                root = scroll.node;
            }
            scroll.node == root
        });
        scrolls
    }
}

/// The last that was told up to `at`.
fn before<T>(told: &[Told<T>], at: Millis) -> Option<&T> {
    let next = told.partition_point(|(when, _)| *when <= at);
    let (_, last) = told.get(next.checked_sub(1)?)?;
    Some(last)
}

/// The size of the window; the first that was told if none was yet.
fn size_at(sizes: &[Told<Size>], at: Millis) -> Option<&Size> {
    before(sizes, at).or_else(|| sizes.first().map(|(_, size)| size))
}

/// A place of the window on the page; what is outside of the window is at its edge.
fn on_page(scrolled: u32, at: i32, side: u32) -> f64 {
    f64::from(scrolled + u32::try_from(at).unwrap_or(0).min(side))
}

pack_fields!(Dot {
    at,
    node,
    x,
    y,
    share,
    rage,
    dead
});
pack_fields!(Depth { at, bottom, fold });
pack_fields!(HeatMap { dots, depths });

/// The ever deeper places, from what was scrolled and how high the window was.
fn depths(positions: &[Told<Scroll>], sizes: &[Told<Size>]) -> Vec<Depth> {
    let mut depths: Vec<Depth> = Vec::new();
    for (at, scroll) in positions {
        let Some(size) = size_at(sizes, *at) else {
            continue;
        };
        let (fold, bottom) = (u64::from(size.height), u64::from(scroll.y + size.height));
        if depths.last().is_none_or(|last| last.bottom < bottom) {
            depths.push(Depth {
                at: *at,
                bottom,
                fold,
            });
        }
    }
    depths
}

fn id(object: &[u8], key: &str) -> Option<u32> {
    whole(object, key).and_then(|id| u32::try_from(id).ok())
}

fn push<T>(list: &mut Vec<T>, entry: T) {
    push_up_to(MOST, list, entry);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::activity::Activity;
    use crate::model::tabs::tests::tab_id;
    use proptest::prelude::*;
    use sentiero_core::digest::Digest;

    const SNAPSHOT: &str = r#"{"type":2,"data":{"node":{"type":0,"childNodes":[],"id":1},"initialOffset":{"left":0,"top":100}},"timestamp":0}"#;

    const META: &str =
        r#"{"type":4,"data":{"href":"https://a/","width":100,"height":600},"timestamp":0}"#;

    fn map(events: &[(u64, &str)]) -> HeatMap {
        let mut activity = Activity::default();
        let mut views = Vec::new();
        views.extend(activity.event(1, SNAPSHOT.as_bytes()));
        views.extend(activity.event(0, META.as_bytes()));
        for (index, (at, event)) in (2..).zip(events) {
            let event = format!("{{{event},\"timestamp\":{at}}}");
            views.extend(activity.event(index, event.as_bytes()));
        }
        shown(activity.heat(), views, (0, 100_000))
    }

    fn shown(heat: &Heat, views: Vec<EventView>, loaded: (Millis, Millis)) -> HeatMap {
        let digest = Digest::without_facts(&tab_id('a'), views);
        heat.map(&digest.clicked, &[loaded])
    }

    const CLICK: &str = r#""type":3,"data":{"source":2,"type":2,"id":7,"x":10,"y":20}"#;
    const CHANGE: &str = r#""type":3,"data":{"source":0,"adds":[]}"#;

    fn clicked(at: Millis) -> EventView {
        let (node, place) = (7, (1, 1));
        EventView {
            at,
            kind: Kind::Click {
                node,
                place,
                native: None,
            },
        }
    }

    #[test]
    fn clicks_lie_in_the_document() {
        let map = map(&[
            (1_000, CLICK),
            (1_100, CHANGE),
            (
                2_000,
                r#""type":3,"data":{"source":3,"id":1,"x":5,"y":900}"#,
            ),
            (2_500, r#""type":3,"data":{"source":3,"id":9,"x":0,"y":50}"#),
            (5_000, CLICK),
            (
                5_010,
                r#""type":5,"data":{"tag":"__click","payload":{"selector":"a","id":6,"x":0.5,"y":0.25}}"#,
            ),
        ]);
        let places: Vec<_> = map
            .dots
            .iter()
            .map(|dot| (dot.node, dot.x, dot.y, dot.share, dot.dead))
            .collect();
        assert_eq!(
            places,
            [
                (7, 10.0, 120.0, None, false),
                (6, 15.0, 920.0, Some((0.5, 0.25)), true)
            ]
        );
    }

    #[test]
    fn three_quick_clicks_are_rage() {
        let map = map(&[
            (1_000, CLICK),
            (1_250, CLICK),
            (1_500, CLICK),
            (9_000, CLICK),
            (9_500, CLICK),
        ]);
        let rage: Vec<_> = map.dots.iter().map(|dot| dot.rage).collect();
        assert_eq!(rage, [3, 3, 3, 0, 0]);
        let shown = map.shown(Range::All, 0);
        assert_eq!(
            HeatMap::counts(&shown),
            Counts {
                clicks: 5,
                rage: 3,
                dead: 2
            }
        );
    }

    #[test]
    fn a_click_at_the_edge_of_what_is_known_is_not_called_dead() {
        let mut heat = Heat::default();
        heat.event(&clicked(1_000));
        let dead = |to| {
            let map = shown(&heat, vec![clicked(1_000)], (0, to));
            map.dots.iter().filter(|dot| dot.dead).count()
        };
        assert_eq!((dead(1_500), dead(1_499)), (1, 0));
    }

    #[test]
    fn what_the_frame_is_told() {
        let map = map(&[
            (1_000, CLICK),
            (1_200, CLICK),
            (1_400, CLICK),
            (9_000, CLICK),
            (9_001, CHANGE),
            (
                9_010,
                r#""type":5,"data":{"tag":"__click","payload":{"selector":"a","id":6,"x":0.5,"y":0.25}}"#,
            ),
            (20_000, CLICK),
        ]);
        let told = map.command(Range::SoFar, 30_000);
        let Command::Heat { dots, bottom, fold } = told else {
            panic!("{told:?}")
        };
        assert_eq!((bottom, fold, dots.len()), (700, 600, 5));
        assert_eq!(dots[0], [7, 2, 3, 0, 10, 120, 1_000]);
        assert_eq!(dots[3], [6, 0, 0, 1, 5_000, 2_500, 9_000]);
        assert_eq!(dots[4], [7, 1, 0, 0, 10, 120, 20_000]);
    }

    #[test]
    fn depth_grows() {
        let scroll = |y: u32| format!(r#""type":3,"data":{{"source":3,"id":1,"x":0,"y":{y}}}"#);
        let (far, back, farther) = (scroll(400), scroll(0), scroll(1_000));
        let map = map(&[(10, &far), (20, &back), (30, &farther)]);
        let depth = |range, now| map.depth(range, now).map(|depth| depth.bottom);
        assert_eq!(depth(Range::SoFar, 5), Some(700));
        assert_eq!(depth(Range::SoFar, 25), Some(1_000));
        assert_eq!(depth(Range::All, 0), Some(1_600));
        assert_eq!(map.depths.first().map(|depth| depth.fold), Some(600));
        assert_eq!(
            map.depth(Range::All, 0).map(Depth::screens).as_deref(),
            Some("2.6")
        );
    }

    #[test]
    fn by_time() {
        let map = map(&[(1_000, CLICK), (20_000, CLICK), (60_000, CLICK)]);
        let count = |range, now| map.shown(range, now).len();
        assert_eq!(
            (
                count(Range::SoFar, 20_000),
                count(Range::Near, 30_000),
                count(Range::All, 0)
            ),
            (2, 1, 3)
        );
    }

    proptest! {
        #[test]
        fn order_does_not_matter(times in prop::collection::vec(0u64..20_000, 0..12)) {
            let feed = |order: &mut dyn Iterator<Item = usize>| {
                let mut heat = Heat::default();
                let mut views = Vec::new();
                for at in order {
                    heat.event(&clicked(times[at]));
                    views.push(clicked(times[at]));
                }
                shown(&heat, views, (0, 30_000))
            };
            prop_assert_eq!(feed(&mut (0..times.len())), feed(&mut (0..times.len()).rev()));
        }
    }
}
