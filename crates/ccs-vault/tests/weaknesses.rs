//! Each way in which a vault of secrets is known to have failed its owner, and that this one does
//! not.
#![cfg(unix)]

mod common;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use ccs_vault::import::{self, Wanted};
use ccs_vault::{Error, Length, Secret, Shell, Vault, format};
use common::{Place, entry, get, job, name, process, put, refused, text};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path)
        .expect("a file")
        .permissions()
        .mode()
        & 0o7777
}

/// Without an optional library every process made a key of its own.
#[test]
fn what_one_process_stores_another_reads() {
    if let Some((_, folder)) = job() {
        let mut vault = Vault::open_or_create(&folder, 0).expect("a vault");
        return put(&mut vault, "A", "from another process");
    }
    let place = Place::new();
    let test = "what_one_process_stores_another_reads";
    assert!(
        process(test, "put", &place)
            .status()
            .expect("run")
            .success()
    );
    assert_eq!(get(&place.opened(), "A"), "from another process");
}

/// `a/b` and `a_b` were one file.
#[test]
fn names_that_differ_in_one_sign_are_two_entries() {
    let place = Place::new();
    let mut vault = place.create();
    let names = ["a/b", "a_b", "a.b", "a-b", "A_b"];
    for name in names {
        put(&mut vault, name, &format!("value of {name}"));
    }
    let vault = place.opened();
    for name in names {
        assert_eq!(get(&vault, name), format!("value of {name}"));
    }
}

/// A sealed value copied under another name was taken for that one's.
#[test]
fn a_sealed_value_under_another_name_does_not_open() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "value of a");
    put(&mut vault, "B", "value of b");
    let mut layout = format::parse(&place.read("vault")).expect("a layout");
    let [one, two] = &mut layout.entries[..] else {
        panic!("two entries")
    };
    (two.salt, two.meta, two.value) = (one.salt, one.meta.clone(), one.value.clone());
    place.write("vault", &layout.encode());
    assert!(matches!(refused(place.open()), Error::Corrupt { .. }));
}

/// Files were readable by others, or were so until a later `chmod`.
#[test]
fn every_file_is_private_whatever_the_umask_and_so_is_the_folder() {
    if let Some((_, folder)) = job() {
        let mut vault = Vault::open_or_create(&folder, 0).expect("a vault");
        put(&mut vault, "A", "1");
        put(&mut vault, "A", "2");
        return;
    }
    let place = Place::new();
    let test = "every_file_is_private_whatever_the_umask_and_so_is_the_folder";
    let child = process(test, "put", &place);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask 0; exec \"$@\"", "sh"])
        .arg(child.get_program());
    shell.args(child.get_args()).envs(
        child
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    assert!(shell.status().expect("run").success());

    assert_eq!(mode(&place.folder()), 0o700);
    let files = std::fs::read_dir(place.folder()).expect("the folder");
    let modes: Vec<_> = files
        .map(|file| mode(&file.expect("a file").path()))
        .collect();
    assert_eq!(modes, [0o600; 6]);
}

/// And were used although others could read them.
#[test]
fn a_file_that_others_can_read_is_not_used() {
    let place = Place::new();
    place.create();
    for file in ["vault", "vault.key"] {
        let path = place.file(file);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("chmod");
        let error = refused(place.open()).to_string();
        assert!(
            error.contains(file) && error.contains("chmod 600"),
            "{error}"
        );
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("chmod");
    }
}

/// The counter of rotations stood still, and two within a second lost a key.
#[test]
fn every_rotation_counts_and_two_in_one_second_keep_both_values() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "0");
    for value in ["1", "2", "3"] {
        vault
            .rotate(&name("A"), Some(Secret::new(value)), 7)
            .expect("rotated");
    }
    let vault = place.opened();
    let older = vault.older(&name("A")).expect("older values");
    let older: Vec<_> = older.iter().map(|older| text(&older.value)).collect();
    assert_eq!(older, ["2", "1", "0"]);
    assert_eq!(vault.meta(&name("A")).expect("an entry").rotations, 3);
}

/// Keys came from the host's name; with another name new ones were written over the old.
#[test]
fn a_vault_opens_wherever_it_is_moved_whatever_the_machine_is_called() {
    if let Some((_, folder)) = job() {
        let vault = Vault::open(&folder, ccs_vault::Key::File).expect("opens");
        return assert_eq!(get(&vault, "A"), "value");
    }
    let (from, to) = (Place::new(), Place::new());
    put(&mut from.create(), "A", "value");
    std::fs::rename(from.folder(), to.folder()).expect("moved");
    // under another host name where the system lets us, and in any case from another process
    let test = "a_vault_opens_wherever_it_is_moved_whatever_the_machine_is_called";
    let child = process(test, "get", &to);
    let mut unshared = Command::new("unshare");
    unshared.args(["--uts", "sh", "-c", "hostname other && exec \"$@\"", "sh"]);
    unshared.arg(child.get_program()).args(child.get_args());
    unshared.envs(
        child
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let renamed = unshared
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(renamed || process(test, "get", &to).status().expect("run").success());
}

/// A key that did not fit led to new keys over the old ones.
#[test]
fn a_key_that_does_not_fit_changes_no_file() {
    let (place, other) = (Place::new(), Place::new());
    put(&mut place.create(), "A", "value");
    other.create();
    let right = place.read("vault.key");
    place.write("vault.key", &other.read("vault.key"));
    let before = place.files();
    assert!(matches!(refused(place.open()), Error::WrongKey { .. }));
    assert!(matches!(
        refused(Vault::open_or_create(&place.folder(), 0)),
        Error::WrongKey { .. }
    ));
    assert_eq!(place.files(), before);
    place.write("vault.key", &right);
    assert_eq!(get(&place.opened(), "A"), "value");
}

/// A salt that was cut short was replaced without a word.
#[test]
fn a_key_file_that_was_cut_short_is_reported_and_not_replaced() {
    let place = Place::new();
    place.create();
    let key = place.read("vault.key");
    for length in 0..key.len() {
        place.write("vault.key", &key[..length]);
        let error = refused(Vault::open_or_create(&place.folder(), 0));
        assert!(matches!(&error, Error::Corrupt { path, .. } if *path == place.file("vault.key")));
        assert_eq!(place.read("vault.key"), &key[..length]);
    }
}

/// And what was missing was made anew.
#[test]
fn what_is_missing_is_reported_and_not_made_anew() {
    let place = Place::new();
    put(&mut place.create(), "A", "1");
    for gone in ["vault.key", "vault"] {
        let bytes = place.read(gone);
        std::fs::remove_file(place.file(gone)).expect("removed");
        let error = refused(Vault::open_or_create(&place.folder(), 0));
        assert!(
            matches!(&error, Error::Missing { path, .. } if *path == place.file(gone)),
            "{error}"
        );
        assert!(!place.file(gone).exists());
        place.write(gone, &bytes);
        std::fs::set_permissions(place.file(gone), PermissionsExt::from_mode(0o600))
            .expect("chmod");
    }
    assert_eq!(get(&place.opened(), "A"), "1");
}

/// Processes that started at the same time made different keys.
#[test]
fn processes_that_start_together_make_one_vault() {
    let test = "processes_that_start_together_make_one_vault";
    if let Some((job, folder)) = job() {
        let mut vault = Vault::open_or_create(&folder, 0).expect("a vault");
        return put(&mut vault, &job, &job);
    }
    for _ in 0..3 {
        let place = Place::new();
        let names: Vec<_> = (0..8).map(|number| format!("N{number}")).collect();
        let start = |name: &String| process(test, name, &place).spawn().expect("started");
        let children: Vec<_> = names.iter().map(start).collect();
        for mut child in children {
            assert!(child.wait().expect("ended").success());
        }
        let vault = place.opened();
        for name in &names {
            assert_eq!(get(&vault, name), *name);
        }
    }
}

/// Eight letters and the length of every token lay readable beside it.
#[test]
fn no_file_shows_a_name_a_value_or_the_length_of_one() {
    let place = Place::new();
    let mut vault = place.create();
    vault
        .put(
            entry("MY_TOKEN_NAME", "sk-ant-kR8vX2mQ9z")
                .note("a note of mine")
                .expect("a note"),
            0,
        )
        .expect("put");
    let shown = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    for (file, bytes) in place.files() {
        for text in ["MY_TOKEN", "sk-ant", "kR8v", "a note", "other"] {
            assert!(!shown(&bytes, text), "{text} in {}", file.display());
        }
    }
    let meta = format!("{:?}", vault.meta(&name("MY_TOKEN_NAME")));
    assert!(!meta.contains("sk-") && meta.contains("length: Medium"));
    assert_eq!(
        vault.list().next().expect("an entry").length,
        Length::Medium
    );

    let length = place.read("vault").len();
    put(&mut vault, "MY_TOKEN_NAME", "sk-ant-kR8vX2mQ9z-and-more");
    vault
        .edit(
            &name("MY_TOKEN_NAME"),
            ccs_vault::Edit {
                keep: Some(0),
                ..Default::default()
            },
        )
        .expect("edited");
    assert_eq!(place.read("vault").len(), length);
}

/// A name with a command in it was run by the shell that read the export.
#[test]
fn a_shell_that_reads_an_export_gets_the_values_and_runs_nothing() {
    let place = Place::new();
    let marker = place.file("ran");
    let mut vault = place.create();
    let hostile = format!(
        "it's $(touch {0}) `touch {0}` \"; touch {0}; '\n\\'",
        marker.display()
    );
    put(&mut vault, "A_KEY", &hostile);
    put(&mut vault, "a/b", "no variable");
    put(&mut vault, "LD_PRELOAD", "no secret");
    assert!(ccs_vault::Name::new("X=1; touch /tmp/x; Y").is_err());

    let export = vault.export(Shell::Sh, None, 0).expect("an export");
    let left: Vec<_> = export.left.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(left, ["LD_PRELOAD", "a/b"]);
    let script = [export.text.expose(), b"printf '%s' \"$A_KEY\"\n"].concat();
    let mut shell = Command::new("sh");
    let mut shell = shell
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("sh");
    shell
        .stdin
        .take()
        .expect("a pipe")
        .write_all(&script)
        .expect("written");
    let output = shell.wait_with_output().expect("ended");
    assert_eq!(String::from_utf8_lossy(&output.stdout), hostile);
    assert!(!marker.exists());
}

/// A value with a quote in it was cut at the quote and stored as if it were whole.
#[test]
fn a_value_with_a_quote_in_it_is_imported_whole() {
    let plan = import::from_shell("export MY_TOKEN=\"it's-long-secret\"\n", Wanted::Likely);
    let place = Place::new();
    let mut vault = place.create();
    let done = vault
        .import(plan.found, import::Existing::Keep, None, 0)
        .expect("imported");
    assert_eq!(done, [(name("MY_TOKEN"), import::Outcome::Added)]);
    assert_eq!(get(&place.opened(), "MY_TOKEN"), "it's-long-secret");
}
