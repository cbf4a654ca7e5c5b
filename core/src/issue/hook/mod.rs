//! Telling somebody else's program of issues: a site's webhook.
//!
//! ```text
//! News ─► [`Queued`] ── due ──► sent, signed ──► answered 2xx ─► delivered
//!            ▲                      │
//!            └── later, so often ───┴──────────► [`MAX_ATTEMPTS`] ─► failed
//! ```
//!
//! What is queued is told **at least once**: who is told twice knows it by the delivery's id.
//! Where to, [`address`] decides; when, [`delivery`]; what is said stands in [`Notice`].

pub mod address;
pub mod delivery;

pub use delivery::{
    Delivery, Failure, MAX_ATTEMPTS, MAX_SHOWN, MAX_WAITING, Outcome, Queued, Stage, TIME_LIMIT,
    forgotten_before,
};

use super::{Fingerprint, Known, State};
use crate::audit::Action;
use crate::field::FieldError;
use crate::id::{Millis, SiteKey, TokenId};
use address::Target;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use delivery::Reason;
use serde::{Deserialize, Serialize};

/// The version of [`Notice`]. A field more is none; that one means something else is.
pub const VERSION: u32 = 1;

/// The header with [`signature`](signature_header).
pub const SIGNATURE_HEADER: &str = "Sentiero-Signature";

/// The header with the delivery's id.
pub const DELIVERY_HEADER: &str = "Sentiero-Delivery";

/// What a secret begins with: tools that look for secrets in code know it by that.
pub const SECRET_PREFIX: &str = "sentiero_hook_";

/// The longest address, bytes.
pub const MAX_ADDRESS: usize = 500;

/// Where a site's news goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The address that is told, by [`Target`].
    pub url: String,
    /// The dashboard's address, which links to issues begin with; without it there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<String>,
    /// Which of its secrets it signs with. It is no secret: that is made of it and of the
    /// deployment's. None until the first was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_id: Option<TokenId>,
}

impl Webhook {
    /// Checks what the types of the fields do not say.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        if let Err(error) = Target::parse(&self.url) {
            return Err(FieldError::new("webhook.url", format!("{error}")));
        }
        match &self.dashboard {
            Some(dashboard) if !is_base(dashboard) => {
                let reason = format!(
                    "must be the dashboard's address as browsers write it, as https://sentiero.example/dashboard/, up to {MAX_ADDRESS} bytes, without query and fragment"
                );
                Err(FieldError::new("webhook.dashboard", reason))
            }
            _ => Ok(()),
        }
    }

    /// What a site has whose operator gives `given` in the place of `before`: its secret stays,
    /// unless it is made anew by the request that shows it.
    pub fn after(
        before: Option<&Self>,
        given: Option<Self>,
        local: bool,
    ) -> Result<Option<Self>, FieldError> {
        let Some(mut given) = given else {
            return Ok(None);
        };
        let target = Target::parse(&given.url);
        if !local && target.is_ok_and(|target| target.is_local()) {
            let reason = "is on this machine, which the deployment does not allow: give an https address, or set WEBHOOK_LOCAL to true";
            return Err(FieldError::new("webhook.url", reason));
        }
        let kept = before.and_then(|before| before.secret_id.clone());
        match (&kept, &given.secret_id) {
            (Some(kept), Some(given)) if kept != given => {
                let reason = "cannot be given: POST sites/{site}/webhook/secret makes another";
                return Err(FieldError::new("webhook.secret_id", reason));
            }
            (Some(_), None) => given.secret_id = kept,
            _ => {}
        }
        Ok(Some(given))
    }

    /// What is written down of a change from `before` to `after`; none if nothing changed.
    pub fn action(before: Option<&Self>, after: Option<&Self>) -> Option<Action> {
        match (before, after) {
            (None, Some(_)) => Some(Action::WebhookSet),
            (Some(_), None) => Some(Action::WebhookRemoved),
            (Some(before), Some(after)) if before != after => Some(Action::WebhookChanged),
            _ => None,
        }
    }
}

/// Whether `text` can stand before `#/…`.
fn is_base(text: &str) -> bool {
    let plain = text.len() <= MAX_ADDRESS
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains(['#', '?', '\\', '"', '<', '>', '@']);
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest.find('/').unwrap_or(rest.len());
    let origin = text
        .get(..text.len() - (rest.len() - path))
        .unwrap_or_default();
    plain && crate::origin::check(origin).is_ok()
}

/// What is told: the body of a delivery, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// [`VERSION`].
    pub version: u32,
    /// The delivery's id, the same however often it is sent.
    pub id: String,
    /// When it became news, ms since the epoch, edge clock.
    pub at: Millis,
    /// The site.
    pub site: SiteKey,
    /// Why.
    pub why: Reason,
    /// What is known of the issue. A test tells of one that there is not.
    pub issue: NoticeIssue,
    /// Where the dashboard shows it, if the webhook knows the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// An issue, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeIssue {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What people call it.
    pub title: String,
    /// What somebody thinks of it.
    pub state: State,
    /// The release that it came in last, if one was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// When it first came, ms since the epoch, edge clock.
    pub first_seen: Millis,
    /// When it last came.
    pub last_seen: Millis,
}

impl NoticeIssue {
    fn of(known: &Known) -> Self {
        Self {
            fingerprint: known.issue,
            title: known.title.clone(),
            state: known.state,
            release: known.releases.last().cloned(),
            first_seen: known.first,
            last_seen: known.last,
        }
    }

    /// What a test tells of.
    fn made_up(at: Millis) -> Self {
        Self {
            fingerprint: Fingerprint::of_number(0),
            title: "A test of the webhook".to_owned(),
            state: State::Open,
            release: None,
            first_seen: at,
            last_seen: at,
        }
    }
}

impl Notice {
    /// What is told by a delivery to `webhook`.
    pub fn of(queued: &Queued, webhook: &Webhook) -> Self {
        let Queued {
            site,
            delivery,
            known,
        } = queued;
        let issue = known
            .as_ref()
            .map_or_else(|| NoticeIssue::made_up(delivery.at), NoticeIssue::of);
        let base = webhook.dashboard.as_deref();
        Self {
            version: VERSION,
            id: delivery.id.clone(),
            at: delivery.at,
            site: site.clone(),
            why: delivery.why,
            link: base.map(|base| link(base, site, delivery.issue)),
            issue,
        }
    }
}

/// Where a dashboard at `base` shows an issue; of a test, all of them.
fn link(base: &str, site: &SiteKey, issue: Option<Fingerprint>) -> String {
    match issue {
        Some(issue) => format!("{base}#/s/{site}/reports/issue?issue={}", issue.text()),
        None => format!("{base}#/s/{site}/reports/errors"),
    }
}

/// What is signed: `{timestamp}.{body}`, seconds since the epoch when it is sent.
pub fn signed(timestamp: u64, body: &str) -> String {
    format!("{timestamp}.{body}")
}

/// The value of [`SIGNATURE_HEADER`]: `signature` is HMAC-SHA-256 over [`signed`], in hex.
pub fn signature_header(timestamp: u64, signature: &str) -> String {
    format!("t={timestamp},v1={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::{News, Why};

    fn hook(url: &str) -> Webhook {
        Webhook {
            url: url.to_owned(),
            dashboard: Some("https://sentiero.example/dashboard/".to_owned()),
            secret_id: None,
        }
    }

    fn site() -> SiteKey {
        SiteKey::parse("shop").unwrap()
    }

    fn secret(byte: u8) -> TokenId {
        TokenId::new(&[byte; crate::id::KEY_ENTROPY])
    }

    #[test]
    fn the_dashboards_address_is_one() {
        for (dashboard, is_right) in [
            ("https://sentiero.example/dashboard/", true),
            ("http://localhost:8787/dashboard/", true),
            ("https://sentiero.example", true),
            ("https://sentiero.example/dashboard/#/", false),
            ("https://sentiero.example/?a", false),
            ("https://me@sentiero.example/", false),
            ("javascript://sentiero.example/", false),
            ("/dashboard/", false),
            ("", false),
            ("https://sentiero.example/a b", false),
        ] {
            let hook = Webhook {
                dashboard: Some(dashboard.to_owned()),
                ..hook("https://hooks.example/a")
            };
            assert_eq!(hook.check().is_ok(), is_right, "{dashboard}");
        }
    }

    #[test]
    fn a_secret_stays_until_it_is_made_anew() {
        let (url, other) = ("https://hooks.example/a", "https://hooks.example/b");
        let kept = Webhook {
            secret_id: Some(secret(1)),
            ..hook(url)
        };
        let after = |before, given| Webhook::after(before, given, false);
        assert_eq!(after(None, Some(hook(url))), Ok(Some(hook(url))));
        let moved = after(Some(&kept), Some(hook(other))).unwrap().unwrap();
        assert_eq!((&*moved.url, moved.secret_id), (other, Some(secret(1))));
        let bent = Webhook {
            secret_id: Some(secret(2)),
            ..hook(url)
        };
        let refused = after(Some(&kept), Some(bent.clone())).unwrap_err();
        assert_eq!(refused.field, "webhook.secret_id");
        assert_eq!(after(None, Some(bent.clone())), Ok(Some(bent)));
        assert_eq!(after(Some(&kept), None), Ok(None));
    }

    #[test]
    fn this_machine_is_told_only_where_the_deployment_says_so() {
        let local = hook("http://127.0.0.1:9000/hook");
        let refused = Webhook::after(None, Some(local.clone()), false).unwrap_err();
        assert_eq!(refused.field, "webhook.url");
        assert!(refused.reason.contains("WEBHOOK_LOCAL"), "{refused}");
        assert!(Webhook::after(None, Some(local), true).is_ok());
    }

    #[test]
    fn changes_have_names() {
        let (one, other) = (hook("https://a.example/"), hook("https://b.example/"));
        for (before, after, action) in [
            (None, None, None),
            (None, Some(&one), Some(Action::WebhookSet)),
            (Some(&one), Some(&one), None),
            (Some(&one), Some(&other), Some(Action::WebhookChanged)),
            (Some(&one), None, Some(Action::WebhookRemoved)),
        ] {
            assert_eq!(Webhook::action(before, after), action);
        }
    }

    #[test]
    fn what_is_told_of_an_issue() {
        let known = Known {
            issue: Fingerprint::of_number(0xa1),
            title: "TypeError: a".to_owned(),
            first: 5,
            last: 9,
            releases: ["1", "2"].map(ToOwned::to_owned).to_vec(),
            state: State::Open,
            decided: None,
            resolved_in: None,
            reopened: None,
            until: 100,
            only: None,
        };
        let news = News {
            why: Why::Reopened,
            known,
        };
        let queued = Queued::of(&site(), news, 0x10);
        let notice = Notice::of(&queued, &hook("https://hooks.example/a"));
        let json = serde_json::to_string(&notice).unwrap();
        assert_eq!(
            json,
            r#"{"version":1,"id":"000000000010-00000000000000a1","at":16,"site":"shop","why":"reopened","issue":{"fingerprint":"00000000000000a1","title":"TypeError: a","state":"open","release":"2","first_seen":5,"last_seen":9},"link":"https://sentiero.example/dashboard/#/s/shop/reports/issue?issue=00000000000000a1"}"#
        );
        let test = Queued::test(&site(), 0x10);
        let hook = Webhook {
            dashboard: None,
            ..hook("https://hooks.example/a")
        };
        let json = serde_json::to_string(&Notice::of(&test, &hook)).unwrap();
        assert!(json.contains(r#""why":"test""#), "{json}");
        assert!(!json.contains("link"), "{json}");
    }

    #[test]
    fn what_is_signed() {
        assert_eq!(signed(17, "{}"), "17.{}");
        assert_eq!(signature_header(17, "ab"), "t=17,v1=ab");
    }
}
