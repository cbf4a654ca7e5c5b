//! Which screen the address names: the part after `#`, so that any static host
//! serves every screen from one file.
//!
//! Text from the address bar is parsed once, here; past it only checked ids
//! exist, and what does not parse is [`Route::Unknown`], never a guess.

use core::fmt;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};

/// A screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#/`: the first site's sessions.
    Home,
    /// `#/s/{site}`: the sessions of a site.
    Sessions(SiteKey),
    /// `#/s/{site}/{sid}?tab=…&t=…`: one session.
    Replay(Place),
    /// `#/file`: a recording that was exported, from a file.
    File,
    /// Anything else.
    Unknown,
}

/// A place in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The site.
    pub site: SiteKey,
    /// The session.
    pub sid: SessionId,
    /// The page load; none: the one with most events.
    pub tab: Option<TabId>,
    /// From the first event of that page load, ms.
    pub at: Option<Millis>,
}

impl Route {
    /// Reads `location.hash`, with or without its `#`.
    pub fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let parsed = match (
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        ) {
            (None, ..) => Some(Self::Home),
            (Some("file"), None, ..) => Some(Self::File),
            (Some("s"), Some(site), None, None) => SiteKey::parse(site).ok().map(Self::Sessions),
            (Some("s"), Some(site), Some(sid), None) => {
                Place::parse(site, sid, query).map(Self::Replay)
            }
            _ => None,
        };
        parsed.unwrap_or(Self::Unknown)
    }

    /// The site that the screen is about.
    pub fn site(&self) -> Option<&SiteKey> {
        match self {
            Self::Sessions(site) => Some(site),
            Self::Replay(place) => Some(&place.site),
            Self::Home | Self::File | Self::Unknown => None,
        }
    }
}

impl Place {
    fn parse(site: &str, sid: &str, query: &str) -> Option<Self> {
        let value = |key: &str| {
            query
                .split('&')
                .find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == key))
                .map(|(_, value)| value)
        };
        Some(Self {
            site: SiteKey::parse(site).ok()?,
            sid: SessionId::parse(sid).ok()?,
            tab: value("tab").and_then(|tab| TabId::parse(tab).ok()),
            at: value("t").and_then(|at| at.parse().ok()),
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home | Self::Unknown => f.write_str("#/"),
            Self::File => f.write_str("#/file"),
            Self::Sessions(site) => write!(f, "#/s/{site}"),
            Self::Replay(Place { site, sid, tab, at }) => {
                write!(f, "#/s/{site}/{sid}")?;
                let mut separator = '?';
                if let Some(tab) = tab {
                    write!(f, "{separator}tab={tab}")?;
                    separator = '&';
                }
                if let Some(at) = at {
                    write!(f, "{separator}t={at}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SID: &str = "01a208d5b180vovl2xk3vovl2xk3vovl2xk3vo";

    fn place(tab: Option<&str>, at: Option<Millis>) -> Route {
        Route::Replay(Place {
            site: SiteKey::parse("demo").unwrap(),
            sid: SessionId::parse(SID).unwrap(),
            tab: tab.map(|tab| TabId::parse(tab).unwrap()),
            at,
        })
    }

    #[test]
    fn reads_every_screen() {
        for (hash, route) in [
            ("", Route::Home),
            ("#", Route::Home),
            ("#/", Route::Home),
            ("#/file", Route::File),
            ("#/file/x", Route::Unknown),
            ("#/s/demo", Route::Sessions(SiteKey::parse("demo").unwrap())),
            (
                "#/s/demo/",
                Route::Sessions(SiteKey::parse("demo").unwrap()),
            ),
            (&format!("#/s/demo/{SID}"), place(None, None)),
            (
                &format!("#/s/demo/{SID}?t=1500&tab=abcdefgh"),
                place(Some("abcdefgh"), Some(1_500)),
            ),
            (
                &format!("#/s/demo/{SID}?tab=../x&t=-1&x"),
                place(None, None),
            ),
            ("#/s/De mo", Route::Unknown),
            ("#/s/demo/short", Route::Unknown),
            ("#/x", Route::Unknown),
            (&format!("#/s/demo/{SID}/more"), Route::Unknown),
        ] {
            assert_eq!(Route::parse(hash), route, "{hash}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for route in [
            Route::Home,
            Route::Sessions(SiteKey::parse("a-1").unwrap()),
            place(None, None),
            place(Some("abcdefgh"), None),
            place(None, Some(0)),
            place(Some("abcdefgh"), Some(90_000)),
        ] {
            assert_eq!(Route::parse(&route.to_string()), route);
        }
    }

    proptest! {
        #[test]
        fn never_panics(hash: String) {
            let route = Route::parse(&hash);
            let again = Route::parse(&route.to_string());
            prop_assert_eq!(again.site(), route.site());
        }
    }
}
