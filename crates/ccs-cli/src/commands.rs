//! One file for each subcommand: call a tier, hand the value to `output`.

pub(crate) mod approve;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod consent;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod hooks;
pub(crate) mod incident;
pub(crate) mod integrity;
pub(crate) mod man;
pub(crate) mod mods;
pub(crate) mod policy;
pub(crate) mod posture;
pub(crate) mod preflight;
pub(crate) mod quality;
pub(crate) mod redact;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod uninstall;
pub(crate) mod update;
pub(crate) mod vault;
pub(crate) mod watch;
