//! `ccs audit alerts`: counting, trying, and doing what alerts say, with a receiver on the loopback.
#![cfg(unix)]

#[path = "support/log.rs"]
mod log;
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ccs_hooks::trail;
use serde_json::{Value, json};
use support::{Machine, Run};

/// Long enough for a process to start, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

/// Answers every request with the next of these, and passes on what was posted.
struct Webhook {
    port: u16,
    posted: Receiver<Value>,
}

impl Webhook {
    fn answering(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = listener.local_addr().expect("an address").port();
        let (told, posted) = channel();
        let answers = answers.to_vec();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a request");
                let _ = told.send(body(&stream));
                let head =
                    format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).expect("answered");
            }
        });
        Self { port, posted }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/alerts/of-mine", self.port)
    }

    fn next(&self) -> Value {
        self.posted.recv_timeout(LONG).expect("something is posted")
    }

    fn is_silent(&self) -> bool {
        self.posted.try_recv().is_err()
    }
}

/// The JSON that a request carries.
fn body(stream: &TcpStream) -> Value {
    let (mut reader, mut line, mut length) = (BufReader::new(stream), String::new(), 0);
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

/// Two denied calls within an hour, and what to do then.
fn configure(machine: &Machine, webhooks: &[String], actions: &Value) {
    let alert = json!({"name": "storm", "when": {"decision": "deny"}, "count": 2, "minutes": 60,
                       "do": actions});
    let config = json!({"version": 1, "webhooks": webhooks, "alerts": [alert]});
    machine.write("home/.claude/ccs/audit-config.json", config.to_string());
}

/// A machine whose log `alerts run` has looked at before anything happened.
fn machine(webhooks: &[String], actions: &Value) -> Machine {
    let machine = log::machine(0);
    configure(&machine, webhooks, actions);
    run(&machine).succeeds();
    machine
}

/// Denied calls, as a hook puts them into the log.
fn deny(machine: &Machine, count: u64) {
    for _ in 0..count {
        trail::note(&machine.state(), log::call(5)).expect("kept");
    }
}

fn alerts(machine: &Machine, args: &[&str]) -> Run {
    machine.run(&[&["audit", "alerts"], args].concat())
}

fn run(machine: &Machine) -> Run {
    alerts(machine, &["run", "--once"])
}

#[test]
fn an_alert_that_is_raised_is_posted_once_and_quotes_nothing() {
    let webhook = Webhook::answering(&["200 OK", "200 OK"]);
    let machine = machine(&[webhook.url()], &json!([{"webhook": webhook.url()}]));
    deny(&machine, 1);
    assert_eq!(run(&machine).succeeds().stdout, "");
    deny(&machine, 1);

    let said = run(&machine).succeeds().stdout;

    let posted = webhook.next();
    assert_eq!(
        (&posted["alert"], &posted["test"]),
        (&json!("storm"), &json!(false))
    );
    assert_eq!(
        (&posted["count"], &posted["minutes"]),
        (&json!(2), &json!(60))
    );
    assert!(posted["seq"].as_u64() > Some(0), "{posted}");
    assert!(!posted.to_string().contains("because of"), "{posted}");
    assert!(said.contains("storm: webhook http://127.0.0.1"), "{said}");
    assert!(
        !said.contains("of-mine"),
        "an address may be a secret: {said}"
    );
    assert_eq!(run(&machine).succeeds().stdout, "");
    assert!(webhook.is_silent());
}

#[test]
fn what_was_before_somebody_wanted_to_know_is_no_news() {
    let webhook = Webhook::answering(&["200 OK"]);
    let machine = log::machine(0);
    configure(
        &machine,
        &[webhook.url()],
        &json!([{"webhook": webhook.url()}]),
    );
    deny(&machine, 3);
    assert_eq!(run(&machine).succeeds().stdout, "");
    assert!(webhook.is_silent());
}

#[test]
fn a_receiver_that_is_down_hears_of_the_alert_when_it_is_up_again() {
    let webhook = Webhook::answering(&["503 Later", "200 OK"]);
    let machine = machine(&[webhook.url()], &json!([{"webhook": webhook.url()}]));
    deny(&machine, 2);
    let waits = run(&machine).ends_with(5).stdout;
    assert!(waits.contains("answered 503"), "{waits}");
    let first = webhook.next();
    // it is not asked again at once
    let heard = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        run(&machine);
        webhook.posted.try_recv().ok()
    });
    assert_eq!(heard, Some(first));
}

#[test]
fn a_webhook_that_is_not_on_the_list_is_never_called() {
    let (listed, other) = (
        Webhook::answering(&["200 OK"]),
        Webhook::answering(&["200 OK"]),
    );
    let machine = log::machine(0);
    let near = [
        other.url(),
        format!("{}/below", listed.url()),
        listed.url().replace("127.0.0.1", "127.0.0.1@127.0.0.1"),
    ];
    for url in near {
        configure(&machine, &[listed.url()], &json!([{"webhook": url}]));
        deny(&machine, 2);
        for args in [&["run", "--once"][..], &["test", "--act"], &["list"]] {
            let refused = alerts(&machine, args).ends_with(4);
            assert!(
                refused.stderr.contains("not among the webhooks"),
                "{}",
                refused.stderr
            );
        }
    }
    assert!(listed.is_silent() && other.is_silent());
}

#[test]
fn a_webhook_on_the_list_does_not_lead_to_one_that_is_not() {
    let other = Webhook::answering(&["200 OK"]);
    let moved = format!("307 Moved\r\nLocation: {}", other.url());
    let listed = Webhook::answering(&[moved.leak()]);
    let machine = machine(&[listed.url()], &json!([{"webhook": listed.url()}]));
    deny(&machine, 2);
    run(&machine).ends_with(5);
    assert_eq!(listed.next()["alert"], "storm");
    assert!(other.is_silent());
}

#[test]
fn a_list_without_https_takes_only_the_loopback() {
    let machine = log::machine(0);
    let url = "http://hooks.example.com/x".to_owned();
    configure(
        &machine,
        std::slice::from_ref(&url),
        &json!([{"webhook": url}]),
    );
    let refused = alerts(&machine, &["list"]).ends_with(4);
    assert!(
        refused.stderr.contains("neither https"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_command_reads_the_alert_on_its_input() {
    let machine = log::machine(0);
    let heard = machine.path("heard");
    let words = [
        "/bin/sh",
        "-c",
        "cat > \"$1\"",
        "sh",
        &heard.display().to_string(),
    ];
    configure(&machine, &[], &json!([{"command": words}]));
    run(&machine).succeeds();
    deny(&machine, 2);
    let said = run(&machine).succeeds().stdout;
    assert!(said.contains("storm: command /bin/sh"), "{said}");
    let heard: Value = serde_json::from_str(&machine.read("heard")).expect("JSON");
    assert_eq!(
        (&heard["alert"], &heard["count"]),
        (&json!("storm"), &json!(2))
    );
}

#[test]
fn block_declares_an_incident_and_once_a_person_has_ended_it_not_again() {
    let machine = machine(&[], &json!(["block"]));
    let incident = machine.state().join("incident.json");
    deny(&machine, 2);
    run(&machine).succeeds();
    assert!(incident.exists());
    std::fs::remove_file(&incident).expect("ended");
    run(&machine).succeeds();
    assert!(!incident.exists());
}

#[test]
fn a_test_counts_and_acts_only_if_told_to_and_never_blocks() {
    let webhook = Webhook::answering(&["200 OK", "500 No"]);
    let actions = json!([{"webhook": webhook.url()}, "block"]);
    let machine = machine(&[webhook.url()], &actions);
    deny(&machine, 1);
    let counted = alerts(&machine, &["test"]).succeeds().stdout;
    assert!(counted.contains("`storm`: 1 of 2"), "{counted}");
    assert!(webhook.is_silent());

    let tried = alerts(&machine, &["test", "storm", "--act"])
        .succeeds()
        .stdout;
    assert!(tried.contains("not tried"), "{tried}");
    assert_eq!(webhook.next()["test"], true);
    assert!(!machine.state().join("incident.json").exists());

    let answers = alerts(&machine, &["test", "--act", "--json"])
        .ends_with(1)
        .json();
    assert_eq!(
        (&answers[0]["count"], &answers[0]["limit"]),
        (&json!(1), &json!(2))
    );
    alerts(&machine, &["test", "another"]).ends_with(2);
}

#[test]
fn two_looks_at_the_same_alerts_do_not_both_act() {
    let webhook = Webhook::answering(&["200 OK", "200 OK"]);
    let machine = machine(&[webhook.url()], &json!([{"webhook": webhook.url()}]));
    deny(&machine, 2);
    let look = || {
        machine
            .command(&["audit", "alerts", "run", "--once"])
            .spawn()
            .expect("started")
    };
    let (mut one, mut other) = (look(), look());
    one.wait().expect("ended");
    other.wait().expect("ended");
    assert_eq!(webhook.next()["alert"], "storm");
    assert!(webhook.is_silent());
}
