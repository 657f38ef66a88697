//! Tools of MCP servers: what their names say they do over there.

use ccs_gate::policy::Step;

use super::lines::Act;
use crate::protocol::event::ToolUse;
use crate::secrets::tree;

const GRANTS: &[&str] = &[
    "approve",
    "merge",
    "publish",
    "release",
    "deploy",
    "grant",
    "invite",
    "promote",
    "transfer",
    "admin",
    "permission",
    "permissions",
    "collaborator",
    "role",
];
const WRITES: &[&str] = &[
    "create", "comment", "send", "post", "upload", "push", "update", "add", "write", "reply",
    "share", "edit", "set", "submit", "insert",
];
const LOOKS: &[&str] = &[
    "get", "list", "read", "search", "find", "show", "view", "describe",
];

/// What a tool of an MCP server does that matters here, if anything.
pub(super) fn of(call: &ToolUse<'_>) -> Option<Act> {
    let (_, tool) = call.tool.strip_prefix("mcp__")?.split_once("__")?;
    let words = words(tool);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let looks = words
        .first()
        .is_some_and(|word| LOOKS.contains(&word.as_str()));
    if looks {
        return None;
    }
    if has(GRANTS) || makes_admin(call) {
        return Some(act(Step::Authority, false));
    }
    if has(&["gist", "snippet", "paste"]) {
        return Some(act(Step::Publish, false));
    }
    has(WRITES).then(|| act(Step::Publish, true))
}

fn act(step: Step, late: bool) -> Act {
    Act {
        step,
        late,
        sends: true,
    }
}

/// The words of a name, whether written `create_issue`, `create-issue` or `createIssue`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if !letter.is_alphanumeric() || letter.is_uppercase() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn makes_admin(call: &ToolUse<'_>) -> bool {
    let mut pairs = call.input.pairs.iter();
    pairs.any(|(key, value)| {
        let key = key.to_lowercase();
        let about = ["role", "permission", "access", "admin"]
            .iter()
            .any(|word| key.contains(word));
        let mut found = false;
        tree::each_text(&key, value, &mut |text| {
            let text = text.to_lowercase();
            found |= ["admin", "owner", "maintainer", "superuser"].contains(&text.as_str());
        });
        about && found
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::event::{self, Body};
    use crate::protocol::json;
    use crate::protocol::name::Name;

    fn step(tool: &str, input: &str) -> Option<Step> {
        let text = format!(r#"{{"tool_name":"{tool}","tool_input":{input}}}"#);
        let value = json::parse(&text).expect("JSON");
        let event = event::read(Name::PreToolUse, &value).expect("an event");
        let Body::Tool(uses) = event.body else {
            return None;
        };
        of(&uses[0]).map(|act| act.step)
    }

    #[test]
    fn a_tools_name_says_what_it_does() {
        for (tool, expected) in [
            ("mcp__github__merge_pull_request", Some(Step::Authority)),
            ("mcp__github__approvePullRequest", Some(Step::Authority)),
            ("mcp__github__create_gist", Some(Step::Publish)),
            ("mcp__github__create_issue", Some(Step::Publish)),
            ("mcp__github__get_issue", None),
            ("mcp__github__list_releases", None),
            ("Bash", None),
        ] {
            assert_eq!(step(tool, "{}"), expected, "{tool}");
        }
        let admin = r#"{"user":"x","role":"Admin"}"#;
        assert_eq!(step("mcp__crm__create_user", admin), Some(Step::Authority));
    }
}
