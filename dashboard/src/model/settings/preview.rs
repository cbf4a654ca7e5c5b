//! What a policy would store of a sample page: masked by the engine that the page and the
//! edge run, not by an imitation of it.
//!
//! The sample is one full snapshot, as rrweb takes it: that is masked, and each value read
//! back from what came out.

use crate::model::reading;
use sentiero_core::json::write_string;
use sentiero_core::mask::{MASK, Masker, UNMASKED};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A piece of the sample page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// The address of the page.
    Address,
    /// A text.
    Text,
    /// A text inside of `data-rr-mask`.
    Hidden,
    /// A field.
    Name,
    /// A field that its author allowed to be shown.
    Allowed,
    /// A field for an e-mail address.
    Email,
    /// A field for a password.
    Password,
    /// A field of several lines.
    Note,
    /// The address of a link.
    Link,
}

impl Piece {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Address,
        Self::Text,
        Self::Link,
        Self::Hidden,
        Self::Name,
        Self::Email,
        Self::Password,
        Self::Note,
        Self::Allowed,
    ];

    /// What it is called, and how it is marked up.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Address => ("Address of the page", ""),
            Self::Text => ("Text", "<p>"),
            Self::Link => ("Link", "<a href>"),
            Self::Hidden => ("Text that its author hides", "<p data-rr-mask>"),
            Self::Name => ("Field", "<input>"),
            Self::Email => ("E-mail", "<input type=email>"),
            Self::Password => ("Password", "<input type=password>"),
            Self::Note => ("Remark", "<textarea>"),
            Self::Allowed => (
                "Field that its author shows",
                "<input data-sentiero-unmask>",
            ),
        }
    }

    /// What is in it at first.
    pub fn sample(self) -> &'static str {
        match self {
            Self::Address => {
                "https://shop.example/orders/4711?page=2&utm_source=mail&email=mia%40mail.example"
            }
            Self::Text => {
                "Thank you, Mia Larsen. Order ORD-204711 goes to mia@mail.example, paid with 4111 1111 1111 1111. Questions: +49 30 901820"
            }
            Self::Link => "https://shop.example/invoice?id=7&token=s3cr3t",
            Self::Hidden => "Balance: 1,204.50 EUR",
            Self::Name => "Mia Larsen",
            Self::Email => "mia@mail.example",
            Self::Password => "correct horse",
            Self::Note => "Please ring at Larsen, second floor",
            Self::Allowed => "tents for two",
        }
    }
}

/// What is on the page.
pub type Sample = BTreeMap<Piece, String>;

/// The sample to begin with.
pub fn sample() -> Sample {
    let all = Piece::ALL.into_iter();
    all.map(|piece| (piece, piece.sample().to_owned()))
        .collect()
}

/// What becomes of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is stored as it is.
    Stored,
    /// Parts of it are not.
    Redacted,
    /// Nothing of it is.
    Masked,
}

impl Fate {
    /// What is said of it.
    pub fn says(self) -> &'static str {
        match self {
            Self::Stored => "Stored",
            Self::Redacted => "Partly",
            Self::Masked => "Masked",
        }
    }
}

/// A piece as it would be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub piece: Piece,
    /// What would be stored of it.
    pub stored: String,
    /// In a word.
    pub fate: Fate,
}

/// What `masker` would store of `sample`. Of what the engine refuses, and of what it does not
/// give back, nothing is.
pub fn stored(masker: &Masker, sample: &Sample) -> Vec<Shown> {
    let mut out = Vec::new();
    let of_page = match masker.mask_event(event(sample).as_bytes(), &mut out) {
        Ok(_) => reading::read::<Event>(&out).unwrap_or_default(),
        Err(_) => Event::default(),
    };
    let shown = |piece: Piece| {
        let given = sample.get(&piece).map_or("", String::as_str);
        let stored = match piece {
            Piece::Address => masker.page_url(given),
            _ => of_page.data.node.find(piece),
        };
        Shown {
            piece,
            fate: fate(given, &stored),
            stored,
        }
    };
    Piece::ALL.into_iter().map(shown).collect()
}

fn fate(given: &str, stored: &str) -> Fate {
    if given == stored {
        Fate::Stored
    } else if stored.is_empty() || stored == MASK {
        Fate::Masked
    } else {
        Fate::Redacted
    }
}

/// A full snapshot of the sample page.
fn event(sample: &Sample) -> String {
    let nodes: Vec<String> = Piece::ALL
        .into_iter()
        .filter(|piece| *piece != Piece::Address)
        .map(|piece| node(piece, sample.get(&piece).map_or("", String::as_str)))
        .collect();
    let nodes = nodes.join(",");
    format!(
        r#"{{"type":2,"data":{{"node":{{"type":0,"childNodes":[{{"type":2,"tagName":"html","attributes":{{}},"childNodes":[{{"type":2,"tagName":"body","attributes":{{}},"childNodes":[{nodes}],"id":3}}],"id":2}}],"id":1}},"initialOffset":{{"left":0,"top":0}}}},"timestamp":1}}"#
    )
}

/// The ids of a piece's element and of the text in it.
fn ids(piece: Piece) -> (u64, u64) {
    let at = Piece::ALL.iter().position(|other| *other == piece);
    let at = u64::try_from(at.unwrap_or_default()).unwrap_or_default();
    (10 + 2 * at, 11 + 2 * at)
}

fn node(piece: Piece, text: &str) -> String {
    let (id, inner) = ids(piece);
    let said = match piece {
        // So the recorder says that an author allows it.
        Piece::Allowed => quoted(&format!("{UNMASKED}{text}")),
        _ => quoted(text),
    };
    let element = |tag: &str, attributes: &str, children: &str| {
        format!(
            r#"{{"type":2,"tagName":"{tag}","attributes":{{{attributes}}},"childNodes":[{children}],"id":{id}}}"#
        )
    };
    let words = format!(r#"{{"type":3,"textContent":{said},"id":{inner}}}"#);
    let field = |kind: &str| element("input", &format!(r#""type":"{kind}","value":{said}"#), "");
    match piece {
        Piece::Address | Piece::Text => element("p", "", &words),
        Piece::Hidden => element("p", r#""data-rr-mask":"""#, &words),
        Piece::Link => element("a", &format!(r#""href":{said}"#), ""),
        Piece::Name | Piece::Allowed => field("text"),
        Piece::Email => field("email"),
        Piece::Password => field("password"),
        Piece::Note => element("textarea", &format!(r#""value":{said}"#), ""),
    }
}

fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    write_string(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[derive(Default, Deserialize)]
struct Event {
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    node: Node,
}

/// What is read of an element or a text.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Node {
    id: u64,
    text_content: String,
    attributes: BTreeMap<String, String>,
    child_nodes: Vec<Node>,
}

impl Node {
    /// What is left of a piece.
    fn find(&self, piece: Piece) -> String {
        let (id, inner) = ids(piece);
        let found = match piece {
            Piece::Address | Piece::Text | Piece::Hidden => {
                self.with_id(inner).map(|node| node.text_content.as_str())
            }
            Piece::Link => self.attribute(id, "href"),
            _ => self.attribute(id, "value"),
        };
        found
            .unwrap_or_default()
            .trim_start_matches(UNMASKED)
            .to_owned()
    }

    fn attribute(&self, id: u64, name: &str) -> Option<&str> {
        let node = self.with_id(id)?;
        node.attributes.get(name).map(String::as_str)
    }

    fn with_id(&self, id: u64) -> Option<&Self> {
        if self.id == id {
            return Some(self);
        }
        self.child_nodes.iter().find_map(|node| node.with_id(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sentiero_core::site::SiteConfig;

    fn masker(more: &str) -> Masker {
        let text = format!(r#"{{"name":"x","origins":[]{more}}}"#);
        SiteConfig::parse(&text).unwrap().masker()
    }

    fn of(more: &str, piece: Piece) -> Shown {
        let all = stored(&masker(more), &sample());
        all.into_iter().find(|shown| shown.piece == piece).unwrap()
    }

    #[test]
    fn each_mode_stores_what_it_says() {
        use Fate::{Masked, Redacted, Stored};
        for (piece, fates) in [
            (Piece::Text, [Redacted, Redacted, Masked]),
            (Piece::Hidden, [Masked, Masked, Masked]),
            (Piece::Name, [Stored, Masked, Masked]),
            (Piece::Email, [Masked, Masked, Masked]),
            (Piece::Password, [Masked, Masked, Masked]),
            (Piece::Note, [Stored, Masked, Masked]),
            (Piece::Allowed, [Stored, Stored, Stored]),
            (Piece::Link, [Redacted, Redacted, Redacted]),
            (Piece::Address, [Redacted, Redacted, Redacted]),
        ] {
            for (mode, fate) in ["none", "inputs", "text"].into_iter().zip(fates) {
                let shown = of(&format!(r#","mask":"{mode}""#), piece);
                assert_eq!(shown.fate, fate, "{mode}: {shown:?}");
            }
        }
    }

    #[test]
    fn rules_of_redaction_are_seen() {
        let text = |more: &str| of(more, Piece::Text).stored;
        let plain = text("");
        assert!(
            plain.contains("Mia Larsen") && plain.contains("ORD-204711"),
            "{plain}"
        );
        assert!(
            !plain.contains("mia@") && !plain.contains("4111"),
            "{plain}"
        );
        assert!(plain.contains("901820"), "{plain}");
        assert!(!text(r#","redact":{"phones":true}"#).contains("901820"));
        assert!(!text(r#","redact":{"patterns":["ORD-\\d{6}"]}"#).contains("204711"));
        let address = |more: &str| of(more, Piece::Address).stored;
        assert_eq!(address(""), "https://shop.example/orders/4711");
        assert_eq!(
            address(r#","redact":{"urls":"filter","allow":["page"]}"#),
            "https://shop.example/orders/4711?page=2"
        );
        let kept = address(r#","redact":{"urls":"keep","deny":["utm_source"]}"#);
        assert!(
            kept.contains("page=2") && !kept.contains("mail.example"),
            "{kept}"
        );
    }

    proptest! {
        /// Whatever is typed into the sample is masked as it would be in a page.
        #[test]
        fn any_text_is_answered(text in "\\PC{0,60}") {
            let sample: Sample = Piece::ALL.into_iter().map(|piece| (piece, text.clone())).collect();
            let all = stored(&masker(r#","mask":"text""#), &sample);
            prop_assert_eq!(all.len(), Piece::ALL.len());
            for shown in all {
                let open = matches!(shown.piece, Piece::Allowed | Piece::Link | Piece::Address);
                prop_assert!(open || shown.stored == MASK || text.trim().is_empty(), "{:?}", shown);
            }
        }
    }
}
