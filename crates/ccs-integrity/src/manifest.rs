//! What was trusted: every file of an installation as its owner signed it.
//!
//! A manifest lists files with their SHA-256, size, mode and owner, links with their targets,
//! folders with their modes, and the [`Root`]s they were found under. Its bytes are canonical:
//! every field has a length or a fixed size, entries are sorted by path and occur once, so there
//! is one manifest for one state and one signature for one manifest. It names its generation and
//! the SHA-256 of its predecessor.
//!
//! This module is pure. [`parse`] takes any bytes; only [`Unverified::verify`] makes a
//! [`Manifest`] of them, and there is no other way to read one: a manifest that is damaged,
//! unsigned, signed by another key or older than one that was seen is an [`Untrusted`], never an
//! empty list. docs/formats/manifest.md describes the bytes.

use std::path::{Path, PathBuf};

use crate::walk::Root;

mod bytes;
mod delta;
mod digest;
mod key;
#[cfg(test)]
mod tests;

pub use delta::{Change, Delta};
pub use digest::Digest;
pub use key::{ManifestKey, PublicKey};

use bytes::{Bad, Input, Output};

const DOMAIN: &[u8] = b"ccs-integrity/manifest";
const VERSION: u32 = 1;

/// Larger manifests are refused unread, in bytes.
pub const LARGEST: usize = 64 * 1024 * 1024;

/// What a deviation means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Text that a model reads. A deviation is a warning.
    Docs,
    /// Something that runs or decides what runs. A deviation is a reason to stop.
    Exec,
}

/// One thing on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Absolute.
    pub path: PathBuf,
    /// What a deviation means.
    pub class: Class,
    /// What is there.
    pub what: What,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A regular file.
    File {
        /// Permission bits, with set-uid, set-gid and sticky.
        mode: u32,
        /// User and group.
        owner: Owner,
        /// In bytes.
        size: u64,
        /// Of the whole content.
        digest: Digest,
    },
    /// A folder.
    Folder {
        /// Permission bits, with set-uid, set-gid and sticky.
        mode: u32,
        /// User and group.
        owner: Owner,
    },
    /// A symbolic link. It is recorded, not followed.
    Link {
        /// As it is written in the link.
        target: PathBuf,
        /// Of the file behind it, if that lies outside every root and so has no entry.
        behind: Option<Digest>,
    },
    /// A pipe, socket or device.
    Other,
}

/// User and group ids; zero where the system has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: u32,
    /// The group.
    pub group: u32,
}

/// A verified list of what was trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    generation: u64,
    created: u64,
    previous: Option<Digest>,
    roots: Vec<Root>,
    entries: Vec<Entry>,
}

/// Why bytes are not a manifest to go by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Untrusted {
    /// Not the bytes of a manifest, or not all of them.
    #[error("damaged at byte {offset}: {what}")]
    Damaged {
        /// Where.
        offset: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Written by a newer version of ccs.
    #[error("written in format {version}, which this version does not read")]
    Newer {
        /// The version it names.
        version: u32,
    },
    /// Nobody signed it.
    #[error("not signed")]
    Unsigned,
    /// Somebody else signed it.
    #[error("signed by another key")]
    Foreign,
    /// The signature does not fit: it was changed after it was signed.
    #[error("changed after it was signed")]
    Signature,
    /// A newer one has been seen.
    #[error("generation {generation}, but generation {known} was seen before")]
    Old {
        /// Its generation.
        generation: u64,
        /// The highest one known.
        known: u64,
    },
    /// Two entries for one path.
    #[error("the same path twice")]
    Twice,
}

/// The well-formed bytes of a manifest. What they say is not to be believed yet.
#[derive(Debug)]
pub struct Unverified {
    manifest: Manifest,
    body: Digest,
    signature: Option<key::Signed>,
}

/// Reads the bytes of a manifest, whoever wrote them.
///
/// Never panics and takes memory in proportion to the input. Accepts exactly the canonical form:
/// what it accepts, [`Manifest::sign`] writes again byte for byte.
///
/// # Errors
///
/// [`Untrusted::Damaged`] or [`Untrusted::Newer`].
pub fn parse(bytes: &[u8]) -> Result<Unverified, Untrusted> {
    if bytes.len() > LARGEST {
        let what = "larger than a manifest may be";
        return Err(Untrusted::Damaged { offset: 0, what });
    }
    let mut input = Input::new(bytes);
    let manifest = read(&mut input)?;
    let body = Digest::of(&bytes[..input.offset()]);
    let signature = key::Signed::read(&mut input)?;
    input.end()?;
    Ok(Unverified {
        manifest,
        body,
        signature,
    })
}

impl Unverified {
    /// The manifest, if `key` signed it and it is not older than generation `known`.
    ///
    /// # Errors
    ///
    /// [`Untrusted::Unsigned`], [`Untrusted::Foreign`], [`Untrusted::Signature`] or
    /// [`Untrusted::Old`].
    pub fn verify(self, key: &PublicKey, known: u64) -> Result<Manifest, Untrusted> {
        let signed = self.signature.ok_or(Untrusted::Unsigned)?;
        signed.verify(key, DOMAIN, &self.body)?;
        let generation = self.manifest.generation;
        if generation < known {
            return Err(Untrusted::Old { generation, known });
        }
        Ok(self.manifest)
    }

    /// The bytes it was parsed from, written anew.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut output = Output::default();
        self.manifest.write(&mut output);
        if let Some(signature) = &self.signature {
            signature.write(&mut output);
        }
        output.into_bytes()
    }

    /// The generation it claims to be, for a message about why it is not trusted.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }
}

impl Manifest {
    /// The first manifest, or the one after `previous`. `created` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Untrusted::Twice`] if two entries have one path.
    pub fn new(
        previous: Option<&Manifest>,
        created: u64,
        roots: Vec<Root>,
        mut entries: Vec<Entry>,
    ) -> Result<Self, Untrusted> {
        entries.sort_by(|a, b| bytes::of_path(&a.path).cmp(&bytes::of_path(&b.path)));
        if entries.windows(2).any(|pair| pair[0].path == pair[1].path) {
            return Err(Untrusted::Twice);
        }
        Ok(Manifest {
            generation: previous.map_or(1, |previous| previous.generation.saturating_add(1)),
            created,
            previous: previous.map(Manifest::digest),
            roots,
            entries,
        })
    }

    /// The signed bytes.
    #[must_use]
    pub fn sign(&self, key: &ManifestKey) -> Vec<u8> {
        let mut output = Output::default();
        self.write(&mut output);
        key.seal(DOMAIN, output)
    }

    /// Of the bytes without the signature: names this manifest in the next one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut output = Output::default();
        self.write(&mut output);
        Digest::of(output.bytes())
    }

    /// Counts up from 1.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// When it was signed, in seconds since 1970, by the clock of who signed it.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.created
    }

    /// The [`Manifest::digest`] of the one before.
    #[must_use]
    pub fn previous(&self) -> Option<&Digest> {
        self.previous.as_ref()
    }

    /// Where the entries were found; what appears there later is a deviation.
    #[must_use]
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// Sorted by path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What was trusted at this path.
    #[must_use]
    pub fn entry(&self, path: &Path) -> Option<&Entry> {
        let path = bytes::of_path(path);
        let found = self
            .entries
            .binary_search_by(|entry| bytes::of_path(&entry.path).cmp(&path));
        found.ok().map(|at| &self.entries[at])
    }

    /// What a change at this path means, whether there is something yet or not; `None` if no root
    /// covers it. Whole names count: `hooks-evil` is not below `hooks`, and `..` is taken out. Links
    /// on the way are for the caller to resolve.
    #[must_use]
    pub fn class_of(&self, path: &Path) -> Option<Class> {
        let path = &crate::path::plain(path);
        let recorded = self.entry(path).map(|entry| entry.class);
        recorded.or_else(|| self.roots.iter().find_map(|root| root.class_of(path)))
    }

    fn write(&self, output: &mut Output) {
        output.field(DOMAIN);
        output.u32(VERSION);
        output.u64(self.generation);
        output.u64(self.created);
        output.field(self.previous.as_ref().map_or(&[][..], |d| d.as_bytes()));
        output.list(&self.roots, Root::write);
        output.list(&self.entries, Entry::write);
    }
}

fn read(input: &mut Input<'_>) -> Result<Manifest, Untrusted> {
    if input.field()? != DOMAIN {
        return Err(input.bad("not a manifest").into());
    }
    match input.u32()? {
        VERSION => {}
        0 => return Err(input.bad("there is no format 0").into()),
        version => return Err(Untrusted::Newer { version }),
    }
    let generation = input.u64()?;
    if generation == 0 {
        return Err(input.bad("generations begin with 1").into());
    }
    let created = input.u64()?;
    let previous = match input.field()? {
        [] => None,
        bytes => Some(Digest::read(bytes).ok_or_else(|| input.bad("a digest has 32 bytes"))?),
    };
    if previous.is_none() != (generation == 1) {
        return Err(input.bad("only the first one has no predecessor").into());
    }
    let roots = input.list(Root::read)?;
    let entries: Vec<Entry> = input.list(Entry::read)?;
    let sorted = |pair: &[Entry]| bytes::of_path(&pair[0].path) < bytes::of_path(&pair[1].path);
    if !entries.windows(2).all(sorted) {
        return Err(input.bad("entries are sorted by path").into());
    }
    Ok(Manifest {
        generation,
        created,
        previous,
        roots,
        entries,
    })
}

impl Entry {
    fn write(&self, output: &mut Output) {
        output.path(&self.path);
        output.u8(self.class.code());
        match &self.what {
            What::File {
                mode,
                owner,
                size,
                digest,
            } => {
                output.u8(b'f');
                output.u32(*mode);
                owner.write(output);
                output.u64(*size);
                output.fixed(digest.as_bytes());
            }
            What::Folder { mode, owner } => {
                output.u8(b'd');
                output.u32(*mode);
                owner.write(output);
            }
            What::Link { target, behind } => {
                output.u8(b'l');
                output.path(target);
                output.field(behind.as_ref().map_or(&[][..], |d| d.as_bytes()));
            }
            What::Other => output.u8(b'o'),
        }
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Bad> {
        let path = input.path()?;
        let class = Class::read(input)?;
        let what = match input.u8()? {
            b'f' => What::File {
                mode: input.u32()?,
                owner: Owner::read(input)?,
                size: input.u64()?,
                digest: Digest::from(input.fixed()?),
            },
            b'd' => What::Folder {
                mode: input.u32()?,
                owner: Owner::read(input)?,
            },
            b'l' => What::Link {
                target: input.path()?,
                behind: match input.field()? {
                    [] => None,
                    bytes => Some(Digest::read(bytes).ok_or(input.bad("a digest has 32 bytes"))?),
                },
            },
            b'o' => What::Other,
            _ => return Err(input.bad("this kind of entry does not exist")),
        };
        Ok(Entry { path, class, what })
    }
}

impl Owner {
    fn write(self, output: &mut Output) {
        output.u32(self.user);
        output.u32(self.group);
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Bad> {
        Ok(Owner {
            user: input.u32()?,
            group: input.u32()?,
        })
    }
}

impl Class {
    fn code(self) -> u8 {
        match self {
            Class::Docs => b'd',
            Class::Exec => b'e',
        }
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Bad> {
        match input.u8()? {
            b'd' => Ok(Class::Docs),
            b'e' => Ok(Class::Exec),
            _ => Err(input.bad("this class does not exist")),
        }
    }
}

impl Root {
    fn write(&self, output: &mut Output) {
        output.path(&self.path);
        output.u8(self.class.code());
        for patterns in [&self.only, &self.skip, &self.docs] {
            output.list(patterns, |pattern, output| output.field(pattern.as_bytes()));
        }
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Bad> {
        Ok(Root {
            path: input.path()?,
            class: Class::read(input)?,
            only: input.list(Input::text)?,
            skip: input.list(Input::text)?,
            docs: input.list(Input::text)?,
        })
    }
}
