//! Reads a text into words, once, from left to right.

mod gap;
mod word;

use super::super::words::{self, Combo, class};
use super::letter::{is_letter, is_run_letter};
use super::{Flags, Token};
use gap::Gap;
use word::Word;

/// The words of `text`.
pub(crate) fn read(text: &str) -> Vec<Token> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        tokens: Vec::with_capacity(text.len() / 5),
        gap: Gap::at_start(),
        ahead: None,
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
    /// What is known to stand at a place further on, in a script without spaces.
    ahead: Option<(usize, Option<(Combo, usize)>)>,
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
        let near = self.gap.bytes == 0 || (self.gap.bytes == 1 && !self.gap.flags.has(Flags::LINE));
        if near && let Some(last) = self.tokens.last_mut() {
            last.flags.add(Flags::COLON);
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
        let mut word = Word::new();
        let mut at = start;
        if self.bytes[at] == b'.' {
            word.byte(b'.');
            at += 1;
        }
        loop {
            at += word.ascii(&self.bytes[at..]);
            let Some(&byte) = self.bytes.get(at) else {
                break;
            };
            if byte >= 0x80 {
                match self.text[at..].chars().next() {
                    Some(c) if is_letter(c) && !is_run_letter(c) => {
                        word.wide(c);
                        at += c.len_utf8();
                    }
                    _ => break,
                }
            } else if byte == b'\'' && self.continues(at) && !is_elided(&self.bytes[start..at]) {
                at += 1;
                if self.is_genitive(at) {
                    at += 1;
                    break;
                }
            } else {
                break;
            }
        }
        let (combo, end) = match word.combo() {
            words::SCHEME => self.url_end(at).map_or((0, at), |end| (words::URL, end)),
            combo => (combo, at),
        };
        self.push(start, end, combo, word.flags());
    }

    /// Whether a letter follows the byte at `at`.
    fn continues(&self, at: usize) -> bool {
        self.bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
    }

    /// Whether at `at`, behind an apostrophe, there is nothing but an `s`.
    fn is_genitive(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(|b| matches!(b, b's' | b'S')) && !self.continues(at)
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
        let ahead = self.ahead.take().filter(|ahead| ahead.0 == self.at);
        if let Some((combo, length)) = ahead.map_or_else(|| words::in_run(rest), |known| known.1) {
            return self.push(self.at, self.at + length, combo, Flags::default());
        }
        let mut length = 0;
        for letter in rest.chars().take(3) {
            if !is_run_letter(letter) {
                break;
            }
            if length > 0 {
                let known = words::in_run(&rest[length..]);
                self.ahead = Some((self.at + length, known));
                if known.is_some() {
                    break;
                }
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
        self.name_machine(combo, flags);
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

    /// `language model`, `coding agent`: before such a noun the last word names a machine.
    fn name_machine(&mut self, noun: Combo, flags: Flags) {
        let named = words::is_in(noun, &class::MACHINE_NOUN) && !flags.has(Flags::BREAK);
        if named
            && let Some(kind) = self.tokens.last_mut()
            && kind.is(&class::MACHINE_KIND)
        {
            kind.combo = words::MACHINE;
        }
    }
}

/// Articles and pronouns that lose their vowel before another word: `l'agent`, `all'utente`.
fn is_elided(word: &[u8]) -> bool {
    const ELIDED: [&[u8]; 16] = [
        b"l", b"d", b"n", b"t", b"s", b"c", b"j", b"m", b"qu", b"all", b"dell", b"nell", b"sull",
        b"dall", b"un", b"quell",
    ];
    word.len() < 6 && ELIDED.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
