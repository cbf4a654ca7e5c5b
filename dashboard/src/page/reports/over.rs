//! A heatmap over the page as a visitor saw it: one session's recording, standing still.

use super::behind;
use super::state::State;
use crate::model::frame::Drawn;
use crate::model::report::over::{self as model, OverPage};
use crate::model::text;
use crate::page::replay::{Still, still};
use crate::platform;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, note};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The frame makes no page larger than this, percent.
const LARGEST: u32 = 125;

/// What is known of the page.
#[derive(Clone, Copy)]
struct Page {
    still: RwSignal<Still>,
    /// Where the frame goes.
    slot: NodeRef<html::Div>,
}

pub(super) fn view(state: State, page: &OverPage) -> Html {
    let shown = Page {
        still: RwSignal::new(Still::Loading),
        slot: NodeRef::new(),
    };
    // The player lives as long as this view, not as long as the task that makes it.
    let owner = Owner::current();
    let wanted = page.clone();
    spawn_local(async move {
        if load(state, shown, wanted, owner).await.is_none() {
            let _ = shown.still.try_set(Still::Failed);
        }
    });
    let kept = StoredValue::new(page.clone());
    let drawn = Memo::new(move |_| match shown.still.get() {
        Still::Drawn(drawn) => Some(drawn),
        Still::Loading | Still::Failed => None,
    });
    let is_failed = Memo::new(move |_| shown.still.get() == Still::Failed);
    let began = format!(
        "As a visitor saw it on {}, in a window {} px wide",
        platform::exact(page.example.started),
        text::number(page.width.into())
    );
    let open = behind::moment(state, "Replay".to_owned(), "This visit", page.example);
    html! {
        <section class="panel card over" data-testid="over">
            <div class="panel-head">
                <div><h2>"Over the page"</h2><p class="panel-about">{began}</p></div>
                {open}
            </div>
            {move || if is_failed.get() { failed() } else { stage(shown, drawn, kept) }}
        </section>
    }
}

/// Finds the session, and shows its page; none if there is no such page any more.
async fn load(state: State, shown: Page, page: OverPage, owner: Option<Owner>) -> Option<()> {
    let site = state.site.try_get_value()?;
    let client = &state.app.client;
    let sid = heard(state, client.named(&site, &page.example).await)?;
    let detail = heard(state, client.detail(&site, &sid).await)?;
    let place = model::still(&detail, &page.example)?;
    // The view may be gone by now, and with it what it holds.
    shown.still.try_get_untracked()?;
    owner?.with(|| {
        let slot = shown.slot;
        let host = Signal::derive_local(move || slot.get().map(Into::into));
        let news = still(state.app, site, detail, &place, page.over, host);
        Effect::new(move |_| shown.still.set(news.get()));
    });
    Some(())
}

fn heard<T>(state: State, answer: Result<T, crate::model::failure::Failure>) -> Option<T> {
    answer.inspect_err(|failure| state.app.heard(failure)).ok()
}

/// The frame, as high as the page; one scrolls beside it.
fn stage(shown: Page, drawn: Memo<Option<Drawn>>, kept: StoredValue<OverPage>) -> Html {
    let style = move || {
        drawn.get().map(|Drawn { width, height, .. }| {
            let most = u64::from(width) * u64::from(LARGEST) / 100;
            format!(
                "aspect-ratio:{}/{};max-width:{most}px",
                width.max(1),
                height.max(1)
            )
        })
    };
    let waiting = move || {
        drawn.get().is_none().then(|| {
            html! { <div class="over-wait" role="status"><span class="spinner large"></span><p>"Loading the page…"</p></div> }
        })
    };
    html! {
        <div class="over-scroll" tabindex="0" role="group" aria-label="The page with what happened on it. The tables below say the same.">
            <div class="over-page" class:seen=move || drawn.get().is_some() style=style>
                <div class="over-slot" node_ref=shown.slot></div>
                <div class="over-shade"></div>
            </div>
            {waiting}
        </div>
        <div class="panel-foot over-foot">
            {kept.with_value(key)}
            <span role="status" data-testid="over-said">{move || drawn.get().map(|drawn| kept.with_value(|page| page.said(drawn)))}</span>
        </div>
    }
}

fn failed() -> Html {
    let said = html! { <span>"The recording that shows this page cannot be had: it may be erased by now. What would be drawn is in the tables below."</span> };
    html! { <div class="over-failed">{note(Tone::Calm, Icon::Info, "over-failed", said, None)}</div> }
}

/// What the colours mean.
fn key(page: &OverPage) -> Html {
    let (less, more) = if page.is_click {
        ("Fewer clicks", "More")
    } else {
        ("Shorter", "Longer")
    };
    html! { <span class="over-key"><span>{less}</span><i aria-hidden="true"></i><span>{more}</span></span> }
}
