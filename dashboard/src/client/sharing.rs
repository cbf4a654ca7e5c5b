//! What sharing asks of the API.

use super::{Call, Client, LONG_PATIENCE, read};
use crate::model::failure::Failure;
use crate::model::sharing::Part;
use sentiero_core::api::{LinkList, MadeLink};
use sentiero_core::id::{SessionId, SiteKey, TokenId};
use sentiero_core::sharing::NewLink;

impl Client {
    /// The events of a part of a session, one a line, for a file.
    pub(crate) async fn file(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        part: Part,
    ) -> Result<Vec<u8>, Failure> {
        let path = format!(
            "{}?format=file{}",
            Self::events_path(site, sid),
            part.query()
        );
        let call = Call {
            patience: LONG_PATIENCE,
            ..Call::get(&path)
        };
        self.send(call).await
    }

    /// The links to a session.
    pub(crate) async fn links(&self, site: &SiteKey, sid: &SessionId) -> Result<LinkList, Failure> {
        self.get(&format!("/api/sites/{site}/sessions/{sid}/links"))
            .await
    }

    /// Makes a link to a part of a session.
    pub(crate) async fn make_link(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        Part { from, to }: Part,
        days: u32,
        csrf: &str,
    ) -> Result<MadeLink, Failure> {
        let body = serde_json::to_string(&NewLink { days, from, to }).unwrap_or_default();
        let path = format!("/api/sites/{site}/sessions/{sid}/links");
        let call = Call {
            body: Some(&body),
            csrf: Some(csrf),
            ..Call::post(&path)
        };
        read(&self.send(call).await?)
    }

    /// Ends a link.
    pub(crate) async fn revoke_link(
        &self,
        site: &SiteKey,
        id: &TokenId,
        csrf: &str,
    ) -> Result<(), Failure> {
        let path = format!("/api/sites/{site}/links/{id}");
        let call = Call {
            method: "DELETE",
            csrf: Some(csrf),
            ..Call::get(&path)
        };
        self.send(call).await.map(|_| ())
    }

    /// What a link shows, one event a line.
    pub(crate) async fn shared(&self, site: &SiteKey, secret: &str) -> Result<Vec<u8>, Failure> {
        let path = format!("/api/shared/{site}");
        let call = Call {
            link: Some(secret),
            patience: LONG_PATIENCE,
            ..Call::get(&path)
        };
        self.send(call).await
    }

    /// The text of a file that lies beside the dashboard.
    pub(crate) async fn text(&self, url: &str) -> Result<String, Failure> {
        let beside = Self {
            base: String::new(),
        };
        let bytes = beside.send(Call::get(url)).await?;
        String::from_utf8(bytes).map_err(|_| Failure::Unreadable { status: 200 })
    }
}
