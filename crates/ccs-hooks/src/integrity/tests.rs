use std::fs;
use std::path::Path;

use ccs_integrity::file::Writer;
use ccs_integrity::manifest::ManifestKey;
use ccs_integrity::walk::Root;

use super::*;

/// A home with a hook, settings and a skill, signed.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Place {
            folder: tempfile::tempdir().expect("a folder"),
        };
        files::make_private_folder(&place.state()).expect("a folder");
        files::replace(&place.state().join(PUBLIC), &key().public().to_bytes()).expect("written");
        place.write("hooks/guard.sh", "exit 2\n");
        place.write("settings.json", "{}\n");
        place.write("CLAUDE.md", "be nice\n");
        place
    }

    fn signed() -> Self {
        let place = Place::new();
        place.sign();
        place
    }

    fn state(&self) -> std::path::PathBuf {
        self.folder.path().join("ccs")
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("claude").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn manifests(&self) -> Signed {
        Signed::new(&self.state())
    }

    fn sign(&self) {
        let roots = vec![
            Root::exec(self.path("hooks")),
            Root::exec(self.path("settings.json")),
            Root::exec(self.path("settings.local.json")),
            Root::docs(self.path("CLAUDE.md")),
        ];
        let writer = Writer::open(Path::new("/nowhere"), &self.state()).expect("opened");
        let store = self.manifests().store(&Scope::Installation);
        let manifest = store.sign(&writer, &key(), roots, 1).expect("signed");
        self.manifests()
            .remember(&Scope::Installation, manifest.generation());
    }

    fn words(&self) -> Vec<String> {
        let look = self.manifests().look(&Scope::Installation);
        let look = look.expect("trusted").expect("signed");
        let words = look.deviations.iter().map(|one| {
            let name = Path::new(&one.path).file_name().expect("a name");
            format!("{} {}", name.display(), one.what)
        });
        words.collect()
    }

    fn refused(&self) -> String {
        let look = self.manifests().look(&Scope::Installation);
        look.err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }
}

fn key() -> ManifestKey {
    ManifestKey::new(&[7; 32])
}

#[test]
fn what_was_never_signed_is_nobodys_business() {
    let place = Place::new();
    fs::remove_file(place.state().join(PUBLIC)).expect("removed");
    assert!(matches!(
        place.manifests().look(&Scope::Installation),
        Ok(None)
    ));

    let place = Place::signed();
    let other = Scope::Project("/srv/other".into());
    assert!(matches!(place.manifests().look(&other), Ok(None)));
}

#[test]
fn a_change_is_seen_at_the_next_look_and_so_is_its_undoing() {
    let place = Place::signed();
    assert_eq!(place.words(), [""; 0]);
    for (name, text, words) in [
        ("hooks/guard.sh", "exit 0\n", "guard.sh modified"),
        ("hooks/more.sh", "exit 0\n", "more.sh added"),
        ("settings.local.json", "{}", "settings.local.json added"),
    ] {
        let before = fs::read(place.path(name)).ok();
        place.write(name, text);
        assert_eq!(place.words(), [words], "{name}");
        match before {
            Some(before) => fs::write(place.path(name), before).expect("written"),
            None => fs::remove_file(place.path(name)).expect("removed"),
        }
        assert_eq!(place.words(), [""; 0], "{name}");
    }
    fs::remove_file(place.path("hooks/guard.sh")).expect("removed");
    assert_eq!(place.words(), ["guard.sh removed"]);
}

#[test]
fn a_file_that_was_only_touched_is_as_it_was() {
    let place = Place::signed();
    assert_eq!(place.words(), [""; 0]);
    place.write("hooks/guard.sh", "exit 2\n");
    assert_eq!(place.words(), [""; 0]);
}

#[test]
fn while_nothing_changes_nothing_is_read_but_the_guard_file() {
    let place = Place::signed();
    assert_eq!(place.words(), [""; 0]);
    // a folder that cannot be listed would be unreadable to a verification
    let folder = place.manifests().folder(&Scope::Installation);
    let guard = fs::metadata(folder.join("guard.json")).expect("there");
    for _ in 0..3 {
        assert_eq!(place.words(), [""; 0]);
    }
    use std::os::unix::fs::MetadataExt;
    let after = fs::metadata(folder.join("guard.json")).expect("there");
    assert_eq!(guard.ino(), after.ino(), "it was not made anew");
}

#[test]
fn text_that_changed_is_reported_and_breaks_nothing() {
    let place = Place::signed();
    place.write("CLAUDE.md", "be nasty\n");
    let standing = place.manifests().verify(&Scope::Installation);
    assert_eq!(
        standing
            .expect("trusted")
            .expect("signed")
            .report
            .drifts
            .len(),
        1
    );
    let look = place
        .manifests()
        .look(&Scope::Installation)
        .expect("trusted")
        .expect("signed");
    assert!(!look.is_broken());
}

#[test]
fn i3_i4_a_manifest_that_is_gone_damaged_or_unsigned_is_never_clean() {
    let place = Place::signed();
    let path = place
        .manifests()
        .folder(&Scope::Installation)
        .join("manifest");
    let bytes = fs::read(&path).expect("there");
    assert_eq!(place.words(), [""; 0]);

    fs::remove_file(&path).expect("removed");
    assert!(place.refused().contains("there is no manifest"));
    for damaged in [&b""[..], b"{}", &bytes[..bytes.len() - 96]] {
        fs::write(&path, damaged).expect("written");
        assert!(
            place.refused().contains("not to be trusted"),
            "{}",
            place.refused()
        );
    }
    fs::write(&path, &bytes).expect("written");
    fs::remove_file(place.state().join(PUBLIC)).expect("removed");
    assert!(
        place
            .manifests()
            .key()
            .is_err_and(|error| error.to_string().contains("missing"))
    );
}

#[test]
fn a_manifest_that_is_older_than_one_seen_before_is_refused() {
    let place = Place::signed();
    let path = place
        .manifests()
        .folder(&Scope::Installation)
        .join("manifest");
    let old = fs::read(&path).expect("there");
    place.sign();
    assert_eq!(place.words(), [""; 0]);
    fs::write(&path, old).expect("written");
    assert!(
        place.refused().contains("generation 2 was seen before"),
        "{}",
        place.refused()
    );
}

#[test]
fn a_key_that_others_could_have_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::signed();
    let path = place.state().join(PUBLIC);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("ours");
    assert!(place.manifests().load(&Scope::Installation).is_err());
}
