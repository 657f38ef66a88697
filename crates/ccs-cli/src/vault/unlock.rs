//! Opening the vault with what the command line names, or else with what there is.

use std::path::{Path, PathBuf};

#[cfg(feature = "keyring")]
use ccs_vault::SystemKeyring;
use ccs_vault::{Key, Secret, SlotInfo, SlotKind, Vault};

use super::input;
use crate::args::vault::{Slot, Unlock};
#[cfg(not(feature = "keyring"))]
use crate::exit::{Code, Stop};
use crate::places::Places;

/// What opens a slot, held while it is needed.
pub(crate) enum Held {
    File,
    Passphrase(Secret),
    Recovery(Secret),
    #[cfg(feature = "keyring")]
    Keyring,
}

impl Held {
    pub(crate) fn key(&self) -> Key<'_> {
        match self {
            Self::File => Key::File,
            Self::Passphrase(passphrase) => Key::Passphrase(passphrase),
            Self::Recovery(code) => Key::Recovery(code),
            #[cfg(feature = "keyring")]
            Self::Keyring => Key::Keyring(&SystemKeyring),
        }
    }
}

/// Opens the vault.
pub(crate) fn open(args: &Unlock, places: &Places) -> anyhow::Result<Vault> {
    let folder = places.vault();
    let held = held(args, &folder)?;
    Ok(Vault::open(&folder, held.key())?)
}

/// What the command line says opens the vault.
pub(crate) fn held(args: &Unlock, folder: &Path) -> anyhow::Result<Held> {
    let slot = match chosen(args) {
        Some(slot) => slot,
        None => best(&Vault::peek(folder)?.slots),
    };
    match slot {
        Slot::KeyFile => Ok(Held::File),
        Slot::Passphrase => passphrase(args.passphrase_from.first(), "Passphrase of the vault: "),
        Slot::Recovery => recovery(args.recovery_from.first(), "Recovery code: "),
        Slot::Keyring => keyring(),
    }
}

/// What opens every slot of the vault that is not a key file: a new master key has to be wrapped
/// for each.
pub(crate) fn all(args: &Unlock, slots: &[SlotInfo]) -> anyhow::Result<Vec<Held>> {
    let mut passphrases = args.passphrase_from.iter();
    let mut codes = args.recovery_from.iter();
    let others = slots.iter().filter(|slot| slot.kind != SlotKind::KeyFile);
    others
        .map(|slot| match slot.kind {
            SlotKind::Passphrase => {
                let question = format!("Passphrase of slot {}: ", slot.id);
                passphrase(passphrases.next(), &question)
            }
            SlotKind::Recovery => {
                let question = format!("Recovery code of slot {}: ", slot.id);
                recovery(codes.next(), &question)
            }
            _ => keyring(),
        })
        .collect()
}

/// Whether the vault is opened with a recovery code, which its owner has on paper.
pub(crate) fn is_recovery(args: &Unlock) -> bool {
    chosen(args) == Some(Slot::Recovery)
}

/// Whether the command line names a way in.
pub(crate) fn is_named(args: &Unlock) -> bool {
    chosen(args).is_some_and(|slot| slot != Slot::KeyFile)
}

fn chosen(args: &Unlock) -> Option<Slot> {
    let named = |files: &[PathBuf], slot| (!files.is_empty()).then_some(slot);
    args.unlock
        .or_else(|| named(&args.passphrase_from, Slot::Passphrase))
        .or_else(|| named(&args.recovery_from, Slot::Recovery))
}

/// Of the slots there are, the one that troubles nobody.
fn best(slots: &[SlotInfo]) -> Slot {
    let has = |kind| slots.iter().any(|slot| slot.kind == kind);
    if has(SlotKind::KeyFile) {
        Slot::KeyFile
    } else if cfg!(feature = "keyring") && has(SlotKind::Keyring) {
        Slot::Keyring
    } else if has(SlotKind::Passphrase) {
        Slot::Passphrase
    } else if has(SlotKind::Recovery) {
        Slot::Recovery
    } else {
        Slot::Keyring
    }
}

fn passphrase(from: Option<&PathBuf>, question: &str) -> anyhow::Result<Held> {
    let typed = input::line(from.map(PathBuf::as_path), question)?;
    Ok(Held::Passphrase(typed))
}

fn recovery(from: Option<&PathBuf>, question: &str) -> anyhow::Result<Held> {
    let typed = input::line(from.map(PathBuf::as_path), question)?;
    Ok(Held::Recovery(typed))
}

#[cfg(feature = "keyring")]
fn keyring() -> anyhow::Result<Held> {
    Ok(Held::Keyring)
}

#[cfg(not(feature = "keyring"))]
fn keyring() -> anyhow::Result<Held> {
    Err(no_keyring().into())
}

/// Why a keyring slot cannot be used here.
#[cfg(not(feature = "keyring"))]
pub(crate) fn no_keyring() -> Stop {
    let stop = Stop::new(Code::Usage, "this ccs is built without keyrings");
    stop.next("use another slot, or build ccs with `--features keyring`")
}
