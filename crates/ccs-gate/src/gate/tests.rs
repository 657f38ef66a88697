use crate::{Call, Decision, Facts, Gate, Verdict};

fn judged(call: &Call<'_>) -> Verdict {
    let facts = Facts {
        home: Some("/home/dev"),
        cwd: Some("/home/dev/shop"),
        ..Facts::default()
    };
    Gate::builtin().judge(call, &facts)
}

#[test]
fn a_safer_option_is_offered_where_it_is_all_that_is_wrong() {
    for (command, rewrite) in [
        (
            "cd x && git push --force origin main",
            Some("cd x && git push --force-with-lease origin main"),
        ),
        ("git push -f; git push -f", None),
        ("git push --force origin main; rm -rf ~", None),
        ("git push origin main", None),
    ] {
        let verdict = judged(&Call::command(command));
        assert_eq!(verdict.rewrite.as_deref(), rewrite, "{command}");
    }
}

#[test]
fn many_findings_that_ask_do_not_hide_one_that_denies() {
    let asking = [
        "git reset --hard",
        "git clean -fd",
        "git stash drop",
        "git branch -D x",
        "git push --force",
        "git reflog expire --all",
        "git filter-branch x",
        "rm -rf src",
        "rm -rf ~/x",
        "rm -rf /data/x",
        "chmod 777 a",
        "crontab -r",
        "cat .env",
        "echo x > ~/.bashrc",
        "echo x > .git/hooks/a",
        "echo x > ~/.claude.json",
        "echo x > /etc/hosts",
        "docker system prune -a",
        "docker volume rm x",
        "kubectl delete ns x",
        "helm uninstall x",
        "terraform destroy",
        "terraform state rm x",
        "npm publish",
        "npm unpublish x",
        "cargo publish",
        "cargo yank x",
        "gh repo delete x",
        "gh release delete x",
        "aws s3 rb s3://x --force",
        "aws ec2 terminate-instances --instance-ids i",
        "gcloud projects delete x",
        "az group delete -n x",
        "redis-cli flushall",
        "psql -c 'drop table x'",
        "mysql -e 'delete from x'",
        "dropdb x",
        "reboot",
        "curl -k https://x.example",
        "export LD_PRELOAD=/tmp/x.so",
        "history -c",
        "sudo -i",
        "systemctl stop nginx",
        "ssh-copy-id a@b",
        "pip install git+https://x.example/a",
        "code tunnel",
        "heroku apps:destroy x",
        "vercel remove x",
        "fly apps destroy x",
        "ufw disable",
        "useradd x",
        "killall node",
        "iptables -F",
    ];
    let command = format!("{}; rm -rf ~", asking.join("; "));

    assert_eq!(
        judged(&Call::command(&asking.join("; "))).findings.len(),
        32
    );
    assert_eq!(judged(&Call::command(&command)).decision, Decision::Deny);
}

#[test]
fn a_command_that_is_too_long_to_read_is_not_waved_through() {
    let padding = "true\n".repeat(4_000);

    let verdict = judged(&Call::command(&padding));
    assert_eq!(verdict.decision, Decision::Ask);
    let verdict = judged(&Call::command(&format!("{padding}rm -rf /")));
    assert_eq!(verdict.decision, Decision::Deny);
}

#[test]
fn tools_that_are_not_known_are_judged_by_what_they_are_given() {
    for (name, key, text, decision) in [
        ("mcp__shell__run", "command", "rm -rf ~", Decision::Deny),
        ("mcp__db__query", "sql", "DROP TABLE users", Decision::Ask),
        (
            "mcp__fs__delete_file",
            "path",
            "~/.ssh/id_ed25519",
            Decision::Ask,
        ),
        (
            "mcp__fs__read_file",
            "path",
            "/home/dev/.aws/credentials",
            Decision::Deny,
        ),
        ("mcp__fs__read_file", "path", "src/main.rs", Decision::Allow),
        (
            "mcp__web__get",
            "url",
            "https://example.com",
            Decision::Allow,
        ),
        (
            "mcp__notes__add",
            "text",
            "rm -rf / is dangerous",
            Decision::Allow,
        ),
    ] {
        let args = [(key, text)];
        let verdict = judged(&Call::Other { name, args: &args });
        assert!(verdict.decision >= decision, "{name} {text}: {verdict:?}");
        assert_eq!(
            verdict.decision == Decision::Allow,
            decision == Decision::Allow,
            "{text}"
        );
    }
}

#[test]
fn nesting_of_every_kind_ends_before_the_stack_does() {
    let substitutions = |depth: usize| format!("{}x{}", "$(".repeat(depth), ")".repeat(depth));
    let functions: String = (0..30)
        .map(|at| {
            format!(
                "f{at}() {{ {} ; }}\n",
                substitutions(50).replace('x', &format!("f{}", at + 1))
            )
        })
        .collect();
    let documents = "cat <<E\n$(cat <<E\n".repeat(40);
    let defaults = format!("echo {}x{}", "${a:-".repeat(59), "}".repeat(59));
    let mut evals = "echo x".to_owned();
    for _ in 0..30 {
        evals = format!("eval $(echo {evals})");
    }
    for command in [
        substitutions(59),
        substitutions(5_000),
        format!("{functions}f0"),
        format!("f() {{ {}; }}; f", substitutions(50).replace('x', "f")),
        documents,
        defaults,
        evals,
        "$( <<E\n$( <<E".to_owned(),
        "cat <<E\n$(cat <<E".to_owned(),
        "alias a='b x'; alias b='a x'; a".to_owned(),
        "{ ".repeat(5_000),
        "if ".repeat(5_000),
        "sudo ".repeat(5_000),
        "bash -c '".repeat(500),
    ] {
        let verdict = judged(&Call::command(&command));
        assert!(verdict.findings.len() <= 32);
    }
}
