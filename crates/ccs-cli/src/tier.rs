//! What is registered for each tier.

/// Events that watch the guard itself.
const FOUNDATION: &[&str] = &["SessionStart", "ConfigChange"];
/// Events that stand before an action.
const DEFENSE: &[&str] = &["PreToolUse", "PermissionRequest", "UserPromptExpansion"];

/// The events of a tier, as the client names them.
pub(crate) fn events(tier: u8) -> Vec<String> {
    let defense = if tier >= 2 { DEFENSE } else { &[] };
    FOUNDATION
        .iter()
        .chain(defense)
        .map(|&event| event.to_owned())
        .collect()
}

/// What a tier above 2 names that this build does not have; `None` if it has everything.
pub(crate) fn missing(tier: u8) -> Option<&'static str> {
    match tier {
        3 => Some("tier 3 is the tamper-evident log; this build registers the same as tier 2"),
        4 => Some(
            "tier 4 is the tamper-evident log and the cluster; this build registers the same as tier 2",
        ),
        _ => None,
    }
}

/// The event as an argument of the hook program: `PreToolUse` to `pre-tool-use`.
pub(crate) fn argument(event: &str) -> String {
    let mut argument = String::new();
    for letter in event.chars() {
        if letter.is_ascii_uppercase() && !argument.is_empty() {
            argument.push('-');
        }
        argument.push(letter.to_ascii_lowercase());
    }
    argument
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_spelled_with_dashes_as_an_argument() {
        assert_eq!(argument("PreToolUse"), "pre-tool-use");
        assert_eq!(argument("SessionStart"), "session-start");
    }

    #[test]
    fn each_tier_registers_at_least_what_the_one_below_does() {
        for tier in 1..4 {
            let (lower, higher) = (events(tier), events(tier + 1));
            assert!(lower.iter().all(|event| higher.contains(event)));
        }
        assert!(events(2).contains(&"PreToolUse".to_owned()));
    }
}
