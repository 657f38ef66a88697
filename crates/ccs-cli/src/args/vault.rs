//! `ccs vault` and `ccs run`, as data. No value of a secret is ever an argument: arguments are
//! shown to every program on the machine and kept by shells.

use std::ffi::OsString;
use std::path::PathBuf;

use ccs_vault::{Category, Name};
use clap::{ArgGroup, Args as Group, Subcommand, ValueEnum};

use super::Json;
use super::vault_change::{Edit, Export, Import, Migrate, Provide, Rotate, Set};
use crate::vault::name;

#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Make a vault
    Init(Init),
    /// List the entries; shows no value
    List(List),
    /// Show what is known of an entry; shows no value
    Show(Show),
    /// Print a value into a pipe or file
    Get(Get),
    /// Store a value, from the input or typed without being shown
    Set(Set),
    /// Store how to get a value from another program, instead of the value
    Provide(Provide),
    /// Remove an entry with its older values
    Rm(Rm),
    /// Give an entry another name
    Rename(Rename),
    /// Change an entry's category, note, expiry or number of older values
    Edit(Edit),
    /// Give an entry a new value and keep the one before
    Rotate(Rotate),
    /// Show when an entry's values changed; shows no value
    History(Show),
    /// Go back to the value before
    Revert(Named),
    /// Take secrets over from the environment, a .env file or a shell's start-up file
    Import(Import),
    /// Print all values as assignments for a shell
    Export(Export),
    /// Take over a key that lies in a plaintext file, and wipe the file
    Migrate(Migrate),
    /// List, add or remove the ways into the vault
    #[command(subcommand)]
    Slots(Slots),
    /// Give the vault a new master key and the key file a new key
    Rekey(Unlock),
    /// Save what can be saved from a damaged vault
    Restore(Restore),
    /// Say how the vault is
    Status(Status),
    /// One-time codes that get, export, rm and changes of slots then ask for
    #[command(subcommand)]
    Totp(Totp),
    /// Look for copies of stored values in files
    Where(Where),
    /// Print a value for Claude Code's `apiKeyHelper`, and nothing else
    Helper(Named),
}

/// What opens the vault. Without any of these: the key file if there is one, else what else is.
#[derive(Debug, Default, Group)]
pub(crate) struct Unlock {
    /// Open with this kind of slot
    #[arg(long, value_name = "SLOT")]
    pub(crate) unlock: Option<Slot>,
    /// Read the passphrase from this file instead of asking; `-` is the input
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_from: Vec<PathBuf>,
    /// Read the recovery code from this file instead of asking; `-` is the input
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_from: Vec<PathBuf>,
}

/// A one-time code, once `ccs vault totp enrol` was used.
#[derive(Debug, Default, Group)]
pub(crate) struct CodeFrom {
    /// Read the one-time code from this file instead of asking; `-` is the input
    #[arg(long, value_name = "FILE")]
    pub(crate) code_from: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Slot {
    KeyFile,
    Passphrase,
    Recovery,
    Keyring,
}

#[derive(Debug, Group)]
pub(crate) struct Init {
    /// The first way in
    #[arg(long, value_name = "SLOT", default_value = "key-file")]
    pub(crate) slot: Slot,
    #[command(flatten)]
    pub(crate) passphrase: NewPassphrase,
}

#[derive(Debug, Group)]
pub(crate) struct NewPassphrase {
    /// Read the new passphrase from this file instead of asking; `-` is the input
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_from: Option<PathBuf>,
    /// Memory that trying a passphrase takes
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    pub(crate) memory: u32,
    /// Passes over that memory
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) passes: u32,
}

#[derive(Debug, Group)]
pub(crate) struct Named {
    /// The entry
    #[arg(value_parser = name::any)]
    pub(crate) name: Name,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) entry: Named,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct List {
    /// The entries of this category only
    #[arg(long, value_parser = name::category)]
    pub(crate) category: Option<Category>,
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Get {
    #[command(flatten)]
    pub(crate) entry: Named,
    /// Show the value on a terminal
    #[arg(long)]
    pub(crate) reveal: bool,
    /// An older value: 1 is the one before
    #[arg(long, value_name = "N")]
    pub(crate) older: Option<usize>,
    #[command(flatten)]
    pub(crate) code: CodeFrom,
}

#[derive(Debug, Group)]
pub(crate) struct Rm {
    /// The entry
    #[arg(value_parser = name::own)]
    pub(crate) name: Name,
    #[command(flatten)]
    pub(crate) code: CodeFrom,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Rename {
    /// The entry
    #[arg(value_parser = name::own)]
    pub(crate) from: Name,
    /// Its new name
    #[arg(value_parser = name::own)]
    pub(crate) to: Name,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Slots {
    /// List the ways in; needs no key
    List(Json),
    /// Add a way in
    Add(SlotsAdd),
    /// Remove a way in; a key file is deleted with its slot
    Rm(SlotsRm),
}

#[derive(Debug, Group)]
pub(crate) struct SlotsAdd {
    /// What opens it: a file beside the vault, a passphrase, a code on paper, or the keyring of the
    /// operating system
    pub(crate) slot: Slot,
    #[command(flatten)]
    pub(crate) passphrase: NewPassphrase,
    /// Print a recovery code although the output is no terminal
    #[arg(long)]
    pub(crate) print: bool,
    #[command(flatten)]
    pub(crate) code: CodeFrom,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct SlotsRm {
    /// The slot's number, as `ccs vault slots list` shows it
    pub(crate) number: u32,
    #[command(flatten)]
    pub(crate) code: CodeFrom,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Status {
    /// An expiry within so many days is near
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) soon: u32,
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Totp {
    /// Make codes for an authenticator app
    Enrol(Enrol),
    /// Try a code, which is good once
    Check(TotpCode),
    /// Ask for no codes any more; takes one, or the recovery code of the vault
    Rm(TotpCode),
}

#[derive(Debug, Group)]
pub(crate) struct Enrol {
    /// The name that the app shows
    #[arg(long, default_value = "vault")]
    pub(crate) account: String,
    /// Print the secret although the output is no terminal; no code is asked for then
    #[arg(long)]
    pub(crate) print: bool,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct TotpCode {
    #[command(flatten)]
    pub(crate) code: CodeFrom,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, Group)]
pub(crate) struct Where {
    /// Files and folders to look through
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Look for the values of this entry only
    #[arg(long, value_parser = name::any)]
    pub(crate) name: Vec<Name>,
    /// Read what .gitignore and its like name, and .git
    #[arg(long)]
    pub(crate) no_ignore: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
#[command(override_usage = "ccs run [OPTIONS] --env [VAR=]NAME... -- CMD...")]
#[command(group(ArgGroup::new("secrets").required(true).multiple(true)))]
pub(crate) struct Run {
    /// An entry for the program's environment, under its own name or another; once for each
    #[arg(long, value_name = "[VAR=]NAME", group = "secrets")]
    pub(crate) env: Vec<String>,
    /// All entries of a category whose names can be variables
    #[arg(long, group = "secrets", value_parser = name::category)]
    pub(crate) category: Vec<Category>,
    /// Take secrets out of the output even if it goes to a terminal
    #[arg(long)]
    pub(crate) redact: bool,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}
