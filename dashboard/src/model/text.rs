//! How times, sizes, numbers and addresses read.
//!
//! What depends on the viewer's language or time zone is the browser's
//! (`platform`); this is what reads the same everywhere.

use sentiero_core::id::Millis;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// A length of time at a glance: `0s`, `42s`, `3m 12s`, `1h 04m`.
pub fn duration(length: Millis) -> String {
    let (hours, minutes, seconds) = split(length);
    if hours > 0 {
        format!("{hours}h {minutes:02}m")
    } else if minutes > 0 {
        format!("{minutes}m {seconds:02}s")
    } else {
        format!("{seconds}s")
    }
}

/// The same in words, for a screen reader: `3 minutes 12 seconds`.
pub fn spoken(length: Millis) -> String {
    let (hours, minutes, seconds) = split(length);
    let mut parts = Vec::new();
    for (number, word) in [(hours, "hour"), (minutes, "minute"), (seconds, "second")] {
        if number > 0 {
            parts.push(plural(number, word));
        }
    }
    if parts.is_empty() {
        "0 seconds".to_owned()
    } else {
        parts.join(" ")
    }
}

/// A length of time with nothing left out, as [`parse_duration`] reads it: `45s`,
/// `2m 30s`, `1h`, `1500ms`.
pub fn exact_duration(length: Millis) -> String {
    if !length.is_multiple_of(SECOND) || length == 0 {
        return format!("{length}ms");
    }
    let (hours, minutes, seconds) = split(length);
    let mut parts = Vec::new();
    for (number, unit) in [(hours, "h"), (minutes, "m"), (seconds, "s")] {
        if number > 0 {
            parts.push(format!("{number}{unit}"));
        }
    }
    parts.join(" ")
}

/// Reads a length of time: numbers with `h`, `m` (or `min`), `s` or `ms`; a number
/// alone is seconds. At most a year.
pub fn parse_duration(text: &str) -> Option<Millis> {
    const YEAR: Millis = 366 * DAY;
    let text = text.trim().to_lowercase();
    let mut rest = text.as_str();
    let mut length: Millis = 0;
    let mut alone = true;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let letters = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(letters)?;
        let unit = match unit {
            "h" => HOUR,
            "m" | "min" => MINUTE,
            "s" => SECOND,
            "ms" => 1,
            "" if alone && after.is_empty() => SECOND,
            _ => return None,
        };
        let number: Millis = number.parse().ok()?;
        length = length.checked_add(number.checked_mul(unit)?)?;
        alone = false;
        rest = after.trim_start();
    }
    (!alone && length <= YEAR).then_some(length)
}

/// A position in a recording: `0:42`, `12:05`, `1:02:05`.
pub fn clock(position: Millis) -> String {
    let (hours, minutes, seconds) = split(position);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A position to the tenth of a second: `0:42.3`.
pub fn fine_clock(position: Millis) -> String {
    format!("{}.{}", clock(position), position % SECOND / 100)
}

fn split(length: Millis) -> (Millis, Millis, Millis) {
    (
        length / HOUR,
        length % HOUR / MINUTE,
        length % MINUTE / SECOND,
    )
}

/// How long ago `then` was, up to a week; none for what is older, which reads
/// better as a date.
pub fn ago(now: Millis, then: Millis) -> Option<String> {
    let age = now.saturating_sub(then);
    Some(match age {
        0..10_000 => "just now".to_owned(),
        10_000..MINUTE => format!("{}s ago", age / SECOND),
        MINUTE..HOUR => format!("{}m ago", age / MINUTE),
        HOUR..DAY => format!("{}h ago", age / HOUR),
        _ if age < 7 * DAY => format!("{}d ago", age / DAY),
        _ => return None,
    })
}

/// A number with its thousands apart: `12,345`.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number in at most four characters, for places of one width: `999`, `1.2k`, `45k`, `1.3M`.
pub fn short_number(number: u64) -> String {
    let short = |unit: u64, letter: char| {
        let (whole, tenth) = (number / unit, number % unit * 10 / unit);
        if whole < 10 && tenth > 0 {
            format!("{whole}.{tenth}{letter}")
        } else {
            format!("{whole}{letter}")
        }
    };
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => short(1_000, 'k'),
        1_000_000..1_000_000_000 => short(1_000_000, 'M'),
        _ => short(1_000_000_000, 'G'),
    }
}

/// A speed in percent as its factor: `0.5`, `1`, `16`.
pub fn times(percent: u16) -> String {
    match percent % 100 {
        0 => (percent / 100).to_string(),
        rest => format!("{}.{}", percent / 100, rest / 10),
    }
}

/// `1 event`, `2 events`.
pub fn plural(count: u64, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {word}{plural}", number(count))
}

/// Bytes as people read them: `812 B`, `4.2 KB`, `1.3 MB`, `2.0 GB`.
pub fn bytes(bytes: u64) -> String {
    const KILO: u64 = 1_000;
    const MEGA: u64 = 1_000_000;
    const GIGA: u64 = 1_000_000_000;
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..KILO => format!("{bytes} B"),
        KILO..MEGA => format!("{} KB", tenths(KILO)),
        MEGA..GIGA => format!("{} MB", tenths(MEGA)),
        _ => format!("{} GB", tenths(GIGA)),
    }
}

/// The parts of an address that people look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// `shop.example:8080`; empty if there is none.
    pub host: String,
    /// `/tents/2`, at least `/`.
    pub path: String,
}

/// Takes an address apart; what has no host is all path.
pub fn address(url: &str) -> Address {
    let Some((_, rest)) = url.split_once("://") else {
        return Address {
            host: String::new(),
            path: url.to_owned(),
        };
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    Address {
        host: host.to_owned(),
        path,
    }
}

/// Whether `host`, with or without a port, is the machine that the page was opened on.
pub fn is_own_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
}

/// At most `limit` characters, with an ellipsis for what is cut.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
    }
}

/// White space folded, ends trimmed.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own_machine() {
        for host in [
            "localhost",
            "localhost:8787",
            "shop.localhost:80",
            "127.0.0.1",
            "127.0.0.1:36423",
            "[::1]",
            "[::1]:8787",
        ] {
            assert!(is_own_machine(host), "{host}");
        }
        for host in [
            "",
            "shop.example",
            "localhost.example",
            "127.0.0.10",
            "::1x",
            "notlocalhost:1",
        ] {
            assert!(!is_own_machine(host), "{host}");
        }
    }

    #[test]
    fn lengths_of_time() {
        for (length, short, long) in [
            (0, "0s", "0 seconds"),
            (999, "0s", "0 seconds"),
            (1_000, "1s", "1 second"),
            (72_000, "1m 12s", "1 minute 12 seconds"),
            (3_600_000, "1h 00m", "1 hour"),
            (5_045_000, "1h 24m", "1 hour 24 minutes 5 seconds"),
            (90_000_000, "25h 00m", "25 hours"),
        ] {
            assert_eq!(
                (duration(length).as_str(), spoken(length).as_str()),
                (short, long)
            );
        }
    }

    #[test]
    fn lengths_of_time_are_read_as_they_are_written() {
        for (length, text) in [
            (0, "0ms"),
            (1_500, "1500ms"),
            (45_000, "45s"),
            (150_000, "2m 30s"),
            (3_600_000, "1h"),
            (3_601_000, "1h 1s"),
            (90_000_000, "25h"),
        ] {
            assert_eq!(exact_duration(length), text);
            assert_eq!(parse_duration(text), Some(length));
        }
        for (text, length) in [
            (" 90 ", Some(90_000)),
            ("2M30S", Some(150_000)),
            ("1 h 5 min", Some(3_900_000)),
            ("8784h", Some(366 * DAY)),
            ("8785h", None),
            ("", None),
            ("m", None),
            ("5 5s", None),
            ("5s 5", None),
            ("-5s", None),
            ("1.5h", None),
            ("5é", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(parse_duration(text), length, "{text}");
        }
    }

    #[test]
    fn positions() {
        assert_eq!(
            [clock(0), clock(65_900), clock(3_725_000)],
            ["0:00", "1:05", "1:02:05"]
        );
        assert_eq!(fine_clock(42_390), "0:42.3");
    }

    #[test]
    fn how_long_ago() {
        for (age, text) in [
            (0, Some("just now")),
            (45_000, Some("45s ago")),
            (60_000, Some("1m ago")),
            (7_200_000, Some("2h ago")),
            (172_800_000, Some("2d ago")),
            (604_800_000, None),
        ] {
            assert_eq!(
                ago(1_000_000_000_000, 1_000_000_000_000 - age).as_deref(),
                text,
                "{age}"
            );
        }
        // A clock that is ahead of ours is now, not a fault.
        assert_eq!(ago(5, 9).as_deref(), Some("just now"));
    }

    #[test]
    fn numbers() {
        assert_eq!(
            [number(0), number(999), number(1_000), number(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1k"),
            (1_250, "1.2k"),
            (9_999, "9.9k"),
            (45_300, "45k"),
            (999_999, "999k"),
            (1_300_000, "1.3M"),
            (2_000_000_000, "2G"),
        ] {
            assert_eq!(short_number(number), text);
        }
        assert_eq!(
            [plural(1, "event"), plural(0, "tab"), plural(2_000, "event")],
            ["1 event", "0 tabs", "2,000 events"]
        );
        assert_eq!(
            [bytes(999), bytes(4_250), bytes(1_310_000)],
            ["999 B", "4.2 KB", "1.3 MB"]
        );
    }

    #[test]
    fn addresses() {
        for (url, host, path) in [
            ("https://shop.example/tents/2", "shop.example", "/tents/2"),
            ("http://localhost:8787", "localhost:8787", "/"),
            ("https://a.example?x=1", "a.example", "/?x=1"),
            ("/tents", "", "/tents"),
            ("", "", ""),
            ("about:blank", "", "about:blank"),
        ] {
            assert_eq!(
                address(url),
                Address {
                    host: host.into(),
                    path: path.into()
                }
            );
        }
    }

    #[test]
    fn cuts_at_characters() {
        assert_eq!(
            [
                shorten("déjà vu", 4),
                shorten("abc", 3),
                shorten("a bcd", 2)
            ],
            ["déjà…", "abc", "a…"]
        );
        assert_eq!(squeeze("  Add \n to   cart "), "Add to cart");
    }
}
