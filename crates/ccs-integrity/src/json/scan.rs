//! Text to values.

use super::{Member, Node, Syntax, Value};

/// Deeper nesting is refused: no settings file has it, and recursion must end.
const DEPTH: usize = 100;

type Scanned<T> = Result<T, Syntax>;

/// Reads the one value that `text` consists of.
pub(crate) fn scan(text: &str) -> Scanned<Node> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        text,
        at: 0,
    };
    scanner.blank()?;
    let root = scanner.value(0)?;
    scanner.blank()?;
    match scanner.peek() {
        None => Ok(root),
        Some(_) => scanner.fail("nothing may follow the closing bracket"),
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn fail<T>(&self, what: &'static str) -> Scanned<T> {
        Err(Syntax {
            offset: self.at,
            what,
        })
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blank(&mut self) -> Scanned<()> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        match self.peek() {
            Some(b'/') => self.fail("comments are not JSON"),
            _ => Ok(()),
        }
    }

    fn value(&mut self, depth: usize) -> Scanned<Node> {
        let start = self.at;
        let value = match self.peek() {
            _ if depth > DEPTH => self.fail("nested too deeply"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool),
            Some(b'f') => self.word("false", Value::Bool),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'\'') => self.fail("strings stand in double quotes"),
            Some(b'}' | b']') => self.fail("a value is missing before this bracket"),
            Some(_) => self.fail("this is not a JSON value"),
            None => self.fail("the text ends where a value should stand"),
        }?;
        let span = start..self.at;
        Ok(Node { span, value })
    }

    fn word(&mut self, word: &str, value: Value) -> Scanned<Value> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        self.fail("this is not a JSON value")
    }

    fn array(&mut self, depth: usize) -> Scanned<Value> {
        self.at += 1;
        let mut elements = Vec::new();
        self.blank()?;
        if self.eat(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            if self.closes(b']')? {
                return Ok(Value::Array(elements));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Scanned<Value> {
        self.at += 1;
        let mut members = Vec::new();
        self.blank()?;
        if self.eat(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            members.push(self.member(depth)?);
            if self.closes(b'}')? {
                return Ok(Value::Object(members));
            }
        }
    }

    fn member(&mut self, depth: usize) -> Scanned<Member> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.fail("a key in double quotes should stand here");
        }
        let key = self.string()?;
        self.blank()?;
        if !self.eat(b':') {
            return self.fail("a colon should follow the key");
        }
        self.blank()?;
        let node = self.value(depth + 1)?;
        Ok(Member { key, start, node })
    }

    /// After a child: true at the closing bracket, false after a comma that a child follows.
    fn closes(&mut self, bracket: u8) -> Scanned<bool> {
        self.blank()?;
        if self.eat(bracket) {
            return Ok(true);
        }
        let comma = self.at;
        if !self.eat(b',') {
            return match self.peek() {
                None => self.fail("the text ends before the closing bracket"),
                Some(_) => self.fail("a comma or a closing bracket should stand here"),
            };
        }
        self.blank()?;
        if matches!(self.peek(), Some(b'}' | b']')) {
            self.at = comma;
            return self.fail("a comma stands before the closing bracket");
        }
        Ok(false)
    }

    fn number(&mut self) -> Scanned<Value> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        match self.peek() {
            Some(b'0'..=b'9') => self.fail("a number has no leading zero"),
            _ => Ok(Value::Number),
        }
    }

    fn digits(&mut self) -> Scanned<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return self.fail("a digit should stand here");
        }
        Ok(())
    }

    fn string(&mut self) -> Scanned<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while self
                .peek()
                .is_some_and(|b| !matches!(b, b'"' | b'\\' | 0..=0x1f))
            {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => {
                    return self.fail("a string holds no raw line break or control character");
                }
                None => return self.fail("the text ends inside a string"),
            }
        }
    }

    fn escape(&mut self) -> Scanned<char> {
        let start = self.at;
        self.at += 2;
        let plain = match self.bytes.get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => {
                self.at = start;
                return self.fail("this escape does not exist in JSON");
            }
        };
        Ok(plain)
    }

    fn unicode(&mut self, start: usize) -> Scanned<char> {
        let Some(first) = self.hex() else {
            self.at = start;
            return self.fail("four hexadecimal digits should follow \\u");
        };
        if !(0xd800..0xdc00).contains(&first) || !self.text[self.at..].starts_with("\\u") {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        self.at += 2;
        match self.hex() {
            Some(second) if (0xdc00..0xe000).contains(&second) => {
                let scalar = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                Ok(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            _ => {
                self.at = before;
                Ok(char::REPLACEMENT_CHARACTER)
            }
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn refusal(text: &str) -> (usize, &'static str) {
        let syntax = scan(text).expect_err(text);
        (syntax.offset, syntax.what)
    }

    #[test]
    fn every_value_knows_the_bytes_it_covers() {
        let text = r#" {"a": [1, "x"], "b":{}} "#;
        let root = scan(text).expect("valid");
        let list = root.get("a").expect("a");

        assert_eq!(&text[list.span.clone()], r#"[1, "x"]"#);
        assert_eq!(&text[root.span.clone()], text.trim());
        assert_eq!(&text[root.children()[0].clone()], r#""a": [1, "x"]"#);
    }

    #[test]
    fn what_json_parse_refuses_is_refused_with_its_place() {
        let cases = [
            ("", 0, "the text ends where a value should stand"),
            ("{\"a\":1,}", 6, "a comma stands before the closing bracket"),
            ("{ // x\n}", 2, "comments are not JSON"),
            ("{\"a\":1 /* x */}", 7, "comments are not JSON"),
            ("{'a':1}", 1, "a key in double quotes should stand here"),
            ("{\"a\" 1}", 5, "a colon should follow the key"),
            ("[1 2]", 3, "a comma or a closing bracket should stand here"),
            ("[1", 2, "the text ends before the closing bracket"),
            ("[01]", 2, "a number has no leading zero"),
            ("[1.]", 3, "a digit should stand here"),
            (
                "[\"a\nb\"]",
                3,
                "a string holds no raw line break or control character",
            ),
            ("[\"\\x\"]", 2, "this escape does not exist in JSON"),
            (
                "[\"\\u12g4\"]",
                2,
                "four hexadecimal digits should follow \\u",
            ),
            ("[tru]", 1, "this is not a JSON value"),
            ("{} {}", 3, "nothing may follow the closing bracket"),
            ("[]\0", 2, "nothing may follow the closing bracket"),
        ];
        for (text, offset, what) in cases {
            assert_eq!(refusal(text), (offset, what), "{text}");
        }
    }

    #[test]
    fn hostile_nesting_ends_in_a_refusal() {
        assert_eq!(refusal(&"[".repeat(1_000_000)).1, "nested too deeply");
    }

    #[test]
    fn escapes_decode_as_in_javascript() {
        let root = scan(r#"["\u00e9\ud83d\ude00\ud800x\n\/"]"#).expect("valid");
        let text = root.elements().and_then(|e| e[0].text());
        assert_eq!(text, Some("é😀\u{fffd}x\n/"));
    }

    proptest! {
        #[test]
        fn accepts_and_refuses_what_serde_json_does(pieces in vec(select(PIECES), 1..9)) {
            let text = pieces.concat();
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            prop_assert_eq!(scan(&text).is_ok(), theirs.is_ok());
        }
    }

    const PIECES: &[&str] = &[
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "1", "-", "0", ".5", "e3", "true", "nul",
        "null", " ", "\n", "\\u0041", "\\", "é",
    ];
}
