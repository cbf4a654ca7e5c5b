//! What a digest keeps for [`Session`](super::session::Session): facts with their times.
//!
//! Batches come in any order, and nearly everything that a report tells lies across their
//! cuts: where the page was scrolled to when it was clicked, which page a field was on. So
//! nothing is judged here. Each fact has its time and its page load, and facts of two batches
//! are put together.
//!
//! **Invariant**: a commutative monoid under [`Facts::merge`], however a visit is cut. A
//! [`Series`] keeps one fact in a cell of time; cells become wider when there are too many,
//! by a rule that follows from the facts alone. [`Notes`] keep texts; too much of them is cut
//! at the end. Both bounds are far beyond what a person does in a day: they keep a program
//! from filling a row.
//!
//! **Privacy**: all of it is derived from events that are stored. What was masked is not kept
//! as a name; of what was typed, nothing is read.

mod form;
mod mark;
mod notes;
mod place;
mod series;
mod store;
mod target;
mod vital;

pub use form::{FieldName, Input, Submit};
pub use mark::{Mark, Number, Occurrence};
pub use place::{MAX_PLACE, MAX_SIDE, Pointer, Scroll, Size};
pub use target::{PARTS, Target};
pub use vital::Vital;

use crate::digest::{earlier, told};
use crate::event::{EventView, Kind, Said};
use crate::id::{Millis, TabId};
use alloc::string::String;
use notes::Notes;
use series::Series;

/// Bytes of a custom event's, a number's or a field's name that are kept.
pub const MAX_NAME_BYTES: usize = 64;

/// Bytes of what a field is called that are kept: 100 characters, mostly.
pub const MAX_LABEL_BYTES: usize = 128;

/// Bytes of an element's name that are kept.
pub const MAX_SELECTOR_BYTES: usize = 256;

/// Bytes of one value of a campaign that are kept.
pub const MAX_CAMPAIGN_BYTES: usize = 128;

/// When something was, and in which page load.
pub type Moment<'a> = (Millis, &'a TabId);

/// What is kept of a session's events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    sizes: Series<Size>,
    scrolls: Series<Scroll>,
    pointer: Series<Pointer>,
    inputs: Series<Input>,
    vitals: Series<Vital>,
    targets: Notes<Target>,
    fields: Notes<FieldName>,
    submits: Notes<Submit>,
    marks: Notes<Mark>,
    campaign: Option<(Millis, [String; 5])>,
}

impl Facts {
    /// Takes in an event; [`Facts::settle`] follows the last one of a batch.
    pub(crate) fn view(&mut self, tab: &TabId, view: &EventView) {
        let at = view.at;
        match &view.kind {
            Kind::Meta { size, .. } | Kind::Resized { size } => {
                self.sizes.add_some(at, tab, Size::of(*size));
            }
            Kind::FullSnapshot { root, scrolled } => {
                self.scrolls.add(at, tab, Scroll::root(*root, *scrolled));
            }
            Kind::Scrolled { node, to } => self.scrolls.add(at, tab, Scroll::of(*node, *to)),
            Kind::Click { place, .. } | Kind::Tap { place } | Kind::Deed { place: Some(place) } => {
                self.pointer.add(at, tab, Pointer::of(at, *place));
            }
            Kind::Input { node } => self.inputs.add(at, tab, Input::of(at, *node)),
            Kind::Custom { tag, said } => self.custom(at, tab, tag, said),
            _ => {}
        }
    }

    fn custom(&mut self, at: Millis, tab: &TabId, tag: &str, said: &Said) {
        match said {
            Said::Nothing => {}
            Said::Numbers(numbers) => self.marks.add_some(at, tab, Mark::custom(tag, numbers)),
            Said::Error(fault) => self.marks.add(at, tab, Mark::error(fault)),
            Said::Target { selector, share } => {
                self.targets.add_some(at, tab, Target::of(selector, *share));
            }
            Said::Submit(form) => self.submits.add(at, tab, Submit::of(form)),
            Said::Field { node, names } => {
                self.fields.add_some(at, tab, FieldName::of(*node, names));
            }
            Said::Vital { metric, value } => {
                self.vitals.add_some(at, tab, Vital::of(metric, *value));
            }
            Said::Campaign(campaign) => self.come_by(at, campaign),
        }
    }

    /// The first page that names a campaign says by which the visitor came.
    fn come_by(&mut self, at: Millis, campaign: &[String; 5]) {
        let name = |text: &String| told(text, MAX_CAMPAIGN_BYTES).unwrap_or_default();
        let campaign = campaign.each_ref().map(name);
        if campaign.iter().any(|text| !text.is_empty()) {
            let found = Some((at, campaign));
            self.campaign = earlier(self.campaign.take(), found);
        }
    }

    /// Keeps what there is room for.
    pub(crate) fn settle(&mut self) {
        self.sizes.settle();
        self.scrolls.settle();
        self.pointer.settle();
        self.inputs.settle();
        self.vitals.settle();
        self.targets.settle();
        self.fields.settle();
        self.submits.settle();
        self.marks.settle();
    }

    /// Adds others of the same session.
    pub fn merge(&mut self, other: Self) {
        self.sizes.merge(other.sizes);
        self.scrolls.merge(other.scrolls);
        self.pointer.merge(other.pointer);
        self.inputs.merge(other.inputs);
        self.vitals.merge(other.vitals);
        self.targets.merge(other.targets);
        self.fields.merge(other.fields);
        self.submits.merge(other.submits);
        self.marks.merge(other.marks);
        self.campaign = earlier(self.campaign.take(), other.campaign);
    }

    /// Takes out what the site's server told.
    pub fn forget_server(&mut self) {
        self.marks.forget(TabId::is_server);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// About how much memory they take, bytes.
    pub fn weight(&self) -> usize {
        let series = self.sizes.len()
            + self.scrolls.len()
            + self.pointer.len()
            + self.inputs.len()
            + self.vitals.len();
        let notes = self.targets.weight()
            + self.fields.weight()
            + self.submits.weight()
            + self.marks.weight();
        let campaign = self.campaign.iter().flat_map(|(_, texts)| texts);
        series * series::ENTRY + notes + campaign.map(String::len).sum::<usize>()
    }

    /// Sizes of windows, in order of time.
    pub fn sizes(&self) -> impl Iterator<Item = (Moment<'_>, &Size)> {
        self.sizes.all()
    }

    /// Where documents and elements were scrolled to, in order of time.
    pub fn scrolls(&self) -> impl Iterator<Item = (Moment<'_>, &Scroll)> {
        self.scrolls.all()
    }

    /// Where the pointer was, in order of time.
    pub fn pointer(&self) -> impl Iterator<Item = (Moment<'_>, &Pointer)> {
        self.pointer.all()
    }

    /// For how long each of [`Facts::pointer`] stands, ms.
    pub fn pointer_cell(&self) -> Millis {
        self.pointer.cell()
    }

    /// Fields that were filled in, in order of time.
    pub fn inputs(&self) -> impl Iterator<Item = (Moment<'_>, &Input)> {
        self.inputs.all()
    }

    /// Web vitals, in order of time.
    pub fn vitals(&self) -> impl Iterator<Item = (Moment<'_>, &Vital)> {
        self.vitals.all()
    }

    /// Elements that were clicked, in order of time.
    pub fn targets(&self) -> impl Iterator<Item = (Moment<'_>, &Target)> {
        self.targets.all()
    }

    /// What fields are called, in order of time.
    pub fn fields(&self) -> impl Iterator<Item = (Moment<'_>, &FieldName)> {
        self.fields.all()
    }

    /// Forms that were sent, in order of time.
    pub fn submits(&self) -> impl Iterator<Item = (Moment<'_>, &Submit)> {
        self.submits.all()
    }

    /// Custom events of the page's own, and errors, in order of time.
    pub fn marks(&self) -> impl Iterator<Item = (Moment<'_>, &Mark)> {
        self.marks.all()
    }

    /// By which campaign the visitor came: source, medium, campaign, term, content; empty
    /// texts for what is not known.
    pub fn campaign(&self) -> Option<&[String; 5]> {
        self.campaign.as_ref().map(|(_, campaign)| campaign)
    }
}

#[cfg(test)]
pub(crate) mod tests;
