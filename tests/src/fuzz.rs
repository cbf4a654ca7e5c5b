//! Makes hostile requests of real uploads: a case is a number, and the same number makes the
//! same case (but for its session, which is new and of now, or it would be refused unread).

#![expect(
    clippy::indexing_slicing,
    reason = "a generator of tests fails by panicking"
)]

use crate::client::another_address;
use crate::random::Random;
use crate::upload::{Visit, event};
use sentiero_core::gzip;

/// The same numbers on every machine.
#[derive(Clone, Debug)]
pub struct Numbers(Random);

impl Numbers {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    /// The next number.
    pub fn any(&mut self) -> u64 {
        self.0.draw()
    }

    /// A number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.any() % limit).unwrap_or(0)
    }

    /// True once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        let at = self.below(of.len());
        of.get(at).copied().unwrap_or_else(|| of[0])
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Case {
    /// Whose session it names, if the header was left alone.
    pub visit: Visit,
    /// The bytes to send.
    pub bytes: Vec<u8>,
    /// How many answers a server that follows it all would give.
    pub answers: usize,
    /// The upload's header names `visit` and is well-formed.
    pub named: bool,
    /// The request around the body is as a recorder makes it.
    pub as_usual: bool,
    /// Nothing was changed at all: it must be taken.
    pub plain: bool,
}

/// Values that a field may have instead of its own.
const VALUES: [&str; 34] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1",
    "1.5",
    "1e400",
    "-1e400",
    "1e-400",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775808",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"../../x\"",
    "\"aaaaaaaa\"",
    "\"AAAAAAAA\"",
    "[]",
    "{}",
    "[[[[]]]]",
    "{\"a\":{\"a\":{}}}",
    "\"\u{202e}\u{feff}\"",
    "\"https://a.example/?token=x#y\"",
    "NaN",
    "undefined",
    "'x'",
    "\"",
];

/// Bytes that are put in or instead of others.
const PIECES: [&[u8]; 14] = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"{",
    b"]",
    b"\"",
    b"\\",
    b",",
    b":",
    b"\xe2\x80\xa8",
];

/// Header values.
const HEADERS: [(&str, &str); 30] = [
    ("sec-gpc", "1"),
    ("sec-gpc", "01"),
    ("origin", "null"),
    ("origin", ""),
    ("origin", "https://evil.example"),
    ("origin", "\u{e9}"),
    ("content-encoding", "gzip"),
    ("content-encoding", "br"),
    ("content-encoding", "deflate, gzip"),
    ("content-type", "application/json"),
    ("content-type", "text/plain; charset=\u{ff}"),
    ("transfer-encoding", "chunked"),
    ("transfer-encoding", "gzip, chunked"),
    ("transfer-encoding", "identity"),
    ("content-length", "0"),
    ("content-length", "-1"),
    ("content-length", "18446744073709551616"),
    ("content-length", "1048577"),
    ("expect", "100-continue"),
    ("connection", "close"),
    ("connection", "upgrade"),
    ("upgrade", "websocket"),
    ("upgrade", "h2c"),
    ("user-agent", ""),
    ("user-agent", "Googlebot"),
    ("cf-connecting-ip", "::ffff:1.2.3.4"),
    ("cf-ipcountry", "\u{0}"),
    ("cf-ipcountry", "T1"),
    ("host", ""),
    ("cookie", "__Host-sentiero=x; sentiero=\u{7f}"),
];

const METHODS: [&str; 9] = [
    "GET", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH", "post", "TRACE", "",
];

const PATHS: [&str; 14] = [
    "/i/demo/erase",
    "/i/demo/",
    "/i//demo",
    "/i/nobody",
    "/i/DEMO",
    "/i/demo?x=%ff",
    "/i/%64emo",
    "/i/demo%00",
    "/i/../i/demo",
    "/health",
    "/api/login",
    "/api/me",
    "*",
    "http://x/i/demo",
];

/// Makes case number `seed` for the worker at `url`.
pub fn case(seed: u64, url: &str) -> Case {
    let mut numbers = Numbers::new(seed);
    let visit = Visit::new();
    let (mut text, named) = text(&mut numbers, &visit);
    let mut plain = named.is_none();
    if text.is_empty() {
        text.push(b'\n');
    }
    let mut body = gzip::compress(&text);
    if numbers.once_in(3) {
        plain = false;
        mutate_member(&mut numbers, &mut body);
    }
    let (bytes, answers, as_usual) = framed(&mut numbers, url, &body);
    Case {
        visit,
        bytes,
        answers,
        named: named != Some(Line::Header),
        as_usual,
        plain: plain && as_usual,
    }
}

/// What of an upload's text was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Header,
    Event,
}

/// An upload's text, and what was changed of it.
fn text(numbers: &mut Numbers, visit: &Visit) -> (Vec<u8>, Option<Line>) {
    let count = 1 + numbers.below(12);
    let n = u32::try_from(count).unwrap_or(1);
    let mut header = Vec::new();
    visit.header(1, 0, n).write_line(&mut header);
    header.pop();
    let mut lines = vec![header];
    lines.extend((0..n).map(|index| event(&visit.sid, index).into_bytes()));
    let changed = match numbers.below(5) {
        0 => Some(Line::Header),
        1 => Some(Line::Event),
        _ => None,
    };
    let at = match changed {
        Some(Line::Header) => Some(0),
        Some(Line::Event) => Some(1 + numbers.below(count)),
        None => None,
    };
    if let Some(line) = at.and_then(|at| lines.get_mut(at)) {
        for _ in 0..=numbers.below(3) {
            mutate_json(numbers, line);
        }
    }
    (lines.join(&b'\n'), changed)
}

fn mutate_json(numbers: &mut Numbers, line: &mut Vec<u8>) {
    let colons: Vec<usize> = (0..line.len()).filter(|at| line[*at] == b':').collect();
    let colon = colons.get(numbers.below(colons.len())).copied();
    match (numbers.below(8), colon) {
        (0..=3, Some(colon)) => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}');
            let rest = &line[colon + 1..];
            let end = rest.iter().position(ends).unwrap_or(rest.len());
            let value = numbers.one(&VALUES).as_bytes();
            line.splice(colon + 1..colon + 1 + end, value.iter().copied());
        }
        (4, Some(colon)) => {
            let field = format!(":{},\"x\":", numbers.one(&VALUES)).into_bytes();
            line.splice(colon..=colon, field);
        }
        (5, _) => {
            let deep = 1 + numbers.below(3_000);
            let open = numbers.one(&["[", "{\"a\":"]).repeat(deep);
            let at = numbers.below(line.len());
            line.splice(at..at, open.into_bytes());
        }
        (6, Some(colon)) => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}');
            let rest = &line[colon + 1..];
            let end = rest.iter().position(ends).unwrap_or(rest.len());
            line.splice(colon + 1..colon + 1 + end, long(numbers).into_bytes());
        }
        _ => mutate_bytes(numbers, line),
    }
}

/// What a site's server tells, number `seed` of it, changed here and there: a request with the
/// token `secret`, and whether it was left as it was.
pub fn call(seed: u64, url: &str, secret: &str, visit: &Visit) -> (Vec<u8>, bool) {
    let mut numbers = Numbers::new(seed);
    let (sid, at) = (&visit.sid, visit.sid.start());
    let mut body = format!(
        r#"{{"id":"call-{seed}","errors":[{{"type":"Shop::NoPrice","message":"no price for {seed}","sid":"{sid}","time":{at},"backtrace":["app/cart.rb:12:in 'sum'","x"],"release":"1","environment":"test","context":{{"path":"/a?b","n":1,"ok":true}}}}],"events":[{{"name":"paid","sid":"{sid}","payload":{{"n":[1,{{"a":"b"}}]}}}}]}}"#
    )
    .into_bytes();
    let mut plain = true;
    for _ in 0..numbers.below(4) {
        plain = false;
        if body.is_empty() {
            break;
        }
        mutate_json(&mut numbers, &mut body);
    }
    let host = url.strip_prefix("http://").unwrap_or(url);
    let mut path = "/e/demo";
    if numbers.once_in(8) {
        plain = false;
        path = numbers.one(&[
            "/e/",
            "/e/nobody",
            "/e/DEMO",
            "/e/demo/x",
            "/e/%64emo",
            "/e/demo?x=%ff",
        ]);
    }
    let mut bearer = format!("Bearer {secret}").into_bytes();
    if numbers.once_in(8) {
        plain = false;
        mutate_bytes(&mut numbers, &mut bearer);
        bearer.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
    }
    let address = another_address();
    let length = body.len();
    let mut bytes =
        format!("POST {path} HTTP/1.1\r\nhost: {host}\r\ncf-connecting-ip: {address}\r\ncontent-length: {length}\r\nauthorization: ")
            .into_bytes();
    bytes.extend_from_slice(&bearer);
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes.extend_from_slice(&body);
    (bytes, plain)
}

/// A value of a kilobyte up to a whole event: long texts, escapes that grow when they are
/// written anew, and lists of short texts, which a mask makes longer.
fn long(numbers: &mut Numbers) -> String {
    let bytes = match numbers.below(16) {
        0 => 4 << 20,
        1 => 2 << 20,
        2 => 1 << 20,
        3..=7 => 64 << 10,
        _ => 1 << 10,
    };
    let (open, unit, close) = match numbers.below(6) {
        0 => ("\"", "\\u0001", "\""),
        1 => ("\"", "\u{20ac}", "\""),
        2 => ("[1", ",\"a\"", "]"),
        3 => ("[{}", ",{\"id\":7,\"value\":\"a\"}", "]"),
        4 => ("\"https://a.example/", "a", "\""),
        _ => ("\"", "a", "\""),
    };
    let less = numbers.below(200);
    let units = (bytes - less) / unit.len();
    [open, &unit.repeat(units), close].concat()
}

fn mutate_bytes(numbers: &mut Numbers, bytes: &mut Vec<u8>) {
    let at = numbers.below(bytes.len());
    let end = (at + 1 + numbers.below(16)).min(bytes.len());
    match numbers.below(6) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << numbers.below(8);
            }
        }
        1 => drop(bytes.splice(at..at, numbers.one(&PIECES).iter().copied())),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let part = bytes.get(at..end).unwrap_or_default().to_vec();
            bytes.splice(at..at, part);
        }
        4 => bytes.truncate(at),
        _ => {
            let piece = numbers.one(&PIECES);
            let end = (at + piece.len()).min(bytes.len());
            bytes.splice(at..end, piece.iter().copied());
        }
    }
}

/// Breaks a gzip member.
fn mutate_member(numbers: &mut Numbers, body: &mut Vec<u8>) {
    match numbers.below(10) {
        0 => *body = gzip::compress(body),
        1 => body.extend(body.clone()),
        2 => body.extend_from_slice(numbers.one(&PIECES)),
        3 => {
            // Flags: text, checksum, extra, name, comment.
            if let Some(flags) = body.get_mut(3) {
                *flags = u8::try_from(numbers.below(256)).unwrap_or(0);
            }
        }
        4 => {
            let end = body.len();
            let at = end.saturating_sub(1 + numbers.below(8));
            if let Some(byte) = body.get_mut(at) {
                *byte = byte.wrapping_add(1);
            }
        }
        5 => {
            let size = numbers.below(24) << 20;
            *body = gzip::compress(&vec![b'\n'; size]);
        }
        6 => body.clear(),
        _ => {
            for _ in 0..=numbers.below(4) {
                mutate_bytes(numbers, body);
            }
        }
    }
}

/// The request around a body, how many answers it asks for, and whether it is as a recorder
/// makes it.
fn framed(numbers: &mut Numbers, url: &str, body: &[u8]) -> (Vec<u8>, usize, bool) {
    let mut method = "POST";
    let mut path = "/i/demo";
    let mut version = "HTTP/1.1";
    let host = url.strip_prefix("http://").unwrap_or(url);
    let mut headers = vec![
        format!("host: {host}"),
        format!("origin: {url}"),
        // One address block may send only so often.
        format!("cf-connecting-ip: {}", another_address()),
        "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(),
    ];
    let mut chunked = false;
    let mut length = body.len();
    let mut as_usual = true;
    if numbers.once_in(2) {
        as_usual = false;
        match numbers.below(9) {
            0 => method = numbers.one(&METHODS),
            1 => path = numbers.one(&PATHS),
            2 => version = numbers.one(&["HTTP/1.0", "HTTP/2.0", "HTTP/1.1 ", "HTTP", ""]),
            3 | 4 => {
                let at = numbers.below(HEADERS.len());
                if let Some((name, value)) = HEADERS.get(at) {
                    headers.retain(|header| !header.starts_with(&format!("{name}:")));
                    headers.push(format!("{name}: {value}"));
                }
            }
            5 => {
                let at = numbers.below(headers.len());
                let size = numbers.below(100_000);
                headers.insert(at, format!("x-{size}: {}", "y".repeat(size)));
            }
            6 => length = (length + numbers.below(64)).saturating_sub(32),
            7 => chunked = true,
            _ => {
                let at = numbers.below(headers.len());
                headers.swap_remove(at);
            }
        }
    }
    if chunked {
        headers.push("transfer-encoding: chunked".into());
    } else {
        headers.push(format!("content-length: {length}"));
    }
    let mut bytes = format!(
        "{method} {path} {version}\r\n{}\r\n\r\n",
        headers.join("\r\n")
    )
    .into_bytes();
    let head = bytes.len();
    if chunked {
        let size = 1 + numbers.below(body.len());
        for piece in body.chunks(size) {
            bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
    } else {
        bytes.extend_from_slice(body);
    }
    let mut answers = 1;
    match numbers.below(24) {
        0 => {
            as_usual = false;
            let at = numbers.below(bytes.len());
            bytes.truncate(at);
        }
        1 => {
            as_usual = false;
            let mut start = bytes.get(..head).unwrap_or_default().to_vec();
            mutate_bytes(numbers, &mut start);
            bytes.splice(..head, start);
        }
        2 => {
            as_usual = false;
            answers = 2;
            bytes.extend(bytes.clone());
        }
        _ => {}
    }
    (bytes, answers, as_usual)
}
