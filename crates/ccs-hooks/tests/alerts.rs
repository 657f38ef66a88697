//! Alerts in a session: counted over processes, told once, and blocking where that is wanted.
#![cfg(unix)]

mod common;

use std::fs;

use common::{Answer, World};
use serde_json::json;

fn ask(world: &World, command: &str) -> Answer {
    let state = world.state().display().to_string();
    let arguments = ["pre-tool-use".to_owned(), "--state".to_owned(), state];
    let input = json!({
        "session_id": "s-1", "cwd": world.path("home/shop"),
        "tool_name": "Bash", "tool_input": {"command": command},
    });
    world.run(world.command(&arguments), input.to_string().as_bytes())
}

fn configure(world: &World, text: &str) {
    fs::write(world.state().join("audit-config.json"), text).expect("a file");
}

fn alert(actions: &str) -> String {
    format!(
        r#"{{"version":1,"alerts":[{{"name":"storm","when":{{"decision":"deny"}},"count":3,
            "minutes":10,"do":{actions}}}]}}"#
    )
}

#[test]
fn the_one_too_many_is_told_and_the_ones_before_are_not() {
    let world = World::founded();
    configure(&world, &alert(r#"["notify"]"#));
    for _ in 0..2 {
        assert!(!ask(&world, "rm -rf /").stdout.contains("alert storm"));
    }
    let third = ask(&world, "rm -rf /");
    assert!(
        third
            .stdout
            .contains("ccs: alert storm: 3 within 10 minutes."),
        "{}",
        third.stdout
    );
    assert_eq!(ask(&world, "ls").code, Some(0));
    assert!(!ask(&world, "rm -rf /").stdout.contains("alert storm"));
}

#[test]
fn an_alert_that_blocks_denies_what_comes_after_it() {
    let world = World::founded();
    configure(&world, &alert(r#"["block"]"#));
    for _ in 0..3 {
        ask(&world, "rm -rf /");
    }
    let denied = ask(&world, "ls");
    assert_eq!(denied.code, Some(2));
    assert!(
        denied.stderr.contains("3 within 10 minutes"),
        "{}",
        denied.stderr
    );
    fs::remove_file(world.state().join("incident.json")).expect("it is there");
    assert_eq!(ask(&world, "ls").code, Some(0));
}

#[test]
fn alerts_that_cannot_be_read_stop_nothing_and_are_told_when_a_session_starts() {
    let world = World::founded();
    configure(&world, "{");
    assert_eq!(ask(&world, "ls").code, Some(0));
    assert_eq!(ask(&world, "rm -rf /").code, Some(2));
    let state = world.state().display().to_string();
    let arguments = ["session-start".to_owned(), "--state".to_owned(), state];
    let input = json!({"session_id": "s-2", "cwd": world.path("home/shop"), "source": "startup"});
    let told = world.run(world.command(&arguments), input.to_string().as_bytes());
    assert!(told.stdout.contains("alerts.broken"), "{}", told.stdout);
}
