//! What its owner wants done with the log: `audit-config.json` in the state folder. A project has no say.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ccs_audit::note::{Kind, Verifier};
use ccs_hooks::alerts::{Action, Alert};
use ccs_integrity::file;
use serde::{Deserialize, Deserializer, de};

use crate::exit::{Code, Stop};
use crate::places::Places;

/// The file's name.
pub(crate) const FILE: &str = ccs_hooks::alerts::FILE;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[allow(dead_code, reason = "other versions are refused while reading")]
    version: One,
    #[serde(default)]
    pub(crate) destinations: Vec<Destination>,
    #[serde(default)]
    pub(crate) witnesses: Vec<Witness>,
    /// Addresses that webhooks may call, or what they begin with up to a slash.
    #[serde(default)]
    pub(crate) webhooks: Vec<String>,
    #[serde(default)]
    pub(crate) alerts: Vec<Alert>,
}

/// The only version there is.
#[derive(Clone, Copy, Debug, Default)]
struct One;

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match u64::deserialize(from)? {
            1 => Ok(One),
            other => Err(de::Error::custom(format!(
                "version {other}; 1 is known here"
            ))),
        }
    }
}

/// Where entries go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Destination {
    pub(crate) name: String,
    pub(crate) to: To,
    /// For `loki` and `otlp`.
    #[serde(default)]
    pub(crate) url: Option<String>,
    /// For `syslog`: `tcp:HOST:PORT`, `udp:HOST:PORT` or `unix:/PATH`.
    #[serde(default)]
    pub(crate) address: Option<String>,
    /// For `file`.
    #[serde(default)]
    pub(crate) path: Option<PathBuf>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Header>,
    /// Certificates to trust instead of those of Mozilla, in PEM.
    #[serde(default)]
    pub(crate) certificates: Option<PathBuf>,
    /// Opens encrypted details for it.
    #[serde(default)]
    pub(crate) details: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum To {
    File,
    Syslog,
    Loki,
    Otlp,
}

/// The value of a header: as it is, or an entry of the vault.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Header {
    Plain(String),
    Vault(FromVault),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FromVault {
    pub(crate) vault: String,
    /// What stands before the value, such as `Bearer `.
    #[serde(default)]
    pub(crate) before: String,
}

/// Who cosigns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Witness {
    /// `http://…`, `https://…` or `unix:/PATH`.
    pub(crate) url: String,
    pub(crate) key: Key,
}

/// A witness's public key.
#[derive(Clone, Debug)]
pub(crate) struct Key(pub(crate) Verifier);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let key = Verifier::from_str(&text).map_err(de::Error::custom)?;
        match key.kind() {
            Kind::Cosignature => Ok(Key(key)),
            Kind::Plain => Err(de::Error::custom("it is a log's key, not a witness's")),
        }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.key.0.name(), self.url)
    }
}

impl Config {
    /// Reads it; empty if there is none.
    pub(crate) fn read(places: &Places) -> anyhow::Result<Self> {
        let path = places.in_state(FILE);
        let Some(bytes) = file::read(&path)? else {
            return Ok(Config::default());
        };
        let refused = |why: String| {
            let what = format!("`{}`: {why}", path.display());
            Stop::new(Code::Refused, what).next("docs/AUDIT.md shows what it holds")
        };
        let config: Self =
            serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
        config.check().map_err(refused)?;
        Ok(config)
    }

    /// What the form alone does not say.
    fn check(&self) -> Result<(), String> {
        for (place, one) in self.destinations.iter().enumerate() {
            one.check()
                .map_err(|why| format!("destination `{}`: {why}", one.name))?;
            if self.destinations[..place]
                .iter()
                .any(|other| other.name == one.name)
            {
                return Err(format!("there are two destinations `{}`", one.name));
            }
        }
        for url in &self.webhooks {
            if !(url.starts_with("https://") || is_loopback(url)) {
                return Err(format!(
                    "webhook `{url}` is neither https nor on the loopback"
                ));
            }
        }
        ccs_hooks::alerts::check(&self.alerts)?;
        for alert in &self.alerts {
            self.check_webhooks(alert)?;
        }
        Ok(())
    }

    fn check_webhooks(&self, alert: &Alert) -> Result<(), String> {
        for action in &alert.actions {
            if let Action::Webhook(url) = action
                && !self.may_call(url)
            {
                let name = &alert.name;
                return Err(format!("alert `{name}`: `{url}` is not among the webhooks"));
            }
        }
        Ok(())
    }

    /// Whether a webhook is on the list: the same address, or below one that ends in a slash.
    pub(crate) fn may_call(&self, url: &str) -> bool {
        let below = |known: &str| {
            let climbs = url.contains("/..") || url.to_lowercase().contains("%2e");
            known.ends_with('/') && url.starts_with(known) && !climbs
        };
        let fits = |known: &String| known == url || below(known);
        self.webhooks.iter().any(fits)
    }
}

impl Destination {
    fn check(&self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(plain) {
            return Err("a name has letters, digits, `-` and `_`, 64 at most".into());
        }
        if self.name == "alerts" {
            return Err("that name is taken by `ccs audit alerts run`".into());
        }
        let (url, address, path) = (
            self.url.is_some(),
            self.address.is_some(),
            self.path.is_some(),
        );
        let wants = match self.to {
            To::Loki | To::Otlp => ("url", url && !address && !path),
            To::Syslog => ("address", address && !url && !path),
            To::File => ("path", path && !url && !address),
        };
        if !wants.1 {
            return Err(format!("it needs `{}` and no other place", wants.0));
        }
        if self.path.as_ref().is_some_and(|path| !path.is_absolute()) {
            return Err("its path is not absolute".into());
        }
        if let Some(url) = &self.url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            return Err("its url begins with neither https:// nor http://".into());
        }
        let of_http = !self.headers.is_empty() || self.certificates.is_some();
        if of_http && !matches!(self.to, To::Loki | To::Otlp) {
            return Err("headers and certificates are for loki and otlp".into());
        }
        Ok(())
    }
}

/// Whether an address without TLS stays on this machine.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains(['@', '\\']) {
        return false; // what stands before it only looks like the host
    }
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    matches!(host, "127.0.0.1" | "localhost" | "::1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Config, String> {
        let config: Config = serde_json::from_str(json).map_err(|error| error.to_string())?;
        config.check().map(|()| config)
    }

    #[test]
    fn what_is_configured_is_read() {
        let config = read(
            r#"{"version":1,
                "destinations":[
                  {"name":"loki","to":"loki","url":"http://127.0.0.1:3100",
                   "headers":{"X-Scope-OrgID":"a","Authorization":{"vault":"LOKI","before":"Bearer "}}},
                  {"name":"siem","to":"syslog","address":"udp:127.0.0.1:514"},
                  {"name":"disk","to":"file","path":"/mnt/audit.jsonl","details":true}],
                "webhooks":["https://hooks.example.com/ccs/"],
                "alerts":[{"name":"storm","when":{"decision":"deny"},"count":5,"minutes":10,
                  "do":["notify",{"webhook":"https://hooks.example.com/ccs/1"}]}]}"#,
        );
        let config = config.expect("as documented");
        assert_eq!(config.destinations.len(), 3);
        for other in ["other", "ccs/../other", "ccs/%2E./other"] {
            assert!(!config.may_call(&format!("https://hooks.example.com/{other}")));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let destination = |json: &str| format!(r#"{{"version":1,"destinations":[{json}]}}"#);
        for (json, why) in [
            (r#"{"version":2}"#.to_owned(), "version 2"),
            (r#"{}"#.to_owned(), "version"),
            (r#"{"version":1,"destination":[]}"#.to_owned(), "unknown field"),
            (destination(r#"{"name":"a b","to":"file","path":"/x"}"#), "a name has"),
            (destination(r#"{"name":"a","to":"loki","path":"/x"}"#), "it needs `url`"),
            (destination(r#"{"name":"a","to":"file","path":"x"}"#), "not absolute"),
            (destination(r#"{"name":"a","to":"loki","url":"ftp://x"}"#), "neither"),
            (
                destination(r#"{"name":"a","to":"file","path":"/x"},{"name":"a","to":"file","path":"/y"}"#),
                "two destinations",
            ),
            (
                r#"{"version":1,"webhooks":["http://example.com/"]}"#.to_owned(),
                "neither https",
            ),
            (
                r#"{"version":1,"alerts":[{"name":"a","when":{"decision":"deny"},"count":1,"minutes":1,
                    "do":[{"webhook":"https://x"}]}]}"#
                    .to_owned(),
                "not among",
            ),
        ] {
            let refused = read(&json).expect_err(&json);
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn only_this_machine_is_the_loopback() {
        for url in ["http://127.0.0.1:1/x", "http://[::1]:1", "http://localhost"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://127.0.0.1.example.com",
            "http://localhost@example.com",
            "http://127.0.0.1:80@example.com",
            "https://127.0.0.1",
            "http://10.0.0.1",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
