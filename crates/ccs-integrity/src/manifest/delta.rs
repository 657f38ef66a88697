//! One approved change, signed on its own: what a file may be besides what the manifest says.

use std::path::PathBuf;

use super::bytes::{Input, Output};
use super::key::Signed;
use super::{Digest, Manifest, ManifestKey, PublicKey, Untrusted};

const DOMAIN: &[u8] = b"ccs-integrity/delta";
const VERSION: u32 = 1;

/// The content of one file that was approved after the manifest was signed.
///
/// It speaks about content only: permission bits and owner stay those of the manifest. It belongs
/// to one manifest and ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    base: Digest,
    sequence: u64,
    created: u64,
    change: Change,
}

/// What may have happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which file, absolute.
    pub path: PathBuf,
    /// Its content before; `None` if it did not exist.
    pub before: Option<Digest>,
    /// Its content afterwards; `None` if it goes.
    pub after: Option<Digest>,
}

impl Delta {
    /// The `sequence`th change after `base`, counted from 1. Of several changes to one file the
    /// last one counts. `created` is in seconds since 1970.
    #[must_use]
    pub fn new(base: &Manifest, sequence: u64, created: u64, change: Change) -> Self {
        Delta {
            base: base.digest(),
            sequence,
            created,
            change,
        }
    }

    /// The signed bytes.
    #[must_use]
    pub fn sign(&self, key: &ManifestKey) -> Vec<u8> {
        let mut output = Output::default();
        self.write(&mut output);
        key.seal(DOMAIN, output)
    }

    /// The change in these bytes, if `key` signed it.
    ///
    /// # Errors
    ///
    /// As [`super::parse`] and [`super::Unverified::verify`].
    pub fn verify(bytes: &[u8], key: &PublicKey) -> Result<Self, Untrusted> {
        let mut input = Input::new(bytes);
        let delta = read(&mut input)?;
        let body = Digest::of(&bytes[..input.offset()]);
        let signed = Signed::read(&mut input)?.ok_or(Untrusted::Unsigned)?;
        input.end()?;
        signed.verify(key, DOMAIN, &body)?;
        Ok(delta)
    }

    /// Whether it was signed on top of this manifest.
    #[must_use]
    pub fn belongs_to(&self, manifest: &Manifest) -> bool {
        self.base == manifest.digest()
    }

    /// Its place among the changes to one manifest, counted from 1.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When it was signed, in seconds since 1970.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.created
    }

    /// What may have happened.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    fn write(&self, output: &mut Output) {
        output.field(DOMAIN);
        output.u32(VERSION);
        output.fixed(self.base.as_bytes());
        output.u64(self.sequence);
        output.u64(self.created);
        output.path(&self.change.path);
        for digest in [&self.change.before, &self.change.after] {
            output.field(digest.as_ref().map_or(&[][..], |d| d.as_bytes()));
        }
    }
}

fn read(input: &mut Input<'_>) -> Result<Delta, Untrusted> {
    if input.field()? != DOMAIN {
        return Err(input.bad("not a signed change").into());
    }
    match input.u32()? {
        VERSION => {}
        version => return Err(Untrusted::Newer { version }),
    }
    let base = Digest::from(input.fixed()?);
    let (sequence, created) = (input.u64()?, input.u64()?);
    let path = input.path()?;
    let mut digests = [None, None];
    for digest in &mut digests {
        *digest = match input.field()? {
            [] => None,
            bytes => Some(Digest::read(bytes).ok_or_else(|| input.bad("a digest has 32 bytes"))?),
        };
    }
    let [before, after] = digests;
    Ok(Delta {
        base,
        sequence,
        created,
        change: Change {
            path,
            before,
            after,
        },
    })
}
