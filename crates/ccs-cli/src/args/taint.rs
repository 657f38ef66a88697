//! `ccs taint` and `ccs canary`, as data.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

use super::Json;

#[derive(Debug, Subcommand)]
pub(crate) enum Taint {
    /// Show what sessions have read that strangers wrote, newest first
    Show {
        /// Only this session
        session: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Let a session count as clean again; for a person at a terminal
    Clear {
        /// The session, as `ccs taint show` names it
        session: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Canary {
    /// Put a file of made-up credentials where a thief would look
    Plant {
        /// The folder, instead of the current one
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Say whether a text holds a canary token of this machine
    Check(Text),
}

#[derive(Debug, Group)]
pub(crate) struct Text {
    /// The file; `-` reads the input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
