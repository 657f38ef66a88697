//! The prefilter's tables: which three bytes begin the search for which word.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::form::Part;

#[path = "../../src/secret/code.rs"]
#[allow(unreachable_pub)]
mod code;
use code::{BUCKETS, TRIGRAMS, bucket, trigram};

/// A word that is looked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Keyword {
    pub(crate) text: String,
    /// Whether both cases of a letter are the same.
    pub(crate) fold: bool,
}

/// How surprising one character is after another, in quarter bits: 54 rows of 54.
const PAIRS: &str = include_str!("../../rules/secret-words/pairs.txt");

/// The part of a form that is looked for: the literal it begins with, else the most surprising.
pub(crate) fn anchor(parts: &[Part]) -> Option<usize> {
    let rarity = |part: &Part| match part {
        Part::Text(text) if text.len() >= 3 => surprise(text.as_bytes()),
        _ => 0,
    };
    let best = (0..parts.len()).max_by_key(|&at| (rarity(&parts[at]), usize::MAX - at))?;
    let at = if rarity(&parts[0]) > 0 { 0 } else { best };
    (rarity(&parts[at]) > 0).then_some(at)
}

fn surprise(text: &[u8]) -> usize {
    let cost = |a: u8, b: u8| {
        let row = PAIRS.lines().nth(symbol(a)).expect("54 rows").as_bytes();
        usize::from(row[symbol(b)] - b'0')
    };
    text.iter().zip(&text[1..]).map(|(&a, &b)| cost(a, b)).sum()
}

fn symbol(byte: u8) -> usize {
    usize::from(match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A' + 26,
        b'0'..=b'9' => 52,
        _ => 53,
    })
}

/// Which of its trigrams finds a word: the most surprising one.
fn probe(word: &[u8]) -> usize {
    let lower = word.to_ascii_lowercase();
    (0..word.len() - 2)
        .max_by_key(|&at| (surprise(&lower[at..at + 3]), usize::MAX - at))
        .expect("a keyword has three bytes")
}

/// The keywords and the tables that find them, as Rust.
pub(crate) fn rust(uses: &BTreeMap<Keyword, Vec<String>>) -> String {
    let mut code = String::from("pub(super) static KEYWORDS: &[Keyword] = &[\n");
    let mut bits = vec![0_u64; TRIGRAMS / 64];
    let mut lists: Vec<Vec<(u16, u8)>> = vec![Vec::new(); BUCKETS];
    for (number, (word, uses)) in uses.iter().enumerate() {
        let text = word.text.as_bytes();
        assert!(text.len() >= 3, "keyword `{}` is too short", word.text);
        let at = probe(text);
        let key = trigram(text[at], text[at + 1], text[at + 2]);
        bits[key as usize / 64] |= 1 << (key % 64);
        let entry = (u16::try_from(number).expect("few words"), u8::try_from(at).expect("short words"));
        lists[bucket(key)].push(entry);
        let _ = writeln!(
            code,
            "Keyword {{ text: {:?}, fold: {}, uses: &[{}] }},",
            word.text,
            word.fold,
            uses.join(", ")
        );
    }
    code.push_str("];\n");
    let mut entries = Vec::new();
    let mut starts = vec![0_u16];
    for list in lists {
        entries.extend(list);
        starts.push(u16::try_from(entries.len()).expect("few words"));
    }
    let _ = writeln!(code, "static BITS: [u64; {}] = {bits:?};", bits.len());
    let _ = writeln!(code, "static STARTS: [u16; {}] = {starts:?};", starts.len());
    let _ = writeln!(code, "static ENTRIES: [(u16, u8); {}] = {entries:?};", entries.len());
    code.push_str("pub(super) static PAIRS: [[u8; 54]; 54] = [\n");
    for row in PAIRS.lines() {
        let _ = writeln!(code, "{:?},", row.bytes().map(|byte| byte - b'0').collect::<Vec<_>>());
    }
    code.push_str("];\n");
    code
}
