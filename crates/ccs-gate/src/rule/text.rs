//! Rules about the text of a command: regular expressions, for what has no other shape.

use std::borrow::Cow;

use regex_automata::meta;
use regex_automata::util::syntax;
use serde::{Deserialize, Serialize};

use super::Meta;
use crate::verdict::Decision;

/// A compiled expression may take this much memory, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// A regular expression over a simple command, normalised: one blank between words, wrappers and
/// quotes resolved.
///
/// It is compiled only for commands that hold its keyword, and only then costs anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRule {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    /// In lower case; a command without it cannot match. Empty if there is none.
    #[serde(default)]
    keyword: String,
    pattern: String,
    /// What lifts the rule.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    unless: String,
}

impl TextRule {
    /// A rule, if its expressions can be compiled. `keyword` is checked, not believed.
    ///
    /// # Errors
    ///
    /// What is wrong with an expression, in words.
    #[cfg(feature = "compile")]
    pub(crate) fn new(meta: Meta, pattern: &str, unless: &str) -> Result<Self, String> {
        for text in [pattern, unless] {
            compiled(text).map_err(|error| format!("`{text}`: {error}"))?;
        }
        let keyword = keyword(pattern);
        Ok(Self {
            meta,
            keyword,
            pattern: pattern.to_owned(),
            unless: unless.to_owned(),
        })
    }

    /// Whether the rule speaks of this command. An expression that cannot be compiled, which a
    /// signed policy never holds, speaks of every command.
    pub(crate) fn matches(&self, text: &str) -> bool {
        if !self.keyword.is_empty() && !text.to_lowercase().contains(&self.keyword) {
            return false;
        }
        let Ok(pattern) = compiled(&self.pattern) else {
            return true;
        };
        pattern.is_match(text)
            && (self.unless.is_empty()
                || !compiled(&self.unless).is_ok_and(|unless| unless.is_match(text)))
    }

    /// The rule's name.
    #[must_use]
    pub fn id(&self) -> &Cow<'static, str> {
        &self.meta.id
    }

    /// Whether it stops anything.
    pub(crate) fn is_strict(&self) -> bool {
        self.meta.decision > Decision::Allow
    }
}

fn compiled(pattern: &str) -> Result<meta::Regex, Box<meta::BuildError>> {
    meta::Builder::new()
        .configure(
            meta::Config::new()
                .nfa_size_limit(Some(MAX_SIZE))
                .hybrid_cache_capacity(MAX_SIZE),
        )
        .syntax(syntax::Config::new().case_insensitive(true))
        .build(pattern)
        .map_err(Box::new)
}

/// The longest run of plain letters that every match must hold, in lower case; empty if none is
/// certain.
#[cfg(feature = "compile")]
fn keyword(pattern: &str) -> String {
    let Ok(hir) = regex_syntax::parse(pattern) else {
        return String::new();
    };
    let mut best = String::new();
    required(&hir, &mut best);
    best
}

#[cfg(feature = "compile")]
fn required(hir: &regex_syntax::hir::Hir, best: &mut String) {
    use regex_syntax::hir::HirKind;
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0).to_lowercase();
            if text.is_ascii() && text.len() > best.len() {
                *best = text;
            }
        }
        HirKind::Concat(parts) => parts.iter().for_each(|part| required(part, best)),
        HirKind::Capture(capture) => required(&capture.sub, best),
        HirKind::Repetition(repeated) if repeated.min > 0 => required(&repeated.sub, best),
        _ => {}
    }
}

#[cfg(all(test, feature = "compile"))]
mod tests {
    use super::{TextRule, keyword};
    use crate::rule::own;

    fn rule(pattern: &str, unless: &str) -> Result<TextRule, String> {
        TextRule::new(own::DENIED.clone(), pattern, unless)
    }

    #[test]
    fn a_keyword_is_what_every_match_holds() {
        for (pattern, expected) in [
            (r"\bgit\s+push\b.*--force", "--force"),
            (r"(drop|truncate)\s+table", "table"),
            (r"(a|b)?c*", ""),
            (r"\brm\s+(-[^\s]*)*-[rRf]", "rm"),
        ] {
            assert_eq!(keyword(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn expressions_match_without_regard_to_case() {
        let rule = rule(r"\bgit\s+push\b.*--force\b", "--force-with-lease").expect("well formed");

        assert!(rule.matches("GIT push --force origin"));
        assert!(!rule.matches("git push --force-with-lease"));
        assert!(!rule.matches("git pull"));
    }

    #[test]
    fn expressions_that_cannot_be_compiled_are_refused() {
        assert!(rule("(", "").is_err());
        assert!(rule("a(?=b)", "").is_err());
        assert!(rule(r"(\w{1000}){1000}", "").is_err());
    }

    #[test]
    fn expressions_that_hang_other_engines_do_not_hang_this_one() {
        let rule = rule(r"\brm\s+(-[^\s]*)*-[rRf]", "").expect("well formed");

        assert!(!rule.matches(&format!("rm {} x", "-".repeat(5_000))));
    }
}
