use std::time::Duration;

use super::*;
use crate::place::{Place, Surroundings};
use crate::protocol::json;

/// The entry for an event with these fields.
fn described(name: Name, text: &str, decided: &log::Entry) -> (Entry, Entry) {
    let value = json::parse(text).expect("JSON");
    let session = Session {
        id: Some("s"),
        cwd: Some("/srv/shop"),
        ..Session::default()
    };
    let what = Happening {
        name,
        place: &Place::default(),
        around: &Surroundings::default(),
        session: &session,
        input: value.as_object(),
        entry: decided,
        took: Duration::from_micros(7),
    };
    (entry(&what), briefly(&what))
}

fn target(name: Name, text: &str) -> String {
    described(name, text, &log::Entry::default()).0.target
}

#[test]
fn the_target_is_what_it_was_done_to_without_what_may_be_secret() {
    let of_call = |input: &str| target(Name::PostToolUse, &format!(r#"{{"tool_input":{input}}}"#));
    assert_eq!(of_call(r#"{"command":"TOKEN=abc make"}"#), "TOKEN");
    assert_eq!(of_call(r#"{"file_path":"/srv/shop/a"}"#), "/srv/shop/a");
    assert_eq!(
        of_call(r#"{"url":"https://me:pw@x.example/a?key=b"}"#),
        "x.example"
    );
    assert_eq!(target(Name::SessionEnd, r#"{"reason":"logout"}"#), "logout");
    assert_eq!(
        target(Name::ConfigChange, r#"{"source":"skills"}"#),
        "skills"
    );
    assert_eq!(target(Name::Stop, "{}"), "");
}

#[test]
fn a_call_that_passes_keeps_its_id_and_nothing_that_is_to_be_encrypted() {
    let text = r#"{"tool_name":"Bash","tool_use_id":"t-1","tool_input":{"command":"make all"}}"#;
    let (whole, brief) = described(Name::PreToolUse, text, &log::Entry::default());
    assert_eq!(brief.details, r#"{"call":"t-1"}"#);
    assert!(whole.details.contains("make all") && whole.details.contains("/srv/shop"));
    let input = Hash::of(br#"{"command":"make all"}"#);
    assert_eq!((brief.input, whole.input), (Some(input), Some(input)));
}

#[test]
fn the_longest_details_are_bounded_and_stay_json() {
    let hostile = "\"\u{1}\\é ".repeat(10_000);
    let finding = Finding {
        rule: "fs.remove".into(),
        severity: ccs_gate::Severity::High,
        decision: ccs_gate::Decision::Deny,
        title: "t".into(),
        why: "w".into(),
        instead: None,
        evidence: hostile.clone(),
    };
    let decided = log::Entry {
        decision: decision::DENY,
        tool: Some(hostile.clone()),
        findings: vec![finding; 50],
        ..log::Entry::default()
    };
    let quoted = serde_json::to_string(&hostile).expect("JSON");
    let text = format!(r#"{{"error":{quoted},"tool_input":{{"command":{quoted}}}}}"#);

    let (whole, _) = described(Name::PostToolUseFailure, &text, &decided);

    assert!(whole.details.len() <= 16 << 10, "{}", whole.details.len());
    let details: Value = serde_json::from_str(&whole.details).expect("JSON");
    assert_eq!(
        details["findings"].as_array().map(Vec::len),
        Some(MAX_FINDINGS)
    );
    assert_eq!(whole.rules.len(), MAX_FINDINGS);
}
