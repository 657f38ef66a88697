//! `ccs completions`: scripts that complete our commands and options.

use std::io::Write;

use crate::args::{self, Completions};
use crate::exit::Code;
use crate::output::Output;

pub(crate) fn run(args: &Completions, output: &mut Output) -> anyhow::Result<Code> {
    // The generator panics when it cannot write, and a reader may go away.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "ccs", &mut script);
    output.write_all(&script)?;
    Ok(Code::Ok)
}
