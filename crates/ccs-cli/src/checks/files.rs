//! Can anybody but the owner change what guards?

use std::fs;
use std::path::Path;

use ccs_integrity::file::{self, is_foreign};

use super::Machine;
use crate::args::Scope;
use crate::output::human::Line;

/// Others may write.
const WRITABLE: u32 = 0o022;
/// Others may do anything at all.
const OPEN: u32 = 0o077;

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for settings in &machine.files {
        lines.extend(changeable(&settings.path, settings.scope));
    }
    if let Ok(Some(record)) = &machine.record {
        lines.extend(program(&record.hook, machine));
    }
    lines.extend(state(&machine.places.state));
    lines
}

fn changeable(path: &Path, scope: Scope) -> Option<Line> {
    let metadata = fs::metadata(path).ok()?;
    let name = path.display();
    if scope != Scope::Managed && is_foreign(&metadata) {
        let text = format!("`{name}` belongs to another user");
        return Some(Line::fail("files.owner", text).fix(format!("sudo chown $USER {name}")));
    }
    let mode = file::mode(&metadata);
    (mode & WRITABLE != 0).then(|| {
        let text = format!("others can change `{name}` (mode {mode:o})");
        Line::fail("files.mode", text).fix(format!("chmod go-w {name}"))
    })
}

fn program(hook: &Path, machine: &Machine<'_>) -> Vec<Line> {
    let name = hook.display();
    let Ok(metadata) = fs::symlink_metadata(hook) else {
        let text = format!("the hook program `{name}` is missing: every guarded call is blocked");
        return vec![Line::fail("hook.missing", text).fix("ccs setup")];
    };
    let mut lines = Vec::new();
    let mode = file::mode(&metadata);
    if !metadata.is_file() {
        lines.push(
            Line::fail("hook.kind", format!("`{name}` is not an ordinary file")).fix("ccs setup"),
        );
    } else if cfg!(unix) && mode & 0o100 == 0 {
        let text = format!("`{name}` cannot be run (mode {mode:o})");
        lines.push(Line::fail("hook.mode", text).fix("ccs setup"));
    }
    if is_foreign(&metadata) && !is_roots(&metadata) {
        lines.push(
            Line::fail("hook.owner", format!("`{name}` belongs to another user")).fix("ccs setup"),
        );
    }
    for path in [Some(hook), hook.parent()].into_iter().flatten() {
        lines.extend(changeable(path, Scope::Managed));
    }
    lines.extend(outdated(hook, machine));
    if lines.is_empty() {
        lines.push(Line::ok(
            "hook",
            format!("`{name}` can be changed by its owner only"),
        ));
    }
    lines
}

/// Whether another hook program stands beside this one: an update that was not installed.
fn outdated(hook: &Path, machine: &Machine<'_>) -> Option<Line> {
    let us = std::env::current_exe().ok()?.canonicalize().ok()?;
    let beside = us.with_file_name(hook.file_name()?);
    if beside == hook || machine.places.hook(None) == beside {
        return None;
    }
    let (new, installed) = (fs::read(&beside).ok()?, fs::read(hook).ok()?);
    (new != installed).then(|| {
        let text = format!("`{}` is not the hook that is installed", beside.display());
        Line::warn("hook.outdated", text).fix("ccs setup")
    })
}

fn state(folder: &Path) -> Option<Line> {
    let metadata = fs::symlink_metadata(folder).ok()?;
    let name = folder.display();
    let mode = file::mode(&metadata);
    Some(if !metadata.is_dir() {
        let text = format!("`{name}` is not a folder of its own");
        Line::fail("state.kind", text).fix("move it away, then ccs setup")
    } else if is_foreign(&metadata) {
        let text = format!("`{name}` belongs to another user");
        Line::fail("state.owner", text).fix(format!("sudo chown -R $USER {name}"))
    } else if cfg!(unix) && mode & OPEN != 0 {
        let text = format!("others can look into `{name}` (mode {mode:o})");
        Line::fail("state.mode", text).fix(format!("chmod 700 {name}"))
    } else {
        Line::ok("state", format!("`{name}` is private"))
    })
}

fn is_roots(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        metadata.uid() == 0
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}
