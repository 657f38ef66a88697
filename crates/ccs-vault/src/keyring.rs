//! The operating system's keyring, as far as a slot needs one.

use crate::{Result, Secret};

/// Where a keyring slot keeps its key. The crate's `keyring` feature brings `SystemKeyring`;
/// programs may bring their own.
///
/// A vault asks for a key under an account name made of the vault's id and the slot's number.
pub trait Keyring {
    /// The key of this account; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Keyring`](crate::Error::Keyring) if the keyring is locked or absent.
    fn get(&self, account: &str) -> Result<Option<Secret>>;

    /// Keeps the key of this account.
    ///
    /// # Errors
    ///
    /// [`Error::Keyring`](crate::Error::Keyring) if the keyring is locked or absent. There is no
    /// other place a key is kept in then.
    fn set(&self, account: &str, key: &Secret) -> Result<()>;
}

/// The keyring of the user's session: Keychain, Credential Manager, or the Secret Service.
///
/// It may ask the user, and may not be there at all on a machine without a desktop; it is no slot
/// for programs that nobody watches.
#[cfg(feature = "keyring")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemKeyring;

#[cfg(feature = "keyring")]
impl SystemKeyring {
    fn entry(account: &str) -> Result<keyring::Entry> {
        keyring::Entry::new("ccs-vault", account).map_err(|error| refused(&error))
    }
}

#[cfg(feature = "keyring")]
impl Keyring for SystemKeyring {
    fn get(&self, account: &str) -> Result<Option<Secret>> {
        match Self::entry(account)?.get_secret() {
            Ok(key) => Ok(Some(Secret::new(key))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn set(&self, account: &str, key: &Secret) -> Result<()> {
        let entry = Self::entry(account)?;
        entry
            .set_secret(key.expose())
            .map_err(|error| refused(&error))
    }
}

#[cfg(feature = "keyring")]
fn refused(error: &keyring::Error) -> crate::Error {
    crate::Error::Keyring {
        why: error.to_string(),
    }
}
