//! Slots: the ways into a vault. Each wraps the master key under a key of its own, bound to the
//! vault, its number, kind and parameters.

use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader, Writer};
use crate::kdf::{self, Kdf};
use crate::keys::{self, Key32};
use crate::{Result, random, seal};

/// The kind of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SlotKind {
    /// A key file beside the vault.
    KeyFile = 1,
    /// A passphrase.
    Passphrase = 2,
    /// A key in the operating system's keyring.
    Keyring = 3,
    /// A recovery code on paper.
    Recovery = 4,
}

impl SlotKind {
    fn from_byte(byte: u8) -> Result<Self, Malformed> {
        [
            Self::KeyFile,
            Self::Passphrase,
            Self::Keyring,
            Self::Recovery,
        ]
        .into_iter()
        .find(|&kind| kind as u8 == byte)
        .ok_or(Malformed)
    }

    /// What to do when it does not fit.
    pub(crate) fn next(self) -> &'static str {
        match self {
            Self::KeyFile => "put back the key file that belongs to it, or use another slot",
            Self::Passphrase | Self::Recovery => "check it and type it again, or use another slot",
            Self::Keyring => "unlock the keyring of the user who made it, or use another slot",
        }
    }
}

impl fmt::Display for SlotKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyFile => "key file",
            Self::Passphrase => "passphrase",
            Self::Keyring => "keyring",
            Self::Recovery => "recovery code",
        })
    }
}

/// One slot as it lies in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub(crate) id: u32,
    pub(crate) kind: SlotKind,
    /// Seconds since 1970, UTC.
    pub(crate) created: u64,
    /// Of a passphrase; zeros in other slots.
    pub(crate) cost: [u32; 3],
    pub(crate) salt: [u8; 32],
    /// The master key, sealed.
    pub(crate) wrapped: [u8; 48],
}

/// A slot as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SlotInfo {
    /// The slot's number; never used twice in a vault.
    pub id: u32,
    /// Its kind.
    pub kind: SlotKind,
    /// When it was made, in seconds since 1970, UTC.
    pub created: u64,
    /// What deriving its key costs, if that is a passphrase.
    pub cost: Option<Kdf>,
}

impl Slot {
    /// Wraps `master` under the key of `secret`.
    pub(crate) fn wrap(
        master: &Key32,
        vault: &[u8; 16],
        head: Head,
        secret: &[u8],
    ) -> Result<Self> {
        let mut slot = Self {
            id: head.id,
            kind: head.kind,
            created: head.created,
            cost: head
                .cost
                .map_or([0; 3], |cost| [cost.memory, cost.passes, cost.lanes]),
            salt: random::array()?,
            wrapped: [0; 48],
        };
        let key = slot.key(vault, secret)?;
        let sealed = seal::seal(&key, &slot.bound(vault), Zeroizing::new(master.to_vec()));
        slot.wrapped.copy_from_slice(&sealed);
        Ok(slot)
    }

    /// The master key, if `secret` is this slot's.
    pub(crate) fn unwrap(&self, vault: &[u8; 16], secret: &[u8]) -> Result<Option<Key32>> {
        let key = self.key(vault, secret)?;
        let Ok(opened) = seal::open(&key, &self.bound(vault), &self.wrapped) else {
            return Ok(None);
        };
        let mut master = Zeroizing::new([0; 32]);
        master.copy_from_slice(&opened);
        Ok(Some(master))
    }

    pub(crate) fn info(&self) -> SlotInfo {
        SlotInfo {
            id: self.id,
            kind: self.kind,
            created: self.created,
            cost: self.cost().ok().flatten(),
        }
    }

    pub(crate) fn head(&self) -> Result<Head> {
        Ok(Head {
            id: self.id,
            kind: self.kind,
            created: self.created,
            cost: self.cost()?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        self.write_head(writer);
        writer.fixed(&self.wrapped);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            id: reader.u32()?,
            kind: SlotKind::from_byte(reader.u8()?)?,
            created: reader.u64()?,
            cost: [reader.u32()?, reader.u32()?, reader.u32()?],
            salt: reader.fixed()?,
            wrapped: reader.fixed()?,
        })
    }

    fn write_head(&self, writer: &mut Writer) {
        writer.u32(self.id).u8(self.kind as u8).u64(self.created);
        for number in self.cost {
            writer.u32(number);
        }
        writer.fixed(&self.salt);
    }

    fn cost(&self) -> Result<Option<Kdf>> {
        let [memory, passes, lanes] = self.cost;
        match self.kind {
            SlotKind::Passphrase => Kdf::new(memory, passes, lanes).map(Some),
            _ => Ok(None),
        }
    }

    fn bound(&self, vault: &[u8; 16]) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.text("ccs-vault/1 slot").fixed(vault);
        self.write_head(&mut writer);
        std::mem::take(&mut *writer.finish())
    }

    fn key(&self, vault: &[u8; 16], secret: &[u8]) -> Result<Key32> {
        let label = "ccs-vault/1 slot key";
        let kind = [self.kind as u8];
        match self.cost()? {
            Some(cost) => {
                let stretched = kdf::stretch(secret, &self.salt, cost)?;
                Ok(keys::derive(
                    &*stretched,
                    &self.salt,
                    label,
                    &[&kind, vault],
                ))
            }
            None => Ok(keys::derive(secret, &self.salt, label, &[&kind, vault])),
        }
    }
}

/// What a slot says of itself before it wraps anything.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub(crate) id: u32,
    pub(crate) kind: SlotKind,
    pub(crate) created: u64,
    pub(crate) cost: Option<Kdf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        let head = Head {
            id: 1,
            kind: SlotKind::Recovery,
            created: 7,
            cost: None,
        };
        Slot::wrap(&Zeroizing::new([9; 32]), &[1; 16], head, b"secret").expect("a slot")
    }

    fn opens(slot: &Slot, vault: u8, secret: &str) -> bool {
        let master = slot.unwrap(&[vault; 16], secret.as_bytes()).expect("a try");
        master.is_some_and(|master| *master == [9; 32])
    }

    #[test]
    fn a_slot_opens_with_its_own_secret_in_its_own_vault_only() {
        let slot = slot();
        assert!(opens(&slot, 1, "secret"));
        assert!(!opens(&slot, 1, "other"));
        assert!(!opens(&slot, 2, "secret"));
    }

    #[test]
    fn a_slot_whose_number_kind_time_or_salt_was_changed_does_not_open() {
        let changes: [fn(&mut Slot); 4] = [
            |slot| slot.id = 2,
            |slot| slot.kind = SlotKind::KeyFile,
            |slot| slot.created = 8,
            |slot| slot.salt[0] ^= 1,
        ];
        for change in changes {
            let mut slot = slot();
            change(&mut slot);
            assert!(!opens(&slot, 1, "secret"));
        }
    }

    #[test]
    fn a_passphrase_slot_made_cheap_to_guess_is_not_tried() {
        let mut slot = slot();
        slot.kind = SlotKind::Passphrase;
        slot.cost = [8, 1, 1];
        assert!(slot.unwrap(&[1; 16], b"secret").is_err());
    }
}
