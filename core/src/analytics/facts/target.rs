//! Which elements were clicked.

use super::MAX_SELECTOR_BYTES;
use super::notes::Note;
use super::store::{Reader, Writer};
use crate::digest::told;
use alloc::string::String;

/// Shares are in this many parts of an element.
pub const PARTS: u32 = 10_000;

/// An element that was clicked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its name.
    pub selector: String,
    /// Where in it, in [`PARTS`] of its width and height.
    pub share: (u32, u32),
}

impl Target {
    /// None if its name may not be kept.
    pub(super) fn of(selector: &str, (x, y): (f64, f64)) -> Option<Self> {
        Some(Self {
            selector: told(selector, MAX_SELECTOR_BYTES)?,
            share: (parts(x), parts(y)),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to PARTS"
)]
fn parts(share: f64) -> u32 {
    let parts = share.clamp(0.0, 1.0) * f64::from(PARTS) + 0.5;
    // A share that is none is 0.
    parts as u32
}

impl Note for Target {
    const MOST: usize = 128 * 1_024;

    fn texts(&self) -> impl Iterator<Item = &str> {
        core::iter::once(&*self.selector)
    }

    fn weight(&self) -> usize {
        32
    }

    fn write<'a>(&'a self, out: &mut Writer<'a>) {
        out.text(&self.selector);
        out.number(self.share.0.into());
        out.number(self.share.1.into());
    }

    fn read(input: &mut Reader<'_>) -> Option<Self> {
        let selector = input.text()?;
        let (x, y) = (input.count()?.min(PARTS), input.count()?.min(PARTS));
        let share = (x, y);
        Some(Self { selector, share })
    }
}
