//! The tag for a site's pages: where the recorder is, the site, the site's policy, and what
//! else is to be recorded.
//!
//! The edge applies the policy in any case. A page that does so, too, sends nothing that
//! would be taken out there. So the tag repeats it where it differs from what a page does by
//! itself.

use super::draft::{mode, urls};
use sentiero_core::id::SiteKey;
use sentiero_core::mask::Mode;
use sentiero_core::redact::UrlMode;
use sentiero_core::site::SiteConfig;
use std::collections::BTreeSet;

/// Something that a page does if its tag says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The attribute.
    pub attribute: &'static str,
    /// What it has to say; empty: nothing.
    pub value: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn choice(
    attribute: &'static str,
    value: &'static str,
    label: &'static str,
    help: &'static str,
) -> Choice {
    Choice {
        attribute,
        value,
        label,
        help,
    }
}

/// What can be chosen, as README describes it.
pub const CHOICES: [Choice; 11] = [
    choice(
        "data-consent",
        "required",
        "Wait for consent",
        "Nothing begins before your page calls Sentiero.consent(true).",
    ),
    choice(
        "data-capture-errors",
        "",
        "Errors",
        "Errors that nothing caught, with their stacks.",
    ),
    choice(
        "data-capture-web-vitals",
        "",
        "Web vitals",
        "LCP, INP, CLS, FCP and TTFB.",
    ),
    choice(
        "data-capture-clicks",
        "",
        "Elements of clicks",
        "Which element, and where in it: for heatmaps.",
    ),
    choice(
        "data-capture-console",
        "",
        "Console",
        "Warnings and errors that the page writes.",
    ),
    choice(
        "data-capture-network",
        "",
        "Requests",
        "Address, status and duration; never what is in them.",
    ),
    choice(
        "data-capture-metadata",
        "",
        "Browser and campaign",
        "Language, time zone, screen, utm_ parameters.",
    ),
    choice(
        "data-track-navigation",
        "",
        "Links",
        "Links that are followed.",
    ),
    choice(
        "data-track-forms",
        "",
        "Forms",
        "Which fields are touched and what is sent off; never what is in them.",
    ),
    choice(
        "data-track-custom-events",
        "",
        "Events in the markup",
        "What elements declare by data-sentiero-track-…",
    ),
    choice(
        "data-start",
        "load",
        "From the start",
        "Visits are sent even if nobody moves, clicks or scrolls.",
    ),
];

/// The tag for pages of the site `key`, which is configured so, with what was `chosen`, by
/// attribute.
pub fn tag(
    origin: &str,
    key: &SiteKey,
    config: &SiteConfig,
    chosen: &BTreeSet<&'static str>,
) -> String {
    let mut tag = format!(r#"<script src="{origin}/sentiero.js" data-site="{key}""#);
    for (name, value) in policy(config) {
        put(&mut tag, name, &value);
    }
    for choice in &CHOICES {
        if chosen.contains(choice.attribute) {
            put(&mut tag, choice.attribute, choice.value);
        }
    }
    tag.push_str(" defer></script>");
    tag
}

/// What of the policy a page does not do by itself.
fn policy(config: &SiteConfig) -> Vec<(&'static str, String)> {
    let mut said = Vec::new();
    if config.mask != Mode::default() {
        said.push(("data-mask", mode(config.mask).to_owned()));
    }
    let redact = &config.redact;
    if redact.phones {
        said.push(("data-redact-phones", String::new()));
    }
    let patterns = redact.patterns.iter().cloned().map(String::from);
    // Between spaces: one that has a space in it holds at the edge alone.
    let patterns: Vec<String> = patterns.filter(|pattern| !pattern.contains(' ')).collect();
    if !patterns.is_empty() {
        said.push(("data-redact-patterns", patterns.join(" ")));
    }
    if redact.urls != UrlMode::default() {
        said.push(("data-url-mode", urls(redact.urls).to_owned()));
    }
    for (name, list) in [
        ("data-url-allow", &redact.allow),
        ("data-url-deny", &redact.deny),
    ] {
        if !list.is_empty() {
            said.push((name, list.join(" ")));
        }
    }
    said
}

fn put(tag: &mut String, name: &str, value: &str) {
    tag.push(' ');
    tag.push_str(name);
    if !value.is_empty() {
        let escaped = value.replace('&', "&amp;").replace('"', "&quot;");
        tag.push_str("=\"");
        tag.push_str(&escaped);
        tag.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(config: &str, chosen: &[&'static str]) -> String {
        let config = SiteConfig::parse(config).unwrap();
        let key = SiteKey::parse("shop").unwrap();
        tag(
            "https://w.example",
            &key,
            &config,
            &chosen.iter().copied().collect(),
        )
    }

    #[test]
    fn says_what_a_page_does_not_do_by_itself() {
        const BEGIN: &str = r#"<script src="https://w.example/sentiero.js" data-site="shop""#;
        for (config, chosen, rest) in [
            ("", &[][..], ""),
            (r#","mask":"inputs""#, &[], ""),
            (r#","mask":"text""#, &[], r#" data-mask="text""#),
            (
                r#","redact":{"phones":true,"patterns":["A\\d","[a \"]","B"],"urls":"filter","allow":["page","q"],"deny":["x"]}"#,
                &[],
                r#" data-redact-phones data-redact-patterns="A\d B" data-url-mode="filter" data-url-allow="page q" data-url-deny="x""#,
            ),
            (
                r#","redact":{"patterns":["[\"&]"]}"#,
                &[],
                r#" data-redact-patterns="[&quot;&amp;]""#,
            ),
            (
                "",
                &["data-capture-errors", "data-consent"],
                r#" data-consent="required" data-capture-errors"#,
            ),
        ] {
            let config = format!(r#"{{"name":"x","origins":[]{config}}}"#);
            let expected = format!("{BEGIN}{rest} defer></script>");
            assert_eq!(of(&config, chosen), expected);
        }
    }

    #[test]
    fn every_attribute_is_one_of_readme() {
        let readme = include_str!("../../../../README.md");
        let all = r#"{"name":"x","origins":[],"mask":"none","redact":{"phones":true,"patterns":["A"],"urls":"keep","allow":["a"],"deny":["b"]}}"#;
        let config = SiteConfig::parse(all).unwrap();
        let of_policy = policy(&config).into_iter().map(|(name, _)| name);
        let chosen = CHOICES.iter().map(|choice| choice.attribute);
        for attribute in of_policy.chain(chosen) {
            let row = format!("| `{attribute}` |");
            assert!(readme.contains(&row), "{attribute} is none of README's");
        }
    }
}
