//! Text as far as it is known, and where it came from.

/// Stands for any text that cannot be known. No argument of a program can hold it.
pub(crate) const HOLE: char = '\0';

/// Texts longer than this are cut: nothing a command line builds is longer.
const MAX_LENGTH: usize = 256 * 1024;

/// Where a text came from, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Labels(u8);

impl Labels {
    pub(crate) const NONE: Self = Self(0);
    /// It came over the network.
    pub(crate) const REMOTE: Self = Self(1);
    /// It holds what a secret file holds.
    pub(crate) const SECRET: Self = Self(2);
    /// It holds the environment.
    pub(crate) const ENVIRONMENT: Self = Self(4);
    /// It went through a decoder, and what came out is not known.
    pub(crate) const DECODED: Self = Self(8);
    /// It is the content of a file on this machine.
    pub(crate) const FILE: Self = Self(16);
    /// It is the output of a program that is not modelled.
    pub(crate) const OUTPUT: Self = Self(32);

    /// It is the output of a shell that reads its commands from somewhere else.
    pub(crate) const SHELL: Self = Self(64);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// A text with holes, and its labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) labels: Labels,
}

impl Value {
    /// A text that nothing is known of but its origin.
    pub(crate) fn unknown(labels: Labels) -> Self {
        Self {
            text: HOLE.to_string(),
            labels,
        }
    }

    pub(crate) fn known(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            labels: Labels::NONE,
        }
    }

    /// The same text with more labels.
    pub(crate) fn labelled(mut self, labels: Labels) -> Self {
        self.labels = self.labels.and(labels);
        self
    }

    pub(crate) fn is_known(&self) -> bool {
        !self.text.contains(HOLE)
    }

    /// Nothing but unknown text.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.chars().all(|c| c == HOLE || c.is_whitespace())
    }

    /// What is left if everything unknown is empty.
    pub(crate) fn without_holes(&self) -> String {
        self.text.replace(HOLE, "")
    }

    pub(crate) fn push(&mut self, other: &Value) {
        if self.text.len() + other.text.len() <= MAX_LENGTH {
            self.text.push_str(&other.text);
        } else if !self.text.ends_with(HOLE) {
            self.text.push(HOLE);
        }
        self.labels = self.labels.and(other.labels);
    }

    pub(crate) fn push_str(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_LENGTH {
            self.text.push_str(text);
        } else if !self.text.ends_with(HOLE) {
            self.text.push(HOLE);
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::known(text)
    }
}
