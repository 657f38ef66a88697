//! Is the policy in force the one that was signed, and does it say what policy.yaml says?

use ccs_gate::{Decision, Policy, rule};
use ccs_integrity::file;

use super::Machine;
use crate::gate::{self, POLICY, SECRET};
use crate::output::human::{self, Line};
use crate::policy_files;
use crate::tier;

pub(crate) fn check(machine: &Machine<'_>) -> Vec<Line> {
    let places = machine.places;
    let policy = match gate::policy_in_force(places) {
        Ok(Some(policy)) => policy,
        Ok(None) => return vec![Line::ok("policy", "the shipped rules apply, mode standard")],
        Err(error) => {
            let line = Line::fail("policy", format!("{error:#}"));
            return vec![line.fix("ccs policy compile, if policy.yaml is as you left it")];
        }
    };
    let mode = human::mode(policy.mode);
    let mut lines = vec![Line::ok(
        "policy",
        format!("the policy is signed and whole, mode {mode}"),
    )];
    lines.extend(loosened(&policy));
    lines.extend(unasked(machine, &policy));
    let path = places.in_state(POLICY);
    if let Ok(Some(yaml)) = file::read(&path)
        && policy_files::parse(&yaml, POLICY).ok() != Some(policy)
    {
        let text = format!("`{}` is not what is in force", path.display());
        lines.push(
            Line::warn("policy.differs", text).fix("ccs policy diff, then ccs policy compile"),
        );
    }
    if !places.in_state(SECRET).exists() {
        let text = "the policy cannot be changed: its key is missing";
        lines.push(Line::warn("policy.key", text).fix("ccs policy compile --new-key"));
    }
    lines
}

/// Finished work that the policy wants looked at, where no hook is registered for it.
fn unasked(machine: &Machine<'_>, policy: &Policy) -> Option<Line> {
    let record = machine.record.as_ref().ok()?.as_ref()?;
    let registered = tier::named(&record.events);
    let wanted = tier::quality(&policy.quality).into_iter();
    let missing: Vec<&str> = wanted
        .filter(|event| !registered.contains(event))
        .map(|event| event.as_str())
        .collect();
    let text = format!(
        "the policy has finished work looked at, but nothing is registered for {}",
        missing.join(", ")
    );
    (!missing.is_empty()).then(|| Line::warn("policy.quality", text).fix("ccs setup"))
}

/// What the owner made milder than it is shipped, so that nobody is surprised by it later.
fn loosened(policy: &Policy) -> Option<Line> {
    let milder = policy.overrides.iter().filter(|&(id, decision)| {
        let mut shipped = rule::metas();
        shipped.any(|rule| rule.id == *id && *decision < rule.decision)
    });
    let milder: Vec<&str> = milder.map(|(id, _)| id.as_str()).collect();
    let listed = policy.rules.iter();
    let allowed = listed.filter(|rule| rule.decision == Decision::Allow);
    let approve = &policy.approve;
    let parts = [
        named("milder rules", &milder),
        counted("allowed commands", allowed.count()),
        counted("exempt paths", policy.paths.exempt.len()),
        approve
            .harmless_commands
            .then(|| "approves harmless commands".to_owned()),
        approve
            .reads_in_project
            .then(|| "approves reads in the project".to_owned()),
        approve
            .edits_in_project
            .then(|| "approves edits in the project".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let text = format!("the policy is milder than as shipped: {}", parts.join("; "));
    (!parts.is_empty()).then(|| Line::info("policy.milder", text).fix("ccs policy show"))
}

fn named(what: &str, names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

fn counted(what: &str, count: usize) -> Option<String> {
    (count > 0).then(|| format!("{what}: {count}"))
}
