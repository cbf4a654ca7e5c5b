//! Which part of the settings the address names: what stands behind `#/settings`.

use sentiero_core::id::SiteKey;
use std::fmt;

/// A screen of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section {
    /// `sites`: all sites.
    Sites,
    /// `sites/{site}`, `sites/{site}/{part}`: one of them.
    Site(SiteKey, Part),
    /// `tokens`: API tokens.
    Tokens,
    /// `audit`, `audit/{site}`: who did what; of the deployment, or with a site.
    Audit(Option<SiteKey>),
}

/// A part of a site's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its name and origins, whether it records, its end.
    General,
    /// The tag for its pages.
    Install,
    /// What is masked and redacted.
    Privacy,
    /// How long and how much is kept and taken.
    Limits,
    /// Who is told of its issues.
    Webhook,
    /// What was taken and refused, and what it costs.
    Usage,
    /// Erasing sessions, and receipts.
    Erasure,
}

impl Part {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 7] = [
        Self::General,
        Self::Install,
        Self::Privacy,
        Self::Limits,
        Self::Webhook,
        Self::Usage,
        Self::Erasure,
    ];

    /// Its word in the address, and its name.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::General => ("general", "General"),
            Self::Install => ("install", "Install"),
            Self::Privacy => ("privacy", "Privacy"),
            Self::Limits => ("limits", "Retention and limits"),
            Self::Webhook => ("webhook", "Webhook"),
            Self::Usage => ("usage", "Usage and health"),
            Self::Erasure => ("erasure", "Erasure"),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|part| part.words().0 == word)
    }
}

impl Section {
    /// Reads the segments behind `settings`.
    pub fn parse(segments: &[&str]) -> Option<Self> {
        let site = |key: &str| SiteKey::parse(key).ok();
        match segments {
            [] | ["sites"] => Some(Self::Sites),
            ["sites", key] => Some(Self::Site(site(key)?, Part::General)),
            ["sites", key, part] => Some(Self::Site(site(key)?, Part::parse(part)?)),
            ["tokens"] => Some(Self::Tokens),
            ["audit"] => Some(Self::Audit(None)),
            ["audit", key] => Some(Self::Audit(Some(site(key)?))),
            _ => None,
        }
    }

    /// The site whose settings are shown.
    pub fn site(&self) -> Option<&SiteKey> {
        match self {
            Self::Site(site, _) => Some(site),
            Self::Sites | Self::Tokens | Self::Audit(_) => None,
        }
    }

    /// The words of the part, as an element's id.
    pub fn part(&self) -> Option<Part> {
        match self {
            Self::Site(_, part) => Some(*part),
            Self::Sites | Self::Tokens | Self::Audit(_) => None,
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("#/settings/")?;
        match self {
            Self::Sites => f.write_str("sites"),
            Self::Site(site, Part::General) => write!(f, "sites/{site}"),
            Self::Site(site, part) => write!(f, "sites/{site}/{}", part.words().0),
            Self::Tokens => f.write_str("tokens"),
            Self::Audit(None) => f.write_str("audit"),
            Self::Audit(Some(site)) => write!(f, "audit/{site}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let shop = SiteKey::parse("shop").unwrap();
        let parts = Part::ALL.map(|part| Section::Site(shop.clone(), part));
        let others = [
            Section::Sites,
            Section::Tokens,
            Section::Audit(None),
            Section::Audit(Some(shop)),
        ];
        for section in parts.into_iter().chain(others) {
            let address = section.to_string();
            let segments: Vec<&str> = address.split('/').skip(2).collect();
            assert_eq!(Section::parse(&segments), Some(section), "{address}");
        }
    }

    #[test]
    fn what_there_is_not_is_nothing() {
        for address in [
            "site",
            "sites/No!",
            "sites/shop/secrets",
            "sites/shop/privacy/more",
            "tokens/x",
            "audit/No!",
            "audit/shop/x",
        ] {
            let segments: Vec<&str> = address.split('/').collect();
            assert_eq!(Section::parse(&segments), None, "{address}");
        }
        assert_eq!(Section::parse(&[]), Some(Section::Sites));
    }
}
