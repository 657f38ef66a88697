//! What only Ruby writes: percent literals, symbols, here-documents, `?x` and `=begin`.

use super::literal::Tag;
use super::quote::{Embed, Escape};
use super::{Kind, Lexer, Piece};

impl Lexer<'_> {
    pub(super) fn ruby(&mut self, c: char) -> bool {
        match c {
            '$' | '@' => self.ruby_variable(),
            '%' => self.percent_literal(),
            ':' => self.symbol(),
            '?' => self.character(),
            '<' => self.ruby_heredoc(),
            '=' if self.at == self.line && self.rest().starts_with("=begin") => {
                self.at = match self.rest().find("\n=end") {
                    Some(end) => self.at + end + 5,
                    None => self.text.len(),
                };
                self.skip_line();
                true
            }
            '_' if self.rest().starts_with("__END__") => {
                self.at = self.text.len();
                true
            }
            _ => false,
        }
    }

    fn ruby_variable(&mut self) -> bool {
        let rest = self.rest();
        let sigil = if rest.starts_with("@@") { 2 } else { 1 };
        let name = &rest[sigil..];
        let len = match name.chars().next() {
            Some(c) if c.is_alphabetic() || c == '_' => name
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(name.len()),
            Some(c) if c.is_ascii_graphic() && rest.starts_with('$') => 1,
            _ => return false,
        };
        self.take(sigil + len, Kind::Word(&rest[..sigil + len]))
    }

    /// Whether a literal can begin here although a value may stand before it.
    fn begins_argument(&self) -> bool {
        match self.tokens.last().map(|t| &t.kind) {
            Some(Kind::Word(word)) if !word.starts_with(['$', '@']) => {
                self.spaced && !matches!(self.byte(1), b' ' | b'=')
            }
            _ => !self.after_operand(),
        }
    }

    fn percent_literal(&mut self) -> bool {
        if !self.begins_argument() {
            return false;
        }
        let rest = &self.rest()[1..];
        let letter = rest.chars().next().filter(char::is_ascii_alphabetic);
        let Some(open) = rest[letter.map_or(0, |_| 1)..].chars().next() else {
            return false;
        };
        if open.is_alphanumeric() || open.is_whitespace() || (letter.is_none() && open == '=') {
            return false;
        }
        let start = self.at;
        let body = start + 1 + letter.map_or(0, |_| 1) + open.len_utf8();
        let kind = match letter {
            Some('q') => Kind::Text(self.pieces(open, body, Escape::Quote, Embed::None)),
            Some('x') => Kind::Shell(self.pieces(open, body, Escape::Full, Embed::HashBrace)),
            Some('w' | 'W' | 'i' | 'I') => {
                let (words, end) = self.delimited(open, body);
                self.at = end;
                Kind::Words(words)
            }
            Some('r') => {
                let (pattern, end) = self.delimited(open, body);
                self.at = end;
                Kind::Pattern(pattern)
            }
            Some('Q' | 's') | None => {
                Kind::Text(self.pieces(open, body, Escape::Full, Embed::HashBrace))
            }
            Some(_) => return false,
        };
        self.push(start, kind);
        true
    }

    /// `:name` and `:"name"`, but not `::`, `a ? b : c` or `key: value`.
    fn symbol(&mut self) -> bool {
        let rest = &self.rest()[1..];
        if rest.starts_with('"') || rest.starts_with('\'') {
            return !self.after_operand() && {
                self.at += 1;
                self.quoted(0, "")
            };
        }
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return false;
        }
        let len = self.dialect.name_len(rest);
        let name = rest[..len].to_owned();
        self.take(len + 1, Kind::Text(vec![Piece::Known(name)]))
    }

    /// `?x`.
    fn character(&mut self) -> bool {
        if self.after_operand() && !self.spaced {
            return false;
        }
        let mut chars = self.rest()[1..].chars();
        let (Some(c), next) = (chars.next(), chars.next()) else {
            return false;
        };
        if c.is_whitespace() || next.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return false;
        }
        self.take(
            1 + c.len_utf8(),
            Kind::Text(vec![Piece::Known(c.to_string())]),
        )
    }

    /// `<<~TAG`, `<<-TAG`, `<<TAG`, with or without quotes.
    fn ruby_heredoc(&mut self) -> bool {
        let Some(rest) = self.rest().strip_prefix("<<") else {
            return false;
        };
        let body = rest.strip_prefix(['~', '-']).unwrap_or(rest);
        let indented = body.len() < rest.len();
        let Some(Tag { quote, name, past }) = self.tag(body, &['"', '\'', '`']) else {
            return false;
        };
        let tagged = quote.is_some() || name.starts_with(char::is_uppercase);
        if !tagged || (!indented && self.after_operand() && !self.spaced) {
            return false;
        }
        let start = self.at;
        self.at = past;
        let text = self.heredoc(name, indented);
        self.push_heredoc(start, quote, text, Embed::HashBrace)
    }
}
