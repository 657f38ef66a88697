use ccs_audit::DetailsKey;

use super::*;

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn look_in(&self, session: &str) -> Vec<String> {
        let key = DetailsKey::new([1; 32]);
        let mut changes = Changes::new(&self.file("audit"), Some(&key)).lazy();
        let now = stamps(vec![self.file("a"), self.file("b")]);
        if is_unchanged(self.folder.path(), session, &now) {
            return Vec::new();
        }
        let found = Watch::new(self.folder.path(), session, &mut changes).look(now);
        let shown = |change: &Change| {
            let name = change.path.file_name().expect("a name").to_string_lossy();
            format!(
                "{name} {} {}",
                change.kind(),
                change.diff.text.contains("-one")
            )
        };
        found.iter().map(shown).collect()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("written");
    }
}

#[test]
fn the_first_look_keeps_and_every_other_tells_what_changed_since() {
    let scene = Scene::new();
    scene.write("a", "one\n");
    assert_eq!(scene.look_in("s"), [""; 0]);
    assert_eq!(scene.look_in("s"), [""; 0]);
    scene.write("a", "two\n");
    scene.write("b", "new\n");
    assert_eq!(scene.look_in("s"), ["a modified true", "b created false"]);
    fs::remove_file(scene.file("b")).expect("removed");
    assert_eq!(scene.look_in("s"), ["b deleted false"]);
    assert_eq!(scene.look_in("s"), [""; 0]);
    assert_eq!(scene.look_in("another"), [""; 0]);
}

#[test]
fn a_file_written_anew_with_the_same_contents_has_not_changed() {
    let scene = Scene::new();
    scene.write("a", "one\n");
    scene.look_in("s");
    fs::remove_file(scene.file("a")).expect("removed");
    scene.write("a", "one\n");
    assert_eq!(scene.look_in("s"), [""; 0]);
}

#[test]
fn what_is_forgotten_is_looked_at_for_the_first_time_again() {
    let scene = Scene::new();
    scene.write("a", "one\n");
    scene.look_in("s");
    forget(scene.folder.path(), "s");
    assert_eq!(
        fs::read_dir(scene.file(FOLDER)).expect("a folder").count(),
        0
    );
    scene.write("a", "two\n");
    assert_eq!(scene.look_in("s"), [""; 0]);
}

#[test]
fn a_damaged_memory_is_begun_anew() {
    let scene = Scene::new();
    scene.write("a", "one\n");
    scene.look_in("s");
    fs::write(path(scene.folder.path(), "s"), "garbage").expect("written");
    scene.write("a", "two\n");
    assert_eq!(scene.look_in("s"), [""; 0]);
    scene.write("a", "3\n");
    assert_eq!(scene.look_in("s").len(), 1);
}
