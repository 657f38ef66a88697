//! Lines of JSON as other programs send them: of any length, and not always well formed. Each gets
//! an answer on a line of its own.

use std::io::{self, BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

/// The longest line that is read, in bytes. The client sends at most a few megabytes.
const MAX_LINE: u64 = 64 << 20;

/// Has each line answered until the input ends; empty ones are passed over. Answers are held back
/// only while more input is at hand.
pub(crate) fn each<W: Write>(
    mut input: BufReader<impl Read>,
    output: &mut W,
    mut answer: impl FnMut(&[u8], &mut W) -> io::Result<()>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    while read(&mut input, &mut bytes)? {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        answer(&bytes, output)?;
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    Ok(())
}

/// A line as what it stands for. One that is no JSON is read once more as `repair` makes it, which
/// `room` then holds.
pub(crate) fn parsed<'l, T: Deserialize<'l>>(
    bytes: &'l [u8],
    room: &'l mut String,
) -> serde_json::Result<T> {
    if let Ok(line) = serde_json::from_slice(bytes) {
        return Ok(line);
    }
    *room = repair(bytes);
    serde_json::from_str(room)
}

/// Writes an answer on a line of its own.
pub(crate) fn write(output: &mut impl Write, answer: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, answer)?;
    output.write_all(b"\n")
}

/// Reads a line without its end; false at the end of the input. Of a line that is too long the
/// beginning is kept, which is not JSON.
fn read(input: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    if input.by_ref().take(MAX_LINE).read_until(b'\n', bytes)? == 0 {
        return Ok(false);
    }
    if bytes.last() != Some(&b'\n') {
        // The end of the input, or of what is read of a line.
        skip_line(input)?;
    }
    Ok(true)
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (end, count) = match buffer.iter().position(|&byte| byte == b'\n') {
            Some(at) => (true, at + 1),
            None => (buffer.is_empty(), buffer.len()),
        };
        input.consume(count);
        if end {
            return Ok(());
        }
    }
}

/// Makes JSON of what JavaScript accepts and we do not: a byte order mark, bytes that are not
/// UTF-8, halves of a surrogate pair. What cannot be written becomes U+FFFD.
fn repair(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        repaired.push_str(plain);
        let (kept, length) = unescaped(escape);
        repaired.push_str(kept);
        rest = &escape[length..];
    }
    repaired.push_str(rest);
    repaired
}

/// The escape at the start of `text` as it should be written, and how long it is now.
fn unescaped(text: &str) -> (&str, usize) {
    match (surrogate(text), text.get(6..).and_then(surrogate)) {
        (Some(Half::High), Some(Half::Low)) => (&text[..12], 12),
        (Some(_), _) => ("\\ufffd", 6),
        (None, _) => {
            let length = 1 + text[1..].chars().next().map_or(0, char::len_utf8);
            (&text[..length], length)
        }
    }
}

enum Half {
    High,
    Low,
}

fn surrogate(text: &str) -> Option<Half> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_longer_than_the_limit_is_skipped_to_its_end() {
        let mut bytes = Vec::new();
        let mut input = io::BufReader::with_capacity(7, &b"aaaaaaaaaaaaaaaa\nb\n"[..]);
        assert!(read(&mut io::BufReader::new(&b""[..]), &mut bytes).is_ok_and(|more| !more));
        skip_line(&mut input).expect("read");
        assert!(read(&mut input, &mut bytes).expect("read"));
        assert_eq!(bytes, b"b\n");
    }

    #[test]
    fn whole_pairs_and_escaped_backslashes_stay_as_they_are() {
        for text in [
            r"\ud83d\ude00",
            r"\\ud800",
            r#"a\"b\n\u00e9"#,
            "\\",
            r"\u12",
        ] {
            assert_eq!(repair(text.as_bytes()), text);
        }
    }

    #[test]
    fn each_half_pair_becomes_one_replacement() {
        assert_eq!(repair(br"\ud800"), r"\ufffd");
        assert_eq!(repair(br"\ud800\ud800\udc00"), r"\ufffd\ud800\udc00");
        assert_eq!(repair(br"x\udc00\n"), r"x\ufffd\n");
        assert_eq!(repair(br"\\\ud800"), r"\\\ufffd");
    }
}
