//! What a verification sees.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use ccs_integrity::drift::{Accepted, Change, Drift, Report, compare};
use ccs_integrity::manifest::{Class, Digest, Manifest};
use ccs_integrity::walk::{Limits, Root, look, walk};
use tempfile::TempDir;

struct Home {
    folder: TempDir,
    roots: Vec<Root>,
    manifest: Option<Manifest>,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        fs::create_dir_all(path.join("hooks")).expect("made");
        fs::create_dir_all(path.join("docs")).expect("made");
        let roots = vec![
            Root::exec(path.join("hooks")).with_docs(&["*.md"]),
            Root::exec(path.join("settings.json")),
            Root::docs(path.join("docs")),
        ];
        let home = Home {
            folder,
            roots,
            manifest: None,
        };
        home.write("hooks/guard.sh", "exit 2\n");
        home.write("hooks/README.md", "about\n");
        home.write("settings.json", "{}\n");
        home.write("docs/CLAUDE.md", "be nice\n");
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    fn mode(&self, name: &str, mode: u32) {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(self.path(name), mode).expect("set");
    }

    fn sign(&mut self) {
        let observed = walk(&self.roots, &Limits::default());
        assert_eq!(observed.unreadable, []);
        let roots = self.roots.clone();
        let manifest = Manifest::new(None, 0, roots, observed.entries).expect("each path once");
        self.manifest = Some(manifest);
    }

    fn signed() -> Self {
        let mut home = Home::new();
        home.sign();
        home
    }

    fn verify(&self) -> Report {
        self.verify_with(&[])
    }

    fn verify_with(&self, accepted: &[Accepted]) -> Report {
        let observed = walk(&self.roots, &Limits::default());
        compare(self.manifest.as_ref().expect("signed"), &observed, accepted)
    }

    /// Each deviation as `name word class`.
    fn drifts(&self) -> Vec<String> {
        let shown = |drift: &Drift| {
            let name = drift.path.strip_prefix(self.folder.path()).expect("below");
            format!(
                "{} {} {:?}",
                name.display(),
                drift.change.word(),
                drift.class
            )
        };
        self.verify().drifts.iter().map(shown).collect()
    }
}

#[test]
fn nothing_changed_is_clean_and_counted() {
    let home = Home::signed();
    let report = home.verify();
    assert_eq!(report.drifts, []);
    assert_eq!(report.worst(), None);
    // four files and two folders
    assert_eq!(report.verified, 6);
}

#[test]
fn every_kind_of_change_is_seen_and_graded() {
    let home = Home::signed();
    home.write("hooks/guard.sh", "exit 0\n");
    home.write("hooks/README.md", "about it\n");
    home.write("hooks/new", "#!/bin/sh\n");
    home.write("docs/more.md", "more\n");
    fs::remove_file(home.path("settings.json")).expect("removed");
    home.mode("docs/CLAUDE.md", 0o666);
    assert_eq!(
        home.drifts(),
        [
            "docs/CLAUDE.md mode-changed Docs",
            "docs/more.md added Docs",
            "hooks/README.md modified Docs",
            "hooks/guard.sh modified Exec",
            "hooks/new added Exec",
            "settings.json removed Exec",
        ]
    );
    assert_eq!(home.verify().worst(), Some(Class::Exec));
}

#[test]
fn a_changed_file_with_the_old_size_and_times_is_modified() {
    let home = Home::signed();
    let before = fs::metadata(home.path("hooks/guard.sh")).expect("there");
    home.write("hooks/guard.sh", "exit 3\n");
    let file = fs::File::options()
        .write(true)
        .open(home.path("hooks/guard.sh"));
    let file = file.expect("opened");
    let times = fs::FileTimes::new().set_modified(before.modified().expect("known"));
    file.set_times(times).expect("set");
    assert_eq!(home.drifts(), ["hooks/guard.sh modified Exec"]);
}

#[test]
fn a_file_put_in_the_place_of_another_signed_file_is_modified() {
    let mut home = Home::new();
    home.write("hooks/harmless.sh", "exit 0\n");
    home.sign();
    fs::copy(home.path("hooks/harmless.sh"), home.path("hooks/guard.sh")).expect("copied");
    assert_eq!(home.drifts(), ["hooks/guard.sh modified Exec"]);
}

#[test]
fn an_executable_bit_that_goes_is_a_change() {
    let mut home = Home::new();
    home.mode("hooks/guard.sh", 0o755);
    home.sign();
    home.mode("hooks/guard.sh", 0o644);
    assert_eq!(home.drifts(), ["hooks/guard.sh mode-changed Exec"]);
}

#[test]
fn a_folder_that_others_may_write_to_is_a_change() {
    let home = Home::signed();
    home.mode("hooks", 0o777);
    assert_eq!(home.drifts(), ["hooks mode-changed Exec"]);
}

#[test]
fn a_file_that_becomes_a_link_to_the_same_bytes_changed_its_type() {
    let home = Home::signed();
    fs::rename(home.path("hooks/guard.sh"), home.path("docs/guard.sh")).expect("moved");
    symlink(home.path("docs/guard.sh"), home.path("hooks/guard.sh")).expect("linked");
    assert_eq!(
        home.drifts(),
        [
            "docs/guard.sh added Docs",
            "hooks/guard.sh type-changed Exec"
        ]
    );
}

#[test]
fn a_new_link_out_of_the_roots_is_an_escape() {
    let home = Home::signed();
    home.write("outside", "x");
    symlink("/etc", home.path("docs/etc")).expect("linked");
    symlink(home.path("outside"), home.path("docs/outside")).expect("linked");
    symlink(home.path("nowhere"), home.path("docs/nowhere")).expect("linked");
    symlink("CLAUDE.md", home.path("docs/inside")).expect("linked");
    assert_eq!(
        home.drifts(),
        [
            "docs/etc link-escape Docs",
            "docs/inside added Docs",
            "docs/nowhere link-escape Docs",
            "docs/outside link-escape Docs",
        ]
    );
}

#[test]
fn a_link_is_modified_when_its_target_or_the_file_behind_it_changes() {
    let mut home = Home::new();
    home.write("outside", "exit 2");
    symlink(home.path("outside"), home.path("hooks/one")).expect("linked");
    symlink("guard.sh", home.path("hooks/two")).expect("linked");
    home.sign();
    assert_eq!(home.drifts(), [""; 0]);

    home.write("outside", "exit 0");
    fs::remove_file(home.path("hooks/two")).expect("removed");
    symlink("README.md", home.path("hooks/two")).expect("linked");

    assert_eq!(
        home.drifts(),
        ["hooks/one modified Exec", "hooks/two modified Exec"]
    );
}

#[test]
fn a_root_that_becomes_a_link_is_not_followed() {
    let home = Home::signed();
    fs::rename(home.path("hooks"), home.path("elsewhere")).expect("moved");
    symlink(home.path("elsewhere"), home.path("hooks")).expect("linked");
    let drifts = home.drifts();
    assert!(
        drifts.contains(&"hooks type-changed Exec".to_owned()),
        "{drifts:?}"
    );
    assert!(drifts.contains(&"hooks/guard.sh removed Exec".to_owned()));
}

#[test]
fn a_pipe_in_the_place_of_a_file_does_not_stop_the_walk() {
    let home = Home::signed();
    fs::remove_file(home.path("hooks/guard.sh")).expect("removed");
    let made = std::process::Command::new("mkfifo")
        .arg(home.path("hooks/guard.sh"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    assert_eq!(home.drifts(), ["hooks/guard.sh type-changed Exec"]);
}

#[test]
fn what_cannot_be_looked_at_is_reported_and_not_left_out() {
    let home = Home::signed();
    let limits = Limits {
        entries: 2,
        depth: 8,
    };
    let observed = walk(&home.roots, &limits);
    let report = compare(home.manifest.as_ref().expect("signed"), &observed, &[]);
    let unreadable = report
        .drifts
        .iter()
        .filter(|d| d.change.word() == "unreadable");
    assert!(unreadable.count() > 0);
    assert_eq!(report.worst(), Some(Class::Exec));
}

#[test]
fn files_of_any_suffix_and_none_are_covered() {
    let mut home = Home::new();
    for name in ["a.js", "b.ts", "c", ".hidden", "d.weird suffix", "é"] {
        home.write(&format!("hooks/{name}"), name);
    }
    home.sign();
    for name in ["a.js", "b.ts", "c", ".hidden", "d.weird suffix", "é"] {
        home.write(&format!("hooks/{name}"), "changed");
    }
    assert_eq!(home.drifts().len(), 6);
}

#[test]
fn accepted_content_is_no_deviation_and_other_content_is() {
    let home = Home::signed();
    home.write("hooks/guard.sh", "exit 2 # better\n");
    home.write("docs/new.md", "new\n");
    fs::remove_file(home.path("docs/CLAUDE.md")).expect("removed");
    let accept = |name: &str, content: Option<&str>| Accepted {
        path: home.path(name),
        content: content.map(|text| Digest::of(text.as_bytes())),
    };
    let accepted = [
        accept("hooks/guard.sh", Some("exit 2 # better\n")),
        accept("docs/new.md", Some("new\n")),
        accept("docs/CLAUDE.md", None),
    ];
    let report = home.verify_with(&accepted);
    assert_eq!((report.drifts.len(), report.accepted), (0, 3));

    home.write("hooks/guard.sh", "exit 0\n");
    home.mode("docs/new.md", 0o755);
    let report = home.verify_with(&accepted);
    let words: Vec<_> = report.drifts.iter().map(|d| d.change.word()).collect();
    assert_eq!(words, ["added", "modified"]);
}

#[test]
fn accepted_content_does_not_bring_new_rights() {
    let home = Home::signed();
    home.write("hooks/guard.sh", "exit 2 # better\n");
    home.mode("hooks/guard.sh", 0o777);
    let accepted = [Accepted {
        path: home.path("hooks/guard.sh"),
        content: Some(Digest::of(b"exit 2 # better\n")),
    }];
    let report = home.verify_with(&accepted);
    let change = &report.drifts[0].change;
    assert!(
        matches!(change, Change::Mode { after: 0o777, .. }),
        "{change:?}"
    );
}

#[test]
fn one_file_can_be_looked_at_alone() {
    let home = Home::signed();
    let there = look(&home.roots, &home.path("hooks/guard.sh")).expect("there");
    let entry = &there.entries[0];
    let manifest = home.manifest.as_ref().expect("signed");
    assert_eq!(manifest.entry(&entry.path), Some(entry));
    assert!(look(&home.roots, &home.path("hooks/none")).is_none());
    assert!(look(&home.roots, Path::new("/etc/passwd")).is_none());
}

#[test]
fn two_roots_over_one_file_record_it_once() {
    let mut home = Home::new();
    home.roots.push(Root::docs(home.path("hooks")));
    home.sign();
    assert_eq!(home.drifts(), [""; 0]);
    assert_eq!(
        home.manifest
            .as_ref()
            .and_then(|m| m.class_of(&home.path("hooks/guard.sh"))),
        Some(Class::Exec)
    );
}
