//! What is taken from whole values: fields of records, of uploads, of a configuration, of the log.

use crate::page::{PAGE, agree, edge, names, only_in};
use crate::values::{
    batch, buffered, chunk, digest, facts, filter_of_filters, job, kept_link, keys, load, plan,
    record, row, sid, state, tab, token, view, visitor, window,
};
use sentiero_core::analytics::route::Routes;
use sentiero_core::audit::{Action, Entry};
use sentiero_core::bot::Bots;
use sentiero_core::count::WORDS;
use sentiero_core::id::{SiteKey, TokenId};
use sentiero_core::issue::hook::Webhook;
use sentiero_core::lifecycle::Erasure;
use sentiero_core::mask::Mode;
use sentiero_core::quota::Quota;
use sentiero_core::redact::Redaction;
use sentiero_core::sharing::Sharing;
use sentiero_core::site::SiteConfig;
use sentiero_core::store::{Saved, Tombstone};
use sentiero_core::wire::{Header, Meta, VERSION};

#[test]
fn fields_of_records() {
    let erasure = Erasure {
        purged: Some(1),
        settled: true,
    };
    let saved = Saved {
        site: SiteKey::parse("demo").unwrap(),
        sid: sid(),
        retention_days: 30,
        state: state(),
        failures: 0,
    };
    let tombstone = Tombstone {
        site: SiteKey::parse("demo").unwrap(),
        sid: sid(),
        erasure,
        failures: 0,
    };
    let all = [
        keys("record", &record()),
        keys("state", &state()),
        keys("load", &load()),
        keys("digest", &digest()),
        keys("click", &digest().clicked),
        keys("facts", &facts()),
        keys("view", &view()),
        keys("visitor", &visitor()),
        keys("chunk", &chunk()),
        keys("batch", &batch()),
        keys("buffered", &buffered()),
        keys("row", &row()),
        keys("erasure", &erasure),
        keys("saved", &saved),
        keys("tombstone", &tombstone),
        keys("plan", &plan()),
        keys("rebuild", &plan().rebuild.unwrap()),
        keys("anew", &plan().anew.unwrap()),
        keys("job", &job()),
        keys("receipt", &job().receipt),
        keys("filter", &filter_of_filters()),
        keys("entry", &Entry::new(1, "x", Action::View, Some("x".into()))),
        keys("token", &token()),
        keys("kept", &kept_link()),
        keys("link", &kept_link().link),
    ];
    assert!(all.iter().all(|names| !names.is_empty()));
    agree(PAGE, "json", &all.into_iter().flatten().collect());
}

#[test]
fn fields_of_an_upload() {
    let meta = Meta {
        url: "u".into(),
        referrer: "u".into(),
        width: 1,
        height: 1,
    };
    let header = Header {
        v: VERSION,
        sid: sid(),
        tab: tab(),
        window: window(),
        seq: 0,
        first: 0,
        n: 1,
        sent: 1,
        offset: Some(1),
        meta: Some(meta.clone()),
        end: true,
    };
    let of_header = keys("", &header);
    let mut all = names(of_header.iter().map(|name| name.trim_start_matches('.')));
    all.extend(keys("meta", &meta));
    agree(PAGE, "upload header", &all);
}

#[test]
fn fields_of_a_sites_configuration() {
    let redact = Redaction::of_page(["true", "a", "keep", "b", "c"]).unwrap();
    let quota = Quota {
        sessions_per_day: Some(1),
        sessions_per_month: Some(1),
        bytes_per_month: Some(1),
    };
    let site = SiteConfig {
        name: "x".into(),
        origins: Vec::new(),
        mask: Mode::Inputs,
        redact: redact.clone(),
        retention_days: 1,
        max_sessions: Some(1),
        max_bytes: Some(1),
        recording: true,
        slow_seconds: 1,
        quota,
        routes: Routes::new(vec!["/a/*".into()]).unwrap(),
        bots: Bots::Record,
        webhook: Some(Webhook {
            url: "https://hooks.example.com/".into(),
            dashboard: Some("https://sentiero.example/".into()),
            secret_id: Some(TokenId::new(&[1; 8])),
        }),
        sharing: Sharing {
            files: true,
            links: true,
        },
    };
    let of_site = keys("", &site);
    let mut all = names(of_site.iter().map(|name| name.trim_start_matches('.')));
    assert!(all.remove("redact"), "its fields are listed instead");
    all.extend(keys("redact", &redact));
    assert!(all.remove("quota"), "likewise");
    all.extend(keys("quota", &quota));
    assert!(all.remove("webhook"), "likewise");
    all.extend(keys("webhook", &site.webhook));
    assert!(all.remove("sharing"), "likewise");
    all.extend(keys("sharing", &site.sharing));
    agree(PAGE, "site configuration", &all);
}

#[test]
fn words_that_are_counted() {
    agree("docs/protocol.md", "counted words", &names(WORDS));
}

/// Lines of the log are made in one place, which knows what may be said.
#[test]
fn who_writes_to_the_log() {
    let files = edge();
    let log = ["edge-worker/src/log.rs"];
    for (call, places) in [
        ("console_error!", &log[..]),
        ("console_warn!", &log[..]),
        ("console_log!", &[]),
        ("console_debug!", &[]),
    ] {
        only_in(&files, call, places);
    }
}
