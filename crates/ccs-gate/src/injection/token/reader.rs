//! Reads a text into words, once, from left to right.

use super::super::key;
use super::super::words::{self, Beginnings, Combo, class};
use super::{Flags, Token};

/// The words of `text`.
pub(crate) fn read(text: &str) -> Vec<Token> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        tokens: Vec::with_capacity(text.len() / 5),
        gap: Gap::at_start(),
    };
    while reader.at < reader.bytes.len() {
        reader.step();
    }
    reader.tokens
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
    gap: Gap,
}

/// What stood between the last word and the next.
#[derive(Clone, Copy, Default)]
struct Gap {
    flags: Flags,
    newlines: u32,
    bytes: usize,
    /// A quotation mark was there, then a comma, colon, bracket or brace, or the other way round.
    quote: bool,
    syntax: bool,
    stop: bool,
    in_tag: bool,
    /// Where the tag ends.
    tag_end: usize,
}

impl Gap {
    fn at_start() -> Self {
        Self {
            flags: Flags::BREAK.and(Flags::FRESH).and(Flags::LINE),
            bytes: 2,
            ..Self::default()
        }
    }
}

impl Reader<'_> {
    fn step(&mut self) {
        let byte = self.bytes[self.at];
        if byte.is_ascii_alphanumeric() {
            self.word(self.at);
        } else if byte >= 0x80 {
            self.wide();
        } else {
            self.between(byte);
        }
    }

    /// A character outside ASCII.
    fn wide(&mut self) {
        let Some(letter) = self.text[self.at..].chars().next() else {
            return self.skip(1);
        };
        if is_run_letter(letter) {
            self.run();
        } else if is_letter(letter) {
            self.word(self.at);
        } else {
            match letter {
                '。' | '！' | '？' | '｡' | '।' | '؟' | '…' | '•' | '▪' | '►' | '|' =>
                {
                    self.gap.stop = true;
                    self.gap.flags.add(Flags::FRESH);
                }
                '：' => self.colon(),
                '，' | '、' | '،' => self.gap.flags.add(Flags::COMMA),
                _ => {}
            }
            self.skip(letter.len_utf8());
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes;
        self.gap.bytes += bytes;
    }

    /// An ASCII character that belongs to no word.
    fn between(&mut self, byte: u8) {
        match byte {
            b'.' if self.begins_dotted() => return self.word(self.at),
            b'.' | b'!' | b'?' | b';' => self.gap.stop |= self.ends_here(),
            b':' => self.colon(),
            b'-' | b'*' | b'+' if self.gap.newlines > 0 && self.is_bullet() => {
                self.gap.stop = true;
                self.gap.flags.add(Flags::FRESH);
            }
            b'<' => return self.tag(),
            b'@' => return self.address(),
            0x1b => return self.terminal(),
            _ => self.gap.sign(byte),
        }
        self.skip(1);
    }

    fn colon(&mut self) {
        if self.gap.bytes == 0 || (self.gap.bytes == 1 && !self.gap.flags.has(Flags::LINE)) {
            if let Some(last) = self.tokens.last_mut() {
                last.flags.add(Flags::COLON);
            }
        }
        self.gap.syntax = true;
        self.gap.flags.add(Flags::FRESH);
    }

    /// A sentence ends with a mark that nothing but space, a bracket or a quotation mark follows.
    fn ends_here(&self) -> bool {
        match self.bytes.get(self.at + 1) {
            None => true,
            Some(next) => {
                matches!(
                    next,
                    b' ' | b'\n'
                        | b'\t'
                        | b'\r'
                        | b'"'
                        | b'\''
                        | b')'
                        | b'<'
                        | b'*'
                        | b'_'
                        | b'!'
                        | b'?'
                        | b'`'
                ) || *next >= 0x80
            }
        }
    }

    /// `.env`, `.ssh`: the dot is part of the name.
    fn begins_dotted(&self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.bytes[at]);
        let after = self.bytes.get(self.at + 1);
        before.is_none_or(|b| !b.is_ascii_alphanumeric() && b != b'.' && b < 0x80)
            && after.is_some_and(u8::is_ascii_alphabetic)
    }

    fn is_bullet(&self) -> bool {
        self.bytes.get(self.at + 1) == Some(&b' ')
    }

    /// `<name …>`: what is inside is marked. A `<` that opens no tag is a bracket.
    fn tag(&mut self) {
        const LONGEST: usize = 1024;
        let rest = &self.bytes[self.at..];
        let opens = rest
            .get(1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'|'));
        let end = rest
            .iter()
            .take(LONGEST)
            .skip(1)
            .position(|b| matches!(b, b'<' | b'>'));
        let end = end.map(|at| at + 1).filter(|&at| rest[at] == b'>');
        if let (true, Some(end)) = (opens, end) {
            self.gap.in_tag = true;
            self.gap.tag_end = self.at + end;
            if rest.get(1) == Some(&b'/') || !rest[..end].contains(&b' ') {
                // A closing tag or a bare one.
                self.gap.flags.add(Flags::FRESH);
            }
        } else {
            self.gap.flags.add(Flags::BRACKET);
        }
        self.skip(1);
    }

    /// `name@host.tld`: the word before becomes an address.
    fn address(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let host = rest
            .iter()
            .take(254)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
            .count();
        // the dot at the end is that of the sentence
        let host = rest[..host]
            .iter()
            .rposition(u8::is_ascii_alphanumeric)
            .map_or(0, |last| last + 1);
        let dotted = rest[..host]
            .iter()
            .rposition(|&b| b == b'.')
            .is_some_and(|dot| dot > 0 && host - dot > 2);
        match self.tokens.last_mut() {
            Some(last) if self.gap.bytes == 0 && dotted => {
                self.at += 1 + host;
                last.end = narrow(self.at);
                last.combo = words::EMAIL;
            }
            _ => self.skip(1),
        }
    }

    /// A control sequence of the terminal: not text. The address of a link is.
    fn terminal(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = match rest.get(1) {
            Some(b'[') => {
                let inside = rest[2..]
                    .iter()
                    .take(64)
                    .take_while(|b| (0x20..0x40).contains(*b))
                    .count();
                3 + inside
            }
            Some(b']') => {
                2 + rest[2..]
                    .iter()
                    .take(8)
                    .take_while(|b| b.is_ascii_digit() || **b == b';')
                    .count()
            }
            Some(_) => 2,
            None => 1,
        };
        let length = length.min(rest.len());
        let end = (self.at + length..=self.bytes.len()).find(|&at| self.text.is_char_boundary(at));
        self.gap.bytes += length;
        self.at = end.unwrap_or(self.bytes.len());
    }

    /// A word in a script with spaces.
    fn word(&mut self, start: usize) {
        let mut word = Word::default();
        let mut at = start;
        if self.bytes[at] == b'.' {
            word.byte(b'.');
            at += 1;
        }
        while let Some(&byte) = self.bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                word.ascii(byte);
                at += 1;
            } else if byte >= 0x80 {
                match self.text[at..].chars().next() {
                    Some(c) if is_letter(c) && !is_run_letter(c) => {
                        word.wide(c);
                        at += c.len_utf8();
                    }
                    _ => break,
                }
            } else if byte == b'\'' && self.continues(at) {
                at += 1;
                if self.bytes.get(at).is_some_and(|b| matches!(b, b's' | b'S'))
                    && !self.continues(at)
                {
                    at += 1;
                    break;
                }
            } else {
                break;
            }
        }
        let combo = word.combo();
        let end = if combo == words::SCHEME {
            self.url_end(at)
        } else {
            None
        };
        let (combo, end) = match end {
            Some(end) => (words::URL, end),
            None if combo == words::SCHEME => (0, at),
            None => (combo, at),
        };
        self.push(start, end, combo, word.flags);
    }

    /// Whether a letter follows the byte at `at`.
    fn continues(&self, at: usize) -> bool {
        self.bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
    }

    /// Where the address that begins with a scheme ends.
    fn url_end(&self, at: usize) -> Option<usize> {
        let rest = self.bytes[at..].strip_prefix(b"://")?;
        let length = rest
            .iter()
            .take(2048)
            .take_while(|b| {
                **b > b' '
                    && !matches!(
                        b,
                        b'"' | b'<' | b'>' | b'`' | b'\'' | b')' | b']' | b'}' | b'|' | 0x7f
                    )
            })
            .count();
        let mut end = at + 3 + length;
        while end > at + 3 && matches!(self.bytes[end - 1], b'.' | b',' | b';' | b':' | b'!' | b'?')
        {
            end -= 1;
        }
        (end..=self.bytes.len()).find(|&end| self.text.is_char_boundary(end))
    }

    /// Words of a script without spaces: known ones, and fillers of a few characters between.
    fn run(&mut self) {
        let rest = &self.text[self.at..];
        if let Some((combo, length)) = words::in_run(rest) {
            return self.push(self.at, self.at + length, combo, Flags::default());
        }
        let mut length = 0;
        for letter in rest.chars().take(3) {
            let known = length > 0 && words::in_run(&rest[length..]).is_some();
            if known || !is_run_letter(letter) {
                break;
            }
            length += letter.len_utf8();
        }
        self.push(self.at, self.at + length, 0, Flags::default());
    }

    fn push(&mut self, start: usize, end: usize, combo: Combo, flags: Flags) {
        let gap = std::mem::take(&mut self.gap);
        let mut flags = Flags(gap.flags.0 | flags.0 | gap.between(start, self.bytes).0);
        if flags.has(Flags::LINE) && flags.has(Flags::CAPITAL) {
            flags.add(Flags::FRESH);
        }
        let led = self
            .tokens
            .last()
            .is_some_and(|last| last.is(&class::LEADIN));
        if led || flags.has(Flags::FRESH.and(Flags::BREAK).and(Flags::COMMA)) {
            flags.add(Flags::LED);
        }
        self.tokens.push(Token {
            start: narrow(start),
            end: narrow(end),
            combo,
            flags,
        });
        self.at = end;
        self.gap.in_tag = gap.in_tag && end <= gap.tag_end;
        self.gap.tag_end = gap.tag_end;
    }
}

impl Gap {
    /// A sign that says something by itself.
    fn sign(&mut self, sign: u8) {
        match sign {
            b'\n' => {
                self.newlines += 1;
                self.flags.add(Flags::LINE);
            }
            b',' => {
                self.flags.add(Flags::COMMA);
                self.syntax = true;
            }
            b'"' | b'`' => {
                self.quote |= sign == b'"';
                self.flags.add(Flags::QUOTED.and(Flags::FRESH));
            }
            b'\'' if self.bytes > 0 => self.flags.add(Flags::QUOTED.and(Flags::FRESH)),
            b'(' | b'[' | b'{' => {
                self.syntax = true;
                self.flags.add(Flags::BRACKET.and(Flags::FRESH));
            }
            b'}' | b']' => self.syntax = true,
            b'|' => self.stop = true,
            b'*' | b'#' if self.newlines > 0 => self.flags.add(Flags::FRESH),
            b'>' if self.in_tag => self.in_tag = false,
            b'>' if self.newlines > 0 => self.flags.add(Flags::FRESH),
            _ => {}
        }
    }

    /// What the gap says about the word behind it.
    fn between(&self, start: usize, bytes: &[u8]) -> Flags {
        let mut flags = Flags::default();
        if self.newlines > 1 {
            flags.add(Flags::PARAGRAPH.and(Flags::BREAK).and(Flags::FRESH));
        }
        if self.stop || (self.quote && self.syntax) {
            flags.add(Flags::BREAK.and(Flags::FRESH));
        }
        if self.in_tag && start <= self.tag_end {
            flags.add(Flags::IN_TAG);
        }
        let tie = start.checked_sub(1).map(|at| bytes[at]);
        if self.bytes == 1 && matches!(tie, Some(b'_' | b'-' | b'.' | b'/')) {
            flags.add(Flags::TIED);
        }
        flags
    }
}

/// A word being read.
#[derive(Default)]
struct Word {
    key: Option<u64>,
    beginnings: Beginnings,
    flags: Flags,
    letters: usize,
    capitals: usize,
}

impl Word {
    fn byte(&mut self, byte: u8) {
        self.key = Some(key::step(self.key.unwrap_or(key::SEED), byte));
    }

    fn ascii(&mut self, byte: u8) {
        self.byte(byte.to_ascii_lowercase());
        if byte.is_ascii_digit() {
            self.flags.add(Flags::DIGIT);
        } else {
            self.letter(byte.is_ascii_uppercase());
        }
        self.beginnings.letter(self.key.unwrap_or(key::SEED));
    }

    fn wide(&mut self, letter: char) {
        let mut buffer = [0; 4];
        for small in letter.to_lowercase() {
            for &byte in small.encode_utf8(&mut buffer).as_bytes() {
                self.byte(byte);
            }
        }
        self.letter(letter.is_uppercase());
        self.beginnings.letter(self.key.unwrap_or(key::SEED));
    }

    fn letter(&mut self, capital: bool) {
        if capital && self.letters == 0 {
            self.flags.add(Flags::CAPITAL);
        }
        self.letters += 1;
        self.capitals += usize::from(capital);
        if self.letters == self.capitals && self.letters > 1 {
            self.flags.add(Flags::CAPITALS);
        } else {
            self.flags.0 &= !Flags::CAPITALS.0;
        }
    }

    fn combo(&self) -> Combo {
        if self.letters == 0 && self.flags.has(Flags::DIGIT) {
            return words::NUMBER;
        }
        match words::by_key(self.key.unwrap_or(key::SEED)) {
            0 => self.beginnings.combo(),
            combo => combo,
        }
    }
}

/// Letters, and the vowel signs of India that join them into words.
fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\u{900}'..='\u{963}' | '\u{966}'..='\u{dff}')
}

/// Scripts that are written without spaces, and Hangul, which glues its endings on.
fn is_run_letter(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{20000}'..='\u{3ffff}')
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
