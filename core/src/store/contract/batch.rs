//! Batches as they arrive at a session, for the properties.

use super::Broken;
use crate::digest::{MAX_PAGE_VIEWS, PageView};
use crate::gzip;
use crate::id::{Millis, SessionId, SiteKey, TabId, WindowId};
use crate::ingest::decode;
use crate::lifecycle::Append;
use crate::mask::{Masker, Mode};
use crate::recording::Visitor;
use crate::site::SiteConfig;
use crate::wire::{Header, VERSION};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A batch of a tab's events `[first, first + n)`; the first event of a tab is a page, all
/// others are clicks.
#[derive(Clone, Copy, Debug)]
pub struct Up {
    /// The number of its tab.
    pub tab: u8,
    /// Index of its first event.
    pub first: u32,
    /// How many.
    pub n: u32,
    /// The visitor left the page with it.
    pub end: bool,
}

/// A batch.
pub fn up(tab: u8, first: u32, n: u32) -> Up {
    Up {
        tab,
        first,
        n,
        end: false,
    }
}

/// A batch with which the page was left.
pub fn last(tab: u8, first: u32, n: u32) -> Up {
    Up {
        end: true,
        ..up(tab, first, n)
    }
}

/// The id of tab number `tab`.
pub fn tab(tab: u8) -> TabId {
    TabId::new(&[tab; 5])
}

/// Event number `index` of a session that started at `start`: a second after the one before.
pub fn event(start: Millis, index: u32) -> String {
    let at = start + Millis::from(index) * 1_000;
    if index == 0 {
        return format!(
            r#"{{"type":4,"data":{{"href":"https://shop.example/","width":1,"height":1}},"timestamp":{at}}}"#
        );
    }
    format!(
        r#"{{"type":3,"data":{{"source":2,"type":2,"id":{index},"x":1,"y":2}},"timestamp":{at}}}"#
    )
}

/// As many pages as a digest keeps, from `start` on.
pub fn most_pages(start: Millis) -> BTreeSet<PageView> {
    let pages = 0..MAX_PAGE_VIEWS as Millis;
    let pages = pages.map(|at| PageView {
        at: start + at,
        tab: tab(1),
        url: format!("https://shop.example/page/{at}"),
    });
    pages.collect()
}

impl Up {
    /// The upload as it travels.
    pub fn body(self, sid: &SessionId) -> Vec<u8> {
        let Self { tab, first, n, end } = self;
        let header = Header {
            v: VERSION,
            sid: sid.clone(),
            tab: TabId::new(&[tab; 5]),
            window: WindowId::new(&[tab; 5]),
            seq: 0,
            first,
            n,
            sent: sid.start(),
            offset: None,
            meta: None,
            end,
        };
        let events = (first..first + n).map(|index| event(sid.start(), index));
        gzip::compress(&header.body(events))
    }

    /// The upload as it arrives at its session at `now`, of a site that is filled in later.
    pub fn arrived(self, sid: &SessionId, now: Millis) -> Result<(Append, Vec<u8>), Broken> {
        let masked = decode(self.body(sid), now)
            .and_then(|decoded| decoded.mask(&Masker::new(Mode::Inputs)))
            .map_err(|error| Broken(format!("the property's own batch: {error:?}")))?;
        let config = SiteConfig::parse(r#"{"name":"contract","origins":[]}"#)
            .map_err(|error| Broken(format!("the property's own site: {error:?}")))?;
        Ok(masked.append(&SiteKey::parse("unset")?, &config, Visitor::default()))
    }
}
