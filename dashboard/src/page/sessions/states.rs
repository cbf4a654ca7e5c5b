//! What is there instead of a table: waiting, failure, no session yet, no match.

use super::list::List;
use crate::model::clauses::clauses;
use crate::model::failure::Failure;
use crate::model::listing::Listing;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::empty;
use crate::ui::{Button, bone, problem};
use leptos::prelude::*;
use sentiero_core::filter::Filter;

/// Shapes of rows; after a while, words.
pub(super) fn waiting(list: List) -> Html {
    // One for each column of the table.
    let row =
        |_| html! { <div class="skeleton-row">{(0..7).map(|_| bone("")).collect_view()}</div> };
    html! {
        <div class="card list-waiting" role="status" aria-label="Loading sessions" data-testid="loading">
            {(0..8).map(row).collect_view()}
            {move || still_loading(list)}
        </div>
    }
}

/// That it takes long, and what to do.
pub(super) fn still_loading(list: List) -> Option<Html> {
    list.wait.get().slow.then(|| {
        html! {
            <div class="still-loading" data-testid="still-loading">
                <span class="spinner"></span>
                <span>"Still loading. The connection may be slow, or the server busy."</span>
                {Button::new("Ask again").small().on(move || list.refresh(true))}
            </div>
        }
    })
}

pub(super) fn failed(list: List, failure: &Failure) -> Html {
    html! { <div class="card list-empty">{problem(failure, move || list.refresh(true))}</div> }
}

/// Nothing has all of the conditions: which they are, and how to have fewer.
pub(super) fn no_match(list: List) -> Html {
    let listing = list.shown.with_untracked(|shown| shown.listing.clone());
    let count = clauses(&listing.filter).len() + usize::from(listing.filter.q.is_some());
    let dates = listing.has_dates();
    let (title, said) = match (count, dates) {
        (0, _) => (
            "No session in this time",
            "Nobody was recorded then. Look at another range, or at any time.".to_owned(),
        ),
        (_, true) => (
            "No session matches",
            format!(
                "None in this time has {}. Look at any time, or take a filter away.",
                if count == 1 {
                    "what you look for"
                } else {
                    "all that you look for"
                }
            ),
        ),
        (_, false) => (
            "No session matches",
            format!(
                "Nobody has {}.",
                if count == 1 {
                    "what you look for. Take the filter away"
                } else {
                    "all that you look for. Take a filter away, or clear them all"
                }
            ),
        ),
    };
    let any_time = listing.without_dates();
    let all = Listing {
        range: None,
        filter: Filter::default(),
        ..listing
    };
    let mut acts = Vec::new();
    if dates {
        let label = if count == 0 {
            "Look at any time"
        } else {
            "Keep the filters, at any time"
        };
        acts.push(
            Button::new(label)
                .icon(Icon::Calendar)
                .testid("any-time")
                .on(move || list.go(&any_time)),
        );
    }
    if count > 0 {
        acts.push(
            Button::new("Clear filters")
                .icon(Icon::Close)
                .testid("clear-filters")
                .on(move || list.go(&all)),
        );
    }
    html! {
        <div class="card list-empty">{empty(Icon::Search, "empty-no-match", title.to_owned(), said, acts)}</div>
    }
}

pub(super) fn first_run(list: List) -> Html {
    let origin = list.app.client.origin();
    let key = list.site.get_value();
    let tag = format!("<script src=\"{origin}/sentiero.js\" data-site=\"{key}\" defer></script>");
    let shown = tag.clone();
    let copy = Button::new("Copy")
        .primary()
        .icon(Icon::Copy)
        .testid("copy-tag")
        .on(move || list.app.copy(tag.clone(), "Tag copied"));
    html! {
        <div class="card first-run" data-testid="empty-first-run">
            <div class="first-run-text">
                <h2>"Record your first session"</h2>
                <p>"Paste this tag into the "<code>"<head>"</code>" of the pages to record, then open one of them and click around."</p>
                <div class="snippet"><code>{shown}</code>{copy}</div>
                <p class="waiting" role="status"><span class="pulse"></span>"Waiting for the first session. It appears here by itself."</p>
                <div class="first-run-facts">
                    <h3>"If nothing appears"</h3>
                    <ul>
                        <li>"The page's address must be among the site's origins."</li>
                        <li>"Nothing is sent before somebody moves, clicks or scrolls, and a session is listed 5 seconds later."</li>
                        <li>"Visitors who send Global Privacy Control, and browsers that say they are bots, are not recorded."</li>
                        <li>"The browser's console says what else stands in the way."</li>
                    </ul>
                </div>
            </div>
        </div>
    }
}
