//! Bytes of a file as text in which every byte keeps its place.

use std::borrow::Cow;

/// How many bytes say whether a file is text, as in git.
const HEAD: usize = 8_000;

/// What stands for a byte that is no part of any character: SUB, which no token holds.
const NONE: u8 = 0x1a;

/// A text and how its places lead back to the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text<'b> {
    pub(crate) text: Cow<'b, str>,
    utf16: bool,
}

impl<'b> Text<'b> {
    /// A text as it is.
    pub(crate) fn plain(text: &'b str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            utf16: false,
        }
    }

    /// The last beginning of a character at or before a place.
    pub(crate) fn floor(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The place in the file of a place in the text.
    pub(crate) fn source(&self, at: usize) -> usize {
        if self.utf16 {
            2 + 2 * self.text[..at].encode_utf16().count()
        } else {
            at
        }
    }
}

/// The text that the bytes of a file hold; `None` if they hold none and `binary` does not say to
/// read it all the same.
///
/// Bytes that are not UTF-8 are replaced where they stand, so that all others keep their place.
/// What begins with the mark of UTF-16 is decoded.
pub(crate) fn text(bytes: &mut [u8], binary: bool) -> Option<Text<'_>> {
    if let Some(text) = utf16(bytes) {
        let text = Cow::Owned(text);
        return Some(Text { text, utf16: true });
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if !binary && memchr::memchr(0, head).is_some() {
        return None;
    }
    Some(Text::plain(repaired(bytes)))
}

/// The bytes as text of the same length.
pub(crate) fn repaired(bytes: &mut [u8]) -> &str {
    let mut from = 0;
    while let Err(error) = std::str::from_utf8(&bytes[from..]) {
        let start = from + error.valid_up_to();
        let end = error.error_len().map_or(bytes.len(), |len| start + len);
        bytes[start..end].fill(NONE);
        from = end;
    }
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Whether the mark of UTF-16 stands at the beginning.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let (mark, rest) = bytes.split_first_chunk()?;
    let unit = match mark {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let units = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let characters = char::decode_utf16(units).map(|one| one.unwrap_or(char::from(NONE)));
    Some(characters.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_character_are_replaced_and_the_others_keep_their_place() {
        let mut bytes = b"caf\xe9 \xf0\x9f\x98 key \xc3\xa9 \xff\xfe end\xe2\x82".to_vec();
        let length = bytes.len();
        let text = text(&mut bytes, false).expect("text").text.into_owned();
        assert_eq!(text.len(), length);
        assert_eq!(text.find("key"), Some(9));
        assert!(text.contains('é') && text.ends_with("end\u{1a}\u{1a}"));
    }

    #[test]
    fn a_zero_near_the_beginning_makes_it_binary_unless_asked_for() {
        let mut bytes = b"\x7fELF\0\0 token".to_vec();
        assert_eq!(text(&mut bytes, false), None);
        assert!(text(&mut bytes, true).is_some());
    }

    #[test]
    fn sixteen_bit_text_leads_back_to_its_bytes() {
        let plain = "é😀 key";
        let units = plain.encode_utf16();
        for (mark, bytes) in [
            (
                [0xff, 0xfe],
                units.clone().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
            ),
            ([0xfe, 0xff], units.flat_map(u16::to_be_bytes).collect()),
        ] {
            let mut bytes = [&mark[..], &bytes].concat();
            let text = text(&mut bytes, false).expect("text");
            assert_eq!(text.text, plain);
            assert_eq!(text.source(plain.find("key").expect("there")), 2 + 8);
        }
    }
}
