//! Which characters the plain view keeps as they are: whole texts are written in them, and need
//! no closer look. The table comes from the build script, which asks what the closer look asks.

include!(concat!(env!("OUT_DIR"), "/injection_forms.rs"));

/// What the plain view makes of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Needs a closer look.
    Odd,
    /// A letter that stays and passes for no Latin one.
    Letter,
    /// A letter that stays and passes for a Latin one.
    Foreign,
    /// No letter, and stays.
    Sign,
}

impl Form {
    /// ASCII and what lies outside the first plane is odd.
    pub(crate) fn of(letter: char) -> Self {
        let at = letter as usize;
        let four = FORMS.get(at / 4).copied().unwrap_or_default();
        match four >> (2 * (at % 4)) & 3 {
            0 => Self::Odd,
            1 => Self::Letter,
            2 => Self::Foreign,
            _ => Self::Sign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn letters_that_are_folded_hidden_or_piled_up_are_looked_at() {
        for letter in [
            'a', 'é', 'Ａ', '\u{301}', '\u{200b}', '\u{202e}', '“', '𝐈', '\u{1d04}',
        ] {
            assert_eq!(Form::of(letter), Form::Odd, "{letter:?}");
        }
    }

    #[test]
    fn ordinary_writing_stays() {
        for (letter, form) in [
            ('忽', Form::Letter),
            ('ж', Form::Letter),
            ('а', Form::Foreign),
            ('ο', Form::Foreign),
            ('。', Form::Sign),
        ] {
            assert_eq!(Form::of(letter), form, "{letter:?}");
        }
    }
}
