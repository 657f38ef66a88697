//! The prefilter's tables: which three bytes begin the search for which word.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::form::Part;

#[path = "../../src/secret/code.rs"]
#[allow(unreachable_pub)]
mod code;
use code::{BUCKETS, END, PAIRS as CODES, QUADS, bucket, coarse, code as letter, quad, trigram};

/// A word that is looked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Keyword {
    pub(crate) text: String,
    /// Whether both cases of a letter are the same.
    pub(crate) fold: bool,
}

/// How surprising one character is after another, in quarter bits: 54 rows of 54.
const PAIRS: &str = include_str!("../../rules/secret-words/pairs.txt");

/// The three-character sequences that are common in source code and prose, the commonest first,
/// in lower case.
const COMMON: &str = include_str!("../../rules/secret-words/trigrams.txt");

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

/// The place of each common trigram in the order of frequency.
fn ranks() -> BTreeMap<u32, usize> {
    let lines = COMMON.lines().map(str::as_bytes);
    let all = lines.flat_map(|line| line.chunks(3));
    let known = all.filter(|three| three.len() == 3);
    let mut ranks = BTreeMap::new();
    for (three, rank) in known.zip(0..) {
        ranks
            .entry(trigram(three[0], three[1], three[2]))
            .or_insert(rank);
    }
    ranks
}

/// Which of its trigrams finds a word: the least common one. Where it can, a byte follows that is
/// looked at before the word is.
fn probe(word: &[u8], ranks: &BTreeMap<u32, usize>) -> usize {
    let rank = |at: usize| {
        let key = trigram(word[at], word[at + 1], word[at + 2]);
        ranks.get(&key).copied().unwrap_or(usize::MAX)
    };
    (0..(word.len() - 3).max(1))
        .max_by_key(|&at| (rank(at), surprise(&word.to_ascii_lowercase()[at..at + 3])))
        .expect("a keyword has three bytes")
}

/// Where a word counts: at the start of a word if it begins a token, at the start of a part of a
/// name if it is the name of an owner.
fn begins(text: &str, uses: &[String]) -> &'static str {
    let token = [
        "Use::Form",
        "Use::Flags",
        "Use::Jwt",
        "Use::Basic",
        "Use::Bearer",
    ];
    let all = |kinds: &[&str]| {
        uses.iter()
            .all(|one| kinds.iter().any(|kind| one.starts_with(kind)))
    };
    let letter = text
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    match () {
        () if letter && all(&token) => "Word",
        () if letter && all(&["Use::Form", "Use::Flags", "Use::Near"]) => "Part",
        () => "Anywhere",
    }
}

/// The keywords and the tables that find them, as Rust.
pub(crate) fn rust(uses: &BTreeMap<Keyword, Vec<String>>) -> String {
    let mut code = String::from("pub(super) static KEYWORDS: &[Keyword] = &[\n");
    let ranks = ranks();
    let mut marks = vec![0_u32; CODES];
    let mut quads = vec![0_u64; QUADS / 64];
    let mut lists: Vec<Vec<String>> = vec![Vec::new(); BUCKETS];
    for (number, (word, uses)) in uses.iter().enumerate() {
        let text = word.text.as_bytes();
        assert!(text.len() >= 3, "keyword `{}` is too short", word.text);
        let at = probe(text, &ranks);
        let pair = (coarse(text[at]) << 5 | coarse(text[at + 1])) as usize;
        marks[pair] |= 1 << coarse(text[at + 2]);
        let next = text
            .get(at + 3)
            .map_or(u32::from(END), |&byte| letter(byte));
        let key = trigram(text[at], text[at + 1], text[at + 2]);
        let follow = if next == u32::from(END) {
            0..64
        } else {
            next..next + 1
        };
        for place in follow.map(|next| quad(key, next)) {
            quads[place / 64] |= 1 << (place % 64);
        }
        lists[bucket(key)].push(format!(
            "Entry {{ word: {number}, at: {at}, next: {next} }}"
        ));
        let _ = writeln!(
            code,
            "Keyword {{ text: {:?}, fold: {}, begins: Begins::{}, uses: &[{}] }},",
            word.text,
            word.fold,
            begins(&word.text, uses),
            uses.join(", ")
        );
    }
    code.push_str("];\n");
    let mut entries: Vec<String> = Vec::new();
    let mut starts = vec![0_u16];
    for list in lists {
        entries.extend(list);
        starts.push(u16::try_from(entries.len()).expect("few words"));
    }
    let _ = writeln!(code, "static MARKS: [u32; {}] = {marks:?};", marks.len());
    let _ = writeln!(code, "static QUADS: [u64; {}] = {quads:?};", quads.len());
    let _ = writeln!(code, "static STARTS: [u16; {}] = {starts:?};", starts.len());
    let _ = writeln!(
        code,
        "static ENTRIES: [Entry; {}] = [{}];",
        entries.len(),
        entries.join(", ")
    );
    code.push_str("pub(super) static PAIRS: [[u8; 54]; 54] = [\n");
    for row in PAIRS.lines() {
        let _ = writeln!(
            code,
            "{:?},",
            row.bytes().map(|byte| byte - b'0').collect::<Vec<_>>()
        );
    }
    code.push_str("];\n");
    code
}
