//! Checkpoints (C2SP tlog-checkpoint): the text a log signs to commit to its first `size` entries.

use std::fmt;

use crate::hash::Hash;
use crate::note;

/// Which log, how many entries, and the root of their tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of their RFC 6962 tree.
    pub root: Hash,
    /// Further lines, which only the log and its own verifier understand.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Reads the text of a note.
    ///
    /// # Errors
    ///
    /// [`note::Error::Note`] if it is not a checkpoint.
    pub fn parse(text: &str) -> Result<Self, note::Error> {
        Self::read(text).ok_or(note::Error::Note("not a checkpoint"))
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        let complete = !origin.is_empty() && extensions.iter().all(|line| !line.is_empty());
        complete.then_some(())?;
        Some(Self {
            origin: origin.to_owned(),
            size: decimal(size)?,
            root: Hash::from_base64(root)?,
            extensions,
        })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n{}\n{}",
            self.origin,
            self.size,
            self.root.to_base64()
        )?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Reads a number that has one spelling: digits, no sign, no zero in front.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = text == "0" || !text.starts_with('0');
    (plain && shortest).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const SOFA: &str = "example.com/behind-the-sofa\n20852163\n\
                        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_example_of_the_specification_reads_and_prints() {
        let sofa = Checkpoint::parse(SOFA).expect("a checkpoint");
        assert_eq!(
            (sofa.origin.as_str(), sofa.size),
            ("example.com/behind-the-sofa", 20_852_163)
        );
        assert_eq!(sofa.to_string(), SOFA);
        let extended = Checkpoint {
            extensions: vec!["a b".into(), "c".into()],
            ..sofa
        };
        assert_eq!(Checkpoint::parse(&extended.to_string()), Ok(extended));
    }

    #[test]
    fn another_spelling_of_the_same_checkpoint_is_refused() {
        for (from, to) in [
            ("20852163", "020852163"),
            ("20852163", "+20852163"),
            ("20852163", ""),
            ("20852163", "20852163 "),
            ("20852163", "99999999999999999999"),
            ("example.com/behind-the-sofa\n", "\n"),
            ("q2I=", "q2J="),
            ("q2I=", "q2I"),
            ("q2I=\n", "q2I="),
            ("q2I=\n", "q2I=\n\n"),
            ("q2I=\n", "q2I=\n\nx\n"),
        ] {
            let bad = SOFA.replacen(from, to, 1);
            assert!(Checkpoint::parse(&bad).is_err(), "{bad:?}");
        }
    }
}
