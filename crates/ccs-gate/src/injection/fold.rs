//! One spelling for letters that differ only in form: accents, widths, styles, ligatures. Shared
//! with the build script, so that words in rule files are folded as the text is.

use unicode_normalization::char::decompose_compatible;

/// Calls `put` with what `letter` is compared as. Marks vanish; case stays.
pub(crate) fn fold(letter: char, mut put: impl FnMut(char)) {
    match letter {
        '\0'..='\x7f' => put(letter),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => put(' '),
        '\u{2018}'..='\u{201b}' | '\u{2bc}' | '\u{b4}' => put('\''),
        '\u{201c}'..='\u{201f}' | '«' | '»' => put('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => put('-'),
        'ł' => put('l'),
        'Ł' => put('L'),
        'ø' => put('o'),
        'Ø' => put('O'),
        'đ' => put('d'),
        'Đ' => put('D'),
        'ı' => put('i'),
        'ß' => "ss".chars().for_each(put),
        'æ' => "ae".chars().for_each(put),
        'œ' => "oe".chars().for_each(put),
        _ if is_mark(letter) => {}
        _ if keeps_its_form(letter) => put(letter),
        _ => decompose_compatible(letter, |part| {
            if !is_mark(part) {
                put(part);
            }
        }),
    }
}

/// Accents and vowel points: what a reader can do without.
pub(crate) fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Scripts whose characters are words or syllables: taking them apart would lose the word. Two
/// Arabic phrases in one character would make a text several times as long.
fn keeps_its_form(letter: char) -> bool {
    matches!(letter,
        '\u{590}'..='\u{1cff}' | '\u{2e80}'..='\u{2fff}' | '\u{3001}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{e000}'..='\u{f8ff}' | '\u{fdfa}' | '\u{fdfb}'
        | '\u{20000}'..='\u{3ffff}')
}
