//! A writer writes where it was told to and nowhere else.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ccs_integrity::Error;
use ccs_integrity::file::{NEVER, New, Writer};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

const NOTHING: New<'_> = New {
    before: None,
    bytes: b"ours",
    mode: None,
};

/// A home with something in each place that is never ours.
fn home() -> TempDir {
    let home = tempfile::tempdir().expect("a scratch folder");
    for place in NEVER {
        let folder = home.path().join(place);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("theirs"), "theirs").expect("a file");
    }
    home
}

/// A writer that was, wrongly, allowed everything below the home folder.
fn generous(home: &Path) -> Writer {
    let state = home.join(".claude/ccs");
    let writer = Writer::open(home, &state).expect("a writer");
    writer.allow_folder(home).allow_folder(Path::new("/"))
}

fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(tree(&path));
        }
        found.insert(path.clone(), fs::read(&path).unwrap_or_default());
    }
    found
}

/// Tries everything a writer can do to a path; all of it must be refused.
fn assert_refused(writer: &Writer, path: &Path) {
    let attempts = [
        writer.replace(path, &NOTHING).err(),
        writer.backup(path).err(),
        writer.remove(path).err(),
        writer.create_folder(&path.join("sub"), 0o700).err(),
        writer.remove_folder(path).err(),
        writer.tighten(path, 0o077).err(),
        writer.loosen(path, 0o600, 0o666).err(),
    ];
    for refused in attempts {
        assert!(
            matches!(refused, Some(Error::Forbidden { .. })),
            "{path:?}: {refused:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_path_below_a_forbidden_place_is_ever_written(
        place in select(NEVER),
        below in vec(select(&["theirs", "id_rsa", "a", "settings.json", ".x", "..x", "ü", "a b"][..]), 0..4),
    ) {
        let home = home();
        let writer = generous(home.path());
        let before = tree(home.path());
        assert_refused(&writer, &below.iter().fold(home.path().join(place), |path, name| path.join(name)));
        prop_assert_eq!(tree(home.path()), before);
    }

    #[test]
    fn a_path_is_written_only_inside_the_allowed_places(
        tail in vec(select(&[".claude", "ccs", "settings.json", "bin", "..", "settings.local.json"][..]), 1..5),
    ) {
        let home = tempfile::tempdir().expect("a scratch folder");
        let root = home.path();
        let (state, settings) = (root.join(".claude/ccs"), root.join(".claude/settings.json"));
        let writer = Writer::open(root, &state).expect("a writer").allow_file(&settings);
        let before = tree(root);
        let path = tail.iter().fold(root.to_owned(), |path, name| path.join(name));

        let refused = matches!(writer.replace(&path, &NOTHING), Err(Error::Forbidden { .. }));

        let inside = path == settings || (path.starts_with(&state) && path != state);
        let plain = !tail.contains(&"..");
        prop_assert_eq!(refused, !(inside && plain), "{:?}", path);
        if refused {
            prop_assert_eq!(tree(root), before);
        }
    }
}

#[test]
fn a_detour_into_a_forbidden_place_is_refused() {
    let home = home();
    let root = home.path();
    symlink(root.join(".ssh"), root.join("link")).expect("a link");
    symlink(root, root.join("round")).expect("a link");
    let writer = generous(root);
    let before = tree(root);

    for detour in [
        "link/theirs",
        "round/.ssh/theirs",
        "round/round/.aws/credentials",
        "docs/../.ssh/theirs",
        ".claude/ccs/../projects/theirs",
        "./.ssh/./theirs",
    ] {
        let path = root.join(detour);
        let refused = writer.replace(&path, &NOTHING).err();
        assert!(
            matches!(refused, Some(Error::Forbidden { .. })),
            "{detour}: {refused:?}"
        );
    }
    assert_eq!(tree(root), before);
}

#[test]
fn a_relative_path_is_refused() {
    let home = home();
    let refused = generous(home.path()).replace(Path::new("settings.json"), &NOTHING);
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
}

#[test]
fn a_state_folder_that_leads_elsewhere_is_refused() {
    let home = home();
    let state = home.path().join(".claude/ccs");
    symlink(home.path().join("Documents"), &state).expect("a link");

    let refused = Writer::open(home.path(), &state).err();

    assert!(matches!(refused, Some(Error::Link { .. })));
}

#[test]
fn a_state_folder_in_a_forbidden_place_is_refused() {
    let home = home();
    let refused = Writer::open(home.path(), &home.path().join(".ssh/ccs")).err();
    assert!(matches!(refused, Some(Error::Forbidden { .. })));
}

#[test]
fn a_text_of_ours_may_lie_among_the_skills_and_nothing_beside_it() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path().canonicalize().expect("a path");
    let ours = home.join(".claude/skills/ours/SKILL.md");
    let writer = Writer::open(&home, &home.join(".claude/ccs"))
        .expect("a writer")
        .allow_own(&ours)
        .allow_own(&home.join(".ssh/config"));
    let new = New {
        before: None,
        bytes: b"text",
        mode: None,
    };

    writer
        .create_folder(ours.parent().expect("a folder"), 0o700)
        .expect("made");
    writer.replace(&ours, &new).expect("written");

    for other in [".claude/skills/theirs/SKILL.md", ".ssh/config"] {
        let path = home.join(other);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        assert!(writer.replace(&path, &new).is_err(), "{other}");
    }
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

fn set_mode(path: &Path, bits: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("ours");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mode_is_made_stricter_only_for_others_and_comes_back(was in 0o400u32..=0o777, remove in 0u32..=0o7777) {
        let home = home();
        let writer = Writer::open(home.path(), &home.path().join(".claude/ccs")).expect("a writer");
        let key = home.path().join(".ssh/theirs");
        let other = home.path().join(".aws/theirs");
        let writer = writer.allow_mode(&key);
        set_mode(&key, was);
        set_mode(&other, was);

        prop_assert_eq!(writer.tighten(&key, remove).expect("ours"), was);
        let now = mode(&key);
        prop_assert_eq!(now & 0o700, was & 0o700);
        prop_assert_eq!(now & 0o077, was & 0o077 & !remove);
        prop_assert_eq!(now & !was, 0);
        prop_assert!(writer.tighten(&other, remove).is_err());
        prop_assert_eq!(mode(&other), was);

        writer.loosen(&key, now, was).expect("ours");
        prop_assert_eq!(mode(&key), was);
        prop_assert_eq!(fs::read(&key).expect("there"), b"theirs");
    }
}

#[test]
fn a_mode_that_changed_since_is_not_given_back() {
    let home = home();
    let key = home.path().join(".ssh/theirs");
    let writer = Writer::open(home.path(), &home.path().join(".claude/ccs")).expect("a writer");
    let writer = writer.allow_mode(&key);
    set_mode(&key, 0o644);
    writer.tighten(&key, 0o077).expect("ours");
    set_mode(&key, 0o640);
    let refused = writer.loosen(&key, 0o600, 0o644);
    assert!(matches!(refused, Err(Error::Changed { .. })));
    assert_eq!(mode(&key), 0o640);
}

#[test]
fn a_link_in_the_place_of_a_file_keeps_the_mode_of_what_it_leads_to() {
    let home = home();
    let (key, target) = (
        home.path().join(".ssh/link"),
        home.path().join(".ssh/theirs"),
    );
    symlink(&target, &key).expect("a link");
    set_mode(&target, 0o644);
    let writer = Writer::open(home.path(), &home.path().join(".claude/ccs")).expect("a writer");
    let refused = writer.allow_mode(&key).tighten(&key, 0o077);
    assert!(matches!(refused, Err(Error::Link { .. })));
    assert_eq!(mode(&target), 0o644);
}
