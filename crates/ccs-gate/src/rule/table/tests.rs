use super::{RuleSet, base, versionless};
use crate::rule::spec;

fn ids(line: &str) -> Vec<&'static str> {
    let words: Vec<&str> = line.split(' ').collect();
    let mut found = Vec::new();
    assert!(RuleSet::builtin().matching(words[0], &words[1..], &mut found));
    found.iter().map(|rule| rule.id.as_ref()).collect()
}

#[test]
fn programs_are_known_by_any_spelling_of_their_name() {
    for program in [
        "git",
        "GIT",
        "/usr/bin/git",
        "git.exe",
        "C:\\bin\\Git.EXE",
        "git@2",
        "git2.44",
    ] {
        assert_eq!(
            ids(&format!("{program} reset --hard")),
            ["git.reset-hard"],
            "{program}"
        );
    }
}

#[test]
fn names_are_cut_to_what_counts() {
    assert_eq!(base("./x/y"), "y");
    assert_eq!(base("@railway/cli"), "@railway/cli");
    assert_eq!(base(".exe"), ".exe");
    assert_eq!(base("é.exe"), "é");
    assert_eq!(versionless("python3.12"), "python");
    assert_eq!(versionless("@scope/x@1"), "@scope/x");
    assert_eq!(versionless("7"), "");
}

#[test]
fn a_program_that_runs_another_is_judged_by_it() {
    for line in [
        "npx -y prisma@5 migrate reset",
        "npx --package x prisma migrate reset",
        "yarn prisma migrate reset",
        "pnpm exec prisma migrate reset",
        "npm exec -- prisma migrate reset",
        "uv run npx prisma migrate reset",
        "node node_modules/.bin/prisma migrate reset",
    ] {
        assert_eq!(ids(line), ["migration.node-reset"], "{line}");
    }
    assert_eq!(
        ids("python3 -m alembic downgrade base"),
        ["migration.python-reset"]
    );
    assert_eq!(ids("npx npx npx npx npx npx prisma migrate reset"), [""; 0]);
}

#[test]
fn a_general_rule_speaks_only_when_no_other_does() {
    assert_eq!(
        ids("kubectl delete ns prod"),
        ["kubernetes.delete-namespace"]
    );
    assert_eq!(ids("kubectl delete svc web"), ["kubernetes.delete"]);
}

#[test]
fn what_a_service_tool_destroys_is_caught_without_a_rule_of_its_own() {
    assert_eq!(
        ids("prefect deployment delete web"),
        ["cli.destructive-verb"]
    );
    assert_eq!(ids("prefect deployment ls"), [""; 0]);
}

#[test]
fn an_unknown_program_is_caught_by_a_plain_verb_only() {
    assert_eq!(
        ids("acmectl tenant delete a"),
        ["cli.unknown-destructive-verb"]
    );
    assert_eq!(ids("acmectl tenant update delete-me"), [""; 0]);
    assert_eq!(ids("echo tenant delete a"), [""; 0]);
}

#[test]
fn a_request_for_help_runs_nothing() {
    assert_eq!(ids("git push --force --help"), [""; 0]);
}

#[test]
fn tables_of_programs_can_be_asked() {
    assert!(spec("TERRAFORM.exe").is_some_and(|spec| spec.single_dash));
    assert!(spec("no-such-program").is_none());
}

#[test]
fn what_is_too_long_to_be_read_is_said() {
    let args = vec!["a"; crate::rule::argv::MAX_ARGS + 1];
    assert!(!RuleSet::builtin().matching("git", &args, &mut Vec::new()));
}

#[test]
fn programs_stand_in_order() {
    let names = || {
        RuleSet::builtin()
            .programs
            .iter()
            .map(|program| &program.name)
    };
    assert!(names().is_sorted());
    assert!(names().all(|name| !name.contains(|c: char| c.is_ascii_uppercase())));
}
