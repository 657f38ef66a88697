//! What errors of the audit log mean for the exit code, and what to do next.

use ccs_audit::Error;
use ccs_hooks::trail::Error as TrailError;

use super::Code;

/// *Missing* (5), *not covered yet* (3), *damaged* (4) and *no such entry* (2) differ.
pub(super) fn code(error: &Error) -> Code {
    match error {
        Error::NoEntry { .. } => Code::Usage,
        Error::NotCheckpointed { .. } | Error::Elsewhere { .. } | Error::Note(_) => Code::Unproven,
        Error::Insecure { .. }
        | Error::Network { .. }
        | Error::Corrupt { .. }
        | Error::Newer { .. }
        | Error::KeyCorrupt { .. }
        | Error::WrongKey { .. } => Code::Refused,
        _ => Code::File,
    }
}

/// The command or sentence that helps, where one does.
pub(super) fn next(error: &Error) -> Option<String> {
    let next = match error {
        Error::Missing { .. } => {
            "the hooks found the log with the first call after `ccs setup`; --log names another"
        }
        Error::Insecure { .. } => "chmod 700 the folder, or correct its owner with chown",
        Error::Network { .. } => "keep the state folder on a disk of this machine",
        Error::Locked { .. } => "another process holds it; run the command again",
        Error::NoEntry { .. } => "ccs audit stats says how many there are",
        Error::NotCheckpointed { .. } => "ccs audit checkpoint",
        Error::Elsewhere { .. } => "name the folder it was moved to with --archive",
        Error::Corrupt { .. } => "ccs audit verify says what is damaged",
        Error::KeyMissing { .. } | Error::KeyCorrupt { .. } => {
            "put back a copy of the key file; entries wait in the spool until then"
        }
        Error::Newer { .. } => "use the newer ccs that wrote it",
        Error::File { source, .. } => super::of_system(source.kind()),
        _ => return None,
    };
    Some(next.to_owned())
}

/// What lies around the log: *gone* (3) is another thing than *never there* (5).
pub(super) fn code_of_trail(error: &TrailError) -> Code {
    match error {
        TrailError::Log(error) => code(error),
        TrailError::Gone(_) => Code::Unproven,
        TrailError::Damaged(_) => Code::Refused,
        _ => Code::File,
    }
}

/// Messages of the others say themselves what to do.
pub(super) fn next_of_trail(error: &TrailError) -> Option<String> {
    match error {
        TrailError::Log(error) => next(error),
        TrailError::Damaged(_) => Some("put back a copy of it".to_owned()),
        _ => None,
    }
}
