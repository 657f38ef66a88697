//! Why the audit trail cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use crate::files;

/// Why the audit trail of a state folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no log, and there never was one.
    #[error("there is no audit log in `{}`; run `ccs setup`", .0.display())]
    Missing(PathBuf),
    /// There was a log.
    #[error("the audit log in `{}` is gone; put it back, or remove `{}` beside it to begin another", .0.display(), super::IDENTITY)]
    Gone(PathBuf),
    /// A file beside the log does not hold what it should.
    #[error("`{}` is damaged", .0.display())]
    Damaged(PathBuf),
    /// A file beside the log could not be read or written.
    #[error("`{}`: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: files::Error,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// The log itself.
    #[error("{}", chain(.0))]
    Log(#[from] ccs_audit::Error),
}

/// An error with what led to it, which the log's own errors tell apart from themselves.
fn chain(error: &ccs_audit::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

impl Error {
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File {
            path,
            error: error.into(),
        }
    }

    pub(super) fn unreadable(path: &Path) -> impl FnOnce(files::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}
