//! A log in a folder of its own, founded with a known root key.
#![allow(dead_code)] // each test program uses a part of it

pub(crate) mod attack;
pub(crate) mod forger;

use std::path::{Path, PathBuf};

use ccs_audit::verify::{Expect, Report, verify};
use ccs_audit::{Entry, Founding, Identity, Log, Options, Reader, Receipt, RootKey};

pub(crate) struct Home {
    folder: tempfile::TempDir,
    pub(crate) root: RootKey,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            root: RootKey::new([1; 32]),
        }
    }

    /// The log's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("audit")
    }

    /// A path beside the log's folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn options(&self) -> Options {
        let root = Some(RootKey::new(*self.root.expose()));
        let found = Some(Founding {
            root,
            origin: Some("test.example/log".into()),
        });
        Options {
            found,
            epoch_entries: 8,
            ..Options::default()
        }
    }

    pub(crate) fn log(&self) -> Log {
        Log::open(&self.path(), self.options()).expect("a log")
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::open(&self.path(), None).expect("a log")
    }

    pub(crate) fn identity(&self) -> Identity {
        self.reader().identity().expect("readable").expect("there")
    }

    /// Everything that can be checked with the root key.
    pub(crate) fn verify(&self) -> Report {
        let expect = Expect {
            root: Some(&self.root),
            ..Expect::default()
        };
        verify(&self.reader(), &expect).expect("readable")
    }

    /// What can be checked with public keys.
    pub(crate) fn verify_publicly(&self) -> Report {
        verify(&self.reader(), &Expect::default()).expect("readable")
    }

    pub(crate) fn segment(&self, number: u32) -> PathBuf {
        self.path().join(format!("{number:06}.db"))
    }
}

/// An entry like those of a session's tool calls.
pub(crate) fn call(number: u64) -> Entry {
    Entry {
        session: format!("session-{}", number % 3),
        user: "dev".into(),
        tool: if number.is_multiple_of(2) {
            "Bash"
        } else {
            "Write"
        }
        .into(),
        decision: if number.is_multiple_of(5) {
            "deny"
        } else {
            "allow"
        }
        .into(),
        rules: if number.is_multiple_of(5) {
            vec!["fs.remove".into()]
        } else {
            vec![]
        },
        target: format!("target {number}"),
        details: format!("details {number}"),
        ..Entry::new("pre-tool-use")
    }
}

pub(crate) fn fill(log: &mut Log, count: u64) {
    for number in 0..count {
        append(log, call(number));
    }
}

pub(crate) fn append(log: &mut Log, entry: Entry) -> Receipt {
    log.append(entry).expect("kept")
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    let _ = std::fs::remove_dir_all(to);
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(to)
        .expect("made");
    for file in std::fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        let to = to.join(file.file_name());
        if file.path().is_dir() {
            copy_folder(&file.path(), &to);
        } else {
            std::fs::copy(file.path(), to).expect("copied");
        }
    }
}
