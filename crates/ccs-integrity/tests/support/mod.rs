//! A small installation in a temporary folder.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use ccs_integrity::Error;
use ccs_integrity::file::Writer;
use ccs_integrity::manifest::{Change, Digest, Manifest, ManifestKey};
use ccs_integrity::store::{Store, Trusted};
use ccs_integrity::walk::Root;
use tempfile::TempDir;

/// The owner's key.
pub(crate) fn key() -> ManifestKey {
    ManifestKey::new(&[7; 32])
}

/// A home with hooks, settings and a state folder.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Place {
            folder: tempfile::tempdir().expect("a folder"),
        };
        place.write("hooks/guard.sh", "exit 2\n");
        place.write("settings.json", "{}\n");
        place.write("CLAUDE.md", "be nice\n");
        place
    }

    pub(crate) fn signed() -> Self {
        let place = Place::new();
        place.sign();
        place
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn roots(&self) -> Vec<Root> {
        vec![
            Root::exec(self.path("hooks")),
            Root::exec(self.path("settings.json")),
            Root::docs(self.path("CLAUDE.md")),
        ]
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(self.path("state/integrity"))
    }

    pub(crate) fn writer(&self) -> Writer {
        Writer::open(self.root(), &self.path("state")).expect("opened")
    }

    pub(crate) fn try_sign(&self) -> Result<Manifest, Error> {
        self.store().sign(&self.writer(), &key(), self.roots(), 0)
    }

    pub(crate) fn sign(&self) -> Manifest {
        self.try_sign().expect("signed")
    }

    pub(crate) fn load(&self) -> Result<Trusted, Error> {
        self.store().load(&key().public(), 0)
    }

    /// Approves that a file gets this content, and answers where that is written.
    pub(crate) fn approve(&self, name: &str, content: Option<&str>) -> PathBuf {
        let change = Change {
            path: self.path(name),
            before: fs::read(self.path(name)).ok().map(|b| Digest::of(&b)),
            after: content.map(|text| Digest::of(text.as_bytes())),
        };
        let signed = self.store().sign_change(&self.writer(), &key(), change, 0);
        let sequence = signed.expect("signed").sequence();
        self.path(&format!("state/integrity/changes/{sequence:08}"))
    }

    /// Each deviation as `name word`.
    pub(crate) fn words(&self) -> Vec<String> {
        let report = self.load().expect("trusted").verify(&self.roots());
        let shown = report.drifts.iter().map(|drift| {
            let name = drift.path.strip_prefix(self.root()).expect("below");
            format!("{} {}", name.display(), drift.change.word())
        });
        shown.collect()
    }
}
