//! What an earlier system of this kind let through. Each sentence was true of it the other way.

mod support;

use std::fs;
use std::path::Path;

use ccs_integrity::Error;
use ccs_integrity::manifest::{Class, Digest, Untrusted};
use ccs_integrity::roots::{self, Install};
use ccs_integrity::settings::{self, Handler, Wanted};
use ccs_integrity::walk::{Limits, walk};
use support::Place;

#[test]
fn i1_a_file_is_not_clean_because_its_entry_was_deleted_from_the_manifest() {
    let place = Place::signed();
    place.write("hooks/guard.sh", "exit 0\n");
    let path = place.path("state/integrity/manifest");
    let bytes = fs::read(&path).expect("there");
    let name = place.path("hooks/guard.sh");
    let name = name.to_str().expect("text").as_bytes();
    let at = bytes.windows(name.len()).position(|w| w == name);
    let at = at.expect("recorded");
    // length, path, class, kind, mode, owner, size, digest
    let entry = at - 4..at + name.len() + 1 + 1 + 4 + 8 + 8 + 32;
    let mut cut = bytes.clone();
    cut.drain(entry);
    fs::write(&path, cut).expect("written");
    assert!(matches!(place.load(), Err(Error::Manifest { .. })));
}

#[test]
fn i2_a_signature_does_not_move_from_one_file_to_another() {
    let place = Place::new();
    place.write("hooks/harmless.sh", "exit 0\n");
    place.sign();
    fs::copy(
        place.path("hooks/harmless.sh"),
        place.path("hooks/guard.sh"),
    )
    .expect("copied");
    assert_eq!(place.words(), ["hooks/guard.sh modified"]);
}

#[test]
fn i3_a_damaged_manifest_is_not_an_empty_one() {
    let place = Place::signed();
    for bytes in [&b""[..], b"{}", b"\xff\xfe", b"damaged"] {
        fs::write(place.path("state/integrity/manifest"), bytes).expect("written");
        let refused = place.load();
        let Err(Error::Manifest { why, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(matches!(why, Untrusted::Damaged { .. }), "{why}");
    }
}

#[test]
fn i4_a_deleted_manifest_is_not_a_clean_installation() {
    let place = Place::signed();
    fs::remove_file(place.path("state/integrity/manifest")).expect("removed");
    assert!(matches!(place.load(), Err(Error::NoManifest { .. })));
}

#[test]
fn i5_a_deleted_guard_is_a_reason_to_stop() {
    let place = Place::signed();
    fs::remove_file(place.path("hooks/guard.sh")).expect("removed");
    let report = place.load().expect("trusted").verify(&place.roots());
    assert_eq!(report.drifts[0].change.word(), "removed");
    assert_eq!(report.worst(), Some(Class::Exec));
}

#[test]
fn i6_the_settings_that_register_the_hooks_and_the_memory_are_covered() {
    assert_covered(&[
        ".claude/settings.json",
        ".claude/CLAUDE.md",
        "project/.claude/settings.local.json",
        "project/.mcp.json",
        "project/notes/imported.md",
        "bin/ccs-hook",
        "bin/claude",
        "managed/managed-settings.json",
    ]);
}

#[test]
fn i7_programs_of_any_suffix_and_of_none_are_covered() {
    assert_covered(&[
        ".claude/hooks/check.js",
        ".claude/hooks/check.ts",
        ".claude/hooks/check",
        ".claude/skills/report/scripts/run.rb",
        ".claude/plugins/cache/m/p/hooks/hooks.json",
        ".claude/dev-mods/s/register.js",
    ]);
}

#[test]
fn i8_sixteen_signers_at_the_same_time_lose_no_change() {
    let place = Place::signed();
    let names: Vec<String> = (0..16).map(|n| format!("hooks/{n}.sh")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let place = &place;
            scope.spawn(move || {
                place.write(name, name);
                place.approve(name, Some(name));
            });
        }
    });
    assert_eq!(place.words(), [""; 0]);
    place.sign();
    let manifest = place.load().expect("trusted").manifest;
    for name in &names {
        assert!(manifest.entry(&place.path(name)).is_some(), "{name}");
    }
}

#[test]
fn s1_a_folder_whose_name_begins_like_a_covered_one_is_not_covered() {
    let place = Place::signed();
    let trusted = place.load().expect("trusted").manifest;
    let class = |name: &str| trusted.class_of(&place.path(name));
    assert_eq!(class("hooks/new.sh"), Some(Class::Exec));
    assert_eq!(class("other/../hooks/new.sh"), Some(Class::Exec));
    assert_eq!(class("hooks-evil/new.sh"), None);
    assert_eq!(class("hooks/../other/new.sh"), None);
}

#[test]
fn s2_two_contents_in_one_second_under_one_name_are_both_kept() {
    let place = Place::signed();
    let (store, writer) = (place.store(), place.writer());
    let first = store.keep(&writer, b"guard one").expect("kept");
    let second = store.keep(&writer, b"guard two").expect("kept");
    let kept = |digest: &Digest| store.copy(digest).expect("readable").expect("kept");
    assert_eq!(kept(&first), b"guard one");
    assert_eq!(kept(&second), b"guard two");
}

#[test]
fn s3_a_change_without_an_approval_stays_a_change_however_often_it_is_verified() {
    let place = Place::signed();
    place.write("hooks/guard.sh", "exit 0 # written by the agent\n");
    for _ in 0..3 {
        assert_eq!(place.words(), ["hooks/guard.sh modified"]);
    }
}

#[test]
fn s4_a_diff_shows_what_was_there_before_also_when_the_file_was_written_whole() {
    let place = Place::signed();
    place.write("hooks/guard.sh", "exit 2\n# one line more\n");
    let report = place.load().expect("trusted").verify(&[]);
    let change = &report.drifts[0].change;
    let ccs_integrity::drift::Change::Modified {
        before: Some(before),
        ..
    } = change
    else {
        panic!("{change:?}");
    };
    let old = place.store().copy(before).expect("readable").expect("kept");
    let old = String::from_utf8(old).expect("text");
    let now = fs::read_to_string(place.path("hooks/guard.sh")).expect("read");
    let diff = ccs_integrity::diff::unified(("signed", "now"), &old, &now);
    assert!(diff.contains(" exit 2\n+# one line more\n"), "{diff}");
}

#[test]
fn m1_installing_keeps_every_hook_the_user_had() {
    let theirs = r#"{"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"mine.sh"}]}],"PostToolUse":[{"hooks":[{"type":"command","command":"after.sh"}]}],"SessionStart":[]}}"#;
    let handler = |event: &str| Handler {
        event: event.to_owned(),
        command: "/opt/ccs-hook".to_owned(),
        args: vec![],
        timeout: 10,
    };
    let wanted = Wanted {
        handlers: ["PreToolUse", "PostToolUse", "SessionStart"]
            .map(handler)
            .into(),
        deny: vec![],
        values: Vec::new(),
    };
    let file = Path::new("settings.json");
    let merged = settings::merge(file, theirs.as_bytes(), &wanted, None).expect("merged");
    let commands: Vec<_> = settings::handlers(file, &merged.bytes).expect("JSON");
    let commands: Vec<_> = commands.into_iter().filter_map(|h| h.command).collect();
    assert_eq!(
        commands,
        [
            "mine.sh",
            "/opt/ccs-hook",
            "after.sh",
            "/opt/ccs-hook",
            "/opt/ccs-hook"
        ]
    );
    let removed = settings::remove(file, &merged.bytes, Some(&merged.receipt)).expect("removed");
    assert_eq!(removed, theirs.as_bytes());
}

fn assert_covered(names: &[&str]) {
    let covered = default_files(&Place::new());
    for name in names {
        assert!(
            covered.iter().any(|one| one == name),
            "{name} in {covered:?}"
        );
    }
}

/// Every file of a typical installation that the default roots cover.
fn default_files(place: &Place) -> Vec<String> {
    for name in [
        ".claude/settings.json",
        ".claude/CLAUDE.md",
        ".claude/hooks/check.js",
        ".claude/hooks/check.ts",
        ".claude/hooks/check",
        ".claude/skills/report/SKILL.md",
        ".claude/skills/report/scripts/run.rb",
        ".claude/plugins/cache/m/p/hooks/hooks.json",
        ".claude/dev-mods/s/register.js",
        ".claude/projects/p/session.jsonl",
        ".claude/.credentials.json",
        "project/.claude/settings.local.json",
        "project/.mcp.json",
        "project/notes/imported.md",
        "bin/ccs-hook",
        "bin/claude",
        "managed/managed-settings.json",
    ] {
        place.write(name, "x");
    }
    place.write("project/CLAUDE.md", "See @notes/imported.md\n");
    let install = Install {
        home: place.root().to_owned(),
        config: place.path(".claude"),
        project: Some(place.path("project")),
        managed: Some(place.path("managed")),
        ours: vec![place.path("bin/ccs-hook")],
        client: Some(place.path("bin/claude")),
    };
    let observed = walk(&roots::of(&install), &Limits::default());
    let names = observed.entries.iter().map(|entry| {
        let name = entry.path.strip_prefix(place.root()).expect("below");
        name.to_string_lossy().into_owned()
    });
    let names: Vec<String> = names.collect();
    assert!(!names.iter().any(|name| name.ends_with(".jsonl")));
    assert!(!names.iter().any(|name| name.ends_with(".credentials.json")));
    names
}

#[test]
fn p_nobody_can_sign_without_the_owners_key() {
    let place = Place::signed();
    let trusted = place.load().expect("trusted").manifest;
    let forged = trusted.sign(&ccs_integrity::manifest::ManifestKey::new(&[8; 32]));
    fs::write(place.path("state/integrity/manifest"), forged).expect("written");
    assert!(matches!(
        place.load(),
        Err(Error::Manifest {
            why: Untrusted::Foreign,
            ..
        })
    ));
}
