//! What an element is, and what that means for its attributes and its text.
//!
//! Everything is decided from what the event itself shows: the element's name, all of
//! its attributes (in any order: they are looked through before the first is written)
//! and the elements around it. Where two things contradict, the stricter holds.

use super::Mode;
use super::names::{Words, is_structural, one_of};
use super::value::{Lower, Value};
use crate::json;

/// What holds for the inside of an element: a set of the flags below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rule(u8);

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
    /// It shows what its address names, for example a style sheet: the whole address matters.
    Resource,
    Style,
    /// See [`Rule::RAW`].
    Raw,
    Meta,
}

impl Tag {
    /// The kind of the element called `name`.
    pub(super) fn of(name: Value<'_>) -> Self {
        TAGS.find(Lower::new(name.0).word()).unwrap_or(Self::Plain)
    }
}

const TAGS: Words<Tag> = Words::new(&[
    ("li", Tag::Valued),
    ("use", Tag::Resource),
    ("xmp", Tag::Raw),
    ("data", Tag::Valued),
    ("link", Tag::Resource),
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
    /// It never carries text, and most elements have it.
    Common,
    Srcdoc,
    Content,
    Value,
    Href,
    /// An address that is followed: its query and fragment are the visitor's.
    Link,
    /// An address that is shown: it is needed whole.
    Source,
    Data,
}

const ATTRIBUTES: Words<Attribute> = Words::new(&[
    ("id", Attribute::Common),
    ("rel", Attribute::Rel),
    ("src", Attribute::Source),
    ("cite", Attribute::Link),
    ("data", Attribute::Data),
    ("href", Attribute::Href),
    ("name", Attribute::Name),
    ("ping", Attribute::Link),
    ("role", Attribute::Role),
    ("type", Attribute::Type),
    ("class", Attribute::Common),
    ("style", Attribute::Common),
    ("value", Attribute::Value),
    ("action", Attribute::Link),
    ("poster", Attribute::Source),
    ("rr_src", Attribute::Source),
    ("srcdoc", Attribute::Srcdoc),
    ("srcset", Attribute::Source),
    ("content", Attribute::Content),
    ("longdesc", Attribute::Link),
    ("manifest", Attribute::Link),
    ("background", Attribute::Source),
    ("formaction", Attribute::Link),
    ("rr_dataurl", Attribute::Source),
    ("xlink:href", Attribute::Source),
    ("imagesrcset", Attribute::Source),
    ("autocomplete", Attribute::Autocomplete),
    ("data-rr-mask", Attribute::Lock),
    ("data-rr-block", Attribute::Lock),
    ("contenteditable", Attribute::Editable),
    ("data-rr-is-password", Attribute::WasPassword),
    ("data-sentiero-unmask", Attribute::Unmask),
]);

/// What the attributes of one element say about it, all of them taken together.
struct Facts {
    rule: Rule,
    /// Each `type` names a button: the value is a label.
    label: bool,
    /// Each `name` of a `<meta>` is one that replay needs.
    layout: bool,
    /// It loads a style sheet.
    sheet: bool,
}

impl Facts {
    /// Reads the attributes of the object that `attributes` begins with.
    fn read(tag: Tag, attributes: &[u8]) -> Self {
        let mut facts = Self {
            rule: Rule::default(),
            label: false,
            layout: false,
            sheet: false,
        };
        let (mut other_type, mut other_name) = (false, false);
        for (name, raw) in json::fields(attributes) {
            let name = Lower::new(name);
            let text = match raw {
                [b'"', text @ .., b'"'] => Some(text),
                _ => None,
            };
            let value = || Lower::new(text.unwrap_or_default());
            let Some(attribute) = ATTRIBUTES.find(name.word()) else {
                continue;
            };
            let add = match attribute {
                Attribute::Type => {
                    let value = value();
                    // To browsers `submit x` is a text field.
                    let label = one_of(value.word(), "button submit reset image");
                    facts.label |= label;
                    other_type |= !label;
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
                Attribute::Editable if raw != b"null" && value().word() != b"false" => Rule::FORM,
                Attribute::Role if value().words().any(is_edited) => Rule::FORM,
                Attribute::Rel => {
                    facts.sheet |= value().words().any(|word| word == b"stylesheet");
                    continue;
                }
                Attribute::Name if tag == Tag::Meta => {
                    let layout = one_of(value().word(), "viewport theme-color color-scheme");
                    facts.layout |= layout;
                    other_name |= !layout;
                    continue;
                }
                _ => continue,
            };
            facts.rule = facts.rule.and(add);
        }
        facts.label &= !other_type;
        facts.layout &= !other_name;
        facts
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
    one_of(role, "textbox searchbox combobox spinbutton slider")
}

/// What may be done with an attribute, or with any other single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays.
    Keep,
    /// It stays if it is a state, or allowed by the recorder.
    State,
    /// It stays if the recorder allowed it.
    Marked,
    /// It is masked.
    Mask,
    /// An address: query and fragment go.
    Cut,
    /// The same, of an unknown element: an address in the same document stays,
    /// as rrweb writes other elements' addresses in full.
    CutUnlessLocal,
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
    /// An element called `tag` inside of `outer`; its attributes are the object that
    /// `attributes` begins with.
    pub(super) fn new(mode: Mode, outer: Rule, tag: Tag, attributes: &[u8]) -> Self {
        let facts = Facts::read(tag, attributes);
        let of_tag = match tag {
            Tag::Input if !facts.label => Rule::FORM,
            Tag::Control => Rule::FORM,
            Tag::Style => Rule::STYLE,
            Tag::Raw => Rule::RAW,
            _ => Rule::default(),
        };
        let mut rule = outer.inherited().and(facts.rule).and(of_tag);
        if tag == Tag::Unknown {
            // Only a marker on the value itself can tell that its element may be shown.
            rule = rule.without(Rule::LIFTED);
        }
        let lifted = rule.has(Rule::LIFTED);
        let strict = rule.is_final()
            || match mode {
                Mode::None => false,
                Mode::Inputs => !lifted && (tag == Tag::Unknown || rule.has(Rule::FORM)),
                Mode::Text => !lifted,
            };
        let valued = mode == Mode::None
            || lifted
            || tag == Tag::Valued
            || (tag == Tag::Input && facts.label);
        let whole = match tag {
            Tag::Meta => facts.layout,
            Tag::Resource => true,
            _ => facts.sheet && tag == Tag::Unknown,
        };
        Self {
            rule,
            tag,
            strict,
            valued,
            whole,
        }
    }

    /// What happens to the attribute called `name` (between its quotes).
    pub(super) fn attribute(self, name: &[u8]) -> Verdict {
        let name = Lower::new(name);
        let known = ATTRIBUTES.find(name.word());
        // What is typed, pasted or chosen may be an address or a picture too.
        let typed = self.strict && self.rule.has(Rule::FORM.and(Rule::SECRET));
        match known {
            Some(Attribute::Srcdoc) => Verdict::Empty,
            Some(Attribute::Content) if self.tag == Tag::Meta && self.whole => Verdict::Keep,
            Some(Attribute::Content) if self.tag == Tag::Meta => self.masked(),
            Some(Attribute::Value) if !self.strict && !self.valued => self.masked(),
            Some(Attribute::Href | Attribute::Link | Attribute::Source) if typed => self.masked(),
            Some(Attribute::Href) if self.whole => Verdict::Keep,
            Some(Attribute::Href) if self.tag == Tag::Unknown => Verdict::CutUnlessLocal,
            Some(Attribute::Href | Attribute::Link) => Verdict::Cut,
            Some(Attribute::Common | Attribute::Source) => Verdict::Keep,
            Some(Attribute::Data) if self.tag == Tag::Resource && !typed => Verdict::Keep,
            _ if name.start().starts_with(b"on") => Verdict::Empty,
            _ if !self.strict || is_structural(name.word()) => Verdict::Keep,
            _ if name.start().starts_with(b"data-") && !self.rule.is_final() => Verdict::State,
            _ => self.masked(),
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

/// What happens to a text inside an element with `rule`.
pub(super) fn text(mode: Mode, rule: Rule, text: Value<'_>) -> Verdict {
    if rule.has(Rule::RAW) {
        let known = text.0 == b"SCRIPT_PLACEHOLDER" || text.is_blank();
        return if known { Verdict::Keep } else { Verdict::Mask };
    }
    if rule.has(Rule::STYLE) {
        return Verdict::Keep;
    }
    let verdict = if rule.is_final() {
        Verdict::Mask
    } else if mode == Mode::None || rule.has(Rule::LIFTED) {
        Verdict::Keep
    } else if mode == Mode::Text || rule.has(Rule::FORM) {
        Verdict::Marked
    } else {
        Verdict::Keep
    };
    if verdict != Verdict::Keep && text.is_blank() {
        Verdict::Keep
    } else {
        verdict
    }
}
