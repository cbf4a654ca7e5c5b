//! Which sessions are meant: one filter for the list, its numbers and erasures.
//!
//! [`Filter::matches`] is its meaning. Whatever narrows elsewhere (SQL in the index) must
//! take the same sessions; the contract of the stores compares the two.
//!
//! A filter knows what a row says, no more: texts are cut there and lists are bounded
//! (docs/protocol.md), and the row of a live session may lag behind it.

use crate::api::SessionRow;
use crate::digest::user_key;
use crate::field::FieldError;
use crate::id::{Millis, Month};
use crate::query;
use crate::text::{decimal, parse_decimal};
use crate::wire::MAX_AHEAD;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The longest text of a filter, bytes.
pub const MAX_TEXT: usize = 4_096;

/// The most pairs of metadata in a filter.
pub const MAX_META: usize = 4;

/// How deep filters may stand within filters: the filter itself, its [`any`](Filter::any) and
/// [`not`](Filter::not), and theirs.
pub const MAX_DEPTH: usize = 3;

/// The most conditions of all filters within a filter together. A store asks for them in one
/// question, and SQLite binds a hundred values in one at most.
pub const MAX_WITHIN: usize = 20;

/// How far back anything can be stored: the longest retention that a site may have.
const MAX_RETENTION: Millis = 3_650 * 86_400_000;

/// In a query, the key of metadata stands behind this.
const META: &str = "meta.";

/// Which sessions are meant, by what their rows say. All that is given must hold.
///
/// With filters in it, [`any`](Self::any) and [`not`](Self::not), it says whatever *and*, *or*
/// and *not* can say.
///
/// Texts that must be *contained* are compared without regard to the case of ASCII letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// They started at this or later, ms since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Millis>,
    /// They started before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Millis>,
    /// One of their users, see [`user_key`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// ISO 3166-2 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Name of an IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Browser family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Operating system family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// `desktop`, `mobile` or `tablet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The address of the first page, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The address of a page contains this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The address that the visitor came from contains this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// What the page gave to `setMetadata`: these keys have these values, whole.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, String>,
    /// The name of a custom event, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Whether only sessions with an error are meant.
    #[serde(skip_serializing_if = "is_false")]
    pub errors: bool,
    /// Whether only sessions with rage clicks are meant.
    #[serde(skip_serializing_if = "is_false")]
    pub rage: bool,
    /// Whether only sessions with dead clicks are meant.
    #[serde(skip_serializing_if = "is_false")]
    pub dead: bool,
    /// They lasted this or longer, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_duration: Option<Millis>,
    /// They lasted this or shorter, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<Millis>,
    /// Whether they are being recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// Their id begins with this, or one of their users or pages contains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// One of these takes them; if there are none, that says nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Filter>,
    /// None of these takes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<Filter>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Whether `text` contains `part`, whatever the case of ASCII letters.
fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase()
        .contains(&part.to_ascii_lowercase())
}

impl Filter {
    /// Whether it takes the session of `row`.
    pub fn matches(&self, row: &SessionRow) -> bool {
        let Self {
            from,
            before,
            user,
            country,
            region,
            timezone,
            browser,
            os,
            device,
            entry,
            url,
            referrer,
            meta,
            event,
            errors,
            rage,
            dead,
            min_duration,
            max_duration,
            live,
            q,
            any,
            not,
        } = self;
        let is =
            |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        let given =
            |part: &Option<String>, found: &dyn Fn(&str) -> bool| part.as_deref().is_none_or(found);
        let on_a_page = |part: &str| row.addresses().any(|address| contains(address, part));
        let is_called = |part: &str| {
            row.sid.as_str().starts_with(&part.to_ascii_lowercase())
                || row.users.iter().any(|user| contains(user, part))
                || on_a_page(part)
        };
        from.is_none_or(|from| from <= row.started)
            && before.is_none_or(|before| row.started < before)
            && given(user, &|user| row.users.iter().any(|found| found == user))
            && is(country, &row.country)
            && is(region, &row.region)
            && is(timezone, &row.timezone)
            && is(browser, &row.browser)
            && is(os, &row.os)
            && is(device, &row.device)
            && given(entry, &|entry| entry == row.entry)
            && given(url, &on_a_page)
            && given(referrer, &|part| {
                row.referrer
                    .as_ref()
                    .is_some_and(|from| contains(from, part))
            })
            && meta
                .iter()
                .all(|(key, value)| row.meta.get(key) == Some(value))
            && given(event, &|name| row.named.iter().any(|found| found == name))
            && (!errors || row.errors > 0)
            && (!rage || row.rage > 0)
            && (!dead || row.dead > 0)
            && min_duration.is_none_or(|min| min <= row.duration)
            && max_duration.is_none_or(|max| row.duration <= max)
            && live.is_none_or(|live| live == row.live)
            && given(q, &is_called)
            && (any.is_empty() || any.iter().any(|one| one.matches(row)))
            && !not.iter().any(|one| one.matches(row))
    }

    /// Of what it says only when sessions start.
    #[must_use]
    pub fn when(&self) -> Self {
        Self {
            from: self.from,
            before: self.before,
            ..Self::default()
        }
    }

    /// The filters in it.
    pub fn within(&self) -> impl Iterator<Item = &Self> {
        self.any.iter().chain(&self.not)
    }

    /// Whether it takes sessions because a text is *not* found in their rows, which hold the
    /// first ones only, and those not whole: it may then take sessions that have it.
    pub(crate) fn denies_texts(&self) -> bool {
        self.not.iter().any(Self::asks_for_texts) || self.any.iter().any(Self::denies_texts)
    }

    fn asks_for_texts(&self) -> bool {
        let texts = [
            &self.user,
            &self.entry,
            &self.url,
            &self.referrer,
            &self.event,
            &self.q,
        ];
        texts.into_iter().any(Option::is_some)
            || !self.meta.is_empty()
            || self.within().any(Self::asks_for_texts)
    }

    /// How many conditions it has, with those of the filters in it.
    pub fn conditions(&self) -> usize {
        let texts = self
            .texts()
            .iter()
            .filter(|(_, text)| text.is_some())
            .count();
        let numbers = [self.from, self.before, self.min_duration, self.max_duration];
        let numbers = numbers.iter().flatten().count();
        let truths = [self.errors, self.rage, self.dead, self.live.is_some()];
        let truths = truths.iter().filter(|given| **given).count();
        let within: usize = self.within().map(Self::conditions).sum();
        texts + self.meta.len() + numbers + truths + within
    }

    /// The months that it may find something in, for somebody who asks at `now`: those of
    /// the first and the last session.
    pub fn months(&self, now: Millis) -> (Month, Month) {
        let from = self
            .from
            .unwrap_or(0)
            .max(now.saturating_sub(MAX_RETENTION));
        let latest = now.saturating_add(MAX_AHEAD);
        let before = self.before.map_or(latest, |before| before.min(latest));
        (Month::of(from), Month::of(before.max(from)))
    }

    /// The filter, if nothing in it can never be; the error names the field.
    pub fn checked(mut self) -> Result<Self, FieldError> {
        for (name, list) in [("any", &mut self.any), ("not", &mut self.not)] {
            for one in list {
                *one = checked_within(name, core::mem::take(one))?;
            }
        }
        let within: usize = self.within().map(Self::conditions).sum();
        if within > MAX_WITHIN {
            let reason = format!("must not hold more than {MAX_WITHIN} conditions together");
            return Err(FieldError::new("any and not", reason));
        }
        if self.depth() > MAX_DEPTH {
            let reason = format!("must not stand in each other more than {MAX_DEPTH} deep");
            return Err(FieldError::new("any and not", reason));
        }
        check_order("from", self.from, "before", self.before, true)?;
        let (min, max) = (self.min_duration, self.max_duration);
        check_order("min_duration", min, "max_duration", max, false)?;
        for (name, text) in self.texts() {
            if let Some(text) = text {
                check_text(name, text)?;
            }
        }
        if self.meta.len() > MAX_META {
            let reason = format!("must not hold more than {MAX_META} pairs");
            return Err(FieldError::new("meta", reason));
        }
        for (key, value) in &self.meta {
            check_text(&format!("{META}{key}"), key)?;
            check_text(&format!("{META}{key}"), value)?;
        }
        if let Some(user) = &self.user {
            let reason =
                "must be an id that the page gave to `identify`; one that was masked finds nobody";
            let user = user_key(user).ok_or_else(|| FieldError::new("user", reason))?;
            self.user = Some(user);
        }
        Ok(self)
    }

    /// How deep filters stand in it, itself counted.
    fn depth(&self) -> usize {
        1 + self.within().map(Self::depth).max().unwrap_or(0)
    }

    /// All conditions that are one text, with their names.
    pub(crate) fn texts(&self) -> [(&'static str, &Option<String>); 12] {
        [
            ("user", &self.user),
            ("country", &self.country),
            ("region", &self.region),
            ("timezone", &self.timezone),
            ("browser", &self.browser),
            ("os", &self.os),
            ("device", &self.device),
            ("entry", &self.entry),
            ("url", &self.url),
            ("referrer", &self.referrer),
            ("event", &self.event),
            ("q", &self.q),
        ]
    }

    /// Reads the query part of an address, as [`Self::to_query`] writes it. A name that is
    /// none of the filter's is an error.
    pub fn parse(query: &str) -> Result<Self, FieldError> {
        let mut filter = Self::default();
        for (name, value) in query::pairs(query)? {
            if !filter.set(&name, value)? {
                return Err(query::unknown(&name));
            }
        }
        filter.checked()
    }

    /// Takes one condition; false if it has no such name. [`Self::checked`] must follow.
    pub(crate) fn set(&mut self, name: &str, value: String) -> Result<bool, FieldError> {
        let list = match name {
            "any" => Some(&mut self.any),
            "not" => Some(&mut self.not),
            _ => None,
        };
        if let Some(list) = list {
            list.push(Self::parse(&value).map_err(|error| error.within(name))?);
            return Ok(true);
        }
        if let Some(key) = name.strip_prefix(META) {
            return match self.meta.insert(key.to_owned(), value) {
                Some(_) => Err(query::twice(name)),
                None => Ok(true),
            };
        }
        let number = || {
            let number = parse_decimal(value.as_bytes()).filter(|number| *number <= MAX_NUMBER);
            number.ok_or_else(|| FieldError::new(name, "must be a number of milliseconds"))
        };
        let truth = || match value.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(FieldError::new(name, "must be `true` or `false`")),
        };
        let was_given = match name {
            "from" => self.from.replace(number()?).is_some(),
            "before" => self.before.replace(number()?).is_some(),
            "min_duration" => self.min_duration.replace(number()?).is_some(),
            "max_duration" => self.max_duration.replace(number()?).is_some(),
            "live" => self.live.replace(truth()?).is_some(),
            "errors" => core::mem::replace(&mut self.errors, truth()?),
            "rage" => core::mem::replace(&mut self.rage, truth()?),
            "dead" => core::mem::replace(&mut self.dead, truth()?),
            _ => match self.text(name) {
                Some(text) => text.replace(value).is_some(),
                None => return Ok(false),
            },
        };
        if was_given {
            return Err(query::twice(name));
        }
        Ok(true)
    }

    /// The condition that is one text, by its name.
    pub(crate) fn text(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "user" => &mut self.user,
            "country" => &mut self.country,
            "region" => &mut self.region,
            "timezone" => &mut self.timezone,
            "browser" => &mut self.browser,
            "os" => &mut self.os,
            "device" => &mut self.device,
            "entry" => &mut self.entry,
            "url" => &mut self.url,
            "referrer" => &mut self.referrer,
            "event" => &mut self.event,
            "q" => &mut self.q,
            _ => return None,
        })
    }

    /// The filter as the query part of an address, without `?`; empty if it has no condition.
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        let numbers = [
            ("from", self.from),
            ("before", self.before),
            ("min_duration", self.min_duration),
            ("max_duration", self.max_duration),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                query::push(&mut query, name, &decimal(number));
            }
        }
        for (name, text) in self.texts() {
            if let Some(text) = text {
                query::push(&mut query, name, text);
            }
        }
        for (key, value) in &self.meta {
            query::push(&mut query, &format!("{META}{key}"), value);
        }
        let truths = [
            ("errors", self.errors.then_some(true)),
            ("rage", self.rage.then_some(true)),
            ("dead", self.dead.then_some(true)),
            ("live", self.live),
        ];
        for (name, truth) in truths {
            if let Some(truth) = truth {
                query::push(&mut query, name, if truth { "true" } else { "false" });
            }
        }
        for (name, list) in [("any", &self.any), ("not", &self.not)] {
            for one in list {
                query::push(&mut query, name, &one.to_query());
            }
        }
        query
    }

    /// What a receipt says of it, and the names of what it does not say, because that may
    /// tell who was meant.
    pub(crate) fn disclosed(&self) -> (Self, Vec<String>) {
        let hidden = [
            ("user", self.user.is_some()),
            ("entry", self.entry.is_some()),
            ("url", self.url.is_some()),
            ("referrer", self.referrer.is_some()),
            ("meta", !self.meta.is_empty()),
            ("q", self.q.is_some()),
            ("any", !self.any.is_empty()),
            ("not", !self.not.is_empty()),
        ];
        let withheld = hidden.iter().filter(|(_, given)| *given);
        let withheld = withheld.map(|(name, _)| (*name).to_owned()).collect();
        let filter = Self {
            user: None,
            entry: None,
            url: None,
            referrer: None,
            meta: BTreeMap::new(),
            q: None,
            any: Vec::new(),
            not: Vec::new(),
            ..self.clone()
        };
        (filter, withheld)
    }
}

/// As far as a number of JavaScript is exact.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// A filter of the list `name` in another one. One without a condition takes everything,
/// which is nothing that anybody can mean there.
fn checked_within(name: &str, filter: Filter) -> Result<Filter, FieldError> {
    if filter == Filter::default() {
        return Err(FieldError::new(name, "must hold a condition"));
    }
    filter.checked().map_err(|error| error.within(name))
}

fn check_order(
    low: &str,
    least: Option<Millis>,
    high: &str,
    most: Option<Millis>,
    strictly: bool,
) -> Result<(), FieldError> {
    let (Some(least), Some(most)) = (least, most) else {
        return Ok(());
    };
    if least < most || (least == most && !strictly) {
        return Ok(());
    }
    let reason = if strictly {
        format!("must lie before `{high}`")
    } else {
        format!("must not be more than `{high}`")
    };
    Err(FieldError::new(low, reason))
}

/// Addresses in rows hold no control characters, so a text with one would find none.
fn check_text(name: &str, text: &str) -> Result<(), FieldError> {
    if text.is_empty() || text.len() > MAX_TEXT {
        let reason = format!("must be a text of 1 to {MAX_TEXT} bytes");
        return Err(FieldError::new(query::shown(name), reason));
    }
    if matches!(name, "url" | "q") && text.contains(char::is_control) {
        return Err(FieldError::new(
            query::shown(name),
            "must not hold control characters",
        ));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
