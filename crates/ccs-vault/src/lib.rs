#![doc = include_str!("../README.md")]

mod codec;
mod encode;
mod entry;
mod environment;
mod error;
mod export;
mod file;
mod fingerprint;
pub mod format;
mod harden;
pub mod import;
mod kdf;
mod keyfile;
mod keyring;
mod keys;
mod migrate;
mod name;
pub mod provider;
mod random;
mod recovery;
mod redact;
mod seal;
mod secret;
mod slot;
mod status;
mod totp;
mod vault;

pub use entry::{Edit, KEEP, Kind, Length, MAX_KEEP, MAX_VALUE, Meta, NewEntry, Recognised};
pub use environment::{Environment, Variable};
pub use error::{Error, Result};
pub use export::{Export, Shell};
pub use fingerprint::{Fingerprints, Form, Match};
pub use harden::harden_process;
pub use kdf::Kdf;
pub use keyring::Keyring;
#[cfg(feature = "keyring")]
pub use keyring::SystemKeyring;
pub use migrate::Take;
pub use name::{Category, Name};
pub use redact::Redactor;
pub use secret::Secret;
pub use slot::{Slot, SlotInfo, SlotKind};
pub use status::{Prints, Status};
pub use totp::{Algorithm, Code, Codes, Enrolment};
pub use vault::{Key, NewSlot, Older, Peek, Restored, Vault};
