//! The forms a value takes when programs encode it.

use zeroize::Zeroizing;

type Text = Zeroizing<Vec<u8>>;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Those that are found broken over lines as well.
pub(super) fn wrapping(value: &[u8]) -> Vec<Text> {
    let mut forms = Vec::new();
    for alphabet in [STANDARD, FOR_URLS] {
        for before in 0..3 {
            let bits = (before + value.len()) * 8;
            // what depends on the value alone, and that with the end of the text behind it
            forms.push(base64(alphabet, before, bits / 6, value));
            forms.push(base64(alphabet, before, bits.div_ceil(6), value));
        }
    }
    forms.push(hex(b"0123456789abcdef", value));
    forms.push(hex(b"0123456789ABCDEF", value));
    forms
}

/// The others, but the value itself.
pub(super) fn others(value: &[u8]) -> Vec<Text> {
    let mut forms = Vec::new();
    for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
        // everything; RFC 3986; encodeURIComponent; encodeURI; a form's field
        for kept in ["", "-._~", "-._~!'()*", "-._~!'()*;,/?:@&=+$#", "-._*"] {
            forms.push(percent(digits, kept.as_bytes(), value));
        }
    }
    forms.push(escaped(value, false));
    forms.push(escaped(value, true));
    forms.push(in_single_quotes(value));
    forms.retain(|form| form[..] != *value);
    forms
}

/// The characters up to `end` that depend on no byte before the value when that many bytes (modulo
/// three) precede it.
fn base64(alphabet: &[u8; 64], before: usize, end: usize, value: &[u8]) -> Text {
    let bits = |at: usize| {
        let byte = at.checked_sub(before).and_then(|at| value.get(at));
        byte.copied().unwrap_or(0)
    };
    let first = (before * 8).div_ceil(6);
    let sextet = |index: usize| {
        let at = index * 6;
        let pair = u16::from_be_bytes([bits(at / 8), bits(at / 8 + 1)]);
        alphabet[usize::from(pair >> (10 - at % 8) & 63)]
    };
    Zeroizing::new((first..end).map(sextet).collect())
}

fn hex(digits: &[u8; 16], value: &[u8]) -> Text {
    let pairs = value.iter().flat_map(|&byte| two(digits, byte));
    Zeroizing::new(pairs.collect())
}

/// Letters, digits and what is `kept` stay; with nothing kept, not even they.
fn percent(digits: &[u8; 16], kept: &[u8], value: &[u8]) -> Text {
    let mut form = Zeroizing::new(Vec::with_capacity(value.len() * 3));
    let is_field = kept == b"-._*";
    for &byte in value {
        let plain = byte.is_ascii_alphanumeric() && !kept.is_empty();
        match byte {
            b' ' if is_field => form.push(b'+'),
            _ if plain || kept.contains(&byte) => form.push(byte),
            _ => {
                form.push(b'%');
                form.extend_from_slice(&two(digits, byte));
            }
        }
    }
    form
}

/// As in a JSON string, with or without `\/`.
fn escaped(value: &[u8], slash: bool) -> Text {
    let mut form = Zeroizing::new(Vec::with_capacity(value.len() * 6));
    for &byte in value {
        match byte {
            b'"' | b'\\' => form.extend_from_slice(&[b'\\', byte]),
            b'/' if slash => form.extend_from_slice(b"\\/"),
            b'\n' => form.extend_from_slice(b"\\n"),
            b'\r' => form.extend_from_slice(b"\\r"),
            b'\t' => form.extend_from_slice(b"\\t"),
            0..0x20 => {
                form.extend_from_slice(b"\\u00");
                form.extend_from_slice(&two(b"0123456789abcdef", byte));
            }
            _ => form.push(byte),
        }
    }
    form
}

/// As between a shell's single quotes.
fn in_single_quotes(value: &[u8]) -> Text {
    let mut form = Zeroizing::new(Vec::with_capacity(value.len() * 4));
    for &byte in value {
        form.extend_from_slice(if byte == b'\'' {
            b"'\\''"
        } else {
            std::slice::from_ref(&byte)
        });
    }
    form
}

fn two(digits: &[u8; 16], byte: u8) -> [u8; 2] {
    [
        digits[usize::from(byte >> 4)],
        digits[usize::from(byte & 15)],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(value: &str, form: &str) -> bool {
        let (wrapping, others) = (wrapping(value.as_bytes()), others(value.as_bytes()));
        let mut forms = wrapping.iter().chain(&others);
        forms.any(|text| text[..] == *form.as_bytes())
    }

    #[test]
    fn the_forms_are_those_that_programs_write() {
        let value = "p@ss w/ord?>é\"\n";
        for form in [
            // base64 -w0, and behind one and two bytes
            "cEBzcyB3L29yZD8+w6kiC",
            "BAc3Mgdy9vcmQ/PsOpIg",
            "wQHNzIHcvb3JkPz7DqSIK",
            "cEBzcyB3L29yZD8-w6kiC",
            "7040737320772f6f72643f3ec3a9220a",
            "7040737320772F6F72643F3EC3A9220A",
            "p%40ss%20w%2Ford%3F%3E%C3%A9%22%0A",
            "p%40ss+w%2Ford%3F%3E%C3%A9%22%0A",
            "p@ss%20w/ord?%3E%C3%A9%22%0A",
            "%70%40%73%73%20%77%2f%6f%72%64%3f%3e%c3%a9%22%0a",
            "p@ss w/ord?>é\\\"\\n",
            "p@ss w\\/ord?>é\\\"\\n",
        ] {
            assert!(has(value, form), "{form}");
        }
        assert!(has("it's-secret", "it'\\''s-secret"));
        assert!(!has("plain-value", "plain-value"));
    }
}
