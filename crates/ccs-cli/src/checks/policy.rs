//! Is the policy in force the one that was signed, and does it say what policy.yaml says?

use ccs_integrity::file;

use super::Machine;
use crate::gate::{self, POLICY, SECRET};
use crate::output::human::Line;
use crate::policy_files;

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
    let mode = format!("{:?}", policy.mode).to_lowercase();
    let mut lines = vec![Line::ok(
        "policy",
        format!("the policy is signed and whole, mode {mode}"),
    )];
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
