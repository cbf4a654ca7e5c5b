//! What is known of issues, deciding about them, and where in the sources errors came by.

use super::{Client, asked};
use crate::model::failure::Failure;
use sentiero_core::id::{Millis, SessionId, SiteKey};
use sentiero_core::issue::{Decision, Fingerprint, Known, List, MAX_ISSUES};
use sentiero_core::query::push;
use sentiero_core::source_map::ErrorList;

/// Issues that are asked for at a time: the most that the API gives.
const PAGE: usize = 200;

impl Client {
    /// Every issue that is known of a site, sorted by issue; all up to `wanted`, if it is one of
    /// them that is wanted.
    pub(crate) async fn issues(
        &self,
        site: &SiteKey,
        wanted: Option<Fingerprint>,
    ) -> Result<Vec<Known>, Failure> {
        let mut all: Vec<Known> = Vec::new();
        let mut after: Option<String> = None;
        // One that comes while they are read moves to the front, so there may be a page more.
        for _ in 0..=MAX_ISSUES.div_ceil(PAGE) {
            let mut query = format!("limit={PAGE}");
            if let Some(after) = &after {
                push(&mut query, "after", after);
            }
            let path = format!("/api/sites/{site}/issues{}", asked(&query));
            let page: List = self.get(&path).await?;
            all.extend(page.issues);
            let is_found = wanted.is_some_and(|one| all.iter().any(|known| known.issue == one));
            after = page.next.filter(|_| !is_found);
            if after.is_none() {
                break;
            }
        }
        all.sort_by_key(|known| known.issue);
        all.dedup_by_key(|known| known.issue);
        Ok(all)
    }

    /// The errors of a session at an instant, with what source maps make of their frames.
    pub(crate) async fn errors(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        at: Millis,
    ) -> Result<ErrorList, Failure> {
        let path = format!("/api/sites/{site}/sessions/{sid}/errors?from={at}&to={at}");
        self.get(&path).await
    }

    /// Decides about an issue; what is then known of it.
    pub(crate) async fn decide(
        &self,
        site: &SiteKey,
        issue: Fingerprint,
        decision: &Decision,
        csrf: &str,
    ) -> Result<Known, Failure> {
        let path = format!("/api/sites/{site}/issues/{}", issue.text());
        self.tell("PUT", &path, decision, csrf).await
    }
}
