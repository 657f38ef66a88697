//! Several processes at one vault, killed ones among them, and a disk that is full.
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use ccs_vault::{Error, Fingerprints, Key, Secret, Vault, harden_process};
use common::{Place, entry, get, job, name, process, put};

/// A value that has a fingerprint.
fn value(number: u32) -> String {
    format!("kR8vX2mQ9z-{number:04}-WpTn4Lc7s")
}

#[test]
fn twenty_processes_at_once_make_one_vault_and_lose_no_entry() {
    let test = "twenty_processes_at_once_make_one_vault_and_lose_no_entry";
    if let Some((job, folder)) = job() {
        let mut vault = Vault::open_or_create(&folder, 0).expect("a vault");
        for number in 0..4 {
            put(&mut vault, &format!("P{job}/{number}"), &job);
        }
        return;
    }
    let place = Place::new();
    let start = |number: u32| {
        process(test, &number.to_string(), &place)
            .spawn()
            .expect("started")
    };
    let children: Vec<_> = (0..20).map(start).collect();
    for mut child in children {
        assert!(child.wait().expect("ended").success());
    }
    let vault = place.opened();
    assert_eq!((vault.list().len(), vault.generation()), (80, 81));
    assert_eq!(get(&vault, "P19/3"), "19");
}

#[test]
fn of_processes_that_rotate_one_entry_at_once_every_rotation_is_kept() {
    let test = "of_processes_that_rotate_one_entry_at_once_every_rotation_is_kept";
    if let Some((job, folder)) = job() {
        let mut vault = Vault::open(&folder, Key::File).expect("opens");
        return vault
            .rotate(&name("A"), Some(Secret::new(job)), 0)
            .expect("rotated");
    }
    let place = Place::new();
    place
        .create()
        .put(entry("A", "first").keep(30), 0)
        .expect("put");
    let start = |number: u32| {
        process(test, &format!("v{number}"), &place)
            .spawn()
            .expect("started")
    };
    let children: Vec<_> = (0..8).map(start).collect();
    for mut child in children {
        assert!(child.wait().expect("ended").success());
    }
    let vault = place.opened();
    assert_eq!(vault.meta(&name("A")).expect("an entry").rotations, 8);
    assert_eq!(vault.older(&name("A")).expect("older values").len(), 8);
}

#[test]
fn a_vault_whose_writers_are_killed_at_any_moment_opens_with_everything_they_were_told_is_stored() {
    let test = "a_vault_whose_writers_are_killed_at_any_moment_opens_with_everything_they_were_told_is_stored";
    if let Some((job, folder)) = job() {
        let mut vault = Vault::open_or_create(&folder, 0).expect("a vault");
        let first: u32 = job.parse().expect("a number");
        for number in first.. {
            put(&mut vault, &format!("E{number}"), &value(number));
            let mut out = std::io::stdout();
            writeln!(out, "stored {number}")
                .and_then(|()| out.flush())
                .expect("told");
        }
    }
    let place = Place::new();
    place.create();
    let mut stored = 0;
    for round in 0..30 {
        let mut child = process(test, &stored.to_string(), &place)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let told = BufReader::new(child.stdout.take().expect("a pipe"));
        let reader = std::thread::spawn(move || {
            let lines = told.lines().map_while(Result::ok);
            lines
                .filter_map(|line| line.strip_prefix("stored ")?.parse::<u32>().ok())
                .last()
        });
        std::thread::sleep(Duration::from_micros(20_000 + 1_731 * round));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let told = reader.join().expect("no panic");
        stored = stored.max(told.map_or(0, |last| last + 1));

        let vault = place.opened();
        assert!(
            vault.list().len() as u32 >= stored,
            "{} of {stored}",
            vault.list().len()
        );
        let prints = Fingerprints::read(&place.folder())
            .expect("read")
            .expect("there");
        for number in 0..vault.list().len() as u32 {
            assert_eq!(get(&vault, &format!("E{number}")), value(number));
            assert_eq!(
                prints.find(&value(number)).len(),
                1,
                "round {round}: {number}"
            );
        }
        stored = vault.list().len() as u32;
    }
    assert!(stored > 0, "some were stored");
}

#[test]
fn a_vault_that_is_killed_while_it_is_made_is_whole_or_not_there() {
    let test = "a_vault_that_is_killed_while_it_is_made_is_whole_or_not_there";
    if let Some((_, folder)) = job() {
        Vault::open_or_create(&folder, 0).expect("a vault");
        return;
    }
    for round in 0..20 {
        let place = Place::new();
        let mut child = process(test, "make", &place)
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        std::thread::sleep(Duration::from_micros(3_000 + 700 * round));
        child.kill().expect("killed");
        child.wait().expect("ended");
        match Vault::open_or_create(&place.folder(), 0) {
            Ok(mut vault) => put(&mut vault, "A", "1"),
            // the key file alone: said so, and made by whoever is told to
            Err(Error::Missing { .. }) => put(&mut place.create(), "A", "1"),
            Err(other) => panic!("{other}"),
        }
        assert_eq!(get(&place.opened(), "A"), "1");
    }
}

/// The limit on the size of files stands in for a full disk: a write ends in the middle.
#[test]
fn a_disk_that_is_full_gives_a_clear_error_and_the_vault_stays_as_it_was() {
    let test = "a_disk_that_is_full_gives_a_clear_error_and_the_vault_stays_as_it_was";
    if let Some((_, folder)) = job() {
        let mut vault = Vault::open(&folder, Key::File).expect("opens");
        let large = entry("LARGE", &"x".repeat(60_000));
        let error = vault.put(large, 0).expect_err("no room");
        assert!(
            matches!(
                &error,
                Error::File {
                    action: "write",
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(get(&vault, "A"), "value", "the handle is as it was");
        return put(&mut vault, "B", "small");
    }
    let place = Place::new();
    put(&mut place.create(), "A", "value");
    let child = process(test, "fill", &place);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$@\"", "sh"])
        .arg(child.get_program());
    shell.args(child.get_args());
    shell.envs(
        child
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    assert!(shell.status().expect("run").success());

    let vault = place.opened();
    assert_eq!(
        (get(&vault, "A"), get(&vault, "B")),
        ("value".into(), "small".into())
    );
    assert_eq!(vault.list().len(), 2);
    let left = std::fs::read_dir(place.folder()).expect("the folder");
    let left = left.filter(|file| {
        file.as_ref()
            .is_ok_and(|file| file.path().extension() == Some("new".as_ref()))
    });
    assert_eq!(left.count(), 0, "nothing half-written is left");
}

#[test]
fn a_hardened_process_leaves_no_core_dump() {
    let test = "a_hardened_process_leaves_no_core_dump";
    if job().is_some() {
        harden_process().expect("hardened");
        let core = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
        #[cfg(target_os = "linux")]
        assert_eq!(
            rustix::process::dumpable_behavior().expect("a behaviour"),
            rustix::process::DumpableBehavior::NotDumpable
        );
        return;
    }
    assert!(
        process(test, "harden", &Place::new())
            .status()
            .expect("run")
            .success()
    );
}
