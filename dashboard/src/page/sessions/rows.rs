//! The table of sessions; cards where it is narrow.

use super::list::List;
use super::states;
use crate::model::feed::Feed;
use crate::model::picked::Share;
use crate::model::story::{self, Sign};
use crate::model::{notice, text};
use crate::route::{Place, Route};
use crate::ui::html::{Html, html};
use crate::ui::icon::{Icon, icon};
use crate::ui::message::{badge, live};
use crate::ui::strip::strip;
use crate::ui::{Button, when};
use leptos::html;
use leptos::prelude::*;
use sentiero_core::api::SessionRow;
use sentiero_core::id::SessionId;

pub(super) fn table(list: List) -> Html {
    let sids = Memo::new(move |_| {
        list.feed
            .with(|feed| feed.as_ref().map(Feed::sids).unwrap_or_default())
    });
    html! {
        {newer(list)}
        <div
            class="card list"
            class:waiting-for-more=move || list.wait.get().outdated
            aria-busy=move || list.wait.get().outdated.to_string()
        >
            {move || states::still_loading(list)}
            <table class="sessions">
                <caption class="visually-hidden">"Sessions"</caption>
                <colgroup>
                    <col class="c-pick"/><col class="c-who"/><col/><col class="c-strip strip-head"/><col class="c-time"/><col class="c-signals"/><col class="c-when"/>
                </colgroup>
                <thead>
                    <tr>
                        <th scope="col" class="pick">{pick_all(list, sids)}</th>
                        <th scope="col">"Visitor"</th>
                        <th scope="col">"Pages"</th>
                        <th scope="col" class="strip-head">"Activity"</th>
                        <th scope="col">"Duration"</th>
                        <th scope="col">"Signals"</th>
                        <th scope="col">"Started"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || sids.get() key=Clone::clone children=move |sid| session(list, &sid)/>
                </tbody>
            </table>
            {foot(list)}
        </div>
        {picked_bar(list)}
    }
}

/// What came while somebody was reading.
fn newer(list: List) -> Html {
    let waiting = move || {
        list.feed
            .with(|feed| feed.as_ref().map_or(0, Feed::waiting))
    };
    let waiting = Memo::new(move |_| waiting());
    let label = Signal::derive(move || {
        let count = u64::try_from(waiting.get()).unwrap_or(u64::MAX);
        text::plural(count, "new session")
    });
    let button = move || {
        (waiting.get() > 0).then(|| {
            Button::saying(label)
                .primary()
                .small()
                .testid("newer")
                .on(move || list.show_waiting())
        })
    };
    html! { <div class="newer" role="status">{button}</div> }
}

fn pick_all(list: List, sids: Memo<Vec<SessionId>>) -> Html {
    let share = Memo::new(move |_| sids.with(|sids| list.picked.with(|picked| picked.share(sids))));
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.set_indeterminate(share.get() == Share::Some);
        }
    });
    html! {
        <label>
            <input
                type="checkbox"
                node_ref=field
                aria-label="Select all that are shown"
                prop:checked=move || share.get() == Share::All
                on:change=move |_| sids.with_untracked(|sids| list.picked.update(|picked| picked.touch_all(sids)))
            />
        </label>
    }
}

/// One session. What changes is written anew inside of the row, so that the row
/// keeps the focus.
fn session(list: List, sid: &SessionId) -> Html {
    let own = sid.clone();
    let row = Memo::new(move |before: Option<&Option<SessionRow>>| {
        let found = list
            .feed
            .with(|feed| feed.as_ref().and_then(|feed| feed.row(&own)).cloned());
        found.or_else(|| before.cloned().flatten())
    });
    let name = Memo::new(move |_| row.with(|row| row.as_ref().map(story::who).unwrap_or_default()));
    let (is_fresh, is_picked, picks) = (sid.clone(), sid.clone(), sid.clone());
    let fresh = move || {
        list.feed.with(|feed| {
            feed.as_ref()
                .is_some_and(|feed| feed.fresh.contains(&is_fresh))
        })
    };
    let picked = Memo::new(move |_| list.picked.with(|picked| picked.has(&is_picked)));
    let shift = StoredValue::new(false);
    let (site, target) = (list.site, sid.clone());
    let href = move || {
        Route::Replay(Place {
            site: site.get_value(),
            sid: target.clone(),
            tab: None,
            at: None,
            list: list.shown.with(|shown| shown.listing.to_string()),
        })
        .to_string()
    };
    let unnamed = move || row.with(|row| row.as_ref().is_none_or(|row| row.users.is_empty()));
    let cell = move |of: fn(List, &SessionRow) -> Html| {
        move || row.with(|row| row.as_ref().map(|row| of(list, row)))
    };
    html! {
        <tr class="session" data-testid="session-row" data-sid=sid.to_string() class:fresh=fresh aria-selected=move || picked.get().to_string()>
            <td class="pick">
                // The box itself does not tell whether the shift key is held.
                <label on:pointerdown=move |event| shift.set_value(event.shift_key())>
                    <input
                        type="checkbox"
                        aria-label=move || format!("Select the session of {}", name.get())
                        prop:checked=move || picked.get()
                        on:change=move |_| {
                            list.pick(&picks, shift.get_value());
                            shift.set_value(false);
                        }
                    />
                </label>
            </td>
            <td class="who-cell">
                <div class="line">
                    <a class="row-link who" class:unnamed=unnamed href=href title=move || row.with(|row| row.as_ref().map(story::visited))>{move || name.get()}</a>
                    {move || row.with(|row| row.as_ref().is_some_and(|row| row.live)).then(live)}
                </div>
                <div class="under visitor">{cell(|_, row| visitor(row))}</div>
            </td>
            <td class="pages-cell">{cell(|_, row| pages(row))}</td>
            <td class="strip-cell">{cell(|_, row| strip(&story::strip(row), story::strip_said(row)))}</td>
            <td class="time-cell time">{cell(|_, row| time(row))}</td>
            <td class="signals-cell">{cell(|_, row| signals(row))}</td>
            <td class="when-cell">{cell(started)}</td>
        </tr>
    }
}

fn pages(row: &SessionRow) -> Html {
    let (entry, exit) = story::path(row);
    let exit = exit.map(|exit| {
        html! { <span class="path-to"><span aria-hidden="true">"→"</span><span class="visually-hidden">"to"</span><span>{exit}</span></span> }
    });
    html! {
        <div class="line"><span class="path path-from">{entry}</span>{exit}</div>
        <div class="under">{story::about(row)}</div>
    }
}

fn time(row: &SessionRow) -> Html {
    html! {
        <div title="From the first to the last event">{text::duration(row.duration)}</div>
        <div class="under" title="How long the visitor did something">{story::active(row)}</div>
    }
}

fn started(list: List, row: &SessionRow) -> Html {
    let events = text::plural(row.events, "event");
    html! {
        <div>{when(list.app, row.started)}</div>
        <div class="under">{events}</div>
    }
}

fn signals(row: &SessionRow) -> Html {
    let one = |signal: story::Signal| {
        let (class, picture, word) = match signal.sign {
            Sign::Errors => ("bad", Icon::Warning, "errors"),
            Sign::Rage => ("warn", Icon::Bolt, "rage"),
            Sign::Dead => ("", Icon::Ban, "dead"),
        };
        let word = if signal.sign == Sign::Errors && row.errors == 1 {
            "error"
        } else {
            word
        };
        badge(
            class,
            Some(picture),
            format!("{} {word}", signal.short),
            Some(signal.said),
        )
    };
    let masked = notice::masked_badge(row.masked).map(|said| {
        html! { <span class="badge warn" data-testid="session-masked" title=said>"Masked at edge"</span> }
    });
    let all = story::signals(row);
    if all.is_empty() && masked.is_none() {
        return html! { <span class="none" aria-label="None">"—"</span> };
    }
    html! { <span class="signals">{all.into_iter().map(one).collect_view()}{masked}</span> }
}

/// What is known of the visitor: country, device, browser, system.
pub(in crate::page) fn visitor(row: &SessionRow) -> Html {
    let device = match row.device.as_deref() {
        Some("mobile") => Some((Icon::Mobile, "Phone")),
        Some("tablet") => Some((Icon::Tablet, "Tablet")),
        Some("desktop") => Some((Icon::Desktop, "Computer")),
        _ => None,
    };
    let device = device.map(|(picture, name)| {
        html! { <span class="device" title=name>{icon(picture)}<span class="visually-hidden">{name}</span></span> }
    });
    let software = [row.browser.clone(), row.os.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    let country = row.country.clone().map(|code| {
        let name = crate::platform::country(&code);
        html! { <span class="country" title=name>{code}</span> }
    });
    let unknown = device.is_none() && software.is_empty() && country.is_none();
    html! {
        {country}
        {device}
        <span class="software">{if unknown { "Unknown browser".to_owned() } else { software }}</span>
    }
}

fn foot(list: List) -> Html {
    let count = move || {
        let rows = list
            .feed
            .with(|feed| feed.as_ref().map_or(0, |feed| feed.rows.len()));
        let rows = u64::try_from(rows).unwrap_or(0);
        match list.total() {
            Some(total) if total > rows => format!(
                "{} of {}",
                text::number(rows),
                text::plural(total, "session")
            ),
            _ => text::plural(rows, "session"),
        }
    };
    let more = move || {
        list.feed
            .with(|feed| feed.as_ref().is_some_and(|feed| feed.next.is_some()))
    };
    let label = Signal::derive(move || {
        if list.older.get() {
            "Loading…"
        } else {
            "Load more"
        }
        .to_owned()
    });
    html! {
        <div class="table-foot">
            <span role="status">{count}</span>
            {move || more().then(|| Button::saying(label).busy(list.older.into()).testid("more").on(move || list.load_more()))}
        </div>
    }
}

/// What can be done with the selected sessions.
fn picked_bar(list: List) -> Html {
    let any = Memo::new(move |_| list.picked.with(|picked| !picked.is_empty()));
    let count = move || {
        list.picked
            .with(|picked| u64::try_from(picked.len()).unwrap_or(0))
    };
    let bar = move || {
        html! {
            <div class="picked-bar" role="region" aria-label="Selected sessions">
                <strong role="status">{move || format!("{} selected", text::number(count()))}</strong>
                {Button::new("Delete…").icon(Icon::Trash).testid("delete-picked").on(move || super::erase::picked(list))}
                {Button::new("Select none").quiet().on(move || list.picked.update(crate::model::picked::Picked::clear))}
            </div>
        }
    };
    Html::new(move || any.get().then(bar))
}
