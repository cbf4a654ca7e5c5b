//! The shell around [`super::rows`] and [`Keeper`]: one command in, one answer out.

use super::client::path;
use super::eviction;
use super::shelf::SqlShelf;
use super::{
    Admit, Ask, Counted, Erase, Find, Forget, Keep, Masked, Matched, Upsert, counters, quota,
    report, rows, select,
};
use crate::http::{self, Body};
use crate::log;
use crate::object;
use crate::sites;
use crate::store::platform::Platform;
use crate::store::upkeep::Upkeep;
use core::cell::Cell;
use sentiero_core::analytics::pack::Packed;
use sentiero_core::analytics::report::Example;
use sentiero_core::count::Count;
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, Month, SessionId};
use sentiero_core::listing::Search;
use sentiero_core::retention::{Bounds, EVICTED_EVERY, Keeper, Shelf as _};
use sentiero_core::site::SiteConfig;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// What the log calls it.
const NAME: &str = "index_object";

/// One month of one site.
#[durable_object(alarm)]
pub struct IndexObject {
    state: State,
    env: Env,
    /// Whether a question missed sheets that the alarm is to make. Where that is forgotten,
    /// the next question says it again.
    lacking: Cell<bool>,
}

impl DurableObject for IndexObject {
    fn new(state: State, env: Env) -> Self {
        Self {
            state,
            env,
            lacking: Cell::new(false),
        }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        Ok(object::answered(NAME, self.command(&mut req).await))
    }

    async fn alarm(&self) -> Result<Response> {
        object::woken(NAME, self.wake().await)
    }
}

impl IndexObject {
    fn shelf(&self) -> SqlShelf {
        SqlShelf::new(self.state.storage())
    }

    fn keeper(&self) -> Keeper<SqlShelf, Upkeep, Platform, Platform, Upkeep> {
        Keeper {
            shelf: self.shelf(),
            chunks: Upkeep::new(&self.env),
            recordings: Platform::new(&self.env),
            records: Platform::new(&self.env),
            sessions: Upkeep::new(&self.env),
            log: log::retried,
        }
    }

    /// Sees that the alarm makes the sheets that are missing.
    async fn have_sheets_made(&self) -> core::result::Result<(), StoreError> {
        if self.lacking.get() {
            self.shelf().wake_by(http::now()).await?;
        }
        Ok(())
    }

    /// Makes sheets first, and their parts, because somebody looks at the list. Whatever becomes
    /// of it, the month is looked after in the end: that sets the alarm again.
    async fn wake(&self) -> core::result::Result<(), StoreError> {
        if self.lacking.get() {
            let more = report::prepare(&self.state.storage().sql()).await;
            self.lacking.set(more.as_ref().is_ok_and(|more| *more));
            if let Err(error) = &more {
                log::retried(error);
            }
            if self.lacking.get() {
                return self.shelf().wake_by(http::now()).await;
            }
        }
        self.look_after().await
    }

    async fn look_after(&self) -> core::result::Result<(), StoreError> {
        let Some(plan) = self.shelf().plan()? else {
            return Ok(());
        };
        let keeper = self.keeper();
        let now = http::now();
        match sites::find(&self.env, &plan.site, now).await {
            Ok(config) => {
                let days = config.as_ref().map(|config| config.retention_days);
                keeper.alarm(now, days).await?;
                match config.filter(|config| !config.bounds().is_unbounded()) {
                    Some(config) => self.evict(&config, now).await,
                    None => Ok(()),
                }
            }
            Err(error) => keeper.failed(&error, now).await,
        }
    }

    /// Sees that the site has no more than its bounds.
    async fn evict(
        &self,
        config: &SiteConfig,
        now: Millis,
    ) -> core::result::Result<(), StoreError> {
        let Some(plan) = self.shelf().plan()? else {
            return Ok(());
        };
        if plan.evicts(now) && eviction::run(&self.env, &plan.site, config, now).await {
            self.shelf().evicted(&plan, now)?;
        }
        if plan.is_current(now) {
            self.shelf().wake_by(now + EVICTED_EVERY).await?;
        }
        Ok(())
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        let sql = self.state.storage().sql();
        match req.path().as_str() {
            path::UPSERT => {
                let (command, packed) = object::unframe(&framed)?;
                let packed = Packed::from_bytes(packed.to_vec());
                let Upsert {
                    site,
                    row,
                    revision,
                } = command;
                let month = row.sid.month();
                rows::upsert(&sql, row, &packed, revision)?;
                if let Some(site) = site {
                    self.shelf().open(site, month, http::now()).await?;
                }
                Ok(object::done())
            }
            path::ERASE => {
                let (Erase { sid, expected }, _) = object::unframe(&framed)?;
                rows::erase(&sql, &sid, expected)?;
                Ok(object::done())
            }
            path::FORGET => {
                let (Forget { sid }, _) = object::unframe(&framed)?;
                rows::forget(&sql, &sid)?;
                quota::forget(&sql, &sid)?;
                Ok(object::done())
            }
            path::IS_ERASED => {
                let (sid, _) = object::unframe::<SessionId>(&framed)?;
                let erased = rows::was_erased(&sql, &sid)?;
                object::answer(200, &erased)
            }
            path::MASKED => {
                let (Masked { since }, _) = object::unframe(&framed)?;
                Ok(http::answer(200, Body::json(&rows::masked(&sql, since)?))?)
            }
            path::PAGE => {
                let (search, _) = object::unframe::<Search>(&framed)?;
                let page = select::page(&sql, &self.lacking, &search)?;
                self.have_sheets_made().await?;
                Ok(http::answer(200, Body::json(&page))?)
            }
            path::FACETS => {
                let (filter, _) = object::unframe::<Filter>(&framed)?;
                let facets = select::facets(&sql, &self.lacking, &filter)?;
                self.have_sheets_made().await?;
                Ok(http::answer(200, Body::json(&facets))?)
            }
            path::REPORT | path::NAMED => self.report(&req.path(), &framed).await,
            path::FIND => {
                let (command, _) = object::unframe(&framed)?;
                let Find {
                    filter,
                    after,
                    limit,
                } = command;
                let found = select::find(&sql, &filter, after.as_ref(), limit)?;
                Ok(http::answer(200, Body::json(&found))?)
            }
            path::MATCHED => {
                let (Matched { filter }, _) = object::unframe(&framed)?;
                Ok(http::answer(
                    200,
                    Body::json(&select::count(&sql, &filter)?),
                )?)
            }
            path::KEEP => {
                let (command, _) = object::unframe(&framed)?;
                let Keep {
                    site,
                    month,
                    rebuild,
                } = command;
                let (month, now) = (Month::of(month), http::now());
                self.shelf().ask(site, month, rebuild, now).await?;
                Ok(object::done())
            }
            path::STOCK => object::answer(200, &rows::stock(&sql)?),
            path::FIT => {
                let (bounds, _) = object::unframe::<Bounds>(&framed)?;
                object::answer(200, &rows::fit(&sql, bounds)?)
            }
            path::PLAN => object::answer(200, &self.shelf().plan()?),
            #[cfg(feature = "contract")]
            path::CONTRACT => {
                let (property, _) = object::unframe::<crate::contract::Property>(&framed)?;
                let broken = crate::contract::in_month(&property, self.keeper()).await;
                object::answer(200, &broken)
            }
            path::PING => Ok(object::done()),
            other => self.number(other, &framed),
        }
    }

    /// Commands about many sessions together.
    async fn report(
        &self,
        command: &str,
        framed: &[u8],
    ) -> core::result::Result<Response, StoreError> {
        let sql = self.state.storage().sql();
        if command == path::NAMED {
            let (examples, _) = object::unframe::<Vec<Example>>(framed)?;
            return object::answer(200, &report::named(&sql, &examples)?);
        }
        let (Ask { filter, report }, _) = object::unframe(framed)?;
        let told = report::tell(&sql, &filter, report).await?;
        Ok(http::answer(200, Body::json(&told))?)
    }

    /// Commands about counters and quotas.
    fn number(&self, command: &str, framed: &[u8]) -> core::result::Result<Response, StoreError> {
        let sql = self.state.storage().sql();
        match command {
            path::COUNT => {
                let (counts, _) = object::unframe::<Vec<Count>>(framed)?;
                counters::add(&sql, &counts)?;
                Ok(object::done())
            }
            path::COUNTED => {
                let (Counted { from, to }, _) = object::unframe(framed)?;
                let counts = counters::read(&sql, from, to)?;
                object::answer(200, &counts)
            }
            path::ADMIT => {
                let (Admit { sid, quota }, _) = object::unframe(framed)?;
                let verdict = quota::admit(&sql, &sid, &quota, http::now())?;
                object::answer(200, &verdict)
            }
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
