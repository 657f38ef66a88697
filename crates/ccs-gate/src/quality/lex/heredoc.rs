//! Here documents of the shell, Ruby and PHP.

use super::{Kind, Language, Lexer, is_word};

/// A here document that begins on the next line.
pub(super) struct Heredoc {
    end: Vec<u8>,
    dynamic: bool,
}

impl Lexer<'_> {
    /// Notes that a here document was announced here.
    pub(super) fn heredoc_mark(&mut self) {
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

    pub(super) fn heredoc_text(&mut self) {
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
