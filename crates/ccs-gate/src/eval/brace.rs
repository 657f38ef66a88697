//! `{a,b}` and `{1..3}` in a word.

use crate::shell::ast::{Part, Word};

/// Words longer than this, or with more results, are left as they are.
const MAX_TEXT: usize = 4096;
const MAX_RESULTS: usize = 256;
/// Marks a part of the word that is not bare text; its index follows as a private character.
const MARK: char = '\u{1}';
const FIRST_INDEX: u32 = 0x10_0000;

/// A piece of an expanded word.
pub(super) enum Piece<'w, 'a> {
    /// Bare text.
    Text(String),
    /// A part of the word as it was.
    Whole(&'w Part<'a>),
}

/// The words that a word stands for: one, unless it has braces.
pub(super) fn expand<'w, 'a>(word: &'w Word<'a>) -> Vec<Vec<Piece<'w, 'a>>> {
    let whole = || vec![word.parts.iter().map(Piece::Whole).collect()];
    if !word
        .parts
        .iter()
        .any(|part| part.bare().is_some_and(|text| text.contains('{')))
    {
        return whole();
    }
    let text = flatten(word);
    if text.len() > MAX_TEXT {
        return whole();
    }
    let results = alternatives(&text, 0);
    if results.len() == 1 {
        return whole();
    }
    results.iter().map(|text| pieces(text, word)).collect()
}

fn flatten(word: &Word<'_>) -> String {
    let mut text = String::new();
    for (index, part) in (FIRST_INDEX..).zip(&word.parts) {
        match part.bare() {
            Some(bare) => text.push_str(bare),
            None => text.extend([Some(MARK), char::from_u32(index)].into_iter().flatten()),
        }
    }
    text
}

fn pieces<'w, 'a>(text: &str, word: &'w Word<'a>) -> Vec<Piece<'w, 'a>> {
    let mut pieces = Vec::new();
    for (number, chunk) in text.split(MARK).enumerate() {
        let mut bare = chunk;
        if number > 0 {
            let index = chunk
                .chars()
                .next()
                .map_or(0, |c| c as u32)
                .wrapping_sub(FIRST_INDEX);
            if let Some(part) = word.parts.get(index as usize) {
                pieces.push(Piece::Whole(part));
                bare = &chunk[chunk.chars().next().map_or(0, char::len_utf8)..];
            }
        }
        if !bare.is_empty() {
            pieces.push(Piece::Text(bare.to_owned()));
        }
    }
    pieces
}

fn alternatives(text: &str, depth: usize) -> Vec<String> {
    let Some((open, close, choices)) = find(text).filter(|_| depth < 8) else {
        return vec![text.to_owned()];
    };
    let tails = alternatives(&text[close + 1..], depth + 1);
    let mut results = Vec::new();
    for choice in choices {
        for middle in alternatives(&choice, depth + 1) {
            for tail in &tails {
                if results.len() < MAX_RESULTS {
                    results.push(format!("{}{middle}{tail}", &text[..open]));
                }
            }
        }
    }
    results
}

/// The first brace that expands: where it opens and closes, and its choices.
fn find(text: &str) -> Option<(usize, usize, Vec<String>)> {
    let mut from = 0;
    while let Some(offset) = text[from..].find('{') {
        let open = from + offset;
        if let Some((close, choices)) = choices(&text[open..]) {
            return Some((open, open + close, choices));
        }
        from = open + 1;
    }
    None
}

/// The choices of the brace at the start of `text`, and where it closes.
fn choices(text: &str) -> Option<(usize, Vec<String>)> {
    let mut open = 0_usize;
    let mut from = 1;
    let mut choices = Vec::new();
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b',' if open == 1 => {
                choices.push(text[from..index].to_owned());
                from = index + 1;
            }
            b'}' if open == 1 => {
                if choices.is_empty() {
                    return sequence(&text[1..index]).map(|choices| (index, choices));
                }
                choices.push(text[from..index].to_owned());
                return Some((index, choices));
            }
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// `1..5`, `a..e`, with a step or without.
fn sequence(text: &str) -> Option<Vec<String>> {
    let mut ends = text.splitn(3, "..");
    let (first, last) = (ends.next()?, ends.next()?);
    if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
        return counted(first, last, |n| Some(n.to_string()));
    }
    let letter = |text: &str| {
        let mut letters = text.chars();
        letters
            .next()
            .filter(|_| letters.next().is_none())
            .map(|c| i64::from(c as u32))
    };
    let name = |n: i64| {
        u32::try_from(n)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
    };
    counted(letter(first)?, letter(last)?, name)
}

fn counted(first: i64, last: i64, name: impl Fn(i64) -> Option<String>) -> Option<Vec<String>> {
    let count = first.abs_diff(last);
    if count >= MAX_RESULTS as u64 {
        return None;
    }
    let range = first.min(last)..=first.max(last);
    let mut all: Vec<String> = range.filter_map(name).collect();
    if first > last {
        all.reverse();
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn braces_multiply() {
        assert_eq!(alternatives("{rm,-rf,/}", 0), ["rm", "-rf", "/"]);
        assert_eq!(alternatives("a{b,{c,d}}e", 0), ["abe", "ace", "ade"]);
        assert_eq!(
            alternatives("{3..1}{x,y}", 0),
            ["3x", "3y", "2x", "2y", "1x", "1y"]
        );
    }

    #[test]
    fn what_does_not_expand_stays() {
        assert_eq!(alternatives("{a}{,", 0), ["{a}{,"]);
        assert_eq!(alternatives("{1..999999}", 0), ["{1..999999}"]);
    }
}
