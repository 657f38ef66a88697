//! Finds what must not be left in code that is said to be finished: parts that are not written,
//! made-up data, swallowed errors, secrets, and text that becomes code, SQL or markup.
//!
//! The rules are data (`rules/quality`), turned into tables at build time. They speak of tokens,
//! so that what stands in a string or comment is no code. Nothing is compiled or built when the
//! program starts, and a scan takes time in proportion to the text. `docs/QUALITY.md` says how a
//! rule is written, and what is not found.
//!
//! ```
//! use ccs_gate::quality::{Lines, Scanner};
//!
//! let text = "fn pay(amount: u64) -> Receipt {\n    todo!()\n}\n";
//! let report = Scanner::default().scan("src/pay.rs", text, &Lines::All);
//! assert_eq!(report.findings[0].rule, "stub.macro");
//! assert_eq!(report.findings[0].line, 2);
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::secret;
use crate::verdict::Severity;

mod accept;
mod backtrack;
mod code;
mod file;
mod find;
mod language;
mod lex;
mod pattern;
mod rule;
mod scan;
mod shape;
mod string;

pub use file::{is_foreign, is_test};
pub use language::Language;
pub use rule::Rule;

/// The longest text that is looked at, in bytes: what is longer was not written by hand.
pub const MAX_TEXT: usize = 1 << 20;

/// A place in a file that should not stay as it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule's id, `family.what-it-is`; that of the secret scanner behind `secret.` for a secret.
    pub rule: Cow<'static, str>,
    /// One line: what the code does.
    pub title: Cow<'static, str>,
    /// What to do about it.
    pub advice: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The line it ends on.
    pub end_line: usize,
    /// Why it is meant to stay, as the comment beside it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

impl Finding {
    /// A finding about a whole line, by a rule that is not among those here.
    #[must_use]
    pub fn of_line(rule: &'static str, severity: Severity, line: usize) -> Self {
        Self {
            rule: Cow::Borrowed(rule),
            title: Cow::Borrowed(""),
            advice: Cow::Borrowed(""),
            severity,
            start: 0,
            end: 0,
            line,
            end_line: line,
            accepted: None,
        }
    }
}

/// The lines that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// Every line.
    #[default]
    All,
    /// These, counted from 1.
    These(BTreeSet<usize>),
}

impl Lines {
    /// Whether one of these lines counts.
    #[must_use]
    pub fn meet(&self, first: usize, last: usize) -> bool {
        match self {
            Self::All => true,
            Self::These(lines) => lines.range(first..=last.max(first)).next().is_some(),
        }
    }
}

/// What was found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What should not stay, in the order of the text.
    pub findings: Vec<Finding>,
    /// What would be found, but for a comment that says why it stays.
    pub accepted: Vec<Finding>,
}

/// Looks through files. Made once, used for any number of them.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    secrets: secret::Scanner,
}

impl Scanner {
    /// Finds secrets as this scanner does.
    #[must_use]
    pub fn new(secrets: secret::Scanner) -> Self {
        Self { secrets }
    }

    /// What is wrong on these lines of a file. The whole text is needed all the same: what a line
    /// means depends on what is around it.
    ///
    /// Text longer than [`MAX_TEXT`], generated text, and lines without end as a packer writes
    /// them are looked through for secrets only, files of others ([`is_foreign`]) not at all. In
    /// tests only some rules hold.
    #[must_use]
    pub fn scan(&self, path: &str, text: &str, lines: &Lines) -> Report {
        if is_foreign(path) {
            return Report::default();
        }
        let mut findings = scan::secrets(&self.secrets, path, text);
        if text.len() <= MAX_TEXT && !file::is_generated(text) {
            findings.extend(scan::code(path, text));
        }
        findings.retain(|one| lines.meet(one.line, one.end_line));
        findings.sort_by(|a, b| (a.start, &a.rule).cmp(&(b.start, &b.rule)));
        findings.dedup_by(|b, a| a.rule == b.rule && a.line == b.line);
        let (accepted, findings) = findings.into_iter().partition(|one| one.accepted.is_some());
        Report { findings, accepted }
    }
}

/// All shipped rules, in the order of their files.
#[must_use]
pub fn rules() -> &'static [Rule] {
    rule::RULES
}

/// The rule of files that do not parse: it is the caller who knows a parser.
pub const SYNTAX: &str = "syntax.error";

/// Whether a pattern such as `todo.*` names this rule.
#[must_use]
pub fn names(pattern: &str, rule: &str) -> bool {
    crate::glob::matches(pattern, rule)
}

/// Whether a pattern such as `todo.*` or `stub.macro` names any rule there is.
#[must_use]
pub fn is_rule(pattern: &str) -> bool {
    let known = |id: &str| crate::glob::matches(pattern, id);
    known(SYNTAX)
        || rules().iter().any(|rule| known(rule.id))
        || secret::rules()
            .iter()
            .any(|rule| known(&scan::secret_id(rule.id)))
}
