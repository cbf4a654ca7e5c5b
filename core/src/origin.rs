//! Web origins, as browsers write them in the `Origin` header: compared byte for byte, so
//! one that is written differently would never match and is refused where it is configured.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// Why a text is no origin. Each says what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// It does not begin with `https://` or `http://`.
    Scheme,
    /// Something follows the host and port.
    Path,
    /// The host is not written as browsers do.
    Host,
    /// The port is no port, or the scheme's own.
    Port,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "must begin with https:// or http://",
            Self::Path => {
                "must end after host and port: no slash, path, query, user or white space"
            }
            Self::Host => {
                "must name one host as browsers do: lower case, other scripts as xn--…, no wildcard, no dot at the end"
            }
            Self::Port => {
                "must have a port from 1 to 65535, or none where it is the scheme's own (443, 80)"
            }
        })
    }
}

impl core::error::Error for OriginError {}

/// The longest host name of the DNS.
const MAX_HOST: usize = 253;
/// The longest part of one between two dots.
const MAX_LABEL: usize = 63;

/// Checks that `text` is an origin: scheme, host, and a port where it is not the scheme's own.
pub fn check(text: &str) -> Result<(), OriginError> {
    let (scheme, rest) = text.split_once("://").ok_or(OriginError::Scheme)?;
    let own_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return Err(OriginError::Scheme),
    };
    if rest.contains(['/', '\\', '?', '#', '@']) || rest.contains(char::is_whitespace) {
        return Err(OriginError::Path);
    }
    let (host, port) = split(rest);
    if let Some(port) = port {
        check_port(port, own_port)?;
    }
    if is_host(host) {
        Ok(())
    } else {
        Err(OriginError::Host)
    }
}

/// The origin of a request's own address, as [`check`] wants origins; none of one that has
/// no host. A server hands the address on as it came, so letters, user and port are put right.
pub fn of(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let scheme = scheme.to_ascii_lowercase();
    let own = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let host = host.trim_end_matches(own).to_ascii_lowercase();
    (!host.is_empty()).then(|| format!("{scheme}://{host}"))
}

/// Host and port. The colons of an IPv6 address stand in brackets.
fn split(rest: &str) -> (&str, Option<&str>) {
    let ipv6 = match rest.rfind(']') {
        Some(end) => end + 1,
        None if rest.starts_with('[') => return (rest, None),
        None => 0,
    };
    let colon = rest.get(ipv6..).and_then(|tail| tail.find(':'));
    let at = colon.map(|colon| ipv6 + colon);
    match at.and_then(|at| rest.split_at_checked(at)) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => (rest, None),
    }
}

fn check_port(port: &str, own: u16) -> Result<(), OriginError> {
    let plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    match port.parse::<u16>() {
        Ok(number) if plain && number != own => Ok(()),
        _ => Err(OriginError::Port),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        // Browsers write the short form in lower case, and so does this.
        return inner
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| format!("{address}") == inner);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.len() <= MAX_HOST && host.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let fits = (1..=MAX_LABEL).contains(&label.len());
    let plain = label.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    });
    fits && plain && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_what_browsers_send() {
        let long = format!("https://{}.example", "a".repeat(63));
        for origin in [
            "https://shop.example",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:8787",
            "http://[::1]:8787",
            "http://[2001:db8::1]",
            "https://a.example:8443",
            "https://a.example:80",
            "http://a.example:443",
            "https://xn--bcher-kva.example",
            "https://my_host.example",
            "https://1.example",
            "http://a:65535",
            "http://a:1",
            &long,
        ] {
            assert_eq!(check(origin), Ok(()), "{origin}");
        }
    }

    #[test]
    fn refuses_what_would_never_match() {
        let long_label = format!("https://{}.example", "a".repeat(64));
        let long_host = format!("https://{}a", "ab.".repeat(85));
        for (text, error) in [
            ("", OriginError::Scheme),
            ("shop.example", OriginError::Scheme),
            ("*", OriginError::Scheme),
            ("null", OriginError::Scheme),
            ("ftp://shop.example", OriginError::Scheme),
            ("HTTPS://shop.example", OriginError::Scheme),
            (" https://shop.example", OriginError::Scheme),
            ("https://shop.example/", OriginError::Path),
            ("https://shop.example/path", OriginError::Path),
            ("https://shop.example?x", OriginError::Path),
            ("https://shop.example#x", OriginError::Path),
            ("https://me@shop.example", OriginError::Path),
            ("https://shop.example ", OriginError::Path),
            ("https://shop.example\\x", OriginError::Path),
            ("https://Shop.example", OriginError::Host),
            ("https://bücher.example", OriginError::Host),
            ("https://*.shop.example", OriginError::Host),
            ("https://shop.example.", OriginError::Host),
            ("https://shop..example", OriginError::Host),
            ("https://-shop.example", OriginError::Host),
            ("https://", OriginError::Host),
            ("https://:8443", OriginError::Host),
            ("https://1.2.3", OriginError::Host),
            ("https://1.2.3.256", OriginError::Host),
            ("https://01.2.3.4", OriginError::Host),
            ("https://[::1", OriginError::Host),
            ("https://[0:0:0:0:0:0:0:1]", OriginError::Host),
            ("https://[2001:DB8::1]", OriginError::Host),
            ("https://[::1]x", OriginError::Host),
            ("https://shop.example:", OriginError::Port),
            ("https://shop.example:0", OriginError::Port),
            ("https://shop.example:443", OriginError::Port),
            ("http://shop.example:80", OriginError::Port),
            ("https://shop.example:65536", OriginError::Port),
            ("https://shop.example:08443", OriginError::Port),
            ("https://shop.example:+8443", OriginError::Port),
            ("https://shop.example:8443:1", OriginError::Port),
            (&long_label, OriginError::Host),
            (&long_host, OriginError::Host),
        ] {
            assert_eq!(check(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_request_has_an_origin_as_its_page_writes_it() {
        for (address, origin) in [
            ("https://shop.example/i/demo?x=1#y", "https://shop.example"),
            ("http://127.0.0.1:8787/", "http://127.0.0.1:8787"),
            ("http://[::1]:8787/", "http://[::1]:8787"),
            ("https://shop.example", "https://shop.example"),
            ("https://shop.example?x", "https://shop.example"),
            ("https://shop.example:443/", "https://shop.example"),
            ("http://shop.example:80/", "http://shop.example"),
            ("https://shop.example:80/", "https://shop.example:80"),
            ("http://shop.example:8080/", "http://shop.example:8080"),
            ("HTTPS://Shop.Example:443/Path", "https://shop.example"),
            ("https://me:secret@shop.example/", "https://shop.example"),
            ("https://me@you@shop.example/", "https://shop.example"),
            (
                "https://shop.example/@other.example",
                "https://shop.example",
            ),
        ] {
            assert_eq!(of(address).as_deref(), Some(origin), "{address}");
        }
        for address in [
            "",
            "/i/demo",
            "shop.example",
            "https://",
            "https:///x",
            "ftp://a/",
        ] {
            assert_eq!(of(address), None, "{address}");
        }
    }

    proptest! {
        /// The worker's own pages are let in by it.
        #[test]
        fn an_origin_is_that_of_its_pages(
            host in "[a-z]{1,9}(\\.[a-z]{2,5})?(:[1-9][0-9]{2})?",
            path in "(/.{0,9})?",
        ) {
            let origin = format!("https://{host}");
            prop_assume!(check(&origin).is_ok());
            prop_assert_eq!(of(&format!("{origin}{path}")), Some(origin));
        }

        #[test]
        fn any_address_is_answered(text in ".{0,40}", rest in ".{0,40}") {
            let _ = of(&text);
            let _ = of(&format!("https://{rest}"));
        }

        #[test]
        fn anything_is_answered(text in ".{0,40}") {
            let _ = check(&text);
        }

        /// What is taken holds no character that would be taken for something else elsewhere.
        #[test]
        fn what_is_taken_is_plain(text in "https?://[-a-zA-Z0-9_.:\\[\\]@/*%é ]{0,20}") {
            if check(&text).is_ok() {
                let rest = text.split_once("://").unwrap().1;
                prop_assert!(rest.bytes().all(|byte| byte.is_ascii_lowercase()
                    || byte.is_ascii_digit() || b"-_.:[]".contains(&byte)), "{text}");
            }
        }
    }
}
