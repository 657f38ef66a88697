//! What ties a name to its value: `=`, `:`, `=>`, a comma between arguments, a closing tag, `is`.

use super::scan::Scan;

/// How a name and a value are tied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=` and its relatives.
    Equals,
    /// `:`, `=>`, `->`.
    Colon,
    /// `==`, `!=`.
    Compare,
    /// `name", "value"`.
    Comma,
    /// `name(value)`.
    Call,
    /// `<name>value`.
    Tag,
    /// `| name | value |`.
    Bar,
    /// `name is value`.
    Is,
    /// `--name value`.
    Space,
    /// The value stands on the next line.
    Line,
}

/// Signs that tie, the longest first.
const SIGNS: &[(&[u8], Operator)] = &[
    (b":::=", Operator::Equals),
    (b"::=", Operator::Equals),
    (b"===", Operator::Compare),
    (b"!==", Operator::Compare),
    (b"||=", Operator::Equals),
    (b"??=", Operator::Equals),
    (b"%3D", Operator::Equals),
    (b":=", Operator::Equals),
    (b"?=", Operator::Equals),
    (b".=", Operator::Equals),
    (b"+=", Operator::Equals),
    (b"==", Operator::Compare),
    (b"!=", Operator::Compare),
    (b"=>", Operator::Colon),
    (b"->", Operator::Colon),
    (b"=", Operator::Equals),
    (b":", Operator::Colon),
    (b",", Operator::Comma),
    (b"(", Operator::Call),
    (b"|", Operator::Bar),
    (b">", Operator::Tag),
];

/// Words that tie.
const WORDS: &[&[u8]] = &[b"is", b"was", b"to", b"as", b"are"];

/// The operator after the name whose word begins at `at` and which ends at `end`, and where the
/// value begins.
pub(super) fn after(scan: &mut Scan<'_>, at: usize, end: usize) -> Option<(Operator, usize)> {
    scan.work += 16;
    if scan.text[end..].starts_with(b"</") {
        return tag_pair(scan, end);
    }
    let closed = end + closers(&scan.text[end..]);
    let open = closed + spaces(&scan.text[closed..]);
    let (open, typed) = match annotation(&scan.text[open..]) {
        Some(len) => (open + len, true),
        None => (open, false),
    };
    let rest = &scan.text[open..];
    if rest.starts_with(b"::") && !rest[2..].starts_with(b"=") && !rest[2..].starts_with(b":=") {
        return None;
    }
    let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
    let (operator, from) = match sign {
        Some((sign, operator)) => (*operator, open + sign.len()),
        None if typed => return None,
        None => word(scan, at, closed, open)?,
    };
    let fits = match operator {
        Operator::Comma => closed > end,
        Operator::Call => closed == end && open == closed,
        Operator::Tag => closed >= end && scan.text[scan.line_start(at, 96)..at].contains(&b'<'),
        _ => true,
    };
    fits.then(|| indirect(scan, operator, from))
}

/// Quotes and brackets that end a name: `"name"`, `['name']`, `**name**`.
fn closers(text: &[u8]) -> usize {
    let sign = |b: &&u8| matches!(b, b'"' | b'\'' | b'`' | b']' | b'*' | b'\\' | b')');
    text.iter().take(4).take_while(sign).count()
}

fn spaces(text: &[u8]) -> usize {
    text.iter()
        .take(40)
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

/// The type between a name and its `=`, as in `: &str`, ` string`: its length.
fn annotation(text: &[u8]) -> Option<usize> {
    let colon = usize::from(text.first() == Some(&b':'));
    let start = colon + spaces(&text[colon..]);
    let kind = |b: &u8| {
        b.is_ascii_alphanumeric() || b"_&'<>[]?.|*".contains(b) || (colon == 1 && b", ".contains(b))
    };
    let len = text[start..]
        .iter()
        .take(32)
        .take_while(|b| kind(b))
        .count();
    let end = start + len + spaces(&text[start + len..]);
    let assigned = text.get(end) == Some(&b'=') && text.get(end + 1) != Some(&b'=');
    let value = text.get(end + 1..)?.trim_ascii_start().first()?;
    (len > 0 && assigned && b"\"'`".contains(value)).then_some(end)
}

/// A word or a space that ties: only after a name that ends here, in prose or on a command line.
fn word(scan: &Scan<'_>, at: usize, closed: usize, open: usize) -> Option<(Operator, usize)> {
    if scan.text[closed..].starts_with(b"\n") || scan.text[closed..].starts_with(b"\r\n") {
        let next = closed + 1 + usize::from(scan.byte(closed) == b'\r');
        return Some((Operator::Line, next));
    }
    if open == closed {
        return None;
    }
    let rest = &scan.text[open..];
    for word in WORDS {
        if rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word) {
            let next = rest[word.len()];
            if matches!(next, b' ' | b':') {
                let colon = usize::from(next == b':');
                let from = open + word.len() + colon;
                return Some((Operator::Is, from + spaces(&scan.text[from..])));
            }
        }
    }
    if rest.starts_with(b"(") {
        return Some((Operator::Space, open + 1));
    }
    let _ = at;
    Some((Operator::Space, open))
}

/// `<key>name</key> <string>value`.
fn tag_pair(scan: &Scan<'_>, end: usize) -> Option<(Operator, usize)> {
    let close = scan.text[end..].iter().take(40).position(|&b| b == b'>')? + end + 1;
    let open = close + blanks(&scan.text[close..]);
    if scan.byte(open) != b'<' || scan.byte(open + 1) == b'/' {
        return None;
    }
    let value = scan.text[open..].iter().take(40).position(|&b| b == b'>')?;
    Some((Operator::Tag, open + value + 1))
}

fn blanks(text: &[u8]) -> usize {
    text.iter()
        .take(80)
        .take_while(|b| b.is_ascii_whitespace())
        .count()
}

/// Skips to the value: over spaces, over a line break after a sign that may stand at the end of a
/// line, and over a second name as in `"name": "X", "value": "…"`.
fn indirect(scan: &Scan<'_>, operator: Operator, from: usize) -> (Operator, usize) {
    let breaks = matches!(
        operator,
        Operator::Equals | Operator::Colon | Operator::Tag | Operator::Line | Operator::Call
    );
    let skip = |from: usize| {
        from + if breaks {
            blanks(&scan.text[from..])
        } else {
            spaces(&scan.text[from..])
        }
    };
    let same = from + spaces(&scan.text[from..]);
    let mut from = skip(from);
    let broken = from > same && operator == Operator::Equals;
    if broken && !matches!(scan.byte(from), b'"' | b'\'' | b'`') {
        return (operator, same);
    }
    if matches!(scan.byte(from), b'{') {
        from = skip(from + 1);
    }
    let quote = usize::from(matches!(scan.byte(from), b'"' | b'\''));
    for name in [&b"value"[..], b"content", b"val", b"default"] {
        let rest = &scan.text[(from + quote).min(scan.text.len())..];
        if rest.len() > name.len() && rest[..name.len()].eq_ignore_ascii_case(name) {
            let after = from + quote + name.len();
            let sign = after + closers(&scan.text[after..]);
            let sign = sign + spaces(&scan.text[sign..]);
            if matches!(scan.byte(sign), b':' | b'=') {
                return (Operator::Colon, skip(sign + 1));
            }
        }
    }
    (operator, from)
}
