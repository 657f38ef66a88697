//! `ccs canary`: credentials that open nothing, and whoever uses them is seen.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_hooks::canary;

use crate::args::taint::{Canary, Text};
use crate::exit::{Code, Stop};
use crate::output::Output;
use crate::output::human::{self, Level, Line};
use crate::places::Places;

/// The longest text that is checked, in bytes.
const MAX_TEXT: u64 = 64 << 20;

pub(crate) fn run(args: &Canary, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Canary::Plant { folder } => plant(folder.as_deref(), places, output),
        Canary::Check(text) => check(text, places, output),
    }
}

fn plant(folder: Option<&Path>, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    if !places.state.is_dir() {
        let stop = Stop::new(Code::Unproven, "ccs is not set up here");
        return Err(stop.next("ccs setup").into());
    }
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => std::env::current_dir().context("the current folder is gone")?,
    };
    let path = canary::plant(&places.state, &folder).map_err(|error| match error {
        canary::Error::File { .. } => Stop::new(Code::File, error.to_string()),
        _ => Stop::new(Code::Unproven, error.to_string()),
    })?;
    let text = format!(
        "{}: made-up credentials; a call that carries one is denied. Keep the file out of git.",
        path.display()
    );
    human::line(output, &Line::new(Level::Done, "canary", text))?;
    Ok(Code::Ok)
}

fn check(args: &Text, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let text = read(&args.file)?;
    let found = canary::find(&places.state, &text)
        .map_err(|error| Stop::new(Code::Unproven, error.to_string()))?;
    let (line, code) = match found {
        None => (Line::ok("canary", "no token of this machine"), Code::Ok),
        Some(kind) => {
            let what = match kind {
                canary::Kind::Session => "it holds the token of a session",
                _ => "it holds a credential that was planted",
            };
            (
                Line::new(Level::Fail, "canary", what.to_owned()),
                Code::Findings,
            )
        }
    };
    human::line(output, &line)?;
    Ok(code)
}

fn read(path: &PathBuf) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let failed = || format!("`{}`", path.display());
    if path.as_os_str() == "-" {
        std::io::stdin()
            .take(MAX_TEXT)
            .read_to_end(&mut bytes)
            .with_context(failed)?;
    } else {
        let file = std::fs::File::open(path).with_context(failed)?;
        file.take(MAX_TEXT)
            .read_to_end(&mut bytes)
            .with_context(failed)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
