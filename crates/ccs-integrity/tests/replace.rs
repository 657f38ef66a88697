//! A file is replaced whole or not at all.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use ccs_integrity::Error;
use ccs_integrity::file::{self, New, Writer};
use tempfile::TempDir;

struct Scene {
    home: TempDir,
    file: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a scratch folder");
        let file = home.path().join("settings.json");
        fs::write(&file, "old").expect("a file");
        Scene { home, file }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn writer(&self) -> Writer {
        let writer = Writer::open(self.home.path(), &self.path("state")).expect("a writer");
        writer.allow_file(&self.file)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.home.path()).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("a name")
            })
            .collect();
        names.sort();
        names
    }
}

fn over<'a>(before: &'a str, bytes: &'a str) -> New<'a> {
    New {
        before: Some(before.as_bytes()),
        bytes: bytes.as_bytes(),
        mode: None,
    }
}

fn mode(path: &Path) -> u32 {
    file::mode(&fs::metadata(path).expect("a file"))
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
}

#[test]
fn a_replaced_file_keeps_its_mode_and_leaves_nothing_aside() {
    let scene = Scene::new();
    set_mode(&scene.file, 0o640);

    scene
        .writer()
        .replace(&scene.file, &over("old", "new"))
        .expect("written");

    assert_eq!(fs::read_to_string(&scene.file).expect("a file"), "new");
    assert_eq!(mode(&scene.file), 0o640);
    assert_eq!(scene.names(), ["settings.json", "state"]);
}

#[test]
fn a_new_file_is_private_unless_a_mode_is_asked_for() {
    let scene = Scene::new();
    let (private, program) = (scene.path("state/private"), scene.path("state/program"));
    let writer = scene.writer();
    let new = New {
        before: None,
        bytes: b"x",
        mode: None,
    };

    writer.replace(&private, &new).expect("written");
    writer
        .replace(
            &program,
            &New {
                mode: Some(0o755),
                ..new
            },
        )
        .expect("written");

    assert_eq!((mode(&private), mode(&program)), (0o600, 0o755));
    assert_eq!(mode(&scene.path("state")), 0o700);
}

#[test]
fn readers_of_the_old_file_keep_the_old_bytes() {
    let scene = Scene::new();
    let inode = fs::metadata(&scene.file).expect("a file").ino();
    let opened = fs::File::open(&scene.file).expect("a file");

    scene
        .writer()
        .replace(&scene.file, &over("old", "new"))
        .expect("written");

    assert_eq!(std::io::read_to_string(opened).expect("readable"), "old");
    assert_ne!(fs::metadata(&scene.file).expect("a file").ino(), inode);
}

#[test]
fn a_file_that_changed_in_the_meantime_is_not_overwritten() {
    let scene = Scene::new();
    let writer = scene.writer();

    let stale = writer.replace(&scene.file, &over("older", "new"));
    let surprise = writer.replace(
        &scene.file,
        &New {
            before: None,
            bytes: b"new",
            mode: None,
        },
    );

    assert!(matches!(stale, Err(Error::Changed { .. })));
    assert!(matches!(surprise, Err(Error::Changed { .. })));
    assert_eq!(fs::read_to_string(&scene.file).expect("a file"), "old");
}

#[test]
fn a_link_is_refused_until_it_is_resolved_on_purpose() {
    let scene = Scene::new();
    let target = scene.path("dotfiles.json");
    fs::rename(&scene.file, &target).expect("moved");
    symlink(&target, &scene.file).expect("a link");

    let refused = scene.writer().replace(&scene.file, &over("old", "new"));
    assert!(matches!(refused, Err(Error::Link { .. })));

    let resolved = file::resolve(&scene.file).expect("ours");
    let writer = scene.writer().allow_file(&resolved);
    writer
        .replace(&resolved, &over("old", "new"))
        .expect("written");
    assert_eq!(fs::read_to_string(&scene.file).expect("a file"), "new");
    assert!(scene.file.is_symlink());
}

#[test]
fn a_link_to_nowhere_or_to_a_folder_does_not_resolve() {
    let scene = Scene::new();
    let (nowhere, folder) = (scene.path("nowhere"), scene.path("folder"));
    symlink("gone", &nowhere).expect("a link");
    symlink(scene.home.path(), &folder).expect("a link");

    assert!(matches!(file::resolve(&nowhere), Err(Error::File { .. })));
    assert!(matches!(file::resolve(&folder), Err(Error::Kind { .. })));
}

#[test]
fn what_a_killed_run_left_aside_is_in_nobodys_way() {
    let scene = Scene::new();
    let elsewhere = scene.path("elsewhere");
    fs::write(&elsewhere, "theirs").expect("a file");
    symlink(&elsewhere, scene.path(".settings.json.ccs-new")).expect("a link");

    scene
        .writer()
        .replace(&scene.file, &over("old", "new"))
        .expect("written");

    assert_eq!(fs::read_to_string(&elsewhere).expect("a file"), "theirs");
    assert_eq!(fs::read_to_string(&scene.file).expect("a file"), "new");
}

#[test]
fn a_folder_in_place_of_the_file_is_refused() {
    let scene = Scene::new();
    fs::remove_file(&scene.file).expect("ours");
    fs::create_dir(&scene.file).expect("a folder");

    let refused = scene.writer().replace(&scene.file, &over("", "new"));

    assert!(matches!(refused, Err(Error::Kind { .. })));
}

#[test]
fn the_latest_five_different_versions_are_kept() {
    let scene = Scene::new();
    let writer = scene.writer();
    for version in 1..=7 {
        fs::write(&scene.file, format!("version {version}")).expect("ours");
        writer.backup(&scene.file).expect("copied");
        writer.backup(&scene.file).expect("copied");
    }

    let kept = file::backups(&scene.file).expect("listed");

    let versions: Vec<_> = kept
        .iter()
        .map(|path| fs::read_to_string(path).expect("a copy"))
        .collect();
    assert_eq!(
        versions,
        [
            "version 3",
            "version 4",
            "version 5",
            "version 6",
            "version 7"
        ]
    );
    assert!(kept[0].ends_with("settings.json.ccs-backup-3"));
}

#[test]
fn a_backup_is_as_private_as_its_file() {
    let scene = Scene::new();
    set_mode(&scene.file, 0o600);
    let copy = scene.writer().backup(&scene.file).expect("copied");
    assert_eq!(mode(&copy), 0o600);
}

#[test]
fn writers_take_turns() {
    let scene = Scene::new();
    fs::write(&scene.file, "0").expect("ours");
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                for _ in 0..10 {
                    let writer = scene.writer();
                    let before = fs::read_to_string(&scene.file).expect("a file");
                    let next = (before.parse::<u32>().expect("a number") + 1).to_string();
                    writer
                        .replace(&scene.file, &over(&before, &next))
                        .expect("written");
                }
            });
        }
    });
    assert_eq!(fs::read_to_string(&scene.file).expect("a file"), "80");
}

#[test]
fn a_state_folder_is_taken_away_only_when_nothing_is_left_in_it() {
    let scene = Scene::new();
    let note = scene.path("state/note");
    let writer = scene.writer();
    fs::write(&note, "theirs").expect("a file");
    assert!(!writer.close_and_tidy(&[]).expect("listed"));

    fs::remove_file(&note).expect("ours");
    assert!(scene.writer().close_and_tidy(&[]).expect("deleted"));
    assert_eq!(scene.names(), ["settings.json"]);
}

#[test]
fn of_the_folders_above_the_state_folder_only_empty_ones_go() {
    let scene = Scene::new();
    let folders = [scene.path("a"), scene.path("a/b")];
    let writer = Writer::open(scene.home.path(), &scene.path("a/b/state")).expect("a writer");
    fs::write(scene.path("a/note"), "theirs").expect("a file");

    assert!(writer.close_and_tidy(&folders).expect("deleted"));

    assert!(scene.path("a").exists() && !scene.path("a/b").exists());
}

#[test]
fn a_state_folder_that_others_could_read_is_made_private() {
    let scene = Scene::new();
    fs::create_dir(scene.path("state")).expect("a folder");
    set_mode(&scene.path("state"), 0o755);
    drop(scene.writer());
    assert_eq!(mode(&scene.path("state")), 0o700);
}

/// Only root can make a file that belongs to somebody else, so only root can get this wrong.
#[test]
fn what_root_writes_belongs_to_the_owner_of_the_folder() {
    let scene = Scene::new();
    let is_root = fs::metadata(scene.home.path()).expect("a folder").uid() == 0;
    let owner = if is_root {
        12_345
    } else {
        fs::metadata(&scene.file).expect("a file").uid()
    };
    if is_root {
        std::os::unix::fs::chown(scene.home.path(), Some(owner), None).expect("root");
    }
    let writer = scene.writer();
    let new = scene.path("state/new");
    writer
        .replace(
            &new,
            &New {
                before: None,
                bytes: b"x",
                mode: None,
            },
        )
        .expect("written");

    for path in [scene.path("state"), scene.path("state/.lock"), new] {
        assert_eq!(
            fs::metadata(&path).expect("there").uid(),
            owner,
            "{}",
            path.display()
        );
    }
}
