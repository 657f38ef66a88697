//! The command line of `ccs quality`.

use std::path::PathBuf;

use clap::{ArgGroup, Args as Group, ValueEnum};

use super::scan::Format;
use crate::audit::when;

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("source").required(true)))]
#[command(override_usage = "ccs quality [OPTIONS] <PATH...|--staged|--since TIME|--rules>")]
pub(crate) struct Quality {
    /// Files and folders to look through, every line of them
    #[arg(value_name = "PATH", group = "source")]
    pub(crate) paths: Vec<PathBuf>,
    /// Look through the lines that git is about to commit
    #[arg(long, group = "source")]
    pub(crate) staged: bool,
    /// Look through the lines that were written since, such as 30m, 2h, 7d or a date
    #[arg(long, value_name = "TIME", group = "source", value_parser = when::moment)]
    pub(crate) since: Option<ccs_audit::Time>,
    /// List the rules
    #[arg(long, group = "source")]
    pub(crate) rules: bool,
    /// Leave out what is less severe
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(crate) at_least: Severity,
    /// Leave out this rule, or all of a family: `todo.*`
    #[arg(long, value_name = "RULE")]
    pub(crate) off: Vec<String>,
    /// Look for these alone: rules, families such as `sql`, or sql-injection, xss,
    /// command-injection, eval, unsafe-regex, hardcoded-secrets; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) check: Vec<String>,
    /// Do not have files parsed by their language's own tool
    #[arg(long)]
    pub(crate) no_syntax: bool,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl From<Severity> for ccs_gate::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}
