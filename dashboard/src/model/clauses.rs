//! What a filter says, clause by clause: conditions that must hold, others of which one must,
//! and what must not be so.

use super::conditions::{Asks, Condition, Field, conditions};
use sentiero_core::day::Day;
use sentiero_core::filter::Filter;

/// What becomes of a condition that is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// It must hold.
    #[default]
    Is,
    /// It must not hold.
    IsNot,
    /// It, or another one that is so added, must hold.
    Or,
}

impl How {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Is, Self::IsNot, Self::Or];

    /// Its word, and what it is called.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Is => ("is", "Must"),
            Self::IsNot => ("not", "Must not"),
            Self::Or => ("or", "Either, or"),
        }
    }

    /// The one of that word.
    pub fn called(word: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|how| how.words().0 == word).unwrap_or_default()
    }

    /// The filter with this condition in it as well; the error is a sentence.
    pub fn put(self, condition: &Condition, filter: &Filter) -> Result<Filter, String> {
        let mut filter = filter.clone();
        let list = match self {
            Self::Is => return condition.put(&filter),
            Self::IsNot => &mut filter.not,
            Self::Or => &mut filter.any,
        };
        let one = condition.put(&Filter::default())?;
        if !list.contains(&one) {
            list.push(one);
        }
        let wrong = |_| "So many conditions are too many for one filter.".to_owned();
        filter.checked().map_err(wrong)
    }
}

/// A part of a filter that is shown, changed and taken away as one.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// It must hold.
    Is(Condition),
    /// One of these must take the session.
    Any(Vec<Filter>),
    /// This one must not.
    Not(Box<Filter>),
}

/// The clauses of `filter`; dates and the text that is searched for have places of their own.
pub fn clauses(filter: &Filter) -> Vec<Clause> {
    let mut all: Vec<Clause> = conditions(filter).into_iter().map(Clause::Is).collect();
    if !filter.any.is_empty() {
        all.push(Clause::Any(filter.any.clone()));
    }
    let not = filter.not.iter().cloned().map(Box::new);
    all.extend(not.map(Clause::Not));
    all
}

impl Clause {
    /// The filter without it.
    pub fn take(&self, filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        match self {
            Self::Is(condition) => return condition.take(&filter),
            Self::Any(_) => filter.any.clear(),
            Self::Not(one) => filter.not.retain(|other| other != &**one),
        }
        filter
    }

    /// The one condition that it is, which can be changed in its place, and how it was put.
    pub fn single(&self) -> Option<(How, Condition)> {
        let (how, condition) = match self {
            Self::Is(condition) => (How::Is, condition.clone()),
            Self::Not(one) => (How::IsNot, only(one)?),
            Self::Any(list) => match list.as_slice() {
                [one] => (How::Or, only(one)?),
                _ => return None,
            },
        };
        (condition.field.asks() != Asks::Nothing).then_some((how, condition))
    }

    /// How it reads: what it begins with, and the rest; `shown` says a value.
    pub fn says(&self, shown: &dyn Fn(Field, &str) -> String) -> (String, String) {
        match self {
            Self::Is(condition) => condition.says(shown),
            Self::Not(one) => ("Not:".to_owned(), said(one, shown)),
            Self::Any(list) => {
                let begins = if list.len() > 1 { "Either" } else { "" };
                (begins.to_owned(), either(list, shown))
            }
        }
    }
}

/// The condition of a filter that has one only.
fn only(filter: &Filter) -> Option<Condition> {
    let mut all = conditions(filter);
    let one = all.pop()?;
    (one.put(&Filter::default()).as_ref() == Ok(filter)).then_some(one)
}

/// How a whole filter reads.
pub fn said(filter: &Filter, shown: &dyn Fn(Field, &str) -> String) -> String {
    let mut parts: Vec<String> = conditions(filter)
        .iter()
        .map(|condition| {
            let (begins, value) = condition.says(shown);
            format!("{begins} {value}").trim().to_owned()
        })
        .collect();
    if let Some(from) = filter.from {
        parts.push(format!("from {}", Day::of(from)));
    }
    if let Some(before) = filter.before {
        parts.push(format!("before {}", Day::of(before)));
    }
    parts.extend(filter.q.iter().map(|words| format!("“{words}” is found")));
    if !filter.any.is_empty() {
        parts.push(format!("({})", either(&filter.any, shown)));
    }
    let not = filter.not.iter();
    parts.extend(not.map(|one| format!("not ({})", said(one, shown))));
    parts.join(" and ")
}

fn either(list: &[Filter], shown: &dyn Fn(Field, &str) -> String) -> String {
    let all: Vec<String> = list.iter().map(|one| said(one, shown)).collect();
    all.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Filter {
        Filter::parse(query).unwrap()
    }

    fn read(query: &str) -> Vec<String> {
        let shown = |_: Field, value: &str| value.to_uppercase();
        let all = clauses(&filter(query));
        let says = all.iter().map(|clause| clause.says(&shown));
        says.map(|(begins, rest)| format!("{begins} {rest}").trim().to_owned())
            .collect()
    }

    #[test]
    fn they_read_as_they_are_meant() {
        for (query, expected) in [
            ("", &[][..]),
            ("country=de", &["Country is DE"]),
            ("not=country%3Dde", &["Not: Country is DE"]),
            (
                "errors=true&any=rage%3Dtrue&any=dead%3Dtrue%26os%3Dios",
                &[
                    "Has errors",
                    "Either Has rage clicks or Has dead clicks and System is IOS",
                ],
            ),
            ("any=url%3D%252Fa", &["Page contains /A"]),
            (
                "not=any%3Drage%253Dtrue%26any%3Derrors%253Dtrue%26not%3Dq%253Dx",
                &["Not: (Has rage clicks or Has errors) and not (“x” is found)"],
            ),
            (
                "not=from%3D86400000%26before%3D172800000",
                &["Not: from 1970-01-02 and before 1970-01-03"],
            ),
        ] {
            assert_eq!(read(query), expected, "{query}");
        }
    }

    #[test]
    fn what_is_added_is_taken_away() {
        let start = filter("from=1&country=DE&any=rage%3Dtrue&not=os%3DiOS");
        for how in How::ALL {
            assert_eq!(How::called(how.words().0), how);
            let condition = Condition::new(Field::Device, "mobile");
            let more = how.put(&condition, &start).unwrap();
            assert_ne!(more, start);
            // Twice is once.
            assert_eq!(how.put(&condition, &more), Ok(more.clone()));
            let mut left = more.clone();
            for clause in clauses(&more) {
                left = clause.take(&left);
            }
            assert_eq!(left, filter("from=1"));
        }
    }

    #[test]
    fn one_condition_can_be_changed_in_its_place() {
        let single = |query: &str| clauses(&filter(query)).remove(0).single();
        let device = Condition::new(Field::Device, "mobile");
        assert_eq!(single("device=mobile"), Some((How::Is, device.clone())));
        assert_eq!(
            single("not=device%3Dmobile"),
            Some((How::IsNot, device.clone()))
        );
        assert_eq!(single("any=device%3Dmobile"), Some((How::Or, device)));
        for query in [
            "errors=true",
            "not=rage%3Dtrue",
            "not=device%3Dmobile%26os%3DiOS",
            "not=device%3Dmobile%26q%3Dx",
            "any=device%3Dmobile&any=os%3DiOS",
        ] {
            assert_eq!(single(query), None, "{query}");
        }
    }

    #[test]
    fn too_many_are_refused_with_a_reason() {
        let mut filter = Filter::default();
        for n in 0..sentiero_core::filter::MAX_WITHIN {
            let condition = Condition::new(Field::Url, &format!("/{n}"));
            filter = How::Or.put(&condition, &filter).unwrap();
        }
        let more = How::IsNot.put(&Condition::new(Field::Url, "/x"), &filter);
        assert!(more.unwrap_err().contains("too many"));
        let empty = How::IsNot.put(&Condition::new(Field::Url, " "), &Filter::default());
        assert_eq!(empty.unwrap_err(), "Say what to look for.");
    }
}
