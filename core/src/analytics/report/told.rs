//! What a page told of a session with `setMetadata`, as rows and sheets hold it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

/// Pairs of key and value. A sheet has each different list of them once, so that a report can
/// look a list up once a sheet.
#[derive(Clone, Copy, Default)]
pub enum Told<'a> {
    /// Nothing, or it was not read.
    #[default]
    Nothing,
    /// Of a row.
    Row(&'a BTreeMap<String, String>),
    /// Of a sheet.
    Sheet {
        /// Which of the sheet's lists.
        list: usize,
        /// Key, value, key, value.
        texts: &'a [&'a str],
    },
}

impl<'a> Told<'a> {
    /// Which of the sheet's lists it is, if it is of a sheet.
    pub fn list(&self) -> Option<usize> {
        match self {
            Self::Sheet { list, .. } => Some(*list),
            Self::Nothing | Self::Row(_) => None,
        }
    }

    /// Each pair, in the order of the keys.
    pub fn each(&self, mut look: impl FnMut(&'a str, &'a str)) {
        match self {
            Self::Nothing => {}
            Self::Row(pairs) => {
                for (key, value) in *pairs {
                    look(key, value);
                }
            }
            Self::Sheet { texts, .. } => {
                let (pairs, _) = texts.as_chunks::<2>();
                for [key, value] in pairs {
                    look(key, value);
                }
            }
        }
    }
}

/// The pairs, wherever they are from.
impl fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        self.each(|key, value| {
            map.entry(&key, &value);
        });
        map.finish()
    }
}
