//! Hooks are processes: many at once, killed at any moment, on a disk that is full.
#![cfg(unix)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ccs_audit::{Entry, Error, Filter, Kept, Log, Options, Rotate};
use common::{Home, append, call, fill};

const JOB: &str = "CCS_AUDIT_TEST_JOB";
const FOLDER: &str = "CCS_AUDIT_TEST_FOLDER";

/// This test again in a process of its own, which finds `job` in [`job`].
fn process(test: &str, job: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(JOB, job).env(FOLDER, folder);
    command.stdout(Stdio::null());
    command
}

/// What this process was started for, if by [`process`], and the folder it works in.
fn job() -> Option<(String, PathBuf)> {
    let job = std::env::var(JOB).ok()?;
    let folder = std::env::var_os(FOLDER).expect("a folder");
    Some((job, Path::new(&folder).to_owned()))
}

/// Small epochs and segments, so that many processes meet at their ends.
fn options(home: &Home) -> Options {
    let rotate = Rotate {
        entries: 50,
        ..Rotate::default()
    };
    Options {
        rotate,
        ..home.options()
    }
}

/// What a hook does: it opens the log, appends one entry and ends.
fn one_entry(job: String, folder: &Path) {
    let mut log = Log::open(folder, options(&Home::new())).expect("a log");
    let entry = Entry {
        target: job,
        ..Entry::new("hook")
    };
    log.append(entry).expect("kept");
}

/// The targets of the hooks' entries, in order.
fn targets(home: &Home) -> Vec<String> {
    let filter = Filter {
        event: "hook".into(),
        oldest_first: true,
        ..Filter::default()
    };
    let found = home.reader().query(&filter).expect("readable");
    found.into_iter().map(|one| one.record.target).collect()
}

fn assert_intact(home: &Home) {
    for report in [home.verify(), home.verify_publicly()] {
        assert!(report.is_intact(), "{:?}", report.faults);
    }
}

#[test]
fn sixty_four_hooks_at_once_found_one_log_and_lose_nothing() {
    let test = "sixty_four_hooks_at_once_found_one_log_and_lose_nothing";
    if let Some((job, folder)) = job() {
        return one_entry(job, &folder);
    }
    for round in 0..10 {
        let home = Home::new();
        let start = |number: u32| process(test, &number.to_string(), &home.path()).spawn();
        let hooks: Vec<_> = (0..64).map(|number| start(number).expect("runs")).collect();
        for mut hook in hooks {
            assert!(hook.wait().expect("ended").success(), "round {round}");
        }
        append(&mut home.log(), call(1)); // chains what waits in the spool, if anything does
        let mut found = targets(&home);
        found.sort_by_key(|target| target.parse::<u32>().expect("a number"));
        let all: Vec<String> = (0..64).map(|number: u32| number.to_string()).collect();
        assert_eq!(found, all, "round {round}");
        assert_intact(&home);
    }
}

/// Kills it after a while, if it is not done by then; whether it was done.
fn end(mut hook: Child, after: Option<Duration>) -> bool {
    if let Some(after) = after {
        std::thread::sleep(after);
        hook.kill().expect("killed");
    }
    hook.wait().expect("ended").success()
}

#[test]
fn hooks_that_are_killed_leave_a_chain_that_holds_and_every_entry_of_those_that_ended() {
    let test = "hooks_that_are_killed_leave_a_chain_that_holds_and_every_entry_of_those_that_ended";
    if let Some((job, folder)) = job() {
        return one_entry(job, &folder);
    }
    let home = Home::new();
    let (mut done, mut killed) = (Vec::new(), 0);
    for batch in 0..30 {
        let numbers = (batch * 12)..(batch * 12 + 12);
        let start = |number: u32| {
            let hook = process(test, &number.to_string(), &home.path()).spawn();
            (number, hook.expect("runs"))
        };
        let hooks: Vec<_> = numbers.map(start).collect();
        for (number, hook) in hooks {
            // from before it has begun to after it has ended
            let after = (number % 3 == 0).then(|| Duration::from_micros(u64::from(batch) * 700));
            if end(hook, after) {
                done.push(number.to_string());
            } else {
                killed += 1;
            }
        }
    }
    assert!(killed > 0, "all of them ended before they were killed");
    append(&mut home.log(), call(1));
    let found = targets(&home);
    let lost: Vec<_> = done.iter().filter(|one| !found.contains(one)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let mut once = found.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), found.len(), "an entry is there twice");
    assert_intact(&home);
}

/// The limit on the size of files stands in for a full disk: a write ends in the middle.
#[test]
fn on_a_full_disk_entries_are_spooled_then_refused_and_none_that_was_kept_is_lost() {
    let test = "on_a_full_disk_entries_are_spooled_then_refused_and_none_that_was_kept_is_lost";
    if let Some((job, folder)) = job() {
        return fill_the_disk(&folder, Path::new(&job));
    }
    let home = Home::new();
    fill(&mut home.log(), 3);
    let kept = home.beside("kept");
    let child = process(test, &kept.display().to_string(), &home.path());
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "trap '' XFSZ; ulimit -f 400; exec \"$@\" >/dev/null",
        "sh",
    ]);
    shell.arg(child.get_program()).args(child.get_args());
    let envs = child.get_envs();
    shell.envs(envs.filter_map(|(name, value)| Some((name, value?))));
    assert!(shell.status().expect("runs").success());

    append(&mut home.log(), call(1));
    let kept: usize = std::fs::read_to_string(kept)
        .expect("written")
        .parse()
        .expect("a number");
    let expected: Vec<String> = (0..kept).map(|number| number.to_string()).collect();
    assert_eq!(targets(&home), expected);
    assert_intact(&home);
}

/// Appends until nothing is kept any more, and notes how many were.
fn fill_the_disk(folder: &Path, note: &Path) {
    let mut log = Log::open(folder, Home::new().options()).expect("a log");
    let (mut chained, mut spooled) = (0, 0);
    loop {
        let entry = Entry {
            target: (chained + spooled).to_string(),
            details: "x".repeat(2_000),
            ..Entry::new("hook")
        };
        match log.append(entry) {
            Ok(receipt) if matches!(receipt.kept, Kept::Chained(_)) => chained += 1,
            Ok(_) => spooled += 1,
            Err(Error::Lost { .. }) => break,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(chained > 0 && spooled > 0, "{chained}, {spooled}");
    std::fs::write(note, (chained + spooled).to_string()).expect("written");
}

#[test]
fn when_the_folder_takes_no_spool_another_folder_does() {
    let home = Home::new();
    fill(&mut home.log(), 3);
    std::fs::create_dir(home.path().join("spool.jsonl")).expect("in the way");
    let elsewhere = home.beside("elsewhere");
    common::copy_folder(&home.path().join("spool.jsonl"), &elsewhere);
    let options = || Options {
        spool: Some(elsewhere.clone()),
        busy: Duration::from_millis(10),
        ..home.options()
    };
    let lock = rusqlite::Connection::open(home.segment(1)).expect("opened");
    lock.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let receipt = append(
        &mut Log::open(&home.path(), options()).expect("a log"),
        call(100),
    );
    let Kept::Spooled { path, .. } = receipt.kept else {
        panic!("not locked")
    };
    assert!(path.starts_with(&elsewhere));
    lock.execute_batch("ROLLBACK").expect("unlocked");
    append(
        &mut Log::open(&home.path(), options()).expect("a log"),
        call(101),
    );
    let all = home.reader().after(Some(3), 10).expect("readable");
    let targets: Vec<_> = all.into_iter().map(|one| one.record.target).collect();
    assert_eq!(targets, ["target 100", "target 101"]);
}
