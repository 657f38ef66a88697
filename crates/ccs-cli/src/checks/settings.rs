//! Does the client load the settings, and do they let hooks run?

use std::path::Path;

use ccs_integrity::settings;

use super::{Machine, Settings};
use crate::args::Scope;
use crate::output::human::Line;

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    machine.files.iter().flat_map(of_file).collect()
}

/// The same for one file that was just written.
pub(crate) fn look(scope: Scope, path: &Path) -> Vec<Line> {
    let settings = Settings::read(scope, path.to_owned());
    settings.as_ref().map(of_file).unwrap_or_default()
}

fn of_file(settings: &Settings) -> Vec<Line> {
    let mut lines = broken(&settings.path, &settings.bytes);
    lines.extend(switched_off(settings));
    lines
}

fn broken(path: &Path, bytes: &[u8]) -> Vec<Line> {
    let problems = settings::check(path, bytes).into_iter();
    let line = |error| {
        let text = format!("{error}; Claude Code silently ignores the whole file, hooks included");
        Line::fail("settings.invalid", text).fix(format!("correct `{}`", path.display()))
    };
    problems.map(line).collect()
}

fn switched_off(settings: &Settings) -> Vec<Line> {
    let path = settings.path.display();
    let delete = |key: &str| format!("delete `{key}` from `{path}`");
    let mut lines = Vec::new();
    if settings.flag("disableAllHooks") {
        let whose = match settings.scope {
            Scope::User => "your hooks are off",
            Scope::Managed => "every hook on this machine is off, managed ones too",
            Scope::Project => "in this project your hooks are off; only managed ones run",
        };
        let text = format!("`{path}` sets disableAllHooks: {whose}");
        lines.push(Line::fail("settings.disabled", text).fix(delete("disableAllHooks")));
    }
    if settings.scope == Scope::Managed
        && settings.flag("allowManagedHooksOnly")
        && !settings.is_guarded()
    {
        let text = format!("`{path}` allows managed hooks only, and ccs is not one of them");
        let fix = "register ccs there: sudo ccs setup --scope managed";
        lines.push(Line::fail("settings.managed-only", text).fix(fix));
    }
    lines
}
