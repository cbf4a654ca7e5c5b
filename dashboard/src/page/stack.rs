//! Where in the code an error came by: as the source says it where the build's source maps are
//! there, and as it ran.

use crate::app::App;
use crate::model::captures::Fault;
use crate::model::failure::Failure;
use crate::model::issues::stack::{Line, Part, Resolved, SourceLine, may_be_built, parts};
use crate::opened;
use crate::ui::Button;
use crate::ui::field::segmented;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::coded;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::id::{SessionId, SiteKey};

/// The frames as the sources have them.
const SOURCE: &str = "source";
/// The frames as the browser told them.
const RAN: &str = "ran";

/// What source maps say.
#[derive(Clone)]
enum Maps {
    /// They are looked at.
    Asked,
    Failed(Failure),
    Told(Resolved),
}

/// The stack of `fault`, an error of a session.
pub(super) fn view(app: App, site: SiteKey, sid: SessionId, fault: Fault) -> Html {
    let raw = raw(&fault);
    // Nobody but the worker has maps: not a file, and not who was given a link.
    if opened::get(&site, &sid).is_some() || !may_be_built(&fault) {
        return raw;
    }
    let maps = RwSignal::new(Maps::Asked);
    let fault = StoredValue::new(fault);
    let ask = move || {
        maps.set(Maps::Asked);
        let (site, sid) = (site.clone(), sid.clone());
        spawn_local(async move {
            let Some(at) = fault.try_with_value(|fault| fault.at) else {
                return;
            };
            let answer = app.client.errors(&site, &sid, at).await;
            let told = fault.try_with_value(|fault| match answer {
                Ok(list) => Maps::Told(Resolved::of(list, fault)),
                Err(failure) => {
                    app.heard(&failure);
                    Maps::Failed(failure)
                }
            });
            if let Some(told) = told {
                let _ = maps.try_set(told);
            }
        });
    };
    ask();
    let chosen = RwSignal::new(SOURCE);
    let frames = move || match maps.get() {
        Maps::Told(resolved) if resolved.is_any() && chosen.get() == SOURCE => {
            list(resolved.parts())
        }
        _ => fault.with_value(self::raw),
    };
    html! {
        {move || maps.with(|maps| choice(maps, chosen))}
        {frames}
        {move || said(&maps.get(), ask.clone())}
    }
}

/// Which frames are shown, where there are two kinds.
fn choice(maps: &Maps, chosen: RwSignal<&'static str>) -> Html {
    let is_any = matches!(maps, Maps::Told(resolved) if resolved.is_any());
    let both = [(SOURCE, "Source"), (RAN, "As it ran")];
    Html::new(is_any.then(|| {
        html! { <div class="stack-choice" data-testid="stack-choice">{segmented("Which code is shown", &both, chosen)}</div> }
    }))
}

/// What is to be said below the frames.
fn said(maps: &Maps, again: impl Fn() + 'static) -> Html {
    match maps {
        Maps::Asked => {
            html! { <p class="stack-note" role="status">"Looking for the source maps of this release…"</p> }
        }
        Maps::Failed(failure) => html! {
            <div class="stack-note stack-failed" role="alert" data-testid="stack-failed">
                <span>"The stack is shown as it ran: source maps could not be looked at. "{failure.title()}". "{failure.advice()}</span>
                {Button::new("Try again").small().icon(Icon::Refresh).on(again)}
            </div>
        },
        Maps::Told(resolved) => {
            let note = |note: &String| html! { <p>{coded(note)}</p> };
            let notes = resolved.notes.iter().map(note).collect_view();
            Html::new(
                (!resolved.notes.is_empty()).then(
                    || html! { <div class="stack-note" data-testid="stack-notes">{notes}</div> },
                ),
            )
        }
    }
}

/// The frames as the browser told them.
fn raw(fault: &Fault) -> Html {
    let all = parts(&fault.stack);
    if !all.is_empty() {
        return list(all);
    }
    if !fault.stack.is_empty() {
        let stack = fault.stack.clone();
        return html! { <pre class="stack-text">{stack}</pre> };
    }
    let place = if fault.place.is_empty() {
        "The browser told no place in the code.".to_owned()
    } else {
        format!("at {}", fault.place)
    };
    html! { <p class="panel-empty">{place}</p> }
}

fn list(all: Vec<Part>) -> Html {
    // What stands first is what one came for: its source is open.
    let first = all.iter().position(|part| matches!(part, Part::Own(_)));
    let parts = all.into_iter().enumerate();
    let parts = parts.map(|(place, one)| part(one, Some(place) == first));
    html! { <ol class="stack" data-testid="stack">{parts.collect_view()}</ol> }
}

fn part(part: Part, is_open: bool) -> Html {
    match part {
        Part::Own(own) => line(&own, "frame own", is_open),
        Part::Folded(lines) => folded(lines),
    }
}

fn folded(lines: Vec<Line>) -> Html {
    let open = RwSignal::new(false);
    let count = lines.len();
    let label = if count == 1 {
        "1 frame of other code".to_owned()
    } else {
        format!("{count} frames of other code")
    };
    let lines = StoredValue::new(lines);
    let all = move || {
        open.get().then(|| {
            let lines = lines.with_value(|lines| {
                let lines = lines.iter().map(|one| line(one, "frame", false));
                lines.collect_view()
            });
            html! { <ol class="stack">{lines}</ol> }
        })
    };
    html! {
        <li class="folded">
            <button type="button" class="fold" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>{label}</button>
            {all}
        </li>
    }
}

fn line(line: &Line, class: &'static str, is_open: bool) -> Html {
    let is_nameless = line.function.is_empty();
    let function = if is_nameless {
        "a function without a name".to_owned()
    } else {
        line.function.clone()
    };
    let place = line.place.clone();
    let place = (!place.is_empty()).then(|| html! { <span class="frame-place">":"{place}</span> });
    html! {
        <li class=class title=line.whole.clone()>
            <code class="frame-function" class:nameless=is_nameless>{function}</code>
            <code class="frame-file">{line.file.clone()}{place}</code>
            {source(&line.source, is_open)}
        </li>
    }
}

/// The source around a frame.
fn source(lines: &[SourceLine], is_open: bool) -> Html {
    let one = |line: &SourceLine| {
        html! {
            <li class:is-it=line.is_it aria-current=line.is_it.then_some("location")>
                <span class="source-number">{line.number.to_string()}</span>
                <code>{line.text.clone()}</code>
            </li>
        }
    };
    Html::new((!lines.is_empty()).then(|| {
        html! {
            <details class="source" open=is_open>
                <summary>"Source"</summary>
                <ol tabindex="0" aria-label="Lines of the source">{lines.iter().map(one).collect_view()}</ol>
            </details>
        }
    }))
}
