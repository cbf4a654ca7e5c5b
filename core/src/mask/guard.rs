//! The rules by name, so that a test can turn off one and show that another test sees it.
//!
//! In a product there is nothing to turn off: [`Guards`] is empty and every question
//! about it is answered when it is compiled.

/// What keeps a value from being seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Passwords, one-time codes, cards: by type and `autocomplete`.
    Secret,
    /// `data-rr-mask`, `data-rr-block`.
    Locked,
    /// Form controls and editable elements.
    Form,
    /// Input events.
    Input,
    /// Text of a page, in mode `text`.
    Text,
    /// Attributes with text, where text is masked.
    Attributes,
    /// What belongs to an element that the event does not show.
    Unknown,
    Comments,
    Srcdoc,
    Handlers,
    /// Text of scripts and markup that is not parsed.
    Raw,
    /// `<meta content>`.
    Meta,
    /// Unknown events, fields and shapes; plugins.
    Opaque,
    /// What style sheets say.
    Css,
    /// Keys of custom events' payloads.
    Keys,
    /// Fields of payloads that are secrets by their names.
    Names,
    /// Values that may be typed only in part, in mode `none`.
    Typed,
    /// Addresses.
    Links,
}

/// A set of rules that are off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Guards {
    #[cfg(any(test, feature = "mutants"))]
    off: u32,
}

impl Guards {
    #[cfg(not(any(test, feature = "mutants")))]
    #[expect(
        clippy::unused_self,
        reason = "there is something to ask in tests only"
    )]
    pub(super) const fn has(self, _: Guard) -> bool {
        false
    }

    #[cfg(any(test, feature = "mutants"))]
    pub(super) const fn has(self, guard: Guard) -> bool {
        self.off & 1 << guard as u32 != 0
    }

    #[cfg(any(test, feature = "mutants"))]
    pub(super) const fn and(self, guard: Guard) -> Self {
        Self {
            off: self.off | 1 << guard as u32,
        }
    }
}

/// What a name names.
#[cfg(any(test, feature = "mutants"))]
pub(super) enum Found {
    Guard(Guard),
    Kind(crate::redact::Kinds),
    Nothing,
}

/// What every rule is called.
#[cfg(test)]
pub(super) const NAMES: &str = "secret locked form input text attributes unknown comments \
srcdoc handlers raw meta opaque css keys names typed links email jwt token card iban phone \
pattern url";

/// The rule called `name`.
#[cfg(any(test, feature = "mutants"))]
pub(super) fn find(name: &str) -> Found {
    use crate::redact::Kinds;
    Found::Guard(match name {
        "secret" => Guard::Secret,
        "locked" => Guard::Locked,
        "form" => Guard::Form,
        "input" => Guard::Input,
        "text" => Guard::Text,
        "attributes" => Guard::Attributes,
        "unknown" => Guard::Unknown,
        "comments" => Guard::Comments,
        "srcdoc" => Guard::Srcdoc,
        "handlers" => Guard::Handlers,
        "raw" => Guard::Raw,
        "meta" => Guard::Meta,
        "opaque" => Guard::Opaque,
        "css" => Guard::Css,
        "keys" => Guard::Keys,
        "names" => Guard::Names,
        "typed" => Guard::Typed,
        "links" => Guard::Links,
        kind => {
            return match kind {
                "email" => Found::Kind(Kinds::EMAIL),
                "jwt" => Found::Kind(Kinds::JWT),
                "token" => Found::Kind(Kinds::TOKEN),
                "card" => Found::Kind(Kinds::CARD),
                "iban" => Found::Kind(Kinds::IBAN),
                "phone" => Found::Kind(Kinds::PHONE),
                "pattern" => Found::Kind(Kinds::PATTERN),
                "url" => Found::Kind(Kinds::URL),
                _ => Found::Nothing,
            };
        }
    })
}
