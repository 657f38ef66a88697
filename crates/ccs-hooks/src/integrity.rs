//! What was signed, as the hooks and the command line look at it.
//!
//! There is one manifest for the installation and one for each project that was signed. A hook
//! reads neither on an ordinary call: beside each manifest lies a small guard file that says what
//! is covered, and holds a mark (size, times, inode, mode) of the files that decide what runs. As
//! long as every mark holds, nothing is hashed; as soon as one does not, everything is. The guard
//! file is made from the manifest by whoever verifies it and can be deleted at any time.

use std::path::{Path, PathBuf};

use ccs_integrity::drift::Report;
use ccs_integrity::manifest::{Class, Digest, PublicKey};
use ccs_integrity::store::{Store, Trusted};
use ccs_integrity::walk::Root;

use crate::config::public_key;
use crate::files;

mod guard;
mod mark;

pub use guard::Deviation;
pub(crate) use guard::{Touch, deviations};

use guard::Guard;

/// The key that manifests and approved changes must be signed with, in the state folder.
pub const PUBLIC: &str = "integrity.pub";
/// The folder of the manifests in the state folder.
const FOLDER: &str = "integrity";
/// The folder that remembers the newest manifest seen, beside the manifests so that putting an
/// old one back does not put this back.
const SEEN: &str = "integrity.seen";
/// The longest text of a key, in bytes.
const MAX_KEY: u64 = 128;

/// What one manifest is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Programs, the user's and the administrator's files.
    Installation,
    /// The files of the project with this root, links resolved.
    Project(PathBuf),
}

/// Why it cannot be said whether anything changed. Never means that nothing did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that decides could not be read, or others could have written it.
    #[error("`{}`: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: files::Error,
    },
    /// There are manifests but no key to check them with.
    #[error("`{}` is missing", .0.display())]
    NoKey(PathBuf),
    /// The public key is none.
    #[error("`{}` is not an Ed25519 public key", .0.display())]
    Key(PathBuf),
    /// The manifest is missing or not to be trusted.
    #[error("{}", with_cause(.0))]
    Manifest(#[from] ccs_integrity::Error),
}

fn with_cause(error: &ccs_integrity::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The manifests of one state folder.
#[derive(Clone, Debug)]
pub struct Signed {
    state: PathBuf,
}

/// What a whole verification of one scope found.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Which one.
    pub scope: Scope,
    /// The manifest, and what was approved since.
    pub trusted: Trusted,
    /// What differs.
    pub report: Report,
}

/// What is known of a scope without a whole verification.
#[derive(Clone, Debug)]
pub struct Look {
    /// What is covered.
    pub roots: Vec<Root>,
    /// What differed when it was last verified; still so, as far as the marks tell.
    pub deviations: Vec<Deviation>,
}

impl Signed {
    /// Those in this state folder.
    #[must_use]
    pub fn new(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
        }
    }

    /// Whether anything was ever signed, as far as is left of it.
    pub(crate) fn is_begun(&self) -> bool {
        [FOLDER, PUBLIC, SEEN]
            .iter()
            .any(|name| self.state.join(name).exists())
    }

    /// The key that everything must be signed with; `None` if nothing ever was.
    ///
    /// # Errors
    ///
    /// [`Error::NoKey`] if there are manifests, [`Error::Key`] and [`Error::File`] if it cannot be
    /// used.
    pub fn key(&self) -> Result<Option<PublicKey>, Error> {
        let path = self.state.join(PUBLIC);
        let bytes = files::read_private(&path, MAX_KEY).map_err(|error| Error::File {
            path: path.clone(),
            error,
        })?;
        let Some(bytes) = bytes else {
            return if self.is_begun() {
                Err(Error::NoKey(path))
            } else {
                Ok(None)
            };
        };
        let key = public_key(&bytes).and_then(|bytes| PublicKey::new(&bytes));
        key.map(Some).ok_or(Error::Key(path))
    }

    /// The store of a scope's manifest.
    #[must_use]
    pub fn store(&self, scope: &Scope) -> Store {
        Store::new(self.folder(scope))
    }

    fn folder(&self, scope: &Scope) -> PathBuf {
        match scope {
            Scope::Installation => self.state.join(FOLDER),
            Scope::Project(_) => self.state.join(FOLDER).join("projects").join(name(scope)),
        }
    }

    /// The manifest of a scope; `None` if it was never signed.
    ///
    /// # Errors
    ///
    /// [`Error`] if it was signed and what is there now is not to be trusted: missing, damaged,
    /// signed by another key, or older than one that was seen.
    pub fn load(&self, scope: &Scope) -> Result<Option<Trusted>, Error> {
        let Some(key) = self.key()? else {
            return Ok(None);
        };
        let known = self.known(scope)?;
        match self.store(scope).load(&key, known) {
            Err(ccs_integrity::Error::NoManifest { .. })
                if known == 0 && *scope != Scope::Installation =>
            {
                Ok(None)
            }
            loaded => Ok(Some(loaded?)),
        }
    }

    /// Verifies everything a scope covers, and renews its guard file. `None` if it was never signed.
    ///
    /// # Errors
    ///
    /// As [`Signed::load`].
    pub fn verify(&self, scope: &Scope) -> Result<Option<Standing>, Error> {
        let Some(trusted) = self.load(scope)? else {
            return Ok(None);
        };
        // before the walk: what changes during it then differs from its mark
        let mut guard = Guard::of(&trusted.manifest, &self.folder(scope));
        let report = trusted.verify(&[]);
        guard.note(&report);
        guard.write(&self.folder(scope));
        self.remember(scope, trusted.manifest.generation());
        Ok(Some(Standing {
            scope: scope.clone(),
            trusted,
            report,
        }))
    }

    /// What a scope covers and whether it still is as signed, at the price of some forty `stat`
    /// calls while all is well. `None` if it was never signed.
    ///
    /// # Errors
    ///
    /// As [`Signed::load`].
    pub fn look(&self, scope: &Scope) -> Result<Option<Look>, Error> {
        let folder = self.folder(scope);
        if let Some(guard) = Guard::read(&folder)
            && guard.is_calm()
            && guard.holds(&folder)
        {
            return Ok(Some(guard.look()));
        }
        let standing = self.verify(scope)?;
        Ok(standing.map(|standing| Look {
            roots: standing.trusted.manifest.roots().to_vec(),
            deviations: guard::deviations(&standing.report),
        }))
    }

    /// The newest generation of a scope's manifest that was seen here; 0 if none was.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if what was remembered cannot be read.
    pub fn known(&self, scope: &Scope) -> Result<u64, Error> {
        let path = self.state.join(SEEN).join(name(scope));
        let failed = |error| Error::File {
            path: path.clone(),
            error,
        };
        let Some(bytes) = files::read_private(&path, 64).map_err(failed)? else {
            return Ok(0);
        };
        let text = String::from_utf8_lossy(&bytes);
        let not_a_number = || failed(std::io::Error::other("not a number").into());
        text.trim().parse().map_err(|_| not_a_number())
    }

    /// Remembers that a manifest of this generation was seen. One that cannot be written down is
    /// noticed when it should have been read.
    pub fn remember(&self, scope: &Scope, generation: u64) {
        if self.known(scope).is_ok_and(|known| known < generation) {
            let folder = self.state.join(SEEN);
            let _ = files::make_private_folder(&folder).and_then(|()| {
                files::replace(&folder.join(name(scope)), generation.to_string().as_bytes())
            });
        }
    }
}

impl Look {
    /// Whether something that runs is not as it was signed.
    pub(crate) fn is_broken(&self) -> bool {
        self.deviations.iter().any(|deviation| deviation.exec)
    }

    /// What a change there would mean; `None` if nothing of it is covered.
    pub(crate) fn class_of(&self, touch: &Touch<'_>) -> Option<Class> {
        touch.class(&self.roots)
    }
}

/// The name of a scope among files.
fn name(scope: &Scope) -> String {
    match scope {
        Scope::Installation => "installation".to_owned(),
        Scope::Project(path) => {
            let digest = Digest::of(path.as_os_str().as_encoded_bytes()).to_string();
            digest[..24].to_owned()
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
