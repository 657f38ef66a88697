//! A Python pattern as one of ours.
//!
//! Both are tried anywhere in a command and without regard to case. Ours know no lookaround: a
//! `(?!…)` becomes what lifts the rule.

use anyhow::Context;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde::Serialize;

/// Signs that stand between commands, and never in one unless they are quoted.
const JOINTS: [char; 4] = ['|', '&', '>', '<'];

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Pattern {
    pub(super) pattern: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unless: Option<String>,
}

impl Pattern {
    /// How large it is, is not looked at.
    ///
    /// # Errors
    ///
    /// If a lookahead has no end, and for what ours do not know.
    pub(super) fn translate(python: &str) -> anyhow::Result<Self> {
        let mut pattern = python.replace(r"\Z", r"\z");
        let mut exceptions = Vec::new();
        while let Some(start) = pattern.find("(?!") {
            let end = start + closing(&pattern[start..]).context("a bracket is not closed")?;
            let before = &pattern[..start];
            let open = depth(before);
            exceptions.push(format!(
                "{before}{}{}",
                &pattern[start + 3..end],
                ")".repeat(open)
            ));
            pattern.replace_range(start..=end, "");
        }
        let unless = (!exceptions.is_empty()).then(|| exceptions.join("|"));
        for text in [Some(&pattern), unless.as_ref()].into_iter().flatten() {
            regex_syntax::parse(text).map_err(|error| anyhow::anyhow!(last_line(&error)))?;
        }
        Ok(Pattern { pattern, unless })
    }

    /// A sign between commands without which nothing matches.
    pub(super) fn joins(&self) -> Option<char> {
        let hir = regex_syntax::parse(&self.pattern).ok()?;
        JOINTS.into_iter().find(|&sign| needs(&hir, sign))
    }
}

/// What is wrong, without the picture above it.
fn last_line(error: &regex_syntax::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

/// Whether every match holds the sign.
fn needs(hir: &Hir, sign: char) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).contains(sign),
        HirKind::Class(Class::Unicode(class)) => {
            let mut ranges = class.iter();
            ranges.all(|range| range.start() == sign && range.end() == sign)
        }
        HirKind::Repetition(repeated) => repeated.min > 0 && needs(&repeated.sub, sign),
        HirKind::Capture(capture) => needs(&capture.sub, sign),
        HirKind::Concat(parts) => parts.iter().any(|part| needs(part, sign)),
        HirKind::Alternation(parts) => parts.iter().all(|part| needs(part, sign)),
        _ => false,
    }
}

/// Where the bracket closes that `text` starts with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, sign) in brackets(text) {
        match sign {
            b'(' => depth += 1,
            _ => depth = depth.checked_sub(1)?,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// How many groups are open at the end of `text`.
fn depth(text: &str) -> usize {
    brackets(text).fold(0, |depth: usize, (_, sign)| match sign {
        b'(' => depth + 1,
        _ => depth.saturating_sub(1),
    })
}

/// The round brackets that group: not escaped, and not in a character class.
fn brackets(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut escaped = false;
    let mut class = false;
    text.bytes().enumerate().filter(move |&(_, byte)| {
        let is_plain = !escaped;
        escaped = byte == b'\\' && is_plain;
        match byte {
            b'[' if is_plain => class = true,
            b']' if is_plain => class = false,
            b'(' | b')' => return is_plain && !class,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(python: &str) -> (String, Option<String>) {
        let pattern = Pattern::translate(python).expect("valid");
        (pattern.pattern, pattern.unless)
    }

    #[test]
    fn a_negative_lookahead_becomes_an_exception() {
        assert_eq!(
            translated(r"push\s+.*--force(?!-with-lease)\Z"),
            (
                r"push\s+.*--force\z".to_owned(),
                Some("push\\s+.*--force-with-lease".to_owned())
            )
        );
    }

    #[test]
    fn a_lookahead_inside_a_group_keeps_the_groups_whole() {
        assert_eq!(
            translated(r"(rm|del(?!ta)) [(](x)"),
            (r"(rm|del) [(](x)".to_owned(), Some("(rm|delta)".to_owned()))
        );
    }

    #[test]
    fn what_is_not_known_is_named() {
        let refused = |python| Pattern::translate(python).expect_err(python).to_string();
        assert_eq!(refused("a(?!b"), "a bracket is not closed");
        assert!(
            refused("(?<=a)b").starts_with("look-around"),
            "{}",
            refused("(?<=a)b")
        );
    }

    #[test]
    fn a_sign_between_commands_is_seen_where_no_match_does_without() {
        let joins = |pattern| Pattern::translate(pattern).expect("valid").joins();
        for (pattern, sign) in [
            (r"curl.*\|\s*sh", Some('|')),
            (r"x (>|>>)\s*/etc", Some('>')),
            (r"a(\s*&&)+b", Some('&')),
            (r"a[|]b", Some('|')),
            (r"a[|;]b", None),
            (r"a|b", None),
            (r"a\|?b", None),
        ] {
            assert_eq!(joins(pattern), sign, "{pattern}");
        }
    }
}
