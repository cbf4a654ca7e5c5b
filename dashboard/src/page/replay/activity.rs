//! What happened, as a list that follows playback.
//!
//! Only the rows that can be seen are in the document: a recording may have
//! fifty thousand.

use super::{Screen, stage};
use crate::model::activity::{Kind, Row};
use crate::model::missing::Unlisted;
use crate::model::pane::Pane;
use crate::model::rows::{self, Filter};
use crate::model::{text, timeline::Span};
use crate::platform;
use crate::ui::field::search;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::html;
use leptos::prelude::*;
use sentiero_core::id::Millis;
use std::sync::Arc;

/// Height of a row, px; style.css has the same.
const ROW: usize = 44;
/// After the viewer scrolled, the list leaves them alone for this long, ms.
const LEAVE_ALONE: Millis = 4_000;

/// The list with its filter.
pub(super) fn view(screen: Screen) -> Html {
    let shown = screen.shown();
    let filter = RwSignal::new(Filter::default());
    let query = RwSignal::new(String::new());
    Effect::new(move |_| {
        let query = query.get();
        if filter.with_untracked(|filter| filter.query != query) {
            filter.update(|filter| filter.query = query);
        }
    });
    let visible = Memo::new(move |_| {
        shown
            .rows
            .with(|rows| filter.with(|filter| Arc::new(filter.apply(rows))))
    });
    let present = Memo::new(move |_| shown.rows.with(|rows| stage::kinds_present(rows)));
    let current = Memo::new(move |_| {
        let at = shown.at.get();
        shown
            .rows
            .with(|rows| visible.with(|visible| rows::current(rows, visible, at)))
    });
    let chips = move || {
        present
            .get()
            .into_iter()
            .map(|(kind, count)| chip(filter, kind, count))
            .collect_view()
    };
    html! {
        <div class="activity-head">
            {search(Pane::Activity.searched(), "Search", query, NodeRef::new())}
            <div class="chips" role="group" aria-label="Kinds of activity">{chips}</div>
        </div>
        {list(screen, visible, current, filter)}
    }
}

fn chip(filter: RwSignal<Filter>, kind: Kind, count: usize) -> Html {
    let pressed = move || filter.with(|filter| filter.kinds.contains(&kind));
    html! {
        <button
            class=format!("chip kind-{}", kind.slug())
            aria-pressed=move || pressed().to_string()
            on:click=move |_| filter.update(|filter| filter.toggle(kind))
        >
            <span class="chip-dot"></span>
            {kind.title()}
            <span class="chip-count">{text::number(u64::try_from(count).unwrap_or(0))}</span>
        </button>
    }
}

fn list(
    screen: Screen,
    visible: Memo<Arc<Vec<usize>>>,
    current: Memo<Option<usize>>,
    filter: RwSignal<Filter>,
) -> Html {
    let shown = screen.shown();
    let scroller = NodeRef::<html::Div>::new();
    let (top, set_top) = signal(0_usize);
    let (height, set_height) = signal(800_usize);
    let touched = StoredValue::new(0_u64);
    let measure = move || {
        if let Some(scroller) = scroller.get_untracked() {
            set_top.set(px(scroller.scroll_top()));
            set_height.set(px(scroller.client_height()).max(ROW));
        }
    };
    Effect::new(move |_| {
        scroller.track();
        measure();
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    // Another filter or tab is another list.
    Effect::new(move |_| {
        filter.track();
        shown.tab.track();
        if let Some(scroller) = scroller.get_untracked() {
            scroller.set_scroll_top(0);
        }
    });
    Effect::new(move |_| {
        let (Some(current), Some(scroller)) = (current.get(), scroller.get()) else {
            return;
        };
        let left_alone = platform::now().saturating_sub(touched.get_value()) > LEAVE_ALONE;
        if left_alone {
            follow(&scroller, current);
        }
    });
    let window = Memo::new(move |_| {
        rows::window(
            visible.with(|visible| visible.len()),
            ROW,
            top.get(),
            height.get(),
        )
    });
    let slice = move || {
        let window = window.get();
        let (rows, visible) = (shown.rows.get(), visible.get());
        let wanted = visible.get(window.clone()).unwrap_or_default().to_vec();
        window
            .zip(wanted)
            .filter_map(|(place, index)| rows.get(index).map(|row| (place, row.clone())))
            .collect::<Vec<_>>()
    };
    let touch = move || touched.set_value(platform::now());
    let empty = move || {
        visible
            .with(|visible| visible.is_empty())
            .then(|| nothing(screen))
    };
    html! {
        <div
            class="activity"
            node_ref=scroller
            on:scroll=move |_| measure()
            on:wheel=move |_| touch()
            on:touchmove=move |_| touch()
            on:pointerdown=move |_| touch()
        >
            {empty}
            <ol style=move || format!("height:{}px", visible.with(|visible| visible.len()) * ROW)>
                <For
                    each=slice
                    key=|(place, row)| (*place, row.at, row.index, row.count, row.until)
                    children=move |(place, row)| line(screen, place, row, current, visible)
                />
            </ol>
        </div>
    }
}

/// Brings the row into view, with room around it.
fn follow(scroller: &web_sys::HtmlDivElement, row: usize) {
    let (top, height) = (px(scroller.scroll_top()), px(scroller.client_height()));
    let at = row * ROW;
    if at < top + ROW || at + 2 * ROW > top + height {
        let wanted = at.saturating_sub(height / 3);
        scroller.set_scroll_top(i32::try_from(wanted).unwrap_or(i32::MAX));
    }
}

/// A length that the browser tells; negative only while it bounces.
fn px(length: i32) -> usize {
    usize::try_from(length).unwrap_or(0)
}

fn nothing(screen: Screen) -> Html {
    let shown = screen.shown();
    let said = move || {
        let unlisted = Unlisted {
            opened: shown.tab.with(Option::is_some),
            phase: shown.phase.get(),
            coming: shown.coming.get(),
            failed: shown.failure.with(Option::is_some),
            read: shown.spans.with(|spans| !spans.is_empty()),
            filtered: shown.rows.with(|rows| !rows.is_empty()),
        };
        unlisted.why()
    };
    html! { <p class="activity-empty" role="status">{said}</p> }
}

fn line(
    screen: Screen,
    place: usize,
    row: Row,
    current: Memo<Option<usize>>,
    visible: Memo<Arc<Vec<usize>>>,
) -> Html {
    let Row {
        at,
        kind,
        label,
        detail,
        count,
        ..
    } = row;
    let now = move || (current.get() == Some(place)).then_some("true");
    let offset = move || {
        let span: Span = screen.shown().span.get();
        text::clock(span.offset(at))
    };
    let times = (count > 1).then(|| html! { <span class="times">{format!("×{count}")}</span> });
    let hint = if detail.is_empty() {
        label.clone()
    } else {
        format!("{label}\n{detail}")
    };
    let detail = (!detail.is_empty() && kind != Kind::Page)
        .then(|| html! { <span class="detail">{detail}</span> });
    html! {
        <li
            style=format!("top:{}px", place * ROW)
            aria-posinset=(place + 1).to_string()
            aria-setsize=move || visible.with(|visible| visible.len().to_string())
        >
            <button
                class=format!("row kind-{}", kind.slug())
                data-testid="activity-row"
                data-kind=kind.slug()
                data-at=at.to_string()
                title=hint
                aria-current=now
                on:click=move |_| screen.with_engine(|engine| engine.seek(at))
            >
                <span class="row-icon">{icon(Icon::of(kind))}</span>
                <span class="row-text"><span class="label">{label}{times}</span>{detail}</span>
                <span class="row-time">{offset}</span>
            </button>
        </li>
    }
}
