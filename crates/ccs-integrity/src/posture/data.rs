//! What is known about settings, advisories and packages; from `data/*`, by the build.

use super::finding::Severity;

/// A setting of the client.
#[derive(Debug)]
pub(super) struct Setting {
    /// With dots; `*` is any key.
    pub(super) path: &'static str,
    pub(super) kind: &'static str,
    /// Which files may set it: any, user, managed, or flags of the command line.
    pub(super) files: &'static str,
}

/// A published weakness.
#[derive(Debug)]
pub(super) struct Advisory {
    /// Empty for the client itself.
    pub(super) package: &'static str,
    pub(super) id: &'static str,
    pub(super) from: &'static str,
    pub(super) fixed: &'static str,
    pub(super) severity: Severity,
    pub(super) about: &'static str,
}

/// A package that did harm.
#[derive(Debug)]
pub(super) struct Malicious {
    pub(super) package: &'static str,
    pub(super) from: &'static str,
    pub(super) source: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/data.rs"));
