//! One-time codes: enrolled, tried, given up.

use std::io::Write;

use ccs_vault::{Codes, Enrolment, Vault};

use super::{done, slots};
use crate::args::vault::{CodeFrom, Enrol, Totp, TotpCode};
use crate::exit::{Code, Stop};
use crate::output::Output;
use crate::places::Places;
use crate::vault::{self, code, unlock};

/// How often a code may be mistyped at the enrolment.
const TRIES: usize = 3;

pub(super) fn run(args: &Totp, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Totp::Enrol(args) => enrol(args, places, output),
        Totp::Check(args) => check(args, places, output),
        Totp::Rm(args) => remove(args, places, output),
    }
}

fn enrol(args: &Enrol, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    slots::must_be_seen(output, args.print)?;
    let mut opened = vault::open(&args.unlock, places)?;
    if code::is_enrolled(&opened) {
        let stop = Stop::new(Code::Refused, "codes are asked for already");
        return Err(stop
            .next("ccs vault totp rm first, to enrol another app")
            .into());
    }
    let codes = Codes::default();
    let enrolment = opened.enrol(code::name()?, codes, "ccs", &args.account, vault::now())?;
    show(&enrolment, output)?;
    if !args.print {
        output.flush()?;
        prove(&mut opened)?;
    }
    done(output, "totp", "codes are asked for from now on".to_owned())?;
    if !slots::has_recovery(&opened) {
        vault::warn("without a recovery code a lost app cannot be replaced: slots add recovery");
    }
    Ok(Code::Ok)
}

fn show(enrolment: &Enrolment, output: &mut Output) -> anyhow::Result<()> {
    writeln!(output, "for the authenticator app, shown once:")?;
    output.secret(&enrolment.secret)?;
    writeln!(output)?;
    output.secret(&enrolment.url)?;
    writeln!(output)?;
    Ok(())
}

/// The app has to give a right code once; else its owner would be shut out.
fn prove(opened: &mut Vault) -> anyhow::Result<()> {
    let mut last = Ok(());
    for _ in 0..TRIES {
        last = code::check(opened, &CodeFrom::default());
        match &last {
            Ok(()) => return Ok(()),
            Err(error) => vault::warn(&format!("{error:#}")),
        }
    }
    opened.remove(&code::name()?)?;
    vault::warn("nothing was enrolled");
    last
}

fn check(args: &TotpCode, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut opened = vault::open(&args.unlock, places)?;
    must_be_enrolled(&opened)?;
    code::check(&mut opened, &args.code)?;
    done(output, "totp", "the code is right, and used".to_owned())
}

fn remove(args: &TotpCode, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut opened = vault::open(&args.unlock, places)?;
    must_be_enrolled(&opened)?;
    if !unlock::is_recovery(&args.unlock) {
        code::check(&mut opened, &args.code)?;
    }
    opened.remove(&code::name()?)?;
    done(
        output,
        "totp",
        "codes are not asked for any more".to_owned(),
    )
}

fn must_be_enrolled(opened: &Vault) -> Result<(), Stop> {
    if code::is_enrolled(opened) {
        return Ok(());
    }
    let stop = Stop::new(Code::Usage, "no codes are asked for");
    Err(stop.next("ccs vault totp enrol"))
}
