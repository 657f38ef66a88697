//! Keys: the root, from which all others follow; the epoch keys, each of which is forgotten when
//! the next has been made from it; and the key that wraps the sessions' keys.

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, Result};
use crate::hash::{MacKey, derive};
use crate::note::{Kind, Signer, Verifier};

/// `N` bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::Random)?;
    Ok(bytes)
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(Zeroizing<[u8; 32]>);

        impl $name {
            /// Takes 32 secret bytes, which must be random.
            #[must_use]
            pub fn new(mut bytes: [u8; 32]) -> Self {
                let key = Self(Zeroizing::new(bytes));
                bytes.zeroize();
                key
            }

            /// A fresh key.
            ///
            /// # Errors
            ///
            /// [`Error::Random`] if the operating system gives no random bytes.
            pub fn random() -> Result<Self> {
                Ok(Self::new(random()?))
            }

            /// The secret bytes, for the place that keeps them.
            #[must_use]
            pub fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

key! {
    /// The key a log was founded with. It checks every seal there ever was and can forge them all,
    /// so it belongs elsewhere than beside the log; writers do not need it.
    RootKey
}

key! {
    /// Wraps the key of each session's details. Without it details cannot be read.
    DetailsKey
}

/// The key of one epoch. From it follow the keys of all later epochs and of none before.
#[derive(Clone)]
pub(crate) struct EpochKey {
    pub(crate) epoch: u64,
    key: Zeroizing<[u8; 32]>,
}

impl EpochKey {
    pub(crate) fn new(epoch: u64, key: [u8; 32]) -> Self {
        Self {
            epoch,
            key: Zeroizing::new(key),
        }
    }

    pub(crate) fn first(root: &RootKey) -> Self {
        Self::new(0, derive(root.expose(), "epoch 0"))
    }

    pub(crate) fn next(&self) -> Self {
        Self::new(self.epoch + 1, derive(&self.key, "next epoch"))
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.key
    }

    /// Seals the entries of this epoch.
    pub(crate) fn seal_key(&self) -> MacKey {
        MacKey::new(&Zeroizing::new(derive(&self.key, "seal")))
    }

    /// Signs the checkpoint that closes this epoch.
    pub(crate) fn signer(&self, origin: &str) -> Result<Signer> {
        let seed = Zeroizing::new(derive(&self.key, "sign"));
        Ok(Signer::new(
            &epoch_name(origin, self.epoch),
            Kind::Plain,
            &seed,
        )?)
    }
}

/// The name under which an epoch's key signs.
pub(crate) fn epoch_name(origin: &str, epoch: u64) -> String {
    format!("{origin}/epoch/{epoch}")
}

/// The keys that stay the same for the life of a log and that its writers hold.
pub(crate) struct LogKeys {
    pub(crate) checkpoint: Zeroizing<[u8; 32]>,
    pub(crate) spool: Zeroizing<[u8; 32]>,
}

impl LogKeys {
    pub(crate) fn of(root: &RootKey) -> Self {
        Self {
            checkpoint: Zeroizing::new(derive(root.expose(), "checkpoint")),
            spool: Zeroizing::new(derive(root.expose(), "spool")),
        }
    }

    /// Signs checkpoints; its name is the origin, so that any C2SP client can check them.
    pub(crate) fn signer(&self, origin: &str) -> Result<Signer> {
        Ok(Signer::new(origin, Kind::Plain, &self.checkpoint)?)
    }
}

/// A log's public keys, to be kept elsewhere and compared: a log founded anew has others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The log's random name, 16 bytes in hexadecimal.
    pub id: String,
    /// Signs checkpoints. Its name is the origin.
    pub log: Verifier,
    /// Signs the checkpoint that closes epoch 0, which names the key of epoch 1, and so on.
    pub epoch: Verifier,
}

impl Identity {
    pub(crate) fn of(id: &[u8; 16], origin: &str, root: &RootKey) -> Result<Self> {
        Ok(Self {
            id: crate::hash::hex(id),
            log: LogKeys::of(root).signer(origin)?.verifier(),
            epoch: EpochKey::first(root).signer(origin)?.verifier(),
        })
    }

    /// The log's name in checkpoints.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.log.name()
    }

    /// Reads the JSON that is also in the file `log.json`.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(json).ok()?;
        let text = |key: &str| value.get(key)?.as_str();
        (text("format")? == FORMAT).then_some(())?;
        Some(Self {
            id: text("id")?.to_owned(),
            log: text("log_key")?.parse().ok()?,
            epoch: text("epoch_key")?.parse().ok()?,
        })
    }

    /// One line of JSON without secrets.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::json!({
            "format": FORMAT,
            "id": self.id,
            "log_key": self.log.to_string(),
            "epoch_key": self.epoch.to_string(),
        })
        .to_string()
    }
}

const FORMAT: &str = "ccs-audit/1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_leads_to_the_next_and_every_key_is_another() {
        let root = RootKey::new([1; 32]);
        let [zero, also_zero] = [EpochKey::first(&root), EpochKey::first(&root)];
        let one = zero.next();
        assert_eq!(one.epoch, 1);
        assert_eq!(one.expose(), also_zero.next().expose());
        let keys = LogKeys::of(&root);
        let all = [
            zero.expose(),
            one.expose(),
            root.expose(),
            &keys.checkpoint,
            &keys.spool,
        ];
        for (place, key) in all.iter().enumerate() {
            assert!(!all[..place].contains(key));
        }
    }

    #[test]
    fn an_identity_reads_back_and_tells_logs_apart() {
        let identity = |seed| {
            let root = RootKey::new([seed; 32]);
            Identity::of(&[seed; 16], "example.com/log", &root).expect("a name")
        };
        assert_eq!(
            Identity::from_json(&identity(1).to_json()),
            Some(identity(1))
        );
        assert_ne!(identity(1), identity(2));
        assert_eq!(Identity::from_json("{}"), None);
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", RootKey::new([7; 32])), "RootKey(…)");
    }
}
