//! `rules/injection`: words, patterns over them, scores. What comes out are flat tables: nothing
//! is built when the program starts.

#[path = "injection/inflect.rs"]
mod inflect;
#[path = "injection/pattern.rs"]
mod pattern;
#[path = "injection/words.rs"]
mod words;

#[path = "../src/injection/fold.rs"]
#[allow(dead_code)]
mod fold;
#[path = "../src/injection/invisible.rs"]
#[allow(dead_code)]
mod invisible;
#[path = "../src/injection/key.rs"]
#[allow(dead_code)]
mod key;
#[path = "../src/injection/lookalike.rs"]
#[allow(dead_code)]
mod lookalike;
#[path = "../src/injection/shape.rs"]
#[allow(dead_code, unreachable_pub)]
mod shape;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::source;
use pattern::Compiler;
use words::Words;

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Rule {
    id: String,
    family: String,
    score: f64,
    title: String,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    not_after: Vec<String>,
    #[serde(default)]
    not_before: Vec<String>,
    shape: Option<String>,
    hits: Vec<String>,
    misses: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Score {
    families: BTreeMap<String, Family>,
    views: BTreeMap<String, Concealment>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    #[serde(default)]
    supports: bool,
    #[serde(default)]
    mentioned: bool,
    part: Option<String>,
    #[serde(default)]
    apart: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Concealment {
    bonus: f64,
    order: f64,
    prose: f64,
}

pub(crate) fn generate() {
    let mut words = Words::read();
    let mut compiler = Compiler::default();
    let (file, score) = source::files::<Score>("injection/score").swap_remove(0);
    let families: Vec<&String> = score.families.keys().collect();
    let mut code = String::from("pub(crate) static RULES: &[Rule] = &[\n");
    let mut shapes = BTreeMap::new();
    let rules: Vec<_> = source::files::<Vec<Rule>>("injection")
        .into_iter()
        .flat_map(|(file, rules)| rules.into_iter().map(move |rule| (file.clone(), rule)))
        .collect();
    for (number, (file, rule)) in rules.iter().enumerate() {
        check(rule, file);
        for text in &rule.patterns {
            compiler.add(
                text,
                number,
                &mut words,
                &format!("{}: {}", file.display(), rule.id),
            );
        }
        if let Some(shape) = &rule.shape {
            shapes.insert(shape.clone(), number);
        }
    }
    words.number();
    for (file, rule) in &rules {
        code.push_str(&rust(rule, &families, &mut words, file));
    }
    code.push_str("];\n");
    code.push_str(&score.rust(&file));
    code.push_str(&shape_rules(&shapes));
    code.push_str(&compiler.rust(&words));
    source::write("injection_rules.rs", &code);
    source::write("injection_words.rs", &words.rust());
    source::write("injection_letters.rs", &letters());
    source::write("injection_forms.rs", &forms());
}

/// Letters and digits of the first plane, one bit each, and the vowel signs of India: the standard
/// library looks each up in a list.
fn letters() -> String {
    let mut bits = [0_u64; 1024];
    for letter in ('\0'..='\u{ffff}').filter(|&letter| is_letter(letter)) {
        bits[letter as usize / 64] |= 1 << (letter as usize % 64);
    }
    format!("static LETTERS: [u64; 1024] = {bits:?};\n")
}

fn is_letter(letter: char) -> bool {
    let sign = matches!(letter, '\u{900}'..='\u{963}' | '\u{966}'..='\u{dff}');
    sign || letter.is_alphanumeric()
}

/// What becomes of the characters of the first plane in the plain view, two bits each: see `Form`.
fn forms() -> String {
    let mut bits = [0_u8; 0x10000 / 4];
    for letter in '\u{80}'..='\u{ffff}' {
        bits[letter as usize / 4] |= form(letter) << (2 * (letter as usize % 4));
    }
    format!("static FORMS: [u8; {}] = {bits:?};\n", bits.len())
}

fn form(letter: char) -> u8 {
    let (mut parts, mut stays) = (0, true);
    fold::fold(letter, |part| {
        parts += 1;
        stays &= part == letter;
    });
    let latin = lookalike::latin(letter);
    if invisible::is_unseen(letter)
        || fold::is_mark(letter)
        || !stays
        || parts != 1
        || (latin.is_some() && lookalike::is_latin_form(letter))
    {
        return 0;
    }
    match (is_letter(letter), latin) {
        (true, None) => 1,
        (true, Some(_)) => 2,
        (false, _) => 3,
    }
}

fn check(rule: &Rule, file: &Path) {
    let place = format!("{}: {}", file.display(), rule.id);
    assert!(
        rule.hits.len() > 1 && !rule.misses.is_empty(),
        "{place}: a rule needs two hits and a miss"
    );
    assert!(
        rule.patterns.is_empty() == rule.shape.is_some(),
        "{place}: either patterns or a shape"
    );
}

fn rust(rule: &Rule, families: &[&String], words: &mut Words, file: &Path) -> String {
    let family = families.iter().position(|name| **name == rule.family);
    let family =
        family.unwrap_or_else(|| panic!("{}: no such family: {}", file.display(), rule.family));
    let (id, title, score) = (&rule.id, &rule.title, hundredths(rule.score));
    let not_after = words.classes(&rule.not_after);
    let not_before = words.classes(&rule.not_before);
    format!(
        "Rule {{ id: {id:?}, family: {family}, score: {score}, title: {title:?}, not_after: Set({not_after}), not_before: Set({not_before}) }},\n"
    )
}

impl Score {
    fn rust(&self, file: &Path) -> String {
        let mut code = String::from("pub(crate) static FAMILIES: &[Family] = &[\n");
        for (name, family) in &self.families {
            let (supports, mentioned, apart) = (family.supports, family.mentioned, family.apart);
            let part = family.part.as_deref().map(|part| {
                let part = source::variant(part, &["reader", "errand", "hush", "consent"], file);
                format!("Part::{part}")
            });
            let part = part.map_or_else(|| "None".to_owned(), |part| format!("Some({part})"));
            let _ = writeln!(
                code,
                "Family {{ name: {name:?}, supports: {supports}, mentioned: {mentioned}, part: {part}, apart: {apart} }},"
            );
        }
        code.push_str("];\n");
        let source = std::fs::read_to_string("src/injection/view.rs").expect("the views are there");
        println!("cargo::rerun-if-changed=src/injection/view.rs");
        let names: Vec<&str> = source
            .lines()
            .filter_map(|line| line.split_once("=> \""))
            .filter_map(|(_, rest)| rest.split_once('"'))
            .map(|(name, _)| name)
            .collect();
        let _ = writeln!(
            code,
            "pub(crate) static CONCEALMENTS: [Concealment; {}] = [",
            names.len()
        );
        for name in &names {
            let view = self
                .views
                .get(*name)
                .unwrap_or_else(|| panic!("{}: no view `{name}`", file.display()));
            let (bonus, order, prose) = (
                hundredths(view.bonus),
                hundredths(view.order),
                hundredths(view.prose),
            );
            let _ = writeln!(
                code,
                "Concealment {{ bonus: {bonus}, order: {order}, prose: {prose} }},"
            );
        }
        code.push_str("];\n");
        code
    }
}

/// The number of the rule of every shape, in the order of the shapes.
fn shape_rules(rules: &BTreeMap<String, usize>) -> String {
    let numbers: Vec<String> = shape::Shape::NAMES
        .iter()
        .map(|(name, _)| {
            rules
                .get(*name)
                .unwrap_or_else(|| panic!("no rule for the shape `{name}`"))
                .to_string()
        })
        .collect();
    format!(
        "pub(crate) static SHAPE_RULES: [u16; {}] = [{}];\n",
        numbers.len(),
        numbers.join(", ")
    )
}

fn hundredths(score: f64) -> i32 {
    (score * 100.0).round() as i32
}
