//! A command with secrets: in its environment, in nothing else, and out of its output.
#![cfg(unix)]

mod common;

use std::io;
use std::process::{Command, Stdio};

use ccs_vault::provider::{Reference, SystemRunner};
use ccs_vault::{Error, NewEntry, Variable, Vault};
use common::{Place, entry, name, put, refused};

const VALUE: &str = "kR8v/X2mQ'9z WpTn";

fn vault(place: &Place) -> Vault {
    let mut vault = place.create();
    put(&mut vault, "MY_KEY", VALUE);
    vault
        .put(entry("OLD", "expired value").expires(50), 0)
        .expect("put");
    vault
        .put(entry("github/token", "another value 8"), 0)
        .expect("put");
    let reference = Reference::command(["printf", "from a command\\n"]).expect("a reference");
    vault
        .put(NewEntry::reference(name("REF"), reference), 0)
        .expect("put");
    vault
}

#[test]
fn a_child_has_the_chosen_secrets_in_its_environment_and_they_are_not_in_its_output() {
    let place = Place::new();
    let vault = vault(&place);
    let wanted = [
        Variable::same(name("MY_KEY")),
        Variable {
            variable: "GH".into(),
            entry: name("github/token"),
        },
        Variable::same(name("REF")),
    ];
    let environment = vault
        .environment(wanted, &SystemRunner, 100)
        .expect("an environment");
    let script = "
        [ \"$MY_KEY\" = \"kR8v/X2mQ'9z WpTn\" ] && echo right
        echo \"$MY_KEY\"; printf %s \"$MY_KEY\" | base64; printf %s \"$MY_KEY\" | od -An -v -tx1 | tr -d ' \\n'
        echo; echo \"$GH, $REF\"; exit 3";
    let mut child = Command::new("sh");
    child.args(["-c", script]).stdout(Stdio::piped());
    environment.apply(&mut child);
    let mut child = child.spawn().expect("started");
    let mut redactor = environment.redactor(Vec::new());
    io::copy(&mut child.stdout.take().expect("a pipe"), &mut redactor).expect("copied");
    let out = redactor.finish().expect("finished");

    assert_eq!(child.wait().expect("ended").code(), Some(3));
    assert_eq!(
        String::from_utf8_lossy(&out),
        "right\n[ccs:MY_KEY]\n[ccs:MY_KEY]=\n[ccs:MY_KEY]\n[ccs:github/token], [ccs:REF]\n"
    );
    assert!(
        std::env::var_os("MY_KEY").is_none(),
        "this process has nothing of it"
    );
}

#[test]
fn an_expired_secret_and_a_variable_that_decides_what_runs_are_refused() {
    let place = Place::new();
    let vault = vault(&place);
    let environment = |variable: &str, entry: &str| {
        let variable = Variable {
            variable: variable.into(),
            entry: name(entry),
        };
        vault.environment([variable], &SystemRunner, 50)
    };
    assert!(matches!(
        refused(environment("OLD", "OLD")),
        Error::Expired { .. }
    ));
    assert!(matches!(
        refused(environment("X", "NO")),
        Error::NoEntry { .. }
    ));
    for variable in ["PATH", "LD_PRELOAD", "A=B", "", "1A", "github/token"] {
        let error = refused(environment(variable, "MY_KEY"));
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "variable",
                    ..
                }
            ),
            "{variable}"
        );
    }
}

#[test]
fn a_value_with_a_nul_is_in_no_environment() {
    let place = Place::new();
    let mut vault = place.create();
    put(&mut vault, "A", "a\0b");
    let error = refused(vault.environment([Variable::same(name("A"))], &SystemRunner, 0));
    assert!(matches!(error, Error::Invalid { what: "value", .. }));
}
