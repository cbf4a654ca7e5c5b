//! What goes to the journal that outlives the page.
//!
//! Decisions are in `core::journal`, IndexedDB in `js/journal.ts`; between them are
//! commands that begin with `!` (see [`Engine::commands`](crate::Engine::commands)) and the
//! batches that they are about.

use alloc::string::String;
use alloc::vec::Vec;
use sentiero_core::batch::{Place, Stream, kept};
use sentiero_core::id::Millis;
use sentiero_core::journal::{self, Entry, Fate, QUIET};
use sentiero_core::text::{decimal, next_part, spaced};

/// After so many bytes a page looks whether the journal has become too large.
const SURVEY_BYTES: usize = 1 << 20;

/// The page's end of the journal.
#[derive(Debug)]
pub(crate) struct Journal {
    upload: String,
    /// Of `!keep` commands that were not obeyed yet.
    batches: Vec<Vec<u8>>,
    /// Since the last survey.
    written: usize,
    /// Too much is kept already.
    full: bool,
}

impl Journal {
    /// Of a page that uploads to `upload`.
    pub(crate) fn new(upload: &str) -> Self {
        Self {
            upload: upload.into(),
            batches: Vec::new(),
            written: 0,
            full: false,
        }
    }

    /// The batch of the next `!keep`.
    pub(crate) fn batch(&mut self) -> Vec<u8> {
        if self.batches.is_empty() {
            return Vec::new();
        }
        self.batches.remove(0)
    }

    /// There is room again.
    pub(crate) fn emptied(&mut self) {
        self.full = false;
        self.written = 0;
    }

    /// Keeps the masked events in `lines`, which are those of `stream` from the index
    /// `first` up to `end`; with them, the page has handed over its lines before `line`.
    pub(crate) fn keep(
        &mut self,
        stream: &Stream,
        (first, end): (u32, u32),
        line: u32,
        lines: &[u8],
        at: Millis,
        commands: &mut Commands,
    ) {
        if self.full || first >= end {
            return;
        }
        let batch = kept(stream, first, end - first, at, lines);
        let entry = Entry {
            sid: stream.sid.as_str(),
            tab: stream.tab.as_str(),
            end,
            first,
            bytes: u64::try_from(batch.len()).unwrap_or(u64::MAX),
            at,
            upload: &self.upload,
        };
        commands.say(&["!keep", &decimal(line.into()), &entry.key()]);
        self.written += batch.len();
        self.batches.push(batch);
        if self.written >= SURVEY_BYTES {
            self.written = 0;
            commands.say(&["!survey"]);
        }
    }

    /// Looks at the keys in the journal, one a line; `own` says of which page loads the
    /// events are here, `gone` are those that left a tail, one a line.
    pub(crate) fn survey(
        &mut self,
        keys: &str,
        gone: &str,
        own: &dyn Fn(&str) -> bool,
        now: Millis,
        commands: &mut Commands,
    ) {
        let is_gone = |tab: &str| {
            let mut rest = Some(gone);
            core::iter::from_fn(|| next_part(&mut rest, b'\n')).any(|of| of == tab)
        };
        let mut decide = |fate, key: &str| match fate {
            Fate::Upload => commands.say(&["!load", key]),
            Fate::Drop => {
                let mut range = String::from(key);
                range.push('\t');
                range.push_str(key);
                commands.drop(&range);
            }
        };
        let found = journal::survey(keys, &self.upload, now, own, &is_gone, &mut decide);
        if found.pages > 0 {
            commands.lost(found.pages, found.events);
        }
        if found.again {
            commands.say(&["!again", &decimal(QUIET)]);
        }
        if found.full && !core::mem::replace(&mut self.full, true) {
            commands.say(&[
                "warn",
                "too much waits for the network: what follows may be lost with the page",
            ]);
        }
    }
}

/// What JavaScript has to do, one command a line.
#[derive(Debug, Default)]
pub(crate) struct Commands(String);

impl Commands {
    pub(crate) fn take(&mut self) -> String {
        core::mem::take(&mut self.0)
    }

    pub(crate) fn say(&mut self, words: &[&str]) {
        // What the edge says in its words must not read as a command.
        let text = spaced(words).replace('\n', " ");
        self.0.push_str(&text);
        self.0.push('\n');
    }

    /// Two keys, and a tab between them: all from one to the other.
    fn drop(&mut self, range: &str) {
        self.say(&["!drop", range]);
    }

    /// Of the page load of `stream` everything before the index `end` may go.
    pub(crate) fn drop_before(&mut self, stream: &Stream, end: u32) {
        self.drop(&journal::range(&stream.sid, &stream.tab, end));
    }

    /// The edge has what is before `place` in `stream`.
    pub(crate) fn acked(&mut self, stream: &Stream, place: Place, seq: u32) {
        let number = |number: u32| decimal(number.into());
        let (line, seq, shift) = (number(place.line), number(seq), number(place.shift()));
        self.say(&["acked", stream.tab.as_str(), &line, &seq, &shift]);
    }

    /// Everything of `stream`, a page that is gone, is settled.
    pub(crate) fn settled(&mut self, stream: &Stream) {
        self.acked(stream, Place::default(), 0);
    }

    /// The edge's time is `edge`, and it refused the session of `stream` for it.
    pub(crate) fn clock(&mut self, stream: &Stream, edge: Millis) {
        let (tab, sid) = (stream.tab.as_str(), stream.sid.as_str());
        self.say(&["clock", tab, &decimal(edge), sid]);
    }

    /// Events were given up: the recording says so.
    pub(crate) fn lost(&mut self, pages: u64, events: u64) {
        self.say(&["lost", &decimal(pages), &decimal(events)]);
    }

    /// Nothing is uploaded any more; `all`: nor is anything wanted of other pages.
    pub(crate) fn stop(&mut self, reason: &str, all: bool) {
        if all {
            self.say(&["wipe"]);
        }
        self.say(&["stop", reason]);
    }
}
