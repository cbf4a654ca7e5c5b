//! Writing the parts.

use super::nodes::{LISTS, NAMES, Node, Nodes};
use crate::json;
use crate::mask::{self, Masker};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The parts of one event.
pub(super) struct Parts<'a> {
    masker: &'a Masker,
    event: &'a [u8],
    nodes: &'a Nodes,
    /// Of every part, as written.
    time: &'a [u8],
    size: usize,
    /// Of the mutation that is being written.
    lists: [Vec<u8>; LISTS],
    pub(super) out: Vec<Box<[u8]>>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(
        masker: &'a Masker,
        event: &'a [u8],
        nodes: &'a Nodes,
        time: &'a [u8],
        size: usize,
    ) -> Self {
        Self {
            masker,
            event,
            nodes,
            time,
            size,
            lists: [const { Vec::new() }; LISTS],
            out: Vec::new(),
        }
    }

    /// Adds a whole event.
    pub(super) fn done(&mut self, event: Vec<u8>) {
        self.out.push(event.into());
    }

    /// Adds items to a list of the mutation, or of the next one.
    pub(super) fn push(&mut self, list: usize, items: &[u8]) {
        let bytes: usize = self.lists.iter().map(Vec::len).sum();
        if bytes > 0 && bytes + items.len() > self.size {
            self.flush();
        }
        if let Some(list) = self.lists.get_mut(list) {
            if !list.is_empty() {
                list.push(b',');
            }
            list.extend_from_slice(items);
        }
    }

    /// Ends the mutation.
    pub(super) fn flush(&mut self) {
        if self.lists.iter().all(Vec::is_empty) {
            return;
        }
        let mut event = br#"{"type":3,"data":{"source":0"#.to_vec();
        for (name, list) in NAMES.iter().zip(&mut self.lists) {
            for part in [b",\"".as_slice(), name.as_bytes(), b"\":[", list, b"]"] {
                event.extend_from_slice(part);
            }
            list.clear();
        }
        self.end(event);
    }

    fn end(&mut self, mut event: Vec<u8>) {
        event.extend_from_slice(b"},\"timestamp\":");
        event.extend_from_slice(self.time);
        event.push(b'}');
        self.done(event);
    }

    /// Writes the text `[start, end)` around the tree at `root`, without the node `cut` and
    /// all that is behind it in the tree.
    pub(super) fn truncated(
        &self,
        start: usize,
        root: usize,
        cut: usize,
        end: usize,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let node = self.nodes.all.get(cut)?;
        out.extend_from_slice(self.event.get(start..node.before)?);
        let mut at = node.parent;
        loop {
            let node = self.nodes.all.get(at)?;
            out.extend_from_slice(self.event.get(node.close..node.end)?);
            if at == root {
                out.extend_from_slice(self.event.get(node.end..end)?);
                return Some(());
            }
            at = node.parent;
        }
    }

    /// Appends the nodes of a tree from `cut` on.
    pub(super) fn rest(&mut self, cut: usize) -> Option<()> {
        let mut items = Vec::new();
        for (at, node) in self.nodes.all.iter().enumerate().skip(cut) {
            if node.parent == at {
                break;
            }
            let parent = self.nodes.all.get(node.parent)?;
            if !parent.head.raw && !items.is_empty() {
                self.push(LISTS - 1, &items);
                items.clear();
            }
            if !items.is_empty() {
                items.push(b',');
            }
            let from = items.len();
            items.extend_from_slice(b"{\"parentId\":");
            items.extend_from_slice(self.id(parent)?);
            items.extend_from_slice(b",\"nextId\":null,\"node\":");
            let (open, close) = if node.open == 0 {
                (node.end, node.end)
            } else {
                (node.open, node.close)
            };
            items.extend_from_slice(self.event.get(node.start..open)?);
            items.extend_from_slice(self.event.get(close..node.end)?);
            items.push(b'}');
            if parent.head.lifted() && !parent.head.raw {
                let add = items.split_off(from);
                mask::mark(self.masker, &add, parent.head.rule, &mut items).ok()?;
            }
        }
        if !items.is_empty() {
            self.push(LISTS - 1, &items);
        }
        Some(())
    }

    /// The id of a node, as written; none if it has none.
    fn id(&self, node: &Node) -> Option<&'a [u8]> {
        let id = self.event.get(node.id.start..node.id.end)?;
        (!id.is_empty()).then_some(id)
    }

    /// Scrolls again what could not be scrolled before the node `cut` was there: the
    /// elements that hold it, those behind it, and the page.
    pub(super) fn scroll(&mut self, cut: usize) -> Option<()> {
        let begins = self.nodes.all.get(cut)?.start;
        for (at, node) in self.nodes.all.iter().enumerate() {
            if node.head.scrolled && (at >= cut || node.end > begins) {
                let open = if node.open == 0 { node.end } else { node.open };
                let head = self.event.get(node.start..open)?;
                let attributes = json::get(head, "attributes")?;
                let of = |name| json::get(attributes, name).unwrap_or(b"0");
                let id = self.id(node)?;
                self.scroll_to(id, of("rr_scrollLeft"), of("rr_scrollTop"));
            }
        }
        let data = json::get(self.event, "data")?;
        let offset = json::get(data, "initialOffset")?;
        let document = self.id(self.nodes.all.first()?)?;
        self.scroll_to(
            document,
            json::get(offset, "left").unwrap_or(b"0"),
            json::get(offset, "top").unwrap_or(b"0"),
        );
        Some(())
    }

    fn scroll_to(&mut self, id: &[u8], x: &[u8], y: &[u8]) {
        if x == b"0" && y == b"0" {
            return;
        }
        let mut event = br#"{"type":3,"data":{"source":3"#.to_vec();
        for (name, value) in [("id", id), ("x", x), ("y", y)] {
            for part in [b",\"".as_slice(), name.as_bytes(), b"\":", value] {
                event.extend_from_slice(part);
            }
        }
        self.end(event);
    }
}
