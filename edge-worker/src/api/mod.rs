//! What the dashboard asks, after it has shown who it is.

pub(crate) mod counters;
pub(crate) mod events;
pub(crate) mod login;
pub(crate) mod sessions;
