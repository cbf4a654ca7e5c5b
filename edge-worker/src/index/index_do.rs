//! The shell around [`super::rows`] and [`Keeper`]: one command in, one answer out.

use super::client::path;
use super::eviction;
use super::made::SqlSheets;
use super::shelf::SqlShelf;
use super::{
    Admit, Ask, Counted, Erase, Find, Forget, Keep, Masked, Matched, Tally, Told, Upsert, counters,
    made, quota, rows, select,
};
use crate::http::{self, Body};
use crate::log;
use crate::object;
use crate::sites;
use crate::store::platform::Platform;
use crate::store::upkeep::Upkeep;
use core::cell::{Cell, RefCell};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use sentiero_core::analytics::pack::Packed;
use sentiero_core::analytics::report::Example;
use sentiero_core::count::Count;
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, Month, SessionId};
use sentiero_core::listing::Search;
use sentiero_core::month::{tell, wake};
use sentiero_core::retention::{
    Bounds, CatchUp, EVICTED_EVERY, Keeper, Plan, Shelf as _, ask, evicted, open, put, wake_by,
};
use sentiero_core::site::SiteConfig;
use sentiero_core::store::{Reported, StoreError};
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
    /// How far live sessions were asked, since somebody looked.
    caught_up: RefCell<CatchUp>,
}

impl DurableObject for IndexObject {
    fn new(state: State, env: Env) -> Self {
        Self {
            state,
            env,
            lacking: Cell::new(false),
            caught_up: RefCell::default(),
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
            wake_by(&self.shelf(), http::now()).await?;
        }
        Ok(())
    }

    /// Sees that rows of live sessions that `filter` may take are not of long ago: of some, the
    /// newest, at once, and the alarm goes on. Whatever becomes of it, there is an answer.
    async fn catch_up(&self, filter: &Filter) -> core::result::Result<(), StoreError> {
        let now = http::now();
        if !self.caught_up.borrow_mut().looked(filter, now) {
            return Ok(());
        }
        self.ask_live(now).await
    }

    /// Asks some live sessions how far they have come, and has the alarm ask the others. Boxed:
    /// it is there once, and not for each command that begins it.
    fn ask_live(&self, now: Millis) -> LocalBoxFuture<'_, core::result::Result<(), StoreError>> {
        async move {
            if let Err(error) = self.keeper().catch_up(&self.caught_up, now).await {
                log::retried(&error);
            }
            if self.caught_up.borrow().is_under_way() {
                wake_by(&self.shelf(), now).await?;
            }
            Ok(())
        }
        .boxed_local()
    }

    /// Makes sheets first, and their parts, because somebody looks at the list. Whatever becomes
    /// of it, the month is looked after in the end: that sets the alarm again.
    async fn wake(&self) -> core::result::Result<(), StoreError> {
        let sql = self.state.storage().sql();
        let sheets = SqlSheets::new(&sql);
        let (month, now) = (self.shelf(), http::now());
        if !wake(&month, &sheets, &self.lacking, now, log::retried).await? {
            return Ok(());
        }
        if self.caught_up.borrow().is_under_way() {
            self.ask_live(http::now()).await?;
            if self.caught_up.borrow().is_under_way() {
                return Ok(());
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
            evicted(&self.shelf(), &plan, now)?;
        }
        if plan.is_current(now) {
            wake_by(&self.shelf(), now + EVICTED_EVERY).await?;
        }
        Ok(())
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        let sql = self.state.storage().sql();
        match req.path().as_str() {
            path::UPSERT => self.upsert(&framed).await,
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
                self.catch_up(&search.filter).await?;
                let page = select::page(&sql, &self.lacking, &search)?;
                self.have_sheets_made().await?;
                Ok(http::answer(200, Body::json(&page))?)
            }
            path::FACETS => {
                let (filter, _) = object::unframe::<Filter>(&framed)?;
                self.catch_up(&filter).await?;
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
                if !self.shelf().is_asked(rebuild)? {
                    return Ok(object::done());
                }
                ask(&self.shelf(), site, month, rebuild, now).await?;
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
            object::PING => Ok(object::done()),
            other => self.number(other, &framed).await,
        }
    }

    /// Writes a row, and remembers what it means for the month.
    async fn upsert(&self, framed: &[u8]) -> core::result::Result<Response, StoreError> {
        let (command, packed) = object::unframe(framed)?;
        let packed = Packed::from_bytes(packed.to_vec());
        let Upsert {
            site,
            row,
            revision,
        } = command;
        let told = (&row, &packed);
        put(&self.shelf(), site, told, revision, http::now()).await?;
        Ok(object::done())
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
            return object::answer(200, &made::named(&sql, &examples)?);
        }
        let (Ask { filter, report }, _) = object::unframe(framed)?;
        self.catch_up(&filter).await?;
        let told = if rows::exists(&sql)? {
            let sheets = SqlSheets::new(&sql);
            // It holds two reports: not in the object's every command.
            Box::pin(tell(&sheets, &filter, report)).await?
        } else {
            Some(report)
        };
        let told = match told {
            Some(report) => {
                let pending = self.pending(&filter).await?;
                Told::Report(Box::new(Reported { report, pending }))
            }
            None => Told::Again,
        };
        Ok(http::answer(200, Body::json(&told))?)
    }

    /// How many sessions of the time of `filter` are to be made anew before reports can read
    /// them; sees that it is begun.
    async fn pending(&self, filter: &Filter) -> core::result::Result<u64, StoreError> {
        let month = self.shelf();
        let Some(plan) = month.plan()?.filter(Plan::may_be_outdated) else {
            return Ok(0);
        };
        let pending = made::outdated(&self.state.storage().sql(), filter)?;
        if pending > 0 && plan.anew.is_none() {
            wake_by(&month, http::now()).await?;
        }
        Ok(pending)
    }

    /// Commands about counters and quotas.
    async fn number(
        &self,
        command: &str,
        framed: &[u8],
    ) -> core::result::Result<Response, StoreError> {
        let sql = self.state.storage().sql();
        match command {
            path::TALLY => {
                let (command, _) = object::unframe::<Tally<Count>>(framed)?;
                let Tally {
                    site,
                    month,
                    counts,
                } = command;
                counters::add(&sql, &counts)?;
                // Also where no session is ever listed, what is kept goes with the month.
                open(&self.shelf(), site, Month::of(month), http::now()).await?;
                Ok(object::done())
            }
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
                let (Admit { site, sid, quota }, _) = object::unframe(framed)?;
                let now = http::now();
                let verdict = quota::admit(&sql, &sid, &quota, now)?;
                if let Some(site) = site.filter(|_| !quota.is_unlimited()) {
                    open(&self.shelf(), site, sid.month(), now).await?;
                }
                object::answer(200, &verdict)
            }
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
