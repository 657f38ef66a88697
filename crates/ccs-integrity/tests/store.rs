//! The manifest as files: what is trusted, what is not, and what a person's approval adds.

mod support;

use std::fs;

use ccs_integrity::Error;
use ccs_integrity::manifest::{Change, Digest, ManifestKey, Untrusted};
use support::{Place, key};

#[test]
fn what_was_signed_verifies_until_it_changes() {
    let place = Place::signed();
    assert_eq!(place.words(), [""; 0]);
    place.write("hooks/guard.sh", "exit 0\n");
    assert_eq!(place.words(), ["hooks/guard.sh modified"]);
}

#[test]
fn a_missing_manifest_is_an_error_of_its_own() {
    let place = Place::new();
    let missing = place.store().load(&key().public(), 0);
    assert!(matches!(missing, Err(Error::NoManifest { .. })));
}

#[test]
fn signing_again_counts_up_and_keeps_the_one_before() {
    let place = Place::signed();
    let first = fs::read(place.path("state/integrity/manifest")).expect("there");
    place.sign();
    let trusted = place.load().expect("trusted");
    assert_eq!(trusted.manifest.generation(), 2);
    let kept = fs::read(place.path("state/integrity/manifest.previous")).expect("there");
    assert_eq!(kept, first);
}

#[test]
fn an_earlier_manifest_put_back_is_refused_by_who_saw_the_later_one() {
    let place = Place::signed();
    place.sign();
    let previous = place.path("state/integrity/manifest.previous");
    fs::copy(previous, place.path("state/integrity/manifest")).expect("put back");
    let refused = place.store().load(&key().public(), 2);
    let Err(Error::Manifest { why, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        why,
        Untrusted::Old {
            generation: 1,
            known: 2
        }
    );
}

#[test]
fn a_damaged_manifest_is_not_replaced_by_signing() {
    let place = Place::signed();
    fs::write(place.path("state/integrity/manifest"), "damaged").expect("written");
    let refused = place.try_sign();
    assert!(matches!(refused, Err(Error::Manifest { .. })));
    let still = fs::read(place.path("state/integrity/manifest")).expect("there");
    assert_eq!(still, b"damaged");
}

#[test]
fn a_manifest_of_another_key_is_not_replaced_by_signing() {
    let place = Place::signed();
    let theirs = ManifestKey::new(&[9; 32]);
    let refused = place
        .store()
        .sign(&place.writer(), &theirs, place.roots(), 0);
    let Err(Error::Manifest { why, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(why, Untrusted::Foreign);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_everything_is_not_signed() {
    let place = Place::new();
    std::os::unix::fs::symlink("/etc", place.path("hooks/etc")).expect("linked");
    let refused = place.try_sign();
    assert!(matches!(refused, Err(Error::Unsignable { path, .. }) if path.ends_with("hooks/etc")));
}

#[test]
fn an_approved_change_is_clean_and_any_other_is_not() {
    let place = Place::signed();
    place.approve("hooks/guard.sh", Some("exit 2 # better\n"));
    assert_eq!(place.words(), [""; 0], "not changed yet");
    place.write("hooks/guard.sh", "exit 2 # better\n");
    assert_eq!(place.words(), [""; 0]);
    place.write("hooks/guard.sh", "exit 2 # worse\n");
    assert_eq!(place.words(), ["hooks/guard.sh modified"]);
}

#[test]
fn of_two_approved_changes_to_one_file_the_last_counts() {
    let place = Place::signed();
    place.approve("hooks/guard.sh", Some("one"));
    place.approve("hooks/guard.sh", Some("two"));
    place.write("hooks/guard.sh", "one");
    assert_eq!(place.words(), ["hooks/guard.sh modified"]);
    place.write("hooks/guard.sh", "two");
    assert_eq!(place.words(), [""; 0]);
}

#[test]
fn an_approved_removal_is_clean() {
    let place = Place::signed();
    place.approve("hooks/guard.sh", None);
    fs::remove_file(place.path("hooks/guard.sh")).expect("removed");
    assert_eq!(place.words(), [""; 0]);
}

#[test]
fn an_approved_change_ends_with_the_manifest_it_was_made_to() {
    let place = Place::signed();
    let first = place.approve("hooks/guard.sh", Some("one"));
    let bytes = fs::read(&first).expect("there");
    place.sign();
    assert!(!first.exists());
    fs::write(&first, bytes).expect("put back");
    place.write("hooks/guard.sh", "one");
    assert_eq!(place.words(), ["hooks/guard.sh modified"]);
}

#[test]
fn a_forged_change_is_an_error_and_not_ignored() {
    let place = Place::signed();
    let signed = place.approve("hooks/guard.sh", Some("one"));
    let mut bytes = fs::read(&signed).expect("there");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&signed, bytes).expect("written");
    assert!(matches!(place.load(), Err(Error::Manifest { .. })));
}

#[test]
fn the_signed_content_can_be_shown_next_to_the_new_one() {
    let place = Place::signed();
    place.write("hooks/guard.sh", "exit 0\n");
    let before = Digest::of(b"exit 2\n");
    let kept = place.store().copy(&before).expect("readable");
    let kept = String::from_utf8(kept.expect("kept")).expect("text");
    let diff = ccs_integrity::diff::unified(("signed", "now"), &kept, "exit 0\n");
    assert!(diff.contains("-exit 2\n+exit 0\n"), "{diff}");
}

#[test]
fn a_kept_copy_that_was_changed_is_none() {
    let place = Place::signed();
    let digest = Digest::of(b"exit 2\n");
    let path = place.path(&format!("state/integrity/copies/{digest}"));
    fs::write(path, "exit 0\n").expect("written");
    assert_eq!(place.store().copy(&digest).expect("readable"), None);
    place.sign();
    assert!(place.store().copy(&digest).expect("readable").is_some());
}

#[cfg(unix)]
#[test]
fn nothing_in_the_store_is_readable_by_others() {
    use std::os::unix::fs::MetadataExt;
    let place = Place::signed();
    place.approve("hooks/guard.sh", Some("one"));
    let mut folders = vec![place.path("state")];
    while let Some(folder) = folders.pop() {
        assert_eq!(fs::metadata(&folder).expect("there").mode() & 0o077, 0);
        for entry in fs::read_dir(folder).expect("listed") {
            let path = entry.expect("listed").path();
            assert_eq!(fs::metadata(&path).expect("there").mode() & 0o077, 0);
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

#[test]
fn a_change_is_signed_before_or_after_it_happens() {
    let place = Place::signed();
    place.write("hooks/new.sh", "echo new\n");
    assert_eq!(place.words(), ["hooks/new.sh added"]);
    let change = Change {
        path: place.path("hooks/new.sh"),
        before: None,
        after: Some(Digest::of(b"echo new\n")),
    };
    let delta = place
        .store()
        .sign_change(&place.writer(), &key(), change, 7);
    assert_eq!(delta.expect("signed").sequence(), 1);
    assert_eq!(place.words(), [""; 0]);
}

#[test]
fn a_drafted_change_counts_only_once_it_is_accepted() {
    let place = Place::signed();
    place.write("hooks/guard.sh", "exit 3\n");
    let change = Change {
        path: place.path("hooks/guard.sh"),
        before: None,
        after: Some(Digest::of(b"exit 3\n")),
    };
    let draft = place.store().draft(&key(), change, 1_000).expect("signed");
    assert_eq!(place.words(), ["hooks/guard.sh modified"]);

    let accepted = place
        .store()
        .accept(&place.writer(), &key().public(), &draft);
    assert_eq!(accepted.expect("ours").path, place.path("hooks/guard.sh"));
    assert_eq!(place.words(), [""; 0]);

    place.sign();
    let late = place
        .store()
        .accept(&place.writer(), &key().public(), &draft);
    assert!(matches!(late, Err(Error::Manifest { .. })), "{late:?}");
}
