//! Where the nodes and the items of an event are, found in one pass.

use super::is_too_large;
use crate::json::{self, Reader, Span, Token};
use crate::mask::{Head, Rule};
use alloc::vec::Vec;

/// The lists of a mutation, in the order in which rrweb writes them; nodes come in the last.
pub(super) const NAMES: [&str; LISTS] = ["texts", "attributes", "removes", "adds"];
pub(super) const LISTS: usize = 4;
const ADDS: usize = LISTS - 1;

/// A node, by positions in the event.
pub(super) struct Node {
    pub(super) start: usize,
    /// Behind the bracket that opens its children, and on the one that closes them; both 0
    /// if it cannot have any.
    pub(super) open: usize,
    pub(super) close: usize,
    pub(super) end: usize,
    /// What was written before it ends here: its sibling, or the bracket of its parent.
    pub(super) before: usize,
    /// Its place among the nodes; its own, if it has none.
    pub(super) parent: usize,
    pub(super) id: Span,
    pub(super) head: Head,
}

/// An item of one of the lists of a mutation.
pub(super) struct Item {
    pub(super) list: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The node that it adds.
    pub(super) root: Option<usize>,
}

/// All nodes, in order of the document, all items, and the values that are too large.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) all: Vec<Node>,
    pub(super) items: Vec<Item>,
    pub(super) large: Vec<Span>,
}

/// What an open object or array is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Event,
    Data,
    List(usize),
    Item,
    Node(usize),
    Children(usize),
    Other,
}

impl Nodes {
    /// Of the well-formed `event`; none if it is neither a snapshot nor a mutation.
    pub(super) fn of(event: &[u8]) -> Option<Self> {
        let data = json::get(event, "data")?;
        let is_snapshot = json::get(event, "type")? == b"2";
        let is_mutation = json::get(event, "type")? == b"3" && json::get(data, "source")? == b"0";
        let mut found = Self::default();
        let mut reader = Reader::of(event);
        let mut open: Vec<Role> = Vec::new();
        let mut key: &[u8] = b"";
        loop {
            let top = open.last().copied();
            let token = reader.next().ok()?;
            let span = reader.span();
            match token {
                Token::Key => key = reader.inner(span),
                Token::Object => open.push(found.object(top, key, reader.at() - 1)),
                Token::Array => open.push(found.array(top, key, reader.at())),
                Token::Close => {
                    found.close(open.pop()?, reader.at());
                }
                Token::String if is_too_large(reader.slice(span)) => found.large.push(span),
                Token::Number => {
                    if let Some(Role::Node(at)) = top
                        && key == b"id"
                    {
                        found.all.get_mut(at)?.id = span;
                    }
                }
                Token::End => break,
                _ => {}
            }
        }
        found.describe(event);
        let known = if is_snapshot {
            found.items.is_empty() && !found.all.is_empty()
        } else {
            is_mutation && !found.items.is_empty()
        };
        known.then_some(found)
    }

    fn object(&mut self, outer: Option<Role>, key: &[u8], start: usize) -> Role {
        match outer {
            None => Role::Event,
            Some(Role::Event) if key == b"data" => Role::Data,
            Some(Role::List(list)) => {
                self.items.push(Item {
                    list,
                    start,
                    end: start,
                    root: None,
                });
                Role::Item
            }
            Some(Role::Data) if key == b"node" && self.all.is_empty() => self.node(None, start),
            Some(Role::Item) if key == b"node" => {
                let root = self.all.len();
                if let Some(item) = self.items.last_mut().filter(|item| item.list == ADDS) {
                    item.root = Some(root);
                    return self.node(None, start);
                }
                Role::Other
            }
            Some(Role::Children(parent)) => self.node(Some(parent), start),
            _ => Role::Other,
        }
    }

    fn node(&mut self, parent: Option<usize>, start: usize) -> Role {
        let at = self.all.len();
        let before = parent
            .and_then(|parent| self.all.get_mut(parent))
            .map(|parent| parent.close);
        self.all.push(Node {
            start,
            open: 0,
            close: 0,
            end: start,
            before: before.unwrap_or(start),
            parent: parent.unwrap_or(at),
            id: Span { start, end: start },
            head: Head::default(),
        });
        Role::Node(at)
    }

    fn array(&mut self, outer: Option<Role>, key: &[u8], at: usize) -> Role {
        match outer {
            Some(Role::Data) => NAMES
                .iter()
                .position(|name| name.as_bytes() == key)
                .map_or(Role::Other, Role::List),
            Some(Role::Node(node)) if key == b"childNodes" => {
                if let Some(node) = self.all.get_mut(node) {
                    (node.open, node.close) = (at, at);
                }
                Role::Children(node)
            }
            _ => Role::Other,
        }
    }

    fn close(&mut self, role: Role, at: usize) {
        match role {
            Role::Item => {
                if let Some(item) = self.items.last_mut() {
                    item.end = at;
                }
            }
            Role::Node(node) => {
                let parent = self.all.get_mut(node).map(|node| {
                    node.end = at;
                    node.parent
                });
                // Until its list ends, a parent's `close` says where its last child ended.
                if let Some(parent) = parent.filter(|parent| *parent != node)
                    && let Some(parent) = self.all.get_mut(parent)
                {
                    parent.close = at;
                }
            }
            Role::Children(node) => {
                if let Some(node) = self.all.get_mut(node) {
                    node.close = at - 1;
                }
            }
            _ => {}
        }
    }

    /// Reads what nodes say of themselves, parents first.
    fn describe(&mut self, event: &[u8]) {
        for at in 0..self.all.len() {
            let Some((before, [node, ..])) = self.all.split_at_mut_checked(at) else {
                return;
            };
            let around = before.get(node.parent);
            let rule = around.map_or(Rule::default(), |parent| parent.head.rule);
            let end = if node.open == 0 { node.end } else { node.open };
            node.head = Head::of(event.get(node.start..end).unwrap_or_default(), rule);
        }
    }

    /// The first node to cut off of the tree at `root`, so that what is before it has about
    /// `size` bytes; the root and its children stay.
    pub(super) fn cut(&self, root: usize, size: usize) -> Option<usize> {
        let from = self.all.get(root)?.start;
        let inside = self.all.iter().enumerate().skip(root + 1);
        inside
            .take_while(|(at, node)| node.parent != *at)
            .find(|(_, node)| {
                let head = if node.open == 0 { node.end } else { node.open };
                let in_raw = self
                    .all
                    .get(node.parent)
                    .is_none_or(|parent| parent.head.raw);
                node.parent != root && !in_raw && head - from > size
            })
            .map(|(at, _)| at)
    }

    /// The id of the innermost node or item around `place`, as written.
    pub(super) fn id_at<'a>(&self, event: &'a [u8], place: usize) -> &'a [u8] {
        let node = self
            .all
            .iter()
            .rfind(|node| node.start <= place && place < node.end);
        if let Some(node) = node {
            return event.get(node.id.start..node.id.end).unwrap_or_default();
        }
        let item = self.items.iter().rfind(|item| item.start <= place);
        item.and_then(|item| json::get(event.get(item.start..item.end)?, "id"))
            .unwrap_or_default()
    }
}
