//! What is remarkable about the way a URL is written.

use crate::net::{self, Target};

/// A reason to look at a URL twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Risk {
    /// A label in Punycode: other scripts behind Latin letters.
    Punycode,
    /// Letters of other scripts, or one letter off a well-known name.
    Homograph,
    /// A name before an `@` that looks like the host.
    UserInfo,
    /// An address instead of a name.
    RawAddress,
    /// An address in a form that people do not read: one number, octal, hexadecimal.
    OddAddress,
    /// A port that is no usual one, with an address.
    AddressAndPort,
    /// A service that hides where the address leads.
    Shortener,
    /// A place made to collect what others send.
    Collector,
    /// Not encrypted.
    Plain,
}

impl Risk {
    /// The word in reports: `punycode`, `raw-address` …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Punycode => "punycode",
            Self::Homograph => "homograph",
            Self::UserInfo => "userinfo",
            Self::RawAddress => "raw-address",
            Self::OddAddress => "odd-address",
            Self::AddressAndPort => "address-and-port",
            Self::Shortener => "shortener",
            Self::Collector => "collector",
            Self::Plain => "plain",
        }
    }
}

/// Everything remarkable about `url`. Hosts of this machine and of private networks are not.
#[must_use]
pub fn risks(url: &str) -> Vec<Risk> {
    use crate::effect::{Places, Tags};
    let target = Target::of(url);
    if target
        .places()
        .has(Places::LOOPBACK.and(Places::PRIVATE_NETWORK))
    {
        return Vec::new();
    }
    let tags = target.tags();
    let address = net::address(&target.host);
    let dotted = address.is_some_and(|[a, b, c, d]| target.host == format!("{a}.{b}.{c}.{d}"));
    let punycode = target
        .host
        .split('.')
        .any(|label| label.starts_with("xn--"));
    let userinfo = target.user.as_deref().is_some_and(|user| {
        user.split(':')
            .next()
            .is_some_and(|name| name.contains('.'))
    });
    let checks = [
        (Risk::Punycode, punycode),
        (
            Risk::Homograph,
            tags.has(Tags::LOOKALIKE) && !punycode && !userinfo,
        ),
        (Risk::UserInfo, userinfo),
        (Risk::RawAddress, address.is_some() && dotted),
        (Risk::OddAddress, address.is_some() && !dotted),
        (Risk::AddressAndPort, address.is_some() && has_odd_port(url)),
        (Risk::Shortener, tags.has(Tags::LINK)),
        (Risk::Collector, tags.has(Tags::DROPBOX)),
        (Risk::Plain, tags.has(Tags::PLAIN)),
    ];
    checks
        .into_iter()
        .filter(|(_, found)| *found)
        .map(|(risk, _)| risk)
        .collect()
}

fn has_odd_port(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once(':').is_some_and(|(_, port)| {
        !matches!(port, "" | "80" | "443") && port.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::{Risk, risks};

    #[test]
    fn each_trick_is_named() {
        for (url, expected) in [
            ("https://xn--gthub-n4a.com/x", &[Risk::Punycode][..]),
            ("https://g\u{456}thub.com/x", &[Risk::Homograph]),
            ("https://githuub.com/x", &[Risk::Homograph]),
            ("https://github.com@evil.top/x", &[Risk::UserInfo]),
            ("https://45.77.10.9/x", &[Risk::RawAddress]),
            ("https://0x2d4d0a09/x", &[Risk::OddAddress]),
            (
                "http://45.77.10.9:4444/x",
                &[Risk::RawAddress, Risk::AddressAndPort, Risk::Plain],
            ),
            ("https://bit.ly/x", &[Risk::Shortener]),
            ("https://webhook.site/1", &[Risk::Collector]),
            ("http://evil.top/", &[Risk::Plain]),
        ] {
            assert_eq!(risks(url), expected, "{url}");
        }
    }

    #[test]
    fn ordinary_addresses_are_not_remarkable() {
        for url in [
            "https://github.com/a/b",
            "http://localhost:3000",
            "http://192.168.1.4:8080/x",
            "https://docs.rs/regex",
        ] {
            assert_eq!(risks(url), [], "{url}");
        }
    }
}
