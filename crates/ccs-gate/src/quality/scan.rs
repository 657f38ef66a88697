//! One file, all rules.

use std::borrow::Cow;
use std::ops::Range;

use super::code::Code;
use super::find::{Finder, Span};
use super::language::Language;
use super::rule::{RULES, Rule};
use super::{Finding, accept, file, shape};
use crate::secret::{self, Confidence};

/// The id of a secret's rule among these.
pub(super) fn secret_id(id: &str) -> String {
    ["secret.", id].concat()
}

/// The secrets in a text. No comment lifts one: that is for the owner's policy to do.
pub(super) fn secrets(scanner: &secret::Scanner, path: &str, text: &str) -> Vec<Finding> {
    let least = if file::is_test(path) {
        Confidence::High
    } else {
        Confidence::Medium
    };
    let found = scanner
        .scan_file(path, text)
        .into_iter()
        .filter(|one| one.confidence >= least);
    let lines =
        |to: usize| 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..to.min(text.len())]).count();
    found
        .map(|one| Finding {
            rule: Cow::Owned(secret_id(&one.rule)),
            title: Cow::Owned(format!("A secret is written into the code: {}", one.title)),
            advice: Cow::Borrowed("Take it out, read it from the environment or the vault, and have it replaced where it was issued."),
            severity: one.severity,
            line: lines(one.start),
            end_line: lines(one.end.saturating_sub(1).max(one.start)),
            start: one.start,
            end: one.end,
            accepted: None,
        })
        .collect()
}

/// What the rules find.
pub(super) fn code(path: &str, text: &str) -> Vec<Finding> {
    let language = Language::of(path, text);
    if language == Language::Other {
        return Vec::new();
    }
    let code = Code::new(text, language);
    let tests = Tests::of(path, &code);
    let mut findings = Vec::new();
    for rule in RULES {
        let ranges = match rule.comments {
            true => in_comments(&code, rule),
            false => in_code(&code, rule),
        };
        let kept = ranges
            .into_iter()
            .filter(|range| rule.tests || !tests.hold(range.start));
        findings.extend(kept.map(|range| finding(&code, rule, range)));
    }
    findings
}

fn finding(code: &Code<'_>, rule: &'static Rule, range: Range<usize>) -> Finding {
    let line = code.line(range.start);
    Finding {
        rule: Cow::Borrowed(rule.id),
        title: Cow::Borrowed(rule.title),
        advice: Cow::Borrowed(rule.advice),
        severity: rule.severity,
        line,
        end_line: code.line(range.end.saturating_sub(1).max(range.start)),
        accepted: accept::reason(code, rule.id, line),
        start: range.start,
        end: range.end,
    }
}

fn in_code(code: &Code<'_>, rule: &Rule) -> Vec<Range<usize>> {
    let finder = Finder::new(code, false);
    let bit = code.language.bit();
    let mut ranges = Vec::new();
    for (languages, steps) in rule.patterns {
        if languages & bit == 0 {
            continue;
        }
        let spans = (0..code.tokens.len()).filter_map(|token| finder.at(steps, token));
        let kept = spans.filter(|span| holds(code, rule, &finder, *span));
        ranges.extend(kept.map(|span| bytes(code, span)));
    }
    if let Some((languages, shape)) = rule.shape
        && languages & bit != 0
    {
        ranges.extend(shape::find(shape, code));
    }
    ranges.retain(|range| !(rule.unexplained && code.is_explained(range)));
    ranges
}

fn bytes(code: &Code<'_>, (first, end): Span) -> Range<usize> {
    code.tokens[first].start..code.tokens[end.max(first + 1) - 1].end
}

/// Whether nothing on the lines of a match lifts the rule.
fn holds(code: &Code<'_>, rule: &Rule, finder: &Finder<'_, '_>, span: Span) -> bool {
    if rule.top && !stands_at_top(code, span.0) {
        return false;
    }
    if rule.unless.is_empty() && rule.unless_words.is_empty() {
        return true;
    }
    let around = around(code, span);
    let has_word = |token: usize| {
        let word = code.str(token).to_ascii_lowercase();
        rule.unless_words.iter().any(|part| word.contains(part))
    };
    !(around.0..around.1).any(has_word)
        && !rule.unless.iter().any(|steps| finder.within(steps, around))
}

/// All tokens on the lines of a match, and the rest of its statement.
fn around(code: &Code<'_>, (first, end): Span) -> Span {
    let (line, last) = (code.line_of(first), code.line_of(end.max(first + 1) - 1));
    let mut from = first;
    while from > 0 && code.line_of(from - 1) >= line {
        from -= 1;
    }
    let mut to = end;
    while to < code.tokens.len() && code.line_of(to) <= last {
        to += 1;
    }
    (from, to)
}

/// Whether a token's line begins without a blank and is not decorated.
fn stands_at_top(code: &Code<'_>, token: usize) -> bool {
    let line = code.line_of(token);
    let decorated = line > 1
        && code
            .line_text(line - 1)
            .trim_start()
            .starts_with(['@', '#', '[']);
    code.indent(token) == 0 && !decorated
}

/// Comments as words.
fn in_comments(code: &Code<'_>, rule: &Rule) -> Vec<Range<usize>> {
    let bit = code.language.bit();
    let mut ranges = Vec::new();
    for comment in &code.comments {
        let text = &code.text[comment.start..comment.end];
        if text.contains("ccs:allow") {
            continue;
        }
        let words = Code::new(text, Language::Other);
        let finder = Finder::new(&words, true);
        let patterns = rule
            .patterns
            .iter()
            .filter(|(languages, _)| languages & bit != 0);
        for (_, steps) in patterns {
            let spans = (0..words.tokens.len()).filter_map(|token| finder.at(steps, token));
            let kept = spans.filter(|span| holds(&words, rule, &finder, *span));
            ranges.extend(kept.map(|span| {
                let range = bytes(&words, span);
                comment.start + range.start..comment.start + range.end
            }));
        }
    }
    ranges
}

/// Where a file is a test.
enum Tests {
    Whole,
    Parts(Vec<Range<usize>>),
}

impl Tests {
    fn of(path: &str, code: &Code<'_>) -> Self {
        if file::is_test(path) {
            return Self::Whole;
        }
        match code.language {
            Language::Rust => Self::Parts(rust_tests(code)),
            _ => Self::Parts(Vec::new()),
        }
    }

    fn hold(&self, at: usize) -> bool {
        match self {
            Self::Whole => true,
            Self::Parts(parts) => parts.iter().any(|part| part.contains(&at)),
        }
    }
}

/// What follows `#[cfg(test)]` or `#[test]`, up to the end of its braces.
fn rust_tests(code: &Code<'_>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    for at in 0..code.tokens.len() {
        let Some(end) = code
            .partner(at)
            .filter(|_| code.is(at, "[") && at > 0 && code.is(at - 1, "#"))
        else {
            continue;
        };
        let is_test = (at..end).any(|token| code.is(token, "test"));
        let not = (at..end).any(|token| code.is(token, "not"));
        let body = (end..code.tokens.len())
            .take(80)
            .find(|&token| code.is(token, "{") || code.is(token, ";"));
        if let Some(body) = body.filter(|_| is_test && !not)
            && let Some(last) = code.partner(body)
        {
            parts.push(code.tokens[at].start..code.tokens[last].end);
        }
    }
    parts
}
