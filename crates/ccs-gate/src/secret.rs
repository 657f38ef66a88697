//! Finds credentials in text: tokens by their published form, private keys, passwords in
//! addresses and on command lines, and values whose name says that they are secret.
//!
//! The rules are data (`rules/secret`), turned into tables at build time. A scan is one pass of a
//! prefilter over the text; matchers look only where one of its keywords stands. Nothing is built
//! or compiled when the program starts. `docs/SECRETS.md` says how a rule is written and what is
//! not found.
//!
//! ```
//! use ccs_gate::secret::Scanner;
//!
//! let (clean, found) = Scanner::builtin().redact("login: curl -u ci:Gx7!kq9vTz2w https://ci.corp.net");
//! assert_eq!(found[0].rule, "command.http-user");
//! assert!(!clean.contains("Gx7"));
//! ```

use std::borrow::Cow;

use crate::verdict::Severity;

mod allow;
mod assign;
mod base64;
mod baseline;
mod check;
mod code;
mod command;
mod filter;
mod form;
mod header;
mod jwt;
mod literal;
mod name;
mod near;
mod operator;
mod pem;
mod personal;
mod prefilter;
mod prose;
mod rule;
mod scan;
mod settle;
mod sham;
mod surprise;
mod url;
mod value;
mod view;

pub use allow::Allow;
pub use baseline::{Accepted, Baseline, BaselineError, BaselineKey};
pub use filter::{Filter, FilterError, FilterText};
pub use personal::Personal;
pub use rule::Rule;
pub use scan::Confidence;
pub use view::Form;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule's id, `provider.kind`.
    pub rule: Cow<'static, str>,
    /// What it is, in a few words.
    pub title: Cow<'static, str>,
    /// Where the secret itself begins, in bytes of UTF-8.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What whoever holds it can do.
    pub severity: Severity,
    /// How it was written.
    pub form: Form,
    /// How sure the finding is.
    pub confidence: Confidence,
}

/// Finds secrets. Made once, used for any number of texts.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    allowed: Vec<Allow>,
    marks: bool,
    personal: Vec<Personal>,
    filters: Vec<Filter>,
}

impl Scanner {
    /// The scanner with the shipped rules; costs nothing to make.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Leaves out what the exception covers.
    #[must_use]
    pub fn allow(mut self, exception: Allow) -> Self {
        self.allowed.push(exception);
        self
    }

    /// Leaves out what stands on a line with the mark `ccs:allow`, `gitleaks:allow` or
    /// `pragma: allowlist secret`. Only for files that people keep: in what an agent writes or
    /// reads, the mark would let anything through.
    #[must_use]
    pub fn heed_marks(mut self) -> Self {
        self.marks = true;
        self
    }

    /// Finds this kind of personal data too.
    #[must_use]
    pub fn personal(mut self, kind: Personal) -> Self {
        self.personal.push(kind);
        self
    }

    /// Finds what the pattern matches too.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The secrets in a text, in their order, none inside another.
    ///
    /// The text is scanned as it is given: decode JSON first. Spans lie on character boundaries.
    /// Time is linear in the length of the text.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        self.find(None, text)
    }

    /// The secrets in the text of a file; its path is asked only for exceptions.
    pub fn scan_file(&self, path: &str, text: &str) -> Vec<Finding> {
        self.find(Some(path), text)
    }

    fn find(&self, path: Option<&str>, text: &str) -> Vec<Finding> {
        let mut found = settle::findings(text, view::scan(text.as_bytes()));
        found.retain(|one| {
            let marked = self.marks && allow::is_marked(text, one);
            !marked
                && !self
                    .allowed
                    .iter()
                    .any(|exception| exception.covers(path, text, one))
        });
        if !(self.personal.is_empty() && self.filters.is_empty()) {
            self.add_filtered(text, &mut found);
        }
        found
    }

    /// Adds personal data and the matches of filters where nothing was found yet. One filter comes
    /// after the other, so that a match across two things does not hide the second.
    fn add_filtered(&self, text: &str, found: &mut Vec<Finding>) {
        for filter in &self.filters {
            let mut more = Vec::new();
            for (from, to) in between(found, text.len()) {
                filter.each(&text[from..to], |start, end| {
                    more.push(filtered(filter.name(), from + start, from + end));
                });
            }
            settle::merge(found, more);
        }
        let mut more = Vec::new();
        for &kind in &self.personal {
            let (id, title, _) = kind.names();
            kind.each(text.as_bytes(), |start, end| {
                more.push(Finding {
                    rule: Cow::Borrowed(id),
                    title: Cow::Borrowed(title),
                    ..filtered("", start, end)
                });
            });
        }
        settle::merge(found, more);
    }

    /// The text with every secret replaced, by `[secret:RULE]` or what its filter says, and what
    /// was replaced.
    pub fn redact(&self, text: &str) -> (String, Vec<Finding>) {
        let found = self.scan(text);
        let mut clean = String::with_capacity(text.len());
        let mut at = 0;
        for finding in &found {
            clean.push_str(&text[at..finding.start]);
            clean.push_str(&self.mark(finding));
            at = finding.end;
        }
        clean.push_str(&text[at..]);
        (clean, found)
    }

    /// What [`redact`](Self::redact) puts in the place of a finding.
    pub fn mark(&self, finding: &Finding) -> Cow<'_, str> {
        match self.replacement(&finding.rule) {
            Some(replacement) => Cow::Borrowed(replacement),
            None => Cow::Owned(["[secret:", &finding.rule, "]"].concat()),
        }
    }

    /// The first secret in a text that is likely one; for texts that are short and many, such as
    /// the arguments of a command.
    pub fn quick(&self, text: &str) -> Option<Finding> {
        if !prefilter::any(text.as_bytes()) {
            return None;
        }
        let found = self.scan(text);
        found
            .into_iter()
            .find(|finding| finding.confidence >= Confidence::Medium)
    }

    /// What a filter or a kind of personal data puts in the place of what it finds.
    fn replacement(&self, rule: &str) -> Option<&str> {
        let name = rule.strip_prefix(FILTER);
        let filter = name.and_then(|name| self.filters.iter().find(|f| f.name() == name));
        let kind = || {
            Personal::ALL
                .into_iter()
                .map(Personal::names)
                .find(|kind| kind.0 == rule)
        };
        filter
            .map(Filter::replacement)
            .or_else(|| kind().map(|kind| kind.2))
    }
}

/// The parts of a text of `length` bytes that no finding covers.
fn between(found: &[Finding], length: usize) -> Vec<(usize, usize)> {
    let mut parts = Vec::with_capacity(found.len() + 1);
    let mut from = 0;
    for one in found {
        if one.start > from {
            parts.push((from, one.start));
        }
        from = from.max(one.end);
    }
    parts.push((from, length.max(from)));
    parts
}

/// What the rule of a user's filter begins with.
const FILTER: &str = "filter.";

fn filtered(name: &str, start: usize, end: usize) -> Finding {
    Finding {
        rule: Cow::Owned([FILTER, name].concat()),
        title: Cow::Owned(name.to_owned()),
        start,
        end,
        severity: Severity::Medium,
        form: Form::Plain,
        confidence: Confidence::Medium,
    }
}

/// All shipped rules, in the order of their files.
pub fn rules() -> &'static [Rule] {
    rule::RULES
}

/// How many keywords stand in a text: the first of the scanner's steps alone, for measuring it.
#[doc(hidden)]
pub fn keywords(text: &str) -> usize {
    let mut count = 0;
    prefilter::each(text.as_bytes(), |_, _| count += 1);
    count
}

/// Whether a word stands in the text without which there is no secret in it.
pub(crate) fn is_worth_a_look(text: &str) -> bool {
    prefilter::any(text.as_bytes())
}

/// As [`Scanner::quick`], with the shipped rules and no exceptions.
pub fn quick(text: &str) -> Option<Finding> {
    Scanner::builtin().quick(text)
}
