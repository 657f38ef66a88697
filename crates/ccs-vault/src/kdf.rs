//! A passphrase to a key: Argon2id. The parameters stand in the slot, within bounds on both sides:
//! a floor, so that a changed file cannot make guessing cheap, and a ceiling, so that it cannot
//! make opening endless.

use crate::{Error, Result};

/// The cost of deriving a key from a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Kdf {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes that could be computed at once.
    pub lanes: u32,
}

impl Kdf {
    /// 64 MiB, three passes: about half a second, RFC 9106's second recommendation with one lane.
    pub const DEFAULT: Self = Self {
        memory: 64 << 10,
        passes: 3,
        lanes: 1,
    };
    /// The least that is accepted: 19 MiB, two passes.
    pub const FLOOR: Self = Self {
        memory: 19 << 10,
        passes: 2,
        lanes: 1,
    };
    /// The most that is accepted: 1 GiB, 16 passes, 16 lanes.
    pub const CEILING: Self = Self {
        memory: 1 << 20,
        passes: 16,
        lanes: 16,
    };

    /// Checks parameters against the floor and the ceiling.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] beyond either.
    pub fn new(memory: u32, passes: u32, lanes: u32) -> Result<Self> {
        let within = (Self::FLOOR.memory..=Self::CEILING.memory).contains(&memory)
            && (Self::FLOOR.passes..=Self::CEILING.passes).contains(&passes)
            && (Self::FLOOR.lanes..=Self::CEILING.lanes).contains(&lanes);
        if within {
            Ok(Self {
                memory,
                passes,
                lanes,
            })
        } else {
            Err(Error::Invalid {
                what: "passphrase cost",
                why: "it is 19 MiB to 1 GiB of memory, 2 to 16 passes, 1 to 16 lanes",
            })
        }
    }
}

/// The shortest passphrase in bytes.
pub(crate) const SHORTEST: usize = 8;

/// The key of a passphrase.
#[cfg(feature = "passphrase")]
pub(crate) fn stretch(passphrase: &[u8], salt: &[u8], cost: Kdf) -> Result<crate::keys::Key32> {
    use argon2::{Algorithm, Argon2, Params, Version};
    let refused = |_| Error::Invalid {
        what: "passphrase",
        why: "Argon2id does not take it",
    };
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).map_err(refused)?;
    let mut key = zeroize::Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase, salt, &mut *key)
        .map_err(refused)?;
    Ok(key)
}

#[cfg(not(feature = "passphrase"))]
pub(crate) fn stretch(_: &[u8], _: &[u8], _: Kdf) -> Result<crate::keys::Key32> {
    Err(Error::Invalid {
        what: "passphrase",
        why: "this program is built without passphrases",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_below_the_floor_or_above_the_ceiling_are_refused() {
        assert!(Kdf::new(19 << 10, 2, 1).is_ok());
        assert!(Kdf::new(1 << 20, 16, 16).is_ok());
        for (memory, passes, lanes) in [
            ((19 << 10) - 1, 2, 1),
            (19 << 10, 1, 1),
            (19 << 10, 2, 0),
            ((1 << 20) + 1, 2, 1),
            (19 << 10, 17, 1),
            (19 << 10, 2, 17),
        ] {
            assert!(Kdf::new(memory, passes, lanes).is_err());
        }
    }

    /// RFC 9106 gives its vectors with a secret and associated data, which we do not use; these
    /// are the reference program's for the version and variant we use.
    #[cfg(feature = "passphrase")]
    #[test]
    fn the_derivation_is_argon2id_version_19() {
        let cost = Kdf {
            memory: 65536,
            passes: 2,
            lanes: 1,
        };
        let key = stretch(b"password", b"somesalt", cost).expect("a key");
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
        );
    }
}
