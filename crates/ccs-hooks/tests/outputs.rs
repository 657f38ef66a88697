//! What the model reads of a tool's output: every shape the client was seen to send, with a secret
//! in each of its strings.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ccs_hooks::Surroundings;
use serde_json::{Value, json};

const TOKEN: &str = concat!("ghp", "_yXBHMoc5L40zBANMAAcNPMMcv7FQw42kWkIk");
const MARK: &str = "[secret:github.personal-token]";

/// The recorded events of a name.
fn recorded(name: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/claude-code-2.1.329");
    let entries = fs::read_dir(folder).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let is_named = |path: &PathBuf| {
        let file = path.file_name().and_then(|file| file.to_str());
        file.is_some_and(|file| file.split('.').next() == Some(name))
    };
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("a fixture");
        (path, serde_json::from_slice(&bytes).expect("JSON"))
    };
    paths.filter(is_named).map(read).collect()
}

/// What the hook answers to an event, and its exit code.
fn answer(argument: &str, event: &Value) -> (u8, Option<Value>) {
    let home = tempfile::tempdir().expect("a folder");
    let state = home.path().join(".claude/ccs");
    let arguments: [OsString; 3] = [argument.into(), "--state".into(), state.into()];
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let around = Surroundings::default();
    let text = event.to_string();
    let code = ccs_hooks::run(arguments, &around, &mut text.as_bytes(), &mut out, &mut err);
    let answer = serde_json::from_slice(&out).ok();
    assert!(!String::from_utf8_lossy(&out).contains(TOKEN));
    assert!(!String::from_utf8_lossy(&err).contains(TOKEN));
    (code, answer)
}

/// The value with a text at the end of each of its strings, and how many it has.
fn with(value: &Value, text: &str, count: &mut usize) -> Value {
    match value {
        Value::String(string) => {
            *count += 1;
            json!(format!("{string} {text}"))
        }
        Value::Array(items) => items.iter().map(|item| with(item, text, count)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(key, value)| (key.clone(), with(value, text, count)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn a_secret_is_taken_out_of_every_string_of_every_shape_and_all_else_stays() {
    let recorded = recorded("PostToolUse");
    assert_eq!(recorded.len(), 21);
    for (path, mut event) in recorded {
        let mut count = 0;
        let response = event["tool_response"].clone();
        event["tool_response"] = with(&response, TOKEN, &mut count);

        let (code, answer) = answer("post-tool-use", &event);

        let answer = answer.unwrap_or_else(|| panic!("{}: no answer", path.display()));
        let specific = &answer["hookSpecificOutput"];
        assert!(code == 0 && count > 0);
        assert_eq!(
            specific["updatedToolOutput"],
            with(&response, MARK, &mut 0),
            "{}",
            path.display()
        );
        assert_eq!(specific["hookEventName"], "PostToolUse");
    }
}

/// Outputs that were not recorded.
fn more() -> Vec<Value> {
    let picture = format!("iVBORw0KGgo{}", "AbC9/+".repeat(40));
    vec![
        json!({"type":"text","file":{"filePath":"/a","content":"TOKEN\n","numLines":2,"startLine":1,"totalLines":2}}),
        json!({"type":"parts","file":{"filePath":"/a","originalSize":1},"parts":[{"type":"text","text":"TOKEN"},{"type":"image","base64":picture}]}),
        json!({"bytes":9,"code":200,"codeText":"OK","result":"# Page\nTOKEN","durationMs":1.5,"url":"https://a.example"}),
        json!({"query":"q","results":[{"title":"t","url":"https://a.example/?k=TOKEN"},"a text TOKEN"],"durationSeconds":0.1}),
        json!({"retrieval_status":"success","task":{"task_id":"b1","output":"TOKEN\n","exitCode":null}}),
        json!({"shellId":"1","command":"make","status":"running","stdout":"TOKEN","stderr":"","exitCode":null}),
        json!({"content":[{"type":"text","text":"TOKEN"},{"type":"image","data":picture,"mimeType":"image/png"},
               {"type":"resource","resource":{"uri":"file:///a","text":"TOKEN"}}],"structuredContent":{"a":[{"b":"TOKEN"}]}}),
        json!("TOKEN"),
    ]
}

#[test]
fn shapes_that_were_not_recorded_are_treated_alike() {
    for response in more() {
        let text = response.to_string();
        let event = json!({"tool_name":"mcp__x__y","tool_input":{},
            "tool_response": serde_json::from_str::<Value>(&text.replace("TOKEN", TOKEN)).expect("JSON")});

        let (_, answer) = answer("post-tool-use", &event);

        let expected: Value = serde_json::from_str(&text.replace("TOKEN", MARK)).expect("JSON");
        let answer = answer.expect("an answer");
        assert_eq!(answer["hookSpecificOutput"]["updatedToolOutput"], expected);
    }
}

#[test]
fn an_output_without_a_secret_is_answered_with_nothing() {
    for (path, event) in recorded("PostToolUse") {
        let (code, said) = answer("post-tool-use", &event);
        let tool = event["tool_name"].as_str().expect("a tool");
        // what comes from elsewhere is said to be data, and stays as it is
        let is_remote = tool == "WebSearch" || tool.starts_with("mcp__");
        let output = said
            .as_ref()
            .map(|said| &said["hookSpecificOutput"]["updatedToolOutput"]);
        let is_kept = output.is_none_or(|output| is_remote && output.is_null());
        assert!(code == 0 && is_kept, "{}: {said:?}", path.display());
    }
    for response in more() {
        let event = json!({"tool_name":"Bash","tool_input":{},"tool_response":response});
        assert_eq!(answer("post-tool-use", &event), (0, None));
    }
}

#[test]
fn a_batch_without_a_secret_goes_on_and_one_with_a_secret_stops() {
    for (path, mut event) in recorded("PostToolBatch") {
        assert_eq!(
            answer("post-tool-batch", &event),
            (0, None),
            "{}",
            path.display()
        );

        let calls = event["tool_calls"].as_array_mut().expect("calls");
        let last = calls.last_mut().expect("a call");
        last["tool_response"] = json!([{"type": "text", "text": format!("Exit code 3\n{TOKEN}")}]);
        let (code, answer) = answer("post-tool-batch", &event);

        let answer = answer.expect("an answer");
        assert_eq!((code, &answer["decision"]), (2, &json!("block")));
        let reason = answer["reason"].as_str().expect("a reason");
        assert!(
            reason.contains(MARK) && reason.contains("ccs run"),
            "{reason}"
        );
    }
}

#[test]
fn what_was_replaced_does_not_stop_the_batch() {
    let event = json!({"tool_calls":[{"tool_name":"Bash","tool_input":{"command":"x"},
        "tool_response": format!("TOKEN={MARK}\npassword: [ccs:DB_PASSWORD]\nAuthorization: Bearer {MARK}")}]});
    assert_eq!(answer("post-tool-batch", &event), (0, None));
}
