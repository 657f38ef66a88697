//! What the escapes between `$'` and `'` stand for.

/// The bytes of the escape that `text` begins with, after its backslash, and its length; `None` if
/// it stands for itself with the backslash.
pub(super) fn escape(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let first = *text.first()?;
    let one = |byte: u8| Some((vec![byte], 1));
    match first {
        b'n' => one(b'\n'),
        b'r' => one(b'\r'),
        b't' => one(b'\t'),
        b'a' => one(7),
        b'b' => one(8),
        b'e' | b'E' => one(27),
        b'f' => one(12),
        b'v' => one(11),
        b'\\' | b'\'' | b'"' | b'?' => one(first),
        b'0'..=b'7' => number(text, 0, 3, 8).map(|(code, length)| (vec![code as u8], length)),
        b'x' => number(text, 1, 2, 16).map(|(code, length)| (vec![code as u8], length)),
        b'u' => character(text, 4),
        b'U' => character(text, 8),
        _ => None,
    }
}

fn character(text: &[u8], digits: usize) -> Option<(Vec<u8>, usize)> {
    let (code, length) = number(text, 1, digits, 16)?;
    Some((char::from_u32(code)?.to_string().into_bytes(), length))
}

/// The number of up to `most` digits from `start` on, and where it ends.
fn number(text: &[u8], start: usize, most: usize, radix: u32) -> Option<(u32, usize)> {
    let digits = text[start..].iter().take(most);
    let digits = digits.map_while(|&byte| char::from(byte).to_digit(radix));
    let (code, length) = digits.fold((0, 0), |(code, length), digit| {
        (code * radix + digit, length + 1)
    });
    (length > 0).then_some((code, start + length))
}
