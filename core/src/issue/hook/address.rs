//! Where a webhook may go: to a public host, over https.
//!
//! An address is configured by an operator, and asked by the worker: it must not be a way to
//! reach what only the worker reaches. So this is an allow-list of forms: a host is written as
//! browsers write it ([`crate::origin`]), as a name of the DNS or as an address, so that no
//! second reader takes it for another; names that are no public ones by themselves, and
//! addresses of no public network, are refused. What a name leads to, only the platform knows
//! when it asks: it must not let the worker into private networks (docs/webhooks.md).

use super::MAX_ADDRESS;
use crate::origin;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not told. Each says what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// It is too long, or holds what no address has as it is.
    Form,
    /// Neither https, nor http to this machine.
    Scheme,
    /// Its host is not written as browsers do.
    Host,
    /// Its host is of no public network.
    Private,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => {
                "must be an address of up to 500 bytes, without white space, user, fragment and what is not ASCII"
            }
            Self::Scheme => "must begin with https://",
            Self::Host => {
                "must name a host as browsers do: lower case, other scripts as xn--…, addresses in their usual form, no dot at the end, no port that is the scheme's own"
            }
            Self::Private => {
                "must be of a public network: no private, local or reserved address, and no name that only a private network knows"
            }
        })
    }
}

impl core::error::Error for AddressError {}

/// An address that may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: String,
    is_local: bool,
}

/// Hosts of this machine, for development: over http, and only where a deployment says so.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Last parts of names that are no public ones.
const PRIVATE_NAMES: [&str; 13] = [
    "local",
    "localhost",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "arpa",
    "onion",
    "test",
    "invalid",
];

impl Target {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() > MAX_ADDRESS || !is_plain || text.contains(['#', '\\']) {
            return Err(AddressError::Form);
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, _) = rest.split_at_checked(end).ok_or(AddressError::Form)?;
        if authority.contains('@') {
            return Err(AddressError::Form);
        }
        let origin = text
            .get(..scheme.len() + 3 + end)
            .ok_or(AddressError::Form)?;
        origin::check(origin).map_err(|error| match error {
            origin::OriginError::Scheme => AddressError::Scheme,
            _ => AddressError::Host,
        })?;
        let host = host(authority);
        let is_local = scheme == "http" && LOCAL.contains(&host);
        if scheme != "https" && !is_local {
            return Err(AddressError::Scheme);
        }
        if !is_local && !is_public(host) {
            return Err(AddressError::Private);
        }
        let url = text.to_owned();
        Ok(Self { url, is_local })
    }

    /// Whether it is on the machine that the worker runs on.
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// It, as it is asked.
    pub fn as_str(&self) -> &str {
        &self.url
    }
}

/// The host of an authority that [`origin::check`] has let pass.
fn host(authority: &str) -> &str {
    let behind = authority.rfind(']').map_or(0, |end| end + 1);
    let port = authority.get(behind..).and_then(|rest| rest.find(':'));
    let end = port.map_or(authority.len(), |port| behind + port);
    authority.get(..end).unwrap_or_default()
}

fn is_public(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match bare.unwrap_or(host).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => is_public_v4(address),
        Ok(IpAddr::V6(address)) => is_public_v6(address),
        Err(_) => is_public_name(host),
    }
}

/// A name of the public DNS ends with a top level that is letters, or an encoded one: what ends
/// otherwise some reader may take for a number, as `0x7f.1`.
fn is_public_name(host: &str) -> bool {
    let Some((_, last)) = host.rsplit_once('.') else {
        return false;
    };
    let is_letters = last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_letters || last.starts_with("xn--")) && !PRIVATE_NAMES.contains(&last)
}

/// Networks of the special-purpose registry (RFC 6890), multicast and reserved: first address,
/// bits.
const SPECIAL_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// A cloud's own services, told to all machines in it.
const SERVICES: [Ipv4Addr; 2] = [
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    let is_special = SPECIAL_V4.iter().any(|(first, length)| {
        let first = u32::from(Ipv4Addr::from(*first));
        (bits ^ first) >> (32 - length) == 0
    });
    !is_special && !SERVICES.contains(&address)
}

/// Global unicast, without what is set apart in it: IETF protocols (Teredo among them),
/// documentation, and 6to4, which holds an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = a & 0xe000 == 0x2000;
    let is_special = match a {
        0x2001 => b < 0x0200 || b == 0x0db8,
        0x2002 => true,
        0x3fff => b < 0x1000,
        _ => false,
    };
    is_global && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString as _;
    use proptest::prelude::*;

    #[test]
    fn what_is_told() {
        for text in [
            "https://hooks.example.com/a?b=c",
            "https://hooks.example.com",
            "https://hooks.example.com?b",
            "https://hooks.example.com:8443/a:b@c",
            "https://xn--bcher-kva.example/a",
            "https://a.xn--p1ai/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://[2606:4700::1111]:8443/",
            "https://100.63.255.255/",
            "https://172.32.0.1/",
        ] {
            let target = Target::parse(text);
            assert_eq!(target.as_ref().map(Target::is_local), Ok(false), "{text}");
            assert_eq!(target.unwrap().as_str(), text);
        }
        for text in [
            "http://localhost:9000/hook",
            "http://127.0.0.1:9000/",
            "http://[::1]:9000",
        ] {
            assert_eq!(
                Target::parse(text).map(|it| it.is_local()),
                Ok(true),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_told() {
        use AddressError::{Form, Host, Private, Scheme};
        for (text, error) in [
            ("", Scheme),
            ("hooks.example.com", Scheme),
            ("http://hooks.example.com/", Scheme),
            ("http://127.0.0.2/", Scheme),
            ("http://169.254.169.254/latest/meta-data/", Scheme),
            ("ftp://hooks.example.com/", Scheme),
            ("file:///etc/passwd", Scheme),
            ("HTTPS://hooks.example.com/", Scheme),
            ("https://me@hooks.example.com/", Form),
            ("https://me:secret@127.0.0.1/", Form),
            ("https://hooks.example.com\\@127.0.0.1/", Form),
            ("https://hooks.example.com/#a", Form),
            ("https://hooks.example.com/ a", Form),
            ("https://hooks.example.com/\u{e9}", Form),
            ("https://b\u{fc}cher.example/", Form),
            ("https://127\u{3002}0.0.1/", Form),
            ("https://hooks.example.com./", Host),
            ("https://127.0.0.1./", Host),
            ("https://Hooks.example.com/", Host),
            ("https://127.1/", Host),
            ("https://0177.0.0.1/", Host),
            ("https://2130706433/", Host),
            ("https://0x7f.0.0.1/", Host),
            ("https://%31%32%37.0.0.1/", Host),
            ("https://[::ffff:7f00:1]/", Host),
            ("https://[fe80::1%25eth0]/", Host),
            ("https://hooks.example.com:443/", Host),
            ("https:///a", Host),
            ("https://", Host),
            ("https://localhost/", Private),
            ("https://127.0.0.1/", Private),
            ("https://[::1]/", Private),
            ("https://0x7f000001/", Private),
            ("https://127.0.0.0x1/", Private),
            ("https://a.0x7f/", Private),
            ("https://intranet/", Private),
            ("https://printer.local/", Private),
            ("https://a.localhost/", Private),
            ("https://metadata.google.internal/", Private),
            ("https://1.0.0.127.in-addr.arpa/", Private),
            ("https://0.0.0.0/", Private),
            ("https://10.0.0.1/", Private),
            ("https://100.64.0.1/", Private),
            ("https://169.254.169.254/", Private),
            ("https://172.16.0.1/", Private),
            ("https://172.31.255.255/", Private),
            ("https://192.168.1.1/", Private),
            ("https://198.19.0.1/", Private),
            ("https://224.0.0.1/", Private),
            ("https://255.255.255.255/", Private),
            ("https://100.100.100.200/", Private),
            ("https://168.63.129.16/", Private),
            ("https://[fd00:ec2::254]/", Private),
            ("https://[fe80::1]/", Private),
            ("https://[::ffff:127.0.0.1]/", Private),
            ("https://[64:ff9b::a00:1]/", Private),
            ("https://[2002:a00:1::]/", Private),
            ("https://[2001:db8::1]/", Private),
            ("https://[2001::1]/", Private),
            ("https://[::]/", Private),
            ("https://[ff02::1]/", Private),
        ] {
            assert_eq!(Target::parse(text), Err(error), "{text}");
        }
        let long = format!("https://hooks.example.com/{}", "a".repeat(MAX_ADDRESS));
        assert_eq!(Target::parse(&long), Err(Form));
    }

    /// By another reading of the same registry.
    fn is_special(address: Ipv4Addr) -> bool {
        let [a, b, c, _] = address.octets();
        address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || address.is_broadcast()
            || address.is_documentation()
            || address.is_multicast()
            || a == 0
            || a >= 240
            || (a == 100 && (64..128).contains(&b))
            || (a == 198 && (18..20).contains(&b))
            || (a == 192 && (b, c) == (0, 0))
    }

    /// The ways to write an IPv4 address that some reader of addresses understands.
    fn spellings(address: Ipv4Addr) -> [String; 7] {
        let [a, b, c, d] = address.octets();
        let number = u32::from(address);
        [
            number.to_string(),
            format!("{number:#x}"),
            format!("0{number:o}"),
            format!("{a}.{}", number & 0x00ff_ffff),
            format!("{a}.{b}.{}", number & 0xffff),
            format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
            format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        ]
    }

    proptest! {
        #[test]
        fn no_special_address_is_told(number in any::<u32>(), near in 0_usize..SPECIAL_V4.len(), host in 0_u32..256) {
            let (first, length) = SPECIAL_V4[near];
            let first = u32::from(Ipv4Addr::from(first));
            let within = first | (number >> length);
            for number in [number, within, first | host, first.wrapping_sub(1 + host)] {
                let address = Ipv4Addr::from(number);
                let told = Target::parse(&format!("https://{address}/")).is_ok();
                prop_assert!(!(told && is_special(address)), "{address}");
            }
            let special = Ipv4Addr::from(within);
            prop_assert!(Target::parse(&format!("https://{special}/")).is_err(), "{special}");
        }

        /// However an address is written otherwise, it is not told.
        #[test]
        fn addresses_have_one_spelling(number in any::<u32>()) {
            for host in spellings(Ipv4Addr::from(number)) {
                for text in [format!("https://{host}/"), format!("https://{host}./"), format!("https://a@{host}/")] {
                    prop_assert!(Target::parse(&text).is_err(), "{text}");
                }
            }
        }

        /// An IPv6 address that holds an IPv4 address, or is none of the public ones.
        #[test]
        fn no_special_ipv6_is_told(number in any::<u128>(), v4 in any::<u32>()) {
            let v4 = Ipv4Addr::from(v4);
            let [a, b, c, d] = v4.octets().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            for address in [
                v4.to_ipv6_mapped(),
                v4.to_ipv6_compatible(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, high, low, 0, 0, 0, 1),
            ] {
                prop_assert!(Target::parse(&format!("https://[{address}]/")).is_err(), "{address}");
            }
            let any = Ipv6Addr::from(number);
            let told = Target::parse(&format!("https://[{any}]/")).is_ok();
            prop_assert!(!told || (0x2000..0x4000).contains(&any.segments()[0]), "{any}");
        }

        /// What is taken is read in one way: nothing stands before the host but the scheme.
        #[test]
        fn what_is_told_is_plain(text in "https?://[-a-zA-Z0-9_.:\\[\\]@/?*%\\\\é ]{0,24}") {
            if let Ok(target) = Target::parse(&text) {
                let rest = text.split_once("://").unwrap().1;
                let authority = rest.split(['/', '?']).next().unwrap();
                prop_assert!(!authority.contains(['@', '\\', '%']));
                prop_assert!(target.is_local() || text.starts_with("https://"));
                prop_assert_eq!(crate::origin::of(&text).unwrap(), text.split(['?']).next().unwrap().get(..text.len() - rest.len() + authority.len()).unwrap());
            }
        }

        #[test]
        fn anything_is_answered(text in "\\PC{0,60}") {
            let _ = Target::parse(&text);
            let _ = Target::parse(&format!("https://{text}"));
        }
    }
}
