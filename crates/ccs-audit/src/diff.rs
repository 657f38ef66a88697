//! What changed in a file, as a unified diff.

use similar::{Algorithm, TextDiff};

/// Texts longer than this are not compared line by line, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// Nor are texts of more lines.
const MAX_LINES: usize = 20_000;
/// More changed lines than this are counted, not shown.
const MAX_SHOWN: usize = 64 << 10;

/// The difference between two versions of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Lines that are only in the new version.
    pub added: usize,
    /// Lines that are only in the old version.
    pub removed: usize,
    /// The unified diff with three lines around each change, cut at 64 KiB; empty if the versions
    /// are equal, binary or too long to compare.
    pub text: String,
    /// Why there is no text, or not all of it.
    pub cut: Option<&'static str>,
}

/// Compares two versions of the file called `name`. Always returns, and quickly: long files are
/// not compared line by line.
#[must_use]
pub fn diff(name: &str, old: &[u8], new: &[u8]) -> Diff {
    let missing = |cut| Diff {
        cut: Some(cut),
        ..Diff::default()
    };
    if old == new {
        return Diff::default();
    }
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return missing("not text");
    };
    if old.contains('\0') || new.contains('\0') {
        return missing("not text");
    }
    let too_long = |text: &str| text.len() > MAX_BYTES || text.lines().count() > MAX_LINES;
    if too_long(old) || too_long(new) {
        return missing("too long");
    }
    compare(name, old, new)
}

fn compare(name: &str, old: &str, new: &str) -> Diff {
    // histogram diffs stay near linear where Myers' becomes quadratic
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Histogram)
        .diff_lines(old, new);
    let count = |tag| {
        diff.iter_all_changes()
            .filter(|change| change.tag() == tag)
            .count()
    };
    let mut text = diff
        .unified_diff()
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string();
    let cut = text.len() > MAX_SHOWN;
    if cut {
        let end = (0..=MAX_SHOWN)
            .rev()
            .find(|&end| text.is_char_boundary(end));
        text.truncate(end.unwrap_or(0));
    }
    Diff {
        added: count(similar::ChangeTag::Insert),
        removed: count(similar::ChangeTag::Delete),
        text,
        cut: cut.then_some("more changed than is shown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_the_lines_around_it() {
        let diff = diff("f.txt", b"a\nb\nc\n", b"a\nB\nc\nd");
        assert_eq!((diff.added, diff.removed, diff.cut), (2, 1, None));
        let text = "--- a/f.txt\n+++ b/f.txt\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n\\ No newline at end of file\n";
        assert_eq!(diff.text, text);
    }

    #[test]
    fn equal_binary_and_very_long_versions_have_no_text() {
        assert_eq!(diff("f", b"a", b"a"), Diff::default());
        assert_eq!(diff("f", b"a", b"\xff").cut, Some("not text"));
        assert_eq!(diff("f", b"a\0", b"b").cut, Some("not text"));
        assert_eq!(
            diff("f", b"a", &vec![b'x'; MAX_BYTES + 1]).cut,
            Some("too long")
        );
        assert_eq!(
            diff("f", b"a", "\n".repeat(MAX_LINES + 1).as_bytes()).cut,
            Some("too long")
        );
    }

    #[test]
    fn versions_that_share_no_line_are_compared_all_the_same() {
        let lines = |from: usize| -> String {
            (from..from + 9_000)
                .map(|line| format!("line {line}\n"))
                .collect()
        };
        let diff = diff("f", lines(0).as_bytes(), lines(100_000).as_bytes());
        assert_eq!((diff.added, diff.removed), (9_000, 9_000));
        assert_eq!(diff.cut, Some("more changed than is shown"));
        assert!(diff.text.len() <= MAX_SHOWN);
    }
}
