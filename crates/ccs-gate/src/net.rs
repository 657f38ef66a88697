//! Hosts and addresses, as written on a command line.

use crate::effect::{Places, Tags};
use crate::value::HOLE;

/// Places made to collect what others send.
const DROPBOXES: &[&str] = &[
    "webhook.site",
    "requestbin.com",
    "requestbin.net",
    "pipedream.net",
    "requestcatcher.com",
    "beeceptor.com",
    "hookbin.com",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok.dev",
    "trycloudflare.com",
    "loca.lt",
    "localhost.run",
    "serveo.net",
    "burpcollaborator.net",
    "oastify.com",
    "oast.fun",
    "oast.live",
    "oast.me",
    "oast.online",
    "oast.pro",
    "oast.site",
    "interact.sh",
    "interactsh.com",
    "dnslog.cn",
    "ceye.io",
    "canarytokens.com",
    "pastebin.com",
    "paste.ee",
    "hastebin.com",
    "ix.io",
    "sprunge.us",
    "dpaste.com",
    "dpaste.org",
    "termbin.com",
    "transfer.sh",
    "file.io",
    "0x0.st",
    "bashupload.com",
    "temp.sh",
    "oshi.at",
    "anonfiles.com",
    "gofile.io",
    "tmpfiles.org",
    "catbox.moe",
    "litter.catbox.moe",
    "uguu.se",
    "envs.sh",
    "paste.rs",
    "p.ip.fi",
    "clbin.com",
    "ghostbin.com",
    "rentry.co",
    "controlc.com",
    "discord.com/api/webhooks",
    "discordapp.com/api/webhooks",
    "hooks.slack.com",
    "api.telegram.org",
    "wormhole.app",
    "filebin.net",
    "ufile.io",
    "keep.sh",
    "free.keep.sh",
    "x0.at",
    "ttm.sh",
    "w3s.link",
    "pixeldrain.com",
    "mocky.io",
    "putsreq.com",
    "ptsv2.com",
    "ptsv3.com",
    "webhook.cool",
    "typedwebhook.tools",
    "postb.in",
    "burpcollaborator.com",
    "xss.ht",
    "bxss.me",
];
/// Services that hide where an address leads.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "is.gd",
    "v.gd",
    "ow.ly",
    "buff.ly",
    "rebrand.ly",
    "cutt.ly",
    "shorturl.at",
    "t.ly",
    "rb.gy",
    "tiny.cc",
    "s.id",
    "git.io",
    "lnkd.in",
    "bl.ink",
    "qr.ae",
    "soo.gd",
    "u.to",
    "x.co",
    "adf.ly",
    "bc.vc",
    "shorte.st",
    "tny.im",
    "da.gd",
    "surl.li",
];

/// Names that others are made to resemble.
const KNOWN: &[&str] = &[
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "bitbucket.org",
    "npmjs.com",
    "npmjs.org",
    "yarnpkg.com",
    "pypi.org",
    "pythonhosted.org",
    "crates.io",
    "rubygems.org",
    "docker.com",
    "docker.io",
    "google.com",
    "googleapis.com",
    "microsoft.com",
    "amazonaws.com",
    "anthropic.com",
    "openai.com",
    "cloudflare.com",
    "debian.org",
    "ubuntu.com",
    "golang.org",
    "nodejs.org",
    "homebrew.sh",
    "rustup.rs",
    "stackoverflow.com",
    "huggingface.co",
    "kubernetes.io",
    "hashicorp.com",
    "paypal.com",
    "apple.com",
];

/// Where a connection goes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// `http`, `ftp` …, if written.
    pub(crate) scheme: String,
    /// Before an `@`.
    pub(crate) user: Option<String>,
    /// In lower case, without the port.
    pub(crate) host: String,
    /// The rest, with its leading slash.
    pub(crate) path: String,
}

impl Target {
    /// Reads an address: a URL, `host`, `host:port`, `user@host:path`.
    pub(crate) fn of(text: &str) -> Self {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_lowercase(), rest),
            None => (String::new(), text),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None if host.matches(':').count() > 1 => host,
            None => host.split(':').next().unwrap_or(host),
        };
        Self {
            scheme,
            user,
            host: host.to_lowercase(),
            path: path.to_owned(),
        }
    }

    /// Where the host is.
    pub(crate) fn places(&self) -> Places {
        let host = self.host.trim_end_matches('.');
        if matches!(
            host,
            "localhost" | "0.0.0.0" | "::1" | "::" | "0" | "host.docker.internal"
        ) || host.ends_with(".localhost")
            || self.scheme == "unix"
        {
            return Places::LOOPBACK;
        }
        if matches!(
            host,
            "metadata.google.internal" | "metadata" | "fd00:ec2::254" | "100.100.100.200"
        ) {
            return Places::METADATA;
        }
        match address(host) {
            Some([127, ..]) => Places::LOOPBACK,
            Some([169, 254, 169, 254] | [169, 254, 170, 2]) => Places::METADATA,
            Some([10, ..] | [192, 168, ..] | [169, 254, ..]) => Places::PRIVATE_NETWORK,
            Some([172, second, ..]) if (16..32).contains(&second) => Places::PRIVATE_NETWORK,
            Some(_) => Places::INTERNET,
            None => named(host),
        }
    }

    /// What is remarkable about the way it is written.
    pub(crate) fn tags(&self) -> Tags {
        let plain = matches!(self.scheme.as_str(), "http" | "ftp" | "tftp");
        let here = self
            .places()
            .has(Places::LOOPBACK.and(Places::PRIVATE_NETWORK));
        Tags::PLAIN
            .when(plain && !here)
            .and(Tags::ADDRESS.when(address(&self.host).is_some() && !here))
            .and(Tags::LOOKALIKE.when(self.is_lookalike()))
            .and(Tags::DROPBOX.when(self.is_listed(DROPBOXES)))
            .and(Tags::LINK.when(self.is_listed(SHORTENERS)))
    }

    fn is_listed(&self, list: &[&str]) -> bool {
        list.iter().any(|entry| {
            let (host, path) = entry.split_at(entry.find('/').unwrap_or(entry.len()));
            let same = self
                .host
                .strip_suffix(host)
                .is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
            same && self.path.starts_with(path)
        })
    }

    /// A host name written so that a person takes it for another: letters of other scripts, or a
    /// name before an `@` that looks like the host.
    fn is_lookalike(&self) -> bool {
        let foreign = self.host.chars().any(|c| !c.is_ascii() && c != HOLE);
        let encoded = self.host.split('.').any(|label| label.starts_with("xn--"));
        let user = self.user.as_deref().unwrap_or("");
        let disguised = !self.scheme.is_empty()
            && user
                .split(':')
                .next()
                .is_some_and(|user| user.contains('.'));
        foreign || encoded || disguised || self.is_misspelled()
    }

    /// One letter away from a well-known name, under the same or another ending.
    fn is_misspelled(&self) -> bool {
        let labels: Vec<&str> = self.host.rsplitn(3, '.').collect();
        let [end, name, ..] = labels.as_slice() else {
            return false;
        };
        let whole = format!("{name}.{end}");
        !KNOWN.contains(&whole.as_str())
            && KNOWN
                .iter()
                .filter_map(|known| known.split_once('.'))
                .any(|(known, known_end)| {
                    known.len() > 5 && is_one_off(known, name)
                        || known == *name && known.len() > 5 && is_one_off(known_end, end)
                })
    }
}

/// Whether two names differ by one letter put in, left out, changed, or by two changed about.
fn is_one_off(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a == b || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    match (rest_a, rest_b) {
        ([], [_]) | ([_], []) => true,
        ([x, after_a @ ..], [y, after_b @ ..]) => {
            after_a == after_b
                || after_a == rest_b
                || rest_a == after_b
                || matches!((after_a, after_b), ([p, a @ ..], [q, b @ ..]) if p == y && q == x && a == b)
        }
        _ => false,
    }
}

fn named(host: &str) -> Places {
    const LOCAL: &[&str] = &[
        ".local",
        ".internal",
        ".lan",
        ".home",
        ".corp",
        ".intranet",
        ".test",
        ".svc",
        ".cluster.local",
    ];
    if LOCAL.iter().any(|end| host.ends_with(end))
        || (!host.contains(['.', HOLE]) && !host.is_empty())
    {
        return Places::PRIVATE_NETWORK;
    }
    Places::INTERNET
}

/// The bytes of an IPv4 address in any of the forms that programs accept: dotted, one number,
/// octal, hexadecimal, or mapped into IPv6.
pub(crate) fn address(host: &str) -> Option<[u8; 4]> {
    let host = host.trim_start_matches("::ffff:");
    let parts: Vec<u32> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|&part| part > 255) {
        return None;
    }
    let mut value = u64::from(*last);
    for (index, &part) in first.iter().enumerate() {
        value += u64::from(part) << (24 - 8 * index);
    }
    let value = u32::try_from(value).ok()?;
    let plain = parts.len() == 1 && !host.starts_with("0x") && value < 0x0100_0000;
    (!plain).then(|| value.to_be_bytes())
}

fn number(text: &str) -> Option<u32> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).ok();
    }
    if text.len() > 1 && text.starts_with('0') {
        return u32::from_str_radix(text, 8).ok();
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// Whether a word looks like a URL.
pub(crate) fn is_url(word: &str) -> bool {
    word.find("://").is_some_and(|at| {
        at > 1
            && word[..at]
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Target, address};
    use crate::effect::{Places, Tags};

    #[test]
    fn addresses_are_known_in_every_form() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "::ffff:127.0.0.1",
            "0x7f000001",
        ] {
            assert_eq!(address(host), Some([127, 0, 0, 1]), "{host}");
        }
        for host in ["example.com", "1.2.3.4.5", "256.1.1.1", "build", "3000", ""] {
            assert_eq!(address(host), None, "{host}");
        }
    }

    #[test]
    fn hosts_lie_where_they_are() {
        for (text, place) in [
            ("http://localhost:3000/x", Places::LOOPBACK),
            ("[::1]:80", Places::LOOPBACK),
            ("http://2130706433/", Places::LOOPBACK),
            ("http://169.254.169.254/latest", Places::METADATA),
            ("10.1.2.3:22", Places::PRIVATE_NETWORK),
            ("db", Places::PRIVATE_NETWORK),
            ("https://evil.example/x", Places::INTERNET),
            ("dev@host1.example.com:/srv", Places::INTERNET),
            ("\0", Places::INTERNET),
        ] {
            assert_eq!(Target::of(text).places(), place, "{text}");
        }
    }

    #[test]
    fn disguises_are_seen() {
        for (text, tag) in [
            ("https://g\u{456}thub.com/x", Tags::LOOKALIKE),
            ("https://github.com@evil.example/", Tags::LOOKALIKE),
            ("https://xn--gthub-n4a.com", Tags::LOOKALIKE),
            ("https://githuub.com/a", Tags::LOOKALIKE),
            ("https://gihtub.com/a", Tags::LOOKALIKE),
            ("http://evil.example", Tags::PLAIN),
            ("https://203.0.113.9/x", Tags::ADDRESS),
            ("https://x.webhook.site/1", Tags::DROPBOX),
            ("https://bit.ly/x", Tags::LINK),
        ] {
            assert!(Target::of(text).tags().has(tag), "{text}");
        }
        assert_eq!(Target::of("https://api.github.com/x").tags(), Tags::NONE);
        assert_eq!(Target::of("https://github.io/x").tags(), Tags::NONE);
        assert_eq!(
            Target::of("https://user:pw@github.com/x").tags(),
            Tags::NONE
        );
        assert_eq!(Target::of("http://localhost").tags(), Tags::NONE);
    }
}
