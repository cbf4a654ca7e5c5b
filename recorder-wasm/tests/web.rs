//! The boundary to JavaScript, in a real browser: what crosses it arrives whole, and
//! nothing that crosses it makes the module panic. What is decided behind it is tested
//! natively.
#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Function, JsString, Reflect, Uint8Array};
use recorder_wasm::{Engine, Source, Tail, correct, tab_id, until, visit, window_id};
use sentiero_core::batch::dropped;
use sentiero_core::event::is_event;
use sentiero_core::gzip;
use sentiero_core::redact::Redaction;
use sentiero_core::wire::{Header, Limits, Upload};
use serde::Deserialize;
use serde_json::value::RawValue;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const T0: f64 = 1_795_445_123_456.0;

/// The masking rules, as core runs them natively.
const TABLE: &str = include_str!("../../tests/fixtures/masking_cases.json");

/// A row of the table. A field that is not known here must not be passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case<'a> {
    name: &'a str,
    mode: &'a str,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    raw: Option<String>,
    #[serde(default)]
    redact: Redaction,
    expect: Option<&'a RawValue>,
    expect_raw: Option<String>,
    #[serde(default)]
    same: bool,
    #[serde(default)]
    malformed: bool,
}

impl Case<'_> {
    fn modes(&self) -> &'static [&'static str] {
        match self.mode {
            "none" => &["none"],
            "inputs" => &["inputs"],
            "text" => &["text"],
            "all" => &["none", "inputs", "text"],
            other => panic!("{}: unknown mode {other}", self.name),
        }
    }

    fn event(&self) -> &str {
        let event = self.event.map(RawValue::get).or(self.raw.as_deref());
        event.expect(self.name)
    }

    /// What must be uploaded: a masked event, or notes in the place of what is none.
    fn uploaded(&self) -> Vec<String> {
        let masked = match (self.malformed, self.same) {
            (true, _) => None,
            (false, true) => Some(self.event()),
            (false, false) => {
                let expect = self
                    .expect
                    .map(RawValue::get)
                    .or(self.expect_raw.as_deref());
                Some(expect.expect(self.name))
            }
        };
        match masked.filter(|event| is_event(event.as_bytes())) {
            Some(event) => vec![event.to_owned()],
            // The engine takes an event a line.
            None => self.event().split('\n').map(|_| note()).collect(),
        }
    }
}

/// What stands in the place of an event that could not be sent.
fn note() -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number"
    )]
    let now = T0 as u64;
    String::from_utf8(dropped(now)).unwrap()
}

fn source() -> Source {
    source_in("inputs", &Redaction::default())
}

fn source_in(mode: &str, redact: &Redaction) -> Source {
    let patterns: Vec<String> = redact.patterns.iter().cloned().map(String::from).collect();
    let urls = serde_json::to_string(&redact.urls).unwrap();
    let visit = visit("", T0, &[1; 17]);
    let sid = visit.split(' ').next().unwrap();
    let tab = tab_id(&[2; 5]);
    let lines = [
        mode,
        if redact.phones { "true" } else { "" },
        &patterns.join(" "),
        urls.trim_matches('"'),
        &redact.allow.join(" "),
        &redact.deny.join(" "),
        sid,
        &tab,
        &tab,
        "800",
        "600",
        "https://a.example/?q=1",
        "",
    ];
    Source::of(&lines.join("\n")).unwrap()
}

fn event(payload: &str) -> String {
    format!(r#"{{"type":5,"data":{{"tag":"n","payload":{payload}}},"timestamp":1}}"#)
}

/// `object[name](...arguments)`, through the generated JavaScript.
fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &name.into())?.dyn_into()?;
    method.apply(object, &arguments.iter().collect::<Array>())
}

fn read(body: &JsValue) -> (Header, Vec<String>) {
    let body = body.dyn_ref::<Uint8Array>().expect("bytes").to_vec();
    let text = gzip::decompress(&body, Limits::DEFAULT.inflated).unwrap();
    let upload = Upload::parse(&text, &Limits::DEFAULT).unwrap();
    let events = upload
        .events
        .iter()
        .map(|event| String::from_utf8_lossy(event).into_owned());
    (upload.header.clone(), events.collect())
}

/// An engine as JavaScript sees it, with `events` in it.
fn engine(events: &str) -> JsValue {
    engine_of(source(), events)
}

fn engine_of(source: Source, events: &str) -> JsValue {
    let engine = JsValue::from(Engine::new(source, "https://edge.example/i/demo"));
    call(
        &engine,
        "push",
        &[Uint8Array::from(events.as_bytes()).into(), T0.into()],
    )
    .unwrap();
    call(&engine, "flush", &[]).unwrap();
    engine
}

#[wasm_bindgen_test]
fn text_of_every_kind_arrives() {
    let events = ["\"plain\"", "\"Grüezi 🏔️\"", "\"\\ud800\"", "1e400"].map(event);
    let engine = engine(&events.join("\n"));
    let (header, came) = read(&call(&engine, "poll", &[T0.into()]).unwrap());
    assert_eq!((header.first, header.n, header.end), (0, 4, false));
    assert_eq!(header.meta.unwrap().url, "https://a.example/");
    assert_eq!(came, events);
}

#[wasm_bindgen_test]
fn every_row_of_the_table_holds() {
    let cases: Vec<Case> = serde_json::from_str(TABLE).unwrap();
    let mut rows = 0;
    for case in &cases {
        let expect = case.uploaded();
        for mode in case.modes() {
            let name = format!("{} ({mode})", case.name);
            let engine = engine_of(source_in(mode, &case.redact), case.event());
            let (header, came) = read(&call(&engine, "poll", &[T0.into()]).unwrap());
            assert_eq!(came, expect, "{name}");
            assert_eq!(usize::try_from(header.n), Ok(expect.len()), "{name}");
            let said = call(&engine, "commands", &[]).unwrap().as_string().unwrap();
            assert_eq!(
                said.starts_with("warn "),
                expect.contains(&note()),
                "{name}: {said}"
            );
        }
        rows += 1;
    }
    assert_eq!(rows, cases.len());
    assert!(rows >= 450, "{rows} rows are fewer than there were");
}

#[wasm_bindgen_test]
fn a_lone_surrogate_is_no_text_but_does_no_harm() {
    let (before, after) = (r#"{"type":5,"data":{"tag":""#, r#""},"timestamp":1}"#);
    let text = JsString::from(before)
        .concat(&JsString::from_char_code(&[0xd800]))
        .concat(&after.into());
    // As `TextEncoder` writes it: with a replacement character.
    let engine = engine(&String::from(text));
    assert_eq!(read(&call(&engine, "poll", &[T0.into()]).unwrap()).0.n, 1);
}

#[wasm_bindgen_test]
fn megabytes_arrive() {
    let long = event(&format!("\"{}\"", "x".repeat(1 << 20)));
    let engine = engine(&[long.as_str(); 8].join("\n"));
    let (header, events) = read(&call(&engine, "poll", &[T0.into()]).unwrap());
    assert!(header.n >= 1 && events.iter().all(|event| *event == long));
}

#[wasm_bindgen_test]
fn an_answer_becomes_commands() {
    let engine = engine(&event("1"));
    call(&engine, "poll", &[T0.into()]).unwrap();
    let body = Uint8Array::from(br#"{"next":1,"directive":"snapshot"}"#.as_slice());
    let arguments = [200.into(), body.into(), 0.into(), T0.into(), 7.into()];
    call(&engine, "answer", &arguments).unwrap();
    let commands = call(&engine, "commands", &[]).unwrap().as_string().unwrap();
    let for_page = commands.lines().filter(|line| !line.starts_with('!'));
    assert_eq!(
        for_page.collect::<Vec<_>>(),
        [&format!("acked {} 1 1 0", tab_id(&[2; 5])), "snapshot"]
    );
    assert_eq!(call(&engine, "commands", &[]).unwrap(), "");
    assert!(call(&engine, "poll", &[T0.into()]).unwrap().is_undefined());
    assert_eq!(call(&engine, "wake_at", &[]).unwrap(), -1.0);
}

#[wasm_bindgen_test]
fn what_was_kept_comes_back_and_is_uploaded() {
    let page = engine(&event("\"Grüezi\""));
    let said = call(&page, "commands", &[]).unwrap().as_string().unwrap();
    let key = said.lines().find_map(|line| line.strip_prefix("!keep 1 "));
    let kept = call(&page, "batch", &[]).unwrap();
    let tab = tab_id(&[9; 5]);
    let next = Source::of(
        &[
            "inputs",
            "",
            "",
            "",
            "",
            "",
            &key.unwrap()[..38],
            &tab,
            &tab,
            "1",
            "1",
            "",
            "",
        ]
        .join("\n"),
    );
    let next = JsValue::from(Engine::new(next.unwrap(), "https://edge.example/i/demo"));
    let arguments = [key.unwrap().into(), "".into(), (T0 + 1e6).into()];
    call(&next, "survey", &arguments).unwrap();
    assert_eq!(
        call(&next, "commands", &[]).unwrap(),
        format!("!load {}\n", key.unwrap())
    );
    call(&next, "take", &[kept, T0.into()]).unwrap();
    let (header, events) = read(&call(&next, "poll", &[T0.into()]).unwrap());
    assert_eq!((header.first, header.end), (0, true));
    assert_eq!(header.tab.as_str(), tab_id(&[2; 5]));
    assert_eq!(header.meta.unwrap().url, "https://a.example/");
    assert_eq!(events, [event("\"Grüezi\"")]);
}

#[wasm_bindgen_test]
fn absurd_numbers_do_no_harm() {
    for time in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        let engine = engine(&event("1"));
        call(&engine, "poll", &[time.into()]).unwrap();
        let arguments = [
            (-1).into(),
            Uint8Array::new_with_length(0).into(),
            time.into(),
            time.into(),
            time.into(),
        ];
        call(&engine, "answer", &arguments).unwrap();
        assert!(call(&engine, "wake_at", &[]).unwrap().as_f64().is_some());
        assert!(visit("", time, &[]).len() > 38 && until("").abs() < 1.0);
    }
}

#[wasm_bindgen_test]
fn a_tail_ends_with_undefined() {
    let tail = Tail::new(
        source(),
        3,
        7,
        [event("1"), event("2")].join("\n").as_bytes(),
        T0,
    );
    let tail = JsValue::from(tail);
    let (header, events) = read(&call(&tail, "next", &[60_000.into()]).unwrap());
    assert_eq!(
        (header.seq, header.first, header.end, events.len()),
        (3, 7, true, 2)
    );
    assert!(
        call(&tail, "next", &[60_000.into()])
            .unwrap()
            .is_undefined()
    );
}

#[wasm_bindgen_test]
fn a_moved_source_is_an_exception_and_no_trap() {
    let engine = engine(&event("1"));
    let source = JsValue::from(source());
    call(&engine, "rotate", &[source.clone()]).unwrap();
    assert!(call(&engine, "rotate", &[source]).is_err());
    assert!(call(&engine, "poll", &[T0.into()]).unwrap().is_object());
}

#[wasm_bindgen_test]
fn ids_are_text() {
    let first = visit("", T0, &[1; 17]);
    assert_eq!(visit(&first, T0 + 1.0, &[2; 17]).get(..38), first.get(..38));
    assert_ne!(
        correct(&first, &first[..38], T0, T0 - 1e7, &[3; 17]).get(..38),
        first.get(..38)
    );
    assert!((until(&first) - T0 - 1_800_000.0).abs() < 1.0);
    assert_eq!(window_id("", &[2; 5]), tab_id(&[2; 5]));
    assert!(Source::of("not\nids").is_none());
}
