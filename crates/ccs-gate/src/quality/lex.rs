//! A text as tokens: enough of each language to tell code, strings and comments apart.
//!
//! Nothing here fails: what cannot be made sense of is punctuation. Time is linear.

use super::language::Language;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// One byte.
    Punct,
    /// A string or character; `dynamic` if code stands in it.
    Text {
        dynamic: bool,
    },
    /// A regular expression between slashes.
    Regex,
    Comment,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many bytes at both ends are no content: quotes.
    pub(super) open: u8,
    pub(super) close: u8,
}

/// What stands in a string that is code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// `$name` and `${…}`; with `$(…)` in a shell.
    Dollar,
    /// `${…}` only.
    DollarBrace,
    /// `#{…}`
    HashBrace,
    /// `\(…)`
    Backslash,
    /// `{…}`
    Brace,
}

/// A way to write a string.
#[derive(Clone, Copy)]
struct Quote {
    mark: &'static str,
    /// A backslash takes away the meaning of the next character.
    escapes: bool,
    /// It may hold line breaks.
    lines: bool,
    holds: Holds,
}

const fn quote(mark: &'static str, escapes: bool, lines: bool, holds: Holds) -> Quote {
    Quote {
        mark,
        escapes,
        lines,
        holds,
    }
}

use Holds::{Backslash, Brace, Dollar, DollarBrace, HashBrace, Nothing};

/// Longer marks first.
fn quotes(language: Language) -> &'static [Quote] {
    const PLAIN: Quote = quote("\"", true, false, Nothing);
    const SINGLE: Quote = quote("'", true, false, Nothing);
    const TRIPLE: Quote = quote("\"\"\"", true, true, Nothing);
    match language {
        Language::Rust => const { &[quote("\"", true, true, Nothing)] },
        Language::Python => const { &[TRIPLE, quote("'''", true, true, Nothing), PLAIN, SINGLE] },
        Language::JavaScript => const { &[PLAIN, SINGLE, quote("`", true, true, DollarBrace)] },
        Language::Go => const { &[PLAIN, SINGLE, quote("`", false, true, Nothing)] },
        Language::Java | Language::CSharp => const { &[TRIPLE, PLAIN, SINGLE] },
        Language::Ruby => {
            const {
                &[
                    quote("\"", true, true, HashBrace),
                    quote("'", true, true, Nothing),
                    quote("`", true, true, HashBrace),
                ]
            }
        }
        Language::Php => {
            const {
                &[
                    quote("\"", true, true, Dollar),
                    quote("'", true, true, Nothing),
                ]
            }
        }
        Language::Shell => {
            const {
                &[
                    quote("\"", true, true, Dollar),
                    quote("'", false, true, Nothing),
                ]
            }
        }
        Language::C => const { &[PLAIN, SINGLE] },
        Language::Kotlin => {
            const {
                &[
                    quote("\"\"\"", false, true, Dollar),
                    quote("\"", true, false, Dollar),
                    SINGLE,
                ]
            }
        }
        Language::Swift => {
            const {
                &[
                    quote("\"\"\"", true, true, Backslash),
                    quote("\"", true, false, Backslash),
                ]
            }
        }
        Language::Other => &[],
    }
}

/// The tokens of a text, comments included.
pub(super) fn lex(text: &str, language: Language) -> Vec<Token> {
    let mut lexer = Lexer {
        text: text.as_bytes(),
        language,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 5),
        heredoc: None,
    };
    if language == Language::Php && text.contains("<?") {
        lexer.skip_page();
    }
    while lexer.at < lexer.text.len() {
        lexer.token();
    }
    lexer.tokens
}

/// A here document that begins on the next line.
struct Heredoc {
    end: Vec<u8>,
    dynamic: bool,
}

struct Lexer<'t> {
    text: &'t [u8],
    language: Language,
    at: usize,
    tokens: Vec<Token>,
    heredoc: Option<Heredoc>,
}

impl Lexer<'_> {
    fn token(&mut self) {
        let byte = self.text[self.at];
        if byte == b'\n' && self.heredoc.is_some() {
            self.at += 1;
            self.heredoc_text();
        } else if byte.is_ascii_whitespace() {
            self.at += 1;
        } else if let Some(end) = self.comment() {
            self.push(Kind::Comment, end, 0, 0);
        } else if self.language == Language::Php && self.text[self.at..].starts_with(b"?>") {
            self.skip_page();
        } else if self.text_token() || self.regex() {
        } else if is_word(byte) {
            self.word();
        } else {
            self.heredoc_mark();
            self.push(Kind::Punct, self.at + 1, 0, 0);
        }
    }

    fn push(&mut self, kind: Kind, end: usize, open: usize, close: usize) {
        let end = end.min(self.text.len());
        self.tokens.push(Token {
            kind,
            start: self.at,
            end,
            open: open as u8,
            close: close as u8,
        });
        self.at = end;
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = &self.text[from.min(self.text.len())..];
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |end| from + end)
    }

    fn find(&self, needle: &[u8], from: usize) -> Option<usize> {
        let from = from.min(self.text.len());
        memchr::memmem::find(&self.text[from..], needle).map(|at| from + at)
    }

    /// Up to the next `<?`: what stands outside is text of a page.
    fn skip_page(&mut self) {
        self.at = match self.find(b"<?", self.at) {
            Some(at) if self.text[at..].starts_with(b"<?php") => at + 5,
            Some(at) => at + 2,
            None => self.text.len(),
        };
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).map(|at| self.text[at])
    }

    /// The end of the comment that begins here.
    fn comment(&self) -> Option<usize> {
        let rest = self.rest();
        let is_hash = rest[0] == b'#';
        match self.language {
            Language::Python | Language::Ruby if is_hash => Some(self.line_end(self.at)),
            Language::Ruby if rest.starts_with(b"=begin") && self.before() != Some(b' ') => {
                let end = self.find(b"\n=end", self.at);
                Some(end.map_or(self.text.len(), |end| end + 5))
            }
            Language::Shell if is_hash => {
                let free = self
                    .before()
                    .is_none_or(|byte| b" \t\n;(&|".contains(&byte));
                free.then(|| self.line_end(self.at))
            }
            Language::Php if is_hash && !rest.starts_with(b"#[") => Some(self.line_end(self.at)),
            Language::Python | Language::Ruby | Language::Shell | Language::Other => None,
            _ if rest.starts_with(b"//") => Some(self.line_end(self.at)),
            _ if rest.starts_with(b"/*") => Some(self.block_end()),
            _ => None,
        }
    }

    fn block_end(&self) -> usize {
        let nests = matches!(
            self.language,
            Language::Rust | Language::Swift | Language::Kotlin
        );
        let (mut at, mut depth) = (self.at + 2, 1);
        while at + 1 < self.text.len() {
            match &self.text[at..at + 2] {
                b"*/" => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return at;
                    }
                }
                b"/*" if nests => {
                    depth += 1;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        self.text.len()
    }

    /// A string or character, if one begins here.
    fn text_token(&mut self) -> bool {
        let rest = self.rest();
        if self.language == Language::Rust && rest[0] == b'\'' {
            return self.rust_character();
        }
        if self.language == Language::Swift && rest.starts_with(b"#\"") {
            let end = self.find(b"\"#", self.at + 2);
            let end = end.map_or(self.text.len(), |end| end + 2);
            self.push(Kind::Text { dynamic: false }, end, 2, 2);
            return true;
        }
        if self.language == Language::CSharp && matches!(rest[0], b'$' | b'@') {
            return self.marked_text();
        }
        let known = quotes(self.language).iter();
        let Some(quote) = known.copied().find(|q| rest.starts_with(q.mark.as_bytes())) else {
            return false;
        };
        self.quoted(quote, 0)
    }

    /// A string with a mark of this kind, `prefix` bytes behind this place.
    fn quoted(&mut self, quote: Quote, prefix: usize) -> bool {
        let length = quote.mark.len();
        match self.text_end(quote, self.at + prefix + length) {
            Some((end, dynamic)) => {
                self.push(Kind::Text { dynamic }, end, prefix + length, length);
                true
            }
            None => false,
        }
    }

    /// Where a string ends whose content begins at `at`, and whether code stands in it. `None` if
    /// it would go on behind the line and must not.
    fn text_end(&self, quote: Quote, mut at: usize) -> Option<(usize, bool)> {
        let (mark, mut dynamic) = (quote.mark.as_bytes(), false);
        while at < self.text.len() {
            let rest = &self.text[at..];
            if rest.starts_with(mark) {
                return Some((at + mark.len(), dynamic));
            }
            if quote.holds == Brace && rest.starts_with(b"{{") {
                at += 2; // a brace, and no code
            } else if let Some((open, close)) = hole(quote.holds, rest, self.language) {
                dynamic = true;
                at = self.hole_end(at + open, close);
            } else if rest[0] == b'\\' && quote.escapes {
                at += 2;
            } else if rest[0] == b'\n' && !quote.lines {
                return None;
            } else {
                at += 1;
            }
        }
        quote.lines.then_some((self.text.len(), dynamic))
    }

    /// Behind the code in a string; `close` is what ends it, `None` if it is a name.
    fn hole_end(&self, mut at: usize, close: Option<u8>) -> usize {
        let Some(close) = close else { return at };
        let open = if close == b'}' { b'{' } else { b'(' };
        let mut depth = 1;
        while at < self.text.len() {
            let rest = &self.text[at..];
            if rest[0] == close {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            } else if rest[0] == open {
                depth += 1;
            } else if matches!(rest[0], b'"' | b'\'' | b'`') {
                let end = self.nested_end(at, rest[0]);
                at = end;
                continue;
            }
            at += 1;
        }
        at
    }

    /// Behind a string within code within a string; behind the quote if it has no other.
    fn nested_end(&self, at: usize, mark: u8) -> usize {
        let line = &self.text[at + 1..self.line_end(at)];
        let mut skip = false;
        for (offset, &byte) in line.iter().enumerate() {
            match byte {
                _ if skip => skip = false,
                b'\\' => skip = true,
                _ if byte == mark => return at + offset + 2,
                _ => {}
            }
        }
        at + 1
    }

    /// `'x'`, and not the name of a lifetime.
    fn rust_character(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let length = match rest.first() {
            Some(b'\\') => {
                let end = rest[2.min(rest.len())..]
                    .iter()
                    .take(12)
                    .position(|&b| b == b'\'');
                end.map(|end| end + 2)
            }
            Some(&first) => {
                let width = match first {
                    0xf0.. => 4,
                    0xe0.. => 3,
                    0xc0.. => 2,
                    _ => 1,
                };
                (rest.get(width) == Some(&b'\'')).then_some(width)
            }
            None => None,
        };
        let Some(length) = length else { return false };
        self.push(Kind::Text { dynamic: false }, self.at + length + 2, 1, 1);
        true
    }

    /// C#: `$"…{x}…"` and `@"…""…"`.
    fn marked_text(&mut self) -> bool {
        let marks = self
            .rest()
            .iter()
            .take(3)
            .take_while(|b| matches!(b, b'$' | b'@'))
            .count();
        let prefix = self.rest()[..marks].to_vec();
        let rest = &self.rest()[marks..];
        if !rest.starts_with(b"\"") {
            return false;
        }
        let verbatim = prefix.contains(&b'@');
        let triple = rest.starts_with(b"\"\"\"");
        let holds = if prefix.contains(&b'$') {
            Brace
        } else {
            Nothing
        };
        let mark = if triple { "\"\"\"" } else { "\"" };
        self.quoted(
            quote(mark, !verbatim && !triple, verbatim || triple, holds),
            marks,
        )
    }

    /// A regular expression between slashes, if one begins here.
    fn regex(&mut self) -> bool {
        let can = matches!(self.language, Language::JavaScript | Language::Ruby);
        if !can || self.rest()[0] != b'/' || !self.expects_value() {
            return false;
        }
        let (mut at, mut class) = (self.at + 1, false);
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'\n' => return false,
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => break,
                _ => {}
            }
            at += 1;
        }
        if at >= self.text.len() || at == self.at + 1 {
            return false;
        }
        let flags = self.text[at + 1..]
            .iter()
            .take_while(|b| b.is_ascii_lowercase())
            .count();
        self.push(Kind::Regex, at + 1 + flags, 1, 1 + flags);
        true
    }

    /// Whether a value, and no operator, can follow what was read.
    fn expects_value(&self) -> bool {
        let Some(last) = self
            .tokens
            .iter()
            .rfind(|token| token.kind != Kind::Comment)
        else {
            return true;
        };
        let text = &self.text[last.start..last.end];
        match last.kind {
            Kind::Punct => b"(,=:[!&|?{};+-*%~^".contains(&text[0]),
            Kind::Word => matches!(
                text,
                b"return"
                    | b"typeof"
                    | b"case"
                    | b"in"
                    | b"of"
                    | b"if"
                    | b"unless"
                    | b"when"
                    | b"and"
                    | b"or"
                    | b"not"
                    | b"match"
            ),
            _ => false,
        }
    }

    fn word(&mut self) {
        let rest = self.rest();
        if rest[0].is_ascii_digit() {
            return self.number();
        }
        let length = rest.iter().take_while(|&&byte| is_word(byte)).count();
        if !self.prefixed(length) {
            self.push(Kind::Word, self.at + length, 0, 0);
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let mut length = 0;
        while let Some(&byte) = rest.get(length) {
            let point = byte == b'.' && rest.get(length + 1).is_some_and(u8::is_ascii_digit);
            if !(is_word(byte) || point) {
                break;
            }
            length += 1;
        }
        self.push(Kind::Number, self.at + length, 0, 0);
    }

    /// A string behind a word that belongs to it, such as `f"…"` or `r#"…"#`.
    fn prefixed(&mut self, length: usize) -> bool {
        let (word, rest) = self.rest().split_at(length);
        match self.language {
            Language::Python if length <= 2 => {
                if !word.iter().all(|byte| b"rbfuRBFUtT".contains(byte)) {
                    return false;
                }
                let dynamic = word.iter().any(|byte| b"fFtT".contains(byte));
                let known = quotes(Language::Python).iter();
                let found = known.copied().find(|q| rest.starts_with(q.mark.as_bytes()));
                found.is_some_and(|mut quote| {
                    if dynamic {
                        quote.holds = Brace;
                    }
                    self.quoted(quote, length)
                })
            }
            Language::Rust if matches!(word, b"r" | b"br" | b"cr") => self.raw(length),
            Language::Rust if matches!(word, b"b" | b"c") && rest.starts_with(b"\"") => {
                self.quoted(quotes(Language::Rust)[0], length)
            }
            Language::C if word.ends_with(b"R") && rest.starts_with(b"\"") => {
                let open = rest.iter().take(20).position(|&byte| byte == b'(');
                let Some(open) = open else { return false };
                let end = [&b")"[..], &rest[1..open], &b"\""[..]].concat();
                let from = self.at + length + open + 1;
                let stop = self
                    .find(&end, from)
                    .map_or(self.text.len(), |at| at + end.len());
                self.push(
                    Kind::Text { dynamic: false },
                    stop,
                    length + open + 1,
                    end.len(),
                );
                true
            }
            _ => false,
        }
    }

    /// `r"…"`, `r#"…"#`.
    fn raw(&mut self, length: usize) -> bool {
        let rest = &self.rest()[length..];
        let hashes = rest.iter().take_while(|&&byte| byte == b'#').count();
        if rest.get(hashes) != Some(&b'"') {
            return false;
        }
        let end = [&b"\""[..], vec![b'#'; hashes].as_slice()].concat();
        let from = self.at + length + hashes + 1;
        let stop = self
            .find(&end, from)
            .map_or(self.text.len(), |at| at + end.len());
        self.push(
            Kind::Text { dynamic: false },
            stop,
            length + hashes + 1,
            hashes + 1,
        );
        true
    }

    /// Notes that a here document was announced here.
    fn heredoc_mark(&mut self) {
        let rest = self.rest();
        let marked = match self.language {
            Language::Shell => rest.starts_with(b"<<") && !rest.starts_with(b"<<<"),
            Language::Ruby => rest.starts_with(b"<<~") || rest.starts_with(b"<<-"),
            Language::Php => rest.starts_with(b"<<<"),
            _ => false,
        };
        let again = self.before() == Some(b'<');
        if !marked || again || self.heredoc.is_some() {
            return;
        }
        let skipped = rest
            .iter()
            .take_while(|byte| b"<~- ".contains(byte))
            .count();
        let rest = &rest[skipped..];
        let quoted = rest.first().is_some_and(|byte| b"'\"\\".contains(byte));
        let single = rest.first().is_some_and(|byte| b"'\\".contains(byte));
        let name = &rest[usize::from(quoted)..];
        let length = name.iter().take_while(|&&byte| is_word(byte)).count();
        if length > 0 && !name[0].is_ascii_digit() {
            self.heredoc = Some(Heredoc {
                end: name[..length].to_vec(),
                dynamic: !(single || quoted && self.language == Language::Shell),
            });
        }
    }

    fn heredoc_text(&mut self) {
        let Some(heredoc) = self.heredoc.take() else {
            return;
        };
        let mut at = self.at;
        while at < self.text.len() {
            let end = self.line_end(at);
            let line = self.text[at..end].trim_ascii();
            let line = line.strip_suffix(b";").unwrap_or(line);
            if line == heredoc.end {
                break;
            }
            at = (end + 1).min(self.text.len());
        }
        let content = &self.text[self.at..at];
        let hole: &[u8] = if self.language == Language::Ruby {
            b"#{"
        } else {
            b"$"
        };
        let dynamic = heredoc.dynamic && memchr::memmem::find(content, hole).is_some();
        self.push(Kind::Text { dynamic }, at, 0, 0);
        if self.at < self.text.len() {
            self.at = self.line_end(self.at);
        }
    }
}

/// The code that begins here within a string: the length of what opens it and what closes it.
fn hole(holds: Holds, rest: &[u8], language: Language) -> Option<(usize, Option<u8>)> {
    let brace = Some((2, Some(b'}')));
    match holds {
        Nothing => None,
        Dollar if rest.starts_with(b"${") || rest.starts_with(b"{$") => brace,
        Dollar if language == Language::Shell && rest.starts_with(b"$(") => Some((2, Some(b')'))),
        Dollar => {
            let next = rest.get(1).copied().unwrap_or_default();
            let named = next.is_ascii_alphabetic() || next == b'_';
            let shell =
                language == Language::Shell && (next.is_ascii_digit() || b"@*".contains(&next));
            (rest[0] == b'$' && (named || shell)).then_some((2, None))
        }
        DollarBrace => rest.starts_with(b"${").then_some(brace?),
        HashBrace => rest.starts_with(b"#{").then_some(brace?),
        Backslash => rest.starts_with(b"\\(").then_some((2, Some(b')'))),
        Brace => {
            let opens = rest[0] == b'{' && rest.get(1).is_some_and(|&byte| byte != b'{');
            opens.then_some((1, Some(b'}')))
        }
    }
}

/// Whether a byte can stand in a name. Letters beyond ASCII can.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
