//! The insides of strings: escapes, embedded code and the end.

/// A part of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::script) enum Piece<'s> {
    Known(String),
    /// Source of an expression whose value stands here.
    Code(&'s str),
}

/// What a backslash does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::script) enum Escape {
    /// Nothing.
    Raw,
    /// Keeps a quote from closing and stays in the text.
    Kept,
    /// Escapes the quote and itself.
    Quote,
    /// Everything C has and more.
    Full,
    /// The same, but numbers are decimal.
    Decimal,
}

/// How code gets into a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::script) enum Embed {
    None,
    /// `${code}`
    DollarBrace,
    /// `#{code}`
    HashBrace,
    /// `{code}`, doubled for the brace itself
    Format,
    /// `$x`, `$x{k}`, `${x}`, `@{[code]}`
    Perl,
    /// `$x`, `$x[k]`, `{$x…}`, `${x}`
    Php,
    /// `${code}`, `$x.y`
    Groovy,
}

/// How a string reads.
#[derive(Debug, Clone, Copy)]
pub(in crate::script) struct Style<'a> {
    pub(in crate::script) close: &'a str,
    /// The bracket that nests, if the closing one is a bracket.
    pub(in crate::script) open: Option<char>,
    pub(in crate::script) escape: Escape,
    pub(in crate::script) embed: Embed,
    /// Whether it may go on after the end of the line.
    pub(in crate::script) lines: bool,
}

/// Collects pieces, joining neighbours of known text.
#[derive(Default)]
struct Pieces<'s> {
    list: Vec<Piece<'s>>,
    known: String,
}

impl<'s> Pieces<'s> {
    fn code(&mut self, code: &'s str) {
        self.flush();
        self.list.push(Piece::Code(code));
    }

    fn flush(&mut self) {
        if !self.known.is_empty() {
            self.list
                .push(Piece::Known(std::mem::take(&mut self.known)));
        }
    }

    fn finish(mut self) -> Vec<Piece<'s>> {
        self.flush();
        self.list
    }
}

/// The pieces of the string whose body starts at `from`, and where the source goes on.
pub(in crate::script) fn scan<'s>(
    text: &'s str,
    from: usize,
    style: &Style<'_>,
) -> (Vec<Piece<'s>>, usize) {
    let mut pieces = Pieces::default();
    let mut at = from;
    let mut nested = 0_usize;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with(style.close) {
            if nested == 0 {
                return (pieces.finish(), at + style.close.len());
            }
            nested -= 1;
        } else if c == '\n' && !style.lines {
            return (pieces.finish(), at);
        } else if c == '\\' && style.escape != Escape::Raw {
            at += escape(rest, style, &mut pieces.known);
            continue;
        } else if let Some((code, len)) = embedded(rest, style.embed) {
            pieces.code(code);
            at += len;
            continue;
        } else if let Some(len) = doubled_brace(rest, style.embed) {
            pieces.known.push(c);
            at += len;
            continue;
        } else if style.open == Some(c) {
            nested += 1;
        }
        pieces.known.push(c);
        at += c.len_utf8();
    }
    (pieces.finish(), at)
}

fn doubled_brace(rest: &str, embed: Embed) -> Option<usize> {
    let doubled = rest.starts_with("{{") || rest.starts_with("}}");
    (embed == Embed::Format && doubled).then_some(2)
}

/// Reads the escape `rest` starts with; its length.
fn escape(rest: &str, style: &Style<'_>, out: &mut String) -> usize {
    let Some(c) = rest[1..].chars().next() else {
        out.push('\\');
        return 1;
    };
    match style.escape {
        Escape::Decimal if c.is_ascii_digit() => 1 + code_point(&rest[1..], 3, 10, out),
        Escape::Full | Escape::Decimal => unescape(rest, out),
        Escape::Quote if style.close.starts_with(c) || c == '\\' || style.open == Some(c) => {
            out.push(c);
            1 + c.len_utf8()
        }
        Escape::Quote | Escape::Kept | Escape::Raw => {
            out.push('\\');
            out.push(c);
            1 + c.len_utf8()
        }
    }
}

/// Appends what the backslash sequence at the start of `rest` means; its length.
pub(in crate::script) fn unescape(rest: &str, out: &mut String) -> usize {
    let Some(c) = rest[1..].chars().next() else {
        out.push('\\');
        return 1;
    };
    let simple = match c {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'a' => Some('\x07'),
        'b' => Some('\x08'),
        'e' => Some('\x1b'),
        'f' => Some('\x0c'),
        'v' => Some('\x0b'),
        _ => None,
    };
    if let Some(simple) = simple {
        out.push(simple);
        return 2;
    }
    match c {
        '\n' => 2,
        'x' => 2 + code_point(&rest[2..], 2, 16, out),
        'u' => 2 + code_point(&rest[2..], 4, 16, out),
        'U' => 2 + code_point(&rest[2..], 8, 16, out),
        '0'..='7' => 1 + code_point(&rest[1..], 3, 8, out),
        _ => {
            out.push(c);
            1 + c.len_utf8()
        }
    }
}

/// Appends the character whose number `text` starts with, in braces or of at most `most` digits;
/// its length.
fn code_point(text: &str, most: usize, radix: u32, out: &mut String) -> usize {
    let (body, around) = match text.strip_prefix('{') {
        Some(body) => (body, 2),
        None => (text, 0),
    };
    let most = if around > 0 { 8 } else { most };
    let len = body
        .chars()
        .take(most)
        .take_while(|c| c.is_digit(radix))
        .count();
    let number = u32::from_str_radix(&body[..len], radix).ok();
    if let Some(c) = number.and_then(char::from_u32) {
        out.push(c);
    }
    let closed = around == 0 || body[len..].starts_with('}');
    if closed { len + around } else { len + 1 }
}

/// The expression that `rest` embeds in a string, and the length of all that stands for it.
fn embedded(rest: &str, embed: Embed) -> Option<(&str, usize)> {
    let inner = |skip: usize, close: char| {
        let body = &rest[skip..];
        let len = balanced(body, close);
        (&body[..len], (skip + len + 1).min(rest.len()))
    };
    match embed {
        Embed::None => None,
        Embed::DollarBrace => rest.starts_with("${").then(|| inner(2, '}')),
        Embed::HashBrace => rest.starts_with("#{").then(|| inner(2, '}')),
        Embed::Format => {
            let opens = rest.starts_with('{') && !rest.starts_with("{{");
            opens.then(|| {
                let (code, len) = inner(1, '}');
                (without_format(code), len)
            })
        }
        Embed::Groovy if rest.starts_with("${") => Some(inner(2, '}')),
        Embed::Groovy => variable(rest, &["."]),
        Embed::Php if rest.starts_with("{$") => Some(inner(1, '}')),
        Embed::Php if rest.starts_with("${") => Some(wrapped(rest)),
        Embed::Php => variable(rest, &["->", "["]),
        Embed::Perl if rest.starts_with("${") || rest.starts_with("@{") => Some(wrapped(rest)),
        Embed::Perl => variable(rest, &["->[", "->{", "[", "{"]),
    }
}

/// `${…}` or `@{…}` with its sigil and braces.
fn wrapped(rest: &str) -> (&str, usize) {
    let len = (3 + balanced(&rest[2..], '}')).min(rest.len());
    (&rest[..len], len)
}

/// A variable with the members and subscripts that may follow it in a string.
fn variable<'r>(rest: &'r str, follow: &[&str]) -> Option<(&'r str, usize)> {
    let perl = follow.len() > 2;
    let body = rest
        .strip_prefix('$')
        .or_else(|| rest.strip_prefix('@').filter(|_| perl))?;
    let mut len = 1 + name(body);
    if len == 1 {
        let special = body.starts_with(['0', '1', '2', '&', '$', '@', '!', '_']);
        return (special && perl && rest.starts_with('$')).then(|| (&rest[..2], 2));
    }
    while let Some(more) = follow.iter().find(|f| rest[len..].starts_with(**f)) {
        let past = len + more.len();
        let subscript = match more.as_bytes().last() {
            Some(b'[') => Some(']'),
            Some(b'{') => Some('}'),
            _ => None,
        };
        len = match subscript {
            Some(close) => (past + balanced(&rest[past..], close) + 1).min(rest.len()),
            None if name(&rest[past..]) == 0 => break,
            None => past + name(&rest[past..]),
        };
    }
    Some((&rest[..len], len))
}

/// The length of the name `text` starts with.
fn name(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len())
}

/// Where the bracket that is already open closes in `text`; its end if it does not. Quoted text
/// within is stepped over.
pub(in crate::script) fn balanced(text: &str, close: char) -> usize {
    let open = match close {
        '}' => b'{',
        ']' => b'[',
        _ => b'(',
    };
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'\\' => at += 1,
            b'"' | b'\'' | b'`' => at += closing_quote(&bytes[at + 1..], b),
            _ if b == open => depth += 1,
            _ if char::from(b) == close => {
                if depth == 0 {
                    return at;
                }
                depth -= 1;
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// How far the closing `quote` is; 0 if there is none and it was an apostrophe.
fn closing_quote(bytes: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'\\' => at += 1,
            _ if b == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The expression of an f-string field without its conversion and format.
fn without_format(code: &str) -> &str {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut last = ' ';
    for (at, c) in code.char_indices() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ':') if depth == 0 => return &code[..at],
            (None, '!') if depth == 0 && !code[at + 1..].starts_with('=') => return &code[..at],
            _ => {}
        }
        last = c;
    }
    if last == '=' {
        &code[..code.len() - 1]
    } else {
        code
    }
}

/// The length of the regular expression that opened before `text`; `None` if it does not close
/// on its line.
pub(super) fn pattern_len(text: &str) -> Option<usize> {
    let mut class = false;
    let mut escaped = false;
    for (at, b) in text.bytes().enumerate() {
        match b {
            b'\n' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => return Some(at),
            _ => {}
        }
    }
    None
}

/// The pieces of a whole text in double quotes, as Perl reads it.
pub(in crate::script) fn interpolated_perl(text: &str) -> Vec<Piece<'_>> {
    super::perl::interpolated(text, Embed::Perl)
}
