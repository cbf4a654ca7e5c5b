//! The elements that one mutation adds, for the texts that it adds inside them.
//!
//! rrweb writes added nodes one by one, each with its parent's id. A text whose parent
//! was added by the same event therefore follows that parent's rule; of any other text
//! the parent is unknown, and rrweb itself has masked it where that is needed.

use super::element::Rule;
use alloc::vec::Vec;

/// Ids come in ascending order, except those of nodes that moved. Beyond this many,
/// ids out of order are not sorted in (that would be quadratic).
const SORTED: usize = 4096;

/// The rules of added elements, by id; only of those that have one.
#[derive(Default)]
pub(super) struct Parents {
    rules: Vec<(u64, Rule)>,
    /// An element could not be noted: every text counts as forbidden from here on.
    lost: bool,
}

impl Parents {
    /// Notes that `rule` holds inside the element `id` (as written).
    pub(super) fn insert(&mut self, id: &[u8], rule: Rule) {
        if rule == Rule::default() {
            return;
        }
        let Some(id) = parse(id) else {
            self.lost = true;
            return;
        };
        match self.rules.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => {
                if let Some((_, known)) = self.rules.get_mut(at) {
                    *known = known.and(rule);
                }
            }
            Err(at) if at == self.rules.len() || self.rules.len() < SORTED => {
                self.rules.insert(at, (id, rule));
            }
            Err(_) => self.lost = true,
        }
    }

    /// What holds inside the element `id` (as written); none if that is no id.
    pub(super) fn get(&self, id: &[u8]) -> Option<Rule> {
        let id = parse(id)?;
        if self.lost {
            return Some(Rule::LOCKED);
        }
        let found = self.rules.binary_search_by_key(&id, |(id, _)| *id).ok();
        Some(
            found
                .and_then(|at| self.rules.get(at))
                .map(|(_, rule)| *rule)
                .unwrap_or_default(),
        )
    }
}

/// An id as rrweb writes it: digits.
fn parse(id: &[u8]) -> Option<u64> {
    let digits = (1..=15).contains(&id.len()) && id.iter().all(u8::is_ascii_digit);
    digits.then(|| {
        id.iter()
            .fold(0, |id, byte| id * 10 + u64::from(byte - b'0'))
    })
}
