//! Where a value begins and ends, quoted or not.

use super::operator::Operator;
use super::rule::Set;
use super::scan::Scan;

/// The longest value that is read, in bytes.
const LONGEST: usize = 1024;

/// A value's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
    /// It stands in a call: `Secret::new("…")`.
    pub(super) wrapped: bool,
}

/// Quotes that open and close differently.
const QUOTES: &[(&str, &str)] = &[
    ("“", "”"),
    ("‘", "’"),
    ("«", "»"),
    ("„", "“"),
    ("\\\"", "\\\""),
    ("\\'", "\\'"),
];

/// Reads the value at `at`.
pub(super) fn at(scan: &mut Scan<'_>, operator: Operator, at: usize) -> Option<Literal> {
    let (at, wrapped) = unwrap(scan, at);
    let at = prefix(scan, at);
    let text = &scan.text[at..];
    for (open, close) in QUOTES {
        if text.starts_with(open.as_bytes()) {
            return between(scan, at + open.len(), close.as_bytes(), wrapped);
        }
    }
    let byte = *text.first()?;
    if matches!(byte, b'"' | b'\'' | b'`') {
        let triple = text.starts_with(&[byte; 3]);
        let start = at + if triple { 3 } else { 1 };
        return quoted(scan, start, byte, wrapped);
    }
    if wrapped
        || matches!(
            operator,
            Operator::Comma | Operator::Call | Operator::Compare
        )
    {
        return None;
    }
    bare(scan, operator, at)
}

/// Goes into a call or a list: `Secret::new("`, `["`.
fn unwrap(scan: &Scan<'_>, at: usize) -> (usize, bool) {
    let path = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.');
    let text = &scan.text[at.min(scan.text.len())..];
    let len = text.iter().take(48).take_while(|b| path(b)).count();
    let open = text.get(len).is_some_and(|b| matches!(b, b'(' | b'['));
    let quote = text
        .get(len + 1)
        .is_some_and(|b| matches!(b, b'"' | b'\'' | b'`'));
    if open && quote {
        (at + len + 1, len > 0)
    } else {
        (at, false)
    }
}

/// Skips what may stand before a quote or a token: `b"`, `Bearer `.
fn prefix(scan: &Scan<'_>, at: usize) -> usize {
    let text = &scan.text[at.min(scan.text.len())..];
    let letters = text
        .iter()
        .take(2)
        .take_while(|b| b"rRbBfFuUL@$".contains(b))
        .count();
    let quote = |at: usize| text.get(at).is_some_and(|b| matches!(b, b'"' | b'\''));
    let at = at
        + if letters > 0 && quote(letters) {
            letters
        } else {
            0
        };
    for word in [
        "Bearer ",
        "Token ",
        "token ",
        "Bot ",
        "ApiKey ",
        "Key ",
        "OAuth ",
        "SSWS ",
        "GenieKey ",
    ] {
        if text.starts_with(word.as_bytes()) {
            return at + word.len();
        }
    }
    at
}

/// Up to the same quote, on one line; to the end of the line if there is none.
fn quoted(scan: &mut Scan<'_>, start: usize, quote: u8, wrapped: bool) -> Option<Literal> {
    let start = prefix(scan, start);
    let end = scan.line_end(start, LONGEST);
    scan.work += (end - start) as u64 / 8;
    let (mut at, mut escaped) = (start, false);
    while at < end {
        match scan.text[at] {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if byte == quote => break,
            _ => {}
        }
        at += 1;
    }
    scan.work += (at - start) as u64;
    Some(Literal {
        start,
        end: at,
        quoted: true,
        wrapped,
    })
}

fn between(scan: &mut Scan<'_>, start: usize, close: &[u8], wrapped: bool) -> Option<Literal> {
    let end = scan.line_end(start, LONGEST);
    let len = scan.text[start..end]
        .windows(close.len())
        .position(|here| here == close)?;
    scan.work += len as u64;
    Some(Literal {
        start,
        end: start + len,
        quoted: true,
        wrapped,
    })
}

/// Ends of a bare value.
const STOP: Set = Set::of(b" \t\r\n\"'`<>;\\|");

/// Up to a space or a sign that cannot be part of it.
fn bare(scan: &mut Scan<'_>, operator: Operator, at: usize) -> Option<Literal> {
    let to = (at + LONGEST).min(scan.text.len());
    let text = &scan.text[at..to];
    let in_query = is_query(scan, at);
    let ends = |b: &u8| STOP.has(*b) || *b < b' ' || (in_query && matches!(b, b'&' | b'#'));
    let len = text.iter().position(ends).unwrap_or(text.len());
    scan.work += len as u64;
    // What begins with `#` is a comment.
    let text = &text[..if text.starts_with(b"#") { 0 } else { len }];
    let call = text.iter().position(|b| matches!(b, b'(' | b'['));
    let path = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'+' | b'*');
    if call.is_some_and(|at| at > 0 && text[..at].iter().all(path)) {
        return None;
    }
    let prose = matches!(
        operator,
        Operator::Is | Operator::Space | Operator::Line | Operator::Bar
    );
    let trim = |b: &u8| {
        matches!(b, b',' | b')' | b']' | b'}') || prose && matches!(b, b'.' | b'!' | b'?' | b':')
    };
    let end = text.iter().rposition(|b| !trim(b)).map_or(0, |at| at + 1);
    // `name: other: …` and `key = value: …` are not values but further names.
    let further = operator != Operator::Is && text[..end].ends_with(b":");
    let next = at + len;
    let next = next
        + scan.text[next..]
            .iter()
            .take(80)
            .take_while(|b| b.is_ascii_whitespace())
            .count();
    let open = operator == Operator::Tag && scan.byte(next) != b'<';
    (end > 0 && !further && !open).then_some(Literal {
        start: at,
        end: at + end,
        quoted: false,
        wrapped: false,
    })
}

/// Whether the name stands in the query of an address: `?name=`, `&name=`.
fn is_query(scan: &Scan<'_>, at: usize) -> bool {
    let line = scan.line_start(at, 96);
    let before = &scan.text[line..at];
    let name = before
        .iter()
        .rposition(|b| matches!(b, b'?' | b'&' | b' ' | b'"' | b'\''));
    name.is_some_and(|at| matches!(before[at], b'?' | b'&'))
}
