//! Funnels: how many are left after each step.

use super::share;

/// A step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// What was done.
    pub name: String,
    /// How many did it.
    pub count: u64,
    /// The same, thousandths of those who did the first.
    pub height: u32,
    /// How many did the step before.
    pub before: u32,
    /// What is said of it.
    pub said: String,
}

/// Draws steps: the name, how many did it, what is said of it.
pub fn stages(steps: Vec<(String, u64, String)>) -> Vec<Stage> {
    let first = steps.first().map_or(0, |(_, count, _)| *count);
    let mut before = share(first, first);
    let stage = |(name, count, said): (String, u64, String)| {
        let height = share(count, first);
        let stage = Stage {
            name,
            count,
            height,
            before,
            said,
        };
        before = height;
        stage
    };
    steps.into_iter().map(stage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_seen_beside_the_one_before() {
        let steps = [("a", 200), ("b", 50), ("c", 0)];
        let steps = steps.map(|(name, count)| (name.to_owned(), count, String::new()));
        let drawn: Vec<_> = stages(steps.to_vec())
            .into_iter()
            .map(|stage| (stage.before, stage.height))
            .collect();
        assert_eq!(drawn, [(1_000, 1_000), (1_000, 250), (250, 0)]);
        assert_eq!(stages(Vec::new()), []);
        let nobody = stages(vec![("a".to_owned(), 0, String::new())]);
        assert_eq!((nobody[0].before, nobody[0].height), (0, 0));
    }
}
