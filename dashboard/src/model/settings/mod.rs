//! Settings: sites and what holds for them, API tokens, who did what, use and cost, erasures.
//!
//! | module | decides |
//! |---|---|
//! | [`place`] | which of them the address names |
//! | [`setting`] | what can be set for a site, and what it is called |
//! | [`draft`] | a site's configuration as it is being changed: read, checked, merged |
//! | [`amount`] | bytes as people type them |
//! | [`preview`] | what a policy would store of a sample page |
//! | [`snippet`] | the tag for a site's pages |
//! | [`tokens`] | API tokens: what is asked for, what their state is |
//! | [`hook`] | what became of deliveries to a webhook |
//! | [`keys`] | what can be done with keys of the tag |
//! | [`log`] | entries of the audit log as sentences |
//! | [`usage`] | what was taken and refused, why, and what it costs |
//! | [`erasures`] | what is to be erased, and receipts |

pub mod amount;
pub mod draft;
pub mod erasures;
pub mod hook;
pub mod keys;
pub mod log;
pub mod place;
pub mod preview;
pub mod setting;
pub mod snippet;
pub mod tokens;
pub mod usage;
