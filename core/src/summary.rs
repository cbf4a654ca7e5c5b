//! What is written beside a chunk of a session, so that the index can be made again from a
//! listing: its row, as JSON that fits there.

use crate::api::SessionRow;
use alloc::string::String;

/// How long a summary counts: a store may keep a text that is not ASCII as UTF-16.
fn counted(json: &str) -> usize {
    if json.is_ascii() {
        return json.len();
    }
    json.len().max(2 * json.encode_utf16().count())
}

/// The row as JSON of at most `longest` bytes, which the store says: a chunk that is refused
/// for what lies beside it would never be written. What tells least goes first, and addresses are cut; the first
/// page's last, by which sessions can be erased. Users are never cut, or
/// an erasure of one would miss the session when its index was made again: four ids that are
/// nothing but control characters make 3 KB.
pub fn of(row: &SessionRow, longest: usize) -> serde_json::Result<String> {
    const STEPS: [fn(&mut SessionRow); 6] = [
        |row| {
            let cut = u32::try_from(row.visited.len()).unwrap_or(u32::MAX);
            row.more = row.more.saturating_add(cut);
            row.visited.clear();
        },
        |row| cut(&mut row.exit, 250),
        |row| row.referrer = None,
        |row| {
            row.named.clear();
            row.meta.clear();
            cut(&mut row.entry, 700);
        },
        |row| cut(&mut row.entry, 250),
        |row| {
            row.entry.clear();
            row.exit.clear();
        },
    ];
    let mut row = row.clone();
    let mut json = serde_json::to_string(&row)?;
    for step in STEPS {
        if counted(&json) <= longest {
            break;
        }
        step(&mut row);
        json = serde_json::to_string(&row)?;
    }
    Ok(json)
}

fn cut(address: &mut String, longest: usize) {
    address.truncate(address.floor_char_boundary(longest));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{MAX_USER_BYTES, MAX_USERS};
    use crate::id::SessionId;
    use crate::recording::{SessionState, Visitor};

    const MAX_SUMMARY: usize = 2_000;

    fn row(address: &str) -> SessionRow {
        let sid = SessionId::new(1, &[1; 17]);
        let row = SessionState::new(1, Visitor::default()).row(&sid, false);
        let (entry, exit) = (address.to_owned(), address.to_owned());
        SessionRow { entry, exit, ..row }
    }

    #[test]
    fn a_summary_names_every_user() {
        for (id, longest) in [
            ("u", MAX_SUMMARY),
            ("\"", MAX_SUMMARY),
            ("結", MAX_SUMMARY),
            ("\u{1}", 8_000),
        ] {
            let users = vec![id.repeat(MAX_USER_BYTES / id.len()); MAX_USERS];
            let row = SessionRow {
                users: users.clone(),
                ..row(&"a".repeat(2_048))
            };
            let json = of(&row, MAX_SUMMARY).unwrap();
            assert!(counted(&json) <= longest, "{} bytes", json.len());
            let read: SessionRow = serde_json::from_str(&json).unwrap();
            assert_eq!(read.users, users);
        }
    }

    #[test]
    fn a_summary_fits_with_any_address() {
        let bare = of(&row(""), MAX_SUMMARY).unwrap().len();
        let fits = (MAX_SUMMARY - bare) / 2;
        for (address, entry, exit) in [
            ("a".repeat(fits), fits, fits),
            ("a".repeat(fits + 1), fits + 1, 250),
            ("a".repeat(2_048), 700, 250),
            ("ä".repeat(1_024), 700, 250),
            ("結".repeat(600), 699, 249),
            ("\u{1}".repeat(2_048), 0, 0),
        ] {
            let json = of(&row(&address), MAX_SUMMARY).unwrap();
            assert!(counted(&json) <= MAX_SUMMARY, "{} bytes", json.len());
            let read: SessionRow = serde_json::from_str(&json).unwrap();
            assert_eq!(read.entry, address[..entry]);
            assert_eq!(read.exit, address[..exit]);
        }
    }
}
