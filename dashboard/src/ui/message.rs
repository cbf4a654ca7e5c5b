//! What is said to the viewer: notes, problems, emptiness, waiting.

use crate::model::failure::Failure;
use crate::model::number;
use crate::ui::button::Button;
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;

/// How much a note or a badge matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Good to know.
    Calm,
    /// It may surprise.
    Warn,
    /// Something went wrong.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Calm => "",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// That an address cannot be read because of `wrong`; `then` is what is shown instead, and
/// `dismiss` leads to an address that says so.
pub(crate) fn unreadable(wrong: &str, then: &str, dismiss: impl Fn() + 'static) -> Html {
    let wrong = wrong.replace('`', "\"");
    let said = html! { <span>{format!("This address cannot be read: {wrong}.{then}")}</span> };
    let act = Button::new("Dismiss").small().on(dismiss);
    note(Tone::Warn, Icon::Warning, "wrong-address", said, Some(act))
}

/// A sentence whose code stands between backticks.
pub(crate) fn coded(text: &str) -> Vec<Html> {
    let piece = |(place, piece): (usize, &str)| {
        let piece = piece.to_owned();
        if place % 2 == 1 {
            html! { <code>{piece}</code> }
        } else {
            Html::new(piece)
        }
    };
    text.split('`').enumerate().map(piece).collect()
}

/// A line above what it is about, with what can be done beside it.
pub(crate) fn note(
    tone: Tone,
    picture: Icon,
    testid: &'static str,
    said: Html,
    act: Option<Html>,
) -> Html {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    html! {
        <div class=format!("note inline {}", tone.class()) role=role data-testid=testid>
            {icon(picture)}
            <div>{said}</div>
            {act}
        </div>
    }
}

/// A word beside a thing; `title` says more.
pub(crate) fn badge(
    class: &'static str,
    picture: Option<Icon>,
    word: String,
    title: Option<String>,
) -> Html {
    html! { <span class=format!("badge {class}") title=title>{picture.map(icon)}{word}</span> }
}

/// That something goes on right now.
pub(crate) fn live() -> Html {
    html! { <span class="badge live" data-testid="session-live"><span class="pulse"></span>"Live"</span> }
}

/// A failure with what can be done about it.
pub(crate) fn problem<F: Fn() + 'static>(failure: &Failure, retry: F) -> Html {
    let (title, advice) = (failure.title(), failure.advice());
    html! {
        <div class="problem" role="alert" data-testid="problem">
            <span class="problem-icon">{icon(Icon::Warning)}</span>
            <h2>{title}</h2>
            <p>{coded(&advice)}</p>
            {Button::new("Try again").icon(Icon::Refresh).testid("retry").on(retry)}
        </div>
    }
}

/// That there is nothing, why, and what to do.
pub(crate) fn empty(
    picture: Icon,
    testid: &'static str,
    title: String,
    text: String,
    acts: Vec<Html>,
) -> Html {
    html! {
        <div class="empty" data-testid=testid>
            <span class="problem-icon calm">{icon(picture)}</span>
            <h2>{title}</h2>
            <p>{text}</p>
            <div class="row-of-buttons">{acts.into_iter().collect_view()}</div>
        </div>
    }
}

/// A grey shape where something will be.
pub(crate) fn bone(class: &'static str) -> Html {
    html! { <span class=format!("bone {class}") aria-hidden="true"></span> }
}

/// How far something is; `name` is what.
pub(crate) fn progress(name: &'static str, done: u64, all: u64) -> Html {
    let percent = (number::fraction(done.min(all), 0, all.max(1)) * 100.0).floor();
    html! {
        <div
            class="progress"
            role="progressbar"
            aria-label=name
            aria-valuemin="0"
            aria-valuemax=all.to_string()
            aria-valuenow=done.min(all).to_string()
        >
            <i style:width=format!("{}%", number::whole(percent))></i>
        </div>
    }
}

/// Words that show when something is pointed at or has the focus.
pub(crate) fn tip(content: Html, said: &'static str) -> Html {
    html! { <span class="tip">{content}<span role="tooltip">{said}</span></span> }
}
