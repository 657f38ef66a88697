//! Regular expressions between slashes.

use super::{Kind, Language, Lexer};

impl Lexer<'_> {
    /// A regular expression between slashes, if one begins here.
    pub(super) fn regex(&mut self) -> bool {
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
}
