//! What the other checks of ccs know, as findings of the audit.

use ccs_integrity::posture::Facts;

use super::Look;
use crate::checks::{self, Machine};
use crate::output::human::{Level, Line};
use crate::places::Places;

/// Nothing for a home folder that is not this one, or without an installation.
pub(crate) fn of(look: &Look, places: &Places) -> Facts {
    let mut facts = Facts::default();
    if look.target.quick {
        return facts;
    }
    let machine = Machine::read(places);
    let installed = !matches!(machine.record, Ok(None)) || machine.guarded().next().is_some();
    if !installed {
        return facts;
    }
    let groups = [
        (
            "hooks.ours",
            places.hook(None),
            checks::registered::check(&machine),
        ),
        (
            "ccs.policy.mode",
            places.in_state("policy.bundle"),
            checks::policy::check(&machine),
        ),
        (
            "ccs.state.perms",
            places.state.clone(),
            checks::files::check(&machine),
        ),
    ];
    for (id, path, lines) in groups {
        for line in lines.iter().filter(|line| line.level == Level::Fail) {
            let id = if is_about_the_hook(line) {
                "hooks.ours"
            } else {
                id
            };
            // The ids stand in the catalogue, which a test compares.
            let _ = facts.add(id, &path.to_string_lossy(), &line.text);
        }
    }
    facts
}

fn is_about_the_hook(line: &Line) -> bool {
    line.id.starts_with("hook") || line.id.starts_with("files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_takes_these_from_us() {
        for id in ["hooks.ours", "ccs.policy.mode", "ccs.state.perms"] {
            assert!(Facts::default().add(id, "/a", "b").is_ok(), "{id}");
        }
    }
}
