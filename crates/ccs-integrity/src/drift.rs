//! What differs between what was trusted and what is there. Pure.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::manifest::{Class, Delta, Digest, Entry, Manifest, Owner, What};
use crate::walk::Observed;

/// One deviation. A file can have several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Where.
    pub path: PathBuf,
    /// What it means.
    pub class: Class,
    /// What happened.
    pub change: Change,
}

/// How something deviates.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The content of a file, the target of a link, or the file behind it.
    Modified {
        /// What was trusted; `None` for a link.
        before: Option<Digest>,
        /// What is there; `None` for a link.
        after: Option<Digest>,
    },
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// It was a file and is a link, or the like.
    Type {
        /// What was trusted.
        before: &'static str,
        /// What is there.
        after: &'static str,
    },
    /// The permission bits.
    Mode {
        /// What was trusted.
        before: u32,
        /// What is there.
        after: u32,
    },
    /// User or group.
    Owner {
        /// What was trusted.
        before: Owner,
        /// What is there.
        after: Owner,
    },
    /// A link that leads out of every root, to something that was not trusted.
    LinkEscape {
        /// As it is written in the link.
        target: PathBuf,
    },
    /// It could not be looked at, so nothing can be said about it.
    Unreadable {
        /// What the system said.
        why: String,
    },
}

impl Change {
    /// One word for tables and JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Change::Modified { .. } => "modified",
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Type { .. } => "type-changed",
            Change::Mode { .. } => "mode-changed",
            Change::Owner { .. } => "owner-changed",
            Change::LinkEscape { .. } => "link-escape",
            Change::Unreadable { .. } => "unreadable",
        }
    }
}

/// The content of a file that a person approved after the manifest was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Which file.
    pub path: PathBuf,
    /// What it may hold; `None` if it may be gone.
    pub content: Option<Digest>,
}

impl Accepted {
    /// What the signed changes to this manifest allow, and nothing else: changes to another
    /// manifest do not count, and of several to one file only the last.
    #[must_use]
    pub fn from_deltas(manifest: &Manifest, deltas: &[Delta]) -> Vec<Self> {
        let mut last: HashMap<&Path, &Delta> = HashMap::new();
        for delta in deltas.iter().filter(|delta| delta.belongs_to(manifest)) {
            let newest = last.entry(&delta.change().path).or_insert(delta);
            if delta.sequence() > newest.sequence() {
                *newest = delta;
            }
        }
        let accepted = last.into_values().map(|delta| Accepted {
            path: delta.change().path.clone(),
            content: delta.change().after,
        });
        accepted.collect()
    }
}

/// The whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many entries are as they were trusted.
    pub verified: usize,
    /// How many hold what a person approved later.
    pub accepted: usize,
    /// Everything else, sorted by path.
    pub drifts: Vec<Drift>,
}

impl Report {
    /// What the worst deviation means; `None` if there is none.
    #[must_use]
    pub fn worst(&self) -> Option<Class> {
        self.drifts.iter().map(|drift| drift.class).max()
    }
}

/// Compares what was trusted with what is there.
///
/// `observed` must come from a walk over [`Manifest::roots`], and may cover more: what lies below
/// a root the manifest does not know is added. A folder that appears or goes is no deviation of
/// its own; what is in it is.
#[must_use]
pub fn compare(manifest: &Manifest, observed: &Observed, accepted: &[Accepted]) -> Report {
    let mut comparison = Comparison {
        observed,
        accepted: accepted.iter().map(|a| (a.path.as_path(), a)).collect(),
        report: Report::default(),
    };
    comparison.merge(manifest.entries(), &observed.entries);
    comparison.unreadable();
    let mut report = comparison.report;
    report.drifts.sort_by(|a, b| a.path.cmp(&b.path));
    report
}

struct Comparison<'a> {
    observed: &'a Observed,
    accepted: HashMap<&'a Path, &'a Accepted>,
    report: Report,
}

impl Comparison<'_> {
    fn merge(&mut self, trusted: &[Entry], there: &[Entry]) {
        let by_path = |entries: &'_ [Entry]| -> HashMap<PathBuf, usize> {
            let paths = entries.iter().enumerate();
            paths.map(|(at, e)| (e.path.clone(), at)).collect()
        };
        let (old, new) = (by_path(trusted), by_path(there));
        for before in trusted {
            match new.get(&before.path) {
                Some(&at) => self.both(before, &there[at]),
                None => self.gone(before),
            }
        }
        for after in there.iter().filter(|after| !old.contains_key(&after.path)) {
            self.appeared(after);
        }
    }

    fn both(&mut self, before: &Entry, after: &Entry) {
        let changes = self.changes(&before.what, after);
        let differs = before.what != after.what;
        match (changes.is_empty(), differs) {
            (true, true) => self.report.accepted += 1,
            (true, false) => self.report.verified += 1,
            (false, _) => changes.into_iter().for_each(|c| self.add(after, c)),
        }
    }

    fn changes(&self, before: &What, after: &Entry) -> Vec<Change> {
        match (before, &after.what) {
            (
                What::File {
                    mode,
                    owner,
                    digest,
                    ..
                },
                What::File {
                    mode: now_mode,
                    owner: now_owner,
                    digest: now,
                    ..
                },
            ) => {
                let content = (digest != now && !self.accepts(&after.path, Some(now))).then_some(
                    Change::Modified {
                        before: Some(*digest),
                        after: Some(*now),
                    },
                );
                content
                    .into_iter()
                    .chain(rights(*mode, *owner, *now_mode, *now_owner))
                    .collect()
            }
            (
                What::Folder { mode, owner },
                What::Folder {
                    mode: now_mode,
                    owner: now_owner,
                },
            ) => rights(*mode, *owner, *now_mode, *now_owner).collect(),
            (What::Link { .. }, What::Link { target, .. }) => self.link(before, after, target),
            (What::Other, What::Other) => Vec::new(),
            (before, now) => {
                vec![Change::Type {
                    before: kind(before),
                    after: kind(now),
                }]
            }
        }
    }

    fn link(&self, before: &What, after: &Entry, target: &Path) -> Vec<Change> {
        let mut changes = Vec::new();
        if *before != after.what {
            changes.push(Change::Modified {
                before: None,
                after: None,
            });
        }
        if self.observed.escapes.contains(&after.path) {
            changes.push(Change::LinkEscape {
                target: target.to_owned(),
            });
        }
        changes
    }

    fn gone(&mut self, before: &Entry) {
        if self
            .observed
            .unreadable
            .iter()
            .any(|u| u.path == before.path)
        {
            return;
        }
        match before.what {
            _ if self.accepts(&before.path, None) => self.report.accepted += 1,
            What::Folder { .. } => self.report.verified += 1,
            _ => self.add(before, Change::Removed),
        }
    }

    fn appeared(&mut self, after: &Entry) {
        match &after.what {
            What::Folder { .. } => {}
            What::File { mode, digest, .. }
                if is_plain(*mode) && self.accepts(&after.path, Some(digest)) =>
            {
                self.report.accepted += 1;
            }
            What::Link { target, behind } if behind.is_some() || self.escapes(after) => {
                let target = target.clone();
                self.add(after, Change::LinkEscape { target });
            }
            _ => self.add(after, Change::Added),
        }
    }

    fn escapes(&self, entry: &Entry) -> bool {
        self.observed.escapes.contains(&entry.path)
    }

    fn accepts(&self, path: &Path, content: Option<&Digest>) -> bool {
        let accepted = self.accepted.get(path);
        accepted.is_some_and(|accepted| accepted.content.as_ref() == content)
    }

    fn add(&mut self, entry: &Entry, change: Change) {
        self.report.drifts.push(Drift {
            path: entry.path.clone(),
            class: entry.class,
            change,
        });
    }

    fn unreadable(&mut self) {
        for unreadable in &self.observed.unreadable {
            self.report.drifts.push(Drift {
                path: unreadable.path.clone(),
                class: unreadable.class,
                change: Change::Unreadable {
                    why: unreadable.why.clone(),
                },
            });
        }
    }
}

fn rights(
    mode: u32,
    owner: Owner,
    now_mode: u32,
    now_owner: Owner,
) -> impl Iterator<Item = Change> {
    let modes = (mode != now_mode).then_some(Change::Mode {
        before: mode,
        after: now_mode,
    });
    let owners = (owner != now_owner).then_some(Change::Owner {
        before: owner,
        after: now_owner,
    });
    modes.into_iter().chain(owners)
}

/// The permission bits an approved new file may have: an approval is about content, so it does
/// not make anything executable or writable by others.
fn is_plain(mode: u32) -> bool {
    mode & 0o7133 == 0
}

fn kind(what: &What) -> &'static str {
    match what {
        What::File { .. } => "file",
        What::Folder { .. } => "folder",
        What::Link { .. } => "link",
        What::Other => "special file",
    }
}
