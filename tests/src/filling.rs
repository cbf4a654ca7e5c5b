//! A month of the index full of made-up sessions, and what is asked of it: for `cargo xtask
//! bench list`, `bench reports` and their short forms (`tests/list.rs`, `tests/reports.rs`).

use crate::client::{Dashboard, request};
use crate::upload::now;
use crate::worker::{Options, Worker};
use anyhow::{Result, ensure};
use sentiero_core::analytics::pack::Packed;
use sentiero_core::analytics::session::Session;
use sentiero_core::id::{Millis, Month, SessionId};
use sentiero_core::listing::{Cursor, Sort};
use serde::Deserialize;
use serde_json::Value;

/// Each packed, with its length in four bytes before it.
fn framed(told: &[Session]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    for session in told {
        let packed = Packed::of(session);
        let length = u32::try_from(packed.bytes().len())?;
        body.extend(length.to_le_bytes());
        body.extend(packed.bytes());
    }
    Ok(body)
}

const DAY: Millis = 86_400_000;

/// Performs SQL in the storage of a month of the site `demo` of a worker that was started with
/// [`Options::filled`]; gives the rows.
pub fn sql(worker: &Worker, month: Month, query: &str) -> Result<Vec<Value>> {
    let url = format!("{}/api/sql/demo/{month}", worker.url);
    let answer = request("POST", &url, &[], query.into())?;
    ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    answer.json()
}

/// Sessions of one sheet.
const SHEET: u64 = sentiero_core::sheet::ROWS as u64;

/// The letters that every made-up id ends with: its start is enough.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

/// Four conditions at once.
pub const SEGMENT: &str = "device=desktop&browser=Chrome&country=DE&min_duration=60000";

/// Every report, with a question that it takes.
pub const REPORTS: [(&str, &str); 17] = [
    ("overview", "every=day&top=20"),
    ("pages", "top=100"),
    ("page", "page=shop.example/kasse&top=50"),
    ("frustration", "top=100"),
    ("scroll", "top=100"),
    ("heatmap", "page=shop.example/kasse&on=desktop"),
    (
        "funnel",
        "step=page:shop.example/korb&step=page:shop.example/kasse&step=event:bought",
    ),
    ("vitals", "top=100"),
    ("events", "top=100"),
    ("conversions", "goal=event:bought&top=50"),
    ("forms", "top=50"),
    ("engagement", "top=50"),
    ("paths", "page=shop.example/&depth=3&top=50"),
    ("retention", ""),
    ("metadata", "top=100"),
    ("errors", "top=100"),
    ("issue", "issue=5e47a11b0c3d9f26&top=50"),
];

/// How a month that was filled stands.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Look {
    /// Its sheets, and how many of them have parts.
    pub sheets: u64,
    /// See above.
    pub parts: u64,
    /// Bytes of SQLite.
    pub size: u64,
    /// Bytes of the wasm's memory, in which the worker and all objects are here.
    pub memory: u64,
    /// Rows that SQLite looked at, while somebody counted.
    pub rows: u64,
    /// Bytes that it gave.
    pub bytes: u64,
}

/// A worker of which a month of the site `demo` holds so many sessions.
#[derive(Debug)]
pub struct Filled {
    /// The worker.
    pub worker: Worker,
    /// An operator.
    pub dashboard: Dashboard,
    /// How large the month's SQLite is.
    pub bytes: u64,
    /// When the first session started, and how long after each the next one did.
    from: Millis,
    every: Millis,
    rows: u64,
    /// The path where its month was filled.
    door: String,
}

impl Filled {
    /// Starts it and fills it: in the month of the day two weeks ago, as far as the site
    /// still keeps it.
    pub fn with(rows: u64) -> Result<Self> {
        Self::telling(rows, &[])
    }

    /// The same, where reports read of the sessions what `told` says, in turns.
    pub fn telling(rows: u64, told: &[Session]) -> Result<Self> {
        let options = Options {
            filled: true,
            ..Options::default()
        };
        let worker = Worker::start(options)?;
        let now = now();
        let month = Month::of(now - 14 * DAY);
        let from = month.start().max(now - 28 * DAY);
        let end = month.next().start().min(now);
        let every = (end - from) / rows.max(1);
        let door = format!("/api/fill/demo/{month}");
        let url = format!("{}{door}?rows={rows}&from={from}&every={every}", worker.url);
        let answer = request("POST", &url, &[], framed(told)?)?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
        let answer: Value = answer.json()?;
        let bytes = answer.get("bytes").and_then(Value::as_u64);
        let dashboard = Dashboard::sign_in(&worker.url)?;
        Ok(Self {
            worker,
            dashboard,
            bytes: bytes.unwrap_or(0),
            from,
            every,
            rows,
            door,
        })
    }

    /// The id of one of the sessions, counted from the oldest.
    pub fn sid(&self, number: u64) -> Result<SessionId> {
        let start = self.from + number * self.every;
        Ok(SessionId::parse(&format!("{start:012x}{LETTERS}"))?)
    }

    /// Performs SQL in the month's storage; gives the rows.
    pub fn sql(&self, query: &str) -> Result<Vec<Value>> {
        sql(&self.worker, Month::of(self.from), query)
    }

    /// Kills the worker as a power cut would, and starts it again: nothing is in memory then.
    pub fn restart(&mut self) -> Result<()> {
        self.worker.crash_and_restart()?;
        self.dashboard = Dashboard::sign_in(&self.worker.url)?;
        Ok(())
    }

    /// How the month stands, and what was read of it since the last look. With `forgets` it
    /// forgets what reports said, and `counts` from then on.
    pub fn look(&self, forgets: bool, counts: bool) -> Result<Look> {
        let flag = |name, is| if is { name } else { "" };
        let (forget, count) = (flag("forget=1&", forgets), flag("count=1", counts));
        let url = format!("{}{}?{forget}{count}", self.worker.url, self.door);
        let answer = request("GET", &url, &[], Vec::new())?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
        answer.json()
    }

    /// Whether all of the month's sheets are made; the last of them is made for each question.
    pub fn has_sheets(&self) -> Result<bool> {
        Ok(self.look(false, false)?.sheets + 1 >= self.rows / SHEET)
    }

    /// Whether all of its sheets have their parts, too.
    pub fn has_parts(&self) -> Result<bool> {
        let look = self.look(false, false)?;
        Ok(look.sheets + 1 >= self.rows / SHEET && look.parts == look.sheets)
    }

    /// The pages that are measured: what they are, and how they are asked for.
    pub fn pages(&self) -> Result<Vec<(&'static str, String)>> {
        let sid = self.sid(self.rows / 2)?;
        let behind = |sort: Sort, value: u64| Cursor {
            sort,
            value,
            sid: sid.clone(),
        };
        let day = self.from + 5 * DAY;
        let query = |text: &str| format!("sessions?{text}");
        Ok(vec![
            ("the first page", query("")),
            (
                "in the middle",
                query(&format!("cursor={}", behind(Sort::Newest, 0))),
            ),
            ("oldest", query("sort=oldest")),
            ("longest", query("sort=longest")),
            (
                "longest, in the middle",
                query(&format!(
                    "sort=longest&cursor={}",
                    behind(Sort::Longest, 900_000)
                )),
            ),
            ("most events", query("sort=events")),
            ("most errors", query("sort=errors")),
            ("most frustration", query("sort=frustration")),
            ("many match: a device", query("device=desktop")),
            ("one in 20: errors", query("errors=true")),
            ("one in 50: rage", query("rage=true")),
            ("part of an address", query("url=SCHRITT-3")),
            ("an event", query("event=bought")),
            ("metadata", query("meta.plan=pro")),
            ("one user", query("user=kunde-4242")),
            ("words that many have", query("q=artikel")),
            ("words that nobody has", query("q=nirgends")),
            (
                "one day of it",
                query(&format!("from={day}&before={}&sort=longest", day + DAY)),
            ),
            ("facets", "sessions/facets".to_owned()),
            (
                "facets of a filter",
                "sessions/facets?errors=true&country=DE".to_owned(),
            ),
        ])
    }
}
