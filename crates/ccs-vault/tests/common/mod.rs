//! What the tests share: a vault in a folder of its own, and other processes.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ccs_vault::{Key, Name, NewEntry, NewSlot, Secret, Vault};
use tempfile::TempDir;

/// A folder for one vault, removed at the end.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.0.path().join("vault")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).expect("a file")
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.file(name), bytes).expect("written");
    }

    pub(crate) fn create(&self) -> Vault {
        Vault::create(&self.folder(), NewSlot::File, 1000).expect("a vault")
    }

    pub(crate) fn open(&self) -> ccs_vault::Result<Vault> {
        Vault::open(&self.folder(), Key::File)
    }

    pub(crate) fn opened(&self) -> Vault {
        self.open().expect("the vault opens")
    }

    /// Every file in the folder with its contents.
    pub(crate) fn files(&self) -> Vec<(OsString, Vec<u8>)> {
        let files = std::fs::read_dir(self.folder()).expect("the folder");
        let mut files: Vec<_> = files
            .map(|file| file.expect("a file"))
            .map(|file| {
                (
                    file.file_name(),
                    std::fs::read(file.path()).expect("a file"),
                )
            })
            .collect();
        files.sort();
        files
    }
}

pub(crate) fn name(name: &str) -> Name {
    Name::new(name).expect("a name")
}

pub(crate) fn entry(name_: &str, value: &str) -> NewEntry {
    NewEntry::value(name(name_), Secret::new(value)).expect("an entry")
}

pub(crate) fn put(vault: &mut Vault, name: &str, value: &str) {
    vault.put(entry(name, value), 2000).expect("put");
}

pub(crate) fn get(vault: &Vault, name_: &str) -> String {
    text(&vault.get(&name(name_)).expect("a value"))
}

pub(crate) fn text(secret: &Secret) -> String {
    String::from_utf8(secret.expose().to_vec()).expect("text")
}

/// The error of something that must not succeed.
#[track_caller]
pub(crate) fn refused<T>(result: ccs_vault::Result<T>) -> ccs_vault::Error {
    match result {
        Err(error) => error,
        Ok(_) => panic!("it was done"),
    }
}

const JOB: &str = "CCS_VAULT_TEST_JOB";

/// This test again in a process of its own, which finds `job` in [`job`]. What the test runner
/// prints there is not shown.
pub(crate) fn process(test: &str, job: &str, place: &Place) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command
        .env(JOB, job)
        .env("CCS_VAULT_TEST_FOLDER", place.folder())
        .stdout(Stdio::null());
    command
}

/// What this process was started for, if by [`process`], and the vault's folder.
pub(crate) fn job() -> Option<(String, PathBuf)> {
    let job = std::env::var(JOB).ok()?;
    let folder = std::env::var_os("CCS_VAULT_TEST_FOLDER").expect("a folder");
    Some((job, Path::new(&folder).to_owned()))
}
