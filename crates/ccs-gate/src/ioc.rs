//! Indicators of compromise in a text: addresses, hosts, URLs, hashes, CVE numbers, wallets, also
//! where they are written so that nobody clicks on them (`hxxps://evil[.]example`).
//!
//! ```
//! use ccs_gate::ioc::{self, Kind};
//!
//! let found = ioc::extract("beacons to hxxps://cdn.evil[.]site/a, see CVE-2026-12345");
//! assert_eq!(found[0].kind, Kind::Url);
//! assert_eq!(found[0].value, "https://cdn.evil.site/a");
//! assert_eq!(found[1].value, "CVE-2026-12345");
//! ```

mod host;
mod list;
mod refang;
mod risk;
mod site;
mod wallet;
mod word;

pub use list::{List, ListError};
pub use risk::{Risk, risks};
pub use site::site;

/// What an indicator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// An IPv4 address that is routed on the internet.
    Ipv4,
    /// An IPv6 address that is routed on the internet.
    Ipv6,
    /// A host name under a public suffix.
    Domain,
    /// A URL with `http`, `https`, `ftp`, `ws` or `wss`.
    Url,
    /// A mail address.
    Email,
    /// 32 hexadecimal digits.
    Md5,
    /// 40 hexadecimal digits.
    Sha1,
    /// 64 hexadecimal digits.
    Sha256,
    /// 128 hexadecimal digits.
    Sha512,
    /// A CVE number.
    Cve,
    /// A Bitcoin address with a right checksum.
    Bitcoin,
    /// An Ethereum address.
    Ethereum,
}

impl Kind {
    /// The word in reports and lists: `ipv4`, `domain`, `sha256` …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Cve => "cve",
            Self::Bitcoin => "bitcoin",
            Self::Ethereum => "ethereum",
        }
    }
}

/// One indicator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Indicator {
    /// What it is.
    pub kind: Kind,
    /// In the form in which lists hold it: refanged; hosts, addresses and hashes in lower case,
    /// CVE numbers in upper case.
    pub value: String,
    /// First byte in the scanned text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Whether it was written so that nobody follows it by accident.
    pub defanged: bool,
}

/// Every indicator in `text`, in its order. Addresses of private networks, of this machine and of
/// documentation are none. The time grows with the length of the text.
#[must_use]
pub fn extract(text: &str) -> Vec<Indicator> {
    let plain = refang::refang(text);
    let mut found = Vec::new();
    for (start, end) in word::split(&plain.text) {
        let Some((kind, value, from, to)) =
            word::judge(&plain.text[start..end], || plain.changed(start, end))
        else {
            continue;
        };
        let (from, to) = (start + from, start + to);
        // `name.method(`: a call
        let called = kind == Kind::Domain && plain.text.as_bytes().get(to) == Some(&b'(');
        if called && !plain.changed(from, to) {
            continue;
        }
        found.push(Indicator {
            kind,
            value,
            start: plain.origin(from),
            end: plain.origin(to),
            defanged: plain.changed(from, to),
        });
    }
    found
}

/// What a word is that somebody calls an indicator: forms that [`extract`] leaves alone because they
/// could be file names count as well. `None` if there is nothing in it, or more than one thing.
#[must_use]
pub fn read(word: &str) -> Option<Indicator> {
    let plain = refang::refang(word);
    let mut words = word::split(&plain.text);
    let ((start, end), None) = (words.next()?, words.next()) else {
        return None;
    };
    let (kind, value, from, to) = word::judge(&plain.text[start..end], || true)?;
    Some(Indicator {
        kind,
        value,
        start: plain.origin(start + from),
        end: plain.origin(start + to),
        defanged: plain.changed(start + from, start + to),
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, extract, read};

    fn found(text: &str) -> Vec<(Kind, String)> {
        extract(text)
            .into_iter()
            .map(|one| (one.kind, one.value))
            .collect()
    }

    fn one(text: &str) -> (Kind, String) {
        let mut all = found(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        all.remove(0)
    }

    #[test]
    fn each_kind_is_found_in_a_sentence() {
        for (text, kind, value) in [
            ("It talks to 45.77.10.9.", Kind::Ipv4, "45.77.10.9"),
            ("over 45.77.10.9:4444/tcp", Kind::Ipv4, "45.77.10.9"),
            (
                "at 2606:4700::6810:84e5, they say",
                Kind::Ipv6,
                "2606:4700::6810:84e5",
            ),
            ("the net 2606:4700:: is theirs", Kind::Ipv6, "2606:4700::"),
            ("see (www.evil-cdn.top)", Kind::Domain, "www.evil-cdn.top"),
            (
                "<a href=\"http://Evil.Top/Path?q=1\">",
                Kind::Url,
                "http://evil.top/Path?q=1",
            ),
            (
                "Write to Eve.Adams@evil.top!",
                Kind::Email,
                "eve.adams@evil.top",
            ),
            (
                "md5 D41D8CD98F00B204E9800998ECF8427E",
                Kind::Md5,
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
            (
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                Kind::Sha1,
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            ),
            ("fixes cve-2026-0042.", Kind::Cve, "CVE-2026-0042"),
            (
                "pay 1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
                Kind::Bitcoin,
                "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
            ),
            (
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                Kind::Bitcoin,
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ),
            (
                "to 0x52908400098527886E0F7030069857D2E4169EE7",
                Kind::Ethereum,
                "0x52908400098527886e0f7030069857d2e4169ee7",
            ),
        ] {
            assert_eq!(one(text), (kind, value.to_owned()), "{text}");
        }
    }

    #[test]
    fn letters_of_another_script_before_a_scheme_are_no_part_of_it() {
        assert_eq!(
            found("сhttps://evil.top/a httрѕ://evil.top"),
            [(Kind::Url, "https://evil.top/a".to_owned())]
        );
    }

    #[test]
    fn what_was_made_unclickable_is_read_as_meant() {
        for (text, kind, value) in [
            ("hxxps://evil[.]top/a", Kind::Url, "https://evil.top/a"),
            ("hXXp[:]//evil(.)top", Kind::Url, "http://evil.top"),
            ("evil[dot]top", Kind::Domain, "evil.top"),
            ("45[.]77[.]10[.]9", Kind::Ipv4, "45.77.10.9"),
            ("45.77.10[.]9", Kind::Ipv4, "45.77.10.9"),
            ("eve[at]evil[dot]top", Kind::Email, "eve@evil.top"),
            ("eve[@]evil.top", Kind::Email, "eve@evil.top"),
        ] {
            assert_eq!(one(text), (kind, value.to_owned()), "{text}");
            assert!(extract(text)[0].defanged, "{text}");
        }
    }

    #[test]
    fn spans_are_those_of_the_original() {
        let text = "from hxxp://evil[.]top/x, then";
        let found = extract(text);
        assert_eq!(&text[found[0].start..found[0].end], "hxxp://evil[.]top/x");
    }

    #[test]
    fn versions_files_and_code_are_no_indicators() {
        for text in [
            "version 1.2.3 and v1.2.3.4",
            "127.0.0.1 and 10.1.2.3 and 192.168.0.1 and 203.0.113.7",
            "::1 and fe80::1 and 12:30:45",
            "main.rs README.md run.sh index.py lib.so.6 a.b foo.bar()",
            "std::io::Error and obj.method and e.g. this",
            "00000000000000000000000000000000",
            "deadbeef and 0xdeadbeef",
            "user@localhost and @types/node",
            "CVE-26-1 and ACVE-2026-1234",
            "http://localhost:3000/ and http://example.com/",
            "1BoatSLRHtKNngkdXEeobR76b53LETtpyU",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_word_that_is_called_an_indicator_may_look_like_a_file() {
        assert_eq!(found("payload.sh"), []);
        let named = read("payload.sh").expect("a host");
        assert_eq!(
            (named.kind, named.value.as_str()),
            (Kind::Domain, "payload.sh")
        );
        let named = read("(hxxp://evil[.]top/x)").expect("a URL");
        assert_eq!((named.start, named.end), (1, 20));
        for word in [
            "",
            "nothing",
            "evil.top other.top",
            "10.0.0.1",
            "main.invalid",
        ] {
            assert_eq!(read(word), None, "{word}");
        }
    }

    #[test]
    fn any_text_comes_back() {
        for text in [
            "",
            "[.]",
            "hxxp://",
            "http://[",
            "@",
            "a@",
            "\u{1f600}[.]\u{1f600}",
            "[[[[....]]]]",
        ] {
            let _ = extract(text);
        }
    }
}
