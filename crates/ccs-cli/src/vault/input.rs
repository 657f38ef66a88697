//! Where values, passphrases and codes come from: a file, the input, or a terminal that does not
//! show them. Never an argument.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Stdin};
use std::path::Path;

use anyhow::Context;
use ccs_vault::{MAX_VALUE, Secret};

use super::terminal;
use crate::args::vault_change::Source;
use crate::exit::{Code, Stop};

/// A value from where the command line says, without the line break at its end.
pub(crate) fn value(source: &Source, question: &str) -> anyhow::Result<Secret> {
    let given = match &source.from {
        Some(path) => from(path)?,
        None if io::stdin().is_terminal() => return terminal::ask(question),
        None => read(raw(&io::stdin())?).context("cannot read the input")?,
    };
    Ok(if source.exact {
        given
    } else {
        given.without_line_end()
    })
}

/// A line from a file if one is named, else typed.
pub(crate) fn line(path: Option<&Path>, question: &str) -> anyhow::Result<Secret> {
    match path {
        Some(path) => Ok(from(path)?.without_line_end()),
        None => terminal::ask(question),
    }
}

/// A line from a file if one is named, else typed twice the same.
pub(crate) fn new_line(path: Option<&Path>, question: &str) -> anyhow::Result<Secret> {
    let first = line(path, question)?;
    if path.is_none() && terminal::ask("The same again: ")? != first {
        let stop = Stop::new(Code::Usage, "the two are not the same; nothing was changed");
        return Err(stop.next("run the command again").into());
    }
    Ok(first)
}

/// What a file holds; `-` is the input.
fn from(path: &Path) -> anyhow::Result<Secret> {
    if path == Path::new("-") {
        return read(raw(&io::stdin())?).context("cannot read the input");
    }
    let failed = || format!("cannot read `{}`", path.display());
    File::open(path).and_then(read).with_context(failed)
}

/// Up to one byte more than a value has, which is then refused as too long. The buffer never
/// grows, so no copy is left behind.
fn read(from: File) -> io::Result<Secret> {
    let limit = MAX_VALUE + 3;
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(limit + 1));
    from.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(Secret::new(std::mem::take(&mut *bytes)))
}

/// The input past the buffer of the standard library, which is not wiped.
#[cfg(unix)]
fn raw(input: &Stdin) -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(input.as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn raw(input: &Stdin) -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(input.as_handle().try_clone_to_owned()?.into())
}
