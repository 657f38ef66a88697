//! Secrets on a command line: `curl -u user:password`, `sshpass -p …`.

use super::rule::FLAGS;
use super::scan::{Confidence, Kind, Scan};
use super::value::{self, Shape};
use super::{rule, sham};

/// How much of a command is read, in bytes.
const LONGEST: usize = 400;

/// Reads the arguments of the program whose name stands at `at..end`.
pub(super) fn at(scan: &mut Scan<'_>, flags: u16, at: usize, end: usize) {
    let flags = &FLAGS[usize::from(flags)];
    let next = scan.byte(end);
    let part = scan.before(end) != b' ' && !matches!(next, b' ' | b'.' | b'\t');
    if part || rule::Set::WORD.has(scan.before(at)) {
        return;
    }
    if scan.is_read(Kind::Command, end) {
        return;
    }
    let to = command_end(scan, end);
    scan.read(Kind::Command, end, to);
    let mut wanted = false;
    for (start, stop) in words(scan.text, end, to) {
        scan.work += 4;
        let word = &scan.text[start..stop];
        if wanted {
            report(scan, flags, start, stop);
        }
        wanted = flags
            .flags
            .iter()
            .any(|flag| flag.trim_end_matches('*').as_bytes() == word);
        let attached = flags.flags.iter().filter_map(|flag| {
            let flag = flag.strip_suffix('*').unwrap_or(flag);
            let glued = flag.len() == 2 && !flag.ends_with('=');
            let rest = word.strip_prefix(flag.as_bytes())?;
            match rest.first() {
                Some(b'=') => Some(flag.len() + 1),
                Some(_) if glued => Some(flag.len()),
                _ => None,
            }
        });
        if let Some(skip) = attached.max() {
            let joined = flags.flags.iter().any(|flag| flag.ends_with('*'));
            if word[skip - 1] == b'=' || joined {
                report(scan, flags, start + skip, stop);
            }
        }
    }
}

/// The end of the simple command: a line end without a backslash, a pipe, `;` or `&&`.
fn command_end(scan: &mut Scan<'_>, from: usize) -> usize {
    let to = (from + LONGEST).min(scan.text.len());
    let text = &scan.text[from..to];
    let stop = text.iter().enumerate().position(|(at, &byte)| match byte {
        b'\n' => at == 0 || text[at - 1] != b'\\',
        b'|' | b';' => {
            text.get(at + 1) == Some(&b' ') || text.get(at.wrapping_sub(1)) == Some(&b' ')
        }
        _ => false,
    });
    let len = stop.unwrap_or(text.len());
    scan.work += len as u64 / 4;
    from + len
}

/// The words of a command, without their quotes.
fn words(text: &[u8], mut at: usize, to: usize) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    while at < to {
        let byte = text[at];
        if byte.is_ascii_whitespace() || byte == b'\\' {
            at += 1;
            continue;
        }
        let quote = matches!(byte, b'"' | b'\'').then_some(byte);
        let start = at + usize::from(quote.is_some());
        let ends = |b: &u8| quote.map_or(b.is_ascii_whitespace(), |quote| *b == quote);
        let end = text[start..to]
            .iter()
            .position(ends)
            .map_or(to, |len| start + len);
        words.push((start, end));
        at = end + 1;
    }
    words
}

fn report(scan: &mut Scan<'_>, flags: &rule::Flags, start: usize, stop: usize) {
    let word = &scan.text[start..stop];
    let from = match word.iter().position(|&b| b == b':') {
        Some(colon) if flags.pair => colon + 1,
        None if flags.pair => return,
        _ => 0,
    };
    let start = start + from;
    let quotes: &[u8] = b"\"'";
    let secret = &word[from..];
    let secret = secret
        .iter()
        .position(|b| quotes.contains(b))
        .map_or(secret, |at| &secret[..at]);
    let shape = Shape::of(secret);
    let word = flags.any && secret.len() >= 5;
    let likely = word || shape.is_password() || shape.is_random() || shape.is_hex();
    if likely && !value::is_weak(secret) && !value::is_reference(secret) && !sham::is_sham(secret) {
        scan.add(flags.rule, start, start + secret.len(), Confidence::Medium);
    }
}
