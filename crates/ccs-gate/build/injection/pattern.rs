//! The patterns of rule files.
//!
//! ```text
//! <class>  <a|b>      a word of the class, of one of the classes
//! word  (a|b|<c>)     this word, one of these
//! ..3                 up to three words between, in the same sentence
//! ~3                  up to three words between, the sentence may end
//! ^item               begins something       ?item   may be missing
//! @item               looked for first       :item   a colon follows       !item   in capitals
//! =item               an order: begins something, or stands behind `please`, `then`, `must`, a comma
//! ,item               a comma stands before it
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::words::Words;

const CROSSES: u8 = 1;
const OPTIONAL: u8 = 2;
const FRESH: u8 = 4;
const COLON: u8 = 8;
const CAPITALS: u8 = 16;
const LED: u8 = 32;
const COMMA: u8 = 64;

/// How many signs there are that a word is near: see `Signs`.
const SIGNS: usize = 256;
/// How many words are near.
const NEAR: usize = 32;

/// All patterns so far.
#[derive(Default)]
pub(crate) struct Compiler {
    /// Set of classes, gap, marks.
    steps: Vec<(usize, u8, u8)>,
    /// Rule, first step, steps, anchor, and whether the match begins something.
    patterns: Vec<(usize, usize, usize, usize, bool)>,
}

impl Compiler {
    pub(crate) fn add(&mut self, text: &str, rule: usize, words: &mut Words, place: &str) {
        let place = format!("{place}: `{text}`");
        let first = self.steps.len();
        let (mut gap, mut how, mut anchor) = (0, 0, None);
        for item in text.split_whitespace() {
            if let Some(count) = item.strip_prefix("..").or_else(|| item.strip_prefix('~')) {
                gap = count.parse().unwrap_or_else(|_| panic!("{place}: {item}"));
                how = if item.starts_with('~') { CROSSES } else { 0 };
                continue;
            }
            let (set, marks) = item_of(item, words, &place);
            if marks.1 {
                anchor = Some(self.steps.len() - first);
            }
            let set = words.set(set);
            self.steps.push((set, gap, how | marks.0));
            (gap, how) = (0, 0);
        }
        let count = self.steps.len() - first;
        let required = |step: &(usize, u8, u8)| step.2 & OPTIONAL == 0;
        let anchor = anchor.or_else(|| self.steps[first..].iter().position(required));
        let anchor = anchor.unwrap_or_else(|| panic!("{place}: everything may be missing"));
        assert!(
            count > 0 && count < 14,
            "{place}: no pattern, or too long a one"
        );
        assert!(
            self.steps[first + anchor].2 & OPTIONAL == 0,
            "{place}: the anchor must be there"
        );
        assert!(
            self.steps[first + 1..]
                .iter()
                .all(|step| step.2 & FRESH == 0),
            "{place}: only the first item begins something"
        );
        let fresh = self.steps[first].2 & FRESH != 0;
        self.patterns.push((rule, first, count, anchor, fresh));
    }

    pub(crate) fn rust(&self, words: &Words) -> String {
        let needs: Vec<Vec<usize>> = (0..self.patterns.len()).map(|id| self.needs(id)).collect();
        let signs = signs(&needs, words);
        let mut code = format!("const SIGNS: usize = {SIGNS};\nconst NEAR: usize = {NEAR};\n");
        code.push_str("static STEPS: &[Step] = &[\n");
        for (set, gap, how) in &self.steps {
            let _ = writeln!(code, "Step {{ set: {set}, gap: {gap}, how: {how} }},");
        }
        code.push_str("];\nstatic PATTERNS: &[Pattern] = &[\n");
        for ((rule, first, count, anchor, fresh), needs) in self.patterns.iter().zip(&needs) {
            let needs = bits(needs.iter().map(|set| signs[set]));
            let _ = writeln!(
                code,
                "Pattern {{ rule: {rule}, first: {first}, count: {count}, anchor: {anchor}, fresh: {fresh}, needs: Signs({needs:?}) }},"
            );
        }
        code.push_str("];\n");
        code.push_str(&self.anchors(words));
        code.push_str(&shown(&signs, words));
        code
    }

    /// The sets of which a pattern needs a word at most `NEAR` words from its anchor.
    fn needs(&self, id: usize) -> Vec<usize> {
        let (_, first, count, anchor, _) = self.patterns[id];
        let steps = &self.steps[first..first + count];
        let reach = |steps: &mut dyn Iterator<Item = usize>| -> usize {
            steps.map(|at| steps_gap(&self.steps[first + at])).sum()
        };
        let near = |&at: &usize| match at {
            at if at > anchor => reach(&mut (anchor + 1..=at)) <= NEAR,
            at => reach(&mut (at + 1..=anchor)) <= NEAR,
        };
        let required = |at: &usize| *at != anchor && steps[*at].2 & OPTIONAL == 0;
        let sets = (0..count).filter(required).filter(near);
        sets.map(|at| steps[at].0).collect()
    }

    /// Which patterns are anchored at a word of each combination.
    fn anchors(&self, words: &Words) -> String {
        let (mut ids, mut places) = (Vec::new(), Vec::new());
        for combo in words.combos() {
            let start = ids.len();
            for (id, (_, first, _, anchor, _)) in self.patterns.iter().enumerate() {
                let set = words.members(self.steps[first + anchor].0);
                if !set.is_disjoint(combo) {
                    ids.push(id);
                }
            }
            places.push((start, ids.len() - start));
        }
        format!(
            "static ANCHORED: &[(u32, u16)] = &{places:?};\nstatic ANCHORED_IDS: &[u16] = &{ids:?};\n"
        )
    }
}

/// How far a step may lie from the one before.
fn steps_gap(step: &(usize, u8, u8)) -> usize {
    usize::from(step.1) + 1
}

/// A sign for each of the sets. There are more sets than signs: those with about as many words
/// share one, so that what common words show hides no rare word's absence.
fn signs(needs: &[Vec<usize>], words: &Words) -> BTreeMap<usize, usize> {
    let sets: BTreeSet<usize> = needs.iter().flatten().copied().collect();
    let combos = |set: usize| {
        let classes = words.members(set);
        let all = words.combos().iter();
        all.filter(|combo| !combo.is_disjoint(classes)).count()
    };
    let mut sets: Vec<(usize, usize)> = sets.into_iter().map(|set| (combos(set), set)).collect();
    sets.sort_unstable();
    let count = sets.len().max(SIGNS);
    let numbered = sets.into_iter().enumerate();
    numbered
        .map(|(at, (_, set))| (set, at * SIGNS / count))
        .collect()
}

/// The signs that a word of each combination shows.
fn shown(signs: &BTreeMap<usize, usize>, words: &Words) -> String {
    let mut code = String::from("static SHOWN: &[Signs] = &[\n");
    for combo in words.combos() {
        let shows = |set: usize| !words.members(set).is_disjoint(combo);
        let shown = signs.iter().filter(|(set, _)| shows(**set));
        let _ = writeln!(code, "Signs({:?}),", bits(shown.map(|(_, sign)| *sign)));
    }
    code.push_str("];\n");
    code
}

fn bits(signs: impl Iterator<Item = usize>) -> [u64; SIGNS / 64] {
    let mut bits = [0; SIGNS / 64];
    for sign in signs {
        bits[sign / 64] |= 1 << (sign % 64);
    }
    bits
}

/// The classes of an item, its flags, and whether it is the anchor.
fn item_of(item: &str, words: &mut Words, place: &str) -> (BTreeSet<usize>, (u8, bool)) {
    let (mut how, mut anchor, mut rest) = (0, false, item);
    loop {
        let (flag, tail) = match rest.split_at_checked(1) {
            Some(("^", tail)) => (FRESH, tail),
            Some(("?", tail)) => (OPTIONAL, tail),
            Some(("!", tail)) => (CAPITALS, tail),
            Some((":", tail)) => (COLON, tail),
            Some(("=", tail)) => (LED, tail),
            Some((",", tail)) => (COMMA, tail),
            Some(("@", tail)) => {
                anchor = true;
                (0, tail)
            }
            _ => break,
        };
        how |= flag;
        rest = tail;
    }
    let inside = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let parts: Vec<&str> = match inside {
        Some(inside) => inside.split('|').collect(),
        None if rest.starts_with('<') => vec![rest],
        None => vec![rest],
    };
    let mut set = BTreeSet::new();
    for part in parts {
        match part
            .strip_prefix('<')
            .and_then(|name| name.strip_suffix('>'))
        {
            Some(names) => set.extend(names.split('|').map(|name| words.known(name, place))),
            None => {
                assert!(
                    !part.is_empty() && !part.contains(['<', '>', '(', ')']),
                    "{place}: {item}"
                );
                set.insert(words.literal(part));
            }
        }
    }
    (set, (how, anchor))
}
