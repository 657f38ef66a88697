//! `ccs posture` and `ccs preflight`.

use std::path::PathBuf;

use ccs_integrity::posture;
use clap::{Args as Group, Subcommand, ValueEnum};

use crate::vault::date::Expiry;

#[derive(Debug, Group)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Posture {
    #[command(subcommand)]
    pub(crate) action: Option<Action>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) form: Form,
    /// Also read every transcript to its end
    #[arg(long)]
    pub(crate) deep: bool,
    /// Also show what is low, good to know, or without effect
    #[arg(long)]
    pub(crate) all: bool,
    /// From which severity on the exit code is 1
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    pub(crate) fail_on: Severity,
    /// Leave out what this file accepts, instead of what `ccs posture accept` wrote down
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Show everything, accepted or not
    #[arg(long, conflicts_with = "baseline")]
    pub(crate) no_baseline: bool,
    /// Judge by this version of Claude Code instead of the one that is installed
    #[arg(long, value_name = "VERSION")]
    pub(crate) claude_version: Option<String>,
    /// Repair what can be repaired without a decision: permissions
    #[arg(long, conflicts_with_all = ["sarif", "md"])]
    pub(crate) fix: bool,
    /// Repair findings of this check, whatever it takes; may be repeated
    #[arg(long, value_name = "ID", requires = "fix")]
    pub(crate) only: Vec<String>,
    /// Show every repair and make none
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    /// Do not ask before changing files
    #[arg(long, short, requires = "fix")]
    pub(crate) yes: bool,
}

/// What is looked at.
#[derive(Debug, Group)]
pub(crate) struct Place {
    /// The project to look at, instead of the current folder
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Where the managed settings are
    #[arg(long, value_name = "FILE")]
    pub(crate) managed_settings: Option<PathBuf>,
}

/// How the answer is written.
#[derive(Debug, Group)]
pub(crate) struct Form {
    /// Answer in JSON
    #[arg(long, conflicts_with_all = ["sarif", "md"])]
    pub(crate) json: bool,
    /// Answer in SARIF 2.1.0, for code scanning
    #[arg(long, conflicts_with = "md")]
    pub(crate) sarif: bool,
    /// Answer in Markdown, for a report
    #[arg(long)]
    pub(crate) md: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Put back what the last repair changed, bytes and modes
    Undo {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Leave a finding out from now on, with a reason and until a day
    Accept(Accept),
    /// Say what a check looks at, why, and what to do
    Explain {
        /// Its id, such as `perm.bash_wildcard`
        id: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Group)]
pub(crate) struct Accept {
    /// The finding's fingerprint, eight digits of it at least, or the id of its check
    pub(crate) finding: String,
    /// Why that is all right here
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Until when: a date, or a time from now such as 30d or 8w
    #[arg(long, value_name = "WHEN", value_parser = Expiry::parse)]
    pub(crate) expires: Expiry,
    /// Accept it although it is critical
    #[arg(long)]
    pub(crate) accept_critical: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Group)]
pub(crate) struct Preflight {
    /// The folder that is about to be opened, instead of the current one
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// What the repository starts is known and wanted; only findings stop
    #[arg(long)]
    pub(crate) trust: bool,
    /// From which severity on a finding stops
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    pub(crate) fail_on: Severity,
    /// Say nothing unless there is a reason to stop
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Where the managed settings are
    #[arg(long, value_name = "FILE")]
    pub(crate) managed_settings: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl From<Severity> for posture::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => posture::Severity::Critical,
            Severity::High => posture::Severity::High,
            Severity::Medium => posture::Severity::Medium,
            Severity::Low => posture::Severity::Low,
            Severity::Info => posture::Severity::Info,
        }
    }
}
