//! What happens on a site before its worker is upgraded, and what is said of it.

use crate::askers::Asker;
use sentiero_core::api::{IssuedToken, MadeLink};
use sentiero_core::erasure::Receipt;
use sentiero_core::id::{Millis, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use system_tests::client::{Dashboard, post};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::Worker;

const SOON: Duration = Duration::from_mins(1);
const DAY: Millis = 86_400_000;

/// What every recording holds, with the name of its session behind it.
pub(crate) const CANARY: &str = "canary-released";

/// Whose session is whole.
pub(crate) const USER: &str = "user-of-before";

/// What a release said of its own store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The release.
    pub(crate) version: String,
    /// When.
    pub(crate) at: Millis,
    /// A session that was finished, with an error in it.
    pub(crate) whole: SessionId,
    /// Its events.
    pub(crate) events: Vec<Value>,
    /// Another that was finished.
    pub(crate) old: SessionId,
    /// One that the visitor erased.
    pub(crate) withdrawn: SessionId,
    /// One that the operator erased.
    pub(crate) wiped: SessionId,
    /// One that was under way, with its events.
    pub(crate) under_way: (SessionId, Vec<Value>),
    /// The secret of an API token, and its end.
    pub(crate) token: (String, Millis),
    /// The secret of a link, and its end.
    pub(crate) link: (String, Millis),
    /// What the API answered, by path below the site.
    pub(crate) answers: BTreeMap<String, Value>,
}

/// The site's configuration.
pub(crate) fn site(days: u32) -> String {
    format!(
        r#"{{"name":"Shop","origins":["self"],"retention_days":{days},"sharing":{{"files":true,"links":true}}}}"#
    )
}

/// A finished visit of two days ago: a page, an error, clicks, its user, and a canary. rrweb's
/// order of fields, or they are masked.
fn record(worker: &Worker, country: &str, user: &str, name: &str) -> Visit {
    let visit = Visit::started(now() - 2 * DAY);
    let at = visit.sid.start();
    let custom = |later: u64, tag: &str, payload: &str| {
        format!(
            r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{}}}"#,
            at + later
        )
    };
    let error = r#"{"message":"TypeError: cart.pay is not a function","stack":"onPay@https://shop.example/app.js:9:5","source":"https://shop.example/app.js"}"#;
    let events = [
        format!(
            r#"{{"type":4,"data":{{"href":"https://shop.example/cart","width":1280,"height":800}},"timestamp":{at}}}"#
        ),
        format!(
            r#"{{"type":2,"data":{{"node":{{"type":0,"id":1,"childNodes":[]}},"initialOffset":{{"left":0,"top":0}}}},"timestamp":{at}}}"#
        ),
        custom(1, "sentiero:metadata", r#"{"release":"7","plan":"large"}"#),
        custom(2, "sentiero:identify", &format!(r#"{{"id":"{user}"}}"#)),
        format!(
            r#"{{"type":3,"data":{{"source":2,"type":2,"id":1,"x":10,"y":20}},"timestamp":{}}}"#,
            at + 900
        ),
        custom(2_000, "error", error),
        custom(3_000, "bought", &format!(r#"{{"note":"{CANARY}-{name}"}}"#)),
    ];
    let mut header = visit.header(1, 0, 7);
    header.end = true;
    let headers = [("cf-ipcountry", country)];
    let answer = post(&worker.url, "shop", &headers, body(&header, &events)).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    visit
}

/// All events of a session, as the API gives them.
pub(crate) fn events(dashboard: &Dashboard, sid: &SessionId) -> Vec<Value> {
    let answer = dashboard.get(&format!("sessions/{sid}/events")).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Of what is still there after an upgrade and does not change by itself.
pub(crate) fn answers(dashboard: &Dashboard, told: &Told) -> BTreeMap<String, Value> {
    let paths = [
        "keys".to_owned(),
        format!("sessions/{}", told.whole),
        format!("sessions/{}", told.old),
        format!("sessions?user={USER}"),
        format!("reports/overview?user={USER}"),
        format!("reports/pages?user={USER}"),
        format!("reports/errors?user={USER}"),
        format!("reports/events?user={USER}"),
        format!("sessions/{}/links", told.whole),
        "issues".to_owned(),
        "erasures".to_owned(),
        "audit".to_owned(),
    ];
    let ask = |path: String| {
        let answer = dashboard.get(&path).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let mut told: Value = answer.json().unwrap();
        // How often goes on being counted, for an hour.
        for entry in told["entries"].as_array_mut().into_iter().flatten() {
            entry.as_object_mut().unwrap().remove("n");
        }
        (path, told)
    };
    paths.into_iter().map(ask).collect()
}

fn finished(dashboard: &Dashboard, n: usize) {
    until(&format!("{n} are finished"), SOON, || {
        let rows = dashboard.list("").unwrap().sessions;
        (rows.len() == n && rows.iter().all(|row| !row.live)).then_some(())
    });
}

fn erase(worker: &Worker, dashboard: &Dashboard, withdrawn: &SessionId, wiped: &SessionId) {
    let withdrawal = withdrawn.as_str().into();
    let answer = post(&worker.url, "shop/erase", &[], withdrawal).unwrap();
    assert_eq!(answer.status, 204);
    let request = json!({"sessions": [wiped]}).to_string();
    let asked = dashboard.post("erase", &request).unwrap();
    assert_eq!(asked.status, 202, "{}", asked.text());
    let id = asked.json::<Receipt>().unwrap().id;
    until("it is erased", SOON, || {
        let answer = dashboard.get(&format!("erasures/{id}")).unwrap();
        let receipt: Receipt = answer.json().unwrap();
        receipt.finished
    });
}

/// The issue is known, and resolved.
fn resolve(dashboard: &Dashboard, asker: &Asker) {
    let issue = until("it is known", SOON, || {
        let list: Value = dashboard.get("issues").unwrap().json().unwrap();
        list["issues"][0]["issue"].as_str().map(str::to_owned)
    });
    let path = format!("sites/shop/issues/{issue}");
    let decided = asker.ask("PUT", &path, &json!({"state": "resolved"}));
    assert_eq!(decided.status, 200, "{}", decided.text());
}

/// Leads a worker through the story.
pub(crate) fn lead(worker: &mut Worker) -> Told {
    worker.configure("shop", &site(3_650)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("shop");
    let asker = Asker::at(&worker.url, &dashboard);
    let names = [
        ("whole", "NO", USER),
        ("old", "CL", "another"),
        ("withdrawn", "CL", "a third"),
        ("wiped", "CL", "a fourth"),
    ];
    let [whole, old, withdrawn, wiped] =
        names.map(|(name, country, user)| record(worker, country, user, name).sid);
    finished(&dashboard, 4);
    erase(worker, &dashboard, &withdrawn, &wiped);
    finished(&dashboard, 2);
    resolve(&dashboard, &asker);

    let token = json!({"name": "ci", "scopes": ["read"], "sites": ["shop"], "days": 365});
    let token = asker.ask("POST", "tokens", &token);
    assert_eq!(token.status, 201, "{}", token.text());
    let token: IssuedToken = token.json().unwrap();
    let links = format!("sites/shop/sessions/{whole}/links");
    let link = asker.ask("POST", &links, &json!({"days": 90}));
    assert_eq!(link.status, 201, "{}", link.text());
    let link: MadeLink = link.json().unwrap();

    let under_way = Visit::new();
    let upload = post(&worker.url, "shop", &[], under_way.batch(1, 0, 5)).unwrap();
    assert_eq!(upload.status, 200, "{}", upload.text());
    until("it is listed", SOON, || {
        let rows = dashboard.list("").unwrap().sessions;
        rows.iter().any(|row| row.live).then_some(())
    });
    until("it is counted", SOON, || {
        let counters = dashboard.counters().unwrap();
        (counters.get(sentiero_core::count::BATCHES) == Some(&5)).then_some(())
    });
    let mut told = Told {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: now(),
        events: events(&dashboard, &whole),
        under_way: (under_way.sid.clone(), events(&dashboard, &under_way.sid)),
        whole,
        old,
        withdrawn,
        wiped,
        token: (token.secret, token.token.expires),
        link: (link.secret, link.link.expires),
        answers: BTreeMap::new(),
    };
    told.answers = answers(&dashboard, &told);
    told
}
