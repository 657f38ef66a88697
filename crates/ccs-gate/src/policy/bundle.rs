//! A policy as signed bytes, so that a hook can trust it without reading YAML.
//!
//! ```text
//! ccs-policy-v1 LF
//! signature: 128 hexadecimal digits LF
//! the policy as JSON
//! ```
//!
//! The signature is Ed25519 over `ccs-policy-v1`, a zero byte, the length of the JSON as eight
//! bytes (big endian) and the JSON itself.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::Policy;

const HEAD: &[u8] = b"ccs-policy-v1\n";
const DOMAIN: &[u8] = b"ccs-policy-v1\0";
const SIGNATURE: usize = 128;

/// Why bytes are not a policy to be trusted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// They do not begin as a bundle of this version does.
    #[error("not a policy bundle of this version")]
    Format,
    /// The key is not a point of the curve.
    #[error("the public key is damaged")]
    Key,
    /// Somebody else signed it, or it was changed afterwards.
    #[error("the signature does not fit")]
    Signature,
    /// The signed text is not a policy this version understands.
    #[error("the policy in the bundle cannot be read")]
    Policy(#[source] serde_json::Error),
}

/// Signs a policy.
///
/// # Panics
///
/// Never: a policy always has a JSON form.
#[must_use]
pub fn seal(policy: &Policy, secret_key: &[u8; 32]) -> Vec<u8> {
    let json = serde_json::to_vec(policy).expect("strings and lists have a JSON form");
    let signature = SigningKey::from_bytes(secret_key).sign(&signed(&json));
    let mut bytes = HEAD.to_vec();
    for byte in signature.to_bytes() {
        bytes.extend(format!("{byte:02x}").bytes());
    }
    bytes.push(b'\n');
    bytes.extend(json);
    bytes
}

/// The policy in a bundle, if `public_key` belongs to the key that sealed it.
///
/// # Errors
///
/// [`Error::Format`] for bytes that are no bundle, [`Error::Key`] for a key that is none,
/// [`Error::Signature`] if it was sealed with another key or altered, [`Error::Policy`] if the
/// signed text is of a newer version.
pub fn open(bytes: &[u8], public_key: &[u8; 32]) -> Result<Policy, Error> {
    let rest = bytes.strip_prefix(HEAD).ok_or(Error::Format)?;
    let (signature, rest) = rest.split_at_checked(SIGNATURE).ok_or(Error::Format)?;
    let json = rest.strip_prefix(b"\n").ok_or(Error::Format)?;
    let signature = Signature::from_bytes(&unhex(signature).ok_or(Error::Format)?);
    let key = VerifyingKey::from_bytes(public_key).map_err(|_| Error::Key)?;
    key.verify_strict(&signed(json), &signature)
        .map_err(|_| Error::Signature)?;
    serde_json::from_slice(json).map_err(Error::Policy)
}

/// The public key that belongs to a secret one.
#[must_use]
pub fn public_key(secret_key: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(secret_key)
        .verifying_key()
        .to_bytes()
}

fn signed(json: &[u8]) -> Vec<u8> {
    let mut bytes = DOMAIN.to_vec();
    bytes.extend((json.len() as u64).to_be_bytes());
    bytes.extend(json);
    bytes
}

fn unhex(digits: &[u8]) -> Option<[u8; 64]> {
    let mut bytes = [0; 64];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Error, open, public_key, seal};
    use crate::policy::{Mode, Policy};

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn a_sealed_policy_opens_with_its_key() {
        let policy = Policy {
            mode: Mode::Strict,
            ..Policy::default()
        };

        let opened = open(&seal(&policy, &KEY), &public_key(&KEY));

        assert_eq!(opened.ok(), Some(policy));
    }

    #[test]
    fn a_policy_sealed_with_another_key_does_not_open() {
        let opened = open(&seal(&Policy::default(), &[8; 32]), &public_key(&KEY));

        assert!(matches!(opened, Err(Error::Signature)));
    }

    #[test]
    fn no_byte_of_a_bundle_can_be_changed_or_cut() {
        let bundle = seal(&Policy::default(), &KEY);
        for at in 0..bundle.len() {
            let mut changed = bundle.clone();
            changed[at] ^= 1;
            assert!(open(&changed, &public_key(&KEY)).is_err(), "byte {at}");
            assert!(
                open(&bundle[..at], &public_key(&KEY)).is_err(),
                "cut at {at}"
            );
        }
    }
}
