//! The keys of a site's tag: what can be done with one, and what that means.

use sentiero_core::registry::TagKey;

/// What is done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// What comes by it is stored again.
    Enable,
    /// What comes by it is stored no more.
    Disable,
    /// It is forgotten.
    Remove,
}

/// What can be done with `key`: one that is disabled can be forgotten, the site's id never.
pub fn can(key: &TagKey) -> &'static [Deed] {
    match (key.enabled, key.made) {
        (true, _) => &[Deed::Disable],
        (false, 0) => &[Deed::Enable],
        (false, _) => &[Deed::Enable, Deed::Remove],
    }
}

/// The class of a key's badge, and the word in it.
pub fn state(key: &TagKey) -> (&'static str, &'static str) {
    if key.enabled {
        ("good", "Enabled")
    } else {
        ("warn", "Disabled")
    }
}

impl Deed {
    /// The word on its button.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Remove => "Remove",
        }
    }

    /// Its name in tests.
    pub fn testid(self) -> &'static str {
        match self {
            Self::Enable => "enable-key",
            Self::Disable => "disable-key",
            Self::Remove => "remove-key",
        }
    }

    /// What is said once it is done.
    pub fn done(self) -> &'static str {
        match self {
            Self::Enable => "enabled",
            Self::Disable => "disabled",
            Self::Remove => "removed",
        }
    }

    /// What it means, where that is asked about first.
    pub fn asks(self) -> Option<&'static str> {
        match self {
            Self::Enable => None,
            Self::Disable => Some(
                "Pages whose tag has this key record nothing within seconds, until it is enabled again. What comes by it is counted, under “Usage and health”.",
            ),
            Self::Remove => Some(
                "Pages whose tag still has this key get an error, and nothing is counted of them.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::id::SiteKey;

    #[test]
    fn what_can_be_done_with_a_key() {
        for (enabled, made, deeds, word) in [
            (true, 0, &[Deed::Disable][..], "Enabled"),
            (true, 7, &[Deed::Disable], "Enabled"),
            (false, 0, &[Deed::Enable], "Disabled"),
            (false, 7, &[Deed::Enable, Deed::Remove], "Disabled"),
        ] {
            let key = SiteKey::parse("shop").unwrap();
            let key = TagKey { key, enabled, made };
            assert_eq!(can(&key), deeds);
            assert_eq!(state(&key).1, word);
        }
        assert_eq!(Deed::Enable.asks(), None, "nobody loses by it");
        assert!(Deed::Disable.asks().is_some() && Deed::Remove.asks().is_some());
    }
}
