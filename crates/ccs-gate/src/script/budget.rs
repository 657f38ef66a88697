//! How much work one script may cause, counted and never timed.

/// Units for one call of [`super::acts`]; one is about a token, a visited expression or a
/// hundred bytes of text copied. Enough for a script of a thousand lines.
const WORK: usize = 50_000;

/// How deep a source may nest before the rest of it is given up.
pub(super) const DEPTH: usize = 48;

/// Longest text that is computed; what would be longer ends in an unknown piece.
pub(super) const TEXT: usize = 1 << 16;

/// The work left. Once it is gone it stays gone.
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Budget { left: WORK }
    }

    /// Takes `units`; false if they are not there, and then nothing more is.
    pub(super) fn spend(&mut self, units: usize) -> bool {
        self.left = self.left.saturating_sub(units);
        self.left > 0
    }

    /// Takes what copying or scanning `bytes` bytes costs.
    pub(super) fn spend_bytes(&mut self, bytes: usize) -> bool {
        self.spend(1 + bytes / 128)
    }

    /// Gives up: the answer will not be complete.
    pub(super) fn exhaust(&mut self) {
        self.left = 0;
    }

    pub(super) fn spent(&self) -> bool {
        self.left == 0
    }
}
