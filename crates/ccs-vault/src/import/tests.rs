use super::*;
use proptest::prelude::*;

fn values(plan: &Plan) -> Vec<(String, String)> {
    let text = |found: &Found| String::from_utf8(found.value.expose().to_vec()).expect("text");
    plan.found
        .iter()
        .map(|found| (found.name.to_string(), text(found)))
        .collect()
}

fn left(plan: &Plan) -> Vec<(Option<&str>, u32, Why)> {
    plan.left
        .iter()
        .map(|left| (left.name.as_deref(), left.line, left.why))
        .collect()
}

fn shell(text: &str) -> Plan {
    from_shell(text, Wanted::All)
}

fn dotenv(text: &str) -> Plan {
    from_dotenv(text, Wanted::All)
}

fn one(plan: &Plan) -> Result<String, Why> {
    match (&plan.found[..], &plan.left[..]) {
        ([found], []) => Ok(String::from_utf8_lossy(found.value.expose()).into_owned()),
        ([], [left]) => Err(left.why),
        _ => panic!("{} found, left: {:?}", plan.found.len(), plan.left),
    }
}

fn names(plan: &Plan) -> Vec<String> {
    plan.found.iter().map(|one| one.name.to_string()).collect()
}

/// The text of each assignment that was found, and its line.
fn spans<'t>(plan: &Plan, text: &'t str) -> Vec<(&'t str, u32)> {
    let span = |one: &Found| (&text[one.span.clone()], one.line);
    plan.found.iter().map(span).collect()
}

#[test]
fn a_quote_of_the_other_kind_does_not_end_a_value() {
    assert_eq!(
        one(&shell("export A_TOKEN=\"it's-long-secret\"")),
        Ok("it's-long-secret".into())
    );
    assert_eq!(
        one(&dotenv("A_TOKEN=\"it's-long-secret\"")),
        Ok("it's-long-secret".into())
    );
    assert_eq!(one(&shell("A='say \"hi\"'")), Ok("say \"hi\"".into()));
}

#[test]
fn a_shell_word_is_the_sum_of_its_pieces() {
    for (word, value) in [
        ("plain", "plain"),
        ("a'b c'\"d e\"f", "ab cd ef"),
        ("'it'\\''s'", "it's"),
        ("\"a \\\" \\$x \\` \\\\ \\n\"", "a \" $x ` \\ \\n"),
        ("a\\ b\\#c", "a b#c"),
        ("a#b", "a#b"),
        ("a # comment", "a"),
        ("\"two\nlines\"", "two\nlines"),
        ("one\\\nword", "oneword"),
        ("$'a\\tb\\x41\\u00e9\\'\\101'", "a\tbAé'A"),
        ("$\"a b\"", "a b"),
        ("a$", "a$"),
        ("\"5$ \"", "5$ "),
        ("x=y=z", "x=y=z"),
        ("a>/dev/null", "a"),
        ("a;b", "a"),
    ] {
        let plan = shell(&format!("export A={word}\n"));
        assert_eq!(one(&plan), Ok(value.into()), "{word}");
    }
}

#[test]
fn what_a_shell_would_expand_is_left_with_the_reason() {
    for (word, why) in [
        ("$(op read x)", Why::Command),
        ("\"$(echo ')' \"')'\" # '\n)\"", Why::Command),
        ("`cat f`", Why::Command),
        ("pre$HOME", Why::Expansion),
        ("\"${X:-`y`}\"", Why::Expansion),
        ("\"$1\"", Why::Expansion),
        ("~/x", Why::Expansion),
        ("(a b)", Why::Array),
        ("'open", Why::OpenQuote),
        ("\"open $(x)", Why::OpenQuote),
        ("", Why::Empty),
        ("your-key-here", Why::Placeholder),
        ("XXXXXXXX", Why::Placeholder),
        ("'<token>'", Why::Placeholder),
    ] {
        assert_eq!(one(&shell(&format!("export A={word}"))), Err(why), "{word}");
    }
    assert_eq!(one(&shell("A+=more")), Err(Why::Append));
    assert_eq!(one(&shell("A=b make")), Err(Why::OneCommand));
}

#[test]
fn assignments_are_found_wherever_a_command_may_stand() {
    let text = "\
# export NO_1=x
alias e='export NO_2=x'
echo export NO_3=x \"NO_4=x\" NO_5=x
cat <<EOF >out
export NO_6=x
EOF
cat <<-'END' # a quote: '
\texport NO_7=x
\tEND
if true; then export A=1; else B=2; fi
f() { local C=3 ; typeset -gx D=4 E=5; }
(export F=6) && export G=7 || H=8
export -p; readonly I=9 J
>out K=10
x=$(export NO_8=1; echo 'NO_9=1')
";
    assert_eq!(
        names(&shell(text)),
        ["A", "B", "C", "D", "E", "F", "G", "H", "I", "K"]
    );
    assert_eq!(left(&shell(text)), [(Some("x"), 15, Why::Command)]);
}

#[test]
fn an_open_quote_costs_its_own_line_and_no_other() {
    for plan in [
        shell("export A='x\nexport B=y\nexport C=\"z\n"),
        dotenv("A='x\nB=y\nC=\"z"),
    ] {
        assert_eq!(values(&plan), [("B".into(), "y".into())]);
        let open = [("A", 1), ("C", 3)].map(|(name, line)| (Some(name), line, Why::OpenQuote));
        assert_eq!(left(&plan), open);
    }
}

#[test]
fn a_dotenv_value_is_read_as_most_programs_agree() {
    for (line, value) in [
        ("A=b", "b"),
        ("export A=b", "b"),
        (" A = b c  # comment", "b c"),
        ("A=b#c", "b#c"),
        ("A='b # c' # comment", "b # c"),
        ("A=\"b\\nc\\\"\\\\ \\d\"", "b\nc\"\\ \\d"),
        ("A='b\\nc'", "b\\nc"),
        (
            "A=\"-----BEGIN\nline\n-----END\"",
            "-----BEGIN\nline\n-----END",
        ),
        ("A=pa$$5", "pa$$5"),
        ("A=a=b==", "a=b=="),
        ("A=b\r", "b"),
        ("\u{feff}A=b", "b"),
        ("export=b", "b"),
    ] {
        let plan = dotenv(&format!("{line}\n"));
        assert_eq!(one(&plan), Ok(value.into()), "{line}");
    }
}

#[test]
fn what_programs_read_differently_is_left_with_the_reason() {
    for (line, why) in [
        ("A=$(x)", Why::Command),
        ("A=`x`", Why::Command),
        ("A=\"`x`\"", Why::Command),
        ("A=b$C", Why::Expansion),
        ("A=\"${C}\"", Why::Expansion),
        ("A='b'c", Why::AfterQuote),
        ("A=b'c'", Why::AfterQuote),
        ("A='b'#c", Why::AfterQuote),
        ("A=", Why::Empty),
        ("A: b", Why::NoAssignment),
        ("just words", Why::NoAssignment),
        ("A B=c", Why::NoAssignment),
        ("ä=b", Why::BadName),
    ] {
        assert_eq!(one(&dotenv(line)), Err(why), "{line}");
    }
}

#[test]
fn the_last_of_several_assignments_counts_and_the_others_are_named() {
    let plan = shell("A=1\nexport A=2\n");
    assert_eq!(values(&plan), [("A".into(), "2".into())]);
    assert_eq!(left(&plan), [(Some("A"), 1, Why::Overridden)]);
}

#[test]
fn likely_names_are_those_that_say_so() {
    let variables = |names: &[&str]| -> Vec<_> {
        names
            .iter()
            .map(|name| (OsString::from(name), OsString::from("value")))
            .collect()
    };
    let given = [
        "MY_API_KEY",
        "a_secret",
        "GH_TOKEN",
        "X_AUTH_TOKEN",
        "SSH_AUTH_SOCK",
        "TERM_SESSION_ID",
        "npm_config_token",
        "HOME",
        "BASIC_AUTH",
        "AWS_SECRET_ACCESS_KEY",
        "PGPASSWORD",
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
        "MAX_THINKING_TOKENS",
        "TOKENIZERS_PARALLELISM",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ];
    let plan = from_environment(variables(&given), Wanted::Likely);
    assert_eq!(
        names(&plan),
        [
            "AWS_SECRET_ACCESS_KEY",
            "GH_TOKEN",
            "MY_API_KEY",
            "PGPASSWORD",
            "X_AUTH_TOKEN",
            "a_secret"
        ]
    );

    let text: String = given.iter().map(|name| format!("{name}=value\n")).collect();
    let plan = from_shell(&text, Wanted::Likely);
    assert_eq!(
        names(&plan),
        [
            "AWS_SECRET_ACCESS_KEY",
            "BASIC_AUTH",
            "GH_TOKEN",
            "MY_API_KEY",
            "PGPASSWORD",
            "X_AUTH_TOKEN",
            "a_secret"
        ]
    );
    assert!(plan.left.is_empty());
}

#[test]
fn a_name_that_was_asked_for_is_taken_or_said_to_be_absent() {
    let names = [
        Name::new("HOME").expect("a name"),
        Name::new("NO").expect("a name"),
    ];
    let variables = [("HOME", "/x"), ("A_TOKEN", "y")];
    let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let plan = from_environment(variables, Wanted::Named(&names));
    assert_eq!(values(&plan), [("HOME".into(), "/x".into())]);
    assert_eq!(left(&plan), [(Some("NO"), 0, Why::Absent)]);
}

#[test]
fn a_span_holds_the_assignment_and_nothing_else() {
    let text = "# x\nexport A='b\nc' D=e # f\n";
    assert_eq!(spans(&shell(text), text), [("A='b\nc'", 2), ("D=e", 3)]);
    let text = "\u{feff}A=\"b\" # c\nD=e\n";
    assert_eq!(spans(&dotenv(text), text), [("A=\"b\"", 1), ("D=e", 2)]);
}

/// Each of these lines opens something that is never closed, and would be read to the end of the
/// text, or asks for room for the whole rest of it.
#[test]
fn a_text_made_to_be_slow_is_read_at_once() {
    for line in [
        "A=$(\n",
        "A=(\n",
        "A=`'\n",
        "A='x'\n",
        "A=\"x\"\n",
        "A=\"${\n",
    ] {
        let text = line.repeat(MAX_TEXT / 8 / line.len());
        for plan in [shell(&text), dotenv(&text)] {
            assert!(plan.found.len() <= 1, "{line}");
            assert!(!plan.left.is_empty(), "{line}");
        }
    }
}

#[test]
fn an_array_that_is_never_closed_costs_its_own_line_and_no_other() {
    let plan = shell("A=(b\nexport C=d\n");
    assert_eq!(values(&plan), [("C".into(), "d".into())]);
}

#[test]
fn a_text_longer_than_the_limit_is_left_whole() {
    let plan = shell(&"#".repeat(MAX_TEXT + 1));
    assert_eq!(left(&plan), [(None, 0, Why::TextTooLong)]);
}

proptest! {
    /// Reading ends without panic, and every span lies in the text.
    #[test]
    fn every_text_can_be_read(text in "[A-C= \\t\\n'\"\\\\$(){}`#;<\\-EOFé~+]{0,200}") {
        for plan in [shell(&text), dotenv(&text)] {
            for found in plan.found {
                prop_assert!(text.get(found.span.clone()).is_some());
            }
        }
    }

    /// A value a shell was given in single quotes comes back as it was.
    #[test]
    fn what_is_quoted_for_a_shell_is_read_back(value in "[^\u{0}]{1,60}") {
        prop_assume!(!is_placeholder(value.as_bytes()));
        let text = format!("export A='{}'\n", value.replace('\'', "'\\''"));
        prop_assert_eq!(one(&shell(&text)), Ok(value));
    }
}
