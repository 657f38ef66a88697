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

mod assign;
mod base64;
mod check;
mod code;
mod command;
mod form;
mod header;
mod jwt;
mod literal;
mod name;
mod near;
mod operator;
mod pem;
mod prefilter;
mod rule;
mod scan;
mod settle;
mod sham;
mod surprise;
mod url;
mod value;
mod view;

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
#[derive(Debug, Default)]
pub struct Scanner {}

impl Scanner {
    /// The scanner with the shipped rules; costs nothing to make.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// The secrets in a text, in their order, none inside another.
    ///
    /// The text is scanned as it is given: decode JSON first. Spans lie on character boundaries.
    /// Time is linear in the length of the text.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        let found = view::scan(text.as_bytes());
        settle::findings(text, found)
    }

    /// The text with every secret replaced by `[secret:RULE]`, and what was replaced.
    pub fn redact(&self, text: &str) -> (String, Vec<Finding>) {
        let found = self.scan(text);
        let mut clean = String::with_capacity(text.len());
        let mut at = 0;
        for finding in &found {
            if finding.start >= at {
                clean.push_str(&text[at..finding.start]);
                clean.push_str("[secret:");
                clean.push_str(&finding.rule);
                clean.push(']');
            }
            at = at.max(finding.end);
        }
        clean.push_str(&text[at..]);
        (clean, found)
    }
}

/// All shipped rules, in the order of their files.
pub fn rules() -> &'static [Rule] {
    rule::RULES
}

/// The first secret in a text that is likely one; for texts that are short and many, such as the
/// arguments of a command.
pub fn quick(text: &str) -> Option<Finding> {
    if !prefilter::any(text.as_bytes()) {
        return None;
    }
    let found = Scanner::builtin().scan(text);
    found
        .into_iter()
        .find(|finding| finding.confidence >= Confidence::Medium)
}

#[doc(hidden)]
pub fn zz_stats(text: &str) {
    let t = text.as_bytes();
    let cpu = || -> f64 {
        std::fs::read_to_string("/proc/self/schedstat")
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / 1e9
    };
    let mut c = 0u64;
    for _ in 0..3 {
        let t0 = cpu();
        prefilter::each(t, |_, _| c += 1);
        let d = cpu() - t0;
        let t0 = cpu();
        let s = scan::Scan::new(t).run();
        let e = cpu() - t0;
        let t0 = cpu();
        let v = view::scan(t);
        let f = cpu() - t0;
        println!(
            "prefilter {:.0} MB/s hits {c}; plain scan {:.0} MB/s work {:.3}/B; views {:.0} MB/s {}",
            t.len() as f64 / 1e6 / d,
            t.len() as f64 / 1e6 / e,
            s.work as f64 / t.len() as f64,
            t.len() as f64 / 1e6 / f,
            v.len()
        );
    }
}
