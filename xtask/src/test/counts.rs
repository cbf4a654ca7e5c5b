//! Passed and failed tests, read from what the runners print.

use std::ops::AddAssign;

/// A sum of tests. A check that is no test runner counts as one test.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u32,
    pub(super) failed: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Counts {
    pub(super) fn failure() -> Self {
        Self {
            passed: 0,
            failed: 1,
        }
    }

    /// A check that is one test.
    pub(super) fn one(ok: bool) -> Self {
        Self {
            passed: u32::from(ok),
            failed: u32::from(!ok),
        }
    }

    /// Sums the `test result:` lines of `cargo test` and of wasm-bindgen's runner.
    pub(super) fn of_cargo(output: &str) -> Self {
        let results = output
            .lines()
            .filter_map(|line| line.split_once("test result: "));
        let mut counts = Self::default();
        for (_, result) in results {
            counts += Self {
                passed: number_before(result, " passed"),
                failed: number_before(result, " failed"),
            };
        }
        counts
    }

    /// Reads the closing lines of `node --test` in its TAP form.
    pub(super) fn of_node(output: &str) -> Self {
        let field = |name: &str| {
            let line = output
                .lines()
                .rev()
                .find_map(|line| line.strip_prefix(name));
            line.and_then(|number| number.trim().parse().ok())
                .unwrap_or(0)
        };
        Self {
            passed: field("# pass "),
            failed: field("# fail ") + field("# cancelled "),
        }
    }

    /// A runner that failed without a failed test did not compile or did not start.
    pub(super) fn with_status(self, success: bool) -> Self {
        if success || self.failed > 0 {
            return self;
        }
        Self { failed: 1, ..self }
    }

    pub(super) fn line(self) -> String {
        match (self.passed, self.failed) {
            (1, 0) => "ok".to_owned(),
            (passed, 0) => format!("ok, {passed} passed"),
            (0, 1) => "FAILED".to_owned(),
            (passed, failed) => format!("FAILED, {passed} passed, {failed} failed"),
        }
    }
}

/// The number in front of `word`: 3 in "ok. 3 passed; 1 failed" for " passed".
fn number_before(text: &str, word: &str) -> u32 {
    let before = text.split(word).next().unwrap_or_default();
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_cargo_results() {
        let output = "\
running 3 tests
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test a::test result ... ok
test result: FAILED. 12 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s
";
        assert_eq!(
            Counts::of_cargo(output),
            Counts {
                passed: 15,
                failed: 2
            }
        );
        assert_eq!(Counts::of_cargo(""), Counts::default());
    }

    #[test]
    fn reads_node_results() {
        let output = "# Subtest: a\nok 1 - a\n1..1\n# tests 5\n# suites 0\n# pass 3\n# fail 1\n\
                      # cancelled 1\n# skipped 0\n";
        assert_eq!(
            Counts::of_node(output),
            Counts {
                passed: 3,
                failed: 2
            }
        );
    }

    #[test]
    fn a_runner_that_did_not_start_is_a_failure() {
        assert_eq!(Counts::default().with_status(false), Counts::failure());
        let counts = Counts {
            passed: 1,
            failed: 3,
        };
        assert_eq!(counts.with_status(false), counts);
        assert_eq!(Counts::one(true).with_status(true), Counts::one(true));
    }
}
