//! What is kept of a session, as data. Bounded, whatever it reads.

use std::collections::{BTreeMap, BTreeSet};

use ccs_audit::Hash;
use serde::{Deserialize, Serialize};

use super::{Label, head};
use crate::place::is_within;

const MAX_REASONS: usize = 16;
const MAX_HOSTS: usize = 512;
const MAX_ADDRESSES: usize = 1024;
const MAX_FILES: usize = 256;
const MAX_TREES: usize = 128;
const MAX_NAMED: usize = 256;
/// The longest origin or path that is kept, in bytes; no host is longer than 253.
const MAX_TEXT: usize = 1024;

/// What a session has read, from the first untrusted content on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct State {
    /// The worst of it.
    pub label: Label,
    /// The first content that raised the label, and a few more.
    pub reasons: Vec<Reason>,
    /// Hosts that untrusted content named.
    pub hosts: BTreeSet<String>,
    /// Addresses that stood in untrusted content as they are, as the first 16 hexadecimal digits
    /// of their SHA-256.
    pub addresses: BTreeSet<String>,
    /// Files the session wrote since, and what was the label then. Downloads are `hostile`.
    pub files: BTreeMap<String, Label>,
    /// Folders and files that strangers filled, beside the files above; a path that ends in `*`
    /// stands for all that begin so.
    pub trees: BTreeSet<String>,
    /// There were more hosts than are kept: each that the user did not name counts as one.
    pub overflow: bool,
}

/// What raised the label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reason {
    /// To what.
    pub label: Label,
    /// A host, a server or a file.
    pub origin: String,
    /// The rules that found something.
    pub rules: Vec<String>,
}

/// What is known of a session besides, and only matters once it is tainted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Known {
    /// Hosts that the user named.
    pub named: BTreeSet<String>,
    /// Repositories that the user named: `HOST/OWNER/NAME`, or `OWNER/NAME`.
    pub repositories: BTreeSet<String>,
    /// Secrets were read.
    pub secret_read: bool,
    /// There is or was a [`State`].
    pub tainted: bool,
}

impl State {
    /// What a session counts as whose state cannot be read.
    #[must_use]
    pub fn unreadable(why: &str) -> Self {
        Self {
            label: Label::Hostile,
            reasons: vec![Reason::new(Label::Hostile, why, Vec::new())],
            overflow: true,
            ..Self::default()
        }
    }

    /// Raises the label. Never lowers it.
    pub fn raise(&mut self, reason: Reason) {
        let rises = reason.label > self.label;
        self.label = self.label.max(reason.label);
        if self.reasons.contains(&reason) {
            return;
        }
        if rises && self.reasons.len() >= MAX_REASONS {
            self.reasons.pop();
        }
        if self.reasons.len() < MAX_REASONS {
            self.reasons.push(reason);
        }
    }

    /// Whether something was read from there before, or from so many places that nobody can tell.
    #[must_use]
    pub fn has_read(&self, origin: &str) -> bool {
        self.reasons.len() >= MAX_REASONS
            || self
                .reasons
                .iter()
                .any(|reason| reason.origin == head(origin, MAX_TEXT / 8))
    }

    /// Notes a host that untrusted content named.
    pub fn saw_host(&mut self, host: &str) {
        if self.hosts.contains(host) {
            return;
        }
        if self.hosts.len() >= MAX_HOSTS || host.len() > MAX_TEXT {
            self.overflow = true;
            return;
        }
        self.hosts.insert(host.to_owned());
    }

    /// Notes an address that stood in untrusted content.
    pub fn saw_address(&mut self, url: &str) {
        if self.addresses.len() < MAX_ADDRESSES {
            self.addresses.insert(fingerprint(url));
        }
    }

    /// Whether exactly this address stood in untrusted content.
    #[must_use]
    pub fn has_seen(&self, url: &str) -> bool {
        self.addresses.contains(&fingerprint(url))
    }

    /// Notes a file that the session wrote.
    pub fn wrote(&mut self, path: &str, label: Label) {
        if path.len() > MAX_TEXT || path.contains('\0') {
            return;
        }
        if let Some(known) = self.files.get_mut(path) {
            *known = label.max(*known);
        } else if self.files.len() < MAX_FILES {
            self.files.insert(path.to_owned(), label);
        }
    }

    /// Notes a folder or file that a stranger filled.
    pub fn brought(&mut self, path: &str) {
        let is_shared = path.len() < 2 || path == "/tmp" || path == "/home";
        if self.trees.len() < MAX_TREES && path.len() <= MAX_TEXT && !is_shared {
            self.trees.insert(path.to_owned());
        }
    }

    /// Whether a file was fetched, or lies in what was.
    #[must_use]
    pub fn is_fetched(&self, path: &str) -> bool {
        let within = |tree: &String| match tree.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => is_within(path, tree),
        };
        self.files.get(path) == Some(&Label::Hostile) || self.trees.iter().any(within)
    }
}

impl Reason {
    /// What raised a label to `label`.
    #[must_use]
    pub fn new(label: Label, origin: &str, rules: Vec<String>) -> Self {
        Self {
            label,
            origin: head(origin, MAX_TEXT / 8).to_owned(),
            rules,
        }
    }
}

impl Known {
    /// Notes a host that the user named.
    pub fn name(&mut self, host: String) {
        if self.named.len() < MAX_NAMED && host.len() <= MAX_TEXT {
            self.named.insert(host);
        }
    }

    /// Notes a repository that the user named.
    pub fn name_repository(&mut self, name: String) {
        if self.repositories.len() < MAX_NAMED && name.len() <= MAX_TEXT {
            self.repositories.insert(name);
        }
    }
}

fn fingerprint(url: &str) -> String {
    let url = url.split('#').next().unwrap_or(url).trim_end_matches('/');
    Hash::of(url.as_bytes()).to_string()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(label: Label, origin: &str) -> Reason {
        Reason::new(label, origin, Vec::new())
    }

    #[test]
    fn a_label_only_rises() {
        let mut state = State::default();
        for label in [Label::External, Label::Hostile, Label::Suspicious] {
            state.raise(reason(label, "a.site"));
        }
        assert_eq!(state.label, Label::Hostile);
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_worst_reason_stays() {
        let mut state = State::default();
        for number in 0..2_000 {
            state.saw_host(&format!("h{number}.site"));
            state.saw_address(&format!("https://h{number}.site/"));
            state.wrote(&format!("/tmp/{number}"), Label::External);
            state.brought(&format!("/tmp/tree{number}"));
            state.raise(reason(Label::External, &format!("h{number}.site")));
        }
        state.raise(reason(Label::Hostile, "evil.site"));

        assert!(state.overflow);
        let last = state.reasons.last().map(|one| one.origin.as_str());
        assert_eq!(last, Some("evil.site"));
        assert!(serde_json::to_vec(&state).expect("JSON").len() < 64 << 10);
    }

    #[test]
    fn what_lies_in_a_folder_that_a_stranger_filled_is_fetched() {
        let mut state = State::default();
        state.brought("/srv/lib");
        state.brought("/srv/pkg-1*");
        state.brought("/tmp");
        state.wrote("/tmp/i.sh", Label::Hostile);
        for (path, fetched) in [
            ("/srv/lib", true),
            ("/srv/lib/a/b.sh", true),
            ("/srv/library", false),
            ("/srv/pkg-1.2/configure", true),
            ("/srv/pkg", false),
            ("/tmp/i.sh", true),
            ("/tmp/other.sh", false),
        ] {
            assert_eq!(state.is_fetched(path), fetched, "{path}");
        }
    }

    #[test]
    fn an_address_is_known_without_its_fragment() {
        let mut state = State::default();
        state.saw_address("https://a.site/b?c=1#d");
        assert!(state.has_seen("https://a.site/b?c=1"));
        assert!(!state.has_seen("https://a.site/b?c=2"));
    }
}
