//! What the real client sent, replayed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ccs_hooks::Surroundings;
use ccs_hooks::protocol::event;
use ccs_hooks::protocol::json;
use ccs_hooks::protocol::name::{Name, Stance};
use proptest::prelude::*;

/// Every recorded input with its file.
fn recorded() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/claude-code-2.1.329");
    let entries = fs::read_dir(folder).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| !file_name(path).starts_with('_'))
        .map(|path| (path.clone(), fs::read(&path).expect("a fixture")))
        .collect()
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .expect("UTF-8")
}

/// Whether a fixture is what a search or a server returned.
fn is_remote(name: &str) -> bool {
    ["PostToolUse.mcp", "PostToolUse.WebSearch"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// The event a fixture's file name begins with.
fn name_of(path: &Path) -> Name {
    let name = file_name(path).split('.').next();
    let found = Name::ALL.iter().find(|event| Some(event.as_str()) == name);
    *found.unwrap_or_else(|| panic!("{} is of no known event", path.display()))
}

#[test]
fn every_recorded_input_is_read_as_its_event() {
    let recorded = recorded();
    assert_eq!(recorded.len(), 106);
    for (path, bytes) in recorded {
        let text = json::text(&bytes);
        let value = json::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let event = event::read(name_of(&path), &value)
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(event.session.id.is_some() && event.session.cwd.is_some());
    }
}

#[test]
fn a_recorded_input_of_another_event_is_not_taken_for_it() {
    for (path, bytes) in recorded() {
        let other = match name_of(&path) {
            Name::Stop => Name::SessionEnd,
            _ => Name::Stop,
        };
        let text = json::text(&bytes);
        let value = json::parse(&text).expect("JSON");
        assert!(event::read(other, &value).is_err(), "{}", path.display());
    }
}

/// What the library answers to a recorded input.
fn answer(name: Name, bytes: &[u8], state: &Path) -> (u8, Vec<u8>, Vec<u8>) {
    let arguments = [
        OsString::from(name.kebab()),
        "--state".into(),
        state.as_os_str().to_owned(),
    ];
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let around = Surroundings::default();
    let code = ccs_hooks::run(arguments, &around, &mut &bytes[..], &mut out, &mut err);
    (code, out, err)
}

#[test]
fn an_event_that_nothing_is_done_on_is_answered_with_nothing() {
    let acting = [
        Name::PreToolUse,
        Name::PermissionRequest,
        Name::SessionStart,
        Name::SessionEnd,
        Name::ConfigChange,
        Name::UserPromptSubmit,
        Name::UserPromptExpansion,
    ];
    let home = tempfile::tempdir().expect("a folder");
    let state = home.path().join(".claude/ccs");
    let passing = recorded()
        .into_iter()
        .filter(|(path, _)| !acting.contains(&name_of(path)))
        // what comes from elsewhere is said to be data
        .filter(|(path, _)| !is_remote(file_name(path)));
    for (path, bytes) in passing {
        let silence = (0, Vec::new(), Vec::new());
        assert_eq!(
            answer(name_of(&path), &bytes, &state),
            silence,
            "{}",
            path.display()
        );
    }
}

#[test]
fn whatever_the_client_sends_the_answer_is_one_object_or_none_and_code_0_or_2() {
    let home = tempfile::tempdir().expect("a folder");
    let state = home.path().join(".claude/ccs");
    for (path, bytes) in recorded() {
        let (code, out, _) = answer(name_of(&path), &bytes, &state);
        assert!(code == 0 || code == 2, "{}", path.display());
        if !out.is_empty() {
            let value: serde_json::Value = serde_json::from_slice(&out).expect("one value");
            assert!(value.is_object() && !String::from_utf8_lossy(&out).contains("null"));
        }
    }
}

/// The bytes with each of `changes` made to them: at a place, a byte overwritten, put in or
/// taken out.
fn damaged(mut bytes: Vec<u8>, changes: &[(usize, u8, u8)]) -> Vec<u8> {
    for (place, what, byte) in changes {
        let at = place % bytes.len().max(1);
        match what % 3 {
            0 if at < bytes.len() => bytes[at] = *byte,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ => bytes.insert(at, *byte),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn damaged_input_is_answered_as_well_as_any(
        which: prop::sample::Index,
        changes in prop::collection::vec((any::<usize>(), any::<u8>(), any::<u8>()), 1..6),
    ) {
        let recorded = recorded();
        let (path, bytes) = &recorded[which.index(recorded.len())];
        let bytes = damaged(bytes.clone(), &changes);
        let home = tempfile::tempdir().expect("a folder");
        let name = name_of(path);

        let (code, out, _) = answer(name, &bytes, &home.path().join(".claude/ccs"));

        prop_assert!(code == 0 || code == 2);
        let value: serde_json::Value = match out.as_slice() {
            [] => serde_json::Value::Null,
            line => serde_json::from_slice(line).expect("one value"),
        };
        prop_assert!(value.is_object() || value.is_null());
        let text = json::text(&bytes);
        let is_read = json::parse(&text).is_ok_and(|value| event::read(name, &value).is_ok());
        if !is_read && name.stance() == Stance::Gate {
            prop_assert_eq!(code, 2);
        }
    }
}
