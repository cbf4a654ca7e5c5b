//! What the dashboard asks, after it has shown who it is.

pub(crate) mod audit;
pub(crate) mod counters;
pub(crate) mod erasures;
pub(crate) mod events;
pub(crate) mod issues;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod login;
pub(crate) mod maps;
pub(crate) mod reports;
pub(crate) mod sessions;
pub(crate) mod sites;
pub(crate) mod tokens;
pub(crate) mod webhook;
