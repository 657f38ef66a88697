//! The master key and every key derived from it. A derived key serves one purpose, named in its
//! derivation, so no key fits the wrong lock.

use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::codec::Writer;
use crate::{Result, random};

/// A 256-bit key, wiped when dropped.
pub(crate) type Key32 = Zeroizing<[u8; 32]>;

/// The random key of a vault, with what is derived from it for the vault called `id`.
#[derive(Clone)]
pub(crate) struct Master {
    key: Key32,
    root: hkdf::Prk,
}

impl Master {
    pub(crate) fn random(vault: &[u8; 16]) -> Result<Self> {
        Ok(Self::new(Zeroizing::new(random::array()?), vault))
    }

    pub(crate) fn new(key: Key32, vault: &[u8; 16]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, vault).extract(&*key);
        Self { key, root }
    }

    pub(crate) fn bytes(&self) -> &Key32 {
        &self.key
    }

    /// A name for the key that says nothing about it: tells a changed key from a damaged file.
    pub(crate) fn id(&self) -> [u8; 16] {
        let derived = expand(&self.root, "ccs-vault/1 master id", &[]);
        let mut id = [0; 16];
        id.copy_from_slice(&derived[..16]);
        id
    }

    /// What authenticates the file as a whole.
    pub(crate) fn header(&self) -> hmac::Key {
        let key = expand(&self.root, "ccs-vault/1 header", &[]);
        hmac::Key::new(hmac::HMAC_SHA256, &*key)
    }

    /// The key that seals one part of one entry once: `salt` is fresh for every sealing.
    pub(crate) fn entry(&self, part: &str, entry: &[u8; 16], salt: &[u8; 32]) -> Key32 {
        expand(&self.root, part, &[entry, salt])
    }

    /// The key of the fingerprints, which hooks may read. It tells nothing about the master key.
    pub(crate) fn fingerprints(&self) -> Key32 {
        expand(&self.root, "ccs-vault/1 fingerprints", &[])
    }
}

/// One key from a secret of high entropy: `salt` is random, `label` and `parts` say what for.
pub(crate) fn derive(secret: &[u8], salt: &[u8], label: &str, parts: &[&[u8]]) -> Key32 {
    let root = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    expand(&root, label, parts)
}

pub(crate) fn expand(root: &hkdf::Prk, label: &str, parts: &[&[u8]]) -> Key32 {
    let mut info = Writer::new();
    info.text(label);
    for part in parts {
        info.bytes(part);
    }
    let mut key = Zeroizing::new([0; 32]);
    root.expand(&[info.as_slice()], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *key))
        .expect("32 bytes are within what HKDF-SHA256 gives");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_for_different_purposes_entries_vaults_and_salts_differ() {
        let master = |vault| Master::new(Zeroizing::new([7; 32]), vault);
        let here = master(&[1; 16]);
        let keys = [
            here.fingerprints(),
            here.entry("value", &[1; 16], &[0; 32]),
            here.entry("meta", &[1; 16], &[0; 32]),
            here.entry("value", &[2; 16], &[0; 32]),
            here.entry("value", &[1; 16], &[1; 32]),
            master(&[2; 16]).entry("value", &[1; 16], &[0; 32]),
        ];
        let distinct: std::collections::BTreeSet<[u8; 32]> = keys.iter().map(|key| **key).collect();
        assert_eq!(distinct.len(), 6);
    }
}
