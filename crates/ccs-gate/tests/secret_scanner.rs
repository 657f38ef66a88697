//! What the secret scanner promises to whoever calls it.

use ccs_gate::secret::{
    Allow, Baseline, BaselineError, BaselineKey, Filter, Form, Personal, Scanner, quick, rules,
};

/// A token of GitHub's form, made up.
const TOKEN: &str = concat!("ghp_", "q8ZkV2mXw9RtL4pNc7BdT1kYh3GsJf0TB6pV");

/// What was found in a text, as text.
fn found(scanner: &Scanner, text: &str) -> Vec<String> {
    let all = scanner.scan(text);
    all.iter()
        .map(|f| text[f.start..f.end].to_owned())
        .collect()
}

#[test]
fn a_token_ends_where_the_sentence_goes_on() {
    for around in [
        "{}.",
        "({})",
        "<{}>",
        "{}:",
        "“{}”",
        "'{}',",
        "{}, please",
        "use {} now",
        "`{}`",
        "a={}&b=1",
    ] {
        let text = around.replace("{}", TOKEN);
        assert_eq!(found(&Scanner::builtin(), &text), [TOKEN], "{text}");
    }
}

#[test]
fn a_token_in_the_middle_of_a_word_is_none() {
    for text in [
        format!("x{TOKEN}"),
        format!("{TOKEN}xx"),
        format!("{TOKEN}_1"),
    ] {
        assert!(found(&Scanner::builtin(), &text).is_empty(), "{text}");
    }
}

#[test]
fn an_encoded_secret_is_found_where_it_stands_in_the_text() {
    let percent = TOKEN.replace('_', "%5F");
    let escaped = TOKEN.replace('_', "\\u005f");
    let entity = TOKEN.replace('_', "&#95;");
    let invisible = TOKEN.replace('_', "_\u{200b}");
    for (form, written) in [
        (Form::Percent, percent),
        (Form::Escaped, escaped),
        (Form::Entity, entity),
        (Form::Invisible, invisible),
    ] {
        let text = format!("first line\nit is {written} and more");
        let all = Scanner::builtin().scan(&text);
        assert_eq!(all.len(), 1, "{text}");
        assert_eq!(&text[all[0].start..all[0].end], written);
        assert_eq!(all[0].form, form);
    }
}

#[test]
fn base64_is_looked_into() {
    // `token=` and a token of GitHub's form.
    let text = "data: dG9rZW49Z2hwX3E4WmtWMm1YdzlSdEw0cE5jN0JkVDFrWWgzR3NKZjBUQjZwVg== end";
    let all = Scanner::builtin().scan(text);
    assert_eq!((all.len(), all[0].form), (1, Form::Base64));
    assert_eq!(all[0].rule, "github.personal-token");
}

#[test]
fn a_wrapped_token_is_found_whole() {
    let (head, tail) = TOKEN.split_at(21);
    let text = format!("some words so that the line is long enough {head}\n{tail} end");
    let all = Scanner::builtin().scan(&text);
    assert_eq!(all.len(), 1);
    assert!(text[all[0].start..all[0].end].ends_with(tail));
}

#[test]
fn spans_lie_on_characters() {
    let text = format!("日本語「{TOKEN}」пароль: Qv7mKx2LpZ😅");
    for one in Scanner::builtin().scan(&text) {
        assert!(text.get(one.start..one.end).is_some());
    }
}

#[test]
fn redacted_text_holds_no_secret_and_stays_as_it_is() {
    let text = format!("a {TOKEN} b DB_PASSWORD=fUL9hvgFq!NO5TtF c");
    let (clean, all) = Scanner::builtin().redact(&text);
    assert_eq!(all.len(), 2);
    assert!(!clean.contains(TOKEN) && !clean.contains("fUL9"));
    assert_eq!(
        Scanner::builtin().redact(&clean),
        (clean.clone(), Vec::new())
    );
}

#[test]
fn every_secret_is_found_however_many_there_are() {
    let text = format!("{TOKEN}\n").repeat(3000);
    assert_eq!(Scanner::builtin().scan(&text).len(), 3000);
}

#[test]
fn a_quick_look_agrees_with_a_scan() {
    assert_eq!(
        quick(&format!("use {TOKEN}")).map(|f| f.rule),
        Some("github.personal-token".into())
    );
    assert_eq!(quick("cargo test --workspace"), None);
}

#[test]
fn personal_data_is_left_unless_asked_for() {
    let text =
        "maria@corp.net, 212-555-0142, 219-09-9998, 4111 1111 1111 1111, DE89370400440532013000";
    assert!(Scanner::builtin().scan(text).is_empty());
    let all = Personal::ALL
        .into_iter()
        .fold(Scanner::builtin(), Scanner::personal);
    assert_eq!(
        all.redact(text).0,
        "[EMAIL], [PHONE], [SSN], [CARD], [IBAN]"
    );
}

#[test]
fn filters_are_read_as_they_stand_in_settings() {
    let written = r#"[
        {"name": "email", "regex": "[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}", "replacement": "[EMAIL]"},
        {"name": "credit_card", "regex": "\\d{4}[\\s-]?\\d{4}[\\s-]?\\d{4}[\\s-]?\\d{4}", "replacement": "[CARD]", "validate": true}
    ]"#;
    let filters: Vec<Filter> = serde_json::from_str(written).expect("filters");
    let scanner = filters
        .into_iter()
        .fold(Scanner::builtin(), Scanner::filter);
    let (clean, _) = scanner.redact("a@b.io 4111-1111-1111-1111 1234-5678-9012-3456");
    assert_eq!(clean, "[EMAIL] [CARD] 1234-5678-9012-3456");
}

#[test]
fn a_pattern_that_cannot_be_matched_in_linear_time_is_refused() {
    assert!(Filter::new("back", r"(a)\1", "x").is_err());
    assert!(Filter::new("ahead", r"a(?=b)", "x").is_err());
    assert!(Filter::new("big", r"(\pL{1000}){1000}", "x").is_err());
}

fn exception(rule: Option<&str>, value: Option<&str>, path: Option<&str>) -> Allow {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Allow {
        rule: own(rule),
        value: own(value),
        path: own(path),
        reason: "made up".to_owned(),
    }
}

#[test]
fn an_exception_covers_what_all_its_parts_fit() {
    let all = |allow| {
        Scanner::builtin()
            .allow(allow)
            .scan_file("src/testdata/a.rs", TOKEN)
            .len()
    };
    assert_eq!(all(exception(Some("github.*"), None, None)), 0);
    assert_eq!(all(exception(None, Some(TOKEN), Some("*/testdata/*"))), 0);
    assert_eq!(all(exception(Some("github.*"), None, Some("docs/*"))), 1);
    assert_eq!(all(exception(None, None, None)), 1);
    let by_path = Scanner::builtin().allow(exception(None, None, Some("*")));
    assert_eq!(
        by_path.scan(TOKEN).len(),
        1,
        "a text that is no file has no path"
    );
}

#[test]
fn a_mark_counts_only_where_marks_are_heeded() {
    let text = format!("key = \"{TOKEN}\" # ccs:allow");
    assert_eq!(Scanner::builtin().scan(&text).len(), 1);
    assert!(Scanner::builtin().heed_marks().scan(&text).is_empty());
}

#[test]
fn an_accepted_finding_is_known_until_its_day() {
    let key = BaselineKey::new([7; 32]);
    let finding = &Scanner::builtin().scan(TOKEN)[0];
    let mut baseline = Baseline::new();
    let reason = ("revoked last week", Some("2026-12-31"));
    baseline
        .accept(&key, ("a.env", TOKEN), finding, reason)
        .expect("accepted");
    let json = serde_json::to_string(&baseline).expect("json");
    assert!(!json.contains(TOKEN));
    let read: Baseline = serde_json::from_str(&json).expect("read");
    let read = read.checked().expect("whole");
    let known = |path, today| read.accepts(&key, (path, TOKEN), finding, today).is_some();
    assert!(known("a.env", "2026-12-31"));
    assert!(!known("a.env", "2027-01-01"));
    assert!(!known("b.env", "2026-12-31"));
    let other = BaselineKey::new([8; 32]);
    assert!(
        read.accepts(&other, ("a.env", TOKEN), finding, "2026-12-31")
            .is_none()
    );
}

#[test]
fn a_baseline_without_reasons_or_days_is_refused() {
    let key = BaselineKey::new([7; 32]);
    let finding = &Scanner::builtin().scan(TOKEN)[0];
    let mut baseline = Baseline::new();
    let mut refused = |reason, until| {
        baseline
            .accept(&key, ("a", TOKEN), finding, (reason, until))
            .err()
    };
    assert!(matches!(
        refused(" ", None),
        Some(BaselineError::Reason { .. })
    ));
    for day in ["soon", "2026-13-01", "2026-1-1", "2026-12-32"] {
        assert!(
            matches!(
                refused("fine", Some(day)),
                Some(BaselineError::Until { .. })
            ),
            "{day}"
        );
    }
    let newer: Baseline = serde_json::from_str(r#"{"version": 2, "accepted": []}"#).expect("read");
    assert_eq!(newer.checked(), Err(BaselineError::Version(2)));
}

#[test]
fn rules_are_many_and_told_apart() {
    let mut ids: Vec<_> = rules().iter().map(|rule| rule.id).collect();
    let mut providers: Vec<_> = ids.iter().filter_map(|id| id.split('.').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    providers.sort_unstable();
    providers.dedup();
    assert_eq!(ids.len(), count);
    assert!(count >= 600 && providers.len() >= 400);
}
