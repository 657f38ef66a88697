//! What a page or a document holds that its reader does not see: comments, hidden elements,
//! attributes, text inside drawings, titles of links.

use super::seek::{find, seek};
use super::view::{Veil, View};

/// Longer stretches are cut: nothing may make the scan look at the same bytes again and again.
const LONGEST: usize = 8192;

/// The concealed stretches of `text`, in order.
pub(crate) fn veils(text: &str) -> Vec<Veil> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let (mut at, mut endless) = (0, 0);
    while let Some(next) = next_mark(bytes, at) {
        let rest = &bytes[next..];
        at = if bytes[next] == b'<' {
            if rest.starts_with(b"<!--") {
                next + comment(rest, next, &mut endless, &mut found)
            } else {
                next + element(rest, next, &mut found)
            }
        } else {
            next + definition(rest, next, &mut found)
        };
    }
    found
}

/// The next `<`, or `[` at the beginning of a line.
fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += seek(bytes.get(at..)?, |b| matches!(b, b'<' | b'['))?;
        let at_line = |at: usize| {
            bytes[..at]
                .iter()
                .rev()
                .find(|b| !matches!(b, b' ' | b'-' | b'*' | b'>' | b'#' | b'/'))
                .is_none_or(|b| *b == b'\n')
        };
        if bytes[at] == b'<'
            || bytes.get(at + 1).is_some_and(|b| !matches!(b, b'[' | b']'))
                && near_line_start(bytes, at)
                && at_line(at)
        {
            return Some(at);
        }
        at += 1;
    }
}

fn near_line_start(bytes: &[u8], at: usize) -> bool {
    bytes[at.saturating_sub(8)..at].contains(&b'\n') || at < 8
}

fn veil(found: &mut Vec<Veil>, start: usize, end: usize, view: View) {
    if end > start {
        found.push(Veil {
            start,
            end,
            view,
            words: 1,
        });
    }
}

/// `<!-- … -->`; returns how far to go on. Up to `endless` no comment ends, as is known from those
/// before.
fn comment(rest: &[u8], offset: usize, endless: &mut usize, found: &mut Vec<Veil>) -> usize {
    let reach = rest.len().min(8 * LONGEST);
    // the mark that ends it may have begun there
    let known = endless.saturating_sub(offset + 2).clamp(4, reach);
    let inside = find(&rest[known..reach], b"-->").map(|at| known - 4 + at);
    if inside.is_none() {
        *endless = offset + reach;
    }
    let length = inside.unwrap_or_else(|| rest.len().min(LONGEST) - 4);
    veil(found, offset + 4, offset + 4 + length, View::Comment);
    4 + length
}

/// A tag: its attributes, and what is between it and its end if it is out of sight.
fn element(rest: &[u8], offset: usize, found: &mut Vec<Veil>) -> usize {
    let name = rest[1..]
        .iter()
        .take(32)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    if name == 0 {
        return 1;
    }
    let end = match tag_end(rest) {
        Ok(end) => end,
        Err(looked_at) => return looked_at,
    };
    let (name, inside) = (&rest[1..=name], &rest[1 + name..end]);
    if inside.len() > 8 {
        attributes(inside, offset + 1 + name.len(), found);
    }
    let view = if is_hidden(inside) {
        View::Hidden
    } else if is(name, &[b"desc", b"text", b"tspan", b"metadata"])
        && is_closed(&rest[end + 1..], name)
    {
        View::Drawing
    } else {
        return end + 1;
    };
    if is(name, &[b"input", b"img", b"meta", b"link", b"br", b"hr"]) || inside.ends_with(b"/") {
        return end + 1;
    }
    let length = element_length(&rest[end + 1..], name);
    veil(found, offset + end + 1, offset + end + 1 + length, view);
    // What lies inside a drawing or hidden element is looked at no closer.
    end + 1 + length
}

/// Where the tag at the beginning ends: at a `>` outside quotation marks. If it does not, how far
/// one had to look for that.
fn tag_end(rest: &[u8]) -> Result<usize, usize> {
    let mut quote = 0;
    for (at, &byte) in rest.iter().enumerate().take(LONGEST).skip(1) {
        match byte {
            b'"' | b'\'' if quote == 0 && rest[at - 1] == b'=' => quote = byte,
            _ if byte == quote && quote != 0 => quote = 0,
            b'>' if quote == 0 => return Ok(at),
            b'<' if quote == 0 => return Err(at),
            _ => {}
        }
    }
    Err(rest.len().min(LONGEST))
}

/// Whether the closing tag called `name` follows: generics and usage texts have none.
fn is_closed(rest: &[u8], name: &[u8]) -> bool {
    element_length(rest, name) < rest.len().min(LONGEST)
}

/// How far it is to the closing tag called `name`.
fn element_length(rest: &[u8], name: &[u8]) -> usize {
    let rest = &rest[..rest.len().min(LONGEST)];
    let mut at = 0;
    while let Some(next) = seek(&rest[at..], |b| b == b'<') {
        at += next;
        let Some(after) = rest[at..].strip_prefix(b"</") else {
            at += 1;
            continue;
        };
        if after.len() >= name.len() && after[..name.len()].eq_ignore_ascii_case(name) {
            return at;
        }
        at += 2;
    }
    rest.len()
}

/// Whether attributes take their element out of sight.
fn is_hidden(inside: &[u8]) -> bool {
    let attribute = inside
        .split(u8::is_ascii_whitespace)
        .any(|word| word.eq_ignore_ascii_case(b"hidden"));
    if attribute || !inside.contains(&b'=') {
        return attribute;
    }
    let plain: Vec<u8> = inside
        .iter()
        .filter(|b| !b.is_ascii_whitespace())
        .map(u8::to_ascii_lowercase)
        .collect();
    let has = |words: &[&[u8]]| words.iter().any(|word| find(&plain, word).is_some());
    find(&plain, b"style=").is_some()
        && has(&[
            b"display:none",
            b"visibility:hidden",
            b"font-size:0",
            b"font-size:1px",
            b"opacity:0;",
            b"opacity:0\"",
            b"opacity:0'",
            b"opacity:0.0",
            b"color:transparent",
            b"color:white",
            b"color:#fff",
            b"color:rgb(255,255,255)",
            b"color:rgba(0,0,0,0)",
            b"left:-9",
            b"top:-9",
            b"text-indent:-9",
            b"clip:rect(0",
            b"clip-path:inset(100%)",
            b"width:0",
            b"height:0",
            b"transform:scale(0)",
            b"mso-hide:all",
            b"line-height:0",
        ])
}

/// Values of attributes that hold text nobody reads on the page.
fn attributes(inside: &[u8], offset: usize, found: &mut Vec<Veil>) {
    let mut at = 0;
    while let Some(equals) = inside[at..].iter().position(|b| *b == b'=') {
        let equals = at + equals;
        let name = inside[..equals]
            .iter()
            .rev()
            .take(24)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':'))
            .count();
        let name = &inside[equals - name..equals];
        at = equals + 1;
        let Some(&quote @ (b'"' | b'\'')) = inside.get(at) else {
            continue;
        };
        let length = inside[at + 1..]
            .iter()
            .position(|b| *b == quote)
            .unwrap_or(inside.len() - at - 1);
        let silent = is(
            name,
            &[
                b"alt",
                b"title",
                b"content",
                b"aria-label",
                b"aria-description",
                b"summary",
                b"placeholder",
                b"label",
                b"value",
                b"abbr",
            ],
        ) || name
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case(b"data-"));
        if silent && length >= 12 {
            veil(
                found,
                offset + at + 1,
                offset + at + 1 + length,
                View::Attribute,
            );
        }
        at += 1 + length;
        if at >= inside.len() {
            break;
        }
    }
}

/// `[name]: address "title"`, and `[//]: # (remark)`.
fn definition(rest: &[u8], offset: usize, found: &mut Vec<Veil>) -> usize {
    let head = &rest[..rest.len().min(80)];
    let Some(close) = head
        .iter()
        .position(|b| matches!(b, b']' | b'\n'))
        .filter(|&at| head.get(at..at + 2) == Some(b"]:".as_slice()))
    else {
        return 1;
    };
    let line = rest[close..]
        .iter()
        .take(LONGEST)
        .position(|b| *b == b'\n')
        .map_or(rest.len().min(close + LONGEST), |end| close + end);
    let inside = &rest[close + 2..line];
    let Some(open) = inside.iter().position(|b| matches!(b, b'"' | b'(' | b'\'')) else {
        return line;
    };
    let before = inside[..open].trim_ascii();
    let remark = matches!(before, b"#" | b"<>" | b"#!");
    let view = if remark {
        View::Comment
    } else {
        View::LinkTitle
    };
    if remark || inside[..open].ends_with(b" ") {
        veil(found, offset + close + 2 + open + 1, offset + line, view);
    }
    line
}

fn is(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::veils;
    use crate::injection::view::View;

    fn seen(text: &str) -> Vec<(View, &str)> {
        veils(text)
            .into_iter()
            .map(|veil| (veil.view, &text[veil.start..veil.end]))
            .collect()
    }

    #[test]
    fn comments_are_out_of_sight() {
        assert_eq!(seen("a <!-- b --> c"), [(View::Comment, " b ")]);
        assert_eq!(
            seen("x\n[//]: # (a remark)\ny"),
            [(View::Comment, "a remark)")]
        );
    }

    #[test]
    fn elements_are_hidden_by_style_or_attribute() {
        assert_eq!(seen("<p hidden>b</p>c"), [(View::Hidden, "b")]);
        assert_eq!(
            seen("<p style=\"display: none\">b</p>c"),
            [(View::Hidden, "b")]
        );
        assert_eq!(seen("<p style=\"color: red\">b</p>"), []);
    }

    #[test]
    fn attributes_and_drawings_carry_text() {
        assert_eq!(
            seen("<img src=x alt=\"a long description\">"),
            [(View::Attribute, "a long description")]
        );
        assert_eq!(seen("<svg><desc>d</desc></svg>"), [(View::Drawing, "d")]);
    }

    #[test]
    fn titles_of_link_definitions_are_not_shown() {
        assert_eq!(
            seen("\n[a]: https://x.example \"the title\"\n"),
            [(View::LinkTitle, "the title\"")]
        );
        assert_eq!(seen("\n[a]: https://x.example\n"), []);
    }
}
