//! What was taken of a site's uploads and what was refused, why, and what to do about it;
//! and what a month like the last one costs.

use crate::model::text;
use sentiero_core::api::{Counters, Privacy};
use sentiero_core::cost::{BASE, Line, PRICES_OF, Workload, bill, full, total};
use sentiero_core::count::{self, BATCHES, BYTES, EVENTS};
use sentiero_core::id::Millis;
use std::collections::BTreeMap;

/// Days that are counted.
pub const DAYS: u64 = 30;

/// How much a reason matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Visitors are not recorded who should be, or something is broken.
    Broken,
    /// Worth a look.
    Odd,
    /// As it should be.
    Fine,
}

/// Why something was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In a few words.
    pub title: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do; empty: nothing.
    pub act: &'static str,
    /// How much it matters.
    pub weight: Weight,
}

const fn reason(
    weight: Weight,
    title: &'static str,
    means: &'static str,
    act: &'static str,
) -> Reason {
    Reason {
        title,
        means,
        act,
        weight,
    }
}

/// The reason behind a word that uploads were refused under; none for what is no refusal.
pub fn reason_of(word: &str) -> Option<Reason> {
    let done = [
        BATCHES,
        EVENTS,
        BYTES,
        count::ERASURES,
        count::SERVER_ERRORS,
        count::SERVER_EVENTS,
        count::WEBHOOK_DELIVERED,
    ];
    if done.contains(&word) {
        return None;
    }
    let unknown = reason(
        Weight::Odd,
        "Another reason",
        "The worker counts something that this dashboard does not know yet.",
        "Load this page anew after the worker was deployed.",
    );
    Some(by_site(word).or_else(|| by_upload(word)).unwrap_or(unknown))
}

/// What has to do with the site, its visitors, or the worker.
fn by_site(word: &str) -> Option<Reason> {
    use Weight::{Broken, Fine, Odd};
    Some(match word {
        count::PRIVACY_SIGNAL => reason(
            Fine,
            "Global Privacy Control",
            "The visitor’s browser asks not to be recorded.",
            "",
        ),
        count::STOPPED => reason(
            Odd,
            "Recording is off",
            "The site is switched off; pages that still recorded were told to stop.",
            "Switch recording on again if it should not be off.",
        ),
        count::BOT => reason(
            Fine,
            "Bots",
            "The browser says of itself that it is a bot.",
            "To record your own tests, let bots that say so be recorded.",
        ),
        "origin_not_allowed" => reason(
            Broken,
            "Origin not allowed",
            "A page of a host that is not among the site’s origins uses its tag.",
            "If the host is yours, add it to the origins: scheme, host, and www. if it has one.",
        ),
        count::KEY_DISABLED => reason(
            Broken,
            "Key disabled",
            "A page’s tag still has a key of the site that was disabled.",
            "Put an enabled key into the tag, or remove the old one if nobody you know uses it.",
        ),
        "quota_sessions" => reason(
            Broken,
            "Sessions used up",
            "The day’s or the month’s sessions were used up.",
            "Raise the quota, or record a share of visits with data-sample-rate.",
        ),
        "quota_bytes" => reason(
            Broken,
            "Uploads used up",
            "The month’s bytes were used up; no new session was opened.",
            "Raise the quota, or capture less.",
        ),
        count::MISCONFIGURED => reason(
            Broken,
            "Site misconfigured",
            "What is kept as the site’s configuration cannot be used; pages tried again later.",
            "Open the site’s settings: they say what is wrong with it.",
        ),
        count::WEBHOOK_FAILED => reason(
            Broken,
            "Webhook failed",
            "News of an issue was sent eight times over nine hours, and nobody answered as they should.",
            "Look at the last deliveries of the site’s webhook, and send a test.",
        ),
        count::WEBHOOK_DROPPED => reason(
            Broken,
            "Webhook overrun",
            "News of an issue was not sent, because a hundred deliveries were waiting.",
            "Look at why deliveries fail; or somebody makes up errors on the site.",
        ),
        "unavailable" => reason(
            Broken,
            "Storage did not answer",
            "A store failed or was late. Pages send the same again, so nothing is lost by that alone.",
            "If it goes on, look at /health and the status of your provider.",
        ),
        _ => return None,
    })
}

/// What has to do with what was uploaded.
fn by_upload(word: &str) -> Option<Reason> {
    use Weight::{Fine, Odd};
    Some(match word {
        "too_many_requests" => reason(
            Odd,
            "Too many uploads",
            "One address sent more than the rate limit allows: an office behind one address, or somebody who tries.",
            "Pages send again later. Raise the limit if these are visitors.",
        ),
        "session_full" => reason(
            Odd,
            "Session full",
            "A session reached the most events, bytes or page loads that one may have; what came before is kept.",
            "Look for pages that change all the time: tickers, animations in the DOM.",
        ),
        "session_erased" => reason(
            Fine,
            "Session erased",
            "Something came late for a session that was erased.",
            "",
        ),
        "clock_out_of_range" => reason(
            Fine,
            "Clock of the visitor",
            "A visitor’s clock is far off. The recorder corrects it and goes on.",
            "",
        ),
        "too_large" => reason(
            Odd,
            "Too large",
            "An upload was over the limit. The recorder halves it; a single event that is too large is left out.",
            "A page whose snapshot is that large replays slowly: block parts of it with data-rr-block.",
        ),
        "incomplete_body" => reason(
            Fine,
            "Connection broke",
            "An upload broke off, as networks do. The recorder sends it again.",
            "",
        ),
        "not_gzip" | "malformed_upload" | "not_json" | "not_an_event" => reason(
            Odd,
            "No upload of the recorder",
            "What was sent is none of the recorder’s uploads: a proxy that changes bodies, a very old script, or somebody who tries.",
            "If visitors are missing, look whether a proxy in front of the worker changes bodies.",
        ),
        "malformed_session_id" => reason(
            Odd,
            "No session id",
            "A request to erase a session named none.",
            "",
        ),
        "malformed_call" => reason(
            Odd,
            "Not what a server tells",
            "A server told something with a wrong field; it was answered which, and nothing of the call was kept.",
            "Look into the server’s log: the answer names the field and what is right.",
        ),
        "unknown_token" | "missing_scope" | "other_site" => reason(
            Odd,
            "Token not taken",
            "A server showed an API token that there is not, that has ended, or that is not for telling or not for this site.",
            "Make a token with the scope tell for this site, and give it to the server.",
        ),
        "method_not_allowed" => reason(
            Fine,
            "Wrong method",
            "Somebody opened the address of uploads in a browser, or a scanner did.",
            "",
        ),
        _ => return None,
    })
}

/// What was counted under a word, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The word.
    pub word: String,
    /// How often.
    pub n: u64,
    /// Why.
    pub reason: Reason,
}

/// What was counted in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Batches that were taken.
    pub batches: u64,
    /// Events in them.
    pub events: u64,
    /// Their bytes as stored.
    pub bytes: u64,
    /// Bytes of each day by its start, in order; days without any are left out.
    pub days: Vec<(Millis, u64)>,
    /// What was refused: what matters most first, then what was most often.
    pub refusals: Vec<Refusal>,
}

impl Usage {
    /// Sums up what was counted.
    pub fn of(counters: &Counters) -> Self {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        let mut days: BTreeMap<Millis, u64> = BTreeMap::new();
        for counted in &counters.counts {
            let sum = sums.entry(&counted.name).or_default();
            *sum = sum.saturating_add(counted.n);
            if counted.name == BYTES {
                let day = days.entry(counted.day.start()).or_default();
                *day = day.saturating_add(counted.n);
            }
        }
        let of = |word: &str| sums.get(word).copied().unwrap_or_default();
        let refusals = sums
            .iter()
            .filter(|(_, n)| **n > 0)
            .filter_map(|(word, n)| {
                let (word, n) = ((*word).to_owned(), *n);
                Some(Refusal {
                    reason: reason_of(&word)?,
                    word,
                    n,
                })
            });
        let mut refusals: Vec<Refusal> = refusals.collect();
        refusals.sort_by_key(|refusal| (refusal.reason.weight, u64::MAX - refusal.n));
        Self {
            batches: of(BATCHES),
            events: of(EVENTS),
            bytes: of(BYTES),
            days: days.into_iter().collect(),
            refusals,
        }
    }

    /// In what the bytes of days are drawn, so that numbers beside them have three digits or so.
    pub fn scale(&self) -> (&'static str, u64) {
        let most = self.days.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0);
        match most {
            0..10_000_000 => ("Kilobytes by day", 1_000),
            10_000_000..10_000_000_000 => ("Megabytes by day", 1_000_000),
            _ => ("Gigabytes by day", 1_000_000_000),
        }
    }
}

/// What a month costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// With the plan and what it includes, millionths of a dollar.
    pub total: u64,
    /// What its use alone costs where all that is included is used up by others.
    pub marginal: u64,
    /// The largest items, with what they cost by themselves.
    pub items: Vec<(String, u64)>,
    /// What the estimate takes for granted, as sentences.
    pub assumes: Vec<String>,
}

/// So many items are shown.
const ITEMS: usize = 4;

/// What a month like this one costs: `sessions` that were recorded in it, with what was used
/// for them, kept for `retention_days`. None if nothing was recorded.
pub fn estimate(usage: &Usage, sessions: u64, retention_days: u32) -> Option<Estimate> {
    if sessions == 0 || usage.batches == 0 {
        return None;
    }
    let batches = usage.batches.div_ceil(sessions);
    let work = Workload {
        sessions,
        batches,
        batch_bytes: usage.bytes / usage.batches,
        retention_days: u64::from(retention_days),
    };
    let lines = bill(&work);
    let mut largest: Vec<&Line> = lines.iter().filter(|line| line.full() > 0).collect();
    largest.sort_by_key(|line| u64::MAX - line.full());
    let item = |line: &&Line| {
        let name = format!("{}: {}", line.price.service, line.price.unit);
        (name, line.full())
    };
    Some(Estimate {
        total: total(&lines),
        marginal: full(&lines),
        items: largest.iter().take(ITEMS).map(item).collect(),
        assumes: assumptions(&work),
    })
}

fn assumptions(work: &Workload) -> Vec<String> {
    vec![
        format!(
            "Every month is like these {DAYS} days: {} of {} of {} each, kept for {}.",
            text::plural(work.sessions, "session"),
            text::plural(work.batches, "upload"),
            text::bytes(work.batch_bytes),
            text::plural(work.retention_days, "day"),
        ),
        format!(
            "Prices of Cloudflare’s paid plan as of {PRICES_OF}, which itself is {} a month. What it includes is shared by all of an account’s sites and other workers.",
            dollars(BASE)
        ),
        "Two of a hundred sessions are replayed, and somebody looks at live sessions for 20 hours a month.".to_owned(),
        "A model, not a bill: Cloudflare’s own figures count.".to_owned(),
    ]
}

/// Millionths of a dollar as people read them: `$0.42`, `$17`, `less than 1 ¢`.
pub fn dollars(millionths: u64) -> String {
    let cents = millionths.div_ceil(10_000);
    match millionths {
        0 => "$0".to_owned(),
        1..10_000 => "less than $0.01".to_owned(),
        _ => format!("${}.{:02}", text::number(cents / 100), cents % 100),
    }
}

/// What is said of what the edge had to mask.
pub fn masked(privacy: &Privacy) -> (Weight, String) {
    if privacy.values == 0 {
        return (
            Weight::Fine,
            "Nothing. Every page masked by itself what this site’s policy masks, before it sent anything.".to_owned(),
        );
    }
    (
        Weight::Odd,
        format!(
            "{} in {}. It was masked before anything was stored, but it left the visitor’s browser: the page’s tag says less than the site’s policy, or is an old one. Copy the tag anew.",
            text::plural(privacy.values, "value"),
            text::plural(privacy.sessions, "session"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::count::{Count, WORDS};
    use sentiero_core::day::Day;

    fn counters(counts: &[(&str, &str, u64)]) -> Counters {
        let counts = counts.iter().map(|(day, name, n)| Count {
            day: Day::parse(day).unwrap(),
            name: (*name).to_owned(),
            n: *n,
        });
        let day = Day::parse("2026-11-01").unwrap();
        Counters {
            from: day,
            to: day,
            counts: counts.collect(),
        }
    }

    #[test]
    fn every_word_that_is_counted_is_explained() {
        let unknown = reason_of("what no worker counts").unwrap();
        for word in WORDS {
            match reason_of(word) {
                None => assert!(WORDS[..7].contains(&word), "{word} is a refusal"),
                Some(reason) => {
                    assert_ne!(reason, unknown, "{word}");
                    assert!(
                        reason.weight == Weight::Fine
                            || !reason.act.is_empty()
                            || word == "malformed_session_id",
                        "{word}: what to do?"
                    );
                }
            }
        }
    }

    #[test]
    fn what_matters_comes_first() {
        let usage = Usage::of(&counters(&[
            ("2026-11-01", "batches", 10),
            ("2026-11-01", "bytes", 100),
            ("2026-11-01", "bot", 500),
            ("2026-11-02", "batches", 5),
            ("2026-11-02", "bytes", 50),
            ("2026-11-02", "events", 70),
            ("2026-11-02", "too_large", 1),
            ("2026-11-02", "bot", 1),
            ("2026-11-02", "origin_not_allowed", 3),
            ("2026-11-02", "unavailable", 4),
        ]));
        assert_eq!((usage.batches, usage.events, usage.bytes), (15, 70, 150));
        let told: Vec<(&str, u64)> = usage
            .refusals
            .iter()
            .map(|r| (r.word.as_str(), r.n))
            .collect();
        assert_eq!(
            told,
            [
                ("unavailable", 4),
                ("origin_not_allowed", 3),
                ("too_large", 1),
                ("bot", 501)
            ]
        );
        let first = Day::parse("2026-11-01").unwrap().start();
        assert_eq!(usage.days, [(first, 100), (first + 86_400_000, 50)]);
        assert_eq!(usage.scale(), ("Kilobytes by day", 1_000));
    }

    #[test]
    fn days_are_drawn_in_a_unit_that_fits_them() {
        for (most, unit) in [
            (0, 1_000),
            (12_000_000, 1_000_000),
            (20_000_000_000, 1_000_000_000),
        ] {
            let days = vec![(0, 7), (1, most)];
            let usage = Usage {
                days,
                ..Usage::default()
            };
            assert_eq!(usage.scale().1, unit, "{most}");
        }
    }

    #[test]
    fn the_estimate_is_the_model_s() {
        let usage = Usage {
            batches: 20_000_000,
            bytes: 300_000_000_000,
            ..Usage::default()
        };
        let estimate = estimate(&usage, 1_000_000, 30).unwrap();
        let lines = bill(&Workload::of(1_000_000));
        assert_eq!(
            (estimate.total, estimate.marginal),
            (total(&lines), full(&lines))
        );
        assert_eq!(estimate.items.len(), ITEMS);
        assert!(
            estimate.items[0].0.contains("rows written"),
            "{:?}",
            estimate.items
        );
        assert!(estimate.assumes[0].contains("1,000,000 sessions of 20 uploads of 15.0 KB"));
        assert_eq!(super::estimate(&Usage::default(), 3, 30), None);
        assert_eq!(super::estimate(&usage, 0, 30), None);
    }

    #[test]
    fn money_is_rounded_up() {
        for (millionths, said) in [
            (0, "$0"),
            (1, "less than $0.01"),
            (10_001, "$0.02"),
            (17_537_700, "$17.54"),
            (1_234_000_000, "$1,234.00"),
        ] {
            assert_eq!(dollars(millionths), said);
        }
    }

    #[test]
    fn what_the_edge_masked_is_said() {
        let privacy = |values| Privacy {
            sessions: 2,
            values,
            since: 0,
        };
        assert_eq!(masked(&privacy(0)).0, Weight::Fine);
        let (weight, said) = masked(&privacy(7));
        assert!(
            weight == Weight::Odd && said.starts_with("7 values in 2 sessions."),
            "{said}"
        );
    }
}
