//! The command line, as data. The comments here are the help text.

pub(crate) mod audit;
pub(crate) mod audit_send;
pub(crate) mod integrity;
pub(crate) mod judge;
pub(crate) mod posture;
pub(crate) mod quality;
pub(crate) mod scan;
pub(crate) mod scan_injection;
pub(crate) mod taint;
pub(crate) mod threats;
pub(crate) mod update;
pub(crate) mod vault;
pub(crate) mod vault_change;

use std::path::PathBuf;

use clap::{Args as Group, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::exit;
use crate::profile::Profile;

/// Guards the tool calls of Claude Code.
#[derive(Debug, Parser)]
#[command(name = "ccs", version, subcommand_required = true)]
pub(crate) struct Args {
    /// Colour the output; `auto` heeds NO_COLOR
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
    /// The home folder of the person whose Claude Code is meant, instead of HOME
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) home: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// The command line of this process. Ends the process if there is nothing to run: after the
    /// help, and after a mistake.
    pub(crate) fn of_process() -> Self {
        let mut matches = command().get_matches();
        Self::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit())
    }
}

/// The definition of the command line, with the exit codes in the help of every command.
pub(crate) fn command() -> clap::Command {
    with_codes(Args::command())
}

fn with_codes(command: clap::Command) -> clap::Command {
    let codes = if command.get_name() == "run" {
        exit::of_run()
    } else {
        exit::table()
    };
    command.after_help(codes).mut_subcommands(with_codes)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Put the guard in front of every tool call, and show that it works
    Setup(Setup),
    /// Take the guard out again
    Uninstall(Uninstall),
    /// Say in a few lines whether the guard is in place
    Status(Report),
    /// Prove that the guard works, and name every way past it on this machine
    Doctor(Doctor),
    /// Judge one command or tool call, or one command on each line of the input
    Check(Check),
    /// Show how a call is understood, what was found, what the policy says, and what to do instead
    Explain(Explain),
    /// Look at the rules, or test rules of your own
    #[command(subcommand)]
    Rules(Rules),
    /// Compile, show, compare or import a policy
    #[command(subcommand)]
    Policy(Policy),
    /// Say whether this installation and this project are safe, and repair what is not
    Posture(posture::Posture),
    /// Stop before an unattended run, or the opening of an unknown clone, that would do harm
    Preflight(posture::Preflight),
    /// Keep keys and tokens encrypted, and use them without showing them
    #[command(subcommand)]
    Vault(vault::Vault),
    /// Run a program with secrets in its environment, and none in its output
    Run(vault::Run),
    /// Sign what runs here, and tell what changed since
    #[command(subcommand)]
    Integrity(integrity::Integrity),
    /// Allow one refused call, once; for a person at a terminal
    Approve(integrity::Approve),
    /// Look at approvals, or take them back
    #[command(subcommand)]
    Approvals(integrity::Approvals),
    /// Verify again whenever something changes
    Watch(integrity::Watch),
    /// Update Claude Code with a way back
    #[command(subcommand)]
    Update(update::Update),
    /// Look for secrets in files, in what git is about to commit, or in its history
    Scan(scan::Scan),
    /// Look for what must not be left in finished code: stubs, notes, made-up data, swallowed errors
    Quality(quality::Quality),
    /// Check a tree before it is published: secrets, transcripts, logs, backups, paths of a user
    RedactCheck(scan::RedactCheck),
    /// Print a file with every secret in it replaced
    Redact(scan::Redact),
    /// Ask a language model where the scanner of fetched text is not sure
    #[command(subcommand)]
    Judge(judge::Judge),
    /// Tell which known weaknesses concern this project, and find indicators in texts
    #[command(subcommand)]
    Threats(threats::Threats),
    /// Scan before other programs act: hooks of git
    #[command(subcommand)]
    Hooks(scan::Hooks),
    /// Take secrets out before the client records them, by a mod of the client
    #[command(subcommand)]
    Mod(Mod),
    /// What sessions have read that strangers wrote
    #[command(subcommand)]
    Taint(taint::Taint),
    /// Made-up credentials that give a thief away
    #[command(subcommand)]
    Canary(taint::Canary),
    /// Look at, check, send and keep the log of what happened
    Audit(audit::Audit),
    /// Stop everything, gather the evidence, and go on
    #[command(subcommand)]
    Incident(audit_send::Incident),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page, or write one for each command
    Man(Man),
}

#[derive(Debug, Group)]
pub(crate) struct Setup {
    /// How much to register: 1 sessions and settings, 2 also every tool call
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) tier: u8,
    /// Whose sessions to guard
    #[arg(long, value_name = "SCOPE", default_value = "user")]
    pub(crate) scope: Scope,
    /// Settings of the client to write besides, kept by later runs
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<Profile>,
    /// The hook program to install, instead of the `ccs-hook` beside this program
    #[arg(long, value_name = "FILE")]
    pub(crate) hook: Option<PathBuf>,
    /// What to do with a prompt that a secret was taken out of; stays as it is if not given
    #[arg(long, value_name = "WHAT")]
    pub(crate) clipboard: Option<Clipboard>,
    #[command(flatten)]
    pub(crate) change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Clipboard {
    /// Show it
    Off,
    /// Put it on the clipboard as well
    Copy,
    /// Put it on the clipboard and paste it, if the window in front stays the same
    Paste,
}

#[derive(Debug, Group)]
pub(crate) struct Uninstall {
    /// Take the guard out of this scope only
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,
    /// Keep policy, keys and records
    #[arg(long)]
    pub(crate) keep_state: bool,
    #[command(flatten)]
    pub(crate) change: Change,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mod {
    /// Put the mod where the client loads it
    Install(Change),
    /// Take it away again
    Rm(Change),
}

/// What commands that change files have in common.
#[derive(Debug, Group)]
pub(crate) struct Change {
    /// Show every change and make none
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask before changing files
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Where the managed settings are
    #[arg(long, value_name = "FILE")]
    pub(crate) managed_settings: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// All sessions of this user; a project can switch it off
    User,
    /// All sessions on this machine; nobody but root can switch it off
    Managed,
    /// Sessions in the current folder
    Project,
}

#[derive(Debug, Group)]
pub(crate) struct Report {
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Where the managed settings are
    #[arg(long, value_name = "FILE")]
    pub(crate) managed_settings: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) report: Report,
    /// The answer as text that can be shown to others: no names, no folders of yours, no secrets
    #[arg(long = "report", conflicts_with = "json")]
    pub(crate) pasteable: bool,
    /// The security guide's checklist, with what can be told by looking
    #[arg(long, conflicts_with = "pasteable")]
    pub(crate) checklist: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) question: Question,
    /// Read one JSON object with `id`, `command` and `cwd` from each line, answer one on each
    #[arg(long, conflicts_with_all = ["command", "tool", "cwd", "json"])]
    pub(crate) jsonl: bool,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) question: Question,
    /// Judge it as a call of this session, with what it has read
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is asked about: a command, or a call of another tool.
#[derive(Debug, Group)]
pub(crate) struct Question {
    /// The command, quoted as one word; `-` reads it from the input
    #[arg(value_name = "CMD", allow_hyphen_values = true)]
    pub(crate) command: Option<String>,
    /// The tool that would be called, instead of Bash: Read, Write, mcp__files__delete …
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Option<String>,
    /// The file or folder the tool would be given
    #[arg(long, value_name = "FILE", requires = "tool")]
    pub(crate) path: Option<PathBuf>,
    /// The text it would write, or the pattern it would look for
    #[arg(
        long,
        value_name = "TEXT",
        requires = "tool",
        allow_hyphen_values = true
    )]
    pub(crate) text: Option<String>,
    /// The address it would open
    #[arg(long, value_name = "URL", requires = "tool")]
    pub(crate) url: Option<String>,
    /// The folder it would happen in, instead of the current one
    #[arg(long, value_name = "DIR")]
    pub(crate) cwd: Option<PathBuf>,
    /// The language of the command
    #[arg(long, value_name = "SHELL", default_value = "bash")]
    pub(crate) shell: Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// bash, sh and zsh
    Bash,
    /// PowerShell on any platform
    #[value(name = "powershell")]
    PowerShell,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// List the shipped rules
    List(Json),
    /// Show one rule
    Show {
        /// Its id, such as `git.push-force`
        id: String,
        #[command(flatten)]
        json: Json,
    },
    /// Try the examples in a rule file of your own
    Check {
        /// The rule file
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Try the examples of the shipped rules
    Test(Json),
}

#[derive(Debug, Group)]
pub(crate) struct Json {
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Check a policy and put it into force
    Compile {
        /// The policy, instead of policy.yaml in the state folder
        file: Option<PathBuf>,
        /// Sign with a new key; without it a key that is missing is an error
        #[arg(long)]
        new_key: bool,
    },
    /// Show the policy in force
    Show(Json),
    /// Compare policy.yaml with the policy in force
    Diff,
    /// Turn a damage-control file into a policy
    Import {
        /// The file with bashToolPatterns, zeroAccessPaths, readOnlyPaths and noDeletePaths
        file: PathBuf,
        /// Where to write, instead of policy.yaml in the state folder; `-` prints
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace a policy that is already there; a backup is kept
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Group)]
pub(crate) struct Completions {
    /// The shell to complete for
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Group)]
pub(crate) struct Man {
    /// Write a page for every command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
