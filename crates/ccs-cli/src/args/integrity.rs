//! `ccs integrity`, `ccs approve`, `ccs approvals` and `ccs watch`, as data.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

use super::Json;

#[derive(Debug, Subcommand)]
pub(crate) enum Integrity {
    /// Sign everything as it is now; asks for the signing passphrase at a terminal
    Sign(Sign),
    /// Compare everything with what was signed
    Verify(Look),
    /// Say in a line for each manifest how things stand
    Status(Look),
    /// Show what changed in files since they were signed
    Diff(Diff),
}

#[derive(Debug, Group)]
pub(crate) struct Sign {
    /// The project, instead of the current folder
    #[arg(long, value_name = "DIR", conflicts_with = "no_project")]
    pub(crate) project: Option<PathBuf>,
    /// Sign the installation only
    #[arg(long)]
    pub(crate) no_project: bool,
    /// Leave the Claude Code program out, because it updates itself
    #[arg(long)]
    pub(crate) no_client: bool,
    /// Make a new signing key, and begin anew: what was signed with the old one no longer counts
    #[arg(long)]
    pub(crate) new_key: bool,
    /// Take the passphrase from a file, `-` for the input, instead of a terminal
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Look {
    /// The project, instead of the current folder
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Diff {
    /// Only this file
    pub(crate) path: Option<PathBuf>,
    /// The project, instead of the current folder
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Approve {
    /// The request, as the refusal names it; without it the newest one
    pub(crate) id: Option<String>,
    /// For how many seconds, at most 3600
    #[arg(long, value_name = "N", default_value_t = ccs_gate::approval::TTL,
          value_parser = clap::value_parser!(u64).range(1..=ccs_gate::approval::LONGEST))]
    pub(crate) seconds: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Approvals {
    /// List requests, approvals that were not used yet, and what came of the last ones
    List(Json),
    /// Take back every approval that was given so far
    Revoke,
}

#[derive(Debug, Group)]
pub(crate) struct Watch {
    /// The project, instead of the current folder
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Look every two seconds instead of waiting for the system's events
    #[arg(long)]
    pub(crate) poll: bool,
    /// Answer in JSON, one line for each event
    #[arg(long)]
    pub(crate) json: bool,
    /// Run this program on every event, which it gets as a line of JSON on its input
    #[arg(long, value_name = "PROGRAM", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) exec: Vec<OsString>,
}
