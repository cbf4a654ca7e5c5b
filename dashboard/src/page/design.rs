//! The components, each in each of its states, in both themes: to look at, and for
//! the test that tries contrast and keyboard. Nothing links here.

use crate::app::App;
use crate::model::choices::Choice;
use crate::model::failure::Failure;
use crate::model::strip::Mood;
use crate::platform;
use crate::ui::combobox::{Combobox, combobox};
use crate::ui::dialog::dialog;
use crate::ui::field::{
    Field, Tab, checkbox, field, search, segmented, select, switch, tab_list, toggle,
};
use crate::ui::form::{area, option, radios, section};
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::{Tone, badge, empty, live, note, progress, tip};
use crate::ui::popover::{Item, menu, menu_line, opener, popover};
use crate::ui::strip::strip;
use crate::ui::{Button, bone, icon_button, problem};
use leptos::prelude::*;

/// The page.
pub(super) fn view(app: App) -> Html {
    platform::title("Design");
    html! {
        <main class="design" id="main" tabindex="-1">
            <h1>"Design"</h1>
            <p class="page-sub">"Every component in every state. Colours, sizes and distances are in style/tokens.css."</p>
            <div class="design-themes">
                {theme(app, "light", "Light", true)}
                {theme(app, "dark", "Dark", false)}
            </div>
        </main>
    }
}

/// One theme; `first` has what there can be only one of on a page.
fn theme(app: App, name: &'static str, title: &'static str, first: bool) -> Html {
    html! {
        <section class="design-theme" data-theme=name aria-label=title>
            <h2>{title}</h2>
            {part("Colours", colours())}
            {part("Type", type_scale())}
            {part("Buttons", buttons())}
            {part("Fields", fields())}
            {part("Forms", forms())}
            {part("Choices", choices(first))}
            {part("Menus and popovers", menus(app))}
            {part("Table", table())}
            {part("Badges and tooltips", badges())}
            {part("Notes", notes())}
            {part("Dialog and toast", dialogs(app))}
            {part("Empty and failed", emptiness())}
            {part("Waiting", waiting())}
            {part("Activity strip", strips())}
            {part("Issues", super::issues::samples())}
            {part("Charts", super::reports::samples())}
        </section>
    }
}

fn part(title: &'static str, content: Html) -> Html {
    html! { <div class="design-part"><h3>{title}</h3>{content}</div> }
}

fn row(content: Vec<Html>) -> Html {
    html! { <div class="design-row">{content.into_iter().collect_view()}</div> }
}

fn colours() -> Html {
    const NAMES: [&str; 16] = [
        "bg",
        "panel",
        "raised",
        "sunken",
        "hover",
        "line",
        "line-strong",
        "line-control",
        "text",
        "text-2",
        "text-3",
        "accent",
        "accent-soft",
        "bad",
        "bad-soft",
        "warn",
    ];
    let one = |name: &str| {
        html! { <span class="swatch"><i style=format!("background: var(--{name})")></i>{name.to_owned()}</span> }
    };
    row(NAMES.into_iter().map(one).collect())
}

fn type_scale() -> Html {
    const SIZES: [(&str, &str); 6] = [
        ("--t-6", "Twenty, titles"),
        ("--t-5", "Sixteen, dialogs"),
        ("--t-4", "Fourteen, text"),
        ("--t-3", "Thirteen, in bars"),
        ("--t-2", "Twelve, beside things"),
        ("--t-1", "Eleven, codes"),
    ];
    let one = |(size, said): (&str, &'static str)| {
        html! { <p style=format!("font-size: var({size})")>{said}</p> }
    };
    html! {
        {SIZES.map(one).into_iter().collect_view()}
        <p>"First, "<span style="color: var(--text-2)">"second "</span><span style="color: var(--text-3)">"and last to be read; "</span><code>"code"</code></p>
    }
}

fn on() -> Signal<bool> {
    Signal::stored(true)
}

fn buttons() -> Html {
    let none = || {};
    html! {
        {row(vec![
            Button::new("Primary").primary().on(none),
            Button::new("Plain").on(none),
            Button::new("Quiet").quiet().on(none),
            Button::new("Danger").danger().icon(Icon::Trash).on(none),
        ])}
        {row(vec![
            Button::new("Small").small().icon(Icon::Plus).on(none),
            Button::new("Busy").icon(Icon::Refresh).busy(on()).on(none),
            Button::new("Off").off(on()).on(none),
            Button::new("Off").primary().off(on()).on(none),
            icon_button("Picture alone", Icon::Copy, none),
        ])}
        {row(vec![Button::new("Wide").primary().wide().on(none)])}
    }
}

fn plain(label: &'static str, value: &str, wrong: Option<&str>) -> Html {
    field(&Field {
        label,
        help: if wrong.is_some() {
            ""
        } else {
            "What helps stands below."
        },
        placeholder: "For example this",
        kind: "text",
        value: RwSignal::new(value.to_owned()),
        wrong: Signal::stored(wrong.map(str::to_owned)),
    })
}

fn fields() -> Html {
    let ticked = RwSignal::new(true);
    let switched = RwSignal::new(true);
    let off = RwSignal::new(false);
    let options = ["Newest first", "Longest"].map(|name| (name.to_owned(), name.to_owned()));
    html! {
        {row(vec![plain("Empty", "", None), plain("Filled in", "2m 30s", None), plain("Wrong", "soon", Some("Write a length of time like 45s."))])}
        {row(vec![
            search("Search the examples", "Search", RwSignal::new(String::new()), NodeRef::new()),
            select("Order of the examples", options.to_vec(), Signal::stored("Longest".to_owned()), |_| {}),
        ])}
        {row(vec![
            checkbox("Ticked", ticked.into(), move |to| ticked.set(to)),
            checkbox("Not ticked", off.into(), move |to| off.set(to)),
            switch("On", "", "Switches", switched.into(), move || switched.update(|on| *on = !*on)),
            switch("Off", "", "Switches", off.into(), move || off.update(|on| *on = !*on)),
        ])}
    }
}

fn forms() -> Html {
    let mode = RwSignal::new("inputs".to_owned());
    let ticked = RwSignal::new(true);
    let lines = |label, value: &str, wrong: Option<&str>| {
        area(&Field {
            label,
            help: "One a line.",
            placeholder: "https://shop.example",
            kind: "text",
            value: RwSignal::new(value.to_owned()),
            wrong: Signal::stored(wrong.map(str::to_owned)),
        })
    };
    let content = html! {
        {radios(
            "One of a few",
            &[
                ("inputs", "What is typed", "What it means stands below."),
                ("text", "All text", "What it means stands below."),
            ],
            mode,
        )}
        {option("Something besides", "What it means stands below.", ticked.into(), move |to| ticked.set(to))}
        {lines("Lines", "https://shop.example\nhttps://www.shop.example", None)}
        {lines("Wrong lines", "shop.example", Some("An origin must begin with https:// or http://."))}
    };
    section("A section", "What it is about.", content)
}

fn choices(first: bool) -> Html {
    let errors = RwSignal::new(true);
    let rage = RwSignal::new(false);
    let days = RwSignal::new("7d");
    let tab = RwSignal::new("one");
    let panel = if first {
        "design-panel-1"
    } else {
        "design-panel-2"
    };
    let panels = [
        ("one", "Activity"),
        ("two", "Console"),
        ("three", "Network"),
    ];
    let mut panels = Vec::from(panels.map(|(value, name)| Tab::new(value, name, panel)));
    if let Some(last) = panels.last_mut() {
        last.count = Signal::stored(Some("12".to_owned()));
    }
    html! {
        {row(vec![
            toggle("Has errors", Icon::Warning, errors.into(), move || errors.update(|on| *on = !*on)),
            toggle("Rage clicks", Icon::Bolt, rage.into(), move || rage.update(|on| *on = !*on)),
            pill("Country is", "Germany"),
            pill("Page contains", "/a/very/long/address/that/does/not/fit/into/a/pill/at/all"),
        ])}
        {row(vec![segmented("Days", &[("1d", "Day"), ("7d", "Week"), ("30d", "Month")], days)])}
        {tab_list("Panels", panels, tab)}
        <div id=panel role="tabpanel" tabindex="0">{move || format!("The panel “{}”.", tab.get())}</div>
    }
}

/// A condition as the filter bar shows it.
fn pill(begins: &'static str, value: &'static str) -> Html {
    html! {
        <span class="filter-pill">
            <button type="button" class="filter-pill-text">{begins}" "<b>{value}</b></button>
            <button type="button" class="filter-pill-close" aria-label=format!("Remove: {begins} {value}")>
                {crate::ui::icon::icon(Icon::Close)}
            </button>
        </span>
    }
}

fn menus(app: App) -> Html {
    let (open, list) = (RwSignal::new(false), RwSignal::new(false));
    let chosen = RwSignal::new("Nothing chosen".to_owned());
    let trigger = opener(
        open,
        Signal::stored("Menu".to_owned()),
        None,
        "",
        "design-menu",
    );
    let lines = move || {
        menu(
            "Examples",
            vec![
                Item::choice("Chosen", true).hint("12").on(open, || {}),
                Item::choice("Another", false).hint("3").on(open, || {}),
                menu_line(),
                Item::new("Rename", Icon::Pen).on(open, move || app.say("Renamed")),
                Item::new("Delete", Icon::Trash)
                    .bad()
                    .on(open, move || app.say("Deleted")),
            ],
        )
    };
    let opens = opener(
        list,
        chosen.into(),
        Some(Icon::Filter),
        "",
        "design-combobox",
    );
    let box_of_choices = move || {
        let choices = ["Chrome", "Chrome Mobile", "Edge", "Firefox", "Safari"].map(|name| Choice {
            value: name.to_owned(),
            label: name.to_owned(),
            hint: "1,204".to_owned(),
        });
        let about = Combobox {
            name: "Browser of the example",
            placeholder: "Search browsers",
            choices: Signal::stored(Some(choices.to_vec())),
            free: true,
        };
        combobox(&about, move |value| {
            list.set(false);
            chosen.set(value);
        })
    };
    row(vec![
        popover(open, "", trigger, lines),
        popover(list, "", opens, box_of_choices),
    ])
}

fn table() -> Html {
    let line = |(name, number, picked): (&'static str, &'static str, bool)| {
        html! {
            <tr aria-selected=picked.to_string()>
                <td>{name}</td>
                <td class="number">{number}</td>
            </tr>
        }
    };
    let lines = [
        ("/checkout", "1,240", false),
        ("/cart", "312", true),
        ("/", "7", false),
    ]
    .map(line);
    html! {
        <div class="card">
            <table class="table">
                <thead><tr><th scope="col">"Page"</th><th scope="col" class="number">"Sessions"</th></tr></thead>
                <tbody>{lines.into_iter().collect_view()}</tbody>
            </table>
        </div>
    }
}

fn badges() -> Html {
    row(vec![
        live(),
        badge("", None, "Plain".to_owned(), None),
        badge("good", Some(Icon::Check), "Good".to_owned(), None),
        badge(
            "warn",
            Some(Icon::Bolt),
            "2 rage".to_owned(),
            Some("Said when pointed at".to_owned()),
        ),
        badge("bad", Some(Icon::Warning), "3 errors".to_owned(), None),
        tip(
            Button::new("Has a tooltip").small().on(|| {}),
            "Said when pointed at, and when focused",
        ),
        html! { <span><kbd>"⇧"</kbd><kbd>"X"</kbd></span> },
    ])
}

fn notes() -> Html {
    let act = || Some(Button::new("Try again").small().on(|| {}));
    let said = |text: &'static str| html! { <span>{text}</span> };
    html! {
        {note(Tone::Calm, Icon::Info, "design-note", said("It is good to know this."), None)}
        {note(Tone::Warn, Icon::Offline, "design-note", said("You are offline. What you see may be out of date."), None)}
        {note(Tone::Bad, Icon::Warning, "design-problem", said("The server did not answer in time."), act())}
    }
}

fn dialogs(app: App) -> Html {
    let open = RwSignal::new(false);
    let body = move || {
        html! {
            <div class="dialog-body">
                <p>"What it is about, in a sentence or two."</p>
                {plain("To be filled in", "", None)}
            </div>
            <div class="dialog-foot">
                {Button::new("Cancel").on(move || open.set(false))}
                {Button::new("Do it").danger().on(move || open.set(false))}
            </div>
        }
    };
    html! {
        {row(vec![
            Button::new("Open the dialog").testid("design-dialog").on(move || open.set(true)),
            Button::new("Say something").on(move || app.say("Said in passing")),
            html! { <span class="toast still">"Link copied"</span> },
            html! { <span class="toast still">"Resolved: TypeError"<button type="button" class="toast-undo">"Undo"</button></span> },
        ])}
        {dialog(open, "A dialog", "", body)}
    }
}

fn emptiness() -> Html {
    html! {
        {empty(
            Icon::Search,
            "design-empty",
            "Nothing matches".to_owned(),
            "No session has all of these conditions.".to_owned(),
            vec![Button::new("Clear the filters").on(|| {})],
        )}
        {problem(&Failure::Timeout, || {})}
    }
}

fn waiting() -> Html {
    html! {
        <div class="card">
            <div class="skeleton-row">{bone("w-10")}{bone("w-30")}{bone("w-6")}{bone("w-15")}</div>
            <div class="skeleton-row">{bone("w-15")}{bone("w-60")}</div>
        </div>
        {row(vec![html! { <span class="spinner"></span> }, progress("Deleted", 420, 1_240)])}
    }
}

fn strips() -> Html {
    let wave = |mood: fn(usize) -> Mood| -> Vec<(u8, Mood)> {
        (0..24_usize)
            .map(|at| (u8::try_from(at * 7 % 10).unwrap_or(0), mood(at)))
            .collect()
    };
    let busy = wave(|at| {
        if at * 7 % 10 == 0 {
            Mood::Calm
        } else {
            Mood::Busy
        }
    });
    let bad = wave(|at| match at {
        9 => Mood::Frustrated,
        15 | 16 => Mood::Failed,
        _ if at * 7 % 10 == 0 => Mood::Calm,
        _ => Mood::Busy,
    });
    let calm = wave(|_| Mood::Calm);
    let calm: Vec<_> = calm.into_iter().map(|(_, mood)| (0, mood)).collect();
    row(vec![
        strip(&busy, "Busy throughout".to_owned()),
        strip(&bad, "Rage clicks, then errors".to_owned()),
        strip(&calm, "Nothing done".to_owned()),
    ])
}
