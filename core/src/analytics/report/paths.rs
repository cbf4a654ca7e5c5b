//! Paths: which pages visitors see one after the other, from a page on, and where they end.
//!
//! A session has one path: it begins where it first saw the page that was asked for, or with
//! its first page. Pages come in the order in which they were shown, in whichever tab; the
//! same page again at once (loaded anew, or another address of it) is no step. A path of more
//! steps than were asked for is cut, which is told apart from one that ended.

use super::keys::{Places, Table, index};
use super::{Behind, Examples, Limit, Who};
use crate::analytics::route::{Routes, is_page};
use crate::analytics::session::{Names, Session, Topic};
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Without `depth` paths have so many pages.
pub const DEPTH: u32 = 5;

/// The most pages that a path can be asked to have.
pub const MAX_DEPTH: u32 = 12;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Where paths begin; none is at the first page of each session.
    pub page: Option<String>,
    /// So many pages of each.
    pub depth: u32,
    /// So many pages that follow each.
    pub top: Limit,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    asked: Asked,
    sessions: u64,
    pages: Table<()>,
    /// Where paths can be; none is reached from a later one.
    nodes: Vec<Node>,
    /// From where by which page to where.
    #[serde(with = "links")]
    next: BTreeMap<(u32, u32), u32>,
    #[serde(skip)]
    places: Places,
    /// Which pages of the sheet paths begin at.
    #[serde(skip)]
    is_begin: Vec<bool>,
}

/// After some pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Node {
    sessions: u64,
    ended: u64,
    examples: Examples,
}

/// Nobody has seen anything.
const ROOT: u32 = 0;

/// Paths, as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// All sessions.
    pub sessions: u64,
    /// Of them, those with a path.
    pub begun: u64,
    /// Their first pages, the most frequent first.
    pub first: Vec<Step>,
    /// Other first pages, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
}

/// A page after those before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Host and path, see [`Routes`].
    pub page: String,
    /// Sessions that came here so.
    pub sessions: u64,
    /// Of them, those that saw no other page after it.
    pub ended: u64,
    /// Of them, those that went on, but the path is cut here.
    pub cut: u64,
    /// What they saw next, the most frequent first.
    pub next: Vec<Step>,
    /// Other pages that they saw next, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
    /// Sessions that came here so, at that moment.
    pub behind: Behind,
}

/// Pages that were not asked for, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Others {
    /// How many.
    pub pages: u64,
    /// Sessions that saw one of them next.
    pub sessions: u64,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, asked: Asked) -> Self {
        Self {
            routes,
            asked,
            ..Self::default()
        }
    }

    /// Where one is after `page`, coming from `node`.
    fn follow(&mut self, node: u32, page: u32) -> u32 {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let new = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let next = *self.next.entry((node, page)).or_insert(new);
        if next == new {
            self.nodes.push(Node::default());
        }
        next
    }

    fn node(&mut self, place: u32) -> Option<&mut Node> {
        self.nodes.get_mut(index(place))
    }

    /// What follows `node`, `depth` pages at most.
    fn steps(&self, texts: &[&str], node: u32, depth: u32) -> (Vec<Step>, Option<Others>) {
        if depth == 0 {
            return (Vec::new(), None);
        }
        let links = self.next.range((node, 0)..=(node, u32::MAX));
        let mut all: Vec<(&str, u32, &Node)> = links
            .filter_map(|((_, page), next)| {
                let text = texts.get(index(*page)).copied()?;
                Some((text, *next, self.nodes.get(index(*next))?))
            })
            .collect();
        order::sort_by(&mut all, |a, b| {
            let sessions = b.2.sessions.cmp(&a.2.sessions);
            sessions.then_with(|| a.0.cmp(b.0))
        });
        let (shown, rest) = self.asked.top.split(all);
        let steps = shown.into_iter().map(|(text, place, node)| {
            let (next, others) = self.steps(texts, place, depth - 1);
            let on = next.iter().map(|step| step.sessions).sum::<u64>();
            let on = on + others.map_or(0, |others| others.sessions);
            Step {
                page: text.to_owned(),
                sessions: node.sessions,
                ended: node.ended,
                cut: node.sessions - (node.ended + on).min(node.sessions),
                next,
                others,
                behind: Behind::of_page(text, &node.examples),
            }
        });
        let steps = steps.collect();
        let mut others = Others::default();
        for (.., node) in &rest {
            others.pages += 1;
            others.sessions += node.sessions;
        }
        (steps, (others.pages > 0).then_some(others))
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages]
    }

    fn names(&mut self, [pages, ..]: &[&Names; 7]) {
        let (routes, table) = (&self.routes, &mut self.pages);
        let (asked, begins) = (&self.asked.page, &mut self.is_begin);
        begins.clear();
        self.places.fill(pages, |address| {
            let page = super::pages::page_of(routes, address);
            let is = asked.as_ref().is_none_or(|asked| is_page(asked, &page));
            begins.push(is);
            table.place(&page)
        });
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.sessions += 1;
        let begins = |url: u32| self.is_begin.get(index(url)).copied().unwrap_or_default();
        let begin = session.visits.iter().position(|visit| begins(visit.url));
        let Some(begin) = begin else { return };
        let (mut node, mut before, mut count) = (ROOT, None, 0);
        for visit in session.visits.iter().skip(begin) {
            let Some(page) = self.places.of(visit.url) else {
                continue;
            };
            if before == Some(page) {
                continue;
            }
            if count == self.asked.depth {
                return;
            }
            before = Some(page);
            count += 1;
            node = self.follow(node, page);
            if let Some(node) = self.node(node) {
                node.sessions += 1;
                node.examples.add(who, visit.at, visit.tab);
            }
        }
        if let Some(node) = self.node(node) {
            node.ended += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        let pages = self.pages.merge(other.pages, |(), ()| ());
        // Where the other's nodes are here. None is reached from a later one, so in their
        // order each one's way is known before it.
        let mut links: Vec<(u32, u32, u32)> = Vec::with_capacity(other.next.len());
        links.extend(
            other
                .next
                .iter()
                .map(|((from, page), to)| (*to, *from, *page)),
        );
        order::sort_by(&mut links, |a, b| a.0.cmp(&b.0));
        let mut here: BTreeMap<u32, u32> = BTreeMap::new();
        here.insert(ROOT, ROOT);
        let mut nodes: BTreeMap<u32, Node> = order::map((0..).zip(other.nodes));
        for (to, from, page) in links {
            let (Some(from), Some(page)) = (here.get(&from).copied(), pages.of(page)) else {
                continue;
            };
            let own = self.follow(from, page);
            here.insert(to, own);
            if let (Some(node), Some(other)) = (self.node(own), nodes.remove(&to)) {
                node.sessions += other.sessions;
                node.ended += other.ended;
                node.examples.merge(other.examples);
            }
        }
    }

    fn answer(&self) -> Answer {
        let (first, others) = self.steps(&self.pages.texts(), ROOT, self.asked.depth);
        let begun = first.iter().map(|step| step.sessions).sum::<u64>();
        Answer {
            asked: self.asked.clone(),
            sessions: self.sessions,
            begun: begun + others.map_or(0, |others| others.sessions),
            first,
            others,
        }
    }
}

/// Pairs are no keys in JSON.
mod links {
    use crate::order;
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        links: &BTreeMap<(u32, u32), u32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(links.iter().map(|((from, page), to)| (from, page, to)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<(u32, u32), u32>, D::Error> {
        let list = Vec::<(u32, u32, u32)>::deserialize(deserializer)?;
        let links = list.into_iter().map(|(from, page, to)| ((from, page), to));
        Ok(order::map(links))
    }
}

#[cfg(test)]
mod tests;
