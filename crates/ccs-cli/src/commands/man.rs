//! `ccs man`: manual pages.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_mangen::Man as Page;

use crate::args::{self, Man};
use crate::exit::Code;
use crate::output::Output;

pub(crate) fn run(args: &Man, output: &mut Output) -> anyhow::Result<Code> {
    // A page for `help` would repeat all the others.
    let mut command = args::command().disable_help_subcommand(true);
    command.build();
    match &args.dir {
        None => Page::new(command).render(output)?,
        Some(folder) => {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create `{}`", folder.display()))?;
            write_all(command, folder, output)?;
        }
    }
    Ok(Code::Ok)
}

/// The page of each command under the name `man` looks for: `ccs-rules-list.1`.
fn write_all(command: Command, folder: &Path, output: &mut Output) -> anyhow::Result<()> {
    let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
    let path = Page::new(command)
        .generate_to(folder)
        .with_context(|| format!("cannot write into `{}`", folder.display()))?;
    writeln!(output, "{}", path.display())?;
    subcommands
        .into_iter()
        .try_for_each(|command| write_all(command, folder, output))
}
