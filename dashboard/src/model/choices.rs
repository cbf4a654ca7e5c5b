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

/// Those of `choices` that `typed` means: first whose label begins with it, then
/// whose label or value contains it. With `free`, what was typed can be chosen
/// itself, if it is none of them; it stands first, where Enter takes it.
pub fn narrow(choices: &[Choice], typed: &str, free: bool) -> Vec<Choice> {
    let typed = typed.trim();
    let wanted = typed.to_lowercase();
    let is = |choice: &&Choice| choice.label.to_lowercase() == wanted;
    let begins = |choice: &&Choice| choice.label.to_lowercase().starts_with(&wanted);
    let contains = |choice: &&Choice| {
        !begins(choice)
            && (choice.label.to_lowercase().contains(&wanted)
                || choice.value.to_lowercase().contains(&wanted))
    };
    let own =
        (free && !typed.is_empty() && !choices.iter().any(|choice| is(&choice))).then(|| Choice {
            value: typed.to_owned(),
            label: format!("“{typed}”"),
            hint: String::new(),
        });
    own.into_iter()
        .chain(choices.iter().filter(begins).cloned())
        .chain(choices.iter().filter(contains).cloned())
        .take(MAX_SHOWN)
        .collect()
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
        assert_eq!(labels("  ", true).len(), 4);
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
    }
}
