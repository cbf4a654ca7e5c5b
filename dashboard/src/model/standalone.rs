//! A file that replays a recording by itself: a page of HTML with the recording in it, and
//! the player. What such a page does is `js/viewer.ts`; here is how a recording gets into one,
//! and out of it again, which goes for every version that ever was.
//!
//! **Format, version 1.** In the element `<script type="application/json" id="recording">`
//! stands an object of JSON without a `<`: `sentiero` (the version), `name`, `made`, and
//! `loads`, the page loads in the order in which they began. Each has `tab`, `url`, `from`,
//! `to` (ms, by the visitor's clock), `offset` (ms that it lacks; 0 if absent), `events` and
//! `gzip`: lines of the JSON export as one gzip member, in base64.
//! What the site's server told is, where there is any, in `server`, which is like `gzip`, and
//! as the dashboard shows it in `told` of the page load that it stands in.

use crate::model::activity::Row;
use crate::model::file::{MOST_BYTES, NotARecording, Opened};
use crate::model::server::Lines;
use crate::model::{reading, tabs};
use sentiero_core::api::SessionDetail;
use sentiero_core::base64::STANDARD;
use sentiero_core::gzip;
use sentiero_core::id::{Millis, TabId};
use serde::{Deserialize, Serialize};

/// The version that is written.
pub const VERSION: u32 = 1;

/// Where the recording goes in the page that the build makes.
const PLACE: &str = "{{recording}}";
/// What stands before a recording in a page.
const BEFORE: &str = "<script type=\"application/json\" id=\"recording\">";
/// What stands behind it.
const BEHIND: &str = "</script>";

#[derive(Debug, Serialize, Deserialize)]
struct Page {
    sentiero: u32,
    name: String,
    made: Millis,
    loads: Vec<Load>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Load {
    tab: TabId,
    url: String,
    from: Millis,
    to: Millis,
    events: u64,
    gzip: String,
    /// What its clock lacks to have the edge's, ms; none if it was right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<Told>,
}

/// A line of what the server told.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    at: Millis,
    label: String,
    detail: String,
}

/// Only what every version has.
#[derive(Debug, Deserialize)]
struct Versioned {
    sentiero: u32,
}

/// The page with `opened` in it; none if `template` is no page for it. `name` is what the
/// recording is called, `made` when.
pub fn write(template: &str, name: &str, made: Millis, opened: &Opened) -> Option<Vec<u8>> {
    let (before, behind) = template.split_once(PLACE)?;
    let detail = opened.detail();
    let lane = TabId::server();
    let has_lane = detail.tab_list.iter().any(|tab| tab.tab == lane);
    let server = has_lane.then(|| opened.chunk(&lane, 0, Millis::MAX));
    let server = server.unwrap_or_default();
    let packed = |tab: &TabId| STANDARD.encode(&gzip::compress(&opened.lines_of(tab)));
    let offset = |load: &TabId| {
        let tab = detail.tab_list.iter().find(|tab| tab.tab == *load);
        let offset = tab.map(|tab| tab.offset);
        offset.filter(|offset| *offset != 0)
    };
    let mut loads: Vec<Load> = tabs::windows(&detail)
        .into_iter()
        .flat_map(|window| window.loads)
        .map(|load| Load {
            gzip: packed(&load.tab),
            offset: offset(&load.tab),
            told: told(&server, &detail, &load.tab),
            to: load.from.saturating_add(load.duration),
            from: load.from,
            url: load.url,
            events: load.events,
            tab: load.tab,
        })
        .collect();
    loads.sort_by_key(|load| load.from.saturating_add_signed(load.offset.unwrap_or(0)));
    let page = Page {
        server: has_lane.then(|| packed(&lane)),
        sentiero: VERSION,
        name: name.to_owned(),
        made,
        loads,
    };
    // Nothing in it may end the element that it stands in.
    let page = serde_json::to_string(&page).ok()?.replace('<', "\\u003c");
    Some([before, &page, behind].concat().into_bytes())
}

/// What of the server's lane, which is `chunk`, was told while a page load was shown.
fn told(chunk: &[u8], detail: &SessionDetail, load: &TabId) -> Vec<Told> {
    let Some(lane) = tabs::lane(detail, load) else {
        return Vec::new();
    };
    let rows = Lines::of(chunk, &lane).rows.into_iter();
    let rows = rows.map(
        |Row {
             at, label, detail, ..
         }| Told { at, label, detail },
    );
    rows.collect()
}

/// Whether a file is a page at all.
pub fn is_page(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    let doctype = b"<!doctype html";
    start
        .get(..doctype.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(doctype))
}

/// The lines of the export that are in a page.
pub fn read(bytes: &[u8]) -> Result<Vec<u8>, NotARecording> {
    let text = core::str::from_utf8(bytes).map_err(|_| NotARecording::Page)?;
    let (_, rest) = text.split_once(BEFORE).ok_or(NotARecording::Page)?;
    let (held, _) = rest.split_once(BEHIND).ok_or(NotARecording::Page)?;
    let held = held.as_bytes();
    let Versioned { sentiero } = reading::read(held).map_err(|_| NotARecording::Page)?;
    if sentiero != VERSION {
        return Err(NotARecording::Version(sentiero));
    }
    let page: Page = reading::read(held).map_err(|_| NotARecording::Page)?;
    let mut lines = Vec::new();
    let loads = page.loads.into_iter().map(|load| load.gzip);
    for gzip in loads.chain(page.server) {
        let member = STANDARD.decode(&gzip).ok_or(NotARecording::Page)?;
        let room = MOST_BYTES.saturating_sub(lines.len());
        let text = gzip::decompress(&member, room).map_err(|error| match error {
            gzip::GzipError::TooLarge => NotARecording::TooLarge,
            _ => NotARecording::Page,
        })?;
        lines.extend_from_slice(&text);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn template() -> String {
        format!("<!doctype html><title>x</title>{BEFORE}{PLACE}{BEHIND}<script>1</script>")
    }

    fn export(texts: &[&str]) -> Vec<u8> {
        let mut lines = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            for (tab, at) in [("bbbbbbbb", 500), ("aaaaaaaa", 900)] {
                let event = serde_json::json!({
                    "type": 5, "data": {"tag": "x", "payload": text}, "timestamp": at + index,
                });
                let line = serde_json::json!({"tab": tab, "index": index, "event": event});
                lines.extend_from_slice(line.to_string().as_bytes());
                lines.push(b'\n');
            }
        }
        lines
    }

    #[test]
    fn what_is_written_is_read_again_and_nothing_ends_its_element() {
        let opened = Opened::read(
            "x",
            &export(&["</script><script>alert(1)</script>", "<!--"]),
        )
        .unwrap();
        let page = write(&template(), "Shop </script>", 7, &opened).unwrap();
        assert!(is_page(&page));
        let text = String::from_utf8(page.clone()).unwrap();
        assert_eq!(
            text.matches("</script>").count(),
            2,
            "those of the template"
        );
        assert!(!text.contains(opened.sid().as_str()));
        let again = Opened::read("x", &page).unwrap();
        assert_eq!(again.lines(), opened.lines());
        assert_eq!(again.detail(), opened.detail());
        assert_eq!(write("no place", "x", 7, &opened), None);
    }

    #[test]
    fn what_the_server_told_is_in_the_page_load_that_it_stands_in_and_is_read_again() {
        let line = |tab: &str, index: u32, event: &str| {
            format!("{{\"tab\":\"{tab}\",\"index\":{index},\"event\":{event}}}\n")
        };
        let custom = |at: u32, tag: &str, payload: &str| {
            format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
        };
        let lines = [
            line("aaaaaaaa", 0, &custom(1_000, "x", "{}")),
            line("aaaaaaaa", 1, &custom(5_000, "x", "{}")),
            line("bbbbbbbb", 0, &custom(9_000, "x", "{}")),
            line("bbbbbbbb", 1, &custom(12_000, "x", "{}")),
            line(
                "server22",
                64,
                &custom(
                    2_000,
                    "error",
                    r#"{"message":"no such tent","stack":"a.rb:1"}"#,
                ),
            ),
            line("server22", 96, &custom(10_000, "paid", r#"{"sum":12}"#)),
        ];
        let opened = Opened::read("x", lines.concat().as_bytes()).unwrap();
        let page = write(&template(), "x", 7, &opened).unwrap();
        let text = String::from_utf8(page.clone()).unwrap();
        let (_, held) = text.split_once(BEFORE).unwrap();
        let held: Page = serde_json::from_str(held.split_once(BEHIND).unwrap().0).unwrap();
        let shown = held.loads.iter().map(|load| {
            let told = load.told.iter().map(|told| (told.at, told.label.as_str()));
            (load.tab.to_string(), told.collect::<Vec<_>>())
        });
        let shown: Vec<_> = shown.collect();
        assert_eq!(shown[0].0, "aaaaaaaa");
        assert!(
            matches!(shown[0].1.as_slice(), [(2_000, said)] if said.contains("no such tent")),
            "{shown:?}"
        );
        assert!(
            matches!(shown[1].1.as_slice(), [(10_000, said)] if said.contains("paid")),
            "{shown:?}"
        );
        assert_eq!(Opened::read("x", &page).unwrap().lines(), opened.lines());
    }

    /// An hour behind, so that what the server told is much later by the page load's times.
    #[test]
    fn a_page_load_with_a_wrong_clock_stands_at_the_right_time() {
        let event = |at: u64, tag: &str| {
            format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{{}}}},"timestamp":{at}}}"#)
        };
        let line = |tab: &str, index: u32, event: &str, offset: &str| {
            format!("{{\"tab\":\"{tab}\",\"index\":{index},\"event\":{event}{offset}}}\n")
        };
        let behind = ",\"offset\":3600000";
        let lines = [
            line("aaaaaaaa", 0, &event(1_000, "x"), behind),
            line("aaaaaaaa", 1, &event(5_000, "x"), behind),
            line("bbbbbbbb", 0, &event(3_500_000, "x"), ""),
            line("bbbbbbbb", 1, &event(3_501_000, "x"), ""),
            line("server22", 64, &event(3_602_000, "paid"), ""),
        ];
        let opened = Opened::read("x", lines.concat().as_bytes()).unwrap();
        assert_eq!(opened.detail().row.started, 3_500_000);
        assert_eq!(opened.lines(), lines.concat().as_bytes());
        let page = write(&template(), "x", 7, &opened).unwrap();
        let text = String::from_utf8(page.clone()).unwrap();
        let (_, held) = text.split_once(BEFORE).unwrap();
        let held: Page = serde_json::from_str(held.split_once(BEHIND).unwrap().0).unwrap();
        let shown = held.loads.iter().map(|load| {
            let told = load.told.iter().map(|told| told.at);
            (load.tab.as_str(), load.offset, told.collect::<Vec<_>>())
        });
        let shown: Vec<_> = shown.collect();
        assert_eq!(
            shown,
            [
                ("bbbbbbbb", None, vec![]),
                ("aaaaaaaa", Some(3_600_000), vec![2_000])
            ]
        );
        assert_eq!(Opened::read("x", &page).unwrap().lines(), opened.lines());
    }

    /// What a release wrote, every later one reads.
    #[test]
    fn the_page_of_each_version_is_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/shared");
        let page = std::fs::read(format!("{folder}/recording-v1.html")).unwrap();
        let row = Opened::read("x", &page).unwrap().detail().row;
        assert_eq!((row.events, row.tabs, row.clicks), (9, 2, 3));
    }

    #[test]
    fn page_loads_stand_in_order_of_time() {
        let opened = Opened::read("x", &export(&["one"])).unwrap();
        let page = write(&template(), "x", 7, &opened).unwrap();
        let text = String::from_utf8(page).unwrap();
        assert!(text.find("bbbbbbbb").unwrap() < text.find("aaaaaaaa").unwrap());
    }

    #[test]
    fn what_is_no_recording_is_said_so() {
        let with = |held: &str| read(format!("<!doctype html>{BEFORE}{held}{BEHIND}").as_bytes());
        for held in [
            "",
            "{}",
            "[]",
            r#"{"sentiero":1}"#,
            r#"{"sentiero":1,"name":"x","made":1,"loads":[{}]}"#,
        ] {
            assert_eq!(with(held), Err(NotARecording::Page), "{held}");
        }
        let load = |gzip: &str| {
            with(&format!(
                r#"{{"sentiero":1,"name":"x","made":1,"loads":[{{"tab":"aaaaaaaa","url":"","from":0,"to":0,"events":1,"gzip":"{gzip}"}}]}}"#
            ))
        };
        assert_eq!(load("!"), Err(NotARecording::Page));
        assert_eq!(load("AAAA"), Err(NotARecording::Page));
        assert_eq!(
            with(r#"{"sentiero":2,"other":true}"#),
            Err(NotARecording::Version(2))
        );
        assert_eq!(read(b"<!doctype html><p>hello"), Err(NotARecording::Page));
        assert!(!is_page(b"{\"tab\":1}") && !is_page(b"") && is_page(b"\n<!DOCTYPE HTML>"));
        let said = NotARecording::Version(2).to_string();
        assert!(said.contains("version 2"), "{said}");
    }

    proptest! {
        #[test]
        fn any_page_is_answered(held in "\\PC{0,200}") {
            let _ = read(format!("<!doctype html>{BEFORE}{held}{BEHIND}").as_bytes());
        }

        #[test]
        fn any_text_survives(texts in proptest::collection::vec("\\PC{0,40}", 1..5)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let opened = Opened::read("x", &export(&texts)).unwrap();
            let page = write(&template(), &texts.concat(), 7, &opened).unwrap();
            prop_assert_eq!(Opened::read("x", &page).unwrap().lines(), opened.lines());
        }
    }
}
