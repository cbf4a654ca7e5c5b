//! What the elements of a recorded page are called, so that a click reads as
//! `"Add to cart"` and not as a number.
//!
//! Built from snapshots and additions in one pass over their JSON, with an
//! explicit stack: a page may be nested deeper than any recursion stands.
//! Recordings are untrusted: what does not read as a node is left out.

use crate::model::text;
use sentiero_core::json::{self, Reader, Token};
use sentiero_core::mask::{MASK, UNMASKED};
use std::collections::HashMap;

/// Characters of a name.
const NAME: usize = 48;
/// Characters kept of a text node.
const TEXT: usize = 96;
/// Levels to climb from what was hit to what can be operated.
const CLIMB: usize = 6;
/// Levels to climb to a form.
const DEEP: usize = 200;
/// Nodes to look at for the text of an element.
const DESCEND: usize = 64;

#[derive(Clone, Debug, Default)]
struct Node {
    tag: String,
    text: String,
    attributes: Vec<(Attribute, String)>,
    children: Vec<u32>,
    parent: Option<u32>,
}

/// The attributes that name an element, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attribute {
    AriaLabel,
    Placeholder,
    Title,
    Alt,
    Name,
    Type,
    Role,
    Id,
    Class,
    For,
}

impl Attribute {
    fn parse(key: &str) -> Option<Self> {
        Some(match key {
            "aria-label" => Self::AriaLabel,
            "placeholder" => Self::Placeholder,
            "title" => Self::Title,
            "alt" => Self::Alt,
            "name" => Self::Name,
            "type" => Self::Type,
            "role" => Self::Role,
            "id" => Self::Id,
            "class" => Self::Class,
            "for" => Self::For,
            _ => return None,
        })
    }
}

impl Node {
    fn attribute(&self, wanted: Attribute) -> Option<&str> {
        let found = self.attributes.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.as_str())
    }
}

/// What an element is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// For people: `Add to cart`; empty if nothing but markup is known.
    pub label: String,
    /// For who knows the page: `button#add.primary`.
    pub selector: String,
    /// The kind of control, as people say it: `button`, `link`, `field`.
    pub role: &'static str,
}

/// The elements of one page load.
#[derive(Clone, Debug, Default)]
pub struct Nodes {
    nodes: HashMap<u32, Node>,
    /// Labels by the `id` attribute of what they are for.
    labels: HashMap<String, u32>,
}

/// What an open container of the JSON is.
enum Scope {
    Node(Draft),
    Attributes(Draft),
    Children,
    Other,
}

#[derive(Default)]
struct Draft {
    id: Option<u32>,
    node: Node,
    key: Key,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Key {
    Id,
    Tag,
    Text,
    Attributes,
    Children,
    #[default]
    Other,
}

impl Nodes {
    /// Takes in the tree of a full snapshot, or the node of an addition.
    pub fn add(&mut self, tree: &[u8], parent: Option<u32>) {
        let Ok(reader) = Reader::new(tree) else {
            return;
        };
        // A tree that ends in the middle still names the nodes before.
        let root = self.read(reader);
        if let (Some(root), Some(parent)) = (root, parent) {
            self.adopt(parent, root);
        }
    }

    /// Takes in the additions and texts of a mutation.
    pub fn mutate(&mut self, data: &[u8]) {
        each(
            data,
            "adds",
            |nodes, entry| {
                if let (Some(node), Some(parent)) =
                    (json::get(entry, "node"), field(entry, "parentId"))
                {
                    nodes.add(node, Some(parent));
                }
            },
            self,
        );
        each(
            data,
            "texts",
            |nodes, entry| {
                let value = json::get(entry, "value").and_then(json::string);
                if let (Some(id), Some(value)) = (field(entry, "id"), value)
                    && let Some(node) = nodes.nodes.get_mut(&id)
                {
                    node.text = kept(&value);
                }
            },
            self,
        );
    }

    /// What the element `id` is called; the control around it, if it is part of one.
    pub fn name(&self, id: u32) -> Option<Name> {
        let (id, node) = self.operable(id)?;
        Some(Name {
            label: self.label(id, node),
            selector: selector(node),
            role: role(node),
        })
    }

    /// The nearest element at or above `id` with the name `tag`.
    pub fn around(&self, id: u32, tag: &str) -> Option<u32> {
        let mut at = id;
        // A recording may say that two nodes are each other's parents.
        for _ in 0..DEEP {
            let node = self.nodes.get(&at)?;
            if node.tag == tag {
                return Some(at);
            }
            at = node.parent?;
        }
        None
    }

    fn adopt(&mut self, parent: u32, child: u32) {
        if let Some(node) = self.nodes.get_mut(&child) {
            node.parent = Some(parent);
        }
        if let Some(node) = self.nodes.get_mut(&parent)
            && !node.children.contains(&child)
        {
            node.children.push(child);
        }
    }

    fn read(&mut self, mut reader: Reader<'_>) -> Option<u32> {
        let mut stack: Vec<Scope> = Vec::new();
        let mut attribute: Option<Attribute> = None;
        loop {
            let token = reader.next().ok()?;
            let span = reader.span();
            match token {
                Token::Object => {
                    let scope = match stack.last_mut() {
                        None | Some(Scope::Children) => Scope::Node(Draft::default()),
                        Some(Scope::Node(draft)) if draft.key == Key::Attributes => {
                            Scope::Attributes(Draft::default())
                        }
                        Some(_) => Scope::Other,
                    };
                    stack.push(scope);
                }
                Token::Array => {
                    let children = matches!(stack.last(), Some(Scope::Node(draft)) if draft.key == Key::Children);
                    stack.push(if children {
                        Scope::Children
                    } else {
                        Scope::Other
                    });
                }
                Token::Key => {
                    let key = utf8(reader.inner(span));
                    match stack.last_mut() {
                        Some(Scope::Node(draft)) => draft.key = node_key(key),
                        Some(Scope::Attributes(_)) => attribute = Attribute::parse(key),
                        _ => {}
                    }
                }
                Token::String => match stack.last_mut() {
                    Some(Scope::Node(draft)) if matches!(draft.key, Key::Tag | Key::Text) => {
                        let said = said(reader.inner(span));
                        if draft.key == Key::Tag {
                            draft.node.tag = kept(&said);
                        } else {
                            draft.node.text = kept(&said);
                        }
                    }
                    Some(Scope::Attributes(draft)) => {
                        if let Some(attribute) = attribute {
                            let said = said(reader.inner(span));
                            draft.node.attributes.push((attribute, kept(&said)));
                        }
                    }
                    _ => {}
                },
                Token::Number => {
                    if let Some(Scope::Node(draft)) = stack.last_mut()
                        && draft.key == Key::Id
                    {
                        draft.id = utf8(reader.slice(span)).parse().ok();
                    }
                }
                Token::Word => {}
                Token::Close => match stack.pop() {
                    Some(Scope::Attributes(inner)) => {
                        if let Some(Scope::Node(draft)) = stack.last_mut() {
                            draft.node.attributes = inner.node.attributes;
                        }
                    }
                    Some(Scope::Node(draft)) => {
                        let id = self.insert(draft);
                        if stack.is_empty() {
                            return id;
                        }
                        let above = stack.len().checked_sub(2).and_then(|at| stack.get_mut(at));
                        if let (Some(Scope::Node(parent)), Some(id)) = (above, id) {
                            parent.node.children.push(id);
                        }
                    }
                    _ => {}
                },
                Token::End => return None,
            }
        }
    }

    fn insert(&mut self, draft: Draft) -> Option<u32> {
        let id = draft.id?;
        for child in &draft.node.children {
            if let Some(node) = self.nodes.get_mut(child) {
                node.parent = Some(id);
            }
        }
        if let Some(target) = draft.node.attribute(Attribute::For) {
            self.labels.insert(target.to_owned(), id);
        }
        self.nodes.insert(id, draft.node);
        Some(id)
    }

    /// The nearest element at or above `id` that people operate, or itself.
    fn operable(&self, id: u32) -> Option<(u32, &Node)> {
        let mut at = id;
        let mut own = None;
        for _ in 0..CLIMB {
            let Some(node) = self.nodes.get(&at) else {
                break;
            };
            if !node.tag.is_empty() {
                own.get_or_insert((at, node));
                if !role(node).is_empty() {
                    return Some((at, node));
                }
            }
            let Some(parent) = node.parent else { break };
            at = parent;
        }
        own
    }

    fn label(&self, id: u32, node: &Node) -> String {
        let spoken = node.attribute(Attribute::AriaLabel).map(str::to_owned);
        // What is inside a list are its options, not its name.
        let fillable = matches!(role(node), "field" | "list" | "checkbox" | "choice");
        let inner = || (!fillable).then(|| self.text(id));
        let around = || fillable.then(|| self.label_of(id, node)).flatten();
        let other = || {
            [
                Attribute::Placeholder,
                Attribute::Title,
                Attribute::Alt,
                Attribute::Name,
            ]
            .into_iter()
            .find_map(|wanted| {
                node.attribute(wanted)
                    .filter(|value| tells(value))
                    .map(str::to_owned)
            })
        };
        let said = spoken.filter(|label| tells(label));
        let said = said.or_else(|| inner().filter(|text| tells(text)));
        let said = said.or_else(|| around().filter(|text| tells(text)));
        text::shorten(&said.or_else(other).unwrap_or_default(), NAME)
    }

    /// The text of the `<label>` of a form control.
    fn label_of(&self, id: u32, node: &Node) -> Option<String> {
        let named = node
            .attribute(Attribute::Id)
            .and_then(|name| self.labels.get(name));
        let mut at = id;
        let around = || {
            for _ in 0..CLIMB {
                at = self.nodes.get(&at)?.parent?;
                if self.nodes.get(&at)?.tag == "label" {
                    return Some(at);
                }
            }
            None
        };
        named.copied().or_else(around).map(|label| self.text(label))
    }

    /// The text inside an element, as far as a label needs it. A container with
    /// a lot of text has no name: half a page would be one.
    fn text(&self, id: u32) -> String {
        let mut out = String::new();
        let mut open = vec![id];
        for _ in 0..DESCEND {
            let Some(node) = open.pop().and_then(|id| self.nodes.get(&id)) else {
                break;
            };
            if matches!(
                node.tag.as_str(),
                "style" | "script" | "svg" | "select" | "textarea"
            ) {
                continue;
            }
            if node.tag.is_empty() && !node.text.is_empty() {
                out.push_str(&node.text);
                out.push(' ');
            }
            open.extend(node.children.iter().rev());
        }
        if open.is_empty() && out.chars().count() <= 4 * NAME {
            text::squeeze(&out)
        } else {
            String::new()
        }
    }
}

/// The reader checked it already.
fn utf8(text: &[u8]) -> &str {
    core::str::from_utf8(text).unwrap_or_default()
}

/// The beginning of what a string says, given between its quotes.
fn said(inner: &[u8]) -> String {
    let text = json::unescape(inner);
    let text = String::from_utf8_lossy(&text);
    text.chars().take(4 * TEXT).collect()
}

fn node_key(key: &str) -> Key {
    match key {
        "id" => Key::Id,
        "tagName" => Key::Tag,
        "textContent" => Key::Text,
        "attributes" => Key::Attributes,
        "childNodes" => Key::Children,
        _ => Key::Other,
    }
}

fn kept(text: &str) -> String {
    text.chars().filter(|c| *c != UNMASKED).take(TEXT).collect()
}

/// It says something: it is not empty and not masked.
fn tells(text: &str) -> bool {
    let masked = |c| MASK.contains(c) || c == '*';
    text.chars().any(|c| !c.is_whitespace() && !masked(c))
}

fn field(object: &[u8], key: &str) -> Option<u32> {
    core::str::from_utf8(json::get(object, key)?)
        .ok()?
        .parse()
        .ok()
}

/// Calls `visit` with each object of the array `data.key`.
fn each(data: &[u8], key: &str, visit: impl Fn(&mut Nodes, &[u8]), nodes: &mut Nodes) {
    let Some(mut reader) = json::get(data, key).and_then(|array| Reader::new(array).ok()) else {
        return;
    };
    while let Ok(token) = reader.next() {
        match token {
            Token::Object if reader.depth() == 2 => visit(nodes, reader.from_brace()),
            Token::End => return,
            _ => {}
        }
    }
}

fn role(node: &Node) -> &'static str {
    match node.attribute(Attribute::Role) {
        Some("button") => return "button",
        Some("link") => return "link",
        Some("tab") => return "tab",
        Some("menuitem" | "option") => return "option",
        Some("checkbox" | "switch") => return "checkbox",
        Some("radio") => return "choice",
        _ => {}
    }
    match node.tag.as_str() {
        "a" => "link",
        "button" | "summary" => "button",
        "select" => "list",
        "option" => "option",
        "label" => "label",
        "textarea" => "field",
        "input" => match node.attribute(Attribute::Type) {
            Some("checkbox") => "checkbox",
            Some("radio") => "choice",
            Some("submit" | "button" | "reset" | "image") => "button",
            _ => "field",
        },
        _ => "",
    }
}

fn selector(node: &Node) -> String {
    let mut out = node.tag.clone();
    if let Some(id) = node.attribute(Attribute::Id).filter(|id| !id.is_empty()) {
        out.push('#');
        out.push_str(id);
        return text::shorten(&out, NAME);
    }
    for class in node
        .attribute(Attribute::Class)
        .unwrap_or_default()
        .split_whitespace()
        .take(2)
    {
        out.push('.');
        out.push_str(class);
    }
    text::shorten(&out, NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = r#"{"type":0,"childNodes":[{"type":2,"tagName":"body","attributes":{},"childNodes":[
        {"type":2,"tagName":"button","attributes":{"class":"primary big wide","data-x":"1"},"childNodes":[
            {"type":2,"tagName":"span","attributes":{},"childNodes":[{"type":3,"textContent":"Add to\n cart","id":5}],"id":4}],"id":3},
        {"type":2,"tagName":"input","attributes":{"type":"email","placeholder":"Your e-mail","id":"mail"},"childNodes":[],"id":6},
        {"type":2,"tagName":"input","attributes":{"type":"checkbox","name":"news","checked":true},"childNodes":[],"id":7},
        {"type":2,"tagName":"div","attributes":{"class":"card"},"childNodes":[{"type":3,"textContent":"•••••","id":9}],"id":8}
    ],"id":2}],"id":1}"#;

    fn check(nodes: &Nodes, id: u32, label: &str, selector: &str, role: &str) {
        let name = nodes.name(id).unwrap();
        assert_eq!(
            (name.label.as_str(), name.selector.as_str(), name.role),
            (label, selector, role),
            "node {id}"
        );
    }

    fn page() -> Nodes {
        let mut nodes = Nodes::default();
        nodes.add(PAGE.as_bytes(), None);
        nodes
    }

    #[test]
    fn names_what_was_hit() {
        let nodes = page();
        for id in [3, 4, 5] {
            check(&nodes, id, "Add to cart", "button.primary.big", "button");
        }
        check(&nodes, 6, "Your e-mail", "input#mail", "field");
        check(&nodes, 7, "news", "input", "checkbox");
        check(&nodes, 8, "", "div.card", "");
        assert_eq!(nodes.name(99), None);
    }

    #[test]
    fn a_control_is_called_what_its_label_says() {
        let mut nodes = Nodes::default();
        nodes.add(
            br#"{"type":2,"tagName":"form","attributes":{},"childNodes":[
                {"type":2,"tagName":"label","attributes":{},"childNodes":[
                    {"type":3,"textContent":"Where to?","id":12},
                    {"type":2,"tagName":"select","attributes":{},"childNodes":[
                        {"type":2,"tagName":"option","attributes":{},"childNodes":[{"type":3,"textContent":"Alps","id":15}],"id":14}],"id":13}],"id":11},
                {"type":2,"tagName":"label","attributes":{"for":"mail"},"childNodes":[{"type":3,"textContent":"E-mail","id":17}],"id":16},
                {"type":2,"tagName":"input","attributes":{"id":"mail","placeholder":"x@y"},"childNodes":[],"id":18}],"id":10}"#,
            None,
        );
        check(&nodes, 13, "Where to?", "select", "list");
        check(&nodes, 18, "E-mail", "input#mail", "field");
    }

    #[test]
    fn follows_mutations() {
        let mut nodes = page();
        nodes.mutate(
            br#"{"source":0,"adds":[{"parentId":2,"nextId":null,"node":{"type":2,"tagName":"a","attributes":{},"childNodes":[],"id":20}},
                {"parentId":20,"nextId":null,"node":{"type":3,"textContent":"More","id":21}}],
                "texts":[{"id":5,"value":"Added"}],"removes":[],"attributes":[]}"#,
        );
        check(&nodes, 21, "More", "a", "link");
        check(&nodes, 3, "Added", "button.primary.big", "button");
    }

    #[test]
    fn hides_the_marker_of_unmasked_values() {
        let mut nodes = Nodes::default();
        nodes.add(r#"{"type":2,"tagName":"a","attributes":{"title":"\u2063Shown"},"childNodes":[],"id":1}"#.as_bytes(), None);
        check(&nodes, 1, "Shown", "a", "link");
    }

    #[test]
    fn stands_any_depth() {
        let deep = format!(
            "{}{}",
            r#"{"type":2,"tagName":"div","attributes":{},"childNodes":["#.repeat(20_000),
            r#"],"id":1}"#.repeat(20_000)
        );
        let mut nodes = Nodes::default();
        nodes.add(deep.as_bytes(), None);
        check(&nodes, 1, "", "div", "");
    }

    #[test]
    fn stands_cycles() {
        let mut nodes = page();
        nodes.mutate(br#"{"adds":[{"parentId":3,"node":{"type":2,"tagName":"i","attributes":{},"childNodes":[],"id":2}}]}"#);
        assert!(nodes.name(2).is_some());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}", cut in 0usize..PAGE.len()) {
            let mut nodes = Nodes::default();
            nodes.add(text.as_bytes(), None);
            nodes.mutate(text.as_bytes());
            if let Some(part) = PAGE.get(..cut) {
                nodes.add(part.as_bytes(), Some(1));
            }
        }
    }
}
