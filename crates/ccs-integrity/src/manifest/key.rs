//! Who signs manifests, and the signature at the end of one.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::bytes::{Bad, Input, Output};
use super::{Digest, Untrusted};

/// Signs manifests. Comes from the vault and is needed only for signing; its memory is wiped.
pub struct ManifestKey(SigningKey);

/// Tells whether a manifest was signed by the owner. Not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl ManifestKey {
    /// The key with these 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        ManifestKey(SigningKey::from_bytes(secret))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs the digest rather than the bytes: hashing is what takes the time.
    /// What was written, with its signature behind it.
    pub(super) fn seal(&self, domain: &[u8], mut output: Output) -> Vec<u8> {
        let body = Digest::of(output.bytes());
        self.sign(domain, &body).write(&mut output);
        output.into_bytes()
    }

    pub(super) fn sign(&self, domain: &[u8], body: &Digest) -> Signed {
        Signed {
            key: self.0.verifying_key().to_bytes(),
            signature: self.0.sign(&message(domain, body)).to_bytes(),
        }
    }
}

impl fmt::Debug for ManifestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManifestKey")
    }
}

impl PublicKey {
    /// The key with these bytes; `None` if they are not a point of the curve.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(bytes).ok().map(PublicKey)
    }

    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }
}

#[derive(Debug)]
pub(super) struct Signed {
    key: [u8; 32],
    signature: [u8; 64],
}

impl Signed {
    pub(super) fn write(&self, output: &mut Output) {
        output.fixed(&self.key);
        output.fixed(&self.signature);
    }

    /// `None` if the bytes end without a signature.
    pub(super) fn read(input: &mut Input<'_>) -> Result<Option<Self>, Bad> {
        if input.at_end() {
            return Ok(None);
        }
        Ok(Some(Signed {
            key: input.fixed()?,
            signature: input.fixed()?,
        }))
    }

    pub(super) fn verify(
        &self,
        key: &PublicKey,
        domain: &[u8],
        body: &Digest,
    ) -> Result<(), Untrusted> {
        if self.key != key.to_bytes() {
            return Err(Untrusted::Foreign);
        }
        let signature = Signature::from_bytes(&self.signature);
        let verified = key.0.verify_strict(&message(domain, body), &signature);
        verified.map_err(|_| Untrusted::Signature)
    }
}

fn message(domain: &[u8], body: &Digest) -> Vec<u8> {
    let mut output = Output::default();
    output.field(domain);
    output.field(b"signature");
    output.fixed(body.as_bytes());
    output.into_bytes()
}
