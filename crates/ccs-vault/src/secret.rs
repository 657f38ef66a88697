use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Result, random};

/// Bytes that must not be seen.
///
/// They are wiped when the value drops. There is no `Debug`, no `Display`, no `Clone` and no
/// `Serialize`: the bytes come out through [`expose`](Self::expose) alone, which is easy to search
/// for in a review. Comparison takes the same time wherever the bytes differ.
///
/// ```compile_fail
/// println!("{:?}", ccs_vault::Secret::new("s3cret"));
/// ```
/// ```compile_fail
/// fn log<T: serde::Serialize>(_: T) {}
/// log(ccs_vault::Secret::new("s3cret"));
/// ```
/// ```compile_fail
/// let copy = ccs_vault::Secret::new("s3cret").clone();
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over. A `Vec` or `String` is moved, not copied; a slice is copied, and its
    /// owner has to wipe the original.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// As many random bytes from the operating system.
    ///
    /// # Errors
    ///
    /// [`Error::Random`](crate::Error::Random) if it gives none.
    pub fn random(length: usize) -> Result<Self> {
        let mut bytes = Zeroizing::new(vec![0; length]);
        random::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The bytes themselves. Whoever calls this is responsible for where they go.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Without one line break at the end, as a file or a command's output has it.
    #[must_use]
    pub fn without_line_end(mut self) -> Self {
        if self.0.last() == Some(&b'\n') {
            self.0.pop();
            if self.0.last() == Some(&b'\r') {
                self.0.pop();
            }
        }
        self
    }

    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        Self::new(bytes)
    }

    pub(crate) fn of(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_dropped_and_no_more() {
        for (given, left) in [
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a\r", "a\r"),
        ] {
            assert_eq!(
                Secret::new(given).without_line_end().expose(),
                left.as_bytes()
            );
        }
    }

    #[test]
    fn two_random_secrets_differ() {
        let one = Secret::random(32).expect("random bytes");
        let two = Secret::random(32).expect("random bytes");
        assert!(one != two);
        assert_eq!(one.expose().len(), 32);
    }
}
