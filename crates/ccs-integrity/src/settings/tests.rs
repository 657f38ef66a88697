//! Edits shown on small files; `random` repeats the promises on generated ones.

use std::path::Path;

use super::*;

mod random;

fn file() -> &'static Path {
    Path::new("settings.json")
}

fn handler(event: &str, program: &str) -> Handler {
    Handler {
        event: event.to_owned(),
        command: program.to_owned(),
        args: vec!["on".to_owned(), event.to_owned()],
        timeout: 10,
    }
}

fn wanted() -> Wanted {
    Wanted {
        handlers: ["SessionStart", "PreToolUse"]
            .map(|event| handler(event, "/opt/bin/ccs-hook"))
            .to_vec(),
        deny: vec!["Read(~/.ssh/**)".to_owned(), "Edit(~/.ssh/**)".to_owned()],
        values: Vec::new(),
    }
}

fn one(event: &str) -> Wanted {
    Wanted {
        handlers: vec![handler(event, "/opt/bin/ccs-hook")],
        deny: Vec::new(),
        values: Vec::new(),
    }
}

fn merged(text: &str, wanted: &Wanted) -> (String, Receipt) {
    again(text, wanted, None)
}

fn again(text: &str, wanted: &Wanted, before: Option<&Receipt>) -> (String, Receipt) {
    let merged = merge(file(), text.as_bytes(), wanted, before).expect(text);
    let text = String::from_utf8(merged.bytes).expect("UTF-8");
    (text, merged.receipt)
}

fn removed(text: &str, receipt: Option<&Receipt>) -> String {
    let bytes = remove(file(), text.as_bytes(), receipt).expect(text);
    String::from_utf8(bytes).expect("UTF-8")
}

fn refusal(text: &str) -> String {
    let error = merge(file(), text.as_bytes(), &wanted(), None).expect_err(text);
    error.to_string()
}

#[test]
fn a_new_file_looks_as_the_client_would_write_it() {
    let (text, _) = merged("{}\n", &one("PreToolUse"));
    assert_eq!(
        text,
        r#"{
  "hooks": {
    "PreToolUse": [
      {
        "hooks": [
          {
            "type": "command",
            "command": "/opt/bin/ccs-hook",
            "args": [
              "on",
              "PreToolUse"
            ],
            "timeout": 10,
            "onFailure": "block"
          }
        ]
      }
    ]
  }
}
"#
    );
}

#[test]
fn what_is_added_follows_the_tabs_and_line_ends_of_the_file() {
    let (text, _) = merged("{\r\n\t\"model\": \"opus\"\r\n}\r\n", &one("Stop"));

    assert!(text.contains("\t\"model\": \"opus\",\r\n\t\"hooks\": {\r\n\t\t\"Stop\": [\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

#[test]
fn a_file_on_one_line_stays_on_one_line() {
    let (text, _) = merged(r#"{"model":"opus"}"#, &one("Stop"));
    assert!(text.starts_with(r#"{"model":"opus","hooks":{"Stop":[{"hooks":[{"type":"command","#));
    assert!(!text.contains('\n'));
}

#[test]
fn handlers_of_others_keep_their_place_and_come_first() {
    let before = r#"{
  "hooks": {
    "PreToolUse": [
      {"matcher": "Bash", "hooks": [{"type": "command", "command": "./lint.sh"}]}
    ]
  }
}"#;
    let (text, receipt) = merged(before, &one("PreToolUse"));
    let found = handlers(file(), text.as_bytes()).expect("valid");

    let programs: Vec<_> = found
        .iter()
        .map(|f| (f.command.as_deref(), f.ours))
        .collect();
    assert_eq!(
        programs,
        [
            (Some("./lint.sh"), false),
            (Some("/opt/bin/ccs-hook"), true)
        ]
    );
    assert_eq!(found[1].matcher, None);
    assert_eq!(found[1].on_failure.as_deref(), Some("block"));
    assert_eq!(removed(&text, Some(&receipt)), before);
}

#[test]
fn a_second_run_changes_nothing_even_if_the_user_added_something_after_ours() {
    let (text, receipt) = merged("{\n  \"model\": \"opus\"\n}\n", &wanted());
    let edited = text.replacen(
        "\"PreToolUse\": [\n",
        "\"Stop\": [],\n    \"PreToolUse\": [\n",
        1,
    );
    assert_ne!(edited, text);

    assert_eq!(again(&edited, &wanted(), Some(&receipt)).0, edited);
}

#[test]
fn an_older_handler_of_ours_is_updated_where_it_stands() {
    let old = Wanted {
        handlers: vec![handler("PreToolUse", "/old/place/ccs-hook")],
        deny: Vec::new(),
        values: Vec::new(),
    };
    let original = "{\n  \"model\": \"opus\"\n}\n";
    let (text, receipt) = merged(original, &old);
    let text = text.replace("\"model\"", "\"theme\": \"dark\",\n  \"model\"");

    let (text, receipt) = again(&text, &one("PreToolUse"), Some(&receipt));

    let found = handlers(file(), text.as_bytes()).expect("valid");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].command.as_deref(), Some("/opt/bin/ccs-hook"));
    assert_eq!(
        removed(&text, Some(&receipt)),
        "{\n  \"theme\": \"dark\",\n  \"model\": \"opus\"\n}\n"
    );
}

#[test]
fn a_handler_of_ours_behind_a_matcher_is_replaced_by_one_without() {
    let text = r#"{"hooks":{"PreToolUse":[
      {"matcher":"Bash","hooks":[{"type":"command","command":"x"},{"type":"command","command":"/a/ccs-hook"}]},
      {"matcher":"Edit","hooks":[{"type":"command","command":"/a/ccs-hook pre-tool-use"}]}]}}"#;

    let (text, _) = merged(text, &one("PreToolUse"));

    let found = handlers(file(), text.as_bytes()).expect("valid");
    let ours: Vec<_> = found.iter().filter(|f| f.ours).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].matcher, None);
    assert_eq!(found.len(), 2);
}

#[test]
fn handlers_for_events_no_longer_wanted_are_taken_out() {
    let original = "{\n  \"model\": \"opus\"\n}\n";
    let (text, receipt) = merged(original, &wanted());

    let (text, receipt) = again(&text, &one("SessionStart"), Some(&receipt));

    assert!(!text.contains("PreToolUse"));
    assert!(!text.contains("permissions"));
    assert_eq!(text, merged(original, &one("SessionStart")).0);
    assert_eq!(removed(&text, Some(&receipt)), original);
}

#[test]
fn a_permission_rule_the_user_had_is_neither_added_nor_removed() {
    let original = r#"{"permissions": {"deny": ["Read(~/.ssh/**)"]}}"#;
    let (text, receipt) = merged(original, &wanted());

    assert_eq!(receipt.deny(), ["Edit(~/.ssh/**)"]);
    assert_eq!(text.matches("Read(~/.ssh/**)").count(), 1);
    assert_eq!(removed(&text, Some(&receipt)), original);
}

#[test]
fn blanks_inside_empty_brackets_come_back() {
    for original in [
        "{ }",
        "{\n\n}\n",
        "{\n  \"hooks\": {  },\n  \"permissions\": {\"deny\": [\n\n  ]}\n}",
        "{\"hooks\": {\"PreToolUse\": [ ]}}",
    ] {
        let (text, receipt) = merged(original, &wanted());
        assert_eq!(removed(&text, Some(&receipt)), original);
    }
}

#[test]
fn what_the_user_added_inside_our_lists_stays() {
    let (text, receipt) = merged("{}\n", &one("PreToolUse"));
    let theirs = r#"{"hooks": [{"type": "command", "command": "theirs"}]},"#;
    let edited = text.replacen(
        "\"PreToolUse\": [\n",
        &format!("\"PreToolUse\": [\n      {theirs}\n"),
        1,
    );

    let text = removed(&edited, Some(&receipt));

    let found = handlers(file(), text.as_bytes()).expect("valid");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].command.as_deref(), Some("theirs"));
}

#[test]
fn without_a_receipt_our_handlers_and_what_they_leave_empty_go() {
    let (text, _) = merged("{\n  \"model\": \"opus\"\n}\n", &one("PreToolUse"));
    assert_eq!(removed(&text, None), "{\n  \"model\": \"opus\"\n}\n");
}

#[test]
fn a_lost_receipt_is_rebuilt_by_the_next_run() {
    let original = "{\n  \"model\": \"opus\"\n}\n";
    let (text, _) = merged(original, &one("PreToolUse"));
    let (same, receipt) = again(&text, &one("PreToolUse"), None);

    assert_eq!(same, text);
    assert_eq!(removed(&text, Some(&receipt)), original);
}

#[test]
fn a_receipt_survives_being_stored() {
    let (_, receipt) = merged("{\"permissions\": { }}", &wanted());
    let stored = serde_json::to_string(&receipt).expect("plain data");
    assert_eq!(
        serde_json::from_str::<Receipt>(&stored).expect("the same"),
        receipt
    );
}

#[test]
fn a_byte_order_mark_stays_at_the_front() {
    let original = "\u{feff}{}";
    let (text, receipt) = merged(original, &wanted());

    assert!(text.starts_with("\u{feff}{"));
    assert_eq!(removed(&text, Some(&receipt)), original);
}

#[test]
fn a_program_is_ours_by_its_name_alone() {
    let text = r#"{"hooks":{"Stop":[{"hooks":[
        {"type":"command","command":"C:\\ccs\\ccs-hook.exe"},
        {"type":"command","command":"/home/a b/ccs-hook"},
        {"type":"command","command":"ccs-hook stop"},
        {"type":"command","command":"/opt/my-ccs-hook"},
        {"type":"command","command":"/opt/ccs-hook/run"}]}]}}"#;
    let found = handlers(file(), text.as_bytes()).expect("valid");
    let ours: Vec<_> = found.iter().map(|f| f.ours).collect();
    assert_eq!(ours, [true, true, true, false, false]);
}

#[test]
fn a_text_that_is_not_json_is_refused_with_line_and_column() {
    assert_eq!(
        refusal("{\n  \"a\": 1,\n  // mine\n}"),
        "settings.json:3:3: comments are not JSON"
    );
    assert_eq!(
        refusal("{\"é\": 1,}"),
        "settings.json:1:8: a comma stands before the closing bracket"
    );
    assert_eq!(
        refusal(""),
        "settings.json:1:1: the text ends where a value should stand"
    );
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    let error = merge(file(), b"{\"a\": \"\xff\"}", &wanted(), None).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "settings.json:1:8: this byte is not UTF-8"
    );
}

#[test]
fn a_key_that_occurs_twice_is_refused() {
    assert_eq!(
        refusal("{\"model\": \"a\",\n \"model\": \"b\"}"),
        "settings.json:2:2: the key `model` occurs twice"
    );
    assert_eq!(
        refusal(r#"{"hooks": {"Stop": [], "St\u006fp": []}}"#),
        "settings.json:1:24: the key `Stop` occurs twice"
    );
}

#[test]
fn hooks_that_the_client_would_refuse_are_refused() {
    let cases = [
        ("[]", "`the file` must be an object"),
        (r#"{"hooks": []}"#, "`hooks` must be an object"),
        (
            r#"{"hooks": {"Stop": {}}}"#,
            "`hooks.Stop` must be a list of groups",
        ),
        (
            r#"{"hooks": {"Stop": [1]}}"#,
            "`hooks.Stop[0]` must be an object",
        ),
        (
            r#"{"hooks": {"Stop": [{"hooks": [{"type": "command"}]}]}}"#,
            "`hooks.Stop[0].hooks[0].command` must be there: a string",
        ),
        (
            r#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x", "onFailure": "deny"}]}]}}"#,
            "`hooks.Stop[0].hooks[0].onFailure` must be `block` or `continue`",
        ),
        (
            r#"{"permissions": {"allow": "x"}}"#,
            "`permissions.allow` must be a list of strings",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refusal(text);
        assert!(refusal.ends_with(expected), "{text}: {refusal}");
    }
}

#[test]
fn a_wrong_type_elsewhere_is_named_but_does_not_stop_an_edit() {
    let text = r#"{"model": 7}"#;
    let problems = check(file(), text.as_bytes());

    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].to_string(),
        "settings.json:1:11: `model` must be a string"
    );
    assert!(merge(file(), text.as_bytes(), &wanted(), None).is_ok());
}
