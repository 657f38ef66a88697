//! Putting into the vault what a prompt gave away.

use std::path::Path;

use ccs_vault::{Error, Key, Kind, Name, NewEntry, Result, Secret, Vault};

use crate::install::Record;
use crate::secrets::VAULT;

/// How many names are tried for a value: `NAME`, `NAME_2`, … `NAME_99`.
const TRIES: usize = 99;

/// Stores a value under the wished name, or the next free one like it, and says which. A value
/// that has such a name already keeps it; no entry is ever changed.
pub(crate) struct Keeper {
    vault: Vault,
    now: u64,
}

impl Keeper {
    /// Opens the vault in `state` with its key file. If there never was one it is made, but only
    /// where ccs was installed: a lost, locked or damaged vault stays as it is.
    pub(crate) fn open(state: &Path, now: u64) -> Result<Self> {
        let folder = state.join(VAULT);
        let installed = matches!(Record::read(state), Ok(Some(_)));
        let vault = if installed {
            Vault::open_or_create(&folder, now)?
        } else {
            Vault::open(&folder, Key::File)?
        };
        Ok(Self { vault, now })
    }

    pub(crate) fn keep(&mut self, wish: &str, value: &str) -> Result<Name> {
        for number in 1..=TRIES {
            let name = Name::new(&numbered(wish, number))?;
            if self.holds(&name, value)? {
                return Ok(name);
            }
            if self.vault.meta(&name).is_some() {
                continue;
            }
            let secret = Secret::new(value.as_bytes());
            let entry = NewEntry::value(name.clone(), secret)?.note("taken from a prompt")?;
            match self.vault.add(entry, self.now) {
                // somebody else was quicker, perhaps with the same value
                Err(Error::NameTaken { .. }) if self.holds(&name, value)? => return Ok(name),
                Err(Error::NameTaken { .. }) => {}
                done => return done.map(|()| name),
            }
        }
        Err(Error::NameTaken {
            name: Name::new(wish)?,
        })
    }

    fn holds(&self, name: &Name, value: &str) -> Result<bool> {
        let is_value = self
            .vault
            .meta(name)
            .is_some_and(|meta| meta.kind == Kind::Value);
        Ok(is_value && self.vault.get(name)?.expose() == value.as_bytes())
    }
}

pub(super) fn numbered(wish: &str, number: usize) -> String {
    match number {
        1 => wish.to_owned(),
        _ => format!("{wish}_{number}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use ccs_vault::NewSlot;

    fn state() -> tempfile::TempDir {
        let state = tempfile::tempdir().expect("a folder");
        Record::new(Vec::new(), "/opt/ccs-hook".into(), &[])
            .write(state.path())
            .expect("a record");
        state
    }

    fn kept(state: &Path, wish: &str, value: &str) -> String {
        let mut keeper = Keeper::open(state, 1).expect("a vault");
        keeper.keep(wish, value).expect("stored").to_string()
    }

    #[test]
    fn a_value_keeps_its_name_and_another_gets_the_next() {
        let state = state();
        assert_eq!(kept(state.path(), "A_KEY", "one"), "A_KEY");
        assert_eq!(kept(state.path(), "A_KEY", "two"), "A_KEY_2");
        assert_eq!(kept(state.path(), "A_KEY", "two"), "A_KEY_2");
        assert_eq!(kept(state.path(), "A_KEY", "one"), "A_KEY");
    }

    #[test]
    fn no_vault_is_made_where_ccs_was_not_installed() {
        let state = tempfile::tempdir().expect("a folder");
        let refused = Keeper::open(state.path(), 1).err();
        assert!(matches!(refused, Some(Error::Missing { .. })));
        assert!(!state.path().join(VAULT).exists());
    }

    #[test]
    fn a_lost_vault_is_not_replaced() {
        let state = state();
        kept(state.path(), "A_KEY", "one");
        let folder = state.path().join(VAULT);
        std::fs::remove_file(folder.join("vault")).expect("removed");

        let refused = Keeper::open(state.path(), 1).err();
        assert!(matches!(refused, Some(Error::Missing { .. })));
        assert!(!folder.join("vault").exists());
    }

    #[test]
    fn a_vault_that_wants_a_passphrase_stays_closed() {
        let state = state();
        let code = ccs_vault::Vault::create(&state.path().join(VAULT), NewSlot::File, 1).and_then(
            |mut vault| {
                let (_, code) = vault.add_recovery(1)?;
                vault.remove_slot(1)?;
                Ok(code)
            },
        );
        assert!(code.is_ok());
        let refused = Keeper::open(state.path(), 1).err();
        assert!(matches!(refused, Some(Error::NoSlot { .. })));
    }
}
