//! The short form of the fuzz targets, on stable and in seconds: the committed corpus
//! (every masking case and every crasher found so far) and a few thousand mutations of
//! it, always the same, through the functions that libFuzzer calls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::field_reassign_with_default,
    reason = "tests panic to fail"
)]

use std::fs;
use std::path::Path;

use sentiero_core::api::SessionRow;
use sentiero_core::id::SessionId;
use sentiero_core::recording::{SessionState, Visitor};
use sentiero_core::sheet::write;
use serde::Deserialize;
use serde_json::value::RawValue;

#[path = "../../tests/fuzz/entry.rs"]
mod entry;

const MUTATIONS: usize = 3_000;

/// What JSON and rrweb are made of; mutations put these where they do not belong.
const TOKENS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u2063",
    "\\ud800",
    "\u{2063}",
    "null",
    "true",
    "-",
    "0",
    "1e400",
    "\"type\":2,",
    "\"type\":3,",
    "\"type\":5,",
    "\"source\":0,",
    "\"source\":5,",
    "\"source\":9,",
    "\"data\":",
    "\"tagName\":\"input\",",
    "\"attributes\":{},",
    "\"attributes\":",
    "\"childNodes\":[",
    "\"textContent\":\"x\"",
    "\"value\":\"x\",",
    "\"type\":\"password\",",
    "\"data-rr-mask\":\"\",",
    "\"data-sentiero-unmask\":\"\",",
    "\"parentId\":1,",
    "\"node\":{",
    "\"text\":\"x\",",
    "\"href\":\"/a?b\",",
    "\"id\":10,",
    "\n",
    "\u{0}",
    "é",
];

#[derive(Deserialize)]
struct Case<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    raw: Option<String>,
}

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures"))
}

fn seeds() -> Vec<Vec<u8>> {
    let table = fs::read(fixtures().join("masking_cases.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_slice(&table).unwrap();
    let of = |case: Case| {
        case.event
            .map(|event| event.get().into())
            .or(case.raw)
            .unwrap_or_default()
    };
    let mut seeds: Vec<Vec<u8>> = cases.into_iter().map(of).map(String::into_bytes).collect();
    let mut files: Vec<_> = fs::read_dir(fixtures().join("crashers"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    seeds.extend(
        files
            .into_iter()
            .filter(|path| path.is_file())
            .map(|path| fs::read(path).unwrap()),
    );
    seeds
}

/// A small generator (splitmix64): the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % limit.max(1)
    }
}

fn mutate(numbers: &mut Numbers, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len() + 1);
        let end = at + numbers.below((bytes.len() - at).min(40) + 1);
        match numbers.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(at.max(1)),
            2 => bytes.extend_from_within(at..end),
            3 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            4 => {
                let other = &seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len() + 1);
                let to = from + numbers.below((other.len() - from).min(60) + 1);
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => drop(bytes.splice(at..at, TOKENS[numbers.below(TOKENS.len())].bytes())),
        }
    }
    bytes
}

fn run(entry: fn(&[u8]), extra: &[Vec<u8>]) {
    let mut seeds = seeds();
    seeds.extend_from_slice(extra);
    for seed in &seeds {
        entry(seed);
    }
    let mut numbers = Numbers(1);
    for _ in 0..MUTATIONS {
        let bytes = mutate(&mut numbers, &seeds);
        // A crash shows the input; keep it in tests/fixtures/crashers.
        let shown = std::panic::catch_unwind(|| entry(&bytes));
        assert!(
            shown.is_ok(),
            "crasher: {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn json() {
    run(entry::json, &[]);
}

#[test]
fn mask() {
    run(entry::mask, &[]);
}

#[test]
fn split() {
    // A size, and an event each.
    let seeds: Vec<Vec<u8>> = seeds()
        .into_iter()
        .flat_map(|seed| {
            [
                [b"\x02".to_vec(), seed.clone()].concat(),
                [b" ".to_vec(), seed].concat(),
            ]
        })
        .collect();
    run(entry::split, &seeds);
}

/// A seed for each line.
fn lines(seeds: &str) -> Vec<Vec<u8>> {
    seeds.lines().map(|line| line.as_bytes().to_vec()).collect()
}

#[test]
fn redact() {
    let seeds = lines(
        "0jane.doe@example.org 4111 1111 1111 1111 a\n\
         3+49 170 1234567 ORD-12345 ab 7x (aa\n\
         4https://user:pw@a.example/p?q=1&token=2&next=https%3A%2F%2Fb%2F%3Fcode%3D1#f?x\n\
         8https://x?https://x?https://x?//y@z DE89 3704 0044 0532 0130 00\n\
         9\u{2063}eyJ.eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0 ab+cd/ef==",
    );
    run(entry::redact, &seeds);
}

#[test]
fn css() {
    let seeds = lines(
        "/* don't */a::before{content:'x y'}b{background:url(/a?token=1)}@import \"/a\"\n\
         content/**/:\"x\\\" y\";--a : 'jane@example.org';url( 'x' )url(y",
    );
    run(entry::css, &seeds);
}

/// Style sheets made of what their scanner stops at, in any order.
#[test]
fn css_of_marks() {
    const MARKS: [&str; 24] = [
        "a", "a@b.cc", "@import ", "\\", "\"", "'", "(", ")", "url(", "/*", "*/", "content:",
        "--x:", ";", "{", "}", " ", "/", "//", "\n", "://", "?token=1", "x y", ":",
    ];
    let mut numbers = Numbers(1);
    for _ in 0..MUTATIONS {
        let length = 1 + numbers.below(9);
        let sheet: String = (0..length)
            .map(|_| MARKS[numbers.below(MARKS.len())])
            .collect();
        let shown = std::panic::catch_unwind(|| entry::css(sheet.as_bytes()));
        assert!(shown.is_ok(), "crasher: {sheet:?}");
    }
}

#[test]
fn pattern() {
    // A pattern and a text each.
    let seeds = [
        "[a-c_]{2,3}x?\naabx",
        "a?b?c\nbac",
        "\\w{1,9}-\\d{2}\nab-00",
        "[\\w-]{3}!\na--b!",
        "[--0]{2}a\n.-a",
        "[]a]b\nab",
    ];
    run(entry::pattern, &seeds.map(|seed| seed.as_bytes().to_vec()));
}

#[test]
fn settings() {
    let seeds = lines(
        r#"{"name":"x","origins":["self","https://a.example:8443"],"mask":"text","redact":{"phones":true,"patterns":["ORD-\\d{4}"],"urls":"filter","allow":["q"],"deny":["r"]},"retention_days":7,"recording":false,"slow_seconds":5}
{"key":"shop","config":{"name":"x","origins":[]}}
{"revision":7,"config":{"name":"x","origins":["http://[::1]:80"]}}
{"name":"ci","scopes":["read","admin"],"sites":["shop"],"days":7}
{"name":"ci","scopes":["export"],"sites":"all"}
https://xn--bcher-kva.example http://127.0.0.1:1"#,
    );
    run(entry::settings, &seeds);
}

#[test]
fn requests() {
    let seeds = lines(
        r#"{"sessions":["01a208de6980vov2xk5lvov2xk5lvov2xk5lvo","01a208de6980vov2xk5lvov2xk5lvov2xk5lva"]}
{"user":"jane@shop.example","confirm":3}
{"filter":{"from":1,"before":1795445123456,"user":"x","country":"DE","browser":"Firefox","os":"Linux","device":"desktop","entry":"https://shop.example/","live":false}}
{"filter":{"before":18446744073709551615}}
{"before":1795445123456,"confirm":0}"#,
    );
    run(entry::requests, &seeds);
}

#[test]
fn queries() {
    let seeds = lines(
        "from=1&before=1795445123456&user=kunde-42&country=DE&browser=Firefox&os=Linux&device=desktop\n\
         entry=https%3A%2F%2Fshop.example%2F&url=kasse+x&referrer=%C3%A4&event=bought&live=false&q=01a2\n\
         meta.plan=pro&meta.=&errors=true&rage=true&dead=true&min_duration=5&max_duration=9007199254740991\n\
         sort=longest&limit=200&cursor=longest-5-01a208de6980vov2xk5lvov2xk5lvov2xk5lvo\n\
         newest-0-01a208de6980vov2xk5lvov2xk5lvov2xk5lvo\n\
         a=1&&b&%61=%2b%\n\
         sort=size&limit=0&cursor=x&errors=false&errors=false",
    );
    run(entry::queries, &seeds);
}

#[test]
fn questions() {
    let seeds = lines(
        "pages?top=7&country=DE\n\
         heatmap?page=https%3A%2F%2Fshop.example%2Forders%2F17&kind=rage&on=mobile&top=20\n\
         funnel?step=page:/cart&step=event:paid&step=click:buy&step=error&within=3600\n\
         conversions?goal=event:paid&top=1\n\
         paths?page=/cart&depth=12&top=3\n\
         overview?every=week&top=0\n\
         retention\n\
         https://shop.example/orders/17/0b0e5dd2-93f5-4a5e-9b37-0c5a3f1d2c11?a#b\n\
         /blog/*",
    );
    run(entry::questions, &seeds);
}

#[test]
fn sheet() {
    let row = |start: u64, page: &str| SessionRow {
        users: ["a".to_owned()].into(),
        country: Some("DE".to_owned()),
        region: Some("DE-BE".to_owned()),
        timezone: Some("Europe/Berlin".to_owned()),
        entry: page.to_owned(),
        ..SessionState::new(1, Visitor::default()).row(&SessionId::new(start, &[7; 17]), true)
    };
    let rows = [row(5, "https://shop.example/Kasse"), row(70_000, "a")];
    let seeds = [&rows[..0], &rows[..1], &rows].map(|rows| {
        let sheet = write(rows);
        let parts = [sheet.facts, sheet.names, sheet.pages].into_iter();
        let parts = parts.flat_map(|part| {
            let length = u16::try_from(part.len()).unwrap().to_le_bytes();
            [length.as_slice(), &part].concat()
        });
        parts.collect()
    });
    run(entry::sheet, &seeds);
}

/// A cut, and events of every kind that is kept.
#[test]
fn analysis() {
    let events = r#"{"type":4,"data":{"href":"https://a.example/?b#c","width":1000,"height":500},"timestamp":1795445123456}
{"type":2,"data":{"node":{"id":1},"initialOffset":{"left":0,"top":40}},"timestamp":1795445123457}
{"type":3,"data":{"source":3,"id":1,"x":0,"y":900},"timestamp":1795445123999}
{"type":3,"data":{"source":1,"positions":[{"x":1,"y":2,"id":3,"timeOffset":-5}]},"timestamp":1795445124999}
{"type":3,"data":{"source":2,"type":2,"id":7,"x":10,"y":20},"timestamp":1795445125000}
{"type":5,"data":{"tag":"__click","payload":{"selector":"a#b","id":7,"x":0.5,"y":0.25}},"timestamp":1795445125001}
{"type":5,"data":{"tag":"__field","payload":{"id":4,"field":"pay mail","text":"E-mail","form":"pay"}},"timestamp":1795445126000}
{"type":3,"data":{"source":5,"id":4,"text":"x"},"timestamp":1795445126001}
{"type":5,"data":{"tag":"__form_submit","payload":{"name":"pay"}},"timestamp":1795445127000}
{"type":5,"data":{"tag":"bought","payload":{"price":9.5,"n":-2e3}},"timestamp":1795445127500}
{"type":5,"data":{"tag":"error","payload":{"message":"line 7\nb","stack":"at f (https://a.example/b.js:1:2)","count":100,"skipped":3}},"timestamp":1795445127600}
{"type":5,"data":{"tag":"sentiero:metadata","payload":{"release":"1.0"}},"timestamp":1795445127601}
{"type":5,"data":{"tag":"__perf","payload":{"metric":"CLS","value":0.25}},"timestamp":1795445128000}
{"type":5,"data":{"tag":"sentiero:environment","payload":{"utm_source":"ads"}},"timestamp":1795445128001}
{"type":4,"data":{"href":"https://a.example/b"},"timestamp":8640000000000000}
{"type":3,"data":{"source":4,"width":390,"height":800},"timestamp":0}"#;
    let seeds: Vec<Vec<u8>> = [0_u8, 7, 44, 90, 200]
        .iter()
        .map(|cut| [&[*cut], events.as_bytes()].concat())
        .collect();
    run(entry::analysis, &seeds);
}

#[test]
fn words() {
    let seeds = lines(
        "2026-11-26\n\
         2024-02-29\n\
         Mozilla/5.0 (Linux; Android 14; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36\n\
         Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\n\
         HTTPS://me:pw@Shop.Example:443/a?b=%C3%A9+c#d\n\
         http://[2001:db8::1]:80/\n\
         invalid type: string \"jane@shop.example\", expected u32 at line 1 column 10\n\
         at https://shop.example/cart?x=1 in 203.0.113.9 r/demo/01a208de6980vov2xk5lvov2xk5lvov2xk5lvo/1-2",
    );
    run(entry::words, &seeds);
}

#[test]
fn stack() {
    let seeds = [
        "Uncaught TypeError: a.b is not a function\nTypeError: x\n    at new A.b (https://s/a-1a2b3c4d.js:1:2)\n    at async c (<anonymous>)",
        "can't access property \"x\", y is undefined\nb/<@https://s/a.js:1:2\nasync*c@https://s/a.js line 3 > eval:1:1",
        "undefined is not an object (evaluating 'a.b[0].c = 1')\nglobal code@https://s/a.js:1:2\nf@[native code]",
        "no 'Ann B.' of 1,234.5 at 0xdeadbeef \nTraceback:\n  File \"/srv/a.py\", line 3, in <module>\nX: y",
        "x\n/srv/a.rb:7:in 'Shop::Cart#pay'\n#0 /srv/a.php(7): A->b()\nat A.B() in C:\\a.cs:line 7",
    ];
    run(entry::stack, &seeds.map(|seed| seed.as_bytes().to_vec()));
}

#[test]
fn server() {
    let seeds = lines(
        r#"{"id":"job-1","errors":[{"type":"Shop::NoPrice","message":"no price for ann@shop.example","sid":"01a208de6980vov2xk5lvov2xk5lvov2xk5lvo","time":1795445123456,"backtrace":["app/cart.rb:12:in 'sum'","x"],"release":"1","environment":"test","context":{"path":"/a?b","n":1,"ok":true}}]}
{"errors":[{"type":"KeyError","message":"'lamp'","backtrace":"  File \"a.py\", line 3, in price\n    return 1\n","sid":null}],"events":[]}
{"events":[{"name":"paid","sid":"01a208de6980vov2xk5lvov2xk5lvov2xk5lvo","payload":{ "n" : [1,{"password":"b\\"}], "u":"https://a.example/?b" }}]}"#,
    );
    run(entry::server, &seeds);
}

#[test]
fn wire() {
    let header = br#"{"v":1,"sid":"019b00000000abcdefghijklmnopqrstuvwxyz","tab":"abcdefgh","window":"abcdefgh","seq":0,"first":0,"n":1,"sent":1}"#;
    run(entry::wire, &[[header.as_slice(), b"\n{}"].concat()]);
}

#[test]
fn gzip() {
    let member = sentiero_core::gzip::compress(b"{\"type\":4}");
    run(entry::gzip, &[member]);
}

#[test]
fn chunk() {
    let footer = br#"{"v":1,"batches":[]}"#;
    let mut chunk = footer.to_vec();
    chunk.extend_from_slice(&u32::try_from(footer.len()).unwrap().to_le_bytes());
    run(entry::chunk, &[chunk]);
}
