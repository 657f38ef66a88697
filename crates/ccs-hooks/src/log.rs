//! What was decided on an event, as the rooms that decide it hand it over to be remembered.

use ccs_audit::Hash;
use ccs_gate::Finding;

use crate::redact::redact;

/// What was decided, and on what grounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// `allow`, `ask`, `deny`, `rewrite`, `approve` or `report`; empty if there was nothing to
    /// decide.
    pub(crate) decision: &'static str,
    pub(crate) tool: Option<String>,
    pub(crate) findings: Vec<Finding>,
    /// SHA-256 of the tool input as the client sent it.
    pub(crate) input: Option<Hash>,
    /// The first word of the command.
    pub(crate) first_word: Option<String>,
}

/// The first word of a command. Of an assignment only the name, because its value may be secret.
pub(crate) fn first_word(command: &str) -> Option<String> {
    let word = command.split_whitespace().next()?;
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    Some(redact(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_remembered_by_its_hash_and_first_word() {
        assert_eq!(
            Hash::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(first_word("  git push").as_deref(), Some("git"));
        assert_eq!(first_word("TOKEN=abc curl x").as_deref(), Some("TOKEN"));
        assert_eq!(first_word(" "), None);
    }
}
