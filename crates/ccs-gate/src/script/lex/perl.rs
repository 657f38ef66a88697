//! What only Perl writes: sigils, quote operators, here-documents, `<FH>` and POD.

use super::literal::Tag;
use super::quote::{Embed, Escape, Style, scan};
use super::{Kind, Lexer, Piece};

impl<'s> Lexer<'s> {
    pub(super) fn perl(&mut self, c: char) -> bool {
        match c {
            '$' => self.perl_scalar(),
            '@' => self.sigil_name(),
            '%' if !self.after_operand() => self.sigil_name(),
            '<' if !self.after_operand() => self.perl_heredoc() || self.file_handle(),
            '=' if self.at == self.line && self.byte(1).is_ascii_alphabetic() => self.pod(),
            '_' if self.rest().starts_with("__END__") || self.rest().starts_with("__DATA__") => {
                self.at = self.text.len();
                true
            }
            'm' | 'q' | 's' | 't' | 'y' => self.perl_quote(),
            _ => false,
        }
    }

    /// `@name`, `%name`.
    fn sigil_name(&mut self) -> bool {
        let name = &self.rest()[1..];
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return false;
        }
        let len = 1 + self.dialect.name_len(name);
        let word = &self.rest()[..len];
        self.take(len, Kind::Word(word))
    }

    /// `$name`, `$1`, `$_`, `$!`, `$#name`.
    fn perl_scalar(&mut self) -> bool {
        let rest = self.rest();
        let name = &rest[1..];
        let len = match name.chars().next() {
            Some(c) if c.is_alphabetic() || c == '_' => self.dialect.name_len(name),
            Some(c) if c.is_ascii_digit() => name.bytes().take_while(u8::is_ascii_digit).count(),
            Some('$' | '{') | None => return false,
            Some('#') => 1 + self.dialect.name_len(&name[1..]),
            Some(c) if c.is_ascii_punctuation() => 1,
            Some(_) => return false,
        };
        self.take(len + 1, Kind::Word(&rest[..=len]))
    }

    fn pod(&mut self) -> bool {
        self.at = match self.rest().find("\n=cut") {
            Some(end) => self.at + end + 5,
            None => self.text.len(),
        };
        self.skip_line();
        true
    }

    fn file_handle(&mut self) -> bool {
        let rest = self.rest();
        let name = |b: &u8| b.is_ascii_alphanumeric() || b"$_:".contains(b);
        let len = rest[1..].bytes().take_while(name).count();
        if self.byte(len + 1) != b'>' {
            return self.glob();
        }
        self.take(len + 2, Kind::Word(&rest[..len + 2]))
    }

    /// `<*.c>`: a pattern of file names.
    fn glob(&mut self) -> bool {
        let rest = &self.rest()[1..];
        let part = |b: &u8| b.is_ascii_alphanumeric() || b"$_:*?/.~{},-[]".contains(b);
        let len = rest.bytes().take(200).take_while(part).count();
        let ends = rest[len..].starts_with('>');
        ends && self.take(len + 2, Kind::Text(interpolated(&rest[..len], Embed::Perl)))
    }

    /// `<<"TAG"`, `<<'TAG'`, `<<TAG`, `<<~TAG`.
    fn perl_heredoc(&mut self) -> bool {
        let Some(rest) = self.rest().strip_prefix("<<") else {
            return false;
        };
        let (rest, indented) = match rest.strip_prefix('~') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let Some(Tag { quote, name, past }) = self.tag(rest, &['"', '\'', '`']) else {
            return false;
        };
        let start = self.at;
        self.at = past;
        let text = self.heredoc(name, indented);
        self.push_heredoc(start, quote, text, Embed::Perl)
    }

    /// `q`, `qq`, `qw`, `qx`, `qr`, `m`, `s`, `tr`, `y` with their delimiters.
    fn perl_quote(&mut self) -> bool {
        let rest = self.rest();
        let len = self.dialect.name_len(rest);
        let operator = &rest[..len];
        if !matches!(
            operator,
            "q" | "qq" | "qw" | "qx" | "qr" | "m" | "s" | "tr" | "y"
        ) {
            return false;
        }
        let member = matches!(
            self.tokens.last().map(|t| &t.kind),
            Some(Kind::Op("->" | "::"))
        );
        let gap = rest[len..].len() - rest[len..].trim_start().len();
        let Some(open) = rest[len + gap..].chars().next() else {
            return false;
        };
        let no_delimiter = matches!(open, ',' | ';' | ')' | '}' | ']')
            || open.is_alphanumeric()
            || open == '='
            || (gap > 0 && (open == '#' || open == '-'));
        if member || no_delimiter {
            return false;
        }
        let start = self.at;
        let body = start + len + gap + open.len_utf8();
        let kind = self.perl_delimited(operator, open, body);
        self.push(start, kind);
        true
    }

    /// Reads what the quote operator encloses and moves past it.
    fn perl_delimited(&mut self, operator: &str, open: char, body: usize) -> Kind<'s> {
        let embed = if open == '\'' {
            Embed::None
        } else {
            Embed::Perl
        };
        let (first, end) = self.delimited(open, body);
        match operator {
            "q" => Kind::Text(self.pieces(open, body, Escape::Quote, Embed::None)),
            "qq" => Kind::Text(self.pieces(open, body, Escape::Full, embed)),
            "qx" => Kind::Shell(self.pieces(open, body, Escape::Full, embed)),
            "qw" => {
                self.at = end;
                Kind::Words(first)
            }
            "m" | "qr" => {
                self.at = end;
                self.flags();
                Kind::Pattern(first)
            }
            _ => self.rewrite(operator, open, first, end),
        }
    }

    /// The second half of `s` and `tr`.
    fn rewrite(&mut self, operator: &str, open: char, find: &'s str, end: usize) -> Kind<'s> {
        let mut second = end;
        if closer(open) != open {
            let rest = &self.text[end..];
            let gap = rest.len() - rest.trim_start().len();
            second = (end + gap + 1).min(self.text.len());
        }
        let second = (second..=self.text.len())
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(self.text.len());
        let (put, past) = self.delimited(open, second);
        self.at = past;
        let flags = self.flags();
        Kind::Rewrite {
            find,
            put,
            flags,
            table: operator != "s",
        }
    }

    fn flags(&mut self) -> &'s str {
        let rest = self.rest();
        let len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        self.at += len;
        &rest[..len]
    }

    /// The raw text up to the closing delimiter, and where the source goes on.
    pub(super) fn delimited(&self, open: char, body: usize) -> (&'s str, usize) {
        let close = closer(open);
        let mut depth = 0_usize;
        let mut escaped = false;
        for (at, c) in self.text[body..].char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == close && depth == 0 {
                return (&self.text[body..body + at], body + at + c.len_utf8());
            } else if c == close {
                depth -= 1;
            } else if c == open && close != open {
                depth += 1;
            }
        }
        (&self.text[body..], self.text.len())
    }

    /// The pieces up to the closing delimiter; moves past it.
    pub(super) fn pieces(
        &mut self,
        open: char,
        body: usize,
        escape: Escape,
        embed: Embed,
    ) -> Vec<Piece<'s>> {
        let mut buffer = [0; 4];
        let close = closer(open);
        let style = Style {
            close: close.encode_utf8(&mut buffer),
            open: (close != open).then_some(open),
            escape,
            embed,
            lines: true,
        };
        let (pieces, end) = scan(self.text, body, &style);
        self.at = end;
        pieces
    }
}

/// The delimiter that closes what `open` opened.
fn closer(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        other => other,
    }
}

/// A whole text with escapes and embedded code.
pub(super) fn interpolated(text: &str, embed: Embed) -> Vec<Piece<'_>> {
    let style = Style {
        close: "\u{10ffff}",
        open: None,
        escape: Escape::Full,
        embed,
        lines: true,
    };
    scan(text, 0, &style).0
}
