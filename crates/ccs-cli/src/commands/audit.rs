//! `ccs audit`: the log of what happened.

mod alerts;
mod export;
mod keep;
mod map;
mod proofs;
mod read;
mod report;
mod ship;
mod verify;
mod witness;

use crate::args::audit::{Audit, Command};
use crate::audit::Trail;
use crate::exit::Code;
use crate::output::Output;
use crate::output::human::{self, Level, Line};
use crate::places::Places;

pub(crate) fn run(args: &Audit, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let trail = Trail::of(args, places)?;
    match &args.command {
        Command::Tail(args) => read::tail(args, &trail, output),
        Command::Query(args) => read::query(args, &trail, output),
        Command::Show(args) => read::show(args, &trail, output),
        Command::Stats(args) => read::stats(args, &trail, output),
        Command::Verify(args) => verify::verify(args, &trail, output),
        Command::Prove(args) => proofs::prove(args, &trail, output),
        Command::Checkpoint(args) => proofs::checkpoint(args, &trail, output),
        Command::Export(args) => export::export(args, &trail, output),
        Command::Report(args) => report::report(args, &trail, output),
        Command::Retain(args) => keep::retain(args, &trail, output),
        Command::Archive(args) => keep::archive(args, &trail, output),
        Command::Erase(args) => keep::erase(args, &trail, output),
        Command::Root(args) => keep::root(args, &trail, output),
        Command::Map(args) => map::run(args, places, output),
        Command::Ship(args) => ship::ship(args, &trail, output),
        Command::Witness(args) => witness::run(args, &trail, output),
        Command::Alerts(args) => alerts::run(args, &trail, output),
    }
}

/// Says that something was done.
fn done(output: &mut Output, id: &'static str, text: String) -> anyhow::Result<Code> {
    human::line(output, &Line::new(Level::Done, id, text))?;
    Ok(Code::Ok)
}
