//! What can be wrong with a log, and what may have to stay unchecked.

use std::fmt;

use crate::Why;

/// One thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The entry, or the tag that ties it in, is not what was written.
    Altered {
        /// The entry.
        seq: u64,
    },
    /// The entry is not in the form of an entry.
    Unreadable {
        /// The entry.
        seq: u64,
    },
    /// Entries are gone.
    Missing {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// An entry was put in that the log did not write.
    Inserted {
        /// Where it stands.
        seq: u64,
    },
    /// An entry stands where another was written.
    Reordered {
        /// The place.
        seq: u64,
        /// The number of the entry that stands there.
        holds: u64,
    },
    /// The entry claims an epoch that does not belong to its place.
    WrongEpoch {
        /// The entry.
        seq: u64,
        /// The epoch it claims.
        claims: u64,
        /// The epoch of its place.
        epoch: u64,
    },
    /// The entry was sealed with the key of another epoch: someone who had that key wrote it anew.
    Resealed {
        /// The entry.
        seq: u64,
        /// The epoch of its place.
        epoch: u64,
        /// The epoch whose key was used.
        with: u64,
    },
    /// Entries do not match the tree that was built over them.
    Tree {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// The last entry is not marked as the last: what came after it was cut off.
    Cut {
        /// The last entry that is there.
        last: u64,
    },
    /// The log is shorter than it was: cut, or put back to an earlier state.
    RolledBack {
        /// Entries that are there.
        have: u64,
        /// Entries that someone has seen.
        known: u64,
        /// Who.
        by: String,
    },
    /// Someone has seen other entries in the same places.
    Forked {
        /// Among the first so many entries.
        size: u64,
        /// Who.
        by: String,
    },
    /// This is another log than the one expected: it was founded anew.
    Refounded {
        /// The origin expected.
        expected: String,
        /// The origin found.
        found: String,
    },
    /// A segment is not here, and no entry says that it was archived.
    SegmentMissing {
        /// Its number.
        segment: u32,
    },
    /// A segment does not follow the one before, or its first entry does not know its seam.
    Seam {
        /// Its number.
        segment: u32,
    },
    /// The tree had to begin anew, because the segment before was found lost or damaged.
    Restarted {
        /// The segment it began with.
        segment: u32,
        /// Its first entry.
        seq: u64,
        /// What was found.
        why: Why,
    },
    /// The checkpoint that closes an epoch is gone.
    CheckpointMissing {
        /// The epoch.
        epoch: u64,
    },
    /// A checkpoint is not over the entries that are here.
    CheckpointRoot {
        /// Over so many entries.
        size: u64,
    },
    /// A checkpoint is not what the log signed.
    CheckpointForged {
        /// Over so many entries.
        size: u64,
        /// In which way.
        why: String,
    },
    /// The index does not match the entries, so that searches miss some. It can be made again.
    Index {
        /// The segment.
        segment: u32,
    },
}

impl Fault {
    /// The first entry concerned, if there is one.
    #[must_use]
    pub const fn seq(&self) -> Option<u64> {
        match self {
            Self::Altered { seq }
            | Self::Unreadable { seq }
            | Self::Inserted { seq }
            | Self::Reordered { seq, .. }
            | Self::WrongEpoch { seq, .. }
            | Self::Resealed { seq, .. }
            | Self::Restarted { seq, .. } => Some(*seq),
            Self::Missing { first, .. } | Self::Tree { first, .. } => Some(*first),
            Self::Cut { last } => Some(*last),
            Self::RolledBack { have, .. } => Some(*have),
            _ => None,
        }
    }

    /// One word for the kind of fault.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Altered { .. } => "altered",
            Self::Unreadable { .. } => "unreadable",
            Self::Missing { .. } => "missing",
            Self::Inserted { .. } => "inserted",
            Self::Reordered { .. } => "reordered",
            Self::WrongEpoch { .. } => "wrong-epoch",
            Self::Resealed { .. } => "resealed",
            Self::Tree { .. } => "tree",
            Self::Cut { .. } => "cut",
            Self::RolledBack { .. } => "rolled-back",
            Self::Forked { .. } => "forked",
            Self::Refounded { .. } => "refounded",
            Self::SegmentMissing { .. } => "segment-missing",
            Self::Seam { .. } => "seam",
            Self::Restarted { .. } => "restarted",
            Self::CheckpointMissing { .. } => "checkpoint-missing",
            Self::CheckpointRoot { .. } => "checkpoint-root",
            Self::CheckpointForged { .. } => "checkpoint-forged",
            Self::Index { .. } => "index",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { seq } => write!(f, "entry {seq} was altered"),
            Self::Unreadable { seq } => write!(f, "entry {seq} cannot be read"),
            Self::Missing { first, last } if first == last => write!(f, "entry {first} is missing"),
            Self::Missing { first, last } => write!(f, "entries {first} to {last} are missing"),
            Self::Inserted { seq } => write!(f, "entry {seq} was inserted"),
            Self::Reordered { seq, holds } => {
                write!(f, "in the place of entry {seq} stands entry {holds}")
            }
            Self::WrongEpoch { seq, claims, epoch } => {
                write!(
                    f,
                    "entry {seq} claims epoch {claims} in the place of epoch {epoch}"
                )
            }
            Self::Resealed { seq, epoch, with } => {
                write!(
                    f,
                    "entry {seq} of epoch {epoch} was written anew with the key of epoch {with}"
                )
            }
            Self::Tree { first, last } => {
                write!(f, "entries {first} to {last} do not match their tree")
            }
            Self::Cut { last } => write!(f, "what came after entry {last} was cut off"),
            Self::RolledBack { have, known, by } => {
                write!(f, "there are {have} entries; {by} has seen {known}")
            }
            Self::Forked { size, by } => {
                write!(f, "{by} has seen other entries among the first {size}")
            }
            Self::Refounded { expected, found } => {
                write!(
                    f,
                    "this is `{found}`, not `{expected}`: the log was founded anew"
                )
            }
            Self::SegmentMissing { segment } => write!(f, "segment {segment} is missing"),
            Self::Seam { segment } => {
                write!(f, "segment {segment} does not follow the one before it")
            }
            Self::Restarted { segment, seq, why } => write!(
                f,
                "the tree began anew with entry {seq} in segment {segment}: what came before was {}",
                why.as_str()
            ),
            Self::CheckpointMissing { epoch } => {
                write!(f, "the checkpoint that closes epoch {epoch} is missing")
            }
            Self::CheckpointRoot { size } => {
                write!(
                    f,
                    "the checkpoint over {size} entries is not over these entries"
                )
            }
            Self::CheckpointForged { size, why } => {
                write!(f, "the checkpoint over {size} entries is forged: {why}")
            }
            Self::Index { segment } => {
                write!(
                    f,
                    "the index of segment {segment} does not match its entries"
                )
            }
        }
    }
}

/// Something that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unchecked {
    /// Without the root key no seal is checked: changes show by the tree and the checkpoints, and
    /// entries after the last checkpoint by nothing.
    Seals,
    /// The root key lies beside the log: whoever changed the log could forge every seal.
    RootBeside,
    /// Whoever holds the current key can write anew what has no checkpoint yet.
    OpenEpoch {
        /// From this entry on.
        from: u64,
    },
    /// The entry could not be tied to the one before it, which is missing or not what was written.
    Untied {
        /// The entry.
        seq: u64,
    },
    /// Nothing from elsewhere says which log this should be.
    Identity,
    /// Nothing from elsewhere says how long the log should be.
    Length,
    /// Checkpoints of epochs from this one on could not be tied to the key of the first.
    EpochKeys {
        /// The epoch.
        from: u64,
    },
    /// Segments that an entry says were archived or deleted.
    Archived {
        /// The number of the first segment that is here.
        before: u32,
    },
    /// A checkpoint from elsewhere is over a part of the log that is not here.
    Elsewhere {
        /// Over so many entries.
        size: u64,
    },
    /// A checkpoint from elsewhere is not signed by this log's key and was left aside.
    NotOurs {
        /// The origin it names.
        origin: String,
    },
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seals => f.write_str("seals: the root key is not at hand"),
            Self::RootBeside => f.write_str("forged seals: the root key lies beside the log"),
            Self::OpenEpoch { from } => {
                write!(
                    f,
                    "entries from {from} on, against whoever holds the current key"
                )
            }
            Self::Untied { seq } => {
                write!(
                    f,
                    "entry {seq}, because the one before it is not what was written"
                )
            }
            Self::Identity => {
                f.write_str("which log this should be: no identity was kept elsewhere")
            }
            Self::Length => f.write_str("how long it should be: no checkpoint was kept elsewhere"),
            Self::EpochKeys { from } => write!(f, "signatures of epochs from {from} on"),
            Self::Archived { before } => write!(f, "segments before {before}, which were archived"),
            Self::Elsewhere { size } => {
                write!(f, "a kept checkpoint over {size} entries that are not here")
            }
            Self::NotOurs { origin } => write!(f, "a kept checkpoint of `{origin}`"),
        }
    }
}
