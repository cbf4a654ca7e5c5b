//! What redaction takes out of any text, what it leaves, and how long that takes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::field_reassign_with_default,
    reason = "tests panic to fail"
)]

use std::time::Instant;

use proptest::prelude::*;
use sentiero_core::mask::{MASK, Masker, Mode};
use sentiero_core::redact::{Pattern, Redaction, UrlMode};

/// Everything that can be asked for.
fn strict() -> Redaction {
    let mut redaction = Redaction::default();
    redaction.phones = true;
    redaction.patterns = vec![Pattern::parse("ORD-\\d{6}").unwrap()];
    redaction
}

fn keeping(urls: UrlMode, mut redaction: Redaction) -> Redaction {
    redaction.urls = urls;
    redaction.allow = vec!["q".into(), "next".into()];
    redaction
}

fn luhn(digits: &str) -> String {
    let complete = |last: &u32| {
        let sum: u32 = format!("{digits}{last}")
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, byte)| {
                let digit = u32::from(byte - b'0') * if place % 2 == 1 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        sum.is_multiple_of(10)
    };
    format!("{digits}{}", (0..10).find(complete).unwrap())
}

/// `text` in groups of `size`.
fn grouped(text: &str, size: usize, joint: &str) -> String {
    let groups: Vec<&str> = (0..text.len())
        .step_by(size)
        .map(|at| &text[at..text.len().min(at + size)])
        .collect();
    groups.join(joint)
}

fn card() -> impl Strategy<Value = String> {
    let digits = prop_oneof![
        "4[0-9]{14}",
        "5[1-5][0-9]{13}",
        "3[47][0-9]{12}",
        "6011[0-9]{11}",
        "30[0-5][0-9]{10}",
        "2[2-7][0-9]{13}",
        "4[0-9]{11}",
        "62[0-9]{16}",
    ];
    let joint = prop::sample::select(vec!["", " ", "-", "\u{a0}", "\u{2009}", "%20"]);
    (digits, joint).prop_map(|(digits, joint)| grouped(&luhn(&digits), 4, joint))
}

fn iban() -> impl Strategy<Value = String> {
    let account = prop_oneof![
        "[0-9]{18}".prop_map(|account| ("DE", account)),
        "[A-Z]{4}[0-9]{14}".prop_map(|account| ("GB", account)),
        "[0-9]{20}[A-Z0-9]{1}[0-9]{2}".prop_map(|account| ("FR", account)),
        "[0-9]{11}".prop_map(|account| ("NO", account)),
        "[A-Z]{4}[0-9]{5}[A-Z0-9]{18}"
            .prop_map(|account| ("MT", account))
            .prop_filter("enough digits", |(_, account)| account
                .bytes()
                .filter(u8::is_ascii_digit)
                .count()
                > 8),
        "[A-Z]{4}[0-9]{10}".prop_map(|account| ("NL", account)),
    ];
    (
        account,
        prop::sample::select(vec!["", " ", "-"]),
        any::<bool>(),
    )
        .prop_map(|((country, account), joint, small)| {
            let number: String = format!("{account}{country}00")
                .chars()
                .map(|char| char.to_digit(36).unwrap().to_string())
                .collect();
            let rest = number
                .bytes()
                .fold(0, |rest, byte| (rest * 10 + u32::from(byte - b'0')) % 97);
            let iban = grouped(&format!("{country}{:02}{account}", 98 - rest), 4, joint);
            if small {
                iban.to_ascii_lowercase()
            } else {
                iban
            }
        })
}

/// Base64 as random bytes give it: with more letters and digits than marks between.
fn token() -> impl Strategy<Value = String> {
    let few_marks = |token: &String| {
        token
            .bytes()
            .filter(|byte| !byte.is_ascii_alphanumeric())
            .count()
            * 9
            <= token.len()
    };
    // Thirty-two random characters nearly always have a digit: it tells them from words.
    let digit = |token: &String| token.bytes().filter(u8::is_ascii_digit).count() > 1;
    prop_oneof![
        "[A-Za-z0-9+/]{32,80}".prop_filter("random enough", move |token| few_marks(token)
            && digit(token)),
        "[A-Za-z0-9_-]{32,80}".prop_filter("random enough", move |token| few_marks(token)
            && digit(token)),
        "[A-Za-z0-9]{30}==".prop_filter("random enough", digit),
        "[0-9a-f]{32,64}",
        "[0-9A-F]{40}",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "eyJ[A-Za-z0-9_-]{20,40}\\.eyJ[A-Za-z0-9_-]{8,60}\\.[A-Za-z0-9_-]{20,60}",
    ]
}

fn phone() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\+49 1[5-7][0-9] [0-9]{7,8}",
        "\\+1[ .-][2-9][0-9]{2}[ .-][0-9]{3}[ .-][0-9]{4}",
        "0[1-9][0-9]{2,3}[/ -][0-9]{6,7}",
        "\\([2-9][0-9]{2}\\) [0-9]{3}-[0-9]{4}",
        "\\+44 \\(0\\)20 [0-9]{4} [0-9]{4}",
    ]
}

fn email() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}([.+_-][a-z0-9]{1,6}){0,2}@[a-z]{3,9}(\\.[a-z]{2,6}){1,2}",
        "[a-z]{2,8}(%40|%2540)[a-z]{3,9}\\.[a-z]{2,6}",
        "[a-zа-я]{2,8}@(почта\\.рф|例え\\.jp|münchen\\.de|xn--mnchen-3ya\\.de)",
    ]
}

fn finding() -> impl Strategy<Value = String> {
    prop_oneof![email(), card(), iban(), token(), phone(), "ORD-[0-9]{6}"]
}

/// What stands around a finding: white space or a mark, then other text.
fn neighbour() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[a-z]{0,12}( [a-zäöüß]{1,9}){0,3}",
        "[a-z]{1,5}[.,;:!?]",
        "[一-龠]{1,6}",
        Just("👩‍👩‍👧 🎉".to_owned()),
        Just("„Wort“".to_owned()),
        Just(MASK.to_owned()),
    ];
    (
        text,
        prop::sample::select(vec!["\n", "\t", "\n\n", " \u{2028} "]),
    )
        .prop_map(|(text, space)| format!("{space}{text}{space}"))
}

/// Whether a piece of `secret` of six characters or more is in `text`.
fn piece(secret: &str, text: &str) -> Option<String> {
    let chars: Vec<char> = secret.chars().collect();
    let pieces = chars
        .windows(6.min(chars.len()))
        .map(|piece| piece.iter().collect::<String>());
    pieces
        .into_iter()
        .find(|piece| text.contains(piece.as_str()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_finding_goes_and_its_neighbours_stay(before in neighbour(), secret in finding(), after in neighbour()) {
        let redaction = strict();
        let text = format!("{before}{secret}{after}");
        let found = redaction.text(&text);
        prop_assert!(found.is_some(), "not found: {text:?}");
        let found = found.unwrap();
        prop_assert!(found.starts_with(&before) && found.ends_with(&after), "{text:?}: {found:?}");
        prop_assert_eq!(piece(&secret, &found[before.len()..found.len() - after.len()]), None, "{:?}", found);
        prop_assert_eq!(redaction.text(&found), None, "{:?}", found);
    }

    #[test]
    fn a_finding_in_brackets_and_quotes_goes(
        secret in finding(),
        (open, close) in prop::sample::select(vec![
            ("(", ")"), ("<", ">"), ("\"", "\""), ("'", "'"), ("„", "“"), ("「", "」"), ("[", "]"), ("x=", ""), ("", "."), ("\u{2063}", ""),
        ]),
    ) {
        let secret = secret.trim_start_matches('(');
        let text = format!("a {open}{secret}{close} b");
        let found = strict().text(&text).unwrap_or(text);
        prop_assert_eq!(piece(secret, &found), None, "{:?}", found);
    }

    #[test]
    fn any_text_needs_no_second_time(
        parts in prop::collection::vec(prop_oneof![finding(), neighbour(), "\\PC{0,12}", "[a-z:/?#&=%@.]{0,16}",
            prop::sample::select(vec!["https://", "://", "?", "#", "@", "%", " ", "-", "+", "eyJ", "4111"]).prop_map(String::from)], 0..12),
        urls in prop::sample::select(vec![UrlMode::Strip, UrlMode::Filter, UrlMode::Keep]),
    ) {
        let redaction = keeping(urls, strict());
        let text = parts.concat();
        if let Some(once) = redaction.text(&text) {
            prop_assert_eq!(redaction.text(&once), None, "{:?}", once);
        }
    }

    #[test]
    fn no_secret_stays_in_an_address(
        user in "(|[a-z]{1,5}(:s3cret[a-z0-9]{0,5})?@)",
        host in "(a|shop|localhost)(\\.[a-z]{2,5}){0,2}(:8[0-9]{3})?",
        path in "(/[a-z]{1,6}){0,3}/?",
        secret in prop_oneof![email(), token(), card()],
        place in 0..6_u8,
        urls in prop::sample::select(vec![UrlMode::Strip, UrlMode::Filter, UrlMode::Keep]),
    ) {
        // In a segment of a path there is no slash.
        let secret = secret.replace(['/', '+'], "-").replace('=', "%3D").replace(' ', "%20").replace('\u{a0}', "%C2%A0").replace('\u{2009}', "%E2%80%89");
        let query = match place {
            0 => format!("/{secret}/x?q=fine"),
            1 => format!("?q={secret}&r=1"),
            2 => format!("?{secret}&q=fine"),
            3 => format!("?r=1&access_token=s3cret{secret}&q=fine"),
            4 => format!("?q=fine#{secret}"),
            _ => "?q=fine&next=https%3A%2F%2Fx%2F%3Ftoken%3Ds3cret#a=1&code=s3cret".to_owned(),
        };
        let query = if place == 0 { query } else { format!("{path}{query}") };
        let url = format!("https://{user}{host}{query}");
        let redaction = keeping(urls, Redaction::default());
        let masker = Masker::with(Mode::None, redaction.clone());
        let cut = masker.page_url(&url);
        prop_assert!(!cut.contains("s3cret"), "{url}: {cut}");
        if place < 5 {
            prop_assert_eq!(piece(&secret, &cut), None, "{}: {}", &url, &cut);
        }
        prop_assert_eq!(masker.page_url(&cut), cut.clone());
        prop_assert!(cut.starts_with(&format!("https://{host}")), "{url}: {cut}");
        if urls == UrlMode::Strip {
            prop_assert!(!cut.contains(['?', '#']), "{cut}");
        } else if matches!(place, 2..=4) {
            prop_assert!(cut.contains("q=fine"), "{cut}");
        }
        // The same address in a text. On a line of its own: an IBAN goes on behind a space, and
        // now and then a token that begins like one has the right sum with what follows.
        let text = format!("see {url}\nthere");
        let text = redaction.text(&text).unwrap_or(text);
        prop_assert!(!text.contains("s3cret") && text.ends_with("\nthere"), "{text}");
    }

    #[test]
    fn what_a_closed_sheet_says_goes(
        space in "[ \n\t]{0,2}",
        name in prop::sample::select(vec!["content", "CONTENT", "--name", "quotes", "/* it's; */content", "content/**/"]),
        other in prop::sample::select(vec!["", "color:red;", "font-family:'Inter';", "/* don't */", "background:url(a.png);", "background:url('b}.png');", "--x:'\\'';"]),
        quote in prop::sample::select(vec!['"', '\'']),
    ) {
        let css = format!("{other}{space}{name}{space}:{space}{quote}s3cret words{quote};color:red");
        for css in [format!("a::before{{{css}}}"), format!("@media print{{a{{{css}}}}}")] {
            let event = serde_json::json!({"data": 1, "css": css})["css"].to_string();
            let event = format!(r#"{{"type":3,"data":{{"source":8,"id":1,"adds":[{{"rule":{event},"index":0}}]}},"timestamp":1}}"#);
            for (mode, closed) in [(Mode::None, false), (Mode::Inputs, false), (Mode::Text, true)] {
                let mut out = Vec::new();
                Masker::new(mode).mask_event(event.as_bytes(), &mut out).unwrap();
                let out = String::from_utf8(out).unwrap();
                prop_assert_eq!(!out.contains("s3cret"), closed, "{}", out);
                prop_assert!(out.contains("color:red}"), "{out}");
            }
        }
    }
}

/// What people write, which is nobody's secret.
#[test]
fn ordinary_text_stays() {
    for text in [
        "12,50 € statt 1.299,00 €",
        "$1,234,567.89",
        "2024-11-24",
        "24.11.2024 01:31",
        "2026-11-24T01:31:05.123Z",
        "2026-11-24T01:31:05+01:00",
        "01:31:05",
        "Montag, 3. Januar 2025",
        "1732000000008",
        "v1.2.3-beta.4",
        "react@18.3.1",
        "logo@2x.png",
        "@media print",
        "@jane and @joe",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
        "the-quick-brown-fox-jumps-over-the-lazy-dog",
        "src/components/checkout/payment/PaymentForm.tsx",
        "handleCheckoutButtonClickAndNavigateToPayment",
        "MAX_NUMBER_OF_RETRIES_BEFORE_GIVING_UP",
        "org.springframework.boot.autoconfigure.web",
        "width=device-width, initial-scale=1",
        "100% of 50%25",
        "10 x 20 x 30 cm",
        "ISBN 978-3-16-148410-0",
        "52.520008, 13.404954",
        "46.4111111111111111",
        "Seite 3 von 12",
        "你好，世界。这是一个普通的句子，没有秘密。",
        "東京都千代田区1-1",
        "C++ / C# / F#",
        "1 000 000 000",
        "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r",
        "IMG_20240115_123456.jpg",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit",
        "e = mc²",
        "H₂SO₄",
        "https://example.org/a/b.html",
        "https://example.org/artikel/der-schnelle-braune-fuchs-springt",
        "mailto",
        "a@b",
        "me @ home",
        "10.000.000",
        "0.1 + 0.2 = 0.30000000000000004",
        "Öffnungszeiten: Mo-Fr 9-18 Uhr, Sa 10-14 Uhr",
        "iPhone 15 Pro Max 256GB",
        "--------------------------------",
        "................................",
        "================================",
        "aaaaaaaaaaaaaaaa",
        "GB and DE",
        "DE12 is a postcode area",
        "4 4 4 4 4",
        "key: value",
        "•••••",
    ] {
        assert_eq!(Redaction::default().text(text), None, "{text}");
    }
}

#[test]
fn kept_parameters_hide_no_address_with_secrets() {
    let masker = Masker::with(Mode::None, keeping(UrlMode::Keep, Redaction::default()));
    for (url, expect) in [
        (
            "https://a/?next=https%3A%2F%2Fb%2F%3Ftoken%3Dx&p=1",
            "https://a/?next=•••••&p=1",
        ),
        (
            "https://a/?next=https%3A%2F%2Fu%3Ap%40b%2F",
            "https://a/?next=•••••",
        ),
        (
            "https://a/?next=https%3A%2F%2Fb%2F%3Fpage%3D2",
            "https://a/?next=https%3A%2F%2Fb%2F%3Fpage%3D2",
        ),
        ("https:///u:p@a/x", "https:///a/x"),
        ("\\\\u:p@a\\x", "\\\\a\\x"),
        ("https://jane%40example.org/", "https://•••••/"),
        (
            "https://a/?d=YWJjZGVm+GhpamtsbW5vcHFyc3R1dnd4eXox",
            "https://a/?d=•••••",
        ),
    ] {
        assert_eq!(masker.page_url(url), expect, "{url}");
    }
    assert_eq!(
        Redaction::default()
            .text(":// http://u:p@a/?token=x")
            .as_deref(),
        Some(":// http://a/")
    );
    assert_eq!(
        Redaction::default()
            .text("://http://u:p@a/?token=x")
            .as_deref(),
        Some("://http://a/")
    );
}

/// In release; unoptimised, a smaller text shows as well what is not linear.
const SIZE: usize = 16 << 20;
/// A small one would be flaky; what is not linear takes thousands of times longer.
const FACTOR: f64 = 100.0;

/// Text that would take hours, or all of the stack, if anything were read more than a
/// fixed number of times, compared with text that is harmless.
#[test]
fn hostile_text_takes_linear_time() {
    let size = if cfg!(debug_assertions) {
        SIZE / 256
    } else {
        SIZE
    };
    let of = |part: &str| part.repeat(size / part.len());
    let seconds = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    let keep = keeping(UrlMode::Keep, strict());
    // Ordinary text that must be looked at: it has a finding in each line.
    let benign = of("An ordinary line, with a word or two for jane@example.org to read.\n");
    let base = seconds(&|| drop(keep.text(&benign))).max(0.02);
    for part in [
        "@",
        "a@a.a",
        "a@a.a@",
        "4 ",
        "4",
        "DE89",
        "DE89 ",
        "eyJ",
        "eyJ.",
        "https://",
        "https://x?",
        "://",
        ":// ",
        "%40",
        "a%2540",
        "\"",
        "ORD-",
        "ORD-1",
        "?",
        "&",
        "=",
        "#",
        "//",
        "/",
        ".",
        "-",
        "+",
        "\u{2063}",
        "é",
        "a&b=",
        "https://a/?",
        "https://a@",
        "0 ",
        "(0",
        "x:/",
        "%68ttps://x?",
    ] {
        let text = of(part);
        let url = format!("https://x?{text}");
        for text in [&text, &url] {
            let took = seconds(&|| drop(keep.text(text)));
            assert!(
                took < base * FACTOR,
                "{part}: {took} s, ordinary text {base} s"
            );
        }
    }
    for part in [
        "\"",
        "'",
        "url(",
        "@",
        "/*",
        "\\",
        " ",
        "content:\"x\"",
        "--a:",
        "a\"\"",
        "a@b;",
        ";",
        "@import\"",
        "\n\"",
        " \"\"",
        "/**/",
        "{\"\"",
        "url(\"\")",
    ] {
        let css = serde_json::to_string(&format!("  a{}", of(part))).unwrap();
        let event =
            format!(r#"{{"type":3,"data":{{"source":8,"id":1,"replace":{css}}},"timestamp":1}}"#);
        let took = seconds(&|| {
            assert!(
                Masker::new(Mode::Text)
                    .mask_event(event.as_bytes(), &mut Vec::new())
                    .is_ok()
            );
        });
        assert!(
            took < base * FACTOR,
            "{part}: {took} s, ordinary text {base} s"
        );
    }
}
