//! Commands of `ccs audit` that send something somewhere, and those of `ccs incident`.

use std::path::PathBuf;

use ccs_audit::Time;
use clap::{ArgGroup, Args as Group, Subcommand};

use super::Json;
use crate::audit::when;

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("how").required(true)))]
pub(crate) struct Ship {
    /// Send to these; to all that are configured otherwise
    pub(crate) names: Vec<String>,
    /// Send what there is and end
    #[arg(long, group = "how")]
    pub(crate) once: bool,
    /// Go on sending what is written
    #[arg(long, group = "how")]
    pub(crate) follow: bool,
    /// Show how far each receiver has come
    #[arg(long, group = "how")]
    pub(crate) status: bool,
    /// A receiver that is new begins with what is written from now on
    #[arg(long)]
    pub(crate) from_now: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Witness {
    /// Cosign checkpoints of the logs that were added, for whoever asks
    Serve(Serve),
    /// Show the newest checkpoint to the configured witnesses and keep what they sign
    Cosign(Cosign),
    /// Let this witness sign for a log
    Add(Add),
    /// List the logs this witness signs for, and what it has seen of them
    List(List),
}

/// Where a witness keeps its key and its memory.
#[derive(Debug, Group)]
pub(crate) struct Memory {
    /// The witness's folder, instead of `witness` in the state folder
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("at").required(true)))]
pub(crate) struct Serve {
    /// Listen at this address of the loopback, such as 127.0.0.1:7791
    #[arg(long, value_name = "ADDRESS", group = "at")]
    pub(crate) listen: Option<String>,
    /// Listen at this Unix socket
    #[arg(long, value_name = "PATH", group = "at")]
    pub(crate) socket: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) memory: Memory,
}

#[derive(Debug, Group)]
pub(crate) struct Cosign {
    /// Ask this one instead: http://127.0.0.1:7791, https://…, unix:/path
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// Its key, if it is not configured
    #[arg(long, value_name = "KEY", requires = "to")]
    pub(crate) key: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct Add {
    /// The log's key, or a copy of its log.json
    #[arg(value_name = "KEY|FILE")]
    pub(crate) of: String,
    /// The witness's own name if it has no key yet, such as w.example.com
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) memory: Memory,
}

#[derive(Debug, Group)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) memory: Memory,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Alerts {
    /// List the alerts that are configured
    List(Json),
    /// Count what is in the log, and try what each alert would do
    Test(Try),
    /// Do what the alerts say about those that were raised
    Run(Run),
}

#[derive(Debug, Group)]
pub(crate) struct Try {
    /// Only this one
    pub(crate) name: Option<String>,
    /// Carry the actions out with a made-up alert, except for `block`
    #[arg(long)]
    pub(crate) act: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("how").required(true)))]
pub(crate) struct Run {
    /// Act on what there is and end
    #[arg(long, group = "how")]
    pub(crate) once: bool,
    /// Go on
    #[arg(long, group = "how")]
    pub(crate) follow: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Incident {
    /// Deny every call and hand out no secret until `ccs incident end`
    Start(Start),
    /// End it; asks at a terminal
    End(End),
    /// Write the evidence into one file
    Bundle(Bundle),
    /// Say whether there is one
    Status(Json),
}

#[derive(Debug, Group)]
pub(crate) struct Start {
    /// What happened, for the log and for whoever is denied
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Group)]
pub(crate) struct End {
    /// What came of it, for the log
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
}

#[derive(Debug, Group)]
pub(crate) struct Bundle {
    /// Where to write
    #[arg(long, short, value_name = "FILE", default_value = "ccs-evidence.tar")]
    pub(crate) out: PathBuf,
    /// What happened since: 2026-11-21, 12h, 7d; by default a day before the incident began
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    pub(crate) since: Option<Time>,
    /// Only of this session
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Open encrypted details; without it they stay encrypted
    #[arg(long)]
    pub(crate) details: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}
