//! Matches the form of a token and decides where it begins and ends.

use super::rule::{Check, FORMS, Form, Part, RULES, Rule, Set};
use super::scan::{Confidence, Scan};
use super::{check, near, sham};

/// A match: all of it, the secret in it, and the longest run of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) secret: (usize, usize),
    body: (usize, usize),
}

/// Tries the form whose literal stands at `at`.
pub(super) fn at(scan: &mut Scan<'_>, form: u16, at: usize) {
    let form = &FORMS[usize::from(form)];
    let rule = &RULES[usize::from(form.rule)];
    let Some(found) = around(scan, form, at) else {
        return;
    };
    let Some(confidence) = accept(scan, rule, found) else {
        return;
    };
    if rule.near.is_empty() || near::mentioned(scan, rule, found) {
        scan.add(form.rule, found.secret.0, found.secret.1, confidence);
    }
}

/// What the match is worth, if anything.
pub(super) fn accept(scan: &Scan<'_>, rule: &Rule, found: Match) -> Option<Confidence> {
    let secret = &scan.text[found.secret.0..found.secret.1];
    if sham::is_sham(&scan.text[found.body.0..found.body.1]) || sham::has_word(secret, rule.stop) {
        return None;
    }
    match rule.check {
        None => Some(Confidence::High),
        Some(Check::Crc32) => Some(if check::crc32(secret) {
            Confidence::High
        } else {
            Confidence::Medium
        }),
        Some(Check::Snowflake) => check::snowflake(secret).then_some(Confidence::High),
    }
}

/// The match around the form's literal at `at`.
fn around(scan: &mut Scan<'_>, form: &Form, at: usize) -> Option<Match> {
    let mut start = at;
    let mut starts = [0; 16];
    for (index, part) in form.parts[..form.anchor].iter().enumerate().rev() {
        start = back(scan, part, start)?;
        starts[index] = start;
    }
    starts[form.anchor] = at;
    let mut ends = Ends { starts, last: None };
    let end = ends.forward(scan, form.parts, form.anchor, at)?;
    finish(scan, form, &ends, start, end)
}

/// The match that begins at `at`.
pub(super) fn from(scan: &mut Scan<'_>, form: &Form, at: usize) -> Option<Match> {
    let mut ends = Ends {
        starts: [0; 16],
        last: None,
    };
    let end = ends.forward(scan, form.parts, 0, at)?;
    finish(scan, form, &ends, at, end)
}

fn finish(scan: &Scan<'_>, form: &Form, ends: &Ends, start: usize, end: usize) -> Option<Match> {
    let place = |part: usize| {
        if part == form.parts.len() {
            end
        } else {
            ends.starts[part]
        }
    };
    let (from, to) = (place(form.secret.0), place(form.secret.1));
    let parts = form.secret.0..form.secret.1;
    let runs = parts.filter(|&at| matches!(form.parts[at], Part::Run { .. }));
    let runs = runs.map(|at| (place(at), place(at + 1)));
    let all = runs.clone().next().zip(runs.clone().next_back());
    let longest = runs.max_by_key(|&(from, to)| to - from);
    // What is short in itself counts only with the rest: the groups of a UUID.
    let long = longest.filter(|&(from, to)| to - from >= 16);
    let body = long
        .or(all.map(|(first, last)| (first.0, last.1)))
        .unwrap_or((from, to));
    let free = begins(scan, form, start) && stops(scan, ends.last, end);
    free.then_some(Match {
        start,
        end,
        secret: (from, to),
        body,
    })
}

/// Goes back over one part.
fn back(scan: &Scan<'_>, part: &Part, end: usize) -> Option<usize> {
    match part {
        Part::Text(text) => {
            let start = end.checked_sub(text.len())?;
            (&scan.text[start..end] == text.as_bytes()).then_some(start)
        }
        Part::Run { set, min, max } => {
            let before = scan.text[..end].iter().rev().take(usize::from(*max));
            let len = before.take_while(|&&byte| set.has(byte)).count();
            (len >= usize::from(*min)).then(|| end - len)
        }
    }
}

/// Where each part begins, and the set of the last run.
struct Ends {
    starts: [usize; 16],
    last: Option<Set>,
}

impl Ends {
    /// Matches the parts from `index` on at `at`; the longest run that lets the rest match wins.
    fn forward(
        &mut self,
        scan: &mut Scan<'_>,
        parts: &[Part],
        index: usize,
        at: usize,
    ) -> Option<usize> {
        let Some(part) = parts.get(index) else {
            return Some(at);
        };
        self.starts[index] = at;
        match part {
            Part::Text(text) => {
                self.last = None;
                let rest = scan.text.get(at..)?;
                rest.starts_with(text.as_bytes())
                    .then(|| self.forward(scan, parts, index + 1, at + text.len()))?
            }
            Part::Run { set, min, max } => {
                let (min, max) = (usize::from(*min), usize::from(*max));
                let end = scan.run_end(*set, at).min(at + max);
                let end = if end < at + min {
                    wrapped(scan, *set, end, (at + min - end, at + max - end))?
                } else {
                    end
                };
                if let Some(end) = self.shorter(scan, parts, index, (at + min, end)) {
                    return Some(end);
                }
                self.last = Some(*set);
                self.forward(scan, parts, index + 1, end)
            }
        }
    }

    /// Gives characters back where the next literal could itself be part of the run.
    fn shorter(
        &mut self,
        scan: &mut Scan<'_>,
        parts: &[Part],
        index: usize,
        (least, end): (usize, usize),
    ) -> Option<usize> {
        let (Part::Run { set, .. }, Some(Part::Text(next))) = (&parts[index], parts.get(index + 1))
        else {
            return None;
        };
        if !set.has(next.as_bytes()[0]) {
            return None;
        }
        for at in (least..=end).rev() {
            scan.work += 1;
            if scan.text[at..].starts_with(next.as_bytes())
                && let Some(end) = self.forward(scan, parts, index + 1, at)
            {
                return Some(end);
            }
        }
        None
    }
}

/// Goes on after a line break in the middle of a token, as terminals and mail programs make them,
/// or after one in a literal that is written in pieces. At least `least` more characters are
/// needed, and no more than `most`.
fn wrapped(
    scan: &mut Scan<'_>,
    set: Set,
    end: usize,
    (least, most): (usize, usize),
) -> Option<usize> {
    let line = end - scan.line_start(end, 256);
    if line < 40 {
        return None;
    }
    let (mut at, mut broken) = (end, false);
    while at < end + 40 {
        match scan.byte(at) {
            b'\n' if at < scan.text.len() => broken = true,
            b' ' | b'\t' | b'\r' | b'\\' | b'"' | b'\'' | b'+' | b'.' => {}
            _ => break,
        }
        at += 1;
    }
    let next = scan.run_end(set, at);
    (broken && next >= at + least).then(|| next.min(at + most))
}

/// Whether a token may begin here: not in the middle of a word, unless what stands before it is
/// the end of an escape such as `\n`, `\u0022`, `\x22` or `%22`.
fn begins(scan: &Scan<'_>, form: &Form, start: usize) -> bool {
    let before = scan.before(start);
    if !Set::WORD.has(scan.byte(start)) {
        return true;
    }
    let joined = match &form.parts[0] {
        // Four letters also occur by chance in a long base64 text.
        Part::Text(text) if text.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Set::WORD.has(before) || matches!(before, b'+' | b'/')
        }
        _ => Set::WORD.has(before),
    };
    // `box.ico-…` is a file's name.
    let dotted = before == b'.' && start >= 2 && scan.byte(start - 2).is_ascii_alphanumeric();
    !(joined || dotted) || escape_before(scan.text, start)
}

/// Whether an escape sequence ends at `at`.
pub(super) fn escape_before(text: &[u8], at: usize) -> bool {
    let hex = |from: usize| text[from..at].iter().all(u8::is_ascii_hexdigit);
    let has = |back: usize, intro: &[u8]| {
        at.checked_sub(back)
            .is_some_and(|from| text[from..].starts_with(intro) && hex(from + intro.len()))
    };
    let short = at >= 2 && text[at - 2] == b'\\' && matches!(text[at - 1], b'n' | b'r' | b't');
    short || has(3, b"%") || has(4, b"\\x") || has(6, b"\\u")
}

/// Whether a token may end here: a run that could go on is longer than the token may be.
fn stops(scan: &Scan<'_>, last: Option<Set>, end: usize) -> bool {
    let next = scan.byte(end);
    match last {
        Some(set) if set.has(next) => next == b'.' && !set.has(scan.byte(end + 1)),
        Some(_) => !Set::WORD.has(next),
        None => !Set::WORD.has(next),
    }
}
