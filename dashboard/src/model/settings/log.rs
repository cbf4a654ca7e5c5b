//! Entries of the audit log as sentences, and its pages one after the other.

use crate::model::text;
use sentiero_core::audit::{Action, Entry, Log};

/// How much an entry matters to who looks through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Somebody read something.
    Read,
    /// Something is different since.
    Changed,
    /// Something is gone, or somebody was refused.
    Grave,
}

/// What was done: a sentence, what it was done to, and how much that matters.
pub fn says(entry: &Entry) -> (String, Option<String>, Weight) {
    let (once, many, what, weight) = words(entry.action);
    let said = match entry.n {
        0 | 1 => once.to_owned(),
        n => format!("{many} {} times within an hour", text::number(n)),
    };
    let subject = entry.subject.as_deref().filter(|_| !what.is_empty());
    let about = subject.map(|subject| format!("{what} {subject}"));
    (said, about, weight)
}

/// The sentence for once and for more often, what the subject is (empty: none is told), and
/// how much it matters.
fn words(action: Action) -> (&'static str, &'static str, &'static str, Weight) {
    use Weight::{Changed, Grave, Read};
    let (said, what, weight) = match action {
        Action::List => {
            let (once, many) = (
                "Looked at the list of sessions",
                "Looked at lists of sessions",
            );
            return (once, many, "", Read);
        }
        Action::Report => return ("Looked at a report", "Looked at reports", "", Read),
        Action::View => ("Watched a session", "session", Read),
        Action::Export => ("Downloaded a session", "session", Changed),
        Action::ExportList => ("Downloaded the list of sessions", "", Changed),
        Action::Erase => ("Erased sessions", "receipt", Grave),
        Action::Retention => ("Had retention applied at once", "", Changed),
        Action::Rebuild => ("Had the index made anew", "", Changed),
        Action::SiteCreated => ("Created the site", "revision", Changed),
        Action::SiteChanged => ("Changed the site’s settings", "revision", Changed),
        Action::SiteDeleted => ("Deleted the site", "revision", Grave),
        Action::KeyMade => ("Made a key of the tag", "key", Changed),
        Action::KeyEnabled => ("Enabled a key of the tag", "key", Changed),
        Action::KeyDisabled => ("Disabled a key of the tag", "key", Grave),
        Action::KeyRemoved => ("Removed a key of the tag", "key", Grave),
        Action::TokenIssued => ("Made an API token", "token", Changed),
        Action::TokenRevoked => ("Revoked an API token", "token", Grave),
        Action::LinkMade => ("Made a link to a session", "link", Changed),
        Action::LinkRevoked => ("Revoked a link to a session", "link", Grave),
        Action::MapsKept => ("Uploaded source maps", "release", Changed),
        Action::MapsDeleted => ("Deleted source maps", "release", Grave),
        Action::LinkOpened => ("A link to a session was opened", "session", Read),
        Action::IssueDecided => ("Decided about an issue", "issue", Changed),
        Action::WebhookSet => ("Set a webhook", "revision", Changed),
        Action::WebhookChanged => ("Changed the webhook", "revision", Changed),
        Action::WebhookRemoved => ("Removed the webhook", "revision", Grave),
        Action::WebhookSecretMade => ("Made another secret of the webhook", "revision", Grave),
        Action::SignIn => ("Signed in", "", Changed),
        Action::SignInFailed => ("Tried to sign in with a wrong password", "", Grave),
        Action::LockedOut => ("Was not let try the password", "", Grave),
        Action::SignInsEnded => ("Ended all sign-ins", "", Grave),
    };
    (said, said, what, weight)
}

/// Who it was.
pub fn who(entry: &Entry) -> String {
    match entry.by.as_str() {
        "operator" => "Somebody with the password".to_owned(),
        // Who failed to sign in, and what does so by itself.
        "" => "Somebody".to_owned(),
        name => match name.split_once(' ') {
            Some(("token", token)) => {
                let called = token.split_once(' ').map_or(token, |(_, called)| called);
                format!("API token “{called}”")
            }
            Some(("link", link)) => format!("Somebody with the link {link}"),
            Some(("access", name)) => format!("{name}, by Cloudflare Access"),
            _ => name.to_owned(),
        },
    }
}

/// The pages that are loaded, as one.
#[must_use]
pub fn continued(mut so_far: Log, page: Log) -> Log {
    so_far.entries.extend(page.entries);
    so_far.next = page.next;
    so_far
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(action: &str, subject: Option<&str>, n: u64) -> Entry {
        let action = serde_json::from_str(&format!("\"{action}\"")).unwrap();
        let mut entry = Entry::new(1, "operator", action, subject.map(str::to_owned));
        entry.n = n;
        entry
    }

    fn check(action: &str, subject: Option<&str>, n: u64, expected: (&str, Option<&str>, Weight)) {
        let (said, about, weight) = expected;
        let told = says(&entry(action, subject, n));
        assert_eq!(told, (said.to_owned(), about.map(str::to_owned), weight));
    }

    #[test]
    fn what_was_read_is_a_sentence() {
        use Weight::{Changed, Read};
        let lists = "Looked at lists of sessions 40 times within an hour";
        check(
            "list",
            None,
            1,
            ("Looked at the list of sessions", None, Read),
        );
        check("list", None, 40, (lists, None, Read));
        check("report", None, 1, ("Looked at a report", None, Read));
        let twice = "Watched a session 2 times within an hour";
        check("view", Some("ab"), 2, (twice, Some("session ab"), Read));
        let export = ("Downloaded a session", Some("session ab"), Changed);
        check("export", Some("ab"), 1, export);
        let list = ("Downloaded the list of sessions", None, Changed);
        check("export_list", None, 1, list);
    }

    #[test]
    fn what_was_changed_is_a_sentence() {
        use Weight::{Changed, Grave};
        for (action, said, about, weight) in [
            ("erase", "Erased sessions", Some("receipt x"), Grave),
            ("retention", "Had retention applied at once", None, Changed),
            ("rebuild", "Had the index made anew", None, Changed),
            (
                "site_created",
                "Created the site",
                Some("revision x"),
                Changed,
            ),
            (
                "site_changed",
                "Changed the site’s settings",
                Some("revision x"),
                Changed,
            ),
            (
                "site_deleted",
                "Deleted the site",
                Some("revision x"),
                Grave,
            ),
            (
                "token_issued",
                "Made an API token",
                Some("token x"),
                Changed,
            ),
            (
                "token_revoked",
                "Revoked an API token",
                Some("token x"),
                Grave,
            ),
            (
                "key_disabled",
                "Disabled a key of the tag",
                Some("key x"),
                Grave,
            ),
            (
                "link_made",
                "Made a link to a session",
                Some("link x"),
                Changed,
            ),
            ("sign_ins_ended", "Ended all sign-ins", None, Grave),
            ("sign_in", "Signed in", None, Changed),
        ] {
            check(action, about.map(|_| "x"), 1, (said, about, weight));
        }
        let failed = "Tried to sign in with a wrong password 3 times within an hour";
        check("sign_in_failed", None, 3, (failed, None, Grave));
    }

    #[test]
    fn pages_follow_each_other() {
        let page = |n: u64, next: Option<&str>| Log {
            entries: vec![entry("list", None, n)],
            next: next.map(str::to_owned),
        };
        let both = continued(page(1, Some("a")), page(2, None));
        assert_eq!(both.entries.len(), 2);
        assert_eq!(both.next, None);
    }

    #[test]
    fn who_it_was_is_said() {
        let mut one = entry("list", None, 1);
        assert_eq!(who(&one), "Somebody with the password");
        for (by, said) in [
            ("token 0a1b nightly export", "API token “nightly export”"),
            ("retention", "retention"),
            ("link 0a1b", "Somebody with the link 0a1b"),
            (
                "access ann@shop.example",
                "ann@shop.example, by Cloudflare Access",
            ),
            ("", "Somebody"),
        ] {
            one.by = by.to_owned();
            assert_eq!(who(&one), said);
        }
    }
}
