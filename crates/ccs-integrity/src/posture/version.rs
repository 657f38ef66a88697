//! Versions as numbers with dots.

use std::fmt;

/// A version such as 2.1.329. What follows the numbers is not compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Vec<u64>);

impl Version {
    /// Reads the numbers at the start of a text, with or without a `v`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let numbers = text[..end].trim_end_matches('.').split('.');
        let numbers: Option<Vec<u64>> = numbers.map(|number| number.parse().ok()).collect();
        numbers.filter(|numbers| !numbers.is_empty()).map(Version)
    }

    /// Whether it is at least `other`, which must be a version.
    pub(super) fn is_at_least(&self, other: &str) -> bool {
        Version::parse(other).is_some_and(|other| *self >= other)
    }

    /// Whether it is at least `from`, if there is one, and below `fixed`.
    pub(super) fn is_between(&self, from: &str, fixed: &str) -> bool {
        (from.is_empty() || self.is_at_least(from)) && !self.is_at_least(fixed)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_compare_by_number() {
        let version = |text| Version::parse(text).expect("a version");
        assert!(version("2.1.100") > version("2.1.99"));
        assert!(version("v1.0.0") >= version("1.0"));
        assert!(version("2.1.63").is_between("2.1.63", "2.1.84"));
        assert!(!version("2.1.84").is_between("", "2.1.84"));
        assert_eq!(version("2.1.329 (Claude Code)").to_string(), "2.1.329");
        for text in ["", "latest", "^1.2", "~1", "x.1"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
