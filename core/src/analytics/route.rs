//! Which page an address is of: what a report counts together.
//!
//! | address | page |
//! |---|---|
//! | `https://shop.example/orders/1234/` | `shop.example/orders/:id` |
//! | `https://shop.example/u/0b0e5dd2-93f5-4a5e-9b37-0c5a3f1d2c11` | `shop.example/u/:id` |
//! | `https://shop.example/blog/summer`, by the rule `/blog/*` | `shop.example/blog/*` |
//!
//! A page has its host, always: the same page is then the same text in every answer, whatever
//! else a site has in the range, so that answers can be compared and questions kept. The
//! scheme is left out, and so are `/` at the end. Who shows pages of one host only may leave
//! the host out.
//!
//! **Holds**: the page of a page is the page itself; time is linear in the address for each
//! rule.

use crate::field::FieldError;
use crate::text::decimal;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter;
use serde::{Deserialize, Serialize};

/// The most rules of a site.
pub const MAX_RULES: usize = 50;

/// The longest rule, bytes.
pub const MAX_RULE: usize = 256;

/// What stands before a host.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// What stands for a part of a path that names one thing of many.
const ID: &str = ":id";

/// At the end of a rule: everything that follows, one part at least.
const REST: &str = "**";

/// A site's own rules, the first that fits holds. Without one, parts of the path that look
/// like ids become `:id`.
///
/// A rule is a path. Its parts `*` and those that begin with `:` fit any one part, `**` at
/// the end fits all that follow. The page is then the host and the rule as it is written, so
/// a rule without any of these keeps a path as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Routes(Vec<String>);

impl Routes {
    /// The rules, if they can be used; the error says which cannot.
    pub fn new(rules: Vec<String>) -> Result<Self, FieldError> {
        let routes = Self(rules);
        routes.check()?;
        Ok(routes)
    }

    /// Whether rules that were read can be used; the error says which cannot.
    pub fn check(&self) -> Result<(), FieldError> {
        let refuse = |reason: String| Err(FieldError::new("routes", reason));
        if self.0.len() > MAX_RULES {
            return refuse(format!("must not hold more than {MAX_RULES} rules"));
        }
        for (number, rule) in (1_u64..).zip(&self.0) {
            if let Err(reason) = check(rule) {
                let number = decimal(number);
                return refuse(format!("rule {number} {reason}"));
            }
        }
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules as they were given.
    pub fn rules(&self) -> &[String] {
        &self.0
    }

    /// The page of an address: also of a page, and of a path alone, which then has no host.
    pub fn page(&self, address: &str) -> String {
        let end = address.find(['?', '#']).unwrap_or(address.len());
        let address = address.get(..end).unwrap_or(address);
        let mut rest = address;
        // All of them: what is left must not have another page than itself.
        while let Some(behind) = SCHEMES.iter().find_map(|scheme| rest.strip_prefix(scheme)) {
            rest = behind;
        }
        // An address without a host, `about:blank` or a file: nothing to be told apart.
        if rest.len() == address.len() && address.contains("://") {
            return address.to_owned();
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let path = path.trim_end_matches('/');
        let mut page = String::with_capacity(rest.len());
        page.push_str(host);
        if path.is_empty() {
            page.push('/');
        } else if let Some(rule) = self.0.iter().find(|rule| fits(rule, path)) {
            page.push_str(rule.trim_end_matches('/'));
        } else {
            for part in path.split('/').skip(1) {
                page.push('/');
                page.push_str(if is_id(part) { ID } else { part });
            }
        }
        page
    }
}

/// Whether `page` is what was asked for: a path alone is one of every host.
pub fn is_page(asked: &str, page: &str) -> bool {
    if !asked.starts_with('/') {
        return asked == page;
    }
    let path = page.find('/').and_then(|path| page.get(path..));
    path == Some(asked)
}

/// What every address of a page begins with, behind its scheme.
pub fn literal(page: &str) -> &str {
    let mut end = 0;
    for part in page.split('/') {
        if is_wild(part) {
            return page.get(..end).unwrap_or(page);
        }
        end += part.len() + 1;
    }
    page.trim_end_matches('/')
}

fn check(rule: &str) -> Result<(), &'static str> {
    if !rule.starts_with('/') {
        return Err("must begin with `/`");
    }
    if rule.len() > MAX_RULE {
        return Err("is longer than 256 bytes");
    }
    if rule.trim_end_matches('/').is_empty() || rule.contains(['?', '#']) {
        return Err("must be a path with at least one part, without query and fragment");
    }
    if rule.contains(char::is_control) {
        return Err("must not hold control characters");
    }
    let inner = rule.trim_end_matches('/').rsplit_once('/');
    let inner = inner.map_or("", |(inner, _)| inner);
    if inner.split('/').any(|part| part == REST) {
        return Err("may have `**` as its last part only");
    }
    Ok(())
}

/// Whether a part of a rule is not taken by its letters.
fn is_wild(part: &str) -> bool {
    part == "*" || part == REST || part.starts_with(':')
}

fn fits(rule: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for wanted in rule.trim_end_matches('/').split('/') {
        let Some(part) = parts.next() else {
            return false;
        };
        if wanted == REST {
            return true;
        }
        // The page of a rule with `**` is of that rule alone.
        if part == REST || (wanted != part && !is_wild(wanted)) {
            return false;
        }
    }
    parts.next().is_none()
}

/// Whether a part of a path names one thing of many: a number or date, a UUID, hexadecimal
/// digits, or what looks drawn by lot.
fn is_id(part: &str) -> bool {
    let all = |is: fn(u8) -> bool| part.bytes().all(is);
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    // Numbers, dates, UUIDs and what is written like them.
    let grouped = all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if grouped && (all(|byte| byte.is_ascii_digit() || byte == b'-') || part.len() == 36) {
        return true;
    }
    if part.len() >= 8 && all(|byte| byte.is_ascii_hexdigit()) {
        return true;
    }
    let is_token = all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    // Words change from letters to digits and from small to large ones seldom, what is drawn
    // by lot does nearly everywhere.
    part.len() >= 16 && digits >= 2 && is_token && changes(part) * 5 >= part.len()
}

/// How often a small letter, a capital and a digit follow one another.
fn changes(part: &str) -> usize {
    let kinds = part.bytes().filter_map(|byte| match byte {
        b'a'..=b'z' => Some(0_u8),
        b'A'..=b'Z' => Some(1),
        b'0'..=b'9' => Some(2),
        _ => None,
    });
    let mut last = None;
    let differs = kinds.filter(|kind| {
        let before = last.replace(*kind);
        before.is_some_and(|before| before != *kind)
    });
    iter::Iterator::count(differs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn routes(rules: &[&str]) -> Routes {
        Routes::new(rules.iter().map(|rule| (*rule).to_owned()).collect()).unwrap()
    }

    #[test]
    fn addresses_have_pages() {
        for (address, page) in [
            ("", "/"),
            ("https://shop.example", "shop.example/"),
            ("https://shop.example/", "shop.example/"),
            ("http://shop.example:8080/a/", "shop.example:8080/a"),
            ("https://shop.example/a//", "shop.example/a"),
            ("https://shop.example/a?b=1#c", "shop.example/a"),
            ("/orders/17", "/orders/:id"),
            ("about:blank", "about:blank/"),
            ("file:///home/17", "file:///home/17"),
            ("https://http:///a/17", "/a/:id"),
            ("https://a://17", "a://:id"),
            ("https://s/orders/1234/items/5", "s/orders/:id/items/:id"),
            ("https://s/2026-11-27/x", "s/:id/x"),
            ("https://s/0b0e5dd2-93f5-4a5e-9b37-0c5a3f1d2c11", "s/:id"),
            ("https://s/deadbeef", "s/deadbeef"),
            ("https://s/dead8eef", "s/:id"),
            ("https://s/c0ffee", "s/c0ffee"),
            ("https://s/5f2b9c0de4b0a1c2d3e4f506", "s/:id"),
            ("https://s/aZ9kQ2mX7pL4vB1n", "s/:id"),
            ("https://s/01J9Z8Q4W7R2T6Y3U5I0P1A2S4", "s/:id"),
            ("https://s/0193a8f1c2d4k7x2m9q4w8r1t5", "s/:id"),
            ("https://s/trail-shoes-42", "s/trail-shoes-42"),
            (
                "https://s/how-to-build-10-things-in-2024",
                "s/how-to-build-10-things-in-2024",
            ),
            (
                "https://s/HowToBuildThingsInRust",
                "s/HowToBuildThingsInRust",
            ),
            ("https://s/v2/users", "s/v2/users"),
            ("https://s/%31%32", "s/%31%32"),
        ] {
            assert_eq!(Routes::default().page(address), page, "{address}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_holds() {
        let routes = routes(&["/blog/2024", "/blog/*", "/u/:name/posts/", "/docs/**"]);
        for (path, page) in [
            ("/blog/2024", "/blog/2024"),
            ("/blog/summer", "/blog/*"),
            ("/blog", "/blog"),
            ("/blog/summer/2", "/blog/summer/:id"),
            ("/u/ann/posts", "/u/:name/posts"),
            ("/u/ann", "/u/ann"),
            ("/docs", "/docs"),
            ("/docs/a/b/c", "/docs/**"),
        ] {
            let address = format!("https://s.example{path}");
            assert_eq!(routes.page(&address), format!("s.example{page}"), "{path}");
        }
    }

    #[test]
    fn rules_are_checked() {
        for (rule, reason) in [
            ("blog", "rule 1 must begin with `/`"),
            (
                "/",
                "rule 1 must be a path with at least one part, without query and fragment",
            ),
            (
                "/a?b",
                "rule 1 must be a path with at least one part, without query and fragment",
            ),
            ("/a\n", "rule 1 must not hold control characters"),
            ("/**/a", "rule 1 may have `**` as its last part only"),
        ] {
            let refused = Routes::new(vec![rule.into()]).unwrap_err();
            assert_eq!((&*refused.field, &*refused.reason), ("routes", reason));
        }
        let long = |length| Routes::new(vec![format!("/{}", "x".repeat(length))]);
        assert!(long(MAX_RULE - 1).is_ok());
        assert!(long(MAX_RULE).is_err());
        let many = |count| Routes::new(vec!["/a".into(); count]);
        assert!(many(MAX_RULES).is_ok());
        assert!(many(MAX_RULES + 1).is_err());
    }

    #[test]
    fn a_path_alone_is_of_every_host() {
        for (asked, page, is) in [
            ("s/a", "s/a", true),
            ("/a", "s/a", true),
            ("/a", "t/a", true),
            ("/a", "s/b/a", false),
            ("s/a", "t/a", false),
            ("/", "s/", true),
        ] {
            assert_eq!(is_page(asked, page), is, "{asked} {page}");
        }
    }

    #[test]
    fn what_all_addresses_of_a_page_begin_with() {
        for (page, literal) in [
            ("s/", "s"),
            ("s/a/b", "s/a/b"),
            ("s/orders/:id/items", "s/orders/"),
            ("s/*", "s/"),
            ("s/docs/**", "s/docs/"),
        ] {
            assert_eq!(super::literal(page), literal, "{page}");
        }
    }

    const PATH: &str = "(https?:///?){0,2}[a-c]{0,2}(/(a|b|17|x9|\\*|\\*\\*|:id|:b|[0-9a-f]{8}|\
                        [A-Za-z0-9_-]{16}|\\PC{0,3})){0,4}/{0,2}";

    proptest! {
        #[test]
        fn the_page_of_a_page_is_the_page(
            rules in prop::collection::vec("(/(a|b|17|\\*|:x|:id)){1,3}(/\\*\\*)?/?", 0..4),
            address in PATH,
        ) {
            let routes = Routes::new(rules).unwrap();
            let page = routes.page(&address);
            prop_assert_eq!(routes.page(&page), page.clone());
            prop_assert!(page.starts_with(literal(&page)));
        }

        #[test]
        fn anything_has_a_page(address in ".{0,60}") {
            let page = Routes::default().page(&address);
            prop_assert_eq!(Routes::default().page(&page), page);
        }
    }
}
