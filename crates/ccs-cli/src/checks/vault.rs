//! Is there a vault, and is it to be opened by its owner alone? Nothing is opened for that.

use std::fs;

use ccs_integrity::file::{is_foreign, mode};

use super::Machine;
use crate::output::human::Line;

pub(crate) fn check(machine: &Machine<'_>) -> Line {
    let folder = machine.places.vault();
    let Ok(metadata) = fs::symlink_metadata(&folder) else {
        return Line::info("vault", "there is no vault").fix("ccs vault init");
    };
    let name = folder.display();
    if !metadata.is_dir() {
        let text = format!("`{name}` is not a folder");
        return Line::fail("vault.kind", text).fix("ccs vault restore");
    }
    let mut paths = vec![(folder.clone(), metadata)];
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        if let Ok(metadata) = fs::symlink_metadata(entry.path()) {
            paths.push((entry.path(), metadata));
        }
    }
    let open = |metadata: &fs::Metadata| cfg!(unix) && mode(metadata) & 0o077 != 0;
    match paths.iter().find(|(_, one)| open(one) || is_foreign(one)) {
        Some((path, metadata)) => {
            let text = format!(
                "others can reach `{}` (mode {:o})",
                path.display(),
                mode(metadata)
            );
            Line::fail("vault.mode", text).fix(format!("chmod -R go-rwx {name}"))
        }
        None => Line::ok("vault", "the vault is private"),
    }
}
