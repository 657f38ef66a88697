//! The manifest and the signed changes to it as files in the state folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::drift::{self, Accepted, Report};
use crate::error::Error;
use crate::file::{self, New, Writer};
use crate::manifest::{Change, Delta, Digest, Manifest, ManifestKey, PublicKey, Untrusted, parse};
use crate::walk::{Limits, Root, walk};

/// A copy of a signed file is kept up to this size, in bytes; larger ones have no diff.
const COPIED: u64 = 256 * 1024;

/// Where the manifest is kept: `manifest`, `manifest.previous`, `changes/` and `copies/` in one
/// folder below the state folder.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A trusted manifest with the changes that were approved since.
#[derive(Clone, Debug)]
pub struct Trusted {
    /// What was signed.
    pub manifest: Manifest,
    /// What was signed after it.
    pub accepted: Vec<Accepted>,
    /// How many changes that is.
    changes: u64,
}

impl Store {
    /// The store in this folder, which need not exist yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Store {
            folder: folder.into(),
        }
    }

    /// The manifest, if `key` signed it and it is not older than generation `known`, which the
    /// caller remembers elsewhere (0 if nowhere).
    ///
    /// # Errors
    ///
    /// [`Error::NoManifest`] if there is none, [`Error::Manifest`] if it, or one of the changes
    /// to it, is not to be trusted, [`Error::File`] if it cannot be read. None of these means
    /// that nothing changed.
    pub fn load(&self, key: &PublicKey, known: u64) -> Result<Trusted, Error> {
        let path = self.manifest();
        let bytes = file::read(&path)?.ok_or_else(|| Error::NoManifest { path: path.clone() })?;
        let untrusted = |why| Error::Manifest { path, why };
        let manifest = parse(&bytes)
            .and_then(|unverified| unverified.verify(key, known))
            .map_err(untrusted)?;
        let deltas = self.deltas(key, &manifest)?;
        Ok(Trusted {
            accepted: Accepted::from_deltas(&manifest, &deltas),
            changes: deltas.iter().map(Delta::sequence).max().unwrap_or(0),
            manifest,
        })
    }

    /// Signs everything below `roots` as it is now, as the successor of what was signed before.
    ///
    /// The previous manifest is kept beside it, approved changes to it are deleted, and a copy of
    /// every small file is kept for later diffs. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::Unsignable`] if something could not be read or a link leads out of all roots,
    /// [`Error::Manifest`] if the manifest that is there is not to be trusted (delete it to begin
    /// anew), and everything [`Writer::replace`] refuses.
    pub fn sign(
        &self,
        writer: &Writer,
        key: &ManifestKey,
        roots: Vec<Root>,
        now: u64,
    ) -> Result<Manifest, Error> {
        let before = file::read(&self.manifest())?;
        let previous = match &before {
            None => None,
            Some(_) => Some(self.load(&key.public(), 0)?.manifest),
        };
        let observed = walk(&roots, &Limits::default());
        if let Some(path) = observed.escapes.first() {
            let why = "the link leads out of everything that is signed".to_owned();
            return Err(Error::Unsignable {
                path: path.clone(),
                why,
            });
        }
        if let Some(unreadable) = observed.unreadable.first() {
            let (path, why) = (unreadable.path.clone(), unreadable.why.clone());
            return Err(Error::Unsignable { path, why });
        }
        let manifest = Manifest::new(previous.as_ref(), now, roots, observed.entries);
        let manifest = manifest.map_err(|why| self.untrusted(why))?;
        self.write(writer, &manifest.sign(key), before.as_deref())?;
        self.copy_files(writer, &manifest)?;
        Ok(manifest)
    }

    /// Signs one change on top of the manifest. The file may be changed already or not yet.
    ///
    /// # Errors
    ///
    /// As [`Store::load`] and [`Writer::replace`].
    pub fn sign_change(
        &self,
        writer: &Writer,
        key: &ManifestKey,
        change: Change,
        now: u64,
    ) -> Result<Delta, Error> {
        let trusted = self.load(&key.public(), 0)?;
        let delta = Delta::new(&trusted.manifest, trusted.changes + 1, now, change);
        let path = self.changes().join(format!("{:08}", delta.sequence()));
        writer.create_folder(&self.changes(), 0o700)?;
        writer.replace(&path, &private(None, &delta.sign(key)))?;
        Ok(delta)
    }

    /// Signs one change without putting it into force: the bytes for [`Store::accept`].
    ///
    /// The change counts above every one that is in force, and above every draft of an earlier
    /// second.
    ///
    /// # Errors
    ///
    /// As [`Store::load`].
    pub fn draft(&self, key: &ManifestKey, change: Change, now: u64) -> Result<Vec<u8>, Error> {
        let trusted = self.load(&key.public(), 0)?;
        let sequence = now.max(trusted.changes + 1);
        Ok(Delta::new(&trusted.manifest, sequence, now, change).sign(key))
    }

    /// Puts a signed change into force. One that is signed by another key, or on top of another
    /// manifest, is refused. Needs no secret.
    ///
    /// # Errors
    ///
    /// As [`Store::load`] and [`Writer::replace`].
    pub fn accept(&self, writer: &Writer, key: &PublicKey, bytes: &[u8]) -> Result<Change, Error> {
        let manifest = self.load(key, 0)?.manifest;
        let delta = Delta::verify(bytes, key).map_err(|why| self.untrusted(why))?;
        if !delta.belongs_to(&manifest) {
            let why = Untrusted::Old {
                generation: manifest.generation().saturating_sub(1),
                known: manifest.generation(),
            };
            return Err(self.untrusted(why));
        }
        let name = Digest::of(bytes).to_string();
        let name = format!("{:08}-{}", delta.sequence(), &name[..16]);
        writer.create_folder(&self.changes(), 0o700)?;
        writer.replace(&self.changes().join(name), &private(None, bytes))?;
        Ok(delta.change().clone())
    }

    /// The folder it lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The copy of a file's content from when it was signed; `None` if none was kept. The content
    /// is checked, so a copy that was changed is none.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it cannot be read.
    pub fn copy(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let bytes = file::read(&self.copies().join(digest.to_string()))?;
        Ok(bytes.filter(|bytes| Digest::of(bytes) == *digest))
    }

    /// Keeps a copy of some content under its own digest, so that nothing can overwrite it and
    /// equal content is kept once. Content larger than 256 KiB is not kept.
    ///
    /// # Errors
    ///
    /// As [`Writer::replace`].
    pub fn keep(&self, writer: &Writer, content: &[u8]) -> Result<Digest, Error> {
        let digest = Digest::of(content);
        let path = self.copies().join(digest.to_string());
        if content.len() as u64 > COPIED || self.copy(&digest)?.is_some() {
            return Ok(digest);
        }
        writer.create_folder(&self.copies(), 0o700)?;
        writer.put(&path, content)?;
        Ok(digest)
    }

    fn manifest(&self) -> PathBuf {
        self.folder.join("manifest")
    }

    fn changes(&self) -> PathBuf {
        self.folder.join("changes")
    }

    fn copies(&self) -> PathBuf {
        self.folder.join("copies")
    }

    fn untrusted(&self, why: Untrusted) -> Error {
        let path = self.manifest();
        Error::Manifest { path, why }
    }

    /// Changes to earlier manifests are left from a run that was killed, and do not count.
    fn deltas(&self, key: &PublicKey, manifest: &Manifest) -> Result<Vec<Delta>, Error> {
        let mut deltas = Vec::new();
        for path in list(&self.changes())? {
            let bytes = file::read(&path)?.unwrap_or_default();
            let delta = Delta::verify(&bytes, key).map_err(|why| Error::Manifest { path, why })?;
            if delta.belongs_to(manifest) {
                deltas.push(delta);
            }
        }
        Ok(deltas)
    }

    fn write(&self, writer: &Writer, bytes: &[u8], before: Option<&[u8]>) -> Result<(), Error> {
        writer.create_folder(&self.folder, 0o700)?;
        if let Some(before) = before {
            let previous = self.folder.join("manifest.previous");
            let old = file::read(&previous)?;
            writer.replace(&previous, &private(old.as_deref(), before))?;
        }
        writer.replace(&self.manifest(), &private(before, bytes))?;
        let ended = list(&self.changes())?;
        ended.iter().try_for_each(|path| writer.remove(path))
    }

    /// A file that was changed since it was signed is not copied: the copy would be no use.
    fn copy_files(&self, writer: &Writer, manifest: &Manifest) -> Result<(), Error> {
        use crate::manifest::What;
        for entry in manifest.entries() {
            let What::File { size, digest, .. } = &entry.what else {
                continue;
            };
            if *size > COPIED || self.copy(digest)?.is_some() {
                continue;
            }
            if let Ok(Some(content)) = file::read(&entry.path)
                && Digest::of(&content) == *digest
            {
                self.keep(writer, &content)?;
            }
        }
        Ok(())
    }
}

impl Trusted {
    /// Walks the roots of the manifest and those in `roots`, and compares.
    #[must_use]
    pub fn verify(&self, roots: &[Root]) -> Report {
        let mut all = self.manifest.roots().to_vec();
        all.extend(
            roots
                .iter()
                .filter(|r| !all.contains(r))
                .cloned()
                .collect::<Vec<_>>(),
        );
        drift::compare(
            &self.manifest,
            &walk(&all, &Limits::default()),
            &self.accepted,
        )
    }
}

fn private<'a>(before: Option<&'a [u8]>, bytes: &'a [u8]) -> New<'a> {
    New {
        before,
        bytes,
        mode: Some(0o600),
    }
}

/// The files in a folder, sorted; none if there is no folder.
fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::file("cannot list", folder))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::file("cannot list", folder))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}
