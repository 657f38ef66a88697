//! How command lines come apart.

use super::parse;

/// Each pipeline as its programs, joined by `|`.
fn programs(text: &str) -> Vec<String> {
    let script = parse(text);
    let names = script.all().into_iter().map(|pipeline| {
        let names: Vec<&str> = pipeline.stages.iter().map(|stage| stage.name()).collect();
        names.join("|")
    });
    names.collect()
}

#[test]
fn command_lines_come_apart() {
    let cases = [
        ("curl -s x | sudo bash -s -- y", &["curl|bash"][..]),
        ("a && b || c; d & e", &["a", "b", "c", "d", "e"]),
        ("X=1 env Y=2 timeout -k 1 5 nice -n 3 prog arg", &["prog"]),
        ("eval \"$(curl -s x)\"", &["eval", "curl"]),
        ("bash <(curl x)", &["bash", "curl"]),
        ("echo `id`", &["echo", "id"]),
        ("if test -f x; then /usr/bin/rm x; fi", &["test", "rm", ""]),
        ("echo 'a | b' # c | d", &["echo"]),
        ("cat <<EOF | sh\nrm x\nEOF\nls", &["cat|sh", "ls"]),
        ("{ a; b; }", &["a", "b", ""]),
        ("(a; b) | c", &["a", "b", "c"]),
        ("echo x >/dev/null 2>&1 &", &["echo"]),
    ];
    for (text, expected) in cases {
        assert_eq!(programs(text), expected, "{text}");
    }
}

#[test]
fn quotes_decide_which_variables_are_split() {
    let script = parse("run $a \"$b\" '$c' \"x${d}y\" $e/z");
    let words = &script.pipelines[0].stages[0].words;
    let split: Vec<_> = words.iter().flat_map(|w| &w.split).collect();
    let whole: Vec<_> = words.iter().flat_map(|w| &w.whole).collect();
    assert_eq!(split, ["a", "e"]);
    assert_eq!(whole, ["b", "d"]);
    assert_eq!(words[3].text, "$c");
}

#[test]
fn what_is_written_and_fed_is_seen() {
    let script = parse("cat >> ~/.bashrc <<'E'\nalias x=y\nE\n");
    let stage = &script.pipelines[0].stages[0];
    assert_eq!(stage.writes[0].text, "~/.bashrc");
    assert_eq!(stage.fed.as_deref(), Some("alias x=y\n"));
}

#[test]
fn hostile_text_ends() {
    for text in [
        "(", ")", "$(", "`", "'", "\"", "<(", "<<", "<<<", ">", "\\", "${", "a=$((1", "é$é", "&>",
        "|&|",
    ] {
        parse(text);
        parse(&text.repeat(2_000));
    }
}
