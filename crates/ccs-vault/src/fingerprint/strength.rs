//! How hard a value is to guess: a rough estimate, made to tell what machines make from what
//! people make up.

/// Below this many bits a value gets no fingerprint.
pub(crate) const ENOUGH: u32 = 40;

/// The estimate in bits. Words count two bits a letter, as English does; repeated and counted-up
/// characters next to nothing; everything else what its alphabet gives.
pub(crate) fn bits(value: &[u8]) -> u32 {
    let value = &value[..period(value)];
    let mut tenths = 0;
    let mut rest = value;
    while let Some(&first) = rest.first() {
        let run = run(rest, first);
        tenths += run_tenths(&rest[..run]);
        rest = &rest[run..];
    }
    tenths / 10
}

/// The length of the shortest piece that the value is a repetition of.
fn period(value: &[u8]) -> usize {
    let repeats = |&length: &usize| value[length..] == value[..value.len() - length];
    (1..=value.len() / 2)
        .take(256)
        .find(repeats)
        .unwrap_or(value.len())
}

/// How long the characters stay of one kind. A capital after small letters begins a new word.
fn run(value: &[u8], first: u8) -> usize {
    let same = |byte: u8| match first {
        b'0'..=b'9' => byte.is_ascii_digit(),
        b'a'..=b'z' => byte.is_ascii_lowercase(),
        b'A'..=b'Z' => byte.is_ascii_uppercase(),
        _ => !byte.is_ascii_alphanumeric(),
    };
    let run = value.iter().take_while(|&&byte| same(byte)).count();
    let word = value[run..]
        .iter()
        .take_while(|byte| byte.is_ascii_lowercase())
        .count();
    if first.is_ascii_uppercase() && run == 1 && word >= 3 {
        1 + word
    } else {
        run
    }
}

fn run_tenths(run: &[u8]) -> u32 {
    let each = match run[0] {
        b'0'..=b'9' if run.len() > 2 => 33,
        b'0'..=b'9' => 50,
        first if first.is_ascii_alphabetic() && run.len() < 4 => 50,
        first if first.is_ascii_alphabetic() && is_word(run) => 20,
        first if first.is_ascii_alphabetic() => 40,
        // bytes of UTF-8 or of no text
        128.. => 40,
        _ => 30,
    };
    let steps = run
        .windows(2)
        .map(|pair| if is_step(pair[0], pair[1]) { 5 } else { each });
    each + steps.sum::<u32>()
}

/// Letters that could be spoken: never four consonants in a row.
fn is_word(letters: &[u8]) -> bool {
    let is_vowel = |byte: &u8| b"aeiouyAEIOUY".contains(byte);
    letters
        .split(is_vowel)
        .all(|consonants| consonants.len() < 4)
}

/// The same again, the next up or down, or the next key of the keyboard.
fn is_step(one: u8, two: u8) -> bool {
    let (one, two) = (one.to_ascii_lowercase(), two.to_ascii_lowercase());
    let keys = |pair: &[u8]| pair == [one, two] || pair == [two, one];
    one.abs_diff(two) <= 1 || b"qwertyuiop.asdfghjkl.zxcvbnm".windows(2).any(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_make_up_is_weak() {
        for value in [
            "password",
            "password1",
            "Summer2024!",
            "hunter2hunter2",
            "changeme",
            "localhost",
            "production",
            "12345678",
            "1234567890123456",
            "aaaaaaaaaaaaaaaa",
            "your-key-here",
            "AdminAdminAdmin",
            "localhost:5432",
            "administrator1",
            "abcdefghijklmnop",
            "true true",
            "xxxxxxxxxxxxxxxxxxxx",
            "asdfghjkl1",
            "qwertyuiop[]",
            "--------------------",
        ] {
            assert!(
                bits(value.as_bytes()) < ENOUGH,
                "{value}: {}",
                bits(value.as_bytes())
            );
        }
    }

    #[test]
    fn what_machines_make_is_strong() {
        for value in [
            "x7#Kq9!zT4",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "AKIAQ3EGRVDB5KX7ZT2P",
            "9f86d081884c7d65",
            "correct-horse-battery-staple",
            "3c1f2a9e-7b54-4d0e-9a66-1f0c8e2d7b35",
            "Zm9vYmFyYmF6cXV4",
            "73029581460372",
            "kR8vX2mQ",
            "kqzvwtxrplbmdzghq",
        ] {
            assert!(
                bits(value.as_bytes()) >= ENOUGH,
                "{value}: {}",
                bits(value.as_bytes())
            );
        }
    }

    #[test]
    fn a_repetition_is_as_weak_as_its_piece() {
        assert_eq!(bits(b"kR8vX2mQkR8vX2mQ"), bits(b"kR8vX2mQ"));
        assert_eq!(period(b"abcabcab"), 3);
        assert_eq!(period(b"abcd"), 4);
        assert_eq!(bits(b""), 0);
    }
}
