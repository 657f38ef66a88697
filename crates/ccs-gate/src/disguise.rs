//! Characters that a person does not see: they make a command look like another one.

use std::borrow::Cow;

use crate::effect::Tags;
use crate::value::HOLE;

/// What was hidden in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// Zero-width, direction-changing or tag characters.
    pub(crate) invisible: bool,
    /// Terminal control characters.
    pub(crate) control: bool,
}

impl Hidden {
    pub(crate) fn tags(&self) -> Tags {
        Tags::LOOKALIKE
            .when(self.invisible)
            .and(Tags::RAW.when(self.control))
    }
}

/// The text without what cannot be seen, and what that was. NUL never reaches a program, and
/// joiners inside emoji are nobody's disguise: both are taken out silently.
pub(crate) fn reveal(text: &str) -> (Cow<'_, str>, Hidden) {
    if text
        .bytes()
        .all(|b| matches!(b, b' '..=b'~' | b'\n' | b'\t'))
    {
        return (Cow::Borrowed(text), Hidden::default());
    }
    let mut hidden = Hidden::default();
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            HOLE | '\u{200c}' | '\u{200d}' | '\u{ad}' => {}
            '\r' if letters.peek() == Some(&'\n') => {}
            _ if is_invisible(letter) => hidden.invisible = true,
            '\n' | '\t' => plain.push(letter),
            '\r' => {
                hidden.control = true;
                plain.push(' ');
            }
            _ if letter.is_control() => hidden.control = true,
            _ => plain.push(letter),
        }
    }
    (Cow::Owned(plain), hidden)
}

/// Characters without a width, those that change the direction of text, and tags.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        | '\u{61c}' | '\u{180e}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::reveal;

    #[test]
    fn invisible_characters_are_taken_out_and_told() {
        for text in [
            "\u{feff}rm -rf /",
            "r\u{200b}m -rf /",
            "rm \u{202e}-rf /",
            "rm\u{e0041} -rf /",
        ] {
            let (plain, hidden) = reveal(text);
            assert_eq!(plain, "rm -rf /", "{text:?}");
            assert!(hidden.invisible);
        }
        assert!(reveal("ls \u{1b}[2K").1.control);
        assert!(reveal("rm -rf /\rls").1.control);
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "echo 'naïve – ☃ 日本語'",
            "git commit -m '👩\u{200d}💻 done'",
            "a\r\nb",
        ] {
            assert_eq!(reveal(text).1, Default::default(), "{text:?}");
        }
        assert_eq!(reveal("a\r\nb").0, "a\nb");
    }
}
