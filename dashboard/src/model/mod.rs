//! What the screens show, as pure functions and state machines.
//!
//! | module | decides |
//! |---|---|
//! | [`text`] | how times, sizes, numbers and addresses read |
//! | [`number`] | how milliseconds become fractions and back |
//! | [`reading`] | how an answer of the API is read |
//! | [`failure`] | what a failed request means and what to do about it |
//! | [`choices`] | a list that typing narrows |
//! | [`listing`] | what the list shows, as the address says it |
//! | [`listed`] | the list as a file |
//! | [`conditions`] | its filter, condition by condition |
//! | [`clauses`] | what holds of them, or must not, or one of them |
//! | [`place`] | how regions and time zones read |
//! | [`story`] | what a row tells of a session |
//! | [`erasing`] | deleting: which, what is lost, what to confirm |
//! | [`picked`] | which sessions are selected |
//! | [`report`] | reports: what is asked, and what is shown of the answer |
//! | [`segments`] | filters of the list that are saved under a name |
//! | [`settings`] | sites and their policies, tokens, who did what, use and cost |
//! | [`strip`] | what happened when in a visit, as bars in its row |
//! | [`file`] | a recording that was exported, opened from a file |
//! | [`standalone`] | a file that replays a recording by itself |
//! | [`sharing`] | which part of a session is shared, and for how long |
//! | [`feed`] | the session list: refreshed from the top, continued at the bottom |
//! | [`tabs`] | the page loads of a session, grouped by browser tab |
//! | [`nodes`] | what the elements of a recorded page are called |
//! | [`activity`] | what the visitor did, read from the events |
//! | [`rows`] | the activity as it is listed: idle time, filters, the current row |
//! | [`timeline`] | the same on a line |
//! | [`captures`] | what the page said: console, requests, errors, web vitals |
//! | [`forms`] | how forms were filled in |
//! | [`heat`] | where was clicked, how far down the page was seen |
//! | [`pane`] | console, requests, errors and forms as lists |
//! | [`plan`] | which batches to fetch next |
//! | [`recording`] | the fetched batches: decoded, deduplicated, fit for the player |
//! | [`decoder`] | the same behind questions and answers, for a worker |
//! | [`pack`] | how its questions and answers cross |
//! | [`player`] | playing, pausing, seeking and waiting as a state machine |
//! | [`frame`] | the messages that the isolated frame may send |
//! | [`neighbour`] | the session before or behind one in a list |
//! | [`notice`] | what a recording lacks, what a site's pages should have masked |
//!
//! **Invariant.** No browser, no clock, no network in here: everything is
//! tested natively. Recordings are untrusted: nothing panics on one.

pub mod activity;
#[cfg(test)]
mod agreement;
pub mod captures;
pub mod choices;
pub mod clauses;
pub mod conditions;
pub mod decoder;
pub mod erasing;
pub mod failure;
pub mod feed;
pub mod file;
pub mod forms;
pub mod frame;
pub mod frustration;
pub mod heat;
pub mod issues;
pub mod listed;
pub mod listing;
pub mod missing;
pub mod neighbour;
pub mod nodes;
pub mod notice;
pub mod number;
pub mod pack;
pub mod pane;
pub mod picked;
pub mod place;
pub mod plan;
pub mod player;
pub mod reading;
pub mod recording;
pub mod report;
pub mod rows;
pub mod segments;
pub mod server;
pub mod settings;
pub mod sharing;
pub mod standalone;
pub mod story;
pub mod strip;
pub mod tabs;
pub mod text;
pub mod timeline;
