//! Proofs, checkpoints, cosignatures and witness requests that an independent implementation
//! (proofbundle 6.3.1 for Python) made of eleven entries, `entry 0` to `entry 10`. Its log and its
//! witnesses sign with the seeds 1, 2 and 3, repeated; the witnesses at 1,700,000,000 s and a
//! second later. What it accepts verifies here, and the same inputs give the same bytes here.

use std::path::PathBuf;

use ccs_audit::merkle::{self, Frontier};
use ccs_audit::note::{Kind, Note, Signer, Verifier};
use ccs_audit::proof::{Proof, Trust};
use ccs_audit::witness::{Request, Witness};
use ccs_audit::{Checkpoint, Hash};

const ORIGIN: &str = "vectors.example/log";

fn file(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    std::fs::read_to_string(folder.join(name)).expect("a vector")
}

fn entry(index: u64) -> String {
    format!("entry {index}")
}

fn frontier(from: u64, end: u64) -> Frontier {
    let mut frontier = Frontier::default();
    (from..end).for_each(|index| frontier.push(merkle::leaf_hash(entry(index).as_bytes())));
    frontier
}

fn node(level: u32, index: u64) -> Result<Hash, ()> {
    Ok(frontier(index << level, (index + 1) << level).root())
}

fn signers() -> [Signer; 3] {
    [
        (ORIGIN, Kind::Plain, 1),
        ("w1.example", Kind::Cosignature, 2),
        ("w2.example", Kind::Cosignature, 3),
    ]
    .map(|(name, kind, seed)| Signer::new(name, kind, &[seed; 32]).expect("a name"))
}

fn keys() -> Vec<Verifier> {
    let keys = file("keys.txt");
    keys.lines()
        .map(|line| line.parse().expect("a key"))
        .collect()
}

/// The checkpoint over the first `size` entries, as the vectors have it.
fn checkpoint(size: u64, cosigned: bool) -> Note {
    let [log, one, two] = signers();
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size,
        root: frontier(0, size).root(),
        extensions: vec![],
    };
    let mut note = Note::sign(&checkpoint.to_string(), &[&log]).expect("text");
    if cosigned {
        note.signatures.push(one.sign_at(&note.text, 1_700_000_000));
        note.signatures.push(two.sign_at(&note.text, 1_700_000_001));
    }
    note
}

#[test]
fn keys_are_spelled_alike() {
    let ours: Vec<String> = signers()
        .iter()
        .map(|signer| signer.verifier().to_string())
        .collect();
    assert_eq!(ours, file("keys.txt").lines().collect::<Vec<_>>());
}

#[test]
fn proofs_of_another_implementation_verify_and_ours_are_the_same_bytes() {
    let keys = keys();
    let trust = Trust {
        log: keys[0].clone(),
        witnesses: keys[1..].to_vec(),
        quorum: 2,
    };
    for (index, size) in [(0, 11), (6, 11), (10, 11), (3, 8), (0, 1)] {
        let theirs = file(&format!("entry-{index}-of-{size}.tlog-proof"));
        let entry = entry(index);
        let checked = Proof::parse(&theirs)
            .expect("a proof")
            .verify(entry.as_bytes(), &trust);
        assert_eq!(checked.map(|checkpoint| checkpoint.size), Ok(size));

        let ours = Proof {
            extra: (size == 11).then(|| entry.into_bytes()),
            index,
            path: merkle::inclusion(index, size, node).expect("all nodes"),
            checkpoint: checkpoint(size, true),
        };
        assert_eq!(ours.to_string(), theirs);
    }
}

#[test]
fn requests_of_another_implementation_are_witnessed_and_ours_are_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    for (old, new) in [(1, 11), (6, 11), (8, 11), (10, 11)] {
        let theirs = file(&format!("from-{old}-to-{new}.add-checkpoint"));
        let [_, signer, _] = signers();
        let memory = folder.path().join(old.to_string());
        let witness = Witness::open(&memory, signer, vec![keys()[0].clone()]).expect("opened");
        let first = Request {
            old: 0,
            proof: vec![],
            checkpoint: checkpoint(old, false),
        };
        witness.add(&first).expect("the first is believed");
        let request = Request::parse(&theirs).expect("a request");
        witness.add(&request).expect("it continues the first");

        let ours = Request {
            old,
            proof: merkle::consistency(old, new, node).expect("all nodes"),
            checkpoint: checkpoint(new, false),
        };
        assert_eq!(ours.to_string(), theirs);
    }
}
