//! Links that show one session to whoever has them: make, list, revoke, open.
//!
//! A link's secret is in one answer only, and never in an address that a server sees: the
//! dashboard keeps it behind `#`, and sends it in a header.

use super::events::stream;
use super::sessions::{session_id, site, snapshot};
use crate::audit;
use crate::auth;
use crate::config::{self, binding};
use crate::error::ApiError;
use crate::guard::Who;
use crate::http::{self, Body, Request};
use crate::patience;
use crate::settings::client::Settings;
use sentiero_core::api::{LINK_HEADER, LinkList, MadeLink};
use sentiero_core::audit::Action;
use sentiero_core::field::FieldError;
use sentiero_core::id::{SiteKey, TokenId, is_link_secret, link_secret};
use sentiero_core::reading::Format;
use sentiero_core::recording::Selection;
use sentiero_core::sharing::{Kept, Links as _, MAX_LINKS, NewLink, Way, remedy};
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// More than the longest request.
const MAX_BODY: usize = 1_024;

/// `GET /api/sites/{site}/links`; `…/sessions/{sid}/links` with `sid`.
pub(crate) async fn list(env: &Env, site_key: &str, sid: Option<&str>) -> Result<Response> {
    let (key, _) = site(env, site_key).await?;
    let config = config::of(env);
    let secrets = config.secrets()?;
    let session = sid
        .map(|sid| session_id(sid).map(|sid| auth::alias(secrets, key.as_str(), sid.as_str())))
        .transpose()?;
    let mut links = Settings::new(env).links(&key, http::now()).await?;
    links.retain(|link| {
        session
            .as_ref()
            .is_none_or(|session| link.session == *session)
    });
    Ok(http::answer(200, Body::json(&LinkList { links }))?)
}

/// `POST /api/sites/{site}/sessions/{sid}/links`
pub(crate) async fn make(
    req: &mut Request,
    env: &Env,
    who: &Who,
    site_key: &str,
    sid: &str,
) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    if !config.sharing.allows(Way::Links) {
        return Err(off(&key, Way::Links));
    }
    let body = http::read_body(req, "link", MAX_BODY).await?;
    let text =
        String::from_utf8(body).map_err(|_| FieldError::new("body", "must be JSON in UTF-8"))?;
    let wanted = NewLink::parse(&text)?;
    // Of a session that is there.
    snapshot(env, &key, &config, sid, &Selection::NONE).await?;
    let (sid, now) = (session_id(sid)?, http::now());
    let session = auth::alias(config::of(env).secrets()?, key.as_str(), sid.as_str());
    let id = TokenId::new(&http::random()?);
    let link = wanted.made(id, session, who.name().to_owned(), now);
    let secret = link_secret(&http::random()?);
    let kept = Kept {
        sealed: auth::seal(&secret, &sid),
        link,
    };
    // What cannot be written down does not happen.
    audit::first(
        env,
        who.name(),
        Action::LinkMade,
        &key,
        kept.link.id.as_str(),
    )
    .await?;
    let hash = auth::token_hash(&secret);
    if !Settings::new(env).add(&key, &hash, &kept, now).await? {
        return Err(ApiError::Conflict {
            code: "too_many_links",
            message: format!("There are {MAX_LINKS} links of this site already; revoke one first."),
        });
    }
    let link = kept.link;
    Ok(http::answer(201, Body::json(&MadeLink { secret, link }))?)
}

/// `DELETE /api/sites/{site}/links/{link}`
pub(crate) async fn withdraw(env: &Env, who: &Who, site_key: &str, id: &str) -> Result<Response> {
    let (key, _) = site(env, site_key).await?;
    let id = TokenId::parse(id).map_err(|_| ApiError::NotFound("link"))?;
    if !Settings::new(env).withdraw(&key, &id).await? {
        return Err(ApiError::NotFound("link"));
    }
    audit::changed(env, who, Action::LinkRevoked, Some(&key), id.as_str()).await;
    Ok(http::answer(204, Body::Empty)?)
}

/// `GET /api/shared/{site}`: the events of the one session that the link shows.
///
/// Whatever is wrong with a link, who has it is told the same: that there is none.
pub(crate) async fn open(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let deployment = config::of(env);
    let secrets = deployment.secrets()?;
    let block = http::address_block(req).unwrap_or_else(|| "local".to_owned());
    if !patience::limiter(env, binding::LOGIN_LIMIT, format!("link {block}")).await? {
        return Err(ApiError::TooMany { wait: 60 });
    }
    let none = || ApiError::NotFound("link");
    let secret = http::header(req, LINK_HEADER).filter(|secret| is_link_secret(secret));
    let secret = secret.ok_or_else(none)?;
    let (key, config) = site(env, site_key).await.map_err(concealed)?;
    if !config.sharing.allows(Way::Links) {
        return Err(none());
    }
    let found = Settings::new(env)
        .link(&key, &auth::token_hash(&secret), http::now())
        .await?;
    let Kept { link, sealed } = found.ok_or_else(none)?;
    let sid = auth::unseal(&secret, &sealed).ok_or_else(none)?;
    let all = Selection::ALL;
    let found = snapshot(env, &key, &config, sid.as_str(), &all)
        .await
        .map_err(concealed)?;
    let by = format!("link {}", link.id);
    let subject = auth::alias(secrets, key.as_str(), sid.as_str());
    audit::first(env, &by, Action::LinkOpened, &key, &subject).await?;
    stream(env, key, found, &all, Format::Shared(link.range()))
}

fn concealed(error: ApiError) -> ApiError {
    match error {
        ApiError::NotFound(_) => ApiError::NotFound("link"),
        other => other,
    }
}

/// A site does not share so.
pub(super) fn off(site: &SiteKey, way: Way) -> ApiError {
    ApiError::Forbidden {
        code: "sharing_off",
        message: remedy(site, way),
    }
}
