//! What a row of the list tells of a session, at a glance.

use crate::model::strip::Mood;
use crate::model::text;
use sentiero_core::api::SessionRow;
use sentiero_core::id::SessionId;

/// Who it was: the user that the page named; else a part of the session's id, so
/// that two rows can be told apart.
pub fn who(row: &SessionRow) -> String {
    match row.users.as_slice() {
        [] => format!("Visitor {}", short_id(&row.sid)),
        [user] => user.clone(),
        [user, others @ ..] => format!("{user} +{}", others.len()),
    }
}

/// The part of an id that is random, as much as one can remember.
pub fn short_id(sid: &SessionId) -> &str {
    sid.as_str().get(12..18).unwrap_or_default()
}

/// From which page to which: the paths, and the last only if it is another.
pub fn path(row: &SessionRow) -> (String, Option<String>) {
    let entry = text::address(&row.entry).path;
    let exit = text::address(&row.exit).path;
    let entry = if entry.is_empty() {
        "Unknown page".to_owned()
    } else {
        entry
    };
    let exit = (!exit.is_empty() && exit != entry).then_some(exit);
    (entry, exit)
}

/// On which host, how many pages, from where. That a page was opened on the visitor's own
/// machine, as the demo's and those of who develops, tells nobody anything.
pub fn about(row: &SessionRow) -> String {
    let host = text::address(&row.entry).host;
    let from = row.referrer.as_deref().map(|from| text::address(from).host);
    let from = from.filter(|from| !from.is_empty() && *from != host);
    let mut parts = Vec::new();
    if !host.is_empty() && !text::is_own_machine(&host) {
        parts.push(host);
    }
    parts.push(text::plural(row.pages.into(), "page"));
    if let Some(from) = from {
        parts.push(format!("from {from}"));
    }
    parts.join(" · ")
}

/// The addresses that were visited, a line each, for who points at the row.
pub fn visited(row: &SessionRow) -> String {
    let mut lines: Vec<String> = if row.visited.is_empty() {
        vec![row.entry.clone()]
    } else {
        row.visited.clone()
    };
    if row.more > 0 {
        lines.push(format!(
            "and {}",
            text::plural(row.more.into(), "other page")
        ));
    }
    lines.join("\n")
}

/// How long of it the visitor did something; none where that is not known.
pub fn active(row: &SessionRow) -> Option<String> {
    (row.active > 0).then(|| format!("{} active", text::duration(row.active)))
}

/// The bars of its activity strip.
pub fn strip(row: &SessionRow) -> Vec<(u8, Mood)> {
    let bar = |bucket: &sentiero_core::digest::Bucket| {
        let mood = if bucket.error {
            Mood::Failed
        } else if bucket.rage {
            Mood::Frustrated
        } else if bucket.level > 0 {
            Mood::Busy
        } else {
            Mood::Calm
        };
        (bucket.level, mood)
    };
    row.strip.buckets().iter().map(bar).collect()
}

/// The strip in words.
pub fn strip_said(row: &SessionRow) -> String {
    let mut said = format!("{} of activity", text::duration(row.duration));
    for (count, noun) in [
        (row.clicks, "click"),
        (row.errors, "error"),
        (row.rage, "rage click"),
        (row.dead, "dead click"),
    ] {
        if count > 0 {
            said.push_str(", ");
            said.push_str(&text::plural(count.into(), noun));
        }
    }
    said
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Which.
    pub sign: Sign,
    /// How often, short enough for its place.
    pub short: String,
    /// The same in words.
    pub said: String,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The page threw errors.
    Errors,
    /// Somebody clicked in anger.
    Rage,
    /// Clicks that nothing answered.
    Dead,
}

/// What went wrong, the worst first.
pub fn signals(row: &SessionRow) -> Vec<Signal> {
    let all = [
        (Sign::Errors, row.errors, "error"),
        (Sign::Rage, row.rage, "rage click"),
        (Sign::Dead, row.dead, "dead click"),
    ];
    let there = all.into_iter().filter(|(_, count, _)| *count > 0);
    there
        .map(|(sign, count, noun)| Signal {
            sign,
            short: text::short_number(count.into()),
            said: text::plural(count.into(), noun),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feed::tests::row;

    #[test]
    fn who_it_was() {
        let mut visit = row(1, 1);
        assert_eq!(
            who(&visit),
            format!("Visitor {}", &visit.sid.as_str()[12..18])
        );
        visit.users = vec!["anna".into()];
        assert_eq!(who(&visit), "anna");
        visit.users.push("bert".into());
        assert_eq!(who(&visit), "anna +1");
    }

    #[test]
    fn where_it_went() {
        let mut visit = row(1, 1);
        assert_eq!(path(&visit), ("Unknown page".to_owned(), None));
        assert_eq!(about(&visit), "1 page");
        visit.entry = "https://shop.example/tents".into();
        visit.exit = "https://shop.example/tents".into();
        assert_eq!(path(&visit), ("/tents".to_owned(), None));
        visit.exit = "https://shop.example/cart".into();
        visit.pages = 3;
        visit.referrer = Some("https://www.google.com/".into());
        assert_eq!(
            path(&visit),
            ("/tents".to_owned(), Some("/cart".to_owned()))
        );
        assert_eq!(
            about(&visit),
            "shop.example · 3 pages · from www.google.com"
        );
        visit.referrer = Some("https://shop.example/".into());
        assert_eq!(about(&visit), "shop.example · 3 pages");
        assert_eq!(visited(&visit), "https://shop.example/tents");
        (visit.visited, visit.more) = (vec!["a".into(), "b".into()], 2);
        assert_eq!(visited(&visit), "a\nb\nand 2 other pages");
        visit.entry = "http://127.0.0.1:8787/shop/".into();
        visit.referrer = None;
        assert_eq!(about(&visit), "3 pages");
    }

    #[test]
    fn what_went_wrong() {
        let mut visit = row(1, 1);
        assert!(signals(&visit).is_empty());
        assert_eq!(
            (active(&visit), strip_said(&visit)),
            (None, "0s of activity".to_owned())
        );
        (visit.errors, visit.dead, visit.active) = (12_345, 1, 42_000);
        let signs: Vec<_> = signals(&visit)
            .into_iter()
            .map(|signal| (signal.short, signal.said))
            .collect();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            signs,
            [pair("12k", "12,345 errors"), pair("1", "1 dead click")]
        );
        assert_eq!(active(&visit).as_deref(), Some("42s active"));
        assert_eq!(
            strip_said(&visit),
            "0s of activity, 12,345 errors, 1 dead click"
        );
    }
}
