//! What a User-Agent header says, by families only: no version is kept, because
//! versions tell visitors apart.

use woothee::parser::Parser;

/// What the library says when it does not know.
const UNKNOWN: &str = "UNKNOWN";

/// Browser, operating system and device (`desktop`, `mobile`, `tablet`).
pub(crate) fn families(agent: &str) -> (Option<String>, Option<String>, Option<String>) {
    let Some(result) = Parser::new().parse(agent) else {
        return (None, None, None);
    };
    let known = |name: &str| (!name.is_empty() && name != UNKNOWN).then(|| name.to_owned());
    (
        known(result.name),
        known(result.os),
        device(agent, result.category),
    )
}

fn device(agent: &str, category: &str) -> Option<String> {
    // Android tablets leave out the word that its phones carry.
    let tablet = agent.contains("iPad") || (agent.contains("Android") && !agent.contains("Mobile"));
    match category {
        _ if tablet => Some("tablet"),
        "pc" => Some("desktop"),
        "smartphone" | "mobilephone" => Some("mobile"),
        _ => None,
    }
    .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::families;

    #[test]
    fn knows_the_usual_ones() {
        let check = |agent: &str, expected: [&str; 3]| {
            let (browser, os, device) = families(agent);
            assert_eq!(
                [browser, os, device].map(Option::unwrap_or_default),
                expected,
                "{agent}"
            );
        };
        check(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
            ["Chrome", "Linux", "desktop"],
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            ["Safari", "iPhone", "mobile"],
        );
        check(
            "Mozilla/5.0 (Linux; Android 14; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            ["Chrome", "Android", "tablet"],
        );
        check("", ["", "", ""]);
    }
}
