//! A file that replays a recording by itself: a page of HTML with the recording in it, and
//! the player. What such a page does is `js/viewer.ts`; here is how a recording gets into one,
//! and out of it again, which goes for every version that ever was.
//!
//! **Format, version 1.** In the element `<script type="application/json" id="recording">`
//! stands an object of JSON without a `<`: `sentiero` (the version), `name`, `made`, and
//! `loads`, the page loads in the order in which they began. Each has `tab`, `url`, `from`,
//! `to` (ms), `events` and `gzip`: lines of the JSON export as one gzip member, in base64.

use crate::model::file::{MOST_BYTES, NotARecording, Opened};
use crate::model::{reading, tabs};
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
}

#[derive(Debug, Serialize, Deserialize)]
struct Load {
    tab: TabId,
    url: String,
    from: Millis,
    to: Millis,
    events: u64,
    gzip: String,
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
    let mut loads: Vec<Load> = tabs::windows(&opened.detail())
        .into_iter()
        .flat_map(|window| window.loads)
        .map(|load| Load {
            gzip: STANDARD.encode(&gzip::compress(&opened.lines_of(&load.tab))),
            to: load.from.saturating_add(load.duration),
            from: load.from,
            url: load.url,
            events: load.events,
            tab: load.tab,
        })
        .collect();
    loads.sort_by_key(|load| load.from);
    let page = Page {
        sentiero: VERSION,
        name: name.to_owned(),
        made,
        loads,
    };
    // Nothing in it may end the element that it stands in.
    let page = serde_json::to_string(&page).ok()?.replace('<', "\\u003c");
    Some([before, &page, behind].concat().into_bytes())
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
    for load in page.loads {
        let member = STANDARD.decode(&load.gzip).ok_or(NotARecording::Page)?;
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
