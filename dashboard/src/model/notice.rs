//! What a recording lacks, said plainly: a replay that silently leaves things
//! out misleads. And what a site's pages should have masked.

use crate::model::captures::{Captures, LeftOut};
use crate::model::text;
use sentiero_core::api::{Privacy, SessionDetail};

/// One thing to know about the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Something is missing; otherwise it is only good to know.
    pub missing: bool,
    /// As a sentence.
    pub text: String,
}

/// What there is to know about `detail`; `damaged` batches did not decode or
/// were not found when they were fetched.
pub fn notices(detail: &SessionDetail, damaged: u64) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut say = |missing: bool, text: String| notices.push(Notice { missing, text });
    let lost: u64 = detail
        .tab_list
        .iter()
        .flat_map(|tab| &tab.gaps)
        .map(|(first, end)| u64::from(end.saturating_sub(*first)))
        .sum();
    if lost > 0 {
        let verb = if lost == 1 { "is" } else { "are" };
        say(
            true,
            format!(
                "{} never arrived and {verb} missing here.",
                text::plural(lost, "event")
            ),
        );
    }
    if detail.malformed > 0 {
        say(
            true,
            format!(
                "{} could not be read and had to be dropped.",
                text::plural(detail.malformed, "event")
            ),
        );
    }
    if damaged > 0 {
        say(
            true,
            format!(
                "{} of the recording could not be loaded.",
                text::plural(damaged, "part")
            ),
        );
    }
    let unplayable = detail
        .tab_list
        .iter()
        .filter(|tab| !tab.tab.is_server())
        .filter(|tab| {
            !detail
                .batches
                .iter()
                .any(|batch| batch.keyframe && batch.tab == tab.tab)
        })
        .count();
    if unplayable > 0 {
        let loads = text::plural(u64::try_from(unplayable).unwrap_or(u64::MAX), "page load");
        say(
            true,
            format!(
                "{loads} without a snapshot: what happened is listed, the page cannot be shown."
            ),
        );
    }
    if detail.row.live {
        say(false, "Still being recorded: more may come.".to_owned());
    }
    if detail.masked_at_edge > 0 {
        let values = text::plural(detail.masked_at_edge, "value");
        say(
            false,
            format!(
                "{values} masked at the edge that the recorder should have masked: an outdated recorder?"
            ),
        );
    }
    if detail.clock_skew.unsigned_abs() > 60_000 {
        let direction = if detail.clock_skew > 0 {
            "behind"
        } else {
            "ahead"
        };
        let skew = text::duration(detail.clock_skew.unsigned_abs());
        let corrected = detail.tab_list.iter().any(|tab| tab.offset != 0);
        let times = if corrected {
            "corrected"
        } else {
            "the visitor's"
        };
        say(
            false,
            format!("The visitor's clock is {skew} {direction}; times here are {times}."),
        );
    }
    notices
}

/// What the recorder of the page load left out, by its own account, and what it was
/// not asked to record.
pub fn left_out(captures: &Captures) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut say = |missing: bool, text: String| notices.push(Notice { missing, text });
    let LeftOut {
        lost,
        dropped,
        stormed,
        rests,
    } = captures.left_out;
    if lost > 0 {
        let events = text::plural(lost, "event");
        say(
            true,
            format!(
                "{events} of pages that were left never arrived: the connection was gone, or the browser was closed."
            ),
        );
    }
    if dropped > 0 {
        let events = text::plural(dropped, "event");
        say(
            true,
            format!("{events} could not be recorded: too large, or damaged."),
        );
    }
    if stormed > 0 {
        let changes = text::plural(stormed, "change");
        say(
            true,
            format!(
                "{changes} of a part that changed too fast were left out. The page is right again where it calms down."
            ),
        );
    }
    if rests > 0 {
        say(
            false,
            "Recording rested while nobody acted for five minutes.".to_owned(),
        );
    }
    let held: u64 = captures
        .console
        .iter()
        .map(|line| line.skipped)
        .sum::<u64>()
        + captures
            .network
            .iter()
            .map(|request| request.skipped)
            .sum::<u64>()
        + captures
            .errors
            .iter()
            .map(|fault| fault.skipped)
            .sum::<u64>();
    if held > 0 {
        let entries = text::plural(held, "entry").replace("entrys", "entries");
        say(
            true,
            format!("{entries} of console, network or errors were held back: too many at once."),
        );
    }
    let asked = [
        ("__console", "console"),
        ("__network", "network"),
        ("error", "errors"),
        ("__perf", "web vitals"),
    ];
    let off = asked
        .iter()
        .filter(|(tag, _)| !captures.seen.iter().any(|seen| seen == tag));
    let off: Vec<&str> = off.map(|(_, name)| *name).collect();
    if !off.is_empty() {
        let off = off.join(", ");
        say(
            false,
            format!(
                "Nothing of this kind is here: {off}. Each is recorded only where the page's tag asks for it."
            ),
        );
    }
    notices
}

/// Something to know about a whole site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteNotice {
    /// What happened.
    pub what: String,
    /// What it means, and what to do.
    pub text: &'static str,
}

/// What the edge had to mask of a site; none if it was nothing.
pub fn masked(privacy: &Privacy) -> Option<SiteNotice> {
    if privacy.values == 0 {
        return None;
    }
    let values = text::plural(privacy.values, "value");
    let sessions = text::plural(privacy.sessions, "session");
    let verb = if privacy.values == 1 { "was" } else { "were" };
    Some(SiteNotice {
        what: format!("{values} in {sessions} {verb} masked at the edge only."),
        text: "The recorder in the page should have masked this before it was sent. It is not \
               stored, but it left the visitor's browser. The cause is an old copy of the \
               recorder, a page whose data-mask is below the site's mask, or a program that is no \
               recorder. Check the tag of the pages in the marked sessions, and that they load the \
               current sentiero.js.",
    })
}

/// What marks a session of which the edge had to mask something.
pub fn masked_badge(values: u64) -> Option<String> {
    (values > 0).then(|| format!("{} masked at the edge only", text::plural(values, "value")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_sites_pages_should_have_masked() {
        let said = |sessions, values| {
            masked(&Privacy {
                sessions,
                values,
                since: 0,
            })
            .map(|notice| notice.what)
        };
        assert_eq!(said(0, 0), None);
        assert_eq!(
            said(1, 1).as_deref(),
            Some("1 value in 1 session was masked at the edge only.")
        );
        assert_eq!(
            said(3, 12).as_deref(),
            Some("12 values in 3 sessions were masked at the edge only.")
        );
        assert_eq!(masked_badge(0), None);
        assert_eq!(
            masked_badge(2).as_deref(),
            Some("2 values masked at the edge only")
        );
    }
    use crate::model::tabs::tests::detail;

    #[test]
    fn a_whole_recording_has_nothing_to_say() {
        assert_eq!(notices(&detail(&[('a', 'x', 1, 5, true)]), 0), []);
    }

    #[test]
    fn says_what_is_missing_first() {
        let mut detail = detail(&[('a', 'x', 1, 5, true), ('b', 'x', 1, 5, false)]);
        if let Some(tab) = detail.tab_list.first_mut() {
            tab.gaps = vec![(5, 9), (20, 21)];
        }
        detail.malformed = 1;
        detail.masked_at_edge = 2;
        detail.clock_skew = -90_000;
        detail.row.live = true;
        let notices = notices(&detail, 3);
        let said: Vec<&str> = notices.iter().map(|notice| notice.text.as_str()).collect();
        assert_eq!(
            said,
            [
                "5 events never arrived and are missing here.",
                "1 event could not be read and had to be dropped.",
                "3 parts of the recording could not be loaded.",
                "1 page load without a snapshot: what happened is listed, the page cannot be shown.",
                "Still being recorded: more may come.",
                "2 values masked at the edge that the recorder should have masked: an outdated recorder?",
                "The visitor's clock is 1m 30s ahead; times here are the visitor's.",
            ]
        );
        assert_eq!(notices.iter().filter(|notice| notice.missing).count(), 4);
    }

    #[test]
    fn says_what_the_recorder_left_out_and_what_was_off() {
        let mut captures = Captures::default();
        for (tag, payload) in [
            ("sentiero:lost", r#"{"pages":1,"events":12}"#),
            ("sentiero:storm", r#"{"id":3,"left":400}"#),
            ("sentiero:storm", r#"{"id":3,"left":0}"#),
            ("sentiero:dropped", "{}"),
            ("sentiero:idle", "{}"),
            ("__console", r#"{"level":"log","args":[],"skipped":7}"#),
        ] {
            captures.event(1, tag, payload.as_bytes());
        }
        let said: Vec<(bool, String)> = left_out(&captures)
            .into_iter()
            .map(|notice| (notice.missing, notice.text))
            .collect();
        let begins = |(missing, text): &(bool, String)| {
            let words: Vec<&str> = text.split(' ').take(3).collect();
            format!("{missing} {}", words.join(" "))
        };
        assert_eq!(
            said.iter().map(begins).collect::<Vec<_>>(),
            [
                "true 12 events of",
                "true 1 event could",
                "true 400 changes of",
                "false Recording rested while",
                "true 7 entries of",
                "false Nothing of this",
            ]
        );
        assert!(
            said[5].1.contains("network, errors, web vitals."),
            "{}",
            said[5].1
        );
    }
}
