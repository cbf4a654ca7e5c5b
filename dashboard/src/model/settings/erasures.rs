//! What is to be erased as it is typed, and receipts in words.

use crate::model::erasing::Doomed;
use crate::model::listing::{Listing, Moment};
use crate::model::text;
use sentiero_core::erasure::{Kind, MAX_SESSIONS, Receipt};
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, SessionId};

/// How sessions are named that are to be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whose they are.
    User,
    /// Their ids.
    Ids,
    /// The address of a list that was narrowed to them.
    Filter,
    /// All before a day.
    Date,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::User, Self::Ids, Self::Filter, Self::Date];

    /// Its word, and its name.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("user", "A user"),
            Self::Ids => ("ids", "Session ids"),
            Self::Filter => ("filter", "A filter"),
            Self::Date => ("date", "Before a day"),
        }
    }

    /// The one of that word.
    pub fn called(word: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|by| by.words().0 == word).unwrap_or(Self::User)
    }

    /// What is typed, and a line that helps.
    pub fn asks(self) -> (&'static str, &'static str) {
        match self {
            Self::User => (
                "User",
                "What your page gave to identify(): all sessions of that user.",
            ),
            Self::Ids => (
                "Session ids",
                "One a line, at most 1,000; also such as are not listed any more.",
            ),
            Self::Filter => (
                "Address of a narrowed list",
                "Narrow the list of sessions to those that must go, and paste its address here.",
            ),
            Self::Date => (
                "Before",
                "Every session that began before the beginning of this day, where you are.",
            ),
        }
    }
}

/// What of `typed` is to be erased; or what is wrong with it. `midnight` is where the day
/// that was typed begins.
pub fn doomed(
    by: By,
    typed: &str,
    midnight: Option<Millis>,
    moment: Moment,
) -> Result<Doomed, String> {
    let typed = typed.trim();
    match by {
        By::User if typed.is_empty() => Err("Write whose sessions are to be erased.".to_owned()),
        By::User => Ok(Doomed::User(typed.to_owned())),
        By::Ids => these(typed),
        By::Filter => matching(typed, moment),
        By::Date => midnight
            .map(Doomed::Before)
            .ok_or_else(|| "Choose a day.".to_owned()),
    }
}

fn these(typed: &str) -> Result<Doomed, String> {
    let words = typed.split(|c: char| c.is_whitespace() || c == ',');
    let mut sids = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        // An address ends with the id.
        let word = word.rsplit('/').next().unwrap_or(word);
        let word = word.split('?').next().unwrap_or(word);
        let sid = SessionId::parse(word).map_err(|_| {
            format!(
                "“{}” is no session id: 38 letters and digits.",
                text::shorten(word, 40)
            )
        })?;
        if !sids.contains(&sid) {
            sids.push(sid);
        }
    }
    match sids.len() {
        0 => Err("Write at least one session id.".to_owned()),
        1..=MAX_SESSIONS => Ok(Doomed::These(sids)),
        _ => Err("These are more than 1,000; erase them in several goes.".to_owned()),
    }
}

fn matching(typed: &str, moment: Moment) -> Result<Doomed, String> {
    let query = typed.split_once('?').map_or("", |(_, query)| query);
    let (listing, wrong) = Listing::parse(query);
    if let Some(wrong) = wrong {
        return Err(format!("This address cannot be read: {wrong}."));
    }
    let filter = listing.resolve(moment);
    if filter == Filter::default() {
        return Err(
            "This address narrows nothing. To erase everything, choose “Before a day”.".to_owned(),
        );
    }
    Ok(Doomed::Matching(Box::new(filter)))
}

/// What a receipt is of.
pub fn kind(receipt: &Receipt) -> &'static str {
    match receipt.kind {
        Kind::Sessions => "Sessions by id",
        Kind::User => "A user",
        Kind::Filter => "A filter",
        Kind::Purge => "All before a day",
        Kind::Eviction => "The oldest, by a limit",
        Kind::Site => "All of a deleted site",
    }
}

/// What a receipt says of the filter, beyond its kind; empty: nothing.
pub fn asked(receipt: &Receipt) -> String {
    let filter = receipt.filter.as_ref().map(Filter::to_query);
    let mut said = filter.unwrap_or_default().replace('&', ", ");
    if !receipt.withheld.is_empty() {
        let between = if said.is_empty() { "" } else { "; " };
        said = format!("{said}{between}not kept: {}", receipt.withheld.join(", "));
    }
    said
}

/// How far it is.
pub fn progress(receipt: &Receipt) -> String {
    match receipt.finished {
        Some(_) => text::plural(receipt.erased, "session"),
        None => format!(
            "{} of {}",
            text::number(receipt.erased),
            text::plural(receipt.matched.max(receipt.erased), "session")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::erasing::Ask;
    use proptest::prelude::*;

    const NOW: Moment = Moment {
        now: 1_795_445_126_000,
        today: 1_795_390_000_000,
        before: 1_795_303_600_000,
    };
    const SID: &str = "01a208d5b180vovl2xk3vovl2xk3vovl2xk3vo";

    fn of(by: By, typed: &str) -> Result<Doomed, String> {
        doomed(by, typed, (!typed.is_empty()).then_some(7), NOW)
    }

    #[test]
    fn what_is_typed_is_what_is_asked() {
        let sid = SessionId::parse(SID).unwrap();
        assert_eq!(of(By::User, " u-1 "), Ok(Doomed::User("u-1".to_owned())));
        assert_eq!(of(By::Date, "2026-11-27"), Ok(Doomed::Before(7)));
        for typed in [
            SID.to_owned(),
            format!("{SID}\n{SID}, "),
            format!("https://x.example/dashboard/#/s/shop/{SID}?t=5"),
        ] {
            assert_eq!(of(By::Ids, &typed), Ok(Doomed::These(vec![sid.clone()])));
        }
        let address = "https://x.example/dashboard/#/s/shop?errors=true&country=DE";
        let Ok(Doomed::Matching(filter)) = of(By::Filter, address) else {
            panic!("no filter")
        };
        assert!(filter.errors && filter.country.as_deref() == Some("DE"));
    }

    #[test]
    fn a_user_is_asked_for_as_such() {
        let Ask::Erase(request) = Doomed::User("u-1".to_owned()).ask(Some(2)) else {
            panic!("no erasure")
        };
        assert_eq!(
            (request.user.as_deref(), request.confirm),
            (Some("u-1"), Some(2))
        );
        assert_eq!((request.filter, request.sessions), (None, None));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        for (by, typed, said) in [
            (By::User, " ", "whose"),
            (By::Ids, "", "at least one"),
            (By::Ids, "abc", "“abc” is no session id"),
            (By::Date, "", "Choose a day"),
            (By::Filter, "", "narrows nothing"),
            (By::Filter, "#/s/shop?sort=longest", "narrows nothing"),
            (By::Filter, "#/s/shop?colour=red", "cannot be read"),
        ] {
            let error = of(by, typed).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        let many: Vec<String> = (0..=1_000_u64)
            .map(|at| SessionId::new(at, &[0; 17]).to_string())
            .collect();
        assert!(of(By::Ids, &many.join("\n")).unwrap_err().contains("1,000"));
        assert!(of(By::Ids, &many[1..].join(" ")).is_ok());
    }

    #[test]
    fn a_receipt_is_told_in_words() {
        let text = r#"{"id":"019aabcdef01aaaaaaaaaaaaaaaa","kind":"filter","by":"operator","asked":5,
            "filter":{"errors":true},"withheld":["user"],"matched":7,"erased":3}"#;
        let mut receipt: Receipt = serde_json::from_str(text).unwrap();
        assert_eq!(kind(&receipt), "A filter");
        assert_eq!(asked(&receipt), "errors=true; not kept: user");
        assert_eq!(progress(&receipt), "3 of 7 sessions");
        (receipt.erased, receipt.finished) = (8, Some(9));
        assert_eq!(progress(&receipt), "8 sessions");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(by in 0..4_usize, text in "\\PC{0,60}") {
            let _ = of(By::ALL[by], &text);
        }
    }
}
