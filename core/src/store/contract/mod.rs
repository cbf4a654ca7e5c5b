//! What every implementation of the ports must hold to: named properties, each a
//! function over any implementation.
//!
//! `cargo test -p sentiero-core contract` runs them over [`super::memory`]; the system
//! test `contract` over the edge's stores on workerd, where a build of the worker that
//! only tests have runs them one by one. A property never panics: it gives [`Broken`],
//! because a panic would take down who runs it. docs/storage.md says why each matters.
//!
//! Every run of a property gets a [`Case`] of its own, so nothing must be emptied
//! between two of them.

pub mod audit;
pub mod batch;
pub mod buffer;
pub mod chunks;
pub mod counters;
pub mod desk;
pub mod erasing;
#[cfg(test)]
mod flawed;
pub mod gate;
pub mod index;
pub mod issues;
pub mod ledger;
pub mod links;
pub mod maps;
pub mod months;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod native;
pub mod recordings;
pub mod records;
pub mod registry;
pub mod reports;
pub mod session;
pub mod sessions;
pub mod shelf;
pub mod stocks;
pub mod tokens;
pub mod upkeep;

use super::StoreError;
use crate::api::SessionRow;
use crate::digest::Strip;
use crate::id::{InvalidId, Millis, SessionId, SiteKey};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::{Debug, Display};

/// A property does not hold: what was expected, and what happened.
#[derive(Debug)]
pub struct Broken(pub String);

impl From<StoreError> for Broken {
    fn from(StoreError(cause): StoreError) -> Self {
        Self(format!("a store failed: {cause}"))
    }
}

impl From<InvalidId> for Broken {
    fn from(error: InvalidId) -> Self {
        Self(error.to_string())
    }
}

/// Whether a property holds.
pub type Outcome = Result<(), Broken>;

/// What one run of a property may use, and no other run has used before.
#[derive(Clone, Debug)]
pub struct Case {
    /// A site without a session. Its key has room for four characters more.
    pub site: SiteKey,
    /// When it is; sessions start then. On a platform with a clock of its own it lies
    /// ahead, so that no alarm goes off meanwhile.
    pub now: Millis,
}

impl Case {
    /// A session of this case, which started `after` ms after [`Self::now`].
    pub fn sid(&self, after: Millis) -> SessionId {
        SessionId::new(self.now.saturating_add(after), &[0x5A; 17])
    }

    /// A session that started at `start`.
    pub fn started(start: Millis) -> SessionId {
        SessionId::new(start, &[0xA5; 17])
    }

    /// Another site, whose key begins with that of the first.
    pub fn neighbour(&self) -> Result<SiteKey, Broken> {
        Ok(SiteKey::parse(&format!("{}-2", self.site))?)
    }
}

/// The suites with their properties.
pub const SUITES: &[(&str, &[&str])] = &[
    ("recordings", recordings::NAMES),
    ("records", records::NAMES),
    ("index", index::NAMES),
    ("reports", reports::NAMES),
    ("buffer", buffer::NAMES),
    ("session", session::NAMES),
    ("chunks", chunks::NAMES),
    ("shelf", shelf::NAMES),
    ("months", months::NAMES),
    ("stocks", stocks::NAMES),
    ("ledger", ledger::NAMES),
    ("sessions", sessions::NAMES),
    ("desk", desk::NAMES),
    ("counters", counters::NAMES),
    ("registry", registry::NAMES),
    ("tokens", tokens::NAMES),
    ("gate", gate::NAMES),
    ("links", links::NAMES),
    ("maps", maps::NAMES),
    ("audit", audit::NAMES),
    ("issues", issues::NAMES),
    ("erasing", erasing::NAMES),
    ("upkeep", upkeep::NAMES),
];

/// The answer to a property that is not in a suite.
fn unknown(name: &str) -> Outcome {
    Err(Broken(format!("there is no property `{name}`")))
}

/// The longest that a value is shown, bytes.
const SHOWN: usize = 400;

fn show(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

fn equal<T: PartialEq + Debug>(what: impl Display, found: &T, expected: &T) -> Outcome {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (show(found), show(expected));
    Err(Broken(format!("{what}: {found} instead of {expected}")))
}

fn holds(what: &str, fact: bool) -> Outcome {
    if fact {
        return Ok(());
    }
    Err(Broken(what.to_owned()))
}

/// What stands for the hash of a secret: 64 hex digits.
fn hash(n: u64) -> String {
    format!("{n:064x}")
}

/// Bytes of every value, in no order that text would have.
fn bytes(length: usize) -> Vec<u8> {
    let byte = |at: usize| {
        let [byte, ..] = (at.wrapping_mul(167) ^ (at >> 8)).to_le_bytes();
        byte
    };
    (0..length).map(byte).collect()
}

/// A row with a value in every field.
pub(crate) fn row(sid: &SessionId) -> SessionRow {
    SessionRow {
        sid: sid.clone(),
        started: sid.start(),
        duration: 61_000,
        live: false,
        tabs: 2,
        pages: 3,
        events: 400,
        clicks: 5,
        errors: 6,
        bytes: 70_000,
        masked: 0,
        users: ["kunde-42", "käufer \"結帳\""].map(String::from).to_vec(),
        entry: "https://shop.example/".to_owned(),
        exit: "https://shop.example/Kasse/äöü/結帳".to_owned(),
        country: Some("DE".to_owned()),
        region: Some("DE-BE".to_owned()),
        timezone: Some("Europe/Berlin".to_owned()),
        browser: Some("Chrome".to_owned()),
        os: Some("Windows".to_owned()),
        device: Some("desktop".to_owned()),
        active: 42_000,
        rage: 1,
        dead: 2,
        referrer: Some("https://suche.example/wörter".to_owned()),
        strip: Strip::parse("00123a45B6t7890123456789"),
        visited: [
            "https://shop.example/",
            "https://shop.example/Körbe",
            "https://shop.example/Kasse/äöü/結帳",
        ]
        .map(String::from)
        .to_vec(),
        more: 7,
        named: ["checkout \"1\"", "结账"].map(String::from).to_vec(),
        meta: [("plan", "pro"), ("größe \"x\"", "'; --\n")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    }
}

/// Lists the properties of a suite and runs one of them by its name.
macro_rules! suite {
    ($port:ident: $($name:ident),+ $(,)?) => {
        /// The properties.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Runs one property.
        pub async fn run<S: $port>(
            name: &str,
            store: &S,
            case: &super::Case,
        ) -> super::Outcome {
            match name {
                $(stringify!($name) => $name(store, case).await,)+
                _ => super::unknown(name),
            }
        }
    };
    // The same over several ports, which show the same things.
    ($($store:ident: $port:ident),+ => $($name:ident),+ $(,)?) => {
        /// The properties.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Runs one property.
        pub async fn run(
            name: &str,
            $($store: &impl $port,)+
            case: &super::Case,
        ) -> super::Outcome {
            suite!(@run name, ($($store),+), case, $($name),+)
        }
    };
    (@run $run:ident, $stores:tt, $case:ident, $($name:ident),+) => {
        match $run {
            $(stringify!($name) => suite!(@call $name, $stores, $case),)+
            _ => super::unknown($run),
        }
    };
    (@call $name:ident, ($($store:ident),+), $case:ident) => {
        $name($($store,)+ $case).await
    };
}
use suite;
