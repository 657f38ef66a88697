//! Values going in and coming out.

use ccs_vault::provider::{Limits, Reference, SystemRunner};
use ccs_vault::{Error, Name, NewEntry, Recognised, Secret, Vault};

use super::done;
use crate::args::vault::{Get, Named};
use crate::args::vault_change::{Provide, Rotate, Set};
use crate::exit::{Code, Stop};
use crate::incident;
use crate::output::Output;
use crate::output::human::{self, Line};
use crate::places::Places;
use crate::vault::{self, code, input, name};

pub(super) fn get(args: &Get, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let name = &args.entry.name;
    if output.is_terminal() && !args.reveal {
        let what = format!("the value of `{name}` would be shown on the terminal");
        let next = format!(
            "ccs run --env {name} -- CMD uses it unseen; a pipe takes it; --reveal shows it"
        );
        return Err(Stop::new(Code::Refused, what).next(next).into());
    }
    incident::must_not_be_on(places)?;
    let mut opened = vault::open(&args.entry.unlock, places)?;
    let missing = || Error::NoEntry { name: name.clone() };
    opened.meta(name).ok_or_else(missing)?;
    code::must_be_given(&mut opened, &args.code)?;
    let value = match args.older {
        None | Some(0) => current(&opened, name)?,
        Some(age) => older(&opened, name, age)?,
    };
    incident::handed_out(places, "ccs vault get", [name]);
    output.secret(&value)?;
    if output.is_terminal() {
        output.secret(&Secret::new("\n"))?;
    }
    Ok(Code::Ok)
}

/// For a program that nobody watches: the value or nothing.
pub(super) fn helper(args: &Named, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    if output.is_terminal() {
        let stop = Stop::new(Code::Refused, "the value would be shown on the terminal");
        let next = format!(
            "name it in Claude Code's settings: \"apiKeyHelper\": \"ccs vault helper {}\"",
            args.name
        );
        return Err(stop.next(next).into());
    }
    incident::must_not_be_on(places)?;
    let opened = vault::open(&args.unlock, places)?;
    let meta = opened.meta(&args.name);
    if meta.is_some_and(|meta| meta.is_expired(vault::now())) {
        let name = args.name.clone();
        return Err(Error::Expired { name }.into());
    }
    let value = current(&opened, &args.name)?;
    incident::handed_out(places, "ccs vault helper", [&args.name]);
    output.secret(&value)?;
    Ok(Code::Ok)
}

pub(super) fn set(args: &Set, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let name = name::without_value(&args.name, !args.source.value.is_empty())?;
    let mut opened = vault::open(&args.unlock, places)?;
    let value = input::value(&args.source, &format!("Value of {name}: "))?;
    let now = vault::now();
    let entry = vault::described(NewEntry::value(name.clone(), value)?, &args.about, now)?;
    opened.put(entry, now)?;
    stored(output, &opened, &name, "is stored")
}

pub(super) fn provide(
    args: &Provide,
    places: &Places,
    output: &mut Output,
) -> anyhow::Result<Code> {
    let reference = reference(args)?;
    let mut opened = vault::open(&args.unlock, places)?;
    let now = vault::now();
    let entry = NewEntry::reference(args.name.clone(), reference);
    opened.put(vault::described(entry, &args.about, now)?, now)?;
    let text = format!(
        "`{}` comes from that program whenever it is used",
        args.name
    );
    done(output, "provide", text)
}

pub(super) fn rotate(args: &Rotate, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let name = name::without_value(&args.name, !args.source.value.is_empty())?;
    let mut opened = vault::open(&args.unlock, places)?;
    let missing = || Error::NoEntry { name: name.clone() };
    opened.meta(&name).ok_or_else(missing)?;
    let value = if args.random {
        random()?
    } else {
        input::value(&args.source, &format!("New value of {name}: "))?
    };
    opened.rotate(&name, Some(value), vault::now())?;
    stored(
        output,
        &opened,
        &name,
        "is rotated, the value before is kept",
    )
}

fn current(opened: &Vault, name: &Name) -> ccs_vault::Result<Secret> {
    opened.fetch(name, &SystemRunner, Limits::default())
}

fn older(opened: &Vault, name: &Name, age: usize) -> anyhow::Result<Secret> {
    let value = opened.older(name)?.into_iter().nth(age - 1);
    let value = value.map(|older| older.value).ok_or_else(|| {
        let what = format!("`{name}` has no value that is {age} older");
        Stop::new(Code::Usage, what).next(format!("ccs vault history {name}"))
    })?;
    Ok(value)
}

fn reference(args: &Provide) -> ccs_vault::Result<Reference> {
    match (&args.op, &args.aws, &args.pass, &args.keychain) {
        (Some(uri), ..) => Reference::one_password(uri),
        (_, Some(id), ..) => Reference::aws(id),
        (_, _, Some(path), _) => Reference::pass(path),
        (.., Some(service)) => {
            Reference::keychain(service, args.account.as_deref().unwrap_or_default())
        }
        _ => Reference::command(args.command.clone()),
    }
}

/// 64 hexadecimal digits: 256 random bits that any variable and any form field can hold.
fn random() -> ccs_vault::Result<Secret> {
    let bytes = Secret::random(32)?;
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0') as u8;
    let mut digits = Vec::with_capacity(64);
    for byte in bytes.expose() {
        digits.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    Ok(Secret::new(digits))
}

/// Says what was done, and if redaction cannot know the value.
fn stored(output: &mut Output, opened: &Vault, name: &Name, what: &str) -> anyhow::Result<Code> {
    done(output, "value", format!("`{name}` {what}"))?;
    let Some(meta) = opened.meta(name) else {
        return Ok(Code::Ok);
    };
    let weak = match meta.recognised {
        Recognised::TooShort => "it has less than 8 bytes",
        Recognised::Predictable => "it could be guessed",
        _ => return Ok(Code::Ok),
    };
    let text = format!("`{name}` is not recognised in other texts: {weak}");
    let line =
        Line::warn("recognised", text).fix("use a long random value where you can choose it");
    human::line(output, &line)?;
    Ok(Code::Ok)
}
