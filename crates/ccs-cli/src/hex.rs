//! Bytes as hexadecimal digits.

/// Two lower-case digits for each byte.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fills `bytes` with what as many pairs of digits say; `None` if the text is anything else.
pub(crate) fn fill(text: &str, bytes: &mut [u8]) -> Option<()> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (text.len() == 2 * bytes.len() && is_plain).then_some(())?;
    for (byte, at) in bytes.iter_mut().zip((0..text.len()).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(())
}

/// The 32 bytes of a key.
pub(crate) fn key(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    fill(text, &mut key).map(|()| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let bytes: [u8; 32] = std::array::from_fn(|place| place as u8 * 8);
        assert_eq!(key(&text(&bytes)), Some(bytes));
        assert_eq!(key(&text(&bytes).to_uppercase()), Some(bytes));
    }

    #[test]
    fn what_is_not_a_key_is_not_read_as_one() {
        for text in [
            "",
            "00",
            &"zz".repeat(32),
            &"+0".repeat(32),
            &"é".repeat(32),
            &"0".repeat(63),
            &"00".repeat(33),
        ] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
