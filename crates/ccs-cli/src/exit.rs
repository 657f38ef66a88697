//! How the program ends: the table of exit codes and the errors that carry one.

mod audit;
mod vault;

use std::fmt;
use std::io;
use std::process::ExitCode;

use ccs_audit::Error as AuditError;
use ccs_hooks::trail::Error as TrailError;
use ccs_integrity::Error as FileError;
use ccs_vault::Error as VaultError;

/// Every way to end. The discriminant is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Code {
    Ok = 0,
    Findings = 1,
    Usage = 2,
    Unproven = 3,
    Refused = 4,
    File = 5,
}

const TABLE: &[(Code, &str)] = &[
    (Code::Ok, "all is well; the command is allowed"),
    (
        Code::Findings,
        "something was found: a command to ask about or deny, a failed check",
    ),
    (Code::Usage, "the command line is wrong"),
    (
        Code::Unproven,
        "protection, a signature or a record could not be verified",
    ),
    (
        Code::Refused,
        "a file is not as it must be, and nothing was changed",
    ),
    (Code::File, "a file could not be read or written"),
];

/// The table, for the help and the manual.
pub(crate) fn table() -> String {
    let lines = TABLE
        .iter()
        .map(|(code, what)| format!("  {}  {what}", *code as u8));
    format!("Exit codes:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// What `ccs run` ends with when ccs itself fails, as `env` and `timeout` do: other codes are the
/// program's.
const OWN_FAILURE: u8 = 125;

/// The exit code of a run that did not come about.
pub(crate) fn of_failed_run(error: &anyhow::Error) -> ExitCode {
    let ran = error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(VaultError::Run { source, .. }) => Some(source.kind()),
        _ => None,
    });
    ExitCode::from(match ran {
        Some(io::ErrorKind::NotFound) => 127,
        Some(_) => 126,
        None => OWN_FAILURE,
    })
}

/// The table for `ccs run`.
pub(crate) fn of_run() -> String {
    "Exit codes:\n  that of the program; 128 and the number of the signal that killed it\n  \
     2    the command line is wrong\n  125  ccs could not open the vault or get a secret\n  \
     126  the program cannot be run\n  127  the program is not there"
        .to_owned()
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        ExitCode::from(code as u8)
    }
}

/// An error that knows its exit code and what to do next.
#[derive(Debug)]
pub(crate) struct Stop {
    code: Code,
    what: String,
    next: Option<String>,
}

impl Stop {
    pub(crate) fn new(code: Code, what: impl Into<String>) -> Self {
        Stop {
            code,
            what: what.into(),
            next: None,
        }
    }

    /// Adds the next step for the user: a sentence or a command.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Stop {}

/// The exit code of an error.
pub(crate) fn code(error: &anyhow::Error) -> Code {
    if is_broken_pipe(error) {
        return Code::Ok;
    }
    for cause in error.chain() {
        if let Some(stop) = cause.downcast_ref::<Stop>() {
            return stop.code;
        }
        if let Some(error) = cause.downcast_ref::<FileError>() {
            return match error {
                FileError::File { .. } => Code::File,
                FileError::NoManifest { .. } | FileError::Manifest { .. } => Code::Unproven,
                _ => Code::Refused,
            };
        }
        if let Some(error) = cause.downcast_ref::<VaultError>() {
            return vault::code(error);
        }
        if let Some(error) = cause.downcast_ref::<AuditError>() {
            return audit::code(error);
        }
        if let Some(error) = cause.downcast_ref::<TrailError>() {
            return audit::code_of_trail(error);
        }
    }
    Code::File
}

/// What to say about an error: nothing if whoever read our output has gone.
pub(crate) fn message(error: &anyhow::Error) -> Option<String> {
    if is_broken_pipe(error) {
        return None;
    }
    let text = format!("ccs: {error:#}\n");
    Some(match next_step(error) {
        Some(next) => format!("{text}next: {next}\n"),
        None => text,
    })
}

fn next_step(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(stop) = cause.downcast_ref::<Stop>() {
            return stop.next.clone();
        }
        if let Some(error) = cause.downcast_ref::<VaultError>() {
            return vault::next(error);
        }
        if let Some(error) = cause.downcast_ref::<AuditError>() {
            return audit::next(error);
        }
        if let Some(error) = cause.downcast_ref::<TrailError>() {
            return audit::next_of_trail(error);
        }
        let next = match cause.downcast_ref::<FileError>()? {
            FileError::Syntax { .. } => {
                "correct that place; Claude Code ignores the whole file until then"
            }
            FileError::Duplicate { .. } => "delete one of the two",
            FileError::Shape { .. } => {
                "correct that value; Claude Code ignores the whole file until then"
            }
            FileError::Link { .. } => "replace the link by a folder or file of your own",
            FileError::Owner { .. } => "run as the owner, or correct the owner with chown",
            FileError::Changed { .. } => "run the command again",
            FileError::NoManifest { .. } => "ccs integrity sign",
            FileError::Manifest { .. } => "ccs integrity status",
            FileError::Watched { .. } => "end the other `ccs watch` first",
            FileError::File { source, .. } => of_system(source.kind()),
            _ => return None,
        };
        Some(next.to_owned())
    })
}

/// What helps when the system refuses.
fn of_system(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "create it, or correct the link that leads there",
        io::ErrorKind::PermissionDenied => "run as the owner, or correct the permissions",
        io::ErrorKind::ReadOnlyFilesystem => "name another place, or make this one writable",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space on the disk",
        _ => "see that the disk has space and the folder can be written",
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((code(&error), message(&error)), (Code::Ok, None));
    }

    #[test]
    fn an_error_wrapped_in_context_keeps_its_code_and_next_step() {
        let stop = Stop::new(Code::Unproven, "it does not block").next("ccs doctor");
        let error = anyhow::Error::from(stop).context("setup");
        assert_eq!(code(&error), Code::Unproven);
        assert_eq!(
            message(&error).as_deref(),
            Some("ccs: setup: it does not block\nnext: ccs doctor\n")
        );
    }

    #[test]
    fn the_codes_in_the_table_are_in_order_and_complete() {
        let codes: Vec<u8> = TABLE.iter().map(|(code, _)| *code as u8).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5]);
    }
}
