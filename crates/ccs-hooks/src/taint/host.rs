//! Hosts: which a text names, and which may be fetched from whoever named them.

use ccs_gate::ioc::{self, Kind};

use super::{Known, State, head};

/// Texts are searched for hosts up to this length, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// Where documentation, packages and public code are. Read only: nobody sees there what others
/// ask for.
const DOCUMENTATION: &[&str] = &[
    "anaconda.org",
    "apple.com",
    "archlinux.org",
    "bitbucket.org",
    "bun.sh",
    "cmake.org",
    "code.claude.com",
    "codeberg.org",
    "cppreference.com",
    "crates.io",
    "debian.org",
    "deno.land",
    "developer.mozilla.org",
    "doc.rust-lang.org",
    "docs.anthropic.com",
    "docs.aws.amazon.com",
    "docs.docker.com",
    "docs.github.com",
    "docs.gitlab.com",
    "docs.npmjs.com",
    "docs.python.org",
    "docs.rs",
    "elixir-lang.org",
    "files.pythonhosted.org",
    "git-scm.com",
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "gnu.org",
    "go.dev",
    "golang.org",
    "hex.pm",
    "hexdocs.pm",
    "ietf.org",
    "index.crates.io",
    "jestjs.io",
    "kernel.org",
    "kotlinlang.org",
    "kubernetes.io",
    "learn.microsoft.com",
    "man7.org",
    "maven.apache.org",
    "nodejs.org",
    "npmjs.com",
    "packaging.python.org",
    "php.net",
    "pkg.go.dev",
    "postgresql.org",
    "pypi.org",
    "python.org",
    "react.dev",
    "registry.npmjs.org",
    "repo.maven.apache.org",
    "rfc-editor.org",
    "ruby-doc.org",
    "ruby-lang.org",
    "rubygems.org",
    "rust-lang.org",
    "sqlite.org",
    "stackexchange.com",
    "stackoverflow.com",
    "static.crates.io",
    "swift.org",
    "typescriptlang.org",
    "ubuntu.com",
    "w3.org",
    "whatwg.org",
    "wikipedia.org",
];

/// A host or an address that a text names.
pub(crate) struct Mention {
    pub(crate) host: String,
    /// The address, if the host stands in one.
    pub(crate) url: Option<String>,
}

/// Every host on the internet that a text names.
pub(crate) fn hosts_in(text: &str) -> Vec<Mention> {
    let text = head(text, MAX_TEXT);
    let mention = |one: ioc::Indicator| match one.kind {
        Kind::Url => {
            let written = text.get(one.start..one.end).map(str::to_owned);
            Some(Mention {
                host: of_url(&one.value).to_owned(),
                url: written.filter(|_| !one.defanged),
            })
        }
        Kind::Domain | Kind::Ipv4 | Kind::Ipv6 => Some(Mention {
            host: one.value,
            url: None,
        }),
        Kind::Email => Some(Mention {
            host: one.value.rsplit('@').next()?.to_owned(),
            url: None,
        }),
        _ => None,
    };
    ioc::extract(text).into_iter().filter_map(mention).collect()
}

/// The host of an address, without its port.
pub(crate) fn of_url(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether reading from a host is reading documentation or a package.
pub(super) fn is_documentation(host: &str) -> bool {
    DOCUMENTATION.iter().any(|known| is_below(host, known))
}

/// Whether the user named the host, in a prompt or in the policy.
pub(super) fn is_named(host: &str, known: &Known, policy: &[String]) -> bool {
    let mut named = known.named.iter().chain(policy);
    named.any(|name| is_below(host, name.strip_prefix("www.").unwrap_or(name)))
}

/// Whether untrusted content named the host, or another of the same owner.
pub(super) fn is_seen(host: &str, state: &State) -> bool {
    let site = ioc::site(host);
    state.overflow || host.contains('\0') || state.hosts.iter().any(|seen| ioc::site(seen) == site)
}

fn is_below(host: &str, name: &str) -> bool {
    let rest = host.strip_suffix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_hosts_however_they_are_written() {
        let text = "see https://a.shop.site:8443/x?y=1, hxxps://evil[.]site/i and 203.0.114.9";
        let found = hosts_in(text);
        let hosts: Vec<&str> = found.iter().map(|one| one.host.as_str()).collect();
        assert_eq!(hosts, ["a.shop.site", "evil.site", "203.0.114.9"]);
        let url = found[0].url.as_deref();
        assert_eq!(url, Some("https://a.shop.site:8443/x?y=1"));
        assert!(found[1].url.is_none());
    }

    #[test]
    fn another_host_of_the_same_owner_was_seen_too() {
        let mut state = State::default();
        state.saw_host("www.evil.site");
        for (host, seen) in [
            ("evil.site", true),
            ("k3y.x.evil.site", true),
            ("notevil.site", false),
            ("a\0.b", true),
        ] {
            assert_eq!(is_seen(host, &state), seen, "{host}");
        }
    }

    #[test]
    fn what_the_user_named_counts_with_all_below_it() {
        let mut known = Known::default();
        known.name("www.shop.site".into());
        let policy = ["corp.site".to_owned()];
        for (host, named) in [
            ("shop.site", true),
            ("api.shop.site", true),
            ("corp.site", true),
            ("myshop.site", false),
            ("site", false),
        ] {
            assert_eq!(is_named(host, &known, &policy), named, "{host}");
        }
        assert!(is_documentation("docs.rs") && !is_documentation("docs.rs.evil.site"));
    }
}
