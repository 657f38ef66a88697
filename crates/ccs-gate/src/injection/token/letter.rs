//! Which characters words are made of.

include!(concat!(env!("OUT_DIR"), "/injection_letters.rs"));

/// Letters and digits, and the vowel signs of India that join letters into words.
pub(crate) fn is_letter(letter: char) -> bool {
    let at = letter as usize;
    match LETTERS.get(at / 64) {
        Some(bits) => bits >> (at % 64) & 1 != 0,
        None => letter.is_alphanumeric(),
    }
}

/// Scripts that are written without spaces, and Hangul, which glues its endings on.
pub(crate) fn is_run_letter(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::is_letter;

    #[test]
    fn the_table_knows_what_the_standard_library_knows() {
        for letter in ('\0'..='\u{20000}').step_by(7) {
            let sign = matches!(letter, '\u{900}'..='\u{963}' | '\u{966}'..='\u{dff}');
            assert_eq!(
                is_letter(letter),
                letter.is_alphanumeric() || sign,
                "{letter:?}"
            );
        }
    }
}
