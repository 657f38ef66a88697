//! Whole commands: `ordinary/` holds what people do all day and must pass, `stopped/` what must not.

use std::fs;
use std::path::Path;

use ccs_gate::{Call, Decision, Facts, Gate};
use proptest::prelude::*;

const FACTS: Facts<'static> = Facts {
    home: Some("/home/dev"),
    cwd: Some("/home/dev/shop"),
    project: None,
    state: None,
    resolve: None,
};

#[test]
fn everyday_commands_pass() {
    let gate = Gate::builtin();
    let wrong: Vec<String> = commands("ordinary")
        .into_iter()
        .filter_map(|command| {
            let verdict = gate.judge(&Call::command(&command), &FACTS);
            let found = verdict.findings.first()?;
            Some(format!("{command}: {}", found.rule))
        })
        .collect();

    assert!(wrong.is_empty(), "stopped:\n{}", wrong.join("\n"));
}

#[test]
fn harmful_commands_are_stopped() {
    let gate = Gate::builtin();
    let wrong: Vec<String> = commands("stopped")
        .into_iter()
        .filter(|command| gate.judge(&Call::command(command), &FACTS).decision == Decision::Allow)
        .collect();

    assert!(wrong.is_empty(), "passed:\n{}", wrong.join("\n"));
}

/// The lines of the files in a folder, without comments.
fn commands(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let files = fs::read_dir(&folder).expect("the folder is part of the crate");
    let texts =
        files.map(|file| fs::read_to_string(file.expect("readable").path()).expect("UTF-8"));
    let commands: Vec<String> = texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(commands.len() > 300, "{}", folder.display());
    commands
}

/// Text that looks enough like a command to reach deep into the gate.
fn shell_like() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("rm -rf".to_owned()),
        Just("~/x".to_owned()),
        Just("$(".to_owned()),
        Just(")".to_owned()),
        Just("\"".to_owned()),
        Just("'".to_owned()),
        Just("<<E\n".to_owned()),
        Just("| sh".to_owned()),
        Just("; do".to_owned()),
        Just("${x:-".to_owned()),
        Just("}".to_owned()),
        Just("\\".to_owned()),
        "[a-z]{1,6}",
        "\\PC{0,4}",
    ];
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn the_verdict_is_that_of_its_strictest_finding(command in shell_like()) {
        let verdict = Gate::builtin().judge(&Call::command(&command), &FACTS);

        let strictest = verdict.findings.iter().map(|found| found.decision).max();
        prop_assert_eq!(verdict.decision, strictest.unwrap_or_default());
        prop_assert!(!verdict.harmless || verdict.findings.is_empty());
        prop_assert!(verdict.findings.iter().all(|found| found.evidence.len() <= 200));
    }

    #[test]
    fn what_follows_hides_nothing_that_came_before(command in shell_like()) {
        let command = format!("rm -rf ~\n{command}");
        let verdict = Gate::builtin().judge(&Call::command(&command), &FACTS);

        prop_assert_eq!(verdict.decision, Decision::Deny);
    }

    #[test]
    fn the_same_call_gets_the_same_verdict(command in shell_like()) {
        let gate = Gate::builtin();
        let call = Call::command(&command);

        prop_assert_eq!(gate.judge(&call, &FACTS), gate.judge(&call, &FACTS));
    }
}
