//! Texts about attackers write their addresses so that nobody follows them by accident. Here they
//! are written as they are meant, with a map back.

use memchr::memchr3;

/// A text as it is meant.
pub(super) struct Plain {
    pub(super) text: String,
    /// Where something was replaced: offset in the plain text, its length there, and the offset
    /// and length in the original.
    changes: Vec<(usize, usize, usize, usize)>,
}

/// What is written for what. Longer forms first.
const FORMS: &[(&str, &str)] = &[
    ("[://]", "://"),
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("[@]", "@"),
    ("[at]", "@"),
    ("(at)", "@"),
    ("{at}", "@"),
    ("[:]", ":"),
    ("[/]", "/"),
    ("[com]", "com"),
];

const SCHEMES: &[(&str, &str)] = &[
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("fxp", "ftp"),
    ("meow", "http"),
];

/// Reads `text` as it is meant.
pub(super) fn refang(text: &str) -> Plain {
    let mut plain = Plain {
        text: String::with_capacity(text.len()),
        changes: Vec::new(),
    };
    let bytes = text.as_bytes();
    let mut done = 0;
    let mut at = 0;
    while let Some(next) = next_place(bytes, at) {
        let Some((form, meant)) = form_at(
            &bytes[next..],
            next == 0 || !bytes[next - 1].is_ascii_alphanumeric(),
        ) else {
            at = next + 1;
            continue;
        };
        plain.text.push_str(&text[done..next]);
        plain
            .changes
            .push((plain.text.len(), meant.len(), next, form.len()));
        plain.text.push_str(meant);
        done = next + form.len();
        at = done;
    }
    plain.text.push_str(&text[done..]);
    plain
}

/// The next bracket, or the next letter a scheme could begin with.
fn next_place(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let bracket = memchr3(b'[', b'(', b'{', rest);
    let end = bracket.unwrap_or(rest.len());
    let scheme = memchr::memmem::find(&rest[..end], b"xp")
        .or_else(|| memchr::memmem::find(&rest[..end], b"XP"))
        .or_else(|| memchr::memmem::find(&rest[..end], b"Xp"));
    let scheme = scheme.map(|at| {
        (at + 1).saturating_sub(if at > 0 && rest[at - 1].eq_ignore_ascii_case(&b'x') {
            3
        } else {
            2
        })
    });
    match (bracket, scheme) {
        (Some(bracket), Some(scheme)) => Some(from + bracket.min(scheme)),
        (bracket, scheme) => bracket.or(scheme).map(|at| from + at),
    }
}

/// The written form that `rest` begins with, and what it means.
fn form_at(rest: &[u8], at_word: bool) -> Option<(&'static str, &'static str)> {
    let begins = |form: &str| {
        rest.len() >= form.len() && rest[..form.len()].eq_ignore_ascii_case(form.as_bytes())
    };
    let scheme = |form: &str| begins(form) && matches!(rest.get(form.len()), Some(b':' | b'['));
    let bracket = FORMS.iter().find(|(form, _)| begins(form));
    let named = || SCHEMES.iter().find(|(form, _)| at_word && scheme(form));
    bracket.or_else(named).copied()
}

impl Plain {
    /// The byte of the original that byte `at` of the plain text comes from.
    pub(super) fn origin(&self, at: usize) -> usize {
        let behind = self.changes.partition_point(|&(start, ..)| start < at);
        match behind.checked_sub(1).map(|last| self.changes[last]) {
            Some((start, length, origin, written)) if at < start + length => {
                origin + written.min(at - start)
            }
            Some((start, length, origin, written)) => origin + written + (at - start - length),
            None => at,
        }
    }

    /// Whether anything was replaced between two bytes of the plain text.
    pub(super) fn changed(&self, start: usize, end: usize) -> bool {
        let first = self
            .changes
            .partition_point(|&(at, length, ..)| at + length <= start);
        self.changes.get(first).is_some_and(|&(at, ..)| at < end)
    }
}
