use super::super::Rules;
use super::check;

const FILE: &str = "\
programs:
  - names: [shopctl]
    values: [--region]
rules:
  - id: shop.delete
    title: Deletes a shop
    severity: high
    decision: ask
    args: [delete]
    unless: [--dry-run]
    why: It is gone.
    instead: shopctl list
    rewrite: {replace: --force, with: --soft}
    hits: [shopctl --region eu delete a, shopctl delete a]
    misses: [shopctl list]
";

#[test]
fn a_file_that_agrees_with_its_examples_is_reported_clean() {
    let report = check(FILE).expect("well formed");
    assert_eq!((report.rules, report.examples), (1, 4));
    assert_eq!(report.disagreements, [""; 0]);
}

#[test]
fn each_disagreement_names_rule_and_example() {
    for (from, to, line) in [
        (
            "[shopctl list]",
            "[shopctl delete x]",
            "shop.delete: shopctl delete x: is caught",
        ),
        (
            "delete a]",
            "drop a]",
            "shop.delete: shopctl drop a: is not caught",
        ),
    ] {
        let report = check(&FILE.replacen(from, to, 1)).expect("well formed");
        assert_eq!(report.disagreements, [line]);
    }
}

#[test]
fn a_suggestion_must_not_be_caught_by_any_rule() {
    for (suggestion, id) in [
        ("shopctl delete b", "shop.delete"),
        (
            "\"Try `git status` or `git reset --hard`.\"",
            "git.reset-hard",
        ),
    ] {
        let text = FILE.replacen("shopctl list\n", &format!("{suggestion}\n"), 1);
        let report = check(&text).expect("well formed");
        let end = format!("is suggested, and caught by {id}");
        assert!(report.disagreements[0].ends_with(&end), "{report:?}");
    }
}

#[test]
fn rules_travel_as_data() {
    let rules = Rules::parse(FILE).expect("well formed");
    let json = serde_json::to_string(&rules).expect("plain data");
    let back: Rules = serde_json::from_str(&json).expect("what was written");
    assert_eq!(back, rules);

    let set = back.into_set();
    let mut found = Vec::new();
    let args = ["--region", "eu", "delete", "a"];
    assert!(set.matching("/opt/bin/ShopCtl.exe", &args, &mut found));
    assert_eq!(found[0].id, "shop.delete");
    assert_eq!(found[0].rewrite, Some(("--force".into(), "--soft".into())));
}

#[test]
fn a_program_that_administers_things_gets_the_common_rules() {
    let rules = Rules::parse("programs:\n  - names: [shopctl]\n    admin: true\n");
    let set = rules.expect("well formed").into_set();
    let mut found = Vec::new();
    assert!(set.matching("shopctl", &["customers", "purge"], &mut found));
    assert_eq!(found[0].id, "cli.destructive-verb");
}

#[test]
fn data_with_a_malformed_pattern_is_refused() {
    let json = serde_json::to_string(&Rules::parse(FILE).expect("well formed")).expect("data");
    assert!(serde_json::from_str::<Rules>(&json.replace("\"delete\"", "\"a||b\"")).is_err());
}
