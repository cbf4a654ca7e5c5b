//! rrweb's protocol: what a value is, by where in an event it stands.
//!
//! Written from `@rrweb/types` 2.1.6 and the recorder of the same version.

use super::element::{Rule, Tag, Verdict};
use super::guard::Guard;
use super::names::{Words, one_of};
use super::value::{Lower, Value};
use super::walk::Stop;
use super::{Mode, Policy};
use crate::redact::{Css, is_secret_name};

/// What a value is, by where it stands. Containers of places that are not named here, and
/// places met in a shape that rrweb does not write, are [`Place::Opaque`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Event,
    /// `data` of the event types that have a meaning here.
    Snapshot,
    Incremental,
    Meta,
    Custom,
    Plugin,
    /// The tree of nodes.
    Node,
    Children,
    Attributes,
    /// Mutations.
    Texts,
    TextChange,
    AttributeChanges,
    AttributeChange,
    Adds,
    Add,
    /// Canvas.
    Commands,
    Command,
    Arguments,
    Argument,
    /// A declaration of a style sheet: its property, its value.
    Declaration,
    /// Scalars that decide how the rest is read.
    Time,
    EventType,
    Source,
    NodeType,
    TagName,
    NodeId,
    ParentId,
    Property,
    CssProperty,
    /// A text of the page.
    Text,
    /// An identifier of the protocol.
    Word,
    /// Any other single value.
    One(Verdict),
    /// Whole subtrees: everything passes; everything is redacted; strings are masked;
    /// strings and numbers are masked.
    Pass,
    Payload,
    Opaque,
    Deep,
}

impl Place {
    /// Whether an object or array at this place is one that rrweb writes, with parts that differ.
    pub(super) fn is_container(self) -> bool {
        matches!(
            self,
            Self::Event
                | Self::Snapshot
                | Self::Incremental
                | Self::Meta
                | Self::Custom
                | Self::Plugin
                | Self::Texts
                | Self::TextChange
                | Self::AttributeChanges
                | Self::AttributeChange
                | Self::Add
                | Self::Commands
                | Self::Command
                | Self::Declaration
        )
    }

    /// Whether a number at this place means something, or is masked.
    #[expect(
        clippy::inline_always,
        reason = "most numbers do not, and there are many"
    )]
    #[inline(always)]
    pub(super) fn minds_numbers(self) -> bool {
        self.is_text()
            || matches!(
                self,
                Self::Time
                    | Self::EventType
                    | Self::Source
                    | Self::NodeType
                    | Self::NodeId
                    | Self::ParentId
                    | Self::Payload
            )
    }

    /// Whether any value at this place is masked, whatever its type.
    #[expect(clippy::inline_always, reason = "see minds_numbers")]
    #[inline(always)]
    pub(super) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Deep
                | Self::One(
                    Verdict::Mask
                        | Verdict::Marked
                        | Verdict::State
                        | Verdict::Typed
                        | Verdict::MarkedTyped
                        | Verdict::Empty
                )
        )
    }

    /// What the items of an array at this place are.
    pub(super) fn item(self) -> Self {
        match self {
            Self::Children => Self::Node,
            Self::Texts => Self::TextChange,
            Self::AttributeChanges => Self::AttributeChange,
            Self::Adds => Self::Add,
            Self::Commands => Self::Command,
            Self::Arguments => Self::Arguments,
            _ => Self::Opaque,
        }
    }

    /// What a field of a custom event's payload is: the author sends it on purpose, but
    /// perhaps not all that is in it.
    pub(super) fn of_payload(policy: Policy, key: &[u8]) -> Self {
        let name = Lower::new(key);
        let name = name.start();
        if is_secret_name(name) && policy.has(Guard::Names) {
            return Self::One(Verdict::Mask);
        }
        // What an event says of the page's own text follows the page's text.
        if name == b"text" && policy.mode == Mode::Text {
            return Self::One(Verdict::Marked);
        }
        let address = one_of(name, "href source src")
            || name.ends_with(b"url")
            || name.ends_with(b"referrer");
        if address {
            Self::One(Verdict::Link)
        } else {
            Self::Payload
        }
    }
}

/// A key of the protocol that means something here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Adds,
    Args,
    Attributes,
    Base64,
    ChildNodes,
    Commands,
    CompatMode,
    Data,
    Define,
    Descriptors,
    Family,
    FontSource,
    Href,
    Id,
    Name,
    Node,
    ParentId,
    Payload,
    Plugin,
    Priority,
    Property,
    PublicId,
    Remove,
    Removes,
    Replace,
    ReplaceSync,
    RrType,
    Set,
    Source,
    Src,
    Styles,
    SystemId,
    Tag,
    TagName,
    Text,
    TextContent,
    Texts,
    Timestamp,
    Type,
    Value,
}

static KEYS: Words<Key, 40> = Words::new([
    ("id", Key::Id),
    ("set", Key::Set),
    ("src", Key::Src),
    ("tag", Key::Tag),
    ("adds", Key::Adds),
    ("args", Key::Args),
    ("data", Key::Data),
    ("href", Key::Href),
    ("name", Key::Name),
    ("node", Key::Node),
    ("text", Key::Text),
    ("type", Key::Type),
    ("texts", Key::Texts),
    ("value", Key::Value),
    ("base64", Key::Base64),
    ("define", Key::Define),
    ("family", Key::Family),
    ("plugin", Key::Plugin),
    ("remove", Key::Remove),
    ("source", Key::Source),
    ("styles", Key::Styles),
    ("payload", Key::Payload),
    ("removes", Key::Removes),
    ("replace", Key::Replace),
    ("rr_type", Key::RrType),
    ("tagName", Key::TagName),
    ("commands", Key::Commands),
    ("parentId", Key::ParentId),
    ("priority", Key::Priority),
    ("property", Key::Property),
    ("publicId", Key::PublicId),
    ("systemId", Key::SystemId),
    ("timestamp", Key::Timestamp),
    ("attributes", Key::Attributes),
    ("childNodes", Key::ChildNodes),
    ("compatMode", Key::CompatMode),
    ("fontSource", Key::FontSource),
    ("descriptors", Key::Descriptors),
    ("replaceSync", Key::ReplaceSync),
    ("textContent", Key::TextContent),
]);

const DOCUMENT: u8 = 0;
const DOCUMENT_TYPE: u8 = 1;
const ELEMENT: u8 = 2;
const TEXT: u8 = 3;
const COMMENT: u8 = 5;

/// What an object said about itself so far.
pub(super) mod seen {
    pub(in crate::mask) const KIND: u8 = 1;
    pub(in crate::mask) const TAG: u8 = 2;
    pub(in crate::mask) const ATTRIBUTES: u8 = 4;
    /// The attributes were an object: the element is known.
    pub(in crate::mask) const ELEMENT: u8 = 8;
    pub(in crate::mask) const PARENT: u8 = 16;
    /// The parent's id was one.
    pub(in crate::mask) const PARENT_KNOWN: u8 = 32;
    /// The property, of canvas or CSS, takes no text.
    pub(in crate::mask) const HARMLESS: u8 = 64;
}

/// A kind that rrweb does not have.
pub(super) const NO_KIND: u8 = u8::MAX;

/// An open object or array.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) place: Place,
    /// What holds around it.
    pub(super) rule: Rule,
    /// What holds inside of it, once it is known which element it is.
    pub(super) inner: Rule,
    /// The event's type, the source, or the node's type.
    pub(super) kind: u8,
    pub(super) tag: Tag,
    pub(super) seen: u8,
}

impl Frame {
    pub(super) fn new(place: Place, rule: Rule) -> Self {
        Self {
            place,
            rule,
            inner: Rule::LOCKED,
            kind: NO_KIND,
            tag: Tag::Unknown,
            seen: 0,
        }
    }

    pub(super) fn has(self, seen: u8) -> bool {
        self.seen & seen != 0
    }

    /// Notes that this object said what it is; it may do so once.
    fn once(&mut self, seen: u8, place: Place) -> Result<Place, Stop> {
        if self.has(seen) {
            return Err(Stop::Conflict);
        }
        self.seen |= seen;
        Ok(place)
    }

    /// What holds for the nodes inside this node.
    pub(super) fn inside(self) -> Rule {
        match self.kind {
            DOCUMENT => self.rule.inherited(),
            // `inner` forbids everything while it is not known which element it is.
            ELEMENT | NO_KIND => self.inner,
            _ => Rule::default(),
        }
    }

    /// What the value of the field `key` is, which begins with `head`; not of attributes.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn field(&mut self, policy: Policy, head: u64, key: &[u8]) -> Result<Place, Stop> {
        let Some(key) = KEYS.find_key(head, key) else {
            if key.contains(&b'\\') {
                // Nobody writes these names so, and it might be one that was there before.
                return Err(Stop::Conflict);
            }
            return Ok(Place::Opaque);
        };
        Ok(match (self.place, key) {
            (Place::Event, Key::Type) => self.once(seen::KIND, Place::EventType)?,
            (Place::Event, Key::Timestamp) => Place::Time,
            (Place::Event, Key::Data) => match self.kind {
                2 => Place::Snapshot,
                3 => Place::Incremental,
                4 => Place::Meta,
                5 => Place::Custom,
                6 => Place::Plugin,
                _ => Place::Opaque,
            },
            (Place::Snapshot, Key::Node) => Place::Node,
            (Place::Meta, Key::Href) => Place::One(Verdict::Link),
            (Place::Custom, Key::Tag) | (Place::Plugin, Key::Plugin) => Place::One(Verdict::Redact),
            (Place::Custom, Key::Payload) => Place::Payload,
            (Place::Incremental, Key::Source) => self.once(seen::KIND, Place::Source)?,
            (Place::Incremental, _) => incremental_field(policy, self, key)?,
            (Place::Declaration, Key::Property) => self.once(seen::TAG, Place::CssProperty)?,
            // Of a property that is not known yet anything may be shown.
            (Place::Declaration, Key::Value) => value_of(policy, !self.has(seen::HARMLESS)),
            (Place::Declaration, Key::Priority) => Place::Word,
            (Place::Command, _) => command_field(self, key)?,
            (Place::Argument, _) => argument_field(key),
            (Place::Node, _) => node_field(policy, self, key)?,
            (Place::TextChange, Key::Value) => Place::Text,
            (Place::AttributeChange, Key::Attributes) => Place::Attributes,
            (Place::Add, Key::ParentId) => self.once(seen::PARENT, Place::ParentId)?,
            (Place::Add, Key::Node) if self.has(seen::PARENT_KNOWN) => Place::Node,
            _ => Place::Opaque,
        })
    }
}

fn comment(policy: Policy) -> Verdict {
    if policy.has(Guard::Comments) {
        Verdict::Empty
    } else {
        Verdict::Redact
    }
}

fn node_field(policy: Policy, node: &mut Frame, key: Key) -> Result<Place, Stop> {
    Ok(match (key, node.kind) {
        (Key::Type, _) => node.once(seen::KIND, Place::NodeType)?,
        (Key::TagName, ELEMENT) => node.once(seen::TAG, Place::TagName)?,
        (Key::Attributes, _) => {
            let known = node.kind == ELEMENT && node.tag != Tag::Unknown;
            node.once(
                seen::ATTRIBUTES,
                if known {
                    Place::Attributes
                } else {
                    Place::Opaque
                },
            )?
        }
        (Key::ChildNodes, DOCUMENT) => {
            node.inner = node.inside();
            Place::Children
        }
        (Key::ChildNodes, ELEMENT) if node.has(seen::ELEMENT) => Place::Children,
        (Key::TextContent, TEXT) => Place::Text,
        (Key::TextContent, COMMENT) => Place::One(comment(policy)),
        (Key::Name | Key::PublicId | Key::SystemId, DOCUMENT_TYPE)
        | (Key::CompatMode, DOCUMENT) => Place::One(Verdict::Redact),
        (Key::Id, _) => Place::NodeId,
        _ => Place::Opaque,
    })
}

/// The value of a CSS declaration of an unknown element; `shown` if what it says may be.
pub(super) fn value_of(policy: Policy, shown: bool) -> Place {
    let closed = shown && policy.mode != Mode::None && policy.has(Guard::Css);
    Place::One(Verdict::Css(if closed {
        Css::ClosedValue
    } else {
        Css::Open
    }))
}

fn incremental_field(policy: Policy, data: &mut Frame, key: Key) -> Result<Place, Stop> {
    let closed = policy.mode == Mode::Text && policy.has(Guard::Css);
    let css = if closed { Css::Closed } else { Css::Open };
    Ok(match (data.kind, key) {
        (0, Key::Texts) => Place::Texts,
        (0, Key::Attributes) => Place::AttributeChanges,
        (0, Key::Adds) => Place::Adds,
        (5, Key::Text) if !policy.has(Guard::Input) => Place::One(Verdict::Redact),
        (5, Key::Text) if policy.mode != Mode::None => Place::One(Verdict::MarkedTyped),
        (5, Key::Text) if !policy.has(Guard::Typed) => Place::One(Verdict::Redact),
        (5, Key::Text) => Place::One(Verdict::Typed),
        (8, Key::Adds | Key::Removes | Key::Replace | Key::ReplaceSync) | (15, Key::Styles) => {
            Place::One(Verdict::Css(css))
        }
        (13, Key::Set | Key::Remove) => Place::Declaration,
        // Fonts, and the names of custom elements.
        (10, Key::Family | Key::FontSource | Key::Descriptors) | (16, Key::Define) => Place::Pass,
        (9, Key::Commands) => Place::Commands,
        (9, _) => command_field(data, key)?,
        _ => Place::Opaque,
    })
}

fn command_field(command: &mut Frame, key: Key) -> Result<Place, Stop> {
    Ok(match key {
        // `TAG` is what an element has; here it is the property's.
        Key::Property => command.once(seen::TAG, Place::Property)?,
        Key::Args => Place::Arguments,
        _ => Place::Opaque,
    })
}

fn argument_field(key: Key) -> Place {
    match key {
        Key::RrType | Key::Type => Place::Word,
        Key::Base64 => Place::One(Verdict::Keep),
        Key::Src => Place::One(Verdict::Resource),
        Key::Args | Key::Data => Place::Arguments,
        _ => Place::Opaque,
    }
}

/// Canvas properties whose strings are colours, keywords or names in a program.
pub(super) fn is_harmless(property: Value<'_>) -> bool {
    one_of(
        property.0,
        "fillStyle strokeStyle shadowColor addColorStop font textAlign textBaseline lineCap lineJoin \
         globalCompositeOperation createPattern fill clip shaderSource getUniformLocation \
         getAttribLocation bindAttribLocation getExtension",
    )
}
