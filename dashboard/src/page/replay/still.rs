//! A moment of a recording that stands still, for screens beside the replay: a page to draw
//! over.

use super::engine::Engine;
use super::shown::Shown;
use crate::app::App;
use crate::model::frame::{Command, Drawn, Over};
use crate::model::player::Phase;
use leptos::prelude::*;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::{Millis, SiteKey, TabId};
use std::sync::Arc;

/// What became of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) enum Still {
    /// It is on its way.
    Loading,
    /// It is shown, and this was drawn over it.
    Drawn(Drawn),
    /// It cannot be shown.
    Failed,
}

/// Shows the page of `detail` in `tab`, `at` ms after the tab's start, with `over` drawn over
/// it, in whatever element `stage` is given. The player is gone with its owner.
pub(in crate::page) fn still(
    app: App,
    site: SiteKey,
    detail: SessionDetail,
    (tab, at): &(TabId, Millis),
    over: Over,
    stage: Signal<Option<web_sys::HtmlElement>, LocalStorage>,
) -> Signal<Still> {
    let shown = Shown::new();
    let detail = Arc::new(detail);
    let known = RwSignal::new(Some(Arc::clone(&detail)));
    let engine = Engine::new(app, site, detail.row.sid.clone(), known, &shown);
    engine.prepare();
    engine.open(&detail, tab, Some(*at));
    let engine = StoredValue::new_local(engine);
    on_cleanup(move || {
        if let Some(engine) = engine.try_get_value() {
            engine.close();
        }
    });
    Effect::new(move |_| {
        if let (Some(stage), Some(engine)) = (stage.get(), engine.try_get_value()) {
            engine.stage(stage);
        }
    });
    Effect::new(move |_| {
        if shown.seen.get()
            && let Some(engine) = engine.try_get_value()
        {
            engine.send(Command::Over(over.clone()));
        }
    });
    Signal::derive(move || {
        let failed = shown.phase.get() == Phase::Unplayable
            || shown.failure.get().is_some()
            || shown.fault.get().is_some();
        match shown.over.get() {
            Some(drawn) => Still::Drawn(drawn),
            None if failed => Still::Failed,
            None => Still::Loading,
        }
    })
}
