//! What the settings ask and change.

use super::{Call, Client, TOKEN, asked, read};
use crate::model::failure::Failure;
use crate::platform;
use sentiero_core::access::{ApiToken, NewToken};
use sentiero_core::api::{
    Counters, IssuedToken, KeyAnswer, KeyChange, KeyList, NewSite, SiteAnswer, SiteChange,
    SiteList, TokenList, WebhookAnswer, WebhookSecret,
};
use sentiero_core::audit::Log;
use sentiero_core::erasure::{Receipt, Receipts};
use sentiero_core::id::{ErasureId, SiteKey};
use sentiero_core::issue::hook::Delivery;
use sentiero_core::query::push;
use sentiero_core::registry::TagKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Client {
    /// Every site that the viewer may see, as it is configured.
    pub(crate) async fn sites(&self) -> Result<Vec<SiteAnswer>, Failure> {
        let list: SiteList = self.get("/api/sites").await?;
        Ok(list.sites)
    }

    /// One of them.
    pub(crate) async fn site(&self, site: &SiteKey) -> Result<SiteAnswer, Failure> {
        self.get(&format!("/api/sites/{site}")).await
    }

    /// Makes a site.
    pub(crate) async fn create_site(
        &self,
        site: &NewSite,
        csrf: &str,
    ) -> Result<SiteAnswer, Failure> {
        self.tell("POST", "/api/sites", site, csrf).await
    }

    /// Replaces a site's configuration.
    pub(crate) async fn change_site(
        &self,
        site: &SiteKey,
        change: &SiteChange,
        csrf: &str,
    ) -> Result<SiteAnswer, Failure> {
        self.tell("PUT", &format!("/api/sites/{site}"), change, csrf)
            .await
    }

    /// Has a site look at once for what is kept no longer.
    pub(crate) async fn run_retention(&self, site: &SiteKey, csrf: &str) -> Result<(), Failure> {
        let path = format!("/api/sites/{site}/retention/run");
        let call = Call {
            csrf: Some(csrf),
            ..Call::post(&path)
        };
        self.send(call).await.map(|_| ())
    }

    /// Deletes a site with its `sessions`.
    pub(crate) async fn delete_site(
        &self,
        site: &SiteKey,
        revision: u64,
        sessions: u64,
        csrf: &str,
    ) -> Result<Receipt, Failure> {
        let path = format!("/api/sites/{site}?revision={revision}&confirm={sessions}");
        let call = Call {
            method: "DELETE",
            csrf: Some(csrf),
            ..Call::get(&path)
        };
        read(&self.send(call).await?)
    }

    /// Ends all sign-ins, this one included.
    pub(crate) async fn logout_everywhere(&self, csrf: &str) -> Result<(), Failure> {
        let call = Call {
            csrf: Some(csrf),
            ..Call::post("/api/logout?everywhere")
        };
        self.send(call).await?;
        platform::keep_here(TOKEN, None);
        Ok(())
    }

    /// The keys of a site's tag.
    pub(crate) async fn keys(&self, site: &SiteKey) -> Result<Vec<TagKey>, Failure> {
        let list: KeyList = self.get(&format!("/api/sites/{site}/keys")).await?;
        Ok(list.keys)
    }

    /// Makes a key.
    pub(crate) async fn make_key(&self, site: &SiteKey, csrf: &str) -> Result<KeyAnswer, Failure> {
        self.deed("POST", &format!("/api/sites/{site}/keys"), csrf)
            .await
    }

    /// Enables or disables a key.
    pub(crate) async fn set_key(
        &self,
        site: &SiteKey,
        key: &SiteKey,
        enabled: bool,
        csrf: &str,
    ) -> Result<KeyAnswer, Failure> {
        let path = format!("/api/sites/{site}/keys/{key}");
        self.tell("PUT", &path, &KeyChange { enabled }, csrf).await
    }

    /// Has a key that is disabled forgotten.
    pub(crate) async fn remove_key(
        &self,
        site: &SiteKey,
        key: &SiteKey,
        csrf: &str,
    ) -> Result<(), Failure> {
        let path = format!("/api/sites/{site}/keys/{key}");
        let call = Call {
            method: "DELETE",
            csrf: Some(csrf),
            ..Call::get(&path)
        };
        self.send(call).await.map(|_| ())
    }

    /// What became of deliveries to a site's webhook.
    pub(crate) async fn webhook(&self, site: &SiteKey) -> Result<WebhookAnswer, Failure> {
        self.get(&format!("/api/sites/{site}/webhook")).await
    }

    /// Makes another secret of a site's webhook.
    pub(crate) async fn make_webhook_secret(
        &self,
        site: &SiteKey,
        csrf: &str,
    ) -> Result<WebhookSecret, Failure> {
        self.deed("POST", &format!("/api/sites/{site}/webhook/secret"), csrf)
            .await
    }

    /// Sends something made up to a site's webhook.
    pub(crate) async fn test_webhook(
        &self,
        site: &SiteKey,
        csrf: &str,
    ) -> Result<Delivery, Failure> {
        self.deed("POST", &format!("/api/sites/{site}/webhook/test"), csrf)
            .await
    }

    /// A change that says all it says by its address.
    async fn deed<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        csrf: &str,
    ) -> Result<T, Failure> {
        let call = Call {
            method,
            csrf: Some(csrf),
            ..Call::get(path)
        };
        read(&self.send(call).await?)
    }

    /// Every API token.
    pub(crate) async fn tokens(&self) -> Result<Vec<ApiToken>, Failure> {
        let list: TokenList = self.get("/api/tokens").await?;
        Ok(list.tokens)
    }

    /// Makes an API token.
    pub(crate) async fn issue_token(
        &self,
        token: &NewToken,
        csrf: &str,
    ) -> Result<IssuedToken, Failure> {
        self.tell("POST", "/api/tokens", token, csrf).await
    }

    /// Revokes an API token.
    pub(crate) async fn revoke_token(&self, id: &str, csrf: &str) -> Result<(), Failure> {
        let path = format!("/api/tokens/{id}");
        let call = Call {
            method: "DELETE",
            csrf: Some(csrf),
            ..Call::get(&path)
        };
        self.send(call).await.map(|_| ())
    }

    /// A page of the audit log: of a site, or of the deployment.
    pub(crate) async fn audit(
        &self,
        site: Option<&SiteKey>,
        before: Option<&str>,
    ) -> Result<Log, Failure> {
        let mut query = String::new();
        if let Some(before) = before {
            push(&mut query, "before", before);
        }
        let query = asked(&query);
        let path = match site {
            Some(site) => format!("/api/sites/{site}/audit{query}"),
            None => format!("/api/audit{query}"),
        };
        self.get(&path).await
    }

    /// What was counted of a site in the last 30 days.
    pub(crate) async fn counters(&self, site: &SiteKey) -> Result<Counters, Failure> {
        self.get(&format!("/api/sites/{site}/counters")).await
    }

    /// A page of a site's receipts.
    pub(crate) async fn receipts(
        &self,
        site: &SiteKey,
        before: Option<&ErasureId>,
    ) -> Result<Receipts, Failure> {
        let before = before.map(|before| format!("before={before}"));
        let before = asked(&before.unwrap_or_default());
        self.get(&format!("/api/sites/{site}/erasures{before}"))
            .await
    }

    pub(super) async fn tell<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
        csrf: &str,
    ) -> Result<T, Failure> {
        let body = serde_json::to_string(body).unwrap_or_default();
        let call = Call {
            method,
            body: Some(&body),
            csrf: Some(csrf),
            ..Call::get(path)
        };
        read(&self.send(call).await?)
    }
}
