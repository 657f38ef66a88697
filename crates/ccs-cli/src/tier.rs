//! What is registered for each tier.

use ccs_gate::policy::Quality;
use ccs_hooks::protocol::name::Name;

/// Events that watch the guard itself.
const FOUNDATION: &[Name] = &[Name::SessionStart, Name::ConfigChange];
/// Events that stand before an action, between what came of it or was loaded and the model, and at
/// the end, where what a prompt left behind is cleaned up.
const DEFENSE: &[Name] = &[
    Name::PreToolUse,
    Name::PermissionRequest,
    Name::UserPromptExpansion,
    Name::UserPromptSubmit,
    Name::SessionEnd,
    Name::PostToolUse,
    Name::PostToolUseFailure,
    Name::PostToolBatch,
    Name::InstructionsLoaded,
];

/// Events that are there to be remembered.
const MEMORY: &[Name] = &[
    Name::UserPromptSubmit,
    Name::PostToolUse,
    Name::PermissionDenied,
    Name::SubagentStart,
    Name::SubagentStop,
    Name::Stop,
    Name::SessionEnd,
];

/// The events at which the policy has finished work looked at.
pub(crate) fn quality(quality: &Quality) -> Vec<Name> {
    let events = [
        (quality.task_completed, Name::TaskCompleted),
        (quality.teammate_idle, Name::TeammateIdle),
        (quality.stop, Name::Stop),
        (quality.subagent_stop, Name::SubagentStop),
    ];
    events
        .into_iter()
        .filter(|event| event.0)
        .map(|event| event.1)
        .collect()
}

/// The events of a tier.
pub(crate) fn events(tier: u8) -> Vec<Name> {
    let defense = if tier >= 2 { DEFENSE } else { &[] };
    let memory = if tier >= 3 { MEMORY } else { &[] };
    let mut events = [FOUNDATION, defense].concat();
    let new = |event: &&Name| !defense.contains(event) && !FOUNDATION.contains(event);
    events.extend(memory.iter().filter(new));
    events
}

/// The events that a record names; those this version does not know are left out.
pub(crate) fn named(events: &[String]) -> Vec<Name> {
    let known = Name::ALL.iter().copied();
    known
        .filter(|name| events.iter().any(|event| event == name.as_str()))
        .collect()
}

/// What a tier above 2 names that this build does not have; `None` if it has everything.
pub(crate) fn missing(tier: u8) -> Option<&'static str> {
    match tier {
        4 => Some("tier 4 is the cluster; this build registers the same as tier 3"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tier_registers_at_least_what_the_one_below_does() {
        for tier in 1..4 {
            let (lower, higher) = (events(tier), events(tier + 1));
            assert!(lower.iter().all(|event| higher.contains(event)));
        }
        assert!(events(2).contains(&Name::PreToolUse));
    }

    #[test]
    fn finished_work_is_looked_at_where_the_policy_says_so() {
        assert_eq!(quality(&Quality::default()), []);
        let stop = Quality {
            stop: true,
            ..Quality::default()
        };
        assert_eq!(quality(&stop), [Name::Stop]);
    }

    #[test]
    fn events_are_found_by_the_name_the_client_uses() {
        let names = ["PreToolUse", "pre-tool-use", "Later"].map(str::to_owned);
        assert_eq!(named(&names), [Name::PreToolUse]);
    }
}
