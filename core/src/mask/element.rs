//! What an element is, and what that means for its attributes and its text.
//!
//! Everything is decided from what the event itself shows: the element's name, all of
//! its attributes (in any order: they are looked through before the first is written)
//! and the elements around it. Where two things contradict, the stricter holds.

use super::guard::Guard;
use super::names::{Words, is_structural, one_of};
use super::value::{Lower, Value};
use super::{Mode, Policy};
use crate::json;
use crate::redact::Css;

/// What holds for the inside of an element: a set of the flags below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule(u8);

impl Rule {
    /// The author allowed the subtree to be shown (`data-sentiero-unmask`).
    pub(super) const LIFTED: Self = Self(1);
    /// The author forbade it (`data-rr-mask`, `data-rr-block`): nothing lifts that.
    pub(super) const LOCKED: Self = Self(2);
    /// Form data: a control, or something that is edited like one.
    pub(super) const FORM: Self = Self(4);
    /// A password, a one-time code, a card: masked in every mode, and nothing lifts that.
    pub(super) const SECRET: Self = Self(8);
    /// The text is CSS.
    pub(super) const STYLE: Self = Self(16);
    /// The text is no text: a script, or markup that browsers did not parse.
    pub(super) const RAW: Self = Self(32);

    pub(super) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What of an element's rule holds for the elements inside it.
    pub(super) const fn inherited(self) -> Self {
        self.without(Self::STYLE.and(Self::RAW))
    }

    /// Masked, whatever else may allow it.
    pub(super) const fn is_final(self) -> bool {
        self.has(Self::LOCKED.and(Self::SECRET))
    }
}

/// What kind of element it is, as far as masking cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Known from its id only (mutations).
    Unknown,
    /// Nothing special.
    Plain,
    /// `<input>`: what it is depends on its `type`.
    Input,
    /// Any other form control.
    Control,
    /// Its `value` is the page's, not the visitor's.
    Valued,
    /// It shows what its address names, for example a picture: the whole address matters.
    Resource,
    /// The same, if it is a style sheet or an icon.
    Link,
    Style,
    /// See [`Rule::RAW`].
    Raw,
    Meta,
}

impl Tag {
    /// The kind of the element called `name`.
    pub(super) fn of(name: Value<'_>) -> Self {
        TAGS.find_lower(json::head(name.0), name.0)
            .unwrap_or(Self::Plain)
    }
}

static TAGS: Words<Tag, 32> = Words::new([
    ("li", Tag::Valued),
    ("use", Tag::Resource),
    ("xmp", Tag::Raw),
    ("data", Tag::Valued),
    ("link", Tag::Link),
    ("meta", Tag::Meta),
    ("image", Tag::Resource),
    ("input", Tag::Input),
    ("meter", Tag::Valued),
    ("mpath", Tag::Resource),
    ("param", Tag::Valued),
    ("style", Tag::Style),
    ("button", Tag::Valued),
    ("iframe", Tag::Raw),
    ("object", Tag::Resource),
    ("option", Tag::Control),
    ("output", Tag::Control),
    ("script", Tag::Raw),
    ("select", Tag::Control),
    ("feimage", Tag::Resource),
    ("noembed", Tag::Raw),
    ("pattern", Tag::Resource),
    ("datalist", Tag::Control),
    ("noframes", Tag::Raw),
    ("noscript", Tag::Raw),
    ("optgroup", Tag::Control),
    ("progress", Tag::Valued),
    ("textarea", Tag::Control),
    ("textpath", Tag::Resource),
    ("plaintext", Tag::Raw),
    ("lineargradient", Tag::Resource),
    ("radialgradient", Tag::Resource),
]);

/// An attribute that means something here.
#[derive(Clone, Copy)]
enum Attribute {
    Type,
    Autocomplete,
    WasPassword,
    Lock,
    Unmask,
    Editable,
    Role,
    Rel,
    Name,
    /// A name that a page gives to a thing of its own.
    Id,
    /// It never carries text, and most elements have it.
    Class,
    Style,
    Srcdoc,
    Content,
    Value,
    Href,
    /// An address that is followed: its query and fragment are the visitor's.
    Link,
    /// An address that is shown: it is needed as it is, but for what is denied.
    Source,
    /// Several of these.
    Sources,
    Data,
}

static ATTRIBUTES: Words<Attribute, 38> = Words::new([
    ("id", Attribute::Id),
    ("for", Attribute::Id),
    ("rel", Attribute::Rel),
    ("src", Attribute::Source),
    ("cite", Attribute::Link),
    ("data", Attribute::Data),
    ("form", Attribute::Id),
    ("href", Attribute::Href),
    ("list", Attribute::Id),
    ("name", Attribute::Name),
    ("ping", Attribute::Link),
    ("role", Attribute::Role),
    ("type", Attribute::Type),
    ("class", Attribute::Class),
    ("style", Attribute::Style),
    ("value", Attribute::Value),
    ("action", Attribute::Link),
    ("usemap", Attribute::Id),
    ("poster", Attribute::Source),
    ("rr_src", Attribute::Source),
    ("srcdoc", Attribute::Srcdoc),
    ("srcset", Attribute::Sources),
    ("content", Attribute::Content),
    ("headers", Attribute::Id),
    ("_csstext", Attribute::Style),
    ("longdesc", Attribute::Link),
    ("manifest", Attribute::Link),
    ("background", Attribute::Source),
    ("formaction", Attribute::Link),
    ("rr_dataurl", Attribute::Source),
    ("xlink:href", Attribute::Href),
    ("imagesrcset", Attribute::Sources),
    ("autocomplete", Attribute::Autocomplete),
    ("data-rr-mask", Attribute::Lock),
    ("data-rr-block", Attribute::Lock),
    ("contenteditable", Attribute::Editable),
    ("data-rr-is-password", Attribute::WasPassword),
    ("data-sentiero-unmask", Attribute::Unmask),
]);

/// The name of an attribute, and what it means.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    inner: &'a [u8],
    known: Option<Attribute>,
}

impl<'a> Name<'a> {
    /// Of the key `inner`, between its quotes, which begins with `head`.
    pub(super) fn new(head: u64, inner: &'a [u8]) -> Self {
        let known = ATTRIBUTES.find_lower(head, inner);
        Self { inner, known }
    }
}

/// What the attributes of one element say about it, all of them taken together.
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is noted by itself, and all are looked at together at the end"
)]
pub(super) struct Facts {
    tag: Tag,
    rule: Rule,
    /// A `type` names a button: the value is a label.
    label: bool,
    /// A `name` of a `<meta>` is one that replay needs.
    layout: bool,
    /// It loads a style sheet, or an icon.
    sheet: bool,
    /// A `type`, or a `name`, said something else.
    other_type: bool,
    other_name: bool,
}

impl Facts {
    /// Of an element called `tag`, without any attribute so far.
    pub(super) fn new(tag: Tag) -> Self {
        Self {
            tag,
            rule: Rule::default(),
            label: false,
            layout: false,
            sheet: false,
            other_type: false,
            other_name: false,
        }
    }

    /// Notes an attribute: its value as a text, if it is one, and whether it is `null`.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn note(&mut self, name: Name<'_>, text: Option<&[u8]>, null: bool) {
        let Some(attribute) = name.known else {
            return;
        };
        let value = || Lower::new(text.unwrap_or_default());
        let add = match attribute {
            Attribute::Type => {
                let value = value();
                // To browsers `submit x` is a text field.
                let label = one_of(value.word(), "button submit reset image");
                self.label |= label;
                self.other_type |= !label;
                if value.words().any(|word| word == b"password") {
                    Rule::SECRET
                } else {
                    Rule::default()
                }
            }
            Attribute::Autocomplete if is_secret(&value()) => Rule::SECRET,
            Attribute::WasPassword => Rule::SECRET,
            Attribute::Lock => Rule::LOCKED,
            Attribute::Unmask if text.is_some() => Rule::LIFTED,
            Attribute::Editable if !null && value().word() != b"false" => Rule::FORM,
            Attribute::Role if value().words().any(is_edited) => Rule::FORM,
            Attribute::Rel => {
                self.sheet |= value().words().any(|word| one_of(word, "stylesheet icon"));
                return;
            }
            Attribute::Name if self.tag == Tag::Meta => {
                let layout = one_of(value().word(), "viewport theme-color color-scheme");
                self.layout |= layout;
                self.other_name |= !layout;
                return;
            }
            _ => return,
        };
        self.rule = self.rule.and(add);
    }
}

/// What a node says of itself to those who take it apart ([`crate::split`]).
#[derive(Clone, Copy, Default)]
pub(crate) struct Head {
    /// What holds inside of it.
    pub(crate) rule: Rule,
    /// Its text is none, but CSS or a script: it is read as that only beside it.
    pub(crate) raw: bool,
    /// It was scrolled.
    pub(crate) scrolled: bool,
}

impl Head {
    /// Reads the beginning of a node, up to its children; around it holds `outer`.
    pub(crate) fn of(node: &[u8], outer: Rule) -> Self {
        let mut head = Self {
            rule: outer.inherited(),
            ..Self::default()
        };
        let mut tag = Tag::Unknown;
        for (key, value) in json::fields(node) {
            match key {
                b"type" if value != b"2" => return head,
                b"tagName" => {
                    let name = value.get(1..value.len().saturating_sub(1));
                    tag = Tag::of(Value(name.unwrap_or_default()));
                }
                b"attributes" => {
                    let mut facts = Facts::new(tag);
                    for (name, value) in json::fields(value) {
                        let text = match value {
                            [b'"', text @ .., b'"'] => Some(text),
                            _ => None,
                        };
                        facts.note(Name::new(json::head(name), name), text, value == b"null");
                        head.scrolled |= name.starts_with(b"rr_scroll");
                    }
                    head.rule = Element::new(Policy::default(), outer, facts).rule;
                }
                _ => {}
            }
        }
        head.raw = matches!(tag, Tag::Style | Tag::Raw);
        head
    }

    /// What is inside may be shown, because the author said so.
    pub(crate) fn lifted(self) -> bool {
        self.rule.has(Rule::LIFTED)
    }
}

/// Whether an `autocomplete` asks for what is masked in every mode.
fn is_secret(autocomplete: &Lower<'_>) -> bool {
    autocomplete.is_cut()
        || autocomplete.words().any(|word| {
            word.starts_with(b"cc-") || one_of(word, "current-password new-password one-time-code")
        })
}

/// Whether a `role` makes an element one that is typed into, or shows what was chosen.
fn is_edited(role: &[u8]) -> bool {
    one_of(
        role,
        "textbox searchbox combobox spinbutton slider listbox option",
    )
}

/// What may be done with an attribute, or with any other single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays.
    Keep,
    /// It stays but for what is found in it.
    Redact,
    /// It stays if nothing can be found in it, even if it is only a beginning.
    Typed,
    /// A style sheet, a declaration or a value.
    Css(Css),
    /// It stays, redacted, if it is a state, or allowed by the recorder.
    State,
    /// It stays, redacted, if the recorder allowed it.
    Marked,
    /// As `Typed`, if the recorder allowed it.
    MarkedTyped,
    /// It is masked.
    Mask,
    /// An address that is followed.
    Link,
    /// The same, of an unknown element: an address in the same document stays,
    /// as rrweb writes other elements' addresses in full.
    LinkUnlessLocal,
    /// An address that is loaded.
    Resource,
    /// A list of these.
    Resources,
    /// It goes altogether.
    Empty,
}

/// How the attributes of one element are treated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    /// What holds inside the element.
    pub(super) rule: Rule,
    tag: Tag,
    /// Only attributes known to carry no text pass.
    strict: bool,
    /// `value` passes where the element is not strict.
    valued: bool,
    /// `content` of a `<meta>` that replay needs, `href` of a style sheet: it passes whole.
    whole: bool,
}

impl Element {
    /// An element with these attributes inside of `outer`.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn new(policy: Policy, outer: Rule, facts: Facts) -> Self {
        let tag = facts.tag;
        let label = facts.label && !facts.other_type;
        let of_tag = match tag {
            Tag::Input if !label => Rule::FORM,
            Tag::Control => Rule::FORM,
            Tag::Style => Rule::STYLE,
            Tag::Raw => Rule::RAW,
            _ => Rule::default(),
        };
        let mut rule = outer.inherited().and(facts.rule).and(of_tag);
        for (guard, off) in [
            (Guard::Secret, Rule::SECRET),
            (Guard::Locked, Rule::LOCKED),
            (Guard::Form, Rule::FORM),
        ] {
            if !policy.has(guard) {
                rule = rule.without(off);
            }
        }
        let unknown = tag == Tag::Unknown && policy.has(Guard::Unknown);
        if unknown {
            // Only a marker on the value itself can tell that its element may be shown.
            rule = rule.without(Rule::LIFTED);
        }
        let lifted = rule.has(Rule::LIFTED);
        let strict = rule.is_final()
            || match policy.mode {
                Mode::None => false,
                Mode::Inputs => !lifted && (unknown || rule.has(Rule::FORM)),
                Mode::Text => !lifted && policy.has(Guard::Text),
            };
        let valued = policy.mode == Mode::None
            || lifted
            || tag == Tag::Valued
            || (tag == Tag::Input && label)
            || !policy.has(Guard::Form);
        let whole = match tag {
            Tag::Meta => facts.layout && !facts.other_name,
            Tag::Resource => true,
            Tag::Link | Tag::Unknown => facts.sheet,
            _ => false,
        };
        Self {
            rule,
            tag,
            strict,
            valued,
            whole,
        }
    }

    /// What happens to the attribute called `name`.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn attribute(self, policy: Policy, name: Name<'_>) -> Verdict {
        let Name { inner, known } = name;
        // What is typed, pasted or chosen may be an address or a picture too.
        let typed = self.strict && self.rule.has(Rule::FORM.and(Rule::SECRET));
        match known {
            Some(Attribute::Srcdoc) if policy.has(Guard::Srcdoc) => Verdict::Empty,
            Some(Attribute::Content) if self.tag == Tag::Meta && self.whole => Verdict::Keep,
            Some(Attribute::Content) if self.tag == Tag::Meta && policy.has(Guard::Meta) => {
                self.masked()
            }
            Some(Attribute::Value) if !self.strict && !self.valued => self.masked(),
            Some(Attribute::Value) if !self.strict => self.value(policy),
            Some(Attribute::Value) if self.tag != Tag::Valued && !self.rule.is_final() => {
                marked_value(policy)
            }
            Some(Attribute::Href | Attribute::Link | Attribute::Source | Attribute::Sources)
                if typed =>
            {
                self.masked()
            }
            Some(Attribute::Href) if self.whole => Verdict::Resource,
            Some(Attribute::Href) if self.tag == Tag::Unknown => Verdict::LinkUnlessLocal,
            Some(Attribute::Href | Attribute::Link) => Verdict::Link,
            // A frame, a script: not loaded in a replay.
            Some(Attribute::Source) if self.tag == Tag::Raw => Verdict::Link,
            Some(Attribute::Source) => Verdict::Resource,
            Some(Attribute::Sources) => Verdict::Resources,
            Some(Attribute::Data) if self.tag == Tag::Resource && !typed => Verdict::Resource,
            Some(Attribute::Class) => Verdict::Keep,
            Some(Attribute::Style) => Verdict::Css(self.css(policy)),
            Some(Attribute::Id | Attribute::Name) => Verdict::Redact,
            _ => self.other(policy, &Lower::new(inner)),
        }
    }

    /// The same, of one that is not known to be anything but what its name says.
    fn other(self, policy: Policy, name: &Lower<'_>) -> Verdict {
        let is_data = name.start().starts_with(b"data-");
        if name.start().starts_with(b"on") && policy.has(Guard::Handlers) {
            Verdict::Empty
        } else if is_structural(name.word()) {
            Verdict::Keep
        } else if !self.strict || !policy.has(Guard::Attributes) {
            Verdict::Redact
        } else if is_data && !self.rule.is_final() {
            Verdict::State
        } else {
            self.masked()
        }
    }

    /// A `value` that may be seen.
    fn value(self, policy: Policy) -> Verdict {
        if self.tag != Tag::Valued && policy.has(Guard::Typed) {
            Verdict::Typed
        } else {
            Verdict::Redact
        }
    }

    /// How the element's declarations are treated.
    pub(super) fn css(self, policy: Policy) -> Css {
        if self.strict && policy.has(Guard::Css) {
            Css::Closed
        } else {
            Css::Open
        }
    }

    fn masked(self) -> Verdict {
        if self.rule.is_final() {
            Verdict::Mask
        } else {
            Verdict::Marked
        }
    }
}

/// A `value` that may be seen if the recorder allowed it.
fn marked_value(policy: Policy) -> Verdict {
    if policy.has(Guard::Typed) {
        Verdict::MarkedTyped
    } else {
        Verdict::Marked
    }
}

/// What happens to a text inside an element with `rule`.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(super) fn text(policy: Policy, rule: Rule, text: Value<'_>) -> Verdict {
    if rule.has(Rule::RAW) && policy.has(Guard::Raw) {
        let known = text.0 == b"SCRIPT_PLACEHOLDER" || text.is_blank();
        return if known { Verdict::Keep } else { Verdict::Mask };
    }
    let closed = policy.mode == Mode::Text && !rule.has(Rule::LIFTED) && policy.has(Guard::Text);
    if rule.has(Rule::STYLE) {
        let closed = (closed || rule.is_final()) && policy.has(Guard::Css);
        return Verdict::Css(if closed { Css::Closed } else { Css::Open });
    }
    let lifted = policy.mode == Mode::None || rule.has(Rule::LIFTED);
    let typed = rule.has(Rule::FORM) && policy.has(Guard::Typed);
    let verdict = match (lifted, typed) {
        _ if rule.is_final() => Verdict::Mask,
        (true, true) => Verdict::Typed,
        (false, true) => Verdict::MarkedTyped,
        (false, false) if closed || rule.has(Rule::FORM) => Verdict::Marked,
        _ => Verdict::Redact,
    };
    if verdict != Verdict::Redact && text.is_blank() {
        Verdict::Keep
    } else {
        verdict
    }
}
