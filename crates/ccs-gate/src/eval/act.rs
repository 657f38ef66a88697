//! What commands do to files and hosts, reported as effects.

use super::{Eval, budget};
use crate::effect::{Effect, Kinds, Places, Tags};
use crate::net;
use crate::path;
use crate::rule::Access;
use crate::value::{HOLE, Labels, Value};
use crate::verdict::Decision;

/// A path and where it lies.
pub(crate) struct Located {
    /// Absolute, in one spelling.
    pub(crate) path: String,
    /// Where it really lies, if links lead elsewhere.
    pub(crate) real: Option<String>,
    pub(crate) places: Places,
}

impl Eval<'_> {
    /// An effect in the present context.
    pub(crate) fn effect(
        &mut self,
        kind: Kinds,
        places: Places,
        tags: Tags,
        what: &str,
    ) -> Decision {
        if !self.spend(budget::EFFECT) {
            return Decision::Allow; // that not all was walked is a finding already
        }
        let tags = tags.and(self.context);
        self.report.effect(&Effect {
            kind,
            places,
            tags,
            what,
        })
    }

    /// Where a path lies, seen from the present working directory.
    pub(crate) fn locate(&self, path: &str) -> Located {
        let path = self.through_home(path::absolute(path, &self.state.cwd));
        let mut places = path::places(&path, self.facts);
        if self.is_elsewhere() {
            let local = Places::PROJECT
                .and(Places::PROJECT_ROOT)
                .and(Places::BUILD)
                .and(Places::CCS);
            places = if places.has(local) {
                Places::OUTSIDE
            } else {
                places
            };
            return Located {
                path,
                real: None,
                places,
            };
        }
        if let Some(real) = self.state.target(&path) {
            let places = places.and(path::places(&real, self.facts));
            let real = Some(real);
            return Located { path, real, places };
        }
        let known = !path.contains(HOLE) && !path.starts_with("/dev/");
        let real = self
            .facts
            .resolve
            .filter(|_| known)
            .and_then(|links| links.real_path(&path));
        let real = real.filter(|real| *real != path);
        if let Some(real) = &real {
            places = places.and(path::places(real, self.facts));
        }
        Located { path, real, places }
    }

    /// A path below the home folder's real place, as one below the home folder.
    fn through_home(&self, path: String) -> String {
        let (Some(real), Some(home)) = (self.real_home.as_deref(), self.facts.home) else {
            return path;
        };
        let root = self.facts.project.or(self.facts.cwd).unwrap_or_default();
        match path.strip_prefix(real) {
            // the project keeps the name under which the client knows it
            Some(_) if root.len() > real.len() && path.starts_with(root) => path,
            Some(inner) if inner.is_empty() || inner.starts_with('/') => format!("{home}{inner}"),
            _ => path,
        }
    }

    /// Whether the present commands run on another machine or in a container.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.context.has(Tags::REMOTE.and(Tags::CONTAINER))
    }

    /// Notes a file that is created, changed or deleted, under each of its names.
    fn touch(&mut self, at: &Located, tree: bool) {
        if !self.context.has(Tags::CONTAINER) && !self.is_elsewhere() {
            self.report.touch(&at.path, tree);
            if let Some(real) = &at.real {
                self.report.touch(real, tree);
            }
        }
    }

    /// Asks the path rules. True if one of them calls the file a secret.
    fn guarded(&mut self, at: &Located, access: Access) -> bool {
        if self.context.has(Tags::CONTAINER) {
            return false;
        }
        if !self.spend(budget::PATH) {
            return false;
        }
        let mut secret = self.report.path(&at.path, access, self.facts);
        if let Some(real) = &at.real {
            secret |= self.report.path(real, access, self.facts);
        }
        secret
    }

    /// Reads a file: what is known of its content, labelled.
    pub(crate) fn read(&mut self, path: &str) -> Value {
        self.read_as(path, Tags::NONE)
    }

    /// Reads a file or, with [`Tags::TREE`], everything below a folder.
    pub(crate) fn read_as(&mut self, path: &str, tags: Tags) -> Value {
        let at = self.locate(path);
        if let Some(written) = self.state.files.get(&at.path) {
            return written.clone();
        }
        if at.places.has(Places::STREAM) {
            return Value::default();
        }
        self.effect(Kinds::READ, at.places, tags, &at.path);
        let mut labels = Labels::FILE;
        if self.guarded(&at, Access::Read) {
            labels = labels.and(Labels::SECRET);
        }
        if at.path.starts_with("/proc/") && at.path.ends_with("/environ") {
            labels = labels.and(Labels::ENVIRONMENT);
        }
        Value::unknown(labels)
    }

    /// Creates or changes a file, and remembers what is now in it.
    pub(crate) fn write(&mut self, path: &str, value: &Value, append: bool) {
        let at = self.locate(path);
        if at.places.has(Places::STREAM) {
            return;
        }
        let tags = Tags::APPEND.when(append).and(tags_of(value.labels));
        self.effect(Kinds::WRITE, at.places, tags, &at.path);
        self.touch(&at, false);
        self.guarded(&at, Access::Write);
        self.remember(at.path, value, append);
    }

    /// Notes what a file holds without judging the write.
    pub(crate) fn remember(&mut self, path: String, value: &Value, append: bool) {
        match self.state.files.get_mut(&path) {
            Some(old) if append => old.push(value),
            _ => {
                self.state.files.insert(path, value.clone());
            }
        }
    }

    /// Changes a file in place, its new content being unknown.
    pub(crate) fn change(&mut self, path: &str, tags: Tags) {
        let at = self.locate(path);
        if !at.places.has(Places::STREAM) {
            self.effect(Kinds::WRITE, at.places, tags, &at.path);
            self.touch(&at, tags.has(Tags::TREE));
            self.guarded(&at, Access::Write);
        }
    }

    /// Removes a file, or with [`Tags::TREE`] a folder and all in it.
    pub(crate) fn delete(&mut self, path: &str, tags: Tags) {
        let at = self.locate(path);
        let guessed = Tags::GUESSED.when(path.contains(HOLE));
        let all = Tags::ALL.when(path::all_of(&at.path) != at.path);
        self.effect(
            Kinds::DELETE,
            at.places,
            tags.and(guessed).and(all),
            &at.path,
        );
        self.touch(&at, true);
        self.guarded(&at, Access::Delete);
        if path.contains(HOLE) {
            self.delete_if_empty(path, tags);
        }
    }

    /// What would be removed if the unknown part of the path were empty.
    fn delete_if_empty(&mut self, path: &str, tags: Tags) {
        let rest = path.replace(HOLE, "");
        if !rest.starts_with('/') || path.starts_with("/tmp/") {
            return;
        }
        let places = self.locate(&rest).places;
        if places.has(Places::ROOT.and(Places::HOME)) {
            self.effect(
                Kinds::DELETE,
                places,
                tags.and(Tags::GUESSED).and(Tags::MAYBE),
                &rest,
            );
        }
    }

    /// Changes permissions or the owner.
    pub(crate) fn change_rights(&mut self, kind: Kinds, path: &str, tags: Tags) {
        let at = self.locate(path);
        self.effect(kind, at.places, tags, &at.path);
        self.touch(&at, tags.has(Tags::TREE));
        if let Some(written) = self.state.files.get_mut(&at.path) {
            written.labels = written.labels.and(Labels::NONE);
        }
    }

    /// Opens a connection.
    pub(crate) fn connect(&mut self, target: &str, tags: Tags) -> Decision {
        let host = net::Target::of(target);
        self.effect(Kinds::CONNECT, host.places(), tags.and(host.tags()), target)
    }

    /// Sends a text over the network.
    pub(crate) fn send(&mut self, target: &str, value: &Value, tags: Tags) -> Decision {
        let host = net::Target::of(target);
        let tags = tags.and(host.tags()).and(tags_of(value.labels));
        self.effect(Kinds::SEND, host.places(), tags, target)
    }

    /// Gets something over the network.
    pub(crate) fn fetch(&mut self, target: &str, tags: Tags) -> Value {
        let host = net::Target::of(target);
        self.effect(Kinds::FETCH, host.places(), tags.and(host.tags()), target);
        let labels = if host.places().has(Places::LOOPBACK) {
            Labels::OUTPUT
        } else {
            Labels::REMOTE
        };
        Value::unknown(labels)
    }
}

/// The tags that say where a text came from.
pub(crate) fn tags_of(labels: Labels) -> Tags {
    Tags::NETWORK
        .when(labels.has(Labels::REMOTE))
        .and(Tags::DECODED.when(labels.has(Labels::DECODED)))
        .and(Tags::SECRET.when(labels.has(Labels::SECRET)))
        .and(Tags::ENV.when(labels.has(Labels::ENVIRONMENT)))
        .and(Tags::FILE.when(labels.has(Labels::FILE)))
        .and(Tags::UNKNOWN_TEXT.when(labels.has(Labels::OUTPUT)))
}
