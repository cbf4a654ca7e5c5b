//! Who may depend on whom, checked with `cargo tree`.
//!
//! The architecture in one table: core decides and knows no platform, no shell knows
//! another, and the recorder does not grow by accident.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Outcome;
use super::counts::Counts;
use crate::process;
use crate::repo::Repo;

/// How far a rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// What the crate's own manifest names.
    Direct,
    /// That, and all it brings along.
    Any,
}

struct Rule {
    package: &'static str,
    reach: Reach,
    forbidden: &'static [&'static str],
    reason: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        package: "sentiero-core",
        reach: Reach::Any,
        forbidden: &["wasm-bindgen", "js-sys", "web-sys", "worker", "getrandom"],
        reason: "core knows no platform; time and randomness are arguments",
    },
    Rule {
        package: "sentiero-core",
        reach: Reach::Any,
        forbidden: &["regex", "url"],
        reason: "each costs the recorder more than everything it does",
    },
    Rule {
        package: "recorder-wasm",
        reach: Reach::Direct,
        forbidden: &["serde_json"],
        reason: "events are scanned, not parsed; core has what little is needed",
    },
    Rule {
        package: "recorder-wasm",
        reach: Reach::Any,
        forbidden: &[
            "edge-worker",
            "dashboard",
            "worker",
            "leptos",
            "regex",
            "url",
        ],
        reason: "no shell depends on another, and the recorder pays for every kilobyte",
    },
    Rule {
        package: "edge-worker",
        reach: Reach::Any,
        forbidden: &["recorder-wasm", "dashboard", "leptos"],
        reason: "no shell depends on another",
    },
    Rule {
        package: "dashboard",
        reach: Reach::Any,
        forbidden: &["recorder-wasm", "edge-worker", "worker"],
        reason: "no shell depends on another",
    },
    Rule {
        package: "system-tests",
        reach: Reach::Any,
        forbidden: &["recorder-wasm", "edge-worker", "dashboard", "worker"],
        reason: "system tests see the product from outside",
    },
];

/// Every rule is one test.
pub(super) fn check(repo: &Repo) -> Result<Outcome> {
    let mut counts = Counts::default();
    let mut lines = Vec::new();
    for rule in RULES {
        let reached = reached(repo, rule.package, rule.reach)?;
        let broken = broken(rule, &reached);
        counts += Counts::one(broken.is_empty());
        if !broken.is_empty() {
            let names = broken.join(", ");
            lines.push(format!(
                "{} must not reach {names}: {}",
                rule.package, rule.reason
            ));
        }
    }
    let output = lines.join("\n");
    Ok(Outcome::Ran { counts, output })
}

/// Names of the packages in the tree of `package`, for every target.
fn reached(repo: &Repo, package: &str, reach: Reach) -> Result<BTreeSet<String>> {
    let mut command = process::command(repo, "cargo");
    command
        .args([
            "tree",
            "--package",
            package,
            "--edges",
            "normal",
            "--target",
            "all",
        ])
        .args(["--prefix", "none", "--format", "{p}"]);
    if reach == Reach::Direct {
        command.args(["--depth", "1"]);
    }
    Ok(package_names(&process::output(&mut command)?))
}

fn package_names(tree: &str) -> BTreeSet<String> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

fn broken<'a>(rule: &'a Rule, reached: &BTreeSet<String>) -> Vec<&'a str> {
    let forbidden = rule.forbidden.iter().copied();
    forbidden.filter(|name| reached.contains(*name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_what_breaks_it() {
        let tree =
            "recorder-wasm v0.1.0 (/clone/recorder-wasm)\nserde_json v1.0.0\nregex v1.0.0 (*)\n";
        let rule = Rule {
            package: "recorder-wasm",
            reach: Reach::Any,
            forbidden: &["regex", "url"],
            reason: "",
        };
        assert_eq!(broken(&rule, &package_names(tree)), ["regex"]);
    }
}
