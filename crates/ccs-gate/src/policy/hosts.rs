//! Which hosts the owner lets calls speak with.

use serde::{Deserialize, Serialize};

use crate::effect::{Effect, Kinds, Places, Tags};
use crate::net::{self, Target};
use crate::rule::{Meta, own};
use crate::value::HOLE;

/// Stands for no host at all, where two lists have nothing in common.
const NONE: &str = "!";

/// Hosts by name. An entry means the host and all below it, one with a leading `*.` only what is
/// below; addresses mean themselves, however they are written in a call. This machine is always
/// allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hosts {
    /// If there are any, no other host is spoken with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// Hosts that are not spoken with, whatever is allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    /// Nothing is sent or fetched without encryption.
    pub https: bool,
}

impl Hosts {
    /// Whether this says nothing but the defaults.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What the owner says about something a command does with a host.
    pub(crate) fn against(&self, effect: &Effect<'_>) -> Option<&'static Meta> {
        if self.is_default() || !is_contact(effect) || effect.places.has(Places::LOOPBACK) {
            return None;
        }
        let target = Target::of(effect.what);
        let host = spelled(&target.host);
        if listed(&host, &self.deny) {
            return Some(&own::HOST_DENIED);
        }
        if !self.allow.is_empty() && (host.contains(HOLE) || !listed(&host, &self.allow)) {
            return Some(&own::HOST_NOT_LISTED);
        }
        let is_plain =
            effect.tags.has(Tags::PLAIN) || matches!(target.scheme.as_str(), "http" | "ftp" | "ws");
        (self.https && is_plain).then_some(&own::PLAIN)
    }

    /// What a project makes stricter: fewer hosts.
    pub(super) fn tighten(&mut self, project: &Self) {
        self.deny.extend(project.deny.iter().cloned());
        self.https |= project.https;
        if project.allow.is_empty() {
            return;
        }
        if self.allow.is_empty() {
            self.allow.clone_from(&project.allow);
            return;
        }
        let common = |some: &[String], all: &[String]| -> Vec<String> {
            some.iter()
                .filter(|entry| is_covered(entry, all))
                .cloned()
                .collect()
        };
        let mut both = common(&self.allow, &project.allow);
        both.extend(common(&project.allow, &self.allow));
        both.sort();
        both.dedup();
        if both.is_empty() {
            both.push(NONE.to_owned());
        }
        self.allow = both;
    }
}

fn is_contact(effect: &Effect<'_>) -> bool {
    let speaks = Kinds::FETCH
        .and(Kinds::CONNECT)
        .and(Kinds::SHELL)
        .and(Kinds::SEND)
        .and(Kinds::HTTP);
    // a package by name comes from a registry that the call does not name
    effect.kind.has(speaks) || (effect.kind.has(Kinds::INSTALL) && net::is_url(effect.what))
}

/// A host in one spelling: addresses in their usual form, no dot at the end.
fn spelled(host: &str) -> String {
    let host = host.trim_end_matches('.').to_lowercase();
    match net::address(&host) {
        Some([a, b, c, d]) => format!("{a}.{b}.{c}.{d}"),
        None => host,
    }
}

fn listed(host: &str, list: &[String]) -> bool {
    list.iter().any(|entry| {
        let entry = spelled(entry);
        match entry.strip_prefix("*.") {
            Some(name) => is_below(host, name),
            None => host == entry || is_below(host, &entry),
        }
    })
}

/// Whether all that an entry means is on a list.
fn is_covered(entry: &str, list: &[String]) -> bool {
    match entry.strip_prefix("*.") {
        Some(name) => listed(&format!("x.{name}"), list),
        None => listed(&spelled(entry), list),
    }
}

fn is_below(host: &str, name: &str) -> bool {
    let rest = host.strip_suffix(name);
    rest.is_some_and(|rest| rest.ends_with('.')) && net::address(host).is_none()
}

#[cfg(test)]
mod tests {
    use super::Hosts;
    use crate::{Call, Decision, Facts, Gate, Policy};

    fn gate(hosts: Hosts) -> Gate {
        Gate::new(Policy {
            hosts,
            ..Policy::default()
        })
    }

    fn rules(gate: &Gate, call: &Call<'_>) -> Vec<String> {
        let verdict = gate.judge(call, &Facts::default());
        let own = verdict
            .findings
            .into_iter()
            .filter(|one| one.rule.starts_with("policy."));
        own.map(|one| {
            assert_eq!(one.decision, Decision::Deny);
            one.rule.into_owned()
        })
        .collect()
    }

    fn only() -> Gate {
        gate(Hosts {
            allow: vec![
                "shop.example".into(),
                "*.corp.example".into(),
                "203.0.113.9".into(),
            ],
            ..Hosts::default()
        })
    }

    #[test]
    fn a_host_that_is_not_on_the_list_is_denied_however_it_is_written() {
        let gate = only();
        for url in [
            "https://shop.example/x",
            "https://api.shop.example:8443/x",
            "https://SHOP.example./x",
            "https://a.corp.example/",
            "https://203.0.113.9/",
            "https://0xcb007109/",
            "https://3405803785/",
            "http://localhost:3000/",
            "http://127.1:8080/",
        ] {
            assert_eq!(rules(&gate, &Call::Fetch { url }), [""; 0], "{url}");
        }
        for url in [
            "https://evil.example/x",
            "https://notshop.example/",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://corp.example/",
            "https://sh\u{43e}p.example/",
            "https://xn--shp-hmc.example/",
            "https://203.0.113.10/",
            "https://0xcb00710a/",
        ] {
            let found = rules(&gate, &Call::Fetch { url });
            assert_eq!(found, ["policy.host-not-listed"], "{url}");
        }
    }

    #[test]
    fn commands_are_held_to_the_list_too() {
        let gate = only();
        for (command, found) in [
            ("curl -s https://shop.example/x", false),
            ("curl -s https://evil.example/x", true),
            ("curl -s https://$HOST/x", true),
            ("git clone https://evil.example/x", true),
            ("npm test && npm install lodash", false),
            ("echo https://evil.example", false),
        ] {
            assert_eq!(
                !rules(&gate, &Call::command(command)).is_empty(),
                found,
                "{command}"
            );
        }
    }

    #[test]
    fn a_denied_host_and_plain_text_are_denied() {
        let gate = gate(Hosts {
            deny: vec!["paste.example".into()],
            https: true,
            ..Hosts::default()
        });
        let found = |url| rules(&gate, &Call::Fetch { url });
        assert_eq!(found("https://a.paste.example/"), ["policy.host-denied"]);
        assert_eq!(found("http://shop.example/"), ["policy.plain-http"]);
        assert_eq!(found("https://shop.example/"), [""; 0]);
    }

    #[test]
    fn a_project_only_takes_hosts_away() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let tightened = |own: &[&str], project: &[&str]| {
            let mut hosts = Hosts {
                allow: list(own),
                ..Hosts::default()
            };
            hosts.tighten(&Hosts {
                allow: list(project),
                ..Hosts::default()
            });
            hosts.allow
        };
        assert_eq!(tightened(&[], &["a.example"]), ["a.example"]);
        assert_eq!(tightened(&["a.example"], &[]), ["a.example"]);
        assert_eq!(
            tightened(&["a.example"], &["b.a.example", "c.example"]),
            ["b.a.example"]
        );
        let none = gate(Hosts {
            allow: tightened(&["a.example"], &["c.example"]),
            ..Hosts::default()
        });
        let url = "https://a.example/";
        assert_eq!(
            rules(&none, &Call::Fetch { url }),
            ["policy.host-not-listed"]
        );
    }
}
