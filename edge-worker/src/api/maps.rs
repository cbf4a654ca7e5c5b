//! Source maps: list, keep, delete; and the errors of a session, resolved by them.

use super::erasures::key;
use super::sessions::{bad_query, site, snapshot};
use crate::audit;
use crate::error::{ApiError, SOURCE_MAP};
use crate::guard::Who;
use crate::http::{self, Body, Request};
use crate::log;
use crate::store::platform::Platform;
use crate::store::upkeep::Upkeep;
use sentiero_core::audit::Action;
use sentiero_core::source_map::{
    Asked, Kept, Listed, MAX_BYTES, MAX_MAPS, MapList, MapRow, Maps as _, Place, Put, ReleaseRow,
    check, check_release, keep, seen,
};
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// `GET /api/sites/{site}/maps`
pub(crate) async fn list(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let (key, _) = site(env, site_key).await?;
    let maps = Upkeep::new(env);
    let releases = match http::query(req, "release")? {
        None => {
            let names = maps.releases(&key).await?.into_iter();
            let rows = names.map(|release| ReleaseRow {
                release,
                maps: Vec::new(),
            });
            rows.collect()
        }
        Some(release) => {
            check_release(&release).map_err(|error| http::bad_field(&error))?;
            let rows: Vec<MapRow> = maps
                .maps(&key, &release)
                .await?
                .into_iter()
                .map(row)
                .collect();
            if rows.is_empty() {
                return Err(ApiError::NotFound("release with source maps"));
            }
            vec![ReleaseRow {
                release,
                maps: rows,
            }]
        }
    };
    Ok(http::answer(200, Body::json(&MapList { releases }))?)
}

fn row(map: Listed) -> MapRow {
    let Listed { file, bytes, at } = map;
    MapRow { file, bytes, at }
}

/// `PUT /api/sites/{site}/maps?release={release}&file={file}`
pub(crate) async fn put(
    req: &mut Request,
    env: &Env,
    who: &Who,
    site_key: &str,
) -> Result<Response> {
    let (key, _) = site(env, site_key).await?;
    let place = Place::new(&needed(req, "release")?, &needed(req, "file")?);
    let place = place.map_err(|error| http::bad_field(&error))?;
    let sources = match http::query(req, "sources")?.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(bad_query("sources", "`true` or `false`")),
    };
    let body = http::read_body(req, SOURCE_MAP, MAX_BYTES).await?;
    let kept = check(&body, sources)?;
    let bytes = kept.len() as u64;
    match keep(&Upkeep::new(env), &key, &place, kept).await? {
        Kept::Yes(gone) => {
            audit::changed(env, who, Action::MapsKept, Some(&key), &place.release).await;
            let Place { release, file } = place;
            let put = Put {
                release,
                file,
                bytes,
                sources,
                gone,
            };
            Ok(http::answer(200, Body::json(&put))?)
        }
        Kept::Full => Err(ApiError::Conflict {
            code: "too_many_maps",
            message: format!(
                "The release has {MAX_MAPS} source maps already; delete some, or leave out those of files that hold no code of yours."
            ),
        }),
    }
}

/// `DELETE /api/sites/{site}/maps?release={release}`, of one map with `file`.
pub(crate) async fn delete(
    req: &Request,
    env: &Env,
    who: &Who,
    site_key: &str,
) -> Result<Response> {
    let key = key(site_key)?;
    let release = needed(req, "release")?;
    check_release(&release).map_err(|error| http::bad_field(&error))?;
    let place = http::query(req, "file")?.map(|file| Place::new(&release, &file));
    let place = place.transpose().map_err(|error| http::bad_field(&error))?;
    let file = place.as_ref().map(|place| place.file.as_str());
    Upkeep::new(env).remove(&key, &release, file).await?;
    audit::changed(env, who, Action::MapsDeleted, Some(&key), &release).await;
    Ok(http::answer(204, Body::Empty)?)
}

/// A parameter that must be there.
fn needed(req: &Request, name: &str) -> Result<String> {
    http::query(req, name)?.ok_or_else(|| bad_query(name, "there"))
}

/// `GET /api/sites/{site}/sessions/{sid}/errors`
pub(crate) async fn errors(
    req: &Request,
    env: &Env,
    site_key: &str,
    sid: &str,
) -> Result<Response> {
    let asked = Asked::parse(http::whole_query(req)).map_err(|error| http::bad_field(&error))?;
    let (key, config) = site(env, site_key).await?;
    let found = snapshot(env, &key, &config, sid, &asked.selection).await?;
    let ports = (Platform::new(env), &Upkeep::new(env));
    let list = seen(ports, &key, found, &asked, log::unreadable).await?;
    Ok(http::answer(200, Body::json(&list))?)
}
