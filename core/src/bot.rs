//! Which browsers say of themselves that nobody looks through them.
//!
//! By words of the User-Agent header, as for browser families: a list of all crawlers would
//! be a regular expression a crawler (over 1 400 of them), and the worker has no engine for
//! these. The words are those that the public lists have in common: the MIT-licensed
//! `monperrus/crawler-user-agents` (on whose examples the words were tried: of those that
//! begin like a browser they know nine in ten), the documentation of Google's, Bing's and
//! Yandex's crawlers, and the names that headless browsers, monitors and
//! HTTP libraries give themselves. Who hides is not found, and is recorded.

/// What a site does with bots that say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bots {
    /// Nothing of them is stored, and they are told to stop.
    #[default]
    Drop,
    /// They are recorded like anybody.
    Record,
}

/// Words that no person's browser has anywhere in its name, in lower case.
const ANYWHERE: [&str; 65] = [
    // What crawlers call themselves, and the address that they give for complaints.
    "crawl",
    "spider",
    "slurp",
    "scrape",
    "archiver",
    "indexer",
    "http://",
    "https://",
    "mediapartners",
    "google-",
    "googleother",
    "feedfetcher",
    "facebookexternalhit",
    "facebookcatalog",
    "meta-external",
    "bingpreview",
    "yandex.com/bots",
    "bytespider",
    "chatgpt-user",
    "perplexity-user",
    "claude-user",
    "duckassist",
    "daum",
    "ia_archiver",
    "preview",
    "validator",
    "linkcheck",
    "link checker",
    "siteimprove",
    "favicon",
    // Headless browsers, and what drives them.
    "headless",
    "phantomjs",
    "puppeteer",
    "playwright",
    "selenium",
    "webdriver",
    "cypress/",
    "jsdom",
    "htmlunit",
    "slimerjs",
    "splash",
    "prerender",
    "rendertron",
    // Monitors and auditors.
    "lighthouse",
    "pagespeed",
    "page speed",
    "ptst/",
    "gtmetrix",
    "pingdom",
    "dareboost",
    "synthetic",
    "uptime",
    "statuscake",
    "site24x7",
    "catchpoint",
    "datadog",
    "newrelicpinger",
    "monitor",
    // Libraries.
    "curl/",
    "wget",
    "python",
    "libwww",
    "httpclient",
    "http-client",
    "node-fetch",
];

/// How a word ends that makes a bot of its bearer: `Googlebot/2.1`, `AdsBot-Google`, `bot;`.
const ENDINGS: [&str; 2] = ["bot", "robot"];

/// Telephones of the brand are not meant.
const NOT: [&str; 1] = ["cubot"];

/// The longest part of a header that is looked at, bytes: no browser's name is longer.
const LONGEST: usize = 1_024;

/// Whether `agent`, a User-Agent header, is that of a declared bot.
pub fn is_bot(agent: &str) -> bool {
    let agent = agent.as_bytes();
    let agent = agent.get(..LONGEST).unwrap_or(agent).to_ascii_lowercase();
    ANYWHERE.iter().any(|word| contains(&agent, word)) || words(&agent).any(is_bots_name)
}

fn contains(agent: &[u8], word: &str) -> bool {
    agent
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}

/// The runs of letters.
fn words(agent: &[u8]) -> impl Iterator<Item = &[u8]> {
    agent
        .split(|byte| !byte.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
}

fn is_bots_name(word: &[u8]) -> bool {
    let ends = ENDINGS
        .iter()
        .any(|ending| word.ends_with(ending.as_bytes()));
    ends && NOT.iter().all(|not| word != not.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

    #[test]
    fn bots_are_known() {
        for agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116.0.1938.76 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 14_7 like Mac OS X) AppleWebKit/605.1.15 Version/14.1.2 Mobile/15E148 Safari/604.1 (compatible; AdsBot-Google-Mobile)",
            "Mozilla/5.0 (compatible; Yahoo! Slurp; x)",
            "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)",
            "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36",
            &alloc::format!("{CHROME} Chrome-Lighthouse"),
            &alloc::format!("{CHROME} PTST/240101.123456"),
            "facebookexternalhit/1.1",
            "curl/8.5.0",
            "python-requests/2.32",
            "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
            "BOT",
        ] {
            assert!(is_bot(agent), "{agent}");
        }
    }

    #[test]
    fn people_are_not_taken_for_bots() {
        for agent in [
            CHROME,
            "",
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 GSA/300.0 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 350.0 (iPhone15,2; iOS 18_0; en_US)",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/480.0;FBDV/iPhone15,2]",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Mozilla/5.0 (Linux; Android 14; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko",
            "Mozilla/5.0 (PlayStation 5 5.10) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0) AppleWebKit/537.36 SamsungBrowser/5.0 Chrome/108.0 TV Safari/537.36",
            "Bottles/1.0 Botany robotics",
        ] {
            assert!(!is_bot(agent), "{agent}");
        }
    }

    #[test]
    fn only_the_beginning_is_looked_at() {
        let long = "a ".repeat(LONGEST);
        assert!(!is_bot(&alloc::format!("{long}bot")));
        assert!(is_bot(&alloc::format!("bot {long}")));
        let edge = " ".repeat(LONGEST - 3);
        assert!(is_bot(&alloc::format!("{edge}bot")));
        assert!(!is_bot(&alloc::format!(" {edge}bot")));
    }

    proptest! {
        #[test]
        fn any_header_gets_an_answer(agent: String) {
            prop_assert_eq!(is_bot(&agent), is_bot(&agent.to_ascii_uppercase()));
        }
    }
}
