//! Which known weaknesses concern a stack. Feeds are files their owner fetched; nothing here uses
//! the network.

pub(crate) mod feed;
pub(crate) mod relevance;
pub(crate) mod severity;
pub(crate) mod spec;
pub(crate) mod stack;
pub(crate) mod version;

use serde::Serialize;

use severity::Severity;
use version::Range;

/// A registry of packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ecosystem {
    Cargo,
    Npm,
    PyPi,
    Go,
    RubyGems,
    Packagist,
    Maven,
}

impl Ecosystem {
    /// By the names that feeds have for them: OSV's, those of package URLs, those of CPE, and hosts.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let plain = lower.split(':').next().unwrap_or(&lower);
        Some(match plain {
            "crates.io" | "cargo" | "rust" => Self::Cargo,
            "npm" | "node.js" | "nodejs" | "node" => Self::Npm,
            "pypi" | "python" | "pip" => Self::PyPi,
            "go" | "golang" => Self::Go,
            "rubygems" | "gem" | "ruby" => Self::RubyGems,
            "packagist" | "composer" | "php" => Self::Packagist,
            "maven" | "java" => Self::Maven,
            _ => return None,
        })
    }

    /// By the address of the registry.
    pub(crate) fn at(url: &str) -> Option<Self> {
        let hosts = [
            ("crates.io", Self::Cargo),
            ("npmjs.", Self::Npm),
            ("pypi.", Self::PyPi),
            ("pkg.go.dev", Self::Go),
            ("rubygems.org", Self::RubyGems),
            ("packagist.org", Self::Packagist),
            ("maven", Self::Maven),
        ];
        let found = hosts.iter().find(|(host, _)| url.contains(host));
        found.map(|(_, ecosystem)| *ecosystem)
    }
}

/// One part of a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Component {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ecosystem: Option<Ecosystem>,
    /// Who makes it, where no registry says what is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vendor: Option<String>,
    /// How much its owner cares, in the words of the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) priority: Option<String>,
    /// The file that says so.
    pub(crate) from: String,
}

/// A known weakness.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Advisory {
    pub(crate) id: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) severity: Option<Severity>,
    /// Known to be used by attackers.
    pub(crate) exploited: bool,
    pub(crate) text: String,
    pub(crate) affected: Vec<Affected>,
}

/// A product, and which of its versions have the weakness.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Affected {
    pub(crate) vendor: String,
    pub(crate) product: String,
    pub(crate) ecosystem: Option<Ecosystem>,
    /// Those that have it; with `versions` all, if both are empty and `all_but` is too.
    pub(crate) ranges: Vec<Range>,
    /// Single ones that have it.
    pub(crate) versions: Vec<String>,
    /// All have it but these.
    pub(crate) all_but: Option<Vec<Range>>,
}
