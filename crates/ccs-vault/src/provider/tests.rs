use super::*;

/// Says what it was asked, or what it was told to say.
struct Echo(Option<&'static str>);

impl Runner for Echo {
    fn run(&self, command: &[String], _: Limits) -> Result<Secret, Fault> {
        Ok(match self.0 {
            Some(output) => Secret::new(output),
            None => Secret::new(command.join("|")),
        })
    }
}

fn asked(reference: Result<Reference>) -> String {
    let reference = reference.expect("a reference");
    let secret = reference
        .fetch(&Echo(None), Limits::default())
        .expect("an output");
    String::from_utf8(secret.expose().to_vec()).expect("text")
}

#[test]
fn each_provider_is_asked_in_its_own_words() {
    let uri = Reference::one_password("op://Private/Anthropic/api key");
    assert_eq!(
        asked(uri),
        "op|read|--no-newline|op://Private/Anthropic/api key"
    );
    assert_eq!(
        asked(Reference::aws("prod/key")),
        "aws|secretsmanager|get-secret-value|--query|SecretString|--output|text|--secret-id|prod/key"
    );
    assert_eq!(
        asked(Reference::keychain("anthropic", "dev")),
        "security|find-generic-password|-s|anthropic|-a|dev|-w"
    );
    assert_eq!(asked(Reference::pass("web/token")), "pass|show|web/token");
    assert_eq!(
        asked(Reference::command(["kms", "decrypt", "$(x)"])),
        "kms|decrypt|$(x)"
    );
}

#[test]
fn a_name_that_could_be_an_option_is_refused() {
    for reference in [
        Reference::aws("--endpoint-url=http://127.0.0.1"),
        Reference::pass("-c"),
        Reference::keychain("", "a"),
        Reference::keychain("s", "-g"),
        Reference::one_password("https://x"),
        Reference::command([""]),
        Reference::command::<String>([]),
        Reference::command(["a", "b\0c"]),
        Reference::command(["a".repeat(8193)]),
        Reference::command(vec!["a"; 65]),
    ] {
        assert!(matches!(reference, Err(Error::Invalid { .. })));
    }
}

#[test]
fn the_line_break_at_the_end_and_the_further_lines_of_pass_are_dropped() {
    let output = Echo(Some("s3cret\nuser: me\n"));
    let fetch = |reference: Result<Reference>| {
        let secret = reference
            .expect("a reference")
            .fetch(&output, Limits::default());
        String::from_utf8(secret.expect("an output").expose().to_vec()).expect("text")
    };
    assert_eq!(fetch(Reference::pass("a")), "s3cret");
    assert_eq!(fetch(Reference::command(["a"])), "s3cret\nuser: me");
}

#[test]
fn nothing_printed_is_an_error() {
    for output in ["", "\n"] {
        let fetched = Reference::command(["a"]).expect("a reference");
        let fetched = fetched.fetch(&Echo(Some(output)), Limits::default());
        assert!(matches!(fetched, Err(Fault::Empty)));
    }
}

#[cfg(unix)]
mod processes {
    use super::*;

    fn run(command: &[&str], time: u64) -> Result<Secret, Fault> {
        let limits = Limits {
            time: Duration::from_millis(time),
            output: 1000,
        };
        let command: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
        SystemRunner.run(&command, limits)
    }

    #[test]
    fn a_commands_output_is_taken_as_it_is() {
        let output = run(&["printf", "%s", "$HOME `x`"], 20_000).expect("an output");
        assert_eq!(output.expose(), b"$HOME `x`");
    }

    #[test]
    fn a_command_that_fails_is_missing_or_prints_too_much_gives_nothing() {
        assert!(matches!(run(&["false"], 20_000), Err(Fault::Failed(_))));
        assert!(matches!(
            run(&["no-such-program-of-ours"], 20_000),
            Err(Fault::Start(_))
        ));
        let much = "x".repeat(1001);
        assert!(matches!(
            run(&["printf", "%s", &much], 20_000),
            Err(Fault::TooMuch)
        ));
        assert!(matches!(run(&["yes"], 20_000), Err(Fault::TooMuch)));
    }

    #[test]
    fn a_command_that_takes_too_long_is_stopped_even_if_its_children_keep_the_pipe() {
        for command in [&["sleep", "1"][..], &["sh", "-c", "sleep 1 & sleep 1"]] {
            assert!(matches!(run(command, 50), Err(Fault::TooSlow)));
        }
    }
}
