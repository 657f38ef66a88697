//! Base64 and base32, wherever a long unknown word stands.

use super::super::token::Token;
use super::super::view::{Recovered, View};
use super::{begins_text, text_of};

/// Fewer symbols hold no instruction.
const ENOUGH: usize = 24;
/// A line of this length may go on in the next.
const WRAPPED: usize = 40;

pub(super) fn find(text: &str, tokens: &[Token], found: &mut Vec<Recovered>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for token in tokens {
        if token.combo != 0 || token.len() < 12 || token.start() < done {
            continue;
        }
        let before = bytes[done..token.start()]
            .iter()
            .rev()
            .take_while(|b| is_symbol(**b))
            .count();
        let run = Run::at(bytes, token.start() - before);
        done = run.end;
        if run.symbols.len() < ENOUGH {
            continue;
        }
        if let Some((view, text)) = run.decode() {
            let (start, end) = (run.start, run.end);
            found.push(Recovered {
                text,
                start,
                end,
                view,
            });
        }
    }
}

/// Symbols in a row, over the ends of wrapped lines.
struct Run {
    symbols: Vec<u8>,
    start: usize,
    end: usize,
}

impl Run {
    fn at(bytes: &[u8], start: usize) -> Self {
        let mut symbols = Vec::new();
        let mut at = start;
        loop {
            let line = bytes[at..].iter().take_while(|b| is_symbol(**b)).count();
            symbols.extend_from_slice(&bytes[at..at + line]);
            at += line;
            let next = continuation(&bytes[at..]);
            if line < WRAPPED || next == 0 {
                break;
            }
            at += next;
        }
        let padding = bytes[at..]
            .iter()
            .take(6)
            .take_while(|b| **b == b'=')
            .count();
        Self {
            symbols,
            start,
            end: at + padding,
        }
    }

    fn decode(&self) -> Option<(View, String)> {
        let (view, width, value): (View, u32, fn(u8) -> Option<u8>) =
            if self.symbols.iter().all(|&b| base32(b).is_some()) {
                (View::Base32, 5, base32)
            } else {
                (View::Base64, 6, base64)
            };
        let head = &self.symbols[..self.symbols.len().min(48)];
        let text = begins_text(&bits(head, width, value))
            .then(|| text_of(bits(&self.symbols, width, value)))??;
        let spaced = text.bytes().any(|b| b == b' ');
        // A second layer of base64 has no spaces.
        let layered = text.bytes().filter(|b| is_symbol(*b)).count() >= ENOUGH;
        (spaced || layered || !text.is_ascii()).then_some((view, text))
    }
}

/// How many bytes a line break takes, with the comment or quotation mark of the next line. Zero if
/// the run ends here.
fn continuation(rest: &[u8]) -> usize {
    let line_break = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return 0,
    };
    let prefix = rest[line_break..]
        .iter()
        .take(16)
        .take_while(|b| {
            matches!(
                b,
                b' ' | b'\t' | b'#' | b'*' | b'>' | b'/' | b';' | b'|' | b'-'
            )
        })
        .count();
    let next = line_break + prefix;
    // Part of the prefix may be symbols already.
    let line = rest[next.min(rest.len())..]
        .iter()
        .take_while(|b| is_symbol(**b))
        .count();
    let whole = matches!(
        rest.get(next + line),
        None | Some(b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'`' | b' ')
    );
    if line > 0 && whole { next } else { 0 }
}

fn bits(symbols: &[u8], width: u32, value: fn(u8) -> Option<u8>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(symbols.len() * 3 / 4 + 1);
    let (mut buffer, mut count) = (0_u32, 0);
    for &symbol in symbols {
        buffer = (buffer << width | u32::from(value(symbol).unwrap_or(0))) & 0xffff;
        count += width;
        if count >= 8 {
            count -= 8;
            bytes.push((buffer >> count & 0xff) as u8);
        }
    }
    bytes
}

fn is_symbol(byte: u8) -> bool {
    base64(byte).is_some()
}

fn base64(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

fn base32(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'2'..=b'7' => byte - b'2' + 26,
        _ => return None,
    })
}
