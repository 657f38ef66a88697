//! The command line of `ccs scan`, `ccs redact-check`, `ccs redact` and `ccs hooks`.

use std::path::PathBuf;

use clap::{ArgGroup, Args as Group, Subcommand};

use super::Json;
use super::scan_injection::Injection;
use crate::scan::size;

#[derive(Debug, Group)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(
    override_usage = "ccs scan [OPTIONS] <PATH...|--staged|--history|->\n       \
    ccs scan secrets --jsonl\n       \
    ccs scan injection <PATH...|--jsonl|->"
)]
pub(crate) struct Scan {
    #[command(subcommand)]
    pub(crate) what: Option<What>,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
}

/// What is looked for. A file of such a name is scanned as `./secrets` or `./injection`.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// The same under its name; with --jsonl in one text on each line
    Secrets(Batch),
    /// Look for instructions to a model that a stranger may have put there
    Injection(Injection),
}

#[derive(Debug, Group)]
pub(crate) struct Batch {
    /// Read one JSON object with `id` and `text` from each line, answer one on each
    #[arg(long, group = "source")]
    pub(crate) jsonl: bool,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
}

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("source").required(true)))]
pub(crate) struct Secrets {
    /// Files and folders to look through; `-` is the input
    #[arg(value_name = "PATH", group = "source")]
    pub(crate) paths: Vec<PathBuf>,
    /// Look through what git is about to commit
    #[arg(long, group = "source")]
    pub(crate) staged: bool,
    /// Look through every version of every file in the history of this repository
    #[arg(long, group = "source")]
    pub(crate) history: bool,
    #[command(flatten)]
    pub(crate) looks: Looks,
    /// Look also for what a repository must not hold: transcripts, logs, backups, paths of a user
    #[arg(long)]
    pub(crate) release: bool,
    #[command(flatten)]
    pub(crate) walk: Walk,
    #[command(flatten)]
    pub(crate) baseline: Baseline,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Checks a tree before it is published; `ccs scan --release` with other words.
#[derive(Debug, Group)]
pub(crate) struct RedactCheck {
    /// Files and folders to look through
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) looks: Looks,
    #[command(flatten)]
    pub(crate) walk: Walk,
    #[command(flatten)]
    pub(crate) baseline: Baseline,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// What counts as a finding.
#[derive(Clone, Debug, Default, Group)]
pub(crate) struct Looks {
    /// Look for this rule only, or for all of a family: `github.*`
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Vec<String>,
    /// Look for personal data too: mail addresses, telephone, card and account numbers
    #[arg(long)]
    pub(crate) pii: bool,
    /// Look for the patterns of this file too, in the form of `security.filters` in settings
    #[arg(long, value_name = "FILE")]
    pub(crate) filters: Option<PathBuf>,
    /// Do not heed marks such as `ccs:allow` on a line
    #[arg(long)]
    pub(crate) no_marks: bool,
}

/// Which files are read.
#[derive(Debug, Group)]
pub(crate) struct Walk {
    /// Leave out what this pattern names, written as in .gitignore
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Read what .gitignore and its like name, and .git
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Read files that are no text too
    #[arg(long)]
    pub(crate) binary: bool,
    /// Leave out files that are larger, such as 500k, 20M or 1G
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = size::parse)]
    pub(crate) max_size: u64,
}

/// Findings that were accepted.
#[derive(Debug, Group)]
pub(crate) struct Baseline {
    /// Leave out what this file accepts
    #[arg(long = "baseline", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Accept all that is found, for this reason, and write it into the baseline
    #[arg(long, value_name = "REASON", requires = "file")]
    pub(crate) accept: Option<String>,
    /// The last day on which it is accepted
    #[arg(long, value_name = "YYYY-MM-DD", requires = "accept")]
    pub(crate) until: Option<String>,
    /// The key of the baseline, instead of baseline.key in the state folder
    #[arg(long = "baseline-key", value_name = "FILE", requires = "file")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Format {
    #[command(flatten)]
    pub(crate) json: Json,
    /// Answer in SARIF 2.1.0
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Redact {
    /// The file; `-` is the input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Replace the file, instead of printing it
    #[arg(long)]
    pub(crate) in_place: bool,
    #[command(flatten)]
    pub(crate) looks: Looks,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Hooks {
    /// A hook of git that scans what is about to be committed
    #[command(subcommand)]
    Git(Git),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Git {
    /// Put the hook into this repository; one that is there already runs after it
    Install(Install),
    /// Take the hook out, and put back the one that was there before
    Uninstall(Json),
    /// Say whether the hook is there
    Status(Json),
}

#[derive(Debug, Group)]
pub(crate) struct Install {
    /// The baseline of accepted findings, from the root of the repository
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: Json,
}
