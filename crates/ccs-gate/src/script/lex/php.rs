//! What only PHP writes: markup around the code, `$name` and here-documents.

use super::literal::Tag;
use super::quote::Embed;
use super::{Kind, Lexer};

impl Lexer<'_> {
    pub(super) fn php(&mut self, c: char) -> bool {
        match c {
            '$' => self.php_variable(),
            '?' if self.rest().starts_with("?>") => {
                self.at += 2;
                self.skip_markup();
                true
            }
            '<' if self.rest().starts_with("<<<") => self.php_heredoc(),
            _ => false,
        }
    }

    /// Moves past the text outside of `<?php … ?>`.
    pub(super) fn skip_markup(&mut self) {
        let rest = self.rest();
        let Some(open) = rest.find("<?") else {
            self.at = self.text.len();
            return;
        };
        let tag = &rest[open + 2..];
        let word = ["php", "="]
            .into_iter()
            .find(|word| tag.starts_with(word))
            .unwrap_or("");
        self.at += open + 2 + word.len();
        self.push(self.at, Kind::Op(";"));
        if word == "=" {
            self.push(self.at, Kind::Word("echo"));
        }
    }

    fn php_variable(&mut self) -> bool {
        let rest = self.rest();
        let name = &rest[1..];
        let len = name
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(name.len());
        len > 0 && self.take(len + 1, Kind::Word(&rest[..=len]))
    }

    /// `<<<TAG`, `<<<"TAG"`, `<<<'TAG'`.
    fn php_heredoc(&mut self) -> bool {
        let body = self.rest()[3..].trim_start_matches(' ');
        let Some(Tag { quote, name, past }) = self.tag(body, &['"', '\'']) else {
            return false;
        };
        let start = self.at;
        self.at = past;
        let text = self.heredoc(name, true);
        let text = text.strip_suffix('\n').unwrap_or(text);
        self.push_heredoc(start, quote, text, Embed::Php)
    }
}
