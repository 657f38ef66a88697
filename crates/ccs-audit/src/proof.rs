//! Offline proofs (C2SP tlog-proof): one entry, its place in a checkpointed tree, and the
//! checkpoint with its signatures, in one text that can be checked without the log.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, decimal};
use crate::hash::Hash;
use crate::merkle;
use crate::note::{self, Note, Verifier};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// That an entry is number `index` of the tree a checkpoint commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The entry's canonical bytes, if the proof carries them. Nothing vouches for them but
    /// [`Proof::verify`].
    pub extra: Option<Vec<u8>>,
    /// The entry's place in the tree, from 0.
    pub index: u64,
    /// The inclusion proof, the leaf's sibling first.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

/// Why a proof does not show what it is meant to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text does not have the form of a proof.
    #[error("malformed proof: {0}")]
    Malformed(&'static str),
    /// The signatures do not hold, or too few of the known witnesses have signed.
    #[error("the checkpoint is not trusted")]
    Checkpoint(#[from] note::Error),
    /// Fewer known witnesses have cosigned than are asked for.
    #[error("cosigned by {found} of the {asked} witnesses asked for")]
    Witnesses {
        /// How many have.
        found: usize,
        /// How many must.
        asked: usize,
    },
    /// The entry is not in the tree at that place.
    #[error("entry {index} is not in the tree of {size} entries")]
    NotIncluded {
        /// The place.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
}

/// Whom a verifier believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The log's key; its name is the origin that the checkpoint must have.
    pub log: Verifier,
    /// Witnesses.
    pub witnesses: Vec<Verifier>,
    /// How many of them must have cosigned.
    pub quorum: usize,
}

impl Trust {
    /// The checkpoint in `note`, if it is this log's and enough witnesses have signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`], [`Error::Witnesses`].
    pub fn check(&self, note: &Note) -> Result<Checkpoint, Error> {
        note.verify(std::slice::from_ref(&self.log))?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        if checkpoint.origin != self.log.name() {
            return Err(note::Error::Note("the checkpoint of another log").into());
        }
        let (found, asked) = (self.count(note)?, self.quorum);
        if found < asked {
            Err(Error::Witnesses { found, asked })
        } else {
            Ok(checkpoint)
        }
    }

    /// How many witnesses have cosigned. A key counts once, whatever its names, and the log's own
    /// does not.
    fn count(&self, note: &Note) -> Result<usize, Error> {
        let signed = match note.verify(&self.witnesses) {
            Err(note::Error::Unsigned) => return Ok(0),
            signed => signed?,
        };
        let keys: BTreeSet<[u8; 32]> = signed.iter().map(|signed| signed.key.public()).collect();
        let own = keys.contains(&self.log.public());
        Ok(keys.len() - usize::from(own))
    }
}

impl Proof {
    /// Checks that `entry` is in the log and returns the checkpoint that commits to it.
    ///
    /// # Errors
    ///
    /// [`Error`] says what does not hold.
    pub fn verify(&self, entry: &[u8], trust: &Trust) -> Result<Checkpoint, Error> {
        let checkpoint = trust.check(&self.checkpoint)?;
        let (index, size, leaf) = (self.index, checkpoint.size, merkle::leaf_hash(entry));
        if merkle::verify_inclusion(index, size, leaf, checkpoint.root, &self.path) {
            Ok(checkpoint)
        } else {
            Err(Error::NotIncluded { index, size })
        }
    }

    /// Reads a proof.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if it is not one, [`Error::Checkpoint`] if its last part is no note.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(Error::Malformed("no blank line"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(Error::Malformed("not a proof of version 1"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.map(|line| STANDARD.decode(&line["extra ".len()..]));
        let extra = extra
            .transpose()
            .map_err(|_| Error::Malformed("extra data"))?;
        let index = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("index ")?));
        let path: Option<Vec<Hash>> = lines.map(Hash::from_base64).collect();
        Ok(Self {
            extra,
            index: index.ok_or(Error::Malformed("no index"))?,
            path: path.ok_or(Error::Malformed("a hash in the path"))?,
            checkpoint: note::parse(checkpoint)?,
        })
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{Kind, Signer};

    fn signer(name: &str, kind: Kind, seed: u8) -> Signer {
        Signer::new(name, kind, &[seed; 32]).expect("a name")
    }

    /// Two entries, of which `b` is proved, and whom to believe.
    fn proved() -> (Proof, Trust) {
        let [log, one, two] = [
            signer("example.com/log", Kind::Plain, 1),
            signer("w1.example", Kind::Cosignature, 2),
            signer("w2.example", Kind::Cosignature, 3),
        ];
        let [a, b] = [merkle::leaf_hash(b"a"), merkle::leaf_hash(b"b")];
        let root = merkle::node_hash(a, b);
        let checkpoint = Checkpoint {
            origin: "example.com/log".into(),
            size: 2,
            root,
            extensions: vec![],
        };
        let checkpoint = Note::sign(&checkpoint.to_string(), &[&log, &one]).expect("text");
        let proof = Proof {
            extra: Some(b"b".to_vec()),
            index: 1,
            path: vec![a],
            checkpoint,
        };
        let witnesses = vec![one.verifier(), two.verifier()];
        (
            proof,
            Trust {
                log: log.verifier(),
                witnesses,
                quorum: 1,
            },
        )
    }

    #[test]
    fn a_proof_reads_as_it_was_printed_and_holds() {
        let (proof, trust) = proved();
        let read = Proof::parse(&proof.to_string()).expect("a proof");
        assert_eq!(read, proof);
        assert_eq!(
            read.verify(b"b", &trust).map(|checkpoint| checkpoint.size),
            Ok(2)
        );
    }

    #[test]
    fn another_entry_place_path_or_log_does_not_hold() {
        let (proof, trust) = proved();
        assert_eq!(
            proof.verify(b"a", &trust),
            Err(Error::NotIncluded { index: 1, size: 2 })
        );
        let elsewhere = Proof {
            index: 0,
            ..proof.clone()
        };
        assert_eq!(
            elsewhere.verify(b"b", &trust),
            Err(Error::NotIncluded { index: 0, size: 2 })
        );
        let astray = Proof {
            path: vec![Hash::default()],
            ..proof.clone()
        };
        assert!(astray.verify(b"b", &trust).is_err());
        let other = signer("example.com/other", Kind::Plain, 1).verifier();
        let other = Trust {
            log: other,
            ..trust
        };
        assert_eq!(
            proof.verify(b"b", &other),
            Err(note::Error::Unsigned.into())
        );
    }

    #[test]
    fn too_few_witnesses_are_not_enough() {
        let (proof, trust) = proved();
        let strict = Trust { quorum: 2, ..trust };
        assert_eq!(
            proof.verify(b"b", &strict),
            Err(Error::Witnesses { found: 1, asked: 2 })
        );
    }

    #[test]
    fn a_key_under_two_names_and_the_logs_own_key_are_not_two_witnesses() {
        let (mut proof, trust) = proved();
        for (name, seed) in [("w1-again.example", 2), ("own.example", 1)] {
            let again = signer(name, Kind::Cosignature, seed);
            let line = again.sign(&proof.checkpoint.text);
            proof.checkpoint.signatures.push(line);
            let mut witnesses = trust.witnesses.clone();
            witnesses.push(again.verifier());
            let strict = Trust {
                witnesses,
                quorum: 2,
                ..trust.clone()
            };
            assert_eq!(
                proof.verify(b"b", &strict),
                Err(Error::Witnesses { found: 1, asked: 2 })
            );
        }
    }

    #[test]
    fn text_is_that_of_the_specification() {
        let [h1, h2] = [Hash::of(b"hash1"), Hash::of(b"hash2")];
        let note = note::parse("x\n\n— a AAAAAAAA\n").expect("a note");
        let proof = Proof {
            index: 5,
            path: vec![h1, h2],
            extra: None,
            checkpoint: note,
        };
        let (one, two) = (h1.to_base64(), h2.to_base64());
        let text = format!("c2sp.org/tlog-proof@v1\nindex 5\n{one}\n{two}\n\nx\n\n— a AAAAAAAA\n");
        assert_eq!(proof.to_string(), text);
        let extra = Proof {
            extra: Some(b"e".to_vec()),
            path: vec![],
            ..proof
        };
        let text = "c2sp.org/tlog-proof@v1\nextra ZQ==\nindex 5\n\nx\n\n— a AAAAAAAA\n";
        assert_eq!(extra.to_string(), text);
    }

    #[test]
    fn text_that_is_not_a_proof_is_refused() {
        let note = "x\n\n— a AAAAAAAA\n";
        for bad in [
            format!("wrong\nindex 0\n\n{note}"),
            format!("{FIRST_LINE}\nextra !!\nindex 0\n\n{note}"),
            format!("{FIRST_LINE}\n\n{note}"),
            format!("{FIRST_LINE}\nindex x\n\n{note}"),
            format!("{FIRST_LINE}\nindex -5\n\n{note}"),
            format!("{FIRST_LINE}\nindex 05\n\n{note}"),
            format!("{FIRST_LINE}\nindex 0\n!!\n\n{note}"),
            format!("{FIRST_LINE}\nindex 0\nAAAA\n\n{note}"),
            format!("{FIRST_LINE}\nindex 0\n{note}"),
            format!("{FIRST_LINE}\nindex 0\n\nx\n"),
        ] {
            assert!(Proof::parse(&bad).is_err(), "{bad}");
        }
    }
}
