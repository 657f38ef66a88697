//! Decoding steps that hide text in scripts, undone.
//!
//! Bytes that are no UTF-8 become the characters of the same number, as a script that treats
//! bytes as text would see them.

/// Base64 in either alphabet, white space and missing padding tolerated.
pub(super) fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            b' ' | b'\n' | b'\r' | b'\t' => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Some(from_bytes(bytes))
}

pub(super) fn to_base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(text.len() / 3 * 4 + 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            if n <= chunk.len() {
                out.push(char::from(ALPHABET[(bits >> (18 - 6 * n) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Hexadecimal digits, white space and separators tolerated.
pub(super) fn hex(text: &str) -> Option<String> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|b| !b" \n\t:-".contains(b))
        .map(|b| char::from(b).to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    Some(from_bytes(
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    ))
}

pub(super) fn to_hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

pub(super) fn rot13(text: &str) -> String {
    let turn = |c: char, base: u8| {
        let n = (u32::from(c) - u32::from(base) + 13) % 26;
        char::from(base + n as u8)
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
}

/// `%41` and `+`-free percent encoding.
pub(super) fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let pair = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(decoded) if b == b'%' => {
                out.push(decoded);
                at += 3;
            }
            _ => {
                out.push(b);
                at += 1;
            }
        }
    }
    from_bytes(out)
}

/// Text whose characters are the bytes of Latin text in UTF-16LE, or that is plain already.
pub(super) fn utf16(text: &str) -> Option<String> {
    if !text.contains('\0') {
        return Some(text.to_owned());
    }
    let low: String = text.chars().step_by(2).collect();
    let wide = text.chars().skip(1).step_by(2).all(|high| high == '\0');
    (wide && !low.contains('\0')).then_some(low)
}

/// uuencoded lines.
pub(super) fn uu(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let mut values = line.bytes().map(|b| b.wrapping_sub(32) & 63);
        let Some(len) = values.next().filter(|len| *len > 0) else {
            break;
        };
        let values: Vec<u8> = values.collect();
        let start = bytes.len();
        for chunk in values.chunks(4) {
            let bits = chunk
                .iter()
                .fold(0_u32, |bits, v| bits << 6 | u32::from(*v));
            let bits = bits << (6 * (4 - chunk.len()));
            bytes.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
        }
        bytes.truncate(start + usize::from(len));
    }
    (!bytes.is_empty()).then(|| from_bytes(bytes))
}

fn from_bytes(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_reads_both_alphabets_with_or_without_padding() {
        assert_eq!(base64("cm0gLXJmIH4=").as_deref(), Some("rm -rf ~"));
        assert_eq!(base64("cm0gLXJmIH4").as_deref(), Some("rm -rf ~"));
        assert_eq!(base64("P_8-").map(|t| t.chars().count()), Some(3));
        assert_eq!(base64("not base64!"), None);
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in ["", "a", "ab", "abc", "rm -rf /", "ü"] {
            assert_eq!(base64(&to_base64(text)).as_deref(), Some(text));
            assert_eq!(hex(&to_hex(text)).as_deref(), Some(text));
            assert_eq!(rot13(&rot13(text)), text);
        }
    }

    #[test]
    fn percent_encoding_keeps_what_is_no_escape() {
        assert_eq!(percent("rm%20-rf%2F 100% %zz"), "rm -rf/ 100% %zz");
    }

    #[test]
    fn wide_text_is_known_by_its_zero_bytes() {
        assert_eq!(utf16("d\0e\0l\0").as_deref(), Some("del"));
        assert_eq!(utf16("del").as_deref(), Some("del"));
        assert_eq!(utf16("\0\0"), None);
    }

    #[test]
    fn uuencoded_text_is_read_to_its_stated_length() {
        assert_eq!(uu("(<FT@+7)F(\"\\").as_deref(), Some("rm -rf /"));
    }
}
