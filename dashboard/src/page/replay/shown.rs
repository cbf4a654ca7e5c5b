//! What the replay screen shows, as signals.

use crate::model::activity::Row;
use crate::model::captures::Captures;
use crate::model::failure::Failure;
use crate::model::forms::Form;
use crate::model::frame::Drawn;
use crate::model::heat::HeatMap;
use crate::model::player::Phase;
use crate::model::rows::Gap;
use crate::model::timeline::Span;
use leptos::prelude::*;
use sentiero_core::id::{Millis, TabId};
use std::sync::Arc;

/// What the screen shows, as signals; a handle, cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) tab: RwSignal<Option<TabId>>,
    pub(super) span: RwSignal<Span>,
    pub(super) at: RwSignal<Millis>,
    /// What to add to it to have the edge's time.
    pub(super) ahead: RwSignal<i64>,
    pub(super) phase: RwSignal<Phase>,
    pub(super) playing: RwSignal<bool>,
    /// There is something to play.
    pub(super) playable: RwSignal<bool>,
    /// Something of the page load is still to come.
    pub(super) coming: RwSignal<bool>,
    pub(super) speed: RwSignal<u16>,
    pub(super) skip: RwSignal<bool>,
    /// At the end of a page load the next one is played.
    pub(super) joined: RwSignal<bool>,
    pub(super) skipped: RwSignal<Option<Gap>>,
    pub(super) failure: RwSignal<Option<Failure>>,
    pub(super) spans: RwSignal<Vec<(Millis, Millis)>>,
    pub(super) gaps: RwSignal<Arc<Vec<Gap>>>,
    pub(super) rows: RwSignal<Arc<Vec<Row>>>,
    pub(super) captures: RwSignal<Arc<Captures>>,
    pub(super) forms: RwSignal<Arc<Vec<Form>>>,
    pub(super) heat: RwSignal<Arc<HeatMap>>,
    pub(super) viewport: RwSignal<Option<(u32, u32)>>,
    /// A page is to be seen in the frame.
    pub(super) seen: RwSignal<bool>,
    /// What was drawn over the page, if anything was asked for.
    pub(super) over: RwSignal<Option<Drawn>>,
    /// Batches that could not be had.
    pub(super) damaged: RwSignal<u64>,
    /// What the player complained of last.
    pub(super) fault: RwSignal<Option<String>>,
}

impl Shown {
    pub(super) fn new() -> Self {
        Self {
            tab: RwSignal::new(None),
            span: RwSignal::new(Span::default()),
            at: RwSignal::new(0),
            ahead: RwSignal::new(0),
            phase: RwSignal::new(Phase::Loading),
            playing: RwSignal::new(false),
            playable: RwSignal::new(true),
            coming: RwSignal::new(true),
            speed: RwSignal::new(100),
            skip: RwSignal::new(true),
            joined: RwSignal::new(true),
            skipped: RwSignal::new(None),
            failure: RwSignal::new(None),
            spans: RwSignal::new(Vec::new()),
            gaps: RwSignal::new(Arc::new(Vec::new())),
            rows: RwSignal::new(Arc::new(Vec::new())),
            captures: RwSignal::new(Arc::default()),
            forms: RwSignal::new(Arc::default()),
            heat: RwSignal::new(Arc::default()),
            viewport: RwSignal::new(None),
            seen: RwSignal::new(false),
            over: RwSignal::new(None),
            damaged: RwSignal::new(0),
            fault: RwSignal::new(None),
        }
    }

    /// ms from the start of the page load.
    pub(super) fn offset(self) -> Millis {
        self.span.get().offset(self.at.get())
    }

    /// The same, for who does not follow it.
    pub(super) fn offset_untracked(self) -> Millis {
        self.span.get_untracked().offset(self.at.get_untracked())
    }
}

/// Sets a signal if that changes anything; gone signals are not an error.
pub(super) fn show<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_with_untracked(|shown| *shown != value) == Some(true) {
        let _ = signal.try_set(value);
    }
}
