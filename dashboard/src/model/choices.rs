//! A list that typing narrows.

/// Something that can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What it stands for.
    pub value: String,
    /// What it says.
    pub label: String,
    /// What is said beside it.
    pub hint: String,
}

/// The most choices that are shown at once; typing finds the others.
pub const MAX_SHOWN: usize = 100;

/// Those of `choices` that `typed` means: first what it names, then whose label
/// begins with it, then whose label or value contains it. With `free`, what was
/// typed can be chosen itself, if it names none of them; it stands last, so that
/// Enter takes what is there before what nobody has seen.
pub fn narrow(choices: &[Choice], typed: &str, free: bool) -> Vec<Choice> {
    let typed = typed.trim();
    let wanted = typed.to_lowercase();
    let rank = |choice: &Choice| {
        let (label, value) = (choice.label.to_lowercase(), choice.value.to_lowercase());
        match () {
            () if label == wanted || value == wanted => Some(Rank::Named),
            () if label.starts_with(&wanted) => Some(Rank::Begins),
            () if label.contains(&wanted) || value.contains(&wanted) => Some(Rank::Contains),
            () => None,
        }
    };
    let mut found: Vec<(Rank, &Choice)> = choices
        .iter()
        .filter_map(|choice| Some((rank(choice)?, choice)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    let named = found.first().is_some_and(|(rank, _)| *rank == Rank::Named);
    let own = (free && !typed.is_empty() && !named).then(|| Choice {
        value: typed.to_owned(),
        label: format!("“{typed}”"),
        hint: String::new(),
    });
    let most = MAX_SHOWN - usize::from(own.is_some());
    found
        .into_iter()
        .take(most)
        .map(|(_, choice)| choice.clone())
        .chain(own)
        .collect()
}

/// How well a choice is what was typed, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Named,
    Begins,
    Contains,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(labels: &[&str]) -> Vec<Choice> {
        let choice = |label: &&str| Choice {
            value: (*label).to_lowercase(),
            label: (*label).to_owned(),
            hint: String::new(),
        };
        labels.iter().map(choice).collect()
    }

    fn labels(typed: &str, free: bool) -> Vec<String> {
        let all = choices(&["Chrome", "Firefox", "Chrome Mobile", "Opera"]);
        let found = narrow(&all, typed, free);
        found.into_iter().map(|choice| choice.label).collect()
    }

    #[test]
    fn what_begins_so_comes_first() {
        assert_eq!(
            labels("", false),
            ["Chrome", "Firefox", "Chrome Mobile", "Opera"]
        );
        assert_eq!(
            labels(" o", false),
            ["Opera", "Chrome", "Firefox", "Chrome Mobile"]
        );
        assert_eq!(labels("MOBILE", false), ["Chrome Mobile"]);
        assert!(labels("x y", false).is_empty());
    }

    #[test]
    fn what_is_typed_can_be_chosen_where_that_is_allowed() {
        assert_eq!(labels("Edge", true), ["“Edge”"]);
        assert_eq!(labels("chrome", true), ["Chrome", "Chrome Mobile"]);
        // Enter takes the first.
        assert_eq!(labels("fire", true), ["Firefox", "“fire”"]);
        assert_eq!(labels("  ", true).len(), 4);
    }

    #[test]
    fn what_is_named_by_its_value_comes_before_what_contains_it() {
        let choice = |value: &str, label: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
        };
        let all = [choice("SE", "Sweden"), choice("DE", "Germany")];
        let found = narrow(&all, "de", true);
        assert_eq!(found, [all[1].clone(), all[0].clone()]);
    }

    #[test]
    fn shows_no_more_than_one_can_read() {
        let many: Vec<String> = (0..=MAX_SHOWN).map(|at| format!("c{at}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(narrow(&choices(&many), "c", false).len(), MAX_SHOWN);
        assert_eq!(
            narrow(&choices(&many), &format!("c{MAX_SHOWN}"), false).len(),
            1
        );
        let free = narrow(&choices(&many), "c", true);
        assert_eq!(free.len(), MAX_SHOWN);
        assert_eq!(free.last().map(|own| own.value.as_str()), Some("c"));
    }
}
