//! Where answers go. Nothing else prints.

pub(crate) mod audit;
pub(crate) mod copies;
pub(crate) mod foreign;
pub(crate) mod human;
pub(crate) mod import;
pub(crate) mod injected;
pub(crate) mod integrity;
pub(crate) mod json;
pub(crate) mod leaks;
pub(crate) mod policy;
pub(crate) mod posture;
pub(crate) mod preflight;
pub(crate) mod quality;
pub(crate) mod redact;
pub(crate) mod sarif;
pub(crate) mod vault;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use ccs_vault::Secret;

use crate::args::Color;

/// Standard output, buffered, with or without colour.
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    color: bool,
}

impl Output {
    pub(crate) fn stdout(color: Color) -> Self {
        let out = io::stdout();
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => out.is_terminal() && wants_color(),
        };
        Output {
            out: BufWriter::with_capacity(1 << 16, out),
            color,
        }
    }

    /// Whether somebody may be looking.
    pub(crate) fn is_terminal(&self) -> bool {
        self.out.get_ref().is_terminal()
    }

    /// Writes a secret, past the buffers, which are not wiped.
    pub(crate) fn secret(&mut self, secret: &Secret) -> io::Result<()> {
        self.out.flush()?;
        raw(self.out.get_ref())?.write_all(secret.expose())
    }

    pub(crate) fn is_colored(&self) -> bool {
        self.color
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn wants_color() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(unix)]
fn raw(out: &Stdout) -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(out.as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn raw(out: &Stdout) -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(out.as_handle().try_clone_to_owned()?.into())
}
