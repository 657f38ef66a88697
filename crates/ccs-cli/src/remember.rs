//! Puts what is done with the vault into the audit trail. Names of entries go into the encrypted
//! part: the vault does not show them either.

use ccs_audit::Entry;
use ccs_hooks::trail;
use serde_json::json;

use crate::places::Places;
use crate::vault;

/// What the client calls its session in the environment of the commands it runs. Whoever runs one
/// can say what they like; it only says where to look.
const SESSION: &str = "CLAUDE_CODE_SESSION_ID";

/// Notes that something was done with these entries of the vault. Where no log was founded nothing
/// is noted; one that cannot be written is told.
pub(crate) fn vault(places: &Places, done: &str, names: &[String]) {
    match trail::identity(&places.state) {
        Ok(None) => return,
        Ok(Some(_)) => {}
        Err(error) => return vault::warn(&format!("this is not in the audit trail: {error}")),
    }
    let entry = Entry {
        session: std::env::var(SESSION).unwrap_or_default(),
        tool: "ccs vault".to_owned(),
        decision: trail::decision::ALLOW.to_owned(),
        target: done.to_owned(),
        details: json!({"names": names}).to_string(),
        ..Entry::new(trail::event::VAULT)
    };
    if let Err(error) = trail::note(&places.state, entry) {
        vault::warn(&format!("this is not in the audit trail: {error}"));
    }
}
