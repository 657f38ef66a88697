//! Taking shell text apart.

use super::{DEPTH, Pipeline, Script, Stage, Word};

pub(super) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Ends of here-documents whose text begins on the next line, and where it goes.
    pub(super) waiting: Vec<String>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    pub(super) fn script(&mut self, close: Option<u8>, depth: usize) -> Script {
        let mut script = Script::default();
        let mut pipeline = Pipeline::default();
        let mut stage = Stage {
            offset: self.at,
            ..Stage::default()
        };
        loop {
            self.blanks();
            let byte = self.peek(0);
            let ends_stage = match byte {
                None => true,
                Some(b) if Some(b) == close => true,
                Some(b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'#') => true,
                Some(b'`') if close == Some(b'`') => true,
                Some(_) => false,
            };
            if byte == Some(b'&') && self.peek(1) == Some(b'>') {
                self.at += 1;
                continue;
            }
            if !ends_stage {
                self.word_or_redirect(&mut stage, depth);
                continue;
            }
            if byte == Some(b'\n') {
                self.fed(&mut stage);
            }
            let pipe = byte == Some(b'|') && self.peek(1) != Some(b'|');
            if !stage.words.is_empty() || !stage.writes.is_empty() {
                pipeline.stages.push(std::mem::take(&mut stage));
            }
            if !pipe && !pipeline.stages.is_empty() {
                script.pipelines.push(std::mem::take(&mut pipeline));
            }
            match byte {
                None => return script,
                Some(b) if Some(b) == close => {
                    self.at += 1;
                    return script;
                }
                Some(b'#') => self.comment(),
                Some(b'|') if pipe => self.at += if self.peek(1) == Some(b'&') { 2 } else { 1 },
                Some(_) => self.at += 1,
            }
            stage.offset = self.at;
        }
    }

    fn blanks(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b' ' | b'\t' | b'\r'), _) => self.at += 1,
                (Some(b'\\'), Some(b'\n')) => self.at += 2,
                _ => return,
            }
        }
    }

    fn comment(&mut self) {
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    fn word_or_redirect(&mut self, stage: &mut Stage, depth: usize) {
        let digits = self.bytes[self.at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        match (self.peek(digits), self.peek(digits + 1)) {
            (Some(b'<'), Some(b'<')) if self.peek(digits + 2) == Some(b'<') => {
                self.at += digits + 3;
                self.blanks();
                let word = self.word(depth);
                stage.fed = Some(word.text.clone());
                stage.words.push(word);
            }
            (Some(b'<'), Some(b'<')) => {
                self.at += digits + 2;
                self.at += usize::from(self.peek(0) == Some(b'-'));
                self.blanks();
                let end = self.word(depth);
                self.waiting.push(end.text);
            }
            (Some(b'<' | b'>'), Some(b'(')) => {
                let word = self.word(depth);
                stage.words.push(word);
            }
            (Some(b'>'), _) => {
                self.at += digits + 1;
                while matches!(self.peek(0), Some(b'>' | b'|' | b'!')) {
                    self.at += 1;
                }
                if self.peek(0) == Some(b'&') {
                    self.at += 1;
                }
                self.blanks();
                let target = self.word(depth);
                stage.writes.push(target);
            }
            (Some(b'<'), _) => {
                self.at += digits + 1;
                self.at += usize::from(matches!(self.peek(0), Some(b'&' | b'>')));
                self.blanks();
                let source = self.word(depth);
                stage.words.push(source);
            }
            _ => {
                let before = self.at;
                let word = self.word(depth);
                stage.words.push(word);
                // Whatever it is, it must not stop the reading.
                self.at = self.at.max(before + 1);
            }
        }
    }

    /// The here-documents that begin after this line end.
    fn fed(&mut self, stage: &mut Stage) {
        for end in std::mem::take(&mut self.waiting) {
            let mut body = String::new();
            let mut at = self.at + 1;
            while at < self.bytes.len() {
                let rest = &self.text[at..];
                let line = rest.split('\n').next().unwrap_or_default();
                at += line.len() + 1;
                if line.trim_start_matches('\t') == end {
                    break;
                }
                body.push_str(line);
                body.push('\n');
            }
            self.at = at.min(self.bytes.len()).saturating_sub(1);
            stage.fed = Some(body);
        }
    }

    fn word(&mut self, depth: usize) -> Word {
        let mut word = Word::default();
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'(' if !word.text.ends_with('$') => break,
                b'<' | b'>' if self.peek(1) == Some(b'(') && word.text.is_empty() => {
                    self.at += 2;
                    let inner = self.nested(b')', depth);
                    word.inner.push((inner, true));
                }
                b'<' | b'>' => break,
                b'\'' => self.single(&mut word),
                b'"' => self.double(&mut word, depth),
                b'\\' => self.escaped(&mut word),
                b'`' if depth < DEPTH => {
                    self.at += 1;
                    let inner = self.nested(b'`', depth);
                    word.inner.push((inner, true));
                }
                b'$' => self.dollar(&mut word, depth, false),
                _ => self.letter(&mut word),
            }
        }
        word
    }

    fn nested(&mut self, close: u8, depth: usize) -> Script {
        if depth >= DEPTH {
            return Script::default();
        }
        self.script(Some(close), depth + 1)
    }

    fn letter(&mut self, word: &mut Word) {
        let letter = self.text[self.at..].chars().next().unwrap_or(' ');
        word.text.push(letter);
        self.at += letter.len_utf8();
    }

    fn single(&mut self, word: &mut Word) {
        let rest = &self.text[self.at + 1..];
        let length = rest.find('\'').unwrap_or(rest.len());
        word.text.push_str(&rest[..length]);
        word.quoted = true;
        self.at += length + 2;
        self.at = self.at.min(self.bytes.len());
    }

    fn double(&mut self, word: &mut Word, depth: usize) {
        self.at += 1;
        word.quoted = true;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.escaped_in_quotes(word),
                b'$' => self.dollar(word, depth, true),
                b'`' if depth < DEPTH => {
                    self.at += 1;
                    let inner = self.nested(b'`', depth);
                    word.inner.push((inner, false));
                }
                _ => self.letter(word),
            }
        }
    }

    fn escaped(&mut self, word: &mut Word) {
        self.at += 1;
        match self.peek(0) {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(_) => self.letter(word),
        }
    }

    /// Between double quotes a backslash only takes the meaning from what has one there.
    fn escaped_in_quotes(&mut self, word: &mut Word) {
        if !matches!(self.peek(1), Some(b'$' | b'`' | b'"' | b'\\' | b'\n')) {
            word.text.push('\\');
        }
        self.escaped(word);
    }

    /// `$'…'`, in which letters may be written as numbers.
    fn spelled(&mut self, word: &mut Word) {
        self.at += 2;
        word.quoted = true;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\'' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.numbered(word),
                _ => self.letter(word),
            }
        }
    }

    /// A letter by its number: `\x41`, `\u0041`, `\101`.
    fn numbered(&mut self, word: &mut Word) {
        let (skip, base, most) = match self.peek(1) {
            Some(b'x') => (2, 16, 2),
            Some(b'u') => (2, 16, 4),
            Some(b'0'..=b'7') => (1, 8, 3),
            _ => return self.escaped(word),
        };
        let start = self.at + skip;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let is_digit = |byte: &&u8| char::from(**byte).is_digit(base);
        let length = rest.iter().take(most).take_while(is_digit).count();
        let number = u32::from_str_radix(&self.text[start..start + length], base).ok();
        word.text.extend(number.and_then(char::from_u32));
        self.at = start + length;
    }

    fn dollar(&mut self, word: &mut Word, depth: usize, quoted: bool) {
        match self.peek(1) {
            Some(b'(') if self.peek(2) != Some(b'(') && depth < DEPTH => {
                self.at += 2;
                let inner = self.nested(b')', depth);
                word.inner.push((inner, !quoted));
            }
            Some(b'\'') if !quoted => {
                self.spelled(word);
            }
            Some(b'{') => {
                let rest = &self.text[self.at + 2..];
                let length = rest.find('}').unwrap_or(rest.len());
                let body = &rest[..length];
                let name: String = body
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                self.variable(word, &name, quoted);
                self.at = (self.at + length + 3).min(self.bytes.len());
            }
            _ => {
                let rest = &self.text[self.at + 1..];
                let name: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                self.at += 1;
                if name.is_empty() {
                    word.text.push('$');
                    return;
                }
                self.at += name.len();
                self.variable(word, &name, quoted);
            }
        }
    }

    fn variable(&mut self, word: &mut Word, name: &str, quoted: bool) {
        word.text.push('$');
        word.text.push_str(name);
        let list = if quoted {
            &mut word.whole
        } else {
            &mut word.split
        };
        list.push(name.to_owned());
    }
}
