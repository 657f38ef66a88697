//! Commands of `ccs vault` that store or hand out values.

use std::ffi::OsString;
use std::path::PathBuf;

use ccs_vault::{Category, Name};
use clap::{ArgGroup, Args as Group, ValueEnum};

use super::Json;
use super::vault::{CodeFrom, Unlock};
use crate::vault::date::Expiry;
use crate::vault::name;

/// Where a value comes from.
#[derive(Debug, Group)]
pub(crate) struct Source {
    /// Read the value from this file instead of the input or the terminal
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Keep a line break at the end of the value
    #[arg(long)]
    pub(crate) exact: bool,
    /// What does not belong here, caught so that no error shows it.
    #[arg(hide = true, allow_hyphen_values = true)]
    pub(crate) value: Vec<OsString>,
}

/// What is said about a new entry.
#[derive(Debug, Group)]
pub(crate) struct About {
    /// Its category, instead of the one its name suggests
    #[arg(long, value_parser = name::category)]
    pub(crate) category: Option<Category>,
    /// Words about it, up to 1024 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// When it stops being good: 2027-01-31, 90d, 12h
    #[arg(long, value_name = "WHEN", value_parser = Expiry::parse)]
    pub(crate) expires: Option<Expiry>,
    /// How many older values are kept, up to 32
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<u8>,
}

#[derive(Debug, Group)]
pub(crate) struct Set {
    /// The entry
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) about: About,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
#[command(override_usage = "ccs vault provide [OPTIONS] NAME --op URI
       ccs vault provide [OPTIONS] NAME --aws ID
       ccs vault provide [OPTIONS] NAME --pass PATH
       ccs vault provide [OPTIONS] NAME --keychain SERVICE --account NAME
       ccs vault provide [OPTIONS] NAME -- CMD...")]
#[command(group(ArgGroup::new("provider").required(true)))]
pub(crate) struct Provide {
    /// The entry
    #[arg(value_parser = name::own)]
    pub(crate) name: Name,
    /// 1Password: op://VAULT/ITEM/FIELD
    #[arg(long, value_name = "URI", group = "provider")]
    pub(crate) op: Option<String>,
    /// AWS Secrets Manager: the secret's id
    #[arg(long, value_name = "ID", group = "provider")]
    pub(crate) aws: Option<String>,
    /// pass: the first line of this entry
    #[arg(long, value_name = "PATH", group = "provider")]
    pub(crate) pass: Option<String>,
    /// The macOS keychain: the service
    #[arg(long, value_name = "SERVICE", group = "provider", requires = "account")]
    pub(crate) keychain: Option<String>,
    /// The account in the macOS keychain
    #[arg(long, value_name = "NAME", requires = "keychain")]
    pub(crate) account: Option<String>,
    #[command(flatten)]
    pub(crate) about: About,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
    /// Any other program, and its arguments; no shell reads them
    #[arg(last = true, value_name = "CMD", group = "provider")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, Group)]
pub(crate) struct Edit {
    /// The entry
    #[arg(value_parser = name::own)]
    pub(crate) name: Name,
    /// The new category
    #[arg(long, value_parser = name::category)]
    pub(crate) category: Option<Category>,
    /// The new note; an empty one takes it away
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// The new expiry: 2027-01-31, 90d, 12h, or never
    #[arg(long, value_name = "WHEN", value_parser = Expiry::parse)]
    pub(crate) expires: Option<Expiry>,
    /// How many older values are kept, up to 32; those beyond are dropped
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<u8>,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Rotate {
    /// The entry
    pub(crate) name: String,
    /// A random value: 64 hexadecimal digits
    #[arg(long, conflicts_with_all = ["from", "exact"])]
    pub(crate) random: bool,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("origin").required(true)))]
pub(crate) struct Import {
    /// Look at the environment of this process
    #[arg(long, group = "origin")]
    pub(crate) env: bool,
    /// Look at a .env file
    #[arg(long, value_name = "FILE", group = "origin")]
    pub(crate) dotenv: Option<PathBuf>,
    /// Look at a start-up file of sh, bash or zsh
    #[arg(long, value_name = "FILE", group = "origin")]
    pub(crate) shell: Option<PathBuf>,
    /// Take these variables, instead of those whose names say that they hold a secret
    #[arg(value_parser = name::own)]
    pub(crate) names: Vec<Name>,
    /// Take all variables of the file
    #[arg(long, conflicts_with_all = ["names", "env"])]
    pub(crate) all: bool,
    /// Give entries that are there the new value; the one before is kept
    #[arg(long)]
    pub(crate) replace: bool,
    /// The category of new entries, instead of the one the name suggests
    #[arg(long, value_parser = name::category)]
    pub(crate) category: Option<Category>,
    /// Show what would be taken, line by line, and take nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Export {
    /// The shell that is to read it
    #[arg(long, value_name = "SHELL", default_value = "sh")]
    pub(crate) shell: ShellKind,
    /// The entries of this category only
    #[arg(long, value_parser = name::category)]
    pub(crate) category: Option<Category>,
    /// Show the values on a terminal
    #[arg(long)]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) code: CodeFrom,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShellKind {
    Sh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

#[derive(Debug, Group)]
pub(crate) struct Migrate {
    /// The plaintext file
    pub(crate) file: PathBuf,
    /// The entry to store it in, whose name must be free
    #[arg(value_parser = name::own)]
    pub(crate) name: Name,
    /// Keep a line break at the end: the file is a key of any bytes, not a line of text
    #[arg(long)]
    pub(crate) exact: bool,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}
