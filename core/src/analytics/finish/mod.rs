//! A [`Session`] from its [`Digest`]: here what was kept with its time is judged.
//!
//! Formulas and thresholds are those of the tool that this one follows, unless said
//! otherwise. Where they differ, it is so that every place of the product says the same: a
//! click is dead here if it is in the list of sessions and in the replay.

mod attention;
mod clicks;
mod forms;
mod marks;
mod pages;
mod summary;

pub use clicks::{AIM, aim};
pub use forms::{Filled, Touch, filled};
pub use pages::page_after;

use super::session::{Name, Session, Topic};
use crate::digest::Digest;
use crate::id::{Millis, TabId};
use alloc::collections::BTreeMap;
use pages::Pages;

/// A page load, as far as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Its first and last event, by the visitor's clock.
    pub span: (Millis, Millis),
    /// What its recorder adds to the visitor's clock to have the edge's, ms.
    pub offset: i64,
}

impl Session {
    /// The session that began at `start`, by the edge's clock, and had these page loads.
    pub fn of(digest: &Digest, start: Millis, loads: &BTreeMap<TabId, Load>) -> Self {
        let mut session = Self::default();
        let pages = Pages::of(digest, start, loads);
        pages.tell(&mut session);
        clicks::tell(&pages, &mut session);
        attention::tell(&pages, &mut session);
        forms::tell(&pages, &mut session);
        marks::tell(&pages, &mut session);
        summary::tell(&pages, &mut session);
        session
    }

    fn name(&mut self, topic: Topic, text: &str) -> Name {
        self.names_mut(topic).name(text)
    }
}

#[cfg(test)]
mod tests;
