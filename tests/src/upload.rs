//! Uploads as a recorder makes them.

use sentiero_core::gzip;
use sentiero_core::id::{Millis, SessionId, TabId, WindowId};
use sentiero_core::wire::{Header, VERSION};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

/// Now, as a browser's clock has it.
#[expect(
    clippy::disallowed_methods,
    reason = "a test stands for the browser, which has a clock"
)]
pub fn now() -> Millis {
    let now = std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Millis::try_from(now.as_millis()).unwrap_or(0)
}

/// A visit that uploads.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its session.
    pub sid: SessionId,
}

impl Visit {
    /// A visit that starts now, different from every other.
    pub fn new() -> Self {
        Self::started(now())
    }

    /// A visit that started at `start`.
    pub fn started(start: Millis) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut entropy = [7; 17];
        for (byte, count) in entropy
            .iter_mut()
            .zip(count.iter().chain(std::process::id().to_be_bytes().iter()))
        {
            *byte = *count;
        }
        Self {
            sid: SessionId::new(start, &entropy),
        }
    }

    /// The header of a batch of tab number `tab`.
    pub fn header(&self, tab: u8, first: u32, n: u32) -> Header {
        Header {
            v: VERSION,
            sid: self.sid.clone(),
            tab: tab_id(tab),
            window: WindowId::new(&[tab; 5]),
            seq: 0,
            first,
            n,
            sent: now(),
            offset: None,
            meta: None,
            end: false,
        }
    }

    /// A batch of clicks; the first event of a tab is its page.
    pub fn batch(&self, tab: u8, first: u32, n: u32) -> Vec<u8> {
        body(&self.header(tab, first, n), &events(&self.sid, first, n))
    }

    /// The same, with which the visitor leaves.
    pub fn last_batch(&self, tab: u8, first: u32, n: u32) -> Vec<u8> {
        let header = Header {
            end: true,
            ..self.header(tab, first, n)
        };
        body(&header, &events(&self.sid, first, n))
    }
}

impl Default for Visit {
    fn default() -> Self {
        Self::new()
    }
}

/// The id of tab number `tab`.
pub fn tab_id(tab: u8) -> TabId {
    TabId::new(&[tab; 5])
}

/// Event number `index`: a page, then clicks, a second apart.
pub fn event(sid: &SessionId, index: u32) -> String {
    let at = sid.start() + u64::from(index) * 1_000;
    if index == 0 {
        return format!(
            r#"{{"type":4,"data":{{"href":"https://shop.example/","width":1280,"height":800}},"timestamp":{at}}}"#
        );
    }
    format!(
        r#"{{"type":3,"data":{{"source":2,"type":2,"id":{index},"x":1,"y":2}},"timestamp":{at}}}"#
    )
}

fn events(sid: &SessionId, first: u32, n: u32) -> Vec<String> {
    (first..first + n).map(|index| event(sid, index)).collect()
}

/// An upload body.
pub fn body<S: AsRef<str>>(header: &Header, events: &[S]) -> Vec<u8> {
    let events = events.iter().map(|event| event.as_ref().as_bytes());
    gzip::compress(&header.body(events))
}
