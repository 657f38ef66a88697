//! The root key, as people keep it: a file elsewhere.

use std::path::Path;

use anyhow::Context;
use ccs_audit::RootKey;
use zeroize::Zeroizing;

use crate::exit::{Code, Stop};
use crate::hex;

/// The root key in a file.
pub(crate) fn root(path: &Path) -> anyhow::Result<RootKey> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let bytes = Zeroizing::new(bytes);
    let key = key(&bytes).ok_or_else(|| not_a_key(path))?;
    Ok(RootKey::new(*key))
}

/// 64 hexadecimal digits and a newline.
pub(crate) fn as_text(key: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in key {
        let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text.push('\n');
    text
}

/// 32 bytes, or 64 hexadecimal digits.
fn key(bytes: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    if let Ok(key) = bytes.try_into() {
        return Some(Zeroizing::new(key));
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let mut key = Zeroizing::new([0; 32]);
    hex::fill(text, key.as_mut())?;
    Some(key)
}

fn not_a_key(path: &Path) -> Stop {
    let what = format!("`{}` is not a key", path.display());
    Stop::new(Code::Refused, what).next("a key is 32 bytes, or 64 hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let bytes: [u8; 32] = std::array::from_fn(|place| place as u8 * 7);
        let text = as_text(&bytes);
        assert_eq!(key(text.as_bytes()).as_deref(), Some(&bytes));
        assert_eq!(key(&bytes).as_deref(), Some(&bytes));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "",
            "00",
            &"zz".repeat(32),
            &"+0".repeat(32),
            &"0".repeat(63),
        ] {
            assert!(key(text.as_bytes()).is_none(), "{text}");
        }
    }
}
