//! The command line of `ccs scan injection`.

use std::path::PathBuf;

use clap::{ArgGroup, Args as Group};

use super::Json;
use crate::scan::size;

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("text").required(true)))]
pub(crate) struct Injection {
    /// Files and folders to look through; `-` is the input
    #[arg(value_name = "PATH", group = "text")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read one JSON object with `id`, `text` and `tool` from each line, answer one on each
    #[arg(long, group = "text", conflicts_with_all = ["tool", "json"])]
    pub(crate) jsonl: bool,
    /// Judge the texts as what this tool of the client returned, such as WebFetch
    #[arg(long, value_name = "TOOL", default_value = "Read")]
    pub(crate) tool: String,
    /// Leave out what this pattern names, written as in .gitignore
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Read what .gitignore and its like name, and .git
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Leave out files that are larger, such as 500k, 20M or 1G
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = size::parse)]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) json: Json,
}
