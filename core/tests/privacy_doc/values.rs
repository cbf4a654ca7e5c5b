//! One whole value of each kind that is stored, every field filled.

use crate::page::Names;
use sentiero_core::access::{All, ApiToken, Reach, Scope};
use sentiero_core::analytics::facts::Facts;
use sentiero_core::api::{Moment, SessionRow};
use sentiero_core::chunk::BatchMeta;
use sentiero_core::digest::{Digest, PageView, Strip};
use sentiero_core::erasure::{Filter, Job, Kind, Receipt, Target};
use sentiero_core::id::{ErasureId, SessionId, SiteKey, TabId, TokenId, WindowId};
use sentiero_core::ranges::Ranges;
use sentiero_core::recording::{Buffered, Record, SessionState, StoredChunk, TabState, Visitor};
use sentiero_core::retention::{Anew, Plan, Rebuild};
use sentiero_core::sharing::{Kept, Link};
use serde::Serialize;
use serde_json::Value;

/// The keys of `value`, which must be an object, behind `prefix` and a dot.
pub(super) fn keys(prefix: &str, value: &impl Serialize) -> Names {
    let Value::Object(fields) = serde_json::to_value(value).unwrap() else {
        panic!("{prefix} is no object");
    };
    let prefix = |name: &String| format!("{prefix}.{name}");
    fields.keys().map(prefix).collect()
}

pub(super) fn sid() -> SessionId {
    SessionId::new(1_795_445_123_456, &[1; 17])
}

pub(super) fn tab() -> TabId {
    TabId::new(&[2; 5])
}

pub(super) fn window() -> WindowId {
    WindowId::new(&[3; 5])
}

pub(super) fn batch() -> BatchMeta {
    BatchMeta {
        tab: tab(),
        first: 0,
        n: 1,
        from: 1,
        to: 2,
        keyframe: true,
        bytes: 3,
    }
}

pub(super) fn view() -> PageView {
    PageView {
        at: 1,
        tab: tab(),
        url: "u".into(),
    }
}

/// A batch that begins with an answer and has a click.
pub(super) fn told() -> Digest {
    let events = [
        r#"{"type":3,"data":{"source":0},"timestamp":1}"#,
        r#"{"type":3,"data":{"source":2,"type":2,"id":1,"x":1,"y":1},"timestamp":2}"#,
    ];
    Digest::from_events(&TabId::new(&[1; 5]), events.map(str::as_bytes))
}

pub(super) fn digest() -> Digest {
    let Digest {
        bursts,
        clicked,
        grid,
        ..
    } = told();
    Digest {
        events: 1,
        clicks: 1,
        errors: 1,
        span: Some((1, 2)),
        addresses: [view()].into(),
        users: ["u".to_owned()].into(),
        dropped: 1,
        bursts,
        clicked,
        grid,
        named: ["n".to_owned()].into(),
        meta: [("k".to_owned(), (1, "v".to_owned()))].into(),
        referrer: Some((1, "u".to_owned())),
        first_error: Some(Moment { at: 1, tab: tab() }),
        facts: facts(),
    }
}

/// One of each kind.
pub(super) fn facts() -> Facts {
    let custom = |tag: &str, payload: &str| {
        format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":1}}"#)
    };
    let other = |data: &str| format!(r#"{{"type":3,"data":{{{data}}},"timestamp":1}}"#);
    let events = [
        r#"{"type":4,"data":{"href":"u","width":9,"height":9},"timestamp":1}"#.to_owned(),
        other(r#""source":3,"id":1,"x":0,"y":9"#),
        other(r#""source":1,"positions":[{"x":1,"y":2}]"#),
        other(r#""source":5,"id":4"#),
        custom("__perf", r#"{"metric":"LCP","value":9}"#),
        custom("__click", r#"{"selector":"a"}"#),
        custom("__field", r#"{"id":4,"field":"k","text":"l","form":"f"}"#),
        custom("__form_submit", r#"{"name":"f"}"#),
        custom("bought", r#"{"price":9.5}"#),
        custom("sentiero:environment", r#"{"utm_source":"s"}"#),
    ];
    Digest::from_events(&tab(), events.iter().map(String::as_bytes)).facts
}

pub(super) fn visitor() -> Visitor {
    let some = || Some("x".to_owned());
    Visitor {
        country: some(),
        region: some(),
        timezone: some(),
        browser: some(),
        os: some(),
        device: some(),
    }
}

pub(super) fn load() -> TabState {
    TabState {
        window: window(),
        stored: Ranges::default(),
        span: (1, 2),
        left_at: Some(1),
        keyframe: true,
        offset: 1,
    }
}

pub(super) fn state() -> SessionState {
    SessionState {
        created: 1,
        next_chunk: 1,
        announced: true,
        last: 1,
        tabs: [(tab(), load())].into(),
        digest: digest(),
        bytes: 1,
        skew: Some(1),
        masked: 1,
        visitor: visitor(),
    }
}

pub(super) fn chunk() -> StoredChunk {
    StoredChunk {
        name: "1-0".into(),
        batches: vec![batch()],
    }
}

pub(super) fn record() -> Record {
    Record {
        v: Record::VERSION,
        sid: sid(),
        live: true,
        state: state(),
        chunks: vec![chunk()],
        buffered: vec![batch()],
    }
}

pub(super) fn buffered() -> Buffered {
    Buffered {
        meta: batch(),
        window: window(),
        end: true,
        at: 1,
        skew: 1,
        offset: 1,
        masked: 1,
        digest: digest(),
    }
}

pub(super) fn row() -> SessionRow {
    let Visitor {
        country,
        region,
        timezone,
        browser,
        os,
        device,
    } = visitor();
    SessionRow {
        sid: sid(),
        started: 1,
        duration: 1,
        live: true,
        tabs: 1,
        pages: 1,
        events: 1,
        clicks: 1,
        errors: 1,
        bytes: 1,
        masked: 1,
        users: vec!["u".to_owned()],
        entry: "u".into(),
        exit: "u".into(),
        country,
        region,
        timezone,
        browser,
        os,
        device,
        active: 1,
        rage: 1,
        dead: 1,
        referrer: Some("u".into()),
        strip: Strip::parse("0"),
        visited: vec!["u".into()],
        more: 1,
        named: vec!["n".into()],
        meta: [("k".to_owned(), "v".to_owned())].into(),
    }
}

pub(super) fn plan() -> Plan {
    Plan {
        site: SiteKey::parse("demo").unwrap(),
        from: 1,
        to: 2,
        days: 30,
        longest: 30,
        swept: Some("x".into()),
        rebuild: Some(Rebuild {
            after: "x".into(),
            restored: 1,
            unreadable: 1,
            finished: Some(1),
        }),
        digested: 1,
        anew: Some(Anew {
            version: 1,
            after: "x".into(),
            made: 1,
            failed: 1,
        }),
        asked: 1,
        evicted: Some((1, 1)),
        failures: 1,
    }
}

pub(super) fn filter() -> Filter {
    let some = || Some("x".to_owned());
    Filter {
        from: Some(1),
        before: Some(2),
        user: some(),
        country: some(),
        region: some(),
        timezone: some(),
        browser: some(),
        os: some(),
        device: some(),
        entry: some(),
        url: some(),
        referrer: some(),
        meta: [("x".to_owned(), "x".to_owned())].into(),
        event: some(),
        errors: true,
        rage: true,
        dead: true,
        min_duration: Some(1),
        max_duration: Some(2),
        live: Some(true),
        q: some(),
        any: Vec::new(),
        not: Vec::new(),
    }
}

/// One with others in it, which have the same fields.
pub(super) fn filter_of_filters() -> Filter {
    Filter {
        any: vec![filter()],
        not: vec![filter()],
        ..filter()
    }
}

pub(super) fn job() -> Job {
    Job {
        site: SiteKey::parse("demo").unwrap(),
        receipt: Receipt {
            id: ErasureId::new(1, &[1; 10]),
            kind: Kind::Filter,
            by: "x".into(),
            asked: 1,
            filter: Some(filter()),
            withheld: vec!["user".into()],
            matched: 1,
            erased: 1,
            finished: Some(1),
        },
        target: Target::Matching(Box::new(filter())),
        month: Some(1),
        after: Some(sid()),
        pending: vec![sid()],
        announced: true,
        failures: 1,
        unconfirmed: true,
    }
}

pub(super) fn token() -> ApiToken {
    ApiToken {
        id: TokenId::new(&[1; 8]),
        name: "x".into(),
        scopes: vec![Scope::Read],
        sites: Reach::All(All::All),
        created: 1,
        expires: 2,
        used: Some(1),
    }
}

pub(super) fn kept_link() -> Kept {
    let link = Link {
        id: TokenId::new(&[0; 8]),
        session: "x".into(),
        by: "x".into(),
        created: 1,
        expires: 2,
        from: Some(1),
        to: Some(2),
    };
    let sealed = "x".into();
    Kept { link, sealed }
}
