use proptest::prelude::*;

use super::super::argv::Argv;
use super::super::pattern::Patterns;
use super::super::spec::ProgramSpec;
use super::{Side, any, glob};

fn matches(pattern: &str, line: &str) -> bool {
    let spec = ProgramSpec {
        values: "-n --namespace".into(),
        ..ProgramSpec::default()
    };
    let line = line.replace("NUL", "\0");
    let args: Vec<&str> = line.split_whitespace().collect();
    let patterns = Patterns::parse(&[pattern]).expect(pattern);
    any(&patterns, &Argv::parse(&spec, &args), Side::Risk)
}

#[test]
fn words_match_in_order_from_the_first() {
    assert!(matches("delete ns|namespace", "delete NAMESPACE prod"));
    assert!(!matches("delete ns", "get delete ns"));
    assert!(!matches("delete ns", "delete"));
    assert!(!matches("delete ns", "delete x ns"));
}

#[test]
fn a_gap_is_any_number_of_words() {
    assert!(matches("a ... b", "a b"));
    assert!(matches("a ... b", "a x y b z"));
    assert!(matches("... a b", "a x a b"));
    assert!(!matches("a ... b", "a x"));
}

#[test]
fn a_dollar_is_the_end() {
    assert!(matches("stash $", "stash"));
    assert!(!matches("stash $", "stash drop"));
    assert!(matches("... help $", "ec2 run help"));
    assert!(!matches("... help $", "ec2 help run"));
}

#[test]
fn a_word_may_be_excluded() {
    assert!(matches("!get|list delete", "pods delete"));
    assert!(!matches("!get|list delete", "list delete"));
    assert!(!matches("!get delete", "delete"), "it stands for a word");
}

#[test]
fn an_option_counts_wherever_it_stands() {
    assert!(matches("push -f|--force", "-f push"));
    assert!(matches("push -f|--force", "push origin --force main"));
    assert!(!matches("push -f|--force", "push -- -f"));
    assert!(!matches("rm -f !--cached", "rm -f --cached"));
}

#[test]
fn two_dashes_stand_between_words() {
    assert!(matches("checkout ... -- *", "checkout HEAD -- a"));
    assert!(!matches("checkout ... -- *", "checkout HEAD --"));
    assert!(!matches("checkout ... -- *", "checkout HEAD a"));
    assert!(matches("checkout * *", "checkout HEAD -- a"));
}

#[test]
fn a_possible_value_is_tried_both_ways() {
    assert!(matches("secrets delete", "--region eu secrets delete"));
    assert!(matches("secrets delete", "--loud secrets delete"));
    assert!(matches(
        "secrets delete",
        "--region eu --loud secrets delete"
    ));
    assert!(!matches("secrets delete", "eu secrets delete"));
}

#[test]
fn unknown_text_fits_a_star_and_no_literal() {
    assert!(matches("delete *", "delete NUL"));
    assert!(!matches("delete ns", "delete NUL"));
    assert!(!matches("delete ?", "delete NUL"));
    assert!(matches("rm s3://*", "rm s3://NUL"));
    assert!(matches("delete ns", "NUL delete ns"), "it may be nothing");
}

#[test]
fn globs_know_stars_and_question_marks() {
    for (pattern, text) in [
        ("*", ""),
        ("a*c", "abbc"),
        ("*b*", "abc"),
        ("a?c", "ABC"),
        ("**", "x"),
    ] {
        assert!(glob(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("?", ""), ("a*c", "abb"), ("ab", "abc"), ("*?x", "x")] {
        assert!(!glob(pattern, text), "{pattern} {text}");
    }
}

/// What a glob means, written down without a thought for time.
fn slow_glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|skip| slow_glob(rest, &text[skip..])),
        (Some((byte, rest)), Some((first, more))) => {
            (byte.eq_ignore_ascii_case(first) || *byte == b'?' && *first != 0)
                && slow_glob(rest, more)
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn a_glob_means_what_it_says(pattern in "[ab*?]{0,8}", text in "[abA\0]{0,10}") {
        prop_assert_eq!(glob(&pattern, &text), slow_glob(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn any_arguments_can_be_matched(args in proptest::collection::vec("(-{0,3}[a-f=]{0,4}|\\PC{0,3}|\0)", 0..12)) {
        let patterns = Patterns::parse(&["a ... !b -c|--dd=e -- * $", "... a ... b ... c", "-abc"]);
        let patterns = patterns.expect("well formed");
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        for single_dash in [false, true] {
            let spec = ProgramSpec { single_dash, values: "-a --dd".into(), after: "b -c".into(), ..ProgramSpec::default() };
            let argv = Argv::parse(&spec, &args);
            prop_assert!(argv.words.len() <= args.len());
            any(&patterns, &argv, Side::Risk);
            any(&patterns, &argv, Side::Excuse);
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_a_refusal(text in "[a-c|*?.$! =\\\\-]{0,20}") {
        if let Ok(patterns) = Patterns::parse(&[&text]) {
            any(&patterns, &Argv::parse(&ProgramSpec::default(), &["a", "-b", "c"]), Side::Risk);
        }
    }

    #[test]
    fn more_words_in_a_gap_change_nothing(before in 0usize..4, between in 0usize..4) {
        let line = format!("{} b {} c", "x ".repeat(before), "y ".repeat(between));
        prop_assert!(matches("... b ... c", &line));
        prop_assert!(!matches("... c ... b", &line));
    }
}

#[test]
fn the_work_grows_with_the_words_and_not_faster() {
    // a matcher that tried one reading after the other would not come back from this
    let line = "--a a ".repeat(60) + &"a ".repeat(20_000) + "b";
    let pattern = "... a ... a ... a ... a ... a ... a ... a ... a ... a ... c";
    assert!(!matches(pattern, &line));
}
