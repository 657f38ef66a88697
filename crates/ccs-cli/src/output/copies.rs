//! Copies of stored values, as a compiler names places.

use std::io::{self, Write};
use std::path::PathBuf;

use ccs_vault::{Form, Name};
use serde::Serialize;

use super::Output;

/// What was found, and what could not be looked at.
#[derive(Default, Serialize)]
pub(crate) struct Found {
    pub(crate) copies: Vec<Copy>,
    /// How many files were read.
    pub(crate) files: usize,
    pub(crate) unreadable: Vec<String>,
}

/// A copy of a stored value. Lines and columns count from 1, columns in bytes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Copy {
    pub(crate) path: PathBuf,
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) name: Name,
    pub(crate) form: Form,
}

pub(crate) fn found(output: &mut Output, found: &Found, read_all: bool) -> io::Result<()> {
    for copy in &found.copies {
        let path = copy.path.display();
        let place = format!("{path}:{}:{}", copy.line, copy.column);
        writeln!(output, "{place}: {}{}", copy.name, form(copy.form))?;
    }
    for why in &found.unreadable {
        writeln!(output, "not read: {why}")?;
    }
    let (copies, files) = (found.copies.len(), found.files);
    let rest = if read_all {
        ""
    } else {
        "; --no-ignore also reads what .gitignore names"
    };
    writeln!(output, "copies: {copies}, files read: {files}{rest}")
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Plain => "",
        Form::Base64 => ", in base64",
        Form::Hex => ", in hex",
        Form::Percent => ", percent-encoded",
        Form::Escaped => ", escaped",
        _ => ", encoded",
    }
}
