//! The command line of `ccs threats`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

use super::Json;
use crate::threats::severity::Severity;

#[derive(Debug, Subcommand)]
pub(crate) enum Threats {
    /// List what the project is made of, by its lock files
    Stack {
        /// The project, instead of the current folder
        dir: Option<PathBuf>,
        #[command(flatten)]
        json: Json,
    },
    /// Say which weaknesses of a feed concern the stack, and why; 1 if any does
    Check {
        #[command(flatten)]
        wanted: Wanted,
        #[command(flatten)]
        json: Json,
    },
    /// Print the records of a feed that concern the stack, one on each line
    Filter(Wanted),
    /// List the indicators in a text; 1 if one is on a list
    Iocs(Iocs),
}

#[derive(Debug, Group)]
pub(crate) struct Wanted {
    /// Feeds: NVD 2.0, CVE 5, OSV or CISA KEV in JSON; files, folders of them, `-` for the input
    #[arg(required = true, value_name = "FEED")]
    pub(crate) feeds: Vec<PathBuf>,
    /// What the stack is, in a threat_spec_fence file
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Vec<PathBuf>,
    /// The project whose lock files say what the stack is; the current folder without --spec
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Leave out what is less severe; what has no severity or is exploited stays
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Only what is known to be exploited
    #[arg(long)]
    pub(crate) exploited: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Iocs {
    /// The text; `-` is the input
    pub(crate) file: PathBuf,
    /// A list of indicators, one on each line
    #[arg(long, value_name = "FILE")]
    pub(crate) list: Vec<PathBuf>,
    /// Have the judge name more, which count if they stand in the text
    #[arg(long)]
    pub(crate) judge: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}
