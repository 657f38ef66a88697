//! Which approvals were used: one empty file for each, as long as it could be used again.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::PathBuf;

use crate::files;
use crate::hex;

/// A folder of used ids. Making a file that must not exist is one step in every file system.
pub(super) struct Used {
    folder: PathBuf,
    now: u64,
}

impl Used {
    pub(super) fn new(folder: PathBuf, now: u64) -> Self {
        Self { folder, now }
    }

    /// The records of approvals that have ended are of no use. Some time is left for clocks.
    fn tidy(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let until = name
                .to_str()
                .and_then(|name| name.split('-').next()?.parse().ok());
            if until.is_some_and(|until: u64| until.saturating_add(3_600) < self.now) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl ccs_gate::approval::Used for Used {
    type Error = io::Error;

    fn take(&mut self, id: &[u8; 16], until: u64) -> io::Result<bool> {
        files::make_private_folder(&self.folder)?;
        self.tidy();
        let path = self.folder.join(format!("{until}-{}", hex::text(id)));
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }
}
