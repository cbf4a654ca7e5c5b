//! What must be answered before all else.

use crate::ui::button::icon_button;
use crate::ui::fresh_id;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// A dialog that is there while `open`: the browser's own, so the focus stays in
/// it, Escape closes it, and the focus goes back to where it was.
pub(crate) fn dialog(
    open: RwSignal<bool>,
    title: &'static str,
    class: &'static str,
    body: impl Fn() -> Html + Send + Sync + 'static,
) -> Html {
    build(open, title, class, Arc::new(body))
}

type Body = Arc<dyn Fn() -> Html + Send + Sync>;

fn build(open: RwSignal<bool>, title: &'static str, class: &'static str, body: Body) -> Html {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let id = fresh_id();
    html! {
        <dialog class=format!("dialog {class}") node_ref=dialog aria-labelledby=id on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id=id.clone()>{title}</h2>
                {icon_button("Close", Icon::Close, move || open.set(false))}
            </div>
            {move || open.get().then(|| body())}
        </dialog>
    }
}
