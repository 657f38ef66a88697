//! Who may read and write a file.

use std::path::Path;

/// Owner and permissions of a file, links followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode {
    bits: u32,
    pub(super) owner: u32,
    group: u32,
}

/// Who else may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Others {
    /// Nobody.
    None,
    /// The owner's own group, which usually has no other members.
    OwnGroup,
    /// Others.
    Some,
}

#[cfg(unix)]
pub(super) fn of(path: &Path) -> Option<Mode> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some(Mode {
        bits: metadata.mode() & 0o7777,
        owner: metadata.uid(),
        group: metadata.gid(),
    })
}

#[cfg(not(unix))]
pub(super) fn of(_: &Path) -> Option<Mode> {
    None
}

impl Mode {
    pub(super) fn writers(self) -> Others {
        self.others(0o2)
    }

    pub(super) fn readers(self) -> Others {
        self.others(0o4)
    }

    /// Whether others may go through a folder.
    pub(super) fn lets_through(self) -> bool {
        self.others(0o1) == Others::Some
    }

    pub(super) fn is_sticky(self) -> bool {
        self.bits & 0o1000 != 0
    }

    pub(super) fn is_executable(self) -> bool {
        self.bits & 0o111 != 0
    }

    fn others(self, bit: u32) -> Others {
        match (self.bits & bit != 0, self.bits & bit << 3 != 0) {
            (true, _) => Others::Some,
            (false, true) if self.group == self.owner => Others::OwnGroup,
            (false, true) => Others::Some,
            (false, false) => Others::None,
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "mode {:04o}, owner {}", self.bits, self.owner)
    }
}
