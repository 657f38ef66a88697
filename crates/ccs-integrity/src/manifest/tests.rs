//! What a manifest vouches for, and what it does not.

use std::path::PathBuf;

use proptest::prelude::*;

use super::{
    Change, Class, Delta, Digest, Entry, Manifest, ManifestKey, Owner, PublicKey, Untrusted, What,
    parse,
};
use crate::walk::Root;

fn key() -> ManifestKey {
    ManifestKey::new(&[7; 32])
}

fn public() -> PublicKey {
    key().public()
}

fn file(path: &str, content: &[u8]) -> Entry {
    Entry {
        path: path.into(),
        class: Class::Exec,
        what: What::File {
            mode: 0o755,
            owner: Owner {
                user: 1000,
                group: 1000,
            },
            size: content.len() as u64,
            digest: Digest::of(content),
        },
    }
}

fn entries() -> Vec<Entry> {
    let link = What::Link {
        target: "../x".into(),
        behind: Some(Digest::of(b"x")),
    };
    let folder = What::Folder {
        mode: 0o700,
        owner: Owner::default(),
    };
    let entry = |path: &str, what| Entry {
        path: path.into(),
        class: Class::Docs,
        what,
    };
    vec![
        file("/h/hooks/guard.sh", b"exit 2"),
        entry("/h/hooks", folder),
        entry("/h/hooks/link", link),
        entry("/h/hooks/pipe", What::Other),
    ]
}

fn manifest() -> Manifest {
    let roots = vec![Root::exec("/h/hooks").skip(&["old"]).with_docs(&["*.md"])];
    Manifest::new(None, 1_700_000_000, roots, entries()).expect("each path once")
}

fn refusal(bytes: &[u8]) -> Untrusted {
    let read = parse(bytes).and_then(|unverified| unverified.verify(&public(), 0));
    read.expect_err("not to be trusted")
}

#[test]
fn a_signed_manifest_comes_back_as_it_was() {
    let bytes = manifest().sign(&key());
    let read = parse(&bytes).and_then(|m| m.verify(&public(), 0));
    assert_eq!(read, Ok(manifest()));
}

#[test]
fn entries_are_sorted_and_found_by_path() {
    let manifest = manifest();
    let paths: Vec<_> = manifest.entries().iter().map(|e| e.path.clone()).collect();
    let mut sorted = paths.clone();
    sorted.sort();
    assert_eq!(paths, sorted);
    assert_eq!(
        manifest.entry("/h/hooks/guard.sh".as_ref()),
        Some(&file("/h/hooks/guard.sh", b"exit 2"))
    );
    assert_eq!(manifest.entry("/h/hooks/none".as_ref()), None);
}

#[test]
fn one_path_cannot_have_two_entries() {
    let twice = vec![file("/a", b"1"), file("/a", b"2")];
    let refused = Manifest::new(None, 0, vec![], twice);
    assert_eq!(refused, Err(Untrusted::Twice));
}

#[test]
fn the_next_manifest_names_the_one_before() {
    let first = manifest();
    let second = Manifest::new(Some(&first), 1, vec![], vec![]).expect("empty");
    assert_eq!(second.generation(), 2);
    assert_eq!(second.previous(), Some(&first.digest()));
}

#[test]
fn an_older_manifest_than_one_that_was_seen_is_refused() {
    let bytes = manifest().sign(&key());
    let old = parse(&bytes).and_then(|m| m.verify(&public(), 2));
    let (generation, known) = (1, 2);
    assert_eq!(old, Err(Untrusted::Old { generation, known }));
    assert!(parse(&bytes).and_then(|m| m.verify(&public(), 1)).is_ok());
}

#[test]
fn a_manifest_without_a_signature_is_refused() {
    let signed = manifest().sign(&key());
    assert_eq!(refusal(&signed[..signed.len() - 96]), Untrusted::Unsigned);
}

#[test]
fn a_manifest_signed_by_somebody_else_is_refused() {
    let theirs = manifest().sign(&ManifestKey::new(&[8; 32]));
    assert_eq!(refusal(&theirs), Untrusted::Foreign);
    let mut relabelled = theirs;
    let at = relabelled.len() - 96;
    relabelled[at..at + 32].copy_from_slice(&public().to_bytes());
    assert_eq!(refusal(&relabelled), Untrusted::Signature);
}

#[test]
fn no_byte_of_a_manifest_can_be_changed_cut_or_added() {
    let bytes = manifest().sign(&key());
    for at in 0..bytes.len() {
        for bit in [1, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            refusal(&changed);
        }
        refusal(&bytes[..at]);
    }
    refusal(&[&bytes[..], b"\0"].concat());
    refusal(&[]);
}

#[test]
fn a_manifest_of_a_newer_format_says_so() {
    let mut bytes = manifest().sign(&key());
    let version = 4 + super::DOMAIN.len();
    bytes[version + 3] = 9;
    assert_eq!(refusal(&bytes), Untrusted::Newer { version: 9 });
}

#[test]
fn a_signature_for_a_change_is_none_for_a_manifest() {
    let change = Change {
        path: "/h/hooks/guard.sh".into(),
        before: None,
        after: Some(Digest::of(b"new")),
    };
    let delta = Delta::new(&manifest(), 1, 5, change).sign(&key());
    assert!(matches!(refusal(&delta), Untrusted::Damaged { .. }));
    let manifest = manifest().sign(&key());
    assert!(Delta::verify(&manifest, &public()).is_err());
}

#[test]
fn a_change_belongs_to_the_manifest_it_was_signed_on() {
    let first = manifest();
    let second = Manifest::new(Some(&first), 1, vec![], entries()).expect("each path once");
    let change = Change {
        path: "/a".into(),
        before: Some(Digest::of(b"old")),
        after: None,
    };
    let bytes = Delta::new(&first, 3, 5, change.clone()).sign(&key());

    let delta = Delta::verify(&bytes, &public()).expect("signed");

    assert_eq!((delta.sequence(), delta.created()), (3, 5));
    assert_eq!(delta.change(), &change);
    assert!(delta.belongs_to(&first));
    assert!(!delta.belongs_to(&second));
}

#[test]
fn no_byte_of_a_change_can_be_changed_or_cut() {
    let change = Change {
        path: "/a".into(),
        before: None,
        after: Some(Digest::of(b"new")),
    };
    let bytes = Delta::new(&manifest(), 1, 5, change).sign(&key());
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Delta::verify(&changed, &public()).is_err(), "byte {at}");
        assert!(
            Delta::verify(&bytes[..at], &public()).is_err(),
            "cut at {at}"
        );
    }
}

#[test]
fn what_a_change_means_is_known_for_files_that_do_not_exist_yet() {
    let manifest = manifest();
    let class = |path: &str| manifest.class_of(path.as_ref());
    assert_eq!(class("/h/hooks/new.sh"), Some(Class::Exec));
    assert_eq!(class("/h/hooks/new.md"), Some(Class::Docs));
    assert_eq!(class("/h/hooks/old/x"), None);
    assert_eq!(class("/h/hooks-evil/x"), None);
}

proptest! {
    #[test]
    fn whatever_the_bytes_parsing_ends_and_prints_back(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(unverified) = parse(&bytes) {
            prop_assert_eq!(unverified.to_bytes(), bytes);
        }
    }

    #[test]
    fn damaged_manifests_never_panic(at in 0usize..300, value in any::<u8>(), cut in 0usize..300) {
        let mut bytes = manifest().sign(&key());
        let at = at % bytes.len();
        bytes[at] = value;
        bytes.truncate(bytes.len() - cut % bytes.len());
        if let Ok(unverified) = parse(&bytes) {
            prop_assert_eq!(unverified.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_list_of_files_comes_back(names in proptest::collection::btree_set("[a-zé/.]{1,12}", 0..20), mode in any::<u32>()) {
        let entries = names.iter().map(|name| {
            let mut entry = file(&format!("/{name}"), name.as_bytes());
            if let What::File { mode: bits, .. } = &mut entry.what { *bits = mode; }
            entry
        });
        let mut unique: Vec<Entry> = Vec::new();
        for entry in entries {
            if !unique.iter().any(|other: &Entry| other.path == entry.path) { unique.push(entry); }
        }
        let manifest = Manifest::new(None, 0, vec![Root::docs(PathBuf::from("/"))], unique).expect("each path once");
        let read = parse(&manifest.sign(&key())).and_then(|m| m.verify(&public(), 0));
        prop_assert_eq!(read, Ok(manifest));
    }
}
