//! A recorded event as pieces: its bytes, and between them the times and the user that every
//! copy of it has anew.

use sentiero_core::id::Millis;
use sentiero_core::json;

/// The user of the recorded visits; tests/demo/stories.mjs says so to `identify`.
pub(super) const USER: &str = "member-0000";

/// A part of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Time(Millis),
    User,
}

/// An event without its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

const CUSTOM: &[u8] = b"5";

impl Template {
    /// Takes `event` apart. Its own time is one; in what the recorder itself reports, in a
    /// custom event, so is every number that lies `within` the visit.
    pub(super) fn of(event: &[u8], within: (Millis, Millis)) -> Self {
        let [time, kind] = json::get_all(event, ["timestamp", "type"]);
        let mut places: Vec<(usize, usize, Piece)> = Vec::new();
        if let Some((from, to)) = time.and_then(|time| place(event, time)) {
            places.extend(number(event, from, to).map(|at| (from, to, Piece::Time(at))));
        }
        if kind == Some(CUSTOM) {
            places.extend(reported(event, within));
            places.extend(find(event, USER).map(|from| (from, from + USER.len(), Piece::User)));
        }
        places.sort_by_key(|(from, ..)| *from);
        places.dedup_by_key(|(from, ..)| *from);
        let mut pieces = Vec::new();
        let mut at = 0;
        for (from, to, piece) in places {
            pieces.push(Piece::Text(
                event.get(at..from).unwrap_or_default().to_vec(),
            ));
            pieces.push(piece);
            at = to;
        }
        pieces.push(Piece::Text(event.get(at..).unwrap_or_default().to_vec()));
        Self(pieces)
    }

    /// The event with its times as `clock` has them, and `user` in place of the user.
    pub(super) fn fill(&self, clock: impl Fn(Millis) -> Millis, user: &str, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(bytes) => out.extend_from_slice(bytes),
                Piece::Time(at) => out.extend_from_slice(clock(*at).to_string().as_bytes()),
                Piece::User => out.extend_from_slice(user.as_bytes()),
            }
        }
    }
}

/// Where the slice `part` lies in `whole`.
fn place(whole: &[u8], part: &[u8]) -> Option<(usize, usize)> {
    let from = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let to = from + part.len();
    (to <= whole.len()).then_some((from, to))
}

fn number(event: &[u8], from: usize, to: usize) -> Option<Millis> {
    let text = std::str::from_utf8(event.get(from..to)?).ok()?;
    let whole = text.split('.').next()?;
    whole.parse().ok()
}

/// Numbers in `event`, as values or list items, that are instants of the visit.
fn reported(event: &[u8], within: (Millis, Millis)) -> Vec<(usize, usize, Piece)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = event.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let digits = event.get(at..).unwrap_or_default();
        let length = digits.iter().take_while(|byte| byte.is_ascii_digit());
        let end = at + length.count();
        let before = at.checked_sub(1).and_then(|before| event.get(before));
        let is_value = matches!(before, Some(b':' | b'[' | b','))
            && matches!(event.get(end), Some(b',' | b'}' | b']'));
        if let Some(time) = number(event, at, end)
            && is_value
            && (within.0..=within.1).contains(&time)
        {
            found.push((at, end, Piece::Time(time)));
        }
        at = end;
    }
    found
}

fn find<'a>(event: &'a [u8], text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let windows = event.windows(text.len()).enumerate();
    windows
        .filter(move |(_, window)| *window == text.as_bytes())
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(event: &str) -> String {
        let template = Template::of(event.as_bytes(), (1_000_000, 2_000_000));
        let mut out = Vec::new();
        template.fill(|at| at + 5, "member-0042", &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_time_changes_and_nothing_else() {
        for (event, expected) in [
            (
                r#"{"type":3,"data":{"timestamp":1000001,"x":1000001},"timestamp":1000001}"#,
                r#"{"type":3,"data":{"timestamp":1000001,"x":1000001},"timestamp":1000006}"#,
            ),
            (
                r#"{"timestamp":1000001.5,"type":3}"#,
                r#"{"timestamp":1000006,"type":3}"#,
            ),
            ("no event", "no event"),
            ("", ""),
        ] {
            assert_eq!(filled(event), expected);
        }
    }

    #[test]
    fn what_the_recorder_reports_changes_too() {
        assert_eq!(
            filled(
                r#"{"type":5,"data":{"tag":"__network","payload":{"start":1500000,"url":"https://a/1500000,","bytes":3000000,"list":[1500001]}},"timestamp":1500002}"#
            ),
            r#"{"type":5,"data":{"tag":"__network","payload":{"start":1500005,"url":"https://a/1500000,","bytes":3000000,"list":[1500006]}},"timestamp":1500007}"#,
        );
    }

    #[test]
    fn the_user_is_another() {
        assert_eq!(
            filled(
                r#"{"type":5,"data":{"tag":"sentiero:identify","payload":{"id":"member-0000"}},"timestamp":1}"#
            ),
            r#"{"type":5,"data":{"tag":"sentiero:identify","payload":{"id":"member-0042"}},"timestamp":6}"#,
        );
    }
}
