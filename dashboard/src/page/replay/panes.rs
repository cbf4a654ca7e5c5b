//! The panes beside the player, and the row of tabs that chooses one.

use super::{Screen, activity, details};
use crate::model::captures::Fault;
use crate::model::pane::{self, Entry, Pane};
use crate::model::text;
use crate::page::stack;
use crate::ui::field::{Tab, search, tab_list};
use crate::ui::html::{Html, html};
use leptos::prelude::*;
use std::sync::Arc;

/// Tabs and panes.
pub(super) fn view(screen: Screen) -> Html {
    let chosen = RwSignal::new(Pane::default().slug());
    let tabs = Pane::ALL.map(|pane| tab(screen, pane)).into();
    let lists = [Pane::Console, Pane::Network, Pane::Errors, Pane::Forms];
    let lists = lists.map(|pane| panel(chosen, pane, move || list(screen, pane)));
    html! {
        <aside class="side" aria-label="What happened">
            {tab_list("Panes", tabs, chosen)}
            <div class="side-panel" id=panel_id(Pane::Activity) role="tabpanel" class:hidden=move || chosen.get() != Pane::Activity.slug()>
                {activity::view(screen)}
            </div>
            {lists.into_iter().collect_view()}
            <div class="side-panel" id=panel_id(Pane::Details) role="tabpanel" class:hidden=move || chosen.get() != Pane::Details.slug()>
                {details::view(screen)}
            </div>
        </aside>
    }
}

/// One that is built when it is chosen: what is not seen is not kept up to date.
fn panel(
    chosen: RwSignal<&'static str>,
    pane: Pane,
    show: impl Fn() -> Html + Send + 'static,
) -> Html {
    let open = Memo::new(move |_| chosen.get() == pane.slug());
    html! {
        <div class="side-panel" id=panel_id(pane) role="tabpanel" class:hidden=move || !open.get()>
            {move || open.get().then(&show)}
        </div>
    }
}

fn tab(screen: Screen, pane: Pane) -> Tab {
    let shown = screen.shown();
    let count = Memo::new(move |_| {
        shown
            .captures
            .with(|captures| shown.forms.with(|forms| pane.count(captures, forms)))
    });
    let said = move || {
        let count = u64::try_from(count.get()?).unwrap_or(u64::MAX);
        Some(text::number(count))
    };
    Tab {
        count: Signal::derive(said),
        bad: pane == Pane::Errors,
        ..Tab::new(pane.slug(), pane.title(), &panel_id(pane))
    }
}

fn panel_id(pane: Pane) -> String {
    format!("panel-{}", pane.slug())
}

fn list(screen: Screen, pane: Pane) -> Html {
    let shown = screen.shown();
    let query = RwSignal::new(String::new());
    let entries = Memo::new(move |_| {
        let all = shown
            .captures
            .with(|captures| shown.forms.with(|forms| pane.entries(captures, forms)));
        Arc::new(query.with(|query| pane::matching(all, query)))
    });
    let window = Memo::new(move |_| {
        let at = shown.at.get();
        entries.with(|entries| pane::window(entries, at))
    });
    // The last that has begun; the fields of a form are not in order of time.
    let current = Memo::new(move |_| {
        let at = shown.at.get();
        entries.with(|entries| {
            let begun = entries
                .iter()
                .enumerate()
                .filter(|(_, entry)| entry.at <= at);
            begun
                .max_by_key(|(place, entry)| (entry.at, *place))
                .map(|(place, _)| place)
        })
    });
    let rows = move || {
        let (window, entries) = (window.get(), entries.get());
        let slice = entries.get(window.clone()).unwrap_or_default().to_vec();
        window
            .zip(slice)
            .map(|(place, entry)| row(screen, place, entry, current))
            .collect_view()
    };
    let rest = move || {
        let (count, shown) = (entries.with(|entries| entries.len()), window.get().len());
        (count > shown).then(|| {
            let said = format!("{shown} of {count} around this moment; search to find others.");
            html! { <p class="pane-rest">{said}</p> }
        })
    };
    let empty = move || {
        let none = entries.with(|entries| entries.is_empty());
        let said = if query.with(|query| query.trim().is_empty()) {
            pane.empty()
        } else {
            "Nothing matches."
        };
        none.then(|| html! { <p class="activity-empty" role="status">{said}</p> })
    };
    html! {
        <div class="activity-head">
            {search(pane.searched(), "Search", query, NodeRef::new())}
        </div>
        <div class="pane" data-testid="pane">
            {empty}
            <ol>{rows}</ol>
            {rest}
        </div>
    }
}

fn row(screen: Screen, place: usize, entry: Entry, current: Memo<Option<usize>>) -> Html {
    let Entry {
        at,
        tone,
        label,
        detail,
        fault,
        badge,
    } = entry;
    let now = move || (current.get() == Some(place)).then_some("true");
    let offset = move || text::clock(screen.shown().span.get().offset(at));
    let detail = (!detail.is_empty()).then(|| html! { <span class="detail">{detail}</span> });
    let badge = (!badge.is_empty()).then(|| html! { <span class="pane-badge">{badge}</span> });
    let more = fault.filter(|fault| !fault.stack.is_empty());
    let more = more.map(|fault| stack_of(screen, fault));
    html! {
        <li class=format!("entry {}", tone.slug())>
            <button data-testid="pane-entry" data-at=at.to_string() aria-current=now on:click=move |_| screen.with_engine(|engine| engine.seek(at))>
                <span class="entry-text"><span class="label">{label}</span>{detail}</span>
                {badge}
                <span class="row-time">{offset}</span>
            </button>
            {more}
        </li>
    }
}

/// The stack of an error; source maps are looked for when it is opened.
fn stack_of(screen: Screen, fault: Fault) -> Html {
    let open = RwSignal::new(false);
    let fault = StoredValue::new(fault);
    let show = move || {
        let (site, sid) = (screen.site.get_value(), screen.sid.get_value());
        stack::view(screen.app, site, sid, fault.get_value())
    };
    html! {
        <details class="pane-more" on:toggle=move |_| open.set(true)>
            <summary>"Stack"</summary>
            {move || open.get().then(show)}
        </details>
    }
}
