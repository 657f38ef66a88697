//! Which of two versions is the later one, and ranges of them.

use std::cmp::Ordering;

use super::Ecosystem;

/// From one version to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: Option<Bound>,
    pub(crate) to: Option<Bound>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) version: String,
    pub(crate) included: bool,
}

impl Bound {
    pub(crate) fn new(version: &str, included: bool) -> Self {
        let version = version.to_owned();
        Self { version, included }
    }
}

impl Range {
    pub(crate) fn holds(&self, version: &str, of: Option<Ecosystem>) -> bool {
        let fits = |bound: &Option<Bound>, side: Ordering| {
            bound.as_ref().is_none_or(|bound| {
                let order = compare(version, &bound.version, of);
                order == side || (bound.included && order == Ordering::Equal)
            })
        };
        fits(&self.from, Ordering::Greater) && fits(&self.to, Ordering::Less)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.from, &self.to) {
            (None, None) => write!(f, "any version"),
            (Some(from), None) => write!(f, "{} {}", sign(">", from), from.version),
            (None, Some(to)) => write!(f, "{} {}", sign("<", to), to.version),
            (Some(from), Some(to)) => {
                let (least, most) = (sign(">", from), sign("<", to));
                write!(f, "{least} {}, {most} {}", from.version, to.version)
            }
        }
    }
}

fn sign(side: &str, bound: &Bound) -> String {
    format!("{side}{}", if bound.included { "=" } else { "" })
}

/// In the order of the registry: semantic versions for Rust, npm and Go. Elsewhere by their numbers
/// and by what the words between them usually mean, which agrees with PEP 440, Maven, RubyGems and
/// Composer on what they publish.
pub(crate) fn compare(a: &str, b: &str, of: Option<Ecosystem>) -> Ordering {
    if matches!(of, Some(Ecosystem::Cargo | Ecosystem::Npm | Ecosystem::Go))
        && let (Some(a), Some(b)) = (semantic(a), semantic(b))
    {
        return a.cmp_precedence(&b);
    }
    let ((a, epoch), (b, other)) = (epoch(a), epoch(b));
    epoch.cmp(&other).then_with(|| by_parts(a, b))
}

fn semantic(text: &str) -> Option<semver::Version> {
    let text = text.trim().trim_start_matches(['v', '=']);
    let text = text.split('+').next().unwrap_or(text);
    let (numbers, rest) = text.split_at(text.find('-').unwrap_or(text.len()));
    let missing = 2_usize.saturating_sub(numbers.matches('.').count());
    semver::Version::parse(&format!("{numbers}{}{rest}", ".0".repeat(missing))).ok()
}

/// `1!2.0`: what stands before the sign outweighs the rest. What stands behind a plus says nothing.
fn epoch(text: &str) -> (&str, u64) {
    let text = text.trim().trim_start_matches(['v', 'V', '=']);
    let text = text.split('+').next().unwrap_or(text);
    match text.split_once('!') {
        Some((epoch, rest)) => (rest, epoch.parse().unwrap_or(0)),
        None => (text, 0),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Number(&'a str),
    Word(&'a str),
}

fn by_parts(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(one), None) => against_nothing(one),
            (None, Some(other)) => against_nothing(other).reverse(),
            (Some(Part::Number(one)), Some(Part::Number(other))) => by_number(one, other),
            (Some(Part::Word(one)), Some(Part::Word(other))) => by_word(one, other),
            (Some(Part::Number(_)), Some(Part::Word(_))) => Ordering::Greater,
            (Some(Part::Word(_)), Some(Part::Number(_))) => Ordering::Less,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let digit = rest.chars().next()?.is_ascii_digit();
        let same = |c: char| c.is_ascii_alphanumeric() && c.is_ascii_digit() == digit;
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(if digit {
            Part::Number(part)
        } else {
            Part::Word(part)
        })
    })
}

/// `1.0` is `1.0.0`, before `1.0.1` and after `1.0rc1`.
fn against_nothing(part: Part<'_>) -> Ordering {
    match part {
        Part::Number(number) => by_number(number, "0"),
        Part::Word(word) => rank(word).cmp(&0),
    }
}

/// Numbers of any length.
fn by_number(a: &str, b: &str) -> Ordering {
    let plain = |text: &str| text.trim_start_matches('0').to_owned();
    let (a, b) = (plain(a), plain(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
}

fn by_word(a: &str, b: &str) -> Ordering {
    let (first, second) = (rank(a), rank(b));
    first.cmp(&second).then_with(|| {
        if first == 1 {
            a.to_lowercase().cmp(&b.to_lowercase())
        } else {
            Ordering::Equal
        }
    })
}

/// Where a word stands: before the release, the release itself, after it.
fn rank(word: &str) -> i32 {
    match word.to_ascii_lowercase().as_str() {
        "dev" | "snapshot" | "nightly" | "canary" => -5,
        "a" | "alpha" => -4,
        "b" | "beta" => -3,
        "m" | "milestone" | "pre" | "preview" => -2,
        "c" | "rc" | "cr" => -1,
        "final" | "ga" | "release" | "jre" | "android" => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    fn ordered(of: Option<Ecosystem>, versions: &[&str]) {
        for (at, a) in versions.iter().enumerate() {
            for (other, b) in versions.iter().enumerate() {
                assert_eq!(compare(a, b, of), at.cmp(&other), "{a} {b}");
            }
        }
    }

    #[test]
    fn semantic_versions_are_in_the_order_of_the_specification() {
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.2.9",
            "1.10.0",
        ];
        ordered(Some(Ecosystem::Npm), &order);
        assert_eq!(compare("v1.2", "1.2.0+build", Some(Ecosystem::Go)), Equal);
    }

    #[test]
    fn python_versions_are_in_the_order_of_pep_440() {
        let order = [
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1!0.5",
        ];
        ordered(Some(Ecosystem::PyPi), &order);
        assert_eq!(
            compare("1.0", "1.0.0+local.7", Some(Ecosystem::PyPi)),
            Equal
        );
    }

    #[test]
    fn other_versions_are_in_the_order_their_makers_mean() {
        ordered(
            Some(Ecosystem::Maven),
            &[
                "1.0-alpha-1",
                "1.0-beta",
                "1.0-RC1",
                "1.0",
                "1.0.1",
                "1.0.10",
            ],
        );
        ordered(
            Some(Ecosystem::RubyGems),
            &["2.0.0.pre1", "2.0.0.rc1", "2.0.0", "2.0.0.1"],
        );
        ordered(
            None,
            &[
                "1.0.2",
                "1.0.2k",
                "1.0.2zb",
                "1.1.0",
                "3.0.0-beta1",
                "3.0.0",
            ],
        );
        assert_eq!(
            compare("2.0.0.RELEASE", "2.0", Some(Ecosystem::Maven)),
            Equal
        );
        assert_eq!(compare("99999999999999999999999", "9", None), Greater);
    }

    #[test]
    fn a_range_holds_what_lies_in_it() {
        let range = Range {
            from: Some(Bound::new("1.2.0", true)),
            to: Some(Bound::new("1.4.2", false)),
        };
        for (version, holds) in [
            ("1.1.9", false),
            ("1.2.0", true),
            ("1.2.0-rc.1", false),
            ("1.4.1", true),
            ("1.4.2", false),
        ] {
            assert_eq!(
                range.holds(version, Some(Ecosystem::Cargo)),
                holds,
                "{version}"
            );
        }
        assert_eq!(range.to_string(), ">= 1.2.0, < 1.4.2");
        assert!(Range::default().holds("7", None));
        assert_eq!(compare("1", "2", None), Less);
    }

    #[test]
    fn any_text_is_a_version() {
        for text in ["", "-", "*", "v", "..", "é", "1é2", "!", "1!", "+"] {
            assert_eq!(compare(text, text, None), Equal, "{text}");
        }
    }
}
