//! Any bytes as a manifest or a signed change to one, and any list of files as a manifest.

use std::path::{Path, PathBuf};

use ccs_integrity::drift::{self, Accepted};
use ccs_integrity::manifest::{
    Change, Class, Delta, Digest, Entry, Manifest, ManifestKey, Owner, Untrusted, What, parse,
};
use ccs_integrity::walk::{Observed, Root};

/// The bytes are read as a manifest and as a change, and their lines as the files of one.
///
/// # Panics
///
/// If a promise is broken.
pub fn integrity_manifest(bytes: &[u8]) {
    is_canonical(bytes);
    let key = ManifestKey::new(&[0x5a; 32]);
    assert!(
        Delta::verify(bytes, &key.public()).is_err(),
        "our key signed nothing"
    );
    let Some(manifest) = made_of(bytes) else {
        return;
    };
    reads_back(&manifest, &key);
    changes_are_seen(&manifest);
    accepts_its_changes(&manifest, &key, bytes);
}

/// What is read is written again byte for byte, and nobody's signature is taken for ours.
fn is_canonical(bytes: &[u8]) {
    let Ok(read) = parse(bytes) else { return };
    assert_eq!(read.to_bytes(), bytes, "one form and no other");
    let longer = [bytes, &[0]].concat();
    assert!(parse(&longer).is_err(), "nothing follows a manifest");
    let key = ManifestKey::new(&[0x5a; 32]).public();
    assert!(read.verify(&key, 0).is_err(), "our key signed nothing");
}

/// A manifest whose files are the lines of the text; `None` if two of them are one file.
fn made_of(bytes: &[u8]) -> Option<Manifest> {
    let text = crate::text(bytes);
    // no file system has a name with a NUL in it, or a link to nowhere at all
    let lines = text.lines().filter(|line| !line.contains('\0'));
    let entries = lines.take(40).enumerate();
    let entries = entries.map(|(at, line)| Entry {
        // one spelling for one file, as a walk has it
        path: Path::new("/home/dev")
            .join(line.trim_start_matches('/'))
            .components()
            .collect(),
        class: if line.len() % 2 == 0 {
            Class::Exec
        } else {
            Class::Docs
        },
        what: what(at, line),
    });
    let roots = vec![
        Root::exec("/home/dev")
            .skip(&["**/cache"])
            .with_docs(&["**/*.md"]),
    ];
    Manifest::new(None, bytes.len() as u64, roots, entries.collect()).ok()
}

fn what(at: usize, line: &str) -> What {
    let (mode, owner) = (0o644 + u32::try_from(at % 8).unwrap_or(0), Owner::default());
    match line.bytes().last().unwrap_or(0) % 4 {
        0 => What::Folder { mode, owner },
        1 => What::Link {
            target: Path::new("..").join(line.trim_start_matches('/')),
            behind: Some(Digest::of(line.as_bytes())).filter(|_| at.is_multiple_of(2)),
        },
        2 => What::Other,
        _ => What::File {
            mode,
            owner,
            size: line.len() as u64,
            digest: Digest::of(line.as_bytes()),
        },
    }
}

fn reads_back(manifest: &Manifest, key: &ManifestKey) {
    let signed = manifest.sign(key);
    let read = parse(&signed).expect("what we write we read");
    let read = read
        .verify(&key.public(), 1)
        .expect("what we sign we trust");
    assert_eq!(&read, manifest);
    let old = parse(&signed).expect("read").verify(&key.public(), 2);
    assert!(matches!(old, Err(Untrusted::Old { .. })));
    // a byte changed anywhere is noticed
    for at in [0, signed.len() / 3, signed.len() / 2, signed.len() - 1] {
        let mut changed = signed.clone();
        changed[at] ^= 1;
        let trusted = parse(&changed).and_then(|read| read.verify(&key.public(), 0));
        assert!(trusted.is_err(), "byte {at}");
    }
}

/// What is there as it was trusted is clean; without one of its files it is not.
fn changes_are_seen(manifest: &Manifest) {
    let mut observed = Observed {
        entries: manifest.entries().to_vec(),
        ..Observed::default()
    };
    let clean = drift::compare(manifest, &observed, &[]);
    assert_eq!(
        (clean.drifts, clean.verified),
        (vec![], manifest.entries().len())
    );
    let Some(removed) = observed.entries.pop() else {
        return;
    };
    let report = drift::compare(manifest, &observed, &[]);
    let is_folder = matches!(removed.what, What::Folder { .. });
    assert_eq!(report.drifts.is_empty(), is_folder, "{removed:?}");
}

fn accepts_its_changes(manifest: &Manifest, key: &ManifestKey, bytes: &[u8]) {
    let change = Change {
        path: PathBuf::from("/home/dev/hooks/guard.sh"),
        before: None,
        after: Some(Digest::of(bytes)),
    };
    let signed = Delta::new(manifest, 7, 1, change.clone()).sign(key);
    let delta = Delta::verify(&signed, &key.public()).expect("what we sign we trust");
    assert!(delta.belongs_to(manifest) && *delta.change() == change);
    let accepted = Accepted::from_deltas(manifest, &[delta]);
    assert_eq!(accepted[0].content, change.after);
}
