//! Witnesses: asking those that are configured, and being one for others.

pub(crate) mod client;
pub(crate) mod http;
pub(crate) mod server;
pub(crate) mod store;

use ccs_audit::Hash;

/// Where a witness shows the last checkpoint it signed for a log.
pub(crate) fn latest_path(origin: &str) -> String {
    format!("{LATEST}{}", Hash::of(origin.as_bytes()))
}

/// Where checkpoints are shown to a witness (C2SP tlog-witness).
pub(crate) const ADD: &str = "/add-checkpoint";
/// Ours: the last checkpoint of the log with this hash of its origin.
pub(crate) const LATEST: &str = "/checkpoint/";
