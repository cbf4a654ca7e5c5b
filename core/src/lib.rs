//! Every product decision of Sentiero, free of any platform.
//!
//! | module | decides |
//! |---|---|
//! | [`id`] | what a site key, session id, tab id and window id look like; parsed once, then trusted |
//! | [`json`] | how JSON text is walked without recursion and without changing a byte |
//! | [`event`] | the few fields we read of an rrweb event |
//! | [`mask`] | what may be collected: one idempotent function, used in the page and at the edge |
//! | [`redact`] | what is taken out of text that may be collected: e-mails, cards, tokens, parameters |
//! | [`split`] | what is too large for one event, as several |
//! | [`gzip`] | compression, and decompression with a limit |
//! | [`wire`] | the upload format and every limit, shared by both ends |
//! | [`session`] | when a visit begins and ends, in the browser |
//! | [`batch`] | how events are packed and uploaded: order, retry, back-off |
//! | [`journal`] | what a browser keeps of unacknowledged batches, and what becomes of it |
//! | [`text`] | numbers and words as text, small |
//! | [`ranges`] | which event indexes of a tab are stored |
//! | [`chunk`] | how batches are laid out in a stored object |
//! | [`ingest`] | what becomes of an upload before it is stored |
//! | [`store`] | what a deployment must be able to keep: ports, and memory for tests |
//! | [`lifecycle`] | a session at the edge: taken in, announced, packed, finished, erased |
//! | [`reading`] | what the dashboard is shown: lists, a session, its events, right at any moment |
//! | [`audit`] | who did what with a site's data |
//! | [`erasure`] | many sessions erased because an operator asks, and the receipt of it |
//! | [`month`] | what a month's index makes of its rows, and when; what reports are told from it |
//! | [`retention`] | what of a month is kept no longer, and how its index is made again |
//! | [`recording`] | what is known of one session at the edge |
//! | [`digest`] | the small, mergeable analysis of a session |
//! | [`server`] | what a site's own server tells: errors and events |
//! | [`issue`] | which errors are one and the same: stacks and messages of every browser, a fingerprint, a title |
//! | [`source_map`] | which line of whose source an error came by, where the code was built |
//! | [`bot`] | which browsers say that nobody looks through them |
//! | [`day`] | UTC calendar days |
//! | [`count`] | what is counted of a site, by day |
//! | [`quota`] | how much a site may record |
//! | [`log`] | what a line of the log may say |
//! | [`site`] | what an operator configures for a site |
//! | [`registry`] | who may change which site's configuration, and what then holds |
//! | [`base64`] | bytes as text |
//! | [`access`] | which request needs which right, and what API tokens may do |
//! | [`agent`] | which browser, system and device a visitor has, by families |
//! | [`location`] | where a visitor is, to the region |
//! | [`settings`] | what the deployment's variables and secrets say |
//! | [`origin`], [`field`] | web origins; which field of a configuration is wrong |
//! | [`filter`], [`listing`], [`facets`] | which sessions are meant, in what order they are listed, and what they could be narrowed by |
//! | [`sheet`] | the same of many rows at once, in columns |
//! | [`query`] | names and values in an address |
//! | [`csv`] | tables as files that are harmless in a spreadsheet |
//! | [`summary`] | what of a session is written beside its chunks |
//! | [`order`] | sorting, in code that is there once |
//! | [`sharing`] | what of a session may leave the dashboard, and links to sessions |
//! | [`cost`] | what a month of recording costs on Cloudflare |
//! | [`api`] | what the dashboard's API says |
//!
//! **Invariants.** No `std`, which a page would have to download: only `alloc`. No I/O, no clock, no randomness: time, entropy and bytes are
//! arguments. Nothing here panics on input from outside. Only `wire`, `chunk`,
//! `site`, `digest` and `api` are formats that another program reads.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(sentiero_lean, feature(optimize_attribute))]

extern crate alloc;

pub mod access;
pub mod agent;
pub mod analytics;
pub mod api;
pub mod audit;
pub mod base64;
pub mod batch;
pub mod bot;
pub mod chunk;
pub mod cost;
pub mod count;
pub mod csv;
pub mod day;
pub mod digest;
pub mod erasure;
pub mod event;
pub mod facets;
pub mod field;
pub mod filter;
pub mod gzip;
pub mod id;
pub mod ingest;
pub mod issue;
pub mod journal;
pub mod json;
pub mod lifecycle;
pub mod listing;
pub mod location;
pub mod log;
pub mod mask;
pub mod month;
pub mod order;
pub mod origin;
pub mod query;
pub mod quota;
pub mod ranges;
pub mod reading;
pub mod recording;
pub mod redact;
pub mod registry;
pub mod retention;
pub mod server;
pub mod session;
pub mod settings;
pub mod sharing;
pub mod sheet;
pub mod site;
pub mod source_map;
pub mod split;
pub mod store;
pub mod summary;
pub mod text;
pub mod wire;
