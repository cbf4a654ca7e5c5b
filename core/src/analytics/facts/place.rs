//! Where things were: the window, the document in it, the pointer.

use super::series::Point;
use super::store::{Reader, Writer};
use crate::event::DOCUMENT;
use crate::id::Millis;

/// The largest window that is believed, px of a side.
pub const MAX_SIDE: u32 = 20_000;

/// The furthest place on a page that is believed, px.
pub const MAX_PLACE: u32 = 1_000_000;

/// The size of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Its width, px.
    pub width: u32,
    /// Its height, px.
    pub height: u32,
}

impl Size {
    /// None if it is not told.
    pub fn of((width, height): (u32, u32)) -> Option<Self> {
        let believed = 1..=MAX_SIDE;
        let is_size = believed.contains(&width) && believed.contains(&height);
        is_size.then_some(Self { width, height })
    }
}

impl Point for Size {
    const NARROWEST: u32 = 0;
    const MOST: usize = 1_024;

    fn apart(&self) -> u64 {
        0
    }

    fn gather(&mut self, _: &Self) {}

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.width.into());
        out.number(self.height.into());
    }

    fn read(_: Millis, input: &mut Reader<'_>) -> Option<Self> {
        Self::of((input.count()?, input.count()?))
    }
}

/// How far a document or an element was scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scroll {
    /// What was scrolled.
    pub node: u64,
    /// This says that `node` is the page's document from now on.
    pub is_root: bool,
    /// px from the left.
    pub x: u32,
    /// px from the top.
    pub y: u32,
    /// The furthest from the top within the same cell of time, px.
    pub deepest: u32,
}

/// Nodes that are told apart; a page has fewer.
const MAX_NODE: u64 = 1 << 40;

/// What is no place on a page is its nearest edge: some browsers bounce.
fn on_page(at: i32) -> u32 {
    u32::try_from(at).unwrap_or(0).min(MAX_PLACE)
}

impl Scroll {
    /// Where a document or an element was scrolled to.
    pub fn of(node: u64, (x, y): (i32, i32)) -> Self {
        let node = node.min(MAX_NODE);
        let (x, y) = (on_page(x), on_page(y));
        let (is_root, deepest) = (false, y);
        Self {
            node,
            is_root,
            x,
            y,
            deepest,
        }
    }

    /// Where a document was in a full snapshot.
    pub fn root(node: u64, place: (i32, i32)) -> Self {
        let is_root = true;
        Self {
            is_root,
            ..Self::of(node, place)
        }
    }
}

impl Default for Scroll {
    fn default() -> Self {
        Self::root(DOCUMENT, (0, 0))
    }
}

impl Point for Scroll {
    const NARROWEST: u32 = 0;
    const MOST: usize = 4_096;

    fn apart(&self) -> u64 {
        self.node * 2 + u64::from(self.is_root)
    }

    fn gather(&mut self, other: &Self) {
        self.deepest = self.deepest.max(other.deepest);
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.apart().cast_signed());
        out.number(self.x.into());
        out.number(self.y.into());
        out.number((self.deepest - self.y).into());
    }

    fn read(_: Millis, input: &mut Reader<'_>) -> Option<Self> {
        let apart = u64::try_from(input.number()?).ok()?;
        let place = |number: u32| number.min(MAX_PLACE);
        let (x, y) = (place(input.count()?), place(input.count()?));
        Some(Self {
            node: (apart / 2).min(MAX_NODE),
            is_root: apart % 2 == 1,
            x,
            y,
            deepest: place(y.saturating_add(input.count()?)),
        })
    }
}

/// Where in the window the pointer, or a finger, was last in a cell of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer {
    /// px from the left.
    pub x: u32,
    /// px from the top.
    pub y: u32,
    /// When it was first seen in that cell.
    pub first: Millis,
}

impl Pointer {
    pub(super) fn of(first: Millis, (x, y): (i32, i32)) -> Self {
        let in_window = |at: i32| on_page(at).min(MAX_SIDE);
        let (x, y) = (in_window(x), in_window(y));
        Self { x, y, first }
    }
}

impl Point for Pointer {
    // About a second.
    const NARROWEST: u32 = 10;
    const MOST: usize = 4_096;

    fn apart(&self) -> u64 {
        0
    }

    fn gather(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.x.into());
        out.number(self.y.into());
        out.since(self.first);
    }

    fn read(at: Millis, input: &mut Reader<'_>) -> Option<Self> {
        let (x, y) = (input.count()?.min(MAX_SIDE), input.count()?.min(MAX_SIDE));
        let first = at.saturating_sub(input.count()?.into());
        Some(Self { x, y, first })
    }
}
