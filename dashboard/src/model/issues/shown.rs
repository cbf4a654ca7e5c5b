//! Which issues are listed, and in which order: two words of the address.

use sentiero_core::issue::State;
use sentiero_core::query;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub which: Which,
    /// In which order.
    pub order: Order,
}

/// Of which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those to be looked at.
    #[default]
    Open,
    /// Those that are mended.
    Resolved,
    /// Those that are not worth a look.
    Ignored,
    /// All.
    All,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What came last.
    #[default]
    Last,
    /// What is the newest.
    First,
    /// What came most often.
    Count,
    /// What came in the most sessions.
    Sessions,
}

/// The parameters of an address.
pub const PARAMETERS: [&str; 2] = ["state", "by"];

impl Which {
    /// Every one, as they are offered.
    pub const ALL: [Self; 4] = [Self::Open, Self::Resolved, Self::Ignored, Self::All];

    /// Its word in addresses, and its name.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => ("open", "Open"),
            Self::Resolved => ("resolved", "Resolved"),
            Self::Ignored => ("ignored", "Ignored"),
            Self::All => ("all", "All"),
        }
    }

    /// Whether an issue of that state is listed.
    pub fn has(self, state: State) -> bool {
        match self {
            Self::Open => state == State::Open,
            Self::Resolved => state == State::Resolved,
            Self::Ignored => state == State::Ignored,
            Self::All => true,
        }
    }
}

impl Order {
    /// Every one, as they are offered.
    pub const ALL: [Self; 4] = [Self::Last, Self::First, Self::Count, Self::Sessions];

    /// Its word in addresses, and its name.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Last => ("last", "Last seen"),
            Self::First => ("first", "Newest"),
            Self::Count => ("count", "Most often"),
            Self::Sessions => ("sessions", "Most sessions"),
        }
    }

    /// That of the word; the usual one of any other.
    pub fn of(word: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|order| order.words().0 == word)
            .unwrap_or_default()
    }
}

impl Shown {
    /// Reads the parameters of an address. What cannot be read is said, and left out.
    pub fn take(pairs: &[(String, String)]) -> (Self, Option<String>) {
        let (mut shown, mut wrong) = (Self::default(), None);
        for (name, value) in pairs {
            let is_read = match name.as_str() {
                "state" => {
                    let mut all = Which::ALL.into_iter();
                    let found = all.find(|which| which.words().0 == value);
                    shown.which = found.unwrap_or(shown.which);
                    found.is_some()
                }
                "by" => {
                    let mut all = Order::ALL.into_iter();
                    let found = all.find(|order| order.words().0 == value);
                    shown.order = found.unwrap_or(shown.order);
                    found.is_some()
                }
                _ => true,
            };
            if !is_read {
                let all = if name == "state" {
                    "open, resolved, ignored or all"
                } else {
                    "last, first, count or sessions"
                };
                wrong = Some(format!("`{name}` must be {all}"));
            }
        }
        (shown, wrong)
    }

    /// Writes into the query of an address what is not usual.
    pub fn push(self, text: &mut String) {
        let Self { which, order } = self;
        if which != Which::default() {
            query::push(text, "state", which.words().0);
        }
        if order != Order::default() {
            query::push(text, "by", order.words().0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        for which in Which::ALL {
            for order in Order::ALL {
                let shown = Shown { which, order };
                let mut text = String::new();
                shown.push(&mut text);
                let pairs = query::pairs(&text).unwrap();
                assert_eq!(Shown::take(&pairs), (shown, None), "{text}");
                assert_eq!(Order::of(order.words().0), order);
            }
        }
        let mut usual = String::new();
        Shown::default().push(&mut usual);
        assert_eq!(usual, "");
    }

    #[test]
    fn what_is_no_state_is_said() {
        for (text, begins) in [("state=done", "`state` must"), ("by=size", "`by` must")] {
            let (shown, wrong) = Shown::take(&query::pairs(text).unwrap());
            assert_eq!(shown, Shown::default());
            assert!(wrong.unwrap().starts_with(begins));
        }
    }
}
