//! `ccs vault`: keys and tokens at rest.

mod copies;
mod entries;
mod slots;
mod totp;
mod transfer;
mod values;
mod whole;

use crate::args::vault::Vault;
use crate::exit::Code;
use crate::output::Output;
use crate::output::human::{self, Level, Line};
use crate::places::Places;
use crate::remember;
use crate::vault;

pub(crate) fn run(args: &Vault, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    vault::harden()?;
    let code = carry_out(args, places, output)?;
    if let Some((done, names)) = remarkable(args) {
        remember::vault(places, done, &names);
    }
    Ok(code)
}

/// What changed something, and the entries it was about.
fn remarkable(args: &Vault) -> Option<(&'static str, Vec<String>)> {
    let none = Vec::new();
    Some(match args {
        Vault::Set(args) => ("set", vec![args.name.clone()]),
        Vault::Rotate(args) => ("rotate", vec![args.name.clone()]),
        Vault::Provide(args) => ("provide", vec![args.name.to_string()]),
        Vault::Rm(args) => ("rm", vec![args.name.to_string()]),
        Vault::Edit(args) => ("edit", vec![args.name.to_string()]),
        Vault::Migrate(args) => ("migrate", vec![args.name.to_string()]),
        Vault::Import(_) => ("import", none),
        Vault::Rename(_) => ("rename", none),
        Vault::Revert(_) => ("revert", none),
        Vault::Rekey(_) => ("rekey", none),
        Vault::Restore(_) => ("restore", none),
        Vault::Slots(_) => ("slots", none),
        Vault::Totp(_) => ("totp", none),
        Vault::Init(_)
        | Vault::Status(_)
        | Vault::List(_)
        | Vault::Show(_)
        | Vault::History(_)
        | Vault::Where(_)
        // what is handed out is remembered name by name, where it is
        | Vault::Get(_)
        | Vault::Helper(_)
        | Vault::Export(_) => return None,
    })
}

fn carry_out(args: &Vault, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Vault::Init(args) => whole::init(args, places, output),
        Vault::Rekey(args) => whole::rekey(args, places, output),
        Vault::Restore(args) => whole::restore(args, places, output),
        Vault::Status(args) => whole::status(args, places, output),
        Vault::List(args) => entries::list(args, places, output),
        Vault::Show(args) => entries::show(args, places, output),
        Vault::Rm(args) => entries::remove(args, places, output),
        Vault::Rename(args) => entries::rename(args, places, output),
        Vault::Edit(args) => entries::edit(args, places, output),
        Vault::History(args) => entries::history(args, places, output),
        Vault::Revert(args) => entries::revert(args, places, output),
        Vault::Get(args) => values::get(args, places, output),
        Vault::Helper(args) => values::helper(args, places, output),
        Vault::Set(args) => values::set(args, places, output),
        Vault::Provide(args) => values::provide(args, places, output),
        Vault::Rotate(args) => values::rotate(args, places, output),
        Vault::Import(args) => transfer::import(args, places, output),
        Vault::Export(args) => transfer::export(args, places, output),
        Vault::Migrate(args) => transfer::migrate(args, places, output),
        Vault::Slots(args) => slots::run(args, places, output),
        Vault::Totp(args) => totp::run(args, places, output),
        Vault::Where(args) => copies::find(args, places, output),
    }
}

/// Says that something was done.
fn done(output: &mut Output, id: &'static str, text: String) -> anyhow::Result<Code> {
    human::line(output, &Line::new(Level::Done, id, text))?;
    Ok(Code::Ok)
}
