//! Whether words are used or only mentioned. Texts about attacks quote them: a quotation next to
//! words such as "for example" or "attacker" counts less. What is concealed never does.

use std::cell::OnceCell;

use super::pattern::Match;
use super::token::{Flags, Token};
use super::words::class;

/// How many words before and behind a match are asked.
const BEFORE: usize = 36;
const BEHIND: usize = 14;
/// How many words before a match a quotation may begin, and where attacks are the subject.
const NEAR: usize = 3;
const FAR: usize = 12;

/// What share of its score a match keeps, in hundredths.
#[derive(Default)]
pub(crate) struct Mentions(OnceCell<Subject>);

/// What a text is about: made with the first match.
struct Subject {
    /// The text as a whole is about attacks.
    about: bool,
    /// How many words up to each one talk about attacks.
    cues: Vec<u32>,
}

impl Subject {
    fn of(tokens: &[Token]) -> Self {
        let words = tokens.iter().filter(|token| token.is(&class::SECURITY));
        let words = words.count();
        Self {
            about: words >= 5 && words * 100 >= tokens.len(),
            cues: running(tokens),
        }
    }
}

impl Mentions {
    pub(crate) fn share(&self, text: &str, tokens: &[Token], found: &Match) -> i32 {
        let from = found.first.saturating_sub(BEFORE);
        let to = tokens.len().min(found.last + 1 + BEHIND);
        let Subject { about, cues } = self.0.get_or_init(|| Subject::of(tokens));
        let between = |from: usize, to: usize| cues[to] - cues[from];
        let cues = between(from, found.first) + between(found.last + 1, to);
        let talked_about = cues > 0 || *about;
        let reach = if talked_about { FAR } else { NEAR };
        let quoted = is_quoted(text, tokens, found, reach);
        match (quoted, cues, *about) {
            (true, 1.., _) => 30,
            (true, 0, true) => 45,
            (true, 0, false) => 90,
            (false, 2.., true) => 50,
            (false, 3.., false) => 80,
            (false, 1, true) => 70,
            _ => 100,
        }
    }
}

/// For every word how many before it talk about attacks, and one more for all of them.
fn running(tokens: &[Token]) -> Vec<u32> {
    let mut count = 0;
    let before = |token: &Token| {
        count += u32::from(token.is(&class::MENTION));
        count
    };
    std::iter::once(0)
        .chain(tokens.iter().map(before))
        .collect()
}

/// A quotation mark opens shortly before the match, and the same closes shortly behind it. Values
/// of JSON and of attributes stand in such marks without being quotations.
fn is_quoted(text: &str, tokens: &[Token], found: &Match, reach: usize) -> bool {
    let bytes = text.as_bytes();
    let end = tokens[found.last].end();
    let in_tag = tokens[found.first].flags.has(Flags::IN_TAG);
    let near = found.first.saturating_sub(NEAR);
    let far = found.first.saturating_sub(reach);
    // further away it has to be the same sentence
    let same = (far..near)
        .rev()
        .take_while(|&at| !tokens[at + 1].flags.has(Flags::BREAK));
    let opening = (near..=found.first)
        .rev()
        .chain(same)
        .filter(|at| tokens[*at].flags.has(Flags::QUOTED))
        .find_map(|at| opens(bytes, tokens[at].start(), in_tag));
    let Some(mark) = opening else {
        return false;
    };
    let rest = bytes[end..].iter().take(90).take_while(|b| **b != b'\n');
    rest.copied().any(|b| b == mark)
}

/// The quotation mark before `at`, unless it belongs to a value.
fn opens(bytes: &[u8], at: usize, in_tag: bool) -> Option<u8> {
    let mark = *bytes.get(at.checked_sub(1)?)?;
    let last = bytes[..at - 1].iter().rposition(|b| *b != b' ');
    let is_value = match last.map(|last| (bytes[last], last)) {
        Some((b':', colon)) => mark == b'"' && is_key(&bytes[..colon]),
        Some((b'[' | b'{', _)) => mark == b'"',
        Some((b'=', _)) => in_tag,
        _ => false,
    };
    (matches!(mark, b'"' | b'\'' | b'`') && !is_value).then_some(mark)
}

/// Whether a key of JSON or YAML ends here, and not a part of a sentence.
fn is_key(before: &[u8]) -> bool {
    if before.ends_with(b"\"") || before.ends_with(b"'") {
        return true;
    }
    let name = before.iter().rev().take(40);
    let name = name.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let start = before.len() - name.count();
    let line = before[..start]
        .iter()
        .rev()
        .take(40)
        .find(|b| !matches!(b, b' ' | b'-'));
    line.is_none_or(|b| matches!(b, b'\n' | b'{' | b','))
}
