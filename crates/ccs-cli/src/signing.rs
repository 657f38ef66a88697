//! The keys that sign manifests and approvals, in a vault of their own that only a passphrase opens.
//!
//! No hook and no agent's shell can use them: there is no key file beside them, and the passphrase
//! is asked for at a terminal. What verifies needs the public halves only, which lie in the state
//! folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ccs_hooks::{approvals, integrity};
use ccs_integrity::file::{self, New, Writer};
use ccs_integrity::manifest::ManifestKey;
use ccs_vault::{Kdf, Key, Name, NewEntry, NewSlot, Secret, Vault};
use zeroize::Zeroizing;

use crate::exit::{Code, Stop};
use crate::gate;
use crate::person::Person;
use crate::places::Places;
use crate::vault;
use crate::vault::input;

/// The folder of the signing keys in the state folder.
pub(crate) const FOLDER: &str = "signing";
const MANIFEST: &str = "integrity";
const APPROVAL: &str = "approval";

/// Both keys, opened.
pub(crate) struct Keys {
    pub(crate) manifest: ManifestKey,
    pub(crate) approval: Zeroizing<[u8; 32]>,
}

/// Whether there are signing keys.
pub(crate) fn exist(places: &Places) -> bool {
    places.in_state(FOLDER).join("vault").exists()
}

/// Where the passphrase comes from.
pub(crate) enum From<'a> {
    /// Typed by a person.
    Person(&'a mut Person),
    /// A file that the command line names.
    File(&'a Path),
}

impl From<'_> {
    fn passphrase(&mut self) -> anyhow::Result<Secret> {
        match self {
            From::Person(person) => person.secret("Passphrase of the signing keys: "),
            From::File(path) => input::line(Some(path), ""),
        }
    }

    fn new_passphrase(&mut self) -> anyhow::Result<Secret> {
        match self {
            From::Person(person) => {
                person.new_secret("New passphrase for the signing keys, at least eight letters: ")
            }
            From::File(path) => input::line(Some(path), ""),
        }
    }
}

/// Opens the keys. The public halves must be those that the hooks check with.
pub(crate) fn open(places: &Places, mut from: From<'_>) -> anyhow::Result<Keys> {
    vault::harden()?;
    if !exist(places) {
        let stop = Stop::new(Code::Unproven, "there are no signing keys");
        return Err(stop.next("ccs integrity sign").into());
    }
    let passphrase = from.passphrase()?;
    let vault = Vault::open(&places.in_state(FOLDER), Key::Passphrase(&passphrase))?;
    let keys = Keys {
        manifest: ManifestKey::new(&*secret(&vault, MANIFEST)?),
        approval: secret(&vault, APPROVAL)?,
    };
    let public = keys.public();
    for (name, expected) in public {
        if gate::read_key(&places.in_state(name))? != Some(expected) {
            let path = places.in_state(name);
            let what = format!("`{}` is not the key that signed", path.display());
            let next =
                "somebody replaced it: see what else changed, then `ccs integrity sign --new-key`";
            return Err(Stop::new(Code::Unproven, what).next(next).into());
        }
    }
    Ok(keys)
}

/// Makes keys where none are, or with `anew` in the place of those there were.
pub(crate) fn create(places: &Places, mut from: From<'_>, anew: bool) -> anyhow::Result<Keys> {
    vault::harden()?;
    let folder = places.in_state(FOLDER);
    let public = [integrity::PUBLIC, approvals::PUBLIC].map(|name| places.in_state(name));
    if !anew && let Some(left) = public.iter().find(|path| path.exists()) {
        let what = format!(
            "`{}` is there, but the key that it belongs to is not",
            left.display()
        );
        let next = "put the folder `signing` back from a copy, or begin anew with `ccs integrity sign --new-key`";
        return Err(Stop::new(Code::Unproven, what).next(next).into());
    }
    let passphrase = from.new_passphrase()?;
    let writer = crate::state::writer(places)?;
    if anew {
        begin_anew(places)?;
    }
    let now = vault::now();
    let slot = NewSlot::Passphrase(&passphrase, Kdf::DEFAULT);
    let mut vault = Vault::create(&folder, slot, now)?;
    for name in [MANIFEST, APPROVAL] {
        vault.put(NewEntry::value(Name::new(name)?, Secret::random(32)?)?, now)?;
    }
    let keys = Keys {
        manifest: ManifestKey::new(&*secret(&vault, MANIFEST)?),
        approval: secret(&vault, APPROVAL)?,
    };
    keys.publish(places, &writer)?;
    Ok(keys)
}

impl Keys {
    fn public(&self) -> [(&'static str, [u8; 32]); 2] {
        [
            (integrity::PUBLIC, self.manifest.public().to_bytes()),
            (
                approvals::PUBLIC,
                ccs_gate::approval::public_key(&self.approval),
            ),
        ]
    }

    fn publish(&self, places: &Places, writer: &Writer) -> anyhow::Result<()> {
        for (name, key) in self.public() {
            let path = places.in_state(name);
            let before = file::read(&path)?;
            let new = New {
                before: before.as_deref(),
                bytes: &gate::write_key(&key),
                mode: Some(0o600),
            };
            writer.replace(&path, &new)?;
        }
        Ok(())
    }
}

fn secret(vault: &Vault, name: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let value = vault.get(&Name::new(name)?)?;
    let key = value.expose().try_into().map(Zeroizing::new);
    key.with_context(|| format!("the signing key `{name}` is damaged"))
}

/// Moves what belongs to the old keys aside; nothing is deleted.
fn begin_anew(places: &Places) -> anyhow::Result<()> {
    let now = vault::now();
    for name in [FOLDER, "integrity", "integrity.seen"] {
        let from: PathBuf = places.in_state(name);
        let to = places.in_state(&format!("{name}.old-{now}"));
        if from.exists() {
            fs::rename(&from, &to)
                .with_context(|| format!("cannot move `{}` aside", from.display()))?;
        }
    }
    Ok(())
}
