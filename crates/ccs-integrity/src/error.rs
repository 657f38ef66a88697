//! Every way an edit or a replacement does not happen.

use std::io;
use std::path::PathBuf;

use crate::manifest::Untrusted;

/// Why a file was not edited or not replaced. The file is then as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not strict JSON. Claude Code would ignore the whole file, hooks included.
    #[error("{}:{line}:{column}: {what}", file.display())]
    Syntax {
        /// The file the text came from.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// A key occurs twice in an object that has to be edited; which one counts cannot be told.
    #[error("{}:{line}:{column}: the key `{key}` occurs twice", file.display())]
    Duplicate {
        /// The file the text came from.
        file: PathBuf,
        /// Of the second one, counted from 1.
        line: usize,
        /// Of the second one, in characters, counted from 1.
        column: usize,
        /// The key.
        key: String,
    },
    /// A value has a type that Claude Code would refuse, so it cannot be added to.
    #[error("{}:{line}:{column}: `{key}` must be {expected}", file.display())]
    Shape {
        /// The file the text came from.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// The path of the key, joined by dots.
        key: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The path is not one of those this writer may touch.
    #[error("`{}` is not a place ccs may write to", path.display())]
    Forbidden {
        /// The path, as asked for.
        path: PathBuf,
    },
    /// The path is a symbolic link; writing there would change a file somewhere else.
    #[error("`{}` is a link to `{}`", path.display(), target.display())]
    Link {
        /// The link.
        path: PathBuf,
        /// Where it points.
        target: PathBuf,
    },
    /// The file belongs to somebody else.
    #[error("`{}` belongs to another user", path.display())]
    Owner {
        /// The file.
        path: PathBuf,
    },
    /// The path holds something that is not an ordinary file.
    #[error("`{}` is not an ordinary file", path.display())]
    Kind {
        /// The path.
        path: PathBuf,
    },
    /// Another writer changed the file between reading and replacing it.
    #[error("`{}` was changed by somebody else in the meantime", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Nothing was signed yet, or the manifest was taken away.
    #[error("there is no manifest `{}`", path.display())]
    NoManifest {
        /// Where it should be.
        path: PathBuf,
    },
    /// A manifest, or a signed change to one, that is not to be trusted.
    #[error("the manifest `{}` is not to be trusted", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        why: Untrusted,
    },
    /// Something that cannot be signed, because it could not be looked at.
    #[error("`{}` cannot be signed: {why}", path.display())]
    Unsignable {
        /// The file or link.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// Another watcher holds the lock.
    #[error("another watcher is running, it holds `{}`", path.display())]
    Watched {
        /// The lock file.
        path: PathBuf,
    },
    /// The file system refused: no space, no permission, read-only.
    #[error("{action} `{}`", path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The catalogue of checks has no check with this id that others may report.
    #[error("no check `{id}` that is reported from outside")]
    NoSuchCheck {
        /// What was asked for.
        id: String,
    },
}

impl Error {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |source| Error::File {
            action,
            path,
            source,
        }
    }
}
