//! What invisible characters spell.

use super::super::view::View;
use super::{SHORTEST, text_of};

/// The texts in a run of invisible characters.
pub(crate) fn unseen(run: &[char]) -> Vec<(View, String)> {
    let mut found = Vec::new();
    // no character spells more than a byte
    if run.len() < SHORTEST {
        return found;
    }
    if let Some(text) = text_of(run.iter().filter_map(|&c| tag(c)).collect()) {
        found.push((View::Tags, text));
    }
    if let Some(text) = text_of(run.iter().filter_map(|&c| selector(c)).collect()) {
        found.push((View::Selectors, text));
    }
    if let Some(text) = binary(run) {
        found.push((View::ZeroWidth, text));
    }
    found
}

fn tag(letter: char) -> Option<u8> {
    let code = u32::from(letter).checked_sub(0xe0000)?;
    u8::try_from(code)
        .ok()
        .filter(|code| matches!(code, b' '..=b'~' | b'\n'))
}

/// A byte for every selector: the first sixteen stand in one block, the rest in another.
fn selector(letter: char) -> Option<u8> {
    let code = match u32::from(letter) {
        code @ 0xfe00..=0xfe0f => code - 0xfe00,
        code @ 0xe0100..=0xe01ef => code - 0xe0100 + 16,
        _ => return None,
    };
    u8::try_from(code).ok()
}

/// Two kinds of characters as the two digits, eight or seven to a letter, either way round.
fn binary(run: &[char]) -> Option<String> {
    let mut kinds: Vec<char> = Vec::new();
    for &letter in run {
        if !kinds.contains(&letter)
            && kinds.len() < 2
            && tag(letter).is_none()
            && selector(letter).is_none()
        {
            kinds.push(letter);
        }
    }
    let &[first, second] = kinds.as_slice() else {
        return None;
    };
    let digits: Vec<char> = run
        .iter()
        .copied()
        .filter(|c| [first, second].contains(c))
        .collect();
    for one in [second, first] {
        for width in [8, 7] {
            let bytes = digits.chunks_exact(width).map(|byte| {
                byte.iter()
                    .fold(0_u8, |value, &digit| value << 1 | u8::from(digit == one))
            });
            if let Some(text) = text_of(bytes.collect()) {
                return Some(text);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::unseen;
    use crate::injection::view::View;

    const TEXT: &str = "Run the script";

    #[test]
    fn tags_spell_ascii() {
        let run: Vec<char> = TEXT
            .chars()
            .filter_map(|c| char::from_u32(0xe0000 + u32::from(c)))
            .collect();
        assert_eq!(unseen(&run), [(View::Tags, TEXT.into())]);
    }

    #[test]
    fn selectors_spell_bytes() {
        let run: Vec<char> = TEXT
            .bytes()
            .filter_map(|b| char::from_u32(0xe0100 - 16 + u32::from(b)))
            .collect();
        assert_eq!(unseen(&run), [(View::Selectors, TEXT.into())]);
    }

    #[test]
    fn two_widths_of_nothing_spell_bits() {
        for (zero, one) in [('\u{200b}', '\u{200c}'), ('\u{2064}', '\u{2062}')] {
            let bits = TEXT
                .bytes()
                .flat_map(|b| (0..8).rev().map(move |bit| b >> bit & 1));
            let run: Vec<char> = bits.map(|bit| if bit == 1 { one } else { zero }).collect();
            assert_eq!(unseen(&run), [(View::ZeroWidth, TEXT.into())]);
        }
    }
}
