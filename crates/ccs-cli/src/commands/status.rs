//! `ccs status`: is the guard in place?

use crate::args::Report;
use crate::checks::{self, Machine};
use crate::commands::doctor::answer;
use crate::exit::Code;
use crate::output::{Output, human};
use crate::places::Places;

pub(crate) fn run(args: &Report, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let places = places.with_managed(args.managed_settings.as_deref())?;
    let machine = Machine::read(&places);
    let lines = checks::brief(&machine);
    if !args.json {
        human::lines(output, &lines)?;
    }
    answer(lines, Vec::new(), args.json, output)
}
