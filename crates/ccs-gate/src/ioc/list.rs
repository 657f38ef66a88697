//! Lists of indicators that a user keeps or fetches.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Indicator, Kind, refang, word};

/// Known indicators: hosts with everything below them, networks, hashes, mail and wallet
/// addresses, URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    values: BTreeSet<String>,
    v4: Vec<(u32, u8)>,
    v6: Vec<(u128, u8)>,
}

/// A line that is no indicator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: `{text}` is no address, host, URL, hash, CVE or wallet")]
pub struct ListError {
    /// Counted from 1.
    pub line: usize,
    /// What stands there, cut after 80 characters.
    pub text: String,
}

impl List {
    /// Reads one indicator a line; `#` begins a comment. Networks are written `203.0.113.0/24`.
    /// Unclickable forms are read as meant.
    ///
    /// # Errors
    /// The first line that is no indicator.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let mut list = Self::default();
        for (index, line) in text.lines().enumerate() {
            let entry = line.split(" #").next().unwrap_or(line).trim();
            if entry.is_empty() || entry.starts_with('#') {
                continue;
            }
            list.add(entry).ok_or_else(|| ListError {
                line: index + 1,
                text: entry.chars().take(80).collect(),
            })?;
        }
        Ok(list)
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        let plain = refang::refang(entry).text;
        if let Some((address, bits)) = plain.split_once('/')
            && let Ok(bits) = bits.parse::<u8>()
        {
            return self.network(address, bits);
        }
        if let Ok(address) = plain.parse::<Ipv4Addr>() {
            return self.network(&address.to_string(), 32);
        }
        if let Ok(address) = plain.parse::<Ipv6Addr>() {
            return self.network(&address.to_string(), 128);
        }
        let (_, value, from, to) = word::judge(&plain, || true)?;
        (from == 0 && to == plain.len()).then(|| {
            self.values.insert(value);
        })
    }

    fn network(&mut self, address: &str, bits: u8) -> Option<()> {
        if let Ok(v4) = address.parse::<Ipv4Addr>() {
            return (bits <= 32).then(|| self.v4.push((u32::from(v4), bits)));
        }
        let v6 = address.parse::<Ipv6Addr>().ok()?;
        (bits <= 128).then(|| self.v6.push((u128::from(v6), bits)))
    }

    /// Whether the list holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether the indicator is listed: itself, a host above it, the network it lies in, or the
    /// host of a URL or mail address.
    #[must_use]
    pub fn has(&self, indicator: &Indicator) -> bool {
        let value = indicator.value.as_str();
        self.values.contains(value)
            || match indicator.kind {
                Kind::Domain => self.has_host(value),
                Kind::Ipv4 | Kind::Ipv6 => self.has_address(value),
                Kind::Email => value
                    .split_once('@')
                    .is_some_and(|(_, host)| self.has_host(host)),
                Kind::Url => {
                    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
                    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
                    let host = word::host_of(authority);
                    self.has_host(host) || self.has_address(host)
                }
                _ => false,
            }
    }

    fn has_host(&self, host: &str) -> bool {
        let above = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
        std::iter::once(host)
            .chain(above)
            .any(|name| self.values.contains(name))
    }

    fn has_address(&self, text: &str) -> bool {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            let address = u32::from(address);
            return self.v4.iter().any(|&(network, bits)| {
                (address ^ network)
                    .checked_shr(32 - u32::from(bits))
                    .unwrap_or(0)
                    == 0
            });
        }
        let Ok(address) = text.parse::<Ipv6Addr>() else {
            return false;
        };
        let address = u128::from(address);
        self.v6.iter().any(|&(network, bits)| {
            (address ^ network)
                .checked_shr(128 - u32::from(bits))
                .unwrap_or(0)
                == 0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::List;
    use crate::ioc::extract;

    const LIST: &str = "# kept by hand\n\
        evil[.]top\n\
        45.77.10.0/24   # a network\n\
        2606:4700::/32\n\
        d41d8cd98f00b204e9800998ecf8427e\n\
        https://files.host.top/bad.sh\n\
        eve@mail.top\n";

    fn is_listed(text: &str) -> bool {
        let list = List::parse(LIST).expect("a list");
        extract(text).iter().any(|one| list.has(one))
    }

    #[test]
    fn what_is_listed_is_found_and_what_lies_below_it() {
        for text in [
            "evil.top",
            "a.b.evil.top",
            "https://evil.top/x",
            "http://u:p@www.evil.top:8080/",
            "bob@evil.top",
            "45.77.10.200",
            "http://45.77.10.1/x",
            "2606:4700::1",
            "D41D8CD98F00B204E9800998ECF8427E",
            "https://files.host.top/bad.sh",
            "eve@mail.top",
        ] {
            assert!(is_listed(text), "{text}");
        }
    }

    #[test]
    fn what_is_beside_it_is_not() {
        for text in [
            "notevil.top",
            "evil.top.org",
            "45.77.11.1",
            "2606:4800::1",
            "https://files.host.top/good.sh",
            "bob@mail.top",
        ] {
            assert!(!is_listed(text), "{text}");
        }
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let error = List::parse("evil.top\n\nnot an indicator\n").expect_err("no list");
        assert_eq!(
            error.to_string(),
            "line 3: `not an indicator` is no address, host, URL, hash, CVE or wallet"
        );
        assert!(List::parse("1.2.3.4/33").is_err());
        assert!(List::parse("").expect("empty").is_empty());
    }

    #[test]
    fn a_network_of_everything_holds_everything() {
        let list = List::parse("0.0.0.0/0").expect("a list");
        assert!(extract("8.8.8.8").iter().all(|one| list.has(one)));
    }
}
