//! Where answers go. Nothing else prints.

pub(crate) mod diff;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod policy;

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

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
