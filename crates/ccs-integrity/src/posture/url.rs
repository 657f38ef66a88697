//! Addresses: where something goes, and whether it goes in clear.

/// An address taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    pub(super) scheme: String,
    /// In lower case, without brackets and the dot at the end.
    pub(super) host: String,
    /// Name and password in front of the host.
    pub(super) user: Option<&'a str>,
    pub(super) rest: &'a str,
}

impl<'a> Url<'a> {
    /// Reads `scheme://user@host:port/…`, also in the form `git@host:path`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            let (user, rest) = text.split_once('@')?;
            let (host, path) = rest.split_once(':')?;
            let plain = |s: &str| {
                !s.is_empty()
                    && s.bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
            };
            return (plain(user) && plain(host)).then(|| Url {
                scheme: "ssh".to_owned(),
                host: host.to_ascii_lowercase(),
                user: Some(user),
                rest: path,
            });
        };
        let scheme_is_plain = scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if scheme.is_empty() || !scheme_is_plain {
            return None;
        }
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let host = match place.strip_prefix('[') {
            Some(inner) => inner.split(']').next().unwrap_or_default(),
            None => place.split(':').next().unwrap_or_default(),
        };
        Some(Url {
            scheme: scheme.to_ascii_lowercase(),
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            user,
            rest,
        })
    }

    /// Whether it stays on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether anybody on the way can read and change it.
    pub(super) fn is_clear(&self) -> bool {
        matches!(
            self.scheme.as_str(),
            "http" | "ws" | "git" | "ftp" | "grpc" | "tcp"
        ) && !self.is_loopback()
    }

    /// Whether the host is this domain or below it. Compares whole labels.
    pub(super) fn is_below(&self, domain: &str) -> bool {
        is_below(&self.host, domain)
    }

    /// Whether the host is a bare address on the network.
    pub(super) fn is_number(&self) -> bool {
        self.host.parse::<std::net::IpAddr>().is_ok() && !self.is_loopback()
    }
}

pub(super) fn is_below(host: &str, domain: &str) -> bool {
    host == domain
        || host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
}

pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || is_below(host, "localhost")
        || host == "host.docker.internal"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// The addresses that stand in a text.
pub(super) fn all(text: &str) -> impl Iterator<Item = Url<'_>> {
    text.match_indices("://").filter_map(|(at, _)| {
        let start = text[..at]
            .rfind(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c))
            .map_or(0, |p| p + 1);
        let start = (start..=at).find(|&p| text.is_char_boundary(p))?;
        let end = text[at + 3..].find(|c: char| c.is_whitespace() || "\"'`<>)|;,".contains(c));
        let end = end.map_or(text.len(), |length| at + 3 + length);
        Url::parse(&text[start..end])
    })
}

/// Services that take data from anybody.
const DROPS: &[&str] = &[
    "pastebin.com",
    "paste.ee",
    "hastebin.com",
    "ghostbin.com",
    "rentry.co",
    "transfer.sh",
    "file.io",
    "0x0.st",
    "webhook.site",
    "requestbin.com",
    "requestbin.net",
    "pipedream.net",
    "beeceptor.com",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "trycloudflare.com",
    "serveo.net",
    "localhost.run",
    "loca.lt",
    "interact.sh",
    "oast.fun",
    "oast.pro",
    "oast.site",
    "burpcollaborator.net",
    "termbin.com",
    "ix.io",
    "catbox.moe",
    "gofile.io",
    "anonfiles.com",
    "discord.com",
    "discordapp.com",
    "api.telegram.org",
    "requestcatcher.com",
    "dpaste.org",
    "dpaste.com",
    "bashupload.com",
    "temp.sh",
    "uguu.se",
    "tmpfiles.org",
];

/// Whether data can be left for anybody at this host.
pub(super) fn is_drop(host: &str) -> bool {
    let host = host.trim_start_matches("*.");
    DROPS.iter().any(|drop| is_below(host, drop))
}

/// Hosts below which everybody gets a name of his own.
const SHARED: &[&str] = &[
    "amazonaws.com",
    "cloudfront.net",
    "azurewebsites.net",
    "workers.dev",
    "pages.dev",
    "vercel.app",
    "netlify.app",
    "herokuapp.com",
    "onrender.com",
    "fly.dev",
    "web.app",
    "firebaseapp.com",
    "run.app",
    "github.io",
    "gitlab.io",
];

/// Whether a name is one below which a country registers names: `co.uk`.
pub(super) fn is_suffix(host: &str) -> bool {
    let kinds = [
        "co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go",
    ];
    host.split_once('.')
        .is_some_and(|(kind, country)| country.len() == 2 && kinds.contains(&kind))
}

/// Whether a host is one below which anybody may put something.
pub(super) fn is_shared(host: &str) -> bool {
    SHARED.contains(&host)
}

#[cfg(test)]
mod tests {
    use super::{Url, all, is_below, is_drop};

    fn host(text: &str) -> Option<String> {
        Url::parse(text).map(|url| url.host)
    }

    #[test]
    fn the_host_is_what_a_client_connects_to() {
        let cases = [
            ("https://api.anthropic.com/v1", "api.anthropic.com"),
            ("https://api.anthropic.com@evil.example/v1", "evil.example"),
            ("http://user:pw@[::1]:8080/x", "::1"),
            ("HTTPS://Evil.Example.:443?x", "evil.example"),
            ("https://evil.example\\@api.anthropic.com", "evil.example"),
            ("git@github.com:o/r.git", "github.com"),
        ];
        for (text, expected) in cases {
            assert_eq!(host(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(host("just words"), None);
        assert_eq!(host("me@example.com"), None);
    }

    #[test]
    fn clear_text_is_fine_on_this_machine_only() {
        for (text, clear) in [
            ("http://localhost:1", false),
            ("http://127.0.0.2", false),
            ("http://localhost.evil.example", true),
            ("ws://x.example", true),
            ("https://x.example", false),
        ] {
            assert_eq!(
                Url::parse(text).is_some_and(|url| url.is_clear()),
                clear,
                "{text}"
            );
        }
    }

    #[test]
    fn domains_compare_label_by_label() {
        assert!(is_below("a.github.com", "github.com"));
        assert!(!is_below("evilgithub.com", "github.com"));
        assert!(is_drop("x.webhook.site"));
        assert!(!is_drop("notwebhook.site"));
    }

    #[test]
    fn addresses_are_found_in_prose() {
        let found: Vec<_> = all("see (https://a.example/x), `http://b.example` é://")
            .map(|url| url.host)
            .collect();
        assert_eq!(found, ["a.example", "b.example"]);
    }
}
