use super::super::matcher::Side;
use super::super::spec::ProgramSpec;
use super::{Argv, Value};

fn kubectl() -> ProgramSpec {
    ProgramSpec {
        values: "-n --namespace -p?".into(),
        before: "-C".into(),
        after: "exec -e\nrun -v --volume".into(),
        flags: "-q --raw".into(),
        ..ProgramSpec::default()
    }
}

/// The words of a line in which `NUL` stands for the character.
fn with_nul(line: &str) -> String {
    line.replace("NUL", "\0")
}

fn args(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// The words of a line; one in brackets may be skipped.
fn words(spec: &ProgramSpec, line: &str) -> String {
    let line = with_nul(line);
    let args = args(&line);
    let show = |word: &super::Word<'_>| match word.skippable {
        true => format!("[{}]", word.text),
        false => word.text.to_owned(),
    };
    let words: Vec<_> = Argv::parse(spec, &args).words.iter().map(show).collect();
    words.join(" ").replace('\0', "NUL")
}

fn has(spec: &ProgramSpec, line: &str, any: &str, value: Option<&str>) -> bool {
    Argv::parse(spec, &args(line)).has(any, value, Side::Risk)
}

#[test]
fn a_known_value_is_no_word() {
    assert_eq!(
        words(&kubectl(), "-n prod delete --namespace=x ns a"),
        "delete ns a"
    );
}

#[test]
fn what_follows_an_unknown_option_may_be_its_value() {
    assert_eq!(
        words(&kubectl(), "--what prod delete -z ns a"),
        "[prod] delete [ns] a"
    );
}

#[test]
fn what_follows_a_switch_is_a_word() {
    assert_eq!(
        words(&kubectl(), "--raw a --force b --no-color c -q d"),
        "a b c d"
    );
}

#[test]
fn a_scope_limits_where_an_option_takes_a_value() {
    assert_eq!(words(&kubectl(), "run -v a b"), "run b");
    assert_eq!(words(&kubectl(), "down -v a b"), "down [a] b");
    assert_eq!(
        words(&kubectl(), "-C dir branch -C old new"),
        "branch [old] new"
    );
}

#[test]
fn an_optional_value_must_be_attached() {
    assert_eq!(words(&kubectl(), "-p drop shop"), "drop shop");
    assert!(!has(&kubectl(), "-psecret", "-s", None));
}

#[test]
fn two_dashes_end_options() {
    assert_eq!(words(&kubectl(), "checkout -- -f"), "checkout [--] -f");
    assert!(!has(&kubectl(), "checkout -- -f", "-f", None));
}

#[test]
fn an_unknown_word_may_vanish() {
    assert_eq!(words(&kubectl(), "NUL delete aNUL"), "[NUL] delete aNUL");
}

#[test]
fn a_cluster_is_taken_letter_by_letter() {
    assert!(has(&kubectl(), "clean -xdf", "-f", None));
    assert!(has(&kubectl(), "-Rdd linux", "-Rd", None));
    assert!(!has(&kubectl(), "clean -xdf", "-n", None));
    assert!(
        !has(&kubectl(), "-nfoo", "-f", None),
        "the rest is the value"
    );
}

#[test]
fn one_dash_may_begin_a_whole_name() {
    let terraform = ProgramSpec {
        single_dash: true,
        ..ProgramSpec::default()
    };
    assert!(has(
        &terraform,
        "apply -auto-approve",
        "-auto-approve",
        None
    ));
    assert!(has(
        &terraform,
        "apply --auto-approve",
        "-auto-approve",
        None
    ));
    assert!(!has(&terraform, "apply -auto-approve", "-a", None));
}

#[test]
fn a_value_is_found_wherever_it_may_stand() {
    for line in [
        "api -X DELETE u",
        "api -XDELETE u",
        "api -X=DELETE u",
        "api --method DELETE u",
        "api --method=DELETE u",
        "api -sXDELETE u",
    ] {
        assert!(
            has(&kubectl(), line, "-X|--method", Some("delete|put")),
            "{line}"
        );
    }
    assert!(!has(
        &kubectl(),
        "api -X GET u",
        "-X|--method",
        Some("delete|put")
    ));
}

#[test]
fn an_abbreviation_counts_as_a_risk_and_never_as_an_excuse() {
    let args = args("push --forc");
    let argv = Argv::parse(&kubectl(), &args);
    assert!(argv.has("--force", None, Side::Risk));
    assert!(!argv.has("--force", None, Side::Excuse));
}

#[test]
fn an_option_of_exactly_that_name_is_no_abbreviation() {
    assert!(!has(&kubectl(), "get --raw", "--raw-output", None));
    assert!(has(&kubectl(), "get --rawo", "--rawoutput", None));
}

#[test]
fn an_option_that_is_switched_off_does_not_count() {
    assert!(!has(&kubectl(), "apply --prune=false", "--prune", None));
    assert!(has(&kubectl(), "apply --prune=true", "--prune", None));
}

#[test]
fn an_excuse_that_is_taken_back_is_none() {
    let excused = |line| Argv::parse(&kubectl(), &args(line)).has("--dry-run", None, Side::Excuse);
    assert!(excused("x --dry-run=client"));
    assert!(!excused("x --dry-run=none"));
    assert!(!excused("x --dry-run --no-dry-run"));
    assert!(!excused("x --dry-run --dry-run=false"));
}

#[test]
fn an_excuse_may_ask_for_the_value_that_switches_off() {
    let args = args("sync --delete=false");
    let argv = Argv::parse(&kubectl(), &args);
    assert!(argv.has("--delete", Some("false"), Side::Excuse));
}

#[test]
fn a_certain_value_has_a_place() {
    let args = args("-n prod --what x run");
    let argv = Argv::parse(&kubectl(), &args);
    assert_eq!(argv.value("n"), Some(("prod", 1)));
    assert_eq!(argv.value("what"), None);
    assert_eq!(argv.options[1].value, Value::Maybe("x"));
    assert_eq!(argv.words[1].index, 4);
}

#[test]
fn skippable_words_beyond_a_bound_are_values() {
    let line = "--a b ".repeat(100) + "delete ns";
    assert!(words(&kubectl(), &line).ends_with("[b] delete ns"));
    assert_eq!(
        words(&kubectl(), &line).matches("[b]").count(),
        super::MAX_SKIPPABLE
    );
}
