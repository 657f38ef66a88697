//! Checkpoints: the log's own, and those that others have kept.

use std::collections::BTreeMap;

use super::notes::Stored;
use super::{Cosigned, Expect, Fault, Report, Unchecked};
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::keys::{EpochKey, Identity, RootKey};
use crate::note::{self, Kind, Note, Verifier};
use crate::seam::Seam;

/// Whose signatures the checkpoints of a log must carry.
pub(super) struct Signers {
    /// The key that signs all checkpoints, under the name of the tree that is being looked at.
    log: Option<Verifier>,
    /// The key of the epoch that is being looked at, if it is known.
    epoch: Option<(u64, Verifier)>,
    witnesses: Vec<Verifier>,
}

impl Signers {
    pub(super) fn new(identity: Option<&Identity>, witnesses: &[Verifier]) -> Self {
        Self {
            log: identity.map(|identity| identity.log.clone()),
            epoch: identity.map(|identity| (0, identity.epoch.clone())),
            witnesses: witnesses.to_vec(),
        }
    }

    /// Comes to the tree called `origin`.
    pub(super) fn enter(&mut self, origin: &str) {
        let Some(log) = &mut self.log else { return };
        // under a name that no key can have nobody has signed, and under the old one neither
        if let Ok(named) = Verifier::new(origin, Kind::Plain, &log.public()) {
            *log = named;
        }
    }

    /// The key that signs all checkpoints of this tree.
    #[cfg(feature = "batch")]
    pub(super) fn log_key(&self) -> Option<&Verifier> {
        self.log.as_ref()
    }

    /// The key of `epoch`, if it is known.
    pub(super) fn epoch_key(&self, epoch: u64) -> Option<&Verifier> {
        let (_, key) = self.epoch.as_ref().filter(|(of, _)| *of == epoch)?;
        Some(key)
    }

    /// Checks the checkpoint that closes `epoch`, and learns the key of the next from it.
    pub(super) fn check(
        &mut self,
        stored: &Stored,
        epoch: u64,
        key: Option<&EpochKey>,
        (seam, root): (&Seam, Option<Hash>),
        report: &mut Report,
    ) {
        report.checkpoints += 1;
        let size = stored.size;
        let forged = |why: &str| Fault::CheckpointForged {
            size,
            why: why.into(),
        };
        let signed = match &stored.read {
            Ok(signed) => signed,
            Err(error) => return report.fault(forged(&error.to_string())),
        };
        let checkpoint = &signed.checkpoint;
        if checkpoint.origin != seam.tree_origin() || checkpoint.size != size {
            return report.fault(forged("it is another checkpoint"));
        }
        if root.is_some_and(|root| root != checkpoint.root) {
            report.fault(Fault::CheckpointRoot { size });
        }
        if let Some(Err(error)) = self.log.as_ref().map(|log| signed.verify(log)) {
            report.fault(forged(&error.to_string()));
        }
        let derived = key.and_then(|key| Some(key.signer(&seam.origin).ok()?.verifier()));
        match derived.as_ref().or(self.epoch_key(epoch)) {
            None => report.leave(Unchecked::EpochKeys { from: epoch }),
            Some(key) => {
                if let Err(error) = signed.verify(key) {
                    report.fault(forged(&error.to_string()));
                }
            }
        }
        self.epoch = signed.next_after(epoch).map(|key| (epoch + 1, key.clone()));
        self.note_witnesses(&signed.note, size, report);
    }

    fn note_witnesses(&self, note: &Note, size: u64, report: &mut Report) {
        let signed = match note.verify(&self.witnesses) {
            Ok(signed) => signed,
            Err(note::Error::Unsigned) => return,
            Err(error) => {
                return report.fault(Fault::CheckpointForged {
                    size,
                    why: error.to_string(),
                });
            }
        };
        for signed in signed {
            let seen = Cosigned {
                witness: signed.key.name().to_owned(),
                size,
                time: signed.time.unwrap_or(0),
            };
            report
                .cosigned
                .retain(|known| known.witness != seen.witness);
            report.cosigned.push(seen);
        }
    }
}

/// Checkpoints that others have kept, by tree and size, with who kept them.
pub(super) struct Kept {
    waiting: BTreeMap<(String, u64), (Hash, String)>,
}

impl Kept {
    /// Those that the log's key has signed; the others are told in the report.
    pub(super) fn new(
        expect: &Expect<'_>,
        identity: Option<&Identity>,
        report: &mut Report,
    ) -> Self {
        let mut waiting = BTreeMap::new();
        for note in &expect.signed {
            let Ok(checkpoint) = Checkpoint::parse(&note.text) else {
                report.leave(Unchecked::NotOurs {
                    origin: "(not a checkpoint)".into(),
                });
                continue;
            };
            let named = |id: &Identity| {
                Verifier::new(&checkpoint.origin, Kind::Plain, &id.log.public()).ok()
            };
            let ours = identity
                .and_then(named)
                .is_some_and(|key| note.verify(&[key]).is_ok());
            if !ours {
                report.leave(Unchecked::NotOurs {
                    origin: checkpoint.origin.clone(),
                });
                // a log founded anew has another key: what the old one signed still speaks
                let stranger = identity.is_some_and(|id| !of(&checkpoint.origin, id.origin()));
                if stranger && cosigned(note, &expect.witnesses).is_some() {
                    let found = identity.map_or(String::new(), |id| id.origin().to_owned());
                    report.fault(Fault::Refounded {
                        expected: checkpoint.origin,
                        found,
                    });
                }
                continue;
            }
            let by =
                cosigned(note, &expect.witnesses).unwrap_or_else(|| "a kept checkpoint".into());
            waiting.insert((checkpoint.origin, checkpoint.size), (checkpoint.root, by));
        }
        Self { waiting }
    }

    /// The next size of the tree at which there is something to compare.
    pub(super) fn next_size(&self, origin: &str) -> Option<u64> {
        let from = (origin.to_owned(), 0);
        let next = self.waiting.range(from..).next();
        next.filter(|((name, _), _)| name == origin)
            .map(|((_, size), _)| *size)
    }

    /// Compares the tree with what was kept at this size. `None`: the entries up to there are not
    /// what they were, which is told already.
    pub(super) fn compare(
        &mut self,
        origin: &str,
        size: u64,
        root: Option<Hash>,
        report: &mut Report,
    ) {
        let Some((kept, by)) = self.waiting.remove(&(origin.to_owned(), size)) else {
            return;
        };
        if root.is_some_and(|root| root != kept) {
            report.fault(Fault::Forked { size, by });
        }
    }

    /// Those that lie before the part of the tree that is here.
    pub(super) fn skip(&mut self, origin: &str, before: u64, report: &mut Report) {
        while let Some(size) = self.next_size(origin).filter(|size| *size < before) {
            self.waiting.remove(&(origin.to_owned(), size));
            report.leave(Unchecked::Elsewhere { size });
        }
    }

    /// Those of a tree that ended before it reached them.
    pub(super) fn end(&mut self, origin: &str, have: u64, report: &mut Report) {
        while let Some(size) = self.next_size(origin) {
            if let Some((_, by)) = self.waiting.remove(&(origin.to_owned(), size)) {
                report.fault(Fault::RolledBack {
                    have,
                    known: size,
                    by,
                });
            }
        }
    }

    /// Those of trees that are not here at all.
    pub(super) fn rest(self, report: &mut Report) {
        for ((_, size), _) in self.waiting {
            report.leave(Unchecked::Elsewhere { size });
        }
    }
}

/// Whether `origin` names a tree of the log `log`.
fn of(origin: &str, log: &str) -> bool {
    origin
        .strip_prefix(log)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn cosigned(note: &Note, witnesses: &[Verifier]) -> Option<String> {
    let signed = note.verify(witnesses).ok()?;
    let names: Vec<&str> = signed.iter().map(|signed| signed.key.name()).collect();
    Some(names.join(", "))
}

/// The keys of the epochs, worked out from the root in order.
pub(super) struct Epochs {
    current: EpochKey,
}

impl Epochs {
    pub(super) fn new(root: &RootKey) -> Self {
        Self {
            current: EpochKey::first(root),
        }
    }

    /// The key of `epoch`; going back starts from `root` again.
    pub(super) fn key(&mut self, epoch: u64, root: &RootKey) -> &EpochKey {
        if self.current.epoch > epoch {
            self.current = EpochKey::first(root);
        }
        while self.current.epoch < epoch {
            self.current = self.current.next();
        }
        &self.current
    }
}
