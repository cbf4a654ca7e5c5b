//! Where the visitor clicked, and how far down the page was seen.
//!
//! A click belongs to an element: the frame draws it where that element is at the
//! moment that is shown, not where it was. What a click means (rage, dead) is
//! core's to say ([`ClickReader`]), so that the list's numbers and this agree; here it
//! is asked of all that is loaded, in order of time.

use crate::model::activity::{float, push_up_to, whole};
use crate::model::frame::Command;
use crate::model::pack::pack_fields;
use sentiero_core::digest::{ClickReader, REACH, Verdict};
use sentiero_core::event::{EventView, Kind};
use sentiero_core::id::Millis;
use sentiero_core::json;

/// Clicks, scrolls and changes that are kept.
const MOST: usize = 50_000;
/// Clicks that are drawn at once.
const DRAWN: usize = 500;
/// What the recorder says of a click's place comes this close to it, ms.
const AIM: Millis = 100;

/// A click as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Click {
    at: Millis,
    index: u32,
    node: u32,
    /// In the viewport, px.
    place: (i32, i32),
}

/// What the recorder's capture of clicks says besides.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Aim {
    at: Millis,
    node: u32,
    share: (f64, f64),
}

/// The document was scrolled, or its viewport is of this height.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Moved {
    at: Millis,
    index: u32,
    node: u32,
    x: f64,
    y: f64,
}

/// What was read so far.
#[derive(Clone, Debug, Default)]
pub struct Heat {
    root: Option<u32>,
    clicks: Vec<Click>,
    aims: Vec<Aim>,
    scrolls: Vec<Moved>,
    heights: Vec<(Millis, u32, u64)>,
    /// What is to be judged.
    read: ClickReader,
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
    pub fn event(&mut self, index: u32, view: &EventView) {
        if self.read.len() >= MOST {
            return;
        }
        self.read.view(view);
        if let Kind::Click { node, place, .. } = view.kind
            && let Ok(node) = u32::try_from(node)
        {
            self.clicks.push(Click {
                at: view.at,
                index,
                node,
                place,
            });
        }
    }

    /// Takes in a full snapshot.
    pub fn snapshot(&mut self, at: Millis, index: u32, data: &[u8]) {
        let root = json::get(data, "node").and_then(|node| id(node, "id"));
        let offset = json::get(data, "initialOffset").unwrap_or_default();
        if let Some(root) = root {
            self.root = Some(root);
            let side = |key| float(offset, key).unwrap_or(0.0);
            push(
                &mut self.scrolls,
                Moved {
                    at,
                    index,
                    node: root,
                    x: side("left"),
                    y: side("top"),
                },
            );
        }
    }

    /// Takes in the size of the viewport.
    pub fn viewport(&mut self, at: Millis, index: u32, data: &[u8]) {
        if let Some(height) = whole(data, "height").filter(|height| (1..100_000).contains(height)) {
            push(&mut self.heights, (at, index, height));
        }
    }

    /// Takes in an incremental event.
    pub fn incremental(&mut self, at: Millis, index: u32, source: u8, data: &[u8]) {
        match source {
            3 => {
                let place = (id(data, "id"), float(data, "x"), float(data, "y"));
                if let (Some(node), Some(x), Some(y)) = place {
                    push(
                        &mut self.scrolls,
                        Moved {
                            at,
                            index,
                            node,
                            x,
                            y,
                        },
                    );
                }
            }
            4 => self.viewport(at, index, data),
            _ => {}
        }
    }

    /// Takes in where in an element a click was.
    pub fn aimed(&mut self, at: Millis, _index: u32, payload: &[u8]) {
        let place = (id(payload, "id"), float(payload, "x"), float(payload, "y"));
        if let (Some(node), Some(x), Some(y)) = place
            && (0.0..=1.0).contains(&x)
            && (0.0..=1.0).contains(&y)
        {
            push(
                &mut self.aims,
                Aim {
                    at,
                    node,
                    share: (x, y),
                },
            );
        }
    }

    /// What the overlay shows. `loaded` are the parts of the recording that were
    /// read: of a click at the end of one nothing can be said.
    pub fn map(&self, loaded: &[(Millis, Millis)]) -> HeatMap {
        let mut scrolls: Vec<Moved> = self.scrolls.clone();
        scrolls.retain(|moved| self.root.is_none_or(|root| root == moved.node));
        scrolls.sort_by_key(|moved| (moved.at, moved.index));
        let mut heights = self.heights.clone();
        heights.sort_unstable();
        let mut clicks = self.clicks.clone();
        clicks.sort_by_key(|click| (click.at, click.index));
        let verdicts = self.read.clone().verdicts();
        let dot = |click: &Click| {
            let at = scrolls.partition_point(|moved| moved.at <= click.at);
            let (left, top) = at
                .checked_sub(1)
                .and_then(|at| scrolls.get(at))
                .map_or((0.0, 0.0), |moved| (moved.x, moved.y));
            let aim = self
                .aims
                .iter()
                .find(|aim| aim.at.abs_diff(click.at) <= AIM);
            let verdict = verdicts.get(&(click.at, click.place)).copied();
            let (rage, dead) = match verdict.unwrap_or_default() {
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
                x: f64::from(click.place.0) + left,
                y: f64::from(click.place.1) + top,
                share: aim.map(|aim| aim.share),
                rage,
                dead: known && dead,
            }
        };
        HeatMap {
            dots: clicks.iter().map(dot).collect(),
            depths: depths(&scrolls, &heights),
        }
    }
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

/// The ever deeper places, from what was scrolled and how high the viewport was.
fn depths(scrolls: &[Moved], heights: &[(Millis, u32, u64)]) -> Vec<Depth> {
    let mut depths: Vec<Depth> = Vec::new();
    for moved in scrolls {
        let at = heights.partition_point(|(at, ..)| *at <= moved.at).max(1) - 1;
        let Some((.., fold)) = heights.get(at) else {
            continue;
        };
        let bottom = super::number::whole(moved.y) + fold;
        if depths.last().is_none_or(|last| last.bottom < bottom) {
            depths.push(Depth {
                at: moved.at,
                bottom,
                fold: *fold,
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
    use proptest::prelude::*;

    const SNAPSHOT: &str = r#"{"type":2,"data":{"node":{"type":0,"childNodes":[],"id":1},"initialOffset":{"left":0,"top":100}},"timestamp":0}"#;

    fn map(events: &[(u64, &str)]) -> HeatMap {
        let mut activity = Activity::default();
        activity.event(1, SNAPSHOT.as_bytes());
        activity.event(
            0,
            br#"{"type":4,"data":{"href":"https://a/","width":10,"height":600},"timestamp":0}"#,
        );
        for (index, (at, event)) in (2..).zip(events) {
            activity.event(index, format!("{{{event},\"timestamp\":{at}}}").as_bytes());
        }
        activity.heat().map(&[(0, 100_000)])
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
    fn it_agrees_with_what_the_list_says() {
        use sentiero_core::digest::Digest;
        let focus = r#""type":3,"data":{"source":2,"type":5,"id":7}"#;
        let near = r#""type":3,"data":{"source":2,"type":2,"id":7,"x":19,"y":11}"#;
        let dead = r#""type":3,"data":{"source":2,"type":2,"id":7,"x":10,"y":20,"native":0}"#;
        let served = r#""type":3,"data":{"source":2,"type":2,"id":7,"x":10,"y":20,"native":1}"#;
        let far = r#""type":3,"data":{"source":2,"type":2,"id":7,"x":21,"y":20}"#;
        let ours = r#""type":5,"data":{"tag":"__click","payload":{"id":7,"x":0.5,"y":0.5}}"#;
        let own = r#""type":5,"data":{"tag":"bought","payload":{}}"#;
        let events = [
            (1_000, CLICK),
            (1_200, near),
            (1_500, CLICK),
            (1_501, CLICK),
            (5_000, CLICK),
            (5_100, far),
            (5_200, CLICK),
            (9_000, CLICK),
            (9_000, CHANGE),
            (12_000, CLICK),
            (12_500, CHANGE),
            (15_000, CLICK),
            (15_501, CHANGE),
            (20_000, focus),
            (20_100, CLICK),
            (25_000, CLICK),
            (25_100, ours),
            (30_000, CLICK),
            (30_100, own),
            (40_000, CHANGE),
            (40_000, CLICK),
            (50_000, focus),
            (50_100, dead),
            (60_000, served),
            (100_000, CHANGE),
        ];
        let dots = map(&events).dots;
        let lines = events.map(|(at, event)| format!("{{{event},\"timestamp\":{at}}}"));
        let tab = crate::model::tabs::tests::tab_id('a');
        let digest = Digest::from_events(&tab, lines.iter().map(String::as_bytes));
        let told = digest.clicked.judge(|_| Some(100_000));
        let dead = dots.iter().filter(|dot| dot.dead).count();
        assert_eq!(u32::try_from(dead).unwrap(), told.dead);
        let dead: Vec<_> = dots
            .iter()
            .filter(|dot| dot.dead)
            .map(|dot| dot.at)
            .collect();
        assert_eq!(
            dead,
            [
                1_501, 5_000, 5_100, 5_200, 9_000, 15_000, 25_000, 40_000, 50_100
            ]
        );
        let rage: Vec<_> = dots
            .iter()
            .filter(|dot| dot.rage > 0)
            .map(|dot| (dot.at, dot.rage))
            .collect();
        assert_eq!(rage, [(1_000, 3), (1_200, 3), (1_500, 3)]);
        assert_eq!(told.rage, [1_000]);
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
        heat.event(0, &clicked(1_000));
        assert!(heat.map(&[(0, 1_500)]).dots.iter().all(|dot| dot.dead));
        assert!(heat.map(&[(0, 1_499)]).dots.iter().all(|dot| !dot.dead));
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
                for at in order {
                    let index = u32::try_from(at).unwrap();
                    heat.event(index, &clicked(times[at]));
                }
                heat.map(&[(0, 30_000)])
            };
            prop_assert_eq!(feed(&mut (0..times.len())), feed(&mut (0..times.len()).rev()));
        }
    }
}
