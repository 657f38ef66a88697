//! Signs that mean nothing alone. A machine is spoken of in every text about machines, errands in
//! every manual: only the two together, in neighbouring sentences, are an order from a stranger.

use super::pattern::Match;
use super::rule::{FAMILIES, Family, RULES};
use super::token::{Flags, Token};
use super::words::class;

/// What a family can be one half of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A machine that is to do something.
    Reader,
    /// What it is to do.
    Errand,
    /// That nobody is told or asked.
    Hush,
    /// That somebody has agreed.
    Consent,
}

/// How many words may lie between the two.
const REACH: usize = 24;
/// How many sentences may begin between the two.
const SENTENCES: u32 = 1;

impl Part {
    /// What this can be the other half of.
    const fn halves(self) -> &'static [Self] {
        match self {
            Self::Reader => &[Self::Errand, Self::Hush, Self::Consent],
            Self::Errand => &[Self::Reader, Self::Hush],
            Self::Hush => &[Self::Reader, Self::Errand, Self::Consent],
            Self::Consent => &[Self::Reader, Self::Hush],
        }
    }
}

/// Whether a match can be a half of something.
pub(crate) fn is_part(found: &Match) -> bool {
    family(found).part.is_some()
}

/// The parts that mean something: alone, or because their other half is near.
pub(crate) fn paired(text: &str, tokens: &[Token], mut matches: Vec<Match>) -> Vec<Match> {
    if !matches.iter().any(|found| family(found).apart) {
        return matches;
    }
    matches.sort_by_key(|found| (found.first, found.last));
    let begun = sentences(tokens);
    let mut kept: Vec<bool> = matches.iter().map(|found| !family(found).apart).collect();
    // of every part the match that reaches furthest
    let mut latest: [Option<usize>; 4] = [None; 4];
    for (at, found) in matches.iter().enumerate() {
        let Some(part) = family(found).part else {
            continue;
        };
        for half in part.halves() {
            let near = latest[*half as usize].filter(|&other| {
                is_near(&matches[other], found, &begun)
                    && is_told(text, tokens, &matches[other], found)
            });
            if let Some(other) = near {
                (kept[at], kept[other]) = (true, true);
            }
        }
        let known = &mut latest[part as usize];
        if known.is_none_or(|other| matches[other].last <= found.last) {
            *known = Some(at);
        }
    }
    let mut kept = kept.into_iter();
    matches.retain(|_| kept.next().unwrap_or(true));
    matches
}

fn family(found: &Match) -> &'static Family {
    &FAMILIES[usize::from(RULES[usize::from(found.rule)].family)]
}

/// For every word how many sentences began up to it.
fn sentences(tokens: &[Token]) -> Vec<u32> {
    let mut count = 0;
    let begun = |token: &Token| {
        count += u32::from(token.flags.has(Flags::BREAK));
        count
    };
    tokens.iter().map(begun).collect()
}

fn is_near(before: &Match, behind: &Match, begun: &[u32]) -> bool {
    behind.first <= before.last + REACH && begun[behind.first] <= begun[before.last] + SENTENCES
}

/// Whether the words of both and between them are sentences, and not code: there words such as
/// `the` and `to` are missing. Only asked where such words are known.
fn is_told(text: &str, tokens: &[Token], before: &Match, behind: &Match) -> bool {
    let words = &tokens[before.first.min(behind.first)..=before.last.max(behind.last)];
    let foreign = words
        .iter()
        .any(|word| text.as_bytes()[word.start()] >= 0x80);
    let common = words.iter().filter(|word| word.is(&class::COMMON)).count();
    let tied = words
        .iter()
        .filter(|word| word.flags.has(Flags::TIED))
        .count();
    foreign || common * 5 >= words.len() && tied * 3 <= words.len()
}
