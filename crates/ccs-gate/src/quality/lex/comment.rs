//! Where comments end.

use super::{Language, Lexer};

impl Lexer<'_> {
    /// The end of the comment that begins here.
    pub(super) fn comment(&self) -> Option<usize> {
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
}
