//! Small pieces that every screen uses.

pub(crate) mod html;
pub(crate) mod icon;

use crate::app::App;
use crate::model::failure::Failure;
use crate::model::text;
use crate::platform;
use crate::ui::html::{Html, html};
use icon::{Icon, icon};
use leptos::prelude::*;
use sentiero_core::id::Millis;

/// When something was: relative to now, in full when pointed at.
pub(crate) fn when(app: App, at: Millis) -> Html {
    let said = move || text::ago(app.clock.get(), at).unwrap_or_else(|| platform::date(at));
    html! { <time datetime=platform::iso(at) title=platform::exact(at)>{said}</time> }
}

/// A failure with what can be done about it.
pub(crate) fn problem<F: Fn() + 'static>(failure: &Failure, retry: F) -> Html {
    let (title, advice) = (failure.title(), failure.advice());
    html! {
        <div class="problem" role="alert" data-testid="problem">
            <span class="problem-icon">{icon(Icon::Warning)}</span>
            <h2>{title}</h2>
            <p>{advice}</p>
            <button class="button" data-testid="retry" on:click=move |_| retry()>
                {icon(Icon::Refresh)}
                "Try again"
            </button>
        </div>
    }
}

/// A button that is only a picture; `name` says what it does.
pub(crate) fn icon_button(name: &'static str, picture: Icon, act: impl Fn() + 'static) -> Html {
    html! {
        <button class="icon-button" title=name aria-label=name on:click=move |_| act()>
            {icon(picture)}
        </button>
    }
}

/// A grey shape where something will be.
pub(crate) fn bone(class: &'static str) -> Html {
    html! { <span class=format!("bone {class}") aria-hidden="true"></span> }
}
