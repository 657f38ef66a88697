//! What errors of the vault mean for the exit code, and what to do next.

use std::path::Path;

use ccs_vault::{Error, SlotKind};

use super::Code;

/// *Missing* (5), *wrong key* (3) and *corrupt* (4) differ, as does what to do about them.
pub(super) fn code(error: &Error) -> Code {
    match error {
        Error::NoEntry { .. } | Error::Invalid { .. } => Code::Usage,
        Error::WrongKey { .. }
        | Error::NoSlot { .. }
        | Error::SlotLocked { .. }
        | Error::Keyring { .. }
        | Error::NotVerified { .. }
        | Error::Wait { .. } => Code::Unproven,
        Error::Missing { .. }
        | Error::File { .. }
        | Error::Provider { .. }
        | Error::Run { .. }
        | Error::Random => Code::File,
        _ => Code::Refused,
    }
}

/// The command that helps, where one does.
pub(super) fn next(error: &Error) -> Option<String> {
    let next = match error {
        Error::Missing { path, .. } => return Some(missing(path).to_owned()),
        Error::WrongKey { kind, .. } => return Some(other_slot(*kind).to_owned()),
        Error::Corrupt { path, .. } if path.ends_with("vault") => "ccs vault restore",
        Error::Corrupt { path, .. } if path.ends_with("vault.key") => other_slot(SlotKind::KeyFile),
        Error::Corrupt { .. } => "ccs vault status says what is damaged",
        Error::NoEntry { .. } => "ccs vault list",
        Error::NoSlot { .. }
        | Error::Invalid {
            what: "slot number",
            ..
        } => "ccs vault slots list",
        Error::SlotLocked { .. } => "ccs vault slots rm NUMBER, or give its passphrase or code",
        Error::NameTaken { .. } => "choose another name, or remove that entry first",
        Error::Rekeyed { .. } => "run the command again",
        Error::Expired { name } => {
            return Some(format!(
                "ccs vault rotate {name}, or ccs vault edit {name} --expires WHEN"
            ));
        }
        Error::File { source, .. } => super::of_system(source.kind()),
        _ => return None,
    };
    Some(next.to_owned())
}

/// A vault that was lost is told from one that never was.
fn missing(path: &Path) -> &'static str {
    if path.ends_with("vault.key") {
        return "put back a copy of the key file, or name another way in with --unlock";
    }
    let beside = |name| {
        path.parent()
            .is_some_and(|folder| folder.join(name).exists())
    };
    if !path.ends_with("vault/vault") {
        "ccs vault init"
    } else if beside("vault.previous") {
        "ccs vault restore takes the version before"
    } else if beside("vault.key") {
        "put back a copy of the vault; its key is still there"
    } else {
        "ccs vault init"
    }
}

fn other_slot(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::KeyFile => {
            "put back a copy of the key file, or name another way in with --unlock; \
             ccs vault slots list shows them"
        }
        _ => "ccs vault slots list shows what opens it",
    }
}
