//! Witnesses (C2SP tlog-witness): someone on another machine who remembers the last checkpoint of
//! each log, and signs a later one only if it continues what was seen.
//!
//! The messages are those of the `add-checkpoint` call; carrying them is the caller's.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::checkpoint::{Checkpoint, decimal};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::merkle;
use crate::note::{self, Kind, Note, Signer, Verifier};
use crate::place;

/// The most hashes a request may carry.
const MAX_PROOF: usize = 63;
/// How long a request waits for others.
const WAIT: Duration = Duration::from_secs(10);

/// A request to witness a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The size of the checkpoint the witness is thought to know; 0 for none.
    pub old: u64,
    /// The proof that the new tree continues that one.
    pub proof: Vec<Hash>,
    /// The new checkpoint, signed by the log.
    pub checkpoint: Note,
}

impl Request {
    /// Reads the body of an `add-checkpoint` call.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] if it is none.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = |why| Refusal::Malformed(note::Error::Note(why));
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(malformed("no blank line after the proof"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("old ")?));
        let proof: Option<Vec<Hash>> = lines.map(Hash::from_base64).collect();
        let proof = proof.filter(|proof| proof.len() <= MAX_PROOF);
        Ok(Self {
            old: old.ok_or(malformed("no old size"))?,
            proof: proof.ok_or(malformed("a proof that is no proof"))?,
            checkpoint: note::parse(checkpoint).map_err(Refusal::Malformed)?,
        })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Why a witness does not sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is not one.
    #[error("not a request: {0}")]
    Malformed(note::Error),
    /// The old size is larger than the new one.
    #[error("the old size is larger than the new one")]
    Backwards,
    /// The witness does not know the log.
    #[error("`{0}` is not a log known here")]
    Unknown(String),
    /// The log's key has not signed it.
    #[error("not signed by the log's key")]
    Unsigned,
    /// The witness knows another size. The log was cut or put back, or the request is stale.
    #[error("the last checkpoint seen is over {known} entries")]
    Conflict {
        /// The size it knows.
        known: u64,
    },
    /// The witness has seen another root for the same size: the log has two histories.
    #[error("another root was seen for {size} entries: the log has two histories")]
    Forked {
        /// The size.
        size: u64,
    },
    /// The proof does not show that the tree continues the one that was seen.
    #[error("not shown to continue the {known} entries that were seen")]
    Inconsistent {
        /// The size it knows.
        known: u64,
    },
    /// What it remembers could not be read or written.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Refusal {
    /// The HTTP status that tlog-witness gives this answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Backwards => 400,
            Self::Unknown(_) => 404,
            Self::Unsigned => 403,
            Self::Conflict { .. } | Self::Forked { .. } => 409,
            Self::Inconsistent { .. } => 422,
            Self::Store(_) => 500,
        }
    }
}

/// Remembers the last checkpoint of each log it knows, in a folder of its own.
pub struct Witness {
    folder: PathBuf,
    signer: Signer,
    logs: Vec<Verifier>,
}

impl Witness {
    /// Opens the witness whose memory is in `folder`. It signs for the logs with these keys, whose
    /// names are their origins.
    ///
    /// # Errors
    ///
    /// [`note::Error::Key`] if `signer` is not for cosignatures; [`Error::Insecure`] or
    /// [`Error::File`] if the folder cannot be used.
    pub fn open(folder: &Path, signer: Signer, logs: Vec<Verifier>) -> Result<Self> {
        if signer.verifier().kind() != Kind::Cosignature {
            return Err(note::Error::Key("a cosignature key is needed").into());
        }
        if !folder.exists() {
            place::make_folder(folder)?;
        }
        place::check_folder(folder)?;
        Ok(Self {
            folder: folder.into(),
            signer,
            logs,
        })
    }

    /// The key by which its cosignatures are verified.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.signer.verifier()
    }

    /// The last checkpoint it signed for a log.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if what it remembers cannot be read.
    pub fn latest(&self, origin: &str) -> Result<Option<Note>> {
        let path = self.path(origin);
        let Some(bytes) = place::read(&path, 1 << 20)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).unwrap_or_default();
        let note = note::parse(&text).ok();
        note.map(Some).ok_or(Error::Corrupt {
            path,
            why: "not a note".into(),
        })
    }

    /// Signs the checkpoint and remembers it, if it continues the last one of its log. Returns
    /// the signature line, with its newline.
    ///
    /// # Errors
    ///
    /// [`Refusal`] says why not. A signed checkpoint that contradicts what was seen is kept beside
    /// it, as evidence.
    pub fn add(&self, request: &Request) -> Result<String, Refusal> {
        let checkpoint = Checkpoint::parse(&request.checkpoint.text).map_err(Refusal::Malformed)?;
        self.check_signature(&checkpoint, &request.checkpoint)?;
        if request.old > checkpoint.size {
            return Err(Refusal::Backwards);
        }
        let _lock = place::lock(&self.folder.join("lock"), WAIT)?;
        let known = self.known(&checkpoint.origin)?;
        if let Err(refusal) = continues(&known, request, &checkpoint) {
            if matches!(
                refusal,
                Refusal::Forked { .. } | Refusal::Inconsistent { .. }
            ) {
                let evidence = self.path(&checkpoint.origin).with_extension("refused");
                place::replace(&evidence, request.checkpoint.to_string().as_bytes())?;
            }
            return Err(refusal);
        }
        place::replace(
            &self.path(&checkpoint.origin),
            request.checkpoint.to_string().as_bytes(),
        )?;
        Ok(format!("{}\n", self.signer.sign(&request.checkpoint.text)))
    }

    fn check_signature(&self, checkpoint: &Checkpoint, note: &Note) -> Result<(), Refusal> {
        let of_log = |key: &&Verifier| key.name() == checkpoint.origin;
        let keys: Vec<Verifier> = self.logs.iter().filter(of_log).cloned().collect();
        if keys.is_empty() {
            return Err(Refusal::Unknown(checkpoint.origin.clone()));
        }
        note.verify(&keys).map(drop).map_err(|_| Refusal::Unsigned)
    }

    /// Size and root of the last checkpoint; those of the empty tree if there is none.
    fn known(&self, origin: &str) -> Result<(u64, Hash)> {
        let Some(note) = self.latest(origin)? else {
            return Ok((0, merkle::empty_root()));
        };
        let known = Checkpoint::parse(&note.text)?;
        Ok((known.size, known.root))
    }

    fn path(&self, origin: &str) -> PathBuf {
        self.folder
            .join(format!("{}.note", Hash::of(origin.as_bytes())))
    }

    /// The origins of which it remembers a checkpoint.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if its folder cannot be read.
    pub fn remembered(&self) -> Result<Vec<Note>> {
        let mut notes = Vec::new();
        for file in fs::read_dir(&self.folder).map_err(Error::file(&self.folder))? {
            let path = file.map_err(Error::file(&self.folder))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "note")
            {
                let bytes = place::read(&path, 1 << 20)?.unwrap_or_default();
                notes.extend(note::parse(&String::from_utf8_lossy(&bytes)).ok());
            }
        }
        Ok(notes)
    }
}

fn continues(
    known: &(u64, Hash),
    request: &Request,
    checkpoint: &Checkpoint,
) -> Result<(), Refusal> {
    let (known_size, known_root) = *known;
    if request.old != known_size {
        return Err(Refusal::Conflict { known: known_size });
    }
    if known_size == checkpoint.size && known_root != checkpoint.root {
        return Err(Refusal::Forked { size: known_size });
    }
    let new = (checkpoint.size, checkpoint.root);
    if merkle::verify_consistency(*known, new, &request.proof) {
        Ok(())
    } else {
        Err(Refusal::Inconsistent { known: known_size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
        log: Signer,
        leaves: Vec<Hash>,
    }

    impl Scene {
        fn new() -> Self {
            let log = Signer::new("log.example/1", Kind::Plain, &[1; 32]).expect("a name");
            let leaves = (0..20u8).map(|byte| merkle::leaf_hash(&[byte])).collect();
            Self {
                folder: tempfile::tempdir().expect("a folder"),
                log,
                leaves,
            }
        }

        fn witness(&self) -> Witness {
            let signer = Signer::new("w.example", Kind::Cosignature, &[2; 32]).expect("a name");
            let logs = vec![self.log.verifier()];
            Witness::open(&self.folder.path().join("w"), signer, logs).expect("opened")
        }

        /// A request for the first `size` leaves, with a proof from `old`.
        fn request(&self, old: u64, size: u64) -> Request {
            let node = |level: u32, index: u64| {
                let from = usize::try_from(index << level).expect("small");
                let mut frontier = merkle::Frontier::default();
                self.leaves[from..from + (1 << level)]
                    .iter()
                    .for_each(|leaf| frontier.push(*leaf));
                Ok::<Hash, ()>(frontier.root())
            };
            let root = merkle::root(size, node).expect("all nodes");
            let proof = merkle::consistency(old, size, node).expect("all nodes");
            let origin = "log.example/1".to_owned();
            let checkpoint = Checkpoint {
                origin,
                size,
                root,
                extensions: vec![],
            };
            let checkpoint = Note::sign(&checkpoint.to_string(), &[&self.log]).expect("text");
            Request {
                old,
                proof,
                checkpoint,
            }
        }
    }

    fn status(answer: Result<String, Refusal>) -> u16 {
        answer.map_or_else(|refusal| refusal.status(), |_| 200)
    }

    #[test]
    fn a_log_that_grows_is_cosigned_each_time() {
        let scene = Scene::new();
        for (old, size) in [(0, 3), (3, 3), (3, 8), (8, 20)] {
            let request = scene.request(old, size);
            let request = Request::parse(&request.to_string()).expect("a request");
            let line = scene.witness().add(&request).expect("cosigned"); // it remembers
            let both = note::parse(&format!("{}{line}", request.checkpoint)).expect("a note");
            let signed = both
                .verify(&[scene.witness().verifier()])
                .map(|all| all.len());
            assert_eq!(signed, Ok(1));
        }
        assert_eq!(scene.witness().remembered().expect("readable").len(), 1);
    }

    #[test]
    fn a_log_that_was_put_back_is_refused() {
        let scene = Scene::new();
        let witness = scene.witness();
        witness.add(&scene.request(0, 8)).expect("cosigned");
        for request in [
            scene.request(0, 5),
            scene.request(5, 8),
            scene.request(0, 12),
        ] {
            let refused = witness.add(&request);
            assert!(
                matches!(refused, Err(Refusal::Conflict { known: 8 })),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn two_histories_are_refused_and_the_second_is_kept_as_evidence() {
        let scene = Scene::new();
        let witness = scene.witness();
        witness.add(&scene.request(0, 8)).expect("cosigned");
        let mut other = Scene::new();
        other.leaves[3] = Hash::default();
        assert!(matches!(
            witness.add(&other.request(8, 8)),
            Err(Refusal::Forked { size: 8 })
        ));
        let refused = witness.add(&other.request(8, 12));
        assert!(matches!(refused, Err(Refusal::Inconsistent { known: 8 })));
        let kept = fs::read_dir(scene.folder.path().join("w")).expect("a folder");
        let names: Vec<_> = kept.filter_map(|file| Some(file.ok()?.path())).collect();
        assert!(
            names
                .iter()
                .any(|path| path.extension().is_some_and(|e| e == "refused"))
        );
        witness
            .add(&scene.request(8, 9))
            .expect("the first history goes on");
    }

    #[test]
    fn every_refusal_has_the_status_of_the_specification() {
        let scene = Scene::new();
        let witness = scene.witness();
        let good = scene.request(0, 8);
        let sign = |text: String, signer: &Signer| Request {
            checkpoint: Note::sign(&text, &[signer]).expect("text"),
            ..good.clone()
        };
        let text = good.checkpoint.text.clone();
        let stranger = Signer::new("other.example", Kind::Plain, &[1; 32]).expect("a name");
        let thief = Signer::new("log.example/1", Kind::Plain, &[9; 32]).expect("a name");
        let unknown = sign(text.replace("log.example/1", "other.example"), &stranger);
        let answer = |request: &Request| status(witness.add(request));
        assert_eq!(answer(&unknown), 404);
        assert_eq!(answer(&sign(text, &thief)), 403);
        assert_eq!(
            answer(&Request {
                old: 9,
                ..good.clone()
            }),
            400
        );
        assert_eq!(answer(&sign("not\na checkpoint\n".into(), &scene.log)), 400);
        assert_eq!(
            answer(&Request {
                proof: vec![Hash::default()],
                ..good.clone()
            }),
            422
        );
        assert_eq!(answer(&good), 200);
    }

    #[test]
    fn text_that_is_not_a_request_is_refused() {
        let good = Scene::new().request(3, 8).to_string();
        for (from, to) in [
            ("old 3", "old 03"),
            ("old 3", "new 3"),
            ("old 3\n", ""),
            ("\n\n", "\n"),
            ("old 3\n", &format!("old 3\n{}\n", "A".repeat(10))),
            (
                "old 3\n",
                &format!(
                    "old 3\n{}",
                    format!("{}\n", Hash::default().to_base64()).repeat(64)
                ),
            ),
        ] {
            let bad = good.replacen(from, to, 1);
            assert!(
                matches!(Request::parse(&bad), Err(Refusal::Malformed(_))),
                "{bad}"
            );
        }
    }
}
