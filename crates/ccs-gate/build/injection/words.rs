//! `rules/injection/words/*.yaml`: classes of words, by language, as one hash table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{fold, inflect, key};
use crate::source;

/// Class, language, words.
type File = BTreeMap<String, BTreeMap<String, String>>;

/// Everything that is known about words while the tables are made.
#[derive(Default)]
pub(crate) struct Words {
    classes: Vec<String>,
    /// Classes of every word; a word that ends in `*` stands for its beginning.
    entries: BTreeMap<String, BTreeSet<usize>>,
    combos: Vec<BTreeSet<usize>>,
    /// Sets of classes that the program asks for, each once; the first is empty.
    sets: Vec<BTreeSet<usize>>,
}

/// Classes that the reader of tokens hands out by itself.
const OWN: &[&str] = &["url", "email", "number", "scheme"];

/// What a look at every word of a text asks first, and the classes it is about.
const KINDS: &[(&str, &[&str])] = &[
    ("LABEL", &["role-key", "order-tag", "ai"]),
    ("SPEAKER", &["speaker"]),
    ("ROT13", &["rot13"]),
    ("REVERSED", &["reversed"]),
];

impl Words {
    pub(crate) fn read() -> Self {
        let mut words = Self::default();
        let mut all: File = File::new();
        for (path, file) in source::files::<File>("injection/words") {
            for (class, languages) in file {
                let known = all.insert(class.clone(), languages);
                assert!(
                    known.is_none(),
                    "{}: `{class}` is there twice",
                    path.display()
                );
            }
        }
        for class in OWN {
            words.class(class);
        }
        words.add("http", "scheme");
        for scheme in ["https", "ftp", "hxxp", "hxxps", "ws", "wss"] {
            words.add(scheme, "scheme");
        }
        for class in all.keys() {
            words.fill(class, class, &all, 0);
        }
        words.derive();
        words
    }

    /// Adds the words of class `from`, and of the classes it includes, to `class`.
    fn fill(&mut self, class: &str, from: &str, all: &File, depth: usize) {
        assert!(depth < 5, "`{class}` includes itself");
        self.class(class);
        let languages = all
            .get(from)
            .unwrap_or_else(|| panic!("no such class: {from}"));
        for (language, list) in languages {
            let english = language == "en";
            for word in list.split_whitespace() {
                match word.strip_prefix('=') {
                    Some(included) => self.fill(class, included, all, depth + 1),
                    None => {
                        self.add(word, class);
                        if english || !is_english(word, languages) {
                            let part = if english { "en" } else { "x" };
                            self.add(word, &format!("{class}/{part}"));
                        }
                    }
                }
            }
        }
    }

    /// Some words written backwards and in rot13 show text that is.
    fn derive(&mut self) {
        let turned = self.class("turned");
        let words: Vec<String> = self
            .entries
            .iter()
            .filter(|(_, classes)| classes.contains(&turned))
            .map(|(word, _)| word.clone())
            .collect();
        let rotated = ["act/en", "common/en"].map(|name| self.class(name));
        let rotated: Vec<String> = self
            .entries
            .iter()
            .filter(|(word, classes)| {
                word.len() > 3 && rotated.iter().any(|class| classes.contains(class))
            })
            .map(|(word, _)| word.chars().map(rot13).collect())
            .collect();
        self.class("rot13");
        self.class("reversed");
        for form in rotated {
            if !self.entries.contains_key(&form) {
                self.add(&form, "rot13");
            }
        }
        for word in words {
            let rot13: String = word.chars().map(rot13).collect();
            let reversed: String = word.chars().rev().collect();
            for (form, class) in [(rot13, "rot13"), (reversed, "reversed")] {
                if !self.entries.contains_key(&form) {
                    self.add(&form, class);
                }
            }
        }
    }

    fn class(&mut self, name: &str) -> usize {
        match self.classes.iter().position(|known| known == name) {
            Some(at) => at,
            None => {
                self.classes.push(name.to_owned());
                self.classes.len() - 1
            }
        }
    }

    fn add(&mut self, word: &str, class: &str) {
        let class = self.class(class);
        let forms = match (word.strip_suffix('+'), word.strip_suffix('~')) {
            (Some(verb), _) => inflect::forms(&plain(verb)),
            (_, Some(verb)) => inflect::going(&plain(verb)),
            _ => vec![plain(word)],
        };
        for form in forms {
            self.entries.entry(form).or_default().insert(class);
        }
    }

    /// The number of a class that must exist.
    pub(crate) fn known(&self, name: &str, place: &str) -> usize {
        let at = self.classes.iter().position(|known| known == name);
        at.unwrap_or_else(|| panic!("{place}: no such class: {name}"))
    }

    /// The class of one literal word in a pattern.
    pub(crate) fn literal(&mut self, word: &str) -> usize {
        let name = format!("'{word}");
        self.add(word, &name);
        self.class(&name)
    }

    /// The number of the set of the classes called `names`.
    pub(crate) fn classes(&mut self, names: &[String]) -> usize {
        let classes = names.iter().map(|name| self.known(name, "not-after"));
        let classes = classes.collect();
        self.set(classes)
    }

    /// The number of a set of classes; the empty one is zero.
    pub(crate) fn set(&mut self, classes: BTreeSet<usize>) -> usize {
        if self.sets.is_empty() {
            self.sets.push(BTreeSet::new());
        }
        let known = self.sets.iter().position(|known| *known == classes);
        known.unwrap_or_else(|| {
            self.sets.push(classes);
            self.sets.len() - 1
        })
    }

    /// The classes of a set.
    pub(crate) fn members(&self, set: usize) -> &BTreeSet<usize> {
        &self.sets[set]
    }

    /// Numbers the combinations; after this no word may be added.
    pub(crate) fn number(&mut self) {
        self.inherit();
        let mut combos: BTreeSet<BTreeSet<usize>> = self.entries.values().cloned().collect();
        for class in OWN {
            combos.insert(BTreeSet::from([self.class(class)]));
        }
        self.combos = std::iter::once(BTreeSet::new()).chain(combos).collect();
    }

    /// A word that is written out also belongs to the classes of its beginnings: the table is asked
    /// for the whole word first.
    fn inherit(&mut self) {
        let beginnings: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(word, classes)| {
                Some((word.strip_suffix('*')?.to_owned(), classes.clone()))
            })
            .collect();
        for (word, classes) in &mut self.entries {
            let whole = word.trim_end_matches('*');
            for (beginning, more) in beginnings
                .iter()
                .filter(|(beginning, _)| whole.starts_with(beginning.as_str()))
            {
                if *beginning != *word {
                    classes.extend(more);
                }
            }
        }
    }

    /// The classes of every combination.
    pub(crate) fn combos(&self) -> &[BTreeSet<usize>] {
        &self.combos
    }

    fn combo(&self, classes: &BTreeSet<usize>) -> usize {
        self.combos
            .iter()
            .position(|known| known == classes)
            .expect("every combination has a number")
    }

    pub(crate) fn rust(&mut self) -> String {
        let mut code = String::new();
        for class in OWN {
            let at = self
                .classes
                .iter()
                .position(|known| known == class)
                .expect("own classes are there");
            let combo = self.combo(&BTreeSet::from([at]));
            let _ = writeln!(
                code,
                "#[allow(dead_code)]\npub(crate) const {}: Combo = {combo};",
                class.to_uppercase()
            );
        }
        let machine = self.combo(&self.entries["llm"]);
        let _ = writeln!(
            code,
            "/// What every name of a machine is.\npub(crate) const MACHINE: Combo = {machine};"
        );
        code.push_str("#[allow(dead_code, missing_docs)]\npub(crate) mod class {\n");
        for (at, class) in self.classes.clone().iter().enumerate() {
            if class.starts_with('\'') || class.contains('/') {
                continue;
            }
            let name = class.to_uppercase().replace('-', "_");
            let set = self.set(BTreeSet::from([at]));
            let _ = writeln!(
                code,
                "pub(crate) const {name}: super::Set = super::Set({set});"
            );
        }
        code.push_str("}\n");
        code.push_str(&self.kinds());
        code.push_str(&self.memberships());
        code.push_str(&self.table());
        code.push_str(&self.run_starts());
        code.push_str(&self.starts());
        code
    }

    /// A few bits for each combination: which of the looks at a text are about it.
    fn kinds(&self) -> String {
        let mut kinds = vec![0_u8; self.combos.len()];
        let mut code = String::from("#[allow(missing_docs)]\npub(crate) mod kind {\n");
        for (bit, (name, classes)) in KINDS.iter().enumerate() {
            let _ = writeln!(code, "pub(crate) const {name}: u8 = {};", 1 << bit);
            let classes = classes.iter().map(|class| self.known(class, name));
            let classes: BTreeSet<usize> = classes.collect();
            for (kind, combo) in kinds.iter_mut().zip(&self.combos) {
                *kind |= u8::from(!combo.is_disjoint(&classes)) << bit;
            }
        }
        let _ = writeln!(code, "}}\nstatic KINDS: [u8; {}] = {kinds:?};", kinds.len());
        code
    }

    /// Which sets each combination belongs to, one bit each. Most combinations have most of their
    /// bits in common, sixty-four at a time, so a row names its blocks by number.
    fn memberships(&self) -> String {
        let blocks = self.sets.len().div_ceil(64);
        let mut known: BTreeMap<u64, usize> = BTreeMap::from([(0, 0)]);
        let mut pool = vec![0_u64];
        let mut rows = Vec::new();
        for combo in &self.combos {
            let mut bits = vec![0_u64; blocks];
            for (at, set) in self.sets.iter().enumerate() {
                bits[at / 64] |= u64::from(!set.is_disjoint(combo)) << (at % 64);
            }
            let number = |bits| {
                *known.entry(bits).or_insert_with(|| {
                    pool.push(bits);
                    pool.len() - 1
                })
            };
            rows.push(bits.into_iter().map(number).collect::<Vec<_>>());
        }
        format!(
            "static BLOCKS: [u64; {}] = {pool:?};\nstatic ROWS: [[u16; {blocks}]; {}] = {rows:?};\n",
            pool.len(),
            rows.len()
        )
    }

    /// Open addressing: the key's low bits say where to begin, its high bits tell entries apart.
    fn table(&self) -> String {
        let size = (self.entries.len() * 3 / 2).next_power_of_two();
        let mut slots = vec![(0_u32, 0_usize); size];
        for (word, classes) in &self.entries {
            let spread = key::spread(raw(word));
            let mut at = (spread as usize) & (size - 1);
            while slots[at].0 != 0 {
                at = (at + 1) & (size - 1);
            }
            slots[at] = ((spread >> 32) as u32 | 1, self.combo(classes));
        }
        let mut filter = vec![0_u64; FILTER / 64];
        for slot in self.entries.keys() {
            let at = (key::spread(raw(slot)) >> 16) as usize % FILTER;
            filter[at / 64] |= 1 << (at % 64);
        }
        let prints: Vec<u32> = slots.iter().map(|slot| slot.0).collect();
        let combos: Vec<usize> = slots.iter().map(|slot| slot.1).collect();
        format!(
            "static FILTER: [u64; {}] = {filter:?};\nstatic SLOTS: [u32; {size}] = {prints:?};\nstatic SLOT_COMBOS: [u16; {size}] = {combos:?};\n",
            filter.len()
        )
    }

    /// The first three letters of words in Latin letters, one bit each.
    fn starts(&self) -> String {
        let mut bits = [0_u64; (26 * 26 * 26_usize).div_ceil(64)];
        for word in self.entries.keys() {
            let first = word.as_bytes().iter().take(3);
            let first: Vec<usize> = first
                .filter(|letter| letter.is_ascii_lowercase())
                .map(|letter| usize::from(letter - b'a'))
                .collect();
            if let [a, b, c] = first[..] {
                let at = (a * 26 + b) * 26 + c;
                bits[at / 64] |= 1 << (at % 64);
            }
        }
        format!("static STARTS: [u64; {}] = {bits:?};\n", bits.len())
    }

    /// First characters of words in scripts without spaces, and how long these words can be.
    fn run_starts(&self) -> String {
        let mut starts: BTreeMap<char, usize> = BTreeMap::new();
        for word in self.entries.keys() {
            let first = word.chars().next().expect("no word is empty");
            if first as u32 >= 0xe00 {
                let longest = starts.entry(first).or_default();
                *longest = word.chars().count().max(*longest);
            }
        }
        let starts: Vec<_> = starts.into_iter().collect();
        format!("static RUN_STARTS: &[(char, u8)] = &{starts:?};\n")
    }
}

/// One bit for every key, by other bits of it than the table's: most unknown words meet an empty
/// one, and the table is not asked.
const FILTER: usize = 1 << 16;

/// The key of an entry.
fn raw(word: &str) -> u64 {
    let Some(beginning) = word.strip_suffix('*') else {
        return key::of(word);
    };
    let count = beginning.chars().count();
    assert!(
        key::PREFIX_CHARS.contains(&count),
        "`{word}`: too short or too long a beginning"
    );
    key::of(beginning) ^ key::PREFIX
}

/// A word as the reader of tokens sees it.
fn plain(word: &str) -> String {
    let mut plain = String::new();
    for letter in word.chars().filter(|&c| c != '\'') {
        fold::fold(letter, |part| plain.extend(part.to_lowercase()));
    }
    plain
}

fn rot13(letter: char) -> char {
    match letter {
        'a'..='m' => char::from(letter as u8 + 13),
        'n'..='z' => char::from(letter as u8 - 13),
        _ => letter,
    }
}

/// Whether the class has the word in English too, as it has `ignore`: then it shows no language.
fn is_english(word: &str, languages: &BTreeMap<String, String>) -> bool {
    languages.get("en").is_some_and(|list| {
        list.split_whitespace()
            .any(|known| known.trim_end_matches(['+', '~']) == word)
    })
}
