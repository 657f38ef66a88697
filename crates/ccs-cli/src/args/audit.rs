//! `ccs audit`, as data.

use std::path::PathBuf;

use ccs_audit::Time;
use clap::{ArgGroup, Args as Group, Subcommand, ValueEnum};

use super::Json;
use super::audit_send::{Alerts, Ship, Witness};
use crate::audit::when;

#[derive(Debug, Group)]
pub(crate) struct Audit {
    /// The folder of the log, instead of `audit` in the state folder
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) log: Option<PathBuf>,
    /// A folder into which segments were moved; may be given more than once
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) archive: Vec<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the last entries, and with --follow those to come
    Tail(Tail),
    /// Find entries
    Query(Query),
    /// Show one entry with all that is known of it
    Show(Show),
    /// Check every entry, every link and every checkpoint
    Verify(Verify),
    /// Write a proof that an entry is in the log or that the log only grew, or check one
    Prove(Prove),
    /// Close the epoch and print the checkpoint over all entries
    Checkpoint(Checkpoint),
    /// Write entries as JSON lines, CSV, OCSF or in the original's shape
    Export(Export),
    /// Count entries by session, rule, tool and decision
    Stats(Json),
    /// Write a report to look at: one HTML file without anything from elsewhere
    Report(Report),
    /// Move or delete closed segments older than the time they are to be kept
    Retain(Retain),
    /// Move closed segments into another folder
    Archive(Archive),
    /// Destroy the content of a session; its entries stay, and the chain with them
    Erase(Erase),
    /// Say where the root key is, or take it out of the log's folder
    Root(Root),
    /// List the files that hold secrets: mode, kinds, and the rules that protect them; never a value
    Map(Json),
    /// Send entries to the receivers that are configured
    Ship(Ship),
    /// Have checkpoints cosigned, or cosign those of others
    #[command(subcommand)]
    Witness(Witness),
    /// Look at, try or carry out alerts
    #[command(subcommand)]
    Alerts(Alerts),
}

/// Which entries. What is not said does not matter.
#[derive(Debug, Default, Group)]
pub(crate) struct Select {
    /// Of this session
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// With this rule
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    /// About this tool
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Option<String>,
    /// With this decision: allow, ask, deny …
    #[arg(long, value_name = "WORD")]
    pub(crate) decision: Option<String>,
    /// Of this kind: pre-tool-use, session-start, file-change …
    #[arg(long, value_name = "EVENT")]
    pub(crate) kind: Option<String>,
    /// By this agent
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// By this user
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// With these words in target, details, rules, tool, session or kind
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,
    /// Not before: 2026-11-21, 2026-11-21T15:04:00Z, or so long ago: 30m, 12h, 7d
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    pub(crate) since: Option<Time>,
    /// Before, written the same way
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    pub(crate) until: Option<Time>,
}

#[derive(Debug, Group)]
pub(crate) struct Tail {
    /// How many to begin with
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    pub(crate) lines: usize,
    /// Go on with what is written from now on
    #[arg(long, short)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) select: Select,
    /// Answer in JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Query {
    #[command(flatten)]
    pub(crate) select: Select,
    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// The oldest first
    #[arg(long)]
    pub(crate) oldest_first: bool,
    /// Only say how many there are
    #[arg(long)]
    pub(crate) count: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Show {
    /// Its number
    pub(crate) seq: u64,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// What is known from elsewhere, which whoever changed the log did not know.
#[derive(Debug, Default, Group)]
pub(crate) struct Known {
    /// The root key: a file with 32 bytes or 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub(crate) root_key: Option<PathBuf>,
    /// The identity the log was founded with: a copy of its log.json
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// A checkpoint of this log that was kept elsewhere; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// The key of a witness, besides those configured; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: Vec<String>,
}

#[derive(Debug, Group)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) known: Known,
    /// Do not ask the configured witnesses what they have seen
    #[arg(long)]
    pub(crate) offline: bool,
    /// Remember identity and checkpoint for the next time, in a file beside the log's folder
    #[arg(long)]
    pub(crate) remember: bool,
    /// End with code 3 if anything had to stay unchecked
    #[arg(long)]
    pub(crate) strict: bool,
    /// Answer in the shape of the original's `verify_chain`
    #[arg(long, conflicts_with = "json")]
    pub(crate) legacy: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("what").required(true)))]
pub(crate) struct Prove {
    /// The entry
    #[arg(group = "what", value_name = "SEQ")]
    pub(crate) seq: Option<u64>,
    /// Prove that the log over so many entries is the beginning of the one there is now
    #[arg(long, group = "what", value_name = "SIZE")]
    pub(crate) since: Option<u64>,
    /// Check a proof without the log
    #[arg(long, group = "what", value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
    /// Where to write the proof; it is printed otherwise
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// For --check: the log's key, or a copy of its log.json
    #[arg(long, value_name = "KEY|FILE")]
    pub(crate) key: Option<String>,
    /// For --check: the key of a witness; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: Vec<String>,
    /// For --check: so many of the witnesses must have cosigned
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) quorum: usize,
    /// For --check of growth: the earlier checkpoint
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Checkpoint {
    /// Print the newest one there is and write nothing to the log
    #[arg(long)]
    pub(crate) latest: bool,
    /// Where to write it; it is printed otherwise
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line, with every field
    Jsonl,
    /// Comma-separated values, safe to open in a spreadsheet
    Csv,
    /// One OCSF event a line
    Ocsf,
    /// One object of the original's shape a line
    Legacy,
}

#[derive(Debug, Group)]
pub(crate) struct Export {
    /// The form
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) select: Select,
    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) limit: usize,
    /// Leave encrypted details encrypted
    #[arg(long)]
    pub(crate) sealed: bool,
    /// Where to write, instead of the output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Report {
    /// Where to write
    #[arg(long, short, value_name = "FILE", default_value = "ccs-report.html")]
    pub(crate) out: PathBuf,
    /// About this session only
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Not before: 2026-11-21, or so long ago: 12h, 7d
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    pub(crate) since: Option<Time>,
    /// Before, written the same way
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    pub(crate) until: Option<Time>,
    /// So many stopped calls and so many changed files are shown in full, the newest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) newest: usize,
    /// Replace a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) known: Known,
}

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("fate").required(true)))]
pub(crate) struct Retain {
    /// Keep what is younger: 90d, 26w, or a date
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    pub(crate) keep: Time,
    /// Move older segments into this folder
    #[arg(long, value_name = "DIR", group = "fate")]
    pub(crate) into: Option<PathBuf>,
    /// Delete older segments
    #[arg(long, group = "fate")]
    pub(crate) delete: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Archive {
    /// The folder they go to; it becomes private
    pub(crate) folder: PathBuf,
    /// Only segments whose last entry is before: 30d, or a date
    #[arg(long, value_name = "WHEN", value_parser = when::moment, default_value = "0d")]
    pub(crate) before: Time,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Erase {
    /// The session
    pub(crate) session: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Root {
    /// Write it into this file, as hexadecimal digits, and destroy the one in the log's folder
    #[arg(long, value_name = "FILE")]
    pub(crate) take: Option<PathBuf>,
}
