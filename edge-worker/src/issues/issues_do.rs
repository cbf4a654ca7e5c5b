//! The shell around [`Rows`] and [`Outbox`]: one command in, one answer out.

use super::client::path;
use super::outbox::Outbox;
use super::post::Sender;
use super::rows::Rows;
use super::{Decide, Deliveries, Page, Tell, Test};
use crate::auth;
use crate::config;
use crate::http;
use crate::log;
use crate::object;
use crate::patience;
use crate::sites;
use crate::store::platform::Platform;
use crate::store::sql::set_alarm;
use futures_util::future::join_all;
use sentiero_core::count::{self, Counted};
use sentiero_core::day::Day;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::issue::News;
use sentiero_core::issue::hook::{Delivery, Queued, Stage, Webhook};
use sentiero_core::store::{Counters as _, StoreError};
use std::cell::Cell;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

type Stored<T> = core::result::Result<T, StoreError>;

/// What the log calls it.
const NAME: &str = "issues_object";

/// Deliveries that are sent at once.
const AT_ONCE: u32 = 10;

/// When it is looked again whether somebody is to be told, where that could not be known, ms.
const LATER: Millis = 60_000;

/// One site's issues.
#[durable_object(alarm)]
pub struct IssuesObject {
    state: State,
    env: Env,
}

impl DurableObject for IssuesObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        Ok(object::answered(NAME, self.command(&mut req).await))
    }

    async fn alarm(&self) -> Result<Response> {
        object::woken(NAME, self.wake().await)
    }
}

impl IssuesObject {
    fn rows(&self) -> Rows {
        Rows::new(self.state.storage())
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(self.state.storage().sql())
    }

    async fn command(&self, req: &mut Request) -> Stored<Response> {
        let framed = req.bytes().await?;
        match req.path().as_str() {
            path::TELL => {
                let (tell, _) = object::unframe::<Tell>(&framed)?;
                object::answer(200, &self.tell(&tell).await?)
            }
            path::PAGE => {
                let (Page { after, limit }, _) = object::unframe(&framed)?;
                let page = self.rows().page(after.as_deref(), limit)?;
                object::answer(200, &page)
            }
            path::DECIDE => {
                let (command, _) = object::unframe::<Decide>(&framed)?;
                let Decide {
                    issue,
                    decision,
                    now,
                } = command;
                let decided = self.rows().decide(issue, &decision, now)?;
                object::answer(200, &decided)
            }
            path::ERASE_SEEN => {
                let (by, _) = object::unframe::<String>(&framed)?;
                self.rows().erase_seen(&by)?;
                self.outbox().erase_seen(&by)?;
                Ok(object::done())
            }
            path::CLEAR => {
                self.state.storage().delete_all().await?;
                Ok(object::done())
            }
            path::DELIVERIES => {
                let (waiting, last) = (self.outbox().waiting()?, self.outbox().last()?);
                object::answer(200, &Deliveries { waiting, last })
            }
            path::TEST => {
                let (test, _) = object::unframe::<Test>(&framed)?;
                object::answer(200, &self.test(&test).await?)
            }
            #[cfg(feature = "contract")]
            path::FORGET => {
                let (now, _) = object::unframe(&framed)?;
                self.forget(now).await?;
                Ok(object::done())
            }
            object::PING => Ok(object::done()),
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }

    /// Takes in what a session saw. What of it is news waits to be told from the same moment on.
    async fn tell(&self, Tell { site, told }: &Tell) -> Stored<Vec<News>> {
        let now = http::now();
        let is_hooked = self.is_hooked(site, now).await;
        let dropped = Cell::new(0);
        let queue = |news: &[News]| {
            if is_hooked && !news.is_empty() {
                dropped.set(self.outbox().take_in(site, news, now)?);
            }
            self.outbox().next()
        };
        let news = self.rows().tell(told, now, queue).await?;
        self.count(site, &[(count::WEBHOOK_DROPPED, dropped.get())])
            .await;
        Ok(news)
    }

    /// Whether the site has a webhook. Where that cannot be known, it is looked again when
    /// something is sent.
    async fn is_hooked(&self, site: &SiteKey, now: Millis) -> bool {
        match patience::soon("the settings", sites::read(&self.env, site, now)).await {
            Ok(Some(Ok(config))) => config.webhook.is_some(),
            Ok(None) => false,
            Ok(Some(Err(_))) | Err(_) => true,
        }
    }

    async fn wake(&self) -> Stored<()> {
        let now = http::now();
        self.deliver(now).await?;
        self.forget(now).await
    }

    async fn forget(&self, now: Millis) -> Stored<()> {
        let outbox = self.outbox();
        outbox.forget(now)?;
        let (next, has_deliveries) = (outbox.next()?, !outbox.is_empty()?);
        self.rows().forget(now, next, has_deliveries).await
    }

    /// Sends what is due.
    async fn deliver(&self, now: Millis) -> Stored<()> {
        let outbox = self.outbox();
        if !outbox.is_open()? {
            return Ok(());
        }
        let due = outbox.due(now, AT_ONCE)?;
        let Some(site) = due.first().map(|queued| queued.site.clone()) else {
            return Ok(());
        };
        match sites::find(&self.env, &site, now).await {
            Ok(config) => match config.and_then(|config| config.webhook.clone()) {
                Some(webhook) => self.send(&site, &webhook, due).await,
                None => outbox.clear(),
            },
            Err(StoreError(cause)) => {
                log::failure(NAME, Some(&site), "retried_later", &cause);
                outbox.postpone(now, now + LATER)
            }
        }
    }

    /// Sends these. Each attempt is written down, and the alarm of the next one set, before it
    /// is made.
    async fn send(&self, site: &SiteKey, webhook: &Webhook, due: Vec<Queued>) -> Stored<()> {
        let Some(secret) = self.secret(site, webhook) else {
            let now = http::now();
            return self.outbox().postpone(now, now + LATER);
        };
        let sender = Sender {
            webhook,
            secret: &secret,
            local: config::of(&self.env).webhook_local(),
        };
        let (outbox, now) = (self.outbox(), http::now());
        let (mut begun, mut ended) = (Vec::new(), Vec::new());
        for mut queued in due {
            let is_begun = queued.begin(now);
            outbox.change(&queued)?;
            if is_begun {
                begun.push(queued);
            } else {
                ended.push(queued);
            }
        }
        if let Some(next) = outbox.next()? {
            set_alarm(&self.state.storage(), next).await?;
        }
        let sent = join_all(
            begun
                .into_iter()
                .map(|queued| self.attempt(&sender, queued)),
        )
        .await;
        for queued in sent {
            ended.push(queued?);
        }
        self.count_ended(site, &ended).await;
        Ok(())
    }

    /// Makes an attempt that was begun, and writes down what became of it.
    async fn attempt(&self, sender: &Sender<'_>, mut queued: Queued) -> Stored<Queued> {
        let outcome = sender.send(&queued).await;
        queued.end(outcome, http::now());
        self.outbox().change(&queued)?;
        Ok(queued)
    }

    /// Tells something made up, at once.
    async fn test(&self, Test { site, webhook }: &Test) -> Stored<Delivery> {
        let secret = self.secret(site, webhook);
        let secret = secret.ok_or_else(|| StoreError("there are no secrets".to_owned()))?;
        let sender = Sender {
            webhook,
            secret: &secret,
            local: config::of(&self.env).webhook_local(),
        };
        let now = http::now();
        let mut queued = Queued::test(site, now);
        queued.begin(now);
        self.outbox().put(&queued)?;
        let next = self.outbox().next()?;
        self.rows().look_by(now, next).await?;
        let ended = self.attempt(&sender, queued).await?;
        Ok(ended.delivery)
    }

    /// What is signed with; none while the deployment has no secrets.
    fn secret(&self, site: &SiteKey, webhook: &Webhook) -> Option<String> {
        let config = config::of(&self.env);
        let secrets = config.secrets().ok()?;
        let id = webhook.secret_id.as_ref().map_or("", |id| id.as_str());
        Some(auth::hook_secret(secrets, site.as_str(), id))
    }

    async fn count_ended(&self, site: &SiteKey, ended: &[Queued]) {
        let of = |stage| {
            let ended = ended.iter().filter(|queued| queued.delivery.stage == stage);
            ended.count() as u64
        };
        let counts = [
            (count::WEBHOOK_DELIVERED, of(Stage::Delivered)),
            (count::WEBHOOK_FAILED, of(Stage::Failed)),
        ];
        self.count(site, &counts).await;
    }

    /// Counts what is not 0. What cannot be counted is not counted again: it has happened.
    async fn count(&self, site: &SiteKey, counts: &[(&'static str, u64)]) {
        let day = Day::of(http::now());
        let counts = counts.iter().filter(|(_, n)| *n > 0);
        let counts: Vec<Counted> = counts.map(|&(name, n)| Counted { day, name, n }).collect();
        if let Err(StoreError(cause)) = Platform::new(&self.env).add(site, &counts).await {
            log::failure("counts", Some(site), "not_counted", &cause);
        }
    }
}
