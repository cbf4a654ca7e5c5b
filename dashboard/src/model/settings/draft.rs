//! A site's configuration as it is being changed: what is wrong with what was typed,
//! and what becomes of it when somebody else was faster.
//!
//! A draft is the text of each field. It knows only the fields that are on the screen: all
//! else of the configuration stays as it was read. The worker checks everything again; what
//! it refuses names its field, and is shown there.

use super::amount;
use super::place::Part;
pub use super::setting::{About, Setting};
use sentiero_core::analytics::route::Routes;
use sentiero_core::api::Problem;
use sentiero_core::bot::Bots;
use sentiero_core::issue::hook::Webhook;
use sentiero_core::mask::{Masker, Mode};
use sentiero_core::redact::{Pattern, UrlMode};
use sentiero_core::sharing::Sharing;
use sentiero_core::site::SiteConfig;
use std::collections::BTreeMap;

/// What is wrong with fields, in words.
pub type Wrong = BTreeMap<Setting, String>;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft(BTreeMap<Setting, String>);

/// The word for something that is so.
pub const YES: &str = "yes";

/// The word for whether something is so.
pub fn word(is_so: bool) -> &'static str {
    if is_so { YES } else { "no" }
}

impl Draft {
    /// What `config` says.
    pub fn of(config: &SiteConfig) -> Self {
        let count = |number: Option<u64>| number.map(|number| number.to_string());
        let size = |bytes: Option<u64>| bytes.map(amount::exact);
        let patterns = config.redact.patterns.iter().cloned().map(String::from);
        let patterns: Vec<String> = patterns.collect();
        let hook = config.webhook.as_ref();
        let text = |setting: Setting| match setting {
            Setting::Name => config.name.clone(),
            Setting::Origins => config.origins.join("\n"),
            Setting::Routes => config.routes.rules().join("\n"),
            Setting::Bots => bots(config.bots).to_owned(),
            Setting::Mask => mode(config.mask).to_owned(),
            Setting::Phones => word(config.redact.phones).to_owned(),
            Setting::Patterns => patterns.join("\n"),
            Setting::Urls => urls(config.redact.urls).to_owned(),
            Setting::Allow => config.redact.allow.join("\n"),
            Setting::Deny => config.redact.deny.join("\n"),
            Setting::Retention => config.retention_days.to_string(),
            Setting::MaxSessions => count(config.max_sessions).unwrap_or_default(),
            Setting::MaxBytes => size(config.max_bytes).unwrap_or_default(),
            Setting::PerDay => count(config.quota.sessions_per_day).unwrap_or_default(),
            Setting::PerMonth => count(config.quota.sessions_per_month).unwrap_or_default(),
            Setting::BytesPerMonth => size(config.quota.bytes_per_month).unwrap_or_default(),
            Setting::Slow => config.slow_seconds.to_string(),
            Setting::ShareFiles => word(config.sharing.files).to_owned(),
            Setting::ShareLinks => word(config.sharing.links).to_owned(),
            Setting::Hook => hook.map_or_else(String::new, |hook| hook.url.clone()),
            Setting::HookLinks => hook
                .and_then(|hook| hook.dashboard.clone())
                .unwrap_or_default(),
        };
        let all = Setting::ALL.into_iter();
        Self(all.map(|setting| (setting, text(setting))).collect())
    }

    /// The text of a field.
    pub fn get(&self, setting: Setting) -> &str {
        self.0.get(&setting).map_or("", String::as_str)
    }

    /// Puts a text into a field.
    pub fn set(&mut self, setting: Setting, text: String) {
        self.0.insert(setting, text);
    }

    fn lines(&self, setting: Setting) -> Vec<String> {
        let lines = self.get(setting).lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    /// The configuration: `base` with what the fields say; or what is wrong with them.
    pub fn config(&self, base: &SiteConfig) -> Result<SiteConfig, Wrong> {
        let mut config = base.clone();
        let mut wrong = Wrong::new();
        self.put_general(&mut config, &mut wrong);
        self.put_privacy(&mut config, &mut wrong);
        self.put_limits(&mut config, &mut wrong);
        self.put_hook(&mut config);
        config.sharing = Sharing {
            files: self.get(Setting::ShareFiles) == YES,
            links: self.get(Setting::ShareLinks) == YES,
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        match config.check() {
            Ok(()) => Ok(config),
            Err(error) => {
                let setting = Setting::called(&error.field).unwrap_or(Setting::Name);
                Err([(setting, format!("This {}.", error.reason))].into())
            }
        }
    }

    fn put_general(&self, config: &mut SiteConfig, wrong: &mut Wrong) {
        self.get(Setting::Name).trim().clone_into(&mut config.name);
        config.origins = self.lines(Setting::Origins);
        match Routes::new(self.lines(Setting::Routes)) {
            Ok(routes) => config.routes = routes,
            Err(error) => drop(wrong.insert(Setting::Routes, format!("This {}.", error.reason))),
        }
        config.bots = match self.get(Setting::Bots) {
            "record" => Bots::Record,
            _ => Bots::Drop,
        };
    }

    fn put_privacy(&self, config: &mut SiteConfig, wrong: &mut Wrong) {
        config.mask = self.mode();
        let redact = &mut config.redact;
        redact.phones = self.get(Setting::Phones) == YES;
        redact.urls = match self.get(Setting::Urls) {
            "keep" => UrlMode::Keep,
            "filter" => UrlMode::Filter,
            _ => UrlMode::Strip,
        };
        redact.allow = self.lines(Setting::Allow);
        redact.deny = self.lines(Setting::Deny);
        redact.patterns = Vec::new();
        for line in self.lines(Setting::Patterns) {
            match Pattern::parse(&line) {
                Ok(pattern) => redact.patterns.push(pattern),
                Err(error) => {
                    let said = format!("“{line}” cannot be used: {error}.");
                    wrong.entry(Setting::Patterns).or_insert(said);
                }
            }
        }
    }

    /// What the policy that is typed does to events; patterns that cannot be used are left out.
    pub fn masker(&self, base: &SiteConfig) -> Masker {
        let mut config = base.clone();
        self.put_privacy(&mut config, &mut Wrong::new());
        config.masker()
    }

    fn mode(&self) -> Mode {
        match self.get(Setting::Mask) {
            "none" => Mode::None,
            "text" => Mode::Text,
            _ => Mode::Inputs,
        }
    }

    fn put_limits(&self, config: &mut SiteConfig, wrong: &mut Wrong) {
        let must = |setting| {
            let read = whole(self.get(setting)).and_then(|number| u32::try_from(number).ok());
            read.ok_or_else(|| "Write a whole number.".to_owned())
        };
        let count = |setting| match self.get(setting).trim() {
            "" => Ok(None),
            text => whole(text)
                .map(Some)
                .ok_or_else(|| "Write a whole number, or nothing for no limit.".to_owned()),
        };
        let size = |setting| match self.get(setting).trim() {
            "" => Ok(None),
            text => amount::parse(text)
                .map(Some)
                .ok_or_else(|| format!("{} Nothing means no limit.", amount::EXPECTED)),
        };
        let quota = &mut config.quota;
        for (setting, place, read) in [
            (
                Setting::MaxSessions,
                &mut config.max_sessions,
                &count as &dyn Fn(Setting) -> _,
            ),
            (Setting::MaxBytes, &mut config.max_bytes, &size),
            (Setting::PerDay, &mut quota.sessions_per_day, &count),
            (Setting::PerMonth, &mut quota.sessions_per_month, &count),
            (Setting::BytesPerMonth, &mut quota.bytes_per_month, &size),
        ] {
            match read(setting) {
                Ok(value) => *place = value,
                Err(said) => drop(wrong.insert(setting, said)),
            }
        }
        for (setting, place) in [
            (Setting::Retention, &mut config.retention_days),
            (Setting::Slow, &mut config.slow_seconds),
        ] {
            match must(setting) {
                Ok(value) => *place = value,
                Err(said) => drop(wrong.insert(setting, said)),
            }
        }
    }

    /// Who is told: nobody where there is no address. The secret stays.
    fn put_hook(&self, config: &mut SiteConfig) {
        let text = |setting| Some(self.get(setting).trim().to_owned()).filter(|it| !it.is_empty());
        let before = config.webhook.take();
        config.webhook = text(Setting::Hook).map(|url| Webhook {
            url,
            dashboard: text(Setting::HookLinks),
            secret_id: before.and_then(|before| before.secret_id),
        });
    }

    /// What differs from `other`, by name.
    pub fn changes(&self, other: &Self) -> Vec<Setting> {
        let differs = |setting: &Setting| self.get(*setting) != other.get(*setting);
        Setting::ALL.into_iter().filter(differs).collect()
    }
}

fn whole(text: &str) -> Option<u64> {
    let plain = text.trim().replace([',', '\u{a0}', ' '], "");
    let digits = !plain.is_empty() && plain.chars().all(|c| c.is_ascii_digit());
    digits.then(|| plain.parse().ok()).flatten()
}

fn bots(bots: Bots) -> &'static str {
    match bots {
        Bots::Drop => "drop",
        Bots::Record => "record",
    }
}

/// The word of a mode, as the configuration and the tag write it.
pub fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::None => "none",
        Mode::Inputs => "inputs",
        Mode::Text => "text",
    }
}

/// Likewise of what stays of addresses.
pub fn urls(urls: UrlMode) -> &'static str {
    match urls {
        UrlMode::Strip => "strip",
        UrlMode::Filter => "filter",
        UrlMode::Keep => "keep",
    }
}

/// What becomes of a draft when somebody else saved the site meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Theirs, with what was changed here.
    pub draft: Draft,
    /// What they changed and this one did not: it is taken over.
    pub taken: Vec<Setting>,
    /// What both changed, and differently: it stays as it is here.
    pub contested: Vec<Setting>,
}

/// Merges what was changed here into what somebody else made of `base`.
pub fn merge(mine: &Draft, base: &Draft, theirs: &Draft) -> Merged {
    let (mut draft, mut taken, mut contested) = (theirs.clone(), Vec::new(), Vec::new());
    for setting in Setting::ALL {
        let (own, old, new) = (mine.get(setting), base.get(setting), theirs.get(setting));
        if own != old {
            draft.set(setting, own.to_owned());
            if new != old && new != own {
                contested.push(setting);
            }
        } else if new != old {
            taken.push(setting);
        }
    }
    Merged {
        draft,
        taken,
        contested,
    }
}

impl Merged {
    /// What is said of it.
    pub fn says(&self) -> String {
        let mut said =
            "Somebody else saved this site meanwhile. Nothing of yours is lost.".to_owned();
        if !self.taken.is_empty() {
            said = format!("{said} Theirs is now here: {}.", names(&self.taken));
        }
        if !self.contested.is_empty() {
            said = format!(
                "{said} Both of you changed {}: yours is in the field, and would replace theirs.",
                names(&self.contested)
            );
        }
        said.push_str(" Look it through, and save again.");
        said
    }
}

/// Names of settings, as they stand in a sentence.
pub fn names(settings: &[Setting]) -> String {
    let quoted = settings
        .iter()
        .map(|setting| format!("“{}”", setting.about().label));
    quoted.collect::<Vec<_>>().join(", ")
}

/// The field that a refusal names, and what is said there; none if it names none of these.
pub fn refused(problem: &Problem) -> Option<(Setting, String)> {
    if problem.code != "wrong_field" {
        return None;
    }
    let (field, reason) = problem.message.strip_prefix('`')?.split_once("` ")?;
    Some((Setting::called(field)?, format!("This {reason}")))
}

/// How many fields of `part` are wrong.
pub fn wrong_in(wrong: &Wrong, part: Part) -> u64 {
    let within = wrong.keys().filter(|setting| setting.about().part == part);
    u64::try_from(within.count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn config(text: &str) -> SiteConfig {
        SiteConfig::parse(text).unwrap()
    }

    fn full() -> SiteConfig {
        config(
            r#"{"name":"Shop","origins":["self","https://a.example"],"mask":"text","recording":false,
                "redact":{"phones":true,"patterns":["ORD-\\d{6}"],"urls":"filter","allow":["page"],"deny":["voucher"]},
                "retention_days":90,"max_sessions":5000,"max_bytes":10000000000,"slow_seconds":30,
                "quota":{"sessions_per_day":100,"sessions_per_month":2000,"bytes_per_month":50000000000},
                "routes":["/blog/*"],"bots":"record","sharing":{"files":true,"links":true},
                "webhook":{"url":"https://hooks.example.com/a","dashboard":"https://sentiero.example/"}}"#,
        )
    }

    fn least() -> SiteConfig {
        config(r#"{"name":"x","origins":[]}"#)
    }

    #[test]
    fn what_is_not_touched_stays_as_it_was() {
        for site in [full(), least()] {
            assert_eq!(Draft::of(&site).config(&site), Ok(site));
        }
        // All of it comes from the fields, but what has none.
        let stopped = SiteConfig {
            recording: false,
            ..least()
        };
        assert_eq!(Draft::of(&full()).config(&stopped), Ok(full()));
    }

    #[test]
    fn every_setting_has_a_field_of_the_configuration() {
        let json = serde_json::to_value(full()).unwrap();
        for setting in Setting::ALL {
            let about = setting.about();
            let path = format!("/{}", about.field.replace('.', "/"));
            assert!(json.pointer(&path).is_some(), "{path}");
            assert_eq!(Setting::called(about.field), Some(setting));
        }
        let fields = json.as_object().unwrap().keys();
        // `recording` is the switch.
        for field in fields.filter(|field| *field != "recording") {
            let known = |setting: &Setting| setting.about().field.starts_with(field.as_str());
            assert!(Setting::ALL.iter().any(known), "no field for {field}");
        }
    }

    #[test]
    fn says_at_each_field_what_is_wrong() {
        for (setting, text, said) in [
            (Setting::Name, " ", "1 to 100 characters"),
            (Setting::Origins, "https://a.example/x", "no slash"),
            (Setting::Origins, "self\nself", "twice"),
            (Setting::Hook, "http://hooks.example.com/", "https://"),
            (Setting::Hook, "https://10.0.0.1/", "public"),
            (Setting::Routes, "blog", "begin with"),
            (Setting::Patterns, "a+", "“a+” cannot be used"),
            (Setting::Retention, "0", "1 to 3650"),
            (Setting::Retention, "", "whole number"),
            (Setting::Retention, "a month", "whole number"),
            (Setting::MaxSessions, "0", "1 or more"),
            (Setting::MaxSessions, "-1", "no limit"),
            (Setting::MaxBytes, "1 MB", "67108864 or more"),
            (Setting::MaxBytes, "much", "500 MB"),
            (Setting::PerDay, "1.5", "whole number"),
            (Setting::BytesPerMonth, "5 PB", "500 MB"),
            (Setting::Slow, "601", "0 to 600"),
            (Setting::Deny, &"x".repeat(65), "1 to 64 bytes"),
        ] {
            let mut draft = Draft::of(&full());
            draft.set(setting, text.to_owned());
            let wrong = draft.config(&full()).unwrap_err();
            assert_eq!(wrong.keys().collect::<Vec<_>>(), [&setting], "{text}");
            assert!(wrong[&setting].contains(said), "{wrong:?}");
            assert_eq!(wrong_in(&wrong, setting.about().part), 1);
        }
        let mut draft = Draft::of(&full());
        draft.set(Setting::Retention, "x".to_owned());
        draft.set(Setting::Patterns, "+".to_owned());
        let wrong = draft.config(&full()).unwrap_err();
        assert_eq!(wrong.len(), 2, "all at once");
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let mut draft = Draft::of(&full());
        draft.set(Setting::MaxSessions, " 1,000 ".to_owned());
        draft.set(Setting::BytesPerMonth, "1.5 GB".to_owned());
        draft.set(Setting::PerDay, String::new());
        let site = draft.config(&full()).unwrap();
        assert_eq!(site.max_sessions, Some(1_000));
        assert_eq!(site.quota.bytes_per_month, Some(1_500_000_000));
        assert_eq!(site.quota.sessions_per_day, None);
    }

    #[test]
    fn refusals_of_the_worker_find_their_field() {
        let problem = |code: &str, message: &str| Problem {
            code: code.to_owned(),
            message: message.to_owned(),
        };
        assert_eq!(
            refused(&problem("wrong_field", "`redact.urls` must be known.")),
            Some((Setting::Urls, "This must be known.".to_owned()))
        );
        for (code, message) in [
            ("wrong_field", "`config` cannot be read."),
            ("wrong_field", "no field at all"),
            ("internal", "`name` broke."),
        ] {
            assert_eq!(refused(&problem(code, message)), None, "{message}");
        }
    }

    #[test]
    fn who_was_slower_loses_nothing() {
        let base = Draft::of(&full());
        let changed = |changes: &[(Setting, &str)]| {
            let mut draft = base.clone();
            for (setting, text) in changes {
                draft.set(*setting, (*text).to_owned());
            }
            draft
        };
        let mine = changed(&[
            (Setting::Name, "Mine"),
            (Setting::Mask, "none"),
            (Setting::Slow, "5"),
        ]);
        let theirs = changed(&[
            (Setting::Name, "Theirs"),
            (Setting::Bots, "drop"),
            (Setting::Slow, "5"),
        ]);
        let merged = merge(&mine, &base, &theirs);
        assert_eq!(merged.taken, [Setting::Bots]);
        assert_eq!(merged.contested, [Setting::Name]);
        assert_eq!(merged.draft.get(Setting::Name), "Mine");
        assert_eq!(merged.draft.get(Setting::Bots), "drop");
        assert_eq!(merged.draft.get(Setting::Mask), "none");
        assert_eq!(
            merged.draft.changes(&theirs),
            [Setting::Name, Setting::Mask]
        );
        let said = merged.says();
        assert!(
            said.contains("“Bots that say so”") && said.contains("“Name”"),
            "{said}"
        );
    }

    proptest! {
        /// Whoever saves after a merge undoes nothing but what he was told of.
        #[test]
        fn a_merge_keeps_both(own in prop::collection::vec(0..3_u8, 17), other in prop::collection::vec(0..3_u8, 17)) {
            let base = Draft::of(&full());
            let with = |texts: &[u8]| {
                let mut draft = base.clone();
                for (setting, text) in Setting::ALL.into_iter().zip(texts).filter(|(_, text)| **text > 0) {
                    draft.set(setting, text.to_string());
                }
                draft
            };
            let (mine, theirs) = (with(&own), with(&other));
            let merged = merge(&mine, &base, &theirs);
            for setting in Setting::ALL {
                let (m, t, b) = (mine.get(setting), theirs.get(setting), base.get(setting));
                let expected = if m == b { t } else { m };
                prop_assert_eq!(merged.draft.get(setting), expected);
                prop_assert_eq!(merged.contested.contains(&setting), m != b && t != b && m != t);
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}", at in 0..17_usize) {
            let mut draft = Draft::of(&full());
            draft.set(Setting::ALL[at], text);
            if let Ok(site) = draft.config(&full()) {
                // What passes here is what the worker takes, too.
                let json = serde_json::to_string(&site).unwrap();
                prop_assert!(SiteConfig::parse(&json).is_ok(), "{}", json);
            }
        }
    }
}
