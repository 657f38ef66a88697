//! `ccs update`, as data.

use std::ffi::OsString;

use clap::{Args as Group, Subcommand};

use super::Json;

#[derive(Debug, Subcommand)]
pub(crate) enum Update {
    /// Copy the Claude Code program, its settings and extensions aside
    Snapshot(Json),
    /// Update with a snapshot taken before and a look at the result; puts everything back if it fails
    Apply(Apply),
    /// Put a snapshot back
    Rollback(Rollback),
    /// List the snapshots, and an update that was cut off
    Status(Json),
}

#[derive(Debug, Group)]
pub(crate) struct Apply {
    /// The command that updates, instead of `claude update`
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
    /// Do not try the new program with a session on a stand-in for the model
    #[arg(long)]
    pub(crate) no_session: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Rollback {
    /// The snapshot; without it the one of an update that was cut off, or else the latest
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}
