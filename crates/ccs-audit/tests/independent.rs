//! Somebody else's programs read what a log writes: Cloudflare's `signed_note` and `tlog_tiles`,
//! which are Go's `sumdb/note` and `sumdb/tlog` in Rust. They take our checkpoints and proofs, we
//! take theirs, and what one refuses the other refuses.

mod common;

use ccs_audit::note::{self, Kind, Signer, Verifier};
use ccs_audit::proof::{Proof, Trust};
use ccs_audit::{Checkpoint, Hash, Identity, Reader, merkle};
use common::{Home, fill};
use signed_note::{StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles as theirs;

/// Entries of the log that is shown: not a power of two, and over several epochs.
const ENTRIES: u64 = 42;

/// A log all of whose entries are in its newest checkpoint.
struct Shown {
    reader: Reader,
    identity: Identity,
    size: u64,
    checkpoint: String,
    _home: Home,
}

impl Shown {
    fn new() -> Self {
        let home = Home::new();
        let mut log = home.log();
        fill(&mut log, ENTRIES);
        let checkpoint = log.checkpoint().expect("signed");
        let size = Checkpoint::parse(&checkpoint.text).expect("one").size;
        Self {
            reader: home.reader(),
            identity: home.identity(),
            size,
            checkpoint: checkpoint.to_string(),
            _home: home,
        }
    }

    fn trust(&self) -> Trust {
        Trust {
            log: self.identity.log.clone(),
            witnesses: vec![],
            quorum: 0,
        }
    }

    fn proof(&self, seq: u64) -> Proof {
        self.reader.prove(seq).expect("all are covered")
    }

    /// The canonical bytes of every entry.
    fn entries(&self) -> Vec<Vec<u8>> {
        let entry = |seq| self.proof(seq).extra.expect("the entry goes along");
        (0..self.size).map(entry).collect()
    }
}

/// What they read in a note, if they find the key's signature under it.
fn read_by_them(note: &[u8], key: &Verifier) -> Option<theirs::Checkpoint> {
    let key = StandardVerifier::new(&key.to_string()).expect("they know our keys");
    let note = signed_note::Note::from_bytes(note).ok()?;
    note.verify(&VerifierList::new(vec![Box::new(key)])).ok()?;
    theirs::Checkpoint::from_bytes(note.text()).ok()
}

/// The same by us.
fn read_by_us(note: &[u8], key: &Verifier) -> Option<Checkpoint> {
    let note = note::parse(std::str::from_utf8(note).ok()?).ok()?;
    note.verify(std::slice::from_ref(key)).ok()?;
    Checkpoint::parse(&note.text).ok()
}

fn their(hash: Hash) -> theirs::Hash {
    theirs::Hash(*hash.as_bytes())
}

fn our(hash: &theirs::Hash) -> Hash {
    Hash::new(hash.0)
}

fn all_their(hashes: &[Hash]) -> Vec<theirs::Hash> {
    hashes.iter().map(|hash| their(*hash)).collect()
}

/// Their own tree over some entries.
struct TheirTree(Vec<theirs::Hash>);

impl theirs::HashReader for TheirTree {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<theirs::Hash>, theirs::Error> {
        let at = |index: &u64| self.0.get(usize::try_from(*index).ok()?).copied();
        let found: Option<Vec<_>> = indexes.iter().map(at).collect();
        found.ok_or(theirs::Error::IndexesNotInTree)
    }
}

impl TheirTree {
    fn of(entries: &[Vec<u8>]) -> Self {
        let mut tree = Self(Vec::new());
        for (place, entry) in (0..).zip(entries) {
            let hashes = theirs::stored_hashes(place, entry, &tree).expect("one after the other");
            tree.0.extend(hashes);
        }
        tree
    }

    fn root(&self, size: u64) -> theirs::Hash {
        theirs::tree_hash(size, self).expect("a part of it")
    }
}

#[test]
fn they_read_our_checkpoints_as_we_meant_them() {
    let shown = Shown::new();
    let key = &shown.identity.log;
    let theirs = read_by_them(shown.checkpoint.as_bytes(), key).expect("signed");
    let ours = read_by_us(shown.checkpoint.as_bytes(), key).expect("signed");
    assert_eq!(theirs.origin(), ours.origin);
    assert_eq!((theirs.size(), our(theirs.hash())), (ours.size, ours.root));
    let lines: Vec<&str> = theirs.extension().lines().collect();
    assert_eq!(lines, ours.extensions);
    assert_eq!(theirs.to_bytes(), ours.to_string().into_bytes());
}

#[test]
fn their_tree_over_our_entries_has_our_root_and_they_take_our_proof_of_every_entry() {
    let shown = Shown::new();
    let entries = shown.entries();
    let checkpoint = read_by_them(shown.checkpoint.as_bytes(), &shown.identity.log);
    let (size, root) = (shown.size, *checkpoint.expect("signed").hash());
    assert_eq!(TheirTree::of(&entries).root(size), root);
    for (index, entry) in (0..).zip(&entries) {
        let (path, leaf) = (
            all_their(&shown.proof(index).path),
            theirs::record_hash(entry),
        );
        theirs::check_record(&path, size, root, index, leaf).expect("in the tree");
    }
}

#[test]
fn they_take_our_proof_that_the_log_only_grew_from_any_size_to_any_other() {
    let shown = Shown::new();
    let tree = TheirTree::of(&shown.entries());
    for new in 1..=shown.size {
        for old in 1..=new {
            let proof = shown.reader.consistency(old, new).expect("proved");
            let roots = (tree.root(new), tree.root(old));
            let taken = theirs::check_tree(&all_their(&proof), new, roots.0, old, roots.1);
            taken.unwrap_or_else(|error| panic!("from {old} to {new}: {error}"));
        }
    }
}

#[test]
fn we_take_their_proofs_and_they_are_ours() {
    let shown = Shown::new();
    let entries = shown.entries();
    let (tree, size) = (TheirTree::of(&entries), shown.size);
    for (index, entry) in (0..).zip(&entries) {
        let theirs = theirs::prove_record(size, index, &tree).expect("proved");
        let mut proof = shown.proof(index);
        assert_eq!(all_their(&proof.path), theirs);
        proof.path = theirs.iter().map(our).collect();
        proof.verify(entry, &shown.trust()).expect("it holds");
    }
    for old in 1..=size {
        let theirs = theirs::prove_tree(size, old, &tree).expect("proved");
        let proof: Vec<Hash> = theirs.iter().map(our).collect();
        let (before, after) = ((old, our(&tree.root(old))), (size, our(&tree.root(size))));
        assert!(merkle::verify_consistency(before, after, &proof));
    }
}

#[test]
fn we_take_what_they_sign_with_our_key() {
    let signer = Signer::new("log.example/ccs", Kind::Plain, &[7; 32]).expect("a name");
    let text = theirs::Checkpoint::new("log.example/ccs", 3, theirs::Hash([5; 32]), "more\n");
    let text = text.expect("a checkpoint").to_bytes();
    let mut note = signed_note::Note::new(&text, &[]).expect("text");
    let theirs = StandardSigner::new(&signer.expose()).expect("a key");
    note.add_sigs(&[&theirs]).expect("signed");

    let read = read_by_us(&note.to_bytes(), &signer.verifier()).expect("signed");

    assert_eq!((read.size, read.root), (3, Hash::new([5; 32])));
    assert_eq!(read.extensions, ["more"]);
}

/// Everything near a note: a bit of each byte another, each byte away, each line away or twice,
/// every beginning and every end.
fn near(note: &[u8]) -> Vec<Vec<u8>> {
    let mut near = Vec::new();
    for place in 0..note.len() {
        for bit in [0x01, 0x02, 0x04, 0x10, 0x20, 0x80] {
            let mut changed = note.to_vec();
            changed[place] ^= bit;
            near.push(changed);
        }
        let mut without = note.to_vec();
        without.remove(place);
        near.extend([without, note[..place].to_vec(), note[place..].to_vec()]);
    }
    let lines: Vec<&[u8]> = note.split_inclusive(|byte| *byte == b'\n').collect();
    for place in 0..lines.len() {
        let (before, after) = lines.split_at(place);
        near.push([before, &after[1..]].concat().concat());
        near.push([before, &after[..1], after].concat().concat());
    }
    near
}

#[test]
fn of_everything_near_a_checkpoint_we_take_what_they_take_and_nothing_else() {
    let shown = Shown::new();
    let key = &shown.identity.log;
    let (mut taken, mut refused) = (0, 0);
    for note in near(shown.checkpoint.as_bytes()) {
        let (they, we) = (read_by_them(&note, key), read_by_us(&note, key));
        let text = String::from_utf8_lossy(&note);
        assert_eq!(they.is_some(), we.is_some(), "{text}");
        match we {
            Some(_) => taken += 1,
            None => refused += 1,
        }
    }
    // a signature that nobody asks about may be any
    assert!(
        taken > 0 && refused > 1_000,
        "{taken} taken, {refused} refused"
    );
}

/// Everything near a path: a hash another, away or twice, two of them in the other order.
fn near_path(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut near = vec![path.to_vec()];
    for place in 0..path.len() {
        let mut changed = path.to_vec();
        changed[place] = Hash::of(b"another");
        near.push(changed);
        let mut without = path.to_vec();
        without.remove(place);
        near.push(without);
        let mut twice = path.to_vec();
        twice.insert(place, path[place]);
        near.push(twice);
        let mut swapped = path.to_vec();
        swapped.swap(place, 0);
        near.push(swapped);
    }
    near
}

#[test]
fn of_everything_near_a_proof_we_take_what_they_take_and_nothing_else() {
    let shown = Shown::new();
    let entries = shown.entries();
    let tree = TheirTree::of(&entries);
    let (size, root) = (shown.size, tree.root(shown.size));
    let (mut taken, mut refused) = (0, 0);
    let mut compare = |they: bool, we: bool, what: &str| {
        assert_eq!(they, we, "{what}");
        if we { taken += 1 } else { refused += 1 }
    };
    for (index, entry) in (0..).zip(&entries) {
        for path in near_path(&shown.proof(index).path) {
            for place in [index, index ^ 1, size - 1 - index, size] {
                let leaf = theirs::record_hash(entry);
                let they = theirs::check_record(&all_their(&path), size, root, place, leaf);
                let we = merkle::verify_inclusion(place, size, our(&leaf), our(&root), &path);
                compare(
                    they.is_ok(),
                    we,
                    &format!("entry {index} at {place}: {path:?}"),
                );
            }
        }
    }
    for old in 1..size {
        for path in near_path(&shown.reader.consistency(old, size).expect("proved")) {
            for from in [old, old + 1] {
                let before = tree.root(old);
                let they = theirs::check_tree(&all_their(&path), size, root, from, before);
                let (from_tree, to_tree) = ((from, our(&before)), (size, our(&root)));
                let we = merkle::verify_consistency(from_tree, to_tree, &path);
                compare(
                    they.is_ok(),
                    we,
                    &format!("from {old}, said {from}: {path:?}"),
                );
            }
        }
    }
    assert!(
        taken > 80 && refused > 1_000,
        "{taken} taken, {refused} refused"
    );
}
