//! The contract of the stores ([`sentiero_core::store::contract`]) on this platform, a
//! property at a time. Only in the build that tests have, behind the feature `contract`.
//!
//! What a session keeps in its own storage is tried where that is: in an object of its own.

use crate::http::{self, Body};
use crate::issues::client as issues_client;
use crate::ledger::client as ledger_client;
use crate::session::client;
use crate::settings::client::Settings;
use crate::store::platform::Platform;
use crate::store::sql::SqlBuffer;
use crate::store::upkeep::Upkeep;
use crate::{erasure, index as months_index};
use sentiero_core::erasure::{Desk, Eraser};
use sentiero_core::id::{Millis, SiteKey, TabId};
use sentiero_core::lifecycle::{Actor, Append, Refused};
use sentiero_core::retention::{Keeper, Shelf};
use sentiero_core::store::contract::{
    Broken, Case, Outcome, audit, buffer, chunks, counters, desk, erasing, gate, index, issues,
    ledger, links, maps, months, recordings, records, registry, reports, session, sessions, shelf,
    stocks, tokens, upkeep,
};
use sentiero_core::store::{Remembered, StoreError};
use sentiero_core::wire::Ack;
use serde::{Deserialize, Serialize};
use worker::{Env, Response, Result};

/// How far ahead the time of a property lies: no alarm of it goes off while it runs.
const AHEAD: Millis = 10 * 86_400_000;

/// A property that is to be run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Property {
    suite: String,
    name: String,
    /// A site that nobody has used.
    pub(crate) site: SiteKey,
}

impl Property {
    fn case(&self) -> Case {
        Case {
            site: self.site.clone(),
            now: http::now() + AHEAD,
        }
    }
}

/// `POST /contract/{suite}/{name}`: `null` if the property holds, else how it is broken.
pub(crate) async fn handle(env: &Env, suite: &str, name: &str) -> Result<Response> {
    let broken = match run(env, suite, name).await {
        Ok(broken) => broken,
        Err(StoreError(cause)) => Some(cause),
    };
    http::answer(200, Body::json(&broken))
}

async fn run(
    env: &Env,
    suite: &str,
    name: &str,
) -> core::result::Result<Option<String>, StoreError> {
    let property = Property {
        suite: suite.to_owned(),
        name: name.to_owned(),
        site: SiteKey::parse(&format!("c-{}", TabId::new(&http::random()?)))?,
    };
    let (platform, many, case) = (Platform::new(env), Upkeep::new(env), property.case());
    let apart = Settings::apart(env, property.site.as_str());
    let outcome = match suite {
        "recordings" => recordings::run(name, &platform, &case).await,
        "records" => records::run(name, &platform, &case).await,
        "index" => index::run(name, &platform, &case).await,
        "reports" => reports::run(name, &platform, &case).await,
        "chunks" => chunks::run(name, &many, &platform, &case).await,
        "counters" => counters::run(name, &platform, &platform, &case).await,
        "months" => months::run(name, &many, &platform, &case).await,
        "stocks" => stocks::run(name, &many, &platform, &case).await,
        "ledger" => ledger::run(name, &many, &case).await,
        "audit" => audit::run(name, &many, &many, &many, &case).await,
        "issues" => issues::run(name, &platform, &platform, &case).await,
        "registry" => registry::run(name, &apart, &case).await,
        "tokens" => tokens::run(name, &apart, &case).await,
        "gate" => gate::run(name, &apart, &case).await,
        "links" => links::run(name, &apart, &case).await,
        "maps" => maps::run(name, &many, &case).await,
        "sessions" => sessions::run(name, &many, &many, &platform, &case).await,
        "shelf" | "upkeep" => {
            return months_index::client::contract(env, &property, case.month()).await;
        }
        "desk" | "erasing" => return erasure::client::contract(env, &property).await,
        _ => return client::contract(env, &property).await,
    };
    Ok(how(outcome))
}

/// Runs a property in the session object whose writer is `actor`.
pub(crate) async fn in_object(
    property: &Property,
    actor: Actor<Remembered<'_, SqlBuffer>, Platform, Platform, Platform>,
) -> Option<String> {
    let (name, case) = (property.name.as_str(), property.case());
    let outcome = match property.suite.as_str() {
        "buffer" => buffer::run(name, &actor.buffer, &case).await,
        "session" => {
            let actor = Actor {
                timing: session::TIMING,
                limits: session::LIMITS,
                ..actor
            };
            session::run(name, &actor, &case).await
        }
        other => Err(Broken(format!("there is no suite `{other}`"))),
    };
    how(outcome)
}

/// Runs a property in the index object of its month, whose upkeep is `keeper`'s.
pub(crate) async fn in_month<S: Shelf>(
    property: &Property,
    keeper: Keeper<S, Upkeep, Platform, Platform, Upkeep>,
) -> Option<String> {
    let (name, case) = (property.name.as_str(), property.case());
    let platform = &keeper.records;
    how(match property.suite.as_str() {
        "upkeep" => upkeep::run(name, &keeper, platform, &case).await,
        _ => shelf::run(name, &keeper.shelf, platform, &case).await,
    })
}

/// Runs a property in the object of an erasure.
pub(crate) async fn in_erasure<D: Desk>(
    property: &Property,
    env: &Env,
    eraser: Eraser<D, Upkeep, Upkeep, Upkeep, Settings>,
) -> Option<String> {
    let (name, case) = (property.name.as_str(), property.case());
    how(match property.suite.as_str() {
        "erasing" => erasing::run(name, &eraser, &Platform::new(env), &case).await,
        _ => desk::run(name, &eraser.desk, &case).await,
    })
}

impl sessions::Uploads for Upkeep {
    async fn upload(
        &self,
        append: &Append,
        body: Vec<u8>,
    ) -> core::result::Result<core::result::Result<Ack, Refused>, StoreError> {
        client::upload(self.env(), append, &body).await
    }
}

impl issues::Forgetting for Platform {
    async fn forget(&self, site: &SiteKey, now: Millis) -> core::result::Result<(), StoreError> {
        issues_client::forget(self.env(), site, now).await
    }
}

impl audit::Cleaning for Upkeep {
    async fn clean(
        &self,
        site: Option<&SiteKey>,
        now: Millis,
    ) -> core::result::Result<(), StoreError> {
        ledger_client::clean(self.env(), site, now).await
    }
}

fn how(outcome: Outcome) -> Option<String> {
    outcome.err().map(|Broken(how)| how)
}
