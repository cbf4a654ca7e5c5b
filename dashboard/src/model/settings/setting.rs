//! What can be set for a site: what each field is called, and what helps to fill it in.

use super::place::Part;

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Its name for people.
    Name,
    /// Origins whose pages may record, one a line.
    Origins,
    /// Rules of pages for reports, one a line.
    Routes,
    /// `drop` or `record`.
    Bots,
    /// `none`, `inputs` or `text`.
    Mask,
    /// `yes` or `no`.
    Phones,
    /// Own patterns, one a line.
    Patterns,
    /// `strip`, `filter` or `keep`.
    Urls,
    /// Names of parameters, one a line.
    Allow,
    /// Likewise.
    Deny,
    /// Days.
    Retention,
    /// The most sessions that are kept.
    MaxSessions,
    /// The most bytes that are kept.
    MaxBytes,
    /// Sessions a day.
    PerDay,
    /// Sessions a month.
    PerMonth,
    /// Bytes a month.
    BytesPerMonth,
    /// Seconds between two uploads of a page.
    Slow,
    /// Whether sessions may be saved as files: `yes` or `no`.
    ShareFiles,
    /// Whether links may show sessions: `yes` or `no`.
    ShareLinks,
    /// The webhook's address; empty: none.
    Hook,
    /// What links to issues begin with.
    HookLinks,
}

/// What a field is called, and what helps to fill it in.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name.
    pub label: &'static str,
    /// A line below it; empty: none.
    pub help: &'static str,
    /// What it looks like when filled in.
    pub example: &'static str,
    /// It is a list, one entry a line.
    pub list: bool,
    /// The field of the configuration, as the API calls it.
    pub field: &'static str,
    /// Where it stands.
    pub part: Part,
}

const fn about(
    part: Part,
    field: &'static str,
    label: &'static str,
    example: &'static str,
    help: &'static str,
) -> About {
    About {
        label,
        help,
        example,
        list: false,
        field,
        part,
    }
}

const fn list(mut about: About) -> About {
    about.list = true;
    about
}

impl Setting {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Name,
        Self::Origins,
        Self::Routes,
        Self::Bots,
        Self::Mask,
        Self::Phones,
        Self::Patterns,
        Self::Urls,
        Self::Allow,
        Self::Deny,
        Self::Retention,
        Self::MaxSessions,
        Self::MaxBytes,
        Self::PerDay,
        Self::PerMonth,
        Self::BytesPerMonth,
        Self::Slow,
        Self::ShareFiles,
        Self::ShareLinks,
        Self::Hook,
        Self::HookLinks,
    ];

    /// What it is called.
    pub fn about(self) -> About {
        use Part::{General, Limits, Privacy, Webhook};
        match self {
            Self::Name => about(
                General,
                "name",
                "Name",
                "Camping shop",
                "For the people who use this dashboard.",
            ),
            Self::Origins => list(about(
                General,
                "origins",
                "Origins",
                "https://shop.example",
                "Pages of these may record, one a line: scheme and host, no path. The word self stands for the worker's own host. An empty list refuses everybody.",
            )),
            Self::Routes => list(about(
                General,
                "routes",
                "Pages that count as one",
                "/blog/*",
                "Rules for reports, one a line, the first that fits holds: * stands for one part of a path, ** at the end for all that follow. Ids in addresses are folded anyway.",
            )),
            Self::Bots => about(General, "bots", "Bots that say so", "", ""),
            Self::Mask => about(Privacy, "mask", "What is masked", "", ""),
            Self::Phones => about(
                Privacy,
                "redact.phones",
                "Telephone numbers are taken out, too",
                "",
                "They are hard to tell from other numbers, so this is off unless you want it.",
            ),
            Self::Patterns => list(about(
                Privacy,
                "redact.patterns",
                "Patterns that are taken out, too",
                r"ORD-\d{6}",
                r"One a line: \d a digit, \w a letter or digit, [a-f] one of these, ? perhaps, {2,5} two to five times. E-mails, cards, IBANs and tokens always are.",
            )),
            Self::Urls => about(
                Privacy,
                "redact.urls",
                "What stays of query and fragment of addresses",
                "",
                "",
            ),
            Self::Allow => list(about(
                Privacy,
                "redact.allow",
                "Parameters that may stay",
                "page",
                "Names, one a line, for “Allowed parameters”.",
            )),
            Self::Deny => list(about(
                Privacy,
                "redact.deny",
                "Parameters that never stay",
                "voucher",
                "Names, one a line, besides those that never do: passwords, tokens, e-mails and the like.",
            )),
            Self::Retention => about(
                Limits,
                "retention_days",
                "Days that a session is kept",
                "30",
                "1 to 3650, from its start. Then it is deleted, with everything that was counted of it.",
            ),
            Self::MaxSessions => about(
                Limits,
                "max_sessions",
                "Most sessions that are kept",
                "No limit",
                "Of more, the oldest are erased within an hour.",
            ),
            Self::MaxBytes => about(
                Limits,
                "max_bytes",
                "Most storage",
                "No limit",
                "Likewise. A size like 10 GB; what one session may have, 67.1 MB, is the least.",
            ),
            Self::PerDay => about(
                Limits,
                "quota.sessions_per_day",
                "Sessions a day",
                "No limit",
                "Days begin at midnight UTC. What is over is refused whole; nobody's page notices.",
            ),
            Self::PerMonth => about(
                Limits,
                "quota.sessions_per_month",
                "Sessions a month",
                "No limit",
                "",
            ),
            Self::BytesPerMonth => about(
                Limits,
                "quota.bytes_per_month",
                "Uploads a month",
                "No limit",
                "A size like 50 GB. When it is used up no session is opened; those that are open go on.",
            ),
            Self::Slow => about(
                Limits,
                "slow_seconds",
                "Seconds between two uploads of a page",
                "0",
                "0: as it likes, every 10 s or so. Up to 600: fewer, larger uploads cost less, and live sessions follow later.",
            ),
            Self::ShareFiles => about(
                Privacy,
                "sharing.files",
                "Sessions may be saved as files",
                "",
                "Whoever has such a file sees the session for as long as they keep it: neither erasure nor retention reaches it.",
            ),
            Self::ShareLinks => about(
                Privacy,
                "sharing.links",
                "Links may show sessions",
                "",
                "Whoever has such a link sees the session without signing in, until the link ends, is revoked, or this is off.",
            ),
            Self::Hook => about(
                Webhook,
                "webhook.url",
                "Webhook’s address",
                "https://hooks.example.com/sentiero",
                "https, and a public host. Empty: nobody is told.",
            ),
            Self::HookLinks => about(
                Webhook,
                "webhook.dashboard",
                "Links begin with",
                "https://sentiero.example/dashboard/",
                "The dashboard’s address. Empty: what is sent has no link to the issue.",
            ),
        }
    }

    /// The one that the API calls so.
    pub(crate) fn called(field: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|setting| setting.about().field == field)
    }
}
