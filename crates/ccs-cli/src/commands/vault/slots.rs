//! The ways into the vault.

use std::io::Write;

use ccs_vault::{Kdf, NewSlot, Secret, SlotInfo, SlotKind, Vault};

use super::done;
use crate::args::vault::{NewPassphrase, Slot, Slots, SlotsAdd, SlotsRm};
use crate::exit::{Code, Stop};
use crate::output::{Output, json};
use crate::places::Places;
use crate::vault::{self, code, date, input};

pub(super) fn run(args: &Slots, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    match args {
        Slots::List(args) => list(args.json, places, output),
        Slots::Add(args) => add(args, places, output),
        Slots::Rm(args) => remove(args, places, output),
    }
}

fn list(as_json: bool, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let slots = Vault::peek(&places.vault())?.slots;
    if as_json {
        json::value(output, &slots)?;
        return Ok(Code::Ok);
    }
    for slot in &slots {
        writeln!(output, "{}", line(slot))?;
    }
    Ok(Code::Ok)
}

/// One slot, for people.
pub(super) fn line(slot: &SlotInfo) -> String {
    let made = date::day(slot.created);
    let cost = slot.cost.map_or(String::new(), |cost| {
        format!(", {} MiB, {} passes", cost.memory >> 10, cost.passes)
    });
    format!("{:<3} {}, made {made}{cost}", slot.id, slot.kind)
}

fn add(args: &SlotsAdd, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    if args.slot == Slot::Recovery {
        must_be_seen(output, args.print)?;
    }
    let mut opened = vault::open(&args.unlock, places)?;
    code::must_be_given(&mut opened, &args.code)?;
    let now = vault::now();
    if args.slot == Slot::Recovery {
        let (id, code) = opened.add_recovery(now)?;
        writeln!(output, "slot {id} opens with this code; it is shown once:")?;
        output.secret(&code)?;
        writeln!(
            output,
            "\nwrite it on paper and keep it away from this machine"
        )?;
        return Ok(Code::Ok);
    }
    let id = with_new(args.slot, &args.passphrase, |slot| {
        opened.add_slot(slot, now)
    })?;
    done(output, "slots", format!("slot {id} added"))
}

fn remove(args: &SlotsRm, places: &Places, output: &mut Output) -> anyhow::Result<Code> {
    let mut opened = vault::open(&args.unlock, places)?;
    code::must_be_given(&mut opened, &args.code)?;
    opened.remove_slot(args.number)?;
    let text = format!(
        "slot {} removed; older copies of the vault still open with it: ccs vault rekey, and \
         rotate what they hold",
        args.number
    );
    done(output, "slots", text)
}

/// What is shown once has to be seen.
pub(super) fn must_be_seen(output: &Output, print: bool) -> Result<(), Stop> {
    if print || output.is_terminal() {
        return Ok(());
    }
    let what = "this is shown once, and the output is no terminal";
    Err(Stop::new(Code::Refused, what).next("run it in a terminal, or add --print"))
}

/// Makes a slot of a key file, a passphrase or a keyring.
pub(super) fn with_new<T>(
    slot: Slot,
    passphrase: &NewPassphrase,
    make: impl FnOnce(NewSlot<'_>) -> ccs_vault::Result<T>,
) -> anyhow::Result<T> {
    match slot {
        Slot::KeyFile => Ok(make(NewSlot::File)?),
        Slot::Passphrase => {
            let cost = Kdf::new(passphrase.memory.saturating_mul(1024), passphrase.passes, 1)?;
            let typed = typed(passphrase)?;
            Ok(make(NewSlot::Passphrase(&typed, cost))?)
        }
        Slot::Recovery => {
            let stop = Stop::new(Code::Usage, "a recovery code cannot be the first way in");
            Err(stop
                .next("ccs vault init, then ccs vault slots add recovery")
                .into())
        }
        Slot::Keyring => keyring(make),
    }
}

fn typed(args: &NewPassphrase) -> anyhow::Result<Secret> {
    let from = args.new_passphrase_from.as_deref();
    input::new_line(from, "New passphrase of the vault: ")
}

#[cfg(feature = "keyring")]
fn keyring<T>(make: impl FnOnce(NewSlot<'_>) -> ccs_vault::Result<T>) -> anyhow::Result<T> {
    Ok(make(NewSlot::Keyring(&ccs_vault::SystemKeyring))?)
}

#[cfg(not(feature = "keyring"))]
fn keyring<T>(_: impl FnOnce(NewSlot<'_>) -> ccs_vault::Result<T>) -> anyhow::Result<T> {
    Err(vault::unlock::no_keyring().into())
}

/// Whether there is a way in that is not on this machine.
pub(super) fn has_recovery(opened: &Vault) -> bool {
    let mut slots = opened.slots().into_iter();
    slots.any(|slot| slot.kind == SlotKind::Recovery)
}
