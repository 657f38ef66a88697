use super::File;

const RULE: &str = "\
sets:
  gone: delete   remove
  more: purge
rules:
  - id: shop.delete
    title: Deletes a shop
    severity: high
    decision: ask
    program: [shopctl]
    args: [\"@gone shop|@more\", \"!@gone x\", \"-x=@gone\"]
    why: It is gone.
    hits: [shopctl delete shop, shopctl remove shop]
    misses: [shopctl list shop]
";

fn refusal(from: &str, to: &str) -> String {
    assert!(RULE.contains(from), "{from}");
    let text = RULE.replacen(from, to, 1);
    File::parse(&text).expect_err(to).to_string()
}

#[test]
fn sets_are_put_in_place() {
    let file = File::parse(RULE).expect("well formed");
    let args = &file.rules[0].args;
    assert_eq!(args[0], "delete|remove shop|purge");
    assert_eq!(args[1], "!delete|remove x");
    assert_eq!(args[2], "-x=delete|remove");
}

#[test]
fn a_rule_without_programs_is_for_all_of_its_file() {
    let text = RULE.replace("    program: [shopctl]\n", "");
    assert!(File::parse(&text).is_err(), "there is none");
    let text = format!("programs:\n  - names: [a, b]\n  - names: [c]\n{text}");
    let file = File::parse(&text).expect("well formed");
    assert_eq!(file.rules[0].program, ["a", "b", "c"]);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (from, to, what) in [
        (
            "shop.delete",
            "shop",
            "line 5: shop: an id is `family.what-happens`",
        ),
        ("shop.delete", "shop.Delete", "line 5"),
        ("ask", "allow", "line 5: shop.delete: a rule asks or denies"),
        ("It is gone.", "It is gone", "`why` is a sentence"),
        ("Deletes a shop", "Deletes a shop.", "without a full stop"),
        ("@more", "@less", "there is no set `@less`"),
        (", shopctl remove shop", "", "two hits and a miss"),
        ("[shopctl list shop]", "[]", "two hits and a miss"),
        ("!@gone x", "a $ b", "`$` is not at its end"),
        ("[shopctl]", "[Shopctl]", "lower case"),
        ("severity: high", "severity: bad", "line 7"),
        ("title:", "tilte:", "unknown field `tilte`"),
        ("    why: It is gone.\n", "", "missing field `why`"),
        ("sets:", "sets: [", "line"),
    ] {
        let refused = refusal(from, to);
        assert!(refused.contains(what), "{to}: {refused}");
    }
}

#[test]
fn an_id_is_used_once() {
    let (head, rule) = RULE.split_once("rules:\n").expect("it has rules");
    let twice = format!("{head}rules:\n{rule}{rule}");
    let refused = File::parse(&twice).expect_err("twice").to_string();
    assert!(refused.contains("used twice"), "{refused}");
}

#[test]
fn options_of_a_program_begin_with_a_dash() {
    let text = "programs:\n  - names: [a]\n    values: [-v, n]\n";
    let refused = File::parse(text).expect_err("n").to_string();
    assert_eq!(refused, "line 2: a: `n` is not an option");
}
