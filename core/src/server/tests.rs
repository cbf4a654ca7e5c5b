use super::*;
use crate::field::FieldError;
use crate::gzip;
use crate::id::{Millis, SessionId, SiteKey, TabId};
use crate::ingest::IngestError;
use crate::issue::mark;
use crate::mask::{MASK, Masker, Mode};
use crate::recording::Visitor;
use crate::site::SiteConfig;
use crate::wire::{Limits, MAX_AHEAD, MAX_BEHIND, Upload};
use proptest::prelude::*;

const NOW: Millis = 1_795_445_200_000;

fn masker() -> Masker {
    Masker::new(Mode::Text)
}

fn read(body: &str) -> Result<Call, FieldError> {
    Call::read(body.as_bytes(), &masker(), 7, NOW)
}

fn sid(n: u8) -> SessionId {
    SessionId::new(NOW - 60_000, &[n; 17])
}

/// An error with more fields, and a call of it.
fn error(more: &str) -> String {
    format!(r#"{{"errors":[{{"type":"KeyError","message":"no price"{more}}}]}}"#)
}

/// The lines that a session stores of a call.
fn stored(call: &Call) -> Vec<String> {
    let batches = call.batches();
    let masked = call.masked(&batches[0], &masker(), NOW).unwrap();
    let config = SiteConfig::parse(r#"{"name":"x","origins":[]}"#).unwrap();
    let site = SiteKey::parse("demo").unwrap();
    let (append, body) = masked.append(&site, &config, Visitor::default());
    assert!(append.batch.meta.tab.is_server() && append.batch.end);
    let body = gzip::decompress(&body, 1 << 20).unwrap();
    let upload = Upload::parse(&body, &Limits::DEFAULT).unwrap();
    let text = |event: &&[u8]| String::from_utf8(event.to_vec()).unwrap();
    upload.events.iter().map(text).collect()
}

#[test]
fn an_error_becomes_an_event_of_its_session() {
    let sid = sid(1);
    let body = format!(
        r#"{{"errors":[{{"type":"Shop::NoPrice","message":"no price for 4711","sid":"{sid}","time":{},
            "backtrace":["app/cart.rb:12:in 'Cart#sum'","  total = price.cents","/usr/lib/ruby/gems/rack.rb:3:in 'call'"],
            "release":"1.4","environment":"production","context":{{"route":"/pay","retried":true,"path":"/a?b=c"}}}}]}}"#,
        NOW - 5
    );
    let call = read(&body).unwrap();
    let issue = call.items()[0].issue.clone().unwrap();
    assert_eq!(issue.title, "Shop::NoPrice: no price for #");
    assert_eq!(
        stored(&call),
        [format!(
            r#"{{"type":5,"data":{{"tag":"error","payload":{{"server":true,"kind":"Shop::NoPrice","message":"no price for 4711","stack":"app/cart.rb:12:in 'Cart#sum'\n/usr/lib/ruby/gems/rack.rb:3:in 'call'","release":"1.4","environment":"production","context":{{"route":"/pay","retried":true,"path":"/a"}}}}}},"timestamp":{}}}"#,
            NOW - 5
        )]
    );
    let told = [Told::default()];
    let all = call.sightings(&told);
    let [(by, seen)] = &all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(
        *by,
        call.items()[0].sid.as_ref().map(mark).unwrap_or_default()
    );
    assert_eq!(
        (seen.len(), seen[0].first, seen[0].last),
        (1, NOW - 5, NOW - 5)
    );
    assert_eq!(seen[0].release.as_deref(), Some("1.4"));
    let erased = [Told {
        refused: Some("session_erased".into()),
        ..Told::default()
    }];
    assert_eq!(call.sightings(&erased), []);
}

#[test]
fn secrets_are_taken_out_before_anything_is_made_of_them() {
    let call = read(&error(r#","message2":1"#));
    assert_eq!(call.unwrap_err().field, "errors[0].message2");
    let sid = sid(1);
    let body = format!(
        r#"{{"errors":[{{"type":"E","message":"no user ann@mail.example","sid":"{sid}","release":"bob@mail.example",
            "context":{{"password":"hunter2","note":"4111 1111 1111 1111","count":3}}}}],
            "events":[{{"name":"paid","sid":"{sid}","payload":{{"card": {{"number":"4111111111111111"}},"token":"abc", "who":"eve@mail.example"}}}}]}}"#
    );
    let call = read(&body).unwrap();
    let lines = stored(&call).join("\n");
    for secret in ["ann@", "bob@", "hunter2", "4111", "abc", "eve@"] {
        assert!(!lines.contains(secret), "{secret} in {lines}");
    }
    assert!(lines.contains(MASK) && lines.contains(r#""count":3"#));
    assert_eq!(call.items()[0].release, None);
    assert_eq!(
        call.items()[0].issue.as_ref().unwrap().title,
        "E: no user #"
    );
}

#[test]
fn wrong_fields_are_named() {
    let sid = sid(1);
    let event = |fields: &str| format!(r#"{{"events":[{{{fields}}}]}}"#);
    let named = format!(r#""sid":"{sid}","name":"paid""#);
    for (body, field) in [
        ("[]".into(), "body"),
        ("1".into(), "body"),
        ("{".into(), "body"),
        ("\"x\"".into(), "body"),
        ("{}".into(), "errors"),
        (r#"{"errors":[]}"#.into(), "errors"),
        (r#"{"errors":{}}"#.into(), "errors"),
        (r#"{"errors":[1]}"#.into(), "errors[0]"),
        (r#"{"error":[]}"#.into(), "error"),
        (r#"{"id":"","errors":[]}"#.into(), "id"),
        (r#"{"errors":[],"errors":[]}"#.into(), "errors"),
        (r#"{"errors":[{"message":"x"}]}"#.into(), "errors[0].type"),
        (r#"{"errors":[{"type":"x"}]}"#.into(), "errors[0].message"),
        (error(r#","sid":"x""#), "errors[0].sid"),
        (error(r#","time":"x""#), "errors[0].time"),
        (error(r#","time":-1"#), "errors[0].time"),
        (error(r#","time":1e400"#), "errors[0].time"),
        (
            error(&format!(r#","time":{}"#, NOW + MAX_AHEAD + 1)),
            "errors[0].time",
        ),
        (
            error(&format!(r#","time":{}"#, NOW - MAX_BEHIND - 1)),
            "errors[0].time",
        ),
        (error(r#","backtrace":1"#), "errors[0].backtrace"),
        (error(r#","backtrace":[1]"#), "errors[0].backtrace"),
        (error(r#","context":[]"#), "errors[0].context"),
        (
            error(r#","context":{"headers":{"cookie":"x"}}"#),
            "errors[0].context.headers",
        ),
        (
            error(r#","context":{"params":["x"]}"#),
            "errors[0].context.params",
        ),
        (error(r#","context":{"":1}"#), "errors[0].context"),
        (error(r#","release":"""#), "errors[0].release"),
        (error(r#","environment":7"#), "errors[0].environment"),
        (event(r#""name":"paid""#), "events[0].sid"),
        (event(&format!(r#""sid":"{sid}""#)), "events[0].name"),
        (
            event(&format!(r#""sid":"{sid}","name":"error""#)),
            "events[0].name",
        ),
        (
            event(&format!(r#""sid":"{sid}","name":"sentiero:x""#)),
            "events[0].name",
        ),
        (
            event(&format!(r#""sid":"{sid}","name":"__click""#)),
            "events[0].name",
        ),
        (
            event(&format!(r#"{named},"payload":[]"#)),
            "events[0].payload",
        ),
        (
            event(&format!(r#"{named},"level":"info""#)),
            "events[0].level",
        ),
    ] {
        let error = read(&body).unwrap_err();
        assert_eq!(error.field, field, "{body}: {error}");
    }
    assert!(read(&event(&named)).is_ok());
    assert!(
        read(&error(&format!(
            r#","time":{}.25,"sid":null"#,
            NOW + MAX_AHEAD
        )))
        .is_ok()
    );
    assert!(read(&error(&format!(r#","time":{},"sid":"""#, NOW - MAX_BEHIND))).is_ok());
}

#[test]
fn limits_hold_at_their_edge() {
    let many = |n: usize| {
        let one = r#"{"type":"E","message":""}"#;
        format!(r#"{{"errors":[{}]}}"#, vec![one; n].join(","))
    };
    assert_eq!(read(&many(MAX_ITEMS)).unwrap().items().len(), MAX_ITEMS);
    assert_eq!(read(&many(MAX_ITEMS + 1)).unwrap_err().field, "errors");

    let padded = |bytes: usize| {
        let text = error("");
        let room = bytes - text.len();
        text + &" ".repeat(room)
    };
    assert!(read(&padded(MAX_BODY)).is_ok());
    assert_eq!(read(&padded(MAX_BODY + 1)).unwrap_err().field, "body");

    let sid = sid(1);
    let payload = |payload: &str| {
        format!(r#"{{"events":[{{"sid":"{sid}","name":"n","payload":{payload}}}]}}"#)
    };
    let sized = |bytes: usize| payload(&format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8)));
    assert!(read(&sized(MAX_PAYLOAD)).is_ok());
    assert_eq!(
        read(&sized(MAX_PAYLOAD + 1)).unwrap_err().field,
        "events[0].payload"
    );

    // Three levels are around a payload.
    let deep = |levels: usize| payload(&(r#"{"a":"#.repeat(levels) + "1" + &"}".repeat(levels)));
    assert!(read(&deep(MAX_DEPTH - 3)).is_ok());
    assert_eq!(read(&deep(MAX_DEPTH - 2)).unwrap_err().field, "body");

    let fields = |n: usize| {
        let fields: Vec<String> = (0..n).map(|at| format!(r#""f{at}":1"#)).collect();
        error(&format!(r#","context":{{{}}}"#, fields.join(",")))
    };
    assert!(read(&fields(MAX_CONTEXT)).is_ok());
    assert_eq!(
        read(&fields(MAX_CONTEXT + 1)).unwrap_err().field,
        "errors[0].context"
    );

    for (name, most) in [("release", 128), ("environment", 64)] {
        let told = |bytes| error(&format!(r#","{name}":"{}""#, "-".repeat(bytes)));
        assert!(read(&told(most)).is_ok());
        assert_eq!(
            read(&told(most + 1)).unwrap_err().field,
            format!("errors[0].{name}")
        );
    }
    // What is longer is cut, and not refused: an error is worth more than its last word.
    let long = format!(
        r#"{{"errors":[{{"type":"E","sid":"{sid}","message":"{}","backtrace":[{}"b.rb:{}1"]}}]}}"#,
        "- ".repeat(MAX_MESSAGE),
        r#""a.rb:1","#.repeat(MAX_LINES),
        "0".repeat(MAX_LINE)
    );
    let line = stored(&read(&long).unwrap()).remove(0);
    assert_eq!(line.matches("- ").count(), MAX_MESSAGE / 2);
    assert_eq!(
        (line.matches("a.rb:1").count(), line.matches("b.rb").count()),
        (MAX_LINES, 0)
    );
}

#[test]
fn a_call_that_comes_again_has_the_same_place() {
    let (one, other) = (sid(1), sid(2));
    let call = |id: &str| {
        let body = format!(
            r#"{{{id}"errors":[{{"type":"E","message":"a","sid":"{other}"}},{{"type":"E","message":"b"}}],
                "events":[{{"name":"n","sid":"{one}"}},{{"name":"m","sid":"{other}"}}]}}"#
        );
        read(&body).unwrap()
    };
    let first = call(r#""id":"job-1","#);
    assert_eq!(first, call(r#""id":"job-1","#));
    assert_ne!(first, call(r#""id":"job-2","#));
    assert_ne!(first, call(""));
    let batches: Vec<_> = first
        .batches()
        .into_iter()
        .map(|batch| (batch.sid, batch.items))
        .collect();
    assert_eq!(batches, [(other, vec![0, 3]), (one, vec![2])]);
}

#[test]
fn a_session_of_another_time_takes_nothing() {
    let old = SessionId::new(NOW - MAX_BEHIND - 1, &[1; 17]);
    let call = read(&error(&format!(r#","sid":"{old}""#))).unwrap();
    let refused = call.masked(&call.batches()[0], &masker(), NOW);
    assert_eq!(refused.unwrap_err(), IngestError::Clock { now: NOW });
}

#[test]
fn no_page_load_is_the_server_lane() {
    assert_eq!(TabId::parse(TabId::server().as_str()), Ok(TabId::server()));
    assert_eq!(TabId::server().as_str(), "server22");
}

proptest! {
    /// Anything is answered; what is taken is lines that the mask leaves alone, and says what
    /// it was about in the same order.
    #[test]
    fn what_is_taken_is_masked(
        message in "\\PC{0,40}", kind in "[A-Za-z:]{1,9}", trace in "\\PC{0,60}",
        key in "[a-z]{1,9}", value in "\\PC{0,20}",
    ) {
        let sid = sid(1);
        let body = serde_json::json!({
            "errors": [{"type": kind, "message": message, "backtrace": trace, "sid": sid, "context": {key.clone(): value}}],
            "events": [{"name": kind, "sid": sid, "payload": {key: [value, {"x": message}]}}],
        });
        if let Ok(call) = read(&body.to_string()) {
            let lines = stored(&call);
            prop_assert_eq!(lines.len(), 2);
            for line in lines {
                let mut again = Vec::new();
                let changes = masker().mask_event(line.as_bytes(), &mut again).unwrap();
                prop_assert_eq!(changes.masked, 0);
                prop_assert!(!line.contains('\n') && changes.is_event);
            }
        }
    }

    #[test]
    fn anything_is_answered(body in "[\\[\\]{}:,\"a-z0-9 ]{0,80}") {
        let _ = read(&body);
        let _ = read(&error(&format!(r#","context":{body}"#)));
        let _ = read(&error(&format!(r#","backtrace":{body}"#)));
    }
}
