//! Whatever goes wrong, the user's settings are the old ones or the new ones.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use support::{Machine, Run};

const THEIRS: &str = "{\n  \"model\": \"opus\"\n}\n";

/// Runs setup from a shell that does something first.
fn shell(machine: &Machine, first: &str) -> Run {
    let script = format!("{first}; exec '{}' setup", machine.ccs().display());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]);
    machine.surround(&mut command);
    Run::of(command.output())
}

/// Set up, and then the user's settings without the guard: only they have to be written.
fn with_settings_to_write() -> Machine {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    machine.setup(&[]).succeeds();
    machine.write("home/.claude/settings.json", THEIRS);
    machine
}

#[test]
fn broken_settings_are_refused_with_their_place() {
    let machine = Machine::new();
    for (text, place) in [
        (
            "{\n  \"a\": 1,\n}",
            "settings.json:2:9: a comma stands before the closing bracket",
        ),
        (
            "{\"a\": 1, \"a\": 2}",
            "settings.json:1:10: the key `a` occurs twice",
        ),
        (
            "{\"hooks\": []}",
            "settings.json:1:11: `hooks` must be an object",
        ),
        (
            "",
            "settings.json:1:1: the text ends where a value should stand",
        ),
    ] {
        machine.write("home/.claude/settings.json", text);
        let run = machine.setup(&[]).ends_with(4);
        assert!(run.stderr.contains(place), "{}", run.stderr);
        assert_eq!(machine.read("home/.claude/settings.json"), text);
        machine.setup(&["--dry-run"]).ends_with(4);
    }
}

#[test]
fn settings_the_client_would_ignore_are_named() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", "{\"model\": 7}");
    let run = machine.setup(&[]).succeeds();
    assert!(
        run.stdout.contains("`model` must be a string"),
        "{}",
        run.stdout
    );
}

#[test]
fn linked_settings_are_written_where_the_link_leads() {
    let machine = Machine::new();
    let target = machine.write("dotfiles/claude.json", THEIRS);
    fs::create_dir(machine.path("home/.claude")).expect("a folder");
    symlink(&target, machine.settings()).expect("a link");

    machine.setup(&[]).succeeds();
    assert!(machine.settings().is_symlink());
    assert!(machine.read("dotfiles/claude.json").contains("ccs-hook"));

    machine.run(&["uninstall"]).succeeds();
    assert_eq!(machine.read("dotfiles/claude.json"), THEIRS);
    assert!(machine.settings().is_symlink());
}

#[test]
fn a_link_into_a_forbidden_place_is_refused() {
    let machine = Machine::new();
    let target = machine.write("home/.ssh/config", THEIRS);
    fs::create_dir(machine.path("home/.claude")).expect("a folder");
    symlink(&target, machine.settings()).expect("a link");

    let run = machine.setup(&[]).ends_with(4);

    assert!(
        run.stderr.contains("not a place ccs may write to"),
        "{}",
        run.stderr
    );
    assert_eq!(machine.read("home/.ssh/config"), THEIRS);
}

#[test]
fn a_state_folder_that_is_a_link_is_refused() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    symlink(machine.path("project"), machine.state()).expect("a link");

    machine.setup(&[]).ends_with(4);

    assert_eq!(machine.read("home/.claude/settings.json"), THEIRS);
    assert_eq!(machine.tree("project").len(), 0);
}

#[test]
fn a_disk_that_takes_no_more_leaves_the_old_settings() {
    let machine = with_settings_to_write();
    let files = |machine: &Machine| {
        let mut tree = machine.tree("home");
        // looking at the log makes and removes files beside its database
        tree.retain(|path, _| path.components().all(|part| part.as_os_str() != "audit"));
        tree
    };
    let before = files(&machine);

    let run = shell(&machine, "trap '' XFSZ; ulimit -f 0").ends_with(5);

    assert!(run.stderr.contains("cannot write `"), "{}", run.stderr);
    assert_eq!(files(&machine), before);
}

#[test]
fn a_run_killed_while_writing_leaves_the_old_settings_and_the_next_one_works() {
    let machine = with_settings_to_write();

    let run = shell(&machine, "ulimit -c 0; ulimit -f 0");

    assert_eq!(run.code, -1, "{}", run.stderr);
    assert_eq!(machine.read("home/.claude/settings.json"), THEIRS);
    machine.setup(&[]).succeeds();
    let left: Vec<_> = machine
        .tree("home")
        .into_keys()
        .filter(|path| path.to_string_lossy().ends_with(".ccs-new"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    let machine = Machine::new();
    let run = machine
        .command(&["setup"])
        .env("CLAUDE_CONFIG_DIR", "/sys/kernel")
        .env("CCS_HOME", machine.path("state"))
        .output();
    let run = Run::of(run).ends_with(5);
    assert!(
        run.stderr
            .contains("cannot write `/sys/kernel/settings.json`: "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("\nnext: "), "{}", run.stderr);
}

#[test]
fn a_file_in_place_of_a_folder_is_an_error() {
    let machine = Machine::new();
    machine.write("home/.claude", "not a folder");
    machine.setup(&[]).ends_with(5);
    assert_eq!(machine.read("home/.claude"), "not a folder");
}

#[test]
fn setups_at_the_same_time_all_succeed_and_register_once() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    let start = |_| {
        let mut command = machine.command(&["setup"]);
        command.stdout(Stdio::null()).spawn().expect("started")
    };
    let runs: Vec<_> = (0..6).map(start).collect();

    for mut run in runs {
        assert!(run.wait().expect("ended").success());
    }
    let text = machine.read("home/.claude/settings.json");
    assert_eq!(text.matches("\"pre-tool-use\"").count(), 1);
    machine.run(&["uninstall"]).succeeds();
    assert_eq!(machine.read("home/.claude/settings.json"), THEIRS);
}

#[test]
fn setups_of_two_scopes_at_the_same_time_are_both_recorded() {
    let machine = Machine::new();
    let start = |scope| {
        let mut command = machine.command(&["setup", "--scope", scope]);
        command.stdout(Stdio::null()).spawn().expect("started")
    };
    let runs: Vec<_> = ["user", "project", "user", "project"]
        .map(start)
        .into_iter()
        .collect();
    for mut run in runs {
        assert!(run.wait().expect("ended").success());
    }
    machine.run(&["uninstall"]).succeeds();
    assert_eq!(
        (machine.tree("home").len(), machine.tree("project").len()),
        (0, 0)
    );
}

#[test]
fn setup_and_uninstall_at_the_same_time_end_in_one_of_the_two() {
    let machine = Machine::new();
    machine.write("home/.claude/settings.json", THEIRS);
    let setup = ["setup"];
    let start = |args: &[&str]| {
        let mut command = machine.command(args);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started")
    };
    for _ in 0..5 {
        let mut runs = [start(&setup), start(&["uninstall"]), start(&setup)];
        for run in &mut runs {
            run.wait().expect("ended");
        }
        let text = machine.read("home/.claude/settings.json");
        assert!(
            text == THEIRS || text.matches("\"pre-tool-use\"").count() == 1,
            "{text}"
        );
    }
    machine.run(&["uninstall"]).succeeds();
    assert_eq!(machine.read("home/.claude/settings.json"), THEIRS);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let machine = Machine::new();
    let ccs = machine.ccs();
    let ccs = ccs.display();
    let script = format!("'{ccs}' man | true; '{ccs}' completions fish | head -c 1");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]);
    machine.surround(&mut command);
    assert_eq!(Run::of(command.output()).stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_home_folder_that_json_cannot_name_is_refused_and_left_alone() {
    use std::os::unix::ffi::OsStrExt;

    let machine = Machine::new();
    let home = machine.root().join(std::ffi::OsStr::from_bytes(b"h\xff"));
    fs::create_dir(&home).expect("a folder");

    let run = machine.command(&["setup"]).env("HOME", &home).output();

    let run = Run::of(run).ends_with(4);
    assert!(run.stderr.contains("is not UTF-8"), "{}", run.stderr);
    assert_eq!(fs::read_dir(&home).expect("there").count(), 0);
}

#[test]
fn a_link_that_leads_nowhere_is_an_error_that_says_so() {
    let machine = Machine::new();
    fs::create_dir(machine.path("home/.claude")).expect("a folder");
    symlink(machine.path("gone/settings.json"), machine.settings()).expect("a link");
    let run = machine.setup(&[]).ends_with(5);
    assert!(run.stderr.contains("correct the link"), "{}", run.stderr);
}

#[test]
fn a_state_folder_that_belongs_to_others_keeps_its_mode_and_gets_no_file() {
    use std::os::unix::fs::PermissionsExt;

    let machine = Machine::new();
    machine.write("shared/notes.txt", "ours");
    let shared = machine.path("shared");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).expect("ours");
    for state in [
        shared,
        machine.home(),
        machine.path("home/.claude"),
        machine.root().to_owned(),
    ] {
        for args in [&["setup"][..], &["policy", "import", "x.yaml"]] {
            machine.write("project/x.yaml", "zeroAccessPaths: [x]");
            let run = machine.command(args).env("CCS_HOME", &state).output();
            let run = Run::of(run).ends_with(4);
            let what = "is not a folder for ccs alone";
            assert!(run.stderr.contains(what), "{}", run.stderr);
        }
    }
    let shared: Vec<_> = machine.tree("shared").into_keys().collect();
    assert_eq!(shared, [machine.path("shared/notes.txt")]);
    let mode = fs::metadata(machine.path("shared"))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o777);
    assert_eq!(machine.tree("home").len(), 0);
}
