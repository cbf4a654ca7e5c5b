//! The proof of an erasure: what a session said is in its month's sheets, in their parts and in
//! answers that were kept, and after its erasure in no table and no store.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::erasure::{Found, Receipt};
use sentiero_core::id::{Millis, Month, SessionId};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use system_tests::client::{Dashboard, erase, post, request};
use system_tests::filling::REPORTS;
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_mins(1);

/// Made-up sessions around those that are erased, so many ms apart: some sheets of them.
const ROWS: u64 = 6_000;
const EVERY: Millis = 2;

/// What of a session stands somewhere, by what it is; each is followed by whose it is.
const MARKS: [&str; 9] = [
    "vanishing-user-",
    "vanishing-path-",
    "vanishing-tag-",
    "vanishing-plan-",
    "vanishing-field-",
    "vanishing-label-",
    "vanishing-form-",
    "vanishing-button-",
    "vanishing-note-",
];

/// Which of them reports tell; the last stands in the recording only.
const TOLD: usize = MARKS.len() - 1;

fn mark(place: usize, whose: &str) -> String {
    format!("{}{whose}", MARKS[place])
}

/// A visit that says all of it, and leaves.
fn record(worker: &Worker, visit: &Visit, whose: &str) {
    let at = visit.sid.start();
    let custom = |after: u64, tag: &str, payload: &str| {
        let at = at + after;
        format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
    };
    let [user, path, tag, plan, field, label, form, button, note] =
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|place| mark(place, whose));
    let events = [
        format!(
            r#"{{"type":4,"data":{{"href":"https://shop.example/{path}","width":1000,"height":800}},"timestamp":{at}}}"#
        ),
        custom(1, "sentiero:identify", &format!(r#"{{"id":"{user}"}}"#)),
        custom(2, "sentiero:metadata", &format!(r#"{{"plan":"{plan}"}}"#)),
        custom(3, &tag, &format!(r#"{{"text":"{note}"}}"#)),
        custom(
            4,
            "__field",
            &format!(r#"{{"id":7,"field":"{field}","text":"\u2063{label}"}}"#),
        ),
        format!(
            r#"{{"type":3,"data":{{"source":5,"text":"•••••","isChecked":false,"id":7}},"timestamp":{}}}"#,
            at + 5
        ),
        custom(
            6,
            "__form_submit",
            &format!(r#"{{"name":"","id":"{form}"}}"#),
        ),
        format!(
            r#"{{"type":3,"data":{{"source":2,"type":2,"id":9,"x":500,"y":40}},"timestamp":{}}}"#,
            at + 7
        ),
        custom(
            7,
            "__click",
            &format!(r#"{{"selector":"button#{button}","id":9,"x":0.5,"y":0.25}}"#),
        ),
    ];
    let mut header = visit.header(1, 0, u32::try_from(events.len()).unwrap());
    header.end = true;
    let answer = post(&worker.url, "demo", &[], body(&header, &events)).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// How many sheets, parts and answers hold a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct Telling {
    sheets: u64,
    parts: u64,
    kept: u64,
}

const NOWHERE: Telling = Telling {
    sheets: 0,
    parts: 0,
    kept: 0,
};

struct Stage {
    worker: Worker,
    dashboard: Dashboard,
    door: String,
    /// Every one that was recorded, by whose it is.
    visits: BTreeMap<&'static str, Visit>,
}

impl Stage {
    /// A month of some sheets, and in the midst of it a visit of each of `all`.
    fn of(all: &[&'static str]) -> Self {
        let worker = Worker::start(Options {
            filled: true,
            ..Options::finishing_after(0.3)
        })
        .unwrap();
        // Uploads are taken for some days; all of it in one month.
        let span = ROWS * EVERY;
        let month = Month::of(now() - span);
        let from = (now() - 86_400_000).max(month.start());
        let door = format!("{}/api/fill/demo/{month}", worker.url);
        let url = format!("{door}?rows={ROWS}&from={from}&every={EVERY}");
        assert_eq!(request("POST", &url, &[], Vec::new()).unwrap().status, 200);
        let middle = from + span / 2;
        let visits = (0..).zip(all);
        let visits = visits.map(|(after, whose)| (*whose, Visit::started(middle + after)));
        let stage = Self {
            dashboard: Dashboard::sign_in(&worker.url).unwrap(),
            worker,
            door,
            visits: visits.collect(),
        };
        for (whose, visit) in &stage.visits {
            record(&stage.worker, visit, whose);
        }
        for visit in stage.visits.values() {
            until("it is finished", SOON, || {
                let detail = stage.dashboard.detail(&visit.sid).unwrap();
                detail.filter(|detail| !detail.row.live)
            });
        }
        stage
    }

    fn telling(&self, text: &str) -> Telling {
        let url = format!("{}?text={text}", self.door);
        let answer = request("GET", &url, &[], Vec::new()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()
    }

    fn ask(&self, path: &str) {
        let answer = self.dashboard.get(path).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }

    /// Has sheets, parts and answers made that tell of everybody but those who are `gone`: an
    /// answer that is kept has its question in it, and who asks for a page names it.
    fn looks(&self, gone: &[&str]) {
        self.ask("sessions/facets?errors=true");
        for (name, question) in REPORTS {
            self.ask(&format!("reports/{name}?{question}"));
        }
        for whose in self.visits.keys().filter(|whose| !gone.contains(*whose)) {
            let (path, tag) = (mark(1, whose), mark(2, whose));
            let page = format!("shop.example/{path}");
            self.ask(&format!("reports/page?page={page}&top=50"));
            self.ask(&format!("reports/paths?page={page}&depth=3&top=50"));
            self.ask(&format!("reports/conversions?goal=event:{tag}&top=50"));
        }
    }

    /// Each of them is told of in everything that is made of rows.
    fn assert_told(&self, whose: &str) {
        let all: Vec<(String, Telling)> = (0..TOLD)
            .map(|place| mark(place, whose))
            .map(|text| (text.clone(), self.telling(&text)))
            .collect();
        for (text, telling) in &all {
            let Telling {
                sheets,
                parts,
                kept,
            } = telling;
            assert!(sheets + parts + kept > 0, "{text} is nowhere: {all:?}");
        }
        // Sheets hold whose it is, where and what; parts what reports read; answers all of it.
        for place in [0, 1, 2, 3] {
            assert!(all[place].1.sheets > 0, "{all:?}");
        }
        for place in [1, 2, 4, 5, 7] {
            assert!(all[place].1.parts > 0, "{all:?}");
            assert!(all[place].1.kept > 0, "{all:?}");
        }
    }

    /// Nothing that is made of rows tells of them any more, at once.
    fn assert_not_told(&self, whose: &str) {
        for place in 0..MARKS.len() {
            let text = mark(place, whose);
            assert_eq!(self.telling(&text), NOWHERE, "{text}");
        }
    }

    /// Waits until an erasure is done, and says how many it erased.
    fn erased(&self, mut wanted: serde_json::Value) -> u64 {
        if wanted.get("sessions").is_none() {
            let found = self.dashboard.post("erase", &wanted.to_string()).unwrap();
            assert_eq!(found.status, 200, "{}", found.text());
            wanted["confirm"] = json!(found.json::<Found>().unwrap().matched);
        }
        let answer = self.dashboard.post("erase", &wanted.to_string()).unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text());
        let asked: Receipt = answer.json().unwrap();
        let receipt = until("it is erased", SOON, || {
            let answer = self
                .dashboard
                .get(&format!("erasures/{}", asked.id))
                .unwrap();
            let receipt: Receipt = answer.json().unwrap();
            receipt.finished.is_some().then_some(receipt)
        });
        receipt.erased
    }

    fn sid(&self, whose: &str) -> &SessionId {
        &self.visits[whose].sid
    }

    /// The files that hold anything of them.
    fn files(&self, whose: &str) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        for text in (0..MARKS.len()).map(|place| mark(place, whose)) {
            let hits = self.worker.storage_hits(text.as_bytes()).unwrap();
            found.extend(hits.into_iter().map(|path| (text.clone(), path)));
        }
        found
    }

    /// Those from which it can be read. In the files of an index object what was deleted can stay
    /// until SQLite writes something else over it, which privacy.md says: there the tables are
    /// looked at. So it can in the databases of which miniflare makes R2 and KV.
    fn readable(&self, whose: &str) -> Vec<(String, PathBuf)> {
        let databases = [
            "do/sentiero-IndexObject",
            "r2/miniflare-R2BucketObject",
            "kv/miniflare-KVNamespaceObject",
        ];
        let is_database = |path: &PathBuf| databases.iter().any(|folder| path.starts_with(folder));
        let mut files = self.files(whose);
        files.retain(|(_, path)| !is_database(path));
        files
    }

    /// How many rows of the month's index tell of them.
    fn rows(&self, whose: &str) -> usize {
        let sid = self.sid(whose);
        let query = format!("SELECT sid FROM session WHERE sid = '{sid}'");
        let url = self.door.replacen("/api/fill/", "/api/sql/", 1);
        let answer = request("POST", &url, &[], query.into_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json::<Vec<serde_json::Value>>().unwrap().len()
    }
}

#[test]
fn nothing_of_an_erased_session_is_left_in_what_was_made_of_it() {
    let stage = Stage::of(&["by-itself", "by-id", "by-user", "by-filter", "stays"]);
    stage.looks(&[]);
    for whose in stage.visits.keys() {
        stage.assert_told(whose);
        let files = stage.files(whose);
        let is_in = |folder: &str| files.iter().any(|(_, path)| path.starts_with(folder));
        for folder in ["r2", "kv", "do/sentiero-IndexObject"] {
            assert!(is_in(folder), "else nothing would be proved: {files:?}");
        }
    }

    assert_eq!(
        erase(&stage.worker.url, stage.sid("by-itself"))
            .unwrap()
            .status,
        204
    );
    stage.assert_not_told("by-itself");
    // Answers and parts are made again, of those who are left.
    stage.looks(&["by-itself"]);
    let by_id = json!({ "sessions": [stage.sid("by-id")] });
    assert_eq!(stage.erased(by_id), 1);
    stage.assert_not_told("by-id");
    stage.looks(&["by-itself", "by-id"]);
    assert_eq!(stage.erased(json!({ "user": mark(0, "by-user") })), 1);
    stage.assert_not_told("by-user");
    stage.looks(&["by-itself", "by-id", "by-user"]);
    let entry = format!("https://shop.example/{}", mark(1, "by-filter"));
    assert_eq!(stage.erased(json!({ "filter": { "entry": entry } })), 1);
    stage.assert_not_told("by-filter");
    let gone = ["by-itself", "by-id", "by-user", "by-filter"];
    stage.looks(&gone);
    stage.assert_told("stays");

    for whose in gone {
        stage.assert_not_told(whose);
        assert!(stage.dashboard.detail(stage.sid(whose)).unwrap().is_none());
        assert_eq!(stage.rows(whose), 0);
        until(&format!("nothing of {whose} can be read"), SOON, || {
            stage.readable(whose).is_empty().then_some(())
        });
    }
    assert!(stage.rows("stays") == 1 && !stage.readable("stays").is_empty());
}
