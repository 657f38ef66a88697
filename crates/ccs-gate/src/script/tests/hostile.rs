//! Any input gives an answer: no panic, no endless work, no overflow of the stack.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::script::table::EXAMPLES;
use crate::script::{Language, acts};

const LANGUAGES: [Language; 11] = [
    Language::Python,
    Language::JavaScript,
    Language::Perl,
    Language::Ruby,
    Language::Php,
    Language::Awk,
    Language::Lua,
    Language::PowerShell,
    Language::Tcl,
    Language::R,
    Language::Java,
];

/// What opens something that never closes.
const OPENERS: [&str; 12] = [
    "(",
    "[",
    "{",
    "\"",
    "${",
    "f(\"#{",
    "<<A\n",
    "@(",
    "`$(",
    "x(y[",
    "if x: \n ",
    "{ |a| ",
];

#[test]
fn a_megabyte_of_openers_comes_to_an_end() {
    for (n, language) in LANGUAGES.into_iter().enumerate() {
        // Two openers for each language, all of them over all languages.
        for opener in OPENERS.iter().cycle().skip(n * 2).take(2) {
            let source = opener.repeat(1_000_000 / opener.len());
            assert!(
                acts(language, &source, None, &[]).acts.len() <= 2,
                "{language:?} {opener:?}"
            );
        }
    }
}

#[test]
fn deep_nesting_of_every_opener_ends_in_every_language() {
    for language in LANGUAGES {
        for opener in OPENERS {
            let found = acts(language, &opener.repeat(2_000), None, &[]);
            assert!(
                found.acts.len() <= 2,
                "{language:?} {opener:?} {:?}",
                found.acts
            );
        }
    }
}

#[test]
fn what_is_cut_off_is_said_to_be_incomplete() {
    let source = format!("{}os.system('ls')", "(".repeat(500));
    assert!(!acts(Language::Python, &source, None, &[]).complete);
    let source = "x = 1\n".repeat(100_000);
    assert!(!acts(Language::Python, &source, None, &[]).complete);
}

#[test]
fn ordinary_scripts_are_read_completely() {
    let source = "import os\nfor f in os.listdir('.'):\n    print(f)\n".repeat(300);
    assert!(acts(Language::Python, &source, None, &[]).complete);
}

#[test]
fn a_here_document_whose_quoted_tag_does_not_close_ends_safely() {
    for (language, source) in [
        (Language::Perl, "print <<\"k\u{1f7ae}L"),
        (Language::Ruby, "puts <<~\"k\u{1f7ae}L"),
        (Language::Php, "echo <<<\"k\u{1f7ae}L"),
    ] {
        assert!(acts(language, source, None, &[]).complete);
    }
}

#[test]
fn functions_that_call_each_other_end() {
    let source = "def a(): b(); b()\ndef b(): a(); a()\na()";
    assert!(acts(Language::Python, source, None, &[]).complete);
    let source = "f = lambda: exec('f()')\nf()";
    acts(Language::Python, source, None, &[]);
}

#[test]
fn values_that_grow_are_cut() {
    let source = format!(
        "x = 'ab'\n{}import os; os.system(x)",
        "x = x + x\n".repeat(60)
    );
    let found = acts(Language::Python, &source, None, &[]);
    assert!(found.acts.len() == 1, "{:?}", found.acts);
    let source = format!("x = [1]\n{}print(x)", "x = [x, x]\n".repeat(200));
    acts(Language::Python, &source, None, &[]);
}

fn language() -> impl Strategy<Value = Language> {
    (0..LANGUAGES.len()).prop_map(|n| LANGUAGES[n])
}

/// One change of a text: where, what, and a character for it.
fn change() -> impl Strategy<Value = (Index, u8, char)> {
    let characters = prop_oneof![
        proptest::char::any(),
        proptest::sample::select(
            "(){}[]'\"`$@%#\\/|&;:,.=<>\n \0ae0é"
                .chars()
                .collect::<Vec<_>>()
        ),
    ];
    (any::<Index>(), 0..4_u8, characters)
}

fn changed(text: &str, changes: &[(Index, u8, char)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (place, how, c) in changes {
        let at = place.index(chars.len() + 1);
        match how {
            0 => chars.insert(at, *c),
            1 if at < chars.len() => chars[at] = *c,
            2 => chars.truncate(at),
            _ => {
                chars.drain(at..(at + 1).min(chars.len()));
            }
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_never_panics(language in language(), source in "\\PC{0,120}") {
        acts(language, &source, Some(&source), &[]);
    }

    #[test]
    fn random_syntax_never_panics(
        language in language(),
        source in "[a-c$@%&*(){}\\[\\]'\"`#\\\\/|;:,.=<>!?~^+0-9 \n-]{0,160}",
    ) {
        acts(language, &source, None, &[]);
    }

    #[test]
    fn a_changed_example_never_panics(
        which in any::<Index>(),
        language in language(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let example = which.get(EXAMPLES);
        for (_, source) in example.hits {
            let source = changed(source, &changes);
            acts(example.language, &source, None, &[]);
            acts(language, &source, None, &[]);
        }
    }
}
