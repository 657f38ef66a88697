//! Does anything deviate from what its owner signed?

use ccs_hooks::integrity::{Scope, Standing};
use ccs_integrity::manifest::Class;

use super::Machine;
use crate::commands::integrity::{Verified, verify};
use crate::output::human::Line;
use crate::output::integrity::described;
use crate::person::visible;
use crate::scope;

/// The most files that are named.
const MAX_SHOWN: usize = 8;

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    let scopes = match scope::all(machine.places, None) {
        Ok(scopes) => scopes,
        Err(error) => {
            return vec![Line::fail("drift", format!("{error:#}")).fix("ccs integrity status")];
        }
    };
    let verified = verify(machine.places, scopes);
    verified.iter().flat_map(of_scope).collect()
}

fn of_scope((scope, standing): &Verified) -> Vec<Line> {
    let name = visible(&scope::name(scope));
    match standing {
        Err(error) => {
            let text = format!("{name}: {error}");
            vec![Line::fail("drift.unverified", text).fix("ccs integrity status")]
        }
        Ok(None) if *scope == Scope::Installation => {
            let text = "nothing is signed, so that no change of it is noticed";
            vec![Line::info("drift.unsigned", text).fix("ccs integrity sign")]
        }
        Ok(None) => Vec::new(),
        Ok(Some(standing)) => of_standing(&name, standing),
    }
}

fn of_standing(name: &str, standing: &Standing) -> Vec<Line> {
    let drifts = &standing.report.drifts;
    if drifts.is_empty() {
        let text = format!("{name}: everything is as it was signed");
        return vec![Line::ok("drift", text)];
    }
    let shown = drifts.iter().take(MAX_SHOWN).map(|drift| {
        let path = visible(&drift.path.display().to_string());
        let text = format!("`{path}` {}", described(&drift.change));
        let line = match drift.class {
            Class::Exec => Line::fail("drift.exec", text),
            Class::Docs => Line::warn("drift.docs", text),
        };
        line.fix("ccs integrity diff")
    });
    let mut lines: Vec<Line> = shown.collect();
    if let Some(more) = drifts.len().checked_sub(MAX_SHOWN).filter(|more| *more > 0) {
        let text = format!("{name}: {more} more files deviate");
        lines.push(Line::warn("drift.more", text).fix("ccs integrity status"));
    }
    lines
}
