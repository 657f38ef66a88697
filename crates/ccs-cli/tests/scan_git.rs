//! `ccs scan --staged`, `--history` and the pre-commit hook, with the real git.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use support::{Machine, Run};

/// Made up, and put together here so that no scanner takes this file for a leak.
fn token() -> String {
    ["glpat-", "x7Kq2Rm9Tz4Wc8Vb5Np3"].concat()
}

fn line() -> String {
    format!("key: {}\n", token())
}

trait Repository {
    fn git(&self, folder: &str, args: &[&str]) -> Run;
    fn commit(&self, text: &str) -> Run;
}

impl Repository for Machine {
    fn git(&self, folder: &str, args: &[&str]) -> Run {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"])
            .args(args);
        self.surround(&mut git);
        git.env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(self.path(folder));
        Run::of(git.output())
    }

    fn commit(&self, text: &str) -> Run {
        self.git("project", &["add", "-A"]).succeeds();
        self.git("project", &["commit", "-qm", text])
    }
}

fn repository() -> Machine {
    let machine = Machine::new();
    machine
        .git("project", &["init", "-q", "-b", "main"])
        .succeeds();
    machine
}

fn hook(machine: &Machine, text: &str) {
    let path = machine.write("project/.git/hooks/pre-commit", text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("ours");
}

#[test]
fn what_is_staged_is_scanned_and_not_what_lies_in_the_folder() {
    let machine = repository();
    let odd = "project/a b\n\"c\".txt";
    machine.write(odd, line());
    machine.git("project", &["add", "-A"]).succeeds();
    machine.write(odd, "nothing\n");
    machine.write("project/unstaged", line());
    let run = machine.run(&["scan", "--staged", "--json"]).ends_with(1);
    let json = run.json();
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["findings"][0]["path"], "a b\n\"c\".txt");
    assert_eq!(json["findings"][0]["line"], 1);
}

#[test]
fn nothing_staged_is_clean_and_what_was_committed_before_is_not_staged() {
    let machine = repository();
    machine.run(&["scan", "--staged"]).succeeds();
    machine.write("project/old", line());
    machine.commit("one").succeeds();
    machine.write("project/new", "nothing\n");
    machine.git("project", &["add", "-A"]).succeeds();
    let run = machine.run(&["scan", "--staged"]).succeeds();
    assert!(run.stdout.contains("files read: 1"), "{run:?}");
}

#[test]
fn staged_files_are_those_of_the_whole_repository_from_any_folder_of_it() {
    let machine = repository();
    machine.write("project/deep/a", "nothing\n");
    machine.write("project/b", line());
    machine.git("project", &["add", "-A"]).succeeds();
    let mut command = machine.command(&["scan", "--staged"]);
    command.current_dir(machine.path("project/deep"));
    Run::of(command.output()).ends_with(1);
}

#[test]
fn outside_a_repository_there_is_nothing_to_stage() {
    let run = Machine::new().run(&["scan", "--staged"]).ends_with(5);
    assert!(
        run.stderr.contains("next: run it inside a git repository"),
        "{run:?}"
    );
}

#[test]
fn history_holds_a_secret_that_was_deleted_with_the_commit_that_brought_it_in() {
    let machine = repository();
    machine.write("project/a", "nothing\n");
    machine.commit("one").succeeds();
    machine.write("project/a", format!("one\n{}", line()));
    machine.commit("two").succeeds();
    let id = machine.git("project", &["rev-parse", "HEAD"]).stdout;
    machine.write("project/a", format!("one\ntwo\n{}", line()));
    machine.commit("three").succeeds();
    fs::remove_file(machine.path("project/a")).expect("ours");
    machine.commit("four").succeeds();
    machine.run(&["scan", "."]).succeeds();
    let run = machine.run(&["scan", "--history", "--json"]).ends_with(1);
    let json = run.json();
    assert_eq!(json["secretLeaks"], 1, "{json}");
    assert_eq!(json["findings"][0]["commit"], id.trim());
    assert_eq!(json["findings"][0]["line"], 2);
}

#[test]
fn a_repository_without_a_work_tree_has_a_history_too() {
    let machine = repository();
    machine.write("project/a", line());
    machine.commit("one").succeeds();
    machine
        .git("project", &["clone", "-q", "--bare", ".", "../bare"])
        .succeeds();
    let mut scan = machine.command(&["scan", "--history"]);
    scan.current_dir(machine.path("bare"));
    Run::of(scan.output()).ends_with(1);
}

#[test]
fn history_reaches_other_branches_and_what_a_merge_alone_brought_in() {
    let machine = repository();
    machine.write("project/a", "nothing\n");
    machine.commit("one").succeeds();
    machine
        .git("project", &["checkout", "-qb", "side"])
        .succeeds();
    machine.write("project/side", line());
    machine.commit("two").succeeds();
    machine
        .git("project", &["checkout", "-q", "main"])
        .succeeds();
    machine.write("project/b", "nothing\n");
    machine.commit("three").succeeds();
    machine
        .git(
            "project",
            &["merge", "-q", "--no-commit", "--no-ff", "side"],
        )
        .succeeds();
    machine.write("project/merged", line());
    machine.commit("four").succeeds();
    let run = machine.run(&["scan", "--history", "--json"]).ends_with(1);
    let json = run.json();
    let found = json["findings"].as_array().expect("a list");
    let paths: Vec<_> = found.iter().map(|one| one["path"].as_str()).collect();
    assert_eq!(paths, [Some("merged"), Some("side")]);
}

#[test]
fn the_hook_stops_a_commit_with_a_secret_and_no_other() {
    let machine = repository();
    machine.run(&["hooks", "git", "install"]).succeeds();
    machine.write("project/a", "nothing\n");
    machine.commit("one").succeeds();
    machine.write("project/a", line());
    let run = machine.commit("two").ends_with(1);
    assert!(
        run.stderr.contains("a:1:6: gitlab.personal-token"),
        "{run:?}"
    );
    assert!(!run.stderr.contains(&token()[8..]));
}

#[test]
fn a_hook_that_was_there_runs_after_ours_and_comes_back_when_ours_goes() {
    let machine = repository();
    let theirs = "#!/bin/sh\necho theirs \"$0\" >> ran\nexit 3\n";
    hook(&machine, theirs);
    for _ in 0..2 {
        machine.run(&["hooks", "git", "install"]).succeeds();
    }
    machine.write("project/a", "nothing\n");
    machine.commit("one").ends_with(1);
    assert_eq!(machine.read("project/ran").lines().count(), 1);
    let status = machine.run(&["hooks", "git", "status"]).succeeds();
    assert!(status.stdout.contains("runs after it"), "{status:?}");

    machine.run(&["hooks", "git", "uninstall"]).succeeds();
    assert_eq!(machine.read("project/.git/hooks/pre-commit"), theirs);
    assert!(
        !machine
            .path("project/.git/hooks/pre-commit.before-ccs")
            .exists()
    );
}

#[test]
fn a_second_install_changes_no_byte() {
    let machine = repository();
    machine.run(&["hooks", "git", "install"]).succeeds();
    let before = machine.tree("project/.git/hooks");
    machine.run(&["hooks", "git", "install"]).succeeds();
    assert_eq!(machine.tree("project/.git/hooks"), before);
}

#[test]
fn without_our_hook_status_is_a_finding_and_uninstall_touches_nothing() {
    let machine = repository();
    hook(&machine, "#!/bin/sh\n");
    let before = machine.tree("project/.git/hooks");
    machine.run(&["hooks", "git", "status"]).ends_with(1);
    machine.run(&["hooks", "git", "uninstall"]).succeeds();
    assert_eq!(machine.tree("project/.git/hooks"), before);
}

#[test]
fn a_hook_of_ours_that_was_changed_is_neither_replaced_nor_deleted() {
    let machine = repository();
    machine.run(&["hooks", "git", "install"]).succeeds();
    let text = machine.read("project/.git/hooks/pre-commit") + "make lint\n";
    machine.write("project/.git/hooks/pre-commit", &text);
    for command in ["install", "uninstall"] {
        machine.run(&["hooks", "git", command]).ends_with(4);
    }
    machine.run(&["hooks", "git", "status"]).ends_with(1);
    assert_eq!(machine.read("project/.git/hooks/pre-commit"), text);
}

#[test]
fn a_folder_of_hooks_that_git_is_told_of_is_the_one_that_is_used() {
    let machine = repository();
    machine
        .git("project", &["config", "core.hooksPath", "tools/hooks"])
        .succeeds();
    fs::create_dir(machine.path("project/deep")).expect("a folder");
    let mut install = machine.command(&["hooks", "git", "install"]);
    install.current_dir(machine.path("project/deep"));
    Run::of(install.output()).succeeds();
    assert!(machine.path("project/tools/hooks/pre-commit").exists());
    machine.write("project/a", line());
    machine.commit("one").ends_with(1);
}

#[test]
fn a_work_tree_beside_the_repository_is_guarded_as_well() {
    let machine = repository();
    machine.write("project/a", "nothing\n");
    machine.commit("one").succeeds();
    machine
        .git("project", &["worktree", "add", "-q", "../beside"])
        .succeeds();
    let mut install = machine.command(&["hooks", "git", "install"]);
    install.current_dir(machine.path("beside"));
    Run::of(install.output()).succeeds();
    machine.write("beside/b", line());
    machine.git("beside", &["add", "-A"]).succeeds();
    machine
        .git("beside", &["commit", "-qm", "two"])
        .ends_with(1);
}

#[test]
fn a_commit_of_named_files_is_judged_by_what_it_takes() {
    let machine = repository();
    machine.run(&["hooks", "git", "install"]).succeeds();
    machine.write("project/a", "nothing\n");
    machine.commit("one").succeeds();
    machine.write("project/a", line());
    machine
        .git("project", &["commit", "-qam", "two"])
        .ends_with(1);
    machine
        .git("project", &["commit", "-qm", "two", "a"])
        .ends_with(1);
}

#[test]
fn when_ccs_is_gone_nothing_is_committed_unseen() {
    let machine = repository();
    machine.run(&["hooks", "git", "install"]).succeeds();
    let ccs = machine.ccs();
    fs::rename(&ccs, machine.path("bin/away")).expect("ours");
    machine.write("project/a", "nothing\n");
    let run = machine.commit("one").ends_with(1);
    assert!(run.stderr.contains("ccs hooks git install"), "{run:?}");
}

#[test]
fn a_baseline_counts_in_the_hook_too() {
    let machine = repository();
    machine.write("project/a", line());
    let accept = [
        "scan",
        "a",
        "--baseline",
        "known.json",
        "--accept",
        "a sample",
    ];
    machine.run(&accept).succeeds();
    machine
        .run(&["hooks", "git", "install", "--baseline", "known.json"])
        .succeeds();
    machine.commit("one").succeeds();
}

#[test]
fn redact_replaces_every_secret_and_nothing_else() {
    let machine = Machine::new();
    let path = machine.write(
        "project/a",
        [b"\xe9 ".as_slice(), line().as_bytes()].concat(),
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("ours");
    machine.run(&["redact", "a", "--in-place"]).succeeds();
    assert_eq!(
        fs::read(&path).expect("a file"),
        b"\xe9 key: [secret:gitlab.personal-token]\n"
    );
    let mode = fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    machine.run(&["redact", "-", "--in-place"]).ends_with(2);
    let run = machine.tell(&["redact", "-"], &line()).succeeds();
    assert_eq!(run.stdout, "key: [secret:gitlab.personal-token]\n");
}

#[test]
fn redact_in_place_goes_through_a_link_and_knows_the_vault() {
    let machine = Machine::new();
    machine.init();
    machine.put("wiki/login", "correct-horse-battery-staple");
    machine.write("project/real", "x correct-horse-battery-staple y\n");
    symlink("real", machine.path("project/link")).expect("a link");
    machine.run(&["redact", "link", "--in-place"]).succeeds();
    assert_eq!(machine.read("project/real"), "x [ccs:wiki/login] y\n");
    assert!(machine.path("project/link").is_symlink());
}

#[test]
fn redact_takes_patterns_as_settings_hold_them() {
    let machine = Machine::new();
    machine.write(
        "project/filters.json",
        r#"{"security": {"filters": {"enabled": true, "patterns": [
            {"name": "ssn", "regex": "\\d{3}-\\d{2}-\\d{4}", "replacement": "[SSN]"}]}}}"#,
    );
    let args = ["redact", "-", "--filters", "filters.json"];
    let run = machine
        .tell(&args, "078-05-1120 for ann@example.org\n")
        .succeeds();
    assert_eq!(run.stdout, "[SSN] for ann@example.org\n");
    let args = ["redact", "-", "--pii"];
    let run = machine.tell(&args, "write to ann@example.org\n").succeeds();
    assert_eq!(run.stdout, "write to [EMAIL]\n");
}
