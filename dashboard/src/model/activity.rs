//! What the visitor did, read from the events.
//!
//! Batches may come in any order (a seek fetches the middle first), so rows
//! carry their time and index and are put in order at the end. Numbers are
//! rrweb's protocol (`@rrweb/types` 2.1.6). Recordings are untrusted: an event
//! that does not read is left out.
//!
//! What is counted anywhere (pages, clicks, errors, fields) is what core counts of the same
//! events: a row of the list of sessions, a report and this list say the same. What core
//! does not count, as a right-click, is a row of [`Kind::View`].

use crate::model::captures::Captures;
use crate::model::forms::{self, Form, Forms};
use crate::model::heat::Heat;
use crate::model::nodes::{Name, Nodes};
use crate::model::pack::{pack_fields, pack_names};
use crate::model::text;
use sentiero_core::digest::{self, PageView};
use sentiero_core::event::{DROPPED_TAG, EventView, Kind as Seen};
use sentiero_core::id::Millis;
use sentiero_core::json;
use sentiero_core::mask::UNMASKED;

/// Scrolls and inputs closer together than this are one row, ms.
const BURST: Millis = 1_500;
/// A click that follows a touch within this is the same tap, ms.
const TAP: Millis = 1_000;
/// How rows of clicks and touches begin.
const CLICKED: &str = "Clicked";
const TOUCHED: &str = "Touched";
/// Characters of a detail.
const DETAIL: usize = 200;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A page was shown.
    Page,
    /// A click or tap.
    Click,
    /// Something was entered.
    Input,
    /// The page was scrolled.
    Scroll,
    /// The page threw an error.
    Error,
    /// Many clicks in one place, as core judges it.
    Rage,
    /// A click that the page did not answer.
    Dead,
    /// A custom event of the site.
    Custom,
    /// What else the visitor did or saw: the window resized, hidden or shown, media played,
    /// a finger or the right button that clicked nothing.
    View,
    /// Nothing happened.
    Idle,
}

impl Kind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Self; 10] = [
        Self::Page,
        Self::Click,
        Self::Input,
        Self::Scroll,
        Self::Error,
        Self::Rage,
        Self::Dead,
        Self::Custom,
        Self::View,
        Self::Idle,
    ];

    /// For the markup: a class and a `data-kind`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Click => "click",
            Self::Input => "input",
            Self::Scroll => "scroll",
            Self::Error => "error",
            Self::Rage => "rage",
            Self::Dead => "dead",
            Self::Custom => "custom",
            Self::View => "view",
            Self::Idle => "idle",
        }
    }

    /// For the filter.
    pub fn title(self) -> &'static str {
        match self {
            Self::Page => "Pages",
            Self::Click => "Clicks",
            Self::Input => "Inputs",
            Self::Scroll => "Scrolls",
            Self::Error => "Errors",
            Self::Rage => "Rage clicks",
            Self::Dead => "Dead clicks",
            Self::Custom => "Custom",
            Self::View => "Window",
            Self::Idle => "Idle",
        }
    }

    /// Which of two markers at the same place is shown: the higher.
    pub fn weight(self) -> u8 {
        match self {
            Self::Error => 9,
            Self::Rage => 8,
            Self::Page => 7,
            Self::Dead => 6,
            Self::Custom => 5,
            Self::Click => 4,
            Self::Input => 3,
            Self::View => 2,
            Self::Scroll => 1,
            Self::Idle => 0,
        }
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it began, by the visitor's clock.
    pub at: Millis,
    /// When it ended; the same for what has no length.
    pub until: Millis,
    /// Index of its first event in the page load.
    pub index: u32,
    /// What kind of thing.
    pub kind: Kind,
    /// For people.
    pub label: String,
    /// What else is known.
    pub detail: String,
    /// How many events it stands for.
    pub count: u32,
}

pack_names!(Kind {
    Page,
    Click,
    Input,
    Scroll,
    Error,
    Rage,
    Dead,
    Custom,
    View,
    Idle
});
pack_fields!(Row {
    at,
    until,
    index,
    kind,
    label,
    detail,
    count
});

/// What was read so far of one page load.
#[derive(Debug, Default)]
pub struct Activity {
    nodes: Nodes,
    rows: Vec<Row>,
    captures: Captures,
    forms: Forms,
    heat: Heat,
    burst: Option<Burst>,
    /// Index of the event that follows the last one read.
    next: u32,
}

/// What the last row can still take in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Burst {
    Scroll { node: u32, y: f64 },
    Input { node: u32 },
    Tap,
    Click,
}

impl Activity {
    /// Reads one event; what core reads of it.
    pub fn event(&mut self, index: u32, event: &[u8]) -> Option<EventView> {
        if index != self.next {
            self.burst = None;
        }
        self.next = index.saturating_add(1);
        let view = EventView::read(event)?;
        self.heat.event(&view);
        self.forms.event(&view);
        let place = Place { index, at: view.at };
        if let Seen::Meta { href, .. } = &view.kind {
            self.page(place, href);
        }
        let Some((kind, _, data)) = head(event) else {
            return Some(view);
        };
        match kind {
            2 => {
                if let Some(tree) = json::get(data, "node") {
                    self.nodes.add(tree, None);
                }
            }
            3 => self.incremental(place, data),
            5 => self.custom(place, data),
            _ => {}
        }
        Some(view)
    }

    /// The rows in order of time. Of pages only those that are among `views`, which are in
    /// order: an address that is told again is none. `forms` say which field of one it was.
    pub fn rows(&self, views: &[PageView], forms: &[Form]) -> Vec<Row> {
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| (row.at, row.index));
        forms::describe(forms, &mut rows);
        let mut told = vec![false; views.len()];
        rows.retain(|row| {
            if row.kind != Kind::Page {
                return true;
            }
            let page = (row.at, digest::address(&row.detail));
            let place = views.binary_search_by(|view| (view.at, &*view.url).cmp(&page));
            let told = place.ok().and_then(|place| told.get_mut(place));
            told.is_some_and(|told| !core::mem::replace(told, true))
        });
        rows
    }

    /// What the page said of itself.
    pub fn captures(&self) -> Captures {
        self.captures.sorted()
    }

    /// How forms were filled in.
    pub fn forms(&self) -> &Forms {
        &self.forms
    }

    /// Where the visitor clicked, and how far down the page was seen.
    pub fn heat(&self) -> &Heat {
        &self.heat
    }

    fn incremental(&mut self, place: Place, data: &[u8]) {
        let Some(source) = small(data, "source") else {
            return;
        };
        match source {
            0 => self.nodes.mutate(data),
            2 => self.interaction(place, data),
            3 => self.scroll(place, data),
            4 => {
                let size = (whole(data, "width"), whole(data, "height"));
                if let (Some(width), Some(height)) = size {
                    self.push(
                        place,
                        Kind::View,
                        format!("Window resized to {width} × {height}"),
                        String::new(),
                    );
                }
            }
            5 => self.input(place, data),
            7 => {
                let label = match small(data, "type") {
                    Some(0) => "Media played",
                    Some(1) => "Media paused",
                    _ => return,
                };
                let detail = self
                    .name(data)
                    .map(|name| name.selector)
                    .unwrap_or_default();
                self.push(place, Kind::View, label.to_owned(), detail);
            }
            _ => {}
        }
    }

    fn interaction(&mut self, place: Place, data: &[u8]) {
        match small(data, "type") {
            Some(2) => self.click(place, data),
            Some(3) => self.pressed(place, Kind::View, "Right-clicked", data),
            Some(4) if self.burst == Some(Burst::Click) => self.doubled(),
            Some(7) => {
                self.pressed(place, Kind::View, TOUCHED, data);
                self.burst = Some(Burst::Tap);
            }
            _ => {}
        }
    }

    /// A click; that of a tap is in the row of its touch.
    fn click(&mut self, place: Place, data: &[u8]) {
        if self.burst == Some(Burst::Tap)
            && let Some(last) = self.rows.last_mut()
            && place.at.saturating_sub(last.at) <= TAP
        {
            last.until = place.at;
            last.kind = Kind::Click;
            last.label = last.label.replacen(TOUCHED, "Tapped", 1);
        } else {
            self.pressed(place, Kind::Click, CLICKED, data);
        }
        self.burst = Some(Burst::Click);
    }

    /// Two clicks were told; the browser says that they were a double one.
    fn doubled(&mut self) {
        if let Some(last) = self.rows.last_mut() {
            last.label = last.label.replacen(CLICKED, "Double-clicked", 1);
        }
    }

    fn pressed(&mut self, place: Place, kind: Kind, verb: &str, data: &[u8]) {
        let position = match (whole(data, "x"), whole(data, "y")) {
            (Some(x), Some(y)) => format!("{x}, {y}"),
            _ => String::new(),
        };
        let name = self.name(data).unwrap_or_default();
        let (label, known) = match (name.label.is_empty(), name.selector.is_empty()) {
            (false, _) => (
                format!("{verb} “{}”", name.label),
                vec![name.selector, position],
            ),
            (true, false) => (format!("{verb} {}", name.selector), vec![position]),
            (true, true) => (format!("{verb} at {position}"), Vec::new()),
        };
        let known: Vec<String> = known.into_iter().filter(|part| !part.is_empty()).collect();
        self.push(place, kind, label, known.join(" · "));
    }

    fn scroll(&mut self, place: Place, data: &[u8]) {
        let (Some(node), Some(y)) = (whole(data, "id"), float(data, "y")) else {
            return;
        };
        let node = u32::try_from(node).unwrap_or_default();
        let began = match self.burst {
            Some(Burst::Scroll {
                node: same,
                y: began,
            }) if same == node => Some(began),
            _ => None,
        };
        if let Some(began) = began
            && let Some(last) = self.rows.last_mut()
            && place.at.saturating_sub(last.until) <= BURST
        {
            last.until = place.at;
            last.count += 1;
            last.label = scrolled(began, y);
            return;
        }
        // Where it came from is unknown at the first one: what it shows is where it ended.
        self.push(place, Kind::Scroll, scrolled(y, y), String::new());
        self.burst = Some(Burst::Scroll { node, y });
    }

    fn input(&mut self, place: Place, data: &[u8]) {
        let node = whole(data, "id")
            .and_then(|id| u32::try_from(id).ok())
            .unwrap_or_default();
        let name = self.name(data).unwrap_or_default();
        let called = match (name.label.is_empty(), name.selector.is_empty()) {
            (false, _) => format!("“{}”", name.label),
            (true, false) => name.selector.clone(),
            (true, true) => "a field".to_owned(),
        };
        let value = string(data, "text")
            .map(|value| text::squeeze(&value))
            .unwrap_or_default();
        let checked = json::get(data, "isChecked") == Some(b"true");
        // The other choices of a group are told that they are no longer it.
        if name.role == "choice" && !checked {
            return;
        }
        self.entered(place, node, &name, &called);
        // Set by a script, not by the visitor.
        if json::get(data, "userTriggered") == Some(b"false") {
            return;
        }
        let (label, detail) = match name.role {
            "checkbox" if checked => (format!("Ticked {called}"), String::new()),
            "checkbox" => (format!("Unticked {called}"), String::new()),
            "choice" => (format!("Chose {called}"), String::new()),
            "list" => (format!("Chose in {called}"), value),
            _ if value.is_empty() => (format!("Cleared {called}"), String::new()),
            _ => (format!("Typed in {called}"), value),
        };
        let detail = text::shorten(&detail, DETAIL);
        if self.burst == Some(Burst::Input { node })
            && let Some(last) = self.rows.last_mut()
        {
            last.until = place.at;
            last.count += 1;
            last.label = label;
            last.detail = detail;
            return;
        }
        self.push(place, Kind::Input, label, detail);
        self.burst = Some(Burst::Input { node });
    }

    /// A field was filled in, as core counts it: also by a script.
    fn entered(&mut self, place: Place, node: u32, name: &Name, called: &str) {
        let form = self.nodes.around(node, "form");
        let field = match (name.label.is_empty(), name.selector.is_empty()) {
            (false, _) => &name.label,
            (true, false) => &name.selector,
            (true, true) => called,
        };
        self.forms.entered(place.at, node.into(), form, field);
    }

    fn page(&mut self, place: Place, href: &str) {
        let address = text::address(href);
        self.push(place, Kind::Page, address.path, href.to_owned());
    }

    fn custom(&mut self, place: Place, data: &[u8]) {
        let Some(tag) = string(data, "tag") else {
            return;
        };
        let payload = json::get(data, "payload").unwrap_or_default();
        if self.captures.event(place.at, &tag, payload) {
            return;
        }
        let said = |key| string(payload, key).filter(|value| !value.is_empty());
        match tag.as_str() {
            "error" => {
                let message = match (said("kind"), said("message")) {
                    (Some(kind), Some(message)) => format!("{kind}: {message}"),
                    (kind, message) => message
                        .or(kind)
                        .unwrap_or_else(|| "Error without a message".to_owned()),
                };
                let source = said("source").unwrap_or_default();
                let line = whole(payload, "lineno")
                    .map(|line| format!(":{line}"))
                    .unwrap_or_default();
                self.push(
                    place,
                    Kind::Error,
                    text::shorten(&message, DETAIL),
                    format!("{source}{line}"),
                );
            }
            "visibility" => {
                let hidden = said("state").is_some_and(|state| state == "hidden");
                let label = if hidden {
                    "Left the tab"
                } else {
                    "Came back to the tab"
                };
                self.push(place, Kind::View, label.to_owned(), String::new());
            }
            "navigation" => {
                let url = said("url").unwrap_or_default();
                let label = said("text").map_or_else(
                    || "Followed a link".to_owned(),
                    |text| format!("Followed “{text}”"),
                );
                self.push(place, Kind::Custom, text::shorten(&label, DETAIL), url);
            }
            "__form_submit" => {
                let form = said("name").or_else(|| said("id")).unwrap_or_default();
                let label = if form.is_empty() {
                    "Submitted a form".to_owned()
                } else {
                    format!("Submitted “{form}”")
                };
                self.push(place, Kind::Custom, label, String::new());
            }
            "sentiero:leave" => {
                self.push(place, Kind::View, "Left the page".to_owned(), String::new());
            }
            "sentiero:cost" => {
                let ms = float(payload, "ms").unwrap_or_default();
                let events = whole(payload, "events").unwrap_or_default();
                let label = format!("Recording took {ms} ms of the page's time");
                let version = string(payload, "version").map(|version| format!(", by {version}"));
                let detail = format!("for {events} events{}", version.unwrap_or_default());
                self.push(place, Kind::View, text::shorten(&label, DETAIL), detail);
            }
            DROPPED_TAG => {
                let label = "An event could not be recorded";
                let detail = "It was too large or damaged.";
                self.push(place, Kind::View, label.to_owned(), detail.to_owned());
            }
            // What a field is called: what is typed into it has a row of its own.
            "__field" => {}
            // What follows a click that is listed already.
            "__click" => self.heat.aimed(place.at, payload),
            _ => {
                let shown = core::str::from_utf8(payload).unwrap_or_default();
                let shown = if matches!(shown, "{}" | "null" | "\"\"") {
                    ""
                } else {
                    shown
                };
                let shown =
                    text::shorten(&shown.replace("\\u2063", "").replace(UNMASKED, ""), DETAIL);
                self.push(place, Kind::Custom, text::shorten(&tag, DETAIL), shown);
            }
        }
    }

    fn name(&self, data: &[u8]) -> Option<Name> {
        let id = u32::try_from(whole(data, "id")?).ok()?;
        self.nodes.name(id)
    }

    fn push(&mut self, Place { index, at }: Place, kind: Kind, label: String, detail: String) {
        self.burst = None;
        self.rows.push(Row {
            at,
            until: at,
            index,
            kind,
            label,
            detail,
            count: 1,
        });
    }
}

#[derive(Clone, Copy)]
struct Place {
    index: u32,
    at: Millis,
}

fn scrolled(from: f64, to: f64) -> String {
    let verb = if to > from {
        "Scrolled down"
    } else if to < from {
        "Scrolled up"
    } else {
        "Scrolled"
    };
    format!("{verb} to {} px", super::number::whole(to))
}

/// Type, time and data of an event.
pub(crate) fn head(event: &[u8]) -> Option<(u8, Millis, &[u8])> {
    let kind = small(event, "type")?;
    let at = float(event, "timestamp").filter(|at| (0.0..8.64e15).contains(at))?;
    Some((
        kind,
        super::number::whole(at.floor()),
        json::get(event, "data")?,
    ))
}

fn small(object: &[u8], key: &str) -> Option<u8> {
    core::str::from_utf8(json::get(object, key)?)
        .ok()?
        .parse()
        .ok()
}

/// Adds `entry`, unless there are `most` already.
pub(crate) fn push_up_to<T>(most: usize, list: &mut Vec<T>, entry: T) {
    if list.len() < most {
        list.push(entry);
    }
}

pub(crate) fn float(object: &[u8], key: &str) -> Option<f64> {
    json::number(json::get(object, key)?)
}

pub(crate) fn whole(object: &[u8], key: &str) -> Option<u64> {
    float(object, key)
        .filter(|number| *number >= 0.0)
        .map(super::number::whole)
}

pub(crate) fn string(object: &[u8], key: &str) -> Option<String> {
    let said = json::string(json::get(object, key)?)?;
    Some(said.chars().filter(|c| *c != UNMASKED).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tabs::tests::tab_id;
    use proptest::prelude::*;
    use sentiero_core::digest::Digest;

    const SNAPSHOT: &str = r#"{"type":2,"data":{"node":{"type":0,"childNodes":[
        {"type":2,"tagName":"button","attributes":{},"childNodes":[{"type":3,"textContent":"Buy","id":3}],"id":2},
        {"type":2,"tagName":"input","attributes":{"name":"email"},"childNodes":[],"id":4},
        {"type":2,"tagName":"input","attributes":{"name":"news","type":"checkbox"},"childNodes":[],"id":5},
        {"type":2,"tagName":"div","attributes":{},"childNodes":[],"id":6}],"id":1}},"timestamp":0}"#;

    fn rows(activity: &Activity, views: Vec<EventView>) -> Vec<Row> {
        let digest = Digest::without_facts(&tab_id('a'), views);
        activity.rows(&digest.page_views(), &[])
    }

    fn read(events: &[(u64, &str)]) -> Vec<String> {
        let mut activity = Activity::default();
        activity.event(0, SNAPSHOT.as_bytes());
        let mut views = Vec::new();
        for (index, (at, event)) in (1..).zip(events) {
            let event = format!("{{{event},\"timestamp\":{at}}}");
            views.extend(activity.event(index, event.as_bytes()));
        }
        rows(&activity, views)
            .into_iter()
            .map(|row| {
                let count = if row.count > 1 {
                    format!(" ×{}", row.count)
                } else {
                    String::new()
                };
                format!(
                    "{} {}: {} ({}){count}",
                    row.at,
                    row.kind.slug(),
                    row.label,
                    row.detail
                )
            })
            .collect()
    }

    #[test]
    fn reads_pages_once() {
        let rows = read(&[
            (
                1,
                r#""type":4,"data":{"href":"https://a.example/x","width":10,"height":20}"#,
            ),
            (
                2,
                r#""type":4,"data":{"href":"https://a.example/x","width":10,"height":20}"#,
            ),
            (
                3,
                r#""type":4,"data":{"href":"https://a.example/y","width":10,"height":20}"#,
            ),
            (
                4,
                r#""type":5,"data":{"tag":"page","payload":{"href":"https://a.example/z"}}"#,
            ),
        ]);
        assert_eq!(
            rows,
            [
                "1 page: /x (https://a.example/x)",
                "3 page: /y (https://a.example/y)",
                "4 custom: page ({\"href\":\"https://a.example/z\"})"
            ]
        );
    }

    fn pressed(kind: u8, node: u32) -> String {
        format!(r#""type":3,"data":{{"source":2,"type":{kind},"id":{node},"x":1,"y":2}}"#)
    }

    #[test]
    fn names_clicks() {
        let far = r#""type":3,"data":{"source":2,"type":2,"id":3,"x":10.4,"y":20}"#;
        let events = [pressed(3, 6), pressed(2, 77), pressed(1, 3)];
        let [right, unknown, down] = events.each_ref().map(String::as_str);
        let rows = read(&[(1, far), (2, right), (3, unknown), (4, down)]);
        assert_eq!(
            rows,
            [
                "1 click: Clicked “Buy” (button · 10, 20)",
                "2 view: Right-clicked div (1, 2)",
                "3 click: Clicked at 1, 2 ()"
            ]
        );
    }

    #[test]
    fn a_double_click_is_two() {
        let (click, double) = (pressed(2, 3), pressed(4, 3));
        let rows = read(&[(1, &click), (90, &click), (91, &double), (500, &click)]);
        assert_eq!(
            rows,
            [
                "1 click: Clicked “Buy” (button · 1, 2)",
                "90 click: Double-clicked “Buy” (button · 1, 2)",
                "500 click: Clicked “Buy” (button · 1, 2)",
            ]
        );
    }

    #[test]
    fn a_tap_is_a_click_and_a_touch_alone_is_none() {
        let (touch, click) = (pressed(7, 2), pressed(2, 2));
        let rows = read(&[(1, &touch), (90, &click), (200, &touch), (5_000, &click)]);
        assert_eq!(
            rows,
            [
                "1 click: Tapped “Buy” (button · 1, 2)",
                "200 view: Touched “Buy” (button · 1, 2)",
                "5000 click: Clicked “Buy” (button · 1, 2)",
            ]
        );
    }

    #[test]
    fn folds_bursts() {
        let scroll = |y: u32| format!(r#""type":3,"data":{{"source":3,"id":1,"x":0,"y":{y}}}"#);
        let typed = |value: &str| {
            format!(r#""type":3,"data":{{"source":5,"id":4,"text":"{value}","isChecked":false}}"#)
        };
        let events = [
            (1, scroll(10)),
            (500, scroll(400)),
            (900, scroll(900)),
            (5_000, scroll(100)),
            (6_000, typed("•••••")),
            (9_000, typed("•••••")),
            (9_100, typed("")),
        ];
        let rows = read(
            &events
                .iter()
                .map(|(at, event)| (*at, event.as_str()))
                .collect::<Vec<_>>(),
        );
        assert_eq!(
            rows,
            [
                "1 scroll: Scrolled down to 900 px () ×3",
                "5000 scroll: Scrolled to 100 px ()",
                "6000 input: Cleared “email” () ×3",
            ]
        );
    }

    #[test]
    fn reads_boxes_and_scripts_inputs() {
        let rows = read(&[
            (
                1,
                r#""type":3,"data":{"source":5,"id":5,"text":"on","isChecked":true}"#,
            ),
            (
                2,
                r#""type":3,"data":{"source":5,"id":4,"text":"x","isChecked":false,"userTriggered":false}"#,
            ),
        ]);
        assert_eq!(rows, ["1 input: Ticked “news” ()"]);
    }

    #[test]
    fn reads_custom_events() {
        let rows = read(&[
            (
                1,
                r#""type":5,"data":{"tag":"error","payload":{"message":"x is null","source":"app.js","lineno":12}}"#,
            ),
            (
                2,
                r#""type":5,"data":{"tag":"visibility","payload":{"state":"hidden"}}"#,
            ),
            (
                3,
                r#""type":5,"data":{"tag":"paid","payload":{"total":12}}"#,
            ),
            (
                3,
                r#""type":5,"data":{"tag":"sentiero:cost","payload":{"ms":7.5,"events":340,"version":"1.0.0"}}"#,
            ),
            (
                3,
                r#""type":5,"data":{"tag":"sentiero:leave","payload":{}}"#,
            ),
            (
                4,
                r#""type":5,"data":{"tag":"__click","payload":{"selector":"a"}}"#,
            ),
            (
                5,
                r#""type":5,"data":{"tag":"__field","payload":{"id":7,"field":"f name"}}"#,
            ),
        ]);
        assert_eq!(
            rows,
            [
                "1 error: x is null (app.js:12)",
                "2 view: Left the tab ()",
                "3 custom: paid ({\"total\":12})",
                "3 view: Recording took 7.5 ms of the page's time (for 340 events, by 1.0.0)",
                "3 view: Left the page ()",
            ]
        );
    }

    #[test]
    fn batches_in_any_order() {
        let mut activity = Activity::default();
        let meta = |at: u64, path: &str| {
            format!(r#"{{"type":4,"data":{{"href":"https://a/{path}"}},"timestamp":{at}}}"#)
        };
        let mut views = Vec::new();
        for (index, at, path) in [(9, 90, "b"), (1, 10, "a"), (5, 50, "b")] {
            views.extend(activity.event(index, meta(at, path).as_bytes()));
        }
        let rows = rows(&activity, views);
        assert_eq!(rows.iter().map(|row| row.at).collect::<Vec<_>>(), [10, 50]);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,120}") {
            let mut activity = Activity::default();
            activity.event(0, text.as_bytes());
            activity.event(1, format!("{{\"type\":3,\"data\":{text},\"timestamp\":1}}").as_bytes());
            let _ = activity.rows(&[], &[]);
        }
    }
}
