//! The boundary to JavaScript, in a real browser: what crosses it arrives whole, and
//! nothing that crosses it makes the module panic. What is decided behind it is tested
//! natively.
#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Function, JsString, Reflect, Uint8Array};
use recorder_wasm::{Port, Verb, correct, tab_id, until, visit, window_id};
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
const UPLOAD: &str = "https://edge.example/i/demo";

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

fn source() -> String {
    source_in("inputs", &Redaction::default())
}

fn source_in(mode: &str, redact: &Redaction) -> String {
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
    lines.join("\n")
}

fn event(payload: &str) -> String {
    format!(r#"{{"type":5,"data":{{"tag":"n","payload":{payload}}},"timestamp":1}}"#)
}

/// `port.call(verb, text, ...numbers)`, through the generated JavaScript.
fn call(port: &JsValue, verb: Verb, text: &[u8], numbers: [f64; 4]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(port, &"call".into())?.dyn_into()?;
    let text: JsValue = Uint8Array::from(text).into();
    let arguments = [JsValue::from(verb as u8), text];
    let numbers = numbers.map(JsValue::from);
    method.apply(port, &arguments.iter().chain(&numbers).collect::<Array>())
}

/// The same, of a verb that reads no numbers but the time.
fn ask(port: &JsValue, verb: Verb, text: &[u8]) -> JsValue {
    call(port, verb, text, [T0, 0.0, 0.0, 0.0]).unwrap()
}

fn poll(port: &JsValue) -> JsValue {
    ask(port, Verb::Poll, b"")
}

fn text(said: &JsValue) -> String {
    let bytes = said.dyn_ref::<Uint8Array>().expect("bytes").to_vec();
    String::from_utf8(bytes).unwrap()
}

fn commands(port: &JsValue) -> String {
    text(&ask(port, Verb::Commands, b""))
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
    engine_of(&source(), events)
}

fn engine_of(source: &str, events: &str) -> JsValue {
    let port = open(source);
    ask(&port, Verb::Push, events.as_bytes());
    ask(&port, Verb::Flush, b"");
    port
}

fn open(source: &str) -> JsValue {
    let port = JsValue::from(Port::new());
    let opened = ask(&port, Verb::Open, format!("{UPLOAD}\0{source}").as_bytes());
    assert!(opened.is_object());
    port
}

#[wasm_bindgen_test]
fn text_of_every_kind_arrives() {
    let events = ["\"plain\"", "\"Grüezi 🏔️\"", "\"\\ud800\"", "1e400"].map(event);
    let engine = engine(&events.join("\n"));
    let (header, came) = read(&poll(&engine));
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
            let engine = engine_of(&source_in(mode, &case.redact), case.event());
            let (header, came) = read(&poll(&engine));
            assert_eq!(came, expect, "{name}");
            assert_eq!(usize::try_from(header.n), Ok(expect.len()), "{name}");
            let said = commands(&engine);
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
    assert_eq!(read(&poll(&engine)).0.n, 1);
}

#[wasm_bindgen_test]
fn megabytes_arrive() {
    let long = event(&format!("\"{}\"", "x".repeat(1 << 20)));
    let engine = engine(&[long.as_str(); 8].join("\n"));
    let (header, events) = read(&poll(&engine));
    assert!(header.n >= 1 && events.iter().all(|event| *event == long));
}

#[wasm_bindgen_test]
fn an_answer_becomes_commands() {
    let engine = engine(&event("1"));
    poll(&engine);
    let body = br#"{"next":1,"directive":"snapshot"}"#;
    call(&engine, Verb::Answer, body, [T0, 200.0, 0.0, 7.0]).unwrap();
    let said = commands(&engine);
    let for_page = said.lines().filter(|line| !line.starts_with('!'));
    assert_eq!(
        for_page.collect::<Vec<_>>(),
        [&format!("acked {} 1 1 0", tab_id(&[2; 5])), "snapshot"]
    );
    assert_eq!(commands(&engine), "");
    assert!(poll(&engine).is_undefined());
    assert!(ask(&engine, Verb::Wake, b"").is_undefined());
}

#[wasm_bindgen_test]
fn what_was_kept_comes_back_and_is_uploaded() {
    let page = engine(&event("\"Grüezi\""));
    let said = commands(&page);
    let key = said.lines().find_map(|line| line.strip_prefix("!keep 1 "));
    let key = key.unwrap();
    let kept = ask(&page, Verb::Batch, b"");
    let tab = tab_id(&[9; 5]);
    let ids = [&key[..38], &tab, &tab].join("\n");
    let next = open(&format!("inputs\n\n\n\n\n\n{ids}\n1\n1\n\n"));
    let later = [T0 + 1e6, 0.0, 0.0, 0.0];
    call(&next, Verb::Survey, format!("\0{key}").as_bytes(), later).unwrap();
    assert_eq!(commands(&next), format!("!load {key}\n"));
    ask(&next, Verb::Take, text(&kept).as_bytes());
    let (header, events) = read(&poll(&next));
    assert_eq!((header.first, header.end), (0, true));
    assert_eq!(header.tab.as_str(), tab_id(&[2; 5]));
    assert_eq!(header.meta.unwrap().url, "https://a.example/");
    assert_eq!(events, [event("\"Grüezi\"")]);
}

#[wasm_bindgen_test]
fn absurd_numbers_do_no_harm() {
    for time in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        let engine = engine(&event("1"));
        call(&engine, Verb::Poll, b"", [time; 4]).unwrap();
        call(&engine, Verb::Answer, b"", [time; 4]).unwrap();
        let said = call(&engine, Verb::Wake, b"", [time; 4]).unwrap();
        assert!(said.is_undefined() || text(&said).parse::<u64>().is_ok());
        assert!(visit("", time, &[]).len() > 38 && until("").abs() < 1.0);
    }
}

#[wasm_bindgen_test]
fn a_tail_ends_with_undefined() {
    let port = JsValue::from(Port::new());
    let text = [source(), [event("1"), event("2")].join("\n")].join("\0");
    call(&port, Verb::Tail, text.as_bytes(), [T0, 3.0, 7.0, 0.0]).unwrap();
    let next = || call(&port, Verb::Next, b"", [0.0, 60_000.0, 0.0, 0.0]).unwrap();
    let (header, events) = read(&next());
    assert_eq!(
        (header.seq, header.first, header.end, events.len()),
        (3, 7, true, 2)
    );
    assert_eq!(self::text(&ask(&port, Verb::First, b"")), "9");
    assert!(next().is_undefined());
}

#[wasm_bindgen_test]
fn what_is_no_source_is_undefined_and_no_trap() {
    let engine = engine(&event("1"));
    for text in ["", "not\nids", "x\0not\nids"] {
        for verb in [Verb::Open, Verb::Rotate, Verb::Tail] {
            assert!(ask(&engine, verb, text.as_bytes()).is_undefined());
        }
    }
    assert!(poll(&engine).is_object(), "the engine is as it was");
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
    let port = JsValue::from(Port::new());
    let drawn = [[2; 17].as_slice(), first.as_bytes()].concat();
    let said = call(&port, Verb::Visit, &drawn, [T0 + 1.0, 0.0, 0.0, 0.0]).unwrap();
    assert_eq!(text(&said), visit(&first, T0 + 1.0, &[2; 17]));
    let drawn = [
        [3; 17].as_slice(),
        first[..38].as_bytes(),
        b"\0",
        first.as_bytes(),
    ]
    .concat();
    let said = call(&port, Verb::Correct, &drawn, [T0, T0 - 1e7, 0.0, 0.0]).unwrap();
    let expected = correct(&first, &first[..38], T0, T0 - 1e7, &[3; 17]);
    assert_eq!(text(&said), expected);
    assert_eq!(text(&ask(&port, Verb::TabId, &[2; 5])), tab_id(&[2; 5]));
    assert_eq!(text(&ask(&port, Verb::Window, &[2; 5])), tab_id(&[2; 5]));
    let said = ask(&port, Verb::Until, first.as_bytes());
    assert!((text(&said).parse::<f64>().unwrap() - until(&first)).abs() < 1.0);
    let said = call(&port, Verb::Use, first.as_bytes(), [0.0, 0.0, 1.0, 0.0]).unwrap();
    assert_eq!(text(&said), "2");
}
