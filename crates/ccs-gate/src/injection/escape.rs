//! Characters written as escapes: `\u0041`, `&#65;`, `%41`, `=41`.

use super::view::View;

/// A character that was written as an escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escape {
    pub(crate) letter: char,
    /// Bytes of the whole escape.
    pub(crate) length: usize,
    pub(crate) view: View,
}

impl Escape {
    /// Letters and digits never need an escape: whoever writes them so wants them not to be read.
    pub(crate) fn is_needless(&self) -> bool {
        self.letter.is_ascii_alphanumeric()
    }
}

/// The escape at the beginning of `bytes`, if there is one.
pub(crate) fn read(bytes: &[u8]) -> Option<Escape> {
    match bytes.first()? {
        b'\\' => backslash(bytes),
        b'&' => reference(bytes),
        b'%' => percent(bytes),
        _ => None,
    }
}

/// `\n`, `\"`, `\/`, `\u0041`, `\u{41}`, `\x41`, behind any number of backslashes: text that was
/// put into JSON more than once has many.
fn backslash(bytes: &[u8]) -> Option<Escape> {
    let slashes = bytes.iter().take(16).take_while(|&&b| b == b'\\').count();
    let (letter, length) = match bytes.get(slashes)? {
        b'n' | b'r' => ('\n', 1),
        b't' => ('\t', 1),
        b'"' => ('"', 1),
        b'\'' => ('\'', 1),
        b'/' => ('/', 1),
        b'x' => (printable(hex(bytes.get(slashes + 1..slashes + 3)?)?)?, 3),
        b'u' => unicode(&bytes[slashes + 1..])?,
        _ => return None,
    };
    let length = slashes + length;
    let view = View::Escaped;
    Some(Escape {
        letter,
        length,
        view,
    })
}

/// After the `u`: four digits, two times four for a pair, or digits in braces.
fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    if rest.first() == Some(&b'{') {
        let end = rest.iter().take(8).position(|&b| b == b'}')?;
        return Some((char::from_u32(hex(&rest[1..end])?)?, end + 2));
    }
    let first = hex(rest.get(..4)?)?;
    if let Some(letter) = char::from_u32(first) {
        return Some((letter, 5));
    }
    let slashes = rest[4..]
        .iter()
        .take(16)
        .take_while(|&&b| b == b'\\')
        .count();
    let second = rest.get(4 + slashes..9 + slashes)?;
    if slashes == 0 || second[0] != b'u' || !(0xd800..0xdc00).contains(&first) {
        return None;
    }
    let second = hex(&second[1..])?
        .checked_sub(0xdc00)
        .filter(|&low| low < 0x400)?;
    let letter = char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)?;
    Some((letter, 10 + slashes))
}

/// `&#65;`, `&#x41;` and the few names that matter.
fn reference(bytes: &[u8]) -> Option<Escape> {
    if !matches!(bytes.get(1)?, b'#' | b'l' | b'g' | b'a' | b'q' | b'n') {
        return None;
    }
    let end = bytes.iter().take(12).position(|&b| b == b';')?;
    let letter = match &bytes[1..end] {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        b"nbsp" => ' ',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
        [b'#', digits @ ..] => {
            let number = std::str::from_utf8(digits).ok()?;
            char::from_u32(number.parse().ok()?)?
        }
        _ => return None,
    };
    let view = View::Reference;
    Some(Escape {
        letter,
        length: end + 1,
        view,
    })
}

/// `%41`, and `%E2%80%8B` for one character of several bytes.
fn percent(bytes: &[u8]) -> Option<Escape> {
    let byte = |at: usize| {
        let digits = bytes.get(3 * at..3 * at + 3)?;
        (digits[0] == b'%').then(|| hex(&digits[1..]))?
    };
    let first = byte(0)?;
    let view = View::Percent;
    let width = match first {
        0..0x80 => {
            let letter = printable(first)?;
            return Some(Escape {
                letter,
                length: 3,
                view,
            });
        }
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return None,
    };
    let mut buffer = [0_u8; 4];
    for (at, slot) in buffer.iter_mut().enumerate().take(width) {
        *slot = u8::try_from(byte(at)?).ok()?;
    }
    let letter = std::str::from_utf8(&buffer[..width]).ok()?.chars().next()?;
    Some(Escape {
        letter,
        length: 3 * width,
        view,
    })
}

/// Control characters stay escaped: source code is full of them.
fn printable(number: u32) -> Option<char> {
    char::from_u32(number).filter(|&c| matches!(c, ' '..='~' | '\n' | '\t'))
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0_u32, |value, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        value.checked_mul(16)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    fn letter(text: &str) -> Option<(char, usize)> {
        read(text.as_bytes()).map(|escape| (escape.letter, escape.length))
    }

    #[test]
    fn every_way_of_writing_a_letter_is_read() {
        for text in [
            r"\u0041", r"\\u0041", r"\u{41}", r"\x41", "&#65;", "&#x41;", "%41",
        ] {
            assert_eq!(letter(text), Some(('A', text.len())), "{text}");
        }
        assert_eq!(letter(r"\ud83d\ude00"), Some(('\u{1f600}', 12)));
        assert_eq!(letter(r"\\ud83d\\ude00"), Some(('\u{1f600}', 14)));
        assert_eq!(letter("%E2%80%8B"), Some(('\u{200b}', 9)));
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in [
            "100%", "%zz", "&copy", r"\d+", r"\u00", "&#;", r"\x1b[0m", "%ff", r"\ud83d",
        ] {
            assert_eq!(letter(text), None, "{text}");
        }
    }
}
