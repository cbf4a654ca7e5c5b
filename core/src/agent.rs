//! What a User-Agent header says, by families only: no version is kept, because
//! versions tell visitors apart.
//!
//! Tokens instead of a library: the libraries that know more bring `regex`,
//! which more than doubles the worker (see docs/adr), for names that five
//! families and six systems cover. Unknown stays unknown.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

/// Each family's token, the more specific first: Edge says that it is Chrome,
/// and Chrome that it is Safari.
const BROWSERS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("Safari/", "Safari"),
];

/// iPhones say that they are like Mac OS X, Android that it is Linux.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Browser, operating system and device (`desktop`, `mobile`, `tablet`).
pub fn families(agent: &str) -> (Option<String>, Option<String>, Option<String>) {
    let system = family(agent, &SYSTEMS);
    (
        family(agent, &BROWSERS).map(str::to_owned),
        system.map(str::to_owned),
        system.map(|system| device(agent, system)),
    )
}

fn family(agent: &str, tokens: &[(&str, &'static str)]) -> Option<&'static str> {
    tokens
        .iter()
        .find(|(token, _)| agent.contains(token))
        .map(|(_, family)| *family)
}

fn device(agent: &str, system: &str) -> String {
    match system {
        "iOS" => "mobile",
        // Android tablets leave out the word that its phones carry.
        "Android" if agent.contains("Mobile") => "mobile",
        "iPadOS" | "Android" => "tablet",
        _ => "desktop",
    }
    .to_owned()
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
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0";
        check(
            &format!("Mozilla/5.0 (X11; Linux x86_64) {chrome} Safari/537.36"),
            ["Chrome", "Linux", "desktop"],
        );
        check(
            &format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Safari/537.36 Edg/156.0"),
            ["Edge", "Windows", "desktop"],
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
            ["Safari", "iOS", "mobile"],
        );
        check(
            &format!("Mozilla/5.0 (Linux; Android 14; SM-X700) {chrome} Safari/537.36"),
            ["Chrome", "Android", "tablet"],
        );
        check(
            &format!("Mozilla/5.0 (Linux; Android 14; Pixel 9) {chrome} Mobile Safari/537.36"),
            ["Chrome", "Android", "mobile"],
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:140.0) Gecko/20100101 Firefox/140.0",
            ["Firefox", "macOS", "desktop"],
        );
        check("curl/8.0", ["", "", ""]);
        check("", ["", "", ""]);
    }
}
