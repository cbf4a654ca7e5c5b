//! Which screen the address names: the part after `#`, so that any static host
//! serves every screen from one file.
//!
//! Text from the address bar is parsed once, here; past it only checked ids
//! exist, and what does not parse is [`Route::Unknown`], never a guess.

use crate::model::report::{Asking, Name, asking};
use crate::model::settings::place::Section;
use core::fmt;
use sentiero_core::analytics::report::Question;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId, is_link_secret};
use sentiero_core::issue::Fingerprint;

/// A screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#/`: the first site's sessions.
    Home,
    /// `#/s/{site}?…`: the sessions of a site, and the query part of the address, which
    /// [`crate::model::listing`] reads.
    Sessions(SiteKey, String),
    /// `#/s/{site}/reports/{report}?…`: a report, and the query part of the address, which
    /// [`crate::model::report::Asking`] reads.
    Report(SiteKey, Name, String),
    /// `#/s/{site}/issues?…`: the issues of a site; with `/{issue}` one of them. The query part
    /// is that of a report.
    Issues(SiteKey, Option<Fingerprint>, String),
    /// `#/s/{site}/{sid}?tab=…&t=…`: one session.
    Replay(Place),
    /// `#/settings/…`: the settings.
    Settings(Section),
    /// `#/design`: the components. Nothing links to it.
    Design,
    /// `#/file`: a recording that was exported, from a file.
    File,
    /// `#/shared/{site}/{secret}`: a session that somebody shared by a link. The secret stands
    /// behind the `#`, so no server sees it in an address.
    Shared(SiteKey, String),
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
    /// The page load; none: the first, or where its list was narrowed to, see
    /// [`crate::model::tabs::opening`].
    pub tab: Option<TabId>,
    /// From the first event of that page load, ms.
    pub at: Option<Millis>,
    /// The query part of the list that one came from: what else the address says.
    pub list: String,
}

impl Route {
    /// Reads `location.hash`, with or without its `#`.
    pub fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        if segments.clone().next() == Some("settings") {
            let rest: Vec<&str> = segments.skip(1).collect();
            return Section::parse(&rest).map_or(Self::Unknown, Self::Settings);
        }
        let parsed = match (
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        ) {
            (None, ..) => Some(Self::Home),
            (Some("design"), None, ..) => Some(Self::Design),
            (Some("file"), None, ..) => Some(Self::File),
            (Some("shared"), Some(site), Some(secret), None) => SiteKey::parse(site)
                .ok()
                .filter(|_| is_link_secret(secret))
                .map(|site| Self::Shared(site, secret.to_owned())),
            (Some("s"), Some(site), None, None) => SiteKey::parse(site)
                .ok()
                .map(|site| Self::Sessions(site, query.to_owned())),
            (Some("s"), Some(site), Some("reports"), name) if segments.next().is_none() => {
                let name = name.map_or(Some(Name::default()), Name::parse);
                let site = SiteKey::parse(site).ok();
                site.zip(name)
                    .map(|(site, name)| Self::of_report(site, &Asking::parse(name, query), query))
            }
            (Some("s"), Some(site), Some("issues"), None) => SiteKey::parse(site)
                .ok()
                .map(|site| Self::Issues(site, None, query.to_owned())),
            (Some("s"), Some(site), Some("issues"), Some(issue)) if segments.next().is_none() => {
                let site = SiteKey::parse(site).ok();
                site.zip(Fingerprint::parse(issue))
                    .map(|(site, issue)| Self::Issues(site, Some(issue), query.to_owned()))
            }
            (Some("s"), Some(site), Some(sid), None) => {
                Place::parse(site, sid, query).map(Self::Replay)
            }
            _ => None,
        };
        parsed.unwrap_or(Self::Unknown)
    }

    /// Where a report is shown that is asked by `query`: errors have screens of their own.
    fn of_report(site: SiteKey, asked: &Asking, query: &str) -> Self {
        match asked.name {
            Name::Errors | Name::Issue => Self::asked(site, asked),
            name => Self::Report(site, name, query.to_owned()),
        }
    }

    /// Where the answer to a report's question is shown.
    pub fn asked(site: SiteKey, asking: &Asking) -> Self {
        // Issues are compared with nothing.
        let alone = asking.compared(None);
        match (asking.name, &asking.question) {
            (Name::Issue, Some(Question::Issue(asked))) => {
                let rest = Asking {
                    question: None,
                    ..alone
                };
                Self::Issues(site, Fingerprint::parse(&asked.issue), rest.to_query())
            }
            (Name::Errors | Name::Issue, _) => Self::Issues(site, None, alone.to_query()),
            (name, _) => Self::Report(site, name, asking.to_query()),
        }
    }

    /// What a report is asked for this screen, if it shows one.
    pub fn asking(&self) -> Option<Asking> {
        let of_issues = |name, query: &str| Asking {
            against: None,
            ..Asking::parse(name, query)
        };
        match self {
            Self::Report(_, name, query) => Some(Asking::parse(*name, query)),
            Self::Issues(_, None, query) => Some(of_issues(Name::Errors, query)),
            Self::Issues(_, Some(issue), query) => Some(Asking {
                question: Some(asking::issue(&issue.text())),
                ..of_issues(Name::Issue, query)
            }),
            _ => None,
        }
    }

    /// Whether `other` is another part of the same settings of a site: what is typed stays.
    pub fn stays_with(&self, other: &Self) -> bool {
        let site = |route: &Self| match route {
            Self::Settings(section) => section.site().cloned(),
            _ => None,
        };
        site(self).is_some_and(|own| site(other) == Some(own))
    }

    /// The site that the screen is about.
    pub fn site(&self) -> Option<&SiteKey> {
        match self {
            Self::Sessions(site, _) | Self::Report(site, ..) | Self::Issues(site, ..) => Some(site),
            Self::Replay(place) => Some(&place.site),
            Self::Home
            | Self::Settings(_)
            | Self::Design
            | Self::File
            | Self::Shared(..)
            | Self::Unknown => None,
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
        let own = |pair: &&str| {
            pair.split_once('=')
                .is_some_and(|(key, _)| matches!(key, "tab" | "t"))
        };
        let list: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !own(pair))
            .collect();
        Some(Self {
            site: SiteKey::parse(site).ok()?,
            sid: SessionId::parse(sid).ok()?,
            tab: value("tab").and_then(|tab| TabId::parse(tab).ok()),
            at: value("t").and_then(|at| at.parse().ok()),
            list: list.join("&"),
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home | Self::Unknown => f.write_str("#/"),
            Self::Design => f.write_str("#/design"),
            Self::File => f.write_str("#/file"),
            Self::Settings(section) => section.fmt(f),
            Self::Shared(site, secret) => write!(f, "#/shared/{site}/{secret}"),
            Self::Sessions(site, query) => {
                write!(f, "#/s/{site}")?;
                asked(
                    f,
                    [("", Some(query.clone()).filter(|query| !query.is_empty()))],
                )
            }
            Self::Report(site, name, query) => {
                write!(f, "#/s/{site}/reports/{}", name.word())?;
                asked(
                    f,
                    [("", Some(query.clone()).filter(|query| !query.is_empty()))],
                )
            }
            Self::Issues(site, issue, query) => {
                write!(f, "#/s/{site}/issues")?;
                if let Some(issue) = issue {
                    write!(f, "/{}", issue.text())?;
                }
                asked(
                    f,
                    [("", Some(query.clone()).filter(|query| !query.is_empty()))],
                )
            }
            Self::Replay(Place {
                site,
                sid,
                tab,
                at,
                list,
            }) => {
                write!(f, "#/s/{site}/{sid}")?;
                asked(
                    f,
                    [
                        ("", Some(list.clone()).filter(|list| !list.is_empty())),
                        ("tab=", tab.as_ref().map(ToString::to_string)),
                        ("t=", at.map(|at| at.to_string())),
                    ],
                )
            }
        }
    }
}

/// Writes what is given behind a `?`.
fn asked<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    pairs: [(&str, Option<String>); N],
) -> fmt::Result {
    let mut separator = '?';
    for (name, value) in pairs {
        if let Some(value) = value {
            write!(f, "{separator}{name}{value}")?;
            separator = '&';
        }
    }
    Ok(())
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
            list: String::new(),
        })
    }

    fn from_list(query: &str) -> Route {
        let Route::Replay(place) = place(None, None) else {
            return Route::Unknown;
        };
        Route::Replay(Place {
            list: query.to_owned(),
            ..place
        })
    }

    fn sessions(site: &str, query: &str) -> Route {
        Route::Sessions(SiteKey::parse(site).unwrap(), query.to_owned())
    }

    fn report(name: Name, query: &str) -> Route {
        Route::Report(SiteKey::parse("demo").unwrap(), name, query.to_owned())
    }

    fn issues(issue: Option<u64>, query: &str) -> Route {
        let issue = issue.map(Fingerprint::of_number);
        Route::Issues(SiteKey::parse("demo").unwrap(), issue, query.to_owned())
    }

    fn shared(secret: &str) -> Route {
        Route::Shared(SiteKey::parse("demo").unwrap(), secret.to_owned())
    }

    #[test]
    fn reads_every_screen() {
        for (hash, route) in [
            ("", Route::Home),
            ("#", Route::Home),
            ("#/", Route::Home),
            ("#/design", Route::Design),
            ("#/design/x", Route::Unknown),
            ("#/file", Route::File),
            ("#/file/x", Route::Unknown),
            (
                "#/shared/demo/abcdefghijklmnopqrstuvwxyz234567",
                shared("abcdefghijklmnopqrstuvwxyz234567"),
            ),
            ("#/shared/demo", Route::Unknown),
            ("#/shared/demo/short", Route::Unknown),
            (
                "#/shared/No!/abcdefghijklmnopqrstuvwxyz234567",
                Route::Unknown,
            ),
            ("#/s/demo", sessions("demo", "")),
            ("#/s/demo/", sessions("demo", "")),
            ("#/s/demo?", sessions("demo", "")),
            ("#/s/demo?a=b%20c&d", sessions("demo", "a=b%20c&d")),
            (&format!("#/s/demo/{SID}"), place(None, None)),
            (
                &format!("#/s/demo/{SID}?t=1500&tab=abcdefgh"),
                place(Some("abcdefgh"), Some(1_500)),
            ),
            (&format!("#/s/demo/{SID}?tab=../x&t=-1&x"), from_list("x")),
            ("#/s/De mo", Route::Unknown),
            ("#/s/demo/short", Route::Unknown),
            ("#/s/demo/reports", report(Name::Overview, "")),
            (
                "#/s/demo/reports/funnel?step=error&country=DE",
                report(Name::Funnel, "step=error&country=DE"),
            ),
            ("#/s/demo/reports/nothing", Route::Unknown),
            ("#/s/demo/reports/funnel/more", Route::Unknown),
            ("#/s/De mo/reports/funnel", Route::Unknown),
            ("#/s/demo/issues", issues(None, "")),
            (
                "#/s/demo/issues/00000000000000a1?state=all",
                issues(Some(0xa1), "state=all"),
            ),
            ("#/s/demo/issues/a1", Route::Unknown),
            ("#/s/demo/issues/00000000000000a1/more", Route::Unknown),
            ("#/s/De mo/issues", Route::Unknown),
            // Where they were before they had screens of their own.
            (
                "#/s/demo/reports/errors?country=DE&against=",
                issues(None, "country=DE"),
            ),
            (
                "#/s/demo/reports/issue?issue=00000000000000a1&range=7d",
                issues(Some(0xa1), "range=7d"),
            ),
            ("#/s/demo/reports/issue", issues(None, "")),
            ("#/settings", Route::Settings(Section::Sites)),
            ("#/settings/tokens", Route::Settings(Section::Tokens)),
            ("#/settings/nothing", Route::Unknown),
            ("#/x", Route::Unknown),
            (&format!("#/s/demo/{SID}/more"), Route::Unknown),
        ] {
            assert_eq!(Route::parse(hash), route, "{hash}");
        }
    }

    #[test]
    fn what_is_typed_stays_within_a_site_s_settings() {
        let route = Route::parse;
        let shop = route("#/settings/sites/shop");
        for (other, stays) in [
            ("#/settings/sites/shop/privacy", true),
            ("#/settings/sites/blog/privacy", false),
            ("#/settings/sites", false),
            ("#/s/shop", false),
        ] {
            assert_eq!(shop.stays_with(&route(other)), stays, "{other}");
        }
        assert!(!route("#/settings").stays_with(&route("#/settings/tokens")));
    }

    #[test]
    fn writes_what_it_reads() {
        for route in [
            Route::Home,
            Route::Design,
            shared("abcdefghijklmnopqrstuvwxyz234567"),
            sessions("a-1", ""),
            sessions("a-1", "errors=true&q=%2Fcart"),
            from_list("errors=true&q=%2Fcart"),
            report(Name::Vitals, ""),
            report(Name::Heatmap, "page=%2Fa&range=7d"),
            issues(None, ""),
            issues(Some(7), "state=ignored&by=count&country=DE"),
            place(None, None),
            place(Some("abcdefgh"), None),
            place(None, Some(0)),
            place(Some("abcdefgh"), Some(90_000)),
        ] {
            assert_eq!(Route::parse(&route.to_string()), route);
        }
    }

    #[test]
    fn an_issue_is_asked_for_as_its_address_says() {
        for route in [
            issues(None, ""),
            issues(None, "state=all&by=count&range=7d&country=DE"),
            issues(Some(7), "state=ignored&range=7d"),
            report(Name::Pages, "top=5&range=7d"),
        ] {
            let asking = route.asking().unwrap();
            assert_eq!(asking.wrong, None);
            assert_eq!(
                Route::asked(SiteKey::parse("demo").unwrap(), &asking),
                route
            );
        }
        assert_eq!(sessions("demo", "").asking(), None);
        let wrong = issues(Some(7), "state=done").asking().unwrap();
        assert!(wrong.wrong.unwrap().starts_with("`state` must be open"));
    }

    proptest! {
        #[test]
        fn never_panics(hash: String) {
            let route = Route::parse(&hash);
            let again = Route::parse(&route.to_string());
            prop_assert_eq!(again.site(), route.site());
        }

        #[test]
        fn a_replay_leads_back_to_its_list(query in "[a-z=&%0-9]{0,40}", at in proptest::option::of(0u64..9_000)) {
            let Route::Replay(place) = from_list(&query) else { unreachable!() };
            let route = Route::Replay(Place { at, ..place });
            let Route::Replay(read) = Route::parse(&route.to_string()) else { unreachable!() };
            let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("t=") && !pair.starts_with("tab=")).collect();
            prop_assert_eq!(read.list, kept.join("&"));
            if !query.split('&').any(|pair| pair.starts_with("t=")) {
                prop_assert_eq!(read.at, at);
            }
        }
    }
}
