//! Checks and tests that a call takes away, as far as that can be told from the text alone.

use crate::place::Place;
use crate::protocol::event::ToolUse;
use crate::protocol::json::Value;

/// What switches the check of a certificate off, without blanks and quotes, in lower case.
const UNVERIFIED: &[&str] = &[
    "rejectunauthorized:false",
    "rejectunauthorized=false",
    "verify=false",
    "verify_ssl=false",
    "ssl_verify=false",
    "sslverify=false",
    "verify_mode=openssl::ssl::verify_none",
    "verify_mode=ssl.cert_none",
    "check_hostname=false",
    "_create_unverified_context",
    "insecureskipverify:true",
    "insecureskipverify=true",
    "node_tls_reject_unauthorized]=0",
    "node_tls_reject_unauthorized=0",
    "danger_accept_invalid_certs(true)",
    "danger_accept_invalid_hostnames(true)",
    "curlopt_ssl_verifypeer,false",
    "curlopt_ssl_verifypeer,0",
    "curlopt_ssl_verifypeer=>false",
    "curlopt_ssl_verifypeer=>0",
    "servercertificatevalidationcallback=",
    "dangerousacceptanyservercertificatevalidator",
    "trustallcerts",
    "strict-ssl=false",
    "sslmode=disable",
];
/// What asks who somebody is or what they may, in lower case.
const ASKS: &[&str] = &[
    "requireauth",
    "require_auth",
    "requirelogin",
    "login_required",
    "require_login",
    "requireadmin",
    "require_admin",
    "requirerole",
    "is_authenticated",
    "isauthenticated",
    "ensureauthenticated",
    "isadmin",
    "is_admin",
    "checkpermission",
    "check_permission",
    "has_permission",
    "haspermission",
    "permission_required",
    "permission_classes",
    "authorize(",
    "authenticate(",
    "verifytoken",
    "verify_token",
    "before_action",
    "preauthorize",
    "useguards",
];

/// What a call takes away: `Some(true)` if it can be told without doubt, `Some(false)` if it looks
/// so.
pub(super) fn taken_away(call: &ToolUse<'_>) -> Option<(bool, &'static str)> {
    let edits = edits(call);
    let find = |list: &[&'static str], in_new: bool| {
        list.iter().copied().find(|text| {
            edits.iter().any(|(old, new)| {
                let (has, had) = if in_new { (new, old) } else { (old, new) };
                has.contains(text) && !had.contains(text)
            })
        })
    };
    if let Some(found) = find(UNVERIFIED, true) {
        return Some((true, found));
    }
    find(ASKS, false).map(|found| (false, found))
}

/// What each edit replaces and by what, in plain form.
fn edits(call: &ToolUse<'_>) -> Vec<(String, String)> {
    let pair = |old: Option<&str>, new: Option<&str>| {
        (
            plain(old.unwrap_or_default()),
            plain(new.unwrap_or_default()),
        )
    };
    match call.tool {
        "Write" => vec![pair(None, call.text("content"))],
        "Edit" => vec![pair(call.text("old_string"), call.text("new_string"))],
        "NotebookEdit" => vec![pair(None, call.text("new_source"))],
        "MultiEdit" => {
            let list = call
                .get("edits")
                .and_then(Value::as_array)
                .unwrap_or_default();
            let edits = list.iter().filter_map(Value::as_object);
            edits
                .map(|edit| pair(edit.text("old_string"), edit.text("new_string")))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The text in lower case without blanks and quotes.
pub(super) fn plain(text: &str) -> String {
    let kept = |letter: &char| !letter.is_whitespace() && !matches!(letter, '"' | '\'' | '`');
    text.chars()
        .filter(kept)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a path is that of a test, or of a folder of tests.
pub(super) fn is_test(path: &str) -> bool {
    const FOLDERS: &[&str] = &["test", "tests", "__tests__", "spec", "specs", "e2e"];
    const PARTS: &[&str] = &[".test.", ".spec.", "_test.", "_spec."];
    let path = path.to_lowercase();
    let mut names = path.split('/').filter(|name| !name.is_empty());
    let last = names.clone().next_back().unwrap_or_default();
    names.any(|name| FOLDERS.contains(&name))
        || PARTS.iter().any(|part| last.contains(part))
        || last.starts_with("test_")
}

/// Whether deleting a path takes tests of the project away.
pub(super) fn are_tests(place: &Place, path: &str) -> bool {
    let project = place.project.as_deref().unwrap_or("/");
    path.strip_prefix(project).is_some_and(is_test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::event::{self, Body};
    use crate::protocol::json;
    use crate::protocol::name::Name;

    fn taken(old: &str, new: &str) -> Option<bool> {
        let event = serde_json::json!({"tool_name": "Edit", "tool_input":
            {"file_path": "/a", "old_string": old, "new_string": new}});
        let text = event.to_string();
        let value = json::parse(&text).expect("JSON");
        let event = event::read(Name::PreToolUse, &value).expect("an event");
        let Body::Tool(uses) = event.body else {
            return None;
        };
        taken_away(&uses[0]).map(|(sure, _)| sure)
    }

    #[test]
    fn a_certificate_that_is_no_longer_checked_is_seen() {
        let agent = "new https.Agent({ rejectUnauthorized: false })";
        assert_eq!(taken("new https.Agent()", agent), Some(true));
        assert_eq!(taken(agent, "new https.Agent()"), None);
        assert_eq!(taken(agent, &format!("{agent};")), None);
        assert_eq!(taken("get(url)", "get(url, verify = False)"), Some(true));
    }

    #[test]
    fn a_question_that_is_no_longer_asked_is_seen() {
        let checked = "app.get('/x', requireAuth, show)";
        assert_eq!(taken(checked, "app.get('/x', show)"), Some(false));
        assert_eq!(taken("app.get('/x', show)", checked), None);
    }

    #[test]
    fn tests_are_known_by_their_names() {
        for (path, expected) in [
            ("/tests", true),
            ("/src/a.test.ts", true),
            ("/pkg/x_test.go", true),
            ("/test_x.py", true),
            ("/src/testing.rs", false),
            ("/src/latest.rs", false),
        ] {
            assert_eq!(is_test(path), expected, "{path}");
        }
    }
}
