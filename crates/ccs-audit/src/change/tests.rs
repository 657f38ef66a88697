use std::fs;

use super::*;

struct Scene {
    log: tempfile::TempDir,
    work: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        Self {
            log: folder(),
            work: folder(),
        }
    }

    /// As a process of its own has it.
    fn changes(&self) -> Changes {
        Changes::new(self.log.path(), Some(&DetailsKey::new([1; 32])))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.work.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("written");
    }

    fn before(&self, call: &str, names: &[&str]) {
        let paths: Vec<_> = names.iter().map(|name| self.file(name)).collect();
        self.changes().before("s", call, &paths).expect("noted");
    }

    fn after(&self, call: &str) -> Vec<Change> {
        let changes = self.changes().after("s", call).expect("compared");
        changes.expect("noted before")
    }
}

#[test]
fn files_that_were_created_modified_and_deleted_are_told_from_those_left_alone() {
    let scene = Scene::new();
    for name in ["modified", "deleted", "touched"] {
        scene.write(name, "one\ntwo\n");
    }
    scene.before("1", &["created", "modified", "deleted", "touched", "never"]);
    scene.write("created", "new\n");
    scene.write("modified", "one\n2\n");
    scene.write("touched", "one\ntwo\n");
    fs::remove_file(scene.file("deleted")).expect("removed");

    let changes = scene.after("1");
    let found: Vec<_> = changes
        .iter()
        .map(|one| (one.kind(), one.diff.added, one.diff.removed))
        .collect();
    assert_eq!(
        found,
        [("created", 1, 0), ("deleted", 0, 2), ("modified", 1, 1)]
    );
    assert!(changes[2].diff.text.contains("\n-two\n+2\n"));
}

#[test]
fn two_changes_of_one_file_within_a_moment_are_two_records() {
    let scene = Scene::new();
    scene.write("f", "0\n");
    let change = |call: &str, text: &str| {
        scene.before(call, &["f"]);
        scene.write("f", text);
        scene.after(call)
    };
    let (one, two) = (change("1", "1\n"), change("2", "2\n"));
    assert_eq!(one[0].after.as_ref().map(|state| state.sha256), {
        two[0].before.as_ref().map(|state| state.sha256)
    });
    let entry = two[0].to_entry("s", "Edit");
    let details: serde_json::Value = serde_json::from_str(&entry.details).expect("JSON");
    assert_eq!(
        (entry.event.as_str(), &details["change"]),
        (EVENT, &json!("modified"))
    );
    assert!(
        details["diff"]
            .as_str()
            .is_some_and(|diff| diff.contains("-1\n+2"))
    );
    assert_eq!(entry.input, Some(Hash::of(b"2\n")));
}

#[test]
fn what_a_file_held_before_can_be_had_by_its_hash() {
    let scene = Scene::new();
    scene.write("f", "old");
    scene.before("1", &["f"]);
    scene.write("f", "new");
    let before = scene.after("1").remove(0).before.expect("there was one");
    let mut blobs = Blobs::new(scene.log.path(), &DetailsKey::new([1; 32]));
    let old = blobs.get("s", before.sha256.expect("short")).expect("read");
    assert_eq!(old, Some(b"old".to_vec()));
}

#[test]
fn a_call_that_nobody_looked_after_stays_until_it_is_settled() {
    let scene = Scene::new();
    scene.before("one", &["f"]);
    scene.before("two", &["f"]);
    let changes = scene.changes();
    assert_eq!(changes.unsettled("s").expect("readable"), ["one", "two"]);
    assert_eq!(scene.after("one"), []);
    changes.settle("s", "one").expect("forgotten");
    changes.settle("s", "one").expect("still forgotten");
    assert_eq!(changes.unsettled("s").expect("readable"), ["two"]);
    assert_eq!(changes.unsettled("other").expect("readable"), [""; 0]);
    assert_eq!(scene.changes().after("s", "one").expect("read"), None);
}

#[test]
fn without_a_key_a_change_is_noticed_and_not_shown() {
    let scene = Scene::new();
    scene.write("f", "secret one");
    let changes = || Changes::new(scene.log.path(), None);
    changes()
        .before("s", "1", &[scene.file("f")])
        .expect("noted");
    scene.write("f", "secret two");
    let found = changes().after("s", "1").expect("read").expect("noted");
    assert_eq!(
        (found[0].kind(), found[0].diff.cut),
        ("modified", Some("contents not kept"))
    );
    assert!(!found[0].to_entry("s", "Write").details.contains("secret"));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    let scene = Scene::new();
    let pipe = scene.file("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("runs").success());
    scene.before("1", &["pipe"]);
    assert_eq!(scene.after("1"), []);
}

#[test]
fn a_caller_that_notes_states_itself_is_told_the_same_change() {
    let scene = Scene::new();
    scene.write("f", "old\n");
    let mut changes = scene.changes().lazy();
    let before = changes.state("s", &scene.file("f"));
    assert_eq!(changes.since("s", scene.file("f"), before.clone()), None);
    scene.write("f", "new\n");

    let change = changes
        .since("s", scene.file("f"), before)
        .expect("changed");

    assert_eq!(change.kind(), "modified");
    assert!(
        change.diff.text.contains("-old\n+new\n"),
        "{:?}",
        change.diff
    );
    assert_eq!(changes.state("s", &scene.file("none")), None);
}
