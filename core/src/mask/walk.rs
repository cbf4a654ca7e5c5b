//! One pass over an event: where in rrweb's protocol a string is, and so what becomes of it.
//!
//! rrweb writes what a thing is before what it holds: `type` before `data`, `source`
//! first in it, `tagName` before `attributes` before `childNodes`, `parentId` before
//! `node`. The walk relies on that order only to let something pass: what is met before
//! it is known what it is, is masked. An event that says twice what something is could be
//! read in two ways; [`Stop::Conflict`] makes the caller start again with everything masked.

use super::element::{self, Element, Facts, Name, Rule, Tag, Verdict};
use super::guard::Guard;
use super::parents::Parents;
use super::place::{Frame, NO_KIND, Place, is_harmless, seen, value_of};
use super::value::Value;
use super::{Changes, MASK, Malformed, Masker, Mode, Policy, UNMASKED};
use crate::event::{is_small, is_time};
use crate::json::{self, Ahead, Reader, Span, Token, USUAL_DEPTH};
use crate::redact::{Address, Css, Kinds, is_card, is_text_property};
use alloc::vec::Vec;

/// Why a walk ended early.
pub(super) enum Stop {
    /// It is no JSON.
    Malformed,
    /// The event contradicts itself.
    Conflict,
}

impl From<Malformed> for Stop {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// An attribute that was read and is not dealt with yet.
#[derive(Clone, Copy)]
struct Attribute<'a> {
    name: Name<'a>,
    /// Its value: where it is, or where it begins if it is a container.
    token: Token,
    span: Span,
}

/// The state of one pass.
pub(super) struct Walk<'a> {
    masker: &'a Masker,
    policy: Policy,
    reader: Reader<'a>,
    out: &'a mut Vec<u8>,
    /// Up to here the text is in `out`.
    copied: usize,
    frames: Vec<Frame>,
    /// The attributes of one element; kept for the next.
    attributes: Vec<Attribute<'a>>,
    /// What is put in place of a value.
    new: Vec<u8>,
    /// The elements that this mutation added.
    parents: Option<Parents>,
    changes: Changes,
    /// The first time and type that the event said are what they must be.
    time: Option<bool>,
    typed: bool,
    /// Nothing is masked: what would be inside of this for want of a mark gets one.
    marks: Option<Rule>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(masker: &'a Masker, event: &'a [u8], out: &'a mut Vec<u8>) -> Self {
        let policy = masker.policy;
        Self {
            masker,
            policy,
            reader: Reader::of(event),
            out,
            copied: 0,
            frames: Vec::with_capacity(USUAL_DEPTH),
            attributes: Vec::new(),
            new: Vec::new(),
            parents: None,
            changes: Changes::default(),
            time: None,
            typed: false,
            marks: None,
        }
    }

    /// As [`Self::new`], of what an add of a mutation is, whose parent is not known: what
    /// may be shown gets the mark.
    pub(super) fn marking(
        masker: &'a Masker,
        add: &'a [u8],
        around: Rule,
        out: &'a mut Vec<u8>,
    ) -> Self {
        Self {
            policy: Policy {
                mode: Mode::Text,
                ..Policy::default()
            },
            marks: Some(around.without(Rule::LIFTED)),
            ..Self::new(masker, add, out)
        }
    }

    /// The same, as in mode `inputs` at least.
    pub(super) fn strict(mut self) -> Self {
        self.policy.mode = self.policy.mode.max(Mode::Inputs);
        self
    }

    /// Walks the whole text, which is what `place` says.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn run(mut self, mut place: Place) -> Result<Changes, Stop> {
        loop {
            match self.reader.ahead()? {
                Ahead::Key => place = self.field()?,
                Ahead::Value => {}
                Ahead::Close => {
                    self.frames.pop();
                    place = self.item();
                    continue;
                }
                Ahead::End => break,
            }
            match self.reader.value()? {
                Token::String => self.string(place),
                Token::Number if place.minds_numbers() => self.number(place),
                Token::Object => place = self.open(place, true)?,
                Token::Array => place = self.open(place, false)?,
                _ => {}
            }
        }
        let rest = self.reader.text().get(self.copied..).unwrap_or_default();
        self.out.extend_from_slice(rest);
        self.changes.is_event = self.typed && self.time == Some(true);
        Ok(self.changes)
    }

    /// What the values of the innermost container are, if it is an array. (In an object
    /// the next key says so.)
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn item(&self) -> Place {
        self.frames
            .last()
            .map_or(Place::Opaque, |top| top.place.item())
    }

    /// Enters a container and says what its values are.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn open(&mut self, place: Place, object: bool) -> Result<Place, Stop> {
        let outer = self.frames.last().copied();
        let mut frame = Frame::new(place, Rule::default());
        match (place, outer) {
            (Place::Node, Some(outer)) => frame.rule = outer.rule,
            (Place::Children, Some(outer)) => frame.rule = outer.inner,
            (Place::Arguments, Some(outer)) => {
                frame.seen = outer.seen & seen::HARMLESS;
                if object {
                    frame.place = Place::Argument;
                }
            }
            (Place::Attributes, Some(outer)) if object => return self.attributes(outer),
            (Place::Adds, _) => {
                self.parents.get_or_insert_default();
            }
            _ if place.is_container() => {}
            (Place::Pass | Place::Payload | Place::One(Verdict::Css(_)), _) => {
                return self.subtree(place);
            }
            // A secret by its name, or an address: what is inside of it, likewise.
            (Place::One(Verdict::Mask | Verdict::Link), _) => return self.subtree(place),
            // A single value that is none.
            _ if place.is_text() => return self.subtree(Place::Deep),
            _ => return self.subtree(Place::Opaque),
        }
        self.frames.push(frame);
        Ok(self.item())
    }

    /// Reads the attributes that begin here, all before any of them is dealt with: what the
    /// last one says can decide about the first.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn attributes(&mut self, outer: Frame) -> Result<Place, Stop> {
        let mut attributes = core::mem::take(&mut self.attributes);
        attributes.clear();
        let mut facts = Facts::new(outer.tag);
        loop {
            let token = self.reader.next()?;
            if token != Token::Key {
                // Where a key is due, nothing else is but the end.
                break;
            }
            let name = Name::new(self.reader.head(), self.reader.inner(self.reader.span()));
            let token = self.reader.next()?;
            let mut span = self.reader.span();
            let mut text = None;
            let mut null = false;
            match token {
                Token::String => text = Some(self.reader.inner(span)),
                Token::Word => null = self.reader.slice(span) == b"null",
                Token::Object | Token::Array => span = self.skip()?,
                _ => {}
            }
            facts.note(name, text, null);
            attributes.push(Attribute { name, token, span });
        }
        let end = self.reader.at();
        let element = Element::new(self.policy, outer.rule, facts);
        for Attribute { name, token, span } in attributes.iter().copied() {
            self.reader.look_at(span);
            let verdict = element.attribute(self.policy, name);
            match token {
                Token::String => self.apply(verdict, Value(self.reader.inner(span))),
                Token::Number => self.number(Place::One(verdict)),
                Token::Object | Token::Array => {
                    self.reader.back(span.start);
                    self.reader.next()?;
                    let object = token == Token::Object;
                    // rrweb writes a changed `style` as an object of properties.
                    if object && verdict == Verdict::Css(Css::Closed) {
                        self.declarations()?;
                    } else {
                        self.open(Place::One(verdict), object)?;
                    }
                    self.reader.forth(end);
                }
                _ => {}
            }
        }
        self.attributes = attributes;
        if let Some(outer) = self.frames.last_mut() {
            outer.inner = element.rule;
            outer.seen |= seen::ELEMENT;
        }
        Ok(self.item())
    }

    /// Reads to the end of the container that was opened last, and answers where it is.
    fn skip(&mut self) -> Result<Span, Malformed> {
        let start = self.reader.at() - 1;
        let depth = self.reader.depth();
        while self.reader.depth() >= depth {
            self.reader.next()?;
        }
        let end = self.reader.at();
        Ok(Span { start, end })
    }

    /// Walks declarations of an element's style by their properties, to their end.
    fn declarations(&mut self) -> Result<(), Stop> {
        let mut place = Place::Opaque;
        loop {
            match self.reader.next()? {
                Token::Key => {
                    let property = self.reader.inner(self.reader.span());
                    let shown = is_text_property(property) || property.contains(&b'\\');
                    place = value_of(self.policy, shown);
                }
                Token::String => self.string(place),
                Token::Number => self.number(place),
                Token::Object => _ = self.open(place, true)?,
                Token::Array => _ = self.open(place, false)?,
                Token::Word => {}
                Token::Close | Token::End => return Ok(()),
            }
        }
    }

    /// Walks a container in which all is alike, to its end.
    fn subtree(&mut self, place: Place) -> Result<Place, Stop> {
        let depth = self.reader.depth();
        let mut here = place;
        // How deep the container is that is masked by its own name, whatever is in it.
        let mut sealed = usize::MAX;
        loop {
            match self.reader.next()? {
                Token::Key if place == Place::Payload && self.reader.depth() < sealed => {
                    here = Place::of_payload(self.policy, self.reader.inner(self.reader.span()));
                    if self.policy.has(Guard::Keys) {
                        self.rewrite(Verdict::Redact);
                    }
                }
                Token::String => self.string(here),
                Token::Number if here.minds_numbers() => self.number(here),
                Token::Object | Token::Array
                    if matches!(here, Place::One(Verdict::Mask | Verdict::Marked)) =>
                {
                    sealed = sealed.min(self.reader.depth());
                }
                Token::Close if self.reader.depth() < depth => return Ok(self.item()),
                Token::Close if self.reader.depth() < sealed => {
                    sealed = usize::MAX;
                    here = place;
                }
                Token::End => return Err(Stop::Malformed),
                _ => {}
            }
        }
    }

    /// What the value of the field is whose key was read.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn field(&mut self) -> Result<Place, Stop> {
        let key = self.reader.inner(self.reader.span());
        let policy = self.policy;
        match self.frames.last_mut() {
            Some(top) => top.field(policy, self.reader.head(), key),
            None => Ok(Place::Opaque),
        }
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn string(&mut self, place: Place) {
        let value = Value(self.reader.inner(self.reader.span()));
        let policy = self.policy;
        let top = self.frames.last_mut();
        let verdict = match place {
            Place::Pass => return,
            Place::Payload => Verdict::Redact,
            Place::One(verdict) => verdict,
            Place::Text => {
                let rule = top.map_or(Rule::LOCKED, |top| top.rule);
                element::text(policy, rule, value)
            }
            Place::TagName => {
                if let Some(top) = top {
                    top.tag = Tag::of(value);
                }
                Verdict::Keep
            }
            Place::CssProperty => {
                if let Some(top) = top
                    && !is_text_property(value.0)
                    && value.is_word()
                {
                    top.seen |= seen::HARMLESS;
                }
                Verdict::Redact
            }
            Place::Property | Place::Word if !value.is_word() => Verdict::Mask,
            Place::Word => Verdict::Keep,
            Place::Property => {
                if let Some(top) = top
                    && (policy.mode == Mode::None || is_harmless(value))
                {
                    top.seen |= seen::HARMLESS;
                }
                Verdict::Keep
            }
            Place::Arguments if top.is_some_and(|top| top.has(seen::HARMLESS)) => Verdict::Keep,
            _ if !policy.has(Guard::Opaque) => Verdict::Redact,
            _ => Verdict::Mask,
        };
        self.apply(verdict, value);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn apply(&mut self, verdict: Verdict, value: Value<'a>) {
        let stays = match verdict {
            Verdict::Keep => return,
            Verdict::Empty => {
                if !value.0.is_empty() {
                    self.replace(b"");
                }
                return;
            }
            Verdict::State => value.is_safe() || value.is_state() || value.is_allowed(),
            Verdict::Marked | Verdict::MarkedTyped => value.is_safe() || value.is_allowed(),
            Verdict::Mask => value.is_safe(),
            _ => true,
        };
        if self.marks.is_some() {
            if !stays && verdict != Verdict::Mask {
                self.mark();
            }
        } else if stays {
            self.rewrite(verdict);
        } else {
            self.mask();
        }
    }

    /// Takes out of the string what `verdict` does not let stay.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn rewrite(&mut self, verdict: Verdict) {
        let redaction = &self.masker.redaction;
        let inner = self.reader.inner(self.reader.span());
        let links = self.policy.has(Guard::Links);
        let (address, by_itself) = match verdict {
            Verdict::LinkUnlessLocal if inner.first() == Some(&b'#') => (None, false),
            Verdict::Link | Verdict::LinkUnlessLocal if links => (Some(Address::Link), true),
            Verdict::Resource => (Some(Address::Resource), true),
            Verdict::Css(_) | Verdict::Typed | Verdict::MarkedTyped | Verdict::Resources => {
                (None, true)
            }
            _ => (None, false),
        };
        if !by_itself && !redaction.suspects(inner) {
            return;
        }
        let text = json::unescape(inner);
        let mut new = core::mem::take(&mut self.new);
        new.clear();
        let changed = match (verdict, address) {
            (_, Some(address)) => redaction.url(&text, address, &mut new),
            (Verdict::Css(css), _) => redaction.css(&text, css, &mut new),
            (Verdict::Resources, _) => redaction.urls(&text, &mut new),
            (Verdict::Typed | Verdict::MarkedTyped, _) => {
                new.extend_from_slice(MASK.as_bytes());
                redaction.suspects_typed(&text)
            }
            _ => redaction.redact(&text, Kinds::ALL, &mut new),
        };
        if changed {
            self.replace(&new);
        }
        self.new = new;
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn number(&mut self, place: Place) {
        let text = self.reader.slice(self.reader.span());
        if place.is_text() && self.marks.is_none() {
            // A text that is written as a number is still a text.
            self.mask();
            return;
        }
        if place == Place::Payload && is_card(text) {
            self.mask();
            return;
        }
        let Some(top) = self.frames.last_mut() else {
            return;
        };
        match place {
            Place::Time => {
                self.time.get_or_insert(is_time(text));
            }
            Place::EventType => {
                top.kind = kind(text);
                self.typed = is_small(text);
            }
            Place::Source | Place::NodeType => top.kind = kind(text),
            Place::ParentId => {
                let known = self.parents.as_ref().and_then(|parents| parents.get(text));
                if let Some(rule) = self.marks.or(known) {
                    top.rule = rule;
                    top.seen |= seen::PARENT_KNOWN;
                }
            }
            Place::NodeId => {
                if let Some(parents) = &mut self.parents {
                    parents.insert(text, top.inside().without(Rule::LIFTED));
                }
            }
            _ => {}
        }
    }

    fn mask(&mut self) {
        self.replace(MASK.as_bytes());
    }

    /// Puts the mark in front of the string.
    fn mark(&mut self) {
        let at = self.reader.span().start + 1;
        let before = self.reader.slice(Span {
            start: self.copied,
            end: at,
        });
        self.out.extend_from_slice(before);
        let mut mark = [0; 4];
        self.out
            .extend_from_slice(UNMASKED.encode_utf8(&mut mark).as_bytes());
        self.copied = at;
    }

    /// Writes `text` in place of the value.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn replace(&mut self, text: &[u8]) {
        let before = self.reader.slice(Span {
            start: self.copied,
            end: self.reader.span().start,
        });
        self.out.extend_from_slice(before);
        json::write_bytes(text, self.out);
        self.copied = self.reader.span().end;
        self.changes.masked += 1;
    }
}

/// A number that names a kind: one or two digits, or it is none of rrweb's.
fn kind(number: &[u8]) -> u8 {
    match number {
        [digit @ b'0'..=b'9'] => digit - b'0',
        [tens @ b'1'..=b'9', ones @ b'0'..=b'9'] => (tens - b'0') * 10 + (ones - b'0'),
        _ => NO_KIND,
    }
}
